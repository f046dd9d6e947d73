//! The entrance to the store: how it is opened, read and written, on either engine.
//!
//! Owns the admission of writes and what is counted. Who may read at one time is in `lane.rs`; how units get their
//! transactions is in `group_commit.rs` on SQLite and `postgres_units.rs` on PostgreSQL.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::error::Error;
use crate::name::Name;
use crate::page::TokenKey;
use crate::store::engine::group_commit::COMMITS;
use crate::store::engine::lane::{Cost, Readers};
use crate::store::engine::postgres_units::{PostgresWriter, run_on_postgres};
use crate::store::engine::reader::STOPPED;
use crate::store::engine::standing::{Standing, Standings};
use crate::store::engine::turns::{Turns, rows_of};
use crate::store::engine::tx::{HAND_OVERS, STATEMENTS, Tx};
use crate::store::engine::unit::{Done, QueuedUnit};
use crate::store::scope::TenantScope;
use crate::store::sql::query::{Queries, Results};
use crate::store::sql::statement::{Row, Sql};

/// The most writes that may be running or waiting at one time; the next one is refused and told to retry.
pub(crate) const MAX_WRITES: usize = 256;
/// How many units that want the same record are in the queue of SQLite's writer at one time: enough that their commits
/// are shared, and few enough that others need not wait long behind them.
pub(crate) const AT_RECORD: usize = 8;
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
    pub readers: Readers,
    pub writes: Arc<Semaphore>,
    /// How many read-only statements ran since the store was opened.
    pub n_reads: AtomicU64,
}

/// Who writes.
pub(crate) enum Engine {
    Sqlite(SqliteWriter),
    Postgres(PostgresWriter),
}

pub(crate) struct SqliteWriter {
    pub queue: std::sync::Mutex<Option<mpsc::Sender<QueuedUnit>>>,
    pub task: Mutex<Option<JoinHandle<()>>>,
    pub records: Arc<Turns>,
    /// The most bytes that the log may have; shared with the task.
    pub max_log_bytes: Arc<AtomicU64>,
}

/// How much work the drivers have done since the process started, across all its stores unless stated otherwise.
#[derive(Clone, Copy, Debug)]
pub struct DriverCounters {
    /// Trips to a driver.
    pub hand_overs: u64,
    /// Statements run.
    pub statements: u64,
    /// Transactions that wrote; on SQLite, units share them, and each has one sync.
    pub shared_commits: u64,
    /// Statements of this store outside units of work: the cost of answering reads.
    pub reads: u64,
    /// Reads that were ended early because nobody waited for them any more.
    pub stopped_reads: u64,
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

    /// Runs one query outside any transaction, which has to be [`Cost::Cheap`].
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
            let lent = self.inner.readers.lend(Cost::Cheap).await?;
            lent.run(None, statements, false).await
        };
        let (lent, rows) = self.inner.note_read(rows.await)?;
        drop(lent);
        Q::read(readers, &mut Results::new(rows))
    }

    /// Runs one statement outside any transaction, and passes its rows on one by one as they arrive.
    pub async fn each(
        &self,
        _scope: &TenantScope,
        cost: Cost,
        statement: Sql,
        mut take: impl FnMut(&Row) -> Result<(), Error> + Send,
    ) -> Result<(), Error> {
        self.inner.begin_read(1)?;
        let ended = async {
            let lent = self.inner.readers.lend(cost).await?;
            lent.each(None, statement, &mut take).await.map(drop)
        };
        self.inner.note_read(ended.await)
    }

    /// Says whether units that want the same record wait for each other, and so have to find out which they want.
    pub fn has_turns(&self) -> bool {
        matches!(self.inner.engine, Engine::Postgres(_))
    }

    /// Runs a unit of work and answers once it is on disk.
    ///
    /// The unit runs to its end independently of the caller: hanging up never interrupts it halfway. If the caller's
    /// deadline passes before the unit starts, the caller is told so and nothing is done. There is no automatic
    /// retry.
    ///
    /// `records` are those that the unit is known to lock: units that want the same record wait for each other before
    /// they take a connection or a place in the queue. Those that it finds out about later need not be named.
    pub async fn write<A, F, U>(
        &self,
        scope: &TenantScope,
        deadline: Instant,
        records: Vec<Name>,
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
            records,
            turns: Vec::new(),
            clock,
            deadline,
            permit,
        })
        .await?;
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

    async fn dispatch(&self, mut unit: QueuedUnit) -> Result<(), Error> {
        match &self.inner.engine {
            Engine::Sqlite(writer) => {
                let rows = rows_of(unit.scope.tenant(), &unit.records);
                unit.turns = writer.records.take_all(&rows, unit.deadline).await?;
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
            Engine::Postgres(writer) => {
                let standings = Arc::clone(&self.inner.standings);
                tokio::spawn(run_on_postgres(writer.clone(), unit, standings));
                Ok(())
            }
        }
    }

    /// Sets the most bytes that the log of a SQLite file may have: beyond that, writes are refused until it can be
    /// emptied.
    pub fn bound_log(&self, n_bytes: u64) {
        if let Engine::Sqlite(writer) = &self.inner.engine {
            writer.max_log_bytes.store(n_bytes, Ordering::Relaxed);
        }
    }

    /// Follows what the store can currently do.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.inner.standings.follow()
    }

    /// Returns how much work the drivers have done, for benchmarks and metrics.
    pub async fn statistics(&self) -> Result<DriverCounters, Error> {
        let prepared = self.inner.readers.lend(Cost::Cheap).await?.n_prepared();
        Ok(DriverCounters {
            hand_overs: HAND_OVERS.load(Ordering::Relaxed),
            statements: STATEMENTS.load(Ordering::Relaxed),
            shared_commits: COMMITS.load(Ordering::Relaxed),
            reads: self.inner.n_reads.load(Ordering::Relaxed),
            stopped_reads: STOPPED.load(Ordering::Relaxed),
            prepared,
        })
    }

    /// Finishes what was accepted, then closes every connection.
    pub async fn close(&self) {
        // A unit gives its permit back with its answer. It fails if they are closed already.
        let all = u32::try_from(MAX_WRITES).unwrap_or(u32::MAX);
        let _all = self.inner.writes.acquire_many(all).await;
        self.inner.writes.close();
        self.inner.readers.close().await;
        match &self.inner.engine {
            Engine::Sqlite(writer) => {
                drop(writer.queue.lock().map(|mut queue| queue.take()));
                if let Some(task) = writer.task.lock().await.take() {
                    let _ = task.await;
                }
            }
            Engine::Postgres(writer) => writer.pool.close().await,
        }
    }
}
