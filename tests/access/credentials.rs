//! What is accepted as a credential, and how everything else is refused.

use clientele::access::key::ApiKeyText;
use clientele::clock::{DAY, Micros, SECOND, timestamp};
use clientele::pb;
use clientele::pb::AccessScope;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::read;
use crate::harness::Harness;
use crate::harness::answer::{done, refusal, refused};
use crate::harness::builders::customer;
use crate::harness::credentials::{ALL, api_key};
use crate::harness::standard::Standard;

/// 2027-01-01T12:30:00Z.
const START: Micros = 1_798_806_600 * SECOND;

conformance! {
    at START;
    a_key_opens_its_tenant_and_no_other,
    whatever_is_wrong_with_a_credential_the_answer_is_the_same,
    whatever_is_wrong_with_a_key_the_store_is_asked_once,
    a_key_expires_while_its_successor_is_valid,
    health_is_open_and_reflection_is_not,
    a_method_that_nobody_has_is_unknown_to_everybody,
    a_key_is_refused_where_none_is_asked_for,
    hosts_are_checked_only_where_no_key_is_asked_for,
}

async fn a_key_opens_its_tenant_and_no_other(h: Harness) {
    let asking = h.asking().await;
    let ours = h.create(customer("Ours")).await;
    let key = h.create_key_of("other", &ALL).await;
    for scheme in ["Bearer", "bearer", "ApiKey", "apikey", "BEARER "] {
        let theirs = asking.showing(&format!("{scheme} {key}"));
        assert!(done(read(&theirs).await).0.is_empty());
        let unknown = pb::Customer::get(&theirs, &ours.name, None).await;
        refused(unknown).is(Code::NotFound, "RESOURCE_NOT_FOUND");
    }
    let theirs = asking.showing(&format!("Bearer {key}"));
    let firm = theirs.create(customer("Theirs")).await;
    assert_eq!(done(read(&theirs).await).0, [firm]);
    let own = h.create_key(api_key(&ALL)).await;
    assert_eq!(done(read(&asking.with_key(&own)).await).0, [ours]);
}

/// Keys that are not valid for every reason there is, and one that is.
async fn keys(h: &Harness) -> (Vec<(&'static str, String)>, pb::ApiKey) {
    let (valid, other) = (
        h.create_key(api_key(&ALL)).await,
        h.create_key(api_key(&ALL)).await,
    );
    let revoked = h.create_key(api_key(&ALL)).await;
    h.revoke_key(&revoked).await;
    let expired = pb::ApiKey {
        expire_time: Some(timestamp(START + SECOND)),
        ..api_key(&ALL)
    };
    let expired = h.create_key(expired).await;
    h.advance(2 * SECOND);
    let unknown = ApiKeyText::generate();
    let wrong = with_secret_of(&valid.secret, &other.secret);
    let bad = vec![
        ("unknown", unknown.reveal().to_owned()),
        ("wrong secret", wrong),
        ("revoked", revoked.secret),
        ("expired", expired.secret),
    ];
    (bad, valid)
}

/// Returns the key with the id of one and the secret of another one, and a checksum that fits.
fn with_secret_of(one: &str, other: &str) -> String {
    let body = format!("{}{}", &one[..20], &other[20..64]);
    let mut checksum = flate2::Crc::new();
    checksum.update(body.as_bytes());
    format!("{body}_{:08x}", checksum.sum())
}

/// What a caller can tell of a refusal.
fn told(status: &Status) -> (Code, String, Vec<u8>) {
    (
        status.code(),
        status.message().to_owned(),
        status.details().to_vec(),
    )
}

async fn whatever_is_wrong_with_a_credential_the_answer_is_the_same(h: Harness) {
    let asking = h.asking().await;
    let (bad, valid) = keys(&h).await;
    let key = valid.secret.clone();
    let mut credentials: Vec<_> = bad
        .into_iter()
        .map(|(why, key)| (why, format!("Bearer {key}")))
        .collect();
    let others = [
        ("checksum", format!("Bearer {}x", &key[..key.len() - 1])),
        ("cut", format!("Bearer {}", &key[..40])),
        ("no scheme", key.clone()),
        ("other scheme", format!("Basic {key}")),
        ("no key", "Bearer".to_owned()),
        ("a token", "Bearer eyJhbGciOiJub25lIn0.e30.".to_owned()),
        ("two keys", format!("Bearer {key} {key}")),
        ("nothing", String::new()),
    ];
    credentials.extend(others);
    let mut all = Vec::new();
    for (why, credential) in credentials {
        let answer = read(&asking.showing(&credential)).await;
        let status = answer.err().unwrap_or_else(|| panic!("{why} is accepted"));
        refusal(&status).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
        assert!(!status.message().contains("clt_"), "{status:?}");
        all.push((why, told(&status)));
    }
    for (why, answer) in &all {
        assert_eq!(*answer, all[0].1, "{why}");
    }
    refused(read(&asking).await).is(Code::Unauthenticated, "CREDENTIAL_MISSING");
    done(read(&asking.with_key(&valid)).await);
}

/// How long an answer takes tells nothing, because the same is done for it, whether the key is known or not.
async fn whatever_is_wrong_with_a_key_the_store_is_asked_once(h: Harness) {
    let asking = h.asking().await;
    let (bad, valid) = keys(&h).await;
    // Known to the server from here on.
    done(read(&asking.with_key(&valid)).await);
    for (why, key) in bad {
        let before = h.db().statistics().await.unwrap().reads;
        let answer = read(&asking.showing(&format!("Bearer {key}"))).await;
        refused(answer).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
        let after = h.db().statistics().await.unwrap().reads;
        assert_eq!(after - before, 1, "{why}");
    }
}

async fn a_key_expires_while_its_successor_is_valid(h: Harness) {
    let asking = h.asking().await;
    let at = |time| Some(timestamp(time));
    let old = pb::ApiKey {
        expire_time: at(START + 10 * SECOND),
        ..api_key(&[AccessScope::Read])
    };
    let old = h.create_key(old).await;
    let new = h.create_key(api_key(&[AccessScope::Read])).await;
    assert_eq!(new.expire_time, at(START + 365 * DAY));
    let (old, new) = (asking.with_key(&old), asking.with_key(&new));
    h.advance(9 * SECOND);
    done(read(&old).await);
    done(read(&new).await);
    h.advance(SECOND);
    refused(read(&old).await).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
    done(read(&new).await);
}

async fn health_is_open_and_reflection_is_not(h: Harness) {
    let asking = h.asking().await;
    let mut health = HealthClient::new(asking.channel.clone());
    health.check(HealthCheckRequest::default()).await.unwrap();
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let key = h.create_key(api_key(&[AccessScope::Import])).await;
    let without = refusal(&post(&asking, path, None).await);
    without.is(Code::Unauthenticated, "CREDENTIAL_MISSING");
    // Any key will do; these servers do without the service.
    let with = refusal(&post(&asking, path, Some(&key.secret)).await);
    with.is(Code::Unimplemented, "METHOD_UNKNOWN");
}

async fn a_method_that_nobody_has_is_unknown_to_everybody(h: Harness) {
    let asking = h.asking().await;
    let key = h.create_key(api_key(&ALL)).await;
    for path in [
        "/clientele.v1.CustomerService/GetNothing",
        "/clientele.v1.CustomerService/",
        "/x",
    ] {
        for key in [None, Some(&*key.secret)] {
            let refused = refusal(&post(&asking, path, key).await);
            refused.is(Code::Unimplemented, "METHOD_UNKNOWN");
        }
    }
}

/// Posts an empty message to a path, and returns how it is refused.
async fn post(h: &Harness, path: &'static str, key: Option<&str>) -> Status {
    let mut client = tonic::client::Grpc::new(h.channel.clone());
    client.ready().await.unwrap();
    let mut request = tonic::Request::new(());
    if let Some(key) = key {
        let credential = format!("Bearer {key}").parse().unwrap();
        request.metadata_mut().insert("authorization", credential);
    }
    let path = http::uri::PathAndQuery::from_static(path);
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    client.unary(request, path, codec).await.unwrap_err()
}

async fn a_key_is_refused_where_none_is_asked_for(h: Harness) {
    let key = h.create_key_of("other", &ALL).await;
    for credential in [format!("Bearer {key}"), "ApiKey  clt_".to_owned()] {
        let refused = refused(read(&h.showing(&credential)).await);
        refused.is(Code::Unauthenticated, "CREDENTIAL_UNEXPECTED");
    }
    // What a proxy was shown, and passes on.
    done(read(&h.showing("Basic bWlhOng=")).await);
}

async fn hosts_are_checked_only_where_no_key_is_asked_for(h: Harness) {
    let asking = h.asking().await;
    let key = h.create_key(api_key(&[AccessScope::Read])).await;
    done(
        read(
            &asking
                .through("http://crm.example:50051")
                .await
                .with_key(&key),
        )
        .await,
    );
    let refused = refused(read(&h.through("http://crm.example:50051").await).await);
    refused.is(Code::PermissionDenied, "HOST_REFUSED");
}
