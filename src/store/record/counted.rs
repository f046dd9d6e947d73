//! Which conversations count for those they are with, and what a unit changes of that.
//!
//! The definition, once: a conversation counts if it is HELD, not broadcast, visible to everyone and live. What follows
//! from those that count is kept by the units that touch one: the last conversation (`last_conversation.rs`), how often
//! and by which channel a customer was talked with (`channel_use.rs`), and the table of the conversations of a contact,
//! which is kept here. A unit knows each conversation as it was and as it becomes, under lock, so it reads none of the
//! others. It locks everyone concerned before the conversation itself, like parents.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Micros;
use crate::error::Error;
use crate::name::Kind;
use crate::store::engine::tx::Tx;
use crate::store::record::lock::Locked;
use crate::store::record::resource::Resource;
use crate::store::scope::TenantScope;
use crate::store::sql::part::ROWS_AT_ONCE;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Value, scoped};

/// Which conversations count, as a condition on their table. The table's partial indexes repeat it, and
/// `Resource::counted` of a conversation says the same.
pub const COUNTS: &str = "conversations.state = 'HELD' and not conversations.broadcast \
                          and conversations.visibility <> 'PRIVATE' and conversations.delete_time is null";

/// What a conversation that counts does for those it is with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The customer.
    pub customer: String,
    /// The contacts.
    pub contacts: Vec<String>,
    /// The channel, as it is stored.
    pub channel: &'static str,
    /// When it began.
    pub start_time: Option<Micros>,
}

/// Whose derived values a unit may change, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Customers, by name.
    pub customers: BTreeSet<String>,
    /// Contacts, by name.
    pub contacts: BTreeSet<String>,
    /// How many conversations more count for a customer by a channel.
    pub by_channel: BTreeMap<(String, &'static str), i64>,
    /// Conversations that no longer count for their contacts, or otherwise than before.
    pub gone: BTreeSet<String>,
    /// Conversations that now count for their contacts: each contact, the time and the conversation.
    pub new: BTreeSet<(String, Option<Micros>, String)>,
}

impl Affected {
    /// Compares a record, if it is a conversation, with what it was; `before` is absent for a new one.
    pub fn of<R: Resource>(before: Option<&R>, after: &R) -> Affected {
        let mut affected = Affected::default();
        let before = before.and_then(Resource::counted);
        affected.note(after.header().name, before, after.counted());
        affected
    }

    /// Notes what a conversation did for those it is with, and what it does now.
    pub(crate) fn note(&mut self, name: &str, before: Option<Counted>, after: Option<Counted>) {
        let is_same = |same: fn(&Counted, &Counted) -> bool| match (&before, &after) {
            (Some(before), Some(after)) => same(before, after),
            (None, None) => true,
            _ => false,
        };
        let same_use = |a: &Counted, b: &Counted| {
            (&a.customer, a.channel, a.start_time) == (&b.customer, b.channel, b.start_time)
        };
        let same_people =
            |a: &Counted, b: &Counted| (&a.contacts, a.start_time) == (&b.contacts, b.start_time);
        let (uses_stay, people_stay) = (is_same(same_use), is_same(same_people));
        if !people_stay {
            let had_people = before.as_ref().is_some_and(|of| !of.contacts.is_empty());
            self.gone.extend(had_people.then(|| name.to_owned()));
            let rows = after.iter().flat_map(|of| {
                let row = |contact: &String| (contact.clone(), of.start_time, name.to_owned());
                of.contacts.iter().map(row)
            });
            self.new.extend(rows);
            let people = [&before, &after].into_iter().flatten();
            self.contacts
                .extend(people.flat_map(|of| of.contacts.iter().cloned()));
        }
        for (of, by) in [(before, -1), (after, 1)] {
            if let Some(of) = of.filter(|_| !uses_stay) {
                self.customers.insert(of.customer.clone());
                *self
                    .by_channel
                    .entry((of.customer, of.channel))
                    .or_default() += by;
            }
        }
    }

    /// Says whether nobody is affected.
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty() && self.contacts.is_empty()
    }

    /// Refuses to go on if somebody is concerned who was not locked: a conversation that moved while this unit waited
    /// for its locks. To lock them now would be out of order. A name that no record has is passed over.
    pub(crate) async fn check_locked(&self, tx: &mut Tx, locked: &Locked) -> Result<(), Error> {
        for (kind, names) in [
            (Kind::Customer, &self.customers),
            (Kind::Contact, &self.contacts),
        ] {
            let missing = names.iter().filter(|name| !locked.knows(name));
            let missing: Vec<String> = missing.cloned().collect();
            if missing.is_empty() {
                continue;
            }
            let known = scoped!(
                tx.scope(),
                "select name from :{table} where tenant_id = :tenant and name = any(:missing)",
                table = kind.collection(),
                missing,
            );
            if !tx.run(known.texts("name")).await?.is_empty() {
                return Err(Error::ConcurrentWrite);
            }
        }
        Ok(())
    }
}

/// Returns the statements that keep the table of the conversations of contacts.
pub fn contact_rows(scope: &TenantScope, affected: &Affected) -> Vec<Query<()>> {
    let delete = (!affected.gone.is_empty()).then(|| {
        scoped!(
            scope,
            "delete from contact_conversations
             where tenant_id = :tenant and conversation = any(:gone)",
            gone = affected.gone.iter().cloned().collect::<Vec<_>>(),
        )
        .done()
    });
    let new: Vec<Vec<Value>> = affected
        .new
        .iter()
        .map(|(contact, time, name)| vec![contact.into(), (*time).into(), name.into()])
        .collect();
    let insert = |rows: &[Vec<Value>]| {
        scoped!(
            scope,
            "insert into contact_conversations (tenant_id, contact, start_time, conversation)
             values :{rows}",
            rows = Part::rows(scope, rows.iter().cloned()),
        )
        .done()
    };
    delete
        .into_iter()
        .chain(new.chunks(ROWS_AT_ONCE).map(insert))
        .collect()
}

/// Returns the query that lists, for each contact, the customers whose profile includes it; none without contacts.
pub(crate) fn customers_of_contacts(
    scope: &TenantScope,
    affected: &Affected,
) -> Option<Query<Vec<(String, String)>>> {
    if affected.contacts.is_empty() {
        return None;
    }
    let customers = scoped!(
        scope,
        "select contact, customer from affiliations
         where tenant_id = :tenant and delete_time is null and contact = any(:contacts)
         order by contact, customer",
        contacts = affected.contacts.iter().cloned().collect::<Vec<_>>(),
    );
    Some(
        customers.rows(["contact", "customer"], |row, [contact, customer]| {
            Ok((row.text(contact)?, row.text(customer)?))
        }),
    )
}
