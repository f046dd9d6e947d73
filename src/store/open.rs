//! Opening the store: settings, the check that they took, the schema, and who else holds the file.
//!
//! What is promised later rests on this: a database that cannot keep an acknowledged write is refused here.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, PgPool, SqliteConnection};
use tokio::sync::{Semaphore, mpsc};

use super::db::{Db, Engine, Inner, MAX_WRITES, SqliteWriter};
use super::failure::cause;
use super::group::write_units;
use super::migrate::{known_version, migrate_postgres, migrate_sqlite};
use super::{plan_age, statistics, word_fill};
use crate::clock::Clock;
use crate::page::TokenKey;

/// The oldest SQLite without the WAL-reset corruption (fixed in 3.51.3).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// Reading connections of SQLite.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 16;
/// Comparisons of segments that run at one time, each on a connection of its own, on SQLite and on PostgreSQL.
const SQLITE_COMPARISONS: usize = 1;
const POSTGRES_COMPARISONS: usize = 4;
/// How long a call waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);
/// How long a start waits for one.
const START_TIMEOUT: Duration = Duration::from_secs(5);
/// Statements a connection keeps prepared.
const STATEMENT_CACHE: usize = 256;
/// The pages that a connection to SQLite keeps for itself, 16 MiB as the pragma writes it: about the upper levels of
/// all indexes of a million customers, each of which else is a call to the system again and again.
const PAGE_CACHE: &str = "-16384";
/// Rows that wait between SQLite's thread and the reader.
const ROW_BUFFER: usize = 1024;

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A database of PostgreSQL, by its URL.
    Postgres(String),
}

impl std::str::FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<DatabaseUrl, String> {
        if let Some(path) = text.strip_prefix("sqlite://").filter(|path| !path.is_empty()) {
            if path.contains('?') {
                return Err("an SQLite file takes no parameters: leave out the `?` and what follows".to_owned());
            }
            return Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(DatabaseUrl::Postgres(text.to_owned()));
        }
        Err("expected sqlite://FILE or postgres://USER@HOST/DATABASE".to_owned())
    }
}

/// Shows where the data is, without the password and whatever else only the database should see.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => match url.parse::<http::Uri>() {
                Ok(url) => {
                    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
                    write!(f, "postgres://{}{port}{}", url.host().unwrap_or_default(), url.path())
                }
                Err(_) => f.write_str("postgres://..."),
            },
        }
    }
}

/// Why a store cannot be opened: one line for a person, saying what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(String);

impl OpenError {
    fn new(text: impl Into<String>) -> OpenError {
        OpenError(text.into())
    }
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> OpenError {
        match error {
            sqlx::Error::Database(error) => OpenError(format!("the database refuses: {}", error.message())),
            sqlx::Error::PoolTimedOut => {
                let seconds = START_TIMEOUT.as_secs();
                OpenError(format!("the database does not answer within {seconds} s: is it running, and the URL right?"))
            }
            error => OpenError(format!("the database does not answer: {error}")),
        }
    }
}

/// An open store, and the lock on its file where it is one. The lock goes when this is dropped.
pub struct Opened {
    /// The store.
    pub db: Db,
    _lock: Option<File>,
}

/// Opens a store. An SQLite file is made, and brought up to date, if need be; PostgreSQL must have been migrated.
pub async fn open(url: &DatabaseUrl, clock: Clock) -> Result<Opened, OpenError> {
    let opened = match url {
        DatabaseUrl::Sqlite(path) => open_sqlite(path, clock).await,
        DatabaseUrl::Postgres(url) => open_postgres(url, clock).await,
    }?;
    let cannot = |error| OpenError(format!("records could not be filed for look-up: {}", cause(&error)));
    word_fill::fill(&opened.db).await.map_err(cannot)?;
    Ok(opened)
}

/// Brings a database up to this binary's schema and returns its version.
pub async fn migrate(url: &DatabaseUrl) -> Result<i64, OpenError> {
    let up_to_date = |result: Result<(), crate::error::Error>| {
        result.map_err(|error| OpenError(format!("the schema could not be brought up to date: {}", cause(&error))))
    };
    match url {
        DatabaseUrl::Sqlite(path) => drop(open_sqlite(path, Clock::System).await?),
        DatabaseUrl::Postgres(url) => up_to_date(migrate_postgres(&connect(url, 1).await?).await)?,
    }
    Ok(known_version())
}

/// The settings of every SQLite connection.
pub(super) fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("wal_autocheckpoint", "4000")
        .pragma("secure_delete", "on")
        .pragma("cache_size", PAGE_CACHE)
        .statement_cache_capacity(STATEMENT_CACHE)
        .row_buffer_size(ROW_BUFFER)
        .disable_statement_logging()
}

async fn open_sqlite(path: &Path, clock: Clock) -> Result<Opened, OpenError> {
    check_place(path)?;
    let lock = lock_file(path)?;
    make_private(path)?;
    check_owner(path).await?;
    let options = sqlite_options(path);
    let cannot = |error| cannot_open(path, &error);
    let mut writer = options.clone().connect().await.map_err(cannot)?;
    check_sqlite(&mut writer).await?;
    check_version(version_of_sqlite(&mut writer).await?, true)?;
    migrate_sqlite(&mut writer).await.map_err(|error| OpenError(cause(&error)))?;
    statistics::tell(&mut writer).await?;
    let readers = SqlitePoolOptions::new().max_connections(SQLITE_READERS).acquire_timeout(ACQUIRE_TIMEOUT);
    // A file does not go away between two reads; asking each time costs a trip to the connection's thread.
    let readers = readers.test_before_acquire(false);
    let readers = readers.connect_with(options.clone()).await?;
    let token_key = TokenKey::new(secret_of_sqlite(&mut writer).await?);
    let (queue, jobs) = mpsc::channel(MAX_WRITES);
    let task = tokio::spawn(write_units(options, writer, jobs));
    let writer = SqliteWriter { queue: Some(queue).into(), task: Some(task).into() };
    Ok(Opened { db: assemble(Engine::Sqlite { readers, writer }, clock, token_key), _lock: Some(lock) })
}

fn cannot_open(path: &Path, error: &sqlx::Error) -> OpenError {
    let path = path.display();
    match error {
        sqlx::Error::Database(error) if error.code().as_deref() == Some("26") => {
            OpenError(format!("cannot open {path}: it is not an SQLite database; name another file"))
        }
        sqlx::Error::Database(error) => OpenError(format!("cannot open {path}: {}", error.message())),
        error => OpenError(format!("cannot open {path}: {error}")),
    }
}

/// Finds what is wrong with a path before anything is made next to it.
fn check_place(path: &Path) -> Result<(), OpenError> {
    let shown = path.display();
    if path.is_dir() {
        return Err(OpenError(format!("cannot open {shown}: it is a folder; name a file in it")));
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        Some(folder) => {
            Err(OpenError(format!("cannot open {shown}: there is no folder {}; make it first", folder.display())))
        }
        None => Ok(()),
    }
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

fn assemble(engine: Engine, clock: Clock, token_key: TokenKey) -> Db {
    let writes = Arc::new(Semaphore::new(MAX_WRITES));
    let n_comparisons = match &engine {
        Engine::Sqlite { .. } => SQLITE_COMPARISONS,
        Engine::Postgres { .. } => POSTGRES_COMPARISONS,
    };
    let comparisons = Arc::new(Semaphore::new(n_comparisons));
    Db { inner: Arc::new(Inner { engine, clock, token_key, writes, comparisons, n_reads: AtomicU64::new(0) }) }
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

/// Takes the lock that says that this process serves the file; the error says who has it.
fn lock_file(path: &Path) -> Result<File, OpenError> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock_path = PathBuf::from(lock_path);
    let cannot = |error| OpenError(format!("cannot open {}: {error}", lock_path.display()));
    let options = File::options().read(true).write(true).create(true).truncate(false).open(&lock_path);
    let mut lock = options.map_err(cannot)?;
    match lock.try_lock() {
        Ok(()) => {
            lock.set_len(0).map_err(cannot)?;
            writeln!(lock, "process {}", std::process::id()).map_err(cannot)?;
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

async fn check_sqlite(conn: &mut SqliteConnection) -> Result<(), OpenError> {
    let version: String = sqlx::query_scalar("select sqlite_version()").fetch_one(&mut *conn).await?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    if (part(), part(), part()) < OLDEST_SQLITE {
        return Err(OpenError(format!("SQLite {version} can corrupt its log: 3.51.3 or newer is needed")));
    }
    let mode: String = sqlx::query_scalar("pragma journal_mode").fetch_one(&mut *conn).await?;
    let synchronous: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(&mut *conn).await?;
    if mode != "wal" || synchronous != 2 {
        let found = format!("journal_mode {mode}, synchronous {synchronous}");
        return Err(OpenError(format!("SQLite did not take journal_mode wal and synchronous full ({found})")));
    }
    Ok(())
}

/// Returns the schema version of a file; `None` for a new one.
async fn version_of_sqlite(conn: &mut SqliteConnection) -> Result<Option<i64>, OpenError> {
    let exists = "select count(*) from sqlite_schema where name = '_sqlx_migrations'";
    let exists: i64 = sqlx::query_scalar(exists).fetch_one(&mut *conn).await?;
    if exists == 0 {
        return Ok(None);
    }
    Ok(sqlx::query_scalar(READ_VERSION).fetch_optional(conn).await?)
}

async fn connect(url: &str, connections: u32) -> Result<PgPool, OpenError> {
    let options: PgConnectOptions = url.parse().map_err(|error| OpenError(format!("not a PostgreSQL URL: {error}")))?;
    let options = options
        .application_name("clientele")
        .statement_cache_capacity(STATEMENT_CACHE)
        .options([
            ("synchronous_commit", "on"),
            ("statement_timeout", "30s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "10s"),
            ("default_transaction_isolation", "read committed"),
            // What a question about very many records costs makes PostgreSQL compile it: measured, 60 s of compiling
            // for 3 s of work.
            ("jit", "off"),
        ])
        .disable_statement_logging();
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(START_TIMEOUT);
    Ok(pool.connect_with(options).await?)
}

async fn open_postgres(url: &str, clock: Clock) -> Result<Opened, OpenError> {
    let pool = connect(url, 1).await?;
    check_postgres(&pool).await?;
    let token_key = TokenKey::new(secret_of_postgres(&pool).await?);
    let options = pool.connect_options();
    pool.close().await;
    let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT);
    let pool = pool.before_acquire(|conn, lent| Box::pin(plan_age::forget_old(conn, lent)));
    let pool = pool.connect_lazy_with((*options).clone());
    // The first connection takes longer than those that follow, and a start can wait longer than a call.
    let latest = Instant::now() + START_TIMEOUT;
    while let Err(sqlx::Error::PoolTimedOut) = pool.acquire().await
        && Instant::now() < latest
    {}
    Ok(Opened { db: assemble(Engine::Postgres { pool }, clock, token_key), _lock: None })
}

async fn check_postgres(pool: &PgPool) -> Result<(), OpenError> {
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let value: String = sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(pool).await?;
        if value != "on" {
            let why = "an acknowledged write could be lost";
            return Err(OpenError(format!("PostgreSQL runs with {setting} = {value}: {why}; set it to on")));
        }
    }
    let exists: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(pool).await?;
    if !exists {
        return check_version(None, false);
    }
    let version = sqlx::query_scalar(READ_VERSION);
    check_version(version.fetch_optional(pool).await?, false)
}

fn check_version(found: Option<i64>, migrates: bool) -> Result<(), OpenError> {
    let known = known_version();
    match found {
        Some(found) if found > known => Err(OpenError(format!(
            "the database has schema {found}, this version knows {known}: use a newer clientele"
        ))),
        Some(found) if found == known || migrates => Ok(()),
        None if migrates => Ok(()),
        _ => Err(OpenError::new("the schema is not up to date: run `clientele migrate` with the same --database-url")),
    }
}

fn new_secret() -> Result<Vec<u8>, OpenError> {
    let mut secret = vec![0; 32];
    SystemRandom::new().fill(&mut secret).map_err(|_| OpenError::new("the system has no random bytes"))?;
    Ok(secret)
}

fn as_secret(bytes: Vec<u8>) -> Result<[u8; 32], OpenError> {
    bytes.try_into().map_err(|_| OpenError::new("the secret in the database does not have 32 bytes"))
}

const READ_VERSION: &str = "select version from _sqlx_migrations order by version desc limit 1";
const ADD_SECRET: &str = "insert into secrets (name, value) values ('token', $1) on conflict (name) do nothing";
const READ_SECRET: &str = "select value from secrets where name = 'token'";

async fn secret_of_sqlite(conn: &mut SqliteConnection) -> Result<[u8; 32], OpenError> {
    sqlx::query(ADD_SECRET).bind(new_secret()?).execute(&mut *conn).await?;
    as_secret(sqlx::query_scalar(READ_SECRET).fetch_one(conn).await?)
}

async fn secret_of_postgres(pool: &PgPool) -> Result<[u8; 32], OpenError> {
    sqlx::query(ADD_SECRET).bind(new_secret()?).execute(pool).await?;
    as_secret(sqlx::query_scalar(READ_SECRET).fetch_one(pool).await?)
}
