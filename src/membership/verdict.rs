//! Who is in what: customers and segments read at one moment, and verdicts evaluated over them in memory.
//!
//! Any number of customers and segments costs the same five statements, in two hand-overs. Lists, affiliations and the
//! course of the counts are read and worked out only if a tree asks for them.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::DynamicMessage;

use crate::clock::{self, Micros};
use crate::descriptors::dynamic;
use crate::error::Error;
use crate::filter::evaluate::Record;
use crate::filter::tree::Filter;
use crate::filter::validity::{self, CountChange, Course, Verdict};
use crate::name::Name;
use crate::pb;
use crate::store::engine::db::{At, Db};
use crate::store::read::definition::{self, Definitions};
use crate::store::read::facts;
use crate::store::read::membership;
use crate::store::read::resolve_key::{self, Found, Hits, KeyValidity, LookupKey};
use crate::store::record::in_force;
use crate::store::record::resource::is_deleted;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::Row;

/// The most days, ahead, on which the counts of one customer change that are looked at.
const MAX_DAYS: usize = 100;
/// The most affiliations of one customer that are counted for all those days together.
const MAX_COUNTED: usize = 10_000;

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
        subjects.insert(
            name,
            LoadedCustomer::new(facts.customer, &jobs, lists, now, counts)?,
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
    message: DynamicMessage,
    now: Micros,
    counts: Vec<CountChange>,
    known_until: Option<Micros>,
    affiliations: Vec<DynamicMessage>,
    lists: BTreeSet<String>,
}

impl LoadedCustomer {
    /// Makes a subject. `affiliations` are all live ones, or none if no tree asks for them; `lists` are the segments by
    /// list that hold the customer.
    pub fn new(
        customer: pb::Customer,
        affiliations: &[pb::Affiliation],
        lists: BTreeSet<String>,
        now: Micros,
        counts: bool,
    ) -> Result<LoadedCustomer, Error> {
        let (counts, known_until) = if counts {
            course_of_counts(&customer, affiliations, now)?
        } else {
            (Vec::new(), None)
        };
        let affiliations = affiliations.iter().map(dynamic).collect::<Result<_, _>>()?;
        Ok(LoadedCustomer {
            message: dynamic(&customer)?,
            customer,
            now,
            counts,
            known_until,
            affiliations,
            lists,
        })
    }

    /// Returns the customer as evaluation takes it, at the time of the question.
    pub fn record(&self) -> Record<'_> {
        Record {
            message: &self.message,
            affiliations: &self.affiliations,
            lists: &self.lists,
        }
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
        let LoadedCustomer {
            message,
            counts,
            affiliations,
            lists,
            now,
            known_until,
            ..
        } = self;
        let course = Course {
            message,
            now: *now,
            counts,
            known_until: *known_until,
            affiliations,
            lists,
        };
        validity::verdict(tree, course, n_left)
    }
}

/// Returns the counts of a customer after each midnight at which they change, and until when that is known, if not for
/// ever.
fn course_of_counts(
    customer: &pb::Customer,
    affiliations: &[pb::Affiliation],
    now: Micros,
) -> Result<(Vec<CountChange>, Option<Micros>), Error> {
    let mut course = Vec::new();
    let mut midnights = BTreeSet::new();
    for affiliation in affiliations {
        let claims = affiliation
            .buying_roles
            .iter()
            .flat_map(|claim| [claim.valid_from, claim.valid_until]);
        let dates = [affiliation.start_date, affiliation.end_date]
            .into_iter()
            .chain(claims)
            .flatten();
        midnights.extend(
            dates
                .filter_map(|date| clock::midnight(&date))
                .filter(|midnight| *midnight > now),
        );
    }
    let mut last = (customer.contact_count, customer.decision_maker_count);
    for (i, midnight) in midnights.into_iter().enumerate() {
        if i == MAX_DAYS || i * affiliations.len() > MAX_COUNTED {
            return Ok((course, Some(midnight)));
        }
        let day = clock::date_of(midnight);
        let count = |count: usize| i32::try_from(count).map_err(Error::internal);
        let contacts = count(in_force::contact_count(affiliations, &day))?;
        let deciders = count(in_force::decision_maker_count(
            customer.kind(),
            affiliations,
            &day,
        ))?;
        if (contacts, deciders) != last {
            last = (contacts, deciders);
            course.push(CountChange {
                from: midnight,
                contacts,
                decision_makers: deciders,
            });
        }
    }
    Ok((course, None))
}
