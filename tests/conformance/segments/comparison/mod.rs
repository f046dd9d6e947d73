//! What tells segments apart, with numbers worked out by hand; the foreign client holds real tables against scipy.

mod fields; // what each field of it is
mod refusals; // what cannot be compared
mod values; // which values are compared, and how many

use clientele::clock::{DAY, Micros, SECOND};
use clientele::pb::conversation::Channel;
use clientele::pb::customer::{Audience, Business, Engagement, Lifecycle};
use clientele::pb::segment_comparison::Field;
use clientele::pb::segment_comparison::field::{Measure, State};
use clientele::pb::{self, SegmentComparison};
use futures_util::stream::{self, StreamExt};
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

use crate::harness::Harness;
use crate::harness::answer::{done, whole};
use crate::harness::builders::{address, attributes, customer, map, texts};
use crate::harness::firm::at;
use crate::harness::records::{listed, segment};

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    categories_are_told_apart_by_v,
    numbers_are_told_apart_by_delta,
    a_segment_is_described_beside_the_whole_base,
    little_is_not_compared,
    an_answer_is_of_one_revision_and_one_time,
}

/// Compares two segments.
pub async fn compare(
    h: &Harness,
    a: &pb::Segment,
    b: &pb::Segment,
    fields: &[&str],
) -> SegmentComparison {
    let request = pb::CompareSegmentsRequest {
        a: a.name.clone(),
        b: b.name.clone(),
        fields: texts(fields),
    };
    done(h.segments.clone().compare_segments(request).await)
}

/// Compares a segment with the whole base.
pub async fn describe(h: &Harness, segment: &pb::Segment, fields: &[&str]) -> SegmentComparison {
    let request = pb::DescribeSegmentRequest {
        segment: segment.name.clone(),
        fields: texts(fields),
    };
    done(h.segments.clone().describe_segment(request).await)
}

/// Returns the field of this name.
pub fn field<'a>(comparison: &'a SegmentComparison, name: &str) -> &'a Field {
    comparison
        .fields
        .iter()
        .find(|field| field.field == name)
        .unwrap_or_else(|| panic!("no field {name}"))
}

/// Returns the values of a field with their counts.
pub fn values(field: &Field) -> Vec<(&str, i32, i32)> {
    field
        .categories
        .iter()
        .map(|each| (each.value.as_str(), each.a_count, each.b_count))
        .collect()
}

/// Asserts the measure and its effect, to 13 decimal places.
fn measures(field: &Field, measure: Measure, effect: f64) {
    assert_eq!(
        (field.state(), field.measure()),
        (State::Compared, measure),
        "{field:?}"
    );
    assert!(
        (field.effect - effect).abs() < 1e-13,
        "{}: {} for {effect}",
        field.field,
        field.effect
    );
}

/// Makes customers and a segment that lists them.
async fn group(
    h: &Harness,
    name: &str,
    n: i32,
    make: impl Fn(i32, pb::Customer) -> pb::Customer,
) -> pb::Segment {
    let mut customers = Vec::new();
    for i in 0..n {
        customers.push(h.create(make(i, customer(&format!("{name} {i}")))).await);
    }
    h.create(listed(name, &customers.iter().collect::<Vec<_>>()))
        .await
}

async fn categories_are_told_apart_by_v(h: Harness) {
    use pb::customer::Kind::{Business, Individual};
    let with = |kind: pb::customer::Kind, i: i32, tier: Option<&str>, customer: pb::Customer| {
        pb::Customer {
            kind: kind.into(),
            audience: Audience::External.into(),
            lifecycle: (if i % 2 == 0 {
                Lifecycle::Active
            } else {
                Lifecycle::Dormant
            })
            .into(),
            labels: tier.map(|tier| map(&[("tier", tier)])).unwrap_or_default(),
            ..customer
        }
    };
    let kind = |is_business| if is_business { Business } else { Individual };
    let a = group(&h, "a", 20, |i, new| {
        with(kind(i < 15), i, (i < 10).then_some("gold"), new)
    })
    .await;
    let b = group(&h, "b", 20, |i, new| {
        with(kind(i < 5), i, Some(if i < 5 { "gold" } else { "" }), new)
    })
    .await;
    let comparison = compare(&h, &a, &b, &["labels.tier"]).await;
    // 10, 5 and 0, 15: (10 * 15 - 0 * 5) / sqrt(10 * 20 * 15 * 15).
    let tier = field(&comparison, "labels.tier");
    measures(tier, Measure::CramersV, std::f64::consts::FRAC_1_SQRT_2);
    assert_eq!((tier.a_set_count, tier.b_set_count), (10, 20));
    assert_eq!(values(tier), [("gold", 10, 5), ("", 0, 15)]);
    // 15, 5 and 5, 15: each 5 from the expected 10, so chi2 = 4 * 25 / 10 and V = sqrt(10 / 40).
    let kind = field(&comparison, "kind");
    measures(kind, Measure::CramersV, 0.5);
    assert_eq!(values(kind), [("BUSINESS", 15, 5), ("INDIVIDUAL", 5, 15)]);
    measures(field(&comparison, "lifecycle"), Measure::CramersV, 0.0);
    let audience = field(&comparison, "audience");
    assert_eq!(
        (audience.state(), values(audience)),
        (State::NotEnough, vec![("EXTERNAL", 20, 20)])
    );
    order_and_shared_traits(&comparison);
    let backwards = compare(&h, &b, &a, &["labels.tier"]).await;
    measures(
        field(&backwards, "labels.tier"),
        Measure::CramersV,
        tier.effect,
    );
}

fn order_and_shared_traits(comparison: &SegmentComparison) {
    let order: Vec<&str> = comparison
        .fields
        .iter()
        .map(|field| field.field.as_str())
        .collect();
    let rest = [
        "audience",
        "business.industry",
        "conversation_count",
        "deciding_roles",
    ];
    assert_eq!(order[..3], ["labels.tier", "kind", "lifecycle"]);
    assert_eq!(
        order[3..8],
        [&["addresses.postal_address.region_code"][..], &rest].concat()
    );
    let shared: Vec<_> = comparison
        .shared_traits
        .iter()
        .map(|of| (of.field.as_str(), of.value.as_str()))
        .collect();
    assert_eq!(
        shared,
        [
            ("audience", "EXTERNAL"),
            ("lifecycle", "ACTIVE"),
            ("lifecycle", "DORMANT")
        ]
    );
}

async fn numbers_are_told_apart_by_delta(h: Harness) {
    let founded = |year| {
        Some(Business {
            founded_year: Some(year),
            ..Default::default()
        })
    };
    let a = group(&h, "a", 10, |i, new| pb::Customer {
        business: founded(2000 + i),
        ..new
    })
    .await;
    let b = group(&h, "b", 11, |i, new| pb::Customer {
        business: founded(2005 + i).filter(|_| i < 10),
        ..new
    })
    .await;
    let comparison = compare(&h, &a, &b, &[]).await;
    // 17 to 26 years against 12 to 21: 85 pairs above, 10 below, 5 ties.
    let years = field(&comparison, "years_in_business");
    measures(years, Measure::CliffsDelta, 0.75);
    assert_eq!((years.a_set_count, years.b_set_count), (10, 10));
    let numbers = |min, lower_quartile, median, upper_quartile, max, mean| {
        Some(pb::segment_comparison::Numbers {
            min,
            lower_quartile,
            median,
            upper_quartile,
            max,
            mean,
        })
    };
    assert_eq!(
        years.a_numbers,
        numbers(17.0, 19.25, 21.5, 23.75, 26.0, 21.5)
    );
    assert_eq!(
        years.b_numbers,
        numbers(12.0, 14.25, 16.5, 18.75, 21.0, 16.5)
    );
    buckets_are_tenths(years);
    assert_eq!(comparison.fields[0].field, "years_in_business");
    measures(
        field(&compare(&h, &b, &a, &[]).await, "years_in_business"),
        Measure::CliffsDelta,
        -0.75,
    );
    // When the year has turned, each is a year older.
    h.advance(60 * DAY);
    let later = compare(&h, &a, &b, &[]).await;
    assert_eq!(
        field(&later, "years_in_business").a_numbers,
        numbers(18.0, 20.25, 22.5, 24.75, 27.0, 22.5)
    );
}

fn buckets_are_tenths(years: &Field) {
    // Buckets of 1.4 years.
    let buckets: Vec<_> = years
        .buckets
        .iter()
        .map(|bucket| (bucket.a_count, bucket.b_count))
        .collect();
    assert_eq!(
        buckets,
        [
            (0, 2),
            (0, 1),
            (0, 2),
            (1, 1),
            (1, 1),
            (2, 2),
            (1, 1),
            (2, 0),
            (1, 0),
            (2, 0)
        ]
    );
    assert_eq!((years.buckets[0].start, years.buckets[9].end), (12.0, 26.0));
}

async fn a_segment_is_described_beside_the_whole_base(h: Harness) {
    let with = |lifecycle: Lifecycle, new: pb::Customer| pb::Customer {
        lifecycle: lifecycle.into(),
        ..new
    };
    group(&h, "a", 10, |_, new| with(Lifecycle::Active, new)).await;
    let rest = group(&h, "b", 31, |_, new| with(Lifecycle::Former, new)).await;
    h.delete::<pb::Customer>(&rest.members()[0]).await;
    let active = h.create(segment("Active", "lifecycle = ACTIVE")).await;
    let comparison = describe(&h, &active, &[]).await;
    let (a, b) = (comparison.a.clone().unwrap(), comparison.b.clone().unwrap());
    assert_eq!(
        (a.segment, a.segment_display_name.as_str(), a.customer_count),
        (active.name.clone(), "Active", 10)
    );
    assert_eq!(
        (
            b.segment.as_str(),
            b.segment_display_name.as_str(),
            b.customer_count,
            comparison.overlap_count
        ),
        ("", "", 40, 10)
    );
    // 10, 0 and 10, 30: (10 * 30 - 0) / sqrt(10 * 40 * 20 * 30).
    let lifecycle = field(&comparison, "lifecycle");
    measures(lifecycle, Measure::CramersV, 300.0 / 240_000_f64.sqrt());
    assert_eq!(values(lifecycle), [("ACTIVE", 10, 10), ("FORMER", 0, 30)]);
    // A customer who is on the list, but deleted, is in no group.
    let comparison = compare(&h, &rest, &active, &[]).await;
    assert_eq!(
        (
            comparison.a.unwrap().customer_count,
            comparison.overlap_count
        ),
        (30, 0)
    );
}

async fn little_is_not_compared(h: Harness) {
    let business = |i: i32, new| pb::Customer {
        kind: (1 + i % 2),
        ..new
    };
    let nine = group(&h, "nine", 9, business).await;
    let ten = group(&h, "ten", 10, business).await;
    for (a, b, sizes) in [(&nine, &ten, (9, 10)), (&ten, &nine, (10, 9))] {
        let comparison = compare(&h, a, b, &[]).await;
        assert_eq!(
            (
                comparison.a.clone().unwrap().customer_count,
                comparison.b.clone().unwrap().customer_count
            ),
            sizes
        );
        let is_little = |field: &Field| (field.state(), field.effect) == (State::NotEnough, 0.0);
        assert!(
            comparison.fields.iter().all(is_little),
            "{:?}",
            comparison.fields
        );
        assert!(
            comparison.fields.is_sorted_by_key(|field| &field.field)
                && comparison.fields.len() == 13
        );
        assert!(comparison.shared_traits.is_empty());
    }
    // 5, 5 of ten and 10, 9 of nineteen: (5 * 10 - 5 * 9) / sqrt(10 * 19 * 15 * 14).
    let comparison = describe(&h, &ten, &[]).await;
    measures(
        field(&comparison, "kind"),
        Measure::CramersV,
        5.0 / 39_900_f64.sqrt(),
    );
}

async fn an_answer_is_of_one_revision_and_one_time(h: Harness) {
    group(&h, "old", 3, |_, new| new).await;
    h.advance(30 * DAY);
    let others = group(&h, "others", 12, |_, new| new).await;
    let new = h.create(segment("New", "create_time > ago(\"10d\")")).await;
    let old = h
        .create(segment("Not new", &format!("NOT segment:\"{}\"", new.name)))
        .await;
    for (later, sizes) in [(0, (12, 3)), (9 * DAY, (12, 3)), (2 * DAY, (1, 15))] {
        h.advance(later);
        if sizes.0 == 1 {
            h.create(customer("newer")).await;
        }
        let request = pb::CompareSegmentsRequest {
            a: new.name.clone(),
            b: old.name.clone(),
            ..Default::default()
        };
        let before = h.db().statistics().await.unwrap().reads;
        let answer = whole(h.segments.clone().compare_segments(request).await);
        let n_statements = h.db().statistics().await.unwrap().reads - before;
        let comparison = answer.message;
        assert_eq!(
            (
                comparison.a.unwrap().customer_count,
                comparison.b.unwrap().customer_count
            ),
            sizes
        );
        assert_eq!(
            (comparison.revision, answer.revision),
            (h.revision().await, comparison.revision)
        );
        assert_eq!((n_statements, comparison.overlap_count), (4, 0));
    }
    let comparison = describe(&h, &others, &["labels.a", "attributes.b"]).await;
    assert_eq!(comparison.evaluate_time, at(START + 41 * DAY));
}
