//! What changed since a conversation in what is known about a customer or a contact.
//!
//! Change rows are found through the records, which store when they last changed, and through their history: only
//! what changed is read, and changes need no index by name.

use std::collections::BTreeMap;

use crate::clock::Micros;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::read::briefing::BriefedRecord;
use crate::store::record::resource::visible;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Row, Sql, scoped};

/// The most changes read.
const MAX_CHANGES: i64 = 1000;

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was created or undeleted.
    Came,
    /// It was deleted.
    Went,
    /// It was changed.
    Changed,
}

/// A record that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Its display name, or the beginning of its text.
    pub label: String,
    /// What happened to it in the end.
    pub fate: Fate,
    /// The paths of the fields that changed, sorted; empty unless its fate is [`Fate::Changed`].
    pub paths: Vec<String>,
    /// When it last changed.
    pub commit_time: Micros,
    /// Who last changed it.
    pub actor: String,
}

/// From when changes count, and what does not count as one.
#[derive(Clone, Debug)]
pub struct Since {
    /// The actor's own last conversation.
    pub conversation: String,
    /// Its start.
    pub start: Micros,
    /// When it was written down. Changes to a record created after the start count only if they are later than this:
    /// the rest was known by then.
    pub written: Micros,
}

/// What changed, and the display names of those who changed it.
#[derive(Debug, Default)]
pub struct Changes {
    /// One entry for each record, latest first.
    pub records: Vec<Changed>,
    /// The display names of the actors who are colleagues, by name.
    pub names: BTreeMap<String, String>,
}

/// Reads what changed since a conversation: at most 1,000 changes, the latest ones.
pub fn changes(scope: &TenantScope, record: BriefedRecord<'_>, since: &Since) -> Query<Changes> {
    let touched = match record {
        BriefedRecord::Customer(customer) => touched_of_customer(scope, customer, since),
        BriefedRecord::Contact(contact) => touched_of_contact(scope, contact, since),
    };
    scoped!(
        scope,
        "select changes.name, touched.label, changes.action, changes.changed_paths,
           changes.commit_time, changes.actor,
           coalesce((select display_name from colleagues
             where colleagues.tenant_id = :tenant and colleagues.name = changes.actor), '')
             as actor_display_name
         from (
             :{touched}
           ) touched cross join history cross join changes
         where history.tenant_id = :tenant and history.name = touched.name
           and changes.tenant_id = :tenant and changes.revision = history.revision
           and changes.name = history.name and not changes.derived
           and changes.commit_time > :start
           and (touched.create_time <= :start or changes.commit_time > :written)
         order by changes.revision desc, changes.position
         limit +:most",
        touched,
        start = since.start,
        written = since.written,
        most = MAX_CHANGES,
    )
    .rows(CHANGE_COLUMNS, ChangeRow::read)
    .map(merge)
}

/// Returns a select of the touched records: name, create time, and display name.
fn touched_of_customer(scope: &TenantScope, customer: &str, since: &Since) -> Sql {
    scoped!(
        scope,
        "select customers.name, customers.create_time, customers.display_name as label
         from customers
         where customers.tenant_id = :tenant and customers.name = :customer
           and customers.update_time > :start
         union
         select affiliations.name, affiliations.create_time,
           (select display_name from contacts
             where contacts.tenant_id = :tenant and contacts.name = affiliations.contact) as label
         from affiliations
         where affiliations.tenant_id = :tenant and affiliations.customer = :customer
           and affiliations.update_time > :start
         union
         select contacts.name, contacts.create_time, contacts.display_name as label
         from affiliations cross join contacts
         where affiliations.tenant_id = :tenant and affiliations.customer = :customer
           and affiliations.delete_time is null
           and contacts.tenant_id = :tenant and contacts.name = affiliations.contact
           and contacts.update_time > :start
         union
         select conversations.name, conversations.create_time, conversations.subject as label
         from conversations
         where conversations.tenant_id = :tenant and conversations.customer = :customer
           :{visible_conversations}
           and conversations.update_time > :start and conversations.name <> :conversation
         union
         select promises.name, promises.create_time, promises.text as label
         from promises
         where promises.tenant_id = :tenant and promises.customer = :customer
           and promises.update_time > :start
         union
         :{notes}",
        customer,
        start = since.start,
        visible_conversations = visible(Kind::Conversation, scope),
        conversation = &since.conversation,
        notes = touched_notes(scope, customer, since),
    )
}

/// Returns the same columns as [`touched_of_customer`].
fn touched_of_contact(scope: &TenantScope, contact: &str, since: &Since) -> Sql {
    scoped!(
        scope,
        "select contacts.name, contacts.create_time, contacts.display_name as label
         from contacts
         where contacts.tenant_id = :tenant and contacts.name = :contact
           and contacts.update_time > :start
         union
         select affiliations.name, affiliations.create_time,
           (select display_name from contacts
             where contacts.tenant_id = :tenant and contacts.name = affiliations.contact) as label
         from affiliations
         where affiliations.tenant_id = :tenant and affiliations.contact = :contact
           and affiliations.update_time > :start
         union
         select conversations.name, conversations.create_time, conversations.subject as label
         from keys cross join conversations
         where keys.tenant_id = :tenant and keys.kind = 'conversations'
           and keys.field = 'contacts' and keys.key = '' and keys.value = :contact
           and conversations.tenant_id = :tenant and conversations.name = keys.name
           :{visible_conversations}
           and conversations.update_time > :start and conversations.name <> :conversation
         union
         select promises.name, promises.create_time, promises.text as label
         from keys cross join promises
         where keys.tenant_id = :tenant and keys.kind = 'promises'
           and keys.field = 'contacts' and keys.key = '' and keys.value = :contact
           and promises.tenant_id = :tenant and promises.name = keys.name
           and promises.update_time > :start
         union
         :{notes}",
        contact,
        start = since.start,
        visible_conversations = visible(Kind::Conversation, scope),
        conversation = &since.conversation,
        notes = touched_notes(scope, contact, since),
    )
}

fn touched_notes(scope: &TenantScope, record: &str, since: &Since) -> Sql {
    scoped!(
        scope,
        "select notes.name, notes.create_time, substr(notes.body, 1, 100) as label
         from keys cross join notes
         where keys.tenant_id = :tenant and keys.kind = 'notes'
           and keys.field = 'records' and keys.key = '' and keys.value = :record
           and notes.tenant_id = :tenant and notes.name = keys.name :{visible}
           and notes.update_time > :start",
        record,
        visible = visible(Kind::Note, scope),
        start = since.start,
    )
}

/// One row of [`changes`].
struct ChangeRow {
    name: String,
    label: String,
    action: String,
    paths: String,
    commit_time: Micros,
    actor: String,
    actor_display_name: String,
}

const CHANGE_COLUMNS: [&str; 7] = [
    "name",
    "label",
    "action",
    "changed_paths",
    "commit_time",
    "actor",
    "actor_display_name",
];

impl ChangeRow {
    fn read(row: &Row, columns: [usize; 7]) -> Result<ChangeRow, Error> {
        let [
            name,
            label,
            action,
            paths,
            commit_time,
            actor,
            actor_display_name,
        ] = columns;
        Ok(ChangeRow {
            name: row.text(name)?,
            label: row.text(label)?,
            action: row.text(action)?,
            paths: row.text(paths)?,
            commit_time: row.int(commit_time)?,
            actor: row.text(actor)?,
            actor_display_name: row.text(actor_display_name)?,
        })
    }

    fn fate(&self) -> Fate {
        match self.action.as_str() {
            "CREATED" | "UNDELETED" => Fate::Came,
            "DELETED" => Fate::Went,
            _ => Fate::Changed,
        }
    }
}

/// Merges the changes of each record into one entry.
fn merge(changes: Vec<ChangeRow>) -> Result<Changes, Error> {
    let mut merged = Changes::default();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for change in changes {
        let Some(kind) = Name::parse_any(&change.name).map(|name| name.kind()) else {
            continue;
        };
        if !change.actor_display_name.is_empty() {
            let display_name = change.actor_display_name.clone();
            merged.names.insert(change.actor.clone(), display_name);
        }
        let Some(paths) = told_paths(kind, &change.paths)? else {
            continue;
        };
        let fate = change.fate();
        if let Some(place) = places.get(&change.name) {
            merged.records[*place].join_earlier(fate, paths);
            continue;
        }
        places.insert(change.name.clone(), merged.records.len());
        merged.records.push(Changed {
            name: change.name,
            kind,
            label: change.label,
            fate,
            paths,
            commit_time: change.commit_time,
            actor: change.actor,
        });
    }
    for changed in &mut merged.records {
        changed.paths.sort();
        changed.paths.dedup();
        if changed.fate != Fate::Changed {
            changed.paths.clear();
        }
    }
    Ok(merged)
}

/// Returns the paths of a change that are shown, if the change itself is. Where a promise was made is not shown: it
/// may be a conversation that the reader must not learn of, and says nothing about what is owed.
fn told_paths(kind: Kind, paths: &str) -> Result<Option<Vec<String>>, Error> {
    let paths: Vec<String> = serde_json::from_str(paths).map_err(Error::internal)?;
    let is_told = |path: &String| kind != Kind::Promise || path != "conversation";
    if paths.iter().all(is_told) {
        return Ok(Some(paths));
    }
    let told: Vec<String> = paths.into_iter().filter(is_told).collect();
    Ok(Some(told).filter(|told| !told.is_empty()))
}

impl Changed {
    /// Adds what happened earlier: a record that was created and then changed counts as created.
    fn join_earlier(&mut self, fate: Fate, paths: Vec<String>) {
        if self.fate == Fate::Changed {
            self.fate = fate;
        }
        self.paths.extend(paths);
    }
}
