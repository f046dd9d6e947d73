//! Filters: what each kind of field is compared with, and where a filter goes wrong.

mod found; // what finds a record
mod language; // what its words mean
mod slips; // what reads like a comparison and is none

use clientele::pb;
use clientele::pb::customer::{Business, Engagement};
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::refused;
use crate::harness::builders::{affiliation, customer, date, money, time};
use crate::harness::standard::{List, Standard, for_all};

conformance! {
    a_blank_filter_matches_all,
    every_header_field_can_be_asked_for,
    every_kind_of_field_is_compared_by_its_type,
    derived_fields_can_be_asked_for,
    texts_are_compared_byte_by_byte,
    quotes_and_escapes_are_understood,
    an_unset_field_meets_no_condition,
    an_amount_of_nothing_is_not_no_amount,
    conditions_are_joined_by_and,
    external_ids_of_any_system_are_found,
    references_can_be_asked_for,
    a_wrong_filter_tells_where,
    length_and_number_of_conditions_are_bounded,
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

/// Two customers: `full` has everything, `bare` has nothing.
async fn two(h: &Harness) -> pb::Customer {
    h.create_as("bare", customer("Bare")).await;
    let input = R::full_input(h).await;
    h.create_as("full", input).await
}

async fn a_blank_filter_matches_all(h: Harness) {
    h.create_as("bare", customer("Bare")).await;
    for filter in ["", " ", "\n\t\u{3000}"] {
        finds(&h, filter, &["bare"]).await;
    }
}

async fn every_header_field_can_be_asked_for(h: Harness) {
    for_all!(h => every_header_field_of_one_can_be_asked_for);
}

async fn every_header_field_of_one_can_be_asked_for<R: Standard>(h: &Harness) {
    let input = R::full_input(h).await;
    let mut record = h.create(input).await;
    let name = record.name();
    let created = clientele::clock::micros(&record.header().create_time.unwrap()).unwrap();
    let created = jiff::Timestamp::from_microsecond(created)
        .unwrap()
        .to_string();
    let etag = record.etag().replace('"', "\\\"");
    let title = record.title().replace('\n', "\\n").replace('\t', "\\t");
    let conditions = [
        format!("name = \"{name}\""),
        format!("etag = \"{etag}\""),
        format!(
            "create_time = \"{created}\" AND update_time = \"{created}\" AND name = \"{name}\""
        ),
        format!("{} = \"{title}\" AND name = \"{name}\"", R::TITLE),
    ];
    for condition in conditions {
        assert_eq!(
            h.names::<R>(&condition).await,
            [name.as_str()],
            "{condition}"
        );
    }
    assert!(
        h.names::<R>("delete_time = \"2020-01-01T00:00:00Z\"")
            .await
            .is_empty()
    );
}

async fn every_kind_of_field_is_compared_by_its_type(h: Harness) {
    let mut full = two(&h).await;
    (full.customer_since_time, full.follow_up_interval) = (
        time(86_400),
        Some(prost_types::Duration {
            seconds: 129_600,
            nanos: 0,
        }),
    );
    h.update(full, &["*"]).await;
    let of_full = [
        "display_name = \"Ferrum AG „Werk“\"",
        "kind = BUSINESS",
        "audience = PARTNER",
        "lifecycle = DORMANT",
        "business.legal_name = \"Ferrum Aktiengesellschaft\"",
        "business.employee_count = 4999",
        "business.annual_revenue.units = 9007199254740993",
        "business.annual_revenue.currency_code = \"JPY\"",
        "individual.birth_year = 1",
        "annual_spend.units = -12",
        "annual_spend.nanos = -345000000",
        "engagement.last_visit_time = \"2023-11-14T22:13:20.999999Z\"",
        "engagement.last_visit_time = \"2023-11-14T23:13:20.999999+01:00\"",
        "customer_since_time = \"1970-01-02T00:00:00Z\"",
        "follow_up_interval = \"36h\"",
        "follow_up_interval = 129600s",
        "size = LARGE",
        "frequency = FREQUENT",
    ];
    for condition in of_full {
        finds(&h, condition, &["full"]).await;
    }
    for condition in [
        "kind = INDIVIDUAL",
        "business.employee_count = 4998",
        "follow_up_interval = \"35h\"",
        "annual_spend.units = 12",
    ] {
        finds(&h, condition, &[]).await;
    }
    // An enum and a bool that are not set have their first value.
    finds(
        &h,
        "kind = KIND_UNSPECIFIED AND display_name = \"Bare\"",
        &["bare"],
    )
    .await;
    bools_and_dates_are_compared(&h).await;
}

async fn bools_and_dates_are_compared(h: &Harness) {
    let (_, _, job) = h.employed().await;
    assert_eq!(
        h.names::<pb::Affiliation>("primary = false").await,
        [job.name.as_str()]
    );
    h.update(
        pb::Affiliation {
            primary: true,
            start_date: date(2024, 2, 29),
            ..job.clone()
        },
        &["*"],
    )
    .await;
    for condition in [
        "primary = true",
        "start_date = \"2024-02-29\"",
        "start_date = 2024-02-29",
    ] {
        assert_eq!(
            h.names::<pb::Affiliation>(condition).await,
            [job.name.as_str()],
            "{condition}"
        );
    }
}

async fn derived_fields_can_be_asked_for(h: Harness) {
    let (firm, person, _) = h.employed().await;
    h.create(affiliation(&person, &firm)).await;
    let name = |filter: &'static str| h.names::<R>(filter);
    assert_eq!(
        name("contact_count = 1 AND decision_maker_count = 0").await,
        [firm.name]
    );
    h.create_as(
        "jo",
        pb::Customer {
            kind: pb::customer::Kind::Individual.into(),
            ..customer("Jo")
        },
    )
    .await;
    finds(&h, "decision_maker_count = 1", &["jo"]).await;
    finds(&h, "contact_count = 0", &["jo"]).await;
}

async fn texts_are_compared_byte_by_byte(h: Harness) {
    for (id, name) in [
        ("a", "\u{c9}cole"),
        ("b", "\u{e9}cole"),
        ("c", "e\u{301}cole"),
        ("d", "ECOLE"),
        ("e", "%"),
        ("f", "_"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    finds(&h, "display_name = \"\u{c9}cole\"", &["a"]).await;
    finds(&h, "display_name = \"\u{e9}cole\"", &["b"]).await;
    finds(&h, "display_name = \"e\u{301}cole\"", &["c"]).await;
    finds(&h, "display_name = \"ecole\"", &[]).await;
    finds(&h, "display_name = \"%\"", &["e"]).await;
    finds(&h, "display_name = \"_\"", &["f"]).await;
}

async fn quotes_and_escapes_are_understood(h: Harness) {
    let odd = pb::Customer {
        about: "a\"b'c\\d\ne AND f = g".to_owned(),
        ..customer("Odd")
    };
    h.create_as("odd", odd).await;
    finds(&h, "about = \"a\\\"b'c\\\\d\\ne AND f = g\"", &["odd"]).await;
    finds(&h, "about='a\"b\\'c\\\\d\\ne AND f = g'", &["odd"]).await;
}

async fn an_unset_field_meets_no_condition(h: Harness) {
    h.create_as("bare", customer("Bare")).await;
    let unset = [
        "about < \"x\"",
        "about != \"x\"",
        "parent != \"customers/x\"",
        "business.industry != \"x\"",
        "business.employee_count = 0",
        "engagement.visit_count = 0",
        "engagement.first_visit_time = \"1970-01-01T00:00:00Z\"",
        "follow_up_interval = 0s",
        "annual_spend.units = 0",
        "annual_spend.nanos = 0",
        "business.annual_revenue.units = 0",
        "delete_time = \"1970-01-01T00:00:00Z\"",
        "labels.k = \"\"",
    ];
    for condition in unset {
        finds(&h, condition, &[]).await;
    }
}

async fn an_amount_of_nothing_is_not_no_amount(h: Harness) {
    let business = Business {
        annual_revenue: money("EUR", 0, 0),
        employee_count: Some(0),
        ..Default::default()
    };
    let engagement = Engagement {
        visit_count: Some(0),
        first_visit_time: time(0),
        ..Default::default()
    };
    let zero = pb::Customer {
        annual_spend: money("USD", 0, 5),
        business: Some(business),
        engagement: Some(engagement),
        ..customer("Zero")
    };
    h.create_as("zero", zero).await;
    h.create_as("bare", customer("Bare")).await;
    let conditions = [
        "annual_spend.units = 0",
        "business.annual_revenue.units = 0",
        "business.employee_count = 0",
        "engagement.visit_count = 0",
        "engagement.first_visit_time = \"1970-01-01T00:00:00Z\"",
    ];
    for condition in conditions {
        finds(&h, condition, &["zero"]).await;
    }
}

async fn conditions_are_joined_by_and(h: Harness) {
    h.create_as(
        "a",
        pb::Customer {
            about: "x".to_owned(),
            ..customer("Ferrum")
        },
    )
    .await;
    h.create_as(
        "b",
        pb::Customer {
            about: "y".to_owned(),
            ..customer("Ferrum")
        },
    )
    .await;
    finds(&h, "display_name = \"Ferrum\" AND about = \"y\"", &["b"]).await;
    finds(&h, "about=\"y\"AND\ndisplay_name = \"Ferrum\"", &["b"]).await;
    finds(&h, "about = \"x\" AND about = \"y\"", &[]).await;
}

async fn external_ids_of_any_system_are_found(h: Harness) {
    for (i, system) in ["sap", "sap.eu", "x-1_y", "a.b.c"].iter().enumerate() {
        let pair = crate::harness::builders::external_id(system, "4711");
        let id = format!("c{i}");
        h.create_as(
            &id,
            pb::Customer {
                external_ids: vec![pair],
                ..customer("Ferrum")
            },
        )
        .await;
        finds(&h, &format!("external_ids.{system} = \" 4711 \""), &[&id]).await;
        finds(&h, &format!("external_ids.\"{system}\" = \"4711\""), &[&id]).await;
        finds(
            &h,
            &format!("external_ids.{system} = \"4711\" AND display_name = \"Cuprum\""),
            &[],
        )
        .await;
    }
    finds(&h, "external_ids.nobody = \"4711\"", &[]).await;
}

async fn references_can_be_asked_for(h: Harness) {
    let (firm, person, job) = h.employed().await;
    h.create(pb::Customer {
        parent: firm.name.clone(),
        ..customer("Cuprum")
    })
    .await;
    assert_eq!(
        h.names::<R>(&format!("parent = \"{}\"", firm.name))
            .await
            .len(),
        1
    );
    for (field, name) in [("customer", &firm.name), ("contact", &person.name)] {
        assert_eq!(
            h.names::<pb::Affiliation>(&format!("{field} = \"{name}\""))
                .await,
            [job.name.as_str()]
        );
        assert!(
            h.names::<pb::Affiliation>(&format!("{field} = \"{}/nobody\"", field.to_owned() + "s"))
                .await
                .is_empty()
        );
    }
}

async fn a_wrong_filter_tells_where(h: Harness) {
    let wrong = [
        ("nothing = 1", 0),
        ("about = \"x\" AND nothing = 1", 16),
        ("business.nothing = 1", 9),
        ("business = 1", 0),
        ("attributes = 1", 0),
        ("labels = 1", 0),
        ("tags = \"x\"", 0),
        ("external_ids = \"x\"", 0),
        ("external_ids.sap = x", 19),
        ("about.x = 1", 0),
        ("about = ", 8),
        ("about = \"x", 8),
        ("about = \"x\\q\"", 10),
        ("about = x", 8),
        ("= \"x\"", 0),
        ("AND", 0),
        ("about = \"x\" and about = \"y\"", 12),
        ("about = \"x\" AND", 15),
        ("about = \"a\0\"", 10),
        ("external_ids.sap = \"\0\"", 20),
        ("kind = business", 7),
        ("kind = \"BUSINESS\"", 7),
        ("kind = 1", 7),
        ("business.employee_count = 1.5", 26),
        ("business.employee_count = \"1\"", 26),
        ("business.employee_count = 99999999999999999999", 26),
        ("create_time = \"yesterday\"", 14),
        ("create_time = \"2024-02-30T00:00:00Z\"", 14),
        ("follow_up_interval = \"a while\"", 21),
        ("parent = \"contacts/a\"", 9),
        ("name = \"acme\"", 7),
    ];
    for (filter, offset) in wrong {
        let list = List {
            filter: filter.to_owned(),
            ..Default::default()
        };
        let refusal = refused(R::list(&h, list).await).names("FILTER_INVALID", &["filter"]);
        assert_eq!(
            refusal.metadata["offset"],
            offset.to_string(),
            "{filter}: {}",
            refusal.message
        );
    }
    for filter in [
        "primary = \"true\"",
        "primary = yes",
        "start_date = \"2024-02-30\"",
        "start_date = \"2024-2-9\"",
    ] {
        let list = List {
            filter: filter.to_owned(),
            ..Default::default()
        };
        refused(pb::Affiliation::list(&h, list).await).is(Code::InvalidArgument, "FILTER_INVALID");
    }
}

async fn length_and_number_of_conditions_are_bounded(h: Harness) {
    let list = |filter: String| {
        R::list(
            &h,
            List {
                filter,
                ..Default::default()
            },
        )
    };
    let conditions = |count| vec!["about = \"x\""; count].join(" AND ");
    h.names::<R>(&conditions(64)).await;
    refused(list(conditions(65)).await).is(Code::InvalidArgument, "FILTER_INVALID");
    let of_length = |length: usize| format!("about = \"{}\"", "x".repeat(length - 10));
    h.names::<R>(&of_length(4096)).await;
    refused(list(of_length(4097)).await)
        .is(Code::InvalidArgument, "FILTER_INVALID")
        .tells("offset", "4096");
}
