//! What segments and personas are asked for: who is in them, why, what a filter would hold, and how two differ.

pub(crate) mod compare;
pub(crate) mod explain;
pub(crate) mod member_edit;
pub(crate) mod membership;
pub(crate) mod persona_match;
pub(crate) mod preview;
