//! Request ids: a repeat has no second effect. Their expiry after 24 hours is in `inside/clock.rs`.

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use futures_util::future::join_all;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{refused, whole};
use crate::harness::builders::{claim, customer, external_id};
use crate::harness::standard::{Create, Delete, Standard, Undelete, Update, for_all, mask};

conformance! {
    a_repeat_of_any_method_takes_no_second_effect,
    a_replay_answers_with_the_record_as_it_is,
    a_repeat_of_adding_a_role_adds_none,
    another_request_with_the_same_id_is_refused,
    an_id_counts_for_its_method_alone,
    a_failure_leaves_no_trace,
    an_update_of_nothing_is_replayed_too,
    a_delete_of_nothing_is_replayed_too,
    malformed_ids_are_refused,
    sixteen_callers_with_one_id_make_one_record,
    validation_alone_files_nothing,
}

fn create<R: Standard>(resource: R, request_id: &str) -> Create<R> {
    Create {
        resource: Some(resource),
        request_id: request_id.to_owned(),
        ..Default::default()
    }
}

async fn a_repeat_of_any_method_takes_no_second_effect(h: Harness) {
    for_all!(h => a_repeat_of_any_method_of_one);
}

async fn a_repeat_of_any_method_of_one<R: Standard>(h: &Harness) {
    let (input, id) = (R::input(h).await, "0-._~aZ".to_owned());
    let first = whole(R::create(h, create(input.clone(), &id)).await);
    let again = whole(R::create(h, create(input, &id)).await);
    assert!(!first.replayed && again.replayed);
    assert_eq!(
        (again.message.clone(), again.revision),
        (first.message, first.revision)
    );
    let name = again.message.name();

    let resource = Some(again.message.titled("new"));
    let update = Update {
        resource,
        mask: mask(&["*"]),
        request_id: id.clone(),
        ..Default::default()
    };
    let first = whole(R::update(h, update.clone()).await);
    let again = whole(R::update(h, update).await);
    assert!(!first.replayed && again.replayed);
    assert_eq!(
        (again.message, again.revision),
        (first.message, first.revision)
    );

    let delete = Delete {
        name: name.clone(),
        request_id: id.clone(),
        ..Default::default()
    };
    let first = whole(R::delete(h, delete.clone()).await);
    let again = whole(R::delete(h, delete).await);
    assert!(!first.replayed && again.replayed);
    assert_eq!(
        (again.message, again.revision),
        (first.message, first.revision)
    );

    let undelete = Undelete {
        name,
        request_id: id,
        ..Default::default()
    };
    let first = whole(R::undelete(h, undelete.clone()).await);
    let again = whole(R::undelete(h, undelete).await);
    assert!(!first.replayed && again.replayed);
    assert_eq!(
        (again.message, again.revision, h.revision().await),
        (first.message, first.revision, first.revision)
    );
}

async fn a_replay_answers_with_the_record_as_it_is(h: Harness) {
    let first = whole(pb::Customer::create(&h, create(customer("Ferrum AG"), "a")).await);
    let changed = h.update(first.message.clone().titled("new"), &["*"]).await;
    h.delete::<pb::Customer>(&changed.name).await;
    let again = whole(pb::Customer::create(&h, create(customer("Ferrum AG"), "a")).await);
    assert!(again.replayed && again.message.is_deleted());
    // With the etag of then, so that whoever goes on from the answer is told of what happened since.
    assert_eq!(
        (again.message.about.as_str(), again.message.etag),
        ("new", first.message.etag)
    );
    assert_eq!((again.revision, h.revision().await), (first.revision, 3));
}

async fn a_repeat_of_adding_a_role_adds_none(h: Harness) {
    let (_, _, job) = h.employed().await;
    let add = pb::AddBuyingRoleRequest {
        request_id: "a".to_owned(),
        ..claim(&job, BuyingRole::Champion)
    };
    let first = whole(h.try_add_role(add.clone()).await);
    let again = whole(h.try_add_role(add).await);
    assert!(again.replayed);
    assert_eq!(
        (again.message.buying_roles.len(), again.message),
        (1, first.message)
    );
}

async fn another_request_with_the_same_id_is_refused(h: Harness) {
    whole(pb::Customer::create(&h, create(customer("Ferrum AG"), "a")).await);
    let other = refused(pb::Customer::create(&h, create(customer("Cuprum"), "a")).await);
    other.is(Code::InvalidArgument, "REQUEST_ID_REUSED");
    let planned = Create {
        validate_only: true,
        ..create(customer("Ferrum AG"), "a")
    };
    refused(pb::Customer::create(&h, planned).await).is(Code::InvalidArgument, "REQUEST_ID_REUSED");
    assert_eq!(h.revision().await, 1);
}

async fn an_id_counts_for_its_method_alone(h: Harness) {
    let customer = whole(pb::Customer::create(&h, create(customer("Ferrum AG"), "a")).await);
    let contact = pb::Contact {
        display_name: "Mara Lind".to_owned(),
        ..Default::default()
    };
    let contact = whole(pb::Contact::create(&h, create(contact, "a")).await);
    let delete = Delete {
        name: customer.message.name,
        request_id: "a".to_owned(),
        ..Default::default()
    };
    let delete = whole(pb::Customer::delete(&h, delete).await);
    assert!(!contact.replayed && !delete.replayed);
}

async fn a_failure_leaves_no_trace(h: Harness) {
    for_all!(h => a_failure_of_one_leaves_no_trace);
}

async fn a_failure_of_one_leaves_no_trace<R: Standard>(h: &Harness) {
    let mut input = R::input(h).await;
    *input.header().external_ids = vec![external_id("sap", "1")];
    let mut holder = h.create(input.clone()).await;
    let first = refused(R::create(h, create(input.clone(), "a")).await);
    first.is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS");
    holder.header().external_ids.clear();
    holder.header().etag.clear();
    h.update(holder, &["external_ids"]).await;
    let second = whole(R::create(h, create(input, "a")).await);
    assert!(!second.replayed);
}

async fn an_update_of_nothing_is_replayed_too(h: Harness) {
    let before = h.created::<pb::Customer>().await;
    let update = Update {
        resource: Some(before.clone()),
        request_id: "a".to_owned(),
        ..Default::default()
    };
    assert!(!whole(pb::Customer::update(&h, update.clone()).await).replayed);
    h.update(before.clone().titled("new"), &["about"]).await;
    let again = whole(pb::Customer::update(&h, update).await);
    assert!(again.replayed);
    assert_eq!((again.message.etag, again.revision), (before.etag, 1));
}

async fn a_delete_of_nothing_is_replayed_too(h: Harness) {
    for_all!(h => a_delete_of_nothing_of_one_is_replayed);
}

async fn a_delete_of_nothing_of_one_is_replayed<R: Standard>(h: &Harness) {
    let name = format!("{}/later", R::KIND.collection());
    let delete = Delete {
        name,
        allow_missing: true,
        request_id: "a".to_owned(),
        ..Default::default()
    };
    let first = whole(R::delete(h, delete.clone()).await);
    assert_eq!((first.message, first.replayed), (R::default(), false));
    let input = R::input(h).await;
    let made = h.create_as("later", input).await;
    let again = whole(R::delete(h, delete).await);
    assert_eq!(
        (again.message, again.replayed, again.revision),
        (made.clone(), true, first.revision)
    );
    assert_eq!(h.get::<R>(&made.name()).await, made);
}

async fn malformed_ids_are_refused(h: Harness) {
    let long = "a".repeat(65);
    for id in [" ", "a b", "a/b", "ä", "a\0", &long] {
        let refused = refused(pb::Customer::create(&h, create(customer("Ferrum AG"), id)).await);
        refused.names("FIELD_INVALID", &["request_id"]);
    }
    whole(pb::Customer::create(&h, create(customer("Ferrum AG"), &"a".repeat(64))).await);
}

async fn sixteen_callers_with_one_id_make_one_record(h: Harness) {
    for round in 0..5 {
        let id = format!("round-{round}");
        let answers =
            join_all((0..16).map(|_| pb::Customer::create(&h, create(customer("Ferrum AG"), &id))))
                .await;
        let answers: Vec<_> = answers.into_iter().map(whole).collect();
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        let first = &answers[0];
        assert!(
            answers
                .iter()
                .all(|answer| answer.message == first.message && answer.revision == first.revision)
        );
    }
    assert_eq!(
        (h.revision().await, h.names::<pb::Customer>("").await.len()),
        (5, 5)
    );
}

async fn validation_alone_files_nothing(h: Harness) {
    let planned = Create {
        validate_only: true,
        ..create(customer("Ferrum AG"), "a")
    };
    assert!(!whole(pb::Customer::create(&h, planned.clone()).await).replayed);
    assert!(!whole(pb::Customer::create(&h, planned).await).replayed);
    assert!(!whole(pb::Customer::create(&h, create(customer("Ferrum AG"), "a")).await).replayed);
}
