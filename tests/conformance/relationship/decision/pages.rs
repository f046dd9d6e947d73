//! Who decides at many customers: the same answers, page by page.

use clientele::clock::{DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, Evidence, Seniority};
use clientele::pb::contact_permission::Status;

use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::{claim, customer, date};
use crate::harness::firm::{Firm, ask, at, names};
use crate::harness::keys::by_name;
use crate::harness::paging::all_pages;

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    pages_hold_the_same_answers,
    a_token_is_bound_to_the_question,
    the_number_of_statements_does_not_grow,
    all_pages_are_of_the_time_of_the_first_but_for_who_may_be_contacted,
    a_page_holds_a_hundred_at_most,
}

fn list(page_size: i32, page_token: &str) -> pb::ListDecisionMakersRequest {
    pb::ListDecisionMakersRequest {
        filter: "lifecycle = ACTIVE".to_owned(),
        order_by: "display_name desc".to_owned(),
        page_size,
        page_token: page_token.to_owned(),
        ..Default::default()
    }
}

async fn pages_hold_the_same_answers(h: Harness) {
    let active = pb::customer::Lifecycle::Active.into();
    let mut expected = seven_firms(&h, active).await;
    Firm::new(&h).await;
    let gone = h
        .create(pb::Customer {
            lifecycle: active,
            ..customer("gone")
        })
        .await;
    h.delete::<pb::Customer>(&gone.name).await;
    let revision = h.revision().await;
    for answer in &mut expected {
        answer.revision = revision;
    }
    let mut relationships = h.relationships.clone();
    let all = whole(relationships.list_decision_makers(list(0, "")).await);
    assert_eq!(
        (&all.message.decision_makers, all.revision),
        (&expected, revision)
    );
    assert_eq!(all.message.next_page_token, "");
    let found = all_pages(async |token| {
        let page = done(
            relationships
                .clone()
                .list_decision_makers(list(3, &token))
                .await,
        );
        assert!(page.decision_makers.len() <= 3);
        (page.decision_makers, page.next_page_token)
    });
    assert_eq!(found.await, expected);
    let nobody = pb::ListDecisionMakersRequest {
        filter: "lifecycle = FORMER".to_owned(),
        ..list(0, "")
    };
    let none = pb::ListDecisionMakersResponse {
        evaluate_time: at(START),
        revision,
        ..Default::default()
    };
    assert_eq!(done(relationships.list_decision_makers(nobody).await), none);
}

/// Returns who decides at each, in the order of the list.
async fn seven_firms(h: &Harness, active: i32) -> Vec<pb::DecisionMakers> {
    let mut expected = Vec::new();
    for i in 0..7 {
        let customer = h
            .create(pb::Customer {
                lifecycle: active,
                ..customer(&format!("firm {i}"))
            })
            .await;
        let firm = Firm {
            h: h.clone(),
            customer,
        };
        for person in 0..i {
            let evidence = if person % 2 == 0 {
                Evidence::Stated
            } else {
                Evidence::Inferred
            };
            firm.decider(
                &format!("person {person}"),
                BuyingRole::DecisionMaker,
                evidence,
            )
            .await;
            firm.employ("staff", Seniority::Staff).await;
        }
        expected.insert(0, firm.ask().await);
    }
    expected
}

async fn a_token_is_bound_to_the_question(h: Harness) {
    for i in 0..2 {
        h.create(customer(&format!("firm {i}"))).await;
    }
    let asked = |page_token: &str| pb::ListDecisionMakersRequest {
        filter: String::new(),
        ..list(1, page_token)
    };
    let mut relationships = h.relationships.clone();
    let token = done(relationships.list_decision_makers(asked("")).await).next_page_token;
    done(
        relationships
            .list_decision_makers(pb::ListDecisionMakersRequest {
                page_size: 7,
                ..asked(&token)
            })
            .await,
    );
    for other in [
        pb::ListDecisionMakersRequest {
            roles: vec![BuyingRole::Champion.into()],
            ..asked(&token)
        },
        pb::ListDecisionMakersRequest {
            scope: "Linz".to_owned(),
            ..asked(&token)
        },
        pb::ListDecisionMakersRequest {
            evaluate_time: at(START),
            ..asked(&token)
        },
        pb::ListDecisionMakersRequest {
            filter: "kind = BUSINESS".to_owned(),
            ..asked(&token)
        },
    ] {
        refused(relationships.list_decision_makers(other).await)
            .names("PAGE_TOKEN_MISMATCH", &["page_token"]);
    }
    refused(relationships.list_decision_makers(asked("x")).await)
        .names("PAGE_TOKEN_INVALID", &["page_token"]);
    let unknown = pb::ListDecisionMakersRequest {
        filter: "no_such = 1".to_owned(),
        ..asked("")
    };
    refused(relationships.list_decision_makers(unknown).await).names("FILTER_INVALID", &["filter"]);
}

async fn the_number_of_statements_does_not_grow(h: Harness) {
    for i in 0..20 {
        let firm = Firm {
            h: h.clone(),
            customer: h.create(customer(&format!("firm {i}"))).await,
        };
        for name in ["Ada", "Bea"] {
            firm.decider(name, BuyingRole::DecisionMaker, Evidence::Stated)
                .await;
        }
    }
    let reads = async || h.db().statistics().await.unwrap().reads;
    let firm = h.names::<pb::Customer>("").await.remove(0);
    let before = reads().await;
    done(
        ask(
            &h,
            pb::GetDecisionMakersRequest {
                customer: by_name(&firm),
                ..Default::default()
            },
        )
        .await,
    );
    assert_eq!(reads().await - before, 2);
    let before = reads().await;
    let page = done(
        h.relationships
            .clone()
            .list_decision_makers(pb::ListDecisionMakersRequest::default())
            .await,
    );
    assert_eq!(
        (page.decision_makers.len(), reads().await - before),
        (20, 2)
    );
    assert!(page.decision_makers.iter().all(|of| of.people.len() == 2));
}

async fn all_pages_are_of_the_time_of_the_first_but_for_who_may_be_contacted(h: Harness) {
    two_firms_that_decide_until_today(&h).await;
    let asked = |page_token: &str| pb::ListDecisionMakersRequest {
        filter: "last_conversation.start_time >= ago(\"90d\")".to_owned(),
        order_by: "display_name".to_owned(),
        ..list(1, page_token)
    };
    let mut relationships = h.relationships.clone();
    let first = done(relationships.list_decision_makers(asked("")).await);
    h.advance(2 * DAY);
    let second = done(
        relationships
            .list_decision_makers(asked(&first.next_page_token))
            .await,
    );
    assert_eq!(
        (first.evaluate_time, second.evaluate_time),
        (at(START), at(START))
    );
    let (first, second) = (&first.decision_makers[0], &second.decision_makers[0]);
    assert_eq!(
        (names(&first.people), names(&second.people)),
        (vec!["Mara"], vec!["Mara"])
    );
    assert_eq!(
        (first.evaluate_time, second.evaluate_time),
        (at(START), at(START))
    );
    assert_eq!(
        (&second.customer_display_name, &second.gaps.len()),
        (&"firm 1".to_owned(), &first.gaps.len())
    );
    // A refusal that has expired by now is none.
    assert_eq!(
        (
            first.people[0].do_not_contact,
            second.people[0].do_not_contact
        ),
        (true, false)
    );
}

async fn two_firms_that_decide_until_today(h: &Harness) {
    for name in ["firm 0", "firm 1"] {
        let firm = Firm {
            h: h.clone(),
            customer: h.create(customer(name)).await,
        };
        let job = firm.employ("Mara", Seniority::Unspecified).await;
        let today = pb::AddBuyingRoleRequest {
            end_date: date(2026, 11, 23),
            ..claim(&job, BuyingRole::DecisionMaker)
        };
        h.add_role(today).await;
        firm.talk(&job, START - 89 * DAY).await;
        let status = Status::Refused.into();
        let refusal = pb::ContactPermission {
            status,
            expire_time: at(START + DAY),
            ..Default::default()
        };
        let mara = pb::Contact {
            contact_permissions: vec![refusal],
            ..h.get(&job.contact).await
        };
        h.update(mara, &["contact_permissions"]).await;
    }
}

async fn a_page_holds_a_hundred_at_most(h: Harness) {
    for i in 0..101 {
        h.create(customer(&format!("firm {i}"))).await;
    }
    let asked = |page_token: &str| pb::ListDecisionMakersRequest {
        filter: String::new(),
        ..list(1000, page_token)
    };
    let mut relationships = h.relationships.clone();
    let first = done(relationships.list_decision_makers(asked("")).await);
    assert_eq!(first.decision_makers.len(), 100);
    let rest = done(
        relationships
            .list_decision_makers(asked(&first.next_page_token))
            .await,
    );
    assert_eq!(
        (rest.decision_makers.len(), rest.next_page_token.as_str()),
        (1, "")
    );
}
