//! The end of every unit that changes something: the next revision, the change rows, the history rows.
//!
//! The bump locks the tenant's row until the commit, so revisions become visible in their order and without gaps;
//! a unit that rolls back takes its number with it. After the bump come rows that belong to the unit alone, and the
//! words of `LookUp`, which units of a tenant share and which are safe there: no other unit of the tenant is between
//! its bump and its commit.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Micros;
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::engine::tx::Tx;
use crate::store::record::last_conversation::Affected;
use crate::store::record::name_index;
use crate::store::record::request::{RecordVersion, WriteOptions};
use crate::store::record::resource::{
    Resource, changed_paths, decode_one, name_of, select_for_update,
};
use crate::store::scope::TenantScope;
use crate::store::sql::author::author;
use crate::store::sql::statement::{Row, Sql, Value};

/// The most rows of one statement. A row has up to 15 values, and a statement of PostgreSQL at most 65,535.
const ROWS_AT_ONCE: usize = 1000;

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was made.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted, by itself or with its parent.
    Deleted,
    /// It was brought back.
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

/// One resource touched by a unit. Holds no personal data but in `body`, which goes to history.
#[derive(Clone, Debug)]
pub struct Change {
    kind: Kind,
    name: String,
    action: Action,
    paths: Vec<&'static str>,
    customers: Vec<String>,
    /// What goes to history; none for a derived change.
    body: Option<Vec<u8>>,
    /// What becomes of the words it is looked up by.
    words: name_index::Edit,
}

impl Change {
    /// Notes what became of a record. `before` is absent for a new one; `elsewhere` are customers whose profile it
    /// alters without naming them.
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
            words: name_index::Edit::of(before, after),
        }
    }

    /// Notes that a value which follows from other records changed.
    fn derived(kind: Kind, name: String, path: &'static str, customers: Vec<String>) -> Change {
        let words = name_index::Edit::default();
        Change {
            kind,
            name,
            action: Action::Updated,
            paths: vec![path],
            customers,
            body: None,
            words,
        }
    }
}

/// The end of a unit.
pub(crate) struct Ending<'a> {
    /// The statements that write its rows.
    pub writes: Vec<Sql>,
    /// What became of which record.
    pub changes: Vec<Change>,
    /// Whose last conversation may depend on what is written.
    pub affected: Affected,
    /// Statements that read what is written, for the answer.
    pub reads: Vec<Sql>,
    /// How the write was asked for.
    pub options: &'a WriteOptions,
    /// What is filed under its request id.
    pub versions: &'a [RecordVersion],
}

/// Ends a unit about one record, and returns the record as a read would now answer it.
pub async fn finish<R: Resource>(
    tx: &mut Tx,
    resource: R,
    writes: Vec<Sql>,
    changes: Vec<Change>,
    affected: Affected,
    options: &WriteOptions,
) -> Result<R, Error> {
    let name = name_of(&resource);
    let is_derived = !R::DERIVED.is_empty();
    let read = is_derived.then(|| select_for_update::<R>(tx.scope(), &name, tx.now()));
    let versions = [RecordVersion::of(
        resource.header().name,
        resource.header().etag,
    )];
    let reads = read.into_iter().collect();
    let ending = Ending {
        writes,
        changes,
        affected,
        reads,
        options,
        versions: &versions,
    };
    let rows = end(tx, ending)
        .await
        .map_err(|error| name_duplicate(error, &resource))?;
    match rows.first() {
        None => Ok(resource),
        Some(rows) => Ok(decode_one(rows)?.ok_or(Error::NotFound(name))?.resource),
    }
}

/// Ends a unit: its own statements, then the bump, changes and history, then what is filed under its request id.
///
/// Returns the rows of the reads, which run after the writes and in the same hand-over.
pub(crate) async fn end(tx: &mut Tx, ending: Ending<'_>) -> Result<Vec<Vec<Row>>, Error> {
    let Ending {
        writes: mut statements,
        mut changes,
        affected,
        reads,
        options,
        versions,
    } = ending;
    let scope = tx.scope().clone();
    if !affected.is_empty() {
        let mut derived = write_and_fold(tx, std::mem::take(&mut statements), &affected).await?;
        // What is derived of a new record is part of its being made.
        let made = |change: &&Change| change.action == Action::Created;
        let made: BTreeSet<String> = changes
            .iter()
            .filter(made)
            .map(|change| change.name.clone())
            .collect();
        derived.retain(|derived| !made.contains(&derived.name));
        changes.extend(derived);
    }
    let (reads_at, n_reads) = (statements.len(), reads.len());
    statements.extend(reads);
    let bump_at = statements.len();
    let request_id = options.request.as_ref().map_or("", |request| &request.id);
    statements.push(bump(&scope));
    for (chunk, changes) in changes.chunks(ROWS_AT_ONCE).enumerate() {
        statements.push(insert_changes(
            &scope,
            chunk * ROWS_AT_ONCE,
            changes,
            tx.now(),
            request_id,
        ));
        let bodies = changes
            .iter()
            .filter_map(|change| Some((&change.name, change.body.as_ref()?)));
        statements.extend(insert_history(&scope, bodies));
    }
    statements.extend(name_index::statements(
        &scope,
        changes
            .iter()
            .map(|change| (change.name.as_str(), &change.words)),
    ));
    statements.extend(options.settle(&scope, versions));
    let mut rows = tx.finish(statements).await?;
    let row = rows.get(bump_at).and_then(|rows| rows.first());
    tx.set_revision(
        row.ok_or_else(|| Error::internal("the tenant does not exist"))?
            .int(0)?,
    );
    Ok(rows.drain(reads_at..reads_at + n_reads).collect())
}

/// Writes the rows of a unit that touches conversations, and brings the last conversation of whom they concern up to
/// date: locks first, then the rows, then the folds over them.
async fn write_and_fold(
    tx: &mut Tx,
    writes: Vec<Sql>,
    affected: &Affected,
) -> Result<Vec<Change>, Error> {
    let scope = tx.scope().clone();
    let mut statements = affected.locks(&scope);
    statements.extend(writes);
    let folds_at = statements.len();
    statements.extend(affected.folds(&scope));
    let customers_at = statements.len();
    statements.push(affected.customers_of_contacts(&scope));
    let rows = tx.run(statements).await?;
    let mut customers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.get(customers_at).into_iter().flatten() {
        customers
            .entry(row.text(0)?)
            .or_default()
            .push(row.text(1)?);
    }
    let mut changes = Vec::new();
    for row in rows[folds_at..customers_at].iter().flatten() {
        let name = row.text(0)?;
        let name = Name::parse_any(&name)
            .ok_or_else(|| Error::internal("a record has a name of no kind"))?;
        let own = (name.kind() == Kind::Customer).then(|| name.to_string());
        let customers = customers.remove(&name.to_string()).unwrap_or_default();
        let customers = own.into_iter().chain(customers).collect();
        changes.push(Change::derived(
            name.kind(),
            name.to_string(),
            "last_conversation",
            customers,
        ));
    }
    Ok(changes)
}

/// Says which record stood in the way when a writer at the same time was faster than the checks before.
pub(crate) fn name_duplicate<R: Resource>(error: Error, resource: &R) -> Error {
    match error {
        Error::Duplicate { table: "keys" } => {
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
        Error::Duplicate { .. } => Error::Exists(name_of(resource)),
        other => other,
    }
}

fn bump(scope: &TenantScope) -> Sql {
    Sql::new("update tenants set revision = revision + 1 where id = ")
        .bind(scope.tenant())
        .push(" returning revision")
}

fn insert_changes(
    scope: &TenantScope,
    first: usize,
    changes: &[Change],
    now: Micros,
    request_id: &str,
) -> Sql {
    let mut sql = Sql::new(
        "insert into changes (tenant_id, revision, position, kind, name, action, changed_paths, ",
    )
    .push("customers, actor, origin, request_id, commit_time, derived)\nvalues ");
    for (i, change) in changes.iter().enumerate() {
        let position = i64::try_from(first + i).unwrap_or(i64::MAX);
        let paths = serde_json::Value::from(change.paths.as_slice()).to_string();
        let customers = serde_json::Value::from(change.customers.as_slice()).to_string();
        sql = start_row(sql, i, scope)
            .bind_all([
                position.into(),
                change.kind.collection().into(),
                change.name.as_str().into(),
                change.action.name().into(),
                paths.into(),
                customers.into(),
            ])
            .push(", ")
            .append(author(scope))
            .push(", ")
            .bind_all([
                "".into(),
                request_id.into(),
                now.into(),
                Value::Bool(change.body.is_none()),
            ])
            .push(")");
    }
    sql
}

fn insert_history<'a>(
    scope: &TenantScope,
    bodies: impl Iterator<Item = (&'a String, &'a Vec<u8>)>,
) -> Option<Sql> {
    let start = || Sql::new("insert into history (tenant_id, revision, name, body)\nvalues ");
    let mut sql = None;
    for (i, (name, body)) in bodies.enumerate() {
        let body = Value::Bytes(body.clone());
        let row = start_row(sql.unwrap_or_else(start), i, scope);
        sql = Some(row.bind(name.as_str()).push(", ").bind(body).push(")"));
    }
    sql
}

/// Starts a row of values with the tenant and the revision that the bump before it set.
fn start_row(sql: Sql, i: usize, scope: &TenantScope) -> Sql {
    sql.push(if i == 0 { "(" } else { ", (" })
        .bind(scope.tenant())
        .push(", (select revision from tenants where id = ")
        .bind(scope.tenant())
        .push("), ")
}
