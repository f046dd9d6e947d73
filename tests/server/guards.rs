//! What is refused before a handler sees it, and how failures look that are not a handler's own.

use clientele::server::guard::panics;
use clientele::server::host::HostRule;
use clientele::server::setup::Setup;
use tonic::Code;

use super::{Answer, CHECK, Client, LIMITS, PROBE, Server, framed, soon};

fn told(answer: &Answer) -> (Code, String) {
    (answer.code(), answer.reason())
}

async fn raw(client: &mut Client, body: &[u8]) -> Answer {
    client
        .send(&format!("{PROBE}GetEcho"), &[], body.to_vec())
        .await
        .unwrap()
}

#[tokio::test]
async fn panic_is_an_internal_error_and_the_connection_survives() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let before = panics();
    let answer = client.call(&format!("{PROBE}GetPanic")).await;
    assert_eq!(told(&answer), (Code::Internal, "INTERNAL".to_owned()));
    assert_eq!(answer.status.message(), "internal error");
    assert!(panics() > before);
    assert_eq!(
        client.call(&format!("{PROBE}GetEcho")).await.text(),
        "hello"
    );
}

#[tokio::test]
async fn panic_in_a_stream_does_not_look_like_its_end() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let before = panics();
    let answer = client.call(&format!("{PROBE}ListPanic")).await;
    assert_eq!(told(&answer), (Code::Internal, "INTERNAL".to_owned()));
    assert!(panics() > before);
    assert_eq!(
        client.call(&format!("{PROBE}GetEcho")).await.text(),
        "hello"
    );
}

#[tokio::test]
async fn message_that_cannot_be_decoded_is_the_callers_mistake() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let undecodable: [(&str, &[u8]); 7] = [
        ("no message", b""),
        ("half a header", &[0, 0]),
        ("half a message", &[0, 0, 0, 0, 9, 10, 7, b'h']),
        ("unknown flag", &[7, 0, 0, 0, 0]),
        ("compressed without saying how", &[1, 0, 0, 0, 1, 0]),
        ("not UTF-8", &[0, 0, 0, 0, 4, 10, 2, 0xff, 0xfe]),
        ("not protobuf", &[0, 0, 0, 0, 2, 0xff, 0xff]),
    ];
    for (what, body) in undecodable {
        let answer = raw(&mut client, body).await;
        assert_eq!(
            told(&answer),
            (Code::InvalidArgument, "MESSAGE_UNDECODABLE".to_owned()),
            "{what}"
        );
    }
}

#[tokio::test]
async fn message_over_the_limit_is_resource_exhausted() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    // A string of n bytes makes a message of n + 4 at this size: a tag and three bytes of length.
    let most = "x".repeat(LIMITS.max_message_bytes - 4);
    assert_eq!(raw(&mut client, &framed(&most)).await.code(), Code::Ok);
    let answer = raw(&mut client, &framed(&format!("{most}x"))).await;
    assert_eq!(
        told(&answer),
        (Code::ResourceExhausted, "MESSAGE_TOO_LARGE".to_owned())
    );
    let answer = client
        .send(CHECK, &[], framed(&format!("{most}x")))
        .await
        .unwrap();
    assert_eq!(
        told(&answer),
        (Code::ResourceExhausted, "MESSAGE_TOO_LARGE".to_owned())
    );
}

#[tokio::test]
async fn answer_over_the_limit_says_so() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let answer = client.call(&format!("{PROBE}GetHuge")).await;
    assert_eq!(
        told(&answer),
        (Code::ResourceExhausted, "RESPONSE_TOO_LARGE".to_owned())
    );
}

#[tokio::test]
async fn unknown_method_has_an_error_info() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for path in [
        "/",
        "/x",
        "/nobody.Knows/It",
        "/grpc.health.v1.Health/Nothing",
        "/%ff/%00",
    ] {
        let answer = client.call(path).await;
        assert_eq!(
            told(&answer),
            (Code::Unimplemented, "METHOD_UNKNOWN".to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn unknown_compression_is_unimplemented_and_says_what_is_known() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let headers = [("grpc-encoding", "snappy")];
    let answer = client
        .send(&format!("{PROBE}GetEcho"), &headers, framed(&String::new()))
        .await
        .unwrap();
    assert_eq!(
        told(&answer),
        (Code::Unimplemented, "MESSAGE_UNDECODABLE".to_owned())
    );
    let known = &answer.headers["grpc-accept-encoding"];
    assert_eq!(known, "gzip,zstd,identity");
    assert!(!answer.status.message().contains("snappy"));
}

#[tokio::test]
async fn codes_of_health_stay_what_they_are() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    assert_eq!(
        client.call(CHECK).await.code(),
        Code::NotFound,
        "no service is called hello"
    );
    assert_eq!(
        client.send(CHECK, &[], framed(&())).await.unwrap().code(),
        Code::Ok
    );
}

#[tokio::test]
async fn foreign_host_is_refused() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let hosts = [
        ("localhost", true),
        ("LocalHost:1", true),
        ("127.0.0.1", true),
        ("127.8.9.10:50051", true),
        ("[::1]:50051", true),
        ("evil.example", false),
        ("localhost.evil.example", false),
        ("127.0.0.1.evil.example", false),
        ("localhost@evil.example", false),
        ("evil.example@localhost", false),
        ("128.0.0.1", false),
        ("0.0.0.0:50051", false),
        ("[::2]", false),
        ("2130706433", false),
    ];
    for (host, passes) in hosts {
        let answer = client.call(&format!("http://{host}{PROBE}GetEcho")).await;
        let refused = (Code::PermissionDenied, "HOST_REFUSED".to_owned());
        assert_eq!(
            told(&answer),
            if passes {
                (Code::Ok, String::new())
            } else {
                refused
            },
            "{host}"
        );
    }
    let answer = client
        .send(
            &format!("{PROBE}GetEcho"),
            &[("host", "evil.example")],
            framed(&()),
        )
        .await
        .unwrap();
    assert_eq!(
        answer.reason(),
        "HOST_REFUSED",
        "also beside a loopback :authority"
    );
}

#[tokio::test]
async fn request_with_an_origin_is_refused() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for origin in ["http://localhost:3000", "null", ""] {
        let call = client
            .start(
                &format!("{PROBE}GetEcho"),
                &[("origin", origin)],
                framed(&()),
            )
            .await
            .unwrap();
        let answer = soon(call).await.unwrap();
        assert_eq!(
            told(&answer),
            (Code::PermissionDenied, "ORIGIN_REFUSED".to_owned())
        );
    }
}

/// With any host, a page's own marks still keep it away; with a credential that is asked for, nothing has to.
#[tokio::test]
async fn hosts_and_origins_count_only_where_no_credential_is_asked_for() {
    for (host_rule, any_host, any_origin) in [
        (HostRule::Loopback, false, false),
        (HostRule::AnyHost, true, false),
        (HostRule::Anything, true, true),
    ] {
        let server = Server::start(Setup {
            host_rule,
            ..Setup::from(LIMITS)
        })
        .await;
        let mut client = server.connect().await;
        let elsewhere = format!("http://clientele.example{PROBE}GetEcho");
        let answer = client.call(&elsewhere).await;
        assert_eq!(answer.code() == Code::Ok, any_host, "{host_rule:?}");
        let warned = answer.headers.contains_key("clientele-warning");
        assert_eq!(warned, host_rule == HostRule::AnyHost);
        for mark in [
            ("origin", "http://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let body = framed(&"hello".to_owned());
            let path = format!("{PROBE}GetEcho");
            let answer = client.send(&path, &[mark], body).await.unwrap();
            assert_eq!(
                answer.code() == Code::Ok,
                any_origin,
                "{host_rule:?} {mark:?}"
            );
        }
    }
}
