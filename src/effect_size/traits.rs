//! What comes first in a comparison: the fields in which two groups differ most, and what most of both have in common.

use std::cmp::Ordering;

use crate::effect_size::GroupCounts;
use crate::effect_size::summary::Summary;
use crate::effect_size::tally::{Distribution, FieldComparison, MIN_SET};

/// The most categories that are listed.
pub const MAX_LISTED: usize = 50;

/// What most of both groups have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedTrait {
    /// The field.
    pub field: String,
    /// The value; empty for numbers.
    pub value: String,
    /// How many have it.
    pub count: GroupCounts,
}

/// Orders named fields by the magnitude of their effect, greatest first, then by name; those without an effect come last.
pub fn rank(fields: &mut [(String, FieldComparison)]) {
    let magnitude = |compared: &FieldComparison| compared.effect.map_or(-1.0, f64::abs);
    fields.sort_by(|(one, this), (other, that)| {
        magnitude(that)
            .total_cmp(&magnitude(this))
            .then_with(|| one.cmp(other))
    });
}

/// Orders categories by the greater of their shares of the two groups, then bytewise, and splits off those after the
/// first [`MAX_LISTED`].
pub fn split_listed(
    categories: &mut Vec<(String, GroupCounts)>,
    set: GroupCounts,
) -> Vec<(String, GroupCounts)> {
    categories.sort_by(|(one, this), (other, that)| {
        greater_share(*that, set)
            .cmp(&greater_share(*this, set))
            .then_with(|| one.cmp(other))
    });
    categories.split_off(categories.len().min(MAX_LISTED))
}

/// Returns what most of both groups have, ordered by the lesser of their shares, greatest first, then by field and value.
pub fn shared(fields: &[(String, FieldComparison)], size: GroupCounts) -> Vec<SharedTrait> {
    let of = |(field, compared): &(String, FieldComparison)| {
        let is_shared = |count: GroupCounts| {
            is_at_least_half(count.a, size.a) && is_at_least_half(count.b, size.b)
        };
        let shared = |value: &str, count| SharedTrait {
            field: field.clone(),
            value: value.to_owned(),
            count,
        };
        match &compared.distribution {
            _ if compared.set.least() < MIN_SET => Vec::new(),
            Distribution::Categories(categories) => {
                let common = categories.iter().filter(|(_, count)| is_shared(*count));
                common.map(|(value, count)| shared(value, *count)).collect()
            }
            Distribution::Numbers {
                a: Some(a),
                b: Some(b),
                ..
            } if is_shared(compared.set) && are_close(a, b) => {
                vec![shared("", compared.set)]
            }
            Distribution::Numbers { .. } | Distribution::TooMany => Vec::new(),
        }
    };
    let mut all: Vec<SharedTrait> = fields.iter().flat_map(of).collect();
    all.sort_by(|this, that| {
        let by_name = || (&this.field, &this.value).cmp(&(&that.field, &that.value));
        lesser_share(that.count, size)
            .cmp(&lesser_share(this.count, size))
            .then_with(by_name)
    });
    all
}

fn is_at_least_half(part: u64, whole: u64) -> bool {
    part >= whole.saturating_sub(part)
}

fn are_close(a: &Summary, b: &Summary) -> bool {
    let holds =
        |of: &Summary, number: f64| (of.lower_quartile..=of.upper_quartile).contains(&number);
    holds(a, b.median) && holds(b, a.median)
}

/// A share of a whole, which compares exactly. A share of nothing is 0.
#[derive(Clone, Copy)]
struct Share {
    part: u64,
    whole: u64,
}

impl Share {
    fn cmp(&self, other: &Share) -> Ordering {
        let crossed =
            |one: &Share, other: &Share| u128::from(one.part) * u128::from(other.whole.max(1));
        crossed(self, other).cmp(&crossed(other, self))
    }
}

fn shares(count: GroupCounts, of: GroupCounts) -> [Share; 2] {
    [
        Share {
            part: count.a,
            whole: of.a,
        },
        Share {
            part: count.b,
            whole: of.b,
        },
    ]
}

fn greater_share(count: GroupCounts, of: GroupCounts) -> Share {
    let [a, b] = shares(count, of);
    if a.cmp(&b).is_lt() { b } else { a }
}

fn lesser_share(count: GroupCounts, of: GroupCounts) -> Share {
    let [a, b] = shares(count, of);
    if a.cmp(&b).is_gt() { b } else { a }
}
