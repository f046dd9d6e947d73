//! The store: what holds on both engines, whatever happens.
//!
//! - A unit of work is all or nothing, and acknowledged means on disk (`engine`).
//! - Every commit that changes something gives its tenant the next revision, 1..N without gaps, one change row for
//!   each touched resource and one history row with the resource's new state (`record::change`).
//! - Every statement names its tenant; every function here takes a [`TenantScope`], or a [`engine::db::Db`] and a
//!   scope.
//! - Text is compared and ordered bytewise; folding and formatting happen in Rust, never in SQL.
//! - "No such row" is `None` here; the callers give it a meaning.
//!
//! Seven modules, in reading order; each knows those before it and none after it: `sql` renders statements, `engine`
//! runs them, `access` has the API keys, `record` is what all resources share, `read` answers questions, `resources`
//! defines each of the nine, and `write` has the units that change them.

pub mod scope;

pub mod sql;

pub mod engine;

pub mod access;

pub mod record;

pub mod read;

pub mod resources;

pub mod write;

#[cfg(feature = "bench")]
pub mod bench_floor;

pub use scope::TenantScope;

use std::cmp::Ordering;

use crate::clock::Clock;
use crate::error::Error;
use crate::store::engine::open::{
    DatabaseUrl, OpenError, Opened, check_current, migrate_engine, open_engine, why,
};
use crate::store::write::refile::{self, Refiled};

/// Opens a store. A SQLite file is created, migrated and refiled if needed; for PostgreSQL [`migrate`] must have done
/// that.
pub async fn open(url: &DatabaseUrl, clock: Clock) -> Result<Opened, OpenError> {
    let opened = open_engine(url, clock).await?;
    if url.migrates_itself() {
        refile_all(url, &opened, &mut log_progress).await?;
    }
    check_filing(url, &opened).await?;
    Ok(opened)
}

/// Opens a store that is up to date; creates, migrates and refiles nothing.
pub async fn open_current(url: &DatabaseUrl, clock: Clock) -> Result<Opened, OpenError> {
    check_current(url).await?;
    let opened = open_engine(url, clock).await?;
    check_filing(url, &opened).await?;
    Ok(opened)
}

/// Refuses a store whose records are not filed as this version does it.
async fn check_filing(url: &DatabaseUrl, opened: &Opened) -> Result<(), OpenError> {
    let filing = refile::filing_of(&opened.db).await;
    match filing.map_err(|error| cannot_refile(url, &error))? {
        Ordering::Equal => Ok(()),
        Ordering::Less => Err(OpenError::new(
            "the records are filed as an earlier version did it: run `clientele migrate` with the same --database-url",
        )),
        Ordering::Greater => Err(OpenError::new(
            "the records are filed as a newer version does it: use a newer clientele",
        )),
    }
}

/// Migrates a database to this binary's schema, refiles its records where an earlier version filed them differently,
/// and returns the version of the schema. `report` is told every few seconds how far the refiling is.
pub async fn migrate(
    url: &DatabaseUrl,
    report: &mut (dyn FnMut(Refiled) + Send),
) -> Result<i64, OpenError> {
    let version = migrate_engine(url).await?;
    let opened = open_engine(url, Clock::System).await?;
    refile_all(url, &opened, report).await?;
    Ok(version)
}

async fn refile_all(
    url: &DatabaseUrl,
    opened: &Opened,
    report: &mut (dyn FnMut(Refiled) + Send),
) -> Result<(), OpenError> {
    let refiled = refile::run(&opened.db, report).await;
    refiled.map_err(|error| cannot_refile(url, &error))
}

fn cannot_refile(url: &DatabaseUrl, error: &Error) -> OpenError {
    OpenError(format!(
        "cannot open {url}: its records could not be refiled: {}",
        why(error)
    ))
}

fn log_progress(refiled: Refiled) {
    tracing::info!(
        n_records = refiled.records,
        n_unfiled = refiled.unfiled,
        per_second = refiled.rate().round(),
        "refiled records of an earlier version"
    );
}
