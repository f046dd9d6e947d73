//! Ends statements on PostgreSQL from outside, over the one connection that there is beside the pools.
//!
//! sqlx has no cancel. PostgreSQL tells the process of a connection to end its statement, which then fails with 57014;
//! one that runs no statement at that moment goes on as if nothing had happened. The number of a process that is gone
//! is given to another one, which may be writing: so a process is known by when it began, too.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::Mutex;

use crate::error::{Error, Trouble};

/// How long telling a process may take, the wait for the connection included.
const TOLD_WITHIN: Duration = Duration::from_secs(2);

/// Where statements are cancelled.
pub(crate) struct Canceller {
    options: PgConnectOptions,
    /// Absent after a failure; the next use opens another one.
    conn: Mutex<Option<PgConnection>>,
}

/// The process behind one connection.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    process: i32,
    began: String,
}

impl Canceller {
    /// Connects at once: there may be no connection left to open when it is needed.
    pub async fn connect(options: PgConnectOptions) -> Result<Canceller, sqlx::Error> {
        let conn = options.connect().await?;
        Ok(Canceller {
            options,
            conn: Mutex::new(Some(conn)),
        })
    }

    /// Asks a process to end its statement, and says whether there is such a process. When this returns so, it has been
    /// told.
    pub async fn cancel(&self, backend: &Backend) -> Result<bool, Error> {
        let late = |_| Error::store(Trouble::Unavailable, "no cancel was sent in time");
        let told = tokio::time::timeout(TOLD_WITHIN, self.tell(backend)).await;
        Ok(told.map_err(late)??)
    }

    /// Closes the connection.
    pub async fn close(&self) {
        if let Some(conn) = self.conn.lock().await.take() {
            // What fails to close is closed by being dropped.
            let _ = conn.close().await;
        }
    }

    async fn tell(&self, backend: &Backend) -> Result<bool, sqlx::Error> {
        let mut place = self.conn.lock().await;
        // Out of its place while in use: one that fails, or is dropped in between, is not used again.
        let mut conn = match place.take() {
            Some(conn) => conn,
            None => self.options.connect().await?,
        };
        let told = sqlx::query(
            "select pg_cancel_backend(pid) from pg_stat_activity
             where pid = $1 and cast(extract(epoch from backend_start) as text) = $2",
        )
        .bind(backend.process)
        .bind(&backend.began)
        .fetch_optional(&mut conn)
        .await?;
        *place = Some(conn);
        Ok(told.is_some())
    }
}

impl Backend {
    /// Asks who is behind a connection.
    pub async fn of(conn: &mut PgConnection) -> Result<Backend, sqlx::Error> {
        let (process, began) = sqlx::query_as(
            "select pid, cast(extract(epoch from backend_start) as text) from pg_stat_activity
             where pid = pg_backend_pid()",
        )
        .fetch_one(conn)
        .await?;
        Ok(Backend { process, began })
    }
}

#[cfg(test)]
impl Canceller {
    /// One whose server takes connections and never says a word, with a process to cancel there.
    pub async fn of_silence() -> (Canceller, Backend, tokio::net::TcpListener) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let canceller = Canceller {
            options: PgConnectOptions::new().host("127.0.0.1").port(port),
            conn: Mutex::new(None),
        };
        let backend = Backend {
            process: 1,
            began: "0".to_owned(),
        };
        (canceller, backend, listener)
    }
}
