//! Cramer's V: how far two groups differ in how they spread over categories.

use crate::effect_size::GroupCounts;

/// Returns V for the categories in `cells`; `None` where it is not defined, because a group is empty or there are fewer
/// than two categories.
///
/// With two groups V is sqrt(chi2 / n), and chi2 / n is the sum of (a * B - b * A)^2 / (a + b) over the categories,
/// divided by A * B * (A + B), where A and B are the sums of the groups. The numerators are exact, so that groups of
/// the same proportions give exactly 0.
pub fn cramers_v(cells: impl Iterator<Item = GroupCounts> + Clone) -> Option<f64> {
    let (total, n_categories) = cells
        .clone()
        .filter(|cell| cell.a + cell.b > 0)
        .fold((GroupCounts::default(), 0_usize), |(total, n), cell| {
            (total.plus(cell), n + 1)
        });
    if total.a == 0 || total.b == 0 || n_categories < 2 {
        return None;
    }
    let product = |one: u64, other: u64| u128::from(one) * u128::from(other);
    let part = |cell: GroupCounts| {
        let difference = to_f64(product(cell.a, total.b).abs_diff(product(cell.b, total.a)));
        difference / to_f64(u128::from(cell.a) + u128::from(cell.b)) * difference
    };
    let sum: f64 = cells.filter(|cell| cell.a + cell.b > 0).map(part).sum();
    let whole =
        to_f64(product(total.a, total.b)) * to_f64(u128::from(total.a) + u128::from(total.b));
    Some((sum / whole).sqrt().min(1.0))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a quotient needs no more digits than a double has"
)]
pub(crate) const fn to_f64(count: u128) -> f64 {
    count as f64
}
