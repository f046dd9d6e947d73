//! What a result tells of whom it found.

use super::*;

conformance! {
    a_result_tells_what_matched_and_who_it_is,
    a_talk_is_told_of_everybody_whose_last_it_is,
    five_jobs_are_told_the_primary_one_first,
    private_conversations_are_never_shown,
}

async fn a_result_tells_what_matched_and_who_it_is(h: Harness) {
    let (firm, person, job) = h.employed().await;
    decides_and_talks(&h, &firm, &person, &job).await;
    let result = look_up(&h, "mara lnd").await.remove(0);
    assert_eq!(
        (
            result.contact,
            result.customer,
            result.display_name.as_str()
        ),
        (person.name.clone(), String::new(), "Mara Lind")
    );
    let matched = pb::LookUpMatch {
        field: "display_name".to_owned(),
        text_kind: TextKind::Name.into(),
        typo_count: 1,
    };
    assert_eq!(result.matches, [matched]);
    let works = pb::Position {
        affiliation: job.name,
        customer: firm.name.clone(),
        customer_display_name: "Ferrum AG".to_owned(),
        job_title: "Head of Purchasing".to_owned(),
        department: job.department,
        seniority: job.seniority,
        primary: job.primary,
        deciding_roles: vec![BuyingRole::EconomicBuyer.into()],
        ..Default::default()
    };
    assert_eq!(result.positions, [works]);
    assert_eq!(
        result.last_conversation,
        h.get::<pb::Contact>(&person.name).await.last_conversation
    );
    assert!(result.last_conversation.is_some());
    let result = look_up(&h, "ferrum").await.remove(0);
    assert_eq!(
        result.last_conversation,
        h.get::<pb::Customer>(&firm.name).await.last_conversation
    );
    assert_eq!(
        (result.customer.as_str(), result.positions),
        (firm.name.as_str(), Vec::new())
    );
    // Whoever works at a deleted firm does not work there.
    done(
        h.customers
            .clone()
            .delete_customer(pb::DeleteCustomerRequest {
                name: firm.name,
                force: true,
                ..Default::default()
            })
            .await,
    );
    assert_eq!(look_up(&h, "mara lind").await[0].positions, []);
}

/// Gives a person roles, one of which is over, a job that is over, and a talk.
async fn decides_and_talks(
    h: &Harness,
    firm: &pb::Customer,
    person: &pb::Contact,
    job: &pb::Affiliation,
) {
    h.update(
        pb::Affiliation {
            job_title: "Head of Purchasing".to_owned(),
            ..job.clone()
        },
        &["job_title"],
    )
    .await;
    h.add_role(claim(job, BuyingRole::EconomicBuyer)).await;
    let scoped = pb::AddBuyingRoleRequest {
        scope: "Linz".to_owned(),
        ..claim(job, BuyingRole::EconomicBuyer)
    };
    h.add_role(scoped).await;
    h.add_role(claim(job, BuyingRole::Champion)).await;
    let past = pb::AddBuyingRoleRequest {
        end_date: date(2020, 1, 1),
        ..claim(job, BuyingRole::DecisionMaker)
    };
    h.add_role(past).await;
    let other = h.create(customer("Kupfer")).await;
    let ended = pb::Affiliation {
        end_date: date(2020, 1, 1),
        ..affiliation(person, &other)
    };
    h.create(ended).await;
    let us = h.create(colleague("Mia Berg")).await;
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        colleagues: vec![us.name],
        subject: "prices".to_owned(),
        ..conversation(firm, 1_700_000_000)
    };
    h.create(talk).await;
}

async fn a_talk_is_told_of_everybody_whose_last_it_is(h: Harness) {
    let firm = h.create_as("f", customer("Ferrum AG")).await;
    let (lena, mara) = (
        h.create(contact("Lena Ferrum")).await,
        h.create(contact("Mara Ferrum")).await,
    );
    for (id, with, seconds) in [("old", &mara, 1), ("new", &lena, 2)] {
        let (contacts, summary) = (vec![with.name.clone()], format!("{id}\n\t\"Q3\" \\"));
        h.create_as(
            id,
            pb::Conversation {
                contacts,
                summary,
                ..conversation(&firm, seconds)
            },
        )
        .await;
    }
    let told = look_up(&h, "ferrum").await.into_iter().map(|result| {
        let last = result.last_conversation.unwrap_or_default();
        (
            result.customer + &result.contact,
            last.conversation,
            last.summary,
        )
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    let of = |who: &str, id: &str| {
        (
            who.to_owned(),
            format!("conversations/{id}"),
            format!("{id}\n\t\"Q3\" \\"),
        )
    };
    let mut expected = vec![
        of("customers/f", "new"),
        of(&lena.name, "new"),
        of(&mara.name, "old"),
    ];
    expected.sort();
    assert_eq!(told, expected);
}

async fn five_jobs_are_told_the_primary_one_first(h: Harness) {
    let person = h.create(contact("Mara Lind")).await;
    for i in 0..7 {
        let firm = h.create(customer(&format!("Firm {i}"))).await;
        let job = pb::Affiliation {
            primary: i == 5,
            ..affiliation(&person, &firm)
        };
        h.create_as(&format!("j{i}"), job).await;
    }
    let jobs = look_up(&h, "mara lind").await.remove(0).positions;
    let jobs: Vec<&str> = jobs
        .iter()
        .map(|job| job.affiliation.trim_start_matches("affiliations/"))
        .collect();
    assert_eq!(jobs, ["j5", "j0", "j1", "j2", "j3"]);
}

async fn private_conversations_are_never_shown(h: Harness) {
    let (firm, person, _) = h.employed().await;
    let us = h.create(colleague("Mia Berg")).await;
    let mine = h.acting(&us.name);
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        subject: "zanzibar".to_owned(),
        ..conversation(&firm, 1_700_000_000)
    };
    mine.create(talk.private()).await;
    for h in [&h, &mine] {
        assert_eq!(look_up(h, "mara").await[0].last_conversation, None);
        assert_eq!(look_up(h, "ferrum").await[0].last_conversation, None);
        assert_finds_nobody(h, &["zanzibar"]).await;
    }
}
