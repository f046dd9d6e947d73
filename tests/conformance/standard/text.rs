//! Texts as they come in: what shows nothing is no part of a line, lines hold no control characters, and passages keep
//! their lines.

use clientele::descriptors::{dynamic, typed};
use clientele::pb;
use clientele::store::engine::open::DatabaseUrl;
use prost_reflect::{DynamicMessage, Value};
use sqlx::{Connection, Executor};
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{contact, customer, email, external_id, phone, texts};
use crate::harness::records::{note, promise};
use crate::harness::standard::{Create, Standard, for_all};

conformance! {
    what_shows_nothing_is_no_name,
    every_text_is_a_line_or_a_passage,
    what_is_pasted_with_hidden_marks_is_found_without,
    what_a_script_needs_stays,
    passages_keep_their_lines,
    what_was_stored_before_can_still_change,
}

async fn what_shows_nothing_is_no_name(h: Harness) {
    let nothing = [
        "\u{200b}",
        "\u{2060}",
        "\u{feff}",
        "\u{ad}",
        "\u{2800}",
        "\u{202e}",
        "\u{3164}",
        "\u{115f}",
        "\u{2066}\u{2069}",
        " \u{200b} \u{3000}",
        "\u{fe0f}",
        "\u{7}",
        "\t",
    ];
    for text in nothing {
        refused(h.try_create(customer(text)).await)
            .names("FIELD_INVALID", &["customer.display_name"]);
    }
    let unnamed = pb::Contact {
        given_name: "\u{200b} ".to_owned(),
        ..contact("\u{feff}Bo\u{200b} Lind\u{202c}")
    };
    let kept = h.create(unnamed).await;
    assert_eq!(
        (kept.display_name.as_str(), kept.given_name.as_str()),
        ("Bo Lind", "")
    );
    for text in [
        "Bo\r\nTest",
        "Bo\u{1b}[31m",
        "Bo\tTest",
        "Bo\u{2028}",
        "Bo\u{85}",
    ] {
        refused(h.try_create(contact(text)).await)
            .names("FIELD_INVALID", &["contact.display_name"]);
    }
}

/// The ends of the full names of the fields that keep line breaks; all others are lines.
const PASSAGES: [&str; 22] = [
    "Customer.about",
    "Contact.about",
    "Conversation.summary",
    "Conversation.body",
    "Note.body",
    "Persona.story",
    "Persona.quote",
    "Persona.target",
    "Segment.description",
    "Promise.text",
    "Statement.text",
    "Statement.filter",
    "Segment.filter",
    "Persona.match_filter",
    "Customer.needs",
    "Contact.likes",
    "Contact.dislikes",
    "Persona.behaviors",
    "Persona.motivations",
    "Persona.emotions",
    "Persona.goals",
    "Value.string_value",
];
const MORE_PASSAGES: [&str; 4] = [
    "PostalAddress.address_lines",
    "Persona.frustrations",
    "Persona.expectations",
    "Persona.key_attributes",
];

async fn every_text_is_a_line_or_a_passage(h: Harness) {
    for_all!(h => every_text_of_one_is_a_line_or_a_passage);
}

async fn every_text_of_one_is_a_line_or_a_passage<R: Standard>(h: &Harness) {
    let input = R::full_input(h).await;
    let message = dynamic(&input).unwrap();
    let check = async |edited: &DynamicMessage| {
        let request = Create {
            resource: Some(typed::<R>(edited).unwrap()),
            validate_only: true,
            ..Default::default()
        };
        R::create(h, request).await
    };
    let mut n_texts = 0;
    loop {
        let (mut hidden, mut broken) = (message.clone(), message.clone());
        let Some(field) = edit(&mut hidden, n_texts, &|text| text.push('\u{206a}')) else {
            break;
        };
        let is_filter = field.ends_with("filter");
        edit(&mut broken, n_texts, &|text| {
            let at = text.char_indices().nth(1).map_or(text.len(), |(at, _)| at);
            if is_filter {
                text.push('\n');
            } else {
                text.insert_str(at, "\nx");
            }
        });
        let is_passage = PASSAGES
            .iter()
            .chain(&MORE_PASSAGES)
            .any(|end| field.ends_with(end));
        if !is_filter {
            let kept = format!("{:?}", done(check(&hidden).await));
            assert_eq!(kept.contains("\\u{206a}"), is_passage, "{field}");
        }
        // What is derived from the text beside it is not read.
        let is_derived = field.ends_with(".e164");
        assert_eq!(
            check(&broken).await.is_ok(),
            is_passage || is_derived,
            "{field}"
        );
        n_texts += 1;
    }
    assert!(
        n_texts >= 8,
        "{n_texts} texts are too few for {}",
        R::full_name()
    );
}

/// Edits one of the texts of a message, by its number, and returns the full name of its field.
fn edit(
    message: &mut DynamicMessage,
    mut number: usize,
    how: &impl Fn(&mut String),
) -> Option<String> {
    fn at(
        value: &mut Value,
        number: &mut usize,
        how: &impl Fn(&mut String),
        field: &str,
    ) -> Option<String> {
        match value {
            Value::String(text) if *number == 0 => {
                how(text);
                return Some(field.to_owned());
            }
            Value::String(_) => *number -= 1,
            Value::Message(message) => {
                return message
                    .fields_mut()
                    .find_map(|(field, value)| at(value, number, how, field.full_name()));
            }
            Value::List(list) => {
                return list
                    .iter_mut()
                    .find_map(|value| at(value, number, how, field));
            }
            Value::Map(map) => {
                let mut entries: Vec<_> = map.iter_mut().collect();
                entries.sort_by_key(|(key, _)| format!("{key:?}"));
                return entries
                    .into_iter()
                    .find_map(|(_, value)| at(value, number, how, field));
            }
            _ => {}
        }
        None
    }
    message
        .fields_mut()
        .find_map(|(field, value)| at(value, &mut number, how, field.full_name()))
}

async fn what_is_pasted_with_hidden_marks_is_found_without(h: Harness) {
    let pasted = pb::Contact {
        emails: [
            "\u{200b}bo@x.example",
            "bo\u{ad}.lind@x.example",
            "\u{202a}b@x.example",
        ]
        .map(email)
        .to_vec(),
        phone_numbers: vec![phone("\u{202d}+49 40 5550188\u{202c}")],
        external_ids: vec![external_id("sap", "77\u{200b}"), external_id("sap", "77")],
        ..contact("Bo Lind")
    };
    let kept = h.create(pasted).await;
    let addresses: Vec<&str> = kept
        .emails
        .iter()
        .map(|email| email.address.as_str())
        .collect();
    assert_eq!(
        addresses,
        ["bo@x.example", "bo.lind@x.example", "b@x.example"]
    );
    assert_eq!(kept.phone_numbers[0].text, "+49 40 5550188");
    assert_eq!(kept.external_ids, [external_id("sap", "77")]);
    let twin = pb::Contact {
        external_ids: vec![external_id("sap", "7\u{feff}7")],
        ..contact("Twin")
    };
    refused(h.try_create(twin).await).is(Code::AlreadyExists, "EXTERNAL_ID_EXISTS");
    for filter in [
        "emails.address:\"BO@\u{200b}x\"",
        "emails.address = \"bo@x.example\"",
        "display_name:\"bo\u{2060} lind\"",
        "external_ids.sap = \"77\"",
    ] {
        assert_eq!(
            h.names::<pb::Contact>(filter).await,
            [kept.name.as_str()],
            "{filter}"
        );
    }
    for text in [
        "bo@x.example\u{200b}",
        "\u{202a}bo.lind@x.example",
        "\u{feff}77",
        "bo\r\nlind",
    ] {
        let request = pb::LookUpRequest {
            text: text.to_owned(),
            ..Default::default()
        };
        let found = done(h.relationships.clone().look_up(request).await).results;
        assert_eq!(found[0].contact, kept.name, "{text:?}");
    }
}

async fn what_a_script_needs_stays(h: Harness) {
    for name in [
        "می\u{200c}خواهم",
        "ක්\u{200d}රියා",
        "Team 👩🏽\u{200d}🚀 ❤\u{fe0f}",
        "葛\u{e0100}城",
    ] {
        assert_eq!(h.create(customer(name)).await.display_name, name);
    }
    assert_eq!(
        h.create(customer("Fer\u{200d}rum \u{200c}AG"))
            .await
            .display_name,
        "Ferrum AG"
    );
    // What chooses a shape is no part of what is searched for.
    for filter in [
        "display_name:\"میخواهم\"",
        "display_name:\"葛城\"",
        "display_name:\"❤\"",
    ] {
        assert_eq!(h.names::<pb::Customer>(filter).await.len(), 1, "{filter}");
    }
}

async fn passages_keep_their_lines(h: Harness) {
    let firm = pb::Customer {
        about: "One\r\n\tTwo\u{200f}\u{200b}".to_owned(),
        needs: texts(&["steel\nby May"]),
        ..customer("Ferrum")
    };
    let kept = h.create(firm.clone()).await;
    assert_eq!((&kept.about, &kept.needs), (&firm.about, &firm.needs));
    // What reorders a text for its reader, or controls a terminal, goes.
    let kept = h
        .create(note(
            &kept.name,
            "pay \u{202e}001\u{202c}\n\u{1b}[31mnow\u{2066}!\u{2069}",
        ))
        .await;
    assert_eq!(kept.body, "pay 001\n[31mnow!");
    for text in [" \n", "\u{202e}"] {
        refused(h.try_create(promise(&firm_of(&kept), text)).await)
            .names("FIELD_INVALID", &["promise.text"]);
    }
}

fn firm_of(note: &pb::Note) -> pb::Customer {
    pb::Customer {
        name: note.records[0].clone(),
        ..Default::default()
    }
}

async fn what_was_stored_before_can_still_change(h: Harness) {
    let firm = h.create_as("f", customer("Ferrum AG")).await;
    let spoil = "update customers set display_name = 'Ferrum\n\u{200b}AG'";
    match h.url() {
        DatabaseUrl::Sqlite(path) => {
            let url = format!("sqlite://{}", path.display());
            let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
            connection.execute(spoil).await.unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            connection.execute(spoil).await.unwrap();
        }
    }
    let about = pb::Customer {
        name: firm.name.clone(),
        about: "Buys in spring.".to_owned(),
        ..Default::default()
    };
    let changed = h.update(about, &["about"]).await;
    assert_eq!(
        (changed.display_name.as_str(), changed.about.as_str()),
        ("Ferrum AG", "Buys in spring.")
    );
    let named = pb::Customer {
        name: firm.name,
        ..customer("Fer\nrum")
    };
    refused(h.try_update(named, &["display_name"]).await)
        .names("FIELD_INVALID", &["customer.display_name"]);
}
