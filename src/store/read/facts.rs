//! The facts of customers: what their profiles and the answers about them are made of.
//!
//! Owns the three statements that read them, for any number of customers at once, and the bounds of what is read. It
//! draws no conclusions: those are in `profile`. What segments and personas ask for beyond is in `grouping`.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::Kind;
use crate::pb;
use crate::store::read::live_groups::{self, Groupings};
use crate::store::read::resolve_key::{self, Hits, LookupKey};
use crate::store::record::resource::{columns_in_join, decode_joined, visible, width};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// The most affiliations that are read of one customer.
pub const MAX_AFFILIATIONS: usize = 500;
/// The most plans that are read whose start has passed.
pub const MAX_UNCONFIRMED: usize = 10;
/// The most open promises, and the most highlighted notes, that are read of one customer.
pub const MAX_LISTED: usize = 100;

/// What is known of one customer at one moment.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The customer.
    pub customer: pb::Customer,
    /// Its live affiliations with their contacts, in the order of [`people`].
    pub people: Vec<(pb::Affiliation, pb::Contact)>,
    /// Whether it has more of them than were read.
    pub more_people: bool,
    /// Those more, without contacts; empty unless [`all_people`] were read.
    pub affiliations_beyond: Vec<pb::Affiliation>,
    /// The segments by list that hold it; empty unless they were read.
    pub lists: BTreeSet<String>,
    /// What happened and will happen; empty unless it was read.
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

/// What happened with a customer and will happen, as far as the actor may see it.
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
}

/// Customers by name.
pub type ByName = BTreeMap<String, Facts>;

/// Returns the statement that finds the customers that keys fit, and reads them.
pub fn customers(scope: &TenantScope, keys: &[LookupKey], now: Micros) -> Sql {
    let today = clock::date_of(now);
    let hits = resolve_key::customers(scope, keys, &today);
    let columns = Sql::new(
        "select tenants.revision, hit.hit_field, hit.hit_key, hit.hit_value, hit.hit_count, ",
    )
    .push("hit.hit_name, ");
    columns_in_join::<pb::Customer>(columns, scope, &today)
        .push("\nfrom tenants left join (\n  ")
        .append(hits)
        .push("\n) hit on 1 = 1\nleft join customers on customers.tenant_id = tenants.id")
        .push(" and customers.name = hit.hit_name and hit.hit_count = 1\nwhere tenants.id = ")
        .bind(scope.tenant())
}

/// Reads the rows of [`customers`]: the tenant's revision, whom the keys fit, and the customers that one fits alone.
pub fn read_customers(rows: &[Row]) -> Result<(i64, Hits, ByName), Error> {
    let (mut hits, mut found) = (Hits::default(), ByName::new());
    for row in rows {
        hits.add(row, 1)?;
        if let Some(customer) = decode_joined::<pb::Customer>(row, 1 + resolve_key::WIDTH)? {
            found.insert(
                customer.name.clone(),
                Facts {
                    customer,
                    ..Facts::default()
                },
            );
        }
    }
    let revision = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
    Ok((revision, hits, found))
}

/// Returns the statement that reads the live affiliations of customers, each with its contact: those with claims
/// first, then those without an end, then the primary ones, then by name; at most [`MAX_AFFILIATIONS`] of each
/// customer and one more.
pub fn people(scope: &TenantScope, customers: Vec<String>, now: Micros) -> Sql {
    let bounded = Sql::new("\nwhere placed.place <= ").bind(bound(MAX_AFFILIATIONS));
    people_where(scope, customers, Sql::default(), bounded, now)
}

/// Returns the statement that reads all live affiliations of customers, in the order of [`people`]; those beyond
/// [`MAX_AFFILIATIONS`] come without their contacts.
pub fn all_people(scope: &TenantScope, customers: Vec<String>, now: Micros) -> Sql {
    let bounded = Sql::new(" and placed.place <= ").bind(bound(MAX_AFFILIATIONS) - 1);
    people_where(scope, customers, bounded, Sql::default(), now)
}

fn people_where(
    scope: &TenantScope,
    customers: Vec<String>,
    contact: Sql,
    condition: Sql,
    now: Micros,
) -> Sql {
    let today = clock::date_of(now);
    let sql = columns_in_join::<pb::Affiliation>(Sql::new("select placed.place, "), scope, &today)
        .push(", ");
    columns_in_join::<pb::Contact>(sql, scope, &today)
        .push("\nfrom (\n  select name, row_number() over (partition by customer order by")
        .push(" case when buying_roles = '[]' then 1 else 0 end, case when end_date = '' then 0 else 1 end,")
        .push(" case when \"primary\" then 0 else 1 end, name) as place\n  from affiliations\n  where tenant_id = ")
        .bind(scope.tenant())
        .push(" and delete_time is null and customer")
        .any_of(customers)
        .push("\n) placed\nleft join affiliations on affiliations.tenant_id = ")
        .bind(scope.tenant())
        .push(" and affiliations.name = placed.name\nleft join contacts on contacts.tenant_id = ")
        .bind(scope.tenant())
        .push(" and contacts.name = affiliations.contact")
        .append(contact)
        .append(condition)
        .push("\norder by placed.place")
}

/// Adds the rows of [`people`] or [`all_people`] to their customers.
pub fn read_people(rows: &[Row], found: &mut ByName) -> Result<(), Error> {
    for row in rows {
        let affiliation = decode_joined::<pb::Affiliation>(row, 1)?;
        let contact = decode_joined::<pb::Contact>(row, 1 + width::<pb::Affiliation>())?;
        let Some(affiliation) = affiliation else {
            continue;
        };
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
    Ok(())
}

/// Returns the statement that reads plans, open promises and highlighted notes of customers, as far as the actor may
/// see them.
pub fn events(scope: &TenantScope, customers: &[String], now: Micros) -> Sql {
    joined_events(scope, event_hits(scope, customers, now), now)
}

/// Returns the statement that also reads what groups customers: the segments and personas there are, and the lists that
/// hold these customers.
pub fn events_and_groupings(scope: &TenantScope, customers: &[String], now: Micros) -> Sql {
    let hits = event_hits(scope, customers, now)
        .into_iter()
        .chain(live_groups::hits(scope, customers));
    joined(
        scope,
        hits,
        live_groups::COLUMNS,
        live_groups::joins(scope),
        now,
    )
}

fn event_hits(scope: &TenantScope, customers: &[String], now: Micros) -> [Sql; 4] {
    let soonest = plans(
        scope,
        customers,
        "next",
        " and start_time >= ",
        "start_time, name",
        1,
        now,
    );
    let (when, order) = (" and start_time < ", "start_time desc, name desc");
    let unconfirmed = plans(
        scope,
        customers,
        "unconfirmed",
        when,
        order,
        MAX_UNCONFIRMED,
        now,
    );
    [
        soonest,
        unconfirmed,
        promises(scope, customers),
        notes(scope, customers),
    ]
}

/// Returns the statement that reads the conversations, promises and notes that selects of part, customer, name and
/// place hit.
pub(crate) fn joined_events(scope: &TenantScope, hits: [Sql; 4], now: Micros) -> Sql {
    joined(scope, hits.into_iter(), "", Sql::default(), now)
}

fn joined(
    scope: &TenantScope,
    hits: impl Iterator<Item = Sql>,
    more_columns: &'static str,
    more_joins: Sql,
    now: Micros,
) -> Sql {
    let today = clock::date_of(now);
    let mut sql = Sql::new("select hit.part, hit.customer, ");
    sql = columns_in_join::<pb::Conversation>(sql, scope, &today).push(",\n  ");
    sql = columns_in_join::<pb::Promise>(sql, scope, &today).push(",\n  ");
    sql = columns_in_join::<pb::Note>(sql, scope, &today)
        .push(more_columns)
        .push("\nfrom (\n  ");
    for (i, hit) in hits.enumerate() {
        sql = sql
            .push(if i == 0 { "" } else { "\n  union all\n  " })
            .append(hit);
    }
    sql.push("\n) hit\nleft join conversations on conversations.tenant_id = ")
        .bind(scope.tenant())
        .push(" and conversations.name = hit.name\nleft join promises on promises.tenant_id = ")
        .bind(scope.tenant())
        .push(" and promises.name = hit.name\nleft join notes on notes.tenant_id = ")
        .bind(scope.tenant())
        .push(" and notes.name = hit.name")
        .append(more_joins)
        .push("\norder by hit.customer, hit.part, hit.place")
}

fn plans(
    scope: &TenantScope,
    customers: &[String],
    part: &'static str,
    when: &'static str,
    order: &'static str,
    most: usize,
    now: Micros,
) -> Sql {
    Sql::new("select part, customer, name, place from (\n    select cast(")
        .bind(part)
        .push(
            " as text) as part, customer, name, row_number() over (partition by customer order by ",
        )
        .push(order)
        .push(") as place\n    from conversations where tenant_id = ")
        .bind(scope.tenant())
        .push(" and customer")
        .any_of(customers.to_vec())
        .push(" and state = 'PLANNED' and delete_time is null")
        .push(when)
        .bind(now)
        .append(visible(Kind::Conversation, scope))
        .push("\n  ) plan where place <= ")
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
}

fn promises(scope: &TenantScope, customers: &[String]) -> Sql {
    Sql::new("select part, customer, name, place from (\n    select 'promise' as part, customer, name, ")
        .push("row_number() over (partition by customer order by due_time, name) as place\n    from promises where tenant_id = ")
        .bind(scope.tenant())
        .push(" and customer")
        .any_of(customers.to_vec())
        .push(" and done_time is null and delete_time is null\n  ) promise where place <= ")
        .bind(bound(MAX_LISTED))
}

/// Notes about a customer, its affiliations, and their contacts.
fn notes(scope: &TenantScope, customers: &[String]) -> Sql {
    let affiliations = |columns: &'static str| {
        Sql::new("select ")
            .push(columns)
            .push(" from affiliations where tenant_id = ")
            .bind(scope.tenant())
            .push(" and delete_time is null and customer")
            .any_of(customers.to_vec())
    };
    let subjects =
        Sql::new("select name as customer, name as subject from customers where tenant_id = ")
            .bind(scope.tenant())
            .push(" and name")
            .any_of(customers.to_vec())
            .push("\n      union ")
            .append(affiliations("customer, name"))
            .push("\n      union ")
            .append(affiliations("customer, contact"));
    let about = Sql::new("select distinct subjects.customer, notes.name, notes.written_time from (\n      ")
        .append(subjects)
        .push("\n    ) subjects cross join keys cross join notes\n    where keys.tenant_id = ")
        .bind(scope.tenant())
        .push(
            " and keys.kind = 'notes' and keys.field = 'subjects' and keys.key = '' and keys.value = subjects.subject",
        )
        .push("\n      and notes.tenant_id = ")
        .bind(scope.tenant())
        .push(" and notes.name = keys.name and notes.highlighted and notes.delete_time is null")
        .append(visible(Kind::Note, scope));
    Sql::new(
        "select part, customer, name, place from (\n    select 'note' as part, customer, name, row_number() over (",
    )
    .push("partition by customer order by written_time desc, name desc) as place\n    from (\n    ")
    .append(about)
    .push("\n    ) about\n  ) note where place <= ")
    .bind(bound(MAX_LISTED))
}

/// Where the columns of each part of the rows of [`events`] begin.
const PLANS: usize = 2;
const PROMISES: usize = PLANS + width::<pb::Conversation>();
const NOTES: usize = PROMISES + width::<pb::Promise>();
const GROUPINGS: usize = NOTES + width::<pb::Note>();

/// Adds the rows of [`events`], or those of [`events_and_groupings`] that are events, to their customers.
pub fn read_events(rows: &[Row], found: &mut ByName) -> Result<(), Error> {
    for row in rows {
        let Some(facts) = found.get_mut(&row.text(1)?) else {
            continue;
        };
        let events = &mut facts.events;
        if let Some(plan) = decode_joined::<pb::Conversation>(row, PLANS)? {
            match row.text(0)?.as_str() {
                "next" => events.next = Some(plan),
                _ => events.unconfirmed.push(plan),
            }
        } else if let Some(promise) = decode_joined::<pb::Promise>(row, PROMISES)? {
            push_bounded(
                &mut events.promises,
                &mut events.more_promises,
                MAX_LISTED,
                promise,
            );
        } else if let Some(note) = decode_joined::<pb::Note>(row, NOTES)? {
            push_bounded(&mut events.notes, &mut events.more_notes, MAX_LISTED, note);
        }
    }
    Ok(())
}

/// Reads the rows of [`events_and_groupings`] that are no events; the lists go to their customers.
pub fn read_groupings(rows: &[Row], found: &mut ByName) -> Result<Groupings, Error> {
    live_groups::read(rows, GROUPINGS, found)
}

/// Reads one more than the most, which tells whether there are more.
pub(crate) fn bound(most: usize) -> i64 {
    i64::try_from(most + 1).unwrap_or(i64::MAX)
}

fn push_bounded<T>(list: &mut Vec<T>, more: &mut bool, most: usize, element: T) {
    if list.len() < most {
        list.push(element);
    } else {
        *more = true;
    }
}
