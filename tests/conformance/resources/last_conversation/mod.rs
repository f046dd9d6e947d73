//! The last conversation of customers and contacts: right after every change that could alter it, and noted as derived.

mod changes; // its change rows
mod counts; // how many there were, by channel
mod deletion; // when records are deleted and come back

use clientele::clock::timestamp;
use clientele::pb;
use clientele::pb::conversation::{Channel, Direction, State};
use clientele::pb::note::Visibility;
use prost_types::{Duration, Timestamp};

use crate::harness::Harness;
use crate::harness::builders::{affiliation, contact, customer, texts, time};
use crate::harness::records::{colleague, conversation};
use crate::harness::standard::Standard;

conformance! {
    it_tells_what_people_ask_first,
    the_latest_counts_and_ties_go_to_the_greatest_name,
    edits_show_at_once,
    its_time_moves_while_it_stays_the_last,
    a_conversation_that_moves_takes_its_place,
    people_come_and_go_in_the_list_of_contacts,
    only_what_was_held_with_somebody_counts,
    a_follow_up_is_due_after_the_last_conversation,
    it_is_found_by_what_it_says,
}

/// A customer, a contact there, and a second customer.
struct World {
    h: Harness,
    firm: pb::Customer,
    other: pb::Customer,
    person: pb::Contact,
}

impl World {
    async fn new(h: Harness) -> World {
        let (firm, person, _) = h.employed().await;
        let other = h.create(customer("Cuprum")).await;
        World {
            h,
            firm,
            other,
            person,
        }
    }

    /// Creates a conversation with the customer and the contact.
    async fn talk(&self, id: &str, seconds: i64) -> pb::Conversation {
        self.h.create_as(id, self.with_person(seconds)).await
    }

    fn with_person(&self, seconds: i64) -> pb::Conversation {
        pb::Conversation {
            contacts: vec![self.person.name.clone()],
            ..conversation(&self.firm, seconds)
        }
    }

    /// Changes when a conversation was held.
    async fn moves(&self, talk: pb::Conversation, seconds: i64) -> pb::Conversation {
        let talk = pb::Conversation {
            start_time: time(seconds),
            ..talk
        };
        self.h.update(talk, &["start_time"]).await
    }

    /// Asserts which conversation is the last of the customer, of the other one, and of the contact.
    #[track_caller]
    fn last_are(&self, expected: [&str; 3]) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let firm = self
                .h
                .get::<pb::Customer>(&self.firm.name)
                .await
                .last_conversation;
            let other = self
                .h
                .get::<pb::Customer>(&self.other.name)
                .await
                .last_conversation;
            let person = self
                .h
                .get::<pb::Contact>(&self.person.name)
                .await
                .last_conversation;
            let id = |last: Option<pb::LastConversation>| {
                last.map(|last| last.conversation).unwrap_or_default()
            };
            let found = [firm, other, person]
                .map(id)
                .map(|name| name.replace("conversations/", ""));
            assert_eq!(found, expected, "{place}");
        }
    }
}

async fn it_tells_what_people_ask_first(h: Harness) {
    let w = World::new(h).await;
    w.last_are(["", "", ""]).await;
    let mia = w.h.create(colleague("Mia Berg")).await;
    let talk = pb::Conversation {
        start_time: Some(Timestamp {
            seconds: 7,
            nanos: 1000,
        }),
        channel: Channel::Phone.into(),
        direction: Direction::Inbound.into(),
        subject: "Offer 7".to_owned(),
        summary: "They want it.".to_owned(),
        colleagues: vec![mia.name.clone()],
        ..w.with_person(0)
    };
    let talk = w.h.create(talk).await;
    let expected = Some(pb::LastConversation {
        conversation: talk.name,
        start_time: talk.start_time,
        channel: Channel::Phone.into(),
        direction: Direction::Inbound.into(),
        subject: "Offer 7".to_owned(),
        summary: "They want it.".to_owned(),
        contacts: talk.contacts,
        colleagues: vec![mia.name],
    });
    assert_eq!(
        w.h.get::<pb::Customer>(&w.firm.name)
            .await
            .last_conversation,
        expected
    );
    assert_eq!(
        w.h.get::<pb::Contact>(&w.person.name)
            .await
            .last_conversation,
        expected
    );
}

async fn the_latest_counts_and_ties_go_to_the_greatest_name(h: Harness) {
    let w = World::new(h).await;
    w.talk("m", 100).await;
    w.last_are(["m", "", "m"]).await;
    w.talk("z", 99).await; // back-dated
    w.last_are(["m", "", "m"]).await;
    w.talk("a", 100).await; // the same time, a smaller name
    w.last_are(["m", "", "m"]).await;
    w.talk("n", 100).await; // the same time, a greater name
    w.last_are(["n", "", "n"]).await;
    let by_a_hair = pb::Conversation {
        start_time: Some(Timestamp {
            seconds: 100,
            nanos: 1000,
        }),
        ..w.with_person(0)
    };
    w.h.create_as("b", by_a_hair).await;
    w.last_are(["b", "", "b"]).await;
    // Names the server makes start with a digit, and so come before those that callers choose.
    let made = pb::Conversation {
        start_time: Some(Timestamp {
            seconds: 100,
            nanos: 1000,
        }),
        ..w.with_person(0)
    };
    w.h.create(made).await;
    w.last_are(["b", "", "b"]).await;
}

async fn edits_show_at_once(h: Harness) {
    let w = World::new(h).await;
    let (a, b) = (w.talk("a", 1).await, w.talk("b", 2).await);
    // Back-dated behind the other, and forward again.
    let b = w.moves(b, 0).await;
    w.last_are(["a", "", "a"]).await;
    w.moves(b, 3).await;
    w.last_are(["b", "", "b"]).await;
    let a = w.moves(a, 3).await;
    w.last_are(["b", "", "b"]).await;
    w.h.update(
        pb::Conversation {
            start_time: time(4),
            subject: "x".to_owned(),
            ..a
        },
        &["*"],
    )
    .await;
    w.last_are(["a", "", "a"]).await;
    let a = pb::Conversation {
        name: "conversations/a".to_owned(),
        summary: "y".to_owned(),
        ..Default::default()
    };
    w.h.update(a, &["summary"]).await;
    let last =
        w.h.get::<pb::Customer>(&w.firm.name)
            .await
            .last_conversation
            .unwrap();
    assert_eq!((last.subject.as_str(), last.summary.as_str()), ("x", "y"));
    assert_eq!(
        w.h.get::<pb::Contact>(&w.person.name)
            .await
            .last_conversation,
        Some(last)
    );
}

async fn its_time_moves_while_it_stays_the_last(h: Harness) {
    let w = World::new(h).await;
    let daily = pb::Customer {
        follow_up_interval: Some(Duration {
            seconds: 86_400,
            nanos: 0,
        }),
        ..w.firm.clone()
    };
    w.h.update(daily, &["follow_up_interval"]).await;
    let mut talk = w.talk("a", 1000).await;
    for seconds in [500, 2000, -7] {
        let revision = w.h.revision().await;
        talk =
            w.h.update(
                pb::Conversation {
                    start_time: time(seconds),
                    ..talk
                },
                &["start_time"],
            )
            .await;
        let firm = w.h.get::<pb::Customer>(&w.firm.name).await;
        let person = w.h.get::<pb::Contact>(&w.person.name).await;
        assert_eq!(firm.follow_up_due_time, time(seconds + 86_400));
        for last in [
            firm.last_conversation.unwrap(),
            person.last_conversation.unwrap(),
        ] {
            assert_eq!(
                (last.conversation.as_str(), last.start_time),
                ("conversations/a", time(seconds))
            );
        }
        // What filters and orders go by is stored; what is told is read from the conversation.
        let at = jiff::Timestamp::from_second(seconds).unwrap();
        let at = format!("last_conversation.start_time = \"{at}\"");
        assert_eq!(w.h.names::<pb::Customer>(&at).await, [w.firm.name.as_str()]);
        assert_eq!(
            w.h.names::<pb::Contact>(&at).await,
            [w.person.name.as_str()]
        );
        let derived =
            w.h.changes_after(revision)
                .await
                .into_iter()
                .filter(|change| change.derived);
        assert_eq!(derived.count(), 2);
    }
}

async fn a_conversation_that_moves_takes_its_place(h: Harness) {
    let w = World::new(h).await;
    w.talk("a", 1).await;
    let b = w.talk("b", 2).await;
    let b =
        w.h.update(
            pb::Conversation {
                customer: w.other.name.clone(),
                ..b
            },
            &["customer"],
        )
        .await;
    w.last_are(["a", "b", "b"]).await;
    let b = w.moves(b, 0).await;
    w.last_are(["a", "b", "a"]).await;
    let back = pb::Conversation {
        customer: w.firm.name.clone(),
        start_time: time(9),
        ..b
    };
    w.h.update(back, &["customer", "start_time"]).await;
    w.last_are(["b", "", "b"]).await;
}

async fn people_come_and_go_in_the_list_of_contacts(h: Harness) {
    let w = World::new(h).await;
    let alone = w.h.create_as("a", conversation(&w.firm, 5)).await;
    w.last_are(["a", "", ""]).await;
    let with = |contacts| pb::Conversation {
        contacts,
        etag: String::new(),
        ..alone.clone()
    };
    w.h.update(with(vec![w.person.name.clone()]), &["contacts"])
        .await;
    w.last_are(["a", "", "a"]).await;
    w.talk("b", 4).await;
    w.h.update(with(vec![]), &["contacts"]).await;
    w.last_are(["a", "", "b"]).await;
    let second = w.h.create(contact("Jo")).await;
    w.h.update(
        with(vec![second.name.clone(), w.person.name.clone()]),
        &["contacts"],
    )
    .await;
    w.last_are(["a", "", "a"]).await;
    let of_second =
        w.h.get::<pb::Contact>(&second.name)
            .await
            .last_conversation
            .unwrap();
    assert_eq!(of_second.contacts, [second.name, w.person.name.clone()]);
}

async fn only_what_was_held_with_somebody_counts(h: Harness) {
    let w = World::new(h).await;
    w.talk("a", 1).await;
    let b = w.talk("b", 2).await;
    let uncounted = [
        pb::Conversation {
            state: State::Planned.into(),
            ..b.clone()
        },
        pb::Conversation {
            state: State::Cancelled.into(),
            ..b.clone()
        },
        pb::Conversation {
            state: State::Unanswered.into(),
            ..b.clone()
        },
        pb::Conversation {
            broadcast: true,
            ..b.clone()
        },
        pb::Conversation {
            visibility: Visibility::Private.into(),
            ..b.clone()
        },
    ];
    for (i, changed) in uncounted.into_iter().enumerate() {
        w.h.update(
            pb::Conversation {
                etag: String::new(),
                ..changed.clone()
            },
            &["*"],
        )
        .await;
        w.last_are(["a", "", "a"]).await;
        w.h.update(
            pb::Conversation {
                etag: String::new(),
                ..b.clone()
            },
            &["*"],
        )
        .await;
        w.last_are(["b", "", "b"]).await;
        // Nor does one that never counted.
        let late = pb::Conversation {
            start_time: time(9),
            ..changed
        };
        w.h.create_as(&format!("c{i}"), late).await;
        w.last_are(["b", "", "b"]).await;
    }
    a_plan_counts_from_the_moment_it_was_held(&w).await;
}

async fn a_plan_counts_from_the_moment_it_was_held(w: &World) {
    // A plan that lies ahead of everything counts from the moment it was held.
    let future = Some(timestamp(4_102_444_800_000_000));
    let plan = pb::Conversation {
        state: State::Planned.into(),
        start_time: future,
        ..w.with_person(0)
    };
    let plan = w.h.create_as("p", plan).await;
    w.last_are(["b", "", "b"]).await;
    let held = pb::Conversation {
        state: State::Held.into(),
        start_time: time(9),
        ..plan
    };
    w.h.update(held, &["state", "start_time"]).await;
    w.last_are(["p", "", "p"]).await;
}

async fn a_follow_up_is_due_after_the_last_conversation(h: Harness) {
    let w = World::new(h).await;
    assert_eq!(w.firm.follow_up_due_time, None);
    let every = |seconds, nanos| pb::Customer {
        follow_up_interval: Some(Duration { seconds, nanos }),
        etag: String::new(),
        ..w.firm.clone()
    };
    let firm = w.h.update(every(60, 1000), &["follow_up_interval"]).await;
    let from_creation = |seconds: i64| {
        let created = clientele::clock::micros(&w.firm.create_time.unwrap()).unwrap();
        Some(timestamp(created + seconds * 1_000_000 + 1))
    };
    assert_eq!(firm.follow_up_due_time, from_creation(60));
    w.talk("a", 1000).await;
    let due = async || {
        w.h.get::<pb::Customer>(&w.firm.name)
            .await
            .follow_up_due_time
    };
    assert_eq!(
        due().await,
        Some(Timestamp {
            seconds: 1060,
            nanos: 1000
        })
    );
    let firm = w.h.update(every(7, 0), &["follow_up_interval"]).await;
    assert_eq!(firm.follow_up_due_time, time(1007));
    assert_eq!(
        w.h.names::<pb::Customer>("follow_up_due_time = \"1970-01-01T00:16:47Z\"")
            .await,
        [w.firm.name.as_str()]
    );
    w.h.delete::<pb::Conversation>("conversations/a").await;
    assert!(due().await.unwrap().seconds > 1_000_000);
    w.h.update(
        pb::Customer {
            follow_up_interval: None,
            etag: String::new(),
            ..firm
        },
        &["follow_up_interval"],
    )
    .await;
    assert_eq!(due().await, None);
}

async fn it_is_found_by_what_it_says(h: Harness) {
    let w = World::new(h).await;
    let talk = pb::Conversation {
        channel: Channel::Phone.into(),
        subject: "Offer".to_owned(),
        ..w.with_person(0)
    };
    w.h.create_as("a", talk).await;
    for filter in [
        "last_conversation.conversation = \"conversations/a\"",
        "last_conversation.start_time = \"1970-01-01T00:00:00Z\"",
        "last_conversation.channel = PHONE AND last_conversation.subject = \"Offer\"",
    ] {
        assert_eq!(
            w.h.names::<pb::Customer>(filter).await,
            [w.firm.name.as_str()],
            "{filter}"
        );
        assert_eq!(
            w.h.names::<pb::Contact>(filter).await,
            [w.person.name.as_str()],
            "{filter}"
        );
    }
    assert!(
        w.h.names::<pb::Customer>("last_conversation.summary:*")
            .await
            .is_empty()
    );
    let mia = w.h.create(colleague("Mia Berg")).await;
    let told = pb::Conversation {
        name: "conversations/a".to_owned(),
        direction: Direction::Inbound.into(),
        summary: "They want it.".to_owned(),
        colleagues: vec![mia.name.clone()],
        ..Default::default()
    };
    w.h.update(told, &["direction", "summary", "colleagues"])
        .await;
    let of_mia = format!("last_conversation.colleagues:\"{}\"", mia.name);
    for part in [
        "last_conversation.direction = INBOUND",
        "last_conversation.summary = \"They want it.\"",
        &of_mia,
    ] {
        assert_eq!(
            w.h.names::<pb::Customer>(part).await,
            [w.firm.name.as_str()],
            "{part}"
        );
    }
}
