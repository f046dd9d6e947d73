//! Claims of people who left, and of records that were deleted.

use super::*;

conformance! {
    an_unknown_claim_is_not_found,
    claims_of_what_is_deleted_or_unknown_are_refused,
    claims_survive_an_update_and_a_deletion,
    who_left_and_what_is_gone_carries_no_new_claim,
}

async fn an_unknown_claim_is_not_found(h: Harness) {
    let (_, _, job) = h.employed().await;
    let (_, _, other) = h.employed().await;
    let elsewhere = h
        .add_role(claim(&other, BuyingRole::Champion))
        .await
        .buying_roles[0]
        .claim_id
        .clone();
    for id in ["x", "\0", &elsewhere] {
        refused(try_confirm(&h, confirm(&job, id)).await)
            .is(Code::NotFound, "CLAIM_NOT_FOUND")
            .about(&job.name);
        refused(try_end(&h, end(&job, id)).await)
            .is(Code::NotFound, "CLAIM_NOT_FOUND")
            .about(&job.name);
    }
}

async fn claims_of_what_is_deleted_or_unknown_are_refused(h: Harness) {
    let (_, _, job) = h.employed().await;
    let id = h
        .add_role(claim(&job, BuyingRole::Champion))
        .await
        .buying_roles[0]
        .claim_id
        .clone();
    h.delete::<pb::Affiliation>(&job.name).await;
    let unknown = pb::Affiliation {
        name: pb::Affiliation::unknown(),
        ..Default::default()
    };
    for (job, code, reason) in [
        (job, Code::FailedPrecondition, "RESOURCE_DELETED"),
        (unknown, Code::NotFound, "RESOURCE_NOT_FOUND"),
    ] {
        refused(h.try_add_role(claim(&job, BuyingRole::Champion)).await)
            .is(code, reason)
            .about(&job.name);
        refused(try_confirm(&h, confirm(&job, &id)).await)
            .is(code, reason)
            .about(&job.name);
        refused(try_end(&h, end(&job, &id)).await)
            .is(code, reason)
            .about(&job.name);
    }
}

async fn claims_survive_an_update_and_a_deletion(h: Harness) {
    let (firm, _, job) = h.employed().await;
    let claims = h.add_role(full_claim(&job)).await.buying_roles;
    let mut current = h.get::<pb::Affiliation>(&job.name).await.titled("CEO");
    current.buying_roles.clear();
    assert_eq!(h.update(current, &["*"]).await.buying_roles, claims);
    h.delete::<pb::Customer>(&firm.name).await;
    h.undelete::<pb::Customer>(&firm.name).await;
    assert_eq!(
        h.get::<pb::Affiliation>(&job.name).await.buying_roles,
        claims
    );
    assert_eq!(
        h.get::<pb::Customer>(&firm.name).await.decision_maker_count,
        1
    );
}

async fn who_left_and_what_is_gone_carries_no_new_claim(h: Harness) {
    let (firm, _, job) = h.employed().await;
    let left = h.create(colleague("Left")).await;
    let talk = h.create(conversation(&firm, 0)).await;
    let by_both = pb::AddBuyingRoleRequest {
        claimant: left.name.clone(),
        source: talk.name.clone(),
        ..claim(&job, BuyingRole::Champion)
    };
    h.add_role(by_both).await;
    let bare = h.add_role(claim(&job, BuyingRole::BudgetHolder)).await;
    let [first, second] = [0, 1].map(|i| bare.buying_roles[i].claim_id.clone());
    h.delete::<pb::Colleague>(&left.name).await;
    h.delete::<pb::Conversation>(&talk.name).await;
    // That an older claim names them is no excuse.
    let unusable = |answer, field: &str, target: &str| {
        let refusal = refused(answer).is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
        refusal.tells("field", field).about(target);
    };
    let by_left = pb::AddBuyingRoleRequest {
        claimant: left.name.clone(),
        ..claim(&job, BuyingRole::Champion)
    };
    unusable(
        h.try_add_role(by_left).await,
        "buying_roles[2].claimant",
        &left.name,
    );
    let of_talk = pb::AddBuyingRoleRequest {
        source: talk.name.clone(),
        ..claim(&job, BuyingRole::Champion)
    };
    unusable(
        h.try_add_role(of_talk).await,
        "buying_roles[2].source",
        &talk.name,
    );
    let by_left = |id: &str| pb::ConfirmBuyingRoleRequest {
        claimant: left.name.clone(),
        ..confirm(&job, id)
    };
    unusable(
        try_confirm(&h, by_left(&second)).await,
        "buying_roles[1].claimant",
        &left.name,
    );
    // The older one keeps what it has.
    let after = done(try_confirm(&h, by_left(&first)).await);
    assert_eq!(
        (
            &after.buying_roles[0].claimant,
            &after.buying_roles[0].source
        ),
        (&left.name, &talk.name)
    );
}
