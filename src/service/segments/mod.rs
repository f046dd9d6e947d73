//! What segments and personas are asked for: who is in them, why, what a filter would hold, and how two differ.

pub(crate) mod compare;
pub(crate) mod explain;
pub(crate) mod member_edit;
pub(crate) mod membership;
pub(crate) mod persona_match;
pub(crate) mod preview;

/// Returns a count as the API has it; one that does not fit is as large as counts get.
fn int32(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
