//! What a briefing needs beyond the facts of a customer: a person with employments and events, the actor's own last
//! conversation, and everyone's display names. What changed since that conversation is in `changes_since`.
//!
//! Every statement shows only what the actor may see. No conclusions are drawn here: those are in `profile`.

use std::collections::BTreeMap;

use crate::clock::{self, Micros};
use crate::name::{Kind, Name};
use crate::pb;
use crate::store::read::facts::{self, Events};
use crate::store::record::in_force;
use crate::store::record::resource::{columns, columns_as, decode, visible};
use crate::store::scope::TenantScope;
use crate::store::sql::author::who_writes;
use crate::store::sql::json;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, scoped};

/// The most affiliations read for one person.
const MAX_EMPLOYMENTS: i64 = 100;

/// The record whose changes and conversations are read.
#[derive(Clone, Copy, Debug)]
pub enum BriefedRecord<'a> {
    /// A customer, by name.
    Customer(&'a str),
    /// A contact, by name.
    Contact(&'a str),
}

/// Asks for the acting colleague; `None` if there is none.
pub(crate) fn actor(scope: &TenantScope) -> Query<Option<String>> {
    who_writes(scope).map(|author| {
        Ok(Some(author).filter(|author| Name::parse(Kind::Colleague, author).is_some()))
    })
}

/// A live affiliation of a contact, and what its customer is like.
#[derive(Clone, Debug)]
pub struct Employment {
    /// The affiliation.
    pub affiliation: pb::Affiliation,
    /// The customer's display name.
    pub customer: String,
    /// What the customer as a whole allows and refuses.
    pub contact_permissions: Vec<pb::ContactPermission>,
}

/// Reads the live affiliations of a contact with their customers: running ones first, then primary ones, then by
/// name; at most 100.
pub fn employments(scope: &TenantScope, contact: &str, now: Micros) -> Query<Vec<Employment>> {
    let today = clock::date_of(now);
    scoped!(
        scope,
        "select :{affiliation}, customers.display_name as customer_display_name,
           customers.contact_permissions as customer_permissions
         from affiliations cross join customers
         where affiliations.tenant_id = :tenant and affiliations.contact = :contact
           and affiliations.delete_time is null
           and customers.tenant_id = :tenant and customers.name = affiliations.customer
         order by case when :{running} then 0 else 1 end,
           affiliations.\"primary\" desc, affiliations.name
         limit +:most",
        affiliation = columns::<pb::Affiliation>(scope, &today),
        contact,
        running = in_force::running(&today),
        most = MAX_EMPLOYMENTS,
    )
    .rows(
        ["name", "customer_display_name", "customer_permissions"],
        |row, [affiliation, customer, permissions]| {
            Ok(Employment {
                affiliation: decode(row, affiliation)?.seen(),
                customer: row.text(customer)?,
                contact_permissions: json::read_messages(&row.text(permissions)?)?,
            })
        },
    )
}

/// Reads the plans, open promises and highlighted notes that name a contact.
pub fn events(scope: &TenantScope, contact: &str, now: Micros) -> Query<Events> {
    let hits = [
        next(scope, contact, now),
        unconfirmed(scope, contact, now),
        promises(scope, contact),
        notes(scope, contact),
    ];
    // All of them are about this one contact.
    facts::joined_events(scope, hits, now)
        .map(|events| Ok(events.into_values().next().unwrap_or_default()))
}

fn next(scope: &TenantScope, contact: &str, now: Micros) -> Part {
    scoped!(
        scope,
        "select part, customer, name, place from (
             select 'next' as part, cast(:contact as text) as customer, conversations.name,
               row_number() over (order by start_time, conversations.name) as place
             from keys cross join conversations
             where keys.tenant_id = :tenant and keys.kind = 'conversations'
               and keys.field = 'contacts' and keys.key = '' and keys.value = :contact
               and conversations.tenant_id = :tenant and conversations.name = keys.name
               and state = 'PLANNED' and conversations.delete_time is null
               and start_time >= :now :{visible}
           ) hit
         where place <= 1",
        contact,
        now,
        visible = visible(Kind::Conversation, scope),
    )
    .into()
}

fn unconfirmed(scope: &TenantScope, contact: &str, now: Micros) -> Part {
    scoped!(
        scope,
        "select part, customer, name, place from (
             select 'unconfirmed' as part, cast(:contact as text) as customer,
               conversations.name,
               row_number() over (order by start_time desc, conversations.name desc) as place
             from keys cross join conversations
             where keys.tenant_id = :tenant and keys.kind = 'conversations'
               and keys.field = 'contacts' and keys.key = '' and keys.value = :contact
               and conversations.tenant_id = :tenant and conversations.name = keys.name
               and state = 'PLANNED' and conversations.delete_time is null
               and start_time < :now :{visible}
           ) hit
         where place <= :most",
        contact,
        now,
        visible = visible(Kind::Conversation, scope),
        most = facts::MAX_UNCONFIRMED,
    )
    .into()
}

fn promises(scope: &TenantScope, contact: &str) -> Part {
    scoped!(
        scope,
        "select part, customer, name, place from (
             select 'promise' as part, cast(:contact as text) as customer, promises.name,
               row_number() over (order by due_time, promises.name) as place
             from keys cross join promises
             where keys.tenant_id = :tenant and keys.kind = 'promises'
               and keys.field = 'contacts' and keys.key = '' and keys.value = :contact
               and promises.tenant_id = :tenant and promises.name = keys.name
               and complete_time is null and promises.delete_time is null
           ) hit
         where place <= :one_more",
        contact,
        one_more = facts::one_more_than(facts::MAX_LISTED),
    )
    .into()
}

fn notes(scope: &TenantScope, contact: &str) -> Part {
    scoped!(
        scope,
        "select part, customer, name, place from (
             select 'note' as part, cast(:contact as text) as customer, notes.name,
               row_number() over (order by write_time desc, notes.name desc) as place
             from keys cross join notes
             where keys.tenant_id = :tenant and keys.kind = 'notes'
               and keys.field = 'records' and keys.key = '' and keys.value = :contact
               and notes.tenant_id = :tenant and notes.name = keys.name
               and highlighted and notes.delete_time is null :{visible}
           ) hit
         where place <= :one_more",
        contact,
        visible = visible(Kind::Note, scope),
        one_more = facts::one_more_than(facts::MAX_LISTED),
    )
    .into()
}

/// Reads the last conversation that a colleague held: as a participant or, if it is PRIVATE, as its author.
pub fn own_last(
    scope: &TenantScope,
    record: BriefedRecord<'_>,
    colleague: &str,
    now: Micros,
) -> Query<Option<pb::Conversation>> {
    scoped!(
        scope,
        "select :{columns}
         :{with_record}
           and state = 'HELD' and not broadcast and conversations.delete_time is null :{visible}
           and (visibility = 'PRIVATE' or exists (
             select 1 from keys own
             where own.tenant_id = :tenant and own.kind = 'conversations'
               and own.field = 'colleagues' and own.key = '' and own.value = :colleague
               and own.name = conversations.name))
         order by start_time desc, conversations.name desc
         limit 1",
        columns =
            columns_as::<pb::Conversation>("conversation_record", scope, &clock::date_of(now)),
        with_record = with_record(scope, record),
        visible = visible(Kind::Conversation, scope),
        colleague,
    )
    .maybe(["conversation_record"], |row, [at]| {
        Ok(decode(row, at)?.seen())
    })
}

/// Returns `from` and a `where` for the conversations with a record.
fn with_record(scope: &TenantScope, record: BriefedRecord<'_>) -> Part {
    let conversations = match record {
        BriefedRecord::Customer(customer) => scoped!(
            scope,
            "from conversations
             where conversations.tenant_id = :tenant and customer = :customer",
            customer,
        ),
        BriefedRecord::Contact(contact) => scoped!(
            scope,
            "from keys cross join conversations
             where keys.tenant_id = :tenant and keys.kind = 'conversations'
               and keys.field = 'contacts' and keys.key = '' and keys.value = :contact
               and conversations.tenant_id = :tenant and conversations.name = keys.name",
            contact,
        ),
    };
    conversations.into()
}

/// Reads the display names of people and customers, by name.
pub fn names(scope: &TenantScope, names: Vec<String>) -> Query<BTreeMap<String, String>> {
    scoped!(
        scope,
        "select name, display_name from contacts
         where tenant_id = :tenant and name = any(:names)
         union all
         select name, display_name from colleagues
         where tenant_id = :tenant and name = any(:names)
         union all
         select name, display_name from customers
         where tenant_id = :tenant and name = any(:names)",
        names,
    )
    .rows(["name", "display_name"], |row, [name, display_name]| {
        Ok((row.text(name)?, row.text(display_name)?))
    })
    .map(|names| Ok(names.into_iter().collect()))
}
