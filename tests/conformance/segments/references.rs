//! Segments that filters name: what they mean, and that nothing they stand on is taken away.

use clientele::pb;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::customer;
use crate::harness::keys::by_name;
use crate::harness::records::{listed, persona, segment};
use crate::harness::standard::{Create, Delete, List, Standard, Update};

conformance! {
    a_filter_names_segments_of_both_kinds,
    a_segment_that_is_unknown_or_deleted_has_no_members,
    a_wrong_segment_is_located,
    what_is_used_is_not_deleted,
    a_chain_of_segments_does_not_close,
    references_to_no_segment_are_refused,
    a_name_in_other_letters_is_a_name,
    two_who_close_a_circle_at_once_do_not,
    a_use_and_a_delete_at_once_are_not_both_done,
    a_refusal_names_twelve_users_and_counts_all,
    a_segment_cannot_be_made_of_itself,
    a_segment_that_lost_one_says_the_same_in_every_way,
}

/// Asserts whom a filter finds.
pub async fn finds(h: &Harness, filter: &str, names: &[&str]) {
    let found = h.names::<pb::Customer>(filter).await;
    let found: Vec<&str> = found
        .iter()
        .filter_map(|name| name.strip_prefix("customers/"))
        .collect();
    assert_eq!(found, names, "{filter}");
}

/// Three customers; `al` and `bo` are ACTIVE, `bo` and `cy` are on a list.
async fn three(h: &Harness) {
    let active = || pb::Customer {
        lifecycle: pb::customer::Lifecycle::Active.into(),
        ..customer("x")
    };
    h.create_as("al", active()).await;
    let bo = h.create_as("bo", active()).await;
    let cy = h.create_as("cy", customer("x")).await;
    h.create_as("active", segment("Active", "lifecycle = ACTIVE"))
        .await;
    h.create_as("picked", listed("Picked", &[&cy, &bo])).await;
}

async fn a_filter_names_segments_of_both_kinds(h: Harness) {
    three(&h).await;
    h.create_as(
        "both",
        segment(
            "Both",
            "segment:\"segments/active\" AND segment:\"segments/picked\"",
        ),
    )
    .await;
    h.create_as(
        "neither",
        segment("Not both", "NOT segment:\"segments/both\""),
    )
    .await;
    for (filter, names) in [
        ("segment:\"segments/active\"", &["al", "bo"][..]),
        ("segment:\"segments/picked\"", &["bo", "cy"]),
        (
            "segment:'segments/picked' AND NOT segment : \"segments/active\"",
            &["cy"],
        ),
        ("segment:\"segments/both\"", &["bo"]),
        ("segment:\"segments/neither\"", &["al", "cy"]),
        (
            "segment:\"segments/both\" OR name = \"customers/cy\"",
            &["bo", "cy"],
        ),
        (
            "-(segment:\"segments/neither\" segment:\"segments/picked\")",
            &["al", "bo"],
        ),
    ] {
        finds(&h, filter, names).await;
    }
    let request = pb::ListDecisionMakersRequest {
        filter: "segment:\"segments/both\"".to_owned(),
        ..Default::default()
    };
    let found = h
        .relationships
        .clone()
        .list_decision_makers(request)
        .await
        .unwrap()
        .into_inner();
    let found: Vec<&str> = found
        .decision_makers
        .iter()
        .map(|one| one.customer.as_str())
        .collect();
    assert_eq!(found, ["customers/bo"]);
}

async fn a_segment_that_is_unknown_or_deleted_has_no_members(h: Harness) {
    three(&h).await;
    finds(&h, "segment:\"segments/nobody\"", &[]).await;
    finds(&h, "NOT segment:\"segments/nobody\"", &["al", "bo", "cy"]).await;
    for name in ["segments/active", "segments/picked"] {
        h.delete::<pb::Segment>(name).await;
        finds(&h, &format!("segment:\"{name}\""), &[]).await;
        finds(
            &h,
            &format!("-segment:\"{name}\" AND lifecycle = ACTIVE"),
            &["al", "bo"],
        )
        .await;
    }
}

async fn a_wrong_segment_is_located(h: Harness) {
    for (filter, offset) in [
        ("segment = \"segments/x\"", 10),
        ("segment:*", 8),
        ("segment:segments/x", 8),
        ("segment:\"customers/x\"", 8),
        ("segment:\"segments/X\"", 8),
        ("segment:\"\"", 8),
        ("kind = BUSINESS AND segment.name:\"segments/x\"", 28),
        ("affiliations.segment:\"segments/x\"", 13),
    ] {
        let list = List {
            filter: filter.to_owned(),
            ..Default::default()
        };
        let refusal = refused(pb::Customer::list(&h, list).await);
        refusal
            .names("FILTER_INVALID", &["filter"])
            .tells("offset", &offset.to_string());
    }
    let list = List {
        filter: "segment:\"segments/x\"".to_owned(),
        ..Default::default()
    };
    refused(pb::Contact::list(&h, list).await)
        .names("FILTER_INVALID", &["filter"])
        .tells("offset", "0");
}

async fn what_is_used_is_not_deleted(h: Harness) {
    three(&h).await;
    let filter = "segment:\"segments/active\"";
    let user = h.create_as("user", segment("User", filter)).await;
    let (other, third) = personas_that_use(&h, filter).await;
    let delete = || Delete {
        name: "segments/active".to_owned(),
        ..Default::default()
    };
    let refusal = refused(pb::Segment::delete(&h, delete()).await).about("segments/active");
    let users = ["personas/other", "personas/third", "segments/user"];
    let refusal = refusal.lists_users(&users, 3);
    assert!(
        refusal.message.contains(
            "is used by personas/other, personas/third, segments/user: change those first"
        ),
        "{refusal:?}"
    );
    h.delete::<pb::Persona>(&other.name).await;
    h.update(
        pb::Persona {
            statements: Vec::new(),
            ..third
        },
        &["statements"],
    )
    .await;
    refused(pb::Segment::delete(&h, delete()).await).lists_users(&["segments/user"], 1);
    h.update(
        pb::Segment {
            etag: String::new(),
            ..listed("User", &[])
        }
        .named(&user.name),
        &["members"],
    )
    .await;
    h.delete::<pb::Segment>("segments/active").await;
}

async fn personas_that_use(h: &Harness, filter: &str) -> (pb::Persona, pb::Persona) {
    let other = h
        .create_as(
            "other",
            pb::Persona {
                match_filter: filter.to_owned(),
                ..persona("x")
            },
        )
        .await;
    let statement = pb::persona::Statement {
        text: "x".to_owned(),
        filter: format!("-{filter}"),
    };
    let third = h
        .create_as(
            "third",
            pb::Persona {
                statements: vec![statement],
                ..persona("x")
            },
        )
        .await;
    (other, third)
}

async fn a_chain_of_segments_does_not_close(h: Harness) {
    three(&h).await;
    h.create_as(
        "b",
        segment("B", "kind = BUSINESS AND NOT segment:\"segments/active\""),
    )
    .await;
    h.create_as(
        "c",
        segment("C", "segment:\"segments/b\" OR segment:\"segments/picked\""),
    )
    .await;
    let closing = segment("Active", "segment:\"segments/c\"").named("segments/active");
    let path = [
        "segments/active",
        "segments/c",
        "segments/b",
        "segments/active",
    ];
    let refusal = refused(h.try_update(closing, &["filter"]).await).lists_cycle("filter", &path);
    assert!(refusal.message.contains(&path.join(" -> ")), "{refusal:?}");
    let own = segment("B", "segment:\"segments/b\"").named("segments/b");
    refused(h.try_update(own, &["filter"]).await)
        .lists_cycle("filter", &["segments/b", "segments/b"]);
}

async fn references_to_no_segment_are_refused(h: Harness) {
    three(&h).await;
    h.delete::<pb::Segment>("segments/active").await;
    for of in ["segments/active", "segments/nobody"] {
        let filter = format!("segment:\"segments/picked\" AND segment:\"{of}\"");
        let refusal = refused(h.try_create(segment("x", &filter)).await);
        refusal
            .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
            .about(of)
            .tells("field", "filter");
        let refusal = refused(
            h.try_create(pb::Persona {
                match_filter: filter.clone(),
                ..persona("x")
            })
            .await,
        );
        refusal
            .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
            .about(of)
            .tells("field", "match_filter");
        let statement = pb::persona::Statement {
            text: "x".to_owned(),
            filter,
        };
        let refusal = refused(
            h.try_create(pb::Persona {
                statements: vec![statement],
                ..persona("x")
            })
            .await,
        );
        refusal.names_unusable("statements[0].filter");
    }
}

/// A text in a filter may be written with escapes; so a name that does not stand there as it is still is one.
async fn a_name_in_other_letters_is_a_name(h: Harness) {
    three(&h).await;
    h.create_as(
        "hidden",
        segment("x", r#""\x73egment":"\x73egments/active""#),
    )
    .await;
    assert_eq!(
        h.members("segments/hidden", 10).await,
        ["customers/al", "customers/bo"]
    );
    assert_eq!(h.count("segments/hidden").await.member_count, 2);
    let delete = Delete {
        name: "segments/active".to_owned(),
        ..Default::default()
    };
    let refusal = refused(pb::Segment::delete(&h, delete).await);
    refusal.lists_users(&["segments/hidden"], 1);
    let circle = segment("x", r#""\u0073egment":"segments/hidden""#).named("segments/active");
    refused(h.try_update(circle, &["filter"]).await)
        .is(Code::FailedPrecondition, "REFERENCE_CYCLE");
}

async fn two_who_close_a_circle_at_once_do_not(h: Harness) {
    for i in 0..8 {
        let name = |part: &str| format!("{part}{i}");
        for part in ["a", "b"] {
            h.create_as(&name(part), segment("x", "kind = BUSINESS"))
                .await;
        }
        let naming = |own: &str, other: &str| {
            let filter = format!("segment:\"segments/{}\"", name(other));
            segment("x", &filter).named(&format!("segments/{}", name(own)))
        };
        let (one, two) = (naming("a", "b"), naming("b", "a"));
        let (one, two) = tokio::join!(
            h.try_update(one, &["filter"]),
            h.try_update(two, &["filter"])
        );
        assert!(one.is_err() || two.is_err(), "a circle of two");
        for refusal in [one, two].into_iter().filter(Result::is_err).map(refused) {
            assert!(
                ["REFERENCE_CYCLE", "CONCURRENT_WRITE"].contains(&refusal.reason.as_str()),
                "{refusal:?}"
            );
        }
    }
}

async fn a_use_and_a_delete_at_once_are_not_both_done(h: Harness) {
    for i in 0..8 {
        let used = h.create(segment("x", "kind = BUSINESS")).await.name;
        let user = segment("x", &format!("segment:\"{used}\""));
        let delete = Delete {
            name: used.clone(),
            ..Default::default()
        };
        let (made, deleted) = tokio::join!(h.try_create(user), pb::Segment::delete(&h, delete));
        match (made, deleted) {
            (Ok(_), Err(status)) => {
                refused::<()>(Err(status)).is(Code::FailedPrecondition, "RESOURCE_IN_USE");
            }
            (Err(status), Ok(_)) => {
                refused::<()>(Err(status)).is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
            }
            other => panic!("in round {i}: {other:?}"),
        }
    }
}

async fn a_refusal_names_twelve_users_and_counts_all(h: Harness) {
    h.create_as("used", segment("x", "kind = BUSINESS")).await;
    let filter = "segment:\"segments/used\"";
    for i in 10..22 {
        h.create_as(&format!("u{i}"), segment("x", filter)).await;
    }
    // One of two that a persona names it in counts once.
    let statement = pb::persona::Statement {
        text: "x".to_owned(),
        filter: filter.to_owned(),
    };
    let typical = pb::Persona {
        match_filter: filter.to_owned(),
        statements: vec![statement],
        ..persona("x")
    };
    h.create_as("p", typical).await;
    let delete = Delete {
        name: "segments/used".to_owned(),
        ..Default::default()
    };
    let refusal = refused(pb::Segment::delete(&h, delete).await);
    let segments = (10..21).map(|i| format!("segments/u{i}"));
    let first: Vec<String> = ["personas/p".to_owned()]
        .into_iter()
        .chain(segments)
        .collect();
    let refusal = refusal.lists_users(&first, 13);
    let told = "is used by personas/p, segments/u10, segments/u11 and 10 more: change those first";
    assert!(refusal.message.contains(told), "{refusal:?}");
}

async fn a_segment_cannot_be_made_of_itself(h: Harness) {
    let own = || segment("x", "NOT segment:\"segments/own\"");
    let create = Create {
        resource: Some(own()),
        id: "own".to_owned(),
        ..Default::default()
    };
    let refusal = refused(pb::Segment::create(&h, create).await);
    refusal
        .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
        .about("segments/own");
    let update = Update {
        resource: Some(own().named("segments/own")),
        allow_missing: true,
        ..Default::default()
    };
    let refusal = refused(pb::Segment::update(&h, update).await);
    refusal
        .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
        .about("segments/own");
    let count = pb::CountSegmentMembersRequest {
        segment: "segments/own".to_owned(),
    };
    refused(h.segments.clone().count_segment_members(count).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
}

/// What a segment names can go while the segment itself is gone; then nobody is in it.
async fn a_segment_that_lost_one_says_the_same_in_every_way(h: Harness) {
    three(&h).await;
    two_that_lost_one(&h).await;
    for (segment, members) in [
        ("segments/not", &["customers/al"][..]),
        ("segments/any", &["customers/bo", "customers/cy"]),
    ] {
        assert_eq!(h.members(segment, 0).await, members);
        assert_eq!(
            h.count(segment).await.member_count,
            i32::try_from(members.len()).unwrap()
        );
        for customer in ["customers/al", "customers/bo", "customers/cy"] {
            let is_member = members.contains(&customer);
            assert_eq!(
                h.is_member(customer, segment).await,
                is_member,
                "{customer} in {segment}"
            );
            assert_eq!(
                h.segments_of(customer, 0)
                    .await
                    .contains(&segment.to_owned()),
                is_member
            );
            let found = crate::conformance::relationship::profile::profile(&h, customer)
                .await
                .memberships;
            assert_eq!(found.iter().any(|one| one.segment == segment), is_member);
            let told = super::explanation::ask(&h, by_name(customer), segment).await;
            assert_eq!(done(told).member, is_member);
        }
    }
    h.undelete::<pb::Segment>("segments/active").await;
    assert_eq!(h.count("segments/not").await.member_count, 0);
    let delete = Delete {
        name: "segments/active".to_owned(),
        ..Default::default()
    };
    refused(pb::Segment::delete(&h, delete).await)
        .lists_users(&["segments/any", "segments/not"], 2);
}

async fn two_that_lost_one(h: &Harness) {
    h.create_as(
        "not",
        segment(
            "Not",
            "NOT segment:\"segments/active\" AND NOT segment:\"segments/picked\"",
        ),
    )
    .await;
    h.create_as(
        "any",
        segment(
            "Any",
            "segment:\"segments/active\" OR segment:\"segments/picked\"",
        ),
    )
    .await;
    for name in ["segments/not", "segments/any", "segments/active"] {
        h.delete::<pb::Segment>(name).await;
    }
    h.undelete::<pb::Segment>("segments/not").await;
    h.undelete::<pb::Segment>("segments/any").await;
}

/// Puts a name into a segment.
pub trait Named {
    /// Returns it under this name.
    fn named(self, name: &str) -> Self;
}

impl Named for pb::Segment {
    fn named(self, name: &str) -> pb::Segment {
        pb::Segment {
            name: name.to_owned(),
            ..self
        }
    }
}
