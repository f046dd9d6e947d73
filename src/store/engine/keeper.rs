//! The connection to a SQLite file that stays open, and that copies the log into the file beside the one that writes.
//!
//! Closing the last connection would delete the log, and a new one would be made: so one does nothing else. A little of
//! the log is copied between two groups of writes (`group_commit.rs`), after which SQLite begins it anew. What piled up
//! while somebody read an old state would keep writes waiting for long, and is copied here first, while they go on.

use std::sync::Arc;

use sqlx::{Connection, Executor, SqliteConnection};
use tokio::sync::Mutex;

use crate::error::{Error, Trouble};
use crate::store::engine::driver_error::cause;
use crate::store::engine::standing::Standings;

/// The connection. Locked while it copies.
pub(crate) struct Keeper {
    /// Absent once it is closed.
    conn: Arc<Mutex<Option<SqliteConnection>>>,
    standings: Arc<Standings>,
}

impl Keeper {
    /// Takes a connection, which waits for nobody from now on: writes would wait, too.
    pub async fn new(
        mut conn: SqliteConnection,
        standings: Arc<Standings>,
    ) -> Result<Keeper, sqlx::Error> {
        conn.execute("pragma busy_timeout = 0").await?;
        Ok(Keeper {
            conn: Arc::new(Mutex::new(Some(conn))),
            standings,
        })
    }

    /// Copies the log into the file, as far as nobody reads an older state, in the background. Does nothing while an
    /// earlier copy is being made.
    pub fn copy(&self) {
        let Ok(mut conn) = Arc::clone(&self.conn).try_lock_owned() else {
            return;
        };
        let standings = Arc::clone(&self.standings);
        tokio::spawn(async move {
            let Some(conn) = conn.as_mut() else { return };
            let copied = conn.execute("pragma wal_checkpoint(passive)").await;
            // Before it can be tried again: a second sync would succeed and mean nothing.
            report(&standings, copied.map(drop).map_err(Error::from));
        });
    }

    /// Copies the log into the file and cuts it to nothing, if nobody reads from it. Says whether that was tried: it is
    /// not while a copy is being made. Nobody may write meanwhile.
    pub async fn empty(&self) -> Result<bool, Error> {
        let Ok(mut conn) = self.conn.try_lock() else {
            return Ok(false);
        };
        if let Some(conn) = conn.as_mut() {
            conn.execute("pragma wal_checkpoint(truncate)").await?;
        }
        Ok(true)
    }

    /// Closes it, once it copies no more.
    pub async fn close(self) {
        let Some(conn) = self.conn.lock().await.take() else {
            return;
        };
        if let Err(error) = conn.close().await {
            tracing::warn!(%error, "the connection that keeps the log did not close cleanly");
        }
    }
}

/// Records that the log could not be copied into the file. If there is no space for it, writes still find room in the log.
pub(crate) fn report(standings: &Standings, copied: Result<(), Error>) {
    let Err(error) = copied else { return };
    let cause = cause(&error);
    tracing::warn!(cause, "the log was not copied into the file");
    if error.trouble() != Some(Trouble::Full) {
        standings.write_failed(&error);
    }
}
