//! LookUp: every way to spell what is asked for, and what must never be found.

mod hosts; // hosts and mailboxes: one name for each
mod keys; // e-mails, phones, domains, external ids
mod names; // names that others collected, with typos; texts that break things; both engines alike
mod pages; // addresses of pages, and links
mod phones; // numbers as people paste them
mod plans; // what a look-up costs: statements and their plans
mod results; // what is told of whom was found
mod scripts; // names of East Asia, and case of every script
mod spelling; // names in any spelling, and their order
mod typing; // words that are not yet whole, and initials

use clientele::google::r#type::PostalAddress;
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::look_up_match::TextKind;
use clientele::pb::look_up_request::Kind;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{
    affiliation, claim, contact, customer, date, email, external_id, texts,
};
use crate::harness::records::{Private, colleague, conversation};

conformance! {
    a_write_is_found_at_once_and_an_old_name_is_forgotten,
    deleted_records_are_gone_until_they_come_back,
    only_the_kinds_and_as_many_as_wanted,
    bad_requests_name_the_field,
}

pub async fn look_up(h: &Harness, text: &str) -> Vec<pb::LookUpResult> {
    done(try_look_up(h, text, &[], 0).await).results
}

pub async fn try_look_up(
    h: &Harness,
    text: &str,
    kinds: &[Kind],
    limit: i32,
) -> crate::harness::answer::Answer<pb::LookUpResponse> {
    let kinds = kinds.iter().map(|kind| (*kind).into()).collect();
    let request = pb::LookUpRequest {
        text: text.to_owned(),
        kinds,
        limit,
        ..Default::default()
    };
    h.relationships.clone().look_up(request).await
}

/// Returns the names of who is found.
pub async fn found(h: &Harness, text: &str) -> Vec<String> {
    look_up(h, text)
        .await
        .into_iter()
        .map(|result| result.customer + &result.contact)
        .collect()
}

pub async fn assert_finds(h: &Harness, name: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(
            found(h, text).await.first().map(String::as_str),
            Some(name),
            "{text}"
        );
    }
}

pub async fn assert_finds_nobody(h: &Harness, texts: &[&str]) {
    for text in texts {
        assert_eq!(found(h, text).await, [] as [&str; 0], "{text}");
    }
}

async fn a_write_is_found_at_once_and_an_old_name_is_forgotten(h: Harness) {
    for round in 0..5 {
        let name = h
            .create(customer(&format!("Kupferhütte n{round}x")))
            .await
            .name;
        assert_finds(&h, &name, &[&format!("kupferhutte n{round}x")]).await;
    }
    let firm = h.create_as("f", customer("Ferrum Stahl")).await;
    h.create_as("g", customer("Stahlbau Ferrum")).await;
    h.update(
        pb::Customer {
            display_name: "Cuprum Stahl".to_owned(),
            ..firm
        },
        &["display_name"],
    )
    .await;
    assert_finds(&h, "customers/f", &["cuprum stahl", "cuprum", "cuprm"]).await;
    // The word that another record still has keeps its spellings; the one that nobody has is gone.
    assert_eq!(found(&h, "frrum").await, ["customers/g"]);
    h.update(
        pb::Customer {
            name: "customers/g".to_owned(),
            ..customer("Bau")
        },
        &["display_name"],
    )
    .await;
    assert_finds_nobody(&h, &["ferrum", "frrum"]).await;
}

async fn deleted_records_are_gone_until_they_come_back(h: Harness) {
    let firm = pb::Customer {
        external_ids: vec![external_id("sap", "77-a")],
        ..customer("Ferrum AG")
    };
    h.create_as("f", firm).await;
    h.create_as(
        "p",
        pb::Contact {
            emails: vec![email("mara@lind.example")],
            ..contact("Mara Lind")
        },
    )
    .await;
    h.delete::<pb::Customer>("customers/f").await;
    h.delete::<pb::Contact>("contacts/p").await;
    assert_finds_nobody(
        &h,
        &[
            "ferrum",
            "ferum",
            "77-a",
            "sap:77-a",
            "mara lind",
            "mara@lind.example",
        ],
    )
    .await;
    h.undelete::<pb::Customer>("customers/f").await;
    h.undelete::<pb::Contact>("contacts/p").await;
    assert_finds(&h, "customers/f", &["ferrum", "ferum", "77-a"]).await;
    assert_finds(
        &h,
        "contacts/p",
        &["mara lind", "mara linf", "mara@lind.example"],
    )
    .await;
}

async fn only_the_kinds_and_as_many_as_wanted(h: Harness) {
    for i in 0..30 {
        h.create(customer(&format!("Ferrum {i}"))).await;
        h.create(contact(&format!("Lena Ferrum {i}"))).await;
    }
    let n = |kinds, most| {
        let h = h.clone();
        async move {
            let results = done(try_look_up(&h, "ferrum", kinds, most).await).results;
            let customers = results
                .iter()
                .filter(|result| !result.customer.is_empty())
                .count();
            (customers, results.len() - customers)
        }
    };
    assert_eq!(n(&[], 0).await, (10, 0));
    assert_eq!(n(&[Kind::Contact], 0).await, (0, 10));
    assert_eq!(n(&[Kind::Customer], 25).await, (25, 0));
    assert_eq!(n(&[Kind::Contact, Kind::Customer], 7).await, (7, 0));
    let (customers, contacts) = n(&[], 500).await;
    assert_eq!((customers + contacts, customers), (50, 30));
}

async fn bad_requests_name_the_field(h: Harness) {
    let refuses = |request: pb::LookUpRequest, field: &'static str| {
        let mut client = h.relationships.clone();
        async move {
            let refusal =
                refused(client.look_up(request).await).is(Code::InvalidArgument, "FIELD_INVALID");
            assert_eq!(refusal.violations[0].0, field);
        }
    };
    let asked = |text: &str| pb::LookUpRequest {
        text: text.to_owned(),
        ..Default::default()
    };
    refuses(asked(" \u{3000}"), "text").await;
    refuses(asked(&"a".repeat(201)), "text").await;
    refuses(asked("a\0b"), "text").await;
    refuses(
        pb::LookUpRequest {
            region_code: "Austria".to_owned(),
            ..asked("a")
        },
        "region_code",
    )
    .await;
    refuses(
        pb::LookUpRequest {
            kinds: vec![1, 0],
            ..asked("a")
        },
        "kinds[1]",
    )
    .await;
    refuses(
        pb::LookUpRequest {
            kinds: vec![9],
            ..asked("a")
        },
        "kinds[0]",
    )
    .await;
    refuses(
        pb::LookUpRequest {
            limit: -1,
            ..asked("a")
        },
        "limit",
    )
    .await;
}
