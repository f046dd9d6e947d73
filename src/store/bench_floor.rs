//! What benchmarks need from the store; built with feature `bench` only.
//!
//! The floor that the write path of SQLite is compared with: the same units, run one after another by one task in one
//! transaction, with no queue, no group commit and no other syncs. Also a quick way to store very many records,
//! without changes and history, which reads do not look at.

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

use crate::clock::Clock;
use crate::error::Error;
use crate::store::engine::db::{Db, Engine};
use crate::store::engine::open_sqlite::sqlite_options;
use crate::store::engine::tx::{Conn, Tx, take_back};
use crate::store::record::resource::{self, Resource};
use crate::store::record::{key, name_index};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::scoped;

/// Runs units in one transaction on a database that nothing else writes to.
pub async fn run_in_one_transaction<A, F, U>(
    path: &Path,
    units: impl Iterator<Item = F>,
) -> Result<(), Error>
where
    F: FnOnce(Tx) -> U,
    U: Future<Output = Result<(Tx, A), Error>>,
{
    // No other connection checkpoints the log into the file.
    let mut conn = sqlite_options(path)
        .pragma("wal_autocheckpoint", "4000")
        .connect()
        .await?;
    conn.execute("begin immediate").await?;
    for unit in units {
        let (tx, home) = Tx::lend(
            Conn::Sqlite(conn),
            TenantScope::local(),
            Clock::System.now(),
        );
        drop(unit(tx).await?);
        let returned = take_back(&home).map(|returned| returned.conn);
        let Some(Conn::Sqlite(back)) = returned else {
            return Err(Error::internal("a unit kept its connection"));
        };
        conn = back;
    }
    conn.execute("commit").await?;
    Ok(())
}

/// Makes a tenant.
pub async fn make_tenant(db: &Db, tenant: &str) -> Result<(), Error> {
    let scope = TenantScope::new(tenant, "local");
    let insert = scoped!(
        scope,
        "insert into tenants (id) values (:tenant) on conflict do nothing",
    );
    write(db, &scope, vec![insert.done()]).await
}

/// Stores records, whose names are set, with their keys, words and side rows.
pub async fn store_directly<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    mut records: Vec<R>,
) -> Result<(), Error> {
    let mut statements = Vec::new();
    for record in &mut records {
        let now = crate::clock::timestamp(Clock::System.now());
        let header = record.header_mut();
        (*header.create_time, *header.update_time) = (Some(now), Some(now));
        statements.push(resource::insert(scope, record));
        let keys = key::rows_of(R::KIND, record.header().name, key::all(record));
        statements.extend(key::insert(scope, keys));
        statements.extend(record.side_rows(scope, None));
    }
    statements.extend(name_index::fill(scope, &records));
    write(db, scope, statements).await
}

async fn write(db: &Db, scope: &TenantScope, statements: Vec<Query<()>>) -> Result<(), Error> {
    let unit = move |mut tx: Tx| async move {
        tx.finish(statements).await?;
        Ok((tx, ()))
    };
    db.write(
        scope,
        Instant::now() + Duration::from_secs(60),
        Vec::new(),
        unit,
    )
    .await
    .map(drop)
}

/// Updates the planner's statistics, which a running server does by itself.
pub async fn analyze(db: &Db) -> Result<(), Error> {
    match &db.inner.engine {
        Engine::Sqlite(_) => Ok(()),
        Engine::Postgres(writer) => {
            let mut conn = writer.pool.acquire().await?;
            // With a million customers it takes longer than a statement may.
            for statement in [
                "set statement_timeout = 0",
                "vacuum analyze",
                "reset statement_timeout",
            ] {
                conn.execute(statement).await?;
            }
            Ok(())
        }
    }
}

/// Reads an old state of a file, as a backup does, until the answer is dropped.
pub async fn foreign_reader(path: &Path) -> Result<impl Send + use<>, Error> {
    let mut conn = sqlite_options(path).connect().await?;
    conn.execute("begin; select 1 from tenants").await?;
    Ok(conn)
}

/// Returns how many sessions of a server a PostgreSQL database has, and how many of those run a statement.
pub async fn sessions(url: &str) -> Result<(i64, i64), Error> {
    let mut conn = PgConnection::connect(url).await?;
    let sessions = "select count(*), count(*) filter (where state = 'active') from pg_stat_activity
         where datname = current_database() and application_name = 'clientele'";
    let counts = sqlx::query_as(sessions).fetch_one(&mut conn).await?;
    conn.close().await?;
    Ok(counts)
}

/// Counts the rows of `words` and of `word_keys`.
pub async fn word_rows(db: &Db, scope: &TenantScope) -> Result<(i64, i64), Error> {
    let counts = scoped!(
        scope,
        "select (select count(*) from words where tenant_id = :tenant) as words,
           (select count(*) from word_keys where tenant_id = :tenant) as keys",
    );
    let counts = counts.one(["words", "keys"], |row, [words, keys]| {
        Ok((row.int(words)?, row.int(keys)?))
    });
    db.fetch(scope, counts).await
}
