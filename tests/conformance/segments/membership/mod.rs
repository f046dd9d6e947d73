//! Who is in a segment: members, counts, checks of many pairs, the segments of a customer, and previews.

mod edit; // lists of members
mod preview; // what a filter would pick
mod refusals; // what is refused
mod time; // until when a verdict holds

use clientele::pb;
use clientele::pb::customer::Lifecycle;
use clientele::pb::customer_key::Key as CustomerBy;
use clientele::pb::customer_key::Outcome;
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
    members_come_in_pages_orders_and_masks,
    a_count_is_the_length_of_the_list,
    a_customer_is_told_all_its_segments,
    affiliations_count_however_many_there_are,
    a_deleted_affiliation_counts_nowhere,
    a_check_costs_the_same_statements_whatever_its_size,
    other_keys_than_names_are_understood,
    a_hundred_keys_fit_into_one_check,
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
    let expected = [
        (Outcome::Found, "customers/bo", [true; 4]),
        (Outcome::NotFound, "", [false; 4]),
        (Outcome::Ambiguous, "", [false; 4]),
        (Outcome::Found, "customers/al", [false, true, false, false]),
        (Outcome::Found, "customers/bo", [true; 4]),
    ];
    assert_eq!(answer.message.results.len(), expected.len());
    for (result, (outcome, customer, members)) in answer.message.results.iter().zip(expected) {
        let told: Vec<(&str, bool)> = result
            .memberships
            .iter()
            .map(|one| (one.segment.as_str(), one.member))
            .collect();
        let told = (result.outcome(), result.customer.as_str(), told);
        let members = segments.into_iter().zip(members).collect();
        assert_eq!(told, (outcome, customer, members));
        assert!(
            result
                .memberships
                .iter()
                .all(|one| one.expire_time.is_none())
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
    assert_eq!(
        (
            answer.results[0].outcome(),
            answer.results[0].customer.as_str()
        ),
        (Outcome::Deleted, "customers/bo")
    );
    for membership in &answer.results[0].memberships {
        assert!(!membership.member);
    }
    assert_eq!(h.members("segments/picked", 0).await, ["customers/cy"]);
    assert_eq!(h.count("segments/active").await.member_count, 1);
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
        assert_eq!(count.member_count, i32::try_from(names.len()).unwrap());
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
    assert_eq!(answer.message.memberships[1].segment_display_name, "Both");
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
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
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
    assert_eq!(h.count("segments/last").await.member_count, 1);
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
            assert_eq!(
                h.count(&name).await.member_count,
                i32::from(is_member),
                "{id}"
            );
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
        assert!(answer.results[0].memberships[0].member);
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
    assert!(answer.results[98].memberships[0].member);
    assert_eq!(answer.results[99].outcome(), Outcome::NotFound);
}
