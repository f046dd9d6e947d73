//! Filters: what the operators and functions of the language mean.

mod slips; // what is told about a slip

use clientele::clock::{DAY, SECOND};
use clientele::filter::resolve::shown;
use clientele::pb;
use clientele::pb::affiliation::Seniority;
use prost_reflect::{Kind, MessageDescriptor};
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::refused;
use crate::harness::builders::{
    affiliation, attributes, contact, customer, date, email, map, money, texts,
};
use crate::harness::records::{conversation, promise};
use crate::harness::standard::{List, Standard, for_all};

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600 * SECOND;

conformance! {
    at NOW;
    or_binds_tighter_than_and,
    an_unset_field_meets_nothing_and_not_turns_that_round,
    parts_of_texts_are_found_whatever_their_case,
    stars_stand_for_anything_at_the_ends,
    an_amount_is_compared_by_its_number,
    attributes_have_the_kind_of_their_value,
    parentheses_are_about_one_element,
    times_are_told_from_now,
    a_promise_without_a_due_time_is_never_due,
    a_word_by_itself_is_looked_for_in_names,
    every_field_of_every_resource_can_be_asked_for,
}

type R = pb::Customer;

async fn finds(h: &Harness, filter: &str, names: &[&str]) {
    let found = h.names::<R>(filter).await;
    let found: Vec<&str> = found
        .iter()
        .filter_map(|name| name.strip_prefix("customers/"))
        .collect();
    assert_eq!(found, names, "{filter}");
}

async fn or_binds_tighter_than_and(h: Harness) {
    for (id, about, label) in [
        ("a", "x", "1"),
        ("b", "y", "1"),
        ("c", "x", "2"),
        ("d", "z", "1"),
    ] {
        let record = pb::Customer {
            about: about.to_owned(),
            labels: map(&[("k", label)]),
            ..customer("Ferrum")
        };
        h.create_as(id, record).await;
    }
    finds(
        &h,
        "labels.k = \"1\" AND about = \"x\" OR about = \"y\"",
        &["a", "b"],
    )
    .await;
    finds(
        &h,
        "(labels.k = \"1\" AND about = \"x\") OR about = \"z\"",
        &["a", "d"],
    )
    .await;
    finds(&h, "labels.k = \"1\" -about = \"x\"", &["b", "d"]).await;
    finds(
        &h,
        "NOT (labels.k = \"1\" AND about = \"x\")",
        &["b", "c", "d"],
    )
    .await;
    finds(&h, "labels.k != \"1\"", &["c"]).await;
}

async fn an_unset_field_meets_nothing_and_not_turns_that_round(h: Harness) {
    h.create_as("bare", customer("Bare")).await;
    h.create_as(
        "full",
        pb::Customer {
            about: "x".to_owned(),
            ..customer("Full")
        },
    )
    .await;
    finds(&h, "about != \"y\"", &["full"]).await;
    finds(&h, "about < \"y\"", &["full"]).await;
    finds(&h, "NOT about = \"y\"", &["bare", "full"]).await;
    finds(&h, "NOT about < \"y\"", &["bare"]).await;
    finds(&h, "about:*", &["full"]).await;
    finds(&h, "NOT about:*", &["bare"]).await;
    finds(&h, "kind != BUSINESS", &[]).await;
    finds(&h, "NOT kind = BUSINESS", &["bare", "full"]).await;
    finds(&h, "labels.k != \"1\"", &[]).await;
    finds(
        &h,
        "business.employee_count < 5 OR NOT business.employee_count < 5",
        &["bare", "full"],
    )
    .await;
}

async fn parts_of_texts_are_found_whatever_their_case(h: Harness) {
    h.create_as("a", customer("ÄRGER & Söhne")).await;
    h.create_as("b", customer("ＦＥＲＲＵＭ 100%")).await;
    finds(&h, "display_name:\"ärger\"", &["a"]).await;
    finds(&h, "display_name:\"SÖHNE\"", &["a"]).await;
    finds(&h, "display_name:\"ferrum\"", &["b"]).await;
    finds(&h, "display_name:\"0%\"", &["b"]).await;
    finds(&h, "display_name:\"_\"", &[]).await;
    h.update(
        pb::Customer {
            name: "customers/b".to_owned(),
            display_name: "Cuprum".to_owned(),
            ..R::default()
        },
        &["display_name"],
    )
    .await;
    finds(&h, "display_name:\"ferrum\"", &[]).await;
    finds(&h, "display_name:\"CUPR\"", &["b"]).await;
}

async fn stars_stand_for_anything_at_the_ends(h: Harness) {
    for (id, name) in [
        ("a", "Ferrum AG"),
        ("b", "ferrum"),
        ("c", "AG*"),
        ("d", "Fe\u{10ffff}"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    finds(&h, "display_name = \"Fe*\"", &["a", "d"]).await;
    finds(&h, "display_name = \"*AG\"", &["a"]).await;
    finds(&h, "display_name = \"*AG*\"", &["a", "c"]).await;
    finds(&h, "display_name = \"AG\\*\"", &["c"]).await;
    finds(&h, "display_name != \"*e*\"", &["c"]).await;
    finds(&h, "display_name = \"*\"", &["a", "b", "c", "d"]).await;
}

async fn an_amount_is_compared_by_its_number(h: Harness) {
    for (id, spend) in [
        ("a", money("EUR", 49, 900_000_000)),
        ("b", money("USD", -1, -500_000_000)),
        ("c", None),
    ] {
        h.create_as(
            id,
            pb::Customer {
                annual_spend: spend,
                ..customer(id)
            },
        )
        .await;
    }
    finds(&h, "annual_spend = 49.9", &["a"]).await;
    finds(&h, "annual_spend > -1.5", &["a"]).await;
    finds(&h, "annual_spend = -1.5", &["b"]).await;
    finds(&h, "annual_spend <= 49.90", &["a", "b"]).await;
    finds(
        &h,
        "annual_spend < 49.9 AND annual_spend.currency_code = \"USD\"",
        &["b"],
    )
    .await;
    finds(&h, "NOT annual_spend:*", &["c"]).await;
}

async fn attributes_have_the_kind_of_their_value(h: Harness) {
    use prost_types::value::Kind::{BoolValue, NumberValue, StringValue};
    for (id, kind) in [
        ("text", StringValue("5".to_owned())),
        ("number", NumberValue(5.0)),
        ("flag", BoolValue(true)),
    ] {
        h.create_as(
            id,
            pb::Customer {
                attributes: attributes(&[("a b", kind)]),
                ..customer(id)
            },
        )
        .await;
    }
    finds(&h, "attributes.\"a b\" = \"5\"", &["text"]).await;
    finds(&h, "attributes.\"a b\" = 5.0", &["number"]).await;
    finds(&h, "attributes.\"a b\" != 6", &["number"]).await;
    finds(&h, "attributes.\"a b\" = true", &["flag"]).await;
    finds(&h, "attributes.\"a b\":*", &["flag", "number", "text"]).await;
    finds(
        &h,
        "attributes:\"a b\" AND NOT attributes.\"a b\" = 5",
        &["flag", "text"],
    )
    .await;
}

async fn parentheses_are_about_one_element(h: Harness) {
    let (mara, ada) = (
        h.create(contact("Mara")).await,
        h.create(contact("Ada")).await,
    );
    let split = h.create_as("split", customer("Split")).await;
    let joint = h.create_as("joint", customer("Joint")).await;
    h.create_as("none", customer("None")).await;
    let owner = |person: &pb::Contact, firm: &pb::Customer, is_over: bool| pb::Affiliation {
        seniority: Seniority::Owner.into(),
        end_date: date(2025, 1, 1).filter(|_| is_over),
        ..affiliation(person, firm)
    };
    h.create(owner(&mara, &split, true)).await;
    h.create(affiliation(&ada, &split)).await;
    let both = h.create(owner(&mara, &joint, false)).await;
    let running = "affiliations.seniority = OWNER AND NOT affiliations.end_date:*";
    finds(&h, &format!("({running})"), &["joint"]).await;
    finds(
        &h,
        "affiliations.seniority = OWNER AND affiliations.seniority = SENIORITY_UNSPECIFIED",
        &["split"],
    )
    .await;
    finds(
        &h,
        "(affiliations.seniority = OWNER AND affiliations.seniority = SENIORITY_UNSPECIFIED)",
        &[],
    )
    .await;
    finds(&h, "NOT affiliations:*", &["none"]).await;
    assert_eq!(
        h.names::<pb::Contact>(&format!("({running})")).await,
        [mara.name]
    );
    // A deleted affiliation is none.
    h.delete::<pb::Affiliation>(&both.name).await;
    finds(&h, &format!("({running})"), &[]).await;
    an_address_is_one_element(&h).await;
}

async fn an_address_is_one_element(h: &Harness) {
    let two = vec![
        pb::EmailAddress {
            r#type: pb::email_address::Type::Work.into(),
            ..email("a@x.example")
        },
        pb::EmailAddress {
            r#type: pb::email_address::Type::Personal.into(),
            ..email("b@x.example")
        },
    ];
    h.create_as(
        "mail",
        pb::Customer {
            emails: two,
            ..customer("Mail")
        },
    )
    .await;
    finds(
        h,
        "emails.type = WORK AND emails.address = \"b@x.example\"",
        &["mail"],
    )
    .await;
    finds(
        h,
        "(emails.type = WORK AND emails.address = \"b@x.example\")",
        &[],
    )
    .await;
    finds(
        h,
        "(emails.type = WORK AND emails.address:\"A@X\")",
        &["mail"],
    )
    .await;
}

async fn times_are_told_from_now(h: Harness) {
    for (id, days) in [("old", 100), ("new", 10)] {
        let firm = h.create_as(id, customer(id)).await;
        h.create(conversation(&firm, (NOW - days * DAY) / SECOND))
            .await;
    }
    h.create_as("never", customer("never")).await;
    finds(&h, "last_conversation.start_time >= ago(\"90d\")", &["new"]).await;
    finds(&h, "last_conversation.start_time < ago(\"90d\")", &["old"]).await;
    finds(
        &h,
        "NOT last_conversation.start_time >= ago(\"90d\")",
        &["never", "old"],
    )
    .await;
    finds(
        &h,
        "last_conversation.start_time < now() AND last_conversation:*",
        &["new", "old"],
    )
    .await;
    h.advance(85 * DAY);
    finds(&h, "last_conversation.start_time >= ago(\"12w\")", &[]).await;
    finds(&h, "last_conversation.start_time >= ago(\"14w\")", &["new"]).await;
    finds(
        &h,
        "last_conversation.start_time >= ago(\"2280h\")",
        &["new"],
    )
    .await;
    finds(&h, "last_conversation.start_time >= ago(\"2279h59m\")", &[]).await;
}

async fn a_promise_without_a_due_time_is_never_due(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let open = h.create(promise(&firm, "some day")).await;
    for filter in [
        "due_time > now()",
        "due_time != now()",
        "due_time >= \"9999-12-01T00:00:00Z\"",
        "due_time:*",
    ] {
        assert!(h.names::<pb::Promise>(filter).await.is_empty(), "{filter}");
        assert_eq!(
            h.names::<pb::Promise>(&format!("NOT {filter}")).await,
            [open.name.as_str()],
            "{filter}"
        );
    }
}

async fn a_word_by_itself_is_looked_for_in_names(h: Harness) {
    let business = pb::customer::Business {
        domains: texts(&["cuprum.example"]),
        ..Default::default()
    };
    h.create_as(
        "a",
        pb::Customer {
            business: Some(business),
            ..customer("Ferrum AG")
        },
    )
    .await;
    h.create_as(
        "b",
        pb::Customer {
            emails: vec![email("Jo@Ferrum.example")],
            ..customer("Jo")
        },
    )
    .await;
    h.create_as(
        "c",
        pb::Customer {
            about: "ferrum".to_owned(),
            ..customer("Other")
        },
    )
    .await;
    finds(&h, "ferrum", &["a", "b"]).await;
    finds(&h, "cuprum.example", &["a"]).await;
    finds(&h, "\"ferrum ag\"", &["a"]).await;
    finds(&h, "ferrum -jo", &["a"]).await;
}

async fn every_field_of_every_resource_can_be_asked_for(h: Harness) {
    for_all!(h => every_field_of_one_can_be_asked_for);
}

/// Asks for everything that the checker accepts, and for its contrary: together they find all records.
async fn every_field_of_one_can_be_asked_for<R: Standard>(h: &Harness) {
    const TRIED: [&str; 15] = [
        ":*",
        " = \"x\"",
        " != \"x\"",
        " < \"x\"",
        ":\"x\"",
        " = \"x*\"",
        " = \"*x\"",
        " = 1",
        " > 1",
        " != true",
        " = \"2026-01-01\"",
        " < \"2026-01-01T00:00:00Z\"",
        " > \"1h\"",
        ":1",
        " != ago(\"1d\")",
    ];
    let input = R::full_input(h).await;
    h.create(input).await;
    let message = clientele::descriptors::message(&R::full_name());
    let mut paths = Vec::new();
    fields(&message, "", &mut paths);
    let all = h.names::<R>("").await.len();
    let tried = paths
        .iter()
        .flat_map(|path| TRIED.iter().map(move |what| format!("{path}{what}")));
    let accepted: Vec<String> = tried
        .filter(|filter| clientele::filter::slips::read_new(filter, &message).is_ok())
        .collect();
    for path in &paths {
        let is_path = |filter: &&String| {
            filter
                .strip_prefix(path)
                .is_some_and(|rest| rest.starts_with([' ', ':']))
        };
        assert!(
            accepted.iter().any(|filter| is_path(&filter)),
            "{path} cannot be asked for"
        );
    }
    for some in accepted.chunks(40) {
        let filter = some.join(" OR ");
        let (met, unmet) = (
            h.names::<R>(&filter).await,
            h.names::<R>(&format!("NOT ({filter})")).await,
        );
        assert_eq!(met.len() + unmet.len(), all, "{filter}");
    }
}

fn fields(message: &MessageDescriptor, prefix: &str, paths: &mut Vec<String>) {
    for field in shown(message) {
        let path = format!("{prefix}{}", field.name());
        match field.kind() {
            Kind::Message(inner) if inner.full_name() == "google.protobuf.Struct" => {
                paths.push(format!("{path}.number"));
                paths.push(format!("{path}.text"));
            }
            _ if field.is_map() => paths.push(format!("{path}.tier")),
            Kind::Message(inner) if inner.name() == "ExternalId" => {
                paths.push(format!("{path}.hubspot"))
            }
            Kind::Message(inner)
                if inner.full_name().starts_with("clientele.")
                    || inner.name() == "PostalAddress" =>
            {
                fields(&inner, &format!("{path}."), paths);
            }
            _ => {}
        }
        paths.push(path);
    }
}
