//! Promises: what they refer to, and how they are found.

use clientele::pb;
use clientele::pb::promise::Side;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{contact, customer, texts, time};
use crate::harness::paging::all_pages;
use crate::harness::records::{colleague, conversation, promise};
use crate::harness::standard::{Create, List, Standard, Undelete};

conformance! {
    a_promise_says_who_owes_what_to_whom,
    references_are_looked_up,
    what_is_deleted_later_stays,
    a_promise_can_move_to_another_customer,
    a_promise_of_a_deleted_customer_cannot_come_back,
    promises_without_a_due_time_come_last,
    promises_are_found_by_what_they_say,
}

async fn create(h: &Harness, promise: pb::Promise) -> crate::harness::answer::Answer<pb::Promise> {
    pb::Promise::create(
        h,
        Create {
            resource: Some(promise),
            ..Default::default()
        },
    )
    .await
}

async fn a_promise_says_who_owes_what_to_whom(h: Harness) {
    let bare = refused(create(&h, pb::Promise::default()).await);
    bare.names(
        "FIELD_INVALID",
        &["promise.customer", "promise.text", "promise.side"],
    );
    let firm = h.create(customer("Ferrum AG")).await;
    h.create(promise(&firm, &"ä".repeat(1000))).await;
    for text in ["ä".repeat(1001), " \n".to_owned(), "a\0".to_owned()] {
        refused(create(&h, promise(&firm, &text)).await).names("FIELD_INVALID", &["promise.text"]);
    }
}

async fn references_are_looked_up(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let fine = h.create(promise(&firm, "x")).await;
    let gone = h.create(conversation(&firm, 0)).await;
    h.delete::<pb::Conversation>(&gone.name).await;
    let broken = [
        (
            pb::Promise {
                customer: "customers/nobody".to_owned(),
                ..fine.clone()
            },
            "customer",
        ),
        (
            pb::Promise {
                contacts: texts(&["contacts/nobody"]),
                ..fine.clone()
            },
            "contacts[0]",
        ),
        (
            pb::Promise {
                conversation: gone.name,
                ..fine.clone()
            },
            "conversation",
        ),
        (
            pb::Promise {
                conversation: "conversations/nobody".to_owned(),
                ..fine.clone()
            },
            "conversation",
        ),
        (
            pb::Promise {
                owner: "colleagues/nobody".to_owned(),
                ..fine.clone()
            },
            "owner",
        ),
    ];
    for (input, field) in broken {
        for answer in [
            create(&h, input.clone()).await,
            h.try_update(input, &["*"]).await,
        ] {
            refused(answer).names_unusable(field);
        }
    }
}

async fn what_is_deleted_later_stays(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let (person, mia) = (
        h.create(contact("Mara Lind")).await,
        h.create(colleague("Mia Berg")).await,
    );
    let talk = h.create(conversation(&firm, 0)).await;
    let owed = pb::Promise {
        contacts: vec![person.name.clone()],
        conversation: talk.name.clone(),
        owner: mia.name.clone(),
        ..promise(&firm, "x")
    };
    let owed = h.create(owed).await;
    h.delete::<pb::Contact>(&person.name).await;
    h.delete::<pb::Conversation>(&talk.name).await;
    h.delete::<pb::Colleague>(&mia.name).await;
    let changed = h
        .update(
            pb::Promise {
                text: "y".to_owned(),
                ..owed.clone()
            },
            &["*"],
        )
        .await;
    let references = |owed: &pb::Promise| {
        (
            owed.contacts.clone(),
            owed.conversation.clone(),
            owed.owner.clone(),
        )
    };
    assert_eq!(references(&changed), references(&owed));
}

async fn a_promise_can_move_to_another_customer(h: Harness) {
    let (firm, other) = (
        h.create(customer("Ferrum AG")).await,
        h.create(customer("Cuprum")).await,
    );
    let owed = h.create(promise(&firm, "x")).await;
    h.update(
        pb::Promise {
            customer: other.name.clone(),
            ..owed.clone()
        },
        &["customer"],
    )
    .await;
    h.delete::<pb::Customer>(&firm.name).await;
    assert!(!h.get::<pb::Promise>(&owed.name).await.is_deleted());
    h.delete::<pb::Customer>(&other.name).await;
    assert!(h.get::<pb::Promise>(&owed.name).await.is_deleted());
}

async fn a_promise_of_a_deleted_customer_cannot_come_back(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let owed = h.create(promise(&firm, "x")).await;
    h.delete::<pb::Promise>(&owed.name).await;
    h.delete::<pb::Customer>(&firm.name).await;
    let undelete = Undelete {
        name: owed.name.clone(),
        ..Default::default()
    };
    let refusal = refused(pb::Promise::undelete(&h, undelete).await);
    refusal
        .is(Code::FailedPrecondition, "PARENT_DELETED")
        .about(&owed.name)
        .tells("parent", &firm.name);
}

async fn promises_without_a_due_time_come_last(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    for (id, due_time) in [("b", time(9)), ("a", None), ("d", time(-9)), ("c", None)] {
        h.create_as(
            id,
            pb::Promise {
                due_time,
                ..promise(&firm, "x")
            },
        )
        .await;
    }
    let found = all_pages(async |page_token| {
        let list = List {
            order_by: "due_time".to_owned(),
            page_size: 1,
            page_token,
            ..Default::default()
        };
        done(pb::Promise::list(&h, list).await)
    });
    let found: Vec<String> = found.await.iter().map(pb::Promise::name).collect();
    assert_eq!(
        found,
        ["promises/d", "promises/b", "promises/a", "promises/c"]
    );
}

async fn promises_are_found_by_what_they_say(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let talk = h.create(conversation(&firm, 0)).await;
    let mia = h.create(colleague("Mia Berg")).await;
    let owed = pb::Promise {
        conversation: talk.name.clone(),
        owner: mia.name.clone(),
        side: Side::Customer.into(),
        complete_time: time(0),
        ..promise(&firm, "x")
    };
    let owed = h.create(owed).await;
    h.create(promise(&h.create(customer("Cuprum")).await, "y"))
        .await;
    for filter in [
        format!("customer = \"{}\"", firm.name),
        format!(
            "conversation = \"{}\" AND owner = \"{}\"",
            talk.name, mia.name
        ),
        "side = CUSTOMER AND complete_time = \"1970-01-01T00:00:00Z\" AND text = \"x\"".to_owned(),
    ] {
        assert_eq!(
            h.names::<pb::Promise>(&filter).await,
            [owed.name.as_str()],
            "{filter}"
        );
    }
    assert!(
        h.names::<pb::Promise>("due_time = \"9998-12-31T23:59:59Z\"")
            .await
            .is_empty()
    );
}
