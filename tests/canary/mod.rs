//! Canaries: texts that one actor keeps PRIVATE, looked for in everything that others get from the real binary, and in
//! its log at its most talkative.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod secrets; // API keys, which no log and no refusal tells
mod serve; // the service as a child process, with its log in a file
mod snoop; // everything that somebody else can ask

use clientele::pb;
use clientele::pb::affiliation::BuyingRole;
use clientele::pb::note::Attachment;
use prost::Message;
use prost_types::value::Kind;

use self::serve::Served;
use self::snoop::Snoop;
use crate::harness::builders::{attributes, claim, email, external_id, map, texts};
use crate::harness::engine::Engine;
use crate::harness::records::{Private, colleague, conversation, note, promise};
use crate::harness::standard::Standard;
use crate::harness::{Harness, in_runtime};

/// What every canary begins with; the text that follows says where it was put.
const CANARY: &str = "canary-";

#[test]
fn sqlite_keeps_private_texts_private() {
    in_runtime(nobody_else_sees_a_canary(Engine::Sqlite));
}

#[test]
fn postgres_keeps_private_texts_private() {
    in_runtime(nobody_else_sees_a_canary(Engine::Postgres));
}

async fn nobody_else_sees_a_canary(engine: Engine) {
    let served = Served::start(engine, "none").await;
    let h = Harness::at(engine, served.address).await;
    let address = "mia.berg@ferrum.example";
    h.create_as(
        "mia",
        pb::Colleague {
            emails: vec![email(address)],
            ..colleague("Mia")
        },
    )
    .await;
    h.create_as("jo", colleague("Jo")).await;
    let (mia, jo) = (h.acting(address), h.acting("colleagues/jo"));
    let (firm, person, job) = h.employed().await;

    let talk = mia
        .create_as("secret", private_conversation(&firm, &person))
        .await;
    let written = mia.create_as("secret", private_note(&person)).await;
    name_private_records(&mia, &firm, &job).await;
    // Edited, deleted and brought back: every state and every list has them.
    mia.update(
        talk.titled("canary-second-intent"),
        &[pb::Conversation::TITLE],
    )
    .await;
    mia.update(written.titled("canary-second-body"), &[pb::Note::TITLE])
        .await;
    mia.delete::<pb::Conversation>("conversations/secret").await;
    mia.delete::<pb::Note>("notes/secret").await;
    look_around(&mia, [&jo, &h], &firm).await;
    mia.undelete::<pb::Conversation>("conversations/secret")
        .await;
    mia.undelete::<pb::Note>("notes/secret").await;
    look_around(&mia, [&jo, &h], &firm).await;

    let log = served.stop().await;
    assert!(
        log.contains("RelationshipService/GetBriefing")
            && log.contains("RelationshipService/LogConversation")
    );
    assert!(
        log.contains("NoteService/ListNotes") && log.contains("HistoryService/GetRevision"),
        "the log is whole"
    );
    assert!(!log.contains(CANARY), "the log tells: {}", around(&log));
    assert!(
        !log.contains("colleagues/") && !log.contains(address),
        "the log names an actor"
    );
}

/// Looks for canaries in everything that others can get, and makes sure that the author does find them.
async fn look_around(mia: &Harness, others: [&Harness; 2], firm: &pb::Customer) {
    for other in others {
        let mut snoop = Snoop::new(other);
        snoop.everywhere(firm).await;
        assert!(
            snoop.n_answers > 300,
            "only {} answers were looked at",
            snoop.n_answers
        );
    }
    let note: pb::Note = mia.get("notes/secret").await;
    let talk: pb::Conversation = mia.get("conversations/secret").await;
    if talk.delete_time.is_none() {
        let customer = pb::CustomerKey {
            key: Some(pb::customer_key::Key::Name(firm.name.clone())),
            ..Default::default()
        };
        let record = Some(pb::get_briefing_request::Record::Customer(customer));
        let request = pb::GetBriefingRequest {
            record,
            ..Default::default()
        };
        let briefing = mia
            .relationships
            .clone()
            .get_briefing(request)
            .await
            .unwrap()
            .into_inner();
        assert!(
            has_canary(&briefing.encode_to_vec()),
            "the author is told of both: {briefing:?}"
        );
    }
    assert!(has_canary(&note.encode_to_vec()) && has_canary(&talk.encode_to_vec()));
}

/// Makes a promise and claims, which are for everybody, that name what is not.
async fn name_private_records(mia: &Harness, firm: &pb::Customer, job: &pb::Affiliation) {
    let talk = mia
        .create_as("canary-talk", conversation(firm, 0).private())
        .await;
    let written = mia
        .create_as("canary-note", note(&firm.name, "x").private())
        .await;
    mia.create(pb::Promise {
        conversation: talk.name.clone(),
        ..promise(firm, "x")
    })
    .await;
    for source in [talk.name, written.name] {
        mia.add_role(pb::AddBuyingRoleRequest {
            source,
            ..claim(job, BuyingRole::DecisionMaker)
        })
        .await;
    }
}

fn private_conversation(firm: &pb::Customer, person: &pb::Contact) -> pb::Conversation {
    let talk = pb::Conversation {
        labels: map(&[("canary-label-key", "canary-label")]),
        tags: texts(&["canary-tag"]),
        attributes: attributes(&[("canary-key", Kind::StringValue("canary-value".to_owned()))]),
        external_ids: vec![external_id("canary-system", "canary-id")],
        contacts: vec![person.name.clone()],
        subject: "canary-subject".to_owned(),
        summary: "canary-summary".to_owned(),
        body: "canary-body".to_owned(),
        topics: texts(&["canary-topic"]),
        intent: "canary-intent".to_owned(),
        ..conversation(firm, 1_700_000_000)
    };
    talk.private()
}

fn private_note(person: &pb::Contact) -> pb::Note {
    let written = pb::Note {
        highlighted: true,
        labels: map(&[("canary-label-key", "canary-label")]),
        tags: texts(&["canary-tag"]),
        attributes: attributes(&[("canary-key", Kind::StringValue("canary-value".to_owned()))]),
        external_ids: vec![external_id("canary-system", "canary-id")],
        attachments: vec![Attachment {
            uri: "canary-uri".to_owned(),
            display_name: "canary-file".to_owned(),
        }],
        ..note(&person.name, "canary-body")
    };
    written.private()
}

/// Says whether bytes hold a canary.
fn has_canary(bytes: &[u8]) -> bool {
    bytes
        .windows(CANARY.len())
        .any(|window| window == CANARY.as_bytes())
}

/// The text around the first canary.
fn around(text: &str) -> String {
    let at = text.find(CANARY).unwrap_or(0);
    text.chars()
        .skip(at.saturating_sub(200))
        .take(400)
        .collect()
}
