//! LookUp by what identifies: e-mails, phones, domains, external ids.

use clientele::pb;
use clientele::pb::look_up_match::TextKind;

use super::{assert_finds, assert_finds_nobody, found, try_look_up};
use crate::harness::Harness;
use crate::harness::answer::done;
use crate::harness::builders::{contact, customer, email, external_id, phone, texts};

conformance! {
    identifiers_are_found_in_any_form,
    an_address_is_its_holders_before_it_is_the_firms,
    a_public_mail_domain_is_no_firms,
    deleted_holders_take_no_place_of_live_ones,
}

async fn identifiers_are_found_in_any_form(h: Harness) {
    firm_and_person(&h).await;
    assert_finds(
        &h,
        "contacts/p",
        &[
            "mara.lind@ferrum.example",
            " MARA.LIND@FERRUM.EXAMPLE ",
            "mara@gmail.com",
        ],
    )
    .await;
    assert_finds(
        &h,
        "customers/f",
        &[
            "ferrum.example",
            "https://www.Ferrum.example/about?x=1",
            "somebody@ferrum.example",
        ],
    )
    .await;
    assert_finds(
        &h,
        "customers/f",
        &[
            "+43 732 70700",
            "+43(732)7070-0",
            "+4373270700",
            "00123499",
            "00 1234 99",
        ],
    )
    .await;
    assert_finds(
        &h,
        "customers/f",
        &[
            "KD-4711X",
            "kd-4711x",
            "sap:KD-4711X",
            "SAP: kd-4711x",
            "ACC-9B",
        ],
    )
    .await;
    a_number_is_read_in_its_region_and_nothing_similar_is_found(&h).await;
}

async fn firm_and_person(h: &Harness) {
    let business = pb::customer::Business {
        domains: texts(&["ferrum.example"]),
        ..Default::default()
    };
    let firm = pb::Customer {
        business: Some(business),
        phone_numbers: vec![phone("+43 732 7070-0"), phone("00 12/34 99")],
        external_ids: vec![external_id("sap", "KD-4711X"), external_id("crm", "acc-9b")],
        ..customer("Eisenwerk")
    };
    h.create_as("f", firm).await;
    let person = pb::Contact {
        emails: vec![email("Mara.Lind@Ferrum.example"), email("mara@gmail.com")],
        ..contact("M. L.")
    };
    h.create_as("p", person).await;
}

async fn a_number_is_read_in_its_region_and_nothing_similar_is_found(h: &Harness) {
    let national = pb::LookUpRequest {
        text: "0732 70 700".to_owned(),
        region_code: "AT".to_owned(),
        ..Default::default()
    };
    let results = done(h.relationships.clone().look_up(national).await).results;
    assert_eq!(results[0].customer, "customers/f");
    assert_eq!(results[0].matches[0].text_kind(), TextKind::PhoneNumber);
    // Its own holder comes before the firm that has the domain.
    assert_eq!(
        found(h, "mara.lind@ferrum.example").await,
        ["contacts/p", "customers/f"]
    );
    assert_finds_nobody(
        h,
        &[
            "other@gmail.com",
            "gmail.com",
            "+43 732 70701",
            "crm:KD-4711",
            "KD-4712",
        ],
    )
    .await;
}

fn at_domain(domain: &str, display_name: &str) -> pb::Customer {
    let business = pb::customer::Business {
        domains: texts(&[domain]),
        ..Default::default()
    };
    pb::Customer {
        business: Some(business),
        ..customer(display_name)
    }
}

async fn an_address_is_its_holders_before_it_is_the_firms(h: Harness) {
    h.create_as("f", at_domain("ferrum.example", "Ferrum Example"))
        .await;
    h.create_as(
        "p",
        pb::Contact {
            emails: vec![email("info@ferrum.example")],
            ..contact("M. L.")
        },
    )
    .await;
    assert_eq!(
        found(&h, "info@ferrum.example").await,
        ["contacts/p", "customers/f"]
    );
    assert_eq!(found(&h, "other@ferrum.example").await, ["customers/f"]);
}

async fn a_public_mail_domain_is_no_firms(h: Harness) {
    h.create_as("n", at_domain("gmail.com", "Atelier Nord"))
        .await;
    assert_finds_nobody(
        &h,
        &[
            "gmail.com",
            "gmail",
            "mara@gmail.com",
            "https://www.gmail.com/",
        ],
    )
    .await;
    assert_finds(&h, "customers/n", &["atelier nord", "nord"]).await;
    // A name is a name.
    h.create_as("g", customer("Gmail Repairs")).await;
    assert_eq!(found(&h, "gmail").await, ["customers/g"]);
}

async fn deleted_holders_take_no_place_of_live_ones(h: Harness) {
    const N: usize = 26;
    let n_found =
        async |text: &str, most| done(try_look_up(&h, text, &[], most).await).results.len();
    for i in 0..N {
        let (systems, id) = (["sap", "crm"], format!("{i}"));
        let with_both = pb::Contact {
            emails: vec![email("office@ferrum.example")],
            phone_numbers: vec![phone("+43 732 7070")],
            external_ids: systems
                .map(|system| external_id(&format!("{system}{id}"), "KD-4711"))
                .to_vec(),
            ..contact(&format!("Person {i}"))
        };
        h.create_as(&format!("p{i:02}"), with_both).await;
    }
    for text in ["office@ferrum.example", "+43 732 7070", "KD-4711"] {
        assert_eq!(
            (n_found(text, 0).await, n_found(text, 50).await),
            (10, N),
            "{text}"
        );
    }
    for i in 0..N - 1 {
        h.delete::<pb::Contact>(&format!("contacts/p{i:02}")).await;
    }
    for text in [
        "office@ferrum.example",
        "+43 732 7070",
        "KD-4711",
        "sap25:KD-4711",
    ] {
        assert_eq!(found(&h, text).await, ["contacts/p25"], "{text}");
    }
}
