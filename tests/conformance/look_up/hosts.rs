//! Hosts and mailboxes: each has one name, however it is spelled.

use clientele::pb;
use clientele::pb::contact_key::Key as ContactBy;
use clientele::pb::get_briefing_request::Record;

use super::found;
use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::{contact, customer, email, texts};
use crate::harness::keys::{by_domain, by_email, by_text, person_by};
use crate::harness::records::{colleague, note};

conformance! {
    a_host_is_one_in_both_spellings,
    hosts_that_differ_by_a_letter_are_two,
    an_address_is_found_in_what_people_copy,
    what_is_no_host_is_refused_with_what_to_write,
    invisible_characters_are_no_part_of_an_address,
    a_colleague_acts_by_the_ascii_name_of_the_mailbox,
}

fn at(domain: &str) -> pb::Customer {
    let business = pb::customer::Business {
        domains: texts(&[domain]),
        ..Default::default()
    };
    pb::Customer {
        business: Some(business),
        ..customer("Firm")
    }
}

async fn customer_by(h: &Harness, key: Option<pb::CustomerKey>) -> Result<String, String> {
    let request = pb::GetProfileRequest {
        customer: key,
        read_mask: None,
    };
    match h.relationships.clone().get_profile(request).await {
        Ok(profile) => Ok(profile.into_inner().customer.unwrap().name),
        refusal => Err(refused(refusal).reason),
    }
}

async fn contact_by_email(h: &Harness, address: &str) -> Answer<pb::Briefing> {
    let request = pb::GetBriefingRequest {
        record: Some(Record::Contact(person_by(ContactBy::Email(
            address.to_owned(),
        )))),
        ..Default::default()
    };
    h.relationships.clone().get_briefing(request).await
}

const SPELLINGS: [&str; 4] = [
    "m\u{fc}hle-s\u{fc}d.example",
    "M\u{dc}HLE-S\u{dc}D.example",
    "mu\u{308}hle-su\u{308}d.example",
    "xn--mhle-sd-n2af.example",
];

async fn a_host_is_one_in_both_spellings(h: Harness) {
    for (i, stored) in SPELLINGS.into_iter().enumerate() {
        let id = format!("f{i}");
        let firm = h.create_as(&id, at(stored)).await;
        let person = pb::Contact {
            emails: vec![email(&format!("Info@{stored}"))],
            ..contact("M. L.")
        };
        let person = h.create_as(&id, person).await;
        // Texts stay as they were given; hosts in lower case.
        assert_eq!(firm.business.unwrap().domains, [stored.to_lowercase()]);
        assert_eq!(person.emails[0].address, format!("Info@{stored}"));
        for asked in SPELLINGS {
            assert_eq!(
                customer_by(&h, by_domain(asked)).await,
                Ok(firm.name.clone()),
                "{stored} {asked}"
            );
            assert_eq!(
                customer_by(&h, by_text(&format!("https://www.{asked}/x"))).await,
                Ok(firm.name.clone())
            );
            assert_eq!(
                customer_by(&h, by_email(&format!("x@{asked}"))).await,
                Ok(firm.name.clone())
            );
            let mail = format!("info@{asked}");
            assert_eq!(
                done(contact_by_email(&h, &mail).await).record,
                person.name,
                "{stored} {asked}"
            );
            assert_eq!(
                found(&h, &mail).await,
                [person.name.clone(), firm.name.clone()],
                "{stored} {asked}"
            );
            assert_eq!(
                found(&h, asked).await,
                [firm.name.as_str()],
                "{stored} {asked}"
            );
        }
        // A filter compares the text of the record.
        let filter = format!("business.domains:\"{}\"", stored.to_lowercase());
        assert_eq!(h.names::<pb::Customer>(&filter).await, [firm.name.as_str()]);
        h.delete::<pb::Customer>(&firm.name).await;
        h.delete::<pb::Contact>(&person.name).await;
    }
}

async fn hosts_that_differ_by_a_letter_are_two(h: Harness) {
    let sharp = h.create_as("sharp", at("gro\u{df}.example")).await.name;
    let double = h.create_as("double", at("gross.example")).await.name;
    for (asked, whose) in [
        ("gro\u{df}.example", &sharp),
        ("xn--gro-7ka.example", &sharp),
        ("GROSS.example", &double),
    ] {
        assert_eq!(
            customer_by(&h, by_domain(asked)).await.as_ref(),
            Ok(whose),
            "{asked}"
        );
        assert_eq!(
            found(&h, &format!("anybody@{asked}")).await,
            [whose.as_str()],
            "{asked}"
        );
    }
}

async fn an_address_is_found_in_what_people_copy(h: Harness) {
    let person = pb::Contact {
        emails: vec![email("ann@firm.example")],
        ..contact("M. L.")
    };
    let person = h.create_as("ann", person).await.name;
    let firm = h.create_as("firm", at("firm.example")).await.name;
    for text in [
        "Ann Smith <ann@firm.example>",
        "\"Smith, Ann\" <Ann@Firm.example>;",
        "<ann@firm.example>",
        "mailto:ann@firm.example",
        "mailto:ann@firm.example?subject=Offer",
        "\u{200b}ann@firm.example",
    ] {
        assert_eq!(found(&h, text).await.first(), Some(&person), "{text}");
        let key = person_by(ContactBy::Text(text.to_owned()));
        let request = pb::GetBriefingRequest {
            record: Some(Record::Contact(key)),
            ..Default::default()
        };
        assert_eq!(
            done(h.relationships.clone().get_briefing(request).await).record,
            person,
            "{text}"
        );
    }
    for text in [
        "http://firm.example:8080/x#y",
        "//firm.example/",
        "bob@firm.example",
        "www.firm.example.",
    ] {
        assert_eq!(found(&h, text).await, [firm.as_str()], "{text}");
    }
}

async fn what_is_no_host_is_refused_with_what_to_write(h: Harness) {
    for (text, says) in [
        ("https://shop.firm.example/x?y", "leave out"),
        ("ann@firm.example", "leave out"),
        ("firm.example.", "leave out"),
        ("no host", "is not a host name"),
        ("-a.example", "is not a host name"),
        ("a_b.example", "is not a host name"),
        ("i\u{2764}.example", "is not a host name"),
        ("xn--a.example", "is not a host name"),
        (
            &format!("{}.example", "\u{fc}".repeat(60)),
            "is not a host name",
        ),
    ] {
        let request = pb::CreateCustomerRequest {
            customer: Some(at(text)),
            ..Default::default()
        };
        let refusal = refused(h.customers.clone().create_customer(request).await);
        assert!(
            refusal.message.contains(says) && !refusal.message.contains(text),
            "{}",
            refusal.message
        );
        refusal.names("FIELD_INVALID", &["customer.business.domains[0]"]);
    }
}

async fn invisible_characters_are_no_part_of_an_address(h: Harness) {
    for address in [
        "\u{200b}bo@x.example",
        "bo\u{ad}@x.example",
        "\u{202a}bo@x.example",
        "bo@x\u{200b}.example",
    ] {
        let person = pb::Contact {
            emails: vec![email(address)],
            ..contact("Bo")
        };
        let person = h.create(person).await;
        assert_eq!(person.emails[0].address, "bo@x.example", "{address:?}");
        for asked in [address, "bo@x.example"] {
            let found = done(contact_by_email(&h, asked).await);
            assert_eq!(found.record, person.name, "{asked:?}");
        }
        h.delete::<pb::Contact>(&person.name).await;
    }
}

async fn a_colleague_acts_by_the_ascii_name_of_the_mailbox(h: Harness) {
    let mia = pb::Colleague {
        emails: vec![email("mia@m\u{fc}hle.example")],
        ..colleague("Mia")
    };
    let mia = h.create(mia).await.name;
    let acting = h.acting("mia@xn--mhle-0ra.example");
    let firm = acting.create(customer("Firm")).await.name;
    let note = acting.create(note(&firm, "x")).await;
    assert_eq!(note.author, mia);
}
