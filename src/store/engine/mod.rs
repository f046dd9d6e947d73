//! The two engines: opening them, one way to run a unit of work or take a snapshot on either, and what they report.

pub mod db;
mod driver_error;
mod files;
mod group_commit;
pub mod migrate;
pub mod open;
mod open_postgres;
pub(crate) mod open_sqlite;
mod place;
mod plan_expiry;
mod planner_statistics;
pub mod probe;
pub mod snapshot;
pub mod standing;
pub mod tenant_settings;
pub mod tx;
mod unit;
