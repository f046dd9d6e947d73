//! Etags: what they guard, what changes them, and two writers on one.

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use futures_util::future::join_all;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refusal, refused};
use crate::harness::builders::{affiliation, claim, contact};
use crate::harness::standard::{Delete, Standard, Undelete, Update, for_all};

conformance! {
    a_stale_etag_is_refused_everywhere,
    the_current_etag_is_accepted,
    counts_leave_the_etag_alone,
    of_two_writers_on_one_etag_exactly_one_wins,
}

async fn a_stale_etag_is_refused_everywhere(h: Harness) {
    for_all!(h => a_stale_etag_of_one_is_refused);
}

async fn a_stale_etag_of_one_is_refused<R: Standard>(h: &Harness) {
    let before = h.created::<R>().await;
    let (name, stale) = (before.name(), before.etag());
    let mut fresh = before.clone().titled("new");
    fresh.header().etag.clear();
    let current = h.update(fresh, &[R::TITLE]).await.etag();
    let mismatch = |refusal: crate::harness::answer::Refusal, current: &str| {
        refusal
            .is(Code::Aborted, "ETAG_MISMATCH")
            .about(&name)
            .tells("currentEtag", current);
    };
    mismatch(
        refused(h.try_update(before.titled("newer"), &[R::TITLE]).await),
        &current,
    );
    let delete = Delete {
        name: name.clone(),
        etag: stale.clone(),
        ..Default::default()
    };
    mismatch(refused(R::delete(h, delete).await), &current);
    let deleted = h.delete::<R>(&name).await.etag();
    assert_ne!(deleted, current);
    let undelete = Undelete {
        name: name.clone(),
        etag: stale,
        ..Default::default()
    };
    mismatch(refused(R::undelete(h, undelete).await), &deleted);
}

async fn the_current_etag_is_accepted(h: Harness) {
    for_all!(h => the_current_etag_of_one_is_accepted);
}

async fn the_current_etag_of_one_is_accepted<R: Standard>(h: &Harness) {
    let created = h.created::<R>().await;
    let updated = h.update(created.titled("new"), &[R::TITLE]).await;
    let delete = Delete {
        name: updated.name(),
        etag: updated.etag(),
        ..Default::default()
    };
    let deleted = done(R::delete(h, delete).await);
    let undelete = Undelete {
        name: updated.name(),
        etag: deleted.etag(),
        ..Default::default()
    };
    let undeleted = done(R::undelete(h, undelete).await);
    assert_ne!(undeleted.etag(), deleted.etag());
}

async fn counts_leave_the_etag_alone(h: Harness) {
    let (customer, _, _) = h.employed().await;
    let person = h.create(contact("Jo")).await;
    let deciding = h.create(affiliation(&person, &customer)).await;
    h.add_role(claim(&deciding, BuyingRole::DecisionMaker))
        .await;
    let after = h.get::<pb::Customer>(&customer.name).await;
    assert_eq!((after.contact_count, after.decision_maker_count), (2, 1));
    assert_eq!(
        (after.etag, after.update_time),
        (customer.etag, customer.update_time)
    );
}

async fn of_two_writers_on_one_etag_exactly_one_wins(h: Harness) {
    for_all!(h => of_two_writers_of_one_exactly_one_wins);
}

async fn of_two_writers_of_one_exactly_one_wins<R: Standard>(h: &Harness) {
    let mut current = h.created::<R>().await;
    for round in 0..10 {
        let write = |writer: usize| {
            let resource = Some(
                current
                    .clone()
                    .titled(&format!("round {round} writer {writer}")),
            );
            R::update(
                h,
                Update {
                    resource,
                    ..Default::default()
                },
            )
        };
        let (won, lost): (Vec<_>, Vec<_>) = join_all((0..4).map(write))
            .await
            .into_iter()
            .partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 3));
        for status in lost.into_iter().filter_map(Result::err) {
            refusal(&status).is(Code::Aborted, "ETAG_MISMATCH");
        }
        current = h.get::<R>(&current.name()).await;
        assert_eq!(current, won.into_iter().map(done).next().unwrap());
    }
}
