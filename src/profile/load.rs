//! Reads the facts of customers from one state of the store. The number of statements does not grow with the number
//! of customers: for those found by keys it is at most three.

use crate::clock::Micros;
use crate::error::Error;
use crate::name::Name;
use crate::pb;
use crate::store::engine::db::{At, Db};
use crate::store::engine::lane::Cost;
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::definition;
use crate::store::read::facts::{self, ByName, Facts};
use crate::store::read::live_groups::Groupings;
use crate::store::read::records::{self, Page};
use crate::store::read::resolve_key::{self, Found, Hits, LookupKey};
use crate::store::scope::TenantScope;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Customers alone.
    Customers,
    /// Also the people there.
    People,
    /// Also plans, promises, notes and the channels used.
    Events,
    /// Also what segments and personas ask for.
    Groups,
}

/// What the keys matched, and the facts of each customer that a key matched alone.
#[derive(Debug, Default)]
pub struct FoundCustomers {
    hits: Hits,
    customers: ByName,
    /// The live segments and personas; none unless they were read.
    pub groupings: Groupings,
}

impl FoundCustomers {
    /// Returns the customer that a key matches.
    pub fn customer(&self, key: &LookupKey) -> Found<&Facts> {
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
    let mut snapshot = db.snapshot(scope, Cost::Cheap).await?.planned_once();
    let found = resolve_key::resolve_and_read(scope, keys, now);
    let found = snapshot.run(found).await?;
    let mut customers = facts::of_customers(found.records.into_values());
    let groupings = complete(snapshot, scope, &mut customers, depth, now).await?;
    Ok(At {
        answer: FoundCustomers {
            hits: found.hits,
            customers,
            groupings,
        },
        revision: found.revision,
    })
}

/// Reads a page of customers, in its order, with the people there; if another page follows, also one more customer,
/// without its people. Fails if the segment whose members they are was deleted.
pub async fn page(
    db: &Db,
    scope: &TenantScope,
    page: Page<'_>,
    segment: Option<&Name>,
) -> Result<At<Vec<Facts>>, Error> {
    let (size, now) = (page.size, page.now);
    let mut snapshot = db.snapshot(scope, page.cost::<pb::Customer>()).await?;
    if let Some(segment) = segment {
        let segments = std::slice::from_ref(segment);
        let states = snapshot.run(definition::states(scope, segments)).await?;
        definition::check_live(segments, &states)?;
    }
    let At {
        answer: found,
        revision,
    } = records::completed_page::<pb::Customer>(&mut snapshot, scope, &page).await?;
    let mut customers = facts::of_customers(found.iter().take(size).cloned());
    complete(snapshot, scope, &mut customers, Depth::People, now).await?;
    let in_order = found.into_iter().map(|customer| {
        let read = customers.remove(&customer.name);
        read.unwrap_or_else(|| Facts {
            customer,
            ..Facts::default()
        })
    });
    Ok(At {
        answer: in_order.collect(),
        revision,
    })
}

/// Reads the rest of the facts, and ends the snapshot.
async fn complete(
    snapshot: Snapshot,
    scope: &TenantScope,
    customers: &mut ByName,
    depth: Depth,
    now: Micros,
) -> Result<Groupings, Error> {
    let names: Vec<String> = customers.keys().cloned().collect();
    if names.is_empty() {
        return Ok(Groupings::default());
    }
    match depth {
        Depth::Customers => {}
        Depth::People => {
            let people = snapshot.finish(facts::people(scope, names, now)).await?;
            facts::add_people(customers, people);
        }
        Depth::Events => {
            let events = facts::events(scope, &names, now);
            let people = facts::people(scope, names, now);
            let (people, events) = snapshot.finish((people, events)).await?;
            facts::add_people(customers, people);
            facts::add_events(customers, events);
        }
        Depth::Groups => {
            let events = facts::events_and_groupings(scope, &names, now);
            let people = facts::all_people(scope, names, now);
            let (people, (events, groupings)) = snapshot.finish((people, events)).await?;
            facts::add_people(customers, people);
            facts::add_events(customers, events);
            facts::add_lists(customers, groupings.lists);
            return Ok(groupings.groupings);
        }
    }
    Ok(Groupings::default())
}
