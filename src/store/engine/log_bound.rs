//! The bound on the log of a SQLite file.
//!
//! SQLite writes the log anew from its start once all of it is in the file and nobody reads an older state. Whoever keeps
//! such a state open prevents that, and the log grows with every write until the disk is full. From half of
//! the bound on, the writer tries to empty the log, which gives the space back. If that fails, the server's log names the
//! reader, if it is another program; at the bound, writes are refused. This server's own reads end with their deadlines.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::SqliteConnection;

use crate::error::{Error, Trouble};
use crate::store::engine::driver_error::cause;
use crate::store::engine::files::Files;
use crate::store::engine::group_commit::{MANY_PAGES, pages_to_copy};
use crate::store::engine::keeper::Keeper;

/// The bound unless one is set.
const MAX_BYTES: u64 = 1 << 30;
/// How often the writer tries to empty a long log while that fails.
const TRIED_EVERY: Duration = Duration::from_secs(1);

/// The bound, and what is known of a log that is long.
pub(crate) struct LogBound {
    max_bytes: Arc<AtomicU64>,
    /// The last try to empty the log; absent if it succeeded.
    last_try: Option<Try>,
    has_warned: bool,
}

/// A try that has not emptied the log.
struct Try {
    at: Instant,
    /// Whether it may still succeed: what piled up is only being copied.
    is_open: bool,
}

/// What became of an attempt to empty the log.
enum Attempt {
    /// It was made. How long the log is shows whether it succeeded.
    Made,
    /// It has to wait, because the log is being copied.
    Copying,
}

impl LogBound {
    /// Begins with the bound that holds unless another is set.
    pub fn new() -> LogBound {
        LogBound {
            max_bytes: Arc::new(AtomicU64::new(MAX_BYTES)),
            last_try: None,
            has_warned: false,
        }
    }

    /// Returns the bound, for those who set it.
    pub fn max_bytes(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.max_bytes)
    }

    /// Refuses a write while the log, as it was last looked at, is at its bound and cannot be emptied.
    pub async fn hold(
        &mut self,
        conn: &mut SqliteConnection,
        keeper: &Keeper,
        files: &Files,
    ) -> Result<(), Error> {
        let max_bytes = self.max_bytes.load(Ordering::Relaxed);
        if files.log_bytes() < max_bytes / 2 {
            if std::mem::take(&mut self.has_warned) {
                tracing::info!("the log of the store is short again");
            }
            self.last_try = None;
            return Ok(());
        }
        let last = self.last_try.as_ref();
        if last.is_none_or(|last| last.at.elapsed() >= TRIED_EVERY) {
            let attempt = shorten(conn, keeper, last.is_none()).await?;
            files.look_at_log();
            self.last_try = Some(Try {
                at: Instant::now(),
                is_open: matches!(attempt, Attempt::Copying),
            });
        }
        let n_bytes = files.log_bytes();
        if n_bytes < max_bytes / 2 {
            self.last_try = None;
            return Ok(());
        }
        if self.last_try.as_ref().is_some_and(|last| last.is_open) {
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

/// Empties the log. At the first try, has the most of it copied instead if that is much: writes go on meanwhile, and
/// what they add is then all that they have to wait for.
async fn shorten(
    conn: &mut SqliteConnection,
    keeper: &Keeper,
    is_first: bool,
) -> Result<Attempt, Error> {
    if is_first && pages_to_copy(conn).await? >= MANY_PAGES {
        keeper.copy();
        return Ok(Attempt::Copying);
    }
    match keeper.empty().await {
        Ok(true) => Ok(Attempt::Made),
        Ok(false) => Ok(Attempt::Copying),
        Err(error) if matches!(error.trouble(), Some(Trouble::Full | Trouble::Locked)) => {
            tracing::warn!(cause = cause(&error), "the log was not emptied");
            Ok(Attempt::Made)
        }
        Err(error) => Err(error),
    }
}

fn warn(n_bytes: u64, max_bytes: u64, reader: Option<u32>) {
    let name = reader.and_then(|id| std::fs::read_to_string(format!("/proc/{id}/comm")).ok());
    tracing::warn!(
        n_bytes,
        max_bytes,
        process.id = reader,
        process.name = name.as_deref().map(str::trim),
        "the log of the store grows, because an old state of its file is read: by the process named here or, if none is, \
         by a long query of this server; end that process, or writes are refused once the log has reached its bound"
    );
}
