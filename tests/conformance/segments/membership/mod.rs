//! Who is in a segment: members, counts, checks of many pairs, the segments of a customer, and previews.

mod edit; // lists of members
mod time; // until when a verdict holds

use clientele::pb;
use clientele::pb::customer::Lifecycle;
use clientele::pb::customer_key::Key as CustomerBy;
use clientele::pb::membership::Verdict;
use tonic::Code;

use crate::conformance::segments::explanation;
use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::{affiliation, contact, customer, email, external_id, texts};
use crate::harness::keys::{by, by_domain, by_email, by_external_id, by_name};
use crate::harness::records::{listed, segment};
use crate::harness::standard::{List, Standard, mask};

conformance! {
    every_pair_gets_its_verdict,
    a_deleted_customer_is_in_no_segment,
    a_segment_that_is_unknown_or_deleted_fails_the_call,
    members_come_in_pages_orders_and_masks,
    a_count_is_the_length_of_the_list,
    a_customer_is_told_all_its_segments,
    affiliations_count_however_many_there_are,
    a_deleted_affiliation_counts_nowhere,
    a_preview_says_what_a_filter_picks,
    a_preview_counts_what_is_unset,
    bad_input_is_located,
    a_check_costs_the_same_statements_whatever_its_size,
    other_keys_than_names_are_understood,
    a_hundred_keys_fit_into_one_check,
    of_many_candidates_twelve_are_named_and_all_are_counted,
    a_preview_shows_and_names_what_lives_alone,
    a_count_along_a_key_is_of_who_meets_the_rest_and_lives,
}

/// Three customers; `al` and `bo` are ACTIVE, `bo` and `cy` are on a list.
async fn three(h: &Harness) {
    let active = |name: &str| pb::Customer {
        lifecycle: Lifecycle::Active.into(),
        ..customer(name)
    };
    h.create_as("al", active("C")).await;
    let bo = h.create_as("bo", active("B")).await;
    let cy = h.create_as("cy", customer("A")).await;
    h.create_as("active", segment("Active", "lifecycle = ACTIVE"))
        .await;
    h.create_as("picked", listed("Picked", &[&cy, &bo])).await;
    h.create_as(
        "both",
        segment(
            "Both",
            "segment:\"segments/active\" AND segment:\"segments/picked\"",
        ),
    )
    .await;
}

async fn every_pair_gets_its_verdict(h: Harness) {
    three(&h).await;
    let shared = || pb::Customer {
        emails: vec![email("office@shared.example")],
        ..customer("x")
    };
    let (one, two) = (
        h.create_as("s1", shared()).await,
        h.create_as("s2", shared()).await,
    );
    let keys = vec![
        by_name("customers/bo"),
        by_name("customers/nobody"),
        by_email("Office@shared.example"),
        by_name("customers/al"),
        by_name("customers/bo"),
    ];
    let segments = [
        "segments/both",
        "segments/active",
        "segments/picked",
        "segments/both",
    ];
    let answer = whole(
        h.try_check(keys.into_iter().flatten().collect(), &segments)
            .await,
    );
    assert_eq!(answer.message.revision, answer.revision);
    assert!(answer.message.evaluate_time.is_some());
    use Verdict::{Ambiguous, Member, NotMember, UnknownCustomer};
    let expected = [
        ("customers/bo", [Member; 4]),
        ("", [UnknownCustomer; 4]),
        ("", [Ambiguous; 4]),
        ("customers/al", [NotMember, Member, NotMember, NotMember]),
        ("customers/bo", [Member; 4]),
    ];
    assert_eq!(answer.message.results.len(), expected.len());
    for (result, (customer, verdicts)) in answer.message.results.iter().zip(expected) {
        assert_eq!(result.customer, customer);
        let told: Vec<(&str, Verdict)> = result
            .memberships
            .iter()
            .map(|one| (one.segment.as_str(), one.verdict()))
            .collect();
        assert_eq!(told, segments.into_iter().zip(verdicts).collect::<Vec<_>>());
        assert!(
            result
                .memberships
                .iter()
                .all(|one| one.valid_until.is_none())
        );
    }
    let several = &answer.message.results[2];
    assert_eq!(
        (&several.candidates, several.candidate_count),
        (&vec![one.name, two.name], 2)
    );
}

async fn a_deleted_customer_is_in_no_segment(h: Harness) {
    three(&h).await;
    h.delete::<pb::Customer>("customers/bo").await;
    let answer = h
        .check(&["customers/bo"], &["segments/active", "segments/picked"])
        .await;
    assert_eq!(answer.results[0].customer, "customers/bo");
    for membership in &answer.results[0].memberships {
        assert_eq!(membership.verdict(), Verdict::NotMember);
    }
    assert_eq!(h.members("segments/picked", 0).await, ["customers/cy"]);
    assert_eq!(h.count("segments/active").await.count, 1);
    let request = pb::ListCustomerSegmentsRequest {
        customer: by_name("customers/bo"),
        ..Default::default()
    };
    let refusal = refused(h.segments.clone().list_customer_segments(request).await);
    refusal
        .is(Code::FailedPrecondition, "RESOURCE_DELETED")
        .about("customers/bo");
    h.undelete::<pb::Customer>("customers/bo").await;
    assert!(h.is_member("customers/bo", "segments/both").await);
}

async fn a_segment_that_is_unknown_or_deleted_fails_the_call(h: Harness) {
    three(&h).await;
    h.delete::<pb::Segment>("segments/both").await;
    for (segment, code, reason) in [
        ("segments/nobody", Code::NotFound, "SEGMENT_NOT_FOUND"),
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

async fn members_come_in_pages_orders_and_masks(h: Harness) {
    three(&h).await;
    let request = pb::ListSegmentMembersRequest {
        segment: "segments/picked".to_owned(),
        page_size: 1,
        order_by: "display_name desc".to_owned(),
        read_mask: mask(&["name", "display_name"]),
        ..Default::default()
    };
    let first = whole(
        h.segments
            .clone()
            .list_segment_members(request.clone())
            .await,
    );
    let shown = |name: &str, display_name: &str| {
        vec![pb::Customer {
            name: name.to_owned(),
            ..customer(display_name)
        }]
    };
    assert_eq!(first.message.customers, shown("customers/bo", "B"));
    assert_eq!(first.message.revision, first.revision);
    let page_token = first.message.next_page_token.clone();
    let second = pb::ListSegmentMembersRequest {
        page_token: page_token.clone(),
        ..request.clone()
    };
    let second = done(h.segments.clone().list_segment_members(second).await);
    assert_eq!(
        (second.customers, second.next_page_token.as_str()),
        (shown("customers/cy", "A"), "")
    );
    assert_eq!(second.evaluate_time, first.message.evaluate_time);
    for other in [
        pb::ListSegmentMembersRequest {
            segment: "segments/active".to_owned(),
            ..request.clone()
        },
        pb::ListSegmentMembersRequest {
            order_by: String::new(),
            ..request
        },
    ] {
        let other = pb::ListSegmentMembersRequest {
            page_token: page_token.clone(),
            ..other
        };
        let refusal = refused(h.segments.clone().list_segment_members(other).await);
        refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
    }
}

async fn a_count_is_the_length_of_the_list(h: Harness) {
    three(&h).await;
    for (segment, names) in [
        ("segments/active", &["customers/al", "customers/bo"][..]),
        ("segments/picked", &["customers/bo", "customers/cy"]),
        ("segments/both", &["customers/bo"]),
    ] {
        assert_eq!(h.members(segment, 1).await, names);
        let count = h.count(segment).await;
        assert_eq!(count.count, i64::try_from(names.len()).unwrap());
        assert_eq!(count.revision, h.revision().await);
    }
}

async fn a_customer_is_told_all_its_segments(h: Harness) {
    three(&h).await;
    h.create_as("gone", segment("Gone", "lifecycle = ACTIVE"))
        .await;
    h.delete::<pb::Segment>("segments/gone").await;
    for page_size in [0, 1, 2] {
        let of_bo = ["segments/active", "segments/both", "segments/picked"];
        assert_eq!(
            h.segments_of("customers/bo", page_size).await,
            of_bo,
            "{page_size}"
        );
        assert_eq!(
            h.segments_of("customers/cy", page_size).await,
            ["segments/picked"]
        );
    }
    let request = pb::ListCustomerSegmentsRequest {
        customer: by_name("customers/bo"),
        ..Default::default()
    };
    let answer = whole(
        h.segments
            .clone()
            .list_customer_segments(request.clone())
            .await,
    );
    assert_eq!(
        (answer.message.customer.as_str(), answer.message.revision),
        ("customers/bo", answer.revision)
    );
    assert_eq!(answer.message.customer_segments[1].display_name, "Both");
    let first = pb::ListCustomerSegmentsRequest {
        page_size: 1,
        ..request.clone()
    };
    let page_token = done(h.segments.clone().list_customer_segments(first).await).next_page_token;
    let other = pb::ListCustomerSegmentsRequest {
        customer: by_name("customers/al"),
        page_token,
        ..request
    };
    let refusal = refused(h.segments.clone().list_customer_segments(other).await);
    refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
    let nobody = pb::ListCustomerSegmentsRequest {
        customer: by_domain("nobody.example"),
        ..Default::default()
    };
    refused(h.segments.clone().list_customer_segments(nobody).await)
        .is(Code::NotFound, "CUSTOMER_NOT_FOUND");
}

/// A profile shows the first 500 affiliations; membership sees all of them.
async fn affiliations_count_however_many_there_are(h: Harness) {
    let firm = h.create_as("firm", customer("Firm")).await;
    let person = h.create_as("person", contact("Person")).await;
    for i in 0..501 {
        let job = pb::Affiliation {
            job_title: format!("job {i:03}"),
            ..affiliation(&person, &firm)
        };
        h.create_as(&format!("job{i:03}"), job).await;
    }
    h.create_as(
        "last",
        segment("Last", "affiliations.job_title = \"job 500\""),
    )
    .await;
    assert!(h.is_member("customers/firm", "segments/last").await);
    assert_eq!(h.count("segments/last").await.count, 1);
}

/// Each segment is asked about by itself, so that nothing is read for another.
async fn a_deleted_affiliation_counts_nowhere(h: Harness) {
    let firm = h.create_as("firm", customer("Firm")).await;
    let job = affiliation(&h.create(contact("Person")).await, &firm);
    let job = h
        .create(pb::Affiliation {
            job_title: "Clerk".to_owned(),
            ..job
        })
        .await;
    let asked = "affiliations.job_title = \"Clerk\"";
    let not_asked = format!("NOT {asked}");
    let segments = [
        ("clerk", asked, true),
        ("none", &not_asked, false),
        ("one", "contact_count = 1", true),
        ("not-one", "NOT contact_count = 1", false),
    ];
    for (id, filter, _) in segments {
        h.create_as(id, segment(id, filter)).await;
    }
    for is_there in [true, false] {
        for (id, _, is_of_clerk) in segments {
            let name = format!("segments/{id}");
            let is_member = h.is_member(&firm.name, &name).await;
            assert_eq!(is_member, is_there == is_of_clerk, "{id}");
            assert_eq!(h.count(&name).await.count, i64::from(is_member), "{id}");
        }
        let told = done(explanation::ask(&h, by_name(&firm.name), "segments/clerk").await);
        assert_eq!(
            (told.member, told.nodes[0].values.len()),
            (is_there, usize::from(is_there))
        );
        if is_there {
            h.delete::<pb::Affiliation>(&job.name).await;
        }
    }
}

async fn preview(h: &Harness, filter: &str) -> pb::PreviewSegmentResponse {
    let request = pb::PreviewSegmentRequest {
        filter: filter.to_owned(),
        ..Default::default()
    };
    let answer = whole(h.segments.clone().preview_segment(request).await);
    assert_eq!(answer.message.revision, answer.revision);
    answer.message
}

async fn a_preview_says_what_a_filter_picks(h: Harness) {
    three(&h).await;
    for i in 10..70 {
        h.create_as(&format!("n{i}"), customer("Many")).await;
    }
    let many = preview(
        &h,
        "display_name = \"Many\" OR name = \"customers/al\" -labels.x:*",
    )
    .await;
    assert_eq!(
        (many.count, many.customer_count, many.customers.len()),
        (61, 63, 10)
    );
    assert_eq!(
        many.filter,
        "(display_name = \"Many\" OR name = \"customers/al\") AND NOT labels.x:*"
    );
    assert_eq!(many.customers[0].name, "customers/al");
    for (sample_size, shown) in [(3, 3), (50, 50), (1000, 50)] {
        let request = pb::PreviewSegmentRequest {
            filter: many.filter.clone(),
            sample_size,
            read_mask: mask(&["display_name"]),
        };
        let answer = done(h.segments.clone().preview_segment(request).await);
        assert_eq!((answer.count, answer.customers.len()), (61, shown));
        assert_eq!(answer.customers[1], customer("Many"));
    }
    let used = preview(&h, "segment:\"segments/picked\"").await;
    assert_eq!((used.count, used.unset_fields.len()), (2, 0));
}

async fn a_preview_counts_what_is_unset(h: Harness) {
    three(&h).await;
    let visited = pb::customer::Engagement {
        visit_count: Some(3),
        ..Default::default()
    };
    let tagged = pb::Customer {
        tags: texts(&["x"]),
        engagement: Some(visited),
        ..customer("D")
    };
    h.create_as("di", tagged).await;
    h.delete::<pb::Customer>("customers/cy").await;
    let filter = "lifecycle = ACTIVE OR engagement.visit_count > 2 AND NOT tags:\"x\" AND contact_count = 0 AND D";
    let answer = preview(&h, filter).await;
    let unset: Vec<(&str, &str, i64)> = answer
        .unset_fields
        .iter()
        .map(|one| (one.predicate.as_str(), one.field.as_str(), one.unset_count))
        .collect();
    let expected = [
        ("lifecycle = ACTIVE", "lifecycle", 1),
        ("engagement.visit_count > 2", "engagement.visit_count", 2),
        ("tags:\"x\"", "tags", 2),
        ("contact_count = 0", "contact_count", 0),
    ];
    assert_eq!(unset, expected);
    assert_eq!((answer.count, answer.customer_count), (0, 3));
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
            vec![pb::CustomerKey { key: None }],
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
        .names("INVALID_ORDER_BY", &["order_by"]);
    let other = pb::ListSegmentMembersRequest {
        read_mask: mask(&["x"]),
        ..members("segments/active")
    };
    refused(h.segments.clone().list_segment_members(other).await)
        .names("INVALID_MASK", &["read_mask.paths[0]"]);
    let other = pb::ListSegmentMembersRequest {
        page_token: "x".to_owned(),
        ..members("segments/active")
    };
    refused(h.segments.clone().list_segment_members(other).await)
        .names("PAGE_TOKEN_INVALID", &["page_token"]);
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
    let preview = |filter: &str| pb::PreviewSegmentRequest {
        filter: filter.to_owned(),
        ..Default::default()
    };
    let blank = pb::PreviewSegmentRequest {
        sample_size: -1,
        ..preview(" ")
    };
    refused(h.segments.clone().preview_segment(blank).await)
        .names("FIELD_INVALID", &["filter", "sample_size"]);
    let wrong = refused(
        h.segments
            .clone()
            .preview_segment(preview("kind = X"))
            .await,
    );
    wrong
        .names("INVALID_FILTER", &["filter"])
        .tells("offset", "7");
    let unusable = refused(
        h.segments
            .clone()
            .preview_segment(preview("segment:\"segments/nobody\""))
            .await,
    );
    let unusable = unusable
        .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
        .tells("field", "filter");
    unusable.about("segments/nobody");
}

async fn a_check_costs_the_same_statements_whatever_its_size(h: Harness) {
    three(&h).await;
    h.create_as(
        "titled",
        segment("Titled", "affiliations.job_title:* OR contact_count > 3"),
    )
    .await;
    let all = [
        "segments/active",
        "segments/both",
        "segments/picked",
        "segments/titled",
    ];
    for (customers, segments, most) in [
        (vec!["customers/al"], vec!["segments/active"], 3),
        (
            ["customers/al", "customers/bo", "customers/cy"].repeat(33),
            all.repeat(50),
            5,
        ),
    ] {
        let before = h.db().statistics().await.unwrap().reads;
        h.check(&customers, &segments).await;
        assert_eq!(h.db().statistics().await.unwrap().reads - before, most);
    }
}

async fn other_keys_than_names_are_understood(h: Harness) {
    three(&h).await;
    let bo = pb::Customer {
        external_ids: vec![external_id("erp", "7")],
        business: Some(pb::customer::Business {
            domains: texts(&["bo.example"]),
            ..Default::default()
        }),
        ..h.get("customers/bo").await
    };
    h.update(bo, &["external_ids", "business"]).await;
    for key in [
        by_external_id("erp", "7"),
        by_domain("BO.example"),
        by(CustomerBy::Email("a@bo.example".to_owned())),
    ] {
        let answer = done(
            h.try_check(key.into_iter().collect(), &["segments/both"])
                .await,
        );
        assert_eq!(answer.results[0].customer, "customers/bo");
        assert_eq!(answer.results[0].memberships[0].verdict(), Verdict::Member);
    }
    let list = List {
        filter: "segment:\"segments/both\"".to_owned(),
        ..Default::default()
    };
    assert_eq!(done(pb::Customer::list(&h, list).await).0.len(), 1);
}

async fn a_hundred_keys_fit_into_one_check(h: Harness) {
    three(&h).await;
    let answer = h
        .check(
            &["customers/al", "customers/nobody"].repeat(50),
            &["segments/active"],
        )
        .await;
    assert_eq!(answer.results.len(), 100);
    assert_eq!(answer.results[98].memberships[0].verdict(), Verdict::Member);
    assert_eq!(
        answer.results[99].memberships[0].verdict(),
        Verdict::UnknownCustomer
    );
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
    assert_eq!((found.candidates, found.candidate_count), (first, 13));
    assert_eq!(found.memberships[0].verdict(), Verdict::Ambiguous);
}

async fn a_preview_shows_and_names_what_lives_alone(h: Harness) {
    three(&h).await;
    h.delete::<pb::Customer>("customers/al").await;
    let shown = preview(&h, "lifecycle = ACTIVE OR segment:\"segments/picked\"").await;
    let names: Vec<&str> = shown
        .customers
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(
        (names, shown.count),
        (vec!["customers/bo", "customers/cy"], 2)
    );
    h.delete::<pb::Segment>("segments/both").await;
    let filter = "segment:\"segments/picked\" OR segment:\"segments/both\"".to_owned();
    let request = pb::PreviewSegmentRequest {
        filter,
        ..Default::default()
    };
    let refusal = refused(h.segments.clone().preview_segment(request).await);
    let refusal = refusal
        .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
        .tells("field", "filter");
    refusal.about("segments/both");
}

async fn a_count_along_a_key_is_of_who_meets_the_rest_and_lives(h: Harness) {
    let tagged = |about: &str| pb::Customer {
        tags: texts(&["x"]),
        about: about.to_owned(),
        ..customer("C")
    };
    for (id, about) in [("a", "in"), ("b", "in"), ("c", "out"), ("d", "in")] {
        h.create_as(id, tagged(about)).await;
    }
    h.create_as(
        "e",
        pb::Customer {
            about: "in".to_owned(),
            ..customer("E")
        },
    )
    .await;
    h.delete::<pb::Customer>("customers/d").await;
    let filter = "tags:\"x\" AND about = \"in\"";
    h.create_as("led", segment("Led", filter)).await;
    assert_eq!(
        h.members("segments/led", 1).await,
        ["customers/a", "customers/b"]
    );
    assert_eq!(h.count("segments/led").await.count, 2);
    let shown = preview(&h, filter).await;
    assert_eq!(
        (shown.count, shown.customers.len(), shown.revision),
        (2, 2, h.revision().await)
    );
}
