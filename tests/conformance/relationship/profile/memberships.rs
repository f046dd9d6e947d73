//! The segments and personas in profiles and briefings, and decision makers by segment.

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::briefing::{Kind, Part};
use clientele::pb::customer::Lifecycle;
use clientele::pb::get_briefing_request::Record;
use tonic::Code;

use super::profile;
use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::{affiliation, contact, customer};
use crate::harness::keys::by_name;
use crate::harness::records::{conversation, listed, persona, segment};
use crate::harness::standard::mask;

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    a_profile_shows_what_the_customer_belongs_to,
    membership_is_that_of_the_moment,
    the_deleted_belong_to_nothing,
    several_profiles_cost_no_more_statements,
    a_mask_selects_what_is_read,
    personas_alone_may_ask_for_affiliations,
    a_briefing_tells_personas_then_segments,
    a_briefing_of_a_person_tells_their_personas,
    the_members_of_a_segment_are_asked_about,
    a_token_is_bound_to_the_segment,
    the_statements_of_a_segment_do_not_grow,
}

fn typical(display_name: &str, match_filter: &str) -> pb::Persona {
    let headline = format!("{display_name} in one line");
    pb::Persona {
        match_filter: match_filter.to_owned(),
        headline,
        ..persona(display_name)
    }
}

fn active(display_name: &str) -> pb::Customer {
    pb::Customer {
        lifecycle: Lifecycle::Active.into(),
        ..customer(display_name)
    }
}

fn segments(profile: &pb::Profile) -> Vec<(&str, &str)> {
    profile
        .memberships
        .iter()
        .map(|one| (one.segment.as_str(), one.segment_display_name.as_str()))
        .collect()
}

fn personas(profile: &pb::Profile) -> Vec<(&str, &str)> {
    profile
        .persona_matches
        .iter()
        .map(|one| (one.persona_display_name.as_str(), one.headline.as_str()))
        .collect()
}

/// Makes a firm that is in four of six segments, and like two of five personas.
async fn settled(h: &Harness) -> pb::Customer {
    let firm = h.create(active("Ferrum AG")).await;
    h.create_as("z-active", segment("Active ones", "lifecycle = ACTIVE"))
        .await;
    h.create_as("former", segment("Former ones", "lifecycle = FORMER"))
        .await;
    h.create_as("guests", listed("Guests", &[&firm])).await;
    h.create_as("empty", listed("Nobody", &[])).await;
    let both = "segment:\"segments/z-active\" AND segment:\"segments/guests\"";
    h.create_as("both", segment("Active guests", both)).await;
    h.create_as("a-active", segment("Active ones", "lifecycle = ACTIVE"))
        .await;
    let gone = h.create(segment("Gone", "lifecycle = ACTIVE")).await;
    h.delete::<pb::Segment>(&gone.name).await;
    h.create(typical("Zoe", "lifecycle = ACTIVE")).await;
    h.create(typical("Guest Gus", "segment:\"segments/both\""))
        .await;
    h.create(typical("Farid", "lifecycle = FORMER")).await;
    h.create(persona("Free")).await;
    let record_kind = pb::persona::RecordKind::Contact.into();
    h.create(pb::Persona {
        record_kind,
        ..typical("Mara", "display_name:*")
    })
    .await;
    let gone = h.create(typical("Gone", "lifecycle = ACTIVE")).await;
    h.delete::<pb::Persona>(&gone.name).await;
    firm
}

const OF_SETTLED: [(&str, &str); 4] = [
    ("segments/both", "Active guests"),
    ("segments/a-active", "Active ones"),
    ("segments/z-active", "Active ones"),
    ("segments/guests", "Guests"),
];

async fn a_profile_shows_what_the_customer_belongs_to(h: Harness) {
    let firm = settled(&h).await;
    let found = profile(&h, &firm.name).await;
    assert_eq!(segments(&found), OF_SETTLED);
    assert_eq!(
        personas(&found),
        [
            ("Guest Gus", "Guest Gus in one line"),
            ("Zoe", "Zoe in one line")
        ]
    );
    assert_eq!(
        h.get::<pb::Persona>(&found.persona_matches[1].persona)
            .await
            .display_name,
        "Zoe"
    );
    let stranger = h.create(customer("Stranger")).await;
    let found = profile(&h, &stranger.name).await;
    assert_eq!(
        (found.memberships.len(), found.persona_matches.len()),
        (0, 0)
    );
}

async fn membership_is_that_of_the_moment(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let start_time = Some(clock::timestamp(START - DAY));
    h.create(pb::Conversation {
        start_time,
        ..conversation(&firm, 0)
    })
    .await;
    h.create_as(
        "quiet",
        segment("Quiet", "NOT last_conversation.start_time >= ago(\"30d\")"),
    )
    .await;
    assert_eq!(segments(&profile(&h, &firm.name).await), []);
    h.advance(30 * DAY);
    assert_eq!(
        segments(&profile(&h, &firm.name).await),
        [("segments/quiet", "Quiet")]
    );
}

async fn the_deleted_belong_to_nothing(h: Harness) {
    let firm = settled(&h).await;
    h.delete::<pb::Customer>(&firm.name).await;
    let found = profile(&h, &firm.name).await;
    assert_eq!(
        (found.memberships.len(), found.persona_matches.len()),
        (0, 0)
    );
    let items = told(&h, by_name(&firm.name).map(Record::Customer)).await;
    assert_eq!(items, []);
}

async fn several_profiles_cost_no_more_statements(h: Harness) {
    let firm = settled(&h).await;
    let other = h.create(customer("Other")).await;
    let request = pb::BatchGetProfilesRequest {
        customers: [&firm, &other, &firm]
            .iter()
            .filter_map(|firm| by_name(&firm.name))
            .collect(),
        read_mask: None,
    };
    let reads = async || h.db().statistics().await.unwrap().reads;
    let before = reads().await;
    let results = done(h.relationships.clone().batch_get_profiles(request).await).results;
    assert_eq!(reads().await - before, 3);
    let found: Vec<usize> = results
        .iter()
        .map(|result| result.profile.as_ref().unwrap().memberships.len())
        .collect();
    assert_eq!(found, [4, 0, 4]);
    assert_eq!(results[0].profile, Some(profile(&h, &firm.name).await));
}

async fn a_mask_selects_what_is_read(h: Harness) {
    let firm = settled(&h).await;
    let asked = async |paths: &[&str]| {
        let request = pb::GetProfileRequest {
            customer: by_name(&firm.name),
            read_mask: mask(paths),
        };
        done(h.relationships.clone().get_profile(request).await)
    };
    let found = asked(&["memberships"]).await;
    assert_eq!(segments(&found), OF_SETTLED);
    assert_eq!(
        (found.customer.is_none(), found.persona_matches.len()),
        (true, 0)
    );
    let found = asked(&["persona_matches", "open_promises"]).await;
    assert_eq!(
        (found.memberships.len(), found.persona_matches.len()),
        (0, 2)
    );
    let found = asked(&["people", "open_promises"]).await;
    assert_eq!(found, pb::Profile::default());
}

/// What a briefing tells of personas and segments: kind, line, record.
async fn personas_alone_may_ask_for_affiliations(h: Harness) {
    let firm = h.create(active("Ferrum AG")).await;
    let job = affiliation(&h.create(contact("Mara Lind")).await, &firm);
    h.create(pb::Affiliation {
        job_title: "Owner".to_owned(),
        ..job
    })
    .await;
    h.create(typical(
        "Led by its owner",
        "affiliations.job_title = \"Owner\"",
    ))
    .await;
    h.create(typical("One desk", "contact_count = 1")).await;
    let found = profile(&h, &firm.name).await;
    assert_eq!(found.evaluate_time, Some(clock::timestamp(START)));
    assert_eq!(
        found
            .persona_matches
            .iter()
            .map(|one| one.persona_display_name.as_str())
            .collect::<Vec<_>>(),
        ["Led by its owner", "One desk"]
    );
}

async fn told(h: &Harness, record: Option<Record>) -> Vec<(Kind, String, String)> {
    let request = pb::GetBriefingRequest {
        record,
        limit: 200,
        ..Default::default()
    };
    let sections = done(h.relationships.clone().get_briefing(request).await).sections;
    let order: Vec<Part> = sections.iter().map(|section| section.part()).collect();
    assert_eq!(
        order[5..],
        [
            Part::Promises,
            Part::Notes,
            Part::PersonasAndSegments,
            Part::Changes
        ]
    );
    let items = sections
        .into_iter()
        .filter(|section| section.part() == Part::PersonasAndSegments);
    items
        .flat_map(|section| section.items)
        .map(|item| (item.kind(), item.text, item.record))
        .collect()
}

async fn a_briefing_tells_personas_then_segments(h: Harness) {
    let firm = settled(&h).await;
    let items = told(&h, by_name(&firm.name).map(Record::Customer)).await;
    let lines: Vec<(Kind, &str)> = items
        .iter()
        .map(|(kind, text, _)| (*kind, text.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (Kind::Persona, "like Guest Gus: Guest Gus in one line"),
            (Kind::Persona, "like Zoe: Zoe in one line"),
            (Kind::Segment, "in the segment Active guests"),
            (Kind::Segment, "in the segment Active ones"),
            (Kind::Segment, "in the segment Active ones"),
            (Kind::Segment, "in the segment Guests"),
        ]
    );
    let found = profile(&h, &firm.name).await;
    let records = found
        .persona_matches
        .iter()
        .map(|one| &one.persona)
        .chain(found.memberships.iter().map(|one| &one.segment));
    assert_eq!(
        items.iter().map(|(.., record)| record).collect::<Vec<_>>(),
        records.collect::<Vec<_>>()
    );
    let request = pb::GetBriefingRequest {
        record: by_name(&firm.name).map(Record::Customer),
        limit: 2,
        ..Default::default()
    };
    let cut = done(h.relationships.clone().get_briefing(request).await).sections;
    assert_eq!(
        cut.iter().map(|section| section.items.len()).sum::<usize>(),
        2
    );
    assert_eq!(cut[7].left_out_count, 6);
}

async fn a_briefing_of_a_person_tells_their_personas(h: Harness) {
    let firm = settled(&h).await;
    let person = h.create(contact("Mara Lind")).await;
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
    let record_kind = pb::persona::RecordKind::Contact.into();
    let owner = pb::Persona {
        record_kind,
        ..typical("Owner", "affiliations.job_title = \"Owner\"")
    };
    let owner = h.create(owner).await;
    let key = pb::ContactKey {
        key: Some(pb::contact_key::Key::Name(person.name.clone())),
        ..Default::default()
    };
    let items = told(&h, Some(Record::Contact(key))).await;
    let lines: Vec<&str> = items.iter().map(|(_, text, _)| text.as_str()).collect();
    assert_eq!(
        lines,
        [
            "like Mara: Mara in one line",
            "like Owner: Owner in one line"
        ]
    );
    assert_eq!(items[1].2, owner.name);
}

fn list(segment: &str, filter: &str) -> pb::ListDecisionMakersRequest {
    let (segment, filter) = (segment.to_owned(), filter.to_owned());
    pb::ListDecisionMakersRequest {
        segment,
        filter,
        ..Default::default()
    }
}

async fn the_members_of_a_segment_are_asked_about(h: Harness) {
    let firm = settled(&h).await;
    let other = h.create(active("Other")).await;
    let last = h
        .create(pb::Customer {
            lifecycle: Lifecycle::Former.into(),
            ..customer("Last")
        })
        .await;
    let asked = async |segment: &str, filter: &str| {
        let found = done(
            h.relationships
                .clone()
                .list_decision_makers(list(segment, filter))
                .await,
        )
        .decision_makers;
        let mut names: Vec<String> = found.into_iter().map(|one| one.customer).collect();
        names.sort();
        names
    };
    let sorted = |firms: &[&pb::Customer]| {
        let mut names: Vec<String> = firms.iter().map(|firm| firm.name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(
        asked("segments/z-active", "").await,
        sorted(&[&firm, &other])
    );
    assert_eq!(asked("segments/guests", "").await, sorted(&[&firm]));
    assert_eq!(asked("segments/both", "").await, sorted(&[&firm]));
    assert_eq!(asked("segments/empty", "").await, sorted(&[]));
    assert_eq!(
        asked("segments/z-active", "display_name:\"other\"").await,
        sorted(&[&other])
    );
    assert_eq!(asked("", "").await, sorted(&[&firm, &other, &last]));
    let mut relationships = h.relationships.clone();
    refused(relationships.list_decision_makers(list("guests", "")).await)
        .names("FIELD_INVALID", &["segment"]);
    let refusal = refused(
        relationships
            .list_decision_makers(list("segments/none", ""))
            .await,
    );
    refusal
        .is(Code::NotFound, "RESOURCE_NOT_FOUND")
        .about("segments/none");
    h.delete::<pb::Segment>("segments/former").await;
    let refusal = refused(
        relationships
            .list_decision_makers(list("segments/former", ""))
            .await,
    );
    refusal
        .is(Code::FailedPrecondition, "RESOURCE_DELETED")
        .about("segments/former");
}

async fn a_token_is_bound_to_the_segment(h: Harness) {
    let firms = [h.create(active("A")).await, h.create(active("B")).await];
    h.create_as("all", listed("All", &[&firms[0], &firms[1]]))
        .await;
    h.create_as("active", segment("Active", "lifecycle = ACTIVE"))
        .await;
    let mut relationships = h.relationships.clone();
    let first = pb::ListDecisionMakersRequest {
        page_size: 1,
        ..list("segments/all", "")
    };
    let first = done(relationships.list_decision_makers(first).await);
    let next = |segment: &str| {
        let page_token = first.next_page_token.clone();
        pb::ListDecisionMakersRequest {
            page_token,
            ..list(segment, "")
        }
    };
    assert_eq!(
        done(
            relationships
                .list_decision_makers(next("segments/all"))
                .await
        )
        .decision_makers
        .len(),
        1
    );
    for segment in ["segments/active", ""] {
        let refusal = refused(relationships.list_decision_makers(next(segment)).await);
        refusal.names("PAGE_TOKEN_MISMATCH", &["page_token"]);
    }
}

async fn the_statements_of_a_segment_do_not_grow(h: Harness) {
    h.create_as("active", segment("Active", "lifecycle = ACTIVE"))
        .await;
    let reads = async || h.db().statistics().await.unwrap().reads;
    for n in [1, 10] {
        for i in 0..n {
            h.create(active(&format!("Firm {i}"))).await;
        }
        let before = reads().await;
        done(
            h.relationships
                .clone()
                .list_decision_makers(list("segments/active", ""))
                .await,
        );
        // Whether the segment is there, what it and those it names mean, its members, the people there.
        assert_eq!(reads().await - before, 4);
    }
}
