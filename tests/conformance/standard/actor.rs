//! Who acts: by metadata, by principal, and where it is noted.

use clientele::pb;
use clientele::pb::note::Visibility;
use tonic::Code;

use crate::harness::Harness;
use crate::harness::answer::{done, refusal, refused};
use crate::harness::builders::{customer, email, external_id};
use crate::harness::records::{Private, colleague, conversation, note};
use crate::harness::standard::{Delete, List, Standard, for_all};

conformance! {
    an_actor_is_named_by_name_email_or_external_id,
    who_is_not_exactly_one_live_colleague_is_unknown,
    every_method_knows_its_actor,
    two_actors_in_one_call_are_refused,
    a_live_colleague_is_found_among_deleted_namesakes,
    the_colleague_of_the_principal_acts_without_being_named,
    what_a_principal_wrote_stays_its_own_when_it_is_given_a_colleague,
    the_actor_is_noted_in_history_and_changes,
    a_request_id_belongs_to_one_actor,
}

/// Returns who is noted as the author when `actor` is named.
async fn author(h: &Harness, actor: &str) -> String {
    let firm = h.create(customer("Ferrum AG")).await;
    h.acting(actor).create(note(&firm.name, "x")).await.author
}

async fn is_unknown(h: &Harness, actor: &str) {
    let answer = pb::Customer::list(&h.acting(actor), List::default()).await;
    let refusal = refused(answer).is(Code::InvalidArgument, "ACTOR_UNKNOWN");
    assert!(
        refusal.metadata.is_empty() && (!actor.contains('/') || !refusal.message.contains(actor)),
        "{refusal:?}"
    );
}

async fn an_actor_is_named_by_name_email_or_external_id(h: Harness) {
    let mia = pb::Colleague {
        emails: vec![
            email("Mia.Berg@Ferrum.example"),
            email("mia@home.example"),
            email("\"desk:mia\"@home.example"),
        ],
        external_ids: vec![
            external_id("okta", "mia@ferrum.example"),
            external_id("hr.eu", "a:7"),
        ],
        active: Some(false),
        ..colleague("Mia Berg")
    };
    let mia = h.create_as("mia", mia).await;
    for actor in [
        "colleagues/mia",
        "Mia.Berg@Ferrum.example",
        "mia.berg@ferrum.EXAMPLE",
        "mia@home.example",
        "\"desk:mia\"@home.example",
        "okta:mia@ferrum.example",
        "hr.eu:a:7",
        "hr.eu: a:7 ",
    ] {
        assert_eq!(author(&h, actor).await, mia.name, "{actor}");
    }
}

async fn who_is_not_exactly_one_live_colleague_is_unknown(h: Harness) {
    let shared = || pb::Colleague {
        emails: vec![email("sales@ferrum.example")],
        ..colleague("Mia Berg")
    };
    h.create_as("mia", shared()).await;
    h.create_as("jo", shared()).await;
    h.create_as(
        "left",
        pb::Colleague {
            emails: vec![email("left@ferrum.example")],
            ..colleague("Left")
        },
    )
    .await;
    h.delete::<pb::Colleague>("colleagues/left").await;
    for actor in [
        "",
        " ",
        "mia",
        "Mia Berg",
        "colleagues/nobody",
        "colleagues/",
        "customers/mia",
        "nobody@ferrum.example",
        "sales@ferrum.example",
        "left@ferrum.example",
        "colleagues/left",
        "hr:7",
        ":",
        "local",
    ] {
        is_unknown(&h, actor).await;
    }
}

async fn every_method_knows_its_actor(h: Harness) {
    for_all!(h => every_method_of_one_knows_its_actor);
    let mut history = h.acting("colleagues/nobody").history;
    let name = h.created::<pb::Customer>().await.name;
    let list = pb::ListRevisionsRequest {
        name: name.clone(),
        ..Default::default()
    };
    refused(history.list_revisions(list).await).is(Code::InvalidArgument, "ACTOR_UNKNOWN");
    let get = pb::GetRevisionRequest { name, revision: 1 };
    refused(history.get_revision(get).await).is(Code::InvalidArgument, "ACTOR_UNKNOWN");
    let mut affiliations = h.acting("colleagues/nobody").affiliations;
    let end = affiliations
        .end_buying_role(pb::EndBuyingRoleRequest::default())
        .await;
    refused(end).is(Code::InvalidArgument, "ACTOR_UNKNOWN");
}

async fn every_method_of_one_knows_its_actor<R: Standard>(h: &Harness) {
    let record = h.created::<R>().await;
    let nobody = h.acting("colleagues/nobody");
    let is_refused = |status: Option<tonic::Status>| {
        refusal(&status.unwrap()).is(Code::InvalidArgument, "ACTOR_UNKNOWN");
    };
    is_refused(R::create(&nobody, Default::default()).await.err());
    is_refused(R::get(&nobody, &record.name(), None).await.err());
    is_refused(R::batch_get(&nobody, vec![record.name()], None).await.err());
    is_refused(R::list(&nobody, List::default()).await.err());
    is_refused(R::update(&nobody, Default::default()).await.err());
    is_refused(R::delete(&nobody, Default::default()).await.err());
    is_refused(R::undelete(&nobody, Default::default()).await.err());
}

async fn two_actors_in_one_call_are_refused(h: Harness) {
    h.create_as("mia", colleague("Mia")).await;
    h.create_as("jo", colleague("Jo")).await;
    let mut request = tonic::Request::new(pb::GetColleagueRequest {
        name: "colleagues/mia".to_owned(),
        read_mask: None,
    });
    for actor in ["colleagues/mia", "colleagues/jo"] {
        request
            .metadata_mut()
            .append("clientele-actor", actor.parse().unwrap());
    }
    refused(h.colleagues.clone().get_colleague(request).await)
        .is(Code::InvalidArgument, "ACTOR_UNKNOWN");
}

async fn a_live_colleague_is_found_among_deleted_namesakes(h: Harness) {
    let shared = || pb::Colleague {
        emails: vec![email("sales@ferrum.example")],
        ..colleague("Mia Berg")
    };
    for id in ["a", "b", "c"] {
        h.create_as(id, shared()).await;
        h.delete::<pb::Colleague>(&format!("colleagues/{id}")).await;
    }
    h.create_as("d", shared()).await;
    assert_eq!(author(&h, "sales@ferrum.example").await, "colleagues/d");
    h.undelete::<pb::Colleague>("colleagues/a").await;
    is_unknown(&h, "sales@ferrum.example").await;
}

async fn the_colleague_of_the_principal_acts_without_being_named(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    assert_eq!(h.create(conversation(&firm, 0)).await.author, "local");
    let me = pb::Colleague {
        principal: "local".to_owned(),
        ..colleague("Me")
    };
    h.create_as("me", me).await;
    let revision = h.revision().await;
    assert_eq!(
        h.create(conversation(&firm, 0)).await.author,
        "colleagues/me"
    );
    assert_eq!(
        h.create(note(&firm.name, "x")).await.author,
        "colleagues/me"
    );
    h.create(customer("Cuprum")).await;
    assert!(
        h.changes_after(revision)
            .await
            .iter()
            .all(|change| change.actor == "colleagues/me")
    );
    h.create_as("mia", colleague("Mia")).await;
    assert_eq!(author(&h, "colleagues/mia").await, "colleagues/mia");
    // The principal is nobody's again.
    h.delete::<pb::Colleague>("colleagues/me").await;
    assert_eq!(h.create(note(&firm.name, "x")).await.author, "local");
}

async fn the_actor_is_noted_in_history_and_changes(h: Harness) {
    let mia = h.as_colleague("mia").await;
    let revision = h.revision().await;
    let firm = mia.create(customer("Ferrum AG")).await;
    let talk = mia.create(conversation(&firm, 0)).await;
    mia.delete::<pb::Customer>(&firm.name).await;
    assert!(
        h.changes_after(revision)
            .await
            .iter()
            .all(|change| change.actor == "colleagues/mia")
    );
    for name in [firm.name, talk.name] {
        let list = pb::ListRevisionsRequest {
            name,
            ..Default::default()
        };
        let revisions = h
            .history
            .clone()
            .list_revisions(list)
            .await
            .unwrap()
            .into_inner()
            .revisions;
        assert_eq!(revisions.len(), 2);
        assert!(
            revisions
                .iter()
                .all(|revision| revision.actor == "colleagues/mia")
        );
    }
}

async fn a_request_id_belongs_to_one_actor(h: Harness) {
    let (mia, jo) = (h.as_colleague("mia").await, h.as_colleague("jo").await);
    let create = || crate::harness::standard::Create {
        resource: Some(customer("Ferrum AG")),
        request_id: "r1".to_owned(),
        ..Default::default()
    };
    let first = crate::harness::answer::whole(pb::Customer::create(&mia, create()).await);
    let second = crate::harness::answer::whole(pb::Customer::create(&jo, create()).await);
    let again = crate::harness::answer::whole(pb::Customer::create(&mia, create()).await);
    assert!(!first.replayed && !second.replayed && again.replayed);
    assert_ne!(first.message.name, second.message.name);
    assert_eq!(first.message, again.message);
}

async fn what_a_principal_wrote_stays_its_own_when_it_is_given_a_colleague(h: Harness) {
    let firm = h.create(customer("Ferrum AG")).await;
    let written = h.create(note(&firm.name, "x").private()).await;
    let talk = h.create(conversation(&firm, 0).private()).await;
    let jo = h.as_colleague("jo").await;
    h.create_as(
        "me",
        pb::Colleague {
            principal: "local".to_owned(),
            ..colleague("Me")
        },
    )
    .await;
    let mine = h.create(note(&firm.name, "y").private()).await;
    assert_eq!(
        (written.author.as_str(), mine.author.as_str()),
        ("local", "colleagues/me")
    );
    assert_eq!(h.get::<pb::Note>(&written.name).await, written);
    assert_eq!(h.get::<pb::Conversation>(&talk.name).await, talk);
    assert_eq!(
        h.names::<pb::Note>("").await,
        [written.name.as_str(), &mine.name]
    );
    let delete = |h: &Harness| {
        let (h, name) = (h.clone(), firm.name.clone());
        async move {
            pb::Customer::delete(
                &h,
                Delete {
                    name,
                    validate_only: true,
                    ..Default::default()
                },
            )
            .await
        }
    };
    refused(delete(&h).await)
        .is(Code::FailedPrecondition, "HAS_CHILDREN")
        .tells("childCount", "1");
    let private = published_and_hidden_again(&h, written).await;
    // It is nobody else's, also not in the name of somebody else.
    refused(pb::Note::get(&jo, &private.name, None).await).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    refused(pb::Conversation::get(&jo, &talk.name, None).await)
        .is(Code::NotFound, "RESOURCE_NOT_FOUND");
    assert!(jo.names::<pb::Note>("").await.is_empty());
    done(delete(&jo).await);
}

async fn published_and_hidden_again(h: &Harness, written: pb::Note) -> pb::Note {
    let everyone = pb::Note {
        visibility: Visibility::Everyone.into(),
        ..written
    };
    let private = h.update(everyone, &["visibility"]).await.private();
    let private = h.update(private, &["visibility"]).await;
    let list = pb::ListRevisionsRequest {
        name: private.name.clone(),
        ..Default::default()
    };
    assert_eq!(
        done(h.history.clone().list_revisions(list).await)
            .revisions
            .len(),
        3
    );
    private
}
