//! Opening the store: where it is, its schema, its secret key. Settings, and the check that they took effect, are in
//! `open_sqlite.rs` and `open_postgres.rs`.
//!
//! Later promises rest on this: a database that cannot keep an acknowledged write is refused here.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ring::rand::{SecureRandom, SystemRandom};
use sqlx::Connection;
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::error::{Error, Trouble};
use crate::page::TokenKey;
use crate::store::engine::db::{Db, Engine, Inner, MAX_WRITES};
use crate::store::engine::driver_error::cause;
use crate::store::engine::lane::Readers;
use crate::store::engine::migrate::{known_version, migrate_postgres};
use crate::store::engine::open_postgres::{connect, open_postgres};
use crate::store::engine::open_sqlite::{connect_existing, open_sqlite};
use crate::store::engine::place::Held;
use crate::store::engine::standing::Standings;

/// Statements a connection keeps prepared.
pub(crate) const STATEMENT_CACHE: usize = 256;

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database, by its URL.
    Postgres(String),
}

impl std::str::FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<DatabaseUrl, String> {
        if let Some(path) = text
            .strip_prefix("sqlite://")
            .filter(|path| !path.is_empty())
        {
            if path.contains('?') {
                return Err(
                    "an SQLite file takes no parameters: leave out the `?` and what follows"
                        .to_owned(),
                );
            }
            return Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(DatabaseUrl::Postgres(text.to_owned()));
        }
        Err("expected sqlite://FILE or postgres://USER@HOST/DATABASE".to_owned())
    }
}

impl DatabaseUrl {
    /// Says whether a start brings the database up to date; otherwise an operator does, before the first server of a
    /// new version starts.
    pub fn migrates_itself(&self) -> bool {
        matches!(self, DatabaseUrl::Sqlite(_))
    }
}

/// Shows where the data is, without the password and anything else that only the database should see.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => match url.parse::<http::Uri>() {
                Ok(url) => {
                    let port = url
                        .port()
                        .map_or_else(String::new, |port| format!(":{port}"));
                    write!(
                        f,
                        "postgres://{}{port}{}",
                        url.host().unwrap_or_default(),
                        url.path()
                    )
                }
                Err(_) => f.write_str("postgres://..."),
            },
        }
    }
}

/// Why a store cannot be opened: one line for a person, including what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub(crate) String);

impl OpenError {
    pub(crate) fn new(text: impl Into<String>) -> OpenError {
        OpenError(text.into())
    }
}

/// An open store.
pub struct Opened {
    /// The store.
    pub db: Db,
    /// The lock on its file, if it is one. Released on drop.
    pub(crate) held: Option<Held>,
}

impl Opened {
    /// Says whether its file was created just now.
    pub fn is_new(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.is_new)
    }
}

/// Opens a database. A SQLite file is created and migrated if needed; PostgreSQL must have been migrated already.
pub(crate) async fn open_engine(url: &DatabaseUrl, clock: Clock) -> Result<Opened, OpenError> {
    match url {
        DatabaseUrl::Sqlite(path) => open_sqlite(path, clock).await,
        DatabaseUrl::Postgres(url) => open_postgres(url, clock).await,
    }
}

/// Refuses a database that does not exist, or has another schema than this binary's; makes and changes nothing.
pub(crate) async fn check_current(url: &DatabaseUrl) -> Result<(), OpenError> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(connect_existing(path).await?.close().await?),
        DatabaseUrl::Postgres(url) => {
            let pool = connect(url, 1).await?;
            let found = sqlx::query_scalar(READ_VERSION)
                .fetch_optional(&pool)
                .await?;
            check_version(found, false)
        }
    }
}

/// Migrates a database to this binary's schema and returns its version.
pub(crate) async fn migrate_engine(url: &DatabaseUrl) -> Result<i64, OpenError> {
    let up_to_date = |result: Result<(), Error>| {
        result.map_err(|error| {
            OpenError(format!(
                "the schema could not be brought up to date: {}",
                why(&error)
            ))
        })
    };
    match url {
        DatabaseUrl::Sqlite(path) => drop(open_sqlite(path, Clock::System).await?),
        DatabaseUrl::Postgres(url) => up_to_date(migrate_postgres(&connect(url, 1).await?).await)?,
    }
    Ok(known_version())
}

/// Says why a start failed, and what to do if that is known.
pub(crate) fn why(error: &Error) -> String {
    remedy(error).map_or_else(|| cause(error), str::to_owned)
}

/// Says what to do about a file or database that cannot be opened.
pub(crate) fn remedy(error: &Error) -> Option<&'static str> {
    match error.trouble()? {
        Trouble::Full => Some("its disk is full; free some space on it, then start again"),
        Trouble::Locked => {
            Some("another program holds a lock on it; end that program, then start again")
        }
        Trouble::Corrupt => Some("it is damaged; keep a copy of it, and restore a backup"),
        Trouble::Unavailable | Trouble::LogHeld(_) | Trouble::Replaced | Trouble::SyncFailed => {
            None
        }
    }
}

pub(crate) fn assemble(
    engine: Engine,
    readers: Readers,
    clock: Clock,
    token_key: TokenKey,
    standings: Arc<Standings>,
) -> Db {
    let writes = Arc::new(Semaphore::new(MAX_WRITES));
    let n_reads = AtomicU64::new(0);
    Db {
        inner: Arc::new(Inner {
            engine,
            clock,
            token_key,
            standings,
            readers,
            writes,
            n_reads,
        }),
    }
}

pub(crate) fn check_version(found: Option<i64>, migrates: bool) -> Result<(), OpenError> {
    let known = known_version();
    match found {
        Some(found) if found > known => Err(OpenError(format!(
            "the database has schema {found}, this version knows {known}: use a newer clientele"
        ))),
        Some(found) if found == known || migrates => Ok(()),
        None if migrates => Ok(()),
        _ => Err(OpenError::new(
            "the schema is not up to date: run `clientele migrate` with the same --database-url",
        )),
    }
}

pub(crate) fn new_secret() -> Result<Vec<u8>, OpenError> {
    random_bytes(32).map_err(OpenError::new)
}

/// Returns this many random bytes, fit for a secret.
pub(crate) fn random_bytes(n: usize) -> Result<Vec<u8>, &'static str> {
    let mut bytes = vec![0; n];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| "the system has no random bytes")?;
    Ok(bytes)
}

/// Makes the key of tokens from what the database keeps.
pub(crate) fn token_key(secret: Vec<u8>, epoch: Option<Vec<u8>>) -> Result<TokenKey, OpenError> {
    let secret = secret
        .try_into()
        .map_err(|_| OpenError::new("the secret in the database does not have 32 bytes"))?;
    Ok(TokenKey::new(secret, &epoch.unwrap_or_default()))
}

pub(crate) const READ_VERSION: &str =
    "select version from _sqlx_migrations order by version desc limit 1";
pub(crate) const ADD_SECRET: &str =
    "insert into secrets (name, value) values ('token', $1) on conflict (name) do nothing";
pub(crate) const READ_SECRET: &str = "select value from secrets where name = 'token'";
/// There is none until a store is restored or recovered for the first time (`epoch.rs`).
pub(crate) const READ_EPOCH: &str = "select value from secrets where name = 'epoch'";
