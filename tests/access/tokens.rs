//! Tokens of an issuer: what is accepted, and every known way to be let in with one that should not be.

use clientele::clock::{Micros, SECOND};
use clientele::pb;
use clientele::store::engine::tenants;
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::issuer::{AUDIENCE, ISSUER, Issuer, Signer, shared, unsigned};
use super::{read, until_refused};
use crate::harness::Harness;
use crate::harness::answer::{done, refusal, refused};
use crate::harness::builders::customer;
use crate::harness::credentials::ALL;
use crate::harness::records::{colleague, note};

/// 2027-01-01T12:30:00Z.
const START: Micros = 1_798_806_600 * SECOND;
const NOW: i64 = START / SECOND;

conformance! {
    at START;
    every_algorithm_of_public_keys_is_accepted,
    claims_say_which_tenant_which_scopes_and_who_acts,
    no_attack_is_let_in,
    a_token_is_valid_from_its_beginning_to_its_end,
    an_unknown_key_is_asked_for_and_a_flood_of_them_is_not,
    sets_of_keys_that_are_too_much_are_not_taken,
    a_token_of_a_tenant_that_is_deleted_is_refused,
    a_token_of_a_colleague_who_is_gone_is_refused,
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "mia", "tenant": "default",
        "scope": "openid read write", "iat": NOW, "exp": NOW + 600,
    })
}

/// The claims with one of them changed, or removed if it is null.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    if claims[name].is_null() {
        claims.as_object_mut().unwrap().remove(name);
    }
    claims
}

fn bearer(h: &Harness, token: &str) -> Harness {
    h.showing(&format!("Bearer {token}"))
}

/// Asserts that a token is refused like any other.
#[track_caller]
fn is_invalid<T>(answer: Result<tonic::Response<T>, Status>) {
    refused(answer).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
}

async fn every_algorithm_of_public_keys_is_accepted(h: Harness) {
    let signers = [Signer::ed25519(), Signer::p256(), Signer::rsa()];
    let keys: Vec<_> = signers
        .iter()
        .map(|signer| signer.jwk(signer.algorithm()))
        .collect();
    let issuer = Issuer::start(&keys).await;
    let asking = h.asking_with(vec![issuer.settings()]).await;
    for signer in &signers {
        let token = signer.token(signer.algorithm(), &claims());
        for _ in 0..3 {
            done(read(&bearer(&asking, &token)).await);
        }
    }
    assert_eq!(issuer.n_asked(), 1);
    // API keys are taken beside them.
    let key = h.create_key_of("default", &ALL).await;
    done(read(&bearer(&asking, &key)).await);
}

async fn claims_say_which_tenant_which_scopes_and_who_acts(h: Harness) {
    let signer = Signer::ed25519();
    let issuer = Issuer::start(&[signer.jwk("k")]).await;
    let asking = h.asking_with(vec![issuer.settings()]).await;
    let token = |claims: Value| bearer(&asking, &signer.token("k", &claims));
    let firm = token(claims()).create(customer("Ferrum AG")).await;
    let written = token(claims()).create(note(&firm.name, "x")).await;
    assert_eq!(written.author, "test:mia");
    let jo = h.create_as("jo", colleague("Jo")).await;
    for claim in ["jo", "colleagues/jo"] {
        let as_jo = token(with("colleague", claim.into()));
        let written = as_jo.create(note(&firm.name, "x")).await;
        assert_eq!(written.author, jo.name);
    }
    // The principal of a colleague links, too.
    let principal = pb::Colleague {
        principal: "test:mia".to_owned(),
        ..colleague("Mia")
    };
    let mia = h.create(principal).await;
    let as_list = token(with("scope", json!(["read", "WRITE"])));
    assert_eq!(as_list.create(note(&firm.name, "x")).await.author, mia.name);
    for scopes in [json!("read"), json!("write-all READ"), json!(["read"])] {
        let reader = token(with("scope", scopes));
        done(read(&reader).await);
        let refused = refused(reader.try_create(customer("x")).await);
        let refused = refused.is(Code::PermissionDenied, "SCOPE_MISSING");
        assert_eq!(refused.metadata["scope"], "WRITE");
    }
    let none = refused(read(&token(with("scope", Value::Null))).await);
    none.is(Code::PermissionDenied, "SCOPE_MISSING");
    let acting = refused(read(&token(claims()).acting(&jo.name)).await);
    let acting = acting.is(Code::PermissionDenied, "SCOPE_MISSING");
    assert_eq!(acting.metadata["scope"], "ACT_AS");
}

/// What a caller can tell of a refusal.
fn told(status: &Status) -> (Code, String, Vec<u8>) {
    let details = status.details().to_vec();
    (status.code(), status.message().to_owned(), details)
}

/// A token that a key of 1024 bits has signed, made by openssl, and the modulus of that key.
const SHORT: (&str, &str) = (
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InNob3J0In0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjoiY2xpZW50ZWxlIiwic3ViIjoibWlhIiwidGVuYW50IjoiZGVmYXVsdCIsInNjb3BlIjoicmVhZCIsImV4cCI6NzI1ODExODQwMH0.T1_VYHZrm1QgOqiG5cb2sorirhB7KxOfWnnrmv1bNNcOAK78if5BvN633RjIYGbf4dnLnQHTK1OUZ4Ux2Y9zXNzNKUf9yPSCc0mXVnX8eLkMgBCfGrqMHK06pcxI2EsudecfoLkHK2ceS8eSznrPopfzwkbq_daDdH1zMjEnSak",
    "vvaKAj6vuLoDETz_0NnIOzvxNl31OOvdQdX3Q_M9mZXGkOzPrLiVNBIb_oU6fk8YikZHBfMfFN8O26KWCZF_Lll4VLsMHgM9uy6fN8ghqIM1H4UjpGJVjg0F4rJbP-26FxkQ8nvzVpEg7BR5LgZV7nMV0PttMmrJaNs9ZBN-Am0",
);

/// The header of a token that is signed with the first key.
fn header(alg: &str) -> Value {
    json!({"alg": alg, "typ": "JWT", "kid": "k"})
}

/// What is wrong with a signature.
fn attacks_on_signatures(signer: &Signer) -> Vec<(&'static str, String)> {
    let jwk = signer.jwk("k");
    let public = jwk["x"].as_str().unwrap().as_bytes();
    let text = claims().to_string();
    let good = signer.token("k", &claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let others = unsigned(&header("EdDSA"), &with("sub", "jo".into()).to_string());
    let of_set = json!({"alg": "HS256", "kid": "shared"});
    let unsigned = |alg: &str| format!("{}.", unsigned(&header(alg), &text));
    let as_secret = |alg: &str, secret: &[u8]| shared(&header(alg), &claims(), secret);
    let whole = jwk.to_string();
    let twice = format!("{{\"iss\":\"{ISSUER}\",{}", &text[1..]);
    vec![
        ("none", unsigned("none")),
        ("None", unsigned("None")),
        ("no signature", format!("{signed}.")),
        ("the public key as a secret", as_secret("HS256", public)),
        ("the same as EdDSA", as_secret("EdDSA", public)),
        ("all of the key", as_secret("HS256", whole.as_bytes())),
        ("a secret of the set", shared(&of_set, &claims(), b"secret")),
        ("other claims", format!("{others}.{signature}")),
        ("a signature with more", format!("{good}AA")),
        ("a part too much", format!("{good}.AA")),
        ("padding", format!("{signed}.{signature}==")),
        ("no object", signer.token_with(&header("EdDSA"), "[]")),
        ("a claim twice", signer.token_with(&header("EdDSA"), &twice)),
        ("a key that is too short", SHORT.0.to_owned()),
    ]
}

/// What is wrong with the key that a token names, or with what else its header says.
fn attacks_on_headers(signer: &Signer, rsa: &Signer) -> Vec<(&'static str, String)> {
    let (own, text) = (Signer::ed25519(), claims().to_string());
    let of = |header: Value| signer.token_with(&header, &text);
    let with_key = json!({"alg": "EdDSA", "kid": "k", "jwk": own.jwk("k")});
    let crit = json!({"alg": "EdDSA", "kid": "k", "crit": ["exp"], "exp": NOW + 600});
    let no_crit = json!({"alg": "EdDSA", "kid": "k", "crit": []});
    let logout = json!({"alg": "EdDSA", "kid": "k", "typ": "logout+jwt"});
    let types = json!({"alg": "EdDSA", "kid": "k", "typ": ["JWT"]});
    vec![
        ("another algorithm", of(header("ES256"))),
        ("no algorithm", of(json!({"kid": "k"}))),
        ("algorithms", of(json!({"alg": ["EdDSA"], "kid": "k"}))),
        ("another key", rsa.token_with(&header("EdDSA"), &text)),
        ("another key, as it is", rsa.token("k", &claims())),
        ("a key of its own", own.token("k", &claims())),
        ("the same, with it", own.token_with(&with_key, &text)),
        ("an id of two keys", signer.token("double", &claims())),
        ("an unknown id", signer.token("unknown", &claims())),
        ("no id", of(json!({"alg": "EdDSA"}))),
        ("a number", of(json!({"alg": "EdDSA", "kid": 1}))),
        (
            "a key for encryption",
            signer.token("encryption", &claims()),
        ),
        ("a critical extension", of(crit)),
        ("none of them", of(no_crit)),
        ("another type", of(logout)),
        ("types", of(types)),
    ]
}

/// What is wrong with what a token says, as the claim and its value.
fn attacks_on_claims() -> Vec<(&'static str, Value)> {
    vec![
        ("x", "x".repeat(8 << 10).into()),
        ("iss", "https://other.example".into()),
        ("iss", format!("{ISSUER}/").into()),
        ("iss", json!([ISSUER])),
        ("iss", Value::Null),
        ("aud", "other".into()),
        ("aud", "clientele-dev".into()),
        ("aud", Value::Null),
        ("aud", json!(["other", "one"])),
        ("aud", json!([AUDIENCE, 1])),
        ("aud", json!({"a": AUDIENCE})),
        ("exp", Value::Null),
        ("exp", (NOW + 600).to_string().into()),
        ("exp", true.into()),
        ("exp", (NOW - 61).into()),
        ("nbf", "0".into()),
        ("nbf", (NOW + 600).into()),
        ("iat", "0".into()),
        ("sub", Value::Null),
        ("sub", 7.into()),
        ("sub", "".into()),
        ("sub", "a\nb".into()),
        ("sub", "x".repeat(200).into()),
        ("tenant", Value::Null),
        ("tenant", "other".into()),
        ("tenant", json!(["default"])),
        ("scope", 7.into()),
        ("scope", json!(["read", 7])),
        ("colleague", "nobody".into()),
        ("colleague", "mia@example.com".into()),
        ("colleague", json!(["jo"])),
    ]
}

async fn no_attack_is_let_in(h: Harness) {
    let (signer, rsa) = (Signer::ed25519(), Signer::rsa());
    let mut encryption = signer.jwk("encryption");
    encryption["use"] = "enc".into();
    let short = json!({"kty": "RSA", "kid": "short", "n": SHORT.1, "e": "AQAB"});
    let secret = json!({"kty": "oct", "kid": "shared", "k": "c2VjcmV0"});
    let double = [signer.jwk("double"), rsa.jwk("double")];
    let good = [signer.jwk("k"), rsa.jwk("rsa")];
    let bad = [encryption, short, secret];
    let issuer = Issuer::start(&[&good[..], &double, &bad].concat()).await;
    // The other tenant is there, and is trusted to somebody else.
    h.create_key_of("other", &ALL).await;
    h.create_as("jo", colleague("Jo")).await;
    let asking = h.asking_with(vec![issuer.settings()]).await;
    let of_claims = attacks_on_claims().into_iter().map(|(name, value)| {
        let token = signer.token("k", &with(name, value));
        (name, token)
    });
    let mut first = None;
    let of_signatures = attacks_on_signatures(&signer).into_iter();
    let attacks = of_signatures.chain(attacks_on_headers(&signer, &rsa));
    for (attack, token) in attacks.chain(of_claims) {
        let answer = read(&bearer(&asking, &token)).await;
        let status = answer
            .err()
            .unwrap_or_else(|| panic!("let in: {attack} {token}"));
        refusal(&status).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
        let first = first.get_or_insert_with(|| told(&status)).clone();
        assert_eq!(told(&status), first, "{attack}");
    }
    // What each of them is a change of is let in.
    let fine = [
        claims(),
        with("aud", json!(["other", AUDIENCE])),
        with("colleague", "jo".into()),
        with("nbf", (NOW + 59).into()),
        with("exp", (NOW - 59).into()),
        with("exp", json!(NOW as f64 + 0.5)),
    ];
    for fine in fine {
        done(read(&bearer(&asking, &signer.token("k", &fine))).await);
    }
    done(read(&bearer(&asking, &rsa.token("rsa", &claims()))).await);
    let access_token = json!({"alg": "EdDSA", "kid": "k", "typ": "at+jwt"});
    let access_token = signer.token_with(&access_token, &claims().to_string());
    done(read(&bearer(&asking, &access_token)).await);
}

async fn a_token_is_valid_from_its_beginning_to_its_end(h: Harness) {
    let signer = Signer::ed25519();
    let issuer = Issuer::start(&[signer.jwk("k")]).await;
    let asking = h.asking_with(vec![issuer.settings()]).await;
    let mut later = with("nbf", (NOW + 100).into());
    later["exp"] = (NOW + 300).into();
    let caller = bearer(&asking, &signer.token("k", &later));
    is_invalid(read(&caller).await);
    h.advance(40 * SECOND);
    done(read(&caller).await);
    h.advance(319 * SECOND);
    // Within what clocks may differ.
    done(read(&caller).await);
    h.advance(SECOND);
    is_invalid(read(&caller).await);
}

async fn an_unknown_key_is_asked_for_and_a_flood_of_them_is_not(h: Harness) {
    let (old, new) = (Signer::ed25519(), Signer::ed25519());
    let issuer = Issuer::start(&[old.jwk("old")]).await;
    let asking = h.asking_with(vec![issuer.settings()]).await;
    // The first token makes it ask for the keys, and finds the one that came in the meantime.
    issuer.tell(&[old.jwk("old"), new.jwk("new")]);
    done(read(&bearer(&asking, &new.token("new", &claims()))).await);
    done(read(&bearer(&asking, &old.token("old", &claims()))).await);
    assert_eq!(issuer.n_asked(), 1);
    for i in 0..50 {
        let token = new.token(&format!("made up {i}"), &claims());
        is_invalid(read(&bearer(&asking, &token)).await);
    }
    assert_eq!(issuer.n_asked(), 1);
    done(read(&bearer(&asking, &old.token("old", &claims()))).await);
}

async fn sets_of_keys_that_are_too_much_are_not_taken(h: Harness) {
    let signer = Signer::ed25519();
    let many: Vec<_> = (0..21).map(|i| signer.jwk(&i.to_string())).collect();
    let keys = |keys: &[Value]| json!({"keys": keys}).to_string();
    let padded = |n: usize| {
        let body = keys(&many[..1]);
        let padding = " ".repeat(n - body.len());
        body + &padding
    };
    for (status, body, is_taken) in [
        ("200 OK", keys(&many), false),
        ("200 OK", keys(&many[..20]), true),
        ("200 OK", padded((64 << 10) + 1), false),
        ("200 OK", padded(64 << 10), true),
        ("302 Found", keys(&many[..1]), false),
        ("404 Not Found", keys(&many[..1]), false),
        ("200 OK", "<html>".to_owned(), false),
        ("200 OK", "{}".to_owned(), false),
    ] {
        let issuer = Issuer::start(&[]).await;
        issuer.say(status, &body);
        let asking = h.asking_with(vec![issuer.settings()]).await;
        let answer = read(&bearer(&asking, &signer.token("0", &claims()))).await;
        match is_taken {
            true => drop(done(answer)),
            false => drop(refused(answer).is(Code::Unavailable, "ISSUER_UNAVAILABLE")),
        }
        assert_eq!(issuer.n_asked(), 1, "{status}");
    }
}

async fn a_token_of_a_tenant_that_is_deleted_is_refused(h: Harness) {
    let signer = Signer::p256();
    let issuer = Issuer::start(&[signer.jwk("k")]).await;
    let mut settings = issuer.settings();
    settings.tenants.push("acme".to_owned());
    let asking = h.asking_with(vec![settings]).await;
    tenants::create(&h.url(), "acme", "", SECOND).await.unwrap();
    let caller = bearer(&asking, &signer.token("k", &with("tenant", "acme".into())));
    done(read(&caller).await);
    tenants::delete(&h.url(), "acme", SECOND, &mut |_| {})
        .await
        .unwrap();
    let gone = until_refused(&caller).await;
    refusal(&gone).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
}

async fn a_token_of_a_colleague_who_is_gone_is_refused(h: Harness) {
    let signer = Signer::p256();
    let issuer = Issuer::start(&[signer.jwk("k")]).await;
    let asking = h.asking_with(vec![issuer.settings()]).await;
    let jo = h.create_as("jo", colleague("Jo")).await;
    let token = signer.token("k", &with("colleague", "jo".into()));
    let caller = bearer(&asking, &token);
    done(read(&caller).await);
    h.delete::<pb::Colleague>(&jo.name).await;
    let gone = until_refused(&caller).await;
    refusal(&gone).is(Code::Unauthenticated, "CREDENTIAL_INVALID");
    h.undelete::<pb::Colleague>(&jo.name).await;
    done(read(&caller).await);
}
