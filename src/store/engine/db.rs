//! The entrance to the store: how it is opened, read and written, on either engine.
//!
//! Owns the pools, admission and the transactions of PostgreSQL. What is written is up to the callers; how SQLite
//! shares its commits is in `engine/group_commit.rs`.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use sqlx::pool::PoolConnection;
use sqlx::{Connection, Database, Executor, PgPool, Pool, Postgres, SqlitePool};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::error::Error;
use crate::page::TokenKey;
use crate::store::engine::group_commit::COMMITS;
use crate::store::engine::standing::{Standing, Standings};
use crate::store::engine::tx::{
    Conn, HAND_OVERS, Returned, STATEMENTS, Tx, each_postgres, each_sqlite, run_postgres,
    run_sqlite,
};
use crate::store::engine::unit::{Done, QueuedUnit};
use crate::store::scope::TenantScope;
use crate::store::sql::query::{Queries, Results};
use crate::store::sql::statement::{Row, Sql};

/// The most writes that may be running or waiting at one time; the next one is refused and told to retry.
pub(crate) const MAX_WRITES: usize = 256;
/// How long a call waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);
/// How long a write waits to be admitted.
const ADMISSION_WAIT: Duration = Duration::from_millis(100);

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub engine: Engine,
    pub clock: Clock,
    pub token_key: TokenKey,
    pub standings: Arc<Standings>,
    pub writes: Arc<Semaphore>,
    /// Limits how many comparisons run at one time; see [`Db::comparison`].
    pub comparisons: Arc<Semaphore>,
    /// How many read-only statements ran since the store was opened.
    pub n_reads: AtomicU64,
}

pub(crate) enum Engine {
    Sqlite {
        readers: SqlitePool,
        writer: SqliteWriter,
    },
    Postgres {
        pool: PgPool,
    },
}

pub(crate) struct SqliteWriter {
    pub queue: std::sync::Mutex<Option<mpsc::Sender<QueuedUnit>>>,
    pub task: Mutex<Option<JoinHandle<()>>>,
}

/// How much work the drivers have done since the process started, across all its stores unless stated otherwise.
#[derive(Clone, Copy, Debug)]
pub struct DriverCounters {
    /// Trips to a driver.
    pub hand_overs: u64,
    /// Statements run.
    pub statements: u64,
    /// SQLite transactions shared by units, each with one sync.
    pub shared_commits: u64,
    /// Statements of this store outside units of work: the cost of answering reads.
    pub reads: u64,
    /// Statements that one reading connection keeps prepared.
    pub prepared: usize,
}

/// An answer, and the tenant's revision that it reflects.
#[derive(Debug)]
pub struct At<A> {
    /// The answer.
    pub answer: A,
    /// The tenant's revision: after this write, or at the time of this read.
    pub revision: i64,
}

impl Inner {
    /// Admits read-only statements, and counts them.
    pub fn begin_read(&self, n_statements: usize) -> Result<(), Error> {
        self.n_reads
            .fetch_add(n_statements as u64, Ordering::Relaxed);
        self.standings.admit_read()
    }

    /// Records how a read ended.
    pub fn note_read<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        result.inspect_err(|error| self.standings.read_failed(error))
    }
}

impl Db {
    /// Returns the clock that every unit uses.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Returns the key that page tokens are sealed with. It is kept in the store, so replicas and restarts agree.
    pub fn token_key(&self) -> &TokenKey {
        &self.inner.token_key
    }

    /// Runs one query outside any transaction.
    ///
    /// One statement is one snapshot on both engines. To read several things at one revision, use one statement too.
    pub async fn fetch<Q: Queries>(
        &self,
        _scope: &TenantScope,
        query: Q,
    ) -> Result<Q::Answers, Error> {
        let mut statements = Vec::new();
        let readers = query.split(&mut statements);
        self.inner.begin_read(statements.len())?;
        let rows = async {
            match &self.inner.engine {
                Engine::Sqlite { readers, .. } => {
                    let mut conn = acquire(readers).await?;
                    run_sqlite(&mut conn, "", statements, "").await
                }
                Engine::Postgres { pool } => {
                    let mut lease = Lease::acquire(pool, Instant::now()).await?;
                    let rows = run_postgres(lease.conn()?, statements).await?;
                    lease.done();
                    Ok(rows)
                }
            }
        };
        Q::read(
            readers,
            &mut Results::new(self.inner.note_read(rows.await)?),
        )
    }

    /// Runs one statement as [`Db::fetch`] does, and passes its rows on one by one as they arrive.
    pub async fn each(
        &self,
        _scope: &TenantScope,
        statement: Sql,
        mut take: impl FnMut(&Row) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        self.inner.begin_read(1)?;
        let ended = async {
            match &self.inner.engine {
                Engine::Sqlite { readers, .. } => {
                    each_sqlite(&mut *acquire(readers).await?, "", statement, &mut take).await
                }
                Engine::Postgres { pool } => {
                    let mut lease = Lease::acquire(pool, Instant::now()).await?;
                    each_postgres(lease.conn()?, statement, &mut take).await?;
                    lease.done();
                    Ok(())
                }
            }
        };
        self.inner.note_read(ended.await)
    }

    /// Runs a unit of work and answers once it is on disk.
    ///
    /// The unit runs to its end independently of the caller: hanging up never interrupts it halfway. If the caller's
    /// deadline passes before the unit starts, the caller is told so and nothing is done. There is no automatic
    /// retry.
    pub async fn write<A, F, U>(
        &self,
        scope: &TenantScope,
        deadline: Instant,
        unit: F,
    ) -> Result<At<A>, Error>
    where
        A: Send + 'static,
        F: FnOnce(Tx) -> U + Send + 'static,
        U: Future<Output = Result<(Tx, A), Error>> + Send + 'static,
    {
        self.inner.standings.admit_write()?;
        let admission = Arc::clone(&self.inner.writes).acquire_owned();
        let permit = tokio::time::timeout(ADMISSION_WAIT, admission)
            .await
            .map_err(|_| Error::Overloaded)?
            .map_err(|_| Error::ShuttingDown)?;
        let (reply, answer) = oneshot::channel();
        let unit = Box::new(move |tx: Tx| {
            unit(tx)
                .map(|result| {
                    result.map(|(tx, answer)| Done {
                        revision: tx.revision(),
                        answer: Box::new(answer),
                    })
                })
                .boxed()
        });
        let clock = self.inner.clock.clone();
        self.dispatch(QueuedUnit {
            unit,
            reply,
            scope: scope.clone(),
            clock,
            deadline,
            permit,
        })?;
        let done = answer
            .await
            .map_err(|_| Error::internal("a unit of work was dropped"))??;
        let answer = done
            .answer
            .downcast::<A>()
            .map_err(|_| Error::internal("a unit answered another type"))?;
        Ok(At {
            answer: *answer,
            revision: done.revision,
        })
    }

    fn dispatch(&self, unit: QueuedUnit) -> Result<(), Error> {
        match &self.inner.engine {
            Engine::Sqlite { writer, .. } => {
                let queue = writer
                    .queue
                    .lock()
                    .map_err(|_| Error::internal("the queue of writes is poisoned"))?;
                let queue = queue.as_ref().ok_or(Error::ShuttingDown)?;
                queue.try_send(unit).map_err(|error| match error {
                    mpsc::error::TrySendError::Full(_) => Error::Overloaded,
                    mpsc::error::TrySendError::Closed(_) => Error::ShuttingDown,
                })
            }
            Engine::Postgres { pool } => {
                tokio::spawn(run_on_postgres(
                    pool.clone(),
                    unit,
                    Arc::clone(&self.inner.standings),
                ));
                Ok(())
            }
        }
    }

    /// Waits until a comparison of segments may run; it may for as long as the permit is held. A comparison can read
    /// all customers for up to a minute, and neither engine frees its connection before that; the connections are
    /// needed for other reads, too.
    pub async fn comparison(&self) -> Result<OwnedSemaphorePermit, Error> {
        let permit = Arc::clone(&self.inner.comparisons).acquire_owned().await;
        permit.map_err(|_| Error::ShuttingDown)
    }

    /// Follows what the store can currently do.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.inner.standings.follow()
    }

    /// Returns how much work the drivers have done, for benchmarks and metrics.
    pub async fn statistics(&self) -> Result<DriverCounters, Error> {
        let prepared = match &self.inner.engine {
            Engine::Sqlite { readers, .. } => acquire(readers).await?.cached_statements_size(),
            Engine::Postgres { pool } => acquire(pool).await?.cached_statements_size(),
        };
        Ok(DriverCounters {
            hand_overs: HAND_OVERS.load(Ordering::Relaxed),
            statements: STATEMENTS.load(Ordering::Relaxed),
            shared_commits: COMMITS.load(Ordering::Relaxed),
            reads: self.inner.n_reads.load(Ordering::Relaxed),
            prepared,
        })
    }

    /// Finishes what was accepted, then closes every connection.
    pub async fn close(&self) {
        self.inner.writes.close();
        match &self.inner.engine {
            Engine::Sqlite { readers, writer } => {
                readers.close().await;
                drop(writer.queue.lock().map(|mut queue| queue.take()));
                if let Some(task) = writer.task.lock().await.take() {
                    let _ = task.await;
                }
            }
            Engine::Postgres { pool } => pool.close().await,
        }
    }
}

/// Waits for a connection of a pool as long as a call does; the pool itself waits as long as a start does.
pub(crate) async fn acquire<D: Database>(pool: &Pool<D>) -> Result<PoolConnection<D>, sqlx::Error> {
    tokio::time::timeout(ACQUIRE_TIMEOUT, pool.acquire())
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// A pooled connection that is closed instead of given back unless its work is known to be done.
///
/// sqlx 0.9.0 returns a connection to the pool in whatever state a dropped future left it, even inside a transaction;
/// the next borrower's writes are then lost (transact-rs/sqlx#4385).
pub(crate) struct Lease<D: Database> {
    pub conn: Option<PoolConnection<D>>,
}

impl Lease<Postgres> {
    /// Waits for a connection: until the deadline while all are busy, but no longer than the pool does while none can
    /// be opened.
    pub async fn acquire(pool: &PgPool, deadline: Instant) -> Result<Lease<Postgres>, Error> {
        loop {
            match acquire(pool).await {
                Err(sqlx::Error::PoolTimedOut)
                    if pool.size() >= pool.options().get_max_connections() =>
                {
                    if Instant::now() >= deadline {
                        return Err(Error::Overloaded);
                    }
                }
                acquired => {
                    return Ok(Lease {
                        conn: Some(acquired?),
                    });
                }
            }
        }
    }
}

impl<D: Database> Lease<D> {
    /// Returns the connection.
    pub fn conn(&mut self) -> Result<&mut PoolConnection<D>, Error> {
        self.conn
            .as_mut()
            .ok_or_else(|| Error::internal("a lease lost its connection"))
    }

    /// Gives the connection back; its work is done.
    pub fn done(mut self) {
        self.conn = None;
    }
}

impl<D: Database> Drop for Lease<D> {
    fn drop(&mut self) {
        if let Some(conn) = &mut self.conn {
            conn.close_on_drop();
        }
    }
}

/// Runs one unit in a PostgreSQL transaction of its own and answers its caller.
async fn run_on_postgres(pool: PgPool, unit: QueuedUnit, standings: Arc<Standings>) {
    if unit.is_late() {
        return unit.refuse(Error::DeadlineExceeded).answer();
    }
    match begin(&pool, unit.deadline).await {
        Err(error) => {
            standings.write_failed(&error);
            unit.refuse(error).answer();
        }
        Ok(conn) => {
            let (outcome, returned) = unit.run(Conn::Postgres(conn)).await;
            let ended = end(outcome.writes, returned).await;
            match ended.as_ref().err().or(outcome.heard_from_store()) {
                Some(error) => standings.write_failed(error),
                None if outcome.writes => standings.write_succeeded(),
                None => {}
            }
            match ended {
                Ok(()) => outcome.answer(),
                Err(error) => outcome.fail(error),
            }
        }
    }
}

async fn begin(pool: &PgPool, deadline: Instant) -> Result<PoolConnection<Postgres>, Error> {
    let mut lease = Lease::acquire(pool, deadline).await?;
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
