//! The order of decision makers.

use super::*;

conformance! {
    at START;
    best_evidence_comes_first_then_the_latest_verification_then_the_name,
    a_person_with_two_positions_comes_once,
    candidates_come_by_seniority_talk_and_name,
}

async fn best_evidence_comes_first_then_the_latest_verification_then_the_name(h: Harness) {
    let firm = Firm::new(&h).await;
    for (name, evidence) in [
        ("zoe", Evidence::Inferred),
        ("Bea", Evidence::Stated),
        ("ada", Evidence::Stated),
    ] {
        firm.decider(name, BuyingRole::DecisionMaker, evidence)
            .await;
    }
    let early = firm
        .decider("Early", BuyingRole::EconomicBuyer, Evidence::Confirmed)
        .await;
    h.advance(SECOND);
    firm.decider("Late", BuyingRole::ExecutiveSponsor, Evidence::Confirmed)
        .await;
    assert_eq!(
        names(&firm.ask().await.people),
        ["Late", "Early", "ada", "Bea", "zoe"]
    );
    h.advance(SECOND);
    let confirm = |claim_id: &str| pb::ConfirmBuyingRoleRequest {
        affiliation: early.name.clone(),
        claim_id: claim_id.to_owned(),
        ..Default::default()
    };
    done(
        h.affiliations
            .clone()
            .confirm_buying_role(confirm(&early.buying_roles[0].claim_id))
            .await,
    );
    assert_eq!(
        names(&firm.ask().await.people),
        ["Early", "Late", "ada", "Bea", "zoe"]
    );
    let inferred = &firm.ask().await.people[4];
    assert_eq!(
        (inferred.evidence(), inferred.verify_time),
        (Evidence::Inferred, None)
    );
}

async fn a_person_with_two_positions_comes_once(h: Harness) {
    let firm = Firm::new(&h).await;
    let first = firm
        .decider("Mara", BuyingRole::DecisionMaker, Evidence::Inferred)
        .await;
    let person = h.get::<pb::Contact>(&first.contact).await;
    let second = h.create(affiliation(&person, &firm.customer)).await;
    let third = pb::Affiliation {
        seniority: Seniority::Owner.into(),
        ..affiliation(&person, &firm.customer)
    };
    let third = h.create(third).await;
    h.add_role(claim(&second, BuyingRole::DecisionMaker)).await;
    let answer = firm.ask().await;
    assert_eq!((answer.people.len(), answer.candidates.len()), (1, 0));
    assert_eq!(answer.people[0].evidence(), Evidence::Stated);
    let positions: Vec<&str> = answer.people[0]
        .positions
        .iter()
        .map(|of| of.affiliation.as_str())
        .collect();
    assert_eq!(positions, [&second.name, &first.name, &third.name]);
}

async fn candidates_come_by_seniority_talk_and_name(h: Harness) {
    let firm = Firm::new(&h).await;
    for name in ["b", "A"] {
        firm.employ(name, Seniority::Unspecified).await;
    }
    let old = firm.employ("old talk", Seniority::Unspecified).await;
    let new = firm.employ("new talk", Seniority::Unspecified).await;
    firm.employ("staff", Seniority::Staff).await;
    firm.employ("owner", Seniority::Owner).await;
    // Of two positions the higher one counts.
    let both = firm.employ("both", Seniority::Staff).await;
    let both = h.get::<pb::Contact>(&both.contact).await;
    h.create(pb::Affiliation {
        seniority: Seniority::Vp.into(),
        ..affiliation(&both, &firm.customer)
    })
    .await;
    firm.decider("champion", BuyingRole::Champion, Evidence::Confirmed)
        .await;
    firm.talk(&new, START - DAY).await;
    firm.talk(&old, START - 2 * DAY).await;
    let answer = firm.ask().await;
    assert!(answer.people.is_empty());
    assert_eq!(
        names(&answer.candidates),
        [
            "owner", "both", "staff", "new talk", "old talk", "A", "b", "champion"
        ]
    );
    for _ in 8..50 {
        firm.employ("x", Seniority::Unspecified).await;
    }
    let answer = firm.ask().await;
    assert_eq!(
        (answer.candidates.len(), answer.more_candidates),
        (50, false)
    );
    firm.employ("x", Seniority::Unspecified).await;
    let answer = firm.ask().await;
    assert_eq!(
        (answer.candidates.len(), answer.more_candidates),
        (50, true)
    );
}
