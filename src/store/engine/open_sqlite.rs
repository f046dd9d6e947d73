//! Opening a SQLite file: its settings, the check that they took effect, the schema, its connections.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::error::Error;
use crate::page::TokenKey;
use crate::store::engine::db::{AT_RECORD, Engine, MAX_WRITES, SqliteWriter};
use crate::store::engine::files::Files;
use crate::store::engine::group_commit::{KEPT_LOG_BYTES, Writer, write_units};
use crate::store::engine::keeper::Keeper;
use crate::store::engine::lane::{Readers, Width};
use crate::store::engine::log_bound::LogBound;
use crate::store::engine::migrate::migrate_sqlite;
use crate::store::engine::open::{
    ADD_SECRET, OpenError, Opened, READ_EPOCH, READ_SECRET, READ_VERSION, STATEMENT_CACHE,
    assemble, check_version, new_secret, remedy, token_key, why,
};
use crate::store::engine::place::{check_owner, hold, place_of};
use crate::store::engine::planner_statistics;
use crate::store::engine::reader::Connector;
use crate::store::engine::standing::Standings;
use crate::store::engine::turns::Turns;

/// The oldest SQLite without the WAL-reset corruption (fixed in 3.51.3).
const OLDEST: (u32, u32, u32) = (3, 51, 3);
/// Who reads at one time.
const CHEAP: Width = Width {
    connections: 4,
    queue: 256,
};
const DEAR: Width = Width {
    connections: 2,
    queue: 32,
};
/// How long a start waits for its connections to a file; far longer than needed even on a busy machine.
const FILE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a write waits for another program's lock, and a read for another program's recovery.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// The page cache of a SQLite connection, 16 MiB in the pragma's notation: roughly the upper levels of all indexes of
/// a million customers, which would otherwise each be read with a system call again and again.
const PAGE_CACHE: &str = "-16384";
/// Rows buffered between SQLite's thread and the reader.
const ROW_BUFFER: usize = 1024;

/// Opens a file, created and migrated if needed.
pub(crate) async fn open_sqlite(path: &Path, clock: Clock) -> Result<Opened, OpenError> {
    let place = place_of(path)?;
    let held = hold(path, &place)?;
    check_owner(path).await?;
    let cannot = |error: sqlx::Error| cannot_open(path, error);
    let cannot_know =
        |error: std::io::Error| OpenError(format!("cannot open {}: {error}", path.display()));
    let files = Files::of(path, &place, &held.beside).map_err(cannot_know)?;
    let options = sqlite_options(&place);
    let mut writer = options
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await
        .map_err(cannot)?;
    let token_key = prepare(&mut writer, path).await?;
    let mut keeper = options.clone().connect().await.map_err(cannot)?;
    read_something(&mut keeper).await.map_err(cannot)?;
    let files = Arc::new(files.with_log().map_err(cannot_know)?);
    files
        .check()
        .map_err(|error| OpenError(format!("cannot open {}: {}", path.display(), why(&error))))?;
    let readers = readers_of(&options, Arc::clone(&files), path).await?;
    let standings = Arc::new(Standings::new());
    let keeper = Keeper::new(keeper, Arc::clone(&standings)).await;
    let (queue, units) = mpsc::channel(MAX_WRITES);
    let log_bound = LogBound::new();
    let max_log_bytes = log_bound.max_bytes();
    let writing = Writer {
        options,
        conn: Some(writer),
        keeper: keeper.map_err(cannot)?,
        files,
        standings: standings.clone(),
        log_bound,
        is_open: false,
        n_units: 0,
        checked_bytes: 0,
        is_copied_aside: false,
    };
    let task = tokio::spawn(write_units(writing, units));
    let writer = SqliteWriter {
        queue: Some(queue).into(),
        task: Some(task).into(),
        records: Turns::at_records(AT_RECORD),
        max_log_bytes,
    };
    Ok(Opened {
        db: assemble(Engine::Sqlite(writer), readers, clock, token_key, standings),
        held: Some(held),
    })
}

/// Migrates the schema, and returns the key stored in the file.
async fn prepare(writer: &mut SqliteConnection, path: &Path) -> Result<TokenKey, OpenError> {
    let cannot = |error: sqlx::Error| cannot_open(path, error);
    check_settings(writer, path).await?;
    check_version(version_of(writer).await.map_err(cannot)?, true)?;
    migrate_sqlite(writer).await.map_err(|error| {
        let path = path.display();
        OpenError(format!(
            "cannot open {path}: its schema could not be brought up to date: {}",
            why(&error)
        ))
    })?;
    planner_statistics::tell(writer).await.map_err(cannot)?;
    token_key_of(writer, path).await
}

/// The settings of every SQLite connection. The file exists and itself records that it uses a log, so a connection
/// that meets another file of that name creates and changes nothing.
pub(crate) fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(LOCK_TIMEOUT)
        // `group_commit.rs` checkpoints the log into the file.
        .pragma("wal_autocheckpoint", "0")
        .pragma("journal_size_limit", KEPT_LOG_BYTES.to_string())
        .pragma("secure_delete", "on")
        .pragma("cache_size", PAGE_CACHE)
        .statement_cache_capacity(STATEMENT_CACHE)
        .row_buffer_size(ROW_BUFFER)
        .disable_statement_logging()
}

/// Connects to a file that is a store of this version's schema, as [`connect_file`] does.
pub(crate) async fn connect_existing(path: &Path) -> Result<SqliteConnection, OpenError> {
    let cannot = |error: sqlx::Error| cannot_open(path, error);
    let mut conn = connect_file(path).await?;
    check_version(version_of(&mut conn).await.map_err(cannot)?, false)?;
    Ok(conn)
}

/// Connects to a file beside the server that may hold it; makes and changes nothing.
pub(crate) async fn connect_file(path: &Path) -> Result<SqliteConnection, OpenError> {
    let place = place_of(path)?;
    if !place.exists() {
        let path = path.display();
        return Err(OpenError(format!(
            "there is no store at {path}: `clientele serve` makes one"
        )));
    }
    let conn = sqlite_options(&place).connect().await;
    conn.map_err(|error| cannot_open(path, error))
}

/// Opens all reading connections at once: one opened later might meet another file.
async fn readers_of(
    options: &SqliteConnectOptions,
    files: Arc<Files>,
    path: &Path,
) -> Result<Readers, OpenError> {
    let options = Box::new(options.clone());
    let readers = Readers::new(Connector::Sqlite { options, files }, CHEAP, DEAR);
    match tokio::time::timeout(FILE_TIMEOUT, readers.fill()).await {
        Ok(Ok(())) => Ok(readers),
        Ok(Err(error)) => {
            let path = path.display();
            Err(OpenError(format!("cannot open {path}: {}", why(&error))))
        }
        Err(_) => Err(cannot_open(path, sqlx::Error::PoolTimedOut)),
    }
}

/// Reads something, so that SQLite opens the files beside the database.
pub(crate) async fn read_something(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("select 1 from sqlite_schema limit 1")
        .execute(conn)
        .await
        .map(drop)
}

/// Says why a file cannot be opened, and what to do.
pub(crate) fn cannot_open(path: &Path, error: sqlx::Error) -> OpenError {
    const NOTADB: &str = "26";
    let path = path.display();
    let why = match error {
        sqlx::Error::Database(error) if error.code().as_deref() == Some(NOTADB) => {
            "it is not an SQLite database, or its first page is damaged; name another file, or restore a backup"
                .to_owned()
        }
        sqlx::Error::PoolTimedOut => {
            let seconds = FILE_TIMEOUT.as_secs();
            format!("this took longer than {seconds} s; the machine or the disk is very busy, try again later")
        }
        error => {
            let text = error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
            remedy(&Error::from(error)).map_or(text, str::to_owned)
        }
    };
    OpenError(format!("cannot open {path}: {why}"))
}

async fn check_settings(conn: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let cannot = |error: sqlx::Error| cannot_open(path, error);
    let version: String = sqlx::query_scalar("select sqlite_version()")
        .fetch_one(&mut *conn)
        .await
        .map_err(cannot)?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if (part(), part(), part()) < OLDEST {
        return Err(OpenError(format!(
            "SQLite {version} can corrupt its log: 3.51.3 or newer is needed"
        )));
    }
    let mode: String = sqlx::query_scalar("pragma journal_mode")
        .fetch_one(&mut *conn)
        .await
        .map_err(cannot)?;
    let synchronous: i64 = sqlx::query_scalar("pragma synchronous")
        .fetch_one(&mut *conn)
        .await
        .map_err(cannot)?;
    if mode != "wal" || synchronous != 2 {
        let found = format!("journal_mode {mode}, synchronous {synchronous}");
        return Err(OpenError(format!(
            "SQLite did not take journal_mode wal and synchronous full ({found})"
        )));
    }
    Ok(())
}

/// Reads the version of the schema in a file; `None` if it has none.
pub(crate) async fn version_of(conn: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let exists = "select count(*) from sqlite_schema where name = '_sqlx_migrations'";
    let exists: i64 = sqlx::query_scalar(exists).fetch_one(&mut *conn).await?;
    if exists == 0 {
        return Ok(None);
    }
    sqlx::query_scalar(READ_VERSION).fetch_optional(conn).await
}

async fn token_key_of(conn: &mut SqliteConnection, path: &Path) -> Result<TokenKey, OpenError> {
    let cannot = |error: sqlx::Error| cannot_open(path, error);
    sqlx::query(ADD_SECRET)
        .bind(new_secret()?)
        .execute(&mut *conn)
        .await
        .map_err(cannot)?;
    let secret = sqlx::query_scalar(READ_SECRET);
    let secret = secret.fetch_one(&mut *conn).await.map_err(cannot)?;
    let epoch = sqlx::query_scalar(READ_EPOCH);
    let epoch = epoch.fetch_optional(conn).await.map_err(cannot)?;
    token_key(secret, epoch)
}

#[cfg(test)]
mod tests {
    use sqlx::Executor;

    use super::*;

    #[tokio::test]
    async fn a_reader_that_is_made_later_refuses_another_file() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("clientele.db");
        let held = hold(&path, &path).expect("nobody holds it");
        let options = sqlite_options(&path);
        let of_writer = options.clone().journal_mode(SqliteJournalMode::Wal);
        let mut writer = of_writer.connect().await.expect("the file opens");
        let write = "create table t (i); insert into t values (1)";
        writer.execute(write).await.expect("it can be written");
        let files = Files::of(&path, &path, &held.beside)
            .and_then(Files::with_log)
            .expect("all are there");
        let files = Arc::new(files);
        let source = Connector::Sqlite {
            options: Box::new(options.clone()),
            files,
        };
        let made = source.open(source.stop()).await;
        made.expect("it reads the file").close().await;
        let (aside, copy) = (folder.path().join("aside"), folder.path().join("copy"));
        std::fs::copy(&path, &copy).expect("a copy can be made");
        std::fs::rename(&path, &aside).expect("it can be moved");
        std::fs::rename(copy, &path).expect("the copy can be put there");
        let late = source.open(source.stop()).await;
        assert!(late.is_err(), "a reader of another file");
        // Nothing became of the log, so the file has all of its writes once it is back.
        std::fs::rename(aside, &path).expect("it can be moved back");
        let write = "insert into t values (2)";
        writer.execute(write).await.expect("it can be written");
        let mut again = options.connect().await.expect("it opens");
        let count = sqlx::query_scalar("select count(*) from t");
        let n: i64 = count.fetch_one(&mut again).await.expect("it can be read");
        assert_eq!(n, 2);
    }

    #[test]
    fn a_file_that_is_slow_to_open_is_told_to_be_slow() {
        let why = cannot_open(Path::new("clientele.db"), sqlx::Error::PoolTimedOut).to_string();
        assert!(
            why.contains("took longer than 60 s") && !why.contains("URL"),
            "{why}"
        );
    }
}
