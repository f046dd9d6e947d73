//! Counts, as the API has them.

/// Returns a count as the API has it; one that does not fit is as large as counts get.
pub fn int32(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
