//! Two groups of customers, counted field by field: the segments, the statement, the rows.
//!
//! Everything is from one snapshot and takes two hand-overs, however large the groups are: the engine groups and
//! sorts, and the rows, one for each distinct value, are folded as they arrive. What a field is in SQL is in
//! `comparison/field.rs`; what its counts say, in `effect_size`.

pub mod field;

use crate::clock::{self, Micros};
use crate::effect_size::GroupCounts;
use crate::effect_size::tally::{self, FieldComparison, Frame, Tally};
use crate::error::{Error, Violation};
use crate::filter::tree::Filter;
use crate::name::Name;
use crate::pb;
use crate::store::engine::db::{At, Db};
use crate::store::engine::lane::Cost;
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::definition::{self, Definitions};
use crate::store::read::filter;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Part, Row, Sql, part, scoped};
use field::ComparedField;

/// The two groups and what they hold.
#[derive(Debug)]
pub struct ComparedGroups {
    /// The display name of the first segment.
    pub a_display_name: String,
    /// The display name of the second one; empty for the whole base.
    pub b_display_name: String,
    /// How many customers each has.
    pub size: GroupCounts,
    /// How many are in both.
    pub overlap: u64,
    /// What they have in each field.
    pub fields: Vec<(String, FieldComparison)>,
}

/// Counts the first segment against the second one, or against all live customers if there is none.
pub async fn compare(
    db: &Db,
    scope: &TenantScope,
    segments: &[Name],
    fields: Vec<ComparedField>,
    now: Micros,
) -> Result<At<ComparedGroups>, Error> {
    let mut snapshot = db.snapshot(scope, Cost::Analysis).await?;
    let prepared = prepare(&mut snapshot, scope, segments, &fields, now).await?;
    let PreparedComparison {
        revision,
        definitions,
        statement,
    } = prepared;
    let mut counting = Counting {
        tallies: vec![Tally::default(); fields.len()],
        ..Counting::default()
    };
    snapshot.each(statement, |row| counting.add(row)).await?;
    drop(snapshot);
    let display_name = |i: usize| {
        let definition = segments
            .get(i)
            .and_then(|segment| definitions.get(&segment.to_string()));
        definition.map_or_else(String::new, |segment| segment.display_name.clone())
    };
    let Counting {
        size,
        overlap,
        tallies,
        ..
    } = counting;
    let names = fields.into_iter().map(|field| field.name);
    let answer = ComparedGroups {
        a_display_name: display_name(0),
        b_display_name: display_name(1),
        size,
        overlap,
        fields: names.zip(tallies.into_iter().map(Tally::finish)).collect(),
    };
    Ok(At { answer, revision })
}

/// What was asked for, as the store has it.
struct PreparedComparison {
    revision: i64,
    definitions: Definitions,
    statement: Sql,
}

/// Reads the tenant's revision and the definitions of the segments, which must be live, and builds the statement.
async fn prepare(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    segments: &[Name],
    fields: &[ComparedField],
    now: Micros,
) -> Result<PreparedComparison, Error> {
    let revision = scoped!(scope, "select revision from tenants where id = :tenant")
        .maybe(["revision"], |row, [revision]| row.int(revision));
    let named = segments.iter().map(Name::to_string).collect();
    let (revision, states, definitions) = snapshot
        .run((
            revision,
            definition::states(scope, segments),
            definition::named(scope, named),
        ))
        .await?;
    definition::check_live(segments, &states)?;
    let revision = revision.unwrap_or(0);
    let tree = |segment: &Name| definitions.members_of(&segment.to_string());
    let condition = |tree: &Filter| filter::condition::<pb::Customer>(scope, tree, now);
    let [a, b @ ..] = segments else {
        return Err(Error::internal("no segment was named"));
    };
    let members = Members {
        a: condition(&tree(a)?)?,
        b: b.first().map(|b| condition(&tree(b)?)).transpose()?,
    };
    let statement = statement(scope, &members, fields, now);
    if statement.n_values() > MAX_VALUES {
        return Err(too_large(if b.is_empty() { "segment" } else { "b" }));
    }
    Ok(PreparedComparison {
        revision,
        definitions,
        statement,
    })
}

/// The most values that a statement binds: both engines accept this many, SQLite up to 32,766.
const MAX_VALUES: usize = 32_000;

fn too_large(field: &str) -> Error {
    let description = "has more restrictions than a comparison can hold, with those of the segments that it names and of \
                       the other side: compare simpler segments";
    let reason = "FILTER_INVALID";
    Error::Invalid(vec![Violation {
        field: field.to_owned(),
        description: description.to_owned(),
        reason,
        offset: None,
    }])
}

/// The number under which the groups themselves are counted instead of a field.
const GROUPS: i64 = -1;

/// The conditions of being in either group. Without a second one, everybody counts as in it.
struct Members {
    a: Part,
    b: Option<Part>,
}

impl Members {
    /// Returns `member`, which has a row for each customer in either group, as tables for a `with`. Either condition is
    /// asked once of each customer, because it may cost far more than all that is counted.
    ///
    /// Two groups are found separately, so that an index that serves a condition is used, and joined by the names in
    /// them: PostgreSQL would search a list of names from end to end if it took it for a long one.
    fn table(&self, scope: &TenantScope, columns: Part) -> Sql {
        let Members { a, b } = self;
        let Some(b) = b else {
            return scoped!(
                scope,
                "member as materialized (
                   select case when :{a} then 1 else 0 end as in_a, 1 as in_b, :{columns}
                   from customers
                   where customers.tenant_id = :tenant and customers.delete_time is null
                 )",
                a,
                columns,
            );
        };
        scoped!(
            scope,
            "found as (
               select name, max(of_a) as in_a, max(of_b) as in_b
               from
                 (select customers.name, 1 as of_a, 0 as of_b
                  from customers
                  where customers.tenant_id = :tenant and customers.delete_time is null and (:{a})
                  union all
                  select customers.name, 0, 1
                  from customers
                  where customers.tenant_id = :tenant and customers.delete_time is null and (:{b})
                 ) of_either
               group by name
             ),
             member as materialized (
               select found.in_a, found.in_b, :{columns}
               from found cross join customers
               where customers.tenant_id = :tenant and customers.name = found.name
             )",
            a,
            b,
            columns,
        )
    }
}

/// Returns the statement that counts: how many of either group have a value of a field and, for the whole field, how
/// many have it set, and the lowest and the highest number. The parts of a field come in order, and its numbers
/// ascend.
fn statement(scope: &TenantScope, members: &Members, fields: &[ComparedField], now: Micros) -> Sql {
    let counted = field::counted(scope, fields, &clock::date_of(now));
    let all = |counted: Part| part!("union all\n:{counted}", counted);
    let member = members.table(scope, field::columns(fields));
    member.within(|member| {
        part!(
            "with :{member},
         :{cube},
         counted as (
           select cast(:groups as bigint) as field, cast(0 as bigint) as part,
             cast(null as text) as text, cast(null as double precision) as number,
             cast(coalesce(sum(in_a), 0) as bigint) as in_a,
             cast(coalesce(sum(in_b), 0) as bigint) as in_b,
             cast(0 as bigint) as first_a, cast(0 as bigint) as first_b
           from cube
           union all
           select cast(:groups as bigint), cast(1 as bigint), null, null,
             cast(coalesce(sum(in_both), 0) as bigint),
             cast(0 as bigint), cast(0 as bigint), cast(0 as bigint)
           from cube
           :{counted}
         )
         select field, part, text, number, in_a, in_b,
           cast(sum(first_a) over whole as bigint) as set_a,
           cast(sum(first_b) over whole as bigint) as set_b,
           min(case when part = :number then number end) over whole as lowest,
           max(case when part = :number then number end) over whole as highest
         from counted
         window whole as (partition by field)
         order by field, part, number",
            member,
            cube = field::cube(),
            groups = GROUPS,
            counted = Part::join("\n", counted.into_iter().map(all)),
            number = field::NUMBER,
        )
    })
}

/// What the rows have said so far.
#[derive(Default)]
struct Counting {
    size: GroupCounts,
    overlap: u64,
    tallies: Vec<Tally>,
    current: Option<usize>,
    columns: Option<[usize; 10]>,
}

/// The columns of the statement.
const COLUMNS: [&str; 10] = [
    "field", "part", "text", "number", "in_a", "in_b", "set_a", "set_b", "lowest", "highest",
];

impl Counting {
    fn add(&mut self, row: &Row) -> Result<(), Error> {
        let columns = match self.columns {
            Some(columns) => columns,
            None => *self.columns.insert(row.columns(COLUMNS)?),
        };
        let [
            field,
            part,
            text,
            number,
            in_a,
            in_b,
            set_a,
            set_b,
            lowest,
            highest,
        ] = columns;
        let counts = |a, b| {
            Ok::<GroupCounts, Error>(GroupCounts {
                a: unsigned(row.int(a)?)?,
                b: unsigned(row.int(b)?)?,
            })
        };
        let (field, part, count) = (row.int(field)?, row.int(part)?, counts(in_a, in_b)?);
        if field == GROUPS {
            if part == 0 {
                self.size = count;
            } else {
                self.overlap = count.a;
            }
            return Ok(());
        }
        let field = usize::try_from(field).map_err(Error::internal)?;
        let tally = self
            .tallies
            .get_mut(field)
            .ok_or_else(|| Error::internal("a row of no field"))?;
        if self.current.replace(field) != Some(field) {
            let range = row.opt_double(lowest)?.zip(row.opt_double(highest)?);
            *tally = Tally::new(Frame {
                set: counts(set_a, set_b)?,
                range,
            });
        }
        match (part, row.opt_str(text)?, row.opt_double(number)?) {
            (field::CATEGORY, Some(text), _) => tally.push_category(text.to_owned(), count),
            (field::CATEGORY, None, Some(number)) => {
                tally.push_category(tally::text(number + 0.0), count)
            }
            (field::NUMBER, _, Some(number)) => tally.push_number(number, count),
            _ => return Err(Error::internal("a row without a value")),
        }
        Ok(())
    }
}

fn unsigned(count: i64) -> Result<u64, Error> {
    u64::try_from(count).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::render::texts;

    /// What a condition costs is no matter here: it is asked once.
    #[test]
    fn each_condition_stands_once_in_the_statement() {
        let scope = TenantScope::local();
        for b in [None, Some(Part::text("is_in_second"))] {
            let n_others = usize::from(b.is_some());
            let a = Part::text("is_in_first");
            let asked = statement(&scope, &Members { a, b }, &field::standard(), 0);
            for text in texts(&asked.part) {
                let times = |condition| text.matches(condition).count();
                assert_eq!((times("is_in_first"), times("is_in_second")), (1, n_others));
            }
        }
    }
}
