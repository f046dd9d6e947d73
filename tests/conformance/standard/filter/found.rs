//! Filters: which records a word, an element of a list, a key and a part of a text find.

use clientele::pb;

use crate::harness::Harness;
use crate::harness::builders::{
    affiliation, attributes, contact, customer, email, external_id, phone,
};
use crate::harness::engine::execute;
use crate::harness::records::{colleague, conversation, note, persona, promise, segment};
use crate::harness::standard::Standard;

conformance! {
    every_kind_is_found_by_what_people_call_it,
    a_list_in_attributes_is_asked_for_an_element,
    elements_are_found_by_their_exact_text,
    addresses_and_numbers_are_found_as_they_are_kept,
    an_id_of_another_system_is_found_as_it_is_cleaned,
    the_last_conversation_is_found_by_a_part_of_its_name,
    case_is_folded_letter_by_letter,
}

async fn finds(h: &Harness, filter: &str, names: &[&str]) {
    let found = h.names::<pb::Customer>(filter).await;
    let found: Vec<&str> = found
        .iter()
        .filter_map(|name| name.strip_prefix("customers/"))
        .collect();
    assert_eq!(found, names, "{filter}");
}

async fn every_kind_is_found_by_what_people_call_it(h: Harness) {
    let individual = pb::customer::Individual {
        given_name: "Zelda".to_owned(),
        family_name: "Ziegler".to_owned(),
        ..Default::default()
    };
    let business = pb::customer::Business {
        legal_name: "Zinc Works".to_owned(),
        ..Default::default()
    };
    let (individual, business) = (Some(individual), Some(business));
    let firm = pb::Customer {
        individual,
        business,
        ..customer("Ferrum")
    };
    let firm = is_found_by(&h, firm, &["zelda", "ziegler", "zinc"]).await;
    let person = pb::Contact {
        given_name: "Xenia".to_owned(),
        family_name: "Xander".to_owned(),
        emails: vec![email("Office@Wolfram.example")],
        ..contact("Mara Lind")
    };
    let person = is_found_by(&h, person, &["mara", "xenia", "xander", "wolfram"]).await;
    let (job_title, department) = ("Head of Quartz".to_owned(), "Opal mine".to_owned());
    let job = pb::Affiliation {
        job_title,
        department,
        ..affiliation(&person, &firm)
    };
    is_found_by(&h, job, &["quartz", "opal"]).await;
    what_is_said_and_written_is_found(&h, &firm).await;
}

async fn what_is_said_and_written_is_found(h: &Harness, firm: &pb::Customer) {
    let us = pb::Colleague {
        emails: vec![email("mia@onyx.example")],
        ..colleague("Mia Berg")
    };
    is_found_by(h, us, &["berg", "onyx"]).await;
    let (subject, summary) = ("Beryl".to_owned(), "They like topaz.".to_owned());
    is_found_by(
        h,
        pb::Conversation {
            subject,
            summary,
            ..conversation(firm, 1)
        },
        &["beryl", "topaz"],
    )
    .await;
    is_found_by(h, promise(firm, "send the agate"), &["agate"]).await;
    is_found_by(h, note(&firm.name, "Likes jade."), &["jade"]).await;
    let headline = "buys garnet".to_owned();
    is_found_by(
        h,
        pb::Persona {
            headline,
            ..persona("Careful Ruby")
        },
        &["ruby", "garnet"],
    )
    .await;
    let description = "has a coral".to_owned();
    let of_segment = pb::Segment {
        description,
        ..segment("Pearl", "lifecycle = ACTIVE")
    };
    is_found_by(h, of_segment, &["pearl", "coral"]).await;
}

/// Creates a record, finds it by each of the words, and by no other one.
async fn is_found_by<R: Standard>(h: &Harness, record: R, words: &[&str]) -> R {
    let record = h.create(record).await;
    for word in words {
        assert_eq!(h.names::<R>(word).await, [record.name()], "{word}");
    }
    assert!(h.names::<R>("nobody").await.is_empty());
    record
}

async fn a_list_in_attributes_is_asked_for_an_element(h: Harness) {
    use prost_types::value::Kind::{BoolValue, ListValue, NumberValue, StringValue};
    let value = |kind| prost_types::Value { kind: Some(kind) };
    let values = [
        StringValue("Blue".to_owned()),
        NumberValue(5.0),
        BoolValue(true),
    ]
    .map(value)
    .to_vec();
    let list = ListValue(prost_types::ListValue { values });
    let (text, number, flag) = (
        StringValue("Blue 5".to_owned()),
        NumberValue(5.0),
        BoolValue(true),
    );
    for (id, kind) in [
        ("list", list),
        ("text", text),
        ("number", number),
        ("flag", flag),
    ] {
        h.create_as(
            id,
            pb::Customer {
                attributes: attributes(&[("k", kind)]),
                ..customer(id)
            },
        )
        .await;
    }
    finds(&h, "attributes.k:\"Blue\"", &["list", "text"]).await;
    // In a list an element is asked for as it is, in a text a part in any case.
    finds(&h, "attributes.k:\"blue\"", &["text"]).await;
    finds(&h, "attributes.k:5", &["list", "number"]).await;
    finds(&h, "attributes.k:true", &["flag", "list"]).await;
    finds(&h, "NOT attributes.k:true", &["number", "text"]).await;
}

async fn elements_are_found_by_their_exact_text(h: Harness) {
    let work = |address: &str| pb::EmailAddress {
        r#type: pb::email_address::Type::Work.into(),
        ..email(address)
    };
    h.create_as(
        "a",
        pb::Customer {
            emails: vec![work("Office@Ferrum.example")],
            ..customer("A")
        },
    )
    .await;
    h.create_as(
        "b",
        pb::Customer {
            emails: vec![work("b@ferrum.example")],
            ..customer("B")
        },
    )
    .await;
    finds(&h, "emails.address = \"Office@Ferrum.example\"", &["a"]).await;
    finds(&h, "emails.address = \"office@ferrum.example\"", &[]).await;
    let private = pb::EmailAddress {
        r#type: pb::email_address::Type::Personal.into(),
        ..email("C@Ferrum.example")
    };
    h.create_as(
        "c",
        pb::Customer {
            emails: vec![work("office@cuprum.example"), private],
            ..customer("C")
        },
    )
    .await;
    // A part is looked for in the element that meets the rest.
    finds(
        &h,
        "(emails.type = PERSONAL AND emails.address:\"c@ferrum\")",
        &["c"],
    )
    .await;
    finds(
        &h,
        "(emails.type = WORK AND emails.address:\"c@ferrum\")",
        &[],
    )
    .await;
    // One of several addresses is not all of them.
    let either =
        "(emails.address = \"b@ferrum.example\" OR emails.address = \"Office@Ferrum.example\")";
    finds(
        &h,
        &format!("(emails.type = WORK AND {either})"),
        &["a", "b"],
    )
    .await;
}

async fn addresses_and_numbers_are_found_as_they_are_kept(h: Harness) {
    let both = pb::Customer {
        emails: vec![email("Info@b\u{fc}cher.example")],
        phone_numbers: vec![phone("+43 1 234-5678")],
        ..customer("A")
    };
    let both = h.create_as("a", both).await;
    h.create_as("b", customer("B")).await;
    for (id, filter, is_found) in [
        (
            "kept",
            "emails.address = \"Info@b\u{fc}cher.example\"",
            true,
        ),
        (
            "other",
            "emails.address = \"info@xn--bcher-kva.example\"",
            false,
        ),
        ("number", "phone_numbers.e164 = \"+4312345678\"", true),
        ("national", "phone_numbers.e164 = \"12345678\"", false),
    ] {
        let found: &[&str] = if is_found { &["a"] } else { &[] };
        finds(&h, filter, found).await;
        let asked = h.create_as(id, segment(id, filter)).await;
        let is_member = h.is_member(&both.name, &asked.name).await;
        assert_eq!(is_member, is_found, "{filter}");
    }
}

async fn an_id_of_another_system_is_found_as_it_is_cleaned(h: Harness) {
    let firm = pb::Customer {
        external_ids: vec![external_id("sap", "4711")],
        ..customer("A")
    };
    let firm = h.create_as("a", firm).await;
    // As a release stored it that did not clean.
    execute(
        &h.url(),
        "update customers set external_ids = replace(external_ids, '4711', '47\u{200b}11')",
    )
    .await;
    let filter = "external_ids.sap = \"4711\"";
    finds(&h, filter, &["a"]).await;
    let asked = h.create_as("s", segment("S", filter)).await;
    assert!(h.is_member(&firm.name, &asked.name).await);
}

async fn the_last_conversation_is_found_by_a_part_of_its_name(h: Harness) {
    let firm = h.create_as("a", customer("A")).await;
    h.create_as("b", customer("B")).await;
    let talk = pb::Conversation {
        subject: "The Samples".to_owned(),
        ..conversation(&firm, 1_700_000_000)
    };
    h.create_as("spring-offer", talk).await;
    for part in [
        "conversation:\"SPRING\"",
        "conversation:\"conversations/spring-offer\"",
        "subject:\"samples\"",
    ] {
        finds(&h, &format!("last_conversation.{part}"), &["a"]).await;
        finds(&h, &format!("NOT last_conversation.{part}"), &["b"]).await;
    }
}

/// Lower case alone keeps ß from SS, a final sigma from any other, and a dot on the i of İnan.
async fn case_is_folded_letter_by_letter(h: Harness) {
    h.create_as("strasse", customer("Gasthof Hauptstraße"))
        .await;
    h.create_as("odos", customer("Οδός")).await;
    h.create_as("inan", customer("İnan Işık")).await;
    h.create_as("roses", customer("Roſes\u{ad}hop")).await;
    for part in [
        "hauptstraße",
        "HAUPTSTRASSE",
        "strasse",
        "Straße",
        "HAUPTSTRAẞE",
    ] {
        finds(&h, &format!("display_name:\"{part}\""), &["strasse"]).await;
    }
    for part in [
        "inan",
        "İNAN",
        "i\u{307}nan",
        "Inan",
        "IŞIK",
        "ışık",
        "işik",
    ] {
        finds(&h, &format!("display_name:\"{part}\""), &["inan"]).await;
    }
    for part in ["ROSESHOP", "ro\u{17f}e\u{200b}s"] {
        finds(&h, &format!("display_name:\"{part}\""), &["roses"]).await;
    }
    for part in ["ΟΔΌΣ", "οδόσ", "οδός"] {
        finds(&h, &format!("display_name:\"{part}\""), &["odos"]).await;
    }
}
