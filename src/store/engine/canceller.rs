//! Ends statements on PostgreSQL from outside, over the one connection that there is beside the pools.
//!
//! sqlx has no cancel. PostgreSQL tells the process of a connection to end its statement, which then fails with 57014;
//! one that runs no statement at that moment goes on as if nothing had happened.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::Mutex;

/// Where statements are cancelled.
pub(crate) struct Canceller {
    options: PgConnectOptions,
    conn: Mutex<Option<PgConnection>>,
}

impl Canceller {
    /// Connects at the first use.
    pub fn new(options: PgConnectOptions) -> Canceller {
        Canceller {
            options,
            conn: Mutex::new(None),
        }
    }

    /// Asks a process of PostgreSQL to end its statement. When this returns, the process has been told.
    pub async fn cancel(&self, process: i32) -> Result<(), sqlx::Error> {
        let mut place = self.conn.lock().await;
        // Out of its place while in use: one that fails, or is dropped in between, is not used again.
        let mut conn = match place.take() {
            Some(conn) => conn,
            None => self.options.connect().await?,
        };
        sqlx::query("select pg_cancel_backend($1)")
            .bind(process)
            .execute(&mut conn)
            .await?;
        *place = Some(conn);
        Ok(())
    }
}
