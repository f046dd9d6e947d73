//! KeyService: making, listing and revoking keys.

use clientele::clock::{DAY, Micros, SECOND, timestamp};
use clientele::pb;
use clientele::pb::AccessScope;
use prost::Message;
use tonic::Code;

use super::read;
use crate::harness::Harness;
use crate::harness::answer::{Answer, done, refused, whole};
use crate::harness::credentials::{ALL, api_key};
use crate::harness::records::colleague;

/// 2027-01-01T12:30:00Z.
const START: Micros = 1_798_806_600 * SECOND;
const HOUR: Micros = 3600 * SECOND;

conformance! {
    at START;
    a_secret_is_shown_once,
    keys_are_listed_page_by_page_the_newest_first,
    the_hour_of_the_last_use_is_told,
    nobody_gives_away_what_they_do_not_have,
    what_is_wrong_with_a_wish_is_told_at_once,
    keys_of_others_cannot_be_revoked,
}

async fn create(h: &Harness, api_key: pb::ApiKey) -> Answer<pb::ApiKey> {
    let api_key = Some(api_key);
    let request = pb::CreateApiKeyRequest { api_key };
    h.api_keys.clone().create_api_key(request).await
}

async fn list(h: &Harness, page_size: i32, page_token: &str) -> pb::ListApiKeysResponse {
    let page_token = page_token.to_owned();
    let request = pb::ListApiKeysRequest {
        page_size,
        page_token,
    };
    done(h.api_keys.clone().list_api_keys(request).await)
}

async fn revoke(h: &Harness, api_key: &str) -> Answer<pb::ApiKey> {
    let api_key = api_key.to_owned();
    let request = pb::RevokeApiKeyRequest { api_key };
    h.api_keys.clone().revoke_api_key(request).await
}

async fn a_secret_is_shown_once(h: Harness) {
    let mia = h.create(colleague("Mia")).await;
    let wanted = pb::ApiKey {
        name: "apiKeys/mine".to_owned(),
        creator: "nobody".to_owned(),
        secret: "mine".to_owned(),
        colleague: mia.name.clone(),
        expire_time: Some(timestamp(START + 7 * DAY)),
        ..api_key(&[AccessScope::Write, AccessScope::Read, AccessScope::Read])
    };
    let made = h.create_key(wanted).await;
    let id = made.name.strip_prefix("apiKeys/").unwrap();
    assert!(made.secret.starts_with(&format!("clt_{id}_")) && made.secret.len() == 73);
    let whole = pb::ApiKey {
        name: made.name.clone(),
        display_name: "test".to_owned(),
        scopes: vec![AccessScope::Read.into(), AccessScope::Write.into()],
        colleague: mia.name,
        expire_time: Some(timestamp(START + 7 * DAY)),
        creator: "local".to_owned(),
        create_time: Some(timestamp(START)),
        ..Default::default()
    };
    let shown = pb::ApiKey {
        secret: made.secret.clone(),
        ..whole.clone()
    };
    assert_eq!(made, shown);
    let listed = list(&h, 0, "").await;
    assert_eq!(listed.api_keys, std::slice::from_ref(&whole));
    h.advance(SECOND);
    let revoked = h.revoke_key(&made).await;
    let gone = pb::ApiKey {
        revoke_time: Some(timestamp(START + SECOND)),
        ..whole
    };
    assert_eq!(revoked, gone);
    h.advance(SECOND);
    assert_eq!(h.revoke_key(&made).await, gone, "the first time stays");
    assert_eq!(list(&h, 0, "").await.api_keys, [gone]);
    let listed = listed.encode_to_vec();
    let secret = &made.secret.as_bytes()[21..];
    assert!(!listed.windows(secret.len()).any(|part| part == secret));
}

async fn keys_are_listed_page_by_page_the_newest_first(h: Harness) {
    let mut made = Vec::new();
    for i in 0..7 {
        // Two at a time, whose order is that of their ids.
        h.advance(i % 2 * SECOND);
        made.push(h.create_key(api_key(&[AccessScope::Read])).await.name);
    }
    h.create_key_of("other", &ALL).await;
    let (mut names, mut seconds, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = list(&h, 2, &token).await;
        assert!(page.api_keys.len() <= 2);
        let times = page
            .api_keys
            .iter()
            .map(|key| key.create_time.map(|time| time.seconds));
        seconds.extend(times);
        names.extend(page.api_keys.into_iter().map(|key| key.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(names.len(), 7);
    assert!(seconds.iter().rev().is_sorted(), "{seconds:?}");
    names.sort();
    made.sort();
    assert_eq!(names, made);
    let request = pb::ListApiKeysRequest {
        page_token: "x".to_owned(),
        ..Default::default()
    };
    let garbled = h.api_keys.clone().list_api_keys(request).await;
    refused(garbled).is(Code::InvalidArgument, "PAGE_TOKEN_INVALID");
}

/// Waits until the only key is noted to have been used at a time.
async fn is_used(h: &Harness, time: Micros) {
    while list(h, 0, "").await.api_keys[0].last_use_time != Some(timestamp(time)) {
        tokio::task::yield_now().await;
    }
}

async fn the_hour_of_the_last_use_is_told(h: Harness) {
    let asking = h.asking().await;
    let key = h.create_key(api_key(&[AccessScope::Read])).await;
    assert_eq!(list(&h, 0, "").await.api_keys[0].last_use_time, None);
    let user = asking.with_key(&key);
    done(read(&user).await);
    let hour = START - START % HOUR;
    is_used(&h, hour).await;
    h.advance(HOUR);
    done(read(&user).await);
    is_used(&h, hour + HOUR).await;
    // The records are as they were: a use is no change of the tenant.
    assert_eq!(whole(read(&user).await).revision, 0);
}

async fn nobody_gives_away_what_they_do_not_have(h: Harness) {
    let asking = h.asking().await;
    let mia = h.create_as("mia", colleague("Mia")).await;
    let own = [AccessScope::Admin, AccessScope::Read];
    let admin = asking.with_key(&h.create_key(api_key(&own)).await);
    for scope in ALL {
        let answer = create(&admin, api_key(&[AccessScope::Read, scope])).await;
        match own.contains(&scope) {
            true => drop(done(answer)),
            false => {
                let refused = refused(answer).is(Code::PermissionDenied, "SCOPE_MISSING");
                assert_eq!(refused.metadata["scope"], scope.as_str_name());
            }
        }
    }
    let of_mia = pb::ApiKey {
        colleague: mia.name.clone(),
        ..api_key(&own)
    };
    let refused = refused(create(&admin, of_mia.clone()).await);
    assert_eq!(
        refused.is(Code::PermissionDenied, "SCOPE_MISSING").metadata["scope"],
        "ACT_AS"
    );
    let as_mia = asking.with_key(&h.create_key(of_mia.clone()).await);
    assert_eq!(done(create(&as_mia, of_mia).await).creator, mia.name);
}

async fn what_is_wrong_with_a_wish_is_told_at_once(h: Harness) {
    let bad = pb::ApiKey {
        scopes: vec![0, 99],
        colleague: "mia".to_owned(),
        expire_time: Some(timestamp(START)),
        ..Default::default()
    };
    let refusal = refused(create(&h, bad).await);
    let fields: Vec<_> = refusal
        .violations
        .iter()
        .map(|(field, _)| field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "api_key.display_name",
            "api_key.scopes",
            "api_key.scopes",
            "api_key.colleague",
            "api_key.expire_time"
        ]
    );
    for expire_time in [START + SECOND, START + 3650 * DAY] {
        let fine = pb::ApiKey {
            expire_time: Some(timestamp(expire_time)),
            ..api_key(&[AccessScope::Read])
        };
        done(create(&h, fine).await);
    }
    let nobody = pb::ApiKey {
        colleague: "colleagues/nobody".to_owned(),
        ..api_key(&[AccessScope::Read])
    };
    let refusal =
        refused(create(&h, nobody).await).is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
    assert_eq!(refusal.metadata["field"], "api_key.colleague");
    let gone = h.create(colleague("Jo")).await;
    h.delete::<pb::Colleague>(&gone.name).await;
    let gone = pb::ApiKey {
        colleague: gone.name,
        ..api_key(&[AccessScope::Read])
    };
    refused(create(&h, gone).await).is(Code::FailedPrecondition, "REFERENCE_UNUSABLE");
    assert_eq!(list(&h, 0, "").await.api_keys.len(), 2);
}

async fn keys_of_others_cannot_be_revoked(h: Harness) {
    let asking = h.asking().await;
    let theirs = h.create_key_of("other", &ALL).await;
    let named = format!("apiKeys/{}", &theirs[4..20]);
    let unknown = refused(revoke(&h, "apiKeys/aaaaaaaaaaaaaaaa").await);
    let unknown = unknown.is(Code::NotFound, "API_KEY_NOT_FOUND");
    let other = refused(revoke(&h, &named).await).is(Code::NotFound, "API_KEY_NOT_FOUND");
    assert_eq!(other.message, unknown.message);
    done(read(&asking.showing(&format!("Bearer {theirs}"))).await);
    for garbled in [
        "",
        "apiKeys/",
        "aaaaaaaaaaaaaaaa",
        "apiKeys/AAAAAAAAAAAAAAAA",
        &theirs,
    ] {
        let refused = refused(revoke(&h, garbled).await).is(Code::InvalidArgument, "FIELD_INVALID");
        assert_eq!(refused.violations[0].0, "api_key");
    }
}
