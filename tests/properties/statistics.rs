//! How two groups differ: each measure against its definition, computed the long way over small groups.

use clientele::effect_size::GroupCounts;
use clientele::effect_size::association::cramers_v;
use clientele::effect_size::dominance::Dominance;
use clientele::effect_size::histogram::N_BUCKETS;
use clientele::effect_size::summary::Summing;
use clientele::effect_size::tally::{
    Distribution, FieldComparison, Frame, MAX_CATEGORIES, MIN_SET, Tally,
};
use clientele::effect_size::traits::{MAX_LISTED, SharedTrait, rank, shared, split_listed};
use proptest::collection::vec;

use super::*;

fn cells() -> impl Strategy<Value = Vec<GroupCounts>> {
    vec(
        (0..40_u64, 0..40_u64).prop_map(|(a, b)| GroupCounts { a, b }),
        0..6,
    )
}

fn swapped(cells: &[GroupCounts]) -> Vec<GroupCounts> {
    cells
        .iter()
        .map(|cell| GroupCounts {
            a: cell.b,
            b: cell.a,
        })
        .collect()
}

fn v(cells: &[GroupCounts]) -> Option<f64> {
    cramers_v(cells.iter().copied())
}

/// V by its definition: observed against expected, cell by cell.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn v_by_definition(cells: &[GroupCounts]) -> Option<f64> {
    let cells: Vec<_> = cells.iter().filter(|cell| cell.a + cell.b > 0).collect();
    let rows = [
        cells.iter().map(|cell| cell.a).sum::<u64>(),
        cells.iter().map(|cell| cell.b).sum(),
    ];
    let n = (rows[0] + rows[1]) as f64;
    let mut chi2 = 0.0;
    for cell in &cells {
        for (observed, row) in [(cell.a, rows[0]), (cell.b, rows[1])] {
            let expected = row as f64 * (cell.a + cell.b) as f64 / n;
            chi2 += (observed as f64 - expected).powi(2) / expected;
        }
    }
    (rows[0] > 0 && rows[1] > 0 && cells.len() > 1).then(|| (chi2 / n).sqrt())
}

/// Numbers that often coincide, and numbers of any size.
fn numbers() -> impl Strategy<Value = Vec<f64>> {
    vec(
        prop_oneof![3 => (-4..4_i32).prop_map(f64::from), 1 => -1e308..1e308_f64],
        0..25,
    )
}

/// Returns each different number, ascending, with how often either group has it.
fn counted(a: &[f64], b: &[f64]) -> Vec<(f64, GroupCounts)> {
    let mut values: Vec<f64> = a.iter().chain(b).copied().collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let n = |group: &[f64], value: f64| group.iter().filter(|one| **one == value).count() as u64;
    values
        .into_iter()
        .map(|value| {
            (
                value,
                GroupCounts {
                    a: n(a, value),
                    b: n(b, value),
                },
            )
        })
        .collect()
}

fn delta(a: &[f64], b: &[f64]) -> Option<f64> {
    let mut dominance = Dominance::default();
    counted(a, b)
        .into_iter()
        .for_each(|(_, count)| dominance.push(count));
    dominance.delta()
}

fn compared(a: &[f64], b: &[f64]) -> FieldComparison {
    let values = counted(a, b);
    let set = GroupCounts {
        a: a.len() as u64,
        b: b.len() as u64,
    };
    let range = values
        .first()
        .zip(values.last())
        .map(|(first, last)| (first.0, last.0));
    let mut tally = Tally::new(Frame { set, range });
    values
        .into_iter()
        .for_each(|(value, count)| tally.push_number(value, count));
    tally.finish()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "few numbers"
)]
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * p;
    let (low, high) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    low * (1.0 - place.fract()) + high * place.fract()
}

fn is_near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-12 * one.abs().max(other.abs()).max(1.0)
}

proptest! {
    #[test]
    fn v_is_what_its_definition_says(cells in cells()) {
        match (v(&cells), v_by_definition(&cells)) {
            (Some(v), Some(wanted)) => prop_assert!((v - wanted).abs() < 1e-12, "{v} for {wanted}"),
            (v, wanted) => prop_assert_eq!(v, wanted),
        }
    }

    #[test]
    fn v_is_the_same_from_both_sides_and_between_0_and_1(cells in cells()) {
        prop_assert_eq!(v(&cells), v(&swapped(&cells)));
        prop_assert!(v(&cells).is_none_or(|v| (0.0..=1.0).contains(&v)));
    }

    #[test]
    fn v_of_groups_of_the_same_proportions_is_0(a in vec(1..1_000_000_u64, 2..9), times in 1..1000_u64) {
        let cells: Vec<_> = a.into_iter().map(|a| GroupCounts { a, b: a * times }).collect();
        prop_assert_eq!(v(&cells), Some(0.0));
    }

    #[test]
    fn v_of_groups_that_share_nothing_is_1(a in vec(1..1_000_000_u64, 1..5), b in vec(1..1_000_000_u64, 1..5)) {
        let of_a = a.into_iter().map(|a| GroupCounts { a, b: 0 });
        let cells: Vec<_> = of_a.chain(b.into_iter().map(|b| GroupCounts { a: 0, b })).collect();
        prop_assert!(v(&cells).is_some_and(|v| v > 1.0 - 1e-12));
    }

    #[test]
    fn delta_is_what_all_pairs_say(a in numbers(), b in numbers()) {
        let pairs = a.iter().flat_map(|one| b.iter().map(move |other| one.total_cmp(other) as i32));
        let wanted = f64::from(pairs.sum::<i32>()) / f64::from(u32::try_from(a.len() * b.len()).unwrap());
        prop_assert_eq!(delta(&a, &b), (!a.is_empty() && !b.is_empty()).then_some(wanted));
    }

    #[test]
    fn delta_turns_round_with_the_groups_and_is_between_minus_1_and_1(a in numbers(), b in numbers()) {
        prop_assert_eq!(delta(&a, &b), delta(&b, &a).map(|delta| 0.0 - delta));
        prop_assert!(delta(&a, &b).is_none_or(|delta| (-1.0..=1.0).contains(&delta)));
        prop_assert!(delta(&a, &a).is_none_or(|delta| delta == 0.0));
    }

    #[test]
    fn a_summary_is_what_the_sorted_numbers_say(numbers in numbers()) {
        let mut summing = Summing::new(numbers.len() as u64);
        counted(&numbers, &[]).into_iter().for_each(|(number, count)| summing.push(number, count.a));
        let mut sorted = numbers;
        sorted.sort_by(f64::total_cmp);
        let summary = summing.finish();
        prop_assert_eq!(summary.is_none(), sorted.is_empty());
        let Some(summary) = summary else { return Ok(()) };
        prop_assert_eq!((summary.min, summary.max), (sorted[0], sorted[sorted.len() - 1]));
        let quartiles = [(summary.lower_quartile, 0.25), (summary.median, 0.5), (summary.upper_quartile, 0.75)];
        for (quartile, p) in quartiles {
            prop_assert!(is_near(quartile, quantile(&sorted, p)), "{quartile} at {p}");
        }
        let n = f64::from(u32::try_from(sorted.len()).unwrap());
        // What cancels out is lost in a sum of parts, which is all that can be had of numbers this large.
        let largest = sorted.iter().fold(1.0_f64, |most, number| most.max(number.abs()));
        let mean: f64 = sorted.iter().map(|number| number / n).sum();
        prop_assert!((summary.mean - mean).abs() <= 1e-12 * largest, "{} for {mean}", summary.mean);
    }

    #[test]
    fn every_number_is_in_one_bucket(a in numbers(), b in numbers()) {
        let Distribution::Numbers { buckets, .. } = compared(&a, &b).distribution else {
            prop_assert!(a.is_empty() && b.is_empty());
            return Ok(());
        };
        prop_assert!(buckets.len() == 1 || buckets.len() == N_BUCKETS);
        let ends = buckets.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].start <= pair[0].end);
        prop_assert!(ends, "{buckets:?}");
        for (i, bucket) in buckets.iter().enumerate() {
            let is_last = i + 1 == buckets.len();
            let holds = |number: &&f64| **number >= bucket.start && (**number < bucket.end || is_last);
            let n = |group: &[f64]| group.iter().filter(holds).count() as u64;
            prop_assert_eq!(bucket.count, GroupCounts { a: n(&a), b: n(&b) });
        }
    }

    #[test]
    fn little_is_not_compared(a in numbers(), b in numbers()) {
        let is_enough = a.len().min(b.len()) as u64 >= MIN_SET && counted(&a, &b).len() > 1;
        prop_assert_eq!(compared(&a, &b).effect, delta(&a, &b).filter(|_| is_enough));
    }

    #[test]
    fn listed_are_the_categories_with_the_greatest_shares(counts in vec((1..30_u64, 1..30_u64), 0..80), set in 1000..2000_u64) {
        let counts = counts.into_iter().enumerate();
        let all: Vec<_> = counts.map(|(i, (a, b))| (format!("{i:02}"), GroupCounts { a, b })).collect();
        let (mut listed, set) = (all.clone(), GroupCounts { a: set, b: 3 * set });
        let others = split_listed(&mut listed, set);
        prop_assert_eq!((listed.len(), listed.len() + others.len()), (all.len().min(MAX_LISTED), all.len()));
        let key = |count: &GroupCounts| (3 * count.a).max(count.b);
        let least = listed.iter().map(|(_, count)| key(count)).min();
        prop_assert!(others.iter().all(|(_, count)| Some(key(count)) <= least));
        prop_assert!(listed.is_sorted_by(|one, other| (key(&other.1), &one.0) <= (key(&one.1), &other.0)));
    }
}

fn of_categories(categories: &[(&str, u64, u64)], set: GroupCounts) -> FieldComparison {
    let mut tally = Tally::new(Frame { set, range: None });
    for (value, a, b) in categories {
        tally.push_category((*value).to_owned(), GroupCounts { a: *a, b: *b });
    }
    tally.finish()
}

#[test]
fn numbers_beside_texts_are_texts() {
    let set = GroupCounts { a: 20, b: 20 };
    let mut tally = Tally::new(Frame {
        set,
        range: Some((-0.0, 5.5)),
    });
    tally.push_category("5".to_owned(), GroupCounts { a: 10, b: 0 });
    // Up to 2^53 every whole number is exact.
    let large = [(9_007_199_254_740_992.0, (1, 0)), (1e300, (0, 1))];
    for (number, count) in [(-0.0, (0, 5)), (5.0, (5, 5)), (5.5, (5, 10))]
        .into_iter()
        .chain(large)
    {
        tally.push_number(
            number,
            GroupCounts {
                a: count.0,
                b: count.1,
            },
        );
    }
    let large = [("9007199254740992", 1, 0), ("1e300", 0, 1)];
    let wanted = [&[("0", 0, 5), ("5", 15, 5), ("5.5", 5, 10)][..], &large].concat();
    assert_eq!(tally.finish(), of_categories(&wanted, set));
}

#[test]
fn too_many_categories_are_not_held() {
    let set = GroupCounts { a: 2000, b: 2000 };
    let mut tally = Tally::new(Frame { set, range: None });
    for i in 0..MAX_CATEGORIES {
        tally.push_category(i.to_string(), GroupCounts { a: 1, b: 1 });
    }
    assert_eq!(tally.clone().finish().effect, Some(0.0));
    tally.push_category("one more".to_owned(), GroupCounts { a: 1, b: 1 });
    tally.push_number(1.0, GroupCounts { a: 1, b: 1 });
    assert_eq!(
        tally.finish(),
        FieldComparison {
            set,
            effect: None,
            distribution: Distribution::TooMany
        }
    );
}

#[test]
fn shared_is_what_half_of_both_groups_have() {
    let size = GroupCounts { a: 20, b: 101 };
    let set = GroupCounts { a: 20, b: 100 };
    let of = |name: &str, compared: FieldComparison| (name.to_owned(), compared);
    let years = |from: i32, n: i32| (from..from + n).map(f64::from).collect::<Vec<_>>();
    let fields = [
        of(
            "kind",
            of_categories(&[("BUSINESS", 10, 51), ("INDIVIDUAL", 10, 50)], set),
        ),
        of("lifecycle", of_categories(&[("ACTIVE", 20, 100)], set)),
        of(
            "size",
            of_categories(&[("SOLO", 9, 100)], GroupCounts { a: 9, b: 100 }),
        ),
        of("near", compared(&years(0, 20), &years(0, 100)[..51])),
        of("far", compared(&years(0, 20), &years(60, 60))),
    ];
    let wanted = |field: &str, value: &str, a, b| SharedTrait {
        field: field.to_owned(),
        value: value.to_owned(),
        count: GroupCounts { a, b },
    };
    // The medians 9.5 and 25, the quartiles 4.75 to 14.25 and 12.5 to 37.5: `near` is not near enough.
    let shared = shared(&fields, size);
    assert_eq!(
        shared,
        [
            wanted("lifecycle", "ACTIVE", 20, 100),
            wanted("kind", "BUSINESS", 10, 51)
        ]
    );
    let near = [of("near", compared(&years(0, 20), &years(0, 20).repeat(3)))];
    let shared = clientele::effect_size::traits::shared(&near, size);
    assert_eq!(shared, [wanted("near", "", 20, 60)]);
}

#[test]
fn what_is_shared_comes_by_the_least_share_then_by_name() {
    let ten = GroupCounts { a: 10, b: 10 };
    let of = |name: &str, categories: &[(&str, u64, u64)]| {
        (name.to_owned(), of_categories(categories, ten))
    };
    let fields = [
        of("uneven", &[("x", 10, 5)]),
        of("even", &[("x", 6, 6)]),
        of("b", &[("x", 5, 5), ("y", 5, 5)]),
        of("a", &[("x", 5, 5)]),
    ];
    let shared = shared(&fields, ten);
    let order: Vec<_> = shared
        .iter()
        .map(|of| (of.field.as_str(), of.value.as_str()))
        .collect();
    assert_eq!(
        order,
        [
            ("even", "x"),
            ("a", "x"),
            ("b", "x"),
            ("b", "y"),
            ("uneven", "x")
        ]
    );
}

#[test]
fn numbers_are_shared_if_each_median_is_in_the_middle_half_of_the_other() {
    let size = GroupCounts { a: 11, b: 11 };
    // The median 70 lies between the quartiles 25 and 75; the median 50 not between 70 and 70.
    let wide: Vec<f64> = (0..11).map(|i| f64::from(i * 10)).collect();
    let narrow = vec![70.0; 11];
    for (a, b, n) in [
        (&wide, &narrow, 0),
        (&narrow, &wide, 0),
        (&wide, &wide, 1),
        (&narrow, &narrow, 1),
    ] {
        assert_eq!(
            shared(&[("n".to_owned(), compared(a, b))], size).len(),
            n,
            "{a:?} {b:?}"
        );
    }
}

#[test]
fn what_tells_most_comes_first_whichever_way_it_goes() {
    let set = GroupCounts { a: 10, b: 10 };
    let of = |name: &str, effect: Option<f64>| {
        (
            name.to_owned(),
            FieldComparison {
                set,
                effect,
                distribution: Distribution::Categories(Vec::new()),
            },
        )
    };
    let effects = [
        ("e", None),
        ("d", Some(0.0)),
        ("c", Some(0.5)),
        ("b", Some(-0.9)),
        ("a", None),
        ("g", Some(-0.5)),
        ("f", Some(0.9)),
    ];
    let mut fields: Vec<_> = effects
        .into_iter()
        .map(|(name, effect)| of(name, effect))
        .collect();
    rank(&mut fields);
    let order: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(order, ["b", "f", "c", "g", "d", "a", "e"]);
}
