//! The facts of customers, which their profiles and the answers about them are made of.
//!
//! Owns the statements that read them, for any number of customers at once, and the limits on how much is read. It
//! draws no conclusions: those are in `profile`. Which record a key matches is defined in `resolve_key`; what
//! segments and personas need beyond this is in `live_groups`.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::Kind;
use crate::pb;
use crate::store::read::live_groups::{self, GroupingsAndLists};
use crate::store::record::channel_use;
use crate::store::record::resource::{columns_as, decode_joined, visible};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, Row, Sql, scoped};

/// The most affiliations read for one customer.
pub(crate) const MAX_AFFILIATIONS: usize = 500;
/// The most plans whose start has passed that are read.
pub(crate) const MAX_UNCONFIRMED: i64 = 10;
/// The most open promises, and the most highlighted notes, read for one customer.
pub(crate) const MAX_LISTED: usize = 100;

/// What is known about one customer at one moment.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The customer.
    pub customer: pb::Customer,
    /// Its live affiliations with their contacts, in the order of [`people`].
    pub people: Vec<(pb::Affiliation, pb::Contact)>,
    /// Whether it has more of them than were read.
    pub more_people: bool,
    /// The rest of them, without contacts; empty unless [`all_people`] was used.
    pub affiliations_beyond: Vec<pb::Affiliation>,
    /// The segments by list that hold it; empty unless they were read.
    pub lists: BTreeSet<String>,
    /// What happened and what is planned; empty unless it was read.
    pub events: Events,
}

impl Facts {
    /// Returns all affiliations that were read.
    pub fn affiliations(&self) -> impl Iterator<Item = &pb::Affiliation> {
        self.people
            .iter()
            .map(|(affiliation, _)| affiliation)
            .chain(&self.affiliations_beyond)
    }
}

/// What happened with a customer and what is planned, as far as the actor may see it.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// The next planned conversation.
    pub next: Option<pb::Conversation>,
    /// Planned conversations whose start has passed, latest first.
    pub unconfirmed: Vec<pb::Conversation>,
    /// Promises that are not done, by due time.
    pub promises: Vec<pb::Promise>,
    /// Whether there are more of them.
    pub more_promises: bool,
    /// Highlighted notes, latest first.
    pub notes: Vec<pb::Note>,
    /// Whether there are more of them.
    pub more_notes: bool,
    /// The channels of its conversations, those used most first.
    pub used_channels: Vec<pb::ChannelUse>,
}

/// Customers by name.
pub type ByName = BTreeMap<String, Facts>;

/// Wraps customers about which nothing else has been read yet.
pub fn of_customers(customers: impl IntoIterator<Item = pb::Customer>) -> ByName {
    let facts = |customer: pb::Customer| {
        let name = customer.name.clone();
        let facts = Facts {
            customer,
            ..Facts::default()
        };
        (name, facts)
    };
    customers.into_iter().map(facts).collect()
}

/// Live affiliations in the order of [`people`]. The contact is absent if it was not read.
pub type People = Vec<(pb::Affiliation, Option<pb::Contact>)>;

/// Reads the live affiliations of customers, each with its contact: those with claims first, then those without an
/// end, then primary ones, then by name; at most one more than `MAX_AFFILIATIONS` per customer.
pub fn people(scope: &TenantScope, customers: Vec<String>, now: Micros) -> Query<People> {
    let today = clock::date_of(now);
    scoped!(
        scope,
        "select :{affiliation}, :{contact}
         from (
             :{placed}
         ) placed
         left join affiliations on affiliations.tenant_id = :tenant
           and affiliations.name = placed.name
         left join contacts on contacts.tenant_id = :tenant
           and contacts.name = affiliations.contact
         where placed.place <= :one_more
         order by placed.place",
        affiliation = columns_as::<pb::Affiliation>("affiliation_record", scope, &today),
        contact = columns_as::<pb::Contact>("contact_record", scope, &today),
        placed = placed(scope, customers),
        one_more = one_more_than(MAX_AFFILIATIONS),
    )
    .read(read_people)
}

/// Reads all live affiliations of customers, in the order of [`people`]; those beyond `MAX_AFFILIATIONS` come
/// without their contacts.
pub fn all_people(scope: &TenantScope, customers: Vec<String>, now: Micros) -> Query<People> {
    let today = clock::date_of(now);
    scoped!(
        scope,
        "select :{affiliation}, :{contact}
         from (
             :{placed}
         ) placed
         left join affiliations on affiliations.tenant_id = :tenant
           and affiliations.name = placed.name
         left join contacts on contacts.tenant_id = :tenant
           and contacts.name = affiliations.contact and placed.place < :one_more
         order by placed.place",
        affiliation = columns_as::<pb::Affiliation>("affiliation_record", scope, &today),
        contact = columns_as::<pb::Contact>("contact_record", scope, &today),
        placed = placed(scope, customers),
        one_more = one_more_than(MAX_AFFILIATIONS),
    )
    .read(read_people)
}

/// Returns a select of the live affiliations of customers, with the position of each within its customer.
fn placed(scope: &TenantScope, customers: Vec<String>) -> Sql {
    scoped!(
        scope,
        "select name, row_number() over (
             partition by customer
             order by case when buying_roles = '[]' then 1 else 0 end,
               case when end_date = '' then 0 else 1 end,
               case when \"primary\" then 0 else 1 end,
               name
           ) as place
         from affiliations
         where tenant_id = :tenant and delete_time is null and customer = any(:customers)",
        customers,
    )
}

fn read_people(rows: Vec<Row>) -> Result<People, Error> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let [affiliation, contact] = first.columns(["affiliation_record", "contact_record"])?;
    let mut people = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(affiliation) = decode_joined(row, affiliation)? {
            people.push((affiliation, decode_joined(row, contact)?));
        }
    }
    Ok(people)
}

/// Adds the people at customers to their facts.
pub fn add_people(found: &mut ByName, people: People) {
    for (affiliation, contact) in people {
        let Some(facts) = found.get_mut(&affiliation.customer) else {
            continue;
        };
        match contact.filter(|_| facts.people.len() < MAX_AFFILIATIONS) {
            Some(contact) => facts.people.push((affiliation, contact)),
            None => {
                facts.more_people = true;
                facts.affiliations_beyond.push(affiliation);
            }
        }
    }
}

/// Events by the customer or contact they are about.
pub type EventsBySubject = BTreeMap<String, Events>;

/// Reads plans, open promises and highlighted notes of customers, as far as the actor may see them.
pub fn events(scope: &TenantScope, customers: &[String], now: Micros) -> Query<EventsBySubject> {
    let hits = event_hits(scope, customers, now);
    joined(scope, hits, event_columns(scope, now), Part::default()).read(|rows| read_events(&rows))
}

/// Reads [`events`] and what groups customers: all live segments and personas, and the lists that hold these
/// customers.
pub fn events_and_groupings(
    scope: &TenantScope,
    customers: &[String],
    now: Micros,
) -> Query<(EventsBySubject, GroupingsAndLists)> {
    let hits = event_hits(scope, customers, now)
        .into_iter()
        .chain(live_groups::hits(scope, customers));
    let columns = event_columns(scope, now)
        .into_iter()
        .chain([live_groups::columns()]);
    joined(scope, hits, columns, live_groups::joins(scope))
        .read(|rows| Ok((read_events(&rows)?, live_groups::read(&rows)?)))
}

/// Reads the conversations, promises and notes found by selects of part, customer, name and place.
pub(crate) fn joined_events(
    scope: &TenantScope,
    hits: [Part; 4],
    now: Micros,
) -> Query<EventsBySubject> {
    joined(scope, hits, event_columns(scope, now), Part::default()).read(|rows| read_events(&rows))
}

fn event_columns(scope: &TenantScope, now: Micros) -> [Part; 4] {
    let today = clock::date_of(now);
    [
        columns_as::<pb::Conversation>("conversation_record", scope, &today),
        columns_as::<pb::Promise>("promise_record", scope, &today),
        columns_as::<pb::Note>("note_record", scope, &today),
        channel_use::columns(),
    ]
}

fn joined(
    scope: &TenantScope,
    hits: impl IntoIterator<Item = Part>,
    columns: impl IntoIterator<Item = Part>,
    joins: Part,
) -> Sql {
    scoped!(
        scope,
        "select hit.part as hit_part, hit.customer as hit_customer,
           :{columns}
         from (
             :{hits}
         ) hit
         left join conversations on conversations.tenant_id = :tenant
           and conversations.name = hit.name
         left join promises on promises.tenant_id = :tenant and promises.name = hit.name
         left join notes on notes.tenant_id = :tenant and notes.name = hit.name
         :{channels}
         :{joins}
         order by hit.customer, hit.part, hit.place",
        columns = Part::join(",\n  ", columns),
        hits = Part::join("\n  union all\n  ", hits),
        channels = channel_use::join(scope),
        joins,
    )
}

fn event_hits(scope: &TenantScope, customers: &[String], now: Micros) -> [Part; 5] {
    [
        next(scope, customers, now),
        unconfirmed(scope, customers, now),
        promises(scope, customers),
        notes(scope, customers),
        channel_use::hits(scope, customers),
    ]
}

fn next(scope: &TenantScope, customers: &[String], now: Micros) -> Part {
    scoped!(
        scope,
        "select part, customer, name, place from (
             select 'next' as part, customer, name,
               row_number() over (partition by customer order by start_time, name) as place
             from conversations
             where tenant_id = :tenant and customer = any(:customers)
               and state = 'PLANNED' and delete_time is null and start_time >= :now :{visible}
           ) plan
         where place <= 1",
        customers = customers.to_vec(),
        now,
        visible = visible(Kind::Conversation, scope),
    )
    .into()
}

fn unconfirmed(scope: &TenantScope, customers: &[String], now: Micros) -> Part {
    scoped!(
        scope,
        "select part, customer, name, place from (
             select 'unconfirmed' as part, customer, name,
               row_number() over (
                 partition by customer order by start_time desc, name desc
               ) as place
             from conversations
             where tenant_id = :tenant and customer = any(:customers)
               and state = 'PLANNED' and delete_time is null and start_time < :now :{visible}
           ) plan
         where place <= :most",
        customers = customers.to_vec(),
        now,
        visible = visible(Kind::Conversation, scope),
        most = MAX_UNCONFIRMED,
    )
    .into()
}

fn promises(scope: &TenantScope, customers: &[String]) -> Part {
    scoped!(
        scope,
        "select part, customer, name, place from (
             select 'promise' as part, customer, name,
               row_number() over (partition by customer order by due_time, name) as place
             from promises
             where tenant_id = :tenant and customer = any(:customers)
               and complete_time is null and delete_time is null
           ) promise
         where place <= :one_more",
        customers = customers.to_vec(),
        one_more = one_more_than(MAX_LISTED),
    )
    .into()
}

/// Notes about a customer, its affiliations, and their contacts.
fn notes(scope: &TenantScope, customers: &[String]) -> Part {
    scoped!(
        scope,
        "select part, customer, name, place from (
             select 'note' as part, customer, name,
               row_number() over (
                 partition by customer order by write_time desc, name desc
               ) as place
             from (
                 select distinct subjects.customer, notes.name, notes.write_time
                 from (
                     select name as customer, name as subject from customers
                     where tenant_id = :tenant and name = any(:customers)
                     union
                     select customer, name from affiliations
                     where tenant_id = :tenant and delete_time is null
                       and customer = any(:customers)
                     union
                     select customer, contact from affiliations
                     where tenant_id = :tenant and delete_time is null
                       and customer = any(:customers)
                   ) subjects cross join keys cross join notes
                 where keys.tenant_id = :tenant and keys.kind = 'notes'
                   and keys.field = 'records' and keys.key = ''
                   and keys.value = subjects.subject
                   and notes.tenant_id = :tenant and notes.name = keys.name
                   and notes.highlighted and notes.delete_time is null :{visible}
               ) about
           ) note
         where place <= :one_more",
        customers = customers.to_vec(),
        visible = visible(Kind::Note, scope),
        one_more = one_more_than(MAX_LISTED),
    )
    .into()
}

/// The parts whose rows are events.
const PARTS: [&str; 5] = ["next", "unconfirmed", "promise", "note", "channel"];

fn read_events(rows: &[Row]) -> Result<EventsBySubject, Error> {
    let mut found = EventsBySubject::new();
    let Some(first) = rows.first() else {
        return Ok(found);
    };
    let [part, customer, conversation, promise, note] = first.columns([
        "hit_part",
        "hit_customer",
        "conversation_record",
        "promise_record",
        "note_record",
    ])?;
    let used = first.columns(channel_use::COLUMNS)?;
    for row in rows {
        let part = row.str(part)?;
        if !PARTS.contains(&part) {
            continue;
        }
        let events = found.entry(row.text(customer)?).or_default();
        if part == "channel" {
            events.used_channels.push(channel_use::read(row, used)?);
        } else if let Some(plan) = decode_joined::<pb::Conversation>(row, conversation)? {
            match part {
                "next" => events.next = Some(plan),
                _ => events.unconfirmed.push(plan),
            }
        } else if let Some(promise) = decode_joined(row, promise)? {
            push_bounded(&mut events.promises, &mut events.more_promises, promise);
        } else if let Some(note) = decode_joined(row, note)? {
            push_bounded(&mut events.notes, &mut events.more_notes, note);
        }
    }
    Ok(found)
}

/// Adds events to the facts of their customers.
pub fn add_events(found: &mut ByName, events: EventsBySubject) {
    for (customer, events) in events {
        if let Some(facts) = found.get_mut(&customer) {
            facts.events = events;
        }
    }
}

/// Adds the segments by list that hold customers to the customers' facts.
pub fn add_lists(found: &mut ByName, lists: BTreeMap<String, BTreeSet<String>>) {
    for (customer, lists) in lists {
        if let Some(facts) = found.get_mut(&customer) {
            facts.lists = lists;
        }
    }
}

/// Returns how many rows to read so that an extra one shows there are more.
pub(crate) fn one_more_than(most: usize) -> i64 {
    i64::try_from(most + 1).unwrap_or(i64::MAX)
}

fn push_bounded<T>(list: &mut Vec<T>, more: &mut bool, element: T) {
    if list.len() < MAX_LISTED {
        list.push(element);
    } else {
        *more = true;
    }
}
