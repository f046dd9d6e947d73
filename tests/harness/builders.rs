//! Input for tests: the least that is valid, and records in which every field is set.

use std::collections::BTreeMap;

use clientele::google::r#type::{Date, Money, PostalAddress};
use clientele::pb;
use clientele::pb::affiliation::{BuyingRole, Evidence};
use clientele::pb::conversation::Channel;
use prost_types::value::Kind;
use prost_types::{Duration, ListValue, Struct, Timestamp, Value};

use super::Harness;
use super::answer::{Answer, done};

/// A customer of this name.
pub fn customer(display_name: &str) -> pb::Customer {
    pb::Customer {
        display_name: display_name.to_owned(),
        ..Default::default()
    }
}

/// A contact of this name.
pub fn contact(display_name: &str) -> pb::Contact {
    pb::Contact {
        display_name: display_name.to_owned(),
        ..Default::default()
    }
}

/// An affiliation of a contact at a customer.
pub fn affiliation(contact: &pb::Contact, customer: &pb::Customer) -> pb::Affiliation {
    pb::Affiliation {
        contact: contact.name.clone(),
        customer: customer.name.clone(),
        ..Default::default()
    }
}

/// The id that another system has for a record.
pub fn external_id(system: &str, id: &str) -> pb::ExternalId {
    pb::ExternalId {
        system: system.to_owned(),
        id: id.to_owned(),
    }
}

/// A civil date.
pub fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

/// A time in whole seconds since 1970.
pub fn time(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

/// An amount of money.
pub fn money(currency_code: &str, units: i64, nanos: i32) -> Option<Money> {
    Some(Money {
        currency_code: currency_code.to_owned(),
        units,
        nanos,
    })
}

/// A phone number as somebody wrote it.
pub fn phone(text: &str) -> pb::PhoneNumber {
    pb::PhoneNumber {
        text: text.to_owned(),
        ..Default::default()
    }
}

/// An e-mail address.
pub fn email(address: &str) -> pb::EmailAddress {
    pb::EmailAddress {
        address: address.to_owned(),
        ..Default::default()
    }
}

/// A postal address in a region.
pub fn address(region_code: &str) -> pb::Address {
    let postal_address = PostalAddress {
        region_code: region_code.to_owned(),
        ..Default::default()
    };
    pb::Address {
        postal_address: Some(postal_address),
        ..Default::default()
    }
}

/// A list of texts.
pub fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

/// A map of texts.
pub fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// Free attributes.
pub fn attributes(entries: &[(&str, Kind)]) -> Option<Struct> {
    let entry = |(key, kind): &(&str, Kind)| ((*key).to_owned(), value(kind.clone()));
    Some(Struct {
        fields: entries.iter().map(entry).collect(),
    })
}

fn value(kind: Kind) -> Value {
    Value { kind: Some(kind) }
}

impl Harness {
    /// Creates an affiliation with a contact and a customer of its own.
    pub async fn employed(&self) -> (pb::Customer, pb::Contact, pb::Affiliation) {
        let customer = self.create(customer("Ferrum AG")).await;
        let contact = self.create(contact("Mara Lind")).await;
        let affiliation = self.create(affiliation(&contact, &customer)).await;
        (customer, contact, affiliation)
    }

    /// Adds a claim.
    pub async fn add_role(&self, request: pb::AddBuyingRoleRequest) -> pb::Affiliation {
        done(self.try_add_role(request).await)
    }

    /// Tries to add a claim.
    pub async fn try_add_role(&self, request: pb::AddBuyingRoleRequest) -> Answer<pb::Affiliation> {
        self.affiliations.clone().add_buying_role(request).await
    }
}

/// A request to add a claim of this role.
pub fn claim(affiliation: &pb::Affiliation, role: BuyingRole) -> pb::AddBuyingRoleRequest {
    pb::AddBuyingRoleRequest {
        affiliation: affiliation.name.clone(),
        role: role.into(),
        ..Default::default()
    }
}

/// A request to add a claim with everything set.
pub fn full_claim(affiliation: &pb::Affiliation) -> pb::AddBuyingRoleRequest {
    pb::AddBuyingRoleRequest {
        scope: "plant Linz".to_owned(),
        evidence: Evidence::Inferred.into(),
        claimant: "an import".to_owned(),
        system: "sap.eu".to_owned(),
        start_date: date(2024, 2, 29),
        end_date: date(2031, 1, 1),
        ..claim(affiliation, BuyingRole::EconomicBuyer)
    }
}

/// The least that is valid.
pub mod input {
    use super::*;

    pub async fn customer(_: &Harness) -> pb::Customer {
        super::customer("Ferrum AG")
    }

    pub async fn contact(_: &Harness) -> pb::Contact {
        super::contact("Mara Lind")
    }

    pub async fn affiliation(h: &Harness) -> pb::Affiliation {
        let customer = h.create(super::customer("Ferrum AG")).await;
        let contact = h.create(super::contact("Mara Lind")).await;
        super::affiliation(&contact, &customer)
    }
}

/// Every field that a caller can set.
pub mod full {
    use clientele::pb::customer::{Audience, Business, Engagement, Individual, Lifecycle};

    use super::*;
    use crate::harness::records::colleague;

    pub async fn customer(h: &Harness) -> pb::Customer {
        let parent = h.create(super::customer("Ferrum Group")).await;
        let dealer = h.create(super::customer("Stahl & Söhne")).await;
        pb::Customer {
            labels: map(&[("tier", "gold"), ("empty", "")]),
            tags: texts(&["strategic", "Ärger"]),
            attributes: everything(),
            external_ids: vec![
                external_id("hubspot", "4711"),
                external_id("sap.eu", "ÄÖ-7"),
            ],
            kind: pb::customer::Kind::Business.into(),
            audience: Audience::Partner.into(),
            lifecycle: Lifecycle::Dormant.into(),
            business: Some(business()),
            individual: Some(individual()),
            addresses: addresses(),
            emails: emails(),
            phone_numbers: phone_numbers(),
            uris: texts(&["https://example.com/ä?q=1", "@handle"]),
            about: "Buys\nin spring.\tCalls back.".to_owned(),
            engagement: Some(engagement()),
            needs: texts(&["shorter lead times", "one invoice a month"]),
            customer_since_time: Some(Timestamp {
                seconds: -62_135_596_800,
                nanos: 1000,
            }),
            annual_spend: money("EUR", -12, -345_000_000),
            owner: h.create(colleague("Mia Berg")).await.name,
            parent: parent.name,
            upstream_customers: vec![dealer.name],
            contact_permissions: contact_permissions(),
            follow_up_interval: Some(Duration {
                seconds: 7_776_000,
                nanos: 1000,
            }),
            locked_paths: texts(&["about", "business.industry", "labels.tier"]),
            ..super::customer("Ferrum AG „Werk“")
        }
    }

    pub async fn contact(h: &Harness) -> pb::Contact {
        pb::Contact {
            labels: map(&[("tier", "gold")]),
            tags: texts(&["b", "a"]),
            attributes: everything(),
            external_ids: vec![external_id("hubspot", "1"), external_id("hubspot", "2")],
            given_name: "Mara".to_owned(),
            family_name: "Lind".to_owned(),
            gender: "woman".to_owned(),
            birth_year: Some(1976),
            occupation: "engineer".to_owned(),
            education_level: "master".to_owned(),
            emails: emails(),
            phone_numbers: phone_numbers(),
            addresses: addresses(),
            uris: texts(&["https://example.com/mara"]),
            preferred_channels: vec![Channel::InPerson.into()],
            language_code: "de-AT".to_owned(),
            time_zone: "Europe/Vienna".to_owned(),
            about: "Climbs.".to_owned(),
            likes: texts(&["short mails"]),
            dislikes: texts(&["calls before ten"]),
            contact_permissions: contact_permissions(),
            locked_paths: texts(&["given_name"]),
            owner: h.create(colleague("Mia Berg")).await.name,
            ..super::contact("Mara Lind")
        }
    }

    pub async fn affiliation(h: &Harness) -> pb::Affiliation {
        let (customer, contact, manager) = h.employed().await;
        pb::Affiliation {
            labels: map(&[("floor", "3")]),
            tags: texts(&["night shift"]),
            attributes: everything(),
            external_ids: vec![external_id("hubspot", "1")],
            job_title: "Head of Purchasing".to_owned(),
            department: "Purchasing".to_owned(),
            seniority: pb::affiliation::Seniority::Director.into(),
            manager: manager.name,
            primary: true,
            start_date: date(2020, 2, 29),
            end_date: date(9999, 12, 31),
            ..super::affiliation(&contact, &customer)
        }
    }

    fn business() -> Business {
        Business {
            legal_name: "Ferrum Aktiengesellschaft".to_owned(),
            domains: texts(&["ferrum.example", "münchen.example"]),
            industry_code: "nace:24.10".to_owned(),
            industry: "steel".to_owned(),
            sub_industry: "strip".to_owned(),
            employee_count: Some(4999),
            founded_year: Some(1888),
            annual_revenue: money("JPY", 9_007_199_254_740_993, 999_999_999),
        }
    }

    fn individual() -> Individual {
        Individual {
            given_name: "Jo".to_owned(),
            family_name: "Ferrum".to_owned(),
            birth_year: Some(1),
            gender: "none of your business".to_owned(),
            occupation: "smith".to_owned(),
            education_level: "apprenticeship".to_owned(),
        }
    }

    fn engagement() -> Engagement {
        Engagement {
            visit_count: Some(12),
            first_visit_time: time(0),
            last_visit_time: Some(Timestamp {
                seconds: 1_700_000_000,
                nanos: 999_999_000,
            }),
            intent: "compare prices".to_owned(),
            preferred_channels: vec![
                Channel::Sms.into(),
                Channel::Phone.into(),
                Channel::Sms.into(),
            ],
        }
    }

    fn addresses() -> Vec<pb::Address> {
        let postal_address = PostalAddress {
            revision: 0,
            region_code: "AT".to_owned(),
            language_code: "de".to_owned(),
            postal_code: "4020".to_owned(),
            sorting_code: "CEDEX".to_owned(),
            administrative_area: "Oberösterreich".to_owned(),
            locality: "Linz".to_owned(),
            sublocality: "Urfahr".to_owned(),
            address_lines: texts(&["Werkstraße 1", "2. Stock"]),
            recipients: texts(&["Einkauf"]),
            organization: "Ferrum AG".to_owned(),
        };
        let billing = pb::Address {
            r#type: pb::address::Type::Billing.into(),
            postal_address: Some(PostalAddress::default()),
            system: "erp".to_owned(),
        };
        vec![
            pb::Address {
                r#type: pb::address::Type::Headquarters.into(),
                postal_address: Some(postal_address),
                ..Default::default()
            },
            billing,
        ]
    }

    pub fn emails() -> Vec<pb::EmailAddress> {
        vec![
            pb::EmailAddress {
                address: "Einkauf@Ferrum.example".to_owned(),
                r#type: pb::email_address::Type::Work.into(),
                system: "erp".to_owned(),
            },
            email("o'hara+x@ferrum.example"),
        ]
    }

    fn phone_numbers() -> Vec<pb::PhoneNumber> {
        let desk = pb::PhoneNumber {
            text: "0732 7070".to_owned(),
            e164: "+437327070".to_owned(),
            extension: "12".to_owned(),
            r#type: pb::phone_number::Type::Work.into(),
            system: "erp".to_owned(),
        };
        vec![desk, phone("ask at the desk")]
    }

    fn contact_permissions() -> Vec<pb::ContactPermission> {
        let refused = pb::ContactPermission {
            channel: Channel::Email.into(),
            status: pb::contact_permission::Status::Refused.into(),
            purpose: "newsletter".to_owned(),
            record_time: Some(Timestamp {
                seconds: 1_600_000_000,
                nanos: 123_456_000,
            }),
            source: "letter of May".to_owned(),
            expire_time: time(253_402_300_799),
        };
        let status = pb::contact_permission::Status::Allowed.into();
        vec![
            refused,
            pb::ContactPermission {
                status,
                ..Default::default()
            },
        ]
    }

    pub fn everything() -> Option<Struct> {
        let inner = Struct {
            fields: BTreeMap::from([("k".to_owned(), value(Kind::StringValue("v".to_owned())))]),
        };
        let list = ListValue {
            values: vec![value(Kind::NumberValue(-1.5)), value(Kind::NullValue(0))],
        };
        attributes(&[
            ("text", Kind::StringValue("ä\"\\".to_owned())),
            ("number", Kind::NumberValue(0.1)),
            ("large", Kind::NumberValue(9_007_199_254_740_992.0)),
            ("huge", Kind::NumberValue(1e300)),
            ("flag", Kind::BoolValue(true)),
            ("nothing", Kind::NullValue(0)),
            ("odd key.", Kind::StructValue(inner)),
            ("list", Kind::ListValue(list)),
        ])
    }
}
