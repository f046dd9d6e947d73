//! History: every state of every record, and who made it.

use std::collections::BTreeMap;

use clientele::clock::{DAY, SECOND};
use clientele::pb;
use clientele::pb::persona::Demographics;
use clientele::pb::revision::Action;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused};
use crate::harness::builders::{claim, contact, customer, map};
use crate::harness::paging::all_pages;
use crate::harness::records::{conversation, persona, promise, segment};
use crate::harness::standard::{Create, Standard, Update, for_all, mask};

conformance! {
    every_state_of_every_record_is_kept,
    a_record_is_answered_as_it_was,
    unknown_and_malformed_names_are_refused,
    what_changes_nothing_is_no_revision,
    derived_values_make_no_revision,
    what_goes_along_with_a_parent_has_that_revision,
    a_claim_is_a_revision_of_its_affiliation,
    a_segment_that_turns_into_a_list_says_so,
    old_personas_stay_readable,
    what_is_derived_from_others_is_left_out,
    pages_follow_one_another,
    a_page_fits_an_answer,
    a_page_token_belongs_to_one_record,
}

mod late {
    use super::*;

    /// 2026-01-01T00:00:00Z.
    const START: i64 = 1_767_225_600 * SECOND;

    conformance! { at START; every_revision_has_its_time, a_page_token_works_for_three_days }

    async fn every_revision_has_its_time(h: Harness) {
        let firm = h.create(customer("Ferrum AG")).await;
        h.advance(DAY);
        let firm = h.update(firm.titled("new"), &["about"]).await;
        let times: Vec<_> = all(&h, &firm.name)
            .await
            .into_iter()
            .map(|revision| revision.commit_time)
            .collect();
        assert_eq!(times, [firm.update_time, firm.create_time]);
    }

    async fn a_page_token_works_for_three_days(h: Harness) {
        let firm = h.create(customer("Ferrum AG")).await;
        h.update(firm.clone().titled("new"), &["about"]).await;
        let first = done(list(&h, &firm.name, 1, "").await);
        h.advance(3 * DAY);
        assert_eq!(
            done(list(&h, &firm.name, 1, &first.next_page_token).await)
                .revisions
                .len(),
            1
        );
        h.advance(1);
        let late = refused(list(&h, &firm.name, 1, &first.next_page_token).await);
        late.names("PAGE_TOKEN_EXPIRED", &["page_token"]);
    }
}

async fn list(
    h: &Harness,
    name: &str,
    page_size: i32,
    page_token: &str,
) -> Answer<pb::ListRevisionsResponse> {
    let (name, page_token) = (name.to_owned(), page_token.to_owned());
    h.history
        .clone()
        .list_revisions(pb::ListRevisionsRequest {
            name,
            page_size,
            page_token,
        })
        .await
}

async fn all(h: &Harness, name: &str) -> Vec<pb::Revision> {
    done(list(h, name, 1000, "").await).revisions
}

async fn at(h: &Harness, name: &str, revision: i64) -> Answer<pb::Revision> {
    h.history
        .clone()
        .get_revision(pb::GetRevisionRequest {
            name: name.to_owned(),
            revision,
        })
        .await
}

fn actions(revisions: &[pb::Revision]) -> Vec<Action> {
    revisions.iter().map(pb::Revision::action).collect()
}

/// Takes off what follows from other records and from the clock.
fn own<R: Standard>(record: &R) -> R {
    let mut record = record.clone();
    let any = &mut record as &mut dyn std::any::Any;
    if let Some(customer) = any.downcast_mut::<pb::Customer>() {
        (customer.last_conversation, customer.follow_up_due_time) = (None, None);
        (customer.contact_count, customer.decision_maker_count) = (0, 0);
    } else if let Some(contact) = any.downcast_mut::<pb::Contact>() {
        contact.last_conversation = None;
    }
    record
}

async fn every_state_of_every_record_is_kept(h: Harness) {
    for_all!(h => every_state_of_one_is_kept);
}

async fn every_state_of_one_is_kept<R: Standard>(h: &Harness) {
    let input = R::full_input(h).await;
    let created = h.create(input).await;
    let before = h.revision().await;
    let resource = Some(created.clone().titled("new"));
    let request_id = "r-7".to_owned();
    let update = Update {
        resource,
        mask: mask(&[R::TITLE]),
        request_id,
        ..Default::default()
    };
    let updated = done(R::update(h, update).await);
    let deleted = h.delete::<R>(&created.name()).await;
    let back = h.undelete::<R>(&created.name()).await;
    let mut labelled = back.clone();
    *labelled.header().labels = map(&[("a", "1")]);
    let labelled = h.update(labelled, &["labels"]).await;
    let revisions = all(h, &created.name()).await;
    let expected = [
        Action::Updated,
        Action::Undeleted,
        Action::Deleted,
        Action::Updated,
        Action::Created,
    ];
    assert_eq!(actions(&revisions), expected);
    let numbers: Vec<i64> = revisions.iter().map(|revision| revision.revision).collect();
    assert_eq!(
        numbers,
        [before + 4, before + 3, before + 2, before + 1, before]
    );
    let paths: Vec<String> = revisions
        .iter()
        .map(|revision| revision.changed_paths.join(","))
        .collect();
    assert_eq!(
        paths,
        ["labels", "delete_time", "delete_time", R::TITLE, ""]
    );
    let ids: Vec<&str> = revisions
        .iter()
        .map(|revision| revision.request_id.as_str())
        .collect();
    assert_eq!(ids, ["", "", "", "r-7", ""]);
    assert!(revisions.iter().all(|revision| revision.actor == "local"));
    let states: Vec<R> = revisions.iter().cloned().map(R::of_revision).collect();
    assert_eq!(
        states,
        [labelled, back, deleted, updated, created]
            .each_ref()
            .map(own)
    );
    for revision in revisions {
        assert_eq!(
            done(at(h, &states[0].name(), revision.revision).await),
            revision
        );
    }
}

async fn a_record_is_answered_as_it_was(h: Harness) {
    for_all!(h => one_is_answered_as_it_was);
}

async fn one_is_answered_as_it_was<R: Standard>(h: &Harness) {
    h.created::<pb::Colleague>().await;
    let made = h.created::<R>().await;
    let first = h.revision().await;
    h.created::<pb::Colleague>().await;
    let changed = h.update(made.clone().titled("new"), &[R::TITLE]).await;
    for (revision, number, expected) in [
        (first, first, &made),
        (first + 1, first, &made),
        (first + 2, first + 2, &changed),
        (i64::MAX, first + 2, &changed),
    ] {
        let found = done(at(h, &made.name(), revision).await);
        assert_eq!(found.revision, number);
        assert_eq!(R::of_revision(found), own(expected));
    }
    let early =
        refused(at(h, &made.name(), first - 1).await).is(Code::NotFound, "REVISION_NOT_FOUND");
    early
        .about(&made.name())
        .tells("revision", &(first - 1).to_string());
}

async fn unknown_and_malformed_names_are_refused(h: Harness) {
    for_all!(h => an_unknown_name_of_one_is_refused);
    for name in [
        "",
        "customers",
        "customers/",
        "people/a",
        "customers/a/b",
        "A",
        "customers/A",
    ] {
        refused(list(&h, name, 0, "").await).names("FIELD_INVALID", &["name"]);
        refused(at(&h, name, 1).await).names("FIELD_INVALID", &["name"]);
    }
    let name = h.created::<pb::Customer>().await.name;
    for revision in [0, -1, i64::MIN] {
        refused(at(&h, &name, revision).await).names("FIELD_INVALID", &["revision"]);
    }
    refused(list(&h, &name, -1, "x").await).is(Code::InvalidArgument, "FIELD_INVALID");
    refused(list(&h, &name, 1, "x").await).names("PAGE_TOKEN_INVALID", &["page_token"]);
}

async fn an_unknown_name_of_one_is_refused<R: Standard>(h: &Harness) {
    let (name, reason) = (R::unknown(), "RESOURCE_NOT_FOUND");
    refused(list(h, &name, 0, "").await)
        .is(Code::NotFound, reason)
        .about(&name);
    refused(at(h, &name, 1).await)
        .is(Code::NotFound, reason)
        .about(&name);
}

async fn what_changes_nothing_is_no_revision(h: Harness) {
    for_all!(h => what_changes_nothing_of_one_is_no_revision);
}

async fn what_changes_nothing_of_one_is_no_revision<R: Standard>(h: &Harness) {
    let made = h.created::<R>().await;
    h.update(made.clone(), &["*"]).await;
    let resource = Some(made.clone().titled("new"));
    done(
        R::update(
            h,
            Update {
                resource,
                validate_only: true,
                ..Default::default()
            },
        )
        .await,
    );
    assert_eq!(all(h, &made.name()).await.len(), 1);
}

async fn derived_values_make_no_revision(h: Harness) {
    let (firm, person, job) = h.employed().await;
    h.add_role(claim(&job, pb::affiliation::BuyingRole::DecisionMaker))
        .await;
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        ..conversation(&firm, 0)
    };
    let talk = h.create(talk).await;
    assert!(
        h.get::<pb::Customer>(&firm.name)
            .await
            .last_conversation
            .is_some()
    );
    h.delete::<pb::Conversation>(&talk.name).await;
    for (name, n) in [
        (&firm.name, 1),
        (&person.name, 1),
        (&talk.name, 2),
        (&job.name, 2),
    ] {
        assert_eq!(all(&h, name).await.len(), n, "{name}");
    }
}

async fn what_goes_along_with_a_parent_has_that_revision(h: Harness) {
    let (firm, person, job) = h.employed().await;
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        ..conversation(&firm, 0)
    };
    let (talk, owed) = (h.create(talk).await, h.create(promise(&firm, "x")).await);
    h.delete::<pb::Customer>(&firm.name).await;
    let gone = h.revision().await;
    h.undelete::<pb::Customer>(&firm.name).await;
    for name in [firm.name, job.name, talk.name, owed.name] {
        let revisions = all(&h, &name).await;
        assert_eq!(
            actions(&revisions),
            [Action::Undeleted, Action::Deleted, Action::Created],
            "{name}"
        );
        assert_eq!(
            (revisions[0].revision, revisions[1].revision),
            (gone + 1, gone)
        );
    }
    assert_eq!(all(&h, &person.name).await.len(), 1);
}

async fn a_claim_is_a_revision_of_its_affiliation(h: Harness) {
    let (_, _, job) = h.employed().await;
    let claimed = h
        .add_role(claim(&job, pb::affiliation::BuyingRole::DecisionMaker))
        .await;
    let revisions = all(&h, &job.name).await;
    assert_eq!(revisions[0].changed_paths, ["buying_roles"]);
    assert_eq!(pb::Affiliation::of_revision(revisions[0].clone()), claimed);
    assert_eq!(pb::Affiliation::of_revision(revisions[1].clone()), job);
}

async fn a_segment_that_turns_into_a_list_says_so(h: Harness) {
    let made = h.create(segment("x", "kind = BUSINESS")).await;
    let list = crate::harness::records::listed("x", &[]);
    h.update(
        pb::Segment {
            name: made.name.clone(),
            ..list
        },
        &["*"],
    )
    .await;
    assert_eq!(
        all(&h, &made.name).await[0].changed_paths,
        ["filter", "members"]
    );
}

async fn old_personas_stay_readable(h: Harness) {
    let full = pb::Persona::full_input(&h).await;
    let first = h.create(full).await;
    let revision = h.revision().await;
    let age = Demographics {
        max_age: Some(60),
        ..first.demographics.clone().unwrap()
    };
    let second = pb::Persona {
        story: "Another one.".to_owned(),
        demographics: Some(age),
        ..first.clone()
    };
    h.update(second, &["*"]).await;
    let bare = pb::Persona {
        name: first.name.clone(),
        ..persona("Carla")
    };
    h.update(bare, &["*"]).await;
    h.delete::<pb::Persona>(&first.name).await;
    assert_eq!(
        pb::Persona::of_revision(done(at(&h, &first.name, revision).await)),
        first
    );
    let revisions = all(&h, &first.name).await;
    assert_eq!(
        revisions[2].changed_paths,
        ["story", "demographics.max_age"]
    );
    assert_eq!(revisions.len(), 4);
}

async fn what_is_derived_from_others_is_left_out(h: Harness) {
    let full = pb::Customer::full_input(&h).await;
    let firm = h.create(full).await;
    let person = h.create(contact("Mara Lind")).await;
    h.create(crate::harness::builders::affiliation(&person, &firm))
        .await;
    h.create(pb::Conversation {
        contacts: vec![person.name.clone()],
        ..conversation(&firm, 0)
    })
    .await;
    let firm = h.update(firm.titled("new"), &["about"]).await;
    assert!(
        firm.last_conversation.is_some()
            && firm.follow_up_due_time.is_some()
            && firm.contact_count == 1
    );
    let kept = pb::Customer::of_revision(all(&h, &firm.name).await.remove(0));
    assert_eq!(
        (kept.last_conversation.clone(), kept.follow_up_due_time),
        (None, None)
    );
    assert_eq!((kept.contact_count, kept.decision_maker_count), (0, 0));
    // What follows from the record itself stays.
    assert_eq!((kept.size, kept.frequency), (firm.size, firm.frequency));
    assert!(kept.size != 0 && kept.frequency != 0);
    let person = h.update(person.titled("new"), &["occupation"]).await;
    assert!(person.last_conversation.is_some());
    assert_eq!(
        pb::Contact::of_revision(all(&h, &person.name).await.remove(0)).last_conversation,
        None
    );
}

async fn pages_follow_one_another(h: Harness) {
    let mut firm = h.create(customer("Ferrum AG")).await;
    for i in 0..60 {
        firm = h.update(firm.titled(&i.to_string()), &["about"]).await;
    }
    assert_eq!(done(list(&h, &firm.name, 0, "").await).revisions.len(), 50);
    for size in [1, 7, 30, 61, 62] {
        let found = all_pages(async |token| {
            let page = done(list(&h, &firm.name, size, &token).await);
            // What is added meanwhile does not appear.
            if token.is_empty() {
                firm = h
                    .update(firm.clone().titled(&format!("size {size}")), &["about"])
                    .await;
            }
            (page.revisions, page.next_page_token)
        });
        let found = found.await;
        let expected: Vec<i64> = (1..h.revision().await).rev().collect();
        let numbers: Vec<i64> = found.iter().map(|revision| revision.revision).collect();
        assert_eq!(numbers, expected, "{size}");
    }
}

async fn a_page_fits_an_answer(h: Harness) {
    let mut firm = h.create(customer("Ferrum AG")).await;
    for i in 0..60 {
        let text = i.to_string() + &"x".repeat(64 * 1024 - 2);
        firm = h.update(firm.titled(&text), &["about"]).await;
    }
    let first = done(list(&h, &firm.name, 1000, "").await);
    assert!(
        (50..61).contains(&first.revisions.len()),
        "{}",
        first.revisions.len()
    );
    let rest = done(list(&h, &firm.name, 1000, &first.next_page_token).await);
    assert_eq!(first.revisions.len() + rest.revisions.len(), 61);
    assert_eq!(rest.next_page_token, "");
    let mut seen = BTreeMap::new();
    seen.extend(
        first
            .revisions
            .into_iter()
            .chain(rest.revisions)
            .map(|revision| (revision.revision, ())),
    );
    assert_eq!(seen.len(), 61);
}

async fn a_page_token_belongs_to_one_record(h: Harness) {
    let create = |id: &str| Create {
        resource: Some(customer("x")),
        id: id.to_owned(),
        ..Default::default()
    };
    let (one, other) = (
        done(pb::Customer::create(&h, create("a")).await),
        done(pb::Customer::create(&h, create("b")).await),
    );
    h.update(one.clone().titled("new"), &["about"]).await;
    let token = done(list(&h, &one.name, 1, "").await).next_page_token;
    refused(list(&h, &other.name, 1, &token).await).names("PAGE_TOKEN_MISMATCH", &["page_token"]);
    let of_customers = crate::harness::standard::List {
        page_size: 1,
        ..Default::default()
    };
    let foreign = done(pb::Customer::list(&h, of_customers).await).1;
    refused(list(&h, &one.name, 1, &foreign).await).names("PAGE_TOKEN_MISMATCH", &["page_token"]);
}
