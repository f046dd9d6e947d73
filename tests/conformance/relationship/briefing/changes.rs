//! CHANGES: what has changed since the actor last talked with them.

use super::*;
use crate::harness::records::Private;

conformance! {
    at NOW;
    it_is_absent_without_an_actor_or_a_talk_of_theirs,
    changed_paths_are_told_for_each_record,
    what_came_and_went_is_told,
    what_was_brought_back_is_new,
    what_was_there_when_the_talk_was_written_down_is_no_news,
    only_ones_own_talk_counts,
    changes_of_a_person_are_told,
    what_is_derived_is_no_change,
    where_a_promise_was_made_is_no_change,
    a_briefing_takes_few_statements_however_much_there_is,
}

async fn changes(h: &Harness, request: pb::GetBriefingRequest) -> Vec<Item> {
    section(h, request, Part::Changes).await.items
}

/// A talk of Mia with a customer, some days from the beginning.
fn of_mia(firm: &pb::Customer, days: i64) -> pb::Conversation {
    pb::Conversation {
        colleagues: texts(&["colleagues/mia"]),
        ..talk(firm, days, "x")
    }
}

async fn it_is_absent_without_an_actor_or_a_talk_of_theirs(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let firm = h.create(customer("Ferrum AG")).await;
    h.create(talk(&firm, -1, "Not hers")).await;
    mia.create(pb::Conversation {
        broadcast: true,
        ..of_mia(&firm, -1)
    })
    .await;
    mia.create(pb::Conversation {
        state: State::Unanswered.into(),
        ..of_mia(&firm, -1)
    })
    .await;
    let absence = async |h: &Harness| section(h, at(&firm), Part::Changes).await.absence();
    let deleted = mia.create(of_mia(&firm, -1)).await;
    mia.delete::<pb::Conversation>(&deleted.name).await;
    assert_eq!(
        (absence(&h).await, absence(&mia).await),
        (Absence::NoActor, Absence::NoOwnConversation)
    );
    mia.create(of_mia(&firm, -1)).await;
    assert_eq!(
        (absence(&h).await, absence(&mia).await),
        (Absence::NoActor, Absence::Nothing)
    );
    // One that is written down later and was held before is not the last.
    mia.create(of_mia(&firm, -5)).await;
    assert_eq!(
        done(ask(&mia, at(&firm)).await).changes_start_time,
        of_mia(&firm, -1).start_time
    );
}

async fn changed_paths_are_told_for_each_record(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let jo = h.acting(&h.create_as("jo", colleague("Jo Stern")).await.name);
    let (firm, mara, job) = h.employed().await;
    h.advance(DAY);
    mia.create(of_mia(&firm, 0)).await;
    h.advance(DAY);
    let firm = jo
        .update(
            pb::Customer {
                about: "Buys in spring.".to_owned(),
                ..firm
            },
            &["about"],
        )
        .await;
    h.advance(DAY);
    customer_contact_and_affiliation_change(&h, &jo, &firm, &mara, &job).await;
    let found = changes(&mia, at(&firm)).await;
    let told: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|item| {
            (
                item.record.as_str(),
                item.changed_paths.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    let expected = [
        (&*job.name, vec!["job_title"]),
        (&*mara.name, vec!["emails"]),
        (
            &*firm.name,
            vec![
                "about",
                "annual_spend.currency_code",
                "annual_spend.units",
                "needs",
            ],
        ),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        found[1].text,
        "contact Mara Lind: changed: emails (by Jo Stern, 2026-01-05 00:00)"
    );
    assert_eq!(found[2].event_time, Some(clock::timestamp(NOW + 3 * DAY)));
    a_later_talk_begins_anew(&h, &mia, &firm).await;
}

async fn customer_contact_and_affiliation_change(
    h: &Harness,
    jo: &Harness,
    firm: &pb::Customer,
    mara: &pb::Contact,
    job: &pb::Affiliation,
) {
    let spend = crate::harness::builders::money("EUR", 5, 0);
    h.update(
        pb::Customer {
            annual_spend: spend,
            needs: texts(&["x"]),
            ..firm.clone()
        },
        &["annual_spend", "needs"],
    )
    .await;
    h.advance(DAY);
    jo.update(
        pb::Contact {
            emails: vec![email("m@ferrum.example")],
            ..mara.clone()
        },
        &["emails"],
    )
    .await;
    jo.update(
        pb::Affiliation {
            job_title: "Chief".to_owned(),
            ..job.clone()
        },
        &["job_title"],
    )
    .await;
}

async fn a_later_talk_begins_anew(h: &Harness, mia: &Harness, firm: &pb::Customer) {
    // A later talk begins anew, and what is said of it afterwards is no news.
    h.advance(DAY);
    let own = mia.create(of_mia(firm, 5)).await;
    assert!(changes(mia, at(firm)).await.is_empty());
    h.advance(DAY);
    mia.update(
        pb::Conversation {
            summary: "They want it.".to_owned(),
            ..own.clone()
        },
        &["summary"],
    )
    .await;
    assert!(changes(mia, at(firm)).await.is_empty());
    // It is told once, though it is the last of all as well.
    let last: Vec<String> = lines(mia, at(firm), Part::LastConversation)
        .await
        .into_iter()
        .map(|line| line.2)
        .collect();
    assert_eq!(last, [own.name]);
}

async fn where_a_promise_was_made_is_no_change(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let jo = h.as_colleague("jo").await;
    let firm = h.create(customer("Ferrum AG")).await;
    let both = h.create(promise(&firm, "both")).await;
    let alone = h.create(promise(&firm, "alone")).await;
    h.advance(DAY);
    mia.create(of_mia(&firm, 0)).await;
    h.advance(DAY);
    let conversation = jo.create(talk(&firm, 1, "kept").private()).await.name;
    let changed = pb::Promise {
        conversation: conversation.clone(),
        text: "now".to_owned(),
        ..both.clone()
    };
    jo.update(changed, &["conversation", "text"]).await;
    jo.update(
        pb::Promise {
            conversation,
            ..alone
        },
        &["conversation"],
    )
    .await;
    let found = changes(&mia, at(&firm)).await;
    let told: Vec<_> = found
        .iter()
        .map(|item| (item.record.as_str(), item.changed_paths.join(",")))
        .collect();
    assert_eq!(told, [(both.name.as_str(), "text".to_owned())]);
}

async fn what_came_and_went_is_told(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let (firm, _, job) = h.employed().await;
    let old = h.create(promise(&firm, "old")).await;
    h.advance(DAY);
    mia.create(of_mia(&firm, 0)).await;
    h.advance(DAY);
    let held = h.create(talk(&firm, 1, "Complaint")).await;
    h.advance(DAY);
    let new = h.create(promise(&firm, "the samples")).await;
    let new = h
        .update(
            pb::Promise {
                text: "the new samples".to_owned(),
                ..new
            },
            &["text"],
        )
        .await;
    h.advance(DAY);
    h.delete::<pb::Promise>(&old.name).await;
    h.delete::<pb::Affiliation>(&job.name).await;
    let found = changes(&mia, at(&firm)).await;
    let told: Vec<(&str, &str)> = found
        .iter()
        .map(|item| (item.record.as_str(), item.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                &*job.name,
                "affiliation Mara Lind: deleted (by local, 2026-01-05 00:00)"
            ),
            (
                &*old.name,
                "promise old: deleted (by local, 2026-01-05 00:00)"
            ),
            (
                &*new.name,
                "promise the new samples: new (by local, 2026-01-04 00:00)"
            ),
            (
                &*held.name,
                "conversation Complaint: new (by local, 2026-01-03 00:00)"
            ),
        ]
    );
    assert!(
        found
            .iter()
            .all(|item| item.changed_paths.is_empty() && item.kind() == Kind::Change)
    );
}

async fn what_was_brought_back_is_new(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let firm = h.create(customer("Ferrum AG")).await;
    let back = h.create(promise(&firm, "the samples")).await;
    h.delete::<pb::Promise>(&back.name).await;
    h.advance(DAY);
    mia.create(of_mia(&firm, 0)).await;
    h.advance(DAY);
    h.undelete::<pb::Promise>(&back.name).await;
    let told: Vec<String> = changes(&mia, at(&firm))
        .await
        .into_iter()
        .map(|item| item.text)
        .collect();
    assert_eq!(
        told,
        ["promise the samples: new (by local, 2026-01-03 00:00)"]
    );
}

async fn what_was_there_when_the_talk_was_written_down_is_no_news(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let firm = h.create(customer("Ferrum AG")).await;
    h.advance(2 * DAY);
    // Between the talk and its being written down: a change of what there was, and something new.
    let firm = h
        .update(
            pb::Customer {
                about: "x".to_owned(),
                ..firm
            },
            &["about"],
        )
        .await;
    h.create(promise(&firm, "made meanwhile")).await;
    h.advance(DAY);
    let late = pb::LogConversationRequest {
        customer: Some(pb::CustomerKey {
            key: Some(pb::customer_key::Key::Name(firm.name.clone())),
            ..Default::default()
        }),
        conversation: Some(of_mia(&firm, 1)),
        promises: vec![promise(&firm, "made in it")],
        ..Default::default()
    };
    done(mia.relationships.clone().log_conversation(late).await);
    let told: Vec<String> = changes(&mia, at(&firm))
        .await
        .into_iter()
        .map(|item| item.record)
        .collect();
    assert_eq!(told, std::slice::from_ref(&firm.name));
    h.advance(DAY);
    let later = h.create(promise(&firm, "made after")).await;
    let told: Vec<String> = changes(&mia, at(&firm))
        .await
        .into_iter()
        .map(|item| item.record)
        .collect();
    assert_eq!(told, [later.name, firm.name]);
}

async fn only_ones_own_talk_counts(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let firm = h.create(customer("Ferrum AG")).await;
    h.advance(DAY);
    mia.create(of_mia(&firm, 0)).await;
    h.advance(DAY);
    let firm = h
        .update(
            pb::Customer {
                about: "x".to_owned(),
                ..firm
            },
            &["about"],
        )
        .await;
    h.advance(DAY);
    let of_jo = pb::Conversation {
        colleagues: texts(&["colleagues/jo"]),
        ..talk(&firm, 3, "x")
    };
    let of_jo = jo.create(of_jo).await;
    assert!(changes(&jo, at(&firm)).await.is_empty());
    let told: Vec<String> = changes(&mia, at(&firm))
        .await
        .into_iter()
        .map(|item| item.record)
        .collect();
    assert_eq!(told, [of_jo.name.clone(), firm.name.clone()]);
    // The last talk is Jo's; Mia is told of her own one, too.
    let last: Vec<String> = lines(&mia, at(&firm), Part::LastConversation)
        .await
        .into_iter()
        .map(|line| line.1)
        .collect();
    assert_eq!(
        last,
        [
            "2026-01-04 00:00, ours: jo: x",
            "your own last: 2026-01-01 00:00, ours: mia: x"
        ]
    );
}

async fn changes_of_a_person_are_told(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let (firm, mara, job) = h.employed().await;
    h.advance(DAY);
    mia.create(pb::Conversation {
        contacts: vec![mara.name.clone()],
        ..of_mia(&firm, 0)
    })
    .await;
    h.advance(DAY);
    h.update(
        pb::Customer {
            about: "x".to_owned(),
            ..firm.clone()
        },
        &["about"],
    )
    .await;
    h.create(promise(&firm, "not hers")).await;
    h.update(
        pb::Contact {
            about: "x".to_owned(),
            ..mara.clone()
        },
        &["about"],
    )
    .await;
    h.update(
        pb::Affiliation {
            department: "x".to_owned(),
            ..job.clone()
        },
        &["department"],
    )
    .await;
    let of_mara = vec![mara.name.clone()];
    h.create(talk(&firm, 1, "Without her")).await;
    let held = h
        .create(pb::Conversation {
            contacts: of_mara.clone(),
            ..talk(&firm, 1, "With her")
        })
        .await;
    let owed = h
        .create(pb::Promise {
            contacts: of_mara,
            ..promise(&firm, "hers")
        })
        .await;
    let about = h.create(note(&mara.name, "Climbs.")).await;
    let told: Vec<String> = changes(&mia, with(&mara))
        .await
        .into_iter()
        .map(|item| item.record)
        .collect();
    assert_eq!(
        told,
        [about.name, owed.name, held.name, job.name, mara.name]
    );
}

async fn what_is_derived_is_no_change(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let (firm, mara, _) = h.employed().await;
    h.advance(DAY);
    mia.create(of_mia(&firm, 0)).await;
    h.advance(DAY);
    // The last talk of customer and contact changes by this.
    let held = h
        .create(pb::Conversation {
            contacts: vec![mara.name],
            ..talk(&firm, 1, "x")
        })
        .await;
    let told: Vec<String> = changes(&mia, at(&firm))
        .await
        .into_iter()
        .map(|item| item.record)
        .collect();
    assert_eq!(told, [held.name]);
}

async fn a_briefing_takes_few_statements_however_much_there_is(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let (firm, mara, _) = h.employed().await;
    mia.create(pb::Conversation {
        contacts: vec![mara.name.clone()],
        ..of_mia(&firm, 0)
    })
    .await;
    let reads = async |h: &Harness, request| {
        let before = h.db().statistics().await.unwrap().reads;
        done(ask(h, request).await);
        h.db().statistics().await.unwrap().reads - before
    };
    // One of them finds the colleague whom the caller names.
    let counted = async || {
        (
            reads(&mia, at(&firm)).await,
            reads(&mia, with(&mara)).await,
            reads(&h, at(&firm)).await,
        )
    };
    assert_eq!(counted().await, (8, 10, 5));
    h.advance(DAY);
    for i in 0..20 {
        let person = h.create(contact(&format!("Person {i}"))).await;
        h.create(affiliation(&person, &firm)).await;
        h.create(due(&firm, "x", i)).await;
        h.create(pb::Conversation {
            contacts: vec![person.name, mara.name.clone()],
            ..planned(&firm, -i, "x")
        })
        .await;
    }
    assert_eq!(counted().await, (8, 10, 5));
}
