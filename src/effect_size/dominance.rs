//! Cliff's delta: how much more often a number of the first group is above one of the second than below it.

use crate::effect_size::GroupCounts;
use crate::effect_size::association::to_f64;

/// The comparison of all pairs, built up value by value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dominance {
    below: GroupCounts,
    above: i128,
}

impl Dominance {
    /// Adds how often each group has the next value; values come in ascending order.
    pub fn push(&mut self, count: GroupCounts) {
        let product = |one: u64, other: u64| i128::from(one) * i128::from(other);
        self.above += product(count.a, self.below.b) - product(count.b, self.below.a);
        self.below = self.below.plus(count);
    }

    /// Returns delta, rounded only by the final division; `None` if a group is empty.
    pub fn delta(&self) -> Option<f64> {
        let n_pairs = u128::from(self.below.a) * u128::from(self.below.b);
        let magnitude = to_f64(self.above.unsigned_abs());
        (n_pairs > 0).then(|| if self.above < 0 { -magnitude } else { magnitude } / to_f64(n_pairs))
    }
}
