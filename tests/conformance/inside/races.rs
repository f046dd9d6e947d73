//! Two writers at one time who each see nothing wrong. What would be wrong with both is found under the lock of the
//! tenant, so one of them is told.

use clientele::pb;
use futures_util::future::{join, join_all};
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, refused};
use crate::harness::builders::customer;
use crate::harness::records::{colleague, segment};
use crate::harness::standard::{Create, Standard};

conformance! {
    two_who_close_a_circle_from_two_sides_meet,
    two_whose_filters_name_each_other_meet,
    of_many_who_want_one_principal_one_gets_it,
}

const ROUNDS: usize = 25;

/// Asserts that one of two was refused, for this reason.
fn one_is_refused<R: std::fmt::Debug>(answers: (Answer<R>, Answer<R>), reason: &str) {
    let (refused_one, ok) = match answers {
        (Err(status), ok) | (ok, Err(status)) => (Err::<tonic::Response<R>, _>(status), ok),
        both => panic!("both were let through: {both:?}"),
    };
    assert!(ok.is_ok(), "both were refused: {ok:?}");
    refused(refused_one).is(Code::FailedPrecondition, reason);
}

async fn two_who_close_a_circle_from_two_sides_meet(h: Harness) {
    for _ in 0..ROUNDS {
        let a = h.create(customer("Ferrum AG")).await;
        let b = h.create(customer("Cuprum")).await;
        let under = |one: &pb::Customer, parent: &pb::Customer| pb::Customer {
            parent: parent.name.clone(),
            ..one.clone()
        };
        let answers = join(
            h.try_update(under(&a, &b), &["parent"]),
            h.try_update(under(&b, &a), &["parent"]),
        );
        one_is_refused(answers.await, "REFERENCE_CYCLE");
    }
}

async fn two_whose_filters_name_each_other_meet(h: Harness) {
    for _ in 0..ROUNDS {
        let a = h.create(segment("A", "lifecycle = ACTIVE")).await;
        let b = h.create(segment("B", "lifecycle = ACTIVE")).await;
        let naming = |one: &pb::Segment, other: &pb::Segment| pb::Segment {
            name: one.name.clone(),
            ..segment("x", &format!("segment:\"{}\"", other.name))
        };
        let answers = join(
            h.try_update(naming(&a, &b), &["filter"]),
            h.try_update(naming(&b, &a), &["filter"]),
        );
        one_is_refused(answers.await, "REFERENCE_CYCLE");
    }
}

async fn of_many_who_want_one_principal_one_gets_it(h: Harness) {
    for round in 0..ROUNDS {
        let principal = format!("key-{round}");
        let known = h.create(colleague("Jo Lang")).await;
        let wanting = |one: pb::Colleague| pb::Colleague {
            principal: principal.clone(),
            ..one
        };
        let creates = (0..3).map(|_| {
            let create = Create {
                resource: Some(wanting(colleague("Mia Berg"))),
                ..Default::default()
            };
            pb::Colleague::create(&h, create)
        });
        let update = h.try_update(wanting(known), &["principal"]);
        let (mut answers, updated) = join(join_all(creates), update).await;
        answers.push(updated);
        let lost = answers
            .into_iter()
            .filter(Result::is_err)
            .map(|answer| refused(answer).is(Code::AlreadyExists, "FIELD_VALUE_EXISTS"));
        assert_eq!(lost.count(), 3);
    }
}
