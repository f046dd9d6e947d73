//! Work on a store by an operator's command, beside the servers that may run on it: on PostgreSQL as any client, on a
//! SQLite file through a connection of its own, without the hold that only the server has.
//!
//! What is done is up to the caller; servers see it with their next statement.

use sqlx::Connection;

use crate::error::Error;
use crate::store::engine::open::{DatabaseUrl, OpenError, READ_VERSION, check_version, why};
use crate::store::engine::open_postgres::connect;
use crate::store::engine::open_sqlite::{cannot_open, connect_existing};
use crate::store::engine::tx::{run_postgres, run_sqlite};
use crate::store::sql::query::{Queries, Results};

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
            // Not deferred: one that begins with a read could not become a write beside a server that writes.
            let ran = run_sqlite(&mut conn, "begin immediate;\n", statements, "commit").await;
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
