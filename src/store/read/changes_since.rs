//! What changed since a conversation, in what is known of a customer or a contact.
//!
//! Change rows are found by way of the records, which say themselves when they changed last, and of their history: so
//! only what changed is walked, and changes need no index by name.

use std::collections::BTreeMap;

use crate::clock::Micros;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::read::briefing::{BriefingSubject, naming};
use crate::store::record::resource::visible;
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// The most changes that are read.
const MAX_CHANGES: i64 = 1000;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was made, or brought back.
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
    /// What it is called, or begins with.
    pub label: String,
    /// What became of it in the end.
    pub fate: Fate,
    /// The paths of the fields that changed, sorted; empty unless its fate is to be changed.
    pub paths: Vec<String>,
    /// When it changed last.
    pub commit_time: Micros,
    /// Who changed it last.
    pub actor: String,
}

/// Since when changes count, and what is none.
#[derive(Clone, Debug)]
pub struct Since {
    /// The actor's own last conversation.
    pub conversation: String,
    /// Its start.
    pub start: Micros,
    /// When it was written down. What is new since its start but older than this was there when it was written down.
    pub written: Micros,
}

/// Returns the statement that reads what changed since a conversation.
pub fn changes(scope: &TenantScope, of: BriefingSubject<'_>, since: &Since) -> Sql {
    Sql::new("select changes.name, touched.label, changes.action, changes.changed_paths, changes.commit_time, ")
        .push("changes.actor,\n  coalesce((select display_name from colleagues where colleagues.tenant_id = ")
        .bind(scope.tenant())
        .push(" and colleagues.name = changes.actor), '')\nfrom (\n  ")
        .append(touched(scope, of, since))
        .push("\n) touched cross join history cross join changes\nwhere history.tenant_id = ")
        .bind(scope.tenant())
        .push(" and history.name = touched.name\n  and changes.tenant_id = ")
        .bind(scope.tenant())
        .push(" and changes.revision = history.revision and changes.name = history.name and not changes.derived")
        .push("\n  and changes.commit_time > ")
        .bind(since.start)
        .push(" and (touched.create_time <= ")
        .bind(since.start)
        .push(" or changes.commit_time > ")
        .bind(since.written)
        .push(")\norder by changes.revision desc, changes.position")
        .limit(MAX_CHANGES)
}

/// Returns a select of the records that were touched: name, create time, and what they are called.
fn touched(scope: &TenantScope, of: BriefingSubject<'_>, since: &Since) -> Sql {
    let mut all = Sql::default();
    for (i, branch) in branches(scope, of).into_iter().enumerate() {
        let (table, from) = branch;
        let own = if table == "conversations" {
            " and conversations.name <> "
        } else {
            " and '' <> "
        };
        all = all
            .push(if i == 0 { "" } else { "\n  union\n  " })
            .push("select ")
            .push(table)
            .push(".name, ")
            .push(table)
            .push(".create_time, ")
            .append(label(scope, table))
            .push(" as label ")
            .append(from)
            .push(" and ")
            .push(table)
            .push(".update_time > ")
            .bind(since.start)
            .push(own)
            .bind(since.conversation.as_str());
    }
    all
}

fn label(scope: &TenantScope, table: &'static str) -> Sql {
    match table {
        "affiliations" => {
            Sql::new("(select display_name from contacts where contacts.tenant_id = ")
                .bind(scope.tenant())
                .push(" and contacts.name = affiliations.contact)")
        }
        "conversations" => Sql::new("conversations.subject"),
        "promises" => Sql::new("promises.text"),
        "notes" => Sql::new("substr(notes.body, 1, 100)"),
        "contacts" => Sql::new("contacts.display_name"),
        _ => Sql::new("customers.display_name"),
    }
}

/// Returns, for each kind, `from` and the condition that a record is part of what is known of somebody.
fn branches(scope: &TenantScope, of: BriefingSubject<'_>) -> Vec<(&'static str, Sql)> {
    let by = |table: &'static str, field: &'static str, name: &str| {
        let sql = Sql::new("from ")
            .push(table)
            .push(" where ")
            .push(table)
            .push(".tenant_id = ")
            .bind(scope.tenant());
        (
            table,
            sql.push(" and ")
                .push(table)
                .push(".")
                .push(field)
                .push(" = ")
                .bind(name),
        )
    };
    let named = |table: &'static str, field: &'static str, name: &str| {
        (table, naming(scope, table, field, name))
    };
    let mut branches = match of {
        BriefingSubject::Customer(name) => vec![
            by("customers", "name", name),
            by("affiliations", "customer", name),
            ("contacts", people_of(scope, name)),
            by("conversations", "customer", name),
            by("promises", "customer", name),
            named("notes", "subjects", name),
        ],
        BriefingSubject::Contact(name) => vec![
            by("contacts", "name", name),
            by("affiliations", "contact", name),
            named("conversations", "contacts", name),
            named("promises", "contacts", name),
            named("notes", "subjects", name),
        ],
    };
    for (table, from) in &mut branches {
        let kind = if *table == "conversations" {
            Kind::Conversation
        } else {
            Kind::Note
        };
        if ["conversations", "notes"].contains(table) {
            *from = std::mem::take(from).append(visible(kind, scope));
        }
    }
    branches
}

fn people_of(scope: &TenantScope, customer: &str) -> Sql {
    Sql::new("from affiliations cross join contacts where affiliations.tenant_id = ")
        .bind(scope.tenant())
        .push(" and affiliations.customer = ")
        .bind(customer)
        .push(" and affiliations.delete_time is null and contacts.tenant_id = ")
        .bind(scope.tenant())
        .push(" and contacts.name = affiliations.contact")
}

/// Reads the rows of [`changes`], one entry for each record, latest first, and adds what their actors are called.
pub fn read_changes(
    rows: &[Row],
    names: &mut BTreeMap<String, String>,
) -> Result<Vec<Changed>, Error> {
    let mut list: Vec<Changed> = Vec::new();
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let (name, actor, called) = (row.text(0)?, row.text(5)?, row.text(6)?);
        let Some(kind) = Name::parse_any(&name).map(|name| name.kind()) else {
            continue;
        };
        if !called.is_empty() {
            names.insert(actor.clone(), called);
        }
        let fate = match row.text(2)?.as_str() {
            "CREATED" | "UNDELETED" => Fate::Came,
            "DELETED" => Fate::Went,
            _ => Fate::Changed,
        };
        let Some(paths) = told_paths(kind, &row.text(3)?)? else {
            continue;
        };
        let i = *at.entry(name.clone()).or_insert(list.len());
        if i == list.len() {
            let (label, commit_time) = (row.text(1)?, row.int(4)?);
            list.push(Changed {
                name,
                kind,
                label,
                fate,
                paths,
                commit_time,
                actor,
            });
        } else {
            list[i].join_earlier(fate, paths);
        }
    }
    for changed in &mut list {
        changed.paths.sort();
        changed.paths.dedup();
        if changed.fate != Fate::Changed {
            changed.paths.clear();
        }
    }
    Ok(list)
}

/// Returns the paths of a change that are told, if the change is. Where a promise was made is not: it may be a
/// conversation that the reader must not learn of, and says nothing of what is owed.
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
    /// Adds what happened before: a record that came and was changed, came.
    fn join_earlier(&mut self, fate: Fate, paths: Vec<String>) {
        if self.fate == Fate::Changed {
            self.fate = fate;
        }
        self.paths.extend(paths);
    }
}
