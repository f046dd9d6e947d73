//! When calls end: never later than their deadline, and always with a status that says so.

use std::time::{Duration, Instant};

use clientele::server::limits::Limits;
use tonic::Code;

use super::{Answer, LIMITS, PROBE, Server, framed, soon};

fn assert_exceeded(answer: &Answer) {
    assert_eq!(
        (answer.code(), answer.reason().as_str()),
        (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn passed_deadline_is_deadline_exceeded_and_not_cancelled() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for timeout in ["0n", "1n", "1u", "1m", "2m", "200m", "300m", "400m"] {
        assert_exceeded(&client.call_within("GetHung", timeout).await);
    }
}

#[tokio::test]
async fn call_whose_time_is_up_is_not_begun() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for timeout in ["0S", "1m", "2m", "2000u"] {
        assert_exceeded(&client.call_within("CreateHung", timeout).await);
    }
    assert_eq!(server.probe.begun.available_permits(), 0);
}

#[tokio::test]
async fn handler_is_dropped_at_the_deadline() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    assert_exceeded(&client.call_within("CreateHung", "20m").await);
    assert_eq!(server.probe.dropped.available_permits(), 1);
}

#[tokio::test]
async fn reads_and_writes_have_their_own_caps() {
    let (short, long) = (Duration::from_millis(20), Duration::from_secs(600));
    for (read_cap, write_cap, method) in [(short, long, "GetHung"), (long, short, "CreateHung")] {
        let server = Server::start(Limits {
            read_cap,
            write_cap,
            ..LIMITS
        })
        .await;
        let mut client = server.connect().await;
        assert_exceeded(&client.call(&format!("{PROBE}{method}")).await);
        assert_exceeded(&client.call_within(method, "1H").await);
    }
}

#[tokio::test]
async fn handler_sees_its_deadline() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for (timeout, most) in [("5S", 4950), ("1H", 10_000), ("99999999H", 10_000)] {
        let left: u64 = client
            .call_within("GetDeadline", timeout)
            .await
            .text()
            .parse()
            .unwrap();
        assert!((most - 1000..=most).contains(&left), "{timeout}: {left}");
    }
}

#[tokio::test]
async fn stream_ends_at_the_deadline() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let answer = client.call_within("ListDrip", "100m").await;
    assert_exceeded(&answer);
    assert!(!answer.body.is_empty());
}

#[tokio::test]
async fn stream_ends_at_the_cap_even_if_it_never_pauses() {
    let server = Server::start(Limits {
        read_cap: Duration::from_millis(50),
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    assert_exceeded(&client.call(&format!("{PROBE}ListFlood")).await);
    assert_exceeded(&client.call(&format!("{PROBE}ListQuiet")).await);
}

#[tokio::test]
async fn watch_has_no_cap_but_keeps_to_the_callers_timeout() {
    let short = Duration::from_millis(10);
    let server = Server::start(Limits {
        read_cap: short,
        write_cap: short,
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    let began = Instant::now();
    let answer = client.call_within("WatchQuiet", "150m").await;
    assert_exceeded(&answer);
    assert_eq!(answer.text(), "one");
    assert!(began.elapsed() >= Duration::from_millis(142));
    for path in [
        "/grpc.health.v1.Health/Watch",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    ] {
        let began = Instant::now();
        let call = client
            .start(path, &[("grpc-timeout", "100m")], framed(&()))
            .await
            .unwrap();
        let answer = soon(call).await.unwrap();
        let ended_itself = path.contains("reflection") && answer.code() != Code::DeadlineExceeded;
        assert!(
            ended_itself || began.elapsed() >= Duration::from_millis(95),
            "{path}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn malformed_timeout_is_refused_with_its_field() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for timeout in [
        "",
        "S",
        "5",
        "5s",
        "-1S",
        "+1S",
        "1.5S",
        "123456789m",
        "1 S",
        "1SS",
        "fünf",
    ] {
        let answer = client.call_within("GetEcho", timeout).await;
        assert_eq!(
            (answer.code(), answer.reason().as_str()),
            (Code::InvalidArgument, "FIELD_INVALID"),
            "{timeout}"
        );
        assert!(answer.status.message().contains("grpc-timeout"));
    }
}
