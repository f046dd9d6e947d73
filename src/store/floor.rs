//! The floor that benchmarks hold the write path of SQLite against; built with feature `bench` alone.
//!
//! The same units, run one after another by one task in one transaction: no queue, no grouping, no other syncs.

use std::future::Future;
use std::path::Path;

use sqlx::{ConnectOptions, Executor};

use super::TenantScope;
use super::open::sqlite_options;
use super::tx::{Conn, Tx, take_back};
use crate::clock::Clock;
use crate::error::Error;

/// Runs units in one transaction on a database that nothing else writes to.
pub async fn run_in_one_transaction<A, F, U>(path: &Path, units: impl Iterator<Item = F>) -> Result<(), Error>
where
    F: FnOnce(Tx) -> U,
    U: Future<Output = Result<(Tx, A), Error>>,
{
    let mut conn = sqlite_options(path).connect().await?;
    conn.execute("begin immediate").await?;
    for unit in units {
        let (tx, home) = Tx::lend(Conn::Sqlite(conn), TenantScope::local(), Clock::System.now());
        drop(unit(tx).await?);
        let returned = take_back(&home).map(|returned| returned.conn);
        let Some(Conn::Sqlite(back)) = returned else { return Err(Error::internal("a unit kept its connection")) };
        conn = back;
    }
    conn.execute("commit").await?;
    Ok(())
}
