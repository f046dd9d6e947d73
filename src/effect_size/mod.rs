//! Effect sizes: how far two groups differ in a field, and summaries of what each holds there.
//!
//! Pure, and a leaf: it knows numbers and texts, no records and no store. Values come in ascending order, each with how
//! often each group has it, so that no sample is kept; counts are added exactly. Which measure is used when, and how much
//! data it needs, is documented in `segment_comparison.proto`.

pub mod tally;
pub mod traits;

pub mod association;
pub mod dominance;
pub mod histogram;
pub mod summary;

/// A count for each of the two groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupCounts {
    /// In the first group.
    pub a: u64,
    /// In the second group.
    pub b: u64,
}

impl GroupCounts {
    /// Returns the sum, group by group.
    #[must_use]
    pub const fn plus(self, other: GroupCounts) -> GroupCounts {
        GroupCounts {
            a: self.a.saturating_add(other.a),
            b: self.b.saturating_add(other.b),
        }
    }

    /// Returns the lesser of the two.
    #[must_use]
    pub fn least(self) -> u64 {
        self.a.min(self.b)
    }
}
