//! Who decides: which claims count, in which order people come, what is told of them.

mod order; // in which order people come

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, Evidence, Seniority};
use clientele::pb::contact_permission::Status;
use clientele::pb::conversation::Channel;
use clientele::pb::customer::Kind;
use clientele::pb::decision_makers::Gap;
use clientele::pb::decision_makers::gap::Type;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused, whole};
use crate::harness::builders::{affiliation, claim, contact, customer, date, email, phone, texts};
use crate::harness::firm::{Firm, ask, at, names};
use crate::harness::keys::{by_domain, by_email, by_name};
use crate::harness::records::{Private, conversation};

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    deciders_come_with_what_one_needs,
    only_what_is_in_force_counts,
    roles_evidence_and_scope_are_as_asked,
    an_individual_decides_for_itself,
    permissions_are_told_as_they_are_now,
    private_talks_are_no_talks,
    deleted_unknown_and_ambiguous_customers_are_refused,
    malformed_questions_are_refused,
}

async fn deciders_come_with_what_one_needs(h: Harness) {
    let firm = Firm::new(&h).await;
    let person = pb::Contact {
        emails: vec![email("mara@ferrum.example")],
        phone_numbers: vec![phone("+43 1 2345678")],
        preferred_channels: vec![Channel::Phone.into()],
        language_code: "de-AT".to_owned(),
        time_zone: "Europe/Vienna".to_owned(),
        ..contact("Mara Lind")
    };
    let person = h.create(person).await;
    let job = pb::Affiliation {
        job_title: "CFO".to_owned(),
        department: "Finance".to_owned(),
        seniority: Seniority::Executive.into(),
        primary: true,
        ..affiliation(&person, &firm.customer)
    };
    let job = h.create(job).await;
    h.add_role(claim(&job, BuyingRole::Champion)).await;
    let confirmed = pb::AddBuyingRoleRequest {
        evidence: Evidence::Confirmed.into(),
        ..claim(&job, BuyingRole::BudgetHolder)
    };
    let job = h.add_role(confirmed).await;
    firm.talk(&job, START - DAY).await;
    let person = h.get::<pb::Contact>(&person.name).await;
    let position = pb::Position {
        affiliation: job.name.clone(),
        job_title: job.job_title.clone(),
        department: job.department.clone(),
        seniority: job.seniority,
        primary: true,
        buying_roles: vec![job.buying_roles[1].clone()],
        other_buying_roles: vec![job.buying_roles[0].clone()],
        customer: firm.customer.name.clone(),
        customer_display_name: "Ferrum AG".to_owned(),
        deciding_roles: vec![job.buying_roles[1].role],
    };
    let single = Gap {
        r#type: Type::SingleThreaded.into(),
        window: Some(clock::duration(90 * DAY)),
        records: vec![job.contact.clone()],
        latest_time: None,
    };
    let expected = pb::DecisionMakers {
        customer: firm.customer.name.clone(),
        customer_display_name: "Ferrum AG".to_owned(),
        people: vec![told(person, position)],
        gaps: vec![single],
        evaluate_time: at(START),
        revision: h.revision().await,
        ..Default::default()
    };
    let answer = whole(ask(&h, firm.question()).await);
    assert_eq!(
        (answer.revision, &answer.message),
        (expected.revision, &expected)
    );
}

/// What is told of a contact who was confirmed at the start and never decided about being contacted.
fn told(person: pb::Contact, position: pb::Position) -> pb::KeyPerson {
    pb::KeyPerson {
        contact: person.name,
        display_name: person.display_name,
        emails: person.emails,
        phone_numbers: person.phone_numbers,
        preferred_channels: person.preferred_channels.clone(),
        language_code: person.language_code,
        time_zone: person.time_zone,
        positions: vec![position],
        evidence: Evidence::Confirmed.into(),
        verify_time: at(START),
        last_conversation: person.last_conversation,
        ..Default::default()
    }
}

async fn only_what_is_in_force_counts(h: Harness) {
    let firm = Firm::new(&h).await;
    // The affiliation's dates, the claim's dates, and on which of four days the person decides.
    let dates = [
        (None, None, None, None, "1234"),
        (date(2026, 11, 2), date(2026, 11, 4), None, None, "23"),
        (None, None, date(2026, 11, 2), date(2026, 11, 4), "23"),
        (date(2026, 11, 2), None, None, date(2026, 11, 3), "2"),
        (None, date(2026, 11, 3), date(2026, 11, 3), None, ""),
    ];
    let mut expected = Vec::new();
    for (i, (start_date, end_date, claim_start, claim_end, days)) in dates.into_iter().enumerate() {
        let person = h.create(contact(&format!("person {i}"))).await;
        let job = pb::Affiliation {
            start_date,
            end_date,
            ..affiliation(&person, &firm.customer)
        };
        let job = h.create(job).await;
        let role = claim(&job, BuyingRole::DecisionMaker);
        h.add_role(pb::AddBuyingRoleRequest {
            start_date: claim_start,
            end_date: claim_end,
            ..role
        })
        .await;
        expected.push((person.display_name, days));
    }
    // 2026-11-01, the first of four days.
    let first = START - 10 * 3600 * SECOND - 21 * DAY;
    for (day, number) in (0..4).zip(["1", "2", "3", "4"]) {
        for evaluate_time in [first + day * DAY, first + (day + 1) * DAY - 1] {
            let question = pb::GetDecisionMakersRequest {
                evaluate_time: at(evaluate_time),
                ..firm.question()
            };
            let answer = done(ask(&h, question).await);
            let deciding = expected.iter().filter(|(_, days)| days.contains(number));
            assert_eq!(
                names(&answer.people),
                deciding.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
            );
            assert_eq!(answer.evaluate_time, at(evaluate_time));
        }
    }
    deleted_affiliations_count_for_nobody(&h, &firm, first).await;
}

async fn deleted_affiliations_count_for_nobody(h: &Harness, firm: &Firm, first: Micros) {
    // A deleted affiliation never counts, whatever its dates.
    let jobs = h
        .names::<pb::Affiliation>(&format!("customer = \"{}\"", firm.customer.name))
        .await;
    for job in jobs {
        h.delete::<pb::Affiliation>(&job).await;
    }
    let answer = done(
        ask(
            h,
            pb::GetDecisionMakersRequest {
                evaluate_time: at(first),
                ..firm.question()
            },
        )
        .await,
    );
    assert_eq!((answer.people.len(), answer.candidates.len()), (0, 0));
}

async fn roles_evidence_and_scope_are_as_asked(h: Harness) {
    let firm = Firm::new(&h).await;
    four_people(&h, &firm).await;
    let question = || firm.question();
    let people = async |question| {
        let answer = done(ask(&h, question).await);
        answer
            .people
            .into_iter()
            .map(|person| person.display_name)
            .collect::<Vec<_>>()
    };
    assert_eq!(people(question()).await, ["Graz", "Linz", "Ada"]);
    assert_eq!(
        h.get::<pb::Customer>(&firm.customer.name)
            .await
            .decision_maker_count,
        3
    );
    let champions = vec![BuyingRole::Champion.into()];
    assert_eq!(
        people(pb::GetDecisionMakersRequest {
            roles: champions,
            ..question()
        })
        .await,
        ["Bea"]
    );
    let stated = Evidence::Stated.into();
    assert_eq!(
        people(pb::GetDecisionMakersRequest {
            min_evidence: stated,
            ..question()
        })
        .await,
        ["Graz", "Linz"]
    );
    let scope = " PLANT linz ".to_owned();
    assert_eq!(
        people(pb::GetDecisionMakersRequest {
            scope,
            ..question()
        })
        .await,
        ["Linz", "Ada"]
    );
    let scope = "plant".to_owned();
    assert_eq!(
        people(pb::GetDecisionMakersRequest {
            scope,
            ..question()
        })
        .await,
        ["Ada"]
    );
}

/// Two who are known by their evidence, and two whose roles have a scope.
async fn four_people(h: &Harness, firm: &Firm) {
    firm.decider("Ada", BuyingRole::DecisionMaker, Evidence::Inferred)
        .await;
    firm.decider("Bea", BuyingRole::Champion, Evidence::Confirmed)
        .await;
    let linz = firm.employ("Linz", Seniority::Unspecified).await;
    let scoped = |job: &pb::Affiliation, scope: &str| pb::AddBuyingRoleRequest {
        scope: scope.to_owned(),
        ..claim(job, BuyingRole::BudgetHolder)
    };
    h.add_role(scoped(&linz, "\u{ff30}lant Linz")).await;
    let graz = firm.employ("Graz", Seniority::Unspecified).await;
    h.add_role(scoped(&graz, "plant Graz")).await;
}

async fn an_individual_decides_for_itself(h: Harness) {
    let firm = Firm {
        h: h.clone(),
        customer: h.create(individual()).await,
    };
    firm.decider("spouse", BuyingRole::DecisionMaker, Evidence::Confirmed)
        .await;
    let answer = done(
        ask(
            &h,
            pb::GetDecisionMakersRequest {
                customer: by_email("jo@lind.example"),
                ..Default::default()
            },
        )
        .await,
    );
    assert_eq!(names(&answer.people), ["Jo Lind", "spouse"]);
    let itself = &answer.people[0];
    assert_eq!(
        (&itself.customer, itself.contact.as_str()),
        (&firm.customer.name, "")
    );
    assert_eq!(
        (&itself.emails, &itself.phone_numbers),
        (&firm.customer.emails, &firm.customer.phone_numbers)
    );
    assert_eq!(
        itself.preferred_channels().collect::<Vec<_>>(),
        [Channel::Chat, Channel::Phone]
    );
    assert_eq!(firm.gaps().await, [Type::NoRecentConversation]);
    let talk = pb::Conversation {
        start_time: at(START),
        ..conversation(&firm.customer, 0)
    };
    let talk = h.create(talk).await;
    let answer = firm.ask().await;
    assert_eq!(answer.gaps, []);
    assert_eq!(
        answer.people[0]
            .last_conversation
            .as_ref()
            .map(|last| &last.conversation),
        Some(&talk.name)
    );
    // Asked for champions alone, it has nothing to say of itself.
    let champions = pb::GetDecisionMakersRequest {
        roles: vec![BuyingRole::Champion.into()],
        ..firm.question()
    };
    let answer = done(ask(&h, champions).await);
    assert_eq!(
        (names(&answer.people).len(), names(&answer.candidates)),
        (0, vec!["spouse"])
    );
}

fn individual() -> pb::Customer {
    pb::Customer {
        kind: Kind::Individual.into(),
        emails: vec![email("jo@lind.example")],
        phone_numbers: vec![phone("+43 1 2345678")],
        engagement: Some(pb::customer::Engagement {
            preferred_channels: vec![Channel::Chat.into(), Channel::Phone.into()],
            ..Default::default()
        }),
        ..customer("Jo Lind")
    }
}

async fn permissions_are_told_as_they_are_now(h: Harness) {
    let expired = pb::ContactPermission {
        expire_time: at(START),
        ..permission(Channel::Phone, Status::Refused)
    };
    let newsletter = pb::ContactPermission {
        purpose: "newsletter".to_owned(),
        ..permission(Channel::Mail, Status::Refused)
    };
    let firm = Firm::new(&h).await;
    let job = firm
        .decider("Mara", BuyingRole::DecisionMaker, Evidence::Stated)
        .await;
    let contact_permissions = vec![
        permission(Channel::Email, Status::Allowed),
        permission(Channel::Email, Status::Refused),
        permission(Channel::Phone, Status::Allowed),
        expired,
        newsletter.clone(),
    ];
    let person = pb::Contact {
        contact_permissions,
        ..h.get(&job.contact).await
    };
    let person = h.update(person, &["contact_permissions"]).await;
    let mara = firm.ask().await.people.remove(0);
    assert_eq!(mara.refused_channels, [i32::from(Channel::Email)]);
    assert_eq!(mara.allowed_channels, [i32::from(Channel::Phone)]);
    assert!(!mara.do_not_contact);
    let in_force: Vec<_> = [0, 1, 2, 4]
        .map(|i| person.contact_permissions[i].clone())
        .into();
    assert_eq!(mara.contact_permissions, in_force);
    what_the_firm_refuses_holds_for_its_people(&h, &firm).await;
}

fn permission(channel: Channel, status: Status) -> pb::ContactPermission {
    pb::ContactPermission {
        channel: channel.into(),
        status: status.into(),
        ..Default::default()
    }
}

async fn what_the_firm_refuses_holds_for_its_people(h: &Harness, firm: &Firm) {
    // What the firm as a whole refuses holds for its people; what it allows does not.
    let contact_permissions = vec![
        permission(Channel::Phone, Status::Refused),
        permission(Channel::Sms, Status::Allowed),
    ];
    h.update(
        pb::Customer {
            contact_permissions,
            ..h.get(&firm.customer.name).await
        },
        &["contact_permissions"],
    )
    .await;
    let mara = firm.ask().await.people.remove(0);
    assert_eq!(
        mara.refused_channels,
        [i32::from(Channel::Phone), i32::from(Channel::Email)]
    );
    assert!(mara.allowed_channels.is_empty());
    let contact_permissions = vec![permission(Channel::Unspecified, Status::Refused)];
    h.update(
        pb::Customer {
            contact_permissions,
            ..h.get(&firm.customer.name).await
        },
        &["contact_permissions"],
    )
    .await;
    let mara = firm.ask().await.people.remove(0);
    assert!(mara.do_not_contact);
    assert_eq!(mara.refused_channels, (1..=13).collect::<Vec<i32>>());
}

async fn private_talks_are_no_talks(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let firm = Firm::new(&h).await;
    let job = firm
        .decider("Mara", BuyingRole::DecisionMaker, Evidence::Stated)
        .await;
    let before = firm.ask().await;
    let talk = conversation(&firm.customer, 1_795_341_600);
    mia.create(
        pb::Conversation {
            contacts: vec![job.contact],
            ..talk
        }
        .private(),
    )
    .await;
    let before = pb::DecisionMakers {
        revision: h.revision().await,
        ..before
    };
    for caller in [&h, &mia, &jo] {
        assert_eq!(done(ask(caller, firm.question()).await), before);
    }
}

async fn deleted_unknown_and_ambiguous_customers_are_refused(h: Harness) {
    let of = |key| pb::GetDecisionMakersRequest {
        customer: key,
        ..Default::default()
    };
    refused(ask(&h, of(by_domain("ferrum.example"))).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
    let mut firms = Vec::new();
    for _ in 0..2 {
        let domains = texts(&["ferrum.example"]);
        let business = Some(pb::customer::Business {
            domains,
            ..Default::default()
        });
        firms.push(
            h.create(pb::Customer {
                business,
                ..customer("Ferrum AG")
            })
            .await
            .name,
        );
    }
    refused(ask(&h, of(by_domain("ferrum.example"))).await).lists_candidates(&firms, 2);
    h.delete::<pb::Customer>(&firms[0]).await;
    let refusal = refused(ask(&h, of(by_name(&firms[0]))).await);
    refusal
        .is(Code::FailedPrecondition, "RESOURCE_DELETED")
        .about(&firms[0]);
    assert_eq!(
        done(ask(&h, of(by_domain("ferrum.example"))).await).customer,
        firms[1]
    );
}

async fn malformed_questions_are_refused(h: Harness) {
    let question = pb::GetDecisionMakersRequest {
        customer: by_name("nobody"),
        roles: vec![99, 0],
        min_evidence: 9,
        scope: "x".repeat(201),
        evaluate_time: Some(prost_types::Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        }),
        verified_within: Some(clock::duration(0)),
        talked_within: Some(clock::duration(36_501 * DAY)),
    };
    let fields = [
        "roles[0]",
        "roles[1]",
        "min_evidence",
        "scope",
        "evaluate_time",
        "verified_within",
        "talked_within",
    ];
    let with_key = [&["customer.name"], &fields[..]].concat();
    refused(ask(&h, question).await).names("FIELD_INVALID", &with_key);
    let twice = vec![BuyingRole::Champion.into(); 2];
    let question = pb::ListDecisionMakersRequest {
        roles: twice,
        page_size: -1,
        ..Default::default()
    };
    refused(h.relationships.clone().list_decision_makers(question).await)
        .names("FIELD_INVALID", &["page_size", "roles"]);
}
