//! Details of the lines of a briefing, and what they leave out.

use super::*;

conformance! {
    at NOW;
    jobs_that_run_come_first_and_those_that_are_deleted_never,
    a_person_is_told_of_what_is_open_and_highlighted,
    who_decides_is_told_with_what_to_heed,
    everybody_is_called_by_name,
    a_follow_up_is_due_until_it_was,
    two_hundred_lines_are_the_most,
}

async fn jobs_that_run_come_first_and_those_that_are_deleted_never(h: Harness) {
    let (_, mara, running) = h.employed().await;
    let (old, gone) = (
        h.create(customer("Cuprum")).await,
        h.create(customer("Gone")).await,
    );
    let ended = h
        .create(pb::Affiliation {
            primary: true,
            ..affiliation(&mara, &old)
        })
        .await;
    let ended = h.add_role(claim(&ended, BuyingRole::Champion)).await;
    let ended = h
        .update(
            pb::Affiliation {
                end_date: date(2025, 12, 1),
                ..ended
            },
            &["end_date"],
        )
        .await;
    let deleted = h.create(affiliation(&mara, &gone)).await;
    h.delete::<pb::Affiliation>(&deleted.name).await;
    let expected = [
        (Kind::Role, "Ferrum AG".to_owned(), running.name),
        // What somebody was for us there, is no more.
        (
            Kind::Role,
            "Cuprum; until 2025-12-01".to_owned(),
            ended.name,
        ),
    ];
    assert_eq!(lines(&h, with(&mara), Part::DecisionMakers).await, expected);
}

async fn a_person_is_told_of_what_is_open_and_highlighted(h: Harness) {
    let (firm, mara, _) = h.employed().await;
    let hers = |promise: pb::Promise| pb::Promise {
        contacts: vec![mara.name.clone()],
        ..promise
    };
    let later = h.create(hers(due(&firm, "later", 3))).await;
    let sooner = h.create(hers(due(&firm, "sooner", 2))).await;
    h.create(pb::Promise {
        complete_time: Some(clock::timestamp(NOW)),
        ..hers(due(&firm, "kept", 1))
    })
    .await;
    h.create(note(&mara.name, "not highlighted")).await;
    let of = async |part| {
        lines(&h, with(&mara), part)
            .await
            .into_iter()
            .map(|line| line.2)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Part::Promises).await, [sooner.name, later.name]);
    assert!(of(Part::Notes).await.is_empty());
}

async fn who_decides_is_told_with_what_to_heed(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let silent = pb::Contact {
        contact_permissions: vec![refusal(Channel::Unspecified, "")],
        ..contact("Mara Lind")
    };
    let (mara, jo) = (h.create(silent).await, h.create(contact("Jo Stern")).await);
    let job = h.create(affiliation(&mara, &firm)).await;
    let other = h.create(affiliation(&jo, &firm)).await;
    h.create(pb::Conversation {
        contacts: vec![jo.name.clone()],
        ..talk(&firm, -1, "x")
    })
    .await;
    let might = lines(&h, at(&firm), Part::DecisionMakers).await;
    let candidates: Vec<&str> = might
        .iter()
        .filter(|line| line.0 == Kind::Candidate)
        .map(|line| line.2.as_str())
        .collect();
    assert_eq!(candidates, [&*other.name, &*job.name]);
    h.add_role(claim(&job, BuyingRole::DecisionMaker)).await;
    // Once somebody decides, nobody else might; a gap cites what it is about.
    let expected = [
        (
            Kind::Role,
            "Mara Lind: decision maker (stated); do not contact".to_owned(),
            job.name,
        ),
        (
            Kind::Gap,
            "who decides was not verified within 180 days".to_owned(),
            firm.name.clone(),
        ),
        (
            Kind::Gap,
            "no talk with who decides within 90 days".to_owned(),
            firm.name.clone(),
        ),
        (
            Kind::Gap,
            "within 90 days we talked with Jo Stern alone".to_owned(),
            jo.name,
        ),
    ];
    assert_eq!(lines(&h, at(&firm), Part::DecisionMakers).await, expected);
}

async fn everybody_is_called_by_name(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let mut people = Vec::new();
    for name in ["Ada", "Bea"] {
        people.push(vec![h.create(contact(name)).await.name]);
    }
    let us = [("mia", "Mia Berg"), ("jo", "Jo Stern"), ("ike", "Ike Holm")];
    for (id, name) in us {
        h.create_as(id, colleague(name)).await;
    }
    let ours = |id: &str| texts(&[&format!("colleagues/{id}")]);
    let (next, missed) = (planned(&firm, 6, "Visit"), planned(&firm, -2, "Call back"));
    h.create(pb::Conversation {
        contacts: people[0].clone(),
        colleagues: ours("mia"),
        ..next
    })
    .await;
    h.create(pb::Conversation {
        contacts: people[1].clone(),
        colleagues: ours("jo"),
        ..missed
    })
    .await;
    let ike = h.acting("colleagues/ike");
    ike.create(pb::Note {
        highlighted: true,
        ..note(&firm.name, "Climbs.")
    })
    .await;
    assert_eq!(
        texts_of(&lines(&h, at(&firm), Part::NextConversation).await),
        [
            "2026-01-07 00:00, with Ada; ours: Mia Berg: Visit",
            "was planned, not confirmed: 2025-12-30 00:00, with Bea; ours: Jo Stern: Call back",
        ]
    );
    assert_eq!(
        texts_of(&lines(&h, at(&firm), Part::Notes).await),
        ["Climbs. (by Ike Holm, 2026-01-01 00:00)"]
    );
}

async fn a_follow_up_is_due_until_it_was(h: Harness) {
    let follow_up_interval = Some(clock::duration(10 * DAY));
    let firm = h
        .create(pb::Customer {
            follow_up_interval,
            ..customer("Ferrum AG")
        })
        .await;
    let told = async || lines(&h, at(&firm), Part::Identity).await[1].1.clone();
    assert_eq!(told().await, "follow-up due 2026-01-11");
    h.advance(10 * DAY);
    assert_eq!(told().await, "follow-up due 2026-01-11");
    h.advance(1);
    assert_eq!(told().await, "follow-up was due 2026-01-11");
}

async fn two_hundred_lines_are_the_most(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    for i in 0..100 {
        h.create(due(&firm, "x", i)).await;
        h.create(pb::Note {
            highlighted: true,
            ..note(&firm.name, "x")
        })
        .await;
    }
    let briefing = done(
        ask(
            &h,
            pb::GetBriefingRequest {
                limit: 1000,
                ..at(&firm)
            },
        )
        .await,
    );
    let shown: usize = briefing
        .sections
        .iter()
        .map(|section| section.items.len())
        .sum();
    let left_out: i32 = briefing
        .sections
        .iter()
        .map(|section| section.left_out_count)
        .sum();
    assert_eq!((shown, left_out), (200, 4));
}
