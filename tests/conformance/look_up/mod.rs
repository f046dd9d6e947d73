//! LookUp: every way to spell what is asked for, and what must never be found.

mod keys; // e-mails, phones, domains, external ids
mod names; // names that others collected, with typos; texts that break things; both engines alike
mod plans; // what a look-up costs: statements and their plans

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
    names_are_found_in_any_spelling,
    firms_are_found_without_their_legal_form,
    scripts_without_blanks_are_found_by_a_part,
    names_without_letters_are_found_as_they_are,
    a_town_tells_people_of_one_name_apart,
    a_write_is_found_at_once_and_an_old_name_is_forgotten,
    deleted_records_are_gone_until_they_come_back,
    a_result_tells_what_matched_and_who_it_is,
    a_talk_is_told_of_everybody_whose_last_it_is,
    five_jobs_are_told_the_primary_one_first,
    private_conversations_are_never_shown,
    whole_names_come_before_parts,
    the_order_of_words_and_legal_forms_decide_between_equals,
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
    max_results: i32,
) -> crate::harness::answer::Answer<pb::LookUpResponse> {
    let kinds = kinds.iter().map(|kind| (*kind).into()).collect();
    let request = pb::LookUpRequest {
        text: text.to_owned(),
        kinds,
        max_results,
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

async fn names_are_found_in_any_spelling(h: Harness) {
    h.create_as("p1", contact("Peter Brandt")).await;
    h.create_as("p2", contact("José Müller-Østergård")).await;
    h.create_as(
        "p3",
        pb::Contact {
            given_name: "Siobhán".to_owned(),
            family_name: "O'Hara".to_owned(),
            ..contact("S. O.")
        },
    )
    .await;
    let spellings = [
        "Peter Brandt",
        "peter brandt",
        "BRANDT, Peter",
        "brandt peter",
        "Ｐｅｔｅｒ　Ｂｒａｎｄｔ",
        "brandt",
    ];
    assert_finds(&h, "contacts/p1", &spellings).await;
    // One letter too many, missing, wrong, changed over; in both words; the blank missing, too many, out of place.
    let typos = [
        "Peterr Brandt",
        "Peter Brndt",
        "Petar Brandt",
        "Peter Barndt",
        "Pter Brand",
        "Brndt",
        "Eter Brandt",
    ];
    assert_finds(&h, "contacts/p1", &typos).await;
    // A word that is all there is: two letters changed over, one that moved; and a part of what was asked.
    assert_finds(
        &h,
        "contacts/p1",
        &["Barndt", "Randtb", "brandt zzzzzz yyyyy"],
    )
    .await;
    assert_finds_nobody(&h, &["brandt zzzzzz yyyyy xxxxx"]).await;
    for (text, typos) in [("brandt", 0), ("barndt", 1), ("randtb", 2)] {
        assert_eq!(
            look_up(&h, text).await[0].matches[0].typo_count,
            typos,
            "{text}"
        );
    }
    let blanks = [
        "peterbrandt",
        "peter bran dt",
        "pete rbrandt",
        "peterb randt",
        "peter-brandt",
        "peterxbrandt",
    ];
    assert_finds(&h, "contacts/p1", &blanks).await;
    let accents = [
        "jose muller ostergard",
        "José Müller-Østergård",
        "JOSE\u{301} MU\u{308}LLER ØSTERGA\u{30a}RD",
    ];
    assert_finds(&h, "contacts/p2", &accents).await;
    assert_finds(&h, "contacts/p2", &["mueller ostergard", "Østergaard"]).await;
    assert_finds(
        &h,
        "contacts/p3",
        &["siobhan ohara", "O’Hara", "siobhan o'hara"],
    )
    .await;
    assert_finds_nobody(
        &h,
        &[
            "Xaver Unknown",
            "q",
            "17",
            "--",
            "%",
            "brand new offices everywhere today",
        ],
    )
    .await;
}

async fn firms_are_found_without_their_legal_form(h: Harness) {
    let business = pb::customer::Business {
        legal_name: "Vereinigte Stahlwerke Gesellschaft mbH & Co. KGaA".to_owned(),
        domains: texts(&["stahlwerk-linz.co.at"]),
        ..Default::default()
    };
    h.create_as("s", customer("Siemens AG")).await;
    h.create_as("t", customer("Siemens Energy S.p.A.")).await;
    h.create_as(
        "f",
        pb::Customer {
            business: Some(business),
            ..customer("VSW")
        },
    )
    .await;
    assert_finds(
        &h,
        "customers/s",
        &[
            "siemens",
            "Siemens AG",
            "SIEMENS A.G.",
            "Siemens Inc.",
            "simens ag",
            "siemens ltd",
        ],
    )
    .await;
    assert_finds(
        &h,
        "customers/t",
        &["siemens energy", "Siemens Energy SpA", "energy siemens"],
    )
    .await;
    assert_finds(
        &h,
        "customers/f",
        &[
            "vsw",
            "vereinigte stahlwerke",
            "Stahlwerke KGaA",
            "stahlwerk",
            "stahlwerk linz",
        ],
    )
    .await;
    let business = pb::customer::Business {
        domains: texts(&["kupferhof.co.at"]),
        ..Default::default()
    };
    h.create_as(
        "k",
        pb::Customer {
            business: Some(business),
            ..customer("KH Holding")
        },
    )
    .await;
    assert_finds(&h, "customers/k", &["kupferhof"]).await;
    let matches = look_up(&h, "vsw stahlwerke").await.remove(0).matches;
    let fields: Vec<&str> = matches
        .iter()
        .map(|matched| matched.field.as_str())
        .collect();
    assert_eq!(fields, ["business.legal_name", "display_name"]);
    // A person's name is no legal form.
    h.create_as("ek", contact("Bo Ek")).await;
    assert_finds(&h, "contacts/ek", &["bo ek", "ek bo", "Ek"]).await;
    // A name that is nothing else stays.
    h.create_as("inc", customer("Inc.")).await;
    assert_finds(&h, "customers/inc", &["inc"]).await;
}

async fn scripts_without_blanks_are_found_by_a_part(h: Harness) {
    h.create_as("bj", customer("北京机械公司 Ltd")).await;
    h.create_as("th", customer("บริษัทไทย")).await;
    h.create_as("ru", customer("ООО Новороссийский порт")).await;
    h.create_as("he", customer("החברה העברית")).await;
    assert_finds(
        &h,
        "customers/bj",
        &["北京机械公司", "北京", "机械", "机械公司"],
    )
    .await;
    assert_finds(&h, "customers/th", &["บริษัทไทย", "ไทย"]).await;
    assert_finds(
        &h,
        "customers/ru",
        &["новороссийский порт", "НОВОРОССИСКИЙ ПОРТ", "порт"],
    )
    .await;
    assert_finds(&h, "customers/he", &["החברה העברית", "העברית"]).await;
    assert_finds_nobody(&h, &["上海"]).await;
}

async fn names_without_letters_are_found_as_they_are(h: Harness) {
    h.create_as("m", customer("3M")).await;
    h.create_as("n", customer("(*_*)")).await;
    h.create_as("x", customer("😀 😀")).await;
    h.create_as("o", customer("1-800 42")).await;
    assert_finds(&h, "customers/m", &["3m", "3M Co", "3 m"]).await;
    assert_finds(&h, "customers/n", &["(*_*)"]).await;
    assert_finds(&h, "customers/x", &["😀 😀", "😀😀"]).await;
    assert_finds(&h, "customers/o", &["1 800 42", "800"]).await;
    // Letters with dots are one word, and a letter has its plain spelling: neither is a typo.
    h.create_as("ao", customer("A. O. Smith")).await;
    h.create_as("g", contact("Ida Groß")).await;
    for (name, text) in [
        ("customers/ao", "AO Smith"),
        ("contacts/g", "GROSS"),
        ("contacts/g", "ida groß"),
    ] {
        let first = look_up(&h, text).await.remove(0);
        assert_eq!(
            (first.customer + &first.contact, first.matches[0].typo_count),
            (name.to_owned(), 0),
            "{text}"
        );
    }
    assert_finds_nobody(&h, &["1 801 43"]).await;
}

fn living_in(town: &str, display_name: &str) -> pb::Contact {
    let postal_address = Some(PostalAddress {
        locality: town.to_owned(),
        region_code: "AT".to_owned(),
        ..Default::default()
    });
    pb::Contact {
        addresses: vec![pb::Address {
            postal_address,
            ..Default::default()
        }],
        ..contact(display_name)
    }
}

async fn a_town_tells_people_of_one_name_apart(h: Harness) {
    h.create_as("a", living_in("Graz", "Anna Huber")).await;
    h.create_as("b", living_in("Sankt Pölten", "Anna Huber"))
        .await;
    assert_finds(
        &h,
        "contacts/a",
        &["anna huber graz", "huber graz", "hubr garz"],
    )
    .await;
    assert_finds(
        &h,
        "contacts/b",
        &["anna huber sankt polten", "huber pölten", "huber st polten"],
    )
    .await;
    assert_finds_nobody(&h, &["graz", "sankt pölten"]).await;
    // The order of the name counts beside a town as it does without one.
    h.create_as("c", living_in("Graz", "Huber Anna")).await;
    assert_finds(&h, "contacts/a", &["anna huber graz", "graz anna huber"]).await;
    assert_finds(&h, "contacts/c", &["huber anna graz", "huber anna"]).await;
    let matches = look_up(&h, "huber graz").await[0].matches.clone();
    let kinds: Vec<TextKind> = matches.iter().map(pb::LookUpMatch::text_kind).collect();
    assert_eq!(kinds, [TextKind::Name, TextKind::Place]);
    // Who moves is found at the new place.
    h.update(
        pb::Contact {
            name: "contacts/a".to_owned(),
            ..living_in("Wels", "Anna Huber")
        },
        &["addresses"],
    )
    .await;
    assert_finds(&h, "contacts/a", &["huber wels"]).await;
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

async fn a_result_tells_what_matched_and_who_it_is(h: Harness) {
    let (firm, person, job) = h.employed().await;
    h.update(
        pb::Affiliation {
            job_title: "Head of Purchasing".to_owned(),
            ..job.clone()
        },
        &["job_title"],
    )
    .await;
    h.add_role(claim(&job, BuyingRole::EconomicBuyer)).await;
    let scoped = pb::AddBuyingRoleRequest {
        scope: "Linz".to_owned(),
        ..claim(&job, BuyingRole::EconomicBuyer)
    };
    h.add_role(scoped).await;
    h.add_role(claim(&job, BuyingRole::Champion)).await;
    let past = pb::AddBuyingRoleRequest {
        valid_until: date(2020, 1, 1),
        ..claim(&job, BuyingRole::DecisionMaker)
    };
    h.add_role(past).await;
    let other = h.create(customer("Kupfer")).await;
    let ended = pb::Affiliation {
        end_date: date(2020, 1, 1),
        ..affiliation(&person, &other)
    };
    h.create(ended).await;
    let us = h.create(colleague("Mia Berg")).await;
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        our_people: vec![us.name],
        subject: "prices".to_owned(),
        ..conversation(&firm, 1_700_000_000)
    };
    h.create(talk).await;
    let result = look_up(&h, "mara lnd").await.remove(0);
    assert_eq!(
        (
            result.contact,
            result.customer,
            result.display_name.as_str()
        ),
        (person.name.clone(), String::new(), "Mara Lind")
    );
    let matched = pb::LookUpMatch {
        field: "display_name".to_owned(),
        text_kind: TextKind::Name.into(),
        typo_count: 1,
    };
    assert_eq!(result.matches, [matched]);
    let works = pb::LookUpAffiliation {
        affiliation: job.name,
        customer: firm.name.clone(),
        customer_display_name: "Ferrum AG".to_owned(),
        job_title: "Head of Purchasing".to_owned(),
        deciding_roles: vec![BuyingRole::EconomicBuyer.into()],
    };
    assert_eq!(result.affiliations, [works]);
    assert_eq!(
        result.last_conversation,
        h.get::<pb::Contact>(&person.name).await.last_conversation
    );
    assert!(result.last_conversation.is_some());
    let result = look_up(&h, "ferrum").await.remove(0);
    assert_eq!(
        result.last_conversation,
        h.get::<pb::Customer>(&firm.name).await.last_conversation
    );
    assert_eq!(
        (result.customer.as_str(), result.affiliations),
        (firm.name.as_str(), Vec::new())
    );
    // Whoever works at a deleted firm does not work there.
    done(
        h.customers
            .clone()
            .delete_customer(pb::DeleteCustomerRequest {
                name: firm.name,
                force: true,
                ..Default::default()
            })
            .await,
    );
    assert_eq!(look_up(&h, "mara lind").await[0].affiliations, []);
}

async fn a_talk_is_told_of_everybody_whose_last_it_is(h: Harness) {
    let firm = h.create_as("f", customer("Ferrum AG")).await;
    let (lena, mara) = (
        h.create(contact("Lena Ferrum")).await,
        h.create(contact("Mara Ferrum")).await,
    );
    for (id, with, seconds) in [("old", &mara, 1), ("new", &lena, 2)] {
        let (contacts, summary) = (vec![with.name.clone()], format!("{id}\n\t\"Q3\" \\"));
        h.create_as(
            id,
            pb::Conversation {
                contacts,
                summary,
                ..conversation(&firm, seconds)
            },
        )
        .await;
    }
    let told = look_up(&h, "ferrum").await.into_iter().map(|result| {
        let last = result.last_conversation.unwrap_or_default();
        (
            result.customer + &result.contact,
            last.conversation,
            last.summary,
        )
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    let of = |who: &str, id: &str| {
        (
            who.to_owned(),
            format!("conversations/{id}"),
            format!("{id}\n\t\"Q3\" \\"),
        )
    };
    let mut expected = vec![
        of("customers/f", "new"),
        of(&lena.name, "new"),
        of(&mara.name, "old"),
    ];
    expected.sort();
    assert_eq!(told, expected);
}

async fn five_jobs_are_told_the_primary_one_first(h: Harness) {
    let person = h.create(contact("Mara Lind")).await;
    for i in 0..7 {
        let firm = h.create(customer(&format!("Firm {i}"))).await;
        let job = pb::Affiliation {
            primary: i == 5,
            ..affiliation(&person, &firm)
        };
        h.create_as(&format!("j{i}"), job).await;
    }
    let jobs = look_up(&h, "mara lind").await.remove(0).affiliations;
    let jobs: Vec<&str> = jobs
        .iter()
        .map(|job| job.affiliation.trim_start_matches("affiliations/"))
        .collect();
    assert_eq!(jobs, ["j5", "j0", "j1", "j2", "j3"]);
}

async fn private_conversations_are_never_shown(h: Harness) {
    let (firm, person, _) = h.employed().await;
    let us = h.create(colleague("Mia Berg")).await;
    let mine = h.acting(&us.name);
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        subject: "zanzibar".to_owned(),
        ..conversation(&firm, 1_700_000_000)
    };
    mine.create(talk.private()).await;
    for h in [&h, &mine] {
        assert_eq!(look_up(h, "mara").await[0].last_conversation, None);
        assert_eq!(look_up(h, "ferrum").await[0].last_conversation, None);
        assert_finds_nobody(h, &["zanzibar"]).await;
    }
}

async fn whole_names_come_before_parts(h: Harness) {
    for (id, name) in [
        ("c", "Lind Group Holding"),
        ("b", "Lind Group"),
        ("a", "Lind"),
        ("e", "Linde"),
        ("d", "Lind"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    let of = |ids: &[&str]| {
        ids.iter()
            .map(|id| format!("customers/{id}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&h, "lind").await, of(&["a", "d", "b", "c", "e"]));
    assert_eq!(found(&h, "lind group").await[..2], of(&["b", "c"]));
    assert_eq!(found(&h, "linde").await[0], "customers/e");
    // Among very many of one name, the one whose whole name it is comes first all the same.
    for i in 0..60 {
        h.create(contact(&format!("Aaron Lind Person{i}"))).await;
    }
    assert_eq!(found(&h, "lind").await[..3], of(&["a", "d", "b"]));
}

async fn the_order_of_words_and_legal_forms_decide_between_equals(h: Harness) {
    for (id, name) in [
        ("a", "Berg Lind"),
        ("b", "Lind Berg"),
        ("c", "AB Moos Tal"),
        ("d", "Moos Tal"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    assert_finds(&h, "customers/a", &["berg lind"]).await;
    assert_finds(&h, "customers/b", &["lind berg"]).await;
    // The very words, in another order, come before a name that has more.
    assert_finds(&h, "customers/d", &["tal moos"]).await;
    // A legal form is no part of a name, before it or within it.
    for (id, name) in [
        ("e", "Karhu Q"),
        ("f", "Oy Karhu"),
        ("g", "Hello World Q"),
        ("h", "Hello Oy World Ab"),
    ] {
        h.create_as(id, customer(name)).await;
    }
    assert_finds(&h, "customers/f", &["karhu"]).await;
    assert_finds(&h, "customers/h", &["hello world"]).await;
    // What fits alike comes by what it is called.
    h.create_as("i", customer("Quell Yb")).await;
    h.create_as("j", customer("Quell Xb")).await;
    assert_eq!(found(&h, "quell").await, ["customers/j", "customers/i"]);
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
            max_results: -1,
            ..asked("a")
        },
        "max_results",
    )
    .await;
}
