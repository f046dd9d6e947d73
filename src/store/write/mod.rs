//! Units of work: each changes records in one commit, with its change rows and history.

pub mod create;
pub mod delete;
mod finish;
pub mod log_conversation;
pub mod member_edit;
pub(crate) mod obstacles;
mod referrers;
pub mod refile;
pub mod undelete;
pub mod update;
mod wanted;
