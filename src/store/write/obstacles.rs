//! What can prevent new records: names that are taken, references that cannot be used, external ids that another
//! record holds.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::name::Name;
use crate::store::record::key::{self, Holder};
use crate::store::record::lock::{self, Lock, Locked};
use crate::store::record::reference::Reference;
use crate::store::record::resource::{Resource, name_of};
use crate::store::scope::TenantScope;
use crate::store::sql::query::{Queries, Query};
use crate::store::write::create::{Companion, New};

/// What to check before a record and its companions are created.
pub(crate) struct Obstacles {
    /// What they refer to besides each other.
    pub references: Vec<Reference>,
    /// The queries of the check.
    pub looks: Looks,
}

/// Queries that lock, that find the customers whose profile the main record alters without naming them, and that find
/// who holds the external ids of the main record and of each companion.
type Looks = (
    Vec<Lock>,
    Option<Query<Vec<String>>>,
    Vec<Option<Query<Vec<Holder>>>>,
);

impl Obstacles {
    /// Plans the check. `others` are further records that the unit changes.
    pub(crate) fn of<R: Resource>(scope: &TenantScope, new: &New<R>, others: &[Name]) -> Obstacles {
        let name = name_of(&new.resource);
        let references = references_outside(&name, new);
        let chosen = new.companions.iter().filter(|of| of.name.is_chosen());
        let further = chosen
            .map(|of| &of.name)
            .chain(others)
            .map(|name| Reference {
                field: String::new(),
                target: name.clone(),
            });
        let locked: Vec<Reference> = references.iter().cloned().chain(further).collect();
        let locks = if name.is_chosen() || !locked.is_empty() {
            lock::locks::<R>(scope, &name, &locked)
        } else {
            Vec::new()
        };
        let own = key::holders(scope, R::KIND, new.resource.header().external_ids);
        let of_companions = new
            .companions
            .iter()
            .map(|of| key::holders(scope, of.kind, &of.external_ids));
        let looks = (
            locks,
            R::other_customers(scope, None, &references),
            [own].into_iter().chain(of_companions).collect(),
        );
        Obstacles { references, looks }
    }

    /// Says whether there is nothing to check.
    pub(crate) fn is_empty(&self) -> bool {
        let (locks, other_customers, holders) = &self.looks;
        locks.is_empty() && other_customers.is_none() && holders.iter().all(Option::is_none)
    }
}

/// Returns the references of new records that need a check. One from a new record to another needs none; one to
/// itself is kept, so that the check refuses it.
fn references_outside<R: Resource>(name: &Name, new: &New<R>) -> Vec<Reference> {
    let companions = new.companions.iter();
    let made: BTreeSet<&Name> = companions.map(|of| &of.name).chain([name]).collect();
    let outside = |of: &Name, mut references: Vec<Reference>| {
        references.retain(|reference| reference.target == *of || !made.contains(&reference.target));
        references
    };
    let mut references = outside(name, new.resource.references());
    for companion in &new.companions {
        references.extend(outside(&companion.name, companion.references.clone()));
    }
    references
}

/// Refuses new records that cannot be written, and returns the customers whose profile the main record alters without
/// naming them.
pub(crate) fn judge<R: Resource>(
    new: &New<R>,
    references: &[Reference],
    (locks, other_customers, holders): <Looks as Queries>::Answers,
) -> Result<Vec<String>, Error> {
    let name = name_of(&new.resource);
    let locked = Locked::of(locks);
    let companions = new.companions.iter();
    let made = [&name].into_iter().chain(companions.map(|of| &of.name));
    if let Some(taken) = made
        .into_iter()
        .find(|name| locked.knows(&name.to_string()))
    {
        return Err(Error::Exists(taken.clone()));
    }
    let own = (R::KIND, &name, new.resource.header().external_ids);
    let companions = new.companions.iter();
    let of_companions = companions.map(|of| (of.kind, &of.name, of.external_ids.as_slice()));
    for ((kind, name, external_ids), holders) in [own].into_iter().chain(of_companions).zip(holders)
    {
        key::check_holders(kind, name, external_ids, &holders.unwrap_or_default())?;
    }
    check_distinct(&new.companions)?;
    locked.check(references)?;
    Ok(other_customers.unwrap_or_default())
}

/// Refuses companions if two have the same name or the same external id.
fn check_distinct(companions: &[Companion]) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    let mut external_ids = BTreeSet::new();
    for companion in companions {
        if !names.insert(&companion.name) {
            return Err(Error::Exists(companion.name.clone()));
        }
        for id in &companion.external_ids {
            if !external_ids.insert((companion.kind, &id.system, &id.id)) {
                return Err(Error::ExternalIdExists {
                    kind: companion.kind,
                    system: id.system.clone(),
                    holder: None,
                });
            }
        }
    }
    Ok(())
}
