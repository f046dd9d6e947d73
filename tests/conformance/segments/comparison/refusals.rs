//! What cannot be compared: segments that do not exist, and unknown fields.

use clientele::pb;
use tonic::Code;

use super::{describe, field, values};
use crate::harness::Harness;
use crate::harness::answer::{Answer, Refusal, refused};
use crate::harness::builders::{customer, map, texts};
use crate::harness::records::segment;

conformance! {
    what_is_no_segment_is_refused,
    a_segment_has_to_live,
    of_a_segment_without_members_there_is_nothing_to_say,
    segments_that_are_too_large_together_are_refused,
    a_field_that_is_not_compared_is_refused_with_the_nearest,
    fields_are_bounded_and_named_once,
}

async fn compare(h: &Harness, a: &str, b: &str) -> Answer<pb::SegmentComparison> {
    let request = pb::CompareSegmentsRequest {
        a: a.to_owned(),
        b: b.to_owned(),
        ..Default::default()
    };
    h.segments.clone().compare_segments(request).await
}

async fn describe_by(h: &Harness, segment: &str, fields: &[&str]) -> Answer<pb::SegmentComparison> {
    let request = pb::DescribeSegmentRequest {
        segment: segment.to_owned(),
        fields: texts(fields),
    };
    h.segments.clone().describe_segment(request).await
}

async fn what_is_no_segment_is_refused(h: Harness) {
    refused(compare(&h, "", "customers/x").await).names("FIELD_INVALID", &["a", "b"]);
    let persona = refused(compare(&h, "personas/x", "segments/x").await);
    let persona = persona.names("FIELD_INVALID", &["a"]);
    assert!(
        persona.message.contains("only segments can be compared"),
        "{}",
        persona.message
    );
    refused(describe_by(&h, "segments/", &["x"]).await)
        .names("FIELD_INVALID", &["segment", "fields[0]"]);
    let of_itself =
        refused(compare(&h, "segments/x", "segments/x").await).names("FIELD_INVALID", &["b"]);
    assert!(
        of_itself.message.contains("the same segment"),
        "{}",
        of_itself.message
    );
}

async fn a_segment_has_to_live(h: Harness) {
    let live = h
        .create_as("live", segment("Live", "lifecycle = ACTIVE"))
        .await;
    let gone = h
        .create_as("gone", segment("Gone", "lifecycle = ACTIVE"))
        .await;
    h.delete::<pb::Segment>(&gone.name).await;
    for (a, b) in [(&live.name, &gone.name), (&gone.name, &live.name)] {
        refused(compare(&h, a, b).await)
            .is(Code::FailedPrecondition, "RESOURCE_DELETED")
            .about(&gone.name);
    }
    for (a, b) in [
        ("segments/live", "segments/none"),
        ("segments/none", "segments/live"),
    ] {
        refused(compare(&h, a, b).await)
            .is(Code::NotFound, "RESOURCE_NOT_FOUND")
            .about("segments/none");
    }
    refused(describe_by(&h, "segments/none", &[]).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    refused(describe_by(&h, "segments/gone", &[]).await)
        .is(Code::FailedPrecondition, "RESOURCE_DELETED");
}

async fn of_a_segment_without_members_there_is_nothing_to_say(h: Harness) {
    let somebody = h
        .create_as("somebody", segment("Somebody", "display_name = \"one\""))
        .await
        .name;
    let nobody = h
        .create_as("nobody", segment("Nobody", "display_name = \"nobody\""))
        .await
        .name;
    let empty = |refusal: Refusal, field: &str, name: &str| {
        refusal
            .is(Code::FailedPrecondition, "SEGMENT_EMPTY")
            .about(name)
            .tells("field", field);
    };
    empty(
        refused(describe_by(&h, &nobody, &[]).await),
        "segment",
        &nobody,
    );
    empty(
        refused(compare(&h, &somebody, &nobody).await),
        "a",
        &somebody,
    );
    h.create(customer("one")).await;
    empty(refused(compare(&h, &somebody, &nobody).await), "b", &nobody);
    empty(refused(compare(&h, &nobody, &somebody).await), "a", &nobody);
    assert_eq!(
        describe(&h, &h.get(&somebody).await, &[])
            .await
            .a
            .unwrap()
            .customer_count,
        1
    );
}

/// Every restriction on who said so binds about twenty values, half of them to see whether the caller may know: more
/// than SQLite takes.
async fn segments_that_are_too_large_together_are_refused(h: Harness) {
    let one = |i: usize| format!("affiliations.buying_roles.source = \"*{i:02}\"");
    let many = (0..61).map(one).collect::<Vec<_>>().join(" OR ");
    for i in 0..16 {
        h.create_as(&format!("leaf{i}"), segment("Leaf", &many))
            .await;
    }
    let leaves = (0..16)
        .map(|i| format!("segment:\"segments/leaf{i}\""))
        .collect::<Vec<_>>()
        .join(" OR ");
    for name in ["w1", "w2"] {
        h.create_as(name, segment("Wide", &leaves)).await;
    }
    h.create(customer("one")).await;
    refused(compare(&h, "segments/w1", "segments/w2").await).names("FILTER_INVALID", &["b"]);
    // Alone it fits, and has no members.
    refused(describe_by(&h, "segments/w1", &[]).await)
        .is(Code::FailedPrecondition, "SEGMENT_EMPTY");
}

async fn a_field_that_is_not_compared_is_refused_with_the_nearest(h: Harness) {
    for (field, nearest) in [
        ("lables.tier", "`labels.KEY`?"),
        ("labels", "`labels.KEY`?"),
        ("attribute.area", "`attributes.KEY`?"),
        ("industri", "`business.industry`?"),
        ("business.industy", "`business.industry`?"),
        ("region_code", "`addresses.postal_address.region_code`?"),
        ("years_in_busines", "`years_in_business`?"),
        ("Kind", "`kind`?"),
        ("display_name", "such as `labels.KEY`"),
        ("labels.a = \"b\"", "`labels.KEY`?"),
        ("", "such as `labels.KEY`"),
        ("secret!", "such as `labels.KEY`"),
    ] {
        let refusal = refused(describe_by(&h, "segments/x", &["kind", field]).await);
        let refusal = refusal.names("FIELD_INVALID", &["fields[1]"]);
        assert!(
            refusal.message.ends_with(nearest),
            "{field}: {}",
            refusal.message
        );
        assert!(!refusal.message.contains("secret"), "{}", refusal.message);
    }
}

async fn fields_are_bounded_and_named_once(h: Harness) {
    let many: Vec<String> = (0..21).map(|i| format!("labels.l{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    refused(describe_by(&h, "segments/x", &many).await).names("FIELD_INVALID", &["fields"]);
    let twice = [
        "labels.a",
        "kind",
        "labels.a",
        "labels.\"a\"",
        "attributes.a",
        "kind",
    ];
    let wanted = ["fields[2]", "fields[3]", "fields[5]"];
    refused(describe_by(&h, "segments/x", &twice).await).names("FIELD_INVALID", &wanted);
    h.create(pb::Customer {
        labels: map(&[("l1", "x")]),
        ..customer("x")
    })
    .await;
    let all = h.create(segment("All", "display_name:*")).await;
    let comparison = describe(&h, &all, &many[..20]).await;
    assert_eq!(
        (
            comparison.fields.len(),
            values(field(&comparison, "labels.l1"))
        ),
        (33, vec![("x", 1, 1)])
    );
}
