//! Delete and undelete: softly, with children, and back again.

use clientele::pb;
use futures_util::future::join_all;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::{affiliation, contact, customer};
use crate::harness::records::promise;
use crate::harness::standard::{Delete, List, Standard, Undelete, for_all};

conformance! {
    a_deleted_record_is_listed_only_on_request,
    what_is_deleted_or_unknown_cannot_be_deleted,
    allow_missing_is_content_with_nothing_to_delete,
    a_live_record_cannot_be_undeleted,
    an_unknown_record_cannot_be_undeleted,
    validation_alone_deletes_nothing,
    live_children_stand_in_the_way,
    children_go_and_come_with_their_parent,
    exactly_the_children_that_went_along_come_back,
    hundreds_of_children_go_and_come_whole,
    a_child_of_a_deleted_parent_cannot_come_back,
    a_child_of_two_deleted_parents_comes_back_with_the_last,
    a_managers_end_leaves_the_others_alone,
}

async fn a_deleted_record_is_listed_only_on_request(h: Harness) {
    for_all!(h => a_deleted_record_of_one_is_listed_only_on_request);
}

async fn a_deleted_record_of_one_is_listed_only_on_request<R: Standard>(h: &Harness) {
    let (gone, stays) = (h.created::<R>().await, h.created::<R>().await);
    let filter = |record: &R| format!("name = \"{}\"", record.name());
    let mut deleted = h.delete::<R>(&gone.name()).await;
    let seconds =
        |time: &Option<prost_types::Timestamp>| time.map(|time| (time.seconds, time.nanos));
    assert!(seconds(deleted.header().delete_time) >= seconds(gone.clone().header().create_time));
    assert_eq!(h.names::<R>(&filter(&gone)).await, Vec::<String>::new());
    assert_eq!(h.names::<R>(&filter(&stays)).await, [stays.name()]);
    let list = List {
        filter: filter(&gone),
        show_deleted: true,
        ..Default::default()
    };
    assert_eq!(done(R::list(h, list).await).0, [deleted.clone()]);
    let mut back = h.undelete::<R>(&gone.name()).await;
    assert!(!back.is_deleted());
    assert_eq!(h.names::<R>(&filter(&gone)).await, [gone.name()]);
    // Nothing else changed on the way.
    let mut before = gone;
    (*back.header().update_time, *before.header().update_time) = (None, None);
    back.header().etag.clone_from(before.header().etag);
    assert_eq!(back, before);
}

async fn what_is_deleted_or_unknown_cannot_be_deleted(h: Harness) {
    for_all!(h => what_is_deleted_of_one_cannot_be_deleted);
}

async fn what_is_deleted_of_one_cannot_be_deleted<R: Standard>(h: &Harness) {
    let gone = h.created::<R>().await;
    h.delete::<R>(&gone.name()).await;
    let revision = h.revision().await;
    for (name, etag) in [
        (R::unknown(), String::new()),
        (gone.name(), String::new()),
        (gone.name(), gone.etag()),
    ] {
        let delete = Delete {
            name: name.clone(),
            etag,
            ..Default::default()
        };
        refused(R::delete(h, delete).await)
            .is(Code::NotFound, "RESOURCE_NOT_FOUND")
            .about(&name);
    }
    assert_eq!(h.revision().await, revision);
}

async fn allow_missing_is_content_with_nothing_to_delete(h: Harness) {
    for_all!(h => allow_missing_of_one_is_content);
}

async fn allow_missing_of_one_is_content<R: Standard>(h: &Harness) {
    let gone = h.created::<R>().await;
    let deleted = h.delete::<R>(&gone.name()).await;
    let revision = h.revision().await;
    let delete = |name: String, etag| Delete {
        name,
        etag,
        allow_missing: true,
        ..Default::default()
    };
    let answer = whole(R::delete(h, delete(R::unknown(), String::new())).await);
    assert_eq!((answer.message, answer.revision), (R::default(), revision));
    let answer = whole(R::delete(h, delete(gone.name(), gone.etag())).await);
    assert_eq!((answer.message, answer.revision), (deleted, revision));
    assert_eq!(h.revision().await, revision);
}

async fn a_live_record_cannot_be_undeleted(h: Harness) {
    for_all!(h => a_live_record_of_one_cannot_be_undeleted);
}

async fn a_live_record_of_one_cannot_be_undeleted<R: Standard>(h: &Harness) {
    let name = h.created::<R>().await.name();
    let undelete = Undelete {
        name: name.clone(),
        ..Default::default()
    };
    refused(R::undelete(h, undelete).await)
        .is(Code::AlreadyExists, "RESOURCE_NOT_DELETED")
        .about(&name);
}

async fn an_unknown_record_cannot_be_undeleted(h: Harness) {
    for_all!(h => an_unknown_record_of_one_cannot_be_undeleted);
}

async fn an_unknown_record_of_one_cannot_be_undeleted<R: Standard>(h: &Harness) {
    let undelete = Undelete {
        name: R::unknown(),
        ..Default::default()
    };
    refused(R::undelete(h, undelete).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .about(&R::unknown());
}

async fn validation_alone_deletes_nothing(h: Harness) {
    for_all!(h => validation_alone_of_one_deletes_nothing);
}

async fn validation_alone_of_one_deletes_nothing<R: Standard>(h: &Harness) {
    let live = h.created::<R>().await;
    let delete = Delete {
        name: live.name(),
        validate_only: true,
        ..Default::default()
    };
    assert!(done(R::delete(h, delete).await).is_deleted());
    assert_eq!(h.get::<R>(&live.name()).await, live);
    let deleted = h.delete::<R>(&live.name()).await;
    let undelete = Undelete {
        name: live.name(),
        validate_only: true,
        ..Default::default()
    };
    assert!(!done(R::undelete(h, undelete).await).is_deleted());
    assert_eq!(h.get::<R>(&live.name()).await, deleted);
}

async fn live_children_stand_in_the_way(h: Harness) {
    let (customer, contact, job) = h.employed().await;
    let delete = Delete {
        name: customer.name.clone(),
        ..Default::default()
    };
    let blocked = refused(pb::Customer::delete(&h, delete).await)
        .is(Code::FailedPrecondition, "HAS_CHILDREN");
    blocked
        .about(&customer.name)
        .tells("childCount", "1")
        .tells("childCollection", "affiliations");
    let delete = Delete {
        name: contact.name.clone(),
        validate_only: true,
        ..Default::default()
    };
    refused(pb::Contact::delete(&h, delete).await)
        .is(Code::FailedPrecondition, "HAS_CHILDREN")
        .about(&contact.name);
    // Deleted ones do not.
    h.delete::<pb::Affiliation>(&job.name).await;
    done(
        pb::Customer::delete(
            &h,
            Delete {
                name: customer.name,
                ..Default::default()
            },
        )
        .await,
    );
    done(
        pb::Contact::delete(
            &h,
            Delete {
                name: contact.name,
                ..Default::default()
            },
        )
        .await,
    );
}

async fn children_go_and_come_with_their_parent(h: Harness) {
    let (customer, contact, job) = h.employed().await;
    let before = h.revision().await;
    h.delete::<pb::Customer>(&customer.name).await;
    let gone = h.get::<pb::Affiliation>(&job.name).await;
    assert!(gone.delete_time.is_some() && gone.etag != job.etag);
    h.undelete::<pb::Customer>(&customer.name).await;
    let back = h.get::<pb::Affiliation>(&job.name).await;
    assert!(back.delete_time.is_none() && back.etag != gone.etag);
    h.delete::<pb::Contact>(&contact.name).await;
    assert!(h.get::<pb::Affiliation>(&job.name).await.is_deleted());
    h.undelete::<pb::Contact>(&contact.name).await;
    assert!(!h.get::<pb::Affiliation>(&job.name).await.is_deleted());
    assert_eq!(h.revision().await, before + 4);
}

async fn exactly_the_children_that_went_along_come_back(h: Harness) {
    let (customer, contact, first) = h.employed().await;
    let second = h.create(affiliation(&contact, &customer)).await;
    h.delete::<pb::Affiliation>(&first.name).await;
    h.delete::<pb::Customer>(&customer.name).await;
    h.undelete::<pb::Customer>(&customer.name).await;
    assert_eq!(h.names::<pb::Affiliation>("").await, [second.name]);
    h.undelete::<pb::Affiliation>(&first.name).await;
}

/// So many that a unit does not fit into one text of statements.
async fn hundreds_of_children_go_and_come_whole(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let texts: Vec<String> = (0..300).map(|i| format!("call back, {i}")).collect();
    let mut made = Vec::new();
    for texts in texts.chunks(10) {
        made.extend(join_all(texts.iter().map(|text| h.create(promise(&firm, text)))).await);
    }
    let before = h.revision().await;
    h.delete::<pb::Customer>(&firm.name).await;
    assert!(h.names::<pb::Promise>("").await.is_empty());
    assert_eq!(h.revision().await, before + 1);
    assert_eq!(h.changes_after(before).await.len(), 301);
    h.undelete::<pb::Customer>(&firm.name).await;
    for promise in made {
        let back = h.get::<pb::Promise>(&promise.name).await;
        let header = pb::Promise {
            etag: back.etag.clone(),
            update_time: back.update_time,
            ..promise
        };
        assert_eq!(back, header);
    }
}

async fn a_child_of_a_deleted_parent_cannot_come_back(h: Harness) {
    let (customer, contact, job) = h.employed().await;
    h.delete::<pb::Customer>(&customer.name).await;
    let undelete = || Undelete {
        name: job.name.clone(),
        ..Default::default()
    };
    let refusal = refused(pb::Affiliation::undelete(&h, undelete()).await);
    refusal
        .is(Code::FailedPrecondition, "PARENT_DELETED")
        .about(&job.name)
        .tells("parent", &customer.name);
    h.undelete::<pb::Customer>(&customer.name).await;
    h.delete::<pb::Contact>(&contact.name).await;
    let refusal = refused(pb::Affiliation::undelete(&h, undelete()).await);
    refusal
        .is(Code::FailedPrecondition, "PARENT_DELETED")
        .tells("parent", &contact.name);
}

async fn a_child_of_two_deleted_parents_comes_back_with_the_last(h: Harness) {
    for customer_first in [true, false] {
        let (customer, contact, job) = h.employed().await;
        h.delete::<pb::Customer>(&customer.name).await;
        h.delete::<pb::Contact>(&contact.name).await;
        let is_deleted = async || h.get::<pb::Affiliation>(&job.name).await.is_deleted();
        if customer_first {
            h.undelete::<pb::Customer>(&customer.name).await;
            assert!(is_deleted().await);
            h.undelete::<pb::Contact>(&contact.name).await;
        } else {
            h.undelete::<pb::Contact>(&contact.name).await;
            assert!(is_deleted().await);
            h.undelete::<pb::Customer>(&customer.name).await;
        }
        assert!(!is_deleted().await);
    }
}

async fn a_managers_end_leaves_the_others_alone(h: Harness) {
    let (firm, _, manager) = h.employed().await;
    let person = h.create(contact("Jo")).await;
    let job = pb::Affiliation {
        manager: manager.name.clone(),
        ..affiliation(&person, &firm)
    };
    let job = h.create(job).await;
    let daughter = h
        .create(pb::Customer {
            parent: firm.name.clone(),
            ..customer("Cuprum")
        })
        .await;
    h.delete::<pb::Affiliation>(&manager.name).await;
    assert_eq!(h.get::<pb::Affiliation>(&job.name).await, job);
    h.delete::<pb::Customer>(&firm.name).await;
    assert_eq!(h.get::<pb::Customer>(&daughter.name).await, daughter);
    // What is stored may stay, also when the rest changes.
    let changed = h.update(daughter.clone().titled("new"), &["*"]).await;
    assert_eq!(changed.parent, firm.name);
}
