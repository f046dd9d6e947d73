//! Opening a file of SQLite: where it really is, who else holds it, its settings, the check that they took, the schema.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, SqliteConnection, SqlitePool};
use tokio::sync::mpsc;

use super::db::{Engine, MAX_WRITES, SqliteWriter};
use super::failure::cause;
use super::files::Files;
use super::group::{Writer, write_units};
use super::migrate::migrate_sqlite;
use super::open::{
    ACQUIRE_TIMEOUT, ADD_SECRET, OpenError, Opened, READ_SECRET, READ_VERSION, STATEMENT_CACHE, as_secret, assemble,
    check_version, new_secret,
};
use super::standing::Standings;
use super::statistics;
use crate::clock::Clock;
use crate::page::TokenKey;

/// The oldest SQLite without the WAL-reset corruption (fixed in 3.51.3).
const OLDEST: (u32, u32, u32) = (3, 51, 3);
/// Reading connections of SQLite.
const READERS: u32 = 4;
/// How long a start waits for its connections to a file; far longer than it takes on a busy machine.
const FILE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a write waits for the lock of another program, and a read for that of its recovery.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// The pages that a connection to SQLite keeps for itself, 16 MiB as the pragma writes it: about the upper levels of
/// all indexes of a million customers, each of which else is a call to the system again and again.
const PAGE_CACHE: &str = "-16384";
/// Rows that wait between SQLite's thread and the reader.
const ROW_BUFFER: usize = 1024;

/// Opens a file, made and brought up to date if need be.
pub(super) async fn open_sqlite(path: &Path, clock: Clock) -> Result<Opened, OpenError> {
    let place = place_of(path)?;
    let lock = lock_file(path, &place)?;
    make_private(path)?;
    check_owner(path).await?;
    let options = sqlite_options(&place);
    let cannot = |error: sqlx::Error| cannot_open(path, &error);
    let mut writer = options.clone().connect().await.map_err(cannot)?;
    check_settings(&mut writer, path).await?;
    check_version(version_of(&mut writer).await.map_err(cannot)?, true)?;
    migrate_sqlite(&mut writer).await.map_err(|error| {
        OpenError(format!(
            "cannot open {}: its schema could not be brought up to date: {}",
            path.display(),
            cause(&error)
        ))
    })?;
    statistics::tell(&mut writer).await.map_err(cannot)?;
    let token_key = TokenKey::new(secret_of(&mut writer, path).await?);
    let mut keeper = options.clone().connect().await.map_err(cannot)?;
    read_something(&mut keeper).await.map_err(cannot)?;
    let files = Files::of(&place).map_err(|error| OpenError(format!("cannot open {}: {error}", path.display())))?;
    let (files, standings) = (Arc::new(files), Arc::new(Standings::new()));
    let readers = readers_of(&options, Arc::clone(&files)).await.map_err(cannot)?;
    let (queue, jobs) = mpsc::channel(MAX_WRITES);
    let writing =
        Writer { options, conn: Some(writer), keeper, files: files.clone(), standings: standings.clone(), n_units: 0 };
    let task = tokio::spawn(write_units(writing, jobs));
    let writer = SqliteWriter { queue: Some(queue).into(), task: Some(task).into() };
    let engine = Engine::Sqlite { readers, writer, files };
    Ok(Opened { db: assemble(engine, clock, token_key, standings), _lock: Some(lock) })
}

/// The settings of every SQLite connection.
pub(super) fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(LOCK_TIMEOUT)
        // `group.rs` copies the log into the file.
        .pragma("wal_autocheckpoint", "0")
        .pragma("secure_delete", "on")
        .pragma("cache_size", PAGE_CACHE)
        .statement_cache_capacity(STATEMENT_CACHE)
        .row_buffer_size(ROW_BUFFER)
        .disable_statement_logging()
}

/// Makes the reading connections. One that is made later, by the name of the file, may meet another file.
async fn readers_of(options: &SqliteConnectOptions, files: Arc<Files>) -> Result<SqlitePool, sqlx::Error> {
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A file does not go away between two reads; asking each time costs a trip to the connection's thread.
        .test_before_acquire(false)
        .after_connect(move |conn, _| {
            let files = Arc::clone(&files);
            Box::pin(async move {
                read_something(conn).await?;
                files.check().map_err(|_| sqlx::Error::Io(ErrorKind::NotFound.into()))
            })
        })
        .connect_lazy_with(options.clone());
    let latest = Instant::now() + FILE_TIMEOUT;
    // As long as calls wait for a connection is too short for the first one on a busy machine.
    loop {
        match readers.acquire().await {
            Err(sqlx::Error::PoolTimedOut) if Instant::now() < latest => {}
            acquired => return acquired.map(|_| readers),
        }
    }
}

/// Reads, so that SQLite opens what stands beside the file.
async fn read_something(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("select 1 from sqlite_schema limit 1").execute(conn).await.map(drop)
}

fn cannot_open(path: &Path, error: &sqlx::Error) -> OpenError {
    let path = path.display();
    let why = match error {
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("26") => "it is not an SQLite database; name another file".to_owned(),
            Some("5") => "another program holds a lock on it; end that program, then start again".to_owned(),
            // FULL, and IOERR_SHMSIZE: there is no room for the index of the log, which a start makes anew.
            Some("13" | "4874") => "its disk is full; free some space on it, then start again".to_owned(),
            Some("11" | "267" | "523" | "779") => "it is damaged; keep a copy of it, and restore a backup".to_owned(),
            Some(code) => format!("{} (SQLite's code {code})", error.message()),
            None => error.message().to_owned(),
        },
        sqlx::Error::PoolTimedOut => {
            let seconds = FILE_TIMEOUT.as_secs();
            format!("this took longer than {seconds} s; the machine or the disk is very busy, try again later")
        }
        error => error.to_string(),
    };
    OpenError(format!("cannot open {path}: {why}"))
}

/// Returns where a file is, links followed as SQLite does, and what is wrong with that before anything is made there.
fn place_of(path: &Path) -> Result<PathBuf, OpenError> {
    let shown = path.display();
    let cannot = |why: String| OpenError(format!("cannot open {shown}: {why}"));
    if path.is_dir() {
        return Err(cannot("it is a folder; name a file in it".to_owned()));
    }
    if path.exists() {
        return path.canonicalize().map_err(|error| cannot(error.to_string()));
    }
    if path.is_symlink() {
        return Err(cannot("it is a link to a file that does not exist; name that file".to_owned()));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.exists() {
        return Err(cannot(format!("there is no folder {}; make it first", folder.display())));
    }
    let folder = folder.canonicalize().map_err(|error| cannot(error.to_string()))?;
    Ok(folder.join(path.file_name().unwrap_or_default()))
}

/// Refuses a file that another program keeps its tables in, before a setting of it is changed.
async fn check_owner(path: &Path) -> Result<(), OpenError> {
    if std::fs::metadata(path).map_or(true, |metadata| metadata.len() == 0) {
        return Ok(());
    }
    let cannot = |error| cannot_open(path, &error);
    let options = SqliteConnectOptions::new().filename(path).disable_statement_logging();
    let mut conn = options.connect().await.map_err(cannot)?;
    let count = "select count(*), count(*) filter (where name = '_sqlx_migrations') from sqlite_schema";
    let (all, ours): (i64, i64) = sqlx::query_as(count).fetch_one(&mut conn).await.map_err(cannot)?;
    conn.close().await.map_err(cannot)?;
    if all > 0 && ours == 0 {
        let path = path.display();
        return Err(OpenError(format!("cannot use {path}: it holds the tables of another program; name another file")));
    }
    Ok(())
}

/// Makes a new file readable by its owner alone, because it holds people's data; SQLite gives the same mode to the
/// files it puts beside. A file that is there keeps the mode its operator gave it.
fn make_private(path: &Path) -> Result<(), OpenError> {
    let made = File::options().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(OpenError(format!("cannot make {}: {error}", path.display()))),
    }
}

/// Takes the lock that says that this process serves the file, beside where it really is; the error says who has it.
fn lock_file(path: &Path, place: &Path) -> Result<File, OpenError> {
    let mut lock_path = place.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock_path = PathBuf::from(lock_path);
    let cannot = |error| OpenError(format!("cannot open {}: {error}", lock_path.display()));
    let options = File::options().read(true).write(true).create(true).truncate(false).open(&lock_path);
    let mut lock = options.map_err(cannot)?;
    match lock.try_lock() {
        Ok(()) => {
            // For people; where the disk is full it goes without saying.
            let _ = lock.set_len(0).and_then(|()| writeln!(lock, "process {}", std::process::id()));
            Ok(lock)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            lock.read_to_string(&mut holder).map_err(cannot)?;
            Err(OpenError(format!("{} is held by {}: stop it, or name another file", path.display(), holder.trim())))
        }
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

async fn check_settings(conn: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let cannot = |error: sqlx::Error| cannot_open(path, &error);
    let version: String = sqlx::query_scalar("select sqlite_version()").fetch_one(&mut *conn).await.map_err(cannot)?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if (part(), part(), part()) < OLDEST {
        return Err(OpenError(format!("SQLite {version} can corrupt its log: 3.51.3 or newer is needed")));
    }
    let mode: String = sqlx::query_scalar("pragma journal_mode").fetch_one(&mut *conn).await.map_err(cannot)?;
    let synchronous: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(&mut *conn).await.map_err(cannot)?;
    if mode != "wal" || synchronous != 2 {
        let found = format!("journal_mode {mode}, synchronous {synchronous}");
        return Err(OpenError(format!("SQLite did not take journal_mode wal and synchronous full ({found})")));
    }
    Ok(())
}

/// Returns the schema version of a file; `None` for a new one.
async fn version_of(conn: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let exists = "select count(*) from sqlite_schema where name = '_sqlx_migrations'";
    let exists: i64 = sqlx::query_scalar(exists).fetch_one(&mut *conn).await?;
    if exists == 0 {
        return Ok(None);
    }
    sqlx::query_scalar(READ_VERSION).fetch_optional(conn).await
}

async fn secret_of(conn: &mut SqliteConnection, path: &Path) -> Result<[u8; 32], OpenError> {
    let cannot = |error: sqlx::Error| cannot_open(path, &error);
    sqlx::query(ADD_SECRET).bind(new_secret()?).execute(&mut *conn).await.map_err(cannot)?;
    as_secret(sqlx::query_scalar(READ_SECRET).fetch_one(conn).await.map_err(cannot)?)
}
