//! MatchPersonas: which personas a customer or a contact is like, and why.

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::match_personas_request::Record;
use tonic::Code;

use super::explanation::lines;
use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused, whole};
use crate::harness::builders::{affiliation, contact, customer};
use crate::harness::keys::{by_domain, by_name};
use crate::harness::paging::all_pages;
use crate::harness::records::{conversation, listed, persona};

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    those_that_fit_come_first_then_by_what_they_are_called,
    contacts_have_personas_of_their_own,
    personas_can_name_segments,
    deleted_personas_and_those_without_a_filter_are_left_out,
    pages_hold_each_persona_once_and_the_time_of_the_first,
    a_token_is_bound_to_the_subject,
    who_cannot_be_matched_is_refused,
}

fn typical(display_name: &str, match_filter: &str) -> pb::Persona {
    let headline = format!("{display_name} in one line");
    pb::Persona {
        match_filter: match_filter.to_owned(),
        headline,
        ..persona(display_name)
    }
}

fn of_contacts(persona: pb::Persona) -> pb::Persona {
    pb::Persona {
        record_kind: pb::persona::RecordKind::Contact.into(),
        ..persona
    }
}

fn at(customer: &pb::Customer) -> pb::MatchPersonasRequest {
    let record = by_name(&customer.name).map(Record::Customer);
    pb::MatchPersonasRequest {
        record,
        ..Default::default()
    }
}

fn with(contact: &pb::Contact) -> pb::MatchPersonasRequest {
    let key = pb::ContactKey {
        key: Some(pb::contact_key::Key::Name(contact.name.clone())),
        ..Default::default()
    };
    pb::MatchPersonasRequest {
        record: Some(Record::Contact(key)),
        ..Default::default()
    }
}

async fn ask(h: &Harness, request: pb::MatchPersonasRequest) -> Answer<pb::MatchPersonasResponse> {
    h.personas.clone().match_personas(request).await
}

fn names(answer: &pb::MatchPersonasResponse) -> Vec<(&str, bool)> {
    answer
        .persona_matches
        .iter()
        .map(|found| (found.persona_display_name.as_str(), found.fits))
        .collect()
}

async fn those_that_fit_come_first_then_by_what_they_are_called(h: Harness) {
    let firm = h
        .create(pb::Customer {
            tags: vec!["a".to_owned()],
            ..customer("Ferrum AG")
        })
        .await;
    for (name, filter) in [
        ("Zoe", "tags:\"a\""),
        ("Bea", "tags:\"b\" OR tags:\"c\""),
        ("Amy", "tags:\"b\""),
        ("Eva", "tags:*"),
    ] {
        h.create(typical(name, filter)).await;
    }
    h.create(of_contacts(typical("Not of customers", "tags:*")))
        .await;
    let answer = whole(ask(&h, at(&firm)).await);
    let told = answer.message;
    assert_eq!(
        names(&told),
        [("Eva", true), ("Zoe", true), ("Amy", false), ("Bea", false)]
    );
    assert_eq!(
        (&told.record, &told.record_display_name),
        (&firm.name, &firm.display_name)
    );
    assert_eq!(
        (told.revision, told.revision),
        (answer.revision, h.revision().await)
    );
    assert_eq!(
        (told.evaluate_time, told.next_page_token.as_str()),
        (Some(clock::timestamp(START)), "")
    );
    let bea = &told.persona_matches[3];
    assert_eq!(
        lines(&bea.nodes),
        [
            "- OR",
            "  - 1 tags:\"b\" [\"a\"]",
            "  - 2 tags:\"c\" [\"a\"]"
        ]
    );
    assert_eq!(
        (bea.flips.as_slice(), bea.filter.as_str()),
        (&[1][..], "(tags:\"b\" OR tags:\"c\")")
    );
    assert_eq!(
        (
            bea.headline.as_str(),
            h.get::<pb::Persona>(&bea.persona).await.display_name
        ),
        ("Bea in one line", "Bea".to_owned())
    );
    assert!(told.persona_matches[0].flips.is_empty());
}

async fn contacts_have_personas_of_their_own(h: Harness) {
    let (firm, person) = (
        h.create(customer("Ferrum AG")).await,
        h.create(contact("Mara Lind")).await,
    );
    for i in 0..101 {
        let job_title = if i == 100 { "Owner" } else { "Clerk" }.to_owned();
        h.create_as(
            &format!("j-{i:03}"),
            pb::Affiliation {
                job_title,
                ..affiliation(&person, &firm)
            },
        )
        .await;
    }
    h.create(of_contacts(typical(
        "Owner",
        "affiliations.job_title = \"Owner\" AND display_name:\"mara\"",
    )))
    .await;
    h.create(of_contacts(typical("Stranger", "NOT affiliations:*")))
        .await;
    h.create(typical("Firm", "affiliations.job_title = \"Owner\""))
        .await;
    assert_eq!(names(&done(ask(&h, at(&firm)).await)), [("Firm", true)]);
    let told = done(ask(&h, with(&person)).await);
    assert_eq!(names(&told), [("Owner", true), ("Stranger", false)]);
    assert_eq!(
        lines(&told.persona_matches[1].nodes),
        ["- NOT", "  + 1 affiliations:* [*]"]
    );
    assert_eq!(
        (&told.record, told.persona_matches[1].flips.as_slice()),
        (&person.name, &[1][..])
    );
    h.delete::<pb::Affiliation>("affiliations/j-100").await;
    assert_eq!(
        names(&done(ask(&h, with(&person)).await)),
        [("Owner", false), ("Stranger", false)]
    );
    assert_eq!(names(&done(ask(&h, at(&firm)).await)), [("Firm", false)]);
}

async fn personas_can_name_segments(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let guests = h.create_as("guests", listed("Guests", &[&firm])).await;
    h.create(typical("Guest", &format!("segment:\"{}\"", guests.name)))
        .await;
    let told = done(ask(&h, at(&firm)).await);
    assert_eq!(names(&told), [("Guest", true)]);
    assert_eq!(
        lines(&told.persona_matches[0].nodes),
        ["+ 1 segment:\"segments/guests\" [\"segments/guests\"]"]
    );
    assert_eq!(
        told.persona_matches[0].nodes[0].segment_display_name,
        "Guests"
    );
}

async fn deleted_personas_and_those_without_a_filter_are_left_out(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let told = done(ask(&h, at(&firm)).await);
    assert_eq!((told.persona_matches.len(), told.unmatchable_count), (0, 0));
    let gone = h.create(typical("Gone", "display_name:*")).await;
    h.delete::<pb::Persona>(&gone.name).await;
    h.create(persona("Free")).await;
    h.create(of_contacts(persona("Free of contacts"))).await;
    h.create(typical("Tied", "display_name:*")).await;
    let told = done(ask(&h, at(&firm)).await);
    assert_eq!(
        (names(&told), told.unmatchable_count),
        (vec![("Tied", true)], 1)
    );
}

async fn pages_hold_each_persona_once_and_the_time_of_the_first(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let talk = pb::Conversation {
        start_time: Some(clock::timestamp(START - DAY)),
        ..conversation(&firm, 0)
    };
    h.create(talk).await;
    for i in 0..7 {
        let filter = if i / 2 % 2 == 0 {
            "last_conversation.start_time > ago(\"2d\")"
        } else {
            "tags:*"
        };
        // Two of each name, alike in their verdict: with two of them the first page ends and the second begins.
        h.create(typical(&format!("P{}", i / 2), filter)).await;
    }
    let all = done(ask(&h, at(&firm)).await);
    assert_eq!(
        all.persona_matches
            .iter()
            .filter(|found| found.fits)
            .count(),
        4
    );
    let mut pages = Vec::new();
    let found = all_pages(async |page_token| {
        let page = done(
            ask(
                &h,
                pb::MatchPersonasRequest {
                    page_size: 3,
                    page_token,
                    ..at(&firm)
                },
            )
            .await,
        );
        assert_eq!(page.evaluate_time, all.evaluate_time);
        pages.push(page.persona_matches.len());
        // A day later nobody would fit.
        h.advance(DAY / 2);
        (page.persona_matches, page.next_page_token)
    });
    assert_eq!(found.await, all.persona_matches);
    assert_eq!(pages, [3, 3, 1]);
}

async fn a_token_is_bound_to_the_subject(h: Harness) {
    let (firm, other) = (
        h.create(customer("Ferrum AG")).await,
        h.create(customer("Other")).await,
    );
    h.create(typical("A", "tags:*")).await;
    h.create(typical("B", "tags:*")).await;
    let page = done(
        ask(
            &h,
            pb::MatchPersonasRequest {
                page_size: 1,
                ..at(&firm)
            },
        )
        .await,
    );
    let next = |firm| pb::MatchPersonasRequest {
        page_token: page.next_page_token.clone(),
        ..at(firm)
    };
    assert_eq!(names(&done(ask(&h, next(&firm)).await)), [("B", false)]);
    let refusal = refused(ask(&h, next(&other)).await);
    refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
}

async fn who_cannot_be_matched_is_refused(h: Harness) {
    refused(ask(&h, pb::MatchPersonasRequest::default()).await)
        .names("FIELD_INVALID", &["customer"]);
    let firm = h.create(customer("Ferrum AG")).await;
    let request = pb::MatchPersonasRequest {
        page_size: -1,
        page_token: "x".to_owned(),
        ..at(&firm)
    };
    let refusal = refused(ask(&h, request).await);
    assert_eq!(
        refusal
            .violations
            .iter()
            .map(|(field, _)| field.as_str())
            .collect::<Vec<_>>(),
        ["page_size", "page_token"]
    );
    let nobody = pb::MatchPersonasRequest {
        record: by_domain("nobody.example").map(Record::Customer),
        ..Default::default()
    };
    refused(ask(&h, nobody).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    let person = h.create(contact("Mara Lind")).await;
    h.delete::<pb::Contact>(&person.name).await;
    refused(ask(&h, with(&person)).await)
        .is(Code::FailedPrecondition, "RESOURCE_DELETED")
        .about(&person.name);
    h.delete::<pb::Customer>(&firm.name).await;
    refused(ask(&h, at(&firm)).await)
        .is(Code::FailedPrecondition, "RESOURCE_DELETED")
        .about(&firm.name);
}
