//! Hosts and mailboxes: each has one name, however it is spelled.

use clientele::pb;
use clientele::pb::contact_key::Key as ContactBy;
use clientele::pb::get_briefing_request::Record;

use super::found;
use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::{contact, customer, email, texts};
use crate::harness::keys::{by_domain, by_email, by_text, person_by};
use crate::harness::records::{colleague, note, segment};
use crate::harness::standard::{Create, Standard};

conformance! {
    a_host_is_one_in_both_spellings,
    a_host_is_found_with_www_and_without,
    a_host_of_wide_letters_is_found_by_its_ascii_name,
    letters_that_need_a_neighbour_are_taken_beside_it,
    what_stands_around_a_stored_address_is_told,
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

/// A stored domain, and what finds it.
const FOUND_BY: &[(&str, &[&str])] = &[
    (
        "firm.example",
        &[
            "www.firm.example",
            "https://WWW.firm.example/x",
            "firm.example",
            "<firm.example>",
        ],
    ),
    (
        "www.shop.example",
        &[
            "shop.example",
            "www.shop.example",
            "http://shop.example",
            "x@shop.example",
        ],
    ),
    (
        "www.m\u{fc}hle.example",
        &[
            "xn--mhle-0ra.example",
            "m\u{fc}hle.example",
            "www.xn--mhle-0ra.example",
        ],
    ),
];

async fn a_host_is_found_with_www_and_without(h: Harness) {
    for (i, (stored, texts)) in FOUND_BY.iter().enumerate() {
        let firm = h.create_as(&format!("f{i}"), at(stored)).await;
        // The text stays as it is given, and filters compare it.
        assert_eq!(firm.business.unwrap_or_default().domains, [*stored]);
        let filter = format!("business.domains:\"{stored}\"");
        assert_eq!(h.names::<pb::Customer>(&filter).await, [firm.name.as_str()]);
        for text in *texts {
            let by_key = customer_by(&h, by_text(text)).await;
            assert_eq!(by_key, Ok(firm.name.clone()), "{stored} {text}");
            assert_eq!(
                found(&h, text).await,
                [firm.name.as_str()],
                "{stored} {text}"
            );
        }
    }
    for host in ["firm.example", "www.firm.example"] {
        assert_eq!(
            customer_by(&h, by_domain(host)).await,
            Ok("customers/f0".to_owned())
        );
    }
    // Of two that differ by it alone, neither is meant more.
    h.create_as("www", at("www.firm.example")).await;
    let refusal = customer_by(&h, by_domain("www.firm.example")).await;
    assert_eq!(refusal, Err("KEY_AMBIGUOUS".to_owned()));
}

async fn a_host_of_wide_letters_is_found_by_its_ascii_name(h: Harness) {
    let stored = "\u{ff4e}\u{ff4f}\u{ff52}\u{ff44}\u{3002}example";
    let firm = h.create_as("nord", at(stored)).await.name;
    h.create_as("sued", at("sued.example")).await;
    for text in [
        "nord.example",
        stored,
        "NORD.example",
        "https://www.nord.example/",
        "x@nord.example",
    ] {
        assert_eq!(
            customer_by(&h, by_text(text)).await,
            Ok(firm.clone()),
            "{text}"
        );
        assert_eq!(found(&h, text).await, [firm.as_str()], "{text}");
    }
    // A filter compares the text of the record, in lists and in members.
    for (filter, finds) in [
        (format!("business.domains:\"{stored}\""), true),
        ("business.domains:\"nord.example\"".to_owned(), false),
    ] {
        let expected: &[&str] = if finds { &["customers/nord"] } else { &[] };
        assert_eq!(h.names::<pb::Customer>(&filter).await, expected, "{filter}");
        let segment = h.create(segment("Nord", &filter)).await.name;
        assert_eq!(h.is_member(&firm, &segment).await, finds, "{filter}");
    }
}

async fn letters_that_need_a_neighbour_are_taken_beside_it(h: Harness) {
    for (i, (stored, known)) in [
        ("col\u{b7}legi.example", "xn--collegi-xma.example"),
        (
            "\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}.example",
            "",
        ),
        ("\u{915}\u{94d}\u{200d}\u{937}.example", ""),
        (
            "\u{30a2}\u{30fc}\u{30c8}\u{30fb}\u{30cf}\u{30a6}\u{30b9}.example",
            "",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let firm = h.create_as(&format!("f{i}"), at(stored)).await.name;
        for text in [stored, known].into_iter().filter(|text| !text.is_empty()) {
            let mail = format!("info@{text}");
            for key in [
                by_domain(text),
                by_text(text),
                by_email(&mail),
                by_text(&mail),
            ] {
                assert_eq!(customer_by(&h, key).await, Ok(firm.clone()), "{text}");
            }
            assert_eq!(found(&h, text).await, [firm.as_str()], "{text}");
        }
    }
    for text in ["a\u{b7}b.example", "a\u{30fb}b.example"] {
        assert_eq!(
            customer_by(&h, by_domain(text)).await,
            Err("FIELD_INVALID".to_owned()),
            "{text}"
        );
    }
}

async fn what_stands_around_a_stored_address_is_told(h: Harness) {
    let made_with = async |address: &str| {
        let person = pb::Contact {
            emails: vec![email(address)],
            ..contact("Ann")
        };
        let create = Create {
            resource: Some(person),
            ..Default::default()
        };
        pb::Contact::create(&h, create).await
    };
    for address in [
        " ann@firm.example",
        "ann@firm.example\u{a0}",
        "\u{3000}ann@firm.example ",
    ] {
        let made = done(made_with(address).await);
        assert_eq!(made.emails[0].address, "ann@firm.example", "{address:?}");
    }
    for address in [
        "<ann@firm.example>",
        "Ann Smith <ann@firm.example>",
        "mailto:ann@firm.example",
        "[mailto:ann@firm.example]",
        "ann@firm.example;",
        "ann@firm.example.",
        "'ann@firm.example'",
    ] {
        let refusal = refused(made_with(address).await);
        assert!(
            refusal
                .message
                .contains("leave out all that stands around it"),
            "{}",
            refusal.message
        );
        refusal.names("FIELD_INVALID", &["contact.emails[0].address"]);
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
        "  ann@firm.example\u{a0}",
        "[mailto:ann@firm.example]",
        "Ann Smith [mailto:ann@firm.example]",
        "ann@firm.example<mailto:ann@firm.example>",
        "(ann@firm.example)",
        "ann@firm.example (Ann Smith)",
        "ann@firm.example.",
        "ann@firm.example;",
        "'ann@firm.example'",
        "\u{201c}ann@firm.example\u{201d}",
        "'Ann Smith' <ann@firm.example>;",
        "E-Mail: ann@firm.example",
        "write to ann@firm.example, please",
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
