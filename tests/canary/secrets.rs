//! API keys: whatever is done with them, right or wrong, neither the log nor an answer tells one.

use clientele::pb;
use tonic::Code;

use super::serve::Served;
use crate::harness::answer::refused;
use crate::harness::builders::customer;
use crate::harness::credentials::{ALL, api_key, create_key_in};
use crate::harness::engine::Engine;
use crate::harness::standard::{List, Standard};
use crate::harness::{Harness, in_runtime};

#[test]
fn sqlite_keeps_keys_out_of_the_log() {
    in_runtime(no_log_tells_a_key(Engine::Sqlite));
}

#[test]
fn postgres_keeps_keys_out_of_the_log() {
    in_runtime(no_log_tells_a_key(Engine::Postgres));
}

async fn no_log_tells_a_key(engine: Engine) {
    let served = Served::start(engine, "keys").await;
    let h = Harness::at(engine, served.address).await;
    let first = create_key_in(&served.url(), "default", &ALL).await;
    let admin = h.showing(&format!("Bearer {first}"));
    let made = admin.create_key(api_key(&ALL)).await;
    let caller = h.with_key(&made);
    caller.create(customer("Ferrum AG")).await;
    caller.revoke_key(&made).await;
    // As somebody may mistake it: without a scheme, as a name, as an id, cut.
    let secret = &made.secret;
    for credential in [
        secret.clone(),
        format!("Bearer {}", &secret[..60]),
        format!("Basic {secret}"),
    ] {
        refused(pb::Customer::list(&h.showing(&credential), List::default()).await)
            .is(Code::Unauthenticated, "CREDENTIAL_INVALID");
    }
    let revoke = pb::RevokeApiKeyRequest {
        api_key: secret.clone(),
    };
    let status = admin
        .api_keys
        .clone()
        .revoke_api_key(revoke)
        .await
        .unwrap_err();
    let told = format!("{status:?}{}", String::from_utf8_lossy(status.details()));
    assert!(!told.contains(&secret[21..40]), "{told}");
    refused(pb::Customer::get(&admin, secret, None).await)
        .is(Code::InvalidArgument, "FIELD_INVALID");

    let log = served.stop().await;
    assert!(
        log.contains("KeyService/CreateApiKey") && log.contains("CREDENTIAL_INVALID"),
        "{log}"
    );
    for key in [&first, secret] {
        for part in [&key[21..40], &key[40..64]] {
            assert!(!log.contains(part), "the log tells a key");
        }
    }
}
