//! What LogConversation refuses, and that nothing is made then.

use super::*;

conformance! {
    everything_wrong_is_said_at_once,
    another_customer_or_contact_than_that_of_the_call_is_refused,
    references_are_looked_up,
    what_is_taken_is_refused_and_nothing_is_made,
}

async fn everything_wrong_is_said_at_once(h: Harness) {
    let request = pb::LogConversationRequest {
        customer: None,
        conversation: Some(pb::Conversation {
            state: 99,
            ..Default::default()
        }),
        people: wrong_people(),
        promises: vec![owed("")],
        request_id: "no spaces".to_owned(),
        ..Default::default()
    };
    refused(send(&h, request).await).names(
        "FIELD_INVALID",
        &[
            "customer",
            "people[2].contact.email",
            "people[0].contact_id",
            "people[0].new_contact.display_name",
            "people[0].affiliation.job_title",
            "people[0].roles[1].role",
            "people[1].contact",
            "people[2].contact_id",
            "people[3].roles",
            "request_id",
            "conversation.state",
            "promises[0].text",
        ],
    );
    let firm = h.create(customer("Ferrum AG")).await;
    let missing = pb::LogConversationRequest {
        conversation: None,
        ..log_at(&firm)
    };
    let fields = ["conversation"];
    refused(send(&h, missing).await).names("FIELD_INVALID", &fields);
    let crowd = pb::LogConversationRequest {
        people: vec![newcomer("x"); 101],
        ..log_at(&firm)
    };
    refused(send(&h, crowd).await).names("FIELD_INVALID", &["people"]);
}

fn wrong_people() -> Vec<Person> {
    vec![
        Person {
            contact_id: "Not An Id".to_owned(),
            affiliation: Some(pb::Affiliation {
                job_title: "x".repeat(201),
                ..Default::default()
            }),
            roles: vec![role(BuyingRole::Champion), role(BuyingRole::Unspecified)],
            ..newcomer("")
        },
        Person::default(),
        Person {
            contact_id: "mara".to_owned(),
            ..known(pb::contact_key::Key::Email("no at sign".to_owned()))
        },
        Person {
            roles: vec![role(BuyingRole::Champion); 21],
            ..newcomer("Mara Lind")
        },
    ]
}

async fn another_customer_or_contact_than_that_of_the_call_is_refused(h: Harness) {
    let (firm, mara, _) = h.employed().await;
    let other = h.create(customer("Cuprum")).await;
    let request = pb::LogConversationRequest {
        conversation: Some(pb::Conversation {
            customer: other.name.clone(),
            ..log_at(&firm).conversation.unwrap()
        }),
        ..log_at(&firm)
    };
    refused(send(&h, request).await).names("FIELD_INVALID", &["conversation.customer"]);
    let elsewhere = |affiliation| Person {
        affiliation: Some(affiliation),
        ..newcomer("Jonas Brandt")
    };
    let of_other = pb::Affiliation {
        customer: other.name.clone(),
        ..Default::default()
    };
    let of_mara = pb::Affiliation {
        contact: mara.name.clone(),
        ..Default::default()
    };
    for (affiliation, field) in [(of_other, "customer"), (of_mara, "contact")] {
        let request = pb::LogConversationRequest {
            people: vec![elsewhere(affiliation)],
            ..log_at(&firm)
        };
        refused(send(&h, request).await).names(
            "FIELD_INVALID",
            &[&format!("people[0].affiliation.{field}")],
        );
    }
    let twice = pb::LogConversationRequest {
        people: vec![known_by_name(&mara); 2],
        ..log_at(&firm)
    };
    refused(send(&h, twice).await).names("FIELD_INVALID", &["people[1].contact"]);
}

async fn references_are_looked_up(h: Harness) {
    let (firm, mara, _) = h.employed().await;
    let before = h.revision().await;
    for (request, field) in unusable_references(&firm) {
        refused(send(&h, request).await).names_unusable(field);
    }
    let nobody = pb::contact_key::Key::Email("nobody@ferrum.example".to_owned());
    let request = pb::LogConversationRequest {
        people: vec![known(nobody)],
        ..log_at(&firm)
    };
    refused(send(&h, request).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .tells("field", "people[0].contact");
    h.delete::<pb::Contact>(&h.create_as("left", contact("Left")).await.name)
        .await;
    let left = known(pb::contact_key::Key::Name("contacts/left".to_owned()));
    let request = pb::LogConversationRequest {
        people: vec![left],
        ..log_at(&firm)
    };
    refused(send(&h, request).await)
        .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
        .about("contacts/left");
    let gone = h.create_as("gone", customer("Gone")).await;
    h.delete::<pb::Customer>(&gone.name).await;
    let refusal = refused(
        send(
            &h,
            pb::LogConversationRequest {
                people: vec![known_by_name(&mara)],
                ..log_at(&gone)
            },
        )
        .await,
    );
    refusal
        .is(Code::FailedPrecondition, "REFERENCE_UNUSABLE")
        .about("customers/gone");
    let after = h.revision().await;
    // Left came and went, Gone came and went; nothing else was written.
    assert_eq!(after, before + 4);
    h.undelete::<pb::Customer>(&gone.name).await;
    done(send(&h, log_at(&gone)).await);
}

fn unusable_references(firm: &pb::Customer) -> [(pb::LogConversationRequest, &'static str); 3] {
    [
        (
            pb::LogConversationRequest {
                promises: vec![pb::Promise {
                    owner: "colleagues/nobody".to_owned(),
                    ..owed("x")
                }],
                ..log_at(firm)
            },
            "promises[0].owner",
        ),
        (
            pb::LogConversationRequest {
                people: vec![Person {
                    affiliation: Some(pb::Affiliation {
                        manager: "affiliations/nobody".to_owned(),
                        ..Default::default()
                    }),
                    ..newcomer("Jonas")
                }],
                ..log_at(firm)
            },
            "people[0].affiliation.manager",
        ),
        (
            pb::LogConversationRequest {
                conversation: Some(pb::Conversation {
                    contacts: texts(&["contacts/nobody"]),
                    ..Default::default()
                }),
                ..log_at(firm)
            },
            "contacts[0]",
        ),
    ]
}

async fn what_is_taken_is_refused_and_nothing_is_made(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let holder = pb::Contact {
        external_ids: vec![external_id("hubspot", "1")],
        ..contact("Mara Lind")
    };
    let holder = h.create_as("mara", holder).await;
    let before = h.revision().await;
    let named = |id: &str, contact| Person {
        person: Some(Who::NewContact(contact)),
        contact_id: id.to_owned(),
        ..Default::default()
    };
    let with = |people| pb::LogConversationRequest {
        people,
        promises: vec![owed("x")],
        ..log_at(&firm)
    };
    let taken = refused(send(&h, with(vec![named("mara", contact("Mara"))])).await);
    taken
        .is(Code::AlreadyExists, "RESOURCE_EXISTS")
        .about(&holder.name);
    let twice = with(vec![named("jo", contact("Jo")), named("jo", contact("Jo"))]);
    refused(send(&h, twice).await)
        .is(Code::AlreadyExists, "RESOURCE_EXISTS")
        .about("contacts/jo");
    let clash = pb::Contact {
        external_ids: vec![external_id("hubspot", "1")],
        ..contact("Mara")
    };
    let refusal = refused(send(&h, with(vec![named("", clash)])).await);
    refusal
        .is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS")
        .about(&holder.name);
    assert_eq!(h.revision().await, before);
    assert_eq!(h.names::<pb::Contact>("").await, [holder.name]);
    assert!(
        h.names::<pb::Conversation>("").await.is_empty()
            && h.names::<pb::Promise>("").await.is_empty()
    );
}
