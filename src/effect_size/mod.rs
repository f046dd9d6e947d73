//! How two groups differ in what is counted of them: measures, summaries, and what is told of a field.
//!
//! Pure, and a leaf: it knows numbers and texts, no records and no store. Values come in ascending order, each with how
//! often either group has it, so that no sample is held; whole numbers are added exactly. Which measure is used, by
//! whom it is and what is too little for it stands in `segment_comparison.proto`.

pub mod tally;
pub mod traits;

pub mod association;
pub mod dominance;
pub mod histogram;
pub mod summary;

/// How many of each of the two groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupCounts {
    /// Of the first.
    pub a: u64,
    /// Of the second.
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
