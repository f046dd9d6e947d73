//! The transactions of units on PostgreSQL: who gets a connection when, how a unit begins and how it ends.
//!
//! Units have connections of their own, apart from those that read. A unit takes one only when it is its turn at the
//! records that it is known to lock (`turns.rs`). At the end all units of a tenant want the tenant's row, for its
//! revision: so one tenant never has all of the connections.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Executor, PgPool, Postgres};
use tokio::sync::Semaphore;

use crate::error::Error;
use crate::name::Name;
use crate::store::engine::db::MAX_WRITES;
use crate::store::engine::group_commit::COMMITS;
use crate::store::engine::standing::Standings;
use crate::store::engine::turns::{Turn, Turns, rows_of};
use crate::store::engine::tx::{Conn, Returned};
use crate::store::engine::unit::{QueuedUnit, UNITS};

/// Connections for units.
pub(crate) const WRITERS: u32 = 6;
/// Those that units of one tenant have at most.
const WRITERS_OF_TENANT: usize = 4;
/// How long opening a connection may take; the pool itself waits as long as a start does.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);

/// What units need. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PostgresWriter {
    pub pool: PgPool,
    /// As many as there are connections, given out in the order in which they were asked for.
    connections: Arc<Semaphore>,
    records: Arc<Turns>,
    tenants: Arc<Turns>,
}

impl PostgresWriter {
    /// Writes through a pool.
    pub fn new(pool: PgPool) -> PostgresWriter {
        PostgresWriter {
            pool,
            connections: Arc::new(Semaphore::new(WRITERS as usize)),
            records: Turns::at_records(1),
            tenants: Turns::new(WRITERS_OF_TENANT, MAX_WRITES, MAX_WRITES),
        }
    }

    /// Waits for the turn of a unit.
    async fn turns(
        &self,
        tenant: &str,
        records: &[Name],
        deadline: Instant,
    ) -> Result<Vec<Turn>, Error> {
        let rows = rows_of(tenant, records);
        let mut turns = self.records.take_all(&rows, deadline).await?;
        turns.push(self.tenants.take(tenant.to_owned(), deadline).await?);
        Ok(turns)
    }
}

/// A pooled connection that is closed instead of given back unless its work is known to be done.
///
/// sqlx 0.9.0 returns a connection to the pool in whatever state a dropped future left it, even inside a transaction;
/// the next borrower's writes are then lost (transact-rs/sqlx#4385).
struct Lease {
    conn: Option<PoolConnection<Postgres>>,
}

impl Lease {
    /// Takes a connection that is free, or opens one.
    async fn acquire(pool: &PgPool) -> Result<Lease, Error> {
        let acquired = tokio::time::timeout(ACQUIRE_TIMEOUT, pool.acquire()).await;
        let conn = acquired.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        Ok(Lease { conn: Some(conn) })
    }

    fn conn(&mut self) -> Result<&mut PoolConnection<Postgres>, Error> {
        self.conn
            .as_mut()
            .ok_or_else(|| Error::internal("a lease lost its connection"))
    }

    /// Gives the connection back; its work is done.
    fn done(mut self) {
        self.conn = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(conn) = &mut self.conn {
            conn.close_on_drop();
        }
    }
}

/// Runs one unit in a transaction of its own and answers its caller.
pub(crate) async fn run_on_postgres(
    writer: PostgresWriter,
    mut unit: QueuedUnit,
    standings: Arc<Standings>,
) {
    let turns = writer.turns(unit.scope.tenant(), &unit.records, unit.deadline);
    unit.turns = match turns.await {
        Ok(turns) => turns,
        Err(error) => return unit.refuse(error).answer(),
    };
    let connections = writer.connections.acquire();
    let Ok(connection) = tokio::time::timeout_at(unit.deadline.into(), connections).await else {
        return unit.refuse(Error::DeadlineExceeded).answer();
    };
    if unit.is_late() {
        return unit.refuse(Error::DeadlineExceeded).answer();
    }
    match begin(&writer.pool).await {
        Err(error) => {
            standings.write_failed(&error);
            unit.refuse(error).answer();
        }
        Ok(conn) => {
            let (outcome, returned) = unit.run(Conn::Postgres(conn)).await;
            let ended = end(outcome.writes, returned).await;
            drop(connection);
            match ended.as_ref().err().or(outcome.heard_from_store()) {
                Some(error) => standings.write_failed(error),
                None if outcome.writes => {
                    COMMITS.fetch_add(1, Ordering::Relaxed);
                    UNITS.fetch_add(1, Ordering::Relaxed);
                    standings.write_succeeded();
                }
                None => {}
            }
            match ended {
                Ok(()) => outcome.answer(),
                Err(error) => outcome.fail(error),
            }
        }
    }
}

async fn begin(pool: &PgPool) -> Result<PoolConnection<Postgres>, Error> {
    let mut lease = Lease::acquire(pool).await?;
    // A text without values is not kept prepared. PostgreSQL plans nothing for this one in any case.
    lease.conn()?.execute("begin").await?;
    lease
        .conn
        .take()
        .ok_or_else(|| Error::internal("a lease lost its connection"))
}

/// Commits a unit that is to be kept, and rolls back any other.
async fn end(keep: bool, returned: Option<Returned>) -> Result<(), Error> {
    let Some(Returned {
        conn: Conn::Postgres(conn),
        ..
    }) = returned
    else {
        return Err(Error::internal("a unit of work lost its connection"));
    };
    let mut lease = Lease { conn: Some(conn) };
    let ended = lease
        .conn()?
        .execute(if keep { "commit" } else { "rollback" })
        .await;
    match ended {
        Ok(_) => lease.done(),
        Err(error) if keep => return Err(error.into()),
        // The lease closes the connection, and the transaction ends with it; the unit's own answer stands.
        Err(_) => {}
    }
    Ok(())
}
