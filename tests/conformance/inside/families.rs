//! Records that go and come back with thousands of children, and with children that change meanwhile.

use std::time::Instant;

use clientele::pb;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::record::children::MAX_CHILDREN;
use sqlx::{AssertSqlSafe, Connection, Executor};
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refused};
use crate::harness::builders::customer;
use crate::harness::engine::Engine;
use crate::harness::records::conversation;
use crate::harness::standard::{Delete, List, Standard};

conformance! {
    thousands_of_children_go_and_come_at_one_revision,
    a_record_with_too_many_children_stays,
    a_child_that_changes_meanwhile_goes_as_it_is_then,
}

/// A customer, and so many conversations with it and with one person.
async fn talked_with(h: &Harness, n: usize) -> (pb::Customer, pb::Contact, pb::Conversation) {
    let (firm, person, _) = h.employed().await;
    let talk = pb::Conversation {
        contacts: vec![person.name.clone()],
        ..conversation(&firm, 0)
    };
    let talk = h.create_as("talk", talk).await;
    h.copy_talk(&talk, n - 1).await;
    (firm, person, talk)
}

async fn thousands_of_children_go_and_come_at_one_revision(h: Harness) {
    let n = 5_600;
    let (firm, person, talk) = talked_with(&h, n).await;
    let count = async || h.get::<pb::Customer>(&firm.name).await.conversation_count;
    let last = async || h.get::<pb::Contact>(&person.name).await.last_conversation;
    let before = h.revision().await;
    let began = Instant::now();
    h.delete::<pb::Customer>(&firm.name).await;
    let gone_in = began.elapsed();
    assert_eq!(h.revision().await, before + 1);
    // The customer, the conversations and the affiliation; what follows for the customer and for the person.
    assert_eq!(h.changes_after(before).await.len(), n + 2 + 2);
    assert_eq!((count().await, last().await), (0, None));
    let began = Instant::now();
    h.undelete::<pb::Customer>(&firm.name).await;
    let back_in = began.elapsed();
    assert_eq!(h.revision().await, before + 2);
    let latest = format!("{}-{}", talk.name, n - 1);
    assert_eq!(count().await, i32::try_from(n).unwrap());
    assert_eq!(last().await.unwrap().conversation, latest);
    let talk = h.get::<pb::Conversation>(&latest).await;
    assert!(!talk.is_deleted() && talk.update_time != talk.create_time);
    println!(
        "{:?}: {n} children gone in {gone_in:?}, back in {back_in:?}",
        h.engine
    );
}

async fn a_record_with_too_many_children_stays(h: Harness) {
    let (firm, _, talk) = talked_with(&h, MAX_CHILDREN).await;
    let delete = |force| Delete {
        name: firm.name.clone(),
        force,
        ..Default::default()
    };
    // With the affiliation there is one more. Who has not asked to delete them is not sent to ask for it.
    for force in [true, false] {
        let refusal = refused(pb::Customer::delete(&h, delete(force)).await);
        refusal
            .is(Code::FailedPrecondition, "TOO_MANY_CHILDREN")
            .about(&firm.name)
            .tells("limit", "10000");
    }
    assert!(!h.get::<pb::Conversation>(&talk.name).await.is_deleted());
    h.delete::<pb::Conversation>(&talk.name).await;
    refused(pb::Customer::delete(&h, delete(false)).await)
        .is(Code::FailedPrecondition, "HAS_CHILDREN");
    done(pb::Customer::delete(&h, delete(true)).await);
}

/// The children are read before the delete has its turn, which somebody else has who changes one.
async fn a_child_that_changes_meanwhile_goes_as_it_is_then(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let talk = h.create(conversation(&firm, 0)).await;
    let other = h.create(conversation(&firm, 1)).await;
    let name = &firm.name;
    let begin = match h.engine {
        Engine::Sqlite => "begin immediate".to_owned(),
        Engine::Postgres => {
            format!("begin; select 1 from customers where name = '{name}' for update")
        }
    };
    let change = format!(
        "update conversations set subject = 'new', etag = 'W/\"1\"' where name = '{}'; commit",
        talk.name
    );
    let n_read = h.db().statistics().await.unwrap().reads;
    macro_rules! meanwhile {
        ($connection:ty, $url:expr) => {{
            let mut conn = <$connection>::connect(&$url).await.unwrap();
            conn.execute(AssertSqlSafe(begin)).await.unwrap();
            let (deleting, name) = (h.clone(), firm.name.clone());
            let deleted = tokio::spawn(async move { deleting.delete::<pb::Customer>(&name).await });
            // One statement for each kind of children.
            while h.db().statistics().await.unwrap().reads < n_read + 3 {
                assert!(!deleted.is_finished(), "its children were not read ahead");
                tokio::task::yield_now().await;
            }
            conn.execute(AssertSqlSafe(change)).await.unwrap();
            conn.close().await.unwrap();
            deleted.await.unwrap();
        }};
    }
    match h.url() {
        DatabaseUrl::Sqlite(path) => meanwhile!(
            sqlx::SqliteConnection,
            format!("sqlite://{}", path.display())
        ),
        DatabaseUrl::Postgres(url) => meanwhile!(sqlx::PgConnection, url),
    }
    for (talk, subject) in [(&talk, "new"), (&other, "")] {
        let gone = h.get::<pb::Conversation>(&talk.name).await;
        let states = pb::ListRevisionsRequest {
            name: talk.name.clone(),
            ..Default::default()
        };
        let states = done(h.history.clone().list_revisions(states).await).revisions;
        let state = states.into_iter().next().unwrap().resource.unwrap();
        assert_eq!(state, pb::revision::Resource::Conversation(gone.clone()));
        assert_eq!((gone.subject.as_str(), gone.is_deleted()), (subject, true));
        // Also by a part of its etag.
        let id: String = gone.etag.chars().filter(char::is_ascii_hexdigit).collect();
        let list = List {
            filter: format!("etag = \"*{id}*\" AND name = \"{}\"", gone.name),
            show_deleted: true,
            ..Default::default()
        };
        assert_eq!(done(pb::Conversation::list(&h, list).await).0.len(), 1);
    }
}
