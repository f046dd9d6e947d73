//! GetBriefing: what to read before a talk, of a customer and of a person.

use clientele::clock::{self, DAY, SECOND};
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, Evidence};
use clientele::pb::briefing::{Absence, Item, Kind, Part, Section};
use clientele::pb::contact_permission::Status;
use clientele::pb::conversation::{Channel, State};
use clientele::pb::get_briefing_request::Subject;
use clientele::pb::promise::Side;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused, whole};
use crate::harness::builders::{affiliation, claim, contact, customer, date, email, texts};
use crate::harness::records::{colleague, conversation, note, promise};
use crate::harness::standard::Standard;

mod bounds; // what is read of very many
mod changes; // what changed since my last conversation
mod private; // what only one may read
mod told; // what lines say and leave out

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;
const NOW: i64 = START * SECOND;

conformance! {
    at NOW;
    a_customer_without_anything_has_every_section,
    refusals_come_first_and_expire,
    who_they_are_and_who_decides,
    the_last_and_the_next_talk,
    overdue_promises_come_first,
    a_person_is_told_of_wherever_they_work,
    a_budget_keeps_refusals_and_the_first_of_each,
    the_same_revision_and_time_give_the_same_briefing,
    every_line_cites_a_record_that_can_be_read,
    keys_find_customers_and_people,
    what_is_wrong_is_said_at_once,
}

fn at(customer: &pb::Customer) -> pb::GetBriefingRequest {
    by(pb::customer_key::Key::Name(customer.name.clone()))
}

fn by(key: pb::customer_key::Key) -> pb::GetBriefingRequest {
    let subject = Some(Subject::Key(pb::CustomerKey { key: Some(key) }));
    pb::GetBriefingRequest {
        subject,
        ..Default::default()
    }
}

fn with(contact: &pb::Contact) -> pb::GetBriefingRequest {
    by_contact(pb::contact_key::Key::Name(contact.name.clone()))
}

fn by_contact(key: pb::contact_key::Key) -> pb::GetBriefingRequest {
    let subject = Some(Subject::ContactKey(pb::ContactKey { key: Some(key) }));
    pb::GetBriefingRequest {
        subject,
        ..Default::default()
    }
}

async fn ask(h: &Harness, request: pb::GetBriefingRequest) -> Answer<pb::Briefing> {
    h.relationships.clone().get_briefing(request).await
}

async fn section(h: &Harness, request: pb::GetBriefingRequest, part: Part) -> Section {
    let found = done(ask(h, request).await)
        .sections
        .into_iter()
        .find(|section| section.part() == part);
    found.expect("every briefing has every part")
}

/// Kind, text and record of the lines of one part.
async fn lines(
    h: &Harness,
    request: pb::GetBriefingRequest,
    part: Part,
) -> Vec<(Kind, String, String)> {
    let items = section(h, request, part).await.items;
    items
        .into_iter()
        .map(|item| (item.kind(), item.text, item.record))
        .collect()
}

fn texts_of(lines: &[(Kind, String, String)]) -> Vec<&str> {
    lines.iter().map(|(_, text, _)| text.as_str()).collect()
}

/// A promise that is due some days from the beginning.
fn due(firm: &pb::Customer, text: &str, days: i64) -> pb::Promise {
    pb::Promise {
        due_time: Some(clock::timestamp(NOW + days * DAY)),
        ..promise(firm, text)
    }
}

/// A talk some days from the beginning.
fn talk(firm: &pb::Customer, days: i64, subject: &str) -> pb::Conversation {
    pb::Conversation {
        subject: subject.to_owned(),
        ..conversation(firm, START + days * 86_400)
    }
}

fn planned(firm: &pb::Customer, days: i64, subject: &str) -> pb::Conversation {
    pb::Conversation {
        state: State::Planned.into(),
        ..talk(firm, days, subject)
    }
}

fn refusal(channel: Channel, purpose: &str) -> pb::ContactPermission {
    let (channel, status, purpose) = (channel.into(), Status::Refused.into(), purpose.to_owned());
    pb::ContactPermission {
        channel,
        status,
        purpose,
        ..Default::default()
    }
}

async fn a_customer_without_anything_has_every_section(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let briefing = done(ask(&h, at(&firm)).await);
    assert_eq!(
        (briefing.subject.as_str(), briefing.display_name.as_str()),
        (firm.name.as_str(), "Ferrum AG")
    );
    assert_eq!(briefing.evaluate_time, Some(clock::timestamp(NOW)));
    let parts: Vec<(Part, usize, Absence)> = briefing
        .sections
        .iter()
        .map(|section| (section.part(), section.items.len(), section.absence()))
        .collect();
    assert_eq!(
        parts,
        [
            (Part::DoNotContact, 0, Absence::Nothing),
            (Part::Identity, 1, Absence::Unspecified),
            // Nobody decides, and nobody was talked with.
            (Part::DecisionMakers, 3, Absence::Unspecified),
            (Part::LastConversation, 0, Absence::Nothing),
            (Part::NextConversation, 0, Absence::Nothing),
            (Part::Promises, 0, Absence::Nothing),
            (Part::Notes, 0, Absence::Nothing),
            (Part::PersonasAndSegments, 0, Absence::Nothing),
            (Part::Changes, 0, Absence::NoActor),
        ]
    );
    assert_eq!(briefing.changed_since_time, None);
}

async fn refusals_come_first_and_expire(h: Harness) {
    let firm = pb::Customer {
        contact_permissions: vec![refusal(Channel::Unspecified, "")],
        ..customer("Ferrum AG")
    };
    let firm = h.create(firm).await;
    let until = Some(clock::timestamp(NOW + 2 * DAY));
    let phone = pb::ContactPermission {
        expire_time: until,
        ..refusal(Channel::Phone, "")
    };
    let allowed = pb::ContactPermission {
        status: Status::Allowed.into(),
        ..refusal(Channel::Email, "")
    };
    let permissions = vec![allowed, phone, refusal(Channel::Email, "newsletter")];
    let mara = h
        .create(pb::Contact {
            contact_permissions: permissions,
            ..contact("Mara Lind")
        })
        .await;
    let left = pb::Contact {
        contact_permissions: vec![refusal(Channel::Phone, "")],
        ..contact("Left")
    };
    let left = h.create(left).await;
    h.create(affiliation(&mara, &firm)).await;
    h.create(pb::Affiliation {
        end_date: date(2020, 1, 1),
        ..affiliation(&left, &firm)
    })
    .await;
    let expected = [
        (
            Kind::Refusal,
            "Ferrum AG as a whole refuses every contact".to_owned(),
            firm.name.clone(),
        ),
        (
            Kind::Refusal,
            "Mara Lind refuses contact by phone until 2026-01-03".to_owned(),
            mara.name.clone(),
        ),
        (
            Kind::Refusal,
            "Mara Lind refuses contact by email for newsletter".to_owned(),
            mara.name.clone(),
        ),
    ];
    assert_eq!(
        lines(&h, at(&firm), Part::DoNotContact).await,
        expected.clone()
    );
    // What a customer as a whole refuses holds for its people, but not for those who have left.
    let [of_firm, by_phone, for_newsletter] = expected;
    assert_eq!(
        lines(&h, with(&mara), Part::DoNotContact).await,
        [by_phone, for_newsletter, of_firm]
    );
    let own = (
        Kind::Refusal,
        "Left refuses contact by phone".to_owned(),
        left.name.clone(),
    );
    assert_eq!(lines(&h, with(&left), Part::DoNotContact).await, [own]);
    let first = done(ask(&h, at(&firm)).await).sections.remove(0);
    assert_eq!(first.part(), Part::DoNotContact);
    h.advance(2 * DAY);
    assert_eq!(lines(&h, at(&firm), Part::DoNotContact).await.len(), 2);
}

async fn who_they_are_and_who_decides(h: Harness) {
    let mia = h.create_as("mia", colleague("Mia Berg")).await;
    let business = pb::customer::Business {
        legal_name: "Ferrum Aktiengesellschaft".to_owned(),
        industry: "steel".to_owned(),
        employee_count: Some(300),
        ..Default::default()
    };
    let firm = pb::Customer {
        business: Some(business),
        kind: pb::customer::Kind::Business.into(),
        lifecycle: pb::customer::Lifecycle::Active.into(),
        needs: texts(&["shorter lead times", "one invoice a month"]),
        owner: mia.name,
        ..customer("Ferrum AG")
    };
    let firm = h.create(firm).await;
    let identity = lines(&h, at(&firm), Part::Identity).await;
    assert_eq!(
        texts_of(&identity),
        [
            "Ferrum AG; Ferrum Aktiengesellschaft; active business; steel; 300 employees",
            "ours: Mia Berg",
            "needs: shorter lead times; one invoice a month",
        ]
    );
    let people = [
        ("Mara Lind", Evidence::Stated),
        ("Jonas Brandt", Evidence::Confirmed),
    ];
    let mut jobs = Vec::new();
    for (name, evidence) in people {
        let person = h
            .create(pb::Contact {
                emails: vec![email("x@ferrum.example")],
                ..contact(name)
            })
            .await;
        let job = pb::Affiliation {
            job_title: "Head of Purchasing".to_owned(),
            ..affiliation(&person, &firm)
        };
        let job = h.create(job).await;
        let role = pb::AddBuyingRoleRequest {
            evidence: evidence.into(),
            ..claim(&job, BuyingRole::DecisionMaker)
        };
        h.add_role(role).await;
        jobs.push(job.name);
    }
    let deciders = lines(&h, at(&firm), Part::DecisionMakers).await;
    let (confirmed, stated) = (
        "Jonas Brandt, Head of Purchasing: decision maker (confirmed 2026-01-01); x@ferrum.example",
        "Mara Lind, Head of Purchasing: decision maker (stated); x@ferrum.example",
    );
    assert_eq!(
        deciders[0],
        (Kind::Role, confirmed.to_owned(), jobs[1].clone())
    );
    assert_eq!(
        deciders[1],
        (Kind::Role, stated.to_owned(), jobs[0].clone())
    );
    assert_eq!(
        texts_of(&deciders)[2..],
        [
            "no talk with who decides within 90 days",
            "within 90 days we talked with nobody who works there"
        ]
    );
    let strict = pb::GetBriefingRequest {
        talked_within: Some(clock::duration(7 * DAY)),
        ..at(&firm)
    };
    assert_eq!(
        texts_of(&lines(&h, strict, Part::DecisionMakers).await)[2],
        "no talk with who decides within 7 days"
    );
}

async fn the_last_and_the_next_talk(h: Harness) {
    let (firm, mara, _) = h.employed().await;
    let mia = h.create_as("mia", colleague("Mia Berg")).await;
    let held = pb::Conversation {
        contacts: vec![mara.name.clone()],
        our_people: vec![mia.name],
        channel: Channel::Video.into(),
        summary: "They want\na second offer.".to_owned(),
        ..talk(&firm, -9, "Offer 7")
    };
    let held = h.create(held).await;
    h.create(talk(&firm, -20, "Older")).await;
    let (next, later) = (
        h.create(planned(&firm, 6, "Visit")).await,
        planned(&firm, 9, "Later"),
    );
    h.create(later).await;
    let missed = h.create(planned(&firm, -2, "Call back")).await;
    let last = lines(&h, at(&firm), Part::LastConversation).await;
    let text = "2025-12-23 00:00, video, with Mara Lind; ours: Mia Berg: Offer 7. They want a second offer.";
    assert_eq!(last, [(Kind::Held, text.to_owned(), held.name.clone())]);
    assert_eq!(
        lines(&h, at(&firm), Part::NextConversation).await,
        [
            (
                Kind::Planned,
                "2026-01-07 00:00: Visit".to_owned(),
                next.name
            ),
            (
                Kind::Unconfirmed,
                "was planned, not confirmed: 2025-12-30 00:00: Call back".to_owned(),
                missed.name
            ),
        ]
    );
    let item = section(&h, at(&firm), Part::LastConversation)
        .await
        .items
        .remove(0);
    assert_eq!(item.time, held.start_time);
}

async fn overdue_promises_come_first(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let mia = h.create_as("mia", colleague("Mia Berg")).await;
    h.create(promise(&firm, "no day")).await;
    h.create(due(&firm, "later", 3)).await;
    let theirs = h
        .create(pb::Promise {
            side: Side::Them.into(),
            ..due(&firm, "the drawings", -5)
        })
        .await;
    h.create(pb::Promise {
        owner: mia.name,
        ..due(&firm, "the samples", -1)
    })
    .await;
    h.create(pb::Promise {
        done_time: Some(clock::timestamp(NOW)),
        ..due(&firm, "kept", -7)
    })
    .await;
    let open = lines(&h, at(&firm), Part::Promises).await;
    assert_eq!(
        texts_of(&open),
        [
            "they owe us: the drawings; was due 2025-12-27 00:00",
            "we owe them: the samples; was due 2025-12-31 00:00; ours: Mia Berg",
            "we owe them: later; due 2026-01-04 00:00",
            "we owe them: no day",
        ]
    );
    let kinds: Vec<Kind> = open.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(
        kinds,
        [Kind::Overdue, Kind::Overdue, Kind::Open, Kind::Open]
    );
    assert_eq!(open[0].2, theirs.name);
    h.advance(4 * DAY);
    let kinds: Vec<Kind> = lines(&h, at(&firm), Part::Promises)
        .await
        .iter()
        .map(|(kind, ..)| *kind)
        .collect();
    assert_eq!(
        kinds,
        [Kind::Overdue, Kind::Overdue, Kind::Overdue, Kind::Open]
    );
}

async fn a_person_is_told_of_wherever_they_work(h: Harness) {
    let (firm, mara, job) = h.employed().await;
    let other = h.create(customer("Cuprum")).await;
    let second = pb::Affiliation {
        job_title: "Adviser".to_owned(),
        primary: true,
        ..affiliation(&mara, &other)
    };
    let second = h.create(second).await;
    h.add_role(claim(&job, BuyingRole::Champion)).await;
    let of_mara = vec![mara.name.clone()];
    let held = h
        .create(pb::Conversation {
            contacts: of_mara.clone(),
            ..talk(&other, -3, "Fair")
        })
        .await;
    h.create(talk(&firm, -1, "Without her")).await;
    let next = h
        .create(pb::Conversation {
            contacts: of_mara.clone(),
            ..planned(&firm, 2, "Visit")
        })
        .await;
    h.create(pb::Promise {
        contacts: of_mara,
        ..due(&other, "the book", -1)
    })
    .await;
    h.create(due(&firm, "not hers", -1)).await;
    let about = h
        .create(pb::Note {
            highlighted: true,
            ..note(&mara.name, "Climbs.")
        })
        .await;
    h.create(pb::Note {
        highlighted: true,
        ..note(&firm.name, "Not hers.")
    })
    .await;
    let briefing = done(ask(&h, with(&mara)).await);
    assert_eq!(
        (briefing.subject.as_str(), briefing.display_name.as_str()),
        (mara.name.as_str(), "Mara Lind")
    );
    let jobs = lines(&h, with(&mara), Part::DecisionMakers).await;
    assert_eq!(
        jobs,
        [
            (Kind::Role, "Cuprum: Adviser".to_owned(), second.name),
            (
                Kind::Role,
                "Ferrum AG; champion (stated)".to_owned(),
                job.name
            ),
        ]
    );
    let of = async |part| {
        lines(&h, with(&mara), part)
            .await
            .into_iter()
            .map(|line| line.2)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Part::LastConversation).await, [held.name]);
    assert_eq!(of(Part::NextConversation).await, [next.name]);
    assert_eq!(
        texts_of(&lines(&h, with(&mara), Part::Promises).await),
        ["we owe them: the book; was due 2025-12-31 00:00"]
    );
    assert_eq!(of(Part::Notes).await, [about.name]);
}

async fn a_budget_keeps_refusals_and_the_first_of_each(h: Harness) {
    let firm = pb::Customer {
        contact_permissions: vec![refusal(Channel::Phone, ""), refusal(Channel::Email, "")],
        ..customer("Ferrum AG")
    };
    let firm = h.create(firm).await;
    for i in 0..5 {
        h.create(due(&firm, &format!("promise {i}"), i)).await;
        h.create(pb::Note {
            highlighted: true,
            ..note(&firm.name, "x")
        })
        .await;
    }
    let sizes = async |max_items| {
        let briefing = done(
            ask(
                &h,
                pb::GetBriefingRequest {
                    max_items,
                    ..at(&firm)
                },
            )
            .await,
        );
        briefing
            .sections
            .iter()
            .map(|section| (section.items.len(), section.left_out))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        sizes(0).await,
        [
            (2, 0),
            (1, 0),
            (3, 0),
            (0, 0),
            (0, 0),
            (5, 0),
            (5, 0),
            (0, 0),
            (0, 0)
        ]
    );
    assert_eq!(
        sizes(10).await,
        [
            (2, 0),
            (1, 0),
            (3, 0),
            (0, 0),
            (0, 0),
            (3, 2),
            (1, 4),
            (0, 0),
            (0, 0)
        ]
    );
    assert_eq!(
        sizes(6).await,
        [
            (2, 0),
            (1, 0),
            (1, 2),
            (0, 0),
            (0, 0),
            (1, 4),
            (1, 4),
            (0, 0),
            (0, 0)
        ]
    );
    assert_eq!(
        sizes(1).await,
        [
            (1, 1),
            (0, 1),
            (0, 3),
            (0, 0),
            (0, 0),
            (0, 5),
            (0, 5),
            (0, 0),
            (0, 0)
        ]
    );
    let notes = section(
        &h,
        pb::GetBriefingRequest {
            max_items: 1,
            ..at(&firm)
        },
        Part::Notes,
    )
    .await;
    assert_eq!(notes.absence(), Absence::Unspecified);
}

async fn the_same_revision_and_time_give_the_same_briefing(h: Harness) {
    let (firm, mara, _) = h.employed().await;
    for day in [-3, -2, -2] {
        h.create(pb::Conversation {
            contacts: vec![mara.name.clone()],
            ..talk(&firm, day, "x")
        })
        .await;
        h.create(due(&firm, "same day", day)).await;
    }
    let first = whole(ask(&h, at(&firm)).await);
    assert_eq!(first.revision, h.revision().await);
    for _ in 0..3 {
        let again = whole(ask(&h, at(&firm)).await);
        assert_eq!(
            (again.message, again.revision),
            (first.message.clone(), first.revision)
        );
    }
}

async fn every_line_cites_a_record_that_can_be_read(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let firm = pb::Customer::full_input(&h).await;
    let firm = h.create(firm).await;
    let mara = h
        .create(pb::Contact {
            contact_permissions: vec![refusal(Channel::Phone, "")],
            ..contact("Mara")
        })
        .await;
    let job = h.create(affiliation(&mara, &firm)).await;
    h.add_role(claim(&job, BuyingRole::DecisionMaker)).await;
    let ours = pb::Conversation {
        our_people: texts(&["colleagues/mia"]),
        ..talk(&firm, -3, "x")
    };
    mia.create(pb::Conversation {
        contacts: vec![mara.name.clone()],
        ..ours
    })
    .await;
    h.create(planned(&firm, -1, "x")).await;
    h.create(due(&firm, "x", 1)).await;
    h.create(pb::Note {
        highlighted: true,
        ..note(&job.name, "x")
    })
    .await;
    let mut n_lines = 0;
    for request in [at(&firm), with(&mara)] {
        for item in done(ask(&mia, request).await)
            .sections
            .into_iter()
            .flat_map(|section| section.items)
        {
            let Item { text, record, .. } = &item;
            assert!(!text.is_empty(), "{item:?}");
            read(&mia, record).await;
            n_lines += 1;
        }
    }
    assert!(n_lines > 15, "only {n_lines} lines were looked at");
}

/// Reads a record of any kind that a briefing cites.
async fn read(h: &Harness, record: &str) {
    match record.split_once('/').unwrap().0 {
        "customers" => drop(h.get::<pb::Customer>(record).await),
        "contacts" => drop(h.get::<pb::Contact>(record).await),
        "affiliations" => drop(h.get::<pb::Affiliation>(record).await),
        "conversations" => drop(h.get::<pb::Conversation>(record).await),
        "promises" => drop(h.get::<pb::Promise>(record).await),
        "notes" => drop(h.get::<pb::Note>(record).await),
        other => panic!("a line cites one of {other}"),
    }
}

async fn keys_find_customers_and_people(h: Harness) {
    let firm = h
        .create(pb::Customer {
            emails: vec![email("office@linz.example")],
            ..customer("Ferrum AG")
        })
        .await;
    let mara = h
        .create(pb::Contact {
            emails: vec![email("mara@linz.example")],
            ..contact("Mara Lind")
        })
        .await;
    let found = done(
        ask(
            &h,
            by(pb::customer_key::Key::Email(
                "Office@LINZ.example".to_owned(),
            )),
        )
        .await,
    );
    assert_eq!(found.subject, firm.name);
    let found = done(
        ask(
            &h,
            by_contact(pb::contact_key::Key::Email("mara@linz.example".to_owned())),
        )
        .await,
    );
    assert_eq!(found.subject, mara.name);
    let nobody = "nobody@linz.example".to_owned();
    let refusal = refused(ask(&h, by(pb::customer_key::Key::Email(nobody.clone()))).await);
    refusal.is(Code::NotFound, "CUSTOMER_NOT_FOUND");
    let refusal = refused(ask(&h, by_contact(pb::contact_key::Key::Email(nobody))).await);
    refusal.is(Code::NotFound, "CONTACT_NOT_FOUND");
    h.create(pb::Contact {
        emails: vec![email("mara@linz.example")],
        ..contact("Mara Berg")
    })
    .await;
    let several = by_contact(pb::contact_key::Key::Email("mara@linz.example".to_owned()));
    refused(ask(&h, several).await)
        .is(Code::FailedPrecondition, "KEY_AMBIGUOUS")
        .tells("count", "2");
    // A refusal gives its connection back: many in a row leave the server as it was.
    for _ in 0..40 {
        refused(
            ask(
                &h,
                by(pb::customer_key::Key::Name("customers/nobody".to_owned())),
            )
            .await,
        );
    }
    done(ask(&h, at(&firm)).await);
}

async fn what_is_wrong_is_said_at_once(h: Harness) {
    let request = pb::GetBriefingRequest {
        max_items: -1,
        verified_within: Some(clock::duration(-DAY)),
        talked_within: Some(clock::duration(-DAY)),
        ..Default::default()
    };
    refused(ask(&h, request).await).names(
        "FIELD_INVALID",
        &["key", "max_items", "verified_within", "talked_within"],
    );
    let firm = h.create(customer("Ferrum AG")).await;
    let long = pb::GetBriefingRequest {
        max_items: 1_000_000,
        ..at(&firm)
    };
    done(ask(&h, long).await);
}
