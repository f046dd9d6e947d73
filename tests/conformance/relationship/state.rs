//! Of what state and time an answer is: each says so itself, as its headers do.

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::get_briefing_request::Record;
use prost_types::Timestamp;

use crate::harness::Harness;
use crate::harness::answer::{Answer, whole};
use crate::harness::keys::by_name;
use crate::harness::questions::world;

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    derived_answers_say_their_revision_and_time,
}

/// Holds that an answer says the revision of its headers, and a time of today.
#[track_caller]
fn holds<T>(answer: Answer<T>, said: impl Fn(&T) -> (i64, Option<Timestamp>)) {
    let answer = whole(answer);
    let (revision, time) = said(&answer.message);
    assert!(revision > 0 && revision == answer.revision);
    let time = time.as_ref().and_then(clock::micros);
    assert!(time.is_some_and(|time| (START..START + DAY).contains(&time)));
}

async fn derived_answers_say_their_revision_and_time(h: Harness) {
    let (firm, _) = world(&h).await.swap_remove(0);
    let customer = by_name(&firm.name);
    let mut ask = h.relationships.clone();
    let request = pb::GetProfileRequest {
        customer: customer.clone(),
        read_mask: None,
    };
    holds(ask.get_profile(request).await, |it| {
        (it.revision, it.evaluate_time)
    });
    let request = pb::BatchGetProfilesRequest {
        customers: customer.clone().into_iter().collect(),
        read_mask: None,
    };
    holds(ask.batch_get_profiles(request).await, |it| {
        let profile = it.results[0].profile.as_ref().unwrap();
        assert_eq!(
            (profile.revision, profile.evaluate_time),
            (it.revision, it.evaluate_time)
        );
        (it.revision, it.evaluate_time)
    });
    let request = pb::GetDecisionMakersRequest {
        customer: customer.clone(),
        ..Default::default()
    };
    holds(ask.get_decision_makers(request).await, |it| {
        (it.revision, it.evaluate_time)
    });
    let request = pb::ListDecisionMakersRequest::default();
    holds(ask.list_decision_makers(request).await, |it| {
        assert!(
            it.decision_makers
                .iter()
                .all(|one| one.revision == it.revision)
        );
        (it.revision, it.evaluate_time)
    });
    let request = pb::GetBriefingRequest {
        record: customer.map(Record::Customer),
        ..Default::default()
    };
    holds(ask.get_briefing(request).await, |it| {
        (it.revision, it.evaluate_time)
    });
    let request = pb::LookUpRequest {
        text: firm.display_name,
        ..Default::default()
    };
    holds(ask.look_up(request).await, |it| {
        assert!(!it.results.is_empty());
        (it.revision, it.evaluate_time)
    });
}
