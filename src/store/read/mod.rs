//! Reads: each sees one consistent state, and changes nothing.

pub mod briefing;
pub mod changes_since;
pub mod comparison;
pub mod definition;
pub mod facts;
pub(crate) mod filing;
pub mod filter;
pub mod live_groups;
pub mod look_up;
pub mod membership;
pub mod records;
pub mod resolve_key;
pub mod staff;
pub mod tenant;
pub mod unfiled;
