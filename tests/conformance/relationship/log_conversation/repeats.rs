//! LogConversation called twice with one request id, and called to validate alone.

use super::*;

conformance! {
    a_repeat_answers_with_all_that_was_made,
    a_repeat_does_not_ask_the_key_again,
    validation_alone_makes_nothing,
}

fn whole_log(firm: &pb::Customer, mara: &pb::Contact) -> pb::LogConversationRequest {
    pb::LogConversationRequest {
        people: vec![
            newcomer("Jonas Brandt"),
            Person {
                roles: vec![role(BuyingRole::Champion)],
                ..known_by_name(mara)
            },
            Person {
                roles: vec![role(BuyingRole::EndUser)],
                ..newcomer("Svenja Petersen")
            },
        ],
        promises: vec![owed("b"), owed("a")],
        request_id: "r1".to_owned(),
        ..log_at(firm)
    }
}

async fn a_repeat_answers_with_all_that_was_made(h: Harness) {
    let (firm, mara, job) = h.employed().await;
    let first = whole(send(&h, whole_log(&firm, &mara)).await);
    let affiliated: Vec<&str> = first
        .message
        .affiliations
        .iter()
        .map(|one| one.contact.as_str())
        .collect();
    let [jonas, svenja] = &first.message.contacts[..] else {
        panic!("two are new")
    };
    assert_eq!(affiliated, [&*jonas.name, &*mara.name, &*svenja.name]);
    assert_eq!(first.message.affiliations[1].name, job.name);
    assert_eq!(first.message.revision, first.revision);
    let again = whole(send(&h, whole_log(&firm, &mara)).await);
    assert!(again.replayed && !first.replayed);
    assert_eq!(
        (&again.message, again.revision),
        (&first.message, first.revision)
    );
    // As they are now, under the etags of then.
    h.update(
        pb::Contact {
            about: "Climbs.".to_owned(),
            ..jonas.clone()
        },
        &["about"],
    )
    .await;
    let later = whole(send(&h, whole_log(&firm, &mara)).await).message;
    assert_eq!(
        (later.contacts[0].about.as_str(), &later.contacts[0].etag),
        ("Climbs.", &jonas.etag)
    );
    let other = pb::LogConversationRequest {
        promises: Vec::new(),
        ..whole_log(&firm, &mara)
    };
    refused(send(&h, other).await).is(Code::InvalidArgument, "REQUEST_ID_REUSED");
    assert_eq!(h.names::<pb::Conversation>("").await.len(), 1);
}

async fn a_repeat_does_not_ask_the_key_again(h: Harness) {
    let firm = h
        .create(pb::Customer {
            emails: vec![email("office@linz.example")],
            ..customer("Ferrum AG")
        })
        .await;
    let key = pb::customer_key::Key::Email("office@linz.example".to_owned());
    let request = pb::LogConversationRequest {
        request_id: "r1".to_owned(),
        ..log(key)
    };
    let first = whole(send(&h, request.clone()).await);
    h.create(pb::Customer {
        emails: vec![email("office@linz.example")],
        ..customer("Cuprum")
    })
    .await;
    let again = whole(send(&h, request.clone()).await);
    assert_eq!((again.replayed, again.message), (true, first.message));
    let fresh = pb::LogConversationRequest {
        request_id: "r2".to_owned(),
        ..request
    };
    refused(send(&h, fresh).await).is(Code::FailedPrecondition, "KEY_AMBIGUOUS");
    assert!(
        h.get::<pb::Customer>(&firm.name)
            .await
            .last_conversation
            .is_some()
    );
}

async fn validation_alone_makes_nothing(h: Harness) {
    let (firm, mara, job) = h.employed().await;
    let before = h.revision().await;
    let mut request = pb::LogConversationRequest {
        validate_only: true,
        ..whole_log(&firm, &mara)
    };
    request.people[2].contact_id = "svenja".to_owned();
    let answer = whole(send(&h, request.clone()).await);
    assert_eq!((answer.revision, h.revision().await), (before, before));
    assert_eq!(answer.message.revision, before);
    let would = answer.message;
    let talk = would.conversation.unwrap();
    assert_eq!((talk.name.as_str(), &talk.customer), ("", &firm.name));
    assert_eq!(talk.contacts, texts(&[&mara.name, "contacts/svenja"]));
    let names: Vec<&str> = would
        .contacts
        .iter()
        .map(|contact| contact.name.as_str())
        .collect();
    assert_eq!(names, ["", "contacts/svenja"]);
    let [jonas, of_mara, svenja] = &would.affiliations[..] else {
        panic!("three: {:?}", would.affiliations)
    };
    assert_eq!(
        (jonas.name.as_str(), jonas.contact.as_str(), &of_mara.name),
        ("", "", &job.name)
    );
    assert_eq!(
        (
            svenja.contact.as_str(),
            svenja.buying_roles[0].source.as_str()
        ),
        ("contacts/svenja", "")
    );
    assert_eq!(
        (
            of_mara.buying_roles[0].role(),
            of_mara.buying_roles[0].source.as_str()
        ),
        (BuyingRole::Champion, "")
    );
    let all_silent = would
        .promises
        .iter()
        .all(|promise| promise.name.is_empty() && promise.conversation.is_empty());
    assert!(all_silent && would.promises.len() == 2);
    request.promises.push(pb::Promise {
        owner: "colleagues/nobody".to_owned(),
        ..owed("x")
    });
    refused(send(&h, request).await).is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
    assert_eq!(h.get::<pb::Affiliation>(&job.name).await, job);
}
