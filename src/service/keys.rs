//! What the store has to say to a key before it can be resolved: where a phone number belongs that does not say so, whether
//! a system has ids that is called as a host may be, and whom the words of a name mean.
//!
//! LookUp forgives typos and finds people by a part of their data. A key is written to and reported on, so its words have to
//! be the name: nobody is taken because of a resemblance.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::clock;
use crate::error::Error;
use crate::fold::{folded, has_words_of};
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::customer_key::Outcome;
use crate::phone;
use crate::profile::briefing::load::Whom;
use crate::service::check::key::GivenKey;
use crate::service::relationship::look_up::{Ranked, WantedRecords, ranked};
use crate::store::engine::db::Db;
use crate::store::engine::lane::Cost;
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::resolve_key::{self, Found, LookupKey, MAX_CANDIDATES};
use crate::store::read::{staff, tenant};
use crate::store::record::resource::is_deleted;
use crate::store::scope::TenantScope;

/// Completes the key of a customer.
pub(crate) async fn customer(
    db: &Db,
    scope: &TenantScope,
    given: GivenKey,
) -> Result<LookupKey, Error> {
    complete(db, scope, Kind::Customer, given).await
}

/// Says of a customer that a key matches whether it is live.
pub(crate) fn outcome_of(customer: &pb::Customer) -> Outcome {
    if is_deleted(customer) {
        Outcome::Deleted
    } else {
        Outcome::Found
    }
}

/// Completes the key of a customer or a contact.
pub(crate) async fn subject(
    db: &Db,
    scope: &TenantScope,
    (kind, given): (Kind, GivenKey),
) -> Result<Whom, Error> {
    let key = complete(db, scope, kind, given).await?;
    Ok(match kind {
        Kind::Contact => Whom::Contact(key),
        _ => Whom::Customer(key),
    })
}

/// Completes the keys of customers.
pub(crate) async fn customers(
    db: &Db,
    scope: &TenantScope,
    given: Vec<GivenKey>,
) -> Result<Vec<LookupKey>, Error> {
    let mut completion = Completion::of(db, scope, Kind::Customer);
    let mut keys = Vec::with_capacity(given.len());
    for key in given {
        keys.push(completion.key(key).await?);
    }
    Ok(keys)
}

/// Completes the keys of people in a conversation with a customer. Of several with the same name, the one is meant who
/// works there.
pub(crate) async fn participants(
    db: &Db,
    scope: &TenantScope,
    customer: Option<&LookupKey>,
    given: Vec<Option<GivenKey>>,
) -> Result<Vec<Option<LookupKey>>, Error> {
    let mut completion = Completion::of(db, scope, Kind::Contact);
    completion.customer = customer.cloned();
    let mut keys = Vec::with_capacity(given.len());
    for key in given {
        keys.push(match key {
            Some(key) => Some(completion.key(key).await?),
            None => None,
        });
    }
    Ok(keys)
}

async fn complete(
    db: &Db,
    scope: &TenantScope,
    kind: Kind,
    given: GivenKey,
) -> Result<LookupKey, Error> {
    Completion::of(db, scope, kind).key(given).await
}

/// Completes keys from one state of the store, which is read only if a key needs it.
struct Completion<'a> {
    db: &'a Db,
    scope: &'a TenantScope,
    kind: Kind,
    /// The customer at which the people work.
    customer: Option<LookupKey>,
    snapshot: Option<Snapshot>,
    /// The tenant's own region, once it is read.
    home: Option<Option<String>>,
    /// Whom words were found to mean.
    known: BTreeMap<String, Found<String>>,
}

impl<'a> Completion<'a> {
    fn of(db: &'a Db, scope: &'a TenantScope, kind: Kind) -> Completion<'a> {
        Completion {
            db,
            scope,
            kind,
            customer: None,
            snapshot: None,
            home: None,
            known: BTreeMap::new(),
        }
    }

    async fn key(&mut self, given: GivenKey) -> Result<LookupKey, Error> {
        Ok(match given {
            GivenKey::Read(key) => key,
            GivenKey::Phone(number) => self.phone(&number).await?,
            GivenKey::Words(words) => self.words(words).await?,
            GivenKey::Digits(digits) => self.digits(digits).await?,
            GivenKey::HostWithPort { firm, system, id } => {
                let known = resolve_key::is_system(self.scope, self.kind, &system);
                match self.snapshot().await?.run(known).await? {
                    true => LookupKey::ExternalId { system, id },
                    false => firm,
                }
            }
        })
    }

    /// Reads words as a name, or else as the phone number with which they begin.
    async fn words(&mut self, words: String) -> Result<LookupKey, Error> {
        let may_be_number = phone::begins_with_number(&words).then(|| words.clone());
        match (self.called(words).await?, may_be_number) {
            (Found::Nobody, Some(words)) => self.phone(&words).await,
            (found, _) => Ok(LookupKey::Called(found)),
        }
    }

    /// Reads digits as a phone number, or else as the address of a host, or as a name.
    async fn digits(&mut self, digits: String) -> Result<LookupKey, Error> {
        let is_host = self.kind == Kind::Customer && digits.trim().parse::<Ipv4Addr>().is_ok();
        let host = is_host.then(|| LookupKey::Domain(digits.trim().to_owned()));
        for key in [Some(self.phone(&digits).await?), host]
            .into_iter()
            .flatten()
        {
            if self.found(self.kind, &key).await? != Found::Nobody {
                return Ok(key);
            }
        }
        Ok(LookupKey::Called(self.called(digits).await?))
    }

    /// Returns the live record whose id a text is.
    async fn with_id(&mut self, text: &str) -> Result<Option<String>, Error> {
        let name = [self.kind.collection(), text.trim()].join("/");
        let Some(name) = Name::parse(self.kind, &name) else {
            return Ok(None);
        };
        let live = resolve_key::live(self.scope, &name);
        Ok(self.snapshot().await?.run(live).await?.pop())
    }

    async fn phone(&mut self, number: &str) -> Result<LookupKey, Error> {
        if self.home.is_none() {
            let region = tenant::region_code(self.scope);
            self.home = Some(self.snapshot().await?.run(region).await?);
        }
        let home = self.home.as_ref().and_then(Option::as_deref);
        let wanted = phone::wanted(number, None, home);
        Ok(LookupKey::Phone(wanted.unwrap_or_default()))
    }

    /// Says whom a key matches.
    async fn found(&mut self, kind: Kind, key: &LookupKey) -> Result<Found<String>, Error> {
        let (scope, keys) = (self.scope, std::slice::from_ref(key));
        let today = clock::date_of(self.db.clock().now());
        let hits = match kind {
            Kind::Contact => resolve_key::resolve::<pb::Contact>(scope, keys, &today),
            _ => resolve_key::resolve::<pb::Customer>(scope, keys, &today),
        };
        Ok(self.snapshot().await?.run(hits).await?.of(key))
    }

    /// Says whom a text means that is an id or the words of a name: somebody who works at the customer and is called so,
    /// or else the record with that id, or else one with that name.
    async fn called(&mut self, text: String) -> Result<Found<String>, Error> {
        if let Some(found) = self.known.get(&text) {
            return Ok(found.clone());
        }
        let with_id = self.with_id(&text).await?.map(Found::One);
        if let Some(found) = with_id.clone().filter(|_| self.customer.is_none()) {
            return Ok(found);
        }
        let (scope, wanted) = (self.scope, WantedRecords::called(&text, self.kind));
        let (all, _) = ranked(self.snapshot().await?, scope, &wanted).await?;
        let namesakes: Vec<&Ranked> = all.iter().filter(|one| one.is_called(&text)).collect();
        let there = self.who_works_there(&namesakes).await?;
        let found = match &there[..] {
            [] => with_id.unwrap_or_else(|| only_one(&text, &namesakes, &all)),
            [one] => Found::One(one.name.clone()),
            several => single_exact(&text, several.iter().copied())
                .map_or_else(|| ambiguous(several.iter().copied()), Found::One),
        };
        self.known.insert(text, found.clone());
        Ok(found)
    }

    /// Returns those people who work at the customer; none if it is not known who that is.
    async fn who_works_there<'r>(&mut self, all: &[&'r Ranked]) -> Result<Vec<&'r Ranked>, Error> {
        let Some(customer) = self.customer.clone().filter(|_| !all.is_empty()) else {
            return Ok(Vec::new());
        };
        let Found::One(customer) = self.found(Kind::Customer, &customer).await? else {
            return Ok(Vec::new());
        };
        let names = all.iter().map(|one| one.name.clone()).collect();
        let today = clock::date_of(self.db.clock().now());
        let staff = staff::among(self.scope, &customer, names, &today);
        let there = self.snapshot().await?.run(staff).await?;
        let works_there = |one: &&&Ranked| there.contains(&one.name);
        Ok(all.iter().filter(works_there).copied().collect())
    }

    async fn snapshot(&mut self) -> Result<&mut Snapshot, Error> {
        if self.snapshot.is_none() {
            let snapshot = self.db.snapshot(self.scope, Cost::Cheap).await?;
            self.snapshot = Some(snapshot.planned_once());
        }
        let missing = || Error::internal("a snapshot was taken and is not there");
        self.snapshot.as_mut().ok_or_else(missing)
    }
}

impl Ranked {
    /// Says whether a text is its name: it has all words of the text, and without a typo.
    fn is_called(&self, text: &str) -> bool {
        self.matches.iter().all(|found| found.typo_count == 0)
            && has_words_of(&self.display_name, text)
    }
}

/// Says whom a text can mean: the one with exactly that name, or the only match, if the text is its name.
fn only_one(text: &str, namesakes: &[&Ranked], all: &[Ranked]) -> Found<String> {
    match (single_exact(text, all.iter()), namesakes) {
        (Some(exact), _) => Found::One(exact),
        (None, []) => Found::Nobody,
        (None, [one]) if all.len() == 1 => Found::One(one.name.clone()),
        (None, [_]) => ambiguous(all.iter()),
        (None, namesakes) => ambiguous(namesakes.iter().copied()),
    }
}

/// Returns the only one with exactly that name, in whichever case and spelling of its letters.
fn single_exact<'a>(text: &str, all: impl Iterator<Item = &'a Ranked>) -> Option<String> {
    let text = folded(text);
    let mut exact = all.filter(|one| folded(&one.display_name) == text);
    let one = exact.next()?;
    exact.next().is_none().then(|| one.name.clone())
}

/// Names the likeliest of several, and counts all.
fn ambiguous<'a>(several: impl ExactSizeIterator<Item = &'a Ranked>) -> Found<String> {
    let count = several.len();
    let names = several.take(MAX_CANDIDATES);
    let mut candidates: Vec<String> = names.map(|one| one.name.clone()).collect();
    candidates.sort();
    Found::Several { candidates, count }
}
