//! Reading the facts of customers, from one state of the store and in a fixed number of statements, however many they
//! are: those found by keys in at most three.

use crate::clock::Micros;
use crate::error::Error;
use crate::name::Name;
use crate::pb;
use crate::store::engine::db::{At, Db};
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::definition;
use crate::store::read::facts::{self, ByName, Facts};
use crate::store::read::live_groups::Groupings;
use crate::store::read::records::{self, Page};
use crate::store::read::resolve_key::{Found, Hits, LookupKey};
use crate::store::scope::TenantScope;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Customers alone.
    Customers,
    /// The people there, too.
    People,
    /// Plans, promises and notes, too.
    Events,
    /// What segments and personas ask for, too.
    Groups,
}

/// Whom keys fit, and the facts of those whom one fits alone.
#[derive(Debug, Default)]
pub struct FoundCustomers {
    hits: Hits,
    customers: ByName,
    /// The segments and personas there are; none unless they were read.
    pub groupings: Groupings,
}

impl FoundCustomers {
    /// Says which customer a key fits.
    pub fn of(&self, key: &LookupKey) -> Found<&Facts> {
        self.hits.of(key).and_then(|name| self.customers.get(&name))
    }
}

/// Finds customers by their keys and reads their facts.
pub async fn by_keys(
    db: &Db,
    scope: &TenantScope,
    keys: &[LookupKey],
    depth: Depth,
    now: Micros,
) -> Result<At<FoundCustomers>, Error> {
    let mut snapshot = db.snapshot(scope).await?.planned_once();
    let rows = snapshot
        .run(vec![facts::customers(scope, keys, now)])
        .await?;
    let (revision, hits, mut customers) =
        facts::read_customers(rows.first().map_or(&[], Vec::as_slice))?;
    let groupings = complete(snapshot, scope, &mut customers, depth, now).await?;
    Ok(At {
        answer: FoundCustomers {
            hits,
            customers,
            groupings,
        },
        revision,
    })
}

/// Reads a page of customers, in its order, with the people there; and one customer without them when another page
/// follows. The members of a segment are read for as long as it is there.
pub async fn page(
    db: &Db,
    scope: &TenantScope,
    page: Page<'_>,
    segment: Option<&Name>,
) -> Result<At<Vec<Facts>>, Error> {
    let (size, now) = (page.size, page.now);
    let mut snapshot = db.snapshot(scope).await?;
    if let Some(segment) = segment {
        let segments = std::slice::from_ref(segment);
        let rows = snapshot
            .run(vec![definition::states(scope, segments)])
            .await?;
        definition::check_live(segments, rows.first().map_or(&[], Vec::as_slice))?;
    }
    let statement =
        records::completed_page_statement::<pb::Customer>(&mut snapshot, scope, &page).await?;
    let At {
        answer: found,
        revision,
    } = records::page_in::<pb::Customer>(&mut snapshot, scope, statement).await?;
    let of = |customer: &pb::Customer| Facts {
        customer: customer.clone(),
        ..Facts::default()
    };
    let mut customers: ByName = found
        .iter()
        .take(size)
        .map(|customer| (customer.name.clone(), of(customer)))
        .collect();
    complete(snapshot, scope, &mut customers, Depth::People, now).await?;
    let in_order = found.iter().map(|customer| {
        customers
            .remove(&customer.name)
            .unwrap_or_else(|| of(customer))
    });
    Ok(At {
        answer: in_order.collect(),
        revision,
    })
}

/// Reads what is still to be read of customers, and ends the snapshot.
async fn complete(
    snapshot: Snapshot,
    scope: &TenantScope,
    customers: &mut ByName,
    depth: Depth,
    now: Micros,
) -> Result<Groupings, Error> {
    let names: Vec<String> = customers.keys().cloned().collect();
    let statements = match depth {
        _ if names.is_empty() => Vec::new(),
        Depth::Customers => Vec::new(),
        Depth::People => vec![facts::people(scope, names, now)],
        Depth::Events => vec![
            facts::people(scope, names.clone(), now),
            facts::events(scope, &names, now),
        ],
        Depth::Groups => {
            vec![
                facts::all_people(scope, names.clone(), now),
                facts::events_and_groupings(scope, &names, now),
            ]
        }
    };
    let rows = snapshot.finish(statements).await?;
    if let Some(rows) = rows.first() {
        facts::read_people(rows, customers)?;
    }
    if let Some(rows) = rows.get(1) {
        facts::read_events(rows, customers)?;
    }
    match rows.get(1).filter(|_| depth == Depth::Groups) {
        Some(rows) => facts::read_groupings(rows, customers),
        None => Ok(Groupings::default()),
    }
}
