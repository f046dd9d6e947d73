//! What is special to customers: sizes, frequencies, phones, circles.

mod references; // parents and upstream customers

use clientele::pb;
use clientele::pb::customer::{Business, Engagement, Frequency, Kind, Size};
use futures_util::future::join;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refusal, refused};
use crate::harness::builders::{address, customer, money, phone, texts};
use crate::harness::standard::{Create, Standard};

conformance! {
    size_follows_from_the_employees,
    frequency_follows_from_the_visits,
    an_individual_decides_for_itself,
    phones_are_understood_by_the_first_address,
    domains_are_put_in_lower_case,
    industry_codes_name_their_system,
    amounts_are_whole,
}

async fn size_follows_from_the_employees(h: Harness) {
    let sizes = [
        (None, Size::Unspecified),
        (Some(0), Size::Unspecified),
        (Some(1), Size::Solo),
        (Some(2), Size::Small),
        (Some(49), Size::Small),
        (Some(50), Size::Medium),
        (Some(249), Size::Medium),
        (Some(250), Size::Large),
        (Some(4999), Size::Large),
        (Some(5000), Size::Enterprise),
        (Some(i32::MAX), Size::Enterprise),
    ];
    let mut firm = h
        .create(pb::Customer {
            size: Size::Solo.into(),
            ..customer("Ferrum AG")
        })
        .await;
    for (employee_count, size) in sizes {
        let business = Some(Business {
            employee_count,
            ..Default::default()
        });
        firm = h
            .update(
                pb::Customer { business, ..firm },
                &["business.employee_count", "size"],
            )
            .await;
        assert_eq!(firm.size(), size, "{employee_count:?}");
        assert_eq!(h.get::<pb::Customer>(&firm.name).await.size(), size);
    }
}

async fn frequency_follows_from_the_visits(h: Harness) {
    let frequencies = [
        (None, Frequency::Unspecified),
        (Some(0), Frequency::Unspecified),
        (Some(1), Frequency::FirstTime),
        (Some(2), Frequency::Occasional),
        (Some(11), Frequency::Occasional),
        (Some(12), Frequency::Frequent),
    ];
    for (visit_count, frequency) in frequencies {
        let engagement = Some(Engagement {
            visit_count,
            ..Default::default()
        });
        let input = pb::Customer {
            engagement,
            frequency: 3,
            ..customer("Ferrum AG")
        };
        // The same whether the store or the service works it out.
        let plan = Create {
            resource: Some(input.clone()),
            validate_only: true,
            ..Default::default()
        };
        assert_eq!(
            done(pb::Customer::create(&h, plan).await).frequency(),
            frequency,
            "{visit_count:?}"
        );
        let created = h.create(input).await;
        assert_eq!(created.frequency(), frequency);
        assert_eq!(
            h.get::<pb::Customer>(&created.name).await.frequency(),
            frequency
        );
    }
}

async fn an_individual_decides_for_itself(h: Harness) {
    let jo = h
        .create(pb::Customer {
            kind: Kind::Individual.into(),
            ..customer("Jo")
        })
        .await;
    assert_eq!((jo.contact_count, jo.decision_maker_count), (0, 1));
    let firm = h
        .update(
            pb::Customer {
                kind: Kind::Business.into(),
                ..jo
            },
            &["kind"],
        )
        .await;
    assert_eq!((firm.contact_count, firm.decision_maker_count), (0, 0));
}

async fn phones_are_understood_by_the_first_address(h: Harness) {
    let e164 = async |addresses: Vec<pb::Address>, text: &str| {
        let input = pb::Customer {
            addresses,
            phone_numbers: vec![phone(text)],
            ..customer("Ferrum AG")
        };
        let stored = h.create(input).await.phone_numbers.remove(0);
        assert_eq!(stored.text, text);
        stored.e164
    };
    assert_eq!(e164(vec![], "+43 732 7070").await, "+437327070");
    assert_eq!(e164(vec![], "0732 7070").await, "");
    assert_eq!(e164(vec![address("AT")], "0732 7070").await, "+437327070");
    assert_eq!(
        e164(vec![address("DE"), address("AT")], "030 074321").await,
        "+4930074321"
    );
    assert_eq!(
        e164(vec![address(""), address("AT")], "0732 7070").await,
        ""
    );
    assert_eq!(e164(vec![address("AT")], "ask at the desk").await, "");
    // Another address reads the same text in another way.
    let input = pb::Customer {
        addresses: vec![address("AT")],
        phone_numbers: vec![phone("0732 7070")],
        ..customer("x")
    };
    let stored = h.create(input).await;
    let moved = h
        .update(
            pb::Customer {
                addresses: vec![address("DE")],
                ..stored
            },
            &["addresses"],
        )
        .await;
    assert_eq!(moved.phone_numbers[0].e164, "+497327070");
}

async fn domains_are_put_in_lower_case(h: Harness) {
    let with = |domain: &str| {
        let business = Business {
            domains: texts(&[domain]),
            ..Default::default()
        };
        pb::Customer {
            business: Some(business),
            ..customer("Ferrum AG")
        }
    };
    for (given, kept) in [
        ("Ferrum.Example", "ferrum.example"),
        ("MÜNCHEN.example", "münchen.example"),
        ("a", "a"),
    ] {
        assert_eq!(
            h.create(with(given)).await.business.unwrap().domains,
            [kept]
        );
    }
    for wrong in [
        "",
        " ",
        "a b",
        "https://a.example",
        "a_b.example",
        "-a.example",
        "a-.example",
        "a..b",
        ".a",
        "a.",
        "a@b",
    ] {
        let create = Create {
            resource: Some(with(wrong)),
            ..Default::default()
        };
        refused(pb::Customer::create(&h, create).await)
            .names("FIELD_INVALID", &["customer.business.domains[0]"]);
    }
}

async fn industry_codes_name_their_system(h: Harness) {
    let with = |code: &str| {
        let business = Business {
            industry_code: code.to_owned(),
            ..Default::default()
        };
        Create {
            resource: Some(pb::Customer {
                business: Some(business),
                ..customer("x")
            }),
            ..Default::default()
        }
    };
    for wrong in ["24.10", ":24", "nace:", ":"] {
        refused(pb::Customer::create(&h, with(wrong)).await)
            .names("FIELD_INVALID", &["customer.business.industry_code"]);
    }
    done(pb::Customer::create(&h, with("nace:24:10")).await);
}

async fn amounts_are_whole(h: Harness) {
    let with = |spend| Create {
        resource: Some(pb::Customer {
            annual_spend: spend,
            ..customer("x")
        }),
        ..Default::default()
    };
    for spend in [
        money("EUR", 0, 0),
        money("EUR", -1, -1),
        money("EUR", 0, -999_999_999),
        money("XXX", i64::MIN, 0),
    ] {
        assert_eq!(
            done(pb::Customer::create(&h, with(spend.clone())).await).annual_spend,
            spend
        );
    }
    for (spend, field) in [
        (money("", 1, 0), "currency_code"),
        (money("eur", 1, 0), "currency_code"),
        (money("EURO", 1, 0), "currency_code"),
        (money("EUR", 1, -1), "nanos"),
        (money("EUR", 1, 1_000_000_000), "nanos"),
        (money("EUR", 0, i32::MIN), "nanos"),
    ] {
        let refusal = refused(pb::Customer::create(&h, with(spend)).await);
        refusal.names(
            "FIELD_INVALID",
            &[&format!("customer.annual_spend.{field}")],
        );
    }
}
