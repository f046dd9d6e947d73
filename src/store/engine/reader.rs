//! A connection that reads, on either engine, and how what runs on it is ended early.
//!
//! A read may be stopped at any time, a write never is: it is the connections here, and no others, that have a
//! [`Stop`]. On SQLite a handler that the engine calls every few thousand steps looks at it; on PostgreSQL the
//! statement is cancelled from outside. After either, [`Reader::come_to_rest`] makes the connection fit for others.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{Stream, TryStreamExt};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};
use tokio::sync::mpsc;

use crate::error::{Error, Trouble};
use crate::store::engine::canceller::{Backend, Canceller};
use crate::store::engine::files::Files;
use crate::store::engine::open_sqlite::read_something;
use crate::store::engine::plan_expiry;
use crate::store::engine::tx::{each_postgres, each_sqlite, run_postgres, run_sqlite};
use crate::store::sql::statement::{Row, Sql};

/// Reads that were stopped because nobody waited for them any more, since the process started.
pub(crate) static STOPPED: AtomicU64 = AtomicU64::new(0);

/// Steps of SQLite's machine between two looks at the [`Stop`]; far less than a millisecond.
const STEPS: i32 = 1_000;
/// How long a statement that was told to end is waited for before it is told again: it may have been told between
/// two statements, when there was nothing to end.
const TOLD_EVERY: Duration = Duration::from_millis(50);
/// How long a connection to PostgreSQL may lie idle without being tried before it is used.
const UNTRIED: Duration = Duration::from_secs(1);
/// The age at which a connection to PostgreSQL is replaced, with what its process has gathered.
const OLD: Duration = Duration::from_secs(30 * 60);
/// The longest that PostgreSQL runs a statement, its `statement_timeout`: longer than any call may take
/// (`server/limits.rs`). Calls end by themselves before that.
pub(crate) const LONGEST: Duration = Duration::from_secs(70);

/// Where reading connections come from.
pub(crate) enum Connector {
    /// A file that is open already.
    Sqlite {
        options: Box<SqliteConnectOptions>,
        files: Arc<Files>,
    },
    /// A database.
    Postgres {
        options: Box<PgConnectOptions>,
        canceller: Arc<Canceller>,
    },
}

/// How what runs on one connection is ended early.
pub(crate) struct Stop {
    is_set: AtomicBool,
    /// Whether a cancel failed, so that it may still be on its way.
    is_in_doubt: AtomicBool,
    canceller: Option<Arc<Canceller>>,
    /// Who is behind the connection, on PostgreSQL, once that is known.
    backend: Mutex<Option<Backend>>,
}

/// What is to be read.
pub(crate) enum Reading {
    /// All rows of statements.
    All(Vec<Sql>),
    /// The rows of one statement, which are sent on one by one.
    Each(Sql, mpsc::Sender<Row>),
}

/// A reading connection.
pub(crate) struct Reader {
    conn: ReadConn,
    stop: Arc<Stop>,
    opened_at: Instant,
    idle_since: Instant,
}

enum ReadConn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Connector {
    /// Closes what belongs to no connection of its own.
    pub async fn close(&self) {
        if let Connector::Postgres { canceller, .. } = self {
            canceller.close().await;
        }
    }

    /// Makes the stop of a connection that is still to be opened.
    pub fn stop(&self) -> Arc<Stop> {
        let canceller = match self {
            Connector::Sqlite { .. } => None,
            Connector::Postgres { canceller, .. } => Some(Arc::clone(canceller)),
        };
        Arc::new(Stop::of(canceller))
    }

    /// Opens a connection that this stops.
    pub async fn open(&self, stop: Arc<Stop>) -> Result<Reader, Error> {
        let conn = match self {
            Connector::Sqlite { options, files } => {
                // One opened later might meet another file of that name. Closing that would put the log into it, and
                // delete the log.
                files.check()?;
                let mut conn = options.connect().await?;
                read_something(&mut conn).await?;
                files.check()?;
                let stop = Arc::clone(&stop);
                conn.lock_handle()
                    .await?
                    .set_progress_handler(STEPS, move || !stop.is_set());
                ReadConn::Sqlite(conn)
            }
            Connector::Postgres { options, .. } => {
                let mut conn = options.connect().await?;
                *stop.backend() = Some(Backend::of(&mut conn).await?);
                ReadConn::Postgres(conn)
            }
        };
        Ok(Reader {
            conn,
            stop,
            opened_at: Instant::now(),
            idle_since: Instant::now(),
        })
    }
}

impl Stop {
    fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }

    /// Ends early what nobody waits for any more.
    fn check(&self) -> Result<(), Error> {
        if self.is_set() {
            return Err(Error::DeadlineExceeded);
        }
        Ok(())
    }

    fn of(canceller: Option<Arc<Canceller>>) -> Stop {
        Stop {
            is_set: AtomicBool::new(false),
            is_in_doubt: AtomicBool::new(false),
            canceller,
            backend: Mutex::default(),
        }
    }

    fn backend(&self) -> std::sync::MutexGuard<'_, Option<Backend>> {
        self.backend.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the connection, before another one takes its place.
    pub fn forget(&self) {
        *self.backend() = None;
        self.is_in_doubt.store(false, Ordering::Release);
    }

    /// Stops work, and waits for its end. No cancel is on its way when this returns, or it is known to be in doubt.
    pub async fn end<T>(&self, mut work: impl Future<Output = T> + Unpin) -> T {
        self.is_set.store(true, Ordering::Release);
        loop {
            // Not both at once: rows that keep coming would leave the cancel no time.
            self.tell().await;
            if let Ok(ended) = tokio::time::timeout(TOLD_EVERY, &mut work).await {
                STOPPED.fetch_add(1, Ordering::Relaxed);
                return ended;
            }
        }
    }

    /// Tells who is behind the connection to end the statement, and says whether anybody may be there.
    async fn tell(&self) -> bool {
        let backend = self.backend().clone();
        let (Some(canceller), Some(backend)) = (&self.canceller, backend) else {
            return false;
        };
        let told = canceller.cancel(&backend).await;
        if told.is_err() {
            self.is_in_doubt.store(true, Ordering::Release);
        }
        told.unwrap_or(true)
    }

    /// Waits, after the connection was closed from this side, until nothing runs behind it either.
    pub async fn outlast(&self) {
        let gone = async {
            while self.tell().await {
                tokio::time::sleep(TOLD_EVERY).await;
            }
        };
        // By then its statement has ended by itself.
        let _ = tokio::time::timeout(LONGEST, gone).await;
    }
}

impl Reader {
    /// Returns how it is stopped.
    pub fn stop(&self) -> Arc<Stop> {
        Arc::clone(&self.stop)
    }

    /// Says whether a connection that lay idle can be used, after what has to be done from time to time.
    pub async fn is_fit(&mut self) -> bool {
        // A file does not go away between two reads.
        let ReadConn::Postgres(conn) = &mut self.conn else {
            return true;
        };
        let (age, idle_for) = (self.opened_at.elapsed(), self.idle_since.elapsed());
        if age >= OLD {
            return false;
        }
        if plan_expiry::is_over(age, idle_for) {
            return conn.execute("discard plans").await.is_ok();
        }
        idle_for < UNTRIED || conn.ping().await.is_ok()
    }

    /// Reads. With a `begin` it opens a transaction first: with that text on PostgreSQL. If it is the last reading in
    /// a transaction, SQLite ends that with the statements. Returns no rows of those that were sent on.
    pub async fn read(
        &mut self,
        begin: Option<&'static str>,
        reading: Reading,
        is_last: bool,
    ) -> Result<Vec<Vec<Row>>, Error> {
        self.stop.check()?;
        let rows = self.read_on(begin, reading, is_last).await;
        self.idle_since = Instant::now();
        rows
    }

    async fn read_on(
        &mut self,
        begin: Option<&'static str>,
        reading: Reading,
        is_last: bool,
    ) -> Result<Vec<Vec<Row>>, Error> {
        match &mut self.conn {
            ReadConn::Sqlite(conn) => {
                let before = begin.map_or("", |_| "begin;\n");
                match reading {
                    Reading::All(statements) => {
                        let after = if is_last { "commit" } else { "" };
                        run_sqlite(conn, before, statements, after).await
                    }
                    Reading::Each(statement, to) => {
                        send(each_sqlite(conn, before, statement)?, to).await
                    }
                }
            }
            ReadConn::Postgres(conn) => {
                if let Some(begin) = begin {
                    conn.execute(begin).await?;
                }
                read_postgres(conn, &self.stop, reading).await
            }
        }
    }

    /// Ends the transaction, which has nothing to commit.
    pub async fn end(&mut self) -> Result<(), Error> {
        match &mut self.conn {
            // As a query, not as plain text, it is kept prepared. PostgreSQL plans nothing for it in any case.
            ReadConn::Sqlite(conn) => sqlx::query("commit").execute(conn).await.map(drop)?,
            ReadConn::Postgres(conn) => conn.execute("commit").await.map(drop)?,
        }
        Ok(())
    }

    /// Makes the connection fit for others after a statement that failed or was stopped: nothing runs on it, no
    /// transaction is open, and no cancel can hit what runs on it later. If this fails, it is to be closed.
    pub async fn come_to_rest(&mut self) -> Result<(), Error> {
        match &mut self.conn {
            ReadConn::Sqlite(conn) => {
                // Its thread answers once the statement has ended.
                conn.ping().await?;
                self.stop.is_set.store(false, Ordering::Release);
                // Fails if there is none; that there is none now is what counts.
                let _ = conn.execute("rollback").await;
                conn.execute("begin; commit").await?;
            }
            ReadConn::Postgres(conn) => {
                if self.stop.is_in_doubt.load(Ordering::Acquire) {
                    let why = "a cancel may be on its way";
                    return Err(Error::store(Trouble::Unavailable, why));
                }
                self.stop.is_set.store(false, Ordering::Release);
                // Whoever was told to end has been told (`Stop::end`), so the signal has arrived when the process
                // answers, and what arrives between statements is forgotten.
                conn.ping().await?;
                conn.execute("rollback").await?;
            }
        }
        Ok(())
    }

    /// Returns how many statements it keeps prepared.
    pub fn n_prepared(&self) -> usize {
        match &self.conn {
            ReadConn::Sqlite(conn) => conn.cached_statements_size(),
            ReadConn::Postgres(conn) => conn.cached_statements_size(),
        }
    }

    /// Closes it in good order.
    pub async fn close(self) {
        let closed = match self.conn {
            ReadConn::Sqlite(conn) => conn.close().await,
            ReadConn::Postgres(conn) => conn.close().await,
        };
        if let Err(error) = closed {
            tracing::debug!(%error, "a reading connection did not close cleanly");
        }
    }
}

async fn read_postgres(
    conn: &mut PgConnection,
    stop: &Stop,
    reading: Reading,
) -> Result<Vec<Vec<Row>>, Error> {
    let statements = match reading {
        Reading::Each(statement, to) => return send(each_postgres(conn, statement)?, to).await,
        Reading::All(statements) => statements,
    };
    let mut rows = Vec::with_capacity(statements.len());
    for statement in statements {
        stop.check()?;
        rows.extend(run_postgres(conn, vec![statement]).await?);
    }
    Ok(rows)
}

/// Sends rows on as they arrive. Those that nobody takes any more are read all the same, so that the statement is at
/// its end and the connection free for another one.
async fn send(
    rows: impl Stream<Item = Result<Row, Error>>,
    to: mpsc::Sender<Row>,
) -> Result<Vec<Vec<Row>>, Error> {
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await? {
        if to.send(row).await.is_err() {
            // They may come faster than anything else gets its turn, the cancel that ends them included.
            tokio::task::yield_now().await;
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_that_is_stopped_ends_while_no_cancel_can_be_sent() {
        let (canceller, backend, _listener) = Canceller::of_silence().await;
        let stop = Stop::of(Some(Arc::new(canceller)));
        *stop.backend() = Some(backend);
        let (to_end, end) = tokio::sync::oneshot::channel();
        let work = Box::pin(async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            to_end.send(()).expect("somebody hears of it");
        });
        tokio::time::timeout(Duration::from_secs(10), stop.end(work))
            .await
            .expect("it does not wait for the cancel for long");
        end.await.expect("the work went on");
        assert!(stop.is_in_doubt.load(Ordering::Acquire), "a lost cancel");
        stop.forget();
        assert!(!stop.tell().await, "nobody is behind it");
    }
}
