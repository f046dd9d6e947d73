//! Promises that are made along with a conversation.

use super::*;

conformance! {
    promises_are_made_along_with_a_conversation,
    promises_and_conversation_are_all_or_nothing,
    a_promise_of_another_conversation_is_refused,
    promises_made_along_take_no_output_fields,
    a_clash_of_external_ids_names_the_promise,
    a_repeat_makes_no_further_promises,
    validation_alone_makes_neither,
    a_conversation_leaves_its_promises_alone,
    a_move_leaves_the_promises_where_they_are,
}

async fn promises_of(h: &Harness, conversation: &pb::Conversation) -> Vec<pb::Promise> {
    let filter = format!("conversation = \"{}\"", conversation.name);
    let list = List {
        filter,
        order_by: "due_time".to_owned(),
        ..Default::default()
    };
    done(pb::Promise::list(h, list).await).0
}

async fn promises_are_made_along_with_a_conversation(h: Harness) {
    let (firm, other) = (
        h.create(customer("Ferrum AG")).await,
        h.create(customer("Cuprum")).await,
    );
    let before = h.revision().await;
    let first = pb::Promise {
        due_time: time(1),
        ..owed("send the samples")
    };
    let second = pb::Promise {
        due_time: time(2),
        customer: other.name.clone(),
        ..owed("call Cuprum")
    };
    let named = pb::Promise {
        due_time: time(3),
        conversation: "conversations/talk".to_owned(),
        ..owed("thank them")
    };
    let request = pb::CreateConversationRequest {
        conversation: Some(conversation(&firm, 0)),
        conversation_id: "talk".to_owned(),
        promises: vec![first, second, named],
        ..Default::default()
    };
    let talk = whole(h.conversations.clone().create_conversation(request).await);
    assert_eq!(talk.revision, before + 1);
    let made = promises_of(&h, &talk.message).await;
    let told: Vec<_> = made
        .iter()
        .map(|promise| (promise.text.as_str(), promise.customer.as_str()))
        .collect();
    let expected = [
        ("send the samples", &firm),
        ("call Cuprum", &other),
        ("thank them", &firm),
    ];
    assert_eq!(
        told,
        expected.map(|(text, customer)| (text, customer.name.as_str()))
    );
    for promise in &made {
        assert_eq!(h.get::<pb::Promise>(&promise.name).await, *promise);
        assert_eq!(promise.create_time, talk.message.create_time);
    }
    change_rows_name_talk_and_promises(&h, before, &talk.message.name).await;
}

async fn change_rows_name_talk_and_promises(h: &Harness, after: i64, talk: &str) {
    let names: Vec<String> = h
        .changes_after(after)
        .await
        .into_iter()
        .map(|change| change.name)
        .collect();
    assert_eq!(names[0], talk);
    assert_eq!(
        names
            .iter()
            .filter(|name| name.starts_with("promises/"))
            .count(),
        3
    );
}

async fn promises_and_conversation_are_all_or_nothing(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let before = h.revision().await;
    let with = |promise| {
        create(
            &h,
            conversation(&firm, 0),
            vec![owed("send the samples"), promise],
        )
    };
    refused(with(owed("")).await).names("FIELD_INVALID", &["promises[1].text"]);
    let unusable = [
        (
            pb::Promise {
                owner: "colleagues/nobody".to_owned(),
                ..owed("x")
            },
            "promises[1].owner",
        ),
        (
            pb::Promise {
                customer: "customers/nobody".to_owned(),
                ..owed("x")
            },
            "promises[1].customer",
        ),
        (
            pb::Promise {
                contacts: texts(&["contacts/nobody"]),
                ..owed("x")
            },
            "promises[1].contacts[0]",
        ),
    ];
    for (promise, field) in unusable {
        refused(with(promise).await).names_unusable(field);
    }
    let many = vec![owed("x"); 101];
    refused(create(&h, conversation(&firm, 0), many).await).names("FIELD_INVALID", &["promises"]);
    assert_eq!(h.revision().await, before);
    assert!(
        h.names::<pb::Promise>("").await.is_empty()
            && h.names::<pb::Conversation>("").await.is_empty()
    );
}

async fn a_promise_of_another_conversation_is_refused(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let other = h.create(conversation(&firm, 0)).await;
    let wrong = pb::Promise {
        conversation: other.name,
        ..owed("x")
    };
    let refusal = refused(create(&h, conversation(&firm, 0), vec![wrong]).await);
    refusal.names("FIELD_INVALID", &["promises[0].conversation"]);
}

async fn promises_made_along_take_no_output_fields(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let wrong = pb::Promise {
        name: "promises/mine".to_owned(),
        etag: "W/\"mine\"".to_owned(),
        create_time: time(1),
        update_time: time(2),
        delete_time: time(3),
        ..owed("x")
    };
    let talk = done(create(&h, conversation(&firm, 0), vec![wrong.clone()]).await);
    let made = promises_of(&h, &talk).await.remove(0);
    assert!(made.name != wrong.name && made.etag != wrong.etag && made.delete_time.is_none());
    assert_eq!(
        (made.create_time, made.update_time),
        (talk.create_time, talk.create_time)
    );
}

async fn a_clash_of_external_ids_names_the_promise(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let known = |text: &str, id: &str| pb::Promise {
        external_ids: vec![external_id("jira", id)],
        ..owed(text)
    };
    let holder = h
        .create(pb::Promise {
            customer: firm.name.clone(),
            ..known("x", "1")
        })
        .await;
    let clash = async |promises| {
        let refusal = refused(create(&h, conversation(&firm, 0), promises).await);
        refusal
            .is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS")
            .tells("system", "jira")
    };
    clash(vec![known("a", "2"), known("b", "1")])
        .await
        .about(&holder.name);
    assert_eq!(
        clash(vec![known("a", "3"), known("b", "3")]).await.resource,
        None
    );
    assert_eq!(h.names::<pb::Promise>("").await, [holder.name]);
    done(
        create(
            &h,
            conversation(&firm, 0),
            vec![known("a", "4"), known("b", "5")],
        )
        .await,
    );
}

async fn a_repeat_makes_no_further_promises(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let request = |text: &str| pb::CreateConversationRequest {
        conversation: Some(conversation(&firm, 0)),
        promises: vec![owed(text)],
        request_id: "r1".to_owned(),
        ..Default::default()
    };
    let call = |text: &str| {
        let (mut client, request) = (h.conversations.clone(), request(text));
        async move { client.create_conversation(request).await }
    };
    let first = whole(call("x").await);
    let again = whole(call("x").await);
    assert!(again.replayed && !first.replayed);
    assert_eq!(
        (&again.message, again.revision),
        (&first.message, first.revision)
    );
    assert_eq!(promises_of(&h, &first.message).await.len(), 1);
    // The promises are part of the request.
    refused(call("y").await).is(Code::InvalidArgument, "REQUEST_ID_REUSED");
}

async fn validation_alone_makes_neither(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let before = h.revision().await;
    let request = |promise| pb::CreateConversationRequest {
        conversation: Some(conversation(&firm, 0)),
        promises: vec![promise],
        validate_only: true,
        ..Default::default()
    };
    let answer = done(
        h.conversations
            .clone()
            .create_conversation(request(owed("x")))
            .await,
    );
    assert_eq!(
        (answer.name.as_str(), answer.author.as_str()),
        ("", "local")
    );
    let broken = pb::Promise {
        owner: "colleagues/nobody".to_owned(),
        ..owed("x")
    };
    let refusal = refused(
        h.conversations
            .clone()
            .create_conversation(request(broken))
            .await,
    );
    refusal.is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
    assert_eq!(h.revision().await, before);
}

async fn a_conversation_leaves_its_promises_alone(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let talk = done(create(&h, conversation(&firm, 0), vec![owed("x")]).await);
    h.delete::<pb::Conversation>(&talk.name).await;
    assert_eq!(promises_of(&h, &talk).await.len(), 1);
}

async fn a_move_leaves_the_promises_where_they_are(h: Harness) {
    let (firm, other) = (
        h.create(customer("Ferrum AG")).await,
        h.create(customer("Cuprum")).await,
    );
    let talk = done(create(&h, conversation(&firm, 0), vec![owed("x")]).await);
    let moved = h
        .update(
            pb::Conversation {
                customer: other.name.clone(),
                ..talk.clone()
            },
            &["customer"],
        )
        .await;
    assert_eq!(moved.customer, other.name);
    assert_eq!(promises_of(&h, &talk).await[0].customer, firm.name);
    // It goes along with its new customer, and stays when the old one goes.
    h.delete::<pb::Customer>(&firm.name).await;
    assert!(!h.get::<pb::Conversation>(&talk.name).await.is_deleted());
    h.delete::<pb::Customer>(&other.name).await;
    assert!(h.get::<pb::Conversation>(&talk.name).await.is_deleted());
}
