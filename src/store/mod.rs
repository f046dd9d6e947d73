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
//! Six modules, in reading order; each knows those before it and none after it: `sql` renders statements, `engine`
//! runs them, `record` is what all resources share, `read` answers questions, `resources` defines each of the nine,
//! and `write` has the units that change them.

pub mod scope;

pub mod sql;

pub mod engine;

pub mod record;

pub mod read;

pub mod resources;

pub mod write;

#[cfg(feature = "bench")]
pub mod bench_floor;

pub use scope::TenantScope;

use crate::clock::Clock;
use crate::store::engine::open::{DatabaseUrl, OpenError, Opened, open_engine, why};
use crate::store::write::name_index_fill;

/// Opens a store: its database and, where records are older than the index of names, fills that index.
pub async fn open(url: &DatabaseUrl, clock: Clock) -> Result<Opened, OpenError> {
    let opened = open_engine(url, clock).await?;
    let cannot = |error| {
        OpenError(format!(
            "cannot open {url}: records could not be filed for look-up: {}",
            why(&error)
        ))
    };
    name_index_fill::fill(&opened.db).await.map_err(cannot)?;
    Ok(opened)
}
