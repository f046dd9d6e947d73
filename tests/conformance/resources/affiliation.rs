//! What is special to affiliations: what they belong to, and whom they report to.

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{affiliation, claim, contact, customer, date};
use crate::harness::standard::{Create, Delete, Standard, Update};

conformance! {
    parents_must_be_usable,
    parents_must_be_of_their_kind,
    a_person_may_have_several_affiliations,
    a_deleted_affiliation_counts_for_nobody,
    managers_must_be_usable,
    circles_of_managers_are_refused,
    an_end_may_be_the_start,
    claims_in_the_input_are_ignored,
}

async fn try_create(
    h: &Harness,
    input: pb::Affiliation,
) -> crate::harness::answer::Answer<pb::Affiliation> {
    pb::Affiliation::create(
        h,
        Create {
            resource: Some(input),
            ..Default::default()
        },
    )
    .await
}

async fn parents_must_be_usable(h: Harness) {
    let (firm, person) = (
        h.create(customer("Ferrum AG")).await,
        h.create(contact("Mara Lind")).await,
    );
    let gone = (
        h.create(customer("Cuprum")).await,
        h.create(contact("Jo")).await,
    );
    h.delete::<pb::Customer>(&gone.0.name).await;
    h.delete::<pb::Contact>(&gone.1.name).await;
    let right = affiliation(&person, &firm);
    let unusable = |answer, field: &str, target: &str| {
        let refusal = refused(answer).is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
        refusal.about(target).tells("field", field);
    };
    for customer in [gone.0.name, pb::Customer::unknown()] {
        let wrong = pb::Affiliation {
            customer: customer.clone(),
            ..right.clone()
        };
        unusable(try_create(&h, wrong.clone()).await, "customer", &customer);
        let wrong = Some(pb::Affiliation {
            name: "affiliations/new".to_owned(),
            ..wrong
        });
        let update = Update {
            resource: wrong,
            allow_missing: true,
            ..Default::default()
        };
        unusable(
            pb::Affiliation::update(&h, update).await,
            "customer",
            &customer,
        );
    }
    for contact in [gone.1.name, pb::Contact::unknown()] {
        let wrong = pb::Affiliation {
            contact: contact.clone(),
            ..right.clone()
        };
        unusable(try_create(&h, wrong).await, "contact", &contact);
    }
}

async fn parents_must_be_of_their_kind(h: Harness) {
    let (firm, person) = (
        h.create(customer("Ferrum AG")).await,
        h.create(contact("Mara Lind")).await,
    );
    let wrong = pb::Affiliation {
        contact: firm.name,
        customer: person.name.clone(),
        manager: person.name,
        ..Default::default()
    };
    let fields = [
        "affiliation.contact",
        "affiliation.customer",
        "affiliation.manager",
    ];
    refused(try_create(&h, wrong).await).names("FIELD_INVALID", &fields);
}

async fn a_person_may_have_several_affiliations(h: Harness) {
    let (firm, person, first) = h.employed().await;
    let second = h.create(affiliation(&person, &firm)).await;
    assert_ne!(first.name, second.name);
    assert_eq!(h.get::<pb::Customer>(&firm.name).await.contact_count, 1);
}

async fn a_deleted_affiliation_counts_for_nobody(h: Harness) {
    let (firm, person, first) = h.employed().await;
    let second = h.create(affiliation(&person, &firm)).await;
    h.add_role(claim(&second, BuyingRole::DecisionMaker)).await;
    let counts = async || {
        let firm = h.get::<pb::Customer>(&firm.name).await;
        (firm.contact_count, firm.decision_maker_count)
    };
    h.delete::<pb::Affiliation>(&first.name).await;
    assert_eq!(counts().await, (1, 1));
    h.delete::<pb::Affiliation>(&second.name).await;
    assert_eq!(counts().await, (0, 0));
    h.undelete::<pb::Affiliation>(&second.name).await;
    assert_eq!(counts().await, (1, 1));
    done(
        pb::Contact::delete(
            &h,
            Delete {
                name: person.name.clone(),
                force: true,
                ..Default::default()
            },
        )
        .await,
    );
    assert_eq!(counts().await, (0, 0));
    h.undelete::<pb::Contact>(&person.name).await;
    assert_eq!(counts().await, (1, 1));
}

async fn managers_must_be_usable(h: Harness) {
    let (_, _, job) = h.employed().await;
    let (_, _, gone) = h.employed().await;
    h.delete::<pb::Affiliation>(&gone.name).await;
    for manager in [gone.name, pb::Affiliation::unknown()] {
        let refusal = refused(
            h.try_update(
                pb::Affiliation {
                    manager: manager.clone(),
                    ..job.clone()
                },
                &["manager"],
            )
            .await,
        );
        refusal
            .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
            .about(&manager)
            .tells("field", "manager");
    }
}

async fn circles_of_managers_are_refused(h: Harness) {
    let (firm, person, _) = h.employed().await;
    let under = |manager: &str| pb::Affiliation {
        manager: manager.to_owned(),
        ..affiliation(&person, &firm)
    };
    let a = h.create_as("a", under("")).await;
    h.create_as("b", under("affiliations/a")).await;
    h.create_as("c", under("affiliations/b")).await;
    for (manager, path) in [
        ("a", vec!["affiliations/a", "affiliations/a"]),
        (
            "c",
            vec![
                "affiliations/a",
                "affiliations/c",
                "affiliations/b",
                "affiliations/a",
            ],
        ),
    ] {
        let input = pb::Affiliation {
            manager: format!("affiliations/{manager}"),
            ..a.clone()
        };
        refused(h.try_update(input, &["*"]).await).lists_cycle("manager", &path);
    }
}

async fn an_end_may_be_the_start(h: Harness) {
    let (_, _, job) = h.employed().await;
    let day = date(2024, 2, 29);
    let never = h
        .update(
            pb::Affiliation {
                start_date: day,
                end_date: day,
                ..job
            },
            &["start_date", "end_date"],
        )
        .await;
    // One date alone is held against the other that is stored.
    let input = pb::Affiliation {
        end_date: date(2024, 2, 28),
        ..never
    };
    refused(h.try_update(input, &["end_date"]).await)
        .names("FIELD_INVALID", &["affiliation.end_date"]);
}

async fn claims_in_the_input_are_ignored(h: Harness) {
    let claim = pb::affiliation::BuyingRoleClaim {
        claim_id: "mine".to_owned(),
        role: 1,
        ..Default::default()
    };
    let input = pb::Affiliation {
        buying_roles: vec![claim],
        ..pb::Affiliation::input(&h).await
    };
    let created = done(try_create(&h, input.clone()).await);
    assert_eq!(created.buying_roles, []);
    let updated = h
        .update(
            pb::Affiliation {
                name: created.name.clone(),
                ..input
            },
            &["*"],
        )
        .await;
    assert_eq!(updated, created);
    let cleared = h.update(created.clone(), &["buying_roles"]).await;
    assert_eq!(cleared, created);
}
