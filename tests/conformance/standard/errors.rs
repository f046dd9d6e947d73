//! Refusals: everything that is wrong at once, with paths and reasons, within what a client can read.

use clientele::pb;
use clientele::pb::customer::{Business, Engagement};
use futures_util::stream::{self, StreamExt};
use prost_types::value::Kind;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::refused;
use crate::harness::builders::{
    attributes, customer, date, email, external_id, map, money, phone, texts,
};
use crate::harness::standard::{Create, Standard, Update, mask};

conformance! {
    all_violations_come_together,
    an_update_names_all_of_request_and_fields,
    a_claim_names_all_of_request_and_fields,
    violations_of_several_reasons_have_the_general_one,
    unknown_enum_numbers_are_refused,
    a_thousand_violations_fit_an_answer,
    a_long_circle_fits_an_answer,
    a_refusal_does_not_repeat_values,
}

async fn try_create<R: Standard>(h: &Harness, resource: R) -> crate::harness::answer::Answer<R> {
    R::create(
        h,
        Create {
            resource: Some(resource),
            ..Default::default()
        },
    )
    .await
}

async fn all_violations_come_together(h: Harness) {
    let create = Create {
        resource: Some(all_wrong()),
        id: "A".to_owned(),
        request_id: " ".to_owned(),
        ..Default::default()
    };
    let refusal = refused(pb::Customer::create(&h, create).await);
    let fields = [
        "request_id",
        "customer_id",
        "customer.labels",
        "customer.tags",
        "customer.tags[2]",
        "customer.external_ids[0].system",
        "customer.attributes",
        "customer.display_name",
        "customer.kind",
        "customer.business.domains[0]",
        "customer.business.founded_year",
        "customer.engagement.visit_count",
        "customer.addresses[0].postal_address",
        "customer.emails[1].address",
        "customer.phone_numbers[0].text",
        "customer.annual_spend.currency_code",
        "customer.annual_spend.nanos",
        "customer.parent",
        "customer.upstream_customers[1]",
        "customer.contact_permissions[0].status",
    ];
    let found: Vec<&str> = refusal
        .violations
        .iter()
        .map(|(field, _)| field.as_str())
        .take(20)
        .collect();
    assert_eq!(found, fields);
    let told = &refusal.message;
    for field in &fields[..3] {
        assert!(told.contains(&format!("{field}: ")), "{told}");
    }
    assert!(told.ends_with("; and 19 more"), "{told}");
    refusal
        .is(Code::InvalidArgument, "FIELD_INVALID")
        .tells("violationCount", "22");
    assert_eq!(h.revision().await, 0);
}

fn all_wrong() -> pb::Customer {
    pb::Customer {
        labels: map(&[("Tier", "gold")]),
        tags: texts(&["a", "a", " "]),
        external_ids: vec![external_id("SAP", "1")],
        attributes: attributes(&[("n", Kind::NumberValue(f64::NAN))]),
        kind: 99,
        business: Some(Business {
            domains: texts(&["a..b"]),
            founded_year: Some(10_000),
            ..Default::default()
        }),
        engagement: Some(Engagement {
            visit_count: Some(-1),
            ..Default::default()
        }),
        emails: vec![email("good@example.com"), email("bad")],
        phone_numbers: vec![phone(" ")],
        addresses: vec![pb::Address::default()],
        annual_spend: money("eur", 1, -1),
        parent: "contacts/a".to_owned(),
        upstream_customers: texts(&["customers/a", ""]),
        contact_permissions: vec![pb::ContactPermission::default()],
        follow_up_interval: Some(prost_types::Duration {
            seconds: 0,
            nanos: 0,
        }),
        locked_paths: texts(&["nothing"]),
        ..Default::default()
    }
}

async fn an_update_names_all_of_request_and_fields(h: Harness) {
    let wrong = pb::Customer {
        name: "acme".to_owned(),
        about: "\0".to_owned(),
        kind: 9,
        ..Default::default()
    };
    let update = Update {
        resource: Some(wrong),
        mask: mask(&["about", "kind", "display_name"]),
        request_id: "ä".to_owned(),
        ..Default::default()
    };
    let fields = [
        "request_id",
        "customer.name",
        "customer.display_name",
        "customer.kind",
        "customer.about",
    ];
    refused(pb::Customer::update(&h, update).await).names("FIELD_INVALID", &fields);
}

async fn a_claim_names_all_of_request_and_fields(h: Harness) {
    let wrong = pb::AddBuyingRoleRequest {
        affiliation: "acme".to_owned(),
        evidence: 9,
        system: "SAP".to_owned(),
        start_date: date(2024, 2, 30),
        request_id: " ".to_owned(),
        ..Default::default()
    };
    let fields = [
        "role",
        "evidence",
        "system",
        "start_date",
        "request_id",
        "affiliation",
    ];
    refused(h.try_add_role(wrong).await).names("FIELD_INVALID", &fields);
    let confirm = pb::ConfirmBuyingRoleRequest {
        evidence: 9,
        ..Default::default()
    };
    let refusal = refused(h.affiliations.clone().confirm_buying_role(confirm).await);
    refusal.names("FIELD_INVALID", &["claim_id", "evidence", "affiliation"]);
    let end = pb::EndBuyingRoleRequest {
        end_date: date(2024, 0, 1),
        ..Default::default()
    };
    let refusal = refused(h.affiliations.clone().end_buying_role(end).await);
    refusal.names("FIELD_INVALID", &["claim_id", "end_date", "affiliation"]);
}

async fn violations_of_several_reasons_have_the_general_one(h: Harness) {
    let update = Update {
        resource: Some(customer("x")),
        mask: mask(&["nothing"]),
        ..Default::default()
    };
    let refusal =
        refused(pb::Customer::update(&h, update).await).is(Code::InvalidArgument, "FIELD_INVALID");
    let found: Vec<(&str, &str)> = refusal
        .violations
        .iter()
        .map(|(field, reason)| (field.as_str(), reason.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("customer.name", "FIELD_INVALID"),
            ("update_mask.paths[0]", "MASK_INVALID")
        ]
    );
}

async fn unknown_enum_numbers_are_refused(h: Harness) {
    for number in [-1, 99, i32::MAX] {
        let engagement = Engagement {
            preferred_channels: vec![number, 0],
            ..Default::default()
        };
        let wrong = pb::Customer {
            kind: number,
            audience: number,
            lifecycle: number,
            engagement: Some(engagement),
            emails: vec![pb::EmailAddress {
                r#type: number,
                ..email("a@example.com")
            }],
            phone_numbers: vec![pb::PhoneNumber {
                r#type: number,
                ..phone("1")
            }],
            contact_permissions: vec![pb::ContactPermission {
                channel: number,
                status: number,
                ..Default::default()
            }],
            ..customer("Ferrum AG")
        };
        let fields = [
            "customer.kind",
            "customer.audience",
            "customer.lifecycle",
            "customer.engagement.preferred_channels[0]",
            "customer.engagement.preferred_channels[1]",
            "customer.emails[0].type",
            "customer.phone_numbers[0].type",
            "customer.contact_permissions[0].channel",
            "customer.contact_permissions[0].status",
        ];
        refused(try_create(&h, wrong).await).names("FIELD_INVALID", &fields);
        let wrong = pb::Contact {
            preferred_channels: vec![number],
            display_name: "x".to_owned(),
            ..Default::default()
        };
        refused(try_create(&h, wrong).await)
            .names("FIELD_INVALID", &["contact.preferred_channels[0]"]);
        let wrong = pb::Affiliation {
            seniority: number,
            ..pb::Affiliation::input(&h).await
        };
        refused(try_create(&h, wrong).await).names("FIELD_INVALID", &["affiliation.seniority"]);
    }
}

async fn a_thousand_violations_fit_an_answer(h: Harness) {
    let wrong = pb::Customer {
        external_ids: (0..64)
            .map(|i| external_id("SAP", &i.to_string()))
            .collect(),
        business: Some(Business {
            domains: vec!["-".repeat(99); 100],
            ..Default::default()
        }),
        engagement: Some(Engagement {
            preferred_channels: vec![99; 100],
            ..Default::default()
        }),
        emails: vec![email("bad"); 100],
        phone_numbers: vec![phone(""); 100],
        addresses: vec![pb::Address::default(); 100],
        uris: texts(&[" "; 100]),
        needs: texts(&[" "; 100]),
        upstream_customers: texts(&[""; 100]),
        contact_permissions: vec![pb::ContactPermission::default(); 100],
        locked_paths: texts(&["nothing"; 64]),
        ..Default::default()
    };
    let refusal = refused(try_create(&h, wrong).await).is(Code::InvalidArgument, "FIELD_INVALID");
    let shown = refusal.violations.len() - 1;
    assert!((1..=20).contains(&shown));
    let count: usize = refusal.metadata["violationCount"].parse().unwrap();
    assert!(count >= 1000, "{count}");
}

async fn a_long_circle_fits_an_answer(h: Harness) {
    let first = h.create(customer("0")).await;
    let grow = |above: pb::Customer, i: usize| {
        let h = h.clone();
        async move {
            h.create(pb::Customer {
                parent: above.name,
                ..customer(&i.to_string())
            })
            .await
        }
    };
    let last = stream::iter(1..150).fold(first.clone(), grow).await;
    let (start, end) = (first.name.clone(), last.name.clone());
    let refusal = refused(
        h.try_update(
            pb::Customer {
                parent: last.name,
                ..first
            },
            &["parent"],
        )
        .await,
    );
    let refusal = refusal
        .is(Code::FailedPrecondition, "REFERENCE_CYCLE")
        .tells("field", "parent");
    let cycle = refusal.cycle.unwrap();
    assert_eq!(
        (cycle.names.len(), cycle.name_count),
        (20, 151),
        "{cycle:?}"
    );
    assert_eq!(cycle.names[..2], [start.clone(), end], "{cycle:?}");
    let told = refusal.message;
    assert!(told.ends_with(&format!(" -> ... -> {start}")), "{told}");
}

async fn a_refusal_does_not_repeat_values(h: Harness) {
    let secret = "geheim";
    let wrong = pb::Customer {
        labels: map(&[("Geheim", secret)]),
        emails: vec![email(secret)],
        phone_numbers: vec![phone(&secret.repeat(20))],
        locked_paths: texts(&[secret]),
        parent: secret.to_owned(),
        ..customer("x")
    };
    let create = Create {
        resource: Some(wrong),
        id: secret.to_uppercase(),
        request_id: "ge heim".to_owned(),
        ..Default::default()
    };
    let Err(status) = pb::Customer::create(&h, create).await else {
        panic!("not refused")
    };
    let whole = format!(
        "{} {}",
        status.message(),
        String::from_utf8_lossy(status.details())
    )
    .to_lowercase();
    assert!(
        !whole.contains(secret) && !whole.contains("ge heim"),
        "{whole}"
    );
}
