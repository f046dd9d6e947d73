//! The cases that move the clock. They run in this process only; the list below is all of them.

use clientele::clock::{DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::{claim, customer, date};
use crate::harness::standard::{Create, List, Standard};

/// 2024-02-28T23:59:59Z: a second before a day that not every year has.
const START: Micros = 1_709_164_799 * SECOND;

conformance! {
    at START;
    times_are_those_of_the_clock,
    counts_follow_the_dates_of_affiliations,
    counts_follow_the_dates_of_claims,
    a_claim_ends_today_unless_told_otherwise,
    a_claim_that_has_not_begun_ends_as_it_begins,
    a_claim_cannot_end_before_it_begins,
    a_confirmation_is_of_now,
    a_request_id_is_remembered_for_a_day,
    a_page_token_holds_for_three_days,
    all_pages_are_of_the_time_of_the_first,
}

async fn times_are_those_of_the_clock(h: Harness) {
    let seconds =
        |time: Option<prost_types::Timestamp>| time.map(|time| time.seconds - 1_709_164_799);
    let created = h.create(customer("Ferrum AG")).await;
    assert_eq!(
        (seconds(created.create_time), seconds(created.update_time)),
        (Some(0), Some(0))
    );
    h.advance(SECOND);
    let updated = h.update(created.titled("new"), &["about"]).await;
    assert_eq!(
        (seconds(updated.create_time), seconds(updated.update_time)),
        (Some(0), Some(1))
    );
    h.advance(SECOND);
    let unchanged = h.update(updated.clone(), &["*"]).await;
    assert_eq!(unchanged, updated);
    let deleted = h.delete::<pb::Customer>(&updated.name).await;
    assert_eq!(
        (seconds(deleted.update_time), seconds(deleted.delete_time)),
        (Some(2), Some(2))
    );
    h.advance(SECOND);
    let back = h.undelete::<pb::Customer>(&updated.name).await;
    assert_eq!(
        (seconds(back.update_time), back.delete_time),
        (Some(3), None)
    );
}

async fn counts_follow_the_dates_of_affiliations(h: Harness) {
    let (firm, _, job) = h.employed().await;
    let job = pb::Affiliation {
        start_date: date(2024, 2, 29),
        end_date: date(2024, 3, 2),
        ..job
    };
    let job = h.update(job, &["*"]).await;
    h.add_role(claim(&job, BuyingRole::DecisionMaker)).await;
    // Read and found by the same definition.
    let counts = async || {
        let firm = h.get::<pb::Customer>(&firm.name).await;
        let filter = format!(
            "contact_count = {} AND decision_maker_count = {}",
            firm.contact_count, firm.decision_maker_count
        );
        assert_eq!(h.names::<pb::Customer>(&filter).await, [firm.name]);
        (firm.contact_count, firm.decision_maker_count)
    };
    assert_eq!(counts().await, (0, 0));
    h.advance(SECOND);
    assert_eq!(counts().await, (1, 1));
    h.advance(2 * DAY - SECOND);
    assert_eq!(counts().await, (1, 1));
    h.advance(SECOND);
    assert_eq!(counts().await, (0, 0));
}

async fn counts_follow_the_dates_of_claims(h: Harness) {
    let (firm, _, job) = h.employed().await;
    let add = pb::AddBuyingRoleRequest {
        start_date: date(2024, 2, 29),
        end_date: date(2024, 3, 1),
        ..claim(&job, BuyingRole::DecisionMaker)
    };
    h.add_role(add).await;
    let count = async || h.get::<pb::Customer>(&firm.name).await.decision_maker_count;
    assert_eq!(count().await, 0);
    h.advance(SECOND);
    assert_eq!(count().await, 1);
    h.advance(DAY - 1);
    assert_eq!(count().await, 1);
    h.advance(1);
    assert_eq!(count().await, 0);
    assert_eq!(h.get::<pb::Customer>(&firm.name).await.etag, firm.etag);
}

async fn added(h: &Harness, add: pb::AddBuyingRoleRequest) -> pb::EndBuyingRoleRequest {
    let after = h.add_role(add).await;
    let claim_id = after.buying_roles.last().unwrap().claim_id.clone();
    pb::EndBuyingRoleRequest {
        affiliation: after.name,
        claim_id,
        ..Default::default()
    }
}

async fn a_claim_ends_today_unless_told_otherwise(h: Harness) {
    let (_, _, job) = h.employed().await;
    let end = added(&h, claim(&job, BuyingRole::Champion)).await;
    let ended = async |end: pb::EndBuyingRoleRequest| {
        done(h.affiliations.clone().end_buying_role(end).await).buying_roles[0].end_date
    };
    assert_eq!(ended(end.clone()).await, date(2024, 2, 28));
    h.advance(SECOND);
    // An end can be replaced, by an earlier or a later one.
    assert_eq!(ended(end.clone()).await, date(2024, 2, 29));
    for day in [date(1999, 1, 1), date(2031, 1, 1)] {
        assert_eq!(
            ended(pb::EndBuyingRoleRequest {
                end_date: day,
                ..end.clone()
            })
            .await,
            day
        );
    }
}

async fn a_claim_that_has_not_begun_ends_as_it_begins(h: Harness) {
    let (_, _, job) = h.employed().await;
    let later = pb::AddBuyingRoleRequest {
        start_date: date(2024, 6, 1),
        ..claim(&job, BuyingRole::Champion)
    };
    let end = added(&h, later).await;
    let after = done(h.affiliations.clone().end_buying_role(end).await);
    assert_eq!(after.buying_roles[0].end_date, date(2024, 6, 1));
}

async fn a_claim_cannot_end_before_it_begins(h: Harness) {
    let (_, _, job) = h.employed().await;
    let begun = pb::AddBuyingRoleRequest {
        start_date: date(2024, 1, 2),
        ..claim(&job, BuyingRole::Champion)
    };
    let end = added(&h, begun.clone()).await;
    let at = |day| pb::EndBuyingRoleRequest {
        end_date: day,
        ..end.clone()
    };
    let refusal = refused(
        h.affiliations
            .clone()
            .end_buying_role(at(date(2024, 1, 1)))
            .await,
    );
    refusal.names("FIELD_INVALID", &["end_date"]);
    done(
        h.affiliations
            .clone()
            .end_buying_role(at(date(2024, 1, 2)))
            .await,
    );
    let backwards = pb::AddBuyingRoleRequest {
        end_date: date(2024, 1, 1),
        ..begun
    };
    refused(h.try_add_role(backwards).await).names("FIELD_INVALID", &["end_date"]);
}

async fn a_confirmation_is_of_now(h: Harness) {
    let (_, _, job) = h.employed().await;
    let pb::EndBuyingRoleRequest {
        affiliation,
        claim_id,
        ..
    } = added(&h, claim(&job, BuyingRole::Champion)).await;
    for _ in 0..2 {
        h.advance(DAY);
        let confirm = pb::ConfirmBuyingRoleRequest {
            affiliation: affiliation.clone(),
            claim_id: claim_id.clone(),
            ..Default::default()
        };
        let after = done(h.affiliations.clone().confirm_buying_role(confirm).await);
        assert_eq!(after.buying_roles[0].verify_time, after.update_time);
    }
}

async fn a_request_id_is_remembered_for_a_day(h: Harness) {
    let create = |name: &str| Create {
        resource: Some(customer(name)),
        request_id: "a".to_owned(),
        ..Default::default()
    };
    let first = whole(pb::Customer::create(&h, create("Ferrum AG")).await);
    h.advance(DAY - 1);
    let again = whole(pb::Customer::create(&h, create("Ferrum AG")).await);
    assert!(again.replayed);
    assert_eq!(again.message, first.message);
    refused(pb::Customer::create(&h, create("Cuprum")).await)
        .is(Code::InvalidArgument, "REQUEST_ID_REUSED");
    h.advance(1);
    let anew = whole(pb::Customer::create(&h, create("Cuprum")).await);
    assert!(!anew.replayed);
    assert_ne!(anew.message.name, first.message.name);
    let again = whole(pb::Customer::create(&h, create("Cuprum")).await);
    assert!(again.replayed);
}

async fn a_page_token_holds_for_three_days(h: Harness) {
    h.create(customer("Ferrum AG")).await;
    h.create(customer("Cuprum")).await;
    let page = |page_token: &str| List {
        page_size: 1,
        page_token: page_token.to_owned(),
        ..Default::default()
    };
    let (_, token) = done(pb::Customer::list(&h, page("")).await);
    h.advance(3 * DAY);
    assert_eq!(done(pb::Customer::list(&h, page(&token)).await).0.len(), 1);
    h.advance(1);
    refused(pb::Customer::list(&h, page(&token)).await)
        .names("PAGE_TOKEN_EXPIRED", &["page_token"]);
}

/// Otherwise a record could stop matching between two pages, and its neighbours be skipped or repeated.
async fn all_pages_are_of_the_time_of_the_first(h: Harness) {
    let (firm, _, job) = h.employed().await;
    h.update(
        pb::Affiliation {
            end_date: date(2024, 3, 1),
            ..job
        },
        &["end_date"],
    )
    .await;
    for title in ["Cuprum", "Plumbum"] {
        h.create(customer(title)).await;
    }
    let filter = "create_time >= ago(\"1d\") AND contact_count <= 1";
    let page = |page_token: &str| List {
        page_size: 1,
        filter: filter.to_owned(),
        order_by: "display_name desc".to_owned(),
        page_token: page_token.to_owned(),
        ..Default::default()
    };
    let (_, second) = done(pb::Customer::list(&h, page("")).await);
    h.advance(2 * DAY);
    assert!(h.names::<pb::Customer>(filter).await.is_empty());
    let (found, third) = done(pb::Customer::list(&h, page(&second)).await);
    assert_eq!(
        (found[0].name.as_str(), found[0].contact_count),
        (firm.name.as_str(), 1)
    );
    let (found, end) = done(pb::Customer::list(&h, page(&third)).await);
    assert_eq!(
        (found[0].display_name.as_str(), end.as_str()),
        ("Cuprum", "")
    );
}
