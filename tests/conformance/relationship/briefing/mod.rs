//! GetBriefing: what to read before a talk, of a customer and of a person.

mod sections; // what stands in each section

use clientele::clock::{self, DAY, SECOND};
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, Evidence};
use clientele::pb::briefing::{Absence, Item, Kind, Part, Section};
use clientele::pb::contact_permission::Status;
use clientele::pb::conversation::{Channel, State};
use clientele::pb::get_briefing_request::Record;
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
    let record = Some(Record::Customer(pb::CustomerKey {
        key: Some(key),
        ..Default::default()
    }));
    pb::GetBriefingRequest {
        record,
        ..Default::default()
    }
}

fn with(contact: &pb::Contact) -> pb::GetBriefingRequest {
    by_contact(pb::contact_key::Key::Name(contact.name.clone()))
}

fn by_contact(key: pb::contact_key::Key) -> pb::GetBriefingRequest {
    let record = Some(Record::Contact(pb::ContactKey {
        key: Some(key),
        ..Default::default()
    }));
    pb::GetBriefingRequest {
        record,
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
    // How many lines each section has, and how many it leaves out.
    let sizes = async |limit| {
        let briefing = done(ask(&h, pb::GetBriefingRequest { limit, ..at(&firm) }).await);
        briefing
            .sections
            .iter()
            .map(|section| (section.items.len(), section.left_out_count))
            .collect::<(Vec<_>, Vec<_>)>()
    };
    for (limit, of_lines, left_out) in [
        (0, [2, 1, 3, 0, 0, 5, 5, 0, 0], [0; 9]),
        (10, [2, 1, 3, 0, 0, 3, 1, 0, 0], [0, 0, 0, 0, 0, 2, 4, 0, 0]),
        (6, [2, 1, 1, 0, 0, 1, 1, 0, 0], [0, 0, 2, 0, 0, 4, 4, 0, 0]),
        (1, [1, 0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 3, 0, 0, 5, 5, 0, 0]),
    ] {
        assert_eq!(
            sizes(limit).await,
            (of_lines.to_vec(), left_out.to_vec()),
            "{limit} lines"
        );
    }
    let notes = section(
        &h,
        pb::GetBriefingRequest {
            limit: 1,
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
        colleagues: texts(&["colleagues/mia"]),
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
    assert_eq!(found.record, firm.name);
    let found = done(
        ask(
            &h,
            by_contact(pb::contact_key::Key::Email("mara@linz.example".to_owned())),
        )
        .await,
    );
    assert_eq!(found.record, mara.name);
    let nobody = "nobody@linz.example".to_owned();
    let refusal = refused(ask(&h, by(pb::customer_key::Key::Email(nobody.clone()))).await);
    refusal.is(Code::NotFound, "RESOURCE_NOT_FOUND");
    let refusal = refused(ask(&h, by_contact(pb::contact_key::Key::Email(nobody))).await);
    refusal.is(Code::NotFound, "RESOURCE_NOT_FOUND");
    h.create(pb::Contact {
        emails: vec![email("mara@linz.example")],
        ..contact("Mara Berg")
    })
    .await;
    let several = by_contact(pb::contact_key::Key::Email("mara@linz.example".to_owned()));
    let refusal = refused(ask(&h, several).await);
    let refusal = refusal.is(Code::FailedPrecondition, "KEY_AMBIGUOUS");
    assert_eq!(refusal.candidates.unwrap().candidate_count, 2);
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
        limit: -1,
        verified_within: Some(clock::duration(-DAY)),
        talked_within: Some(clock::duration(-DAY)),
        ..Default::default()
    };
    refused(ask(&h, request).await).names(
        "FIELD_INVALID",
        &["customer", "limit", "verified_within", "talked_within"],
    );
    let firm = h.create(customer("Ferrum AG")).await;
    let long = pb::GetBriefingRequest {
        limit: 1_000_000,
        ..at(&firm)
    };
    done(ask(&h, long).await);
}
