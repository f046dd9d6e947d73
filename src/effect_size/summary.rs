//! A summary of one group's numbers: the least, the quartiles, the greatest, the mean.

use crate::effect_size::association::to_f64;

/// The summary of a group's numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "the names say it, and the proto says how each is defined"
)]
pub struct Summary {
    pub min: f64,
    pub lower_quartile: f64,
    pub median: f64,
    pub upper_quartile: f64,
    pub max: f64,
    pub mean: f64,
}

/// A summary that is built up value by value. Quartiles are found by rank, so it has to know how many numbers come.
#[derive(Clone, Debug)]
pub struct Summing {
    n: u64,
    n_seen: u64,
    min: f64,
    max: f64,
    quartiles: [Quantile; 3],
    mean: Mean,
}

/// A quantile: the number at its rank, the next one, and how far between the two it lies.
#[derive(Clone, Copy, Debug, Default)]
struct Quantile {
    rank: u64,
    share: f64,
    at_rank: f64,
    after_rank: f64,
}

impl Summing {
    /// Starts the summary of `n` numbers.
    pub fn new(n: u64) -> Summing {
        // Type 7 of Hyndman and Fan: the rank is (n - 1) * p, counted from 0.
        let quantile = |quarters: u128| {
            let quarters = u128::from(n.saturating_sub(1)) * quarters;
            let rank = u64::try_from(quarters / 4).unwrap_or(u64::MAX);
            Quantile {
                rank,
                share: to_f64(quarters % 4) / 4.0,
                ..Quantile::default()
            }
        };
        let quartiles = [quantile(1), quantile(2), quantile(3)];
        Summing {
            n,
            n_seen: 0,
            min: 0.0,
            max: 0.0,
            quartiles,
            mean: Mean::default(),
        }
    }

    /// Adds a number that the group has `count` times; numbers come in ascending order.
    pub fn push(&mut self, number: f64, count: u64) {
        if count == 0 {
            return;
        }
        if self.n_seen == 0 {
            self.min = number;
        }
        self.max = number;
        let ranks = self.n_seen..self.n_seen.saturating_add(count);
        for quantile in &mut self.quartiles {
            if ranks.contains(&quantile.rank) {
                quantile.at_rank = number;
            }
            if ranks.contains(&quantile.rank.saturating_add(1)) {
                quantile.after_rank = number;
            }
        }
        self.mean.push(
            number,
            to_f64(u128::from(count)),
            to_f64(u128::from(self.n)),
        );
        self.n_seen = ranks.end;
    }

    /// Returns the summary; `None` if no numbers came, or not as many as were announced.
    pub fn finish(self) -> Option<Summary> {
        let [lower_quartile, median, upper_quartile] = self.quartiles.map(Quantile::value);
        let mean = self
            .mean
            .value(to_f64(u128::from(self.n)))
            .clamp(self.min, self.max);
        let Summing { min, max, .. } = self;
        let is_whole = self.n > 0 && self.n == self.n_seen;
        is_whole.then_some(Summary {
            min,
            lower_quartile,
            median,
            upper_quartile,
            max,
            mean,
        })
    }
}

impl Quantile {
    fn value(self) -> f64 {
        if self.share == 0.0 {
            self.at_rank
        } else {
            between(self.at_rank, self.after_rank, self.share)
        }
    }
}

/// Interpolates between a number and a greater one, however far apart they are.
pub(crate) fn between(from: f64, to: f64, share: f64) -> f64 {
    let way = to - from;
    if way.is_finite() {
        from + way * share
    } else {
        from * (1.0 - share) + to * share
    }
}

/// A mean of a compensated sum (Neumaier). Should that overflow, a sum of the numbers' parts of the mean is used.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    lost: f64,
    parts: f64,
}

impl Mean {
    fn push(&mut self, number: f64, count: f64, n: f64) {
        let added = number * count;
        let sum = self.sum + added;
        let is_small = added.abs() <= self.sum.abs();
        self.lost += if is_small {
            (self.sum - sum) + added
        } else {
            (added - sum) + self.sum
        };
        self.sum = sum;
        self.parts += number / n * count;
    }

    fn value(self, n: f64) -> f64 {
        let mean = (self.sum + self.lost) / n;
        if mean.is_finite() { mean } else { self.parts }
    }
}

#[cfg(test)]
mod tests {
    use super::Summing;

    fn mean(numbers: &[(f64, u64)]) -> f64 {
        let mut summing = Summing::new(numbers.iter().map(|(_, count)| count).sum());
        numbers
            .iter()
            .for_each(|(number, count)| summing.push(*number, *count));
        summing.finish().expect("all numbers came").mean
    }

    #[test]
    fn what_rounding_takes_off_a_sum_is_kept() {
        assert_eq!(mean(&[(-1e16, 1), (1.0, 1), (1e16, 1)]), 1.0 / 3.0);
        assert_eq!(mean(&[(1.0, 2), (1e16, 1), (1e17, 1)]), (11e16 + 2.0) / 4.0);
        assert_eq!(mean(&[(f64::MAX, 4)]), f64::MAX);
    }
}
