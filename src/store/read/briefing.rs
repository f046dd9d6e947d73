//! What a briefing needs beyond the facts of a customer: a person with jobs and events, the actor's own last
//! conversation, and what everybody is called. What changed since that conversation is in `since`.
//!
//! Every statement shows only what the actor may see. No conclusions are drawn here: those are in `profile`.

use std::collections::BTreeMap;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::store::read::facts::{self, Events};
use crate::store::read::resolve_key::{self, Hits, LookupKey};
use crate::store::record::in_force;
use crate::store::record::resource::{columns_in_join, decode, decode_joined, visible, width};
use crate::store::scope::TenantScope;
use crate::store::sql::author::author;
use crate::store::sql::json;
use crate::store::sql::statement::{Row, Sql};

/// The most affiliations that are read of one person.
const MAX_JOBS: i64 = 100;

/// Whom changes and conversations are looked for of.
#[derive(Clone, Copy, Debug)]
pub enum BriefingSubject<'a> {
    /// A customer, by name.
    Customer(&'a str),
    /// A contact, by name.
    Contact(&'a str),
}

/// Returns the statement that says who acts.
pub fn actor(scope: &TenantScope) -> Sql {
    Sql::new("select ").append(author(scope))
}

/// Reads the colleague who acts; `None` when nobody does.
pub fn read_actor(rows: &[Row]) -> Result<Option<String>, Error> {
    let actor = rows.first().map(|row| row.text(0)).transpose()?;
    Ok(actor.filter(|actor| Name::parse(Kind::Colleague, actor).is_some()))
}

/// Returns the statement that finds the contact that a key fits, and reads it.
pub fn contact(scope: &TenantScope, key: &LookupKey, now: Micros) -> Sql {
    let today = clock::date_of(now);
    let hits = resolve_key::contacts(scope, std::slice::from_ref(key), &today);
    let columns = Sql::new(
        "select tenants.revision, hit.hit_field, hit.hit_key, hit.hit_value, hit.hit_count, ",
    )
    .push("hit.hit_name, ");
    columns_in_join::<pb::Contact>(columns, scope, &today)
        .push("\nfrom tenants left join (\n  ")
        .append(hits)
        .push("\n) hit on 1 = 1\nleft join contacts on contacts.tenant_id = tenants.id")
        .push(" and contacts.name = hit.hit_name and hit.hit_count = 1\nwhere tenants.id = ")
        .bind(scope.tenant())
}

/// Reads the rows of [`contact`]: the tenant's revision, whom the key fits, and the contact that it fits alone.
pub fn read_contact(rows: &[Row]) -> Result<(i64, Hits, Option<pb::Contact>), Error> {
    let (mut hits, mut found) = (Hits::default(), None);
    for row in rows {
        hits.add(row, 1)?;
        found = decode_joined::<pb::Contact>(row, 1 + resolve_key::WIDTH)?.or(found);
    }
    let revision = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
    Ok((revision, hits, found))
}

/// A live affiliation of a contact, and what is said of its customer.
#[derive(Clone, Debug)]
pub struct Employment {
    /// The affiliation.
    pub affiliation: pb::Affiliation,
    /// What the customer is called.
    pub customer: String,
    /// What the customer as a whole allows and refuses.
    pub contact_permissions: Vec<pb::ContactPermission>,
}

/// Returns the statement that reads the live affiliations of a contact with their customers: those that run first, then
/// the primary ones, then by name; at most `MAX_JOBS`.
pub fn jobs(scope: &TenantScope, contact: &str, now: Micros) -> Sql {
    let today = clock::date_of(now);
    let sql = columns_in_join::<pb::Affiliation>(Sql::new("select "), scope, &today)
        .push(", customers.display_name, customers.contact_permissions\nfrom affiliations cross join customers\nwhere affiliations.tenant_id = ")
        .bind(scope.tenant())
        .push(" and affiliations.contact = ")
        .bind(contact)
        .push(" and affiliations.delete_time is null\n  and customers.tenant_id = ")
        .bind(scope.tenant())
        .push(" and customers.name = affiliations.customer\norder by case when ");
    sql.append(in_force::running(&today))
        .push(" then 0 else 1 end, affiliations.\"primary\" desc, affiliations.name")
        .limit(MAX_JOBS)
}

/// Reads the rows of [`jobs`].
pub fn read_jobs(rows: &[Row]) -> Result<Vec<Employment>, Error> {
    let of_customer = width::<pb::Affiliation>();
    let job = |row: &Row| {
        let (affiliation, customer) = (decode(row, 0)?.seen(), row.text(of_customer)?);
        Ok(Employment {
            affiliation,
            customer,
            contact_permissions: json::read_messages(&row.text(of_customer + 1)?)?,
        })
    };
    rows.iter().map(job).collect()
}

/// Returns the statement that reads the plans, open promises and highlighted notes that name a contact.
pub fn events(scope: &TenantScope, contact: &str, now: Micros) -> Sql {
    let plan = |part, when, order, most: i64| {
        placed(scope, part, contact, order, "conversations", "contacts")
            .push(" and state = 'PLANNED' and conversations.delete_time is null")
            .push(when)
            .bind(now)
            .append(visible(Kind::Conversation, scope))
            .push("\n  ) hit where place <= ")
            .bind(most)
    };
    let most = facts::bound(facts::MAX_LISTED);
    let unconfirmed = facts::bound(facts::MAX_UNCONFIRMED) - 1;
    let promises = placed(
        scope,
        "promise",
        contact,
        "due_time, promises.name",
        "promises",
        "contacts",
    )
    .push(" and done_time is null and promises.delete_time is null\n  ) hit where place <= ")
    .bind(most);
    let notes = placed(
        scope,
        "note",
        contact,
        "written_time desc, notes.name desc",
        "notes",
        "subjects",
    )
    .push(" and highlighted and notes.delete_time is null")
    .append(visible(Kind::Note, scope))
    .push("\n  ) hit where place <= ")
    .bind(most);
    let hits = [
        plan(
            "next",
            " and start_time >= ",
            "start_time, conversations.name",
            1,
        ),
        plan(
            "unconfirmed",
            " and start_time < ",
            "start_time desc, conversations.name desc",
            unconfirmed,
        ),
        promises,
        notes,
    ];
    facts::joined_events(scope, hits, now)
}

fn placed(
    scope: &TenantScope,
    part: &'static str,
    contact: &str,
    order: &'static str,
    table: &'static str,
    field: &'static str,
) -> Sql {
    Sql::new("select part, customer, name, place from (\n    select cast(")
        .bind(part)
        .push(" as text) as part, cast(")
        .bind(contact)
        .push(" as text) as customer, ")
        .push(table)
        .push(".name, row_number() over (order by ")
        .push(order)
        .push(") as place\n    ")
        .append(naming(scope, table, field, contact))
}

/// Returns `from` and the condition that a record of a kind names another one in a field that is filed as a key.
pub(crate) fn naming(
    scope: &TenantScope,
    table: &'static str,
    field: &'static str,
    name: &str,
) -> Sql {
    Sql::new("from keys cross join ")
        .push(table)
        .push(" where keys.tenant_id = ")
        .bind(scope.tenant())
        .push(" and keys.kind = ")
        .bind(table)
        .push(" and keys.field = ")
        .literal(field)
        .push(" and keys.key = '' and keys.value = ")
        .bind(name)
        .push(" and ")
        .push(table)
        .push(".tenant_id = ")
        .bind(scope.tenant())
        .push(" and ")
        .push(table)
        .push(".name = keys.name")
}

/// Reads the rows of [`events`].
pub fn read_events(rows: &[Row], contact: &str) -> Result<Events, Error> {
    let mut found = facts::ByName::from([(contact.to_owned(), facts::Facts::default())]);
    facts::read_events(rows, &mut found)?;
    Ok(found
        .remove(contact)
        .map(|facts| facts.events)
        .unwrap_or_default())
}

/// Returns the statement that reads the last conversation that a colleague held: by taking part, or, where it is
/// PRIVATE, by having written it down.
pub fn own_last(scope: &TenantScope, of: BriefingSubject<'_>, colleague: &str, now: Micros) -> Sql {
    let columns =
        columns_in_join::<pb::Conversation>(Sql::new("select "), scope, &clock::date_of(now))
            .push("\n");
    let from = match of {
        BriefingSubject::Contact(contact) => {
            columns.append(naming(scope, "conversations", "contacts", contact))
        }
        BriefingSubject::Customer(customer) => {
            let from = columns
                .push("from conversations where conversations.tenant_id = ")
                .bind(scope.tenant());
            from.push(" and customer = ").bind(customer)
        }
    };
    from.push(" and state = 'HELD' and not broadcast and conversations.delete_time is null")
        .append(visible(Kind::Conversation, scope))
        .push("\n  and (visibility = 'PRIVATE' or exists (select 1 from keys own where own.tenant_id = ")
        .bind(scope.tenant())
        .push(" and own.kind = 'conversations' and own.field = 'our_people' and own.key = '' and own.value = ")
        .bind(colleague)
        .push(" and own.name = conversations.name))\norder by start_time desc, conversations.name desc limit 1")
}

/// Reads the row of [`own_last`].
pub fn read_own_last(rows: &[Row]) -> Result<Option<pb::Conversation>, Error> {
    rows.first()
        .map(|row| Ok(decode(row, 0)?.seen()))
        .transpose()
}

/// Returns the statement that says what people and customers are called.
pub fn names(scope: &TenantScope, names: Vec<String>) -> Sql {
    let of = |table: &'static str| {
        Sql::new("select name, display_name from ")
            .push(table)
            .push(" where tenant_id = ")
            .bind(scope.tenant())
            .push(" and name")
            .any_of(names.clone())
    };
    of("contacts")
        .push("\nunion all ")
        .append(of("colleagues"))
        .push("\nunion all ")
        .append(of("customers"))
}

/// Adds the rows of [`names`].
pub fn read_names(rows: &[Row], names: &mut BTreeMap<String, String>) -> Result<(), Error> {
    for row in rows {
        names.insert(row.text(0)?, row.text(1)?);
    }
    Ok(())
}
