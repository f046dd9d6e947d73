//! Which values of attributes and lists are compared, and how many.

use super::*;

conformance! {
    at START;
    a_customer_counts_once_for_each_value_of_a_list,
    attributes_are_numbers_or_categories,
    of_a_long_list_the_first_elements_count,
    many_values_are_cut_and_too_many_are_not_compared,
}

async fn a_customer_counts_once_for_each_value_of_a_list(h: Harness) {
    let with = |channels: &[Channel], regions: &[&str], new: pb::Customer| pb::Customer {
        engagement: Some(Engagement {
            preferred_channels: channels.iter().map(|channel| (*channel).into()).collect(),
            visit_count: Some(2),
            ..Default::default()
        }),
        addresses: regions.iter().map(|region| address(region)).collect(),
        ..new
    };
    let a = group(&h, "a", 10, |_, new| {
        with(&[Channel::Phone, Channel::Email], &["AT", "AT"], new)
    })
    .await;
    let b = group(&h, "b", 11, |i, new| match i {
        10 => new,
        // The first address has no region.
        _ => with(&[Channel::Email], &["", "AT", "DE"], new),
    })
    .await;
    let comparison = compare(&h, &a, &b, &[]).await;
    // 10, 0 and 10, 10: (10 * 10 - 10 * 0) / sqrt(20 * 10 * 10 * 20).
    let channels = field(&comparison, "engagement.preferred_channels");
    measures(channels, Measure::CramersV, 0.5);
    assert_eq!((channels.a_set_count, channels.b_set_count), (10, 10));
    assert_eq!(values(channels), [("EMAIL", 10, 10), ("PHONE", 10, 0)]);
    let regions = field(&comparison, "addresses.postal_address.region_code");
    measures(regions, Measure::CramersV, 0.5);
    assert_eq!((regions.a_set_count, regions.b_set_count), (10, 10));
    assert_eq!(values(regions), [("AT", 10, 10), ("DE", 0, 10)]);
    assert_eq!(
        values(field(&comparison, "frequency")),
        [("OCCASIONAL", 10, 10)]
    );
}

fn number(number: i32) -> Kind {
    Kind::NumberValue(number.into())
}

fn text(text: &str) -> Kind {
    Kind::StringValue(text.to_owned())
}

fn list(kinds: Vec<Kind>) -> Kind {
    Kind::ListValue(ListValue {
        values: kinds
            .into_iter()
            .map(|kind| Value { kind: Some(kind) })
            .collect(),
    })
}

fn inner(kind: Kind) -> Kind {
    Kind::StructValue(Struct {
        fields: [("dee p".to_owned(), Value { kind: Some(kind) })].into(),
    })
}

fn of_a(i: i32) -> Option<Struct> {
    let colors = list(vec![
        text("red"),
        text("blue"),
        text("red"),
        number(i),
        number(i),
    ]);
    let (flag, site) = (Kind::BoolValue(i < 5), inner(number(i)));
    let entries = [
        ("n", number(i + 1)),
        ("mixed", number(5)),
        ("colors", colors),
        ("site", site),
        ("flag", flag),
    ];
    attributes(&entries)
}

fn of_b(i: i32) -> Option<Struct> {
    let mixed = if i < 5 {
        text("5")
    } else {
        Kind::BoolValue(true)
    };
    let null = Kind::NullValue(0);
    let colors = if i == 0 {
        list(Vec::new())
    } else {
        list(vec![null.clone(), text("red"), null.clone()])
    };
    let site = if i == 0 { null } else { inner(number(0)) };
    let flag = Kind::BoolValue(true);
    attributes(&[
        ("n", number(i + 6)),
        ("mixed", mixed),
        ("colors", colors),
        ("site", site),
        ("flag", flag),
    ])
}

async fn attributes_are_numbers_or_categories(h: Harness) {
    let a = group(&h, "a", 10, |i, new| pb::Customer {
        attributes: of_a(i),
        ..new
    })
    .await;
    let b = group(&h, "b", 11, |i, new| pb::Customer {
        attributes: of_b(i).filter(|_| i < 10),
        ..new
    })
    .await;
    let deep = "attributes.site.\"dee p\"";
    let asked = [
        "attributes.n",
        "attributes.mixed",
        "attributes.colors",
        "attributes.site",
        deep,
        "attributes.flag",
    ];
    let comparison = compare(&h, &a, &b, &asked).await;
    // 1 to 10 against 6 to 15: 10 pairs above, 85 below, 5 ties.
    measures(
        field(&comparison, "attributes.n"),
        Measure::CliffsDelta,
        -0.75,
    );
    // 10, 5 and 0, 5: (10 * 5 - 0) / sqrt(10 * 10 * 15 * 5).
    let mixed = field(&comparison, "attributes.mixed");
    measures(mixed, Measure::CramersV, 1.0 / 3_f64.sqrt());
    assert_eq!(
        (values(mixed), mixed.buckets.len()),
        (vec![("5", 10, 5), ("true", 0, 5)], 0)
    );
    assert_eq!(
        values(field(&comparison, "attributes.flag")),
        [("true", 5, 10), ("false", 5, 0)]
    );
    lists_and_groups_are_counted(&comparison, deep);
}

fn lists_and_groups_are_counted(comparison: &SegmentComparison, deep: &str) {
    let colors = field(comparison, "attributes.colors");
    assert_eq!(
        (colors.state(), colors.a_set_count, colors.b_set_count),
        (State::NotEnough, 10, 9)
    );
    assert_eq!(
        values(colors)[..3],
        [("blue", 10, 0), ("red", 10, 9), ("0", 1, 0)]
    );
    let site = field(comparison, "attributes.site");
    assert_eq!(
        (site.state(), site.a_set_count, site.b_set_count),
        (State::NotEnough, 0, 0)
    );
    let deep = field(comparison, deep);
    assert_eq!(
        (deep.state(), deep.a_set_count, deep.b_set_count),
        (State::NotEnough, 10, 9)
    );
    assert_eq!(
        (
            deep.a_numbers.unwrap().median,
            deep.b_numbers.unwrap().median
        ),
        (4.5, 0.0)
    );
}

async fn of_a_long_list_the_first_elements_count(h: Harness) {
    let values = (0..3_000)
        .map(|i| Value {
            kind: Some(Kind::NumberValue(i.into())),
        })
        .collect();
    let list = attributes(&[("n", Kind::ListValue(ListValue { values }))]);
    h.create(pb::Customer {
        attributes: list,
        ..customer("x")
    })
    .await;
    let all = h.create(segment("All", "display_name = \"x\"")).await;
    let comparison = describe(&h, &all, &["attributes.n"]).await;
    let field = field(&comparison, "attributes.n");
    assert_eq!((field.state(), field.a_set_count), (State::NotEnough, 1));
    assert_eq!(
        field.categories.len() as i32 + field.other_categories.unwrap().value_count,
        64
    );
}

fn numbered(i: i32) -> pb::Customer {
    pb::Customer {
        lifecycle: (if i % 2 == 0 {
            Lifecycle::Active
        } else {
            Lifecycle::Former
        })
        .into(),
        labels: map(&[("n", &format!("{:04}", i % 1000))]),
        attributes: attributes(&[
            ("n", Kind::NumberValue(i.into())),
            ("t", Kind::StringValue("ß".repeat(300))),
        ]),
        ..customer("x")
    }
}

async fn many_values_are_cut_and_too_many_are_not_compared(h: Harness) {
    stream::iter(0..1010)
        .map(|i| h.create(numbered(i)))
        .buffer_unordered(16)
        .collect::<Vec<_>>()
        .await;
    let active = h.create(segment("Active", "lifecycle = ACTIVE")).await;
    let asked = ["labels.n", "attributes.n", "attributes.t"];
    let comparison = describe(&h, &active, &asked).await;
    let label = field(&comparison, "labels.n");
    assert_eq!(
        (label.state(), label.categories.len()),
        (State::Compared, 50)
    );
    // The first ten are there twice: of the odd ones among them the base has as great a share as the segment, which is
    // half as large, has of an even one that is there once.
    assert_eq!(values(label)[4..6], [("0008", 2, 2), ("0001", 0, 2)]);
    assert_eq!(values(label)[9..11], [("0009", 0, 2), ("0010", 1, 1)]);
    let others = label.other_categories.unwrap();
    assert_eq!(
        (others.value_count, others.a_count, others.b_count),
        (950, 505 - 50, 1010 - 60)
    );
    // Numbers are never too many.
    let numbers = field(&comparison, "attributes.n");
    assert_eq!(
        (numbers.state(), numbers.b_numbers.unwrap().median),
        (State::Compared, 504.5)
    );
    assert_eq!(
        values(field(&comparison, "attributes.t")),
        [("ß".repeat(256).as_str(), 505, 1010)]
    );
    h.create(pb::Customer {
        labels: map(&[("n", "one more")]),
        ..numbered(1)
    })
    .await;
    let comparison = describe(&h, &active, &asked).await;
    let label = field(&comparison, "labels.n");
    assert_eq!(
        (label.state(), label.measure(), label.effect),
        (State::TooManyValues, Measure::Unspecified, 0.0)
    );
    assert_eq!(
        (label.categories.len(), label.a_set_count, label.b_set_count),
        (0, 505, 1011)
    );
}
