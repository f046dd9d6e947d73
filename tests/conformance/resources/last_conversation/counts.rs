//! How often a customer was talked with, by which channel, and how often it therefore comes.

use clientele::pb;
use clientele::pb::conversation::{Channel, State};
use clientele::pb::customer::{Engagement, Frequency};
use clientele::pb::note::Visibility;

use crate::conformance::relationship::profile::profile;
use crate::conformance::segments::comparison::{compare, field, values};
use crate::harness::Harness;
use crate::harness::builders::{customer, time};
use crate::harness::records::{conversation, listed};

conformance! {
    conversations_are_counted_by_channel,
    only_what_can_be_the_last_one_is_counted,
    without_visits_the_conversations_say_how_often_somebody_comes,
    filters_and_comparisons_know_them,
    the_change_row_names_what_changed,
}

async fn talk(
    h: &Harness,
    firm: &pb::Customer,
    channel: Channel,
    seconds: i64,
) -> pb::Conversation {
    let talk = pb::Conversation {
        channel: channel.into(),
        ..conversation(firm, seconds)
    };
    h.create(talk).await
}

fn used(channel: Channel, count: i32, first: i64, last: i64) -> pb::ChannelUse {
    pb::ChannelUse {
        channel: channel.into(),
        conversation_count: count,
        first_conversation_time: time(first),
        last_conversation_time: time(last),
    }
}

async fn conversations_are_counted_by_channel(h: Harness) {
    let firm = h.create(customer("Ferrum")).await;
    let other = h.create(customer("Cuprum")).await;
    assert_eq!(profile(&h, &firm.name).await.used_channels, []);
    talk(&h, &firm, Channel::Phone, 300).await;
    talk(&h, &firm, Channel::Phone, 100).await;
    let mail = talk(&h, &firm, Channel::Email, 200).await;
    talk(&h, &other, Channel::Sms, 50).await;
    let read = h.get::<pb::Customer>(&firm.name).await;
    assert_eq!(read.conversation_count, 3);
    assert_eq!(read.first_conversation_time, time(100));
    assert_eq!(
        profile(&h, &firm.name).await.used_channels,
        [
            used(Channel::Phone, 2, 100, 300),
            used(Channel::Email, 1, 200, 200)
        ]
    );
    // It moves to another customer, and to another channel.
    let moved = pb::Conversation {
        customer: other.name.clone(),
        channel: Channel::Sms.into(),
        ..mail
    };
    h.update(moved, &["customer", "channel"]).await;
    assert_eq!(
        profile(&h, &firm.name).await.used_channels,
        [used(Channel::Phone, 2, 100, 300)]
    );
    assert_eq!(
        profile(&h, &other.name).await.used_channels,
        [used(Channel::Sms, 2, 50, 200)]
    );
}

async fn only_what_can_be_the_last_one_is_counted(h: Harness) {
    let firm = h.create(customer("Ferrum")).await;
    let held = talk(&h, &firm, Channel::Phone, 100).await;
    let me = h.as_colleague("mia").await;
    for other in [
        pb::Conversation {
            state: State::Planned.into(),
            ..conversation(&firm, 10)
        },
        pb::Conversation {
            broadcast: true,
            ..conversation(&firm, 20)
        },
        pb::Conversation {
            visibility: Visibility::Private.into(),
            ..conversation(&firm, 30)
        },
    ] {
        me.create(other).await;
    }
    let count = async || h.get::<pb::Customer>(&firm.name).await.conversation_count;
    assert_eq!(count().await, 1);
    h.delete::<pb::Conversation>(&held.name).await;
    assert_eq!(count().await, 0);
    let read = h.get::<pb::Customer>(&firm.name).await;
    assert_eq!(read.first_conversation_time, None);
    assert_eq!(profile(&h, &firm.name).await.used_channels, []);
    h.undelete::<pb::Conversation>(&held.name).await;
    assert_eq!(count().await, 1);
}

async fn without_visits_the_conversations_say_how_often_somebody_comes(h: Harness) {
    let firm = h.create(customer("Ferrum")).await;
    let frequency = async || h.get::<pb::Customer>(&firm.name).await.frequency();
    let expected = |n| match n {
        0 => Frequency::Unspecified,
        1 => Frequency::FirstTime,
        2..=11 => Frequency::Occasional,
        _ => Frequency::Frequent,
    };
    for n in 0..13 {
        assert_eq!(frequency().await, expected(n), "{n}");
        talk(&h, &firm, Channel::Chat, 100 + n).await;
    }
    let visits = pb::Customer {
        engagement: Some(Engagement {
            visit_count: Some(1),
            ..Default::default()
        }),
        ..h.get(&firm.name).await
    };
    h.update(visits, &["engagement.visit_count"]).await;
    assert_eq!(frequency().await, Frequency::FirstTime);
    // Visits that are known to be none are no unknown visits.
    let none = pb::Customer {
        engagement: Some(Engagement {
            visit_count: Some(0),
            ..Default::default()
        }),
        ..h.get(&firm.name).await
    };
    h.update(none, &["engagement.visit_count"]).await;
    assert_eq!(frequency().await, Frequency::Unspecified);
}

async fn filters_and_comparisons_know_them(h: Harness) {
    let often = h.create(customer("Often")).await;
    let once = h.create(customer("Once")).await;
    let never = h.create(customer("Never")).await;
    for seconds in [100, 200, 300] {
        talk(&h, &often, Channel::Phone, seconds).await;
    }
    talk(&h, &once, Channel::Email, 250).await;
    for (filter, expected) in [
        ("conversation_count >= 2", vec![&often]),
        ("conversation_count = 0", vec![&never]),
        (
            "first_conversation_time <= \"1970-01-01T00:02:00Z\"",
            vec![&often],
        ),
        ("first_conversation_time:*", vec![&often, &once]),
        ("frequency = OCCASIONAL", vec![&often]),
    ] {
        let mut expected: Vec<&str> = expected.into_iter().map(|of| of.name.as_str()).collect();
        expected.sort_unstable();
        assert_eq!(h.names::<pb::Customer>(filter).await, expected, "{filter}");
    }
    let a = h.create(listed("a", &[&often, &never])).await;
    let b = h.create(listed("b", &[&once])).await;
    let comparison = compare(&h, &a, &b, &[]).await;
    let channels = field(&comparison, "used_channels");
    assert_eq!(values(channels), [("EMAIL", 0, 1), ("PHONE", 1, 0)]);
    assert_eq!((channels.a_set_count, channels.b_set_count), (1, 1));
    let counts = field(&comparison, "conversation_count");
    assert_eq!((counts.a_set_count, counts.b_set_count), (1, 1));
}

async fn the_change_row_names_what_changed(h: Harness) {
    let firm = h.create(customer("Ferrum")).await;
    talk(&h, &firm, Channel::Phone, 200).await;
    let since = h.revision().await;
    // It was held before the last one: only the count and the first one change.
    talk(&h, &firm, Channel::Phone, 100).await;
    let changes = h.changes_after(since).await;
    let of_firm = changes.iter().find(|change| change.name == firm.name);
    let of_firm = of_firm.unwrap();
    assert!(of_firm.derived);
    assert_eq!(
        of_firm.paths,
        ["conversation_count", "first_conversation_time", "frequency"]
    );
    // The third makes it no more frequent; with known visits none does.
    let since = h.revision().await;
    talk(&h, &firm, Channel::Phone, 150).await;
    assert_eq!(
        h.changes_after(since).await[1].paths,
        ["conversation_count"]
    );
    let visits = pb::customer::Engagement {
        visit_count: Some(3),
        ..Default::default()
    };
    let visited = pb::Customer {
        engagement: Some(visits),
        ..customer("Cuprum")
    };
    let visited = h.create(visited).await;
    let since = h.revision().await;
    talk(&h, &visited, Channel::Phone, 100).await;
    let changes = h.changes_after(since).await;
    let of_visited = changes.iter().find(|change| change.name == visited.name);
    assert!(of_visited.is_some_and(|change| change.paths.iter().all(|path| path != "frequency")));
}
