//! Migrations: the schema of both engines, with the same numbers and names, embedded in the binary.

use std::time::{Duration, Instant};

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Executor, PgPool, SqlSafeStr, SqliteConnection};

use crate::error::{Error, Trouble};
use crate::store::sql::statement::Dialect;

macro_rules! migrations {
    ($(($version:literal, $name:literal)),* $(,)?) => {
        &[$((
            $version,
            $name,
            include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
            include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        )),*]
    };
}

const MIGRATIONS: &[(i64, &str, &str, &str)] = migrations![
    (1, "0001_foundation"),
    (2, "0002_customers"),
    (3, "0003_contacts"),
    (4, "0004_affiliations"),
    (5, "0005_colleagues"),
    (6, "0006_conversations"),
    (7, "0007_promises"),
    (8, "0008_notes"),
    (9, "0009_personas"),
    (10, "0010_segments"),
    (11, "0011_relations"),
    (12, "0012_filters"),
    (13, "0013_words"),
    (14, "0014_open_matters"),
    (15, "0015_people_of_customer"),
    (16, "0016_filing"),
    (17, "0017_api_names"),
    (18, "0018_tenant_settings"),
    (19, "0019_order"),
    (20, "0020_promise_sides"),
    (21, "0021_channel_use"),
    (22, "0022_last_names"),
    (23, "0023_contact_conversations"),
    (24, "0024_api_keys"),
    (25, "0025_tenants"),
];

/// How long a migration of PostgreSQL waits for a lock before it gives way. Once it has it, it takes as long as it needs.
const SHORT_WAIT: &str = "set lock_timeout = '400ms'; set statement_timeout = 0";
/// How long those who waited behind it have then.
const PAUSE: Duration = Duration::from_millis(400);
/// How long it tries.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// The schema version this binary works with.
pub fn known_version() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

fn migrator(dialect: Dialect) -> Migrator {
    let of_dialect = MIGRATIONS.iter().map(|(version, name, sqlite, postgres)| {
        let sql = match dialect {
            Dialect::Sqlite => *sqlite,
            Dialect::Postgres => *postgres,
        };
        Migration::new(
            *version,
            (*name).into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(of_dialect.collect())
}

/// Migrates a SQLite database to this binary's schema.
pub(crate) async fn migrate_sqlite(conn: &mut SqliteConnection) -> Result<(), Error> {
    migrator(Dialect::Sqlite).run(conn).await.map_err(failed)
}

/// Migrates a PostgreSQL database to this binary's schema, beside the servers of the version before. Concurrent
/// migrations wait for each other.
///
/// A migration that waits for a lock on a table keeps everybody waiting who comes after it. So it gives way soon, and
/// tries again.
pub(crate) async fn migrate_postgres(pool: &PgPool) -> Result<(), Error> {
    let (mut conn, began) = (pool.acquire().await?, Instant::now());
    conn.execute(SHORT_WAIT).await?;
    loop {
        let migrated = migrator(Dialect::Postgres).run(&mut *conn).await;
        match migrated.map_err(failed) {
            Err(Error::ConcurrentWrite) if began.elapsed() < LONGEST_WAIT => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(Error::ConcurrentWrite) => {
                let why = "a lock on a table was not free in time";
                return Err(Error::store(Trouble::Locked, why));
            }
            ended => return ended,
        }
    }
}

fn failed(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        error => Error::internal(error),
    }
}
