//! Buying role claims: added, confirmed, ended, and counted.

mod gone; // claims of people who left and of what was deleted

use clientele::clock;
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, BuyingRoleClaim, Evidence};
use clientele::store::scope::TenantScope;
use clientele::store::sql::statement::global;
use futures_util::future::join_all;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::{affiliation, claim, contact, date, full_claim};
use crate::harness::records::{colleague, conversation};
use crate::harness::standard::Standard;

conformance! {
    a_claim_comes_back_as_it_was_made,
    claims_keep_their_order,
    evidence_only_grows,
    a_confirmation_replaces_the_claimant,
    claims_heed_the_etag,
    validation_alone_changes_no_claim,
    an_affiliation_holds_200_claims,
    many_writers_of_one_affiliation_lose_nothing,
    four_roles_decide,
    each_deciding_person_counts_once,
    the_rows_of_claims_are_those_of_the_answer,
}

fn confirm(job: &pb::Affiliation, claim_id: &str) -> pb::ConfirmBuyingRoleRequest {
    pb::ConfirmBuyingRoleRequest {
        affiliation: job.name.clone(),
        claim_id: claim_id.to_owned(),
        ..Default::default()
    }
}

fn end(job: &pb::Affiliation, claim_id: &str) -> pb::EndBuyingRoleRequest {
    pb::EndBuyingRoleRequest {
        affiliation: job.name.clone(),
        claim_id: claim_id.to_owned(),
        ..Default::default()
    }
}

async fn try_confirm(
    h: &Harness,
    request: pb::ConfirmBuyingRoleRequest,
) -> Answer<pb::Affiliation> {
    h.affiliations.clone().confirm_buying_role(request).await
}

async fn try_end(h: &Harness, request: pb::EndBuyingRoleRequest) -> Answer<pb::Affiliation> {
    h.affiliations.clone().end_buying_role(request).await
}

async fn a_claim_comes_back_as_it_was_made(h: Harness) {
    let (_, _, job) = h.employed().await;
    let after = h.add_role(full_claim(&job)).await;
    assert_eq!(h.get::<pb::Affiliation>(&job.name).await, after);
    assert_ne!(after.etag, job.etag);
    let found = &after.buying_roles[0];
    let expected = BuyingRoleClaim {
        claim_id: found.claim_id.clone(),
        role: BuyingRole::EconomicBuyer.into(),
        scope: "plant Linz".to_owned(),
        evidence: Evidence::Inferred.into(),
        claimant: "an import".to_owned(),
        source: String::new(),
        system: "sap.eu".to_owned(),
        start_date: date(2024, 2, 29),
        end_date: date(2031, 1, 1),
        verify_time: None,
    };
    assert_eq!(*found, expected);
    assert!(!found.claim_id.is_empty());
    // The least there can be: stated, for the whole customer, for ever.
    let bare = h
        .add_role(claim(&job, BuyingRole::Other))
        .await
        .buying_roles
        .remove(1);
    let expected = BuyingRoleClaim {
        claim_id: bare.claim_id.clone(),
        role: BuyingRole::Other.into(),
        evidence: Evidence::Stated.into(),
        ..Default::default()
    };
    assert_eq!(bare, expected);
    let confirmed = pb::AddBuyingRoleRequest {
        evidence: Evidence::Confirmed.into(),
        ..claim(&job, BuyingRole::Other)
    };
    assert!(
        h.add_role(confirmed).await.buying_roles[2]
            .verify_time
            .is_some()
    );
}

async fn claims_keep_their_order(h: Harness) {
    let (_, _, job) = h.employed().await;
    let mut ids = Vec::new();
    for role in 1..=13 {
        let role = BuyingRole::try_from(role).unwrap();
        let after = h.add_role(claim(&job, role)).await;
        ids.push(after.buying_roles.last().unwrap().claim_id.clone());
    }
    // The same role once more is one more claim.
    let after = h.add_role(claim(&job, BuyingRole::Champion)).await;
    ids.push(after.buying_roles.last().unwrap().claim_id.clone());
    let found: Vec<&String> = after
        .buying_roles
        .iter()
        .map(|claim| &claim.claim_id)
        .collect();
    assert_eq!(found, ids.iter().collect::<Vec<_>>());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 14);
}

async fn evidence_only_grows(h: Harness) {
    let (_, _, job) = h.employed().await;
    let after = h.add_role(full_claim(&job)).await;
    let id = after.buying_roles[0].claim_id.clone();
    let mut last = None;
    for (given, becomes) in [
        (Evidence::Stated, Evidence::Stated),
        (Evidence::Inferred, Evidence::Stated),
        (Evidence::Unspecified, Evidence::Confirmed),
        (Evidence::Stated, Evidence::Confirmed),
    ] {
        let request = pb::ConfirmBuyingRoleRequest {
            evidence: given.into(),
            ..confirm(&job, &id)
        };
        let mut claim = done(try_confirm(&h, request).await).buying_roles.remove(0);
        assert_eq!(claim.evidence(), becomes);
        let verified = claim
            .verify_time
            .take()
            .map(|time| (time.seconds, time.nanos));
        assert!(verified >= last && verified.is_some());
        last = verified;
        // Nothing else of it changes.
        let expected = BuyingRoleClaim {
            evidence: becomes.into(),
            ..after.buying_roles[0].clone()
        };
        assert_eq!(claim, expected);
    }
}

async fn a_confirmation_replaces_the_claimant(h: Harness) {
    let (_, _, job) = h.employed().await;
    let id = h.add_role(full_claim(&job)).await.buying_roles[0]
        .claim_id
        .clone();
    let after = done(try_confirm(&h, confirm(&job, &id)).await);
    assert_eq!(after.buying_roles[0].claimant, "an import");
    let request = pb::ConfirmBuyingRoleRequest {
        claimant: "Jo".to_owned(),
        ..confirm(&job, &id)
    };
    assert_eq!(
        done(try_confirm(&h, request).await).buying_roles[0].claimant,
        "Jo"
    );
}

async fn claims_heed_the_etag(h: Harness) {
    let (_, _, job) = h.employed().await;
    let etag = job.etag.clone();
    let add = pb::AddBuyingRoleRequest {
        etag: etag.clone(),
        ..claim(&job, BuyingRole::Champion)
    };
    let after = h.add_role(add.clone()).await;
    let id = after.buying_roles[0].claim_id.clone();
    let stale = [
        h.try_add_role(add).await,
        try_confirm(
            &h,
            pb::ConfirmBuyingRoleRequest {
                etag: etag.clone(),
                ..confirm(&job, &id)
            },
        )
        .await,
        try_end(
            &h,
            pb::EndBuyingRoleRequest {
                etag,
                ..end(&job, &id)
            },
        )
        .await,
    ];
    for answer in stale {
        refused(answer)
            .is(Code::Aborted, "ETAG_MISMATCH")
            .about(&job.name)
            .tells("currentEtag", &after.etag);
    }
}

async fn validation_alone_changes_no_claim(h: Harness) {
    let (_, _, job) = h.employed().await;
    let plan = pb::AddBuyingRoleRequest {
        validate_only: true,
        ..claim(&job, BuyingRole::Champion)
    };
    let planned = h.add_role(plan).await;
    assert_eq!(
        (
            planned.buying_roles.len(),
            planned.buying_roles[0].claim_id.as_str()
        ),
        (1, "")
    );
    assert_eq!(h.get::<pb::Affiliation>(&job.name).await, job);
    let after = h.add_role(claim(&job, BuyingRole::Champion)).await;
    let plan = pb::EndBuyingRoleRequest {
        validate_only: true,
        ..end(&job, &after.buying_roles[0].claim_id)
    };
    assert!(
        done(try_end(&h, plan).await).buying_roles[0]
            .end_date
            .is_some()
    );
    assert_eq!(h.get::<pb::Affiliation>(&job.name).await, after);
}

async fn an_affiliation_holds_200_claims(h: Harness) {
    let (_, _, job) = h.employed().await;
    for _ in 0..20 {
        join_all((0..10).map(|_| h.add_role(claim(&job, BuyingRole::EndUser)))).await;
    }
    let refusal = refused(h.try_add_role(claim(&job, BuyingRole::EndUser)).await);
    refusal
        .is(Code::FailedPrecondition, "RESOURCE_FULL")
        .about(&job.name)
        .tells("field", "buying_roles")
        .tells("limit", "200");
    let full = h.get::<pb::Affiliation>(&job.name).await;
    // Ended ones count: nothing is ever forgotten.
    done(try_end(&h, end(&job, &full.buying_roles[0].claim_id)).await);
    refused(h.try_add_role(claim(&job, BuyingRole::EndUser)).await)
        .is(Code::FailedPrecondition, "RESOURCE_FULL");
}

async fn many_writers_of_one_affiliation_lose_nothing(h: Harness) {
    let (_, _, job) = h.employed().await;
    let writer = |writer: usize| {
        let (h, job) = (h.clone(), job.clone());
        async move {
            let mut own = Vec::new();
            for round in 0..5 {
                let scope = format!("{writer}/{round}");
                let add = pb::AddBuyingRoleRequest {
                    scope: scope.clone(),
                    ..claim(&job, BuyingRole::DecisionMaker)
                };
                let after = h.add_role(add).await;
                let claim = after
                    .buying_roles
                    .into_iter()
                    .find(|claim| claim.scope == scope)
                    .unwrap();
                if round % 2 == 0 {
                    done(try_end(&h, end(&job, &claim.claim_id)).await);
                }
                own.push((claim.claim_id, round % 2 == 0));
            }
            own
        }
    };
    let mut expected: Vec<(String, bool)> = join_all((0..8).map(writer))
        .await
        .into_iter()
        .flatten()
        .collect();
    let found = h.get::<pb::Affiliation>(&job.name).await.buying_roles;
    let mut found: Vec<_> = found
        .into_iter()
        .map(|claim| (claim.claim_id, claim.end_date.is_some()))
        .collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

async fn four_roles_decide(h: Harness) {
    let deciding = [
        BuyingRole::DecisionMaker,
        BuyingRole::EconomicBuyer,
        BuyingRole::BudgetHolder,
        BuyingRole::ExecutiveSponsor,
    ];
    for role in (1..).map_while(|role| BuyingRole::try_from(role).ok()) {
        let (firm, _, job) = h.employed().await;
        h.add_role(claim(&job, role)).await;
        let count = h.get::<pb::Customer>(&firm.name).await.decision_maker_count;
        assert_eq!(count, i32::from(deciding.contains(&role)), "{role:?}");
    }
}

async fn each_deciding_person_counts_once(h: Harness) {
    let (firm, person, job) = h.employed().await;
    let count = async || h.get::<pb::Customer>(&firm.name).await.decision_maker_count;
    h.add_role(claim(&job, BuyingRole::Champion)).await;
    h.add_role(claim(&job, BuyingRole::Influencer)).await;
    assert_eq!(count().await, 0);
    for role in [
        BuyingRole::DecisionMaker,
        BuyingRole::EconomicBuyer,
        BuyingRole::BudgetHolder,
        BuyingRole::ExecutiveSponsor,
    ] {
        h.add_role(claim(&job, role)).await;
        assert_eq!(count().await, 1);
    }
    // The same person in a second job, then another person.
    let second = h.create(affiliation(&person, &firm)).await;
    h.add_role(claim(&second, BuyingRole::BudgetHolder)).await;
    assert_eq!(count().await, 1);
    let other = h.create(contact("Jo")).await;
    let other = h.create(affiliation(&other, &firm)).await;
    h.add_role(full_claim(&other)).await;
    assert_eq!(count().await, 2);
    h.delete::<pb::Affiliation>(&other.name).await;
    assert_eq!(count().await, 1);
}

/// Counts and filters read rows, callers read the message: each verb has to leave the two equal.
async fn the_rows_of_claims_are_those_of_the_answer(h: Harness) {
    let (firm, _, job) = h.employed().await;
    let (_, _, other) = h.employed().await;
    let kept = h.add_role(full_claim(&other)).await;
    h.add_role(full_claim(&job)).await;
    let mut current = h.add_role(claim(&job, BuyingRole::Champion)).await;
    same_rows(&h, &current).await;
    let [first, second] = [0, 1].map(|i| current.buying_roles[i].claim_id.clone());
    let confirmed = pb::ConfirmBuyingRoleRequest {
        claimant: "Jo".to_owned(),
        ..confirm(&job, &first)
    };
    same_rows(&h, &done(try_confirm(&h, confirmed).await)).await;
    current = done(try_end(&h, end(&job, &second)).await);
    same_rows(&h, &current).await;
    current = h.update(current.titled("CEO"), &["job_title"]).await;
    h.delete::<pb::Customer>(&firm.name).await;
    h.undelete::<pb::Customer>(&firm.name).await;
    same_rows(&h, &current).await;
    current = h.add_role(claim(&job, BuyingRole::BudgetHolder)).await;
    assert_eq!(current.buying_roles.len(), 3);
    same_rows(&h, &current).await;
    same_rows(&h, &kept).await;
}

async fn same_rows(h: &Harness, job: &pb::Affiliation) {
    let rows = global!(
        "select role, scope, evidence, claimant, source, system, start_date, end_date, claim_id,
           verify_time
         from buying_roles where tenant_id = 'default' and affiliation = :affiliation
         order by claim_id",
        affiliation = &job.name,
    )
    .read(Ok);
    let rows = h.db().fetch(&TenantScope::local(), rows).await.unwrap();
    let found: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|i| row.text(i).unwrap()),
                row.opt_int(9).unwrap(),
            )
        })
        .collect();
    let day = |date: &Option<_>| date.as_ref().and_then(clock::date_text).unwrap_or_default();
    let row = |claim: &BuyingRoleClaim| {
        let (role, evidence) = (
            claim.role().as_str_name().to_owned(),
            claim.evidence().as_str_name().to_owned(),
        );
        let texts = [
            &claim.scope,
            &claim.claimant,
            &claim.source,
            &claim.system,
            &claim.claim_id,
        ]
        .map(Clone::clone);
        let [scope, claimant, source, system, id] = texts;
        let (from, until) = (day(&claim.start_date), day(&claim.end_date));
        let verified = claim.verify_time.as_ref().and_then(clock::micros);
        (
            [
                role, scope, evidence, claimant, source, system, from, until, id,
            ],
            verified,
        )
    };
    let mut expected: Vec<_> = job.buying_roles.iter().map(row).collect();
    expected.sort_by(|one, other| one.0[8].cmp(&other.0[8]));
    assert_eq!(found, expected);
}
