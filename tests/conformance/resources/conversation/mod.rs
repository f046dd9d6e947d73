//! Conversations: what may be said of one, its references, and the promises made in it.

mod promises; // promises made along with a conversation

use clientele::clock::SECOND;
use clientele::pb;
use clientele::pb::conversation::State;
use clientele::pb::note::Visibility;
use clientele::pb::promise::Side;
use prost_types::{Duration, Timestamp};
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused, whole};
use crate::harness::builders::{contact, customer, external_id, texts, time};
use crate::harness::records::{colleague, conversation, promise};
use crate::harness::standard::{List, Standard, Undelete, Update};

conformance! {
    everyone_can_see_a_conversation_unless_said_otherwise,
    nobody_writes_in_the_name_of_another,
    references_are_looked_up,
    what_is_deleted_later_stays,
    a_customer_takes_its_conversations_and_promises_along,
    a_customer_of_thousands_of_records_goes_and_comes,
    durations_are_0_to_10_years,
    a_conversation_was_held_unless_said_otherwise,
    conversations_are_sorted_by_their_start,
}

mod moving {
    use super::*;

    /// 2026-01-01T00:00:00Z.
    const START: i64 = 1_767_225_600 * SECOND;

    conformance! { at START; what_was_held_cannot_lie_ahead, what_was_held_by_default_cannot_lie_ahead }

    async fn what_was_held_by_default_cannot_lie_ahead(h: Harness) {
        let firm = h.create(customer("Ferrum AG")).await;
        let unsaid = |micros| pb::Conversation {
            state: 0,
            start_time: Some(clientele::clock::timestamp(START + micros)),
            ..conversation(&firm, 0)
        };
        let field = ["conversation.start_time"];
        refused(create(&h, unsaid(301 * SECOND), vec![]).await).names("FIELD_INVALID", &field);
        assert_eq!(h.create(unsaid(0)).await.state(), State::Held);
        // What is planned is not held by an update that does not say so.
        let planned = pb::Conversation {
            state: State::Planned.into(),
            ..unsaid(3600 * SECOND)
        };
        let plan = h.create(planned).await;
        for paths in [&["state", "subject"][..], &["*"]] {
            let edited = pb::Conversation {
                state: 0,
                subject: paths.join(" "),
                etag: String::new(),
                ..plan.clone()
            };
            assert_eq!(h.update(edited, paths).await.state(), State::Planned);
        }
    }

    async fn what_was_held_cannot_lie_ahead(h: Harness) {
        let firm = h.create(customer("Ferrum AG")).await;
        let at = |micros: i64| Some(clientele::clock::timestamp(START + micros));
        let held = |micros| pb::Conversation {
            start_time: at(micros),
            ..conversation(&firm, 0)
        };
        let field = ["conversation.start_time"];
        h.create(held(300 * SECOND)).await;
        refused(create(&h, held(300 * SECOND + 1), vec![]).await).names("FIELD_INVALID", &field);
        let planned = |micros| pb::Conversation {
            state: State::Planned.into(),
            ..held(micros)
        };
        let plan = h.create(planned(3600 * SECOND)).await;
        // Neither the state alone nor the time alone can make it so.
        let now_held = pb::Conversation {
            state: State::Held.into(),
            ..plan.clone()
        };
        refused(h.try_update(now_held.clone(), &["state"]).await).names("FIELD_INVALID", &field);
        let past = h.create(held(0)).await;
        let ahead = pb::Conversation {
            start_time: at(301 * SECOND),
            ..past
        };
        refused(h.try_update(ahead, &["start_time"]).await).names("FIELD_INVALID", &field);
        h.advance(3300 * SECOND);
        assert_eq!(h.update(now_held, &["state"]).await.state(), State::Held);
    }
}

/// Tries to create a conversation with promises.
async fn create(
    h: &Harness,
    conversation: pb::Conversation,
    promises: Vec<pb::Promise>,
) -> Answer<pb::Conversation> {
    let conversation = Some(conversation);
    let request = pb::CreateConversationRequest {
        conversation,
        promises,
        ..Default::default()
    };
    h.conversations.clone().create_conversation(request).await
}

fn owed(text: &str) -> pb::Promise {
    pb::Promise {
        text: text.to_owned(),
        side: Side::Company.into(),
        ..Default::default()
    }
}

async fn everyone_can_see_a_conversation_unless_said_otherwise(h: Harness) {
    let talk = h.created::<pb::Conversation>().await;
    assert_eq!(
        (talk.visibility(), talk.author.as_str()),
        (Visibility::Everyone, "local")
    );
    for paths in [&["visibility"][..], &["*"]] {
        let unsaid = pb::Conversation {
            visibility: 0,
            author: "me".to_owned(),
            ..talk.clone()
        };
        assert_eq!(h.update(unsaid, paths).await, talk);
    }
}

async fn nobody_writes_in_the_name_of_another(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let of_jo = pb::Conversation {
        author: "colleagues/jo".to_owned(),
        ..conversation(&firm, 0)
    };
    assert_eq!(mia.create(of_jo.clone()).await.author, "colleagues/mia");
    let named = pb::Conversation {
        name: "conversations/new".to_owned(),
        ..of_jo
    };
    let made = Update {
        resource: Some(named.clone()),
        allow_missing: true,
        ..Default::default()
    };
    assert_eq!(
        done(pb::Conversation::update(&mia, made).await).author,
        "colleagues/mia"
    );
    for paths in [&["author"][..], &["*"], &[]] {
        assert_eq!(
            jo.update(named.clone(), paths).await.author,
            "colleagues/mia",
            "{paths:?}"
        );
    }
}

async fn references_are_looked_up(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let (person, mia) = (
        h.create(contact("Mara Lind")).await,
        h.create(colleague("Mia Berg")).await,
    );
    let (gone, left, closed) = three_that_are_gone(&h).await;
    let fine = pb::Conversation {
        contacts: vec![person.name.clone()],
        colleagues: vec![mia.name.clone()],
        ..conversation(&firm, 0)
    };
    let talk = h.create(fine.clone()).await;
    for (unknown, deleted) in [("nobody", false), ("", true)] {
        let or = |collection: &str, name: &str| {
            if deleted {
                name.to_owned()
            } else {
                format!("{collection}/{unknown}")
            }
        };
        let of_contact = texts(&[&person.name, &or("contacts", &gone.name)]);
        let of_colleague = texts(&[&or("colleagues", &left.name)]);
        let broken = [
            (
                pb::Conversation {
                    customer: or("customers", &closed.name),
                    ..fine.clone()
                },
                "customer",
            ),
            (
                pb::Conversation {
                    contacts: of_contact,
                    ..fine.clone()
                },
                "contacts[1]",
            ),
            (
                pb::Conversation {
                    colleagues: of_colleague,
                    ..fine.clone()
                },
                "colleagues[0]",
            ),
        ];
        for (input, field) in broken {
            refused(create(&h, input.clone(), vec![]).await).names_unusable(field);
            let input = pb::Conversation {
                name: talk.name.clone(),
                ..input
            };
            refused(h.try_update(input, &["*"]).await).names_unusable(field);
        }
    }
    people_are_named_once_and_by_their_kind(&h, fine, &person, mia).await;
}

async fn three_that_are_gone(h: &Harness) -> (pb::Contact, pb::Colleague, pb::Customer) {
    let (gone, left) = (
        h.create(contact("Gone")).await,
        h.create(colleague("Left")).await,
    );
    let closed = h.create(customer("Closed")).await;
    h.delete::<pb::Contact>(&gone.name).await;
    h.delete::<pb::Colleague>(&left.name).await;
    h.delete::<pb::Customer>(&closed.name).await;
    (gone, left, closed)
}

async fn people_are_named_once_and_by_their_kind(
    h: &Harness,
    fine: pb::Conversation,
    person: &pb::Contact,
    mia: pb::Colleague,
) {
    let twice = pb::Conversation {
        contacts: vec![person.name.clone(); 2],
        ..fine.clone()
    };
    refused(create(h, twice, vec![]).await).names("FIELD_INVALID", &["conversation.contacts"]);
    let of_another_kind = pb::Conversation {
        contacts: vec![mia.name],
        ..fine
    };
    refused(create(h, of_another_kind, vec![]).await)
        .names("FIELD_INVALID", &["conversation.contacts[0]"]);
}

async fn what_is_deleted_later_stays(h: Harness) {
    let (person, mia) = (
        h.create(contact("Mara Lind")).await,
        h.create(colleague("Mia Berg")).await,
    );
    let firm = h.create(customer("Ferrum AG")).await;
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        colleagues: vec![mia.name.clone()],
        ..conversation(&firm, 0)
    };
    let talk = h.create(talk).await;
    h.delete::<pb::Contact>(&person.name).await;
    h.delete::<pb::Colleague>(&mia.name).await;
    assert_eq!(h.get::<pb::Conversation>(&talk.name).await, talk);
    let changed = h
        .update(
            pb::Conversation {
                subject: "new".to_owned(),
                ..talk.clone()
            },
            &["*"],
        )
        .await;
    assert_eq!(
        (changed.contacts, changed.colleagues),
        (talk.contacts, talk.colleagues)
    );
}

async fn a_customer_takes_its_conversations_and_promises_along(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let (talk, alone) = (
        h.create(conversation(&firm, 1)).await,
        h.create(conversation(&firm, 2)).await,
    );
    let (owed, kept) = (
        h.create(promise(&firm, "x")).await,
        h.create(promise(&firm, "y")).await,
    );
    let delete = || crate::harness::standard::Delete {
        name: firm.name.clone(),
        ..Default::default()
    };
    let refusal = refused(pb::Customer::delete(&h, delete()).await)
        .is(Code::FailedPrecondition, "HAS_CHILDREN");
    refusal
        .tells("childCount", "2")
        .tells("childCollection", "conversations");
    h.delete::<pb::Conversation>(&alone.name).await;
    h.delete::<pb::Promise>(&kept.name).await;
    h.delete::<pb::Customer>(&firm.name).await;
    assert!(h.get::<pb::Conversation>(&talk.name).await.is_deleted());
    assert!(h.get::<pb::Promise>(&owed.name).await.is_deleted());
    let undelete = Undelete {
        name: talk.name.clone(),
        ..Default::default()
    };
    let refusal = refused(pb::Conversation::undelete(&h, undelete).await);
    refusal
        .is(Code::FailedPrecondition, "PARENT_DELETED")
        .about(&talk.name)
        .tells("parent", &firm.name);
    h.undelete::<pb::Customer>(&firm.name).await;
    assert_eq!(h.names::<pb::Conversation>("").await, [talk.name.as_str()]);
    assert_eq!(h.names::<pb::Promise>("").await, [owed.name]);
    let delete = || crate::harness::standard::Delete {
        name: firm.name.clone(),
        ..Default::default()
    };
    h.delete::<pb::Conversation>(&talk.name).await;
    let refusal = refused(pb::Customer::delete(&h, delete()).await)
        .is(Code::FailedPrecondition, "HAS_CHILDREN");
    refusal
        .tells("childCount", "1")
        .tells("childCollection", "promises");
}

async fn a_customer_of_thousands_of_records_goes_and_comes(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    for day in 0..25 {
        done(create(&h, conversation(&firm, day * 86_400), vec![owed("x"); 100]).await);
    }
    h.delete::<pb::Customer>(&firm.name).await;
    assert!(h.names::<pb::Promise>("").await.is_empty());
    h.undelete::<pb::Customer>(&firm.name).await;
    assert_eq!(h.names::<pb::Conversation>("").await.len(), 25);
    let last = h
        .get::<pb::Customer>(&firm.name)
        .await
        .last_conversation
        .unwrap();
    assert_eq!(last.start_time, time(24 * 86_400));
}

async fn durations_are_0_to_10_years(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let lasting = |seconds, nanos| pb::Conversation {
        duration: Some(Duration { seconds, nanos }),
        ..conversation(&firm, 0)
    };
    for (seconds, nanos) in [(0, 0), (0, 1000), (315_576_000, 0)] {
        let talk = h.create(lasting(seconds, nanos)).await;
        assert_eq!(talk.duration, Some(Duration { seconds, nanos }));
        assert_eq!(h.get::<pb::Conversation>(&talk.name).await, talk);
    }
    for (seconds, nanos) in [(-1, 0), (0, -1000), (315_576_000, 1000), (1, -1)] {
        let refusal = refused(create(&h, lasting(seconds, nanos), vec![]).await);
        refusal.names("FIELD_INVALID", &["conversation.duration"]);
    }
    let unset = pb::Conversation {
        start_time: None,
        ..conversation(&firm, 0)
    };
    let fields = ["conversation.start_time"];
    refused(create(&h, unset, vec![]).await).names("FIELD_INVALID", &fields);
}

async fn a_conversation_was_held_unless_said_otherwise(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let unsaid = pb::Conversation {
        state: 0,
        ..conversation(&firm, 0)
    };
    let made = h.create(unsaid.clone()).await;
    let upserted = Update {
        resource: Some(pb::Conversation {
            name: "conversations/upserted".to_owned(),
            ..unsaid.clone()
        }),
        allow_missing: true,
        ..Default::default()
    };
    let upserted = done(pb::Conversation::update(&h, upserted).await);
    let log = pb::LogConversationRequest {
        customer: Some(pb::CustomerKey {
            key: Some(pb::customer_key::Key::Name(firm.name.clone())),
            ..Default::default()
        }),
        conversation: Some(unsaid),
        ..Default::default()
    };
    let logged = done(h.relationships.clone().log_conversation(log).await);
    for talk in [made, upserted, logged.conversation.unwrap()] {
        assert_eq!(talk.state(), State::Held);
        assert_eq!(h.get::<pb::Conversation>(&talk.name).await, talk);
    }
}

async fn conversations_are_sorted_by_their_start(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    for (id, seconds, nanos) in [("c", 5, 1000), ("a", 5, 1000), ("b", 5, 0), ("d", -5, 0)] {
        let start_time = Some(Timestamp { seconds, nanos });
        h.create_as(
            id,
            pb::Conversation {
                start_time,
                ..conversation(&firm, 0)
            },
        )
        .await;
    }
    let order_by = async |order_by: &str| {
        let list = List {
            order_by: order_by.to_owned(),
            ..Default::default()
        };
        let found = done(pb::Conversation::list(&h, list).await).0;
        found
            .iter()
            .map(|talk| talk.name.trim_start_matches("conversations/").to_owned())
            .collect::<String>()
    };
    assert_eq!(order_by("start_time").await, "dbac");
    assert_eq!(order_by("start_time desc").await, "cabd");
    let at = "start_time = \"1970-01-01T00:00:05.000001Z\" AND state = HELD AND broadcast = false";
    assert_eq!(
        h.names::<pb::Conversation>(at).await,
        ["conversations/a", "conversations/c"]
    );
}
