//! What one caller can do to others, and what the service does about it.
//!
//! Each test plays an attack against the real binary, on either engine or on the one that its name or file says, and
//! looks at what the others get. What an attack costs is not measured here but by `clientele-bench pressure` and `flood`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod attack; // floods, which the benchmarks play, too
mod endless; // tables that make questions run for ever
mod flood; // memory and places
mod log; // a foreign reader of a SQLite file
mod reads; // dear questions, and callers who leave
mod values; // what the log of PostgreSQL gets
mod writes; // many who write one record
