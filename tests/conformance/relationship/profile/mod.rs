//! Profiles: by any key, of one moment, with nothing that is PRIVATE to somebody else.

mod batch; // one result for each key
mod keys; // by which keys a profile is found
mod memberships; // the segments and personas in profiles and briefings

use clientele::clock::{self, DAY, Micros, SECOND};
use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::conversation::State;
use clientele::pb::customer::Business;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused, whole};
use crate::harness::builders::{
    affiliation, claim, contact, customer, date, email, external_id, phone, texts,
};
use crate::harness::keys::{by_domain, by_email, by_external_id, by_name, by_phone};
use crate::harness::records::{Private, conversation, note, promise};
use crate::harness::standard::mask;

/// 2026-11-22T10:00:00Z.
const START: Micros = 1_795_341_600 * SECOND;

conformance! {
    at START;
    a_profile_holds_what_belongs_to_the_customer,
    private_records_are_the_actors_own,
    plans_are_next_or_unconfirmed,
    what_is_cut_is_said,
    people_who_matter_are_read_before_others_are_cut,
    a_read_mask_selects,
    a_profile_takes_three_statements_and_its_parts_fewer,
}

async fn ask(h: &Harness, key: Option<pb::CustomerKey>) -> Answer<pb::Profile> {
    h.relationships
        .clone()
        .get_profile(pb::GetProfileRequest {
            customer: key,
            read_mask: None,
        })
        .await
}

pub async fn profile(h: &Harness, name: &str) -> pb::Profile {
    done(ask(h, by_name(name)).await)
}

pub fn business(name: &str, domain: &str) -> pb::Customer {
    pb::Customer {
        business: Some(Business {
            domains: texts(&[domain]),
            ..Default::default()
        }),
        ..customer(name)
    }
}

fn at(time: Micros) -> Option<prost_types::Timestamp> {
    Some(clock::timestamp(time))
}

async fn a_profile_holds_what_belongs_to_the_customer(h: Harness) {
    let (firm, person, job) = h.employed().await;
    let (other, ..) = h.employed().await;
    let talk = h
        .create(pb::Conversation {
            contacts: vec![person.name.clone()],
            ..conversation(&firm, 1_700_000_000)
        })
        .await;
    let plan = pb::Conversation {
        state: State::Planned.into(),
        start_time: at(START),
        ..conversation(&firm, 0)
    };
    let plan = h.create(plan).await;
    let later = h.create(promise(&firm, "no hurry")).await;
    let due = h
        .create(pb::Promise {
            due_time: at(START - DAY),
            ..promise(&firm, "send samples")
        })
        .await;
    h.create(pb::Promise {
        complete_time: at(START),
        ..promise(&firm, "done")
    })
    .await;
    h.create(promise(&other, "theirs")).await;
    let notes = highlighted_notes(&h, &firm, &person, &job).await;
    note_somebody_who_left(&h, &firm).await;
    let expected = pb::Profile {
        customer: Some(h.get(&firm.name).await),
        people: vec![pb::profile::Person {
            affiliation: Some(h.get(&job.name).await),
            contact: Some(h.get(&person.name).await),
        }],
        last_conversation: h.get::<pb::Customer>(&firm.name).await.last_conversation,
        next_conversation: None,
        unconfirmed_conversations: vec![plan],
        open_promises: vec![due, later],
        highlighted_notes: notes,
        used_channels: vec![pb::ChannelUse {
            channel: talk.channel,
            conversation_count: 1,
            first_conversation_time: talk.start_time,
            last_conversation_time: talk.start_time,
        }],
        evaluate_time: at(START + 3 * SECOND),
        revision: h.revision().await,
        ..Default::default()
    };
    assert_eq!(profile(&h, &firm.name).await, expected);
    assert_eq!(expected.last_conversation.unwrap().conversation, talk.name);
    let answer = whole(ask(&h, by_name(&firm.name)).await);
    assert_eq!(answer.revision, h.revision().await);
}

/// Notes something about somebody who does not belong to a customer any more: it is none of the profile.
async fn note_somebody_who_left(h: &Harness, firm: &pb::Customer) {
    let left = h.create(contact("Left")).await;
    let job_that_was = h.create(affiliation(&left, firm)).await;
    for subject in [&left.name, &job_that_was.name] {
        h.create(pb::Note {
            highlighted: true,
            ..note(subject, "not ours")
        })
        .await;
    }
    h.delete::<pb::Affiliation>(&job_that_was.name).await;
}

/// Returns the highlighted notes among others, the latest first.
async fn highlighted_notes(
    h: &Harness,
    firm: &pb::Customer,
    person: &pb::Contact,
    job: &pb::Affiliation,
) -> Vec<pb::Note> {
    let mut notes = Vec::new();
    for subject in [&firm.name, &person.name, &job.name] {
        notes.push(
            h.create(pb::Note {
                highlighted: true,
                ..note(subject, "careful")
            })
            .await,
        );
        h.create(note(subject, "not highlighted")).await;
        h.advance(SECOND);
    }
    // It comes by when it was written, not by when it was stored.
    let old = pb::Note {
        highlighted: true,
        write_time: at(START - DAY),
        ..note(&firm.name, "old")
    };
    notes.insert(0, h.create(old).await);
    notes.reverse();
    notes
}

async fn private_records_are_the_actors_own(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let (firm, person, _) = h.employed().await;
    let plan = |time| pb::Conversation {
        state: State::Planned.into(),
        start_time: at(time),
        ..conversation(&firm, 0)
    };
    let own_plan = mia.create(plan(START + DAY).private()).await;
    let plan = h.create(plan(START + 2 * DAY)).await;
    let highlighted = |subject: &str| pb::Note {
        highlighted: true,
        ..note(subject, "careful")
    };
    let own_note = mia.create(highlighted(&person.name).private()).await;
    for _ in 0..101 {
        jo.create(highlighted(&firm.name).private()).await;
    }
    let of_mia = profile(&mia, &firm.name).await;
    assert_eq!(
        (of_mia.next_conversation, of_mia.highlighted_notes),
        (Some(own_plan), vec![own_note])
    );
    let of_nobody = profile(&h, &firm.name).await;
    assert_eq!(
        (of_nobody.next_conversation, of_nobody.highlighted_notes),
        (Some(plan.clone()), vec![])
    );
    assert!(!of_nobody.more_notes);
    let of_jo = profile(&jo, &firm.name).await;
    assert_eq!(
        (
            of_jo.next_conversation,
            of_jo.highlighted_notes.len(),
            of_jo.more_notes
        ),
        (Some(plan), 100, true)
    );
}

async fn plans_are_next_or_unconfirmed(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let mut plans = Vec::new();
    for hours in 1..=13 {
        let start_time = at(START + hours * 3600 * SECOND);
        let plan = pb::Conversation {
            state: State::Planned.into(),
            start_time,
            ..conversation(&firm, 0)
        };
        plans.push(h.create(plan).await);
    }
    let cancelled = pb::Conversation {
        state: State::Cancelled.into(),
        ..plans[0].clone()
    };
    h.update(cancelled, &["state"]).await;
    h.delete::<pb::Conversation>(&plans[1].name).await;
    let next = profile(&h, &firm.name).await;
    assert_eq!(
        (next.next_conversation, next.unconfirmed_conversations),
        (Some(plans[2].clone()), vec![])
    );
    // It comes by its start, not by when it was made.
    let sooner = pb::Conversation {
        state: State::Planned.into(),
        start_time: at(START + 1800 * SECOND),
        ..conversation(&firm, 0)
    };
    let sooner = h.create(sooner).await;
    assert_eq!(
        profile(&h, &firm.name).await.next_conversation,
        Some(sooner.clone())
    );
    h.delete::<pb::Conversation>(&sooner.name).await;
    // A plan that starts right now is still next.
    h.advance(13 * 3600 * SECOND);
    let next = profile(&h, &firm.name).await;
    assert_eq!(next.next_conversation, Some(plans[12].clone()));
    h.advance(1);
    let passed = profile(&h, &firm.name).await;
    let latest: Vec<_> = plans[3..].iter().rev().cloned().collect();
    assert_eq!(
        (passed.next_conversation, passed.unconfirmed_conversations),
        (None, latest)
    );
}

async fn what_is_cut_is_said(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    for i in 0..100 {
        h.create(pb::Promise {
            due_time: at(START + i),
            ..promise(&firm, "send samples")
        })
        .await;
    }
    let whole = profile(&h, &firm.name).await;
    assert_eq!(
        (whole.open_promises.len(), whole.more_promises),
        (100, false)
    );
    let last = h.create(promise(&firm, "no hurry")).await;
    let cut = profile(&h, &firm.name).await;
    assert!(cut.more_promises && !cut.open_promises.contains(&last));
    assert_eq!(cut.open_promises, whole.open_promises);
}

async fn people_who_matter_are_read_before_others_are_cut(h: Harness) {
    let (firm, person) = (
        h.create(customer("Ferrum AG")).await,
        h.create(contact("Mara Lind")).await,
    );
    let ended = pb::Affiliation {
        end_date: date(2020, 1, 1),
        ..affiliation(&person, &firm)
    };
    let claims = h.create_as("z-claims", affiliation(&person, &firm)).await;
    let claims = h.add_role(claim(&claims, BuyingRole::Champion)).await;
    h.update(
        pb::Affiliation {
            end_date: ended.end_date,
            ..claims
        },
        &["end_date"],
    )
    .await;
    h.create_as(
        "y-primary",
        pb::Affiliation {
            primary: true,
            ..affiliation(&person, &firm)
        },
    )
    .await;
    h.create_as("x-running", affiliation(&person, &firm)).await;
    for i in 0..497 {
        h.create_as(&format!("a-ended-{i:03}"), ended.clone()).await;
    }
    let ids = |profile: &pb::Profile| -> Vec<String> {
        let jobs = profile
            .people
            .iter()
            .filter_map(|person| person.affiliation.as_ref());
        jobs.filter_map(|job| Some(job.name.strip_prefix("affiliations/")?.to_owned()))
            .collect()
    };
    let whole = profile(&h, &firm.name).await;
    assert_eq!((whole.people.len(), whole.more_people), (500, false));
    assert_eq!(
        ids(&whole)[..4],
        ["z-claims", "y-primary", "x-running", "a-ended-000"]
    );
    h.create_as("a-ended-497", ended).await;
    let cut = profile(&h, &firm.name).await;
    assert_eq!((ids(&cut), cut.more_people), (ids(&whole), true));
}

async fn a_read_mask_selects(h: Harness) {
    let (firm, _, job) = h.employed().await;
    h.create(promise(&firm, "send samples")).await;
    let masked = async |paths: &[&str]| {
        let request = pb::GetProfileRequest {
            customer: by_name(&firm.name),
            read_mask: mask(paths),
        };
        h.relationships.clone().get_profile(request).await
    };
    let profile = done(masked(&["customer.name", "people"]).await);
    assert_eq!(
        profile.customer,
        Some(pb::Customer {
            name: firm.name.clone(),
            ..Default::default()
        })
    );
    assert_eq!(
        profile.people[0].affiliation.as_ref().map(|of| &of.name),
        Some(&job.name)
    );
    assert!(profile.open_promises.is_empty());
    let profile = done(masked(&["open_promises"]).await);
    assert_eq!(
        (
            profile.customer,
            profile.people.len(),
            profile.open_promises.len()
        ),
        (None, 0, 1)
    );
    let plan = pb::Conversation {
        state: State::Planned.into(),
        start_time: at(START),
        ..conversation(&firm, 0)
    };
    let plan = h.create(plan).await;
    let profile = done(masked(&["next_conversation"]).await);
    assert_eq!(
        profile,
        pb::Profile {
            next_conversation: Some(plan),
            ..Default::default()
        }
    );
    let refusal = refused(masked(&["people.contact"]).await);
    refusal.names("MASK_INVALID", &["read_mask.paths[0]"]);
}

async fn a_profile_takes_three_statements_and_its_parts_fewer(h: Harness) {
    let (firm, ..) = h.employed().await;
    let reads = async || h.db().statistics().await.unwrap().reads;
    let before = reads().await;
    let all = profile(&h, &firm.name).await;
    assert_eq!(reads().await - before, 3);
    for (paths, n_expected) in [
        (&["open_promises"][..], 3),
        (&["customer", "people"], 2),
        (&["more_people"], 2),
        (&["customer", "last_conversation"], 1),
        (&["customer.name"], 1),
    ] {
        let before = reads().await;
        let request = pb::GetProfileRequest {
            customer: by_name(&firm.name),
            read_mask: mask(paths),
        };
        let part = done(h.relationships.clone().get_profile(request).await);
        assert_eq!(reads().await - before, n_expected, "{paths:?}");
        assert_eq!(
            part.people.len(),
            if paths.contains(&"people") {
                all.people.len()
            } else {
                0
            },
            "{paths:?}"
        );
    }
}
