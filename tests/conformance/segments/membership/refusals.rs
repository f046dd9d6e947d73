//! What the questions about members refuse.

use super::*;

conformance! {
    a_segment_that_is_unknown_or_deleted_fails_the_call,
    bad_input_is_located,
    of_many_candidates_twelve_are_named_and_all_are_counted,
}

async fn a_segment_that_is_unknown_or_deleted_fails_the_call(h: Harness) {
    three(&h).await;
    h.delete::<pb::Segment>("segments/both").await;
    for (segment, code, reason) in [
        ("segments/nobody", Code::NotFound, "RESOURCE_NOT_FOUND"),
        (
            "segments/both",
            Code::FailedPrecondition,
            "RESOURCE_DELETED",
        ),
    ] {
        let keys = by_name("customers/al").into_iter().collect();
        refused(h.try_check(keys, &["segments/active", segment]).await)
            .is(code, reason)
            .about(segment);
        let request = pb::CountSegmentMembersRequest {
            segment: segment.to_owned(),
        };
        refused(h.segments.clone().count_segment_members(request).await)
            .is(code, reason)
            .about(segment);
        let request = pb::ListSegmentMembersRequest {
            segment: segment.to_owned(),
            ..Default::default()
        };
        refused(h.segments.clone().list_segment_members(request).await)
            .is(code, reason)
            .about(segment);
    }
}

async fn bad_input_is_located(h: Harness) {
    three(&h).await;
    let key = |name: &str| by_name(name).into_iter().collect::<Vec<_>>();
    let many = |n: usize| vec!["segments/active"; n];
    for (customers, segments, fields) in [
        (Vec::new(), Vec::new(), &["customers", "segments"][..]),
        (
            vec![key("customers/al").remove(0); 101],
            many(201),
            &["customers", "segments"],
        ),
        (
            key("contacts/al"),
            vec!["segments/active", "Segments/x", ""],
            &["customers[0].name", "segments[1]", "segments[2]"],
        ),
        (
            vec![pb::CustomerKey {
                key: None,
                ..Default::default()
            }],
            many(1),
            &["customers[0]"],
        ),
    ] {
        refused(h.try_check(customers, &segments).await).names("FIELD_INVALID", fields);
    }
    let refusal = refused(
        h.try_check(vec![key("customers/al").remove(0); 101], &many(201))
            .await,
    );
    for told in [
        "customers: holds 101 elements, at most 100 fit",
        "segments: holds 201 elements, at most 200 fit",
    ] {
        assert!(refusal.message.contains(told), "{}", refusal.message);
    }
    let refusal = refused(h.try_check(key("customers/al"), &[]).await);
    assert_eq!(refusal.message, "segments: is empty: give 1 to 200");
    bad_lists_are_located(&h).await;
    let count = pb::CountSegmentMembersRequest {
        segment: "customers/al".to_owned(),
    };
    refused(h.segments.clone().count_segment_members(count).await)
        .names("FIELD_INVALID", &["segment"]);
    let of = pb::ListCustomerSegmentsRequest {
        page_size: -1,
        ..Default::default()
    };
    refused(h.segments.clone().list_customer_segments(of).await)
        .names("FIELD_INVALID", &["customer", "page_size"]);
    bad_previews_are_located(&h).await;
}

async fn bad_lists_are_located(h: &Harness) {
    let members = |segment: &str| pb::ListSegmentMembersRequest {
        segment: segment.to_owned(),
        ..Default::default()
    };
    let negative = pb::ListSegmentMembersRequest {
        page_size: -1,
        ..members("")
    };
    refused(h.segments.clone().list_segment_members(negative).await)
        .names("FIELD_INVALID", &["segment", "page_size"]);
    let other = pb::ListSegmentMembersRequest {
        order_by: "about".to_owned(),
        ..members("segments/active")
    };
    refused(h.segments.clone().list_segment_members(other).await)
        .names("ORDER_BY_INVALID", &["order_by"]);
    let other = pb::ListSegmentMembersRequest {
        read_mask: mask(&["x"]),
        ..members("segments/active")
    };
    refused(h.segments.clone().list_segment_members(other).await)
        .names("MASK_INVALID", &["read_mask.paths[0]"]);
    let other = pb::ListSegmentMembersRequest {
        page_token: "x".to_owned(),
        ..members("segments/active")
    };
    refused(h.segments.clone().list_segment_members(other).await)
        .names("PAGE_TOKEN_INVALID", &["page_token"]);
}

async fn bad_previews_are_located(h: &Harness) {
    let preview = |filter: &str| pb::PreviewSegmentRequest {
        filter: filter.to_owned(),
        ..Default::default()
    };
    let blank = pb::PreviewSegmentRequest {
        limit: -1,
        ..preview(" ")
    };
    refused(h.segments.clone().preview_segment(blank).await)
        .names("FIELD_INVALID", &["filter", "limit"]);
    let wrong = refused(
        h.segments
            .clone()
            .preview_segment(preview("kind = X"))
            .await,
    );
    wrong
        .names("FILTER_INVALID", &["filter"])
        .tells("offset", "7");
    let unusable = refused(
        h.segments
            .clone()
            .preview_segment(preview("segment:\"segments/nobody\""))
            .await,
    );
    let unusable = unusable.names_unusable("filter");
    unusable.about("segments/nobody");
}

async fn of_many_candidates_twelve_are_named_and_all_are_counted(h: Harness) {
    h.create_as("all", segment("All", "display_name:*")).await;
    for i in 10..23 {
        let shared = pb::Customer {
            emails: vec![email("office@shared.example")],
            ..customer("x")
        };
        h.create_as(&format!("s{i}"), shared).await;
    }
    let key = by_email("office@shared.example").into_iter().collect();
    let found = done(h.try_check(key, &["segments/all"]).await)
        .results
        .remove(0);
    let first: Vec<String> = (10..22).map(|i| format!("customers/s{i}")).collect();
    assert_eq!(found.outcome(), Outcome::Ambiguous);
    assert_eq!((found.candidates, found.candidate_count), (first, 13));
    assert!(!found.memberships[0].member);
}
