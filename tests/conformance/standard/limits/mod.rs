//! The limits of every field, as the protos state them: at the limit it is kept, one more is refused by its path.

mod numbers; // of numbers, times and dates

use clientele::pb;
use clientele::pb::customer::{Business, Engagement, Individual};
use prost_types::Duration;
use prost_types::value::Kind;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::{attributes, claim, customer, date, email, external_id, phone};
use crate::harness::standard::{Create, Standard, for_all};

conformance! {
    texts_of_a_customer_are_bounded,
    texts_of_a_contact_are_bounded,
    texts_of_an_affiliation_are_bounded,
    texts_of_a_claim_are_bounded,
    headers_are_bounded,
    lists_of_a_customer_are_bounded,
    lists_of_a_contact_are_bounded,
    everything_at_its_limit_is_kept,
}

/// What a limit counts.
#[derive(Clone, Copy)]
pub enum Of {
    Chars(usize),
    Bytes(usize),
}

impl Of {
    /// A text that is as long as the limit, or one longer.
    fn text(self, more: usize) -> String {
        match self {
            Of::Chars(most) => "\u{e4}".repeat(most + more),
            // Two bytes each, so that characters are not what is counted.
            Of::Bytes(most) => "\u{e4}".repeat(most / 2) + &"x".repeat(more),
        }
    }
}

const NAME: Of = Of::Chars(200);

/// Puts a text into a field.
pub type SetText<R> = fn(&mut R, String);
type SetCount<R> = fn(&mut R, usize);

async fn check<R: Standard>(h: &Harness, resource: R) -> Answer<R> {
    R::create(
        h,
        Create {
            resource: Some(resource),
            validate_only: true,
            ..Default::default()
        },
    )
    .await
}

async fn texts_are_bounded<R: Standard>(h: &Harness, table: &[(&str, Of, SetText<R>)]) {
    let input = R::input(h).await;
    let with = |set: SetText<R>, text: String| changed(&input, set, text);
    for (path, limit, set) in table {
        let kept = done(check(h, with(*set, limit.text(0))).await);
        assert_eq!(kept, changed(&kept, *set, limit.text(0)), "{path}");
        refused(check(h, with(*set, limit.text(1))).await)
            .names("FIELD_INVALID", &[&R::path(path)]);
        refused(check(h, with(*set, "a\0b".to_owned())).await)
            .names("FIELD_INVALID", &[&R::path(path)]);
    }
}

fn changed<R: Standard>(resource: &R, set: SetText<R>, text: String) -> R {
    let mut changed = resource.clone();
    set(&mut changed, text);
    changed
}

async fn lists_are_bounded<R: Standard>(h: &Harness, table: &[(&str, usize, SetCount<R>)]) {
    let input = R::input(h).await;
    for (path, most, set) in table {
        let mut fits = input.clone();
        set(&mut fits, *most);
        done(check(h, fits).await);
        let mut more = input.clone();
        set(&mut more, most + 1);
        refused(check(h, more).await).names("FIELD_INVALID", &[&R::path(path)]);
    }
}

fn business(customer: &mut pb::Customer) -> &mut Business {
    customer.business.get_or_insert_default()
}

fn individual(customer: &mut pb::Customer) -> &mut Individual {
    customer.individual.get_or_insert_default()
}

fn postal(address: &mut Vec<pb::Address>) -> &mut clientele::google::r#type::PostalAddress {
    address.resize(1, pb::Address::default());
    address[0].postal_address.get_or_insert_default()
}

fn first_phone(list: &mut Vec<pb::PhoneNumber>) -> &mut pb::PhoneNumber {
    list.resize(1, phone("1"));
    &mut list[0]
}

fn permission(list: &mut Vec<pb::ContactPermission>) -> &mut pb::ContactPermission {
    list.resize(
        1,
        pb::ContactPermission {
            status: 1,
            ..Default::default()
        },
    );
    &mut list[0]
}

/// The text fields of a customer, each by its path.
pub const CUSTOMER: &[(&str, Of, SetText<pb::Customer>)] = &[
    ("display_name", NAME, |c, t| c.display_name = t),
    ("about", Of::Bytes(65_536), |c, t| c.about = t),
    ("needs[0]", Of::Chars(1000), |c, t| c.needs = vec![t]),
    ("uris[0]", Of::Chars(2048), |c, t| c.uris = vec![t]),
    ("business.legal_name", NAME, |c, t| {
        business(c).legal_name = t
    }),
    ("business.industry", NAME, |c, t| business(c).industry = t),
    ("business.sub_industry", NAME, |c, t| {
        business(c).sub_industry = t
    }),
    ("business.industry_code", Of::Chars(195), |c, t| {
        business(c).industry_code = format!("nace:{t}")
    }),
    ("individual.given_name", NAME, |c, t| {
        individual(c).given_name = t
    }),
    ("individual.family_name", NAME, |c, t| {
        individual(c).family_name = t
    }),
    ("individual.gender", NAME, |c, t| individual(c).gender = t),
    ("individual.occupation", NAME, |c, t| {
        individual(c).occupation = t
    }),
    ("individual.education_level", NAME, |c, t| {
        individual(c).education_level = t
    }),
    ("engagement.intent", NAME, |c, t| {
        c.engagement.get_or_insert_default().intent = t
    }),
    ("phone_numbers[0].text", Of::Chars(64), |c, t| {
        first_phone(&mut c.phone_numbers).text = t
    }),
    ("phone_numbers[0].extension", Of::Chars(16), |c, t| {
        first_phone(&mut c.phone_numbers).extension = t
    }),
    ("addresses[0].postal_address.language_code", NAME, |c, t| {
        postal(&mut c.addresses).language_code = t
    }),
    ("addresses[0].postal_address.postal_code", NAME, |c, t| {
        postal(&mut c.addresses).postal_code = t
    }),
    ("addresses[0].postal_address.sorting_code", NAME, |c, t| {
        postal(&mut c.addresses).sorting_code = t
    }),
    (
        "addresses[0].postal_address.administrative_area",
        NAME,
        |c, t| postal(&mut c.addresses).administrative_area = t,
    ),
    ("addresses[0].postal_address.locality", NAME, |c, t| {
        postal(&mut c.addresses).locality = t
    }),
    ("addresses[0].postal_address.sublocality", NAME, |c, t| {
        postal(&mut c.addresses).sublocality = t
    }),
    ("addresses[0].postal_address.organization", NAME, |c, t| {
        postal(&mut c.addresses).organization = t
    }),
    (
        "addresses[0].postal_address.address_lines[0]",
        NAME,
        |c, t| postal(&mut c.addresses).address_lines = vec![t],
    ),
    ("addresses[0].postal_address.recipients[0]", NAME, |c, t| {
        postal(&mut c.addresses).recipients = vec![t]
    }),
    ("contact_permissions[0].purpose", NAME, |c, t| {
        permission(&mut c.contact_permissions).purpose = t
    }),
    ("contact_permissions[0].source", NAME, |c, t| {
        permission(&mut c.contact_permissions).source = t
    }),
];

/// The text fields of a contact.
pub const CONTACT: &[(&str, Of, SetText<pb::Contact>)] = &[
    ("display_name", NAME, |c, t| c.display_name = t),
    ("given_name", NAME, |c, t| c.given_name = t),
    ("family_name", NAME, |c, t| c.family_name = t),
    ("gender", NAME, |c, t| c.gender = t),
    ("occupation", NAME, |c, t| c.occupation = t),
    ("education_level", NAME, |c, t| c.education_level = t),
    ("language_code", NAME, |c, t| c.language_code = t),
    ("time_zone", NAME, |c, t| c.time_zone = t),
    ("about", Of::Bytes(65_536), |c, t| c.about = t),
    ("likes[0]", Of::Chars(1000), |c, t| c.likes = vec![t]),
    ("dislikes[0]", Of::Chars(1000), |c, t| c.dislikes = vec![t]),
    ("uris[0]", Of::Chars(2048), |c, t| c.uris = vec![t]),
    ("phone_numbers[0].text", Of::Chars(64), |c, t| {
        first_phone(&mut c.phone_numbers).text = t
    }),
    ("addresses[0].postal_address.locality", NAME, |c, t| {
        postal(&mut c.addresses).locality = t
    }),
    ("contact_permissions[0].purpose", NAME, |c, t| {
        permission(&mut c.contact_permissions).purpose = t
    }),
];

/// The text fields of an affiliation.
pub const AFFILIATION: &[(&str, Of, SetText<pb::Affiliation>)] = &[
    ("job_title", NAME, |a, t| a.job_title = t),
    ("department", NAME, |a, t| a.department = t),
];

async fn texts_of_a_customer_are_bounded(h: Harness) {
    texts_are_bounded(&h, CUSTOMER).await;
    let input = |address: String| pb::Customer {
        emails: vec![email(&address)],
        ..customer("x")
    };
    let domain = format!("{}.{}.{}", "d".repeat(63), "d".repeat(63), "d".repeat(61));
    done(
        check(
            &h,
            input(format!(
                "{}@{domain}",
                "\u{e4}".repeat(16) + &"l".repeat(32)
            )),
        )
        .await,
    );
    done(check(&h, input(format!("{}@{domain}", "l".repeat(64)))).await);
    let longer = format!("{}@{domain}d", "l".repeat(64));
    assert_eq!(longer.len(), 255);
    let refusal = refused(check(&h, input(longer)).await);
    refusal.names("FIELD_INVALID", &["customer.emails[0].address"]);
}

async fn texts_of_a_contact_are_bounded(h: Harness) {
    texts_are_bounded(&h, CONTACT).await;
}

async fn texts_of_an_affiliation_are_bounded(h: Harness) {
    texts_are_bounded(&h, AFFILIATION).await;
}

async fn texts_of_a_claim_are_bounded(h: Harness) {
    let (_, _, job) = h.employed().await;
    type Set = fn(&mut pb::AddBuyingRoleRequest, String);
    let table: [(&str, Set); 2] = [
        ("scope", |add, text| add.scope = text),
        ("claimant", |add, text| add.claimant = text),
    ];
    for (path, set) in table {
        let with = |text: String| {
            let mut add = claim(&job, pb::affiliation::BuyingRole::Champion);
            set(&mut add, text);
            add
        };
        h.add_role(with(NAME.text(0))).await;
        refused(h.try_add_role(with(NAME.text(1))).await).names("FIELD_INVALID", &[path]);
        refused(h.try_add_role(with("\0".to_owned())).await).names("FIELD_INVALID", &[path]);
    }
    let of_system = |system: String| pb::AddBuyingRoleRequest {
        system,
        ..claim(&job, pb::affiliation::BuyingRole::Champion)
    };
    h.add_role(of_system("s".repeat(63))).await;
    refused(h.try_add_role(of_system("s".repeat(64))).await).names("FIELD_INVALID", &["system"]);
}

async fn headers_are_bounded(h: Harness) {
    for_all!(h => headers_of_one_are_bounded);
}

async fn headers_of_one_are_bounded<R: Standard>(h: &Harness) {
    let label = |key: String, value: String| [(key, value)].into_iter().collect();
    texts_are_bounded::<R>(
        h,
        &[
            ("labels", Of::Bytes(256), |r, t| {
                *r.header().labels = [("k".to_owned(), t)].into()
            }),
            ("tags[0]", Of::Bytes(64), |r, t| *r.header().tags = vec![t]),
            ("external_ids[0].id", Of::Bytes(256), |r, t| {
                *r.header().external_ids = vec![external_id("sap", &t)]
            }),
        ],
    )
    .await;
    lists_are_bounded::<R>(
        h,
        &[
            ("labels", 64, |r, n| {
                *r.header().labels = (0..n).map(|i| (format!("k{i}"), String::new())).collect()
            }),
            ("tags", 64, |r, n| {
                *r.header().tags = (0..n).map(|i| i.to_string()).collect()
            }),
            ("external_ids", 64, |r, n| {
                *r.header().external_ids =
                    (0..n).map(|i| external_id("sap", &i.to_string())).collect();
            }),
            ("attributes", 64, |r, n| {
                let keys: Vec<String> = (0..n).map(|i| i.to_string()).collect();
                let entries: Vec<_> = keys
                    .iter()
                    .map(|key| (key.as_str(), Kind::BoolValue(true)))
                    .collect();
                *r.header().attributes = attributes(&entries);
            }),
            // {"k":"…"} with the text and eight bytes around it.
            ("attributes", 32_768 - 8, |r, n| {
                *r.header().attributes = attributes(&[("k", Kind::StringValue("x".repeat(n)))]);
            }),
        ],
    )
    .await;
    let input = R::input(h).await;
    for (key, fits) in [
        ("k".repeat(63), true),
        ("k".repeat(64), false),
        ("1".to_owned(), false),
        ("a.b".to_owned(), false),
    ] {
        let mut with = input.clone();
        *with.header().labels = label(key, "x".to_owned());
        assert_eq!(check(h, with).await.is_ok(), fits);
    }
}

async fn lists_of_a_customer_are_bounded(h: Harness) {
    lists_are_bounded::<pb::Customer>(
        &h,
        &[
            ("addresses", 100, |c, n| c.addresses = vec![address(); n]),
            ("emails", 100, |c, n| {
                c.emails = vec![email("a@example.com"); n]
            }),
            ("phone_numbers", 100, |c, n| {
                c.phone_numbers = vec![phone("1"); n]
            }),
            ("uris", 100, |c, n| c.uris = vec!["x".to_owned(); n]),
            ("needs", 100, |c, n| c.needs = vec!["x".to_owned(); n]),
            ("business.domains", 100, |c, n| {
                business(c).domains = vec!["example.com".to_owned(); n]
            }),
            ("contact_permissions", 100, |c, n| {
                c.contact_permissions = vec![permission(&mut Vec::new()).clone(); n];
            }),
            ("locked_paths", 64, |c, n| {
                c.locked_paths = vec!["about".to_owned(); n]
            }),
            ("engagement.preferred_channels", 100, |c, n| {
                c.engagement = Some(Engagement {
                    preferred_channels: vec![1; n],
                    ..Default::default()
                });
            }),
            ("addresses[0].postal_address.address_lines", 100, |c, n| {
                postal(&mut c.addresses).address_lines = vec!["x".to_owned(); n];
            }),
            ("addresses[0].postal_address.recipients", 100, |c, n| {
                postal(&mut c.addresses).recipients = vec!["x".to_owned(); n];
            }),
        ],
    )
    .await;
    let mut upstream = Vec::new();
    for _ in 0..101 {
        upstream.push(h.create(customer("x")).await.name);
    }
    let with = |n| pb::Customer {
        upstream_customers: upstream[..n].to_vec(),
        ..customer("y")
    };
    done(check(&h, with(100)).await);
    refused(check(&h, with(101)).await).names("FIELD_INVALID", &["customer.upstream_customers"]);
}

fn address() -> pb::Address {
    pb::Address {
        postal_address: Some(Default::default()),
        ..Default::default()
    }
}

async fn lists_of_a_contact_are_bounded(h: Harness) {
    lists_are_bounded::<pb::Contact>(
        &h,
        &[
            ("addresses", 100, |c, n| c.addresses = vec![address(); n]),
            ("emails", 100, |c, n| {
                c.emails = vec![email("a@example.com"); n]
            }),
            ("phone_numbers", 100, |c, n| {
                c.phone_numbers = vec![phone("1"); n]
            }),
            ("uris", 100, |c, n| c.uris = vec!["x".to_owned(); n]),
            ("likes", 100, |c, n| c.likes = vec!["x".to_owned(); n]),
            ("dislikes", 100, |c, n| c.dislikes = vec!["x".to_owned(); n]),
            ("locked_paths", 64, |c, n| {
                c.locked_paths = vec!["about".to_owned(); n]
            }),
        ],
    )
    .await;
}

async fn everything_at_its_limit_is_kept(h: Harness) {
    let mut largest = customer("x");
    for (_, limit, set) in CUSTOMER {
        set(&mut largest, limit.text(0));
    }
    *largest.header().labels = (0..64)
        .map(|i| (format!("k{i}"), "\u{1f600}".repeat(64)))
        .collect();
    *largest.header().tags = (0..64).map(|i| format!("{i:064}")).collect();
    *largest.header().external_ids = (0..64)
        .map(|i| external_id("sap", &format!("{i:0256}")))
        .collect();
    largest.needs = vec!["\u{1f600}".repeat(1000); 100];
    // U+FDFA becomes eighteen letters when it is folded.
    largest.emails = vec![email(&format!("{}@example.com", "\u{fdfa}".repeat(21))); 100];
    largest.phone_numbers = vec![phone(&"1".repeat(64)); 100];
    business(&mut largest).domains =
        vec![format!("{}.example", vec!["d".repeat(60); 4].join(".")); 100];
    let created = h.create(largest.clone()).await;
    let stored = h.get::<pb::Customer>(&created.name).await;
    assert_eq!(
        (stored.about, stored.needs, stored.emails),
        (largest.about, largest.needs, largest.emails)
    );
    assert_eq!(
        (stored.labels, stored.tags, stored.external_ids),
        (largest.labels, largest.tags, largest.external_ids)
    );
}
