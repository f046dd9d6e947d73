//! Work on a store by an operator's command, beside the servers that may run on it: on PostgreSQL as any client, on a
//! SQLite file through a connection of its own, without the hold that only the server has.
//!
//! What is done is up to the caller; servers see it with their next statement.

use std::time::{Duration, Instant};

use sqlx::{Connection, Executor, SqliteConnection};

use crate::error::{Error, Trouble};
use crate::store::engine::open::{DatabaseUrl, OpenError, READ_VERSION, check_version, why};
use crate::store::engine::open_postgres::connect;
use crate::store::engine::open_sqlite::{cannot_open, connect_existing};
use crate::store::engine::tx::{run_postgres, run_sqlite};
use crate::store::sql::query::{Queries, Results};

/// How long a transaction waits for those of a server, which come one after the other under load.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Runs queries in one transaction of their own. The store must exist and have the schema of this version.
pub async fn run_beside<Q: Queries>(
    url: &DatabaseUrl,
    queries: Q,
) -> Result<Q::Answers, OpenError> {
    let failed = |error: Error| OpenError(format!("{url}: {}", why(&error)));
    let mut statements = Vec::new();
    let readers = queries.split(&mut statements);
    let rows = match url {
        DatabaseUrl::Sqlite(path) => {
            let mut conn = connect_existing(path).await?;
            begin(&mut conn).await.map_err(failed)?;
            let ran = run_sqlite(&mut conn, "", statements, "commit").await;
            if ran.is_ok() {
                // So that many transactions do not make the log long beside a server that has nothing to write.
                conn.execute("pragma wal_checkpoint(passive)").await?;
            }
            let closed = conn.close().await;
            let rows = ran.map_err(failed)?;
            closed.map_err(|error| cannot_open(path, error))?;
            rows
        }
        DatabaseUrl::Postgres(url) => {
            let pool = connect(url, 1).await?;
            let found: Option<i64> = sqlx::query_scalar(READ_VERSION)
                .fetch_optional(&pool)
                .await?;
            check_version(found, false)?;
            let mut conn = pool.acquire().await?;
            let mut tx = conn.begin().await?;
            let rows = run_postgres(&mut tx, statements).await.map_err(failed)?;
            tx.commit().await?;
            rows
        }
    };
    Q::read(readers, &mut Results::new(rows)).map_err(failed)
}

/// Begins a transaction that writes, once the lock is free. A deferred one that begins with a read could not become a
/// write beside a server that writes.
async fn begin(conn: &mut SqliteConnection) -> Result<(), Error> {
    let began = Instant::now();
    loop {
        let begun = conn.execute("begin immediate").await.map_err(Error::from);
        match begun {
            Err(error)
                if error.trouble() == Some(Trouble::Locked) && began.elapsed() < LONGEST_WAIT => {}
            ended => return ended.map(drop),
        }
    }
}
