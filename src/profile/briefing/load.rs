//! Reading the sources of a briefing: from one state of the store, in at most nine statements.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::membership::memberships::{self, Memberships};
use crate::name::Kind;
use crate::pb;
use crate::profile::briefing::{ContactFacts, Sources, Subject};
use crate::store::engine::db::{At, Db};
use crate::store::read::briefing::{self, BriefingSubject};
use crate::store::read::changes_since::{self, Since};
use crate::store::read::facts::{self, Facts};
use crate::store::read::live_groups::{self, Groupings};
use crate::store::read::resolve_key::LookupKey;
use crate::store::record::resource::is_deleted;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// Whom a briefing is asked for.
#[derive(Debug)]
pub enum Whom {
    /// A customer.
    Customer(LookupKey),
    /// A contact.
    Contact(LookupKey),
}

/// Finds whom it is about and reads what a briefing is made of.
pub async fn sources(
    db: &Db,
    scope: &TenantScope,
    whom: &Whom,
    now: Micros,
) -> Result<At<Sources>, Error> {
    let mut snapshot = db.snapshot(scope).await?.planned_once();
    let mut rows = snapshot
        .run(vec![whom.find(scope, now), briefing::actor(scope)])
        .await?
        .into_iter();
    let (found, actor) = (
        rows.next().unwrap_or_default(),
        rows.next().unwrap_or_default(),
    );
    let (mut subject, revision) = whom.read(&found)?;
    let actor = briefing::read_actor(&actor)?;
    let mut statements = subject.statements(scope, now);
    let n_of_subject = statements.len();
    statements.extend(
        actor
            .as_ref()
            .map(|actor| briefing::own_last(scope, subject.of(), actor, now)),
    );
    let rows = snapshot.run(statements).await?;
    let (of_subject, others) = rows.split_at(n_of_subject.min(rows.len()));
    let memberships = subject.add(of_subject, now)?;
    let own_last = briefing::read_own_last(others.first().map_or(&[], Vec::as_slice))?;

    let mut statements = vec![briefing::names(scope, subject.named(own_last.as_ref()))];
    let since = own_last.as_ref().and_then(since);
    statements.extend(since.map(|since| changes_since::changes(scope, subject.of(), &since)));
    let mut rows = snapshot.finish(statements).await?.into_iter();
    let mut names = BTreeMap::new();
    briefing::read_names(&rows.next().unwrap_or_default(), &mut names)?;
    let changes = changes_since::read_changes(&rows.next().unwrap_or_default(), &mut names)?;
    Ok(At {
        answer: Sources {
            subject,
            memberships,
            actor,
            own_last,
            changes,
            names,
        },
        revision,
    })
}

fn since(talk: &pb::Conversation) -> Option<Since> {
    let start = talk.start_time.as_ref().and_then(clock::micros)?;
    let written = talk.create_time.as_ref().and_then(clock::micros)?;
    Some(Since {
        conversation: talk.name.clone(),
        start,
        written,
    })
}

impl Whom {
    /// Returns the statement that finds them.
    pub fn find(&self, scope: &TenantScope, now: Micros) -> Sql {
        match self {
            Whom::Customer(key) => facts::customers(scope, std::slice::from_ref(key), now),
            Whom::Contact(key) => briefing::contact(scope, key, now),
        }
    }

    /// Returns whom it is about, and the revision.
    pub fn read(&self, rows: &[Row]) -> Result<(Subject, i64), Error> {
        match self {
            Whom::Customer(key) => {
                let (revision, hits, mut found) = facts::read_customers(rows)?;
                let name = hits.of(key).one(Kind::Customer, key)?;
                let facts = found.remove(&name).ok_or(Error::KeyUnknown {
                    kind: Kind::Customer,
                })?;
                Ok((Subject::Customer(Box::new(facts)), revision))
            }
            Whom::Contact(key) => {
                let (revision, hits, found) = briefing::read_contact(rows)?;
                hits.of(key).one(Kind::Contact, key)?;
                let contact = found.ok_or(Error::KeyUnknown {
                    kind: Kind::Contact,
                })?;
                Ok((
                    Subject::Contact(Box::new(ContactFacts {
                        contact,
                        ..ContactFacts::default()
                    })),
                    revision,
                ))
            }
        }
    }
}

impl Subject {
    fn of(&self) -> BriefingSubject<'_> {
        match self {
            Subject::Customer(facts) => BriefingSubject::Customer(&facts.customer.name),
            Subject::Contact(person) => BriefingSubject::Contact(&person.contact.name),
        }
    }

    fn statements(&self, scope: &TenantScope, now: Micros) -> Vec<Sql> {
        match self {
            Subject::Customer(facts) => {
                let names = vec![facts.customer.name.clone()];
                vec![
                    facts::all_people(scope, names.clone(), now),
                    facts::events_and_groupings(scope, &names, now),
                ]
            }
            Subject::Contact(person) => {
                let name = &person.contact.name;
                vec![
                    briefing::jobs(scope, name, now),
                    briefing::events(scope, name, now),
                    live_groups::affiliations(scope, name, now),
                    live_groups::personas(scope, pb::persona::Subject::Contact),
                ]
            }
        }
    }

    /// Adds the rows of the statements, and returns what the subject belongs to.
    fn add(&mut self, rows: &[Vec<Row>], now: Micros) -> Result<Memberships, Error> {
        let rows = |i: usize| rows.get(i).map_or(&[][..], Vec::as_slice);
        match self {
            Subject::Customer(facts) => {
                let name = facts.customer.name.clone();
                let mut found = facts::ByName::from([(name.clone(), std::mem::take(&mut **facts))]);
                facts::read_people(rows(0), &mut found)?;
                facts::read_events(rows(1), &mut found)?;
                let groupings = facts::read_groupings(rows(1), &mut found)?;
                **facts = found.remove(&name).unwrap_or_else(Facts::default);
                memberships::find_for_customer(facts, &groupings, now)
            }
            Subject::Contact(person) => {
                person.jobs = briefing::read_jobs(rows(0))?;
                person.events = briefing::read_events(rows(1), &person.contact.name)?;
                if is_deleted(&person.contact) {
                    return Ok(Memberships::default());
                }
                let affiliations = live_groups::read_affiliations(rows(2))?;
                let groupings = Groupings {
                    personas: live_groups::read_personas(rows(3))?,
                    ..Groupings::default()
                };
                let input = memberships::contact_input(&person.contact, &affiliations)?;
                memberships::find(
                    input.record(),
                    pb::persona::Subject::Contact,
                    &groupings,
                    now,
                )
            }
        }
    }

    /// Returns the names of those who take part, owe and write.
    fn named(&self, own_last: Option<&pb::Conversation>) -> Vec<String> {
        let mut named = BTreeSet::new();
        match self {
            Subject::Customer(facts) => named.insert(facts.customer.owner.clone()),
            Subject::Contact(person) => named.insert(person.contact.owner.clone()),
        };
        if let Some(last) = self.last_conversation() {
            named.extend(last.contacts.iter().chain(&last.our_people).cloned());
        }
        let events = self.events();
        for talk in events
            .next
            .iter()
            .chain(&events.unconfirmed)
            .chain(own_last)
        {
            named.extend(talk.contacts.iter().chain(&talk.our_people).cloned());
        }
        named.extend(events.promises.iter().map(|promise| promise.owner.clone()));
        named.extend(events.notes.iter().map(|note| note.author.clone()));
        named.remove("");
        named.into_iter().collect()
    }
}
