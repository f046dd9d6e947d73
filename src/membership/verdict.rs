//! Who is in what: customers and segments read at one moment, and verdicts evaluated over them in memory.
//!
//! Any number of customers and segments costs the same five statements, in two hand-overs. Lists, affiliations and
//! the forecast of the counts are read and computed only if a filter needs them.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::filter::record::{FilterInput, Record};
use crate::filter::tree::Filter;
use crate::filter::validity::{self, CountForecast, Verdict};
use crate::membership::forecast::forecast;
use crate::name::Name;
use crate::pb;
use crate::store::engine::db::{At, Db};
use crate::store::engine::lane::Cost;
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::definition::{self, Definitions};
use crate::store::read::membership;
use crate::store::read::resolve_key::{self, Found, Hits, KeyValidity, LookupKey, Resolved};
use crate::store::record::resource::is_deleted;
use crate::store::scope::TenantScope;

/// Which segments are asked about.
#[derive(Clone, Copy, Debug)]
pub enum WhichSegments<'a> {
    /// These; all of them must be live.
    Named(&'a [Name]),
    /// All live ones.
    All,
}

/// Customers and segments as of one moment.
#[derive(Debug)]
pub struct MembershipFacts {
    hits: Hits,
    key_validity: KeyValidity,
    subjects: BTreeMap<String, LoadedCustomer>,
    /// The live segments.
    pub definitions: Definitions,
    /// For each segment that was named, by name, the filter that its members meet.
    pub trees: BTreeMap<String, Filter>,
}

impl MembershipFacts {
    /// Says which customer a key matches.
    pub fn customer(&self, key: &LookupKey) -> Found<&LoadedCustomer> {
        self.hits.of(key).and_then(|name| self.subjects.get(&name))
    }

    /// Returns until when a key's match holds, if time can change it. Read only for segments that were named.
    pub fn fits_until(&self, key: &LookupKey) -> Option<Micros> {
        self.key_validity.of(key)
    }
}

/// Reads customers by their keys, and segments with all that they name.
pub async fn load(
    db: &Db,
    scope: &TenantScope,
    keys: &[LookupKey],
    which: WhichSegments<'_>,
    now: Micros,
) -> Result<At<MembershipFacts>, Error> {
    let mut snapshot = db.snapshot(scope, Cost::Cheap).await?;
    let (found, segments) = find(&mut snapshot, scope, keys, which, now).await?;
    let live = found
        .records
        .values()
        .filter(|customer| !is_deleted(*customer));
    let names: Vec<String> = live.map(|customer| customer.name.clone()).collect();
    let own = if let WhichSegments::All = which {
        segments.definitions.filters()
    } else {
        Vec::new()
    };
    let asks = |asked: fn(&Filter) -> bool| {
        !names.is_empty()
            && segments
                .trees
                .values()
                .chain(own.iter().map(|tree| &**tree))
                .any(asked)
    };
    let lists = matches!(which, WhichSegments::All) || asks(validity::asks_lists);
    let (affiliations, counts) = (
        asks(validity::asks_affiliations),
        asks(validity::asks_counts),
    );
    let (lists, affiliations) = snapshot
        .finish((
            lists.then(|| definition::lists_of(scope, names.clone())),
            affiliations.then(|| membership::affiliations(scope, names.clone(), now)),
        ))
        .await?;
    let read = ReadOfCustomers {
        lists: lists.unwrap_or_default(),
        affiliations: by_customer(affiliations.unwrap_or_default()),
        counts,
    };
    let subjects = subjects(found.records, read, now).await?;
    Ok(At {
        answer: MembershipFacts {
            hits: found.hits,
            key_validity: segments.key_validity,
            subjects,
            definitions: segments.definitions,
            trees: segments.trees,
        },
        revision: found.revision,
    })
}

/// What was read about customers besides the customers themselves, by name.
struct ReadOfCustomers {
    lists: BTreeMap<String, BTreeSet<String>>,
    affiliations: BTreeMap<String, Vec<pb::Affiliation>>,
    /// Whether a filter asks for counts that change with time.
    counts: bool,
}

async fn subjects(
    customers: BTreeMap<String, pb::Customer>,
    mut read: ReadOfCustomers,
    now: Micros,
) -> Result<BTreeMap<String, LoadedCustomer>, Error> {
    let mut subjects = BTreeMap::new();
    for (name, customer) in customers {
        let lists = read.lists.remove(&name).unwrap_or_default();
        let affiliations = read.affiliations.remove(&name).unwrap_or_default();
        let forecast = if read.counts {
            forecast(&customer, &affiliations, now)?
        } else {
            CountForecast::default()
        };
        let loaded = LoadedCustomer::new(customer, &affiliations, lists, forecast, now)?;
        subjects.insert(name, loaded);
        // A customer can have thousands of affiliations: let other calls run in between.
        tokio::task::yield_now().await;
    }
    Ok(subjects)
}

/// The segments that are asked about, with their meaning.
#[derive(Default)]
struct Segments {
    key_validity: KeyValidity,
    definitions: Definitions,
    trees: BTreeMap<String, Filter>,
}

/// Finds which customers the keys match, and reads what the segments mean.
async fn find(
    snapshot: &mut Snapshot,
    scope: &TenantScope,
    keys: &[LookupKey],
    which: WhichSegments<'_>,
    now: Micros,
) -> Result<(Resolved<pb::Customer>, Segments), Error> {
    let found = resolve_key::resolve_and_read::<pb::Customer>(scope, keys, now);
    let WhichSegments::Named(names) = which else {
        let (found, definitions) = snapshot.run((found, definition::all(scope))).await?;
        let segments = Segments {
            definitions,
            ..Segments::default()
        };
        return Ok((found, segments));
    };
    let (found, definitions, states, key_validity) = snapshot
        .run((
            found,
            definition::named(scope, names.iter().map(Name::to_string).collect()),
            definition::states(scope, names),
            resolve_key::validity(scope, keys, &clock::date_of(now)),
        ))
        .await?;
    definition::check_live(names, &states)?;
    let tree = |name: &Name| {
        let name = name.to_string();
        let tree = definitions.members_of(&name)?;
        Ok((name, tree))
    };
    let trees = names.iter().map(tree).collect::<Result<_, Error>>()?;
    let segments = Segments {
        key_validity: key_validity.unwrap_or_default(),
        definitions,
        trees,
    };
    Ok((found, segments))
}

fn by_customer(affiliations: Vec<pb::Affiliation>) -> BTreeMap<String, Vec<pb::Affiliation>> {
    let mut found: BTreeMap<String, Vec<pb::Affiliation>> = BTreeMap::new();
    for affiliation in affiliations {
        let of_customer = found.entry(affiliation.customer.clone()).or_default();
        of_customer.push(affiliation);
    }
    found
}

/// One customer as filters see it, now and later.
#[derive(Debug)]
pub struct LoadedCustomer {
    /// The customer.
    pub customer: pb::Customer,
    input: FilterInput,
    forecast: CountForecast,
    now: Micros,
}

impl LoadedCustomer {
    /// Takes a customer with all its live affiliations (or none if no filter needs them), and the segments by list
    /// that hold it.
    fn new(
        customer: pb::Customer,
        affiliations: &[pb::Affiliation],
        lists: BTreeSet<String>,
        forecast: CountForecast,
        now: Micros,
    ) -> Result<LoadedCustomer, Error> {
        Ok(LoadedCustomer {
            input: FilterInput::new(&customer, affiliations, lists)?,
            customer,
            forecast,
            now,
        })
    }

    /// Returns the customer in the form evaluation takes, at the time of the question.
    pub fn record(&self) -> Record<'_> {
        self.input.record()
    }

    /// Says whether the customer is a member of a segment, given the filter that its members meet, and how long that
    /// stays so. A deleted customer is a member of nothing. See [`validity::verdict`] for `n_left`.
    pub fn verdict(&self, tree: &Filter, n_left: &mut usize) -> Verdict {
        if is_deleted(&self.customer) {
            return Verdict {
                holds: false,
                until: None,
            };
        }
        validity::verdict(tree, self.record(), &self.forecast, self.now, n_left)
    }
}
