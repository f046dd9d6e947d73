//! What spans the records of a customer: its profile, and the conclusions drawn from it.
//!
//! `load` reads the facts of one customer or many; `persona_match` and `briefing::load` read what they need beyond.
//! The rest is rules: pure functions of facts and the time. Nothing here knows about statements or requests.

pub mod load;
pub mod persona_match;

pub mod aggregate;
pub mod briefing;
pub mod decision;
mod gap;
mod permission;
