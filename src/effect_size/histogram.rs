//! Numbers in buckets of equal width, for a chart.

use crate::effect_size::GroupCounts;
use crate::effect_size::summary::between;

/// The most buckets.
pub const N_BUCKETS: usize = 10;

/// A bucket: its bounds, of which only the last bucket includes the upper one, and how many numbers lie in it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Bucket {
    pub start: f64,
    pub end: f64,
    pub count: GroupCounts,
}

/// Buckets that are filled value by value.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Vec<Bucket>,
    current: usize,
}

impl Histogram {
    /// Makes the buckets for numbers between the least and the greatest.
    pub fn new(min: f64, max: f64) -> Histogram {
        let n = if min < max { N_BUCKETS } else { 1 };
        let edge = |i: usize| match i {
            0 => min,
            i if i == n => max,
            #[expect(clippy::cast_precision_loss, reason = "at most ten")]
            i => {
                // As numpy.linspace computes it, so that a number on a bound falls into the same bucket as there.
                let step = (max - min) / n as f64;
                if step.is_finite() {
                    i as f64 * step + min
                } else {
                    between(min, max, i as f64 / n as f64)
                }
            }
        };
        let bucket = |i| Bucket {
            start: edge(i),
            end: edge(i + 1),
            count: GroupCounts::default(),
        };
        Histogram {
            buckets: (0..n).map(bucket).collect(),
            current: 0,
        }
    }

    /// Adds a number; numbers come in ascending order.
    pub fn push(&mut self, number: f64, count: GroupCounts) {
        while self.current + 1 < self.buckets.len() && number >= self.buckets[self.current].end {
            self.current += 1;
        }
        let bucket = &mut self.buckets[self.current];
        bucket.count = bucket.count.plus(count);
    }

    /// Returns the buckets.
    pub fn finish(self) -> Vec<Bucket> {
        self.buckets
    }
}
