//! Briefings of customers with more records than are read, or with nobody left.

use super::*;

conformance! {
    at NOW;
    jobs_that_run_are_read_before_those_that_have_ended,
    whoever_is_deleted_is_briefed_about_by_name_alone,
}

async fn jobs_that_run_are_read_before_those_that_have_ended(h: Harness) {
    let (firm, mara) = (
        h.create(customer("Ferrum AG")).await,
        h.create(contact("Mara Lind")).await,
    );
    for i in 0..100 {
        let job = pb::Affiliation {
            primary: true,
            end_date: date(2020, 1, 1),
            ..affiliation(&mara, &firm)
        };
        h.create_as(&format!("a{i}"), job).await;
    }
    let cuprum = pb::Customer {
        contact_permissions: vec![refusal(Channel::Phone, "")],
        ..customer("Cuprum")
    };
    let cuprum = h.create(cuprum).await;
    let running = h.create_as("z", affiliation(&mara, &cuprum)).await;
    let request = pb::GetBriefingRequest {
        limit: 200,
        ..with(&mara)
    };
    let jobs = section(&h, request, Part::DecisionMakers).await;
    assert_eq!(
        (jobs.items.len(), jobs.left_out_count, &jobs.items[0].record),
        (100, 0, &running.name)
    );
    let refusals = lines(&h, with(&mara), Part::DoNotContact).await;
    assert_eq!(
        refusals,
        [(
            Kind::Refusal,
            "Cuprum as a whole refuses contact by phone".to_owned(),
            cuprum.name
        )]
    );
}

async fn whoever_is_deleted_is_briefed_about_by_name_alone(h: Harness) {
    let firm = h
        .create(pb::Customer {
            emails: vec![email("office@linz.example")],
            ..customer("Ferrum AG")
        })
        .await;
    let mara = h
        .create(pb::Contact {
            emails: vec![email("mara@linz.example")],
            ..contact("Mara Lind")
        })
        .await;
    h.create(due(&firm, "the book", -1)).await;
    h.create(pb::Affiliation {
        job_title: "Adviser".to_owned(),
        ..affiliation(&mara, &firm)
    })
    .await;
    let force = pb::DeleteCustomerRequest {
        name: firm.name.clone(),
        force: true,
        ..Default::default()
    };
    done(h.customers.clone().delete_customer(force).await);
    h.delete::<pb::Contact>(&mara.name).await;
    assert_eq!(
        texts_of(&lines(&h, at(&firm), Part::Identity).await)[0],
        "Ferrum AG; deleted"
    );
    assert_eq!(
        texts_of(&lines(&h, with(&mara), Part::Identity).await)[0],
        "Mara Lind; deleted"
    );
    assert_eq!(
        section(&h, at(&firm), Part::Promises).await.absence(),
        Absence::Nothing
    );
    assert_eq!(
        section(&h, with(&mara), Part::DecisionMakers)
            .await
            .absence(),
        Absence::Nothing
    );
    let by_email = by(pb::customer_key::Key::Email(
        "office@linz.example".to_owned(),
    ));
    refused(ask(&h, by_email).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    let by_email = by_contact(pb::contact_key::Key::Email("mara@linz.example".to_owned()));
    refused(ask(&h, by_email).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
}
