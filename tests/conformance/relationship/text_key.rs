//! Keys given as a text: read by their form, and as a name only if they are the name.

use clientele::pb;
use clientele::pb::check_membership_response::Result as KeyResult;
use clientele::pb::contact_key::Key as ContactBy;
use clientele::pb::customer_key::Outcome;
use clientele::pb::get_briefing_request::Record;
use clientele::pb::log_conversation_request::Person;
use clientele::pb::log_conversation_request::person::Person as Who;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused, whole};
use crate::harness::builders::{affiliation, contact, customer, email, external_id, phone, texts};
use crate::harness::keys::{by_name, by_text, person_by};
use crate::harness::records::listed;

conformance! {
    a_text_is_read_by_its_form,
    an_id_alone_is_the_record_that_has_it,
    words_are_the_name_and_nothing_like_it,
    a_name_that_several_have_lists_them,
    only_namesakes_are_candidates,
    a_name_is_the_same_in_every_spelling_of_its_letters,
    a_call_asks_for_few_by_words,
    a_person_is_found_by_a_text,
    of_namesakes_the_one_who_works_there_took_part,
    keys_in_lists_may_be_texts,
    a_repeat_is_answered_after_the_name_is_gone,
    texts_that_are_no_keys_are_refused,
}

async fn profile(h: &Harness, text: &str) -> Answer<pb::Profile> {
    let request = pb::GetProfileRequest {
        customer: by_text(text),
        read_mask: None,
    };
    h.relationships.clone().get_profile(request).await
}

async fn name_of(h: &Harness, text: &str) -> String {
    done(profile(h, text).await).customer.unwrap().name
}

/// Asserts that a key finds nobody, and that the refusal says of which kind that would have been.
#[track_caller]
fn is_unknown<T>(answer: Answer<T>, resource_type: &str) {
    let refusal = refused(answer).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    assert!(!refusal.metadata.contains_key("resource"), "{refusal:?}");
    assert_eq!(refusal.resource_type.as_deref(), Some(resource_type));
    refusal.tells("resourceType", resource_type);
}

#[track_caller]
fn is_nobody<T>(answer: Answer<T>) {
    is_unknown(answer, "clientele.dev/Customer");
}

#[track_caller]
fn is_no_person<T>(answer: Answer<T>) {
    is_unknown(answer, "clientele.dev/Contact");
}

fn firm(display_name: &str, domain: &str) -> pb::Customer {
    let business = pb::customer::Business {
        domains: texts(&[domain]),
        ..Default::default()
    };
    pb::Customer {
        business: Some(business),
        ..customer(display_name)
    }
}

async fn a_text_is_read_by_its_form(h: Harness) {
    let ferrum = pb::Customer {
        external_ids: vec![external_id("sap.eu", "4711")],
        emails: vec![email("office@ferrum.example")],
        phone_numbers: vec![phone("+43 1 2345678")],
        ..firm("Ferrum Stahl", "ferrum.example")
    };
    let ferrum = h.create_as("ferrum", ferrum).await;
    let digits = h.create_as("digits", customer("10 000")).await;
    for text in [
        "customers/ferrum",
        " customers/ferrum\u{200b} ",
        "sap.eu:4711",
        "office@ferrum.example",
        "The office <Office@Ferrum.example>",
        "mailto:office@ferrum.example?subject=x",
        "anybody@ferrum.example",
        "+43 1 234-5678",
        "tel:+43-1-2345678;ext=1",
        "00431 2345678",
        "01/2345678",
        "4312345678",
        "ferrum.example",
        "https://www.Ferrum.example/about?x=1",
        "ferrum stahl",
        "Stahl, Ferrum",
    ] {
        assert_eq!(name_of(&h, text).await, ferrum.name, "{text}");
    }
    assert_eq!(name_of(&h, "10 000").await, digits.name);
    for text in [
        "sap.eu:4712",
        "a@b.example",
        "+43 1 2345679",
        "01 2345679",
        "b.example",
        "Cuprum",
    ] {
        is_nobody(profile(&h, text).await);
    }
    h.delete::<pb::Customer>(&ferrum.name).await;
    assert_eq!(name_of(&h, "customers/ferrum").await, ferrum.name);
    for text in [
        "sap.eu:4711",
        "ferrum.example",
        "01/2345678",
        "Ferrum Stahl",
    ] {
        is_nobody(profile(&h, text).await);
    }
}

async fn an_id_alone_is_the_record_that_has_it(h: Harness) {
    for (id, display_name) in [
        ("nordlicht-optik", "Nordlicht Optik GmbH"),
        ("n2", "Nordlicht Optik Wien"),
        ("n3", "nordlicht-optik"),
    ] {
        h.create_as(id, customer(display_name)).await;
        h.create_as(id, contact(display_name)).await;
    }
    for text in ["nordlicht-optik", " nordlicht-optik\u{200b}"] {
        assert_eq!(
            name_of(&h, text).await,
            "customers/nordlicht-optik",
            "{text}"
        );
        let request = pb::GetBriefingRequest {
            record: Some(Record::Contact(person_by(ContactBy::Text(text.to_owned())))),
            ..Default::default()
        };
        let briefing = done(h.relationships.clone().get_briefing(request).await);
        assert_eq!(briefing.record, "contacts/nordlicht-optik", "{text}");
    }
    // Other spellings are words, and a deleted record has only its full name.
    let all = ["customers/n2", "customers/n3", "customers/nordlicht-optik"];
    refused(profile(&h, "Optik Nordlicht").await).lists_candidates(&all, 3);
    h.delete::<pb::Customer>("customers/nordlicht-optik").await;
    assert_eq!(name_of(&h, "nordlicht-optik").await, "customers/n3");
    let generated = h.create(customer("Ferrum")).await.name;
    let id = generated.trim_start_matches("customers/");
    assert_eq!(name_of(&h, id).await, generated);
}

async fn words_are_the_name_and_nothing_like_it(h: Harness) {
    let berglunds = h.create(customer("Berglunds snabbk\u{f6}p")).await;
    h.create(contact("Mara Lind")).await;
    for text in ["berglunds", "SNABBKOP Berglunds", "Berglunds snabbk\u{f6}p"] {
        assert_eq!(name_of(&h, text).await, berglunds.name, "{text}");
    }
    for text in [
        "Berglund snabbkop",
        "Berglunds Travel",
        "berglund",
        "Mara Lind",
        "S.p.A.",
    ] {
        is_nobody(profile(&h, text).await);
    }
}

async fn a_name_that_several_have_lists_them(h: Harness) {
    let mut names = Vec::new();
    for (id, display_name) in [
        ("a", "Ferrum Nord"),
        ("b", "Ferrum S\u{fc}d"),
        ("c", "Ferrum"),
    ] {
        names.push(h.create_as(id, customer(display_name)).await.name);
    }
    // One has exactly this name.
    assert_eq!(name_of(&h, "ferrum").await, names[2]);
    h.delete::<pb::Customer>(&names[2]).await;
    refused(profile(&h, "ferrum").await).lists_candidates(&["customers/a", "customers/b"], 2);
    assert_eq!(name_of(&h, "FERRUM S\u{dc}D").await, names[1]);
    h.create_as("d", customer("Ferrum S\u{fc}d")).await;
    let both = ["customers/b", "customers/d"];
    refused(profile(&h, "Ferrum S\u{fc}d").await).lists_candidates(&both, 2);
}

async fn only_namesakes_are_candidates(h: Harness) {
    for (id, display_name) in [
        ("a", "Ferrum Nord"),
        ("b", "Ferrum S\u{fc}d"),
        ("c", "Ferrun West"),
    ] {
        h.create_as(id, customer(display_name)).await;
    }
    refused(profile(&h, "ferrum").await).lists_candidates(&["customers/a", "customers/b"], 2);
    let cuprum = h.create(customer("Cuprum")).await;
    for (id, display_name) in [
        ("berg", "Mara Berg"),
        ("holt", "Mara Holt"),
        ("lind", "Mara Lind"),
    ] {
        let mara = h.create_as(id, contact(display_name)).await;
        if id != "berg" {
            h.create(affiliation(&mara, &cuprum)).await;
        }
    }
    let request = talk_with(by_name(&cuprum.name), "mara");
    refused(h.relationships.clone().log_conversation(request).await)
        .lists_candidates(&["contacts/holt", "contacts/lind"], 2);
}

async fn a_name_is_the_same_in_every_spelling_of_its_letters(h: Harness) {
    for (name, other, spellings) in [
        (
            "Gasthof Stra\u{df}e",
            "Gasthof Stra\u{df}e Nord",
            ["GASTHOF STRASSE", "gasthof stra\u{df}e"],
        ),
        (
            "Caf\u{e9} Ber",
            "Caf\u{e9} Ber West",
            ["cafe\u{301} ber", "CAF\u{c9} BER"],
        ),
    ] {
        let one = h.create(customer(name)).await;
        h.create(customer(other)).await;
        for text in spellings {
            assert_eq!(name_of(&h, text).await, one.name, "{text}");
        }
    }
}

async fn a_call_asks_for_few_by_words(h: Harness) {
    let ferrum = h.create(firm("Ferrum", "ferrum.example")).await;
    let profiles = async |n_words: usize| {
        let mut texts = vec!["ferrum.example"; 10];
        texts.extend(vec!["Ferrum"; n_words]);
        let request = pb::BatchGetProfilesRequest {
            customers: texts.into_iter().filter_map(by_text).collect(),
            read_mask: None,
        };
        h.relationships.clone().batch_get_profiles(request).await
    };
    let results = done(profiles(50).await).results;
    let name = |result: &pb::batch_get_profiles_response::Result| {
        let profile = result.profile.clone().unwrap_or_default();
        profile.customer.unwrap_or_default().name
    };
    assert!(results.len() == 60 && results.iter().all(|one| name(one) == ferrum.name));
    let refusal = refused(profiles(52).await);
    assert!(
        refusal
            .message
            .contains("at most 50 by the words of a name"),
        "{}",
        refusal.message
    );
    refusal.names("FIELD_INVALID", &["customers[60]"]);
}

async fn a_person_is_found_by_a_text(h: Harness) {
    let mara = pb::Contact {
        emails: vec![email("mara@lind.example")],
        phone_numbers: vec![phone("+43 664 1234567")],
        external_ids: vec![external_id("crm", "7")],
        ..contact("Mara Lind.dr")
    };
    let mara = h.create_as("mara", mara).await;
    h.create(firm("Lind", "lind.example")).await;
    let briefing = async |text: &str| {
        let key = person_by(ContactBy::Text(text.to_owned()));
        let request = pb::GetBriefingRequest {
            record: Some(Record::Contact(key)),
            ..Default::default()
        };
        h.relationships.clone().get_briefing(request).await
    };
    for text in [
        "contacts/mara",
        "mara@lind.example",
        "crm:7",
        "0664/1234567",
        "mara lind",
        "Lind.dr",
    ] {
        assert_eq!(done(briefing(text).await).record, mara.name, "{text}");
    }
    // A contact is nobody's domain.
    for text in ["lind.example", "other@lind.example", "mara linde"] {
        is_no_person(briefing(text).await);
    }
    refused(briefing("customers/lind").await).names("FIELD_INVALID", &["contact.text"]);
}

fn talk_with(at: Option<pb::CustomerKey>, person: &str) -> pb::LogConversationRequest {
    let person = Person {
        person: Some(Who::Contact(person_by(ContactBy::Text(person.to_owned())))),
        ..Default::default()
    };
    pb::LogConversationRequest {
        customer: at,
        people: vec![person],
        conversation: Some(pb::Conversation::default()),
        ..Default::default()
    }
}

async fn of_namesakes_the_one_who_works_there_took_part(h: Harness) {
    let (ferrum, cuprum) = (
        h.create(firm("Ferrum", "ferrum.example")).await,
        h.create(customer("Cuprum")).await,
    );
    let mara = h.create_as("m1", contact("Mara Lind")).await;
    h.create_as("other", contact("Mara Lind")).await;
    h.create(affiliation(&mara, &ferrum)).await;
    let log = async |request| h.relationships.clone().log_conversation(request).await;
    for (key, text) in [
        (by_name(&ferrum.name), "Mara Lind"),
        (by_text("ferrum.example"), "mara"),
        (by_text("Ferrum"), "lind mara"),
    ] {
        let talk = done(log(talk_with(key, text)).await).conversation.unwrap();
        assert_eq!(
            (talk.customer, talk.contacts),
            (ferrum.name.clone(), vec![mara.name.clone()])
        );
    }
    let elsewhere = refused(log(talk_with(by_name(&cuprum.name), "mara")).await);
    elsewhere
        .lists_candidates(&["contacts/m1", "contacts/other"], 2)
        .tells("field", "people[0].contact");
    is_no_person(log(talk_with(by_name(&ferrum.name), "mari")).await);
    // Who has that id is meant, unless somebody who works there is called so.
    h.create_as("mara", contact("Mia Berg")).await;
    for (at, whom) in [(&ferrum, "contacts/m1"), (&cuprum, "contacts/mara")] {
        let talk = done(log(talk_with(by_name(&at.name), "mara")).await);
        assert_eq!(talk.conversation.unwrap().contacts, [whom]);
    }
    let nobodys = pb::LogConversationRequest {
        customer: by_text("Nobody"),
        ..talk_with(None, "mara")
    };
    refused(log(nobodys).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .tells("field", "customer");
    let unreadable = talk_with(by_text(" "), "customers/x");
    refused(log(unreadable).await).names(
        "FIELD_INVALID",
        &["customer.text", "people[0].contact.text"],
    );
}

async fn keys_in_lists_may_be_texts(h: Harness) {
    let ferrum = h
        .create_as("ferrum", firm("Ferrum", "ferrum.example"))
        .await;
    let cuprum = h.create_as("nord", customer("Cuprum Nord")).await;
    h.create_as("other", customer("Cuprum S\u{fc}d")).await;
    h.create_as("list", listed("Picked", &[&ferrum])).await;
    let keys = || {
        ["Ferrum", "cuprum", "ferrum.example", "Nobody"]
            .iter()
            .filter_map(|text| by_text(text))
    };
    let request = pb::CheckMembershipRequest {
        customers: keys().collect(),
        segments: texts(&["segments/list"]),
    };
    let results = done(h.segments.clone().check_membership(request).await).results;
    let told = |result: &KeyResult| (result.outcome(), result.memberships[0].member);
    assert_eq!(
        results.iter().map(told).collect::<Vec<_>>(),
        [
            (Outcome::Found, true),
            (Outcome::Ambiguous, false),
            (Outcome::Found, true),
            (Outcome::NotFound, false),
        ]
    );
    assert_eq!(results[1].candidates, ["customers/nord", "customers/other"]);
    let add = pb::AddSegmentMembersRequest {
        segment: "segments/list".to_owned(),
        customers: ["Cuprum Nord", "ferrum.example"]
            .iter()
            .filter_map(|text| by_text(text))
            .collect(),
        ..Default::default()
    };
    let list = done(h.segments.clone().add_segment_members(add.clone()).await);
    assert_eq!(list.members(), [ferrum.name, cuprum.name]);
    let unclear = pb::AddSegmentMembersRequest {
        customers: keys().collect(),
        ..add
    };
    refused(h.segments.clone().add_segment_members(unclear).await)
        .is(Code::FailedPrecondition, "KEY_AMBIGUOUS")
        .tells("field", "customers[1]");
}

async fn a_repeat_is_answered_after_the_name_is_gone(h: Harness) {
    let ferrum = h.create(customer("Ferrum")).await;
    h.create_as("mara", contact("Mara")).await;
    let request = pb::LogConversationRequest {
        request_id: "0190d3a8-4b2e-7cc3-98c4-dc0c0c07398f".to_owned(),
        ..talk_with(by_text("Ferrum"), "Mara")
    };
    let log = async || {
        h.relationships
            .clone()
            .log_conversation(request.clone())
            .await
    };
    let first = done(log().await);
    let renamed = pb::Customer {
        display_name: "Cuprum".to_owned(),
        ..ferrum
    };
    h.update(renamed, &["display_name"]).await;
    let again = whole(log().await);
    assert!(
        again.replayed
            && again.message.conversation.unwrap().name == first.conversation.unwrap().name
    );
}

async fn texts_that_are_no_keys_are_refused(h: Harness) {
    for text in [
        "",
        " \u{3000}",
        "contacts/mara",
        &"a".repeat(201),
        "a\0b",
        "https://",
        "a@b@c",
    ] {
        refused(profile(&h, text).await).names("FIELD_INVALID", &["customer.text"]);
    }
    let key = by_text("Ferrum").map(|key| pb::CustomerKey {
        region_code: "Austria".to_owned(),
        ..key
    });
    let request = pb::GetProfileRequest {
        customer: key,
        read_mask: None,
    };
    let refusal = refused(h.relationships.clone().get_profile(request).await);
    assert!(refusal.message.contains("write AT"), "{}", refusal.message);
    refusal.names("FIELD_INVALID", &["customer.region_code"]);
}
