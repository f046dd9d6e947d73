//! Random records of every kind for the comparison in `agree.rs`.

use std::collections::BTreeMap;

use clientele::clock::{self, DAY, SECOND};
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, BuyingRoleClaim, Seniority};
use clientele::pb::conversation::Channel;
use clientele::pb::customer::{Business, Engagement, Individual, Lifecycle};
use prost_types::value::Kind;

use crate::harness::Harness;
use crate::harness::builders::{
    affiliation, attributes, claim, contact, customer, date, email, external_id, map, money, phone,
    texts, time,
};
use crate::harness::records::{colleague, conversation, note, persona, promise, segment};
use crate::series::random::Random;

/// 2026-01-01T00:00:00Z.
pub const NOW: i64 = 1_767_225_600 * SECOND;
const N_CUSTOMERS: usize = 50;
const TEXTS: [&str; 9] = ["", "a", "B", "ab", "Ä", "ä b", "straße", "a*", "100%"];

/// Makes the same records on every engine.
pub async fn fill(h: &Harness) {
    let mut random = Random::new(7);
    let mut people = Vec::new();
    for i in 0..20 {
        let person = person(&mut random);
        people.push(h.create_as(&format!("p{i}"), person).await);
    }
    for i in 0..N_CUSTOMERS {
        let firm = firm(&mut random, i);
        let firm = h.create_as(&format!("c{i}"), firm).await;
        for j in 0..random.below(4) {
            let job = job(&mut random, &people, &firm);
            let job = h.create_as(&format!("a{i}-{j}"), job).await;
            if random.once_in(2) {
                let role = random.one_of(&[
                    BuyingRole::Champion,
                    BuyingRole::DecisionMaker,
                    BuyingRole::EndUser,
                ]);
                let start_date = day(&mut random);
                let scope = word(&mut random);
                h.add_role(pb::AddBuyingRoleRequest {
                    start_date,
                    scope,
                    ..claim(&job, role)
                })
                .await;
            }
        }
        for j in 0..random.below(3) {
            let talk = talk(&mut random, &people, &firm);
            h.create_as(&format!("t{i}-{j}"), talk).await;
        }
        if random.once_in(2) {
            let due_time = moment(&mut random);
            h.create_as(
                &format!("o{i}"),
                pb::Promise {
                    due_time,
                    ..promise(&firm, &format!("a{}", word(&mut random)))
                },
            )
            .await;
        }
    }
    for i in 0..20 {
        let (about, us) = (remark(&mut random, i), one_of_us(&mut random, i));
        h.create_as(&format!("n{i}"), about).await;
        h.create_as(&format!("u{i}"), us).await;
        let (typical, some) = (typical(&mut random), some(&mut random));
        h.create_as(&format!("q{i}"), typical).await;
        h.create_as(&format!("s{i}"), some).await;
    }
}

/// Makes a customer and its affiliations as they are read, without a store.
pub fn known_firm(random: &mut Random, i: usize) -> (pb::Customer, Vec<pb::Affiliation>) {
    let people: Vec<pb::Contact> = (0..4)
        .map(|j| pb::Contact {
            name: format!("contacts/p{j}"),
            ..person(random)
        })
        .collect();
    let mut firm = pb::Customer {
        name: format!("customers/c{i}"),
        ..firm(random, i)
    };
    firm.contact_count = i32::try_from(random.below(3)).unwrap();
    let talk = talk(random, &people, &firm);
    firm.last_conversation = random.once_in(2).then(|| pb::LastConversation {
        conversation: "conversations/t".to_owned(),
        start_time: talk.start_time,
        channel: talk.channel,
        subject: talk.subject,
        contacts: talk.contacts,
        ..Default::default()
    });
    let mut job = |_| {
        let role = BuyingRoleClaim {
            role: random
                .one_of(&[BuyingRole::Champion, BuyingRole::DecisionMaker])
                .into(),
            scope: word(random),
            verify_time: moment(random),
            ..Default::default()
        };
        let buying_roles = if random.once_in(2) {
            vec![role]
        } else {
            Vec::new()
        };
        pb::Affiliation {
            buying_roles,
            ..job(random, &people, &firm)
        }
    };
    let affiliations = (0..i % 4).map(&mut job).collect();
    (firm, affiliations)
}

/// Makes a customer with something in fields of every form.
pub fn plain_firm() -> (pb::Customer, Vec<pb::Affiliation>) {
    let business = Business {
        legal_name: "Ä \"b\"".to_owned(),
        domains: texts(&["a.example"]),
        employee_count: Some(12),
        ..Default::default()
    };
    let preferred_channels = vec![Channel::Phone.into(), Channel::Email.into()];
    let number = |number| prost_types::Value {
        kind: Some(Kind::NumberValue(number)),
    };
    let list = Kind::ListValue(prost_types::ListValue {
        values: vec![number(1.0), number(2.0)],
    });
    let firm = pb::Customer {
        lifecycle: Lifecycle::Active.into(),
        business: Some(business),
        engagement: Some(Engagement {
            preferred_channels,
            ..Default::default()
        }),
        external_ids: vec![external_id("odd key", "4711")],
        annual_spend: money("EUR", 49, 900_000_000),
        customer_since_time: Some(clock::timestamp(NOW)),
        follow_up_interval: Some(clock::duration(3 * DAY / 2)),
        attributes: attributes(&[
            ("v", Kind::NumberValue(1.0)),
            ("list", list),
            ("nothing", Kind::NullValue(0)),
        ]),
        ..customer("Firm")
    };
    let role = |role: BuyingRole| BuyingRoleClaim {
        role: role.into(),
        ..Default::default()
    };
    let buying_roles = vec![role(BuyingRole::DecisionMaker), role(BuyingRole::Champion)];
    let of = |job_title: &str| pb::Affiliation {
        job_title: job_title.to_owned(),
        ..Default::default()
    };
    (
        firm,
        vec![
            of("Clerk"),
            pb::Affiliation {
                primary: true,
                buying_roles,
                ..of("CFO")
            },
        ],
    )
}

fn remark(random: &mut Random, i: usize) -> pb::Note {
    let subject = format!("{}{}", random.one_of(&["customers/c", "contacts/p"]), i % 5);
    pb::Note {
        labels: labels(random),
        attributes: free(random),
        tags: random.some_of(&texts(&["a", "Ä"])),
        highlighted: random.once_in(2),
        write_time: moment(random),
        ..note(&subject, &format!("a{}", word(random)))
    }
}

fn one_of_us(random: &mut Random, i: usize) -> pb::Colleague {
    pb::Colleague {
        labels: labels(random),
        attributes: free(random),
        tags: random.some_of(&texts(&["a", "Ä"])),
        emails: if random.once_in(2) {
            vec![email(&format!("Ab{i}@x.example"))]
        } else {
            Vec::new()
        },
        active: random.one_of(&[None, Some(true), Some(false)]),
        ..colleague(&format!("B{}", word(random)))
    }
}

fn typical(random: &mut Random) -> pb::Persona {
    let demographics = pb::persona::Demographics {
        min_age: count(random),
        ..Default::default()
    };
    pb::Persona {
        labels: labels(random),
        attributes: free(random),
        headline: word(random),
        story: word(random),
        goals: random.some_of(&texts(&["a", "B"])),
        demographics: random.once_in(2).then_some(demographics),
        review_interval: random
            .one_of(&[None, Some(DAY), Some(3 * DAY / 2)])
            .map(clock::duration),
        last_review_time: moment(random),
        ..persona(&format!("a{}", word(random)))
    }
}

fn some(random: &mut Random) -> pb::Segment {
    pb::Segment {
        labels: labels(random),
        attributes: free(random),
        tags: random.some_of(&texts(&["a", "Ä"])),
        description: word(random),
        ..segment(&format!("a{}", word(random)), "lifecycle = ACTIVE")
    }
}

fn word(random: &mut Random) -> String {
    random.one_of(&TEXTS).to_owned()
}

fn moment(random: &mut Random) -> Option<prost_types::Timestamp> {
    let half_days = random.below(6);
    (!random.once_in(3)).then(|| {
        clock::timestamp(NOW - half_days * DAY / 2 + random.one_of(&[0, 0, SECOND / 2, -1]))
    })
}

fn day(random: &mut Random) -> Option<clientele::google::r#type::Date> {
    random.one_of(&[None, date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 1)])
}

fn count(random: &mut Random) -> Option<i32> {
    random.one_of(&[None, Some(0), Some(1), Some(2), Some(12)])
}

fn labels(random: &mut Random) -> BTreeMap<String, String> {
    match random.below(3) {
        0 => BTreeMap::new(),
        1 => map(&[("k", &word(random))]),
        _ => map(&[("k", &word(random)), ("other-key", "a")]),
    }
}

fn free(random: &mut Random) -> Option<prost_types::Struct> {
    let mut one = || match random.below(6) {
        0 => Kind::StringValue(word(random)),
        1 => Kind::NumberValue(random.one_of(&[1.0, 1.5, 0.1, -2.0, 1e300])),
        2 => Kind::BoolValue(random.once_in(2)),
        3 => Kind::NullValue(0),
        4 => Kind::NumberValue(1.0),
        _ => Kind::StringValue("a".to_owned()),
    };
    let (v, s, first, second) = (one(), one(), one(), one());
    let inner = attributes(&[("v", one())]).unwrap();
    let values = [first, second]
        .map(|kind| prost_types::Value { kind: Some(kind) })
        .to_vec();
    let all = [
        ("v", v),
        ("s", s),
        ("deep", Kind::StructValue(inner.clone())),
        ("odd key.", Kind::StructValue(inner)),
        ("list", Kind::ListValue(prost_types::ListValue { values })),
        ("nothing", Kind::NullValue(0)),
    ];
    let some: Vec<(&str, Kind)> = random.some_of(&all);
    attributes(&some)
}

pub fn firm(random: &mut Random, i: usize) -> pb::Customer {
    let business = business(random);
    let individual = Individual {
        given_name: word(random),
        birth_year: random.one_of(&[None, Some(1), Some(2)]),
        ..Default::default()
    };
    let engagement = engagement(random);
    let permission = pb::ContactPermission {
        status: random.one_of(&[1, 2]),
        record_time: moment(random),
        ..Default::default()
    };
    pb::Customer {
        labels: labels(random),
        tags: random.some_of(&texts(&["a", "Ä", "b"])),
        attributes: free(random),
        external_ids: if random.once_in(3) {
            vec![external_id("sap", &format!("a{i}"))]
        } else {
            Vec::new()
        },
        about: word(random),
        lifecycle: random
            .one_of(&[Lifecycle::Unspecified, Lifecycle::Active, Lifecycle::Former])
            .into(),
        business: random.once_in(2).then_some(business),
        individual: random.once_in(3).then_some(individual),
        engagement: random.once_in(2).then_some(engagement),
        emails: if random.once_in(2) {
            vec![email("Ab@x.example"), email("a@b.example")]
        } else {
            Vec::new()
        },
        phone_numbers: if random.once_in(3) {
            vec![phone("ab"), phone("+43 732 7070")]
        } else {
            Vec::new()
        },
        annual_spend: random.one_of(&[
            None,
            money("EUR", 1, 0),
            money("USD", -1, -250_000_000),
            money("EUR", 1, 500_000_000),
        ]),
        customer_since_time: moment(random),
        follow_up_interval: random
            .one_of(&[None, Some(DAY), Some(3 * DAY / 2)])
            .map(clock::duration),
        contact_permissions: if random.once_in(2) {
            vec![permission]
        } else {
            Vec::new()
        },
        ..customer(&format!("a{}", word(random)))
    }
}

fn engagement(random: &mut Random) -> Engagement {
    Engagement {
        visit_count: count(random),
        first_visit_time: moment(random),
        preferred_channels: random.some_of(&[Channel::Phone.into(), Channel::Email.into()]),
        ..Default::default()
    }
}

fn business(random: &mut Random) -> Business {
    Business {
        legal_name: word(random),
        domains: random.some_of(&texts(&["a.example", "b.example", "x.example"])),
        employee_count: count(random),
        annual_revenue: random.one_of(&[None, money("EUR", 0, 0), money("EUR", 1, 500_000_000)]),
        ..Default::default()
    }
}

fn person(random: &mut Random) -> pb::Contact {
    pb::Contact {
        labels: labels(random),
        tags: random.some_of(&texts(&["a", "Ä"])),
        attributes: free(random),
        given_name: word(random),
        family_name: word(random),
        birth_year: random.one_of(&[None, Some(1), Some(1980)]),
        emails: if random.once_in(2) {
            vec![email("Ab@x.example")]
        } else {
            Vec::new()
        },
        likes: random.some_of(&texts(&["a", "Ä"])),
        preferred_channels: random.some_of(&[Channel::Phone.into(), Channel::Email.into()]),
        ..contact(&format!("B{}", word(random)))
    }
}

fn job(random: &mut Random, people: &[pb::Contact], firm: &pb::Customer) -> pb::Affiliation {
    pb::Affiliation {
        job_title: word(random),
        department: word(random),
        labels: labels(random),
        attributes: free(random),
        seniority: random.one_of(&[0, Seniority::Owner.into(), Seniority::Vp.into()]),
        primary: random.once_in(2),
        start_date: random.one_of(&[None, date(2025, 12, 31)]),
        end_date: random.one_of(&[None, date(2026, 1, 1), date(2026, 2, 1)]),
        ..affiliation(&random.one_of(people), firm)
    }
}

fn talk(random: &mut Random, people: &[pb::Contact], firm: &pb::Customer) -> pb::Conversation {
    let mut contacts: Vec<String> = random
        .some_of(people)
        .into_iter()
        .map(|person| person.name)
        .collect();
    contacts.truncate(3);
    pb::Conversation {
        contacts,
        labels: labels(random),
        attributes: free(random),
        tags: random.some_of(&texts(&["a", "Ä"])),
        topics: random.some_of(&texts(&["a", "B"])),
        channel: random.one_of(&[0, Channel::Phone.into()]),
        subject: word(random),
        summary: word(random),
        broadcast: random.once_in(4),
        start_time: moment(random).or(time(NOW / SECOND - 100)),
        ..conversation(firm, 0)
    }
}
