//! What is missing in what is known about who decides.

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, Evidence, Seniority};
use clientele::pb::decision_makers::Gap;
use clientele::pb::decision_makers::gap::Type;

use crate::harness::Harness;
use crate::harness::answer::done;
use crate::harness::builders::{claim, date, texts};
use crate::harness::firm::{Firm, ask, at};

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    gaps_say_what_is_missing,
    gaps_close_within_their_windows,
    a_champion_who_left_is_missed,
    a_champion_is_missed_for_the_scope_and_to_the_last_day,
}

async fn gaps_say_what_is_missing(h: Harness) {
    let firm = Firm::new(&h).await;
    assert_eq!(
        firm.gaps().await,
        [
            Type::NoDecisionMaker,
            Type::NoRecentConversation,
            Type::SingleThreaded
        ]
    );
    let staff = firm.employ("staff", Seniority::Staff).await;
    let old = firm.talk(&staff, START - 91 * DAY).await;
    let answer = firm.ask().await;
    let no_talk = &answer.gaps[1];
    assert_eq!(
        (no_talk.r#type(), &no_talk.records),
        (Type::NoRecentConversation, &vec![old.name.clone()])
    );
    assert_eq!(
        (no_talk.latest_time, no_talk.window),
        (at(START - 91 * DAY), Some(clock::duration(90 * DAY)))
    );
    // Without anybody who decides, a talk with anybody is one.
    firm.talk(&staff, START - 90 * DAY).await;
    let answer = firm.ask().await;
    assert_eq!(
        answer.gaps.iter().map(Gap::r#type).collect::<Vec<_>>(),
        [Type::NoDecisionMaker, Type::SingleThreaded]
    );
    assert_eq!(answer.gaps[1].records, [staff.contact]);

    firm.decider("owner", BuyingRole::DecisionMaker, Evidence::Inferred)
        .await;
    let expected = [
        Type::OnlyInferred,
        Type::NotVerified,
        Type::NoRecentConversation,
        Type::SingleThreaded,
    ];
    assert_eq!(firm.gaps().await, expected);
    let cfo = firm
        .decider("cfo", BuyingRole::EconomicBuyer, Evidence::Stated)
        .await;
    assert_eq!(firm.gaps().await, expected[1..]);
    let confirm = pb::ConfirmBuyingRoleRequest {
        affiliation: cfo.name.clone(),
        claim_id: cfo.buying_roles[0].claim_id.clone(),
        ..Default::default()
    };
    done(h.affiliations.clone().confirm_buying_role(confirm).await);
    assert_eq!(firm.gaps().await, expected[2..]);
    firm.talk(&cfo, START).await;
    assert_eq!(firm.gaps().await, []);
}

async fn gaps_close_within_their_windows(h: Harness) {
    let firm = Firm::new(&h).await;
    let mut jobs = Vec::new();
    for name in ["Ada", "Bea"] {
        jobs.push(
            firm.decider(name, BuyingRole::DecisionMaker, Evidence::Confirmed)
                .await,
        );
        firm.talk(&jobs[jobs.len() - 1], START).await;
    }
    assert_eq!(firm.gaps().await, []);
    h.advance(90 * DAY);
    assert_eq!(firm.gaps().await, []);
    h.advance(1);
    assert_eq!(
        firm.gaps().await,
        [Type::NoRecentConversation, Type::SingleThreaded]
    );
    h.advance(90 * DAY);
    let answer = firm.ask().await;
    assert_eq!(answer.gaps[0].r#type(), Type::NotVerified);
    assert_eq!(
        (answer.gaps[0].latest_time, answer.gaps[0].window),
        (at(START), Some(clock::duration(180 * DAY)))
    );
    let question = pb::GetDecisionMakersRequest {
        verified_within: Some(clock::duration(181 * DAY)),
        talked_within: Some(clock::duration(181 * DAY)),
        ..firm.question()
    };
    assert_eq!(done(ask(&h, question).await).gaps, []);
    // A window ends at the time that is asked about.
    let question = pb::GetDecisionMakersRequest {
        evaluate_time: at(START),
        ..firm.question()
    };
    assert_eq!(done(ask(&h, question).await).gaps, []);
    // One of the two leaves: one thread is left, and it is old enough to be none.
    h.update(
        pb::Affiliation {
            end_date: date(2026, 11, 23),
            ..jobs[0].clone()
        },
        &["end_date"],
    )
    .await;
    let question = pb::GetDecisionMakersRequest {
        evaluate_time: at(START + DAY),
        ..firm.question()
    };
    let answer = done(ask(&h, question).await);
    assert_eq!(
        answer.gaps.iter().map(Gap::r#type).collect::<Vec<_>>(),
        [Type::SingleThreaded]
    );
    assert_eq!(answer.gaps[0].records, [jobs[1].contact.clone()]);
}

async fn a_champion_who_left_is_missed(h: Harness) {
    let firm = Firm::new(&h).await;
    let left = async |gone: bool, of: &[&str]| {
        let answer = firm.ask().await;
        let gap = answer
            .gaps
            .into_iter()
            .find(|gap| gap.r#type() == Type::ChampionLeft);
        assert_eq!(gap.map(|gap| gap.records), gone.then(|| texts(of)));
    };
    let job = firm
        .decider("Ada", BuyingRole::Champion, Evidence::Inferred)
        .await;
    left(false, &[]).await;
    let ended = h
        .update(
            pb::Affiliation {
                end_date: date(2026, 11, 22),
                ..job
            },
            &["end_date"],
        )
        .await;
    left(true, &[&ended.name]).await;
    // One who stopped being a champion before leaving was none when leaving.
    let before = pb::AddBuyingRoleRequest {
        end_date: date(2026, 11, 1),
        ..claim(&ended, BuyingRole::Champion)
    };
    let second = firm.employ("Bea", Seniority::Unspecified).await;
    let second = h
        .add_role(pb::AddBuyingRoleRequest {
            affiliation: second.name,
            ..before
        })
        .await;
    h.update(
        pb::Affiliation {
            end_date: date(2026, 11, 22),
            ..second
        },
        &["end_date"],
    )
    .await;
    left(true, &[&ended.name]).await;
    let heir = firm
        .decider("Eve", BuyingRole::Champion, Evidence::Stated)
        .await;
    left(false, &[]).await;
    h.update(
        pb::Affiliation {
            start_date: date(2026, 11, 23),
            ..heir
        },
        &["start_date"],
    )
    .await;
    left(true, &[&ended.name]).await;
}

async fn a_champion_is_missed_for_the_scope_and_to_the_last_day(h: Harness) {
    let firm = Firm::new(&h).await;
    let job = firm.employ("Ada", Seniority::Unspecified).await;
    let job = leaves_linz(&h, job).await;
    let missed = async |scope: &str| {
        let question = pb::GetDecisionMakersRequest {
            scope: scope.to_owned(),
            ..firm.question()
        };
        let gap = done(ask(&h, question).await)
            .gaps
            .into_iter()
            .find(|gap| gap.r#type() == Type::ChampionLeft);
        gap.map(|gap| gap.records)
    };
    assert_eq!(
        (missed("").await, missed("linz").await, missed("Graz").await),
        {
            let ada = Some(vec![job.name.clone()]);
            (ada.clone(), ada, None)
        }
    );
    // A claim that was to begin later was none when the affiliation ended.
    let job = firm.employ("Bea", Seniority::Unspecified).await;
    let (scope, start_date) = ("Graz".to_owned(), date(2026, 11, 22));
    let job = h
        .add_role(pb::AddBuyingRoleRequest {
            scope,
            start_date,
            ..claim(&job, BuyingRole::Champion)
        })
        .await;
    h.update(
        pb::Affiliation {
            end_date: start_date,
            ..job
        },
        &["end_date"],
    )
    .await;
    assert_eq!(missed("Graz").await, None);
    // An heir for another scope is no heir for this one.
    let heir = firm.employ("Eve", Seniority::Unspecified).await;
    let scope = "Graz".to_owned();
    h.add_role(pb::AddBuyingRoleRequest {
        scope,
        ..claim(&heir, BuyingRole::Champion)
    })
    .await;
    assert!(missed("Linz").await.is_some() && missed("").await.is_none());
}

async fn leaves_linz(h: &Harness, job: pb::Affiliation) -> pb::Affiliation {
    let (scope, end_date) = ("Linz".to_owned(), date(2026, 11, 22));
    // The claim ends with the affiliation, not before it.
    let job = h
        .add_role(pb::AddBuyingRoleRequest {
            scope,
            end_date,
            ..claim(&job, BuyingRole::Champion)
        })
        .await;
    h.update(pb::Affiliation { end_date, ..job }, &["end_date"])
        .await
}
