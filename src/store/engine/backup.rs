//! Copies of a SQLite file: made beside a running server, checked, and put where a lost one was.
//!
//! A copy is one state of the store, written by `vacuum into` under a temporary name. It gets its own name, which nothing
//! may have, once it is whole, checked and on disk. When copies are made, and where they are kept, is up to the operator.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tempfile::NamedTempFile;

use crate::clock::Micros;
use crate::error::Error;
use crate::store::engine::epoch::begin_in_file;
use crate::store::engine::files::beside;
use crate::store::engine::open::{OpenError, check_version, why};
use crate::store::engine::open_sqlite::{cannot_open, connect_file, version_of};
use crate::store::engine::place::{lock_beside, place_of};

/// How often a copy says how far it is.
const REPORT_EVERY: Duration = Duration::from_millis(200);
/// What SQLite has beside a file.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What a file holds.
#[derive(Debug)]
pub struct FileContent {
    /// Its length, in bytes.
    pub bytes: u64,
    /// The version of its schema.
    pub schema: i64,
    /// Its tenants, by name.
    pub tenants: Vec<TenantState>,
}

/// How far a tenant is.
#[derive(Debug)]
pub struct TenantState {
    /// Its name.
    pub tenant: String,
    /// Its revision.
    pub revision: i64,
    /// When it was last written; `None` if it never was.
    pub last_commit_time: Option<Micros>,
}

/// What is being done.
pub enum Step<'a> {
    /// A file is read through.
    Checking(&'a Path),
    /// A copy is written.
    Copying {
        /// How much is written, in bytes.
        bytes: u64,
        /// How much it will be at most.
        of: u64,
    },
}

/// Is told what is being done.
pub type OnStep<'a> = &'a mut (dyn FnMut(Step<'_>) + Send);

/// Copies a store, also while a server runs on it, and returns what the copy holds.
pub async fn back_up(from: &Path, to: &Path, report: OnStep<'_>) -> Result<FileContent, OpenError> {
    let place = place_of(to)?;
    refuse_taken(&place)?;
    let mut source = connect_file(from).await?;
    schema_of(&mut source, from).await?;
    // Rows that hang in a damaged page are missing from a copy, which is whole in itself.
    report(Step::Checking(from));
    check_pages(&mut source, from, "pragma quick_check(1)").await?;
    let copy = copy(&mut source, from, &place, report).await?;
    source.close().await?;
    report(Step::Checking(to));
    let mut conn = connect_copy(&copy).await?;
    let content = check(&mut conn, to).await?;
    conn.close().await?;
    keep(copy, &place)?;
    Ok(content)
}

/// Puts a copy of a backup where nothing is, and begins a new epoch in it. Returns what it holds.
pub async fn restore(from: &Path, to: &Path, report: OnStep<'_>) -> Result<FileContent, OpenError> {
    let place = place_of(to)?;
    // No server makes a store there meanwhile.
    let _lock = lock_beside(to, &place)?;
    refuse_taken(&place)?;
    let mut source = Source::open(from).await?;
    report(Step::Checking(from));
    check(&mut source.conn, from).await?;
    let copy = copy(&mut source.conn, from, &place, report).await?;
    source.close().await?;
    let mut conn = connect_copy(&copy).await?;
    begin_in_file(&mut conn).await?;
    report(Step::Checking(to));
    let content = check(&mut conn, to).await?;
    conn.close().await?;
    keep(copy, &place)?;
    Ok(content)
}

/// Checks a backup or a store, and returns what it holds. Changes nothing.
pub async fn verify(path: &Path, report: OnStep<'_>) -> Result<FileContent, OpenError> {
    let mut source = Source::open(path).await?;
    report(Step::Checking(path));
    let content = check(&mut source.conn, path).await?;
    source.close().await?;
    Ok(content)
}

/// A file that is only read.
struct Source<'a> {
    path: &'a Path,
    conn: SqliteConnection,
    /// What it was like when nobody had it open; absent if somebody may.
    at_rest: Option<(SystemTime, u64)>,
}

impl Source<'_> {
    /// Opens a file. One that has no log is not locked, and nothing is made beside it: a backup may lie where nothing
    /// can be written.
    async fn open(path: &Path) -> Result<Source<'_>, OpenError> {
        let place = place_of(path)?;
        if !place.exists() {
            let path = path.display();
            return Err(OpenError(format!("there is no file {path}")));
        }
        let has_log = BESIDE.iter().any(|suffix| beside(&place, suffix).exists());
        let at_rest = (!has_log).then(|| stamp(path)).transpose()?;
        let options = SqliteConnectOptions::new()
            .filename(&place)
            .read_only(true)
            .immutable(at_rest.is_some())
            .disable_statement_logging();
        let conn = options.connect().await;
        let conn = conn.map_err(|error| cannot_open(path, error))?;
        Ok(Source {
            path,
            conn,
            at_rest,
        })
    }

    /// Closes the file; fails if somebody has written to it as if nobody read it.
    async fn close(self) -> Result<(), OpenError> {
        self.conn.close().await?;
        match self.at_rest {
            Some(before) if stamp(self.path)? != before => Err(OpenError(format!(
                "{} was written to meanwhile: try again",
                self.path.display()
            ))),
            _ => Ok(()),
        }
    }
}

/// Returns when a file was last written, and how long it is.
fn stamp(path: &Path) -> Result<(SystemTime, u64), OpenError> {
    let of_file = |metadata: fs::Metadata| Ok((metadata.modified()?, metadata.len()));
    let stamp = fs::metadata(path).and_then(of_file);
    stamp.map_err(|error| OpenError(format!("cannot read {}: {error}", path.display())))
}

/// Refuses a name that something has, or beside which lies a log that SQLite would take for that of the new file.
fn refuse_taken(place: &Path) -> Result<(), OpenError> {
    let taken = [""].iter().chain(&BESIDE);
    let mut taken = taken.map(|suffix| beside(place, suffix));
    match taken.find(|path| path.symlink_metadata().is_ok()) {
        None => Ok(()),
        Some(path) => Err(is_taken(&path)),
    }
}

fn is_taken(path: &Path) -> OpenError {
    OpenError(format!(
        "{} exists, and nothing is overwritten: name another file, or move it away",
        path.display()
    ))
}

/// Writes the state that a connection sees to a file without a name of its own yet, in the folder of its place.
async fn copy(
    source: &mut SqliteConnection,
    from: &Path,
    place: &Path,
    report: OnStep<'_>,
) -> Result<NamedTempFile, OpenError> {
    let cannot = |why: String| {
        let (from, to) = (from.display(), place.display());
        OpenError(format!("cannot copy {from} to {to}: {why}"))
    };
    let copy = tempfile::Builder::new()
        .prefix(".clientele-")
        .suffix(".partial")
        .tempfile_in(folder_of(place))
        .map_err(|error| cannot(error.to_string()))?;
    let name = copy.path().to_str();
    let name = name.ok_or_else(|| cannot("its name is not UTF-8".to_owned()))?;
    let of = n_bytes(source).await?;
    let mut copying = std::pin::pin!(sqlx::query("vacuum into $1").bind(name).execute(source));
    let mut ticks = tokio::time::interval(REPORT_EVERY);
    let copied = loop {
        tokio::select! {
            copied = &mut copying => break copied,
            _ = ticks.tick() => {
                let bytes = fs::metadata(copy.path()).map_or(0, |metadata| metadata.len());
                report(Step::Copying { bytes, of });
            }
        }
    };
    match copied {
        Ok(_) => Ok(copy),
        Err(error) => Err(cannot(why(&Error::from(error)))),
    }
}

/// Opens a copy that nobody else knows yet.
async fn connect_copy(copy: &NamedTempFile) -> Result<SqliteConnection, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(copy.path())
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    Ok(options.connect().await?)
}

/// Gives a copy its name once it is on disk.
fn keep(copy: NamedTempFile, place: &Path) -> Result<(), OpenError> {
    let named = copy
        .as_file()
        .sync_all()
        .and_then(|()| Ok(copy.persist_noclobber(place)?))
        .and_then(|_| File::open(folder_of(place))?.sync_all());
    named.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => is_taken(place),
        _ => OpenError(format!("cannot write {}: {error}", place.display())),
    })
}

fn folder_of(place: &Path) -> &Path {
    place.parent().unwrap_or(Path::new("/"))
}

/// Checks that a file is a store that this version knows, and that it is whole; returns what it holds.
async fn check(conn: &mut SqliteConnection, path: &Path) -> Result<FileContent, OpenError> {
    let schema = schema_of(conn, path).await?;
    check_pages(conn, path, "pragma integrity_check(1)").await?;
    let cannot = |error: sqlx::Error| cannot_open(path, error);
    let orphans = sqlx::query("pragma foreign_key_check");
    if orphans
        .fetch_optional(&mut *conn)
        .await
        .map_err(cannot)?
        .is_some()
    {
        return Err(is_damaged(path, "a row belongs to one that is not there"));
    }
    let rows: Vec<TenantRow> = sqlx::query_as(TENANTS)
        .fetch_all(&mut *conn)
        .await
        .map_err(cannot)?;
    let tenants = rows.into_iter().map(|row| state_of(path, row));
    Ok(FileContent {
        tenants: tenants.collect::<Result<_, _>>()?,
        bytes: n_bytes(conn).await.map_err(cannot)?,
        schema,
    })
}

/// A tenant, its revision, when it was last written, and the revision of its last change, which is its own.
type TenantRow = (String, i64, Option<Micros>, Option<i64>);

fn state_of(path: &Path, row: TenantRow) -> Result<TenantState, OpenError> {
    let (tenant, revision, last_commit_time, last_change) = row;
    if last_change.is_some_and(|last| last != revision) {
        let what = format!("tenant {tenant} is not at its last change");
        return Err(is_damaged(path, &what));
    }
    Ok(TenantState {
        tenant,
        revision,
        last_commit_time,
    })
}

const TENANTS: &str = "\
    select id as tenant, revision,
      (select max(commit_time) from changes
       where changes.tenant_id = tenants.id and changes.revision = tenants.revision) as last_commit_time,
      (select max(revision) from changes where changes.tenant_id = tenants.id) as last_change
    from tenants order by id";

async fn schema_of(conn: &mut SqliteConnection, path: &Path) -> Result<i64, OpenError> {
    let version = version_of(conn).await;
    let Some(version) = version.map_err(|error| cannot_open(path, error))? else {
        let path = path.display();
        return Err(OpenError(format!("{path} is no store of clientele")));
    };
    check_version(Some(version), true)?;
    Ok(version)
}

/// Has SQLite read through a file. What it finds names tables, indexes and pages, and no values.
async fn check_pages(
    conn: &mut SqliteConnection,
    path: &Path,
    check: &'static str,
) -> Result<(), OpenError> {
    let found = sqlx::query_scalar::<_, String>(check).fetch_one(conn).await;
    match found.map_err(|error| cannot_open(path, error))?.as_str() {
        "ok" => Ok(()),
        problem => Err(is_damaged(path, problem)),
    }
}

fn is_damaged(path: &Path, problem: &str) -> OpenError {
    let (path, problem) = (path.display(), problem.replace('\n', "; "));
    OpenError(format!(
        "{path} is damaged ({problem}): keep a copy of it, and restore a backup"
    ))
}

/// Returns the length of what a file holds, without the pages that are free.
async fn n_bytes(conn: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    let used = "select (page_count - freelist_count) * page_size
                from pragma_page_count, pragma_freelist_count, pragma_page_size";
    let bytes: i64 = sqlx::query_scalar(used).fetch_one(conn).await?;
    Ok(bytes.unsigned_abs())
}
