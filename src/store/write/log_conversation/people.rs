//! The people of a log: names for placeholders, affiliations that already run, the records to create.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Micros;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::affiliation::BuyingRoleClaim;
use crate::store::engine::tx::Tx;
use crate::store::read::resolve_key::{self, Hits};
use crate::store::record::in_force;
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::scoped;
use crate::store::write::create::Companion;
use crate::store::write::log_conversation::{Extension, Log, Logged, Person, Who};

impl Person {
    /// Returns the key by which to find a known person.
    pub(crate) fn key(&self) -> Option<&resolve_key::LookupKey> {
        match &self.who {
            Who::New(_) => None,
            Who::Known(key, _) => Some(key),
        }
    }

    /// Returns the affiliation to create, with its claims; none if one already runs.
    fn new_affiliation(&self) -> Option<pb::Affiliation> {
        let buying_roles = self.claims.clone();
        self.running.is_none().then(|| pb::Affiliation {
            buying_roles,
            ..self.affiliation.clone()
        })
    }
}

impl Log {
    /// Replaces the placeholders with the names that were found.
    pub(crate) fn resolve(&mut self, customers: &Hits, contacts: &Hits) -> Result<(), Error> {
        let (key, stand_in) = &self.customer;
        let customer = customers.of(key).one(Kind::Customer, key);
        let customer = customer.map_err(|error| at("customer", error))?;
        let mut names = BTreeMap::from([(stand_in.clone(), customer.clone())]);
        let mut seen = BTreeSet::new();
        for (i, person) in self.people.iter().enumerate() {
            let Who::Known(key, stand_in) = &person.who else {
                continue;
            };
            let field = format!("people[{i}].contact");
            let name = contacts.of(key).one(Kind::Contact, key);
            let name = name.map_err(|error| at(&field, error))?;
            if !seen.insert(name.clone()) {
                return Err(Error::field(field, "is somebody whom people has already"));
            }
            names.insert(stand_in.clone(), name);
        }
        let settle = |name: &mut String| {
            if let Some(found) = names.get(name) {
                name.clone_from(found);
            }
        };
        settle(&mut self.conversation.customer);
        check_same(
            "conversation.customer",
            &self.conversation.customer,
            &customer,
        )?;
        self.conversation.contacts.iter_mut().for_each(settle);
        let mut named = BTreeSet::new();
        self.conversation
            .contacts
            .retain(|name| named.insert(name.clone()));
        for (i, person) in self.people.iter_mut().enumerate() {
            let own = match &person.who {
                Who::New(contact) => &contact.name,
                Who::Known(_, stand_in) => &names[stand_in],
            };
            settle(&mut person.affiliation.customer);
            settle(&mut person.affiliation.contact);
            check_same(
                &format!("people[{i}].affiliation.customer"),
                &person.affiliation.customer,
                &customer,
            )?;
            check_same(
                &format!("people[{i}].affiliation.contact"),
                &person.affiliation.contact,
                own,
            )?;
        }
        self.promises
            .iter_mut()
            .for_each(|promise| settle(&mut promise.customer));
        Ok(())
    }

    /// Fills in the acting colleague where nobody else is named.
    pub(crate) fn sign(&mut self, author: &str, now: Micros) {
        self.conversation.stamp(author, now);
        if self.conversation.colleagues.is_empty() && Name::parse(Kind::Colleague, author).is_some()
        {
            self.conversation.colleagues.push(author.to_owned());
        }
        for claim in self.people.iter_mut().flat_map(|person| &mut person.claims) {
            author.clone_into(&mut claim.claimant);
            claim.source.clone_from(&self.conversation.name);
        }
    }

    /// Finds the affiliations that already run.
    pub(crate) async fn find_running(&mut self, tx: &mut Tx, today: &str) -> Result<(), Error> {
        let known = self.people.iter().filter(|person| person.key().is_some());
        let known: Vec<String> = known
            .map(|person| person.affiliation.contact.clone())
            .collect();
        if known.is_empty() {
            return Ok(());
        }
        let running = running(tx.scope(), &self.conversation.customer, known, today);
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for (contact, affiliation) in tx.run(running).await? {
            names.entry(contact).or_insert(affiliation);
        }
        for person in &mut self.people {
            let running = names.get(&person.affiliation.contact);
            person.running = running.and_then(|name| Name::parse(Kind::Affiliation, name));
        }
        Ok(())
    }

    /// Returns the running affiliations that get further claims.
    pub(crate) fn extended(&self) -> impl Iterator<Item = (&Name, &[BuyingRoleClaim])> {
        let with_claims = self
            .people
            .iter()
            .filter(|person| !person.claims.is_empty());
        with_claims.filter_map(|person| Some((person.running.as_ref()?, person.claims.as_slice())))
    }

    /// Returns the records created along with the conversation.
    pub(crate) fn companions(&self) -> Vec<Companion> {
        let mut companions = Vec::new();
        for (i, person) in self.people.iter().enumerate() {
            if let Who::New(contact) = &person.who {
                companions.push(Companion::new(
                    (**contact).clone(),
                    &format!("people[{i}].new_contact"),
                ));
            }
        }
        for (i, person) in self.people.iter().enumerate() {
            let affiliation = person.new_affiliation();
            let path = format!("people[{i}].affiliation");
            companions.extend(affiliation.map(|affiliation| Companion::new(affiliation, &path)));
        }
        let promises = self.promises.iter().enumerate();
        companions.extend(
            promises.map(|(i, promise)| Companion::new(promise.clone(), &format!("promises[{i}]"))),
        );
        companions
    }

    /// Returns the names of everything that is created or extended, in the order of the answer.
    pub(crate) fn order(&self) -> Vec<String> {
        let mut order = vec![self.conversation.name.clone()];
        order.extend(self.people.iter().filter_map(|person| match &person.who {
            Who::New(contact) => Some(contact.name.clone()),
            Who::Known(..) => None,
        }));
        let affiliation = |person: &Person| match &person.running {
            Some(running) => running.to_string(),
            None => person.affiliation.name.clone(),
        };
        order.extend(self.people.iter().map(affiliation));
        order.extend(self.promises.iter().map(|promise| promise.name.clone()));
        order
    }

    /// Returns what would be created, without generated names and without references to them.
    pub(crate) fn what_it_would_make(self, extensions: Vec<Extension>) -> Logged {
        let made = self.order();
        let unmade = |name: &str| made.iter().any(|made| made == name) && !is_chosen(name);
        let clear = |name: &mut String| {
            if unmade(name) {
                name.clear();
            }
        };
        let mut logged = Logged {
            conversation: self.conversation,
            promises: self.promises,
            ..Logged::default()
        };
        logged.conversation.contacts.retain(|name| !unmade(name));
        clear(&mut logged.conversation.name);
        let mut extensions = extensions
            .into_iter()
            .map(|extension| extension.after.seen());
        for person in self.people {
            let affiliation = match (person.running.is_some(), person.claims.is_empty()) {
                (true, true) => None,
                (true, false) => extensions.next(),
                (false, _) => person.new_affiliation(),
            };
            logged.affiliations.extend(affiliation);
            if let Who::New(mut contact) = person.who {
                clear(&mut contact.name);
                logged.contacts.push(*contact);
            }
        }
        for affiliation in &mut logged.affiliations {
            let is_new = affiliation.etag.is_empty();
            if is_new {
                clear(&mut affiliation.name);
                clear(&mut affiliation.contact);
            }
            affiliation
                .buying_roles
                .iter_mut()
                .for_each(|claim| clear(&mut claim.source));
        }
        for promise in &mut logged.promises {
            clear(&mut promise.name);
            clear(&mut promise.conversation);
        }
        logged
    }
}

fn at(field: &str, error: Error) -> Error {
    Error::At {
        field: field.to_owned(),
        error: Box::new(error),
    }
}

fn check_same(field: &str, name: &str, wanted: &str) -> Result<(), Error> {
    if name == wanted {
        Ok(())
    } else {
        Err(Error::field(field, "is another one than the call is about"))
    }
}

fn is_chosen(name: &str) -> bool {
    Name::parse_any(name).is_some_and(|name| name.is_chosen())
}

/// Returns the query that lists contact and name of the affiliations that run at a customer, primary ones first for
/// each contact.
fn running(
    scope: &TenantScope,
    customer: &str,
    contacts: Vec<String>,
    today: &str,
) -> Query<Vec<(String, String)>> {
    let running = scoped!(
        scope,
        "select contact, name from affiliations
         where tenant_id = :tenant and customer = :customer and contact = any(:contacts)
           and :{running}
         order by contact, \"primary\" desc, name",
        customer,
        contacts,
        running = in_force::running(today),
    );
    running.rows(["contact", "name"], |row, [contact, name]| {
        Ok((row.text(contact)?, row.text(name)?))
    })
}
