//! A last conversation when records are deleted and come back.

use super::*;

conformance! {
    the_deleted_do_not_count_until_they_are_back,
    a_customer_goes_and_comes_with_its_conversations,
    a_deleted_contact_keeps_it,
}

async fn the_deleted_do_not_count_until_they_are_back(h: Harness) {
    let w = World::new(h).await;
    w.talk("a", 1).await;
    w.talk("b", 2).await;
    w.h.delete::<pb::Conversation>("conversations/b").await;
    w.last_are(["a", "", "a"]).await;
    w.h.delete::<pb::Conversation>("conversations/a").await;
    w.last_are(["", "", ""]).await;
    w.h.undelete::<pb::Conversation>("conversations/b").await;
    w.last_are(["b", "", "b"]).await;
    w.h.undelete::<pb::Conversation>("conversations/a").await;
    w.last_are(["b", "", "b"]).await;
}

async fn a_customer_goes_and_comes_with_its_conversations(h: Harness) {
    let w = World::new(h).await;
    let at_other = pb::Conversation {
        customer: w.other.name.clone(),
        ..w.with_person(1)
    };
    w.h.create_as("o", at_other).await;
    w.talk("a", 2).await;
    w.talk("b", 3).await;
    w.h.delete::<pb::Conversation>("conversations/b").await;
    w.h.delete::<pb::Customer>(&w.firm.name).await;
    w.last_are(["", "o", "o"]).await;
    let back = w.h.undelete::<pb::Customer>(&w.firm.name).await;
    assert_eq!(
        back.last_conversation.unwrap().conversation,
        "conversations/a"
    );
    w.last_are(["a", "o", "a"]).await;
    w.h.undelete::<pb::Conversation>("conversations/b").await;
    w.last_are(["b", "o", "b"]).await;
}

async fn a_deleted_contact_keeps_it(h: Harness) {
    let w = World::new(h).await;
    w.talk("a", 1).await;
    w.h.delete::<pb::Contact>(&w.person.name).await;
    w.last_are(["a", "", "a"]).await;
    w.h.delete::<pb::Conversation>("conversations/a").await;
    w.last_are(["", "", ""]).await;
    w.h.undelete::<pb::Conversation>("conversations/a").await;
    w.h.undelete::<pb::Contact>(&w.person.name).await;
    w.last_are(["a", "", "a"]).await;
}
