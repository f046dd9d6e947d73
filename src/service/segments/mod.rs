//! What segments and personas are asked for: who is in them, why, what a filter would hold, and how two differ.

pub mod compare;
pub mod explain;
pub mod member_edit;
pub mod membership;
pub mod persona_match;
pub mod preview;
