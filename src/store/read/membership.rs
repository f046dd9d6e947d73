//! Who is in a segment: the statements that list, count and preview members, and what checks in memory read.
//!
//! Each answer is read in one snapshot with the definitions that it stands on. What a definition means is said in
//! `definition.rs`; what is evaluated in memory, in `profile::membership`.

use std::collections::BTreeMap;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::tree::Filter;
use crate::name::Name;
use crate::pb;
use crate::store::engine::db::{At, Db};
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::definition::{self, Definitions};
use crate::store::read::filter;
use crate::store::read::records::{Page, from_visible, page_in, page_statement, read_records};
use crate::store::record::resource::{decode, select};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// Reads a page of the members of a segment: one more than its size, which tells whether another page follows.
pub async fn list(
    db: &Db,
    scope: &TenantScope,
    segment: &Name,
    page: Page<'_>,
) -> Result<At<Vec<pb::Customer>>, Error> {
    let (mut snapshot, tree) = members(db, scope, segment).await?;
    let statement = page_statement::<pb::Customer>(scope, &page, Some(&tree))?;
    page_in(&mut snapshot, scope, statement).await
}

/// Counts the members of a segment.
pub async fn count(
    db: &Db,
    scope: &TenantScope,
    segment: &Name,
    now: Micros,
) -> Result<At<i64>, Error> {
    let (snapshot, tree) = members(db, scope, segment).await?;
    let rows = snapshot.finish(vec![count_of(scope, &tree, now)?]).await?;
    read_count(rows.first())
}

/// Takes a snapshot and completes the tree of a segment in it.
async fn members(
    db: &Db,
    scope: &TenantScope,
    segment: &Name,
) -> Result<(Snapshot, Filter), Error> {
    let mut snapshot = db.snapshot(scope).await?;
    let tree = tree_of(&mut snapshot, scope, segment).await?;
    Ok((snapshot, tree))
}

/// Reads what the members of a segment meet. Most segments name no other, so those named are a statement of their own:
/// PostgreSQL takes as long to plan the way through them as to count a few thousand members.
async fn tree_of(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    segment: &Name,
) -> Result<Filter, Error> {
    let names = std::slice::from_ref(segment);
    let rows = snapshot.run(vec![definition::states(scope, names)]).await?;
    let rows = rows.first().map_or(&[][..], Vec::as_slice);
    definition::check_live(names, rows)?;
    let filter = rows
        .first()
        .map(|row| row.str(2))
        .transpose()?
        .unwrap_or_default();
    if filter.is_empty() {
        return Ok(Filter::Member {
            segment: segment.to_string(),
            filter: None,
        });
    }
    let tree = definition::parsed(filter)
        .ok_or_else(|| Error::internal("a stored filter does not read"))?;
    definition::complete(snapshot, scope, &tree).await
}

/// Returns the statement that counts the live customers who meet a complete tree, beside the revision.
pub fn count_of(scope: &TenantScope, tree: &Filter, now: Micros) -> Result<Sql, Error> {
    // Beside a condition that fewer meet, the way along the key would be the longer one.
    let is_all = |(_, rest): &(_, Filter)| *rest == Filter::And(Vec::new());
    let led = filter::leading::<pb::Customer>(tree).filter(is_all);
    let (key, tree) = led
        .as_ref()
        .map_or((None, tree), |(key, rest)| (Some(key), rest));
    let count = Sql::new("select tenants.revision, (select count(*)");
    Ok(from_visible::<pb::Customer>(count, scope, key)
        .push(" and customers.delete_time is null\n  and ")
        .append(filter::condition::<pb::Customer>(scope, tree, now)?)
        .push(")\nfrom tenants where tenants.id = ")
        .bind(scope.tenant()))
}

fn read_count(rows: Option<&Vec<Row>>) -> Result<At<i64>, Error> {
    let row = rows
        .and_then(|rows| rows.first())
        .ok_or_else(|| Error::internal("the tenant does not exist"))?;
    Ok(At {
        answer: row.int(1)?,
        revision: row.int(0)?,
    })
}

/// What a filter picks.
#[derive(Debug)]
pub struct Preview {
    /// How many live customers meet it.
    pub count: i64,
    /// How many live customers there are.
    pub n_customers: i64,
    /// A page of those who meet it, and perhaps one more.
    pub customers: Vec<pb::Customer>,
    /// Of how many live customers each field is unset.
    pub n_unset: Vec<i64>,
}

/// Says what a filter picks. `fields` say of fields that they are set; the page has the filter.
pub async fn preview(
    db: &Db,
    scope: &TenantScope,
    page: Page<'_>,
    fields: &[Filter],
) -> Result<At<Preview>, Error> {
    let filter = page
        .filter
        .ok_or_else(|| Error::internal("a preview has a filter"))?;
    let named: Vec<Name> = filter
        .segments()
        .iter()
        .filter_map(|name| Name::parse_any(name))
        .collect();
    let mut snapshot = db.snapshot(scope).await?;
    let rows = snapshot
        .run(vec![
            definition::states(scope, &named),
            definition::named(scope, filter.segments()),
        ])
        .await?;
    let [states, used] = &rows[..] else {
        return Err(Error::internal("two statements have two results"));
    };
    let usable = definition::check_live(&named, states).map_err(|error| match error {
        Error::Deleted(target) | Error::NotFound(target) => Error::ReferenceUnusable {
            field: "filter".to_owned(),
            target,
        },
        other => other,
    });
    let tree = usable.and_then(|()| Definitions::read(used)?.complete_as_segment(filter))?;
    let statements = vec![
        count_of(scope, &tree, page.now)?,
        page_statement::<pb::Customer>(scope, &page, Some(&tree))?,
        unset(scope, fields, page.now)?,
    ];
    let rows = snapshot.finish(statements).await?;
    let At {
        answer: count,
        revision,
    } = read_count(rows.first())?;
    let customers = read_records(rows.get(1).map_or(&[], Vec::as_slice))?.answer;
    let row = rows
        .get(2)
        .and_then(|rows| rows.first())
        .ok_or_else(|| Error::internal("a count has a row"))?;
    let n_unset = (1..=fields.len())
        .map(|i| row.int(i))
        .collect::<Result<_, _>>()?;
    Ok(At {
        answer: Preview {
            count,
            n_customers: row.int(0)?,
            customers,
            n_unset,
        },
        revision,
    })
}

/// Returns the statement that counts the live customers, and those of whom each field is unset.
fn unset(scope: &TenantScope, fields: &[Filter], now: Micros) -> Result<Sql, Error> {
    let mut sql = Sql::new("select count(*)");
    for field in fields {
        let is_unset = Filter::Not(Box::new(field.clone()));
        sql = sql.push(",\n  count(*) filter (where ");
        sql = sql
            .append(filter::condition::<pb::Customer>(scope, &is_unset, now)?)
            .push(")");
    }
    let sql = sql
        .push("\nfrom customers where customers.tenant_id = ")
        .bind(scope.tenant());
    Ok(sql.push(" and customers.delete_time is null"))
}

/// Returns the statement that reads all live affiliations of customers: filters and counts see every one of them.
pub fn affiliations(scope: &TenantScope, customers: Vec<String>, now: Micros) -> Sql {
    select::<pb::Affiliation>(scope, &clock::date_of(now))
        .push("\nwhere tenant_id = ")
        .bind(scope.tenant())
        .push(" and customer")
        .any_of(customers)
        .push(" and delete_time is null\norder by name")
}

/// Reads the rows of [`affiliations`], by customer.
pub fn read_affiliations(rows: &[Row]) -> Result<BTreeMap<String, Vec<pb::Affiliation>>, Error> {
    let mut found: BTreeMap<String, Vec<pb::Affiliation>> = BTreeMap::new();
    for row in rows {
        let affiliation = decode::<pb::Affiliation>(row, 0)?.seen();
        found
            .entry(affiliation.customer.clone())
            .or_default()
            .push(affiliation);
    }
    Ok(found)
}
