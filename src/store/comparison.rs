//! Two groups of customers, counted field by field: the segments, the statement, the rows.
//!
//! Everything is of one snapshot and in two hand-overs, however large the groups are: the engine groups and sorts, and
//! the rows, one for each different value, are folded as they come. What a field is in SQL stands in
//! `comparison/field.rs`; what its counts say, in `statistics`.

pub mod field;

use std::collections::BTreeSet;

use super::TenantScope;
use super::db::{At, Db};
use super::definition::{self, Definitions};
use super::filter;
use super::snapshot::Snapshot;
use super::sql::{Row, Sql};
use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::Name;
use crate::pb;
use crate::statistics::Counts;
use crate::statistics::tally::{Compared, Frame, Tally};
use field::{Field, Parts};

/// The two groups and what they hold.
#[derive(Debug)]
pub struct Groups {
    /// What people call the first segment.
    pub a_display_name: String,
    /// What people call the second one; empty for the whole base.
    pub b_display_name: String,
    /// How many customers they have.
    pub size: Counts,
    /// How many are in both.
    pub overlap: u64,
    /// What they hold in each field.
    pub fields: Vec<(String, Compared)>,
}

/// Counts a segment beside another one, or beside all live customers.
pub async fn compare(
    db: &Db,
    scope: &TenantScope,
    a: &Name,
    b: Option<&Name>,
    fields: Vec<Field>,
    now: Micros,
) -> Result<At<Groups>, Error> {
    let mut snapshot = db.snapshot(scope).await?;
    let (revision, definitions) = definitions(&mut snapshot, scope, a, b).await?;
    let condition = |segment: &Name| {
        let tree = definitions.members_of(&segment.to_string())?;
        filter::condition::<pb::Customer>(scope, &tree, now)
    };
    let of_a = condition(a)?;
    let of_b = b.map_or_else(|| Ok(Sql::new("1 = 1")), condition)?;
    let mut counting = Counting { tallies: vec![Tally::default(); fields.len()], ..Counting::default() };
    snapshot.each(statement(scope, of_a, of_b, &fields, now), |row| counting.add(row)).await?;
    snapshot.finish(Vec::new()).await?;
    let display_name = |segment: &Name| {
        definitions.get(&segment.to_string()).map_or_else(String::new, |segment| segment.display_name.clone())
    };
    let Counting { size, overlap, tallies } = counting;
    let names = fields.into_iter().map(|field| field.name);
    let answer = Groups {
        a_display_name: display_name(a),
        b_display_name: b.map_or_else(String::new, display_name),
        size,
        overlap,
        fields: names.zip(tallies.into_iter().map(Tally::finish)).collect(),
    };
    Ok(At { answer, revision })
}

/// Reads the tenant's revision and the definitions of segments, which have to live.
async fn definitions(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    a: &Name,
    b: Option<&Name>,
) -> Result<(i64, Definitions), Error> {
    let names: BTreeSet<String> = [a].into_iter().chain(b).map(Name::to_string).collect();
    let states =
        Sql::new("select tenants.revision, segments.name, segments.delete_time\nfrom tenants left join segments")
            .push(" on segments.tenant_id = tenants.id and segments.name")
            .any_of(names.iter().cloned().collect())
            .push("\nwhere tenants.id = ")
            .bind(scope.tenant());
    let rows = snapshot.run(vec![states, definition::named(scope, names)]).await?;
    let [states, named] = &rows[..] else { return Err(Error::internal("a statement had no rows")) };
    for segment in [a].into_iter().chain(b) {
        let is_it = |row: &&Row| matches!(row.opt_text(1), Ok(Some(name)) if name == segment.to_string());
        let state = states.iter().find(is_it).ok_or_else(|| Error::NotFound(segment.clone()))?;
        if state.opt_int(2)?.is_some() {
            return Err(Error::Deleted(segment.clone()));
        }
    }
    let revision = states.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
    Ok((revision, Definitions::read(named)?))
}

/// The number under which the groups themselves are counted, and not a field.
const GROUPS: i64 = -1;

/// Returns the statement that counts. Its rows are field, part, text, lowest or only number, highest number, and how
/// many of either group; the parts of a field are in order, and its numbers ascend.
fn statement(scope: &TenantScope, of_a: Sql, of_b: Sql, fields: &[Field], now: Micros) -> Sql {
    let today = clock::date_of(now);
    let parts = Parts::of(scope, fields, &today);
    let groups = Sql::new("select cast(")
        .bind(GROUPS)
        .push(" as bigint) as field, cast(0 as bigint) as part, cast(null as text) as text,")
        .push(" cast(null as double precision) as number, cast(null as double precision) as highest,")
        .push("\n    coalesce(sum(in_a), 0) as in_a, coalesce(sum(in_b), 0) as in_b\n  from member\n  union all\n")
        .push("  select cast(")
        .bind(GROUPS)
        .push(" as bigint), cast(1 as bigint), null, null, null, coalesce(sum(in_a * in_b), 0), cast(0 as bigint)")
        .push("\n  from member");
    let mut sql = Sql::new("with ").append(members(scope, of_a, of_b));
    sql = sql.push(",\nmany as materialized (\n  ").append(parts.many).push("\n)\n");
    sql = sql.push("select field, part, text, number, highest, in_a, in_b from (\n  ").append(groups);
    for part in parts.counted {
        sql = sql.push("\n  union all\n  ").append(part);
    }
    sql.push("\n) counted\norder by field, part, number")
}

/// Returns the customers of both groups, each once, with what is counted of them, as tables of a `with`.
///
/// Each condition stands in a select of its own, so that an index that serves it is used.
fn members(scope: &TenantScope, of_a: Sql, of_b: Sql) -> Sql {
    let group = |columns: &'static str, condition: Sql| {
        Sql::new("select customers.name, ")
            .push(columns)
            .push("\n    from customers where customers.tenant_id = ")
            .bind(scope.tenant())
            .push(" and customers.delete_time is null and (")
            .append(condition)
            .push(")")
    };
    Sql::new("picked as materialized (\n  select name, max(in_a) as in_a, max(in_b) as in_b from (\n    ")
        .append(group("1 as in_a, 0 as in_b", of_a))
        .push("\n    union all\n    ")
        .append(group("0, 1", of_b))
        .push("\n  ) grouped group by name\n),\nmember as materialized (\n  select picked.name, in_a, in_b, ")
        .append(field::columns())
        .push("\n  from picked cross join customers\n  where customers.tenant_id = ")
        .bind(scope.tenant())
        .push(" and customers.name = picked.name\n)")
}

/// What the rows said so far.
#[derive(Default)]
struct Counting {
    size: Counts,
    overlap: u64,
    tallies: Vec<Tally>,
}

impl Counting {
    fn add(&mut self, row: &Row) -> Result<(), Error> {
        let count = Counts { a: unsigned(row.int(5)?)?, b: unsigned(row.int(6)?)? };
        let (field, part) = (row.int(0)?, row.int(1)?);
        if field == GROUPS {
            if part == 0 {
                self.size = count;
            } else {
                self.overlap = count.a;
            }
            return Ok(());
        }
        let tally = usize::try_from(field).ok().and_then(|field| self.tallies.get_mut(field));
        let tally = tally.ok_or_else(|| Error::internal("a row of no field"))?;
        match (part, row.opt_text(2)?, row.opt_double(3)?) {
            (field::SET, _, lowest) => {
                *tally = Tally::new(Frame { set: count, range: lowest.zip(row.opt_double(4)?) });
            }
            (field::CATEGORY, Some(text), _) => tally.push_category(text, count),
            (field::CATEGORY, None, Some(number)) => tally.push_category(crate::statistics::tally::text(number), count),
            (_, _, Some(number)) => tally.push_number(number, count),
            _ => return Err(Error::internal("a row without a value")),
        }
        Ok(())
    }
}

fn unsigned(count: i64) -> Result<u64, Error> {
    u64::try_from(count).map_err(Error::internal)
}
