//! The comparison of two groups in one field, built up value by value.

use std::collections::BTreeMap;

use crate::effect_size::GroupCounts;
use crate::effect_size::association::cramers_v;
use crate::effect_size::dominance::Dominance;
use crate::effect_size::histogram::{Bucket, Histogram};
use crate::effect_size::summary::{Summary, Summing};

/// How many customers of each group must have a field set for the groups to be compared in it.
pub const MIN_SET: u64 = 10;
/// The most different categories that are compared.
pub const MAX_CATEGORIES: usize = 1000;

/// What is known of a field before its values come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// How many have it set.
    pub set: GroupCounts,
    /// The least and the greatest of its numbers, if it has some.
    pub range: Option<(f64, f64)>,
}

/// A field whose values are being counted: the categories first, then the numbers in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    frame: Frame,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    Categories(BTreeMap<String, GroupCounts>),
    Numbers(Box<Numbers>),
    TooMany,
}

impl Default for Values {
    fn default() -> Values {
        Values::Categories(BTreeMap::new())
    }
}

#[derive(Clone, Debug)]
struct Numbers {
    a: Summing,
    b: Summing,
    histogram: Histogram,
    dominance: Dominance,
    n_values: usize,
}

/// What two groups hold in one field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldComparison {
    /// How many have it set.
    pub set: GroupCounts,
    /// The effect size: Cramer's V of categories, Cliff's delta of numbers; `None` if too few have the field set.
    pub effect: Option<f64>,
    /// What they hold in it.
    pub distribution: Distribution,
}

/// What two groups hold in one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// All categories, in bytewise order.
    Categories(Vec<(String, GroupCounts)>),
    /// Numbers.
    Numbers {
        /// Of the first group, if it has any.
        a: Option<Summary>,
        /// Of the second group, if it has any.
        b: Option<Summary>,
        /// Of both groups.
        buckets: Vec<Bucket>,
    },
    /// More than [`MAX_CATEGORIES`] categories.
    TooMany,
}

impl Tally {
    /// Starts a field.
    pub fn new(frame: Frame) -> Tally {
        Tally {
            frame,
            values: Values::default(),
        }
    }

    /// Adds a category.
    pub fn push_category(&mut self, value: String, count: GroupCounts) {
        let Values::Categories(categories) = &mut self.values else {
            return;
        };
        let total = categories.entry(value).or_default();
        *total = total.plus(count);
        if categories.len() > MAX_CATEGORIES {
            self.values = Values::TooMany;
        }
    }

    /// Adds a number; after a category it is one itself.
    pub fn push_number(&mut self, number: f64, count: GroupCounts) {
        // Makes -0 the same as 0.
        let number = number + 0.0;
        match &mut self.values {
            Values::Categories(categories) if categories.is_empty() => {
                let mut numbers = Numbers::new(self.frame);
                numbers.push(number, count);
                self.values = Values::Numbers(Box::new(numbers));
            }
            Values::Categories(_) => self.push_category(text(number), count),
            Values::Numbers(numbers) => numbers.push(number, count),
            Values::TooMany => {}
        }
    }

    /// Ends the field.
    pub fn finish(self) -> FieldComparison {
        let set = self.frame.set;
        let is_enough = set.least() >= MIN_SET;
        let (effect, distribution) = match self.values {
            Values::TooMany => (None, Distribution::TooMany),
            Values::Categories(categories) => (
                cramers_v(categories.values().copied()),
                Distribution::Categories(categories.into_iter().collect()),
            ),
            Values::Numbers(numbers) => {
                let Numbers {
                    a,
                    b,
                    histogram,
                    dominance,
                    n_values,
                } = *numbers;
                let distribution = Distribution::Numbers {
                    a: a.finish(),
                    b: b.finish(),
                    buckets: histogram.finish(),
                };
                (dominance.delta().filter(|_| n_values > 1), distribution)
            }
        };
        FieldComparison {
            set,
            effect: effect.filter(|_| is_enough),
            distribution,
        }
    }
}

impl Numbers {
    fn new(frame: Frame) -> Numbers {
        let (min, max) = frame.range.unwrap_or_default();
        Numbers {
            a: Summing::new(frame.set.a),
            b: Summing::new(frame.set.b),
            histogram: Histogram::new(min + 0.0, max + 0.0),
            dominance: Dominance::default(),
            n_values: 0,
        }
    }

    fn push(&mut self, number: f64, count: GroupCounts) {
        self.a.push(number, count.a);
        self.b.push(number, count.b);
        self.histogram.push(number, count);
        self.dominance.push(count);
        self.n_values += 1;
    }
}

/// Writes a number as JSON does, a whole one without a point.
pub fn text(number: f64) -> String {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0 && number.abs() <= LARGEST_EXACT;
    if is_whole {
        format!("{number}")
    } else {
        format!("{number:?}")
    }
}
