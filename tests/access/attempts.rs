//! How often an address may show a key that is not valid, and that those who share it are still let in.

use std::net::IpAddr;

use clientele::access::key::ApiKeyText;
use clientele::pb::AccessScope;
use clientele::server::auth::{Authentication, Authenticator};
use http::Request;
use http::header::AUTHORIZATION;

use crate::harness::Harness;

conformance! {
    a_guesser_is_stopped_and_those_who_share_the_address_are_not,
    nobody_on_this_machine_is_stopped,
}

fn authenticator(h: &Harness) -> Authenticator {
    Authenticator::new(Authentication::Keys, h.db(), Vec::new()).unwrap()
}

/// Shows a key from an address, past the network, and returns the reason of the refusal.
async fn show(authenticator: &Authenticator, peer: &str, key: &str) -> &'static str {
    let call = Request::post("/clientele.v1.CustomerService/GetCustomer")
        .header(AUTHORIZATION, format!("Bearer {key}"));
    let (mut call, ()) = call.body(()).unwrap().into_parts();
    let peer: IpAddr = peer.parse().unwrap();
    let admitted = authenticator.admit(&mut call, peer).await;
    // Nothing behind this sees the key.
    assert!(admitted.is_err() || !call.headers.contains_key(AUTHORIZATION));
    admitted.map_or_else(|error| error.code_and_reason().1, |()| "OK")
}

async fn a_guesser_is_stopped_and_those_who_share_the_address_are_not(h: Harness) {
    let authenticator = authenticator(&h);
    let known = h.create_key_of("default", &[AccessScope::Read]).await;
    let other = h.create_key_of("default", &[AccessScope::Read]).await;
    let (guesser, elsewhere) = ("192.0.2.1", "192.0.2.2");
    assert_eq!(show(&authenticator, guesser, &known).await, "OK");
    for i in 0..10 {
        let guess = ApiKeyText::generate();
        let guess = match i % 2 {
            0 => guess.reveal(),
            _ => "nonsense",
        };
        let reason = show(&authenticator, guesser, guess).await;
        assert_eq!(reason, "CREDENTIAL_INVALID");
    }
    let reads = h.db().statistics().await.unwrap().reads;
    for key in [ApiKeyText::generate().reveal(), "nonsense", &other] {
        let reason = show(&authenticator, guesser, key).await;
        assert_eq!(reason, "ATTEMPTS_EXHAUSTED");
    }
    // The store hears nothing of it.
    assert_eq!(h.db().statistics().await.unwrap().reads, reads);
    assert_eq!(show(&authenticator, guesser, &known).await, "OK");
    assert_eq!(show(&authenticator, elsewhere, &other).await, "OK");
    assert_eq!(
        show(&authenticator, guesser, &other).await,
        "OK",
        "known by now"
    );
}

async fn nobody_on_this_machine_is_stopped(h: Harness) {
    let authenticator = authenticator(&h);
    for peer in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        for _ in 0..20 {
            let guess = ApiKeyText::generate();
            let reason = show(&authenticator, peer, guess.reveal()).await;
            assert_eq!(reason, "CREDENTIAL_INVALID");
        }
    }
}
