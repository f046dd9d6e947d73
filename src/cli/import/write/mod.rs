//! Drafts meet the records of the server: references are resolved, records found, merged and written.

pub(crate) mod error;
pub(crate) mod merge;
pub(crate) mod resolve;
pub(crate) mod retry;
pub(crate) mod roles;
pub(crate) mod upsert;
