//! No derived value reveals a PRIVATE record.

use super::*;

conformance! {
    children_that_are_private_are_not_counted,
    a_private_conversation_is_nobodys_last,
    a_private_conversation_goes_and_comes_with_its_customer,
}

async fn children_that_are_private_are_not_counted(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let firm = h.create(customer("Ferrum AG")).await;
    for i in 0..3 {
        mia.create(conversation(&firm, i).private()).await;
    }
    let delete = |validate_only| Delete {
        name: firm.name.clone(),
        validate_only,
        ..Default::default()
    };
    let refusal = refused(pb::Customer::delete(&mia, delete(true)).await);
    refusal
        .is(Code::FailedPrecondition, "HAS_CHILDREN")
        .tells("childCount", "3");
    done(pb::Customer::delete(&jo, delete(true)).await);
    h.create(conversation(&firm, 9)).await;
    let refusal = refused(pb::Customer::delete(&jo, delete(true)).await);
    refusal
        .is(Code::FailedPrecondition, "HAS_CHILDREN")
        .tells("childCount", "1");
}

async fn a_private_conversation_is_nobodys_last(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let (firm, person) = (
        h.create(customer("Ferrum AG")).await,
        h.create(contact("Mara Lind")).await,
    );
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        ..conversation(&firm, 5)
    };
    let talk = mia.create(talk.private()).await;
    for actor in [&mia, &h] {
        assert_eq!(
            actor
                .get::<pb::Customer>(&firm.name)
                .await
                .last_conversation,
            None
        );
        assert_eq!(
            actor
                .get::<pb::Contact>(&person.name)
                .await
                .last_conversation,
            None
        );
        let filter = format!("last_conversation.conversation = \"{}\"", talk.name);
        assert!(actor.names::<pb::Customer>(&filter).await.is_empty());
    }
    let public = mia
        .update(visible(&talk, Visibility::Everyone), &["visibility"])
        .await;
    assert_eq!(
        h.get::<pb::Customer>(&firm.name)
            .await
            .last_conversation
            .unwrap()
            .conversation,
        talk.name
    );
    let revision = h.revision().await;
    mia.update(visible(&public, Visibility::Private), &["visibility"])
        .await;
    assert_eq!(
        h.get::<pb::Contact>(&person.name).await.last_conversation,
        None
    );
    let derived = h
        .changes_after(revision)
        .await
        .into_iter()
        .filter(|change| change.derived);
    assert_eq!(derived.count(), 2);
}

async fn a_private_conversation_goes_and_comes_with_its_customer(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let firm = h.create(customer("Ferrum AG")).await;
    let talk = mia.create(conversation(&firm, 5).private()).await;
    done(
        pb::Customer::delete(
            &h,
            Delete {
                name: firm.name.clone(),
                ..Default::default()
            },
        )
        .await,
    );
    assert!(mia.get::<pb::Conversation>(&talk.name).await.is_deleted());
    h.undelete::<pb::Customer>(&firm.name).await;
    assert!(!mia.get::<pb::Conversation>(&talk.name).await.is_deleted());
}
