//! Who is in a segment: the statements that list, count and preview members, and that read what in-memory checks
//! need.
//!
//! Each answer is read in one snapshot together with the definitions that it depends on. What a definition means is
//! in `definition`; in-memory evaluation is in `membership::verdict`.

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::tree::Filter;
use crate::name::Name;
use crate::pb;
use crate::store::engine::db::{At, Db};
use crate::store::engine::lane::Cost;
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::definition;
use crate::store::read::filter;
use crate::store::read::records::{Page, from_visible, page_by_name, page_in};
use crate::store::record::resource::{columns, decode};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, part, scoped};

/// Reads a page of the members of a segment: one more than its size, which shows whether another page follows.
pub async fn list(
    db: &Db,
    scope: &TenantScope,
    segment: &Name,
    page: Page<'_>,
) -> Result<At<Vec<pb::Customer>>, Error> {
    let (mut snapshot, filter) = members(db, scope, segment).await?;
    page_in(&mut snapshot, scope, &page, Some(&filter)).await
}

/// Counts the members of a segment.
pub async fn count(
    db: &Db,
    scope: &TenantScope,
    segment: &Name,
    now: Micros,
) -> Result<At<i64>, Error> {
    let (snapshot, filter) = members(db, scope, segment).await?;
    snapshot.finish(count_of(scope, &filter, now)?).await
}

/// Takes a snapshot and completes the filter of a segment in it.
async fn members(
    db: &Db,
    scope: &TenantScope,
    segment: &Name,
) -> Result<(Snapshot, Filter), Error> {
    let mut snapshot = db.snapshot(scope, Cost::Dear).await?;
    let filter = filter_of(&mut snapshot, scope, segment).await?;
    Ok((snapshot, filter))
}

/// Reads the filter that the members of a segment meet. Most segments name no other, so named segments take a
/// statement of their own: PostgreSQL takes as long to plan the recursion through them as to count a few thousand
/// members.
async fn filter_of(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    segment: &Name,
) -> Result<Filter, Error> {
    let names = std::slice::from_ref(segment);
    let states = snapshot.run(definition::states(scope, names)).await?;
    definition::check_live(names, &states)?;
    let filter = states.get(&segment.to_string());
    let filter = filter.map_or("", |state| state.filter.as_str());
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

/// Counts the live customers that meet a complete filter.
pub fn count_of(
    scope: &TenantScope,
    filter: &Filter,
    now: Micros,
) -> Result<Query<At<i64>>, Error> {
    // With a condition that fewer records meet, going through the key would be slower.
    let is_all = |(_, rest): &(_, Filter)| *rest == Filter::And(Vec::new());
    let led = filter::leading::<pb::Customer>(filter).filter(is_all);
    let (key, filter) = led
        .as_ref()
        .map_or((None, filter), |(key, rest)| (Some(key), rest));
    let count = scoped!(
        scope,
        "select tenants.revision, (
             select count(*)
             :{customers}
               and customers.delete_time is null
               and :{condition}
           ) as n_customers
         from tenants
         where tenants.id = :tenant",
        customers = from_visible::<pb::Customer>(scope, key),
        condition = filter::condition::<pb::Customer>(scope, filter, now)?,
    );
    Ok(
        count.one(["revision", "n_customers"], |row, [revision, count]| {
            Ok(At {
                answer: row.int(count)?,
                revision: row.int(revision)?,
            })
        }),
    )
}

/// What a filter selects.
#[derive(Debug)]
pub struct Preview {
    /// How many live customers meet it.
    pub count: i64,
    /// How many live customers there are.
    pub n_customers: i64,
    /// A page of those that meet it, and perhaps one more.
    pub customers: Vec<pb::Customer>,
    /// How many live customers meet each of the further filters.
    pub n_meeting: Vec<i64>,
}

/// Previews what the filter of a page selects, and counts who meets further filters, which name no segments.
pub async fn preview(
    db: &Db,
    scope: &TenantScope,
    page: Page<'_>,
    counted: &[Filter],
) -> Result<At<Preview>, Error> {
    let filter = page
        .filter
        .ok_or_else(|| Error::internal("a preview has a filter"))?;
    let named: Vec<Name> = filter
        .segments()
        .iter()
        .filter_map(|name| Name::parse_any(name))
        .collect();
    let mut snapshot = db.snapshot(scope, Cost::Dear).await?;
    let (states, definitions) = snapshot
        .run((
            definition::states(scope, &named),
            definition::named(scope, filter.segments()),
        ))
        .await?;
    definition::check_live(&named, &states).map_err(|error| match error {
        Error::Deleted(target) | Error::NotFound(target) => Error::ReferenceUnusable {
            field: "filter".to_owned(),
            target,
        },
        other => other,
    })?;
    let filter = definitions.complete_as_segment(filter)?;
    let (picked, customers, counts) = snapshot
        .finish((
            count_of(scope, &filter, page.now)?,
            page_by_name::<pb::Customer>(scope, &page, Some(&filter))?,
            counts(scope, counted, page.now)?,
        ))
        .await?;
    Ok(At {
        answer: Preview {
            count: picked.answer,
            n_customers: counts.n_customers,
            customers: customers.answer,
            n_meeting: counts.n_meeting,
        },
        revision: picked.revision,
    })
}

/// How many live customers there are, and how many of them meet each of some filters.
struct Counts {
    n_customers: i64,
    n_meeting: Vec<i64>,
}

/// Restrictions on one field all ask whether it is unset: what is asked twice is counted once.
fn counts(scope: &TenantScope, filters: &[Filter], now: Micros) -> Result<Query<Counts>, Error> {
    let mut distinct: Vec<&Filter> = Vec::new();
    let mut places = Vec::with_capacity(filters.len());
    for filter in filters {
        let known = distinct.iter().position(|other| *other == filter);
        places.push(known.unwrap_or(distinct.len()));
        if known.is_none() {
            distinct.push(filter);
        }
    }
    let mut counts = vec![part!("count(*) as n_customers")];
    for filter in distinct {
        counts.push(part!(
            "count(*) filter (where :{meets})",
            meets = filter::condition::<pb::Customer>(scope, filter, now)?,
        ));
    }
    let counted = scoped!(
        scope,
        "select :{counts}
         from customers
         where customers.tenant_id = :tenant and customers.delete_time is null",
        counts = Part::join(",\n  ", counts),
    );
    Ok(counted.one(["n_customers"], move |row, [first]| {
        let meeting = places.into_iter().map(|place| first + 1 + place);
        Ok(Counts {
            n_customers: row.int(first)?,
            n_meeting: meeting.map(|i| row.int(i)).collect::<Result<_, _>>()?,
        })
    }))
}

/// Reads all live affiliations of customers: filters and counts use every one of them.
pub fn affiliations(
    scope: &TenantScope,
    customers: Vec<String>,
    now: Micros,
) -> Query<Vec<pb::Affiliation>> {
    scoped!(
        scope,
        "select :{columns}
         from affiliations
         where tenant_id = :tenant and customer = any(:customers) and delete_time is null
         order by name",
        columns = columns::<pb::Affiliation>(scope, &clock::date_of(now)),
        customers,
    )
    .rows(["name"], |row, [at]| Ok(decode(row, at)?.seen()))
}
