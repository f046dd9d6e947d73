//! Reads the sources of a briefing, from one state of the store, in at most nine statements.

use std::collections::BTreeSet;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::membership::memberships::{self, Memberships};
use crate::pb;
use crate::profile::briefing::{BriefingRecord, ContactFacts, Sources};
use crate::store::engine::db::{At, Db};
use crate::store::engine::lane::Cost;
use crate::store::engine::snapshot::Snapshot;
use crate::store::read::briefing::{self, BriefedRecord};
use crate::store::read::changes_since::{self, Since};
use crate::store::read::facts::{self, ByName, Facts};
use crate::store::read::live_groups::{self, Groupings, Sketch};
use crate::store::read::resolve_key::{self, LookupKey};
use crate::store::record::resource::{Resource, is_deleted};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;

/// Whom a briefing is requested for.
#[derive(Debug)]
pub enum Whom {
    /// A customer.
    Customer(LookupKey),
    /// A contact.
    Contact(LookupKey),
}

/// Finds the record and reads everything a briefing is made of.
pub async fn sources(
    db: &Db,
    scope: &TenantScope,
    whom: &Whom,
    now: Micros,
) -> Result<At<Sources>, Error> {
    let mut snapshot = db.snapshot(scope, Cost::Cheap).await?.planned_once();
    let ((mut record, revision), actor) = snapshot
        .run((whom.find(scope, now), briefing::actor(scope)))
        .await?;
    let own_last = actor
        .as_ref()
        .map(|actor| briefing::own_last(scope, record.of(), actor, now));
    let (memberships, own_last) = record.complete(&mut snapshot, scope, own_last, now).await?;
    let since = own_last.as_ref().and_then(since);
    let (mut names, changes) = snapshot
        .finish((
            briefing::names(scope, record.named(own_last.as_ref())),
            since.map(|since| changes_since::changes(scope, record.of(), &since)),
        ))
        .await?;
    let changes = changes.unwrap_or_default();
    names.extend(changes.names);
    Ok(At {
        answer: Sources {
            record,
            memberships,
            actor,
            own_last,
            changes: changes.records,
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
    /// Finds the record, and reads the tenant's revision.
    pub fn find(&self, scope: &TenantScope, now: Micros) -> Query<(BriefingRecord, i64)> {
        match self {
            Whom::Customer(key) => find_one(scope, key, now, |customer| {
                BriefingRecord::Customer(Box::new(Facts {
                    customer,
                    ..Facts::default()
                }))
            }),
            Whom::Contact(key) => find_one(scope, key, now, |contact| {
                BriefingRecord::Contact(Box::new(ContactFacts {
                    contact,
                    ..ContactFacts::default()
                }))
            }),
        }
    }
}

fn find_one<R: Resource>(
    scope: &TenantScope,
    key: &LookupKey,
    now: Micros,
    record: fn(R) -> BriefingRecord,
) -> Query<(BriefingRecord, i64)> {
    let found = resolve_key::resolve_and_read::<R>(scope, std::slice::from_ref(key), now);
    let key = key.clone();
    found.map(move |found| {
        let revision = found.revision;
        Ok((record(found.one(&key)?), revision))
    })
}

/// Reads the actor's own last conversation.
type OwnLast = Query<Option<pb::Conversation>>;

impl BriefingRecord {
    fn of(&self) -> BriefedRecord<'_> {
        match self {
            BriefingRecord::Customer(facts) => BriefedRecord::Customer(&facts.customer.name),
            BriefingRecord::Contact(person) => BriefedRecord::Contact(&person.contact.name),
        }
    }

    /// Reads what is still missing about the record, and returns what it belongs to and the answer of `own_last`.
    async fn complete(
        &mut self,
        snapshot: &mut Snapshot,
        scope: &TenantScope,
        own_last: Option<OwnLast>,
        now: Micros,
    ) -> Result<(Memberships, Option<pb::Conversation>), Error> {
        match self {
            BriefingRecord::Customer(facts) => {
                let name = facts.customer.name.clone();
                let names = vec![name.clone()];
                let events = facts::events_and_groupings(scope, &names, now);
                let people = facts::all_people(scope, names, now);
                let (people, (events, groupings), own_last) =
                    snapshot.run((people, events, own_last)).await?;
                let mut found = ByName::from([(name.clone(), std::mem::take(&mut **facts))]);
                facts::add_people(&mut found, people);
                facts::add_events(&mut found, events);
                facts::add_lists(&mut found, groupings.lists);
                **facts = found.remove(&name).unwrap_or_default();
                let memberships = memberships::find_for_customer(facts, &groupings.groupings, now)?;
                Ok((memberships, own_last.flatten()))
            }
            BriefingRecord::Contact(person) => {
                let name = &person.contact.name;
                let (jobs, events, affiliations, personas, own_last) = snapshot
                    .run((
                        briefing::employments(scope, name, now),
                        briefing::events(scope, name, now),
                        live_groups::affiliations(scope, name, now),
                        live_groups::personas(scope, pb::persona::RecordKind::Contact),
                        own_last,
                    ))
                    .await?;
                person.jobs = jobs;
                person.events = events;
                let memberships = memberships_of_contact(person, &affiliations, personas, now)?;
                Ok((memberships, own_last.flatten()))
            }
        }
    }

    /// Returns the names of participants, debtors and authors.
    fn named(&self, own_last: Option<&pb::Conversation>) -> Vec<String> {
        let mut named = BTreeSet::new();
        match self {
            BriefingRecord::Customer(facts) => named.insert(facts.customer.owner.clone()),
            BriefingRecord::Contact(person) => named.insert(person.contact.owner.clone()),
        };
        if let Some(last) = self.last_conversation() {
            named.extend(last.contacts.iter().chain(&last.colleagues).cloned());
        }
        let events = self.events();
        for talk in events
            .next
            .iter()
            .chain(&events.unconfirmed)
            .chain(own_last)
        {
            named.extend(talk.contacts.iter().chain(&talk.colleagues).cloned());
        }
        named.extend(events.promises.iter().map(|promise| promise.owner.clone()));
        named.extend(events.notes.iter().map(|note| note.author.clone()));
        named.remove("");
        named.into_iter().collect()
    }
}

fn memberships_of_contact(
    person: &ContactFacts,
    affiliations: &[pb::Affiliation],
    personas: Vec<Sketch>,
    now: Micros,
) -> Result<Memberships, Error> {
    if is_deleted(&person.contact) {
        return Ok(Memberships::default());
    }
    let groupings = Groupings {
        personas,
        ..Groupings::default()
    };
    let input = memberships::contact_input(&person.contact, affiliations)?;
    memberships::find(
        input.record(),
        pb::persona::RecordKind::Contact,
        &groupings,
        now,
    )
}
