//! Addresses, e-mails and phone numbers: regions are codes, and an element says who gave it.

use clientele::google::r#type::PostalAddress;
use clientele::pb;

use crate::harness::Harness;
use crate::harness::answer::refused;
use crate::harness::builders::{address, contact, customer, email, phone};

conformance! {
    a_region_is_kept_as_a_code,
    a_name_of_a_region_is_refused_with_its_code,
    an_element_says_who_gave_it,
}

fn in_region(region: &str) -> pb::Customer {
    pb::Customer {
        addresses: vec![address(region)],
        phone_numbers: vec![phone("(212) 555-0143")],
        ..customer("Ferrum")
    }
}

fn region_of(addresses: &[pb::Address]) -> &str {
    &addresses[0].postal_address.as_ref().unwrap().region_code
}

async fn a_region_is_kept_as_a_code(h: Harness) {
    for (given, kept, e164) in [
        ("US", "US", "+12125550143"),
        ("us", "US", "+12125550143"),
        (" Us ", "US", "+12125550143"),
        ("", "", ""),
    ] {
        let firm = h.create(in_region(given)).await;
        assert_eq!(
            (
                region_of(&firm.addresses),
                firm.phone_numbers[0].e164.as_str()
            ),
            (kept, e164),
            "{given:?}"
        );
        let person = h
            .create(pb::Contact {
                addresses: vec![address(given)],
                ..contact("Mara")
            })
            .await;
        assert_eq!(region_of(&person.addresses), kept);
    }
}

async fn a_name_of_a_region_is_refused_with_its_code(h: Harness) {
    for (given, says) in [
        ("United States", "write US"),
        ("the united states of america", "write US"),
        ("USA", "write US"),
        ("Deutschland", "write DE"),
        ("GERMANY", "write DE"),
        ("Osterreich", "write AT"),
        ("UK", "write GB"),
        ("U.S.A.", "write US"),
        ("Korea, Republic of", "write KR"),
        ("Republic of Korea", "write KR"),
        ("Viet Nam", "write VN"),
        ("T\u{fc}rkiye", "write TR"),
        ("C\u{f4}te d'Ivoire", "write CI"),
        ("COTE D\u{2019}IVOIRE", "write CI"),
        ("Antigua and Barbuda", "write AG"),
        ("Tanzania, United Republic of", "write TZ"),
        ("Slovak Republic", "write SK"),
        ("Russian Federation", "write RU"),
        ("\u{65e5}\u{672c}", "write JP"),
        ("Atlantis", "such as AT"),
        ("XX", "such as AT"),
        ("001", "such as AT"),
    ] {
        let request = pb::CreateCustomerRequest {
            customer: Some(in_region(given)),
            ..Default::default()
        };
        let refusal = refused(h.customers.clone().create_customer(request).await);
        assert!(
            refusal.message.contains(says) && !refusal.message.contains(given),
            "{}",
            refusal.message
        );
        refusal.names(
            "FIELD_INVALID",
            &["customer.addresses[0].postal_address.region_code"],
        );
    }
}

/// A customer with elements that a system gave, and one e-mail address of people.
fn of(system: &str) -> pb::Customer {
    let system = system.to_owned();
    pb::Customer {
        emails: vec![
            pb::EmailAddress {
                system: system.clone(),
                ..email("a@b.example")
            },
            email("c@d.example"),
        ],
        phone_numbers: vec![pb::PhoneNumber {
            system: system.clone(),
            ..phone("+43 732 7070")
        }],
        addresses: vec![pb::Address {
            postal_address: Some(PostalAddress::default()),
            system,
            ..Default::default()
        }],
        ..customer("Ferrum")
    }
}

async fn an_element_says_who_gave_it(h: Harness) {
    let firm = h.create(of("sap.eu")).await;
    assert_eq!(firm, h.get::<pb::Customer>(&firm.name).await);
    let systems = (
        &firm.emails[0].system,
        &firm.phone_numbers[0].system,
        &firm.addresses[0].system,
    );
    assert_eq!(
        systems,
        (
            &"sap.eu".to_owned(),
            &"sap.eu".to_owned(),
            &"sap.eu".to_owned()
        )
    );
    h.create(of("")).await;
    for list in ["emails", "phone_numbers", "addresses"] {
        let filter = format!("{list}.system = \"sap.eu\"");
        assert_eq!(
            h.names::<pb::Customer>(&filter).await,
            [firm.name.as_str()],
            "{list}"
        );
    }
    // One element must meet both.
    let same = "(emails.system = \"sap.eu\" AND emails.address = \"c@d.example\")";
    assert_eq!(h.names::<pb::Customer>(same).await, [""; 0]);
    for system in ["SAP", "4", "sap eu", &"s".repeat(64)] {
        let request = pb::CreateCustomerRequest {
            customer: Some(of(system)),
            ..Default::default()
        };
        refused(h.customers.clone().create_customer(request).await).names(
            "FIELD_INVALID",
            &[
                "customer.addresses[0].system",
                "customer.emails[0].system",
                "customer.phone_numbers[0].system",
            ],
        );
    }
}
