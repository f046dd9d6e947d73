//! The bound on the log of a SQLite file.
//!
//! SQLite writes the log anew from its start once all of it is in the file and nobody reads an older state. A program
//! that keeps such a state open prevents that, and the log grows with every write until the disk is full. So at half of
//! the bound that program is named in the server's log, and at the bound writes are refused until the log can be
//! emptied. That is tried in either case, now and then, and gives the space back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Executor, SqliteConnection};

use crate::error::{Error, Trouble};
use crate::store::engine::driver_error::cause;
use crate::store::engine::files::Files;

/// The bound unless one is set.
const MAX_BYTES: u64 = 1 << 30;
/// How often it is tried to empty a long log.
const TRIED_EVERY: Duration = Duration::from_secs(1);

/// The bound, and what is known of a log that is long.
pub(crate) struct LogBound {
    max_bytes: Arc<AtomicU64>,
    /// When it was last tried to empty the log. Absent while it is short.
    tried_at: Option<Instant>,
    has_warned: bool,
}

impl LogBound {
    /// Begins with the bound that holds unless another is set.
    pub fn new() -> LogBound {
        LogBound {
            max_bytes: Arc::new(AtomicU64::new(MAX_BYTES)),
            tried_at: None,
            has_warned: false,
        }
    }

    /// Returns the bound, for those who set it.
    pub fn max_bytes(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.max_bytes)
    }

    /// Refuses a write while the log, as it was last looked at, is at its bound and cannot be emptied.
    pub async fn hold(&mut self, conn: &mut SqliteConnection, files: &Files) -> Result<(), Error> {
        let max_bytes = self.max_bytes.load(Ordering::Relaxed);
        if files.log_bytes() < max_bytes / 2 {
            if std::mem::take(&mut self.has_warned) {
                tracing::info!("the log of the store is short again");
            }
            self.tried_at = None;
            return Ok(());
        }
        if self.tried_at.is_none_or(|at| at.elapsed() >= TRIED_EVERY) {
            self.tried_at = Some(Instant::now());
            if let Err(error) = empty(conn).await {
                tracing::warn!(cause = cause(&error), "the log was not emptied");
            }
            files.look_at_log();
        }
        let n_bytes = files.log_bytes();
        if n_bytes < max_bytes / 2 {
            return Ok(());
        }
        if !std::mem::replace(&mut self.has_warned, true) {
            warn(n_bytes, max_bytes, files.reader_of_log());
        }
        if n_bytes < max_bytes {
            return Ok(());
        }
        let trouble = Trouble::LogHeld(files.reader_of_log());
        Err(Error::store(
            trouble,
            format!("the log has {n_bytes} bytes"),
        ))
    }
}

/// Copies the log into the file and cuts it to nothing, if nobody reads from it. Does not wait for those who do: all
/// writes would wait, too.
async fn empty(conn: &mut SqliteConnection) -> Result<(), Error> {
    conn.execute("pragma busy_timeout = 0").await?;
    let emptied = conn.execute("pragma wal_checkpoint(truncate)").await;
    // As long as before: `LOCK_TIMEOUT`.
    conn.execute("pragma busy_timeout = 2000").await?;
    emptied?;
    Ok(())
}

fn warn(n_bytes: u64, max_bytes: u64, reader: Option<u32>) {
    let name = reader.and_then(|id| std::fs::read_to_string(format!("/proc/{id}/comm")).ok());
    tracing::warn!(
        n_bytes,
        max_bytes,
        process.id = reader,
        process.name = name.as_deref().map(str::trim),
        "the log of the store grows, because somebody reads an old state of its file: end that process, or writes are \
         refused once the log has reached its bound"
    );
}
