//! The end of every unit that changes something: the next revision, the change rows, the history rows.
//!
//! The bump locks the tenant's row until the commit, so revisions become visible in order and without gaps; a unit
//! that rolls back takes its number with it. After the bump come rows that belong to the unit alone, and the words of
//! `LookUp`, which units of a tenant share and which are safe there: no other unit of the tenant is between its bump
//! and its commit.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Micros;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::engine::tx::Tx;
use crate::store::record::channel_use;
use crate::store::record::counted::{self, Affected};
use crate::store::record::last_conversation;
use crate::store::record::name_index;
use crate::store::record::request::{RecordVersion, WriteOptions};
use crate::store::record::resource::{Resource, changed_paths, name_of};
use crate::store::scope::TenantScope;
use crate::store::sql::author::author;
use crate::store::sql::part::ROWS_AT_ONCE;
use crate::store::sql::query::{Queries, Query};
use crate::store::sql::statement::{Part, Value, scoped};

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was created.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted, by itself or with its parent.
    Deleted,
    /// It was undeleted.
    Undeleted,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Action::Created => "CREATED",
            Action::Updated => "UPDATED",
            Action::Deleted => "DELETED",
            Action::Undeleted => "UNDELETED",
        }
    }
}

/// One resource touched by a unit. Holds no personal data except in `body`, which goes to history.
#[derive(Clone, Debug)]
pub struct Change {
    kind: Kind,
    name: String,
    action: Action,
    paths: Vec<&'static str>,
    customers: Vec<String>,
    /// What goes to history; absent for a derived change.
    body: Option<Vec<u8>>,
    /// How the words it is looked up by change.
    words: name_index::NameEdit,
}

impl Change {
    /// Describes what happened to a record. `before` is absent for a new one; `elsewhere` lists customers whose
    /// profile it alters without naming them.
    pub fn of<R: Resource>(
        action: Action,
        before: Option<&R>,
        after: &R,
        elsewhere: &[String],
    ) -> Change {
        let mut customers = after.customers();
        customers.extend(before.map(R::customers).unwrap_or_default());
        customers.extend_from_slice(elsewhere);
        customers.sort();
        customers.dedup();
        let paths = before
            .map(|before| changed_paths(before, after))
            .unwrap_or_default();
        let mut kept = after.clone();
        kept.clear_derived();
        let (name, body) = (after.header().name.to_owned(), Some(kept.encode_to_vec()));
        Change {
            kind: R::KIND,
            name,
            action,
            paths,
            customers,
            body,
            words: name_index::NameEdit::of(before, after),
        }
    }

    /// Describes how a child went or came along with its parent, given its state encoded.
    pub(crate) fn of_child(
        kind: Kind,
        name: String,
        action: Action,
        customers: Vec<String>,
        body: Vec<u8>,
    ) -> Change {
        Change {
            kind,
            name,
            action,
            paths: vec!["delete_time"],
            customers,
            body: Some(body),
            words: name_index::NameEdit::default(),
        }
    }

    /// Describes the change of values that follow from other records.
    fn derived(
        kind: Kind,
        name: String,
        paths: Vec<&'static str>,
        customers: Vec<String>,
    ) -> Change {
        let words = name_index::NameEdit::default();
        Change {
            kind,
            name,
            action: Action::Updated,
            paths,
            customers,
            body: None,
            words,
        }
    }
}

/// The end of a unit.
pub(crate) struct Ending<'a, Q> {
    /// The statements that write its rows.
    pub writes: Vec<Query<()>>,
    /// What happened to which records.
    pub changes: Vec<Change>,
    /// Whose derived values depend on the writes.
    pub affected: Affected,
    /// Queries that read the result of the writes, for the answer.
    pub reads: Q,
    /// Request id and dry run.
    pub options: &'a WriteOptions,
    /// What is filed under its request id.
    pub versions: &'a [RecordVersion],
    /// Whether the tenant has its next revision already; see [`bump_now`].
    pub is_bumped: bool,
}

/// Ends a unit: its own statements, then the bump, changes and history, then what is filed under its request id.
///
/// Returns the answers of the reads, which run after the writes and in the same hand-over.
pub(crate) async fn end<Q: Queries>(
    tx: &mut Tx,
    mut ending: Ending<'_, Q>,
) -> Result<Q::Answers, Error> {
    if !ending.affected.is_empty() {
        write_and_fold(tx, &mut ending).await?;
    }
    let Ending {
        writes,
        changes,
        reads,
        options,
        versions,
        is_bumped,
        ..
    } = ending;
    let scope = tx.scope().clone();
    let request_id = options.request.as_ref().map_or("", |request| &request.id);
    let words = changes
        .iter()
        .map(|change| (change.name.as_str(), &change.words));
    let (_, answers, revision, ..) = tx
        .finish((
            writes,
            reads,
            (!is_bumped).then(|| bump(&scope)),
            insert_all(&scope, &changes, tx.now(), request_id),
            name_index::statements(&scope, words),
            options.settle(&scope, versions),
        ))
        .await?;
    if let Some(revision) = revision {
        set_revision(tx, revision)?;
    }
    Ok(answers)
}

/// Gives the tenant its next revision before the end. From here on no other unit of the tenant commits, so what is read
/// now of records that are not locked still holds at the commit.
pub(crate) async fn bump_now<Q>(tx: &mut Tx, ending: &mut Ending<'_, Q>) -> Result<(), Error> {
    let revision = tx.run(bump(tx.scope())).await?;
    set_revision(tx, revision)?;
    ending.is_bumped = true;
    Ok(())
}

fn set_revision(tx: &mut Tx, revision: Option<i64>) -> Result<(), Error> {
    // The tenant was deleted since the unit began (`Tx::run`).
    let revision = revision.ok_or(Error::CredentialInvalid)?;
    tx.set_revision(revision);
    Ok(())
}

/// Writes the rows of a unit, and then the derived values of everyone concerned, who are locked.
pub(crate) async fn write_and_fold<Q>(
    tx: &mut Tx,
    ending: &mut Ending<'_, Q>,
) -> Result<(), Error> {
    let scope = tx.scope().clone();
    let writes = std::mem::take(&mut ending.writes);
    let affected = std::mem::take(&mut ending.affected);
    let (before, _, _, folded, counted, after, of_contacts) = tx
        .run((
            channel_use::frequencies(&scope, &affected.customers),
            writes,
            counted::contact_rows(&scope, &affected),
            last_conversation::folds(&scope, &affected),
            channel_use::folds(&scope, &affected),
            channel_use::frequencies(&scope, &affected.customers),
            counted::customers_of_contacts(&scope, &affected),
        ))
        .await?;
    let mut changed: BTreeMap<Name, Vec<&'static str>> = BTreeMap::new();
    for name in folded.into_iter().flatten() {
        let paths = changed.entry(named(&name)?).or_default();
        paths.push(last_conversation::FIELD);
    }
    if let Some((_, counted, begun)) = counted {
        for (field, names) in channel_use::FIELDS.into_iter().zip([counted, begun]) {
            for name in names {
                changed.entry(named(&name)?).or_default().push(field);
            }
        }
    }
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    for (name, _) in before.difference(&after) {
        let paths = changed.entry(named(name)?).or_default();
        paths.push(channel_use::FREQUENCY);
    }
    let mut customers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (contact, customer) in of_contacts.unwrap_or_default() {
        customers.entry(contact).or_default().push(customer);
    }
    let derived = |(name, paths): (Name, Vec<&'static str>)| {
        let (kind, name) = (name.kind(), name.to_string());
        let own = (kind == Kind::Customer).then(|| name.clone());
        let customers = customers.remove(&name).unwrap_or_default();
        let customers = own.into_iter().chain(customers).collect();
        Change::derived(kind, name, paths, customers)
    };
    let mut derived: Vec<Change> = changed.into_iter().map(derived).collect();
    // A derived change of a new record is part of its creation.
    let made: BTreeSet<&String> = ending
        .changes
        .iter()
        .filter(|change| change.action == Action::Created)
        .map(|change| &change.name)
        .collect();
    derived.retain(|derived| !made.contains(&derived.name));
    ending.changes.extend(derived);
    Ok(())
}

fn named(name: &str) -> Result<Name, Error> {
    Name::parse_any(name).ok_or_else(|| Error::internal("a record has a name of no kind"))
}

/// Names what was in the way when a concurrent writer was faster than the checks before, if it was in the way of this
/// record and not of one made along with it.
pub(crate) fn name_duplicate<R: Resource>(error: Error, resource: &R) -> Error {
    match error {
        Error::Duplicate { table: "keys" } if !resource.header().external_ids.is_empty() => {
            let mut systems: Vec<&str> = resource
                .header()
                .external_ids
                .iter()
                .map(|id| id.system.as_str())
                .collect();
            systems.dedup();
            Error::ExternalIdExists {
                kind: R::KIND,
                system: systems.join(", "),
                holder: None,
            }
        }
        Error::Duplicate { table } if table == R::KIND.collection() => {
            Error::Exists(name_of(resource))
        }
        other => other,
    }
}

fn bump(scope: &TenantScope) -> Query<Option<i64>> {
    let bump = scoped!(
        scope,
        "update tenants set revision = revision + 1
         where id = :tenant and delete_time is null returning revision",
    );
    bump.maybe(["revision"], |row, [revision]| row.int(revision))
}

/// Returns the statements that insert changes and their history, under the revision set by the preceding bump.
fn insert_all(
    scope: &TenantScope,
    changes: &[Change],
    now: Micros,
    request_id: &str,
) -> Vec<Query<()>> {
    let mut statements = Vec::new();
    for (chunk, changes) in changes.chunks(ROWS_AT_ONCE).enumerate() {
        let rows = changes.iter().zip(chunk * ROWS_AT_ONCE..);
        let rows = Part::rows(scope, rows.map(|(change, position)| change.row(position)));
        statements.push(insert_changes(scope, rows, now, request_id));
        let rows = Part::rows(scope, changes.iter().filter_map(Change::history_row));
        statements.extend((!rows.is_empty()).then(|| insert_history(scope, rows)));
    }
    statements
}

fn insert_changes(scope: &TenantScope, rows: Part, now: Micros, request_id: &str) -> Query<()> {
    let insert = scoped!(
        scope,
        "insert into changes (tenant_id, revision, position, kind, name, action, changed_paths,
           customers, actor, origin, request_id, commit_time, derived)
         select :tenant, tenants.revision, edit.column2, edit.column3, edit.column4, edit.column5,
           edit.column6, edit.column7, :{author}, '', :request_id, :now, edit.column8
         from tenants cross join (values :{rows}) as edit
         where tenants.id = :tenant",
        author = author(scope),
        request_id,
        now,
        rows,
    );
    insert.done()
}

fn insert_history(scope: &TenantScope, rows: Part) -> Query<()> {
    let insert = scoped!(
        scope,
        "insert into history (tenant_id, revision, name, body)
         select :tenant, tenants.revision, edit.column2, edit.column3
         from tenants cross join (values :{rows}) as edit
         where tenants.id = :tenant",
        rows,
    );
    insert.done()
}

impl Change {
    fn row(&self, position: usize) -> Vec<Value> {
        vec![
            i64::try_from(position).unwrap_or(i64::MAX).into(),
            self.kind.collection().into(),
            (&self.name).into(),
            self.action.name().into(),
            serde_json::Value::from(self.paths.as_slice())
                .to_string()
                .into(),
            serde_json::Value::from(self.customers.as_slice())
                .to_string()
                .into(),
            self.body.is_none().into(),
        ]
    }

    fn history_row(&self) -> Option<Vec<Value>> {
        let body = self.body.clone()?;
        Some(vec![(&self.name).into(), Value::Bytes(body)])
    }
}
