//! BatchGetProfiles: one result for each key, and its bounds.

use clientele::clock::{self, Micros, SECOND};
use clientele::pb;
use clientele::pb::batch_get_profiles_response::Result as Found;
use clientele::pb::customer_key::Outcome;
use tonic::Code;

use super::{business, profile};
use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused, whole};
use crate::harness::builders::customer;
use crate::harness::keys::{by_domain, by_name, by_phone};
use crate::harness::records::promise;

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    a_batch_answers_each_key,
    a_batch_is_bounded,
}

async fn batch(
    h: &Harness,
    keys: Vec<Option<pb::CustomerKey>>,
) -> Answer<pb::BatchGetProfilesResponse> {
    let keys = keys.into_iter().flatten().collect();
    h.relationships
        .clone()
        .batch_get_profiles(pb::BatchGetProfilesRequest {
            customers: keys,
            read_mask: None,
        })
        .await
}

/// However many keys a batch has, it is read at once, after where phone numbers are at home.
async fn a_batch_answers_each_key(h: Harness) {
    let (firm, ..) = h.employed().await;
    h.create(promise(&firm, "send samples")).await;
    let known = h.create(business("Cuprum", "cuprum.example")).await;
    let twins = [
        h.create(business("A", "twin.example")).await,
        h.create(business("B", "twin.example")).await,
    ];
    let gone = h.create(customer("Gone")).await;
    let gone = h.delete::<pb::Customer>(&gone.name).await;
    let reads = async || h.db().statistics().await.unwrap().reads;
    let before = reads().await;
    let keys = vec![
        by_domain("cuprum.example"),
        by_name("customers/nobody"),
        by_name(&firm.name),
        by_domain("twin.example"),
        by_name(&gone.name),
        by_phone("+4312345678"),
        by_name(&firm.name),
    ];
    let answer = whole(batch(&h, keys).await);
    assert_eq!(reads().await - before, 4);
    let of = |outcome: Outcome| Found {
        outcome: outcome.into(),
        ..Default::default()
    };
    let one = Found {
        profile: Some(profile(&h, &firm.name).await),
        ..of(Outcome::Found)
    };
    let candidates = twins.map(|twin| twin.name).to_vec();
    let of_gone = pb::Profile {
        customer: Some(gone),
        evaluate_time: Some(clock::timestamp(START)),
        revision: answer.revision,
        ..Default::default()
    };
    let expected = [
        Found {
            profile: Some(profile(&h, &known.name).await),
            ..of(Outcome::Found)
        },
        of(Outcome::NotFound),
        one.clone(),
        Found {
            candidates,
            candidate_count: 2,
            ..of(Outcome::Ambiguous)
        },
        Found {
            profile: Some(of_gone),
            ..of(Outcome::Deleted)
        },
        of(Outcome::NotFound),
        one,
    ];
    assert_eq!(answer.message.results, expected);
    assert_eq!(answer.revision, h.revision().await);
}

async fn a_batch_is_bounded(h: Harness) {
    let large = pb::Customer {
        about: "x".repeat(60_000),
        ..customer("Ferrum AG")
    };
    let name = h.create(large).await.name;
    refused(batch(&h, vec![by_name(&name); 100]).await)
        .is(Code::ResourceExhausted, "RESPONSE_TOO_LARGE");
    assert_eq!(
        done(batch(&h, vec![by_name(&name); 50]).await)
            .results
            .len(),
        50
    );
    refused(batch(&h, vec![]).await).names("FIELD_INVALID", &["customers"]);
    refused(batch(&h, vec![by_name(&name); 101]).await).names("FIELD_INVALID", &["customers"]);
    refused(batch(&h, vec![by_name(&name), by_domain("?")]).await)
        .names("FIELD_INVALID", &["customers[1].domain"]);
}
