//! The two engines: opening them, one way to run a unit of work or take a snapshot on either, and what they report.

pub mod backup;
pub mod beside;
mod canceller;
pub mod db;
mod driver_error;
pub mod epoch;
mod files;
mod group_commit;
mod keeper;
pub mod lane;
mod log_bound;
pub mod migrate;
pub mod open;
mod open_postgres;
pub(crate) mod open_sqlite;
mod place;
mod plan_expiry;
mod planner_statistics;
mod postgres_units;
pub mod probe;
mod reader;
pub mod snapshot;
pub mod standing;
pub mod tenants;
mod turns;
pub mod tx;
mod unit;
