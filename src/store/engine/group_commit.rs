//! SQLite's group commit: waiting units share one physical transaction and one sync.
//!
//! One task owns the only writing connection. It begins, runs every waiting unit in a savepoint of its own, commits,
//! makes sure that the files are still the ones it writes to, and only then answers all of them, including those that
//! failed, only read or were replays, because what they saw was not yet on disk. Nothing outside this file knows that
//! a commit is shared.
//!
//! No interrupt and no progress handler ever touches this connection: an interrupt rolls back the other units of the
//! group as well (measured).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::mpsc;

use crate::error::{Error, Trouble};
use crate::store::engine::driver_error::{cause, repeated};
use crate::store::engine::files::Files;
use crate::store::engine::keeper::{Keeper, report};
use crate::store::engine::log_bound::LogBound;
use crate::store::engine::standing::Standings;
use crate::store::engine::tx::{Conn, Returned, Stage};
use crate::store::engine::unit::{Outcome, QueuedUnit, UNITS};

/// Transactions that wrote, committed since the process started; on SQLite, units share them.
pub(crate) static COMMITS: AtomicU64 = AtomicU64::new(0);

/// The most units that share one transaction; this bounds how long the first of them waits.
const MAX_UNITS: usize = 256;
/// How many pages of the log may be missing from the file before they are checkpointed; 16 MiB.
const CHECKPOINT_PAGES: i64 = 4_000;
/// How many of them are too many to be copied between two groups of writes; 64 MiB.
pub(crate) const MANY_PAGES: i64 = 16_000;
/// Units between two checks of that number, unless the log grows by [`KEPT_LOG_BYTES`] before. SQLite prepares the check
/// anew each time.
const ASKED_EVERY: usize = 64;
/// To which length the file of the log is cut back when SQLite begins it anew: what fits before it is copied.
pub(crate) const KEPT_LOG_BYTES: u64 = CHECKPOINT_PAGES.unsigned_abs() * 4096;

/// The task that owns the writing connection. It ends when every sender is gone, and closes its connections.
pub(crate) async fn write_units(mut writer: Writer, mut units: mpsc::Receiver<QueuedUnit>) {
    while let Some(first) = units.recv().await {
        writer.group(first, &mut units).await;
    }
    if !writer.files.may_be_closed() {
        tracing::warn!(
            "the store is left as it is, because its files are not those that were opened"
        );
        // As long as one connection is not closed, SQLite does not see the last one close.
        return std::mem::forget(writer.keeper);
    }
    writer.keeper.close().await;
    if let Some(conn) = writer.conn
        && let Err(error) = conn.close().await
    {
        tracing::warn!(%error, "the writing connection did not close cleanly");
    }
}

/// The writing connection, and what is known about its files.
pub(crate) struct Writer {
    pub options: SqliteConnectOptions,
    /// Absent after a failure that left it in an unknown state; the next group opens a new one.
    pub conn: Option<SqliteConnection>,
    pub keeper: Keeper,
    pub files: Arc<Files>,
    pub standings: Arc<Standings>,
    pub log_bound: LogBound,
    /// Whether a transaction is open.
    pub is_open: bool,
    /// Units that ran since the log was last checked.
    pub n_units: usize,
    /// The length of the log then, in bytes.
    pub checked_bytes: u64,
    /// Whether the keeper was told then to copy it.
    pub is_copied_aside: bool,
}

impl Writer {
    async fn group(&mut self, first: QueuedUnit, units: &mut mpsc::Receiver<QueuedUnit>) {
        let mut outcomes = Vec::new();
        match self.run_group(first, units, &mut outcomes).await {
            Ok(()) => {
                self.take_note(&outcomes);
                outcomes.into_iter().for_each(Outcome::answer);
            }
            Err(error) => {
                self.standings.write_failed(&error);
                if error.trouble().is_none() {
                    tracing::error!(
                        cause = cause(&error),
                        units = outcomes.len(),
                        "a group of writes failed as a whole"
                    );
                }
                outcomes
                    .into_iter()
                    .for_each(|outcome| outcome.fail(repeated(&error)));
                self.recover(&error).await;
            }
        }
        let has_grown = self.files.log_bytes() >= self.checked_bytes + KEPT_LOG_BYTES;
        if (has_grown || self.n_units >= ASKED_EVERY) && self.standings.admit_write().is_ok() {
            self.n_units = 0;
            self.checked_bytes = self.files.log_bytes();
            self.checkpoint().await;
        }
    }

    /// Notes what a group that is on disk says about the store.
    fn take_note(&self, outcomes: &[Outcome]) {
        if let Some(error) = outcomes.iter().find_map(Outcome::heard_from_store) {
            self.standings.write_failed(error);
        } else if outcomes.iter().any(|outcome| outcome.writes) {
            self.standings.write_succeeded();
        }
    }

    async fn run_group(
        &mut self,
        first: QueuedUnit,
        units: &mut mpsc::Receiver<QueuedUnit>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        if let Err(error) = self.begin().await {
            // The units behind it would fail the same way, one after the other, each just as late.
            outcomes.push(first.refuse(repeated(&error)));
            while let Ok(unit) = units.try_recv() {
                outcomes.push(unit.refuse(repeated(&error)));
            }
            return Err(error);
        }
        let mut next = Some(first);
        while let Some(unit) = next.take() {
            if unit.is_late() {
                outcomes.push(unit.refuse(Error::DeadlineExceeded));
            } else {
                self.run_unit(unit, outcomes).await?;
            }
            if outcomes.len() < MAX_UNITS {
                next = units.try_recv().ok();
            }
        }
        self.execute("commit").await?;
        self.is_open = false;
        self.n_units += outcomes.len();
        self.files.check()?;
        let n_writes = outcomes.iter().filter(|outcome| outcome.writes).count();
        if n_writes > 0 {
            COMMITS.fetch_add(1, Ordering::Relaxed);
            UNITS.fetch_add(n_writes as u64, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn begin(&mut self) -> Result<(), Error> {
        self.standings.admit_write()?;
        if self.conn.is_none() {
            self.files.check()?;
            self.conn = Some(self.options.connect().await?);
        }
        if self.files.look_at_log() {
            self.checked_bytes = 0;
            self.check_log().await?;
        }
        let conn = self.conn.as_mut().ok_or_else(lost)?;
        self.log_bound.hold(conn, &self.keeper, &self.files).await?;
        self.execute("begin immediate").await?;
        self.is_open = true;
        Ok(())
    }

    /// Fails if the log lacks pages that SQLite believes are in it. A program that empties it the way SQLite does
    /// leaves none missing. Sizes: <https://sqlite.org/fileformat2.html#the_write_ahead_log>.
    async fn check_log(&mut self) -> Result<(), Error> {
        let conn = self.conn.as_mut().ok_or_else(lost)?;
        let page_bytes: i64 = sqlx::query_scalar("pragma page_size")
            .fetch_one(&mut *conn)
            .await?;
        let (_, in_log, _) = pages_of_log(conn).await?;
        let least = u64::try_from(32 + in_log * (24 + page_bytes)).unwrap_or(0);
        if in_log == 0 || self.files.log_bytes() >= least {
            return Ok(());
        }
        self.files.check()?;
        let cut = "the log was cut short: stop the server, and keep a copy of the files";
        Err(Error::store(Trouble::Replaced, cut))
    }

    /// Checkpoints the log into the file if it is long. SQLite would do so itself within a commit, and would not
    /// report that the file could not be synced.
    async fn checkpoint(&mut self) {
        let copied = self.copy_log().await;
        report(&self.standings, copied);
    }

    /// Copies the log into the file, or has the keeper do it if there is much. What is left after that is copied here,
    /// however much it is: otherwise writes could go on adding to the log faster than it is copied.
    async fn copy_log(&mut self) -> Result<(), Error> {
        let conn = self.conn.as_mut().ok_or_else(lost)?;
        let n_pages = pages_to_copy(conn).await?;
        let was_copied_aside = std::mem::take(&mut self.is_copied_aside);
        match n_pages {
            ..CHECKPOINT_PAGES => Ok(()),
            MANY_PAGES.. if !was_copied_aside => {
                self.keeper.copy();
                self.is_copied_aside = true;
                Ok(())
            }
            _ => self.execute("pragma wal_checkpoint(passive)").await,
        }
    }

    /// Runs one unit in its savepoint. An error means that the group as a whole cannot go on.
    async fn run_unit(
        &mut self,
        unit: QueuedUnit,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), Error> {
        let Some(conn) = self.conn.take() else {
            outcomes.push(unit.refuse(lost()));
            return Err(lost());
        };
        let (outcome, returned) = unit.run(Conn::Sqlite(conn)).await;
        let writes = outcome.writes;
        let heard = outcome.heard_from_store().map(repeated);
        outcomes.push(outcome);
        let Some(Returned {
            conn: Conn::Sqlite(conn),
            stage,
        }) = returned
        else {
            return Err(lost());
        };
        self.conn = Some(conn);
        match stage {
            Stage::New => Ok(()),
            Stage::Open => self
                .undo_unit()
                .await
                .map_err(|error| heard.unwrap_or(error)),
            Stage::Finished if writes => Ok(()),
            Stage::Finished => Err(Error::internal("a unit failed after it was complete")),
        }
    }

    /// Rolls back what an unfinished unit did.
    ///
    /// Some errors (a full disk, an I/O error) make SQLite roll back the whole transaction by itself. Then there is
    /// no savepoint left, so this fails, and the group with it: otherwise the next savepoint would start a
    /// transaction of its own, and releasing it would commit that. The error that the unit met is then why the group
    /// fails.
    async fn undo_unit(&mut self) -> Result<(), Error> {
        self.execute("rollback to unit; release unit").await
    }

    /// Runs a text without values. Run as a query, not as plain text, it is kept prepared.
    async fn execute(&mut self, text: &'static str) -> Result<(), Error> {
        sqlx::query(text)
            .execute(self.conn.as_mut().ok_or_else(lost)?)
            .await?;
        Ok(())
    }

    /// Brings the connection back to a known state after a failed group, or drops it. If it may not write any more,
    /// it is left as it is.
    async fn recover(&mut self, error: &Error) {
        let was_open = std::mem::take(&mut self.is_open);
        if self.standings.admit_write().is_err() {
            return;
        }
        let is_known = match error.trouble() {
            _ if was_open => self.execute("rollback").await.is_ok(),
            // It was refused before it began.
            trouble => matches!(trouble, Some(Trouble::LogHeld(_))),
        };
        if !is_known {
            self.conn = None;
        }
    }
}

/// Returns whether the log is busy, how many pages are in it, and how many of those are also in the file.
async fn pages_of_log(conn: &mut SqliteConnection) -> Result<(i64, i64, i64), Error> {
    Ok(sqlx::query_as("pragma wal_checkpoint(noop)")
        .fetch_one(conn)
        .await?)
}

/// Returns how many pages of the log are not yet in the file.
pub(crate) async fn pages_to_copy(conn: &mut SqliteConnection) -> Result<i64, Error> {
    let (_is_busy, in_log, in_file) = pages_of_log(conn).await?;
    Ok(in_log - in_file)
}

fn lost() -> Error {
    Error::internal("the writing connection was lost")
}
