//! Lists of members: customers are put on and taken off, all or none.

use clientele::pb;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::{customer, email, texts};
use crate::harness::keys::{by_email, by_name};
use crate::harness::records::{listed, segment};

conformance! {
    members_come_to_the_end_and_leave,
    what_changes_nothing_leaves_everything_as_it_is,
    an_edit_is_all_or_nothing,
    a_repeat_changes_nothing_more,
    an_edit_can_be_tried_first,
    an_edit_can_have_a_condition,
    a_segment_by_filter_has_no_list_to_edit,
    bad_edits_are_located,
    two_edits_at_once_both_count,
    taking_off_is_repeated_tried_and_conditional_like_putting_on,
    five_hundred_fit_into_one_edit,
    a_key_of_another_kind_means_the_same_customer,
}

async fn start(h: &Harness) -> pb::Segment {
    for id in ["al", "bo", "cy"] {
        h.create_as(id, customer(id)).await;
    }
    h.create_as("list", listed("List", &[])).await
}

fn add(customers: &[&str]) -> pb::AddSegmentMembersRequest {
    let customers = customers.iter().filter_map(|name| by_name(name)).collect();
    pb::AddSegmentMembersRequest {
        segment: "segments/list".to_owned(),
        customers,
        ..Default::default()
    }
}

async fn members_come_to_the_end_and_leave(h: Harness) {
    start(&h).await;
    let edit = async |customers: &[&str], adds: bool| {
        let edited = done(h.try_edit_members("segments/list", customers, adds).await);
        assert_eq!(h.get::<pb::Segment>(&edited.name).await, edited);
        edited.members().to_vec()
    };
    assert_eq!(
        edit(&["customers/cy", "customers/al", "customers/cy"], true).await,
        ["customers/cy", "customers/al"]
    );
    let all = ["customers/cy", "customers/al", "customers/bo"];
    assert_eq!(edit(&["customers/al", "customers/bo"], true).await, all);
    assert_eq!(
        h.members("segments/list", 0).await,
        ["customers/al", "customers/bo", "customers/cy"]
    );
    assert_eq!(
        edit(&["customers/al"], false).await,
        ["customers/cy", "customers/bo"]
    );
    assert!(!h.is_member("customers/al", "segments/list").await);
    // One that was deleted since can still be taken off.
    h.delete::<pb::Customer>("customers/cy").await;
    assert_eq!(edit(&["customers/cy"], false).await, ["customers/bo"]);
    assert_eq!(edit(&["customers/bo"], false).await, [""; 0]);
}

async fn what_changes_nothing_leaves_everything_as_it_is(h: Harness) {
    start(&h).await;
    let first = whole(
        h.segments
            .clone()
            .add_segment_members(add(&["customers/al"]))
            .await,
    );
    let again = whole(
        h.segments
            .clone()
            .add_segment_members(add(&["customers/al"]))
            .await,
    );
    assert_eq!(
        (again.message, again.revision),
        (first.message.clone(), first.revision)
    );
    let none = whole(
        h.try_edit_members("segments/list", &["customers/bo"], false)
            .await,
    );
    assert_eq!(
        (none.message, none.revision),
        (first.message, first.revision)
    );
}

async fn an_edit_is_all_or_nothing(h: Harness) {
    let list = start(&h).await;
    for (id, address) in [("d1", "a@x.example"), ("d2", "a@x.example")] {
        h.create_as(
            id,
            pb::Customer {
                emails: vec![email(address)],
                ..customer("x")
            },
        )
        .await;
    }
    h.delete::<pb::Customer>("customers/bo").await;
    for adds in [true, false] {
        let refusal = refused(
            h.try_edit_members("segments/list", &["customers/al", "customers/no"], adds)
                .await,
        );
        refusal
            .is(Code::NotFound, "RESOURCE_NOT_FOUND")
            .tells("field", "customers[1]")
            .about("customers/no");
    }
    let refusal = refused(
        h.try_edit_members("segments/list", &["customers/al", "customers/bo"], true)
            .await,
    );
    let refusal = refusal.is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
    refusal.tells("field", "customers[1]").about("customers/bo");
    let keys = [by_name("customers/al"), by_email("a@x.example")]
        .into_iter()
        .flatten()
        .collect();
    let refusal = refused(
        h.segments
            .clone()
            .add_segment_members(pb::AddSegmentMembersRequest {
                customers: keys,
                ..add(&[])
            })
            .await,
    );
    refusal
        .lists_candidates(&["customers/d1", "customers/d2"], 2)
        .tells("field", "customers[1]");
    assert_eq!(h.get::<pb::Segment>("segments/list").await, list);
}

async fn a_repeat_changes_nothing_more(h: Harness) {
    start(&h).await;
    let request = pb::AddSegmentMembersRequest {
        request_id: "r1".to_owned(),
        ..add(&["customers/al"])
    };
    let first = whole(
        h.segments
            .clone()
            .add_segment_members(request.clone())
            .await,
    );
    // The key fits nobody any more who could be added; the repeat is answered all the same.
    h.delete::<pb::Customer>("customers/al").await;
    let second = whole(
        h.segments
            .clone()
            .add_segment_members(request.clone())
            .await,
    );
    assert!(second.replayed && !first.replayed);
    assert_eq!(
        (second.message, second.revision),
        (first.message, first.revision)
    );
    let other = pb::AddSegmentMembersRequest {
        customers: add(&["customers/bo"]).customers,
        ..request
    };
    let refusal = refused(h.segments.clone().add_segment_members(other).await);
    refusal.is(Code::InvalidArgument, "REQUEST_ID_REUSED");
}

async fn an_edit_can_be_tried_first(h: Harness) {
    let list = start(&h).await;
    let request = pb::AddSegmentMembersRequest {
        validate_only: true,
        ..add(&["customers/al"])
    };
    let tried = done(h.segments.clone().add_segment_members(request).await);
    assert_eq!(tried.members(), ["customers/al"]);
    assert_eq!(h.get::<pb::Segment>("segments/list").await, list);
    let request = pb::AddSegmentMembersRequest {
        validate_only: true,
        ..add(&["customers/no"])
    };
    refused(h.segments.clone().add_segment_members(request).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn an_edit_can_have_a_condition(h: Harness) {
    let list = start(&h).await;
    let request = |etag: &str, name: &str| pb::AddSegmentMembersRequest {
        etag: etag.to_owned(),
        ..add(&[name])
    };
    let edited = done(
        h.segments
            .clone()
            .add_segment_members(request(&list.etag, "customers/al"))
            .await,
    );
    let refusal = refused(
        h.segments
            .clone()
            .add_segment_members(request(&list.etag, "customers/bo"))
            .await,
    );
    refusal
        .is(Code::Aborted, "ETAG_MISMATCH")
        .tells("currentEtag", &edited.etag);
    assert_eq!(
        h.get::<pb::Segment>("segments/list").await.members(),
        ["customers/al"]
    );
}

async fn a_segment_by_filter_has_no_list_to_edit(h: Harness) {
    start(&h).await;
    h.create_as("filter", segment("Filter", "kind = BUSINESS"))
        .await;
    h.create_as("gone", listed("Gone", &[])).await;
    h.delete::<pb::Segment>("segments/gone").await;
    for adds in [true, false] {
        let refusal = refused(
            h.try_edit_members("segments/filter", &["customers/al"], adds)
                .await,
        );
        refusal
            .is(Code::FailedPrecondition, "SEGMENT_HAS_FILTER")
            .about("segments/filter");
        let refusal = refused(
            h.try_edit_members("segments/gone", &["customers/al"], adds)
                .await,
        );
        refusal
            .is(Code::FailedPrecondition, "RESOURCE_DELETED")
            .about("segments/gone");
        let refusal = refused(
            h.try_edit_members("segments/no", &["customers/al"], adds)
                .await,
        );
        refusal
            .is(Code::NotFound, "RESOURCE_NOT_FOUND")
            .about("segments/no");
    }
}

async fn bad_edits_are_located(h: Harness) {
    start(&h).await;
    let many: Vec<pb::CustomerKey> = vec![by_name("customers/al").unwrap(); 501];
    let request = |segment: &str, customers: Vec<pb::CustomerKey>, request_id: &str| {
        let (segment, request_id) = (segment.to_owned(), request_id.to_owned());
        pb::AddSegmentMembersRequest {
            segment,
            customers,
            request_id,
            ..Default::default()
        }
    };
    for (request, fields) in [
        (
            request("customers/al", Vec::new(), "?"),
            &["customers", "request_id", "segment"][..],
        ),
        (request("segments/list", many, ""), &["customers"]),
        (
            request(
                "segments/list",
                vec![pb::CustomerKey {
                    key: None,
                    ..Default::default()
                }],
                "",
            ),
            &["customers[0]"],
        ),
    ] {
        let refusal = refused(
            h.segments
                .clone()
                .add_segment_members(request.clone())
                .await,
        );
        refusal.names("FIELD_INVALID", fields);
        let pb::AddSegmentMembersRequest {
            segment,
            customers,
            request_id,
            ..
        } = request;
        let request = pb::RemoveSegmentMembersRequest {
            segment,
            customers,
            request_id,
            ..Default::default()
        };
        refused(h.segments.clone().remove_segment_members(request).await)
            .names("FIELD_INVALID", fields);
    }
}

async fn two_edits_at_once_both_count(h: Harness) {
    start(&h).await;
    let one = h.try_edit_members("segments/list", &["customers/al"], true);
    let two = h.try_edit_members("segments/list", &["customers/bo"], true);
    let (one, two) = tokio::join!(one, two);
    done(one);
    done(two);
    let mut members = h
        .get::<pb::Segment>("segments/list")
        .await
        .members()
        .to_vec();
    members.sort();
    assert_eq!(members, ["customers/al", "customers/bo"]);
}

fn remove(customers: &[&str]) -> pb::RemoveSegmentMembersRequest {
    let customers = customers.iter().filter_map(|name| by_name(name)).collect();
    pb::RemoveSegmentMembersRequest {
        segment: "segments/list".to_owned(),
        customers,
        ..Default::default()
    }
}

async fn taking_off_is_repeated_tried_and_conditional_like_putting_on(h: Harness) {
    start(&h).await;
    let list = done(
        h.try_edit_members("segments/list", &["customers/al", "customers/bo"], true)
            .await,
    );
    let request = pb::RemoveSegmentMembersRequest {
        validate_only: true,
        ..remove(&["customers/al"])
    };
    let tried = done(h.segments.clone().remove_segment_members(request).await);
    assert_eq!(tried.members(), ["customers/bo"]);
    assert_eq!(h.get::<pb::Segment>("segments/list").await, list);
    assert!(h.is_member("customers/al", "segments/list").await);
    let old = pb::RemoveSegmentMembersRequest {
        etag: "W/\"0\"".to_owned(),
        ..remove(&["customers/al"])
    };
    refused(h.segments.clone().remove_segment_members(old).await)
        .is(Code::Aborted, "ETAG_MISMATCH");
    let request = pb::RemoveSegmentMembersRequest {
        request_id: "r1".to_owned(),
        ..remove(&["customers/al"])
    };
    let first = whole(
        h.segments
            .clone()
            .remove_segment_members(request.clone())
            .await,
    );
    assert_eq!(first.message.members(), ["customers/bo"]);
    // An id counts for its method alone: the same words of the other one are carried out.
    let put = pb::AddSegmentMembersRequest {
        request_id: "r1".to_owned(),
        ..add(&["customers/al"])
    };
    let put = whole(h.segments.clone().add_segment_members(put).await);
    assert_eq!(
        (put.replayed, put.message.members()),
        (false, &texts(&["customers/bo", "customers/al"])[..])
    );
    let second = whole(
        h.segments
            .clone()
            .remove_segment_members(request.clone())
            .await,
    );
    assert!(second.replayed && !first.replayed);
    assert_eq!(
        (second.message.members(), &second.message.etag),
        (put.message.members(), &first.message.etag)
    );
    assert!(h.is_member("customers/al", "segments/list").await);
    let other = pb::RemoveSegmentMembersRequest {
        customers: remove(&["customers/bo"]).customers,
        ..request
    };
    let refusal = refused(h.segments.clone().remove_segment_members(other).await);
    refusal.is(Code::InvalidArgument, "REQUEST_ID_REUSED");
}

async fn five_hundred_fit_into_one_edit(h: Harness) {
    start(&h).await;
    let many = vec!["customers/al"; 500];
    for (adds, members) in [(true, &["customers/al"][..]), (false, &[])] {
        assert_eq!(
            done(h.try_edit_members("segments/list", &many, adds).await).members(),
            members
        );
    }
}

async fn a_key_of_another_kind_means_the_same_customer(h: Harness) {
    start(&h).await;
    let di = h
        .create_as(
            "di",
            pb::Customer {
                emails: vec![email("di@x.example")],
                ..customer("di")
            },
        )
        .await;
    let keys = || {
        [by_email("di@x.example"), by_name(&di.name)]
            .into_iter()
            .flatten()
            .collect()
    };
    let request = pb::AddSegmentMembersRequest {
        customers: keys(),
        ..add(&[])
    };
    assert_eq!(
        done(h.segments.clone().add_segment_members(request).await).members(),
        ["customers/di"]
    );
    // The segment that had a filter has a list from now on, and the other way round.
    h.update(
        pb::Segment {
            name: "segments/list".to_owned(),
            ..segment("x", "display_name = \"al\"")
        },
        &["filter"],
    )
    .await;
    assert_eq!(h.members("segments/list", 0).await, ["customers/al"]);
    assert!(!h.is_member("customers/di", "segments/list").await);
    h.update(
        pb::Segment {
            name: "segments/list".to_owned(),
            ..listed("x", &[&di])
        },
        &["members"],
    )
    .await;
    assert!(h.is_member("customers/di", "segments/list").await);
    let request = pb::RemoveSegmentMembersRequest {
        customers: keys(),
        ..remove(&[])
    };
    assert!(
        done(h.segments.clone().remove_segment_members(request).await)
            .members()
            .is_empty()
    );
    assert_eq!(h.segments_of("customers/di", 0).await, [""; 0]);
}
