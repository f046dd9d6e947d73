//! Addresses of pages and copied links: whose they are is said by their host, and by nothing behind it.

use clientele::pb;
use clientele::pb::contact_key::Key as ContactBy;
use clientele::pb::get_briefing_request::Record;

use super::found;
use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{contact, customer, email, external_id, phone, texts};
use crate::harness::keys::{by_email, by_text, person_by};

conformance! {
    a_page_is_its_hosts_whatever_its_path_says,
    a_host_with_a_port_is_a_host_unless_it_is_a_system,
    an_address_that_reads_like_a_page_is_its_holders,
    a_copied_link_to_a_mailbox_is_the_mailbox,
    a_quoted_mailbox_is_found_by_its_own_text,
    a_wide_sign_is_the_sign_of_an_address,
    an_address_of_the_network_is_a_host,
    a_copied_link_to_a_number_is_the_number,
}

async fn firm(h: &Harness, id: &str, domain: &str) -> String {
    let business = pb::customer::Business {
        domains: texts(&[domain]),
        ..Default::default()
    };
    let firm = pb::Customer {
        business: Some(business),
        ..customer("Firm")
    };
    h.create_as(id, firm).await.name
}

async fn person(h: &Harness, id: &str, address: &str) -> String {
    let person = pb::Contact {
        emails: vec![email(address)],
        ..contact("M. L.")
    };
    h.create_as(id, person).await.name
}

async fn customer_by(h: &Harness, key: Option<pb::CustomerKey>) -> Result<String, String> {
    let request = pb::GetProfileRequest {
        customer: key,
        read_mask: None,
    };
    match h.relationships.clone().get_profile(request).await {
        Ok(profile) => Ok(profile.into_inner().customer.unwrap_or_default().name),
        refusal => Err(refused(refusal).reason),
    }
}

async fn contact_by(h: &Harness, key: ContactBy) -> Result<String, String> {
    let request = pb::GetBriefingRequest {
        record: Some(Record::Contact(person_by(key))),
        ..Default::default()
    };
    match h.relationships.clone().get_briefing(request).await {
        Ok(briefing) => Ok(briefing.into_inner().record),
        refusal => Err(refused(refusal).reason),
    }
}

const UNKNOWN: &str = "RESOURCE_NOT_FOUND";

async fn a_page_is_its_hosts_whatever_its_path_says(h: Harness) {
    let kino = firm(&h, "kino", "kino.example").await;
    firm(&h, "other", "other.example").await;
    for text in [
        "kino.example/@hans",
        "https://kino.example/@hans",
        "kino.example/maps/@48.3,14.3,17z",
        "www.kino.example/page.html?email=alex@other.example",
        "kino.example?next=alex@other.example",
        "kino.example/#alex@other.example",
        "kino.example/?u=https://other.example",
        "kino.example/r/https://other.example/",
        "https://kino.example/cb?next=wss://other.example",
        "https://kino.example/?by=alex@other.example",
        "<https://kino.example/?by=alex@other.example>",
        "//kino.example/programm",
        "http:/kino.example",
        "https:kino.example",
        "http://kino.example\\@other.example",
        "see https://kino.example/x",
    ] {
        assert_eq!(
            customer_by(&h, by_text(text)).await,
            Ok(kino.clone()),
            "{text}"
        );
        assert_eq!(found(&h, text).await, [kino.as_str()], "{text}");
    }
}

async fn a_host_with_a_port_is_a_host_unless_it_is_a_system(h: Harness) {
    let kino = firm(&h, "kino", "kino.example").await;
    let text = "kino.example:8080/programm";
    for text in [
        text,
        "kino.example:443",
        "KINO.example:80/?u=https://other.example",
    ] {
        assert_eq!(
            customer_by(&h, by_text(text)).await,
            Ok(kino.clone()),
            "{text}"
        );
    }
    assert_eq!(
        customer_by(&h, by_text("cuprum.example:80")).await,
        Err(UNKNOWN.to_owned())
    );
    let of_system = pb::Customer {
        external_ids: vec![external_id("kino.example", "8080/programm")],
        ..customer("Cuprum")
    };
    let cuprum = h.create_as("cuprum", of_system).await.name;
    assert_eq!(customer_by(&h, by_text(text)).await, Ok(cuprum));
    // Where a system has ids, an unknown one is nobody's.
    assert_eq!(
        customer_by(&h, by_text("kino.example:443")).await,
        Err(UNKNOWN.to_owned())
    );
    assert_eq!(
        customer_by(&h, by_text("https://kino.example:443")).await,
        Ok(kino)
    );
}

async fn an_address_that_reads_like_a_page_is_its_holders(h: Harness) {
    let kino = firm(&h, "kino", "kino.example").await;
    firm(&h, "other", "other.example").await;
    let odd = "kino.example/film@other.example";
    let holder = person(&h, "odd", odd).await;
    assert_eq!(
        contact_by(&h, ContactBy::Text(odd.to_owned())).await,
        Ok(holder.clone())
    );
    // Its words are those of another host, too, which comes after it.
    let all = found(&h, odd).await;
    assert_eq!(all.iter().take(2).collect::<Vec<_>>(), [&holder, &kino]);
    for key in [by_text(odd), by_email(odd)] {
        assert_eq!(customer_by(&h, key).await, Ok(kino.clone()));
    }
    let slash = person(&h, "slash", "ann/film@kino.example").await;
    assert_eq!(found(&h, "ann/film@kino.example").await, [slash, kino]);
}

/// Asserts that texts find a person, as a key and in a look-up.
async fn assert_person(h: &Harness, name: &str, texts: &[&str]) {
    for text in texts {
        let by_text = contact_by(h, ContactBy::Text((*text).to_owned())).await;
        assert_eq!(by_text.as_deref(), Ok(name), "{text}");
        assert_eq!(
            found(h, text).await.first().map(String::as_str),
            Some(name),
            "{text}"
        );
    }
}

async fn a_copied_link_to_a_mailbox_is_the_mailbox(h: Harness) {
    let ann = person(&h, "ann", "ann@kino.example").await;
    let tagged = person(&h, "tagged", "ann+film@kino.example").await;
    assert_person(
        &h,
        &ann,
        &[
            "mailto:ann%40kino.example",
            "<mailto:ann%40kino.example?subject=Film>",
            "mailto:?to=ann@kino.example",
            "mailto:?subject=x&to=%D0%90%D0%BD%D0%BD%D0%B0%20%3Cann%40kino.example%3E",
        ],
    )
    .await;
    let link = "mailto:ann+film%40kino.example?subject=Q%20%26%20A";
    assert_person(&h, &tagged, &[link]).await;
    // A code for what no address has is no trouble.
    assert!(found(&h, "mailto:ann%00%40kino.example").await.is_empty());
}

async fn a_quoted_mailbox_is_found_by_its_own_text(h: Harness) {
    let odd = person(&h, "odd", "\"odd one\"@kino.example").await;
    assert_person(
        &h,
        &odd,
        &[
            "\"odd one\"@kino.example",
            "\"ODD one\"@Kino.example",
            "Odd One <\"odd one\"@kino.example>",
        ],
    )
    .await;
}

async fn a_wide_sign_is_the_sign_of_an_address(h: Harness) {
    let wide = "ann\u{ff20}kino.example";
    let ann = person(&h, "ann", wide).await;
    let stored = h.get::<pb::Contact>(&ann).await;
    assert_eq!(stored.emails[0].address, "ann@kino.example");
    assert_person(
        &h,
        &ann,
        &[wide, "ann\u{fe6b}kino.example", "ann@kino.example"],
    )
    .await;
    let by_email = contact_by(&h, ContactBy::Email(wide.to_owned())).await;
    assert_eq!(by_email, Ok(ann));
}

async fn an_address_of_the_network_is_a_host(h: Harness) {
    let inside = firm(&h, "inside", "10.20.30.40").await;
    let short = firm(&h, "short", "8.8.4.4").await;
    for (text, name) in [
        ("10.20.30.40", &inside),
        ("http://10.20.30.40:8080/x", &inside),
        ("8.8.4.4", &short),
    ] {
        assert_eq!(
            customer_by(&h, by_text(text)).await.as_ref(),
            Ok(name),
            "{text}"
        );
        assert_eq!(found(&h, text).await, [name.as_str()], "{text}");
    }
    // Digits between points are also how numbers are written.
    let norwegian = pb::Customer {
        phone_numbers: vec![phone("+47 22 12 34 58")],
        ..customer("Nord")
    };
    let nord = h.create_as("nord", norwegian).await.name;
    assert_eq!(customer_by(&h, by_text("22.12.34.58")).await, Ok(nord));
}

async fn a_copied_link_to_a_number_is_the_number(h: Harness) {
    let person = pb::Contact {
        phone_numbers: vec![phone("+43 732 5550179")],
        ..contact("M. L.")
    };
    let person = h.create_as("p", person).await.name;
    assert_person(
        &h,
        &person,
        &[
            "tel:%2B43%20732%205550179",
            "tel:///%2B437325550179",
            "+43%20732%205550179",
            "sip:+437325550179",
            "sips://+43-732-5550179@pbx.example;user=phone",
            "skype:+437325550179?call",
        ],
    )
    .await;
    for text in [
        "tel:%2B43%20732%205550180",
        "+43%20732%205550180",
        "sip:+437325550180@pbx.example",
    ] {
        let given = pb::Contact {
            phone_numbers: vec![phone(text)],
            ..contact("N. N.")
        };
        let stored = done(h.try_create(given).await);
        assert_eq!(stored.phone_numbers[0].e164, "+437325550180", "{text}");
    }
}
