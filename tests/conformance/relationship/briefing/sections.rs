//! What stands in each section.

use super::*;

conformance! {
    at NOW;
    a_customer_without_anything_has_every_section,
    refusals_come_first_and_expire,
    who_they_are_and_who_decides,
    the_last_and_the_next_talk,
    overdue_promises_come_first,
    a_person_is_told_of_wherever_they_work,
}

async fn a_customer_without_anything_has_every_section(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let briefing = done(ask(&h, at(&firm)).await);
    assert_eq!(
        (
            briefing.record.as_str(),
            briefing.record_display_name.as_str()
        ),
        (firm.name.as_str(), "Ferrum AG")
    );
    assert_eq!(briefing.evaluate_time, Some(clock::timestamp(NOW)));
    let parts: Vec<(Part, usize, Absence)> = briefing
        .sections
        .iter()
        .map(|section| (section.part(), section.items.len(), section.absence()))
        .collect();
    assert_eq!(
        parts,
        [
            (Part::DoNotContact, 0, Absence::Nothing),
            (Part::Identity, 1, Absence::Unspecified),
            // Nobody decides, and nobody was talked with.
            (Part::DecisionMakers, 3, Absence::Unspecified),
            (Part::LastConversation, 0, Absence::Nothing),
            (Part::NextConversation, 0, Absence::Nothing),
            (Part::Promises, 0, Absence::Nothing),
            (Part::Notes, 0, Absence::Nothing),
            (Part::PersonasAndSegments, 0, Absence::Nothing),
            (Part::Changes, 0, Absence::NoActor),
        ]
    );
    assert_eq!(briefing.changes_start_time, None);
}

async fn refusals_come_first_and_expire(h: Harness) {
    let (firm, mara, left) = three_that_refuse(&h).await;
    let expected = [
        (
            Kind::Refusal,
            "Ferrum AG as a whole refuses every contact".to_owned(),
            firm.name.clone(),
        ),
        (
            Kind::Refusal,
            "Mara Lind refuses contact by phone until 2026-01-03".to_owned(),
            mara.name.clone(),
        ),
        (
            Kind::Refusal,
            "Mara Lind refuses contact by email for newsletter".to_owned(),
            mara.name.clone(),
        ),
    ];
    assert_eq!(
        lines(&h, at(&firm), Part::DoNotContact).await,
        expected.clone()
    );
    // What a customer as a whole refuses holds for its people, but not for those who have left.
    let [of_firm, by_phone, for_newsletter] = expected;
    assert_eq!(
        lines(&h, with(&mara), Part::DoNotContact).await,
        [by_phone, for_newsletter, of_firm]
    );
    let own = (
        Kind::Refusal,
        "Left refuses contact by phone".to_owned(),
        left.name.clone(),
    );
    assert_eq!(lines(&h, with(&left), Part::DoNotContact).await, [own]);
    let first = done(ask(&h, at(&firm)).await).sections.remove(0);
    assert_eq!(first.part(), Part::DoNotContact);
    h.advance(2 * DAY);
    assert_eq!(lines(&h, at(&firm), Part::DoNotContact).await.len(), 2);
}

/// A firm that refuses everything, a person there who refuses some of it, and one who has left.
async fn three_that_refuse(h: &Harness) -> (pb::Customer, pb::Contact, pb::Contact) {
    let firm = pb::Customer {
        contact_permissions: vec![refusal(Channel::Unspecified, "")],
        ..customer("Ferrum AG")
    };
    let firm = h.create(firm).await;
    let until = Some(clock::timestamp(NOW + 2 * DAY));
    let phone = pb::ContactPermission {
        expire_time: until,
        ..refusal(Channel::Phone, "")
    };
    let allowed = pb::ContactPermission {
        status: Status::Allowed.into(),
        ..refusal(Channel::Email, "")
    };
    let permissions = vec![allowed, phone, refusal(Channel::Email, "newsletter")];
    let mara = h
        .create(pb::Contact {
            contact_permissions: permissions,
            ..contact("Mara Lind")
        })
        .await;
    let left = pb::Contact {
        contact_permissions: vec![refusal(Channel::Phone, "")],
        ..contact("Left")
    };
    let left = h.create(left).await;
    h.create(affiliation(&mara, &firm)).await;
    h.create(pb::Affiliation {
        end_date: date(2020, 1, 1),
        ..affiliation(&left, &firm)
    })
    .await;
    (firm, mara, left)
}

async fn who_they_are_and_who_decides(h: Harness) {
    let mia = h.create_as("mia", colleague("Mia Berg")).await;
    let business = pb::customer::Business {
        legal_name: "Ferrum Aktiengesellschaft".to_owned(),
        industry: "steel".to_owned(),
        employee_count: Some(300),
        ..Default::default()
    };
    let firm = pb::Customer {
        business: Some(business),
        kind: pb::customer::Kind::Business.into(),
        lifecycle: pb::customer::Lifecycle::Active.into(),
        needs: texts(&["shorter lead times", "one invoice a month"]),
        owner: mia.name,
        ..customer("Ferrum AG")
    };
    let firm = h.create(firm).await;
    let identity = lines(&h, at(&firm), Part::Identity).await;
    assert_eq!(
        texts_of(&identity),
        [
            "Ferrum AG; Ferrum Aktiengesellschaft; active business; steel; 300 employees",
            "ours: Mia Berg",
            "needs: shorter lead times; one invoice a month",
        ]
    );
    the_best_evidence_comes_first(&h, &firm).await;
}

async fn the_best_evidence_comes_first(h: &Harness, firm: &pb::Customer) {
    let people = [
        ("Mara Lind", Evidence::Stated),
        ("Jonas Brandt", Evidence::Confirmed),
    ];
    let mut jobs = Vec::new();
    for (name, evidence) in people {
        let person = h
            .create(pb::Contact {
                emails: vec![email("x@ferrum.example")],
                ..contact(name)
            })
            .await;
        let job = pb::Affiliation {
            job_title: "Head of Purchasing".to_owned(),
            ..affiliation(&person, firm)
        };
        let job = h.create(job).await;
        let role = pb::AddBuyingRoleRequest {
            evidence: evidence.into(),
            ..claim(&job, BuyingRole::DecisionMaker)
        };
        h.add_role(role).await;
        jobs.push(job.name);
    }
    let deciders = lines(h, at(firm), Part::DecisionMakers).await;
    let (confirmed, stated) = (
        "Jonas Brandt, Head of Purchasing: decision maker (confirmed 2026-01-01); x@ferrum.example",
        "Mara Lind, Head of Purchasing: decision maker (stated); x@ferrum.example",
    );
    assert_eq!(
        deciders[0],
        (Kind::Role, confirmed.to_owned(), jobs[1].clone())
    );
    assert_eq!(
        deciders[1],
        (Kind::Role, stated.to_owned(), jobs[0].clone())
    );
    assert_eq!(
        texts_of(&deciders)[2..],
        [
            "no talk with who decides within 90 days",
            "within 90 days we talked with nobody who works there"
        ]
    );
    let strict = pb::GetBriefingRequest {
        talked_within: Some(clock::duration(7 * DAY)),
        ..at(firm)
    };
    assert_eq!(
        texts_of(&lines(h, strict, Part::DecisionMakers).await)[2],
        "no talk with who decides within 7 days"
    );
}

async fn the_last_and_the_next_talk(h: Harness) {
    let (firm, mara, _) = h.employed().await;
    let mia = h.create_as("mia", colleague("Mia Berg")).await;
    let held = pb::Conversation {
        contacts: vec![mara.name.clone()],
        colleagues: vec![mia.name],
        channel: Channel::Video.into(),
        summary: "They want\na second offer.".to_owned(),
        ..talk(&firm, -9, "Offer 7")
    };
    let held = h.create(held).await;
    h.create(talk(&firm, -20, "Older")).await;
    let (next, later) = (
        h.create(planned(&firm, 6, "Visit")).await,
        planned(&firm, 9, "Later"),
    );
    h.create(later).await;
    let missed = h.create(planned(&firm, -2, "Call back")).await;
    let last = lines(&h, at(&firm), Part::LastConversation).await;
    let text = "2025-12-23 00:00, video, with Mara Lind; ours: Mia Berg: Offer 7. They want a second offer.";
    assert_eq!(last, [(Kind::Held, text.to_owned(), held.name.clone())]);
    assert_eq!(
        lines(&h, at(&firm), Part::NextConversation).await,
        [
            (
                Kind::Planned,
                "2026-01-07 00:00: Visit".to_owned(),
                next.name
            ),
            (
                Kind::Unconfirmed,
                "was planned, not confirmed: 2025-12-30 00:00: Call back".to_owned(),
                missed.name
            ),
        ]
    );
    let item = section(&h, at(&firm), Part::LastConversation)
        .await
        .items
        .remove(0);
    assert_eq!(item.event_time, held.start_time);
}

async fn overdue_promises_come_first(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let mia = h.create_as("mia", colleague("Mia Berg")).await;
    h.create(promise(&firm, "no day")).await;
    h.create(due(&firm, "later", 3)).await;
    let theirs = h
        .create(pb::Promise {
            side: Side::Customer.into(),
            ..due(&firm, "the drawings", -5)
        })
        .await;
    h.create(pb::Promise {
        owner: mia.name,
        ..due(&firm, "the samples", -1)
    })
    .await;
    h.create(pb::Promise {
        complete_time: Some(clock::timestamp(NOW)),
        ..due(&firm, "kept", -7)
    })
    .await;
    let open = lines(&h, at(&firm), Part::Promises).await;
    assert_eq!(
        texts_of(&open),
        [
            "they owe us: the drawings; was due 2025-12-27 00:00",
            "we owe them: the samples; was due 2025-12-31 00:00; ours: Mia Berg",
            "we owe them: later; due 2026-01-04 00:00",
            "we owe them: no day",
        ]
    );
    let kinds: Vec<Kind> = open.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(
        kinds,
        [Kind::Overdue, Kind::Overdue, Kind::Open, Kind::Open]
    );
    assert_eq!(open[0].2, theirs.name);
    h.advance(4 * DAY);
    let kinds: Vec<Kind> = lines(&h, at(&firm), Part::Promises)
        .await
        .iter()
        .map(|(kind, ..)| *kind)
        .collect();
    assert_eq!(
        kinds,
        [Kind::Overdue, Kind::Overdue, Kind::Overdue, Kind::Open]
    );
}

async fn a_person_is_told_of_wherever_they_work(h: Harness) {
    let (firm, mara, job) = h.employed().await;
    let other = h.create(customer("Cuprum")).await;
    let second = pb::Affiliation {
        job_title: "Adviser".to_owned(),
        primary: true,
        ..affiliation(&mara, &other)
    };
    let second = h.create(second).await;
    h.add_role(claim(&job, BuyingRole::Champion)).await;
    let (held, next, about) = talks_promises_and_notes(&h, &mara, &firm, &other).await;
    let briefing = done(ask(&h, with(&mara)).await);
    assert_eq!(
        (
            briefing.record.as_str(),
            briefing.record_display_name.as_str()
        ),
        (mara.name.as_str(), "Mara Lind")
    );
    let jobs = lines(&h, with(&mara), Part::DecisionMakers).await;
    assert_eq!(
        jobs,
        [
            (Kind::Role, "Cuprum: Adviser".to_owned(), second.name),
            (
                Kind::Role,
                "Ferrum AG; champion (stated)".to_owned(),
                job.name
            ),
        ]
    );
    let of = async |part| {
        lines(&h, with(&mara), part)
            .await
            .into_iter()
            .map(|line| line.2)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Part::LastConversation).await, [held.name]);
    assert_eq!(of(Part::NextConversation).await, [next.name]);
    assert_eq!(
        texts_of(&lines(&h, with(&mara), Part::Promises).await),
        ["we owe them: the book; was due 2025-12-31 00:00"]
    );
    assert_eq!(of(Part::Notes).await, [about.name]);
}

/// Returns the talks that were and will be with the person, and the note about them, among others.
async fn talks_promises_and_notes(
    h: &Harness,
    mara: &pb::Contact,
    firm: &pb::Customer,
    other: &pb::Customer,
) -> (pb::Conversation, pb::Conversation, pb::Note) {
    let of_mara = vec![mara.name.clone()];
    let held = h
        .create(pb::Conversation {
            contacts: of_mara.clone(),
            ..talk(other, -3, "Fair")
        })
        .await;
    h.create(talk(firm, -1, "Without her")).await;
    let next = h
        .create(pb::Conversation {
            contacts: of_mara.clone(),
            ..planned(firm, 2, "Visit")
        })
        .await;
    h.create(pb::Promise {
        contacts: of_mara,
        ..due(other, "the book", -1)
    })
    .await;
    h.create(due(firm, "not hers", -1)).await;
    let about = h
        .create(pb::Note {
            highlighted: true,
            ..note(&mara.name, "Climbs.")
        })
        .await;
    h.create(pb::Note {
        highlighted: true,
        ..note(&firm.name, "Not hers.")
    })
    .await;
    (held, next, about)
}
