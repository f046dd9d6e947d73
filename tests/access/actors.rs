//! In whose name a key acts.

use clientele::pb;
use clientele::pb::AccessScope;
use tonic::Code;

use super::{read, until_refused};
use crate::harness::Harness;
use crate::harness::answer::{done, refusal, refused};
use crate::harness::builders::customer;
use crate::harness::credentials::api_key;
use crate::harness::records::{Private, colleague, note};
use crate::harness::standard::Standard;

conformance! {
    the_colleague_of_a_key_acts_and_another_one_only_with_the_scope,
    a_key_without_a_colleague_acts_as_itself,
    only_administrators_say_which_principal_is_a_colleague,
    only_importers_write_notes_in_the_name_of_others,
    a_key_ends_with_its_colleague,
}

const READ_AND_WRITE: [AccessScope; 2] = [AccessScope::Read, AccessScope::Write];

/// A key of a colleague.
fn key_of(colleague: &pb::Colleague, scopes: &[AccessScope]) -> pb::ApiKey {
    pb::ApiKey {
        colleague: colleague.name.clone(),
        ..api_key(scopes)
    }
}

async fn the_colleague_of_a_key_acts_and_another_one_only_with_the_scope(h: Harness) {
    let (asking, firm) = (h.asking().await, h.create(customer("Ferrum AG")).await);
    let mia = h.create_as("mia", colleague("Mia")).await;
    let jo = h.create_as("jo", colleague("Jo")).await;
    let secret = h
        .acting(&jo.name)
        .create(note(&firm.name, "x").private())
        .await;

    let key = h.create_key(key_of(&mia, &READ_AND_WRITE)).await;
    let as_mia = asking.with_key(&key);
    assert_eq!(as_mia.create(note(&firm.name, "x")).await.author, mia.name);
    let named = as_mia.acting("colleagues/mia");
    assert_eq!(named.create(note(&firm.name, "x")).await.author, mia.name);
    for other in ["colleagues/jo", "colleagues/nobody", "nobody@example.com"] {
        let refused = refused(read(&as_mia.acting(other)).await);
        let refused = refused.is(Code::PermissionDenied, "SCOPE_MISSING");
        assert_eq!(refused.metadata["scope"], "ACT_AS");
    }
    let hidden = pb::Note::get(&as_mia, &secret.name, None).await;
    refused(hidden).is(Code::NotFound, "RESOURCE_NOT_FOUND");

    let may = [&READ_AND_WRITE[..], &[AccessScope::ActAs]].concat();
    let key = h.create_key(key_of(&mia, &may)).await;
    let as_any = asking.with_key(&key);
    assert_eq!(as_any.create(note(&firm.name, "x")).await.author, mia.name);
    let as_jo = as_any.acting("colleagues/jo");
    assert_eq!(as_jo.get::<pb::Note>(&secret.name).await.name, secret.name);
    let unknown = refused(read(&as_any.acting("colleagues/nobody")).await);
    unknown.is(Code::InvalidArgument, "ACTOR_UNKNOWN");
}

async fn a_key_without_a_colleague_acts_as_itself(h: Harness) {
    let (asking, firm) = (h.asking().await, h.create(customer("Ferrum AG")).await);
    h.create_as("mia", colleague("Mia")).await;
    let key = h.create_key(api_key(&READ_AND_WRITE)).await;
    let itself = asking.with_key(&key);
    assert_eq!(itself.create(note(&firm.name, "x")).await.author, key.name);
    let refused = refused(read(&itself.acting("colleagues/mia")).await);
    assert_eq!(
        refused.is(Code::PermissionDenied, "SCOPE_MISSING").metadata["scope"],
        "ACT_AS"
    );
}

async fn only_administrators_say_which_principal_is_a_colleague(h: Harness) {
    let asking = h.asking().await;
    let key = h.create_key(api_key(&READ_AND_WRITE)).await;
    let writer = asking.with_key(&key);
    let mia = h.create_as("mia", colleague("Mia")).await;
    let with_principal = pb::Colleague {
        principal: key.name.clone(),
        etag: String::new(),
        ..mia.clone()
    };
    // With this the key would act as her, and read what only she may.
    for answer in [
        writer
            .try_update(with_principal.clone(), &["principal"])
            .await,
        writer.try_update(with_principal.clone(), &["*"]).await,
        writer.try_create(with_principal.clone()).await,
    ] {
        let refused = refused(answer).is(Code::PermissionDenied, "SCOPE_MISSING");
        assert_eq!(refused.metadata["scope"], "ADMIN");
    }
    let renamed = mia.titled("Mia Berg");
    assert_eq!(
        writer.update(renamed, &["*"]).await.display_name,
        "Mia Berg"
    );

    let admin = [&READ_AND_WRITE[..], &[AccessScope::Admin]].concat();
    let admin = asking.with_key(&h.create_key(api_key(&admin)).await);
    admin.update(with_principal, &["principal"]).await;
    let firm = writer.create(customer("Ferrum AG")).await;
    assert_eq!(
        writer.create(note(&firm.name, "x")).await.author,
        "colleagues/mia"
    );
}

async fn only_importers_write_notes_in_the_name_of_others(h: Harness) {
    let (asking, firm) = (h.asking().await, h.create(customer("Ferrum AG")).await);
    let mia = h.create_as("mia", colleague("Mia")).await;
    let writer = h.create_key(api_key(&READ_AND_WRITE)).await;
    let writer = asking.with_key(&writer);
    let of_mia = |note: pb::Note| pb::Note {
        author: mia.name.clone(),
        etag: String::new(),
        ..note
    };
    let own = writer.create(note(&firm.name, "x")).await;
    for answer in [
        writer.try_create(of_mia(note(&firm.name, "x"))).await,
        writer.try_update(of_mia(own.clone()), &["author"]).await,
        writer.try_update(of_mia(own.clone()), &["*"]).await,
    ] {
        let refused = refused(answer).is(Code::PermissionDenied, "SCOPE_MISSING");
        assert_eq!(refused.metadata["scope"], "IMPORT");
    }
    let renamed = pb::Note {
        body: "y".to_owned(),
        etag: String::new(),
        ..own.clone()
    };
    assert_eq!(writer.update(renamed, &["*"]).await.author, own.author);

    let may = [&READ_AND_WRITE[..], &[AccessScope::Import]].concat();
    let importer = asking.with_key(&h.create_key(api_key(&may)).await);
    let made = importer.create(of_mia(note(&firm.name, "x"))).await;
    assert_eq!(made.author, mia.name);
    let moved = importer.update(of_mia(own), &["author"]).await;
    assert_eq!(moved.author, mia.name);
}

async fn a_key_ends_with_its_colleague(h: Harness) {
    let asking = h.asking().await;
    let (mia, jo) = (
        h.create(colleague("Mia")).await,
        h.create(colleague("Jo")).await,
    );
    let key = h.create_key(key_of(&mia, &READ_AND_WRITE)).await;
    let other = h.create_key(key_of(&jo, &READ_AND_WRITE)).await;
    done(read(&asking.with_key(&key)).await);
    h.delete::<pb::Colleague>(&mia.name).await;
    let gone = until_refused(&asking.with_key(&key)).await;
    refusal(&gone).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
    done(read(&asking.with_key(&other)).await);
    // Nor does it come back with the colleague.
    h.undelete::<pb::Colleague>(&mia.name).await;
    refused(read(&asking.with_key(&key)).await).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
}
