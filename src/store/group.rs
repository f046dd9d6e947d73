//! The group commit of SQLite: units that wait share one physical transaction and one sync.
//!
//! One task owns the one writing connection. It begins, runs every waiting unit in a savepoint of its own, commits,
//! and only then answers all of them: also those that failed, only read or were replays, because what they saw was
//! not yet on disk. Nothing above this file knows that a commit is shared.
//!
//! No interrupt and no progress handler ever touches this connection: an interrupt rolls back the other units of
//! the group as well (measured).

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection};
use tokio::sync::mpsc;

use super::failure::cause;
use super::job::{Job, Outcome};
use super::tx::{Conn, Returned, Stage};
use crate::error::Error;

/// Shared transactions committed since the process started.
pub(super) static COMMITS: AtomicU64 = AtomicU64::new(0);

/// The most units that share one transaction; it bounds how long the first of them waits.
const MAX_UNITS: usize = 256;

/// The task that owns the writing connection. It ends when every sender is gone, and closes the connection.
pub(super) async fn write_units(options: SqliteConnectOptions, conn: SqliteConnection, mut jobs: mpsc::Receiver<Job>) {
    let mut writer = Writer { options, conn: Some(conn) };
    while let Some(first) = jobs.recv().await {
        writer.group(first, &mut jobs).await;
    }
    if let Some(conn) = writer.conn.take()
        && let Err(error) = conn.close().await
    {
        tracing::warn!(%error, "the writing connection did not close cleanly");
    }
}

struct Writer {
    options: SqliteConnectOptions,
    /// Absent after a failure that left it in an unknown state; the next group opens a new one.
    conn: Option<SqliteConnection>,
}

impl Writer {
    async fn group(&mut self, first: Job, jobs: &mut mpsc::Receiver<Job>) {
        let mut outcomes = Vec::new();
        match self.run_group(first, jobs, &mut outcomes).await {
            Ok(()) => outcomes.into_iter().for_each(Outcome::answer),
            Err(error) => {
                self.recover().await;
                let cause = cause(&error);
                tracing::warn!(cause, units = outcomes.len(), "a group of writes failed as a whole");
                outcomes.into_iter().for_each(|outcome| outcome.fail(copy(&error)));
            }
        }
    }

    async fn run_group(
        &mut self,
        first: Job,
        jobs: &mut mpsc::Receiver<Job>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        if let Err(error) = self.begin().await {
            outcomes.push(first.refuse(copy(&error)));
            return Err(error);
        }
        let mut next = Some(first);
        while let Some(job) = next.take() {
            if job.is_late() {
                outcomes.push(job.refuse(Error::DeadlineExceeded));
            } else {
                self.run_unit(job, outcomes).await?;
            }
            if outcomes.len() < MAX_UNITS {
                next = jobs.try_recv().ok();
            }
        }
        self.execute("commit").await?;
        COMMITS.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn begin(&mut self) -> Result<(), Error> {
        if self.conn.is_none() {
            self.conn = Some(self.options.connect().await?);
        }
        self.execute("begin immediate").await
    }

    /// Runs one unit in its savepoint. An error means that the group as a whole cannot go on.
    async fn run_unit(&mut self, job: Job, outcomes: &mut Vec<Outcome>) -> Result<(), Error> {
        let Some(conn) = self.conn.take() else {
            outcomes.push(job.refuse(lost()));
            return Err(lost());
        };
        let (outcome, returned) = job.run(Conn::Sqlite(conn)).await;
        let succeeded = outcome.is_ok();
        let heard = outcome.heard_from_store().map(copy);
        outcomes.push(outcome);
        let Some(Returned { conn: Conn::Sqlite(conn), stage }) = returned else {
            return Err(lost());
        };
        self.conn = Some(conn);
        match stage {
            Stage::New => Ok(()),
            Stage::Open => self.undo_unit().await.map_err(|error| heard.unwrap_or(error)),
            Stage::Finished if succeeded => Ok(()),
            Stage::Finished => Err(Error::internal("a unit failed after it was complete")),
        }
    }

    /// Takes back what an unfinished unit did.
    ///
    /// Some errors (a full disk, an I/O error) make SQLite roll back the whole transaction by itself. Then there is
    /// no savepoint left, this fails, and with it the group: the next savepoint would otherwise start, and its
    /// release commit, a transaction of its own. What the unit heard from the store is then why the group fails.
    async fn undo_unit(&mut self) -> Result<(), Error> {
        self.execute("rollback to unit; release unit").await
    }

    async fn execute(&mut self, text: &'static str) -> Result<(), Error> {
        let conn = self.conn.as_mut().ok_or_else(lost)?;
        conn.execute(text).await?;
        Ok(())
    }

    /// Brings the connection back to a known state after a failed group, or lets it go.
    async fn recover(&mut self) {
        let rolled_back = self.execute("rollback").await.is_ok();
        if !rolled_back {
            self.conn = None;
        }
    }
}

fn lost() -> Error {
    Error::internal("the writing connection was lost")
}

/// Repeats the error of a group for one more of its units.
fn copy(error: &Error) -> Error {
    match error {
        Error::StoreFull(_) => Error::StoreFull(cause(error).into()),
        _ => Error::StoreUnavailable(cause(error).into()),
    }
}
