//! Who is in what: customers and segments read at one moment, and verdicts evaluated over them in memory.
//!
//! Any number of customers and segments costs the same five statements, in two hand-overs. Lists, affiliations and the
//! forecast of the counts are read and worked out only if a filter asks for them.

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
use crate::store::read::definition::{self, Definitions};
use crate::store::read::facts;
use crate::store::read::membership;
use crate::store::read::resolve_key::{self, Found, Hits, KeyValidity, LookupKey};
use crate::store::record::resource::is_deleted;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::Row;

/// Which segments are asked about.
#[derive(Clone, Copy, Debug)]
pub enum WhichSegments<'a> {
    /// These, all of which have to live.
    Named(&'a [Name]),
    /// All live ones.
    All,
}

/// Customers and segments at one moment.
#[derive(Debug)]
pub struct MembershipFacts {
    hits: Hits,
    key_validity: KeyValidity,
    subjects: BTreeMap<String, LoadedCustomer>,
    /// The live segments.
    pub definitions: Definitions,
    /// What the members of each segment that was named meet, by its name.
    pub trees: BTreeMap<String, Filter>,
}

impl MembershipFacts {
    /// Says which customer a key fits.
    pub fn of(&self, key: &LookupKey) -> Found<&LoadedCustomer> {
        self.hits.of(key).and_then(|name| self.subjects.get(&name))
    }

    /// Returns until when a key fits whom it fits, if time can change that. Read for segments that were named.
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
    let mut snapshot = db.snapshot(scope).await?;
    let mut statements = vec![facts::customers(scope, keys, now)];
    match which {
        WhichSegments::Named(names) => {
            let used = names.iter().map(Name::to_string).collect();
            statements.extend([
                definition::named(scope, used),
                definition::states(scope, names),
            ]);
            statements.extend(resolve_key::validity(scope, keys, &clock::date_of(now)));
        }
        WhichSegments::All => statements.push(definition::all(scope)),
    }
    let rows = snapshot.run(statements).await?;
    let prepared = prepare(&rows, which);
    let Prepared {
        revision,
        hits,
        key_validity,
        customers,
        definitions,
        trees,
    } = prepared?;
    let live = customers
        .values()
        .filter(|facts| !is_deleted(&facts.customer));
    let names: Vec<String> = live.map(|facts| facts.customer.name.clone()).collect();
    let own = if let WhichSegments::All = which {
        definitions.filters()
    } else {
        Vec::new()
    };
    let asks = |asked: fn(&Filter) -> bool| {
        !names.is_empty()
            && trees
                .values()
                .chain(own.iter().map(|tree| &**tree))
                .any(asked)
    };
    let lists = matches!(which, WhichSegments::All) || asks(validity::asks_lists);
    let (affiliations, counts) = (
        asks(validity::asks_affiliations),
        asks(validity::asks_counts),
    );
    let lists = lists.then(|| definition::lists_of(scope, names.clone()));
    let n_lists = usize::from(lists.is_some());
    let affiliations = affiliations.then(|| membership::affiliations(scope, names.clone(), now));
    let rows = snapshot
        .finish(lists.into_iter().chain(affiliations).collect::<Vec<_>>())
        .await?;
    let mut lists =
        definition::read_lists(rows.iter().take(n_lists).next().map_or(&[], Vec::as_slice))?;
    let mut affiliations =
        membership::read_affiliations(rows.get(n_lists).map_or(&[], Vec::as_slice))?;
    let mut subjects = BTreeMap::new();
    for (name, facts) in customers {
        let (lists, jobs) = (
            lists.remove(&name).unwrap_or_default(),
            affiliations.remove(&name).unwrap_or_default(),
        );
        let forecast = if counts {
            forecast(&facts.customer, &jobs, now)?
        } else {
            CountForecast::default()
        };
        subjects.insert(
            name,
            LoadedCustomer::new(facts.customer, &jobs, lists, forecast, now)?,
        );
        // A customer can have thousands of affiliations, and there are other calls.
        tokio::task::yield_now().await;
    }
    Ok(At {
        answer: MembershipFacts {
            hits,
            key_validity,
            subjects,
            definitions,
            trees,
        },
        revision,
    })
}

struct Prepared {
    revision: i64,
    hits: Hits,
    key_validity: KeyValidity,
    customers: facts::ByName,
    definitions: Definitions,
    trees: BTreeMap<String, Filter>,
}

/// Reads whom the keys fit and what the segments mean.
fn prepare(rows: &[Vec<Row>], which: WhichSegments<'_>) -> Result<Prepared, Error> {
    let at = |i: usize| rows.get(i).map_or(&[][..], Vec::as_slice);
    let (revision, hits, customers) = facts::read_customers(at(0))?;
    let definitions = Definitions::read(at(1))?;
    let asked: Vec<String> = match which {
        WhichSegments::Named(names) => {
            definition::check_live(names, at(2))?;
            names.iter().map(Name::to_string).collect()
        }
        WhichSegments::All => Vec::new(),
    };
    let tree = |name: String| Ok((name.clone(), definitions.members_of(&name)?));
    let trees = asked.into_iter().map(tree).collect::<Result<_, Error>>()?;
    let key_validity = KeyValidity::read(at(3))?;
    Ok(Prepared {
        revision,
        hits,
        key_validity,
        customers,
        definitions,
        trees,
    })
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
    /// Takes a customer with all its live affiliations, or none if no filter asks for them, and the segments by list
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

    /// Returns the customer as evaluation takes it, at the time of the question.
    pub fn record(&self) -> Record<'_> {
        self.input.record()
    }

    /// Says whether the customer is a member, given what the members of the segment meet, and until when that stays so.
    /// A deleted customer is a member of nothing. See [`validity::verdict`] for `n_left`.
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
