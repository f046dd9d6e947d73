//! What the server says about itself, and in which order it stops.

use std::time::{Duration, Instant};

use clientele::server::health::{Answers, WRITES};
use clientele::server::limits::Limits;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;
use tonic_health::pb::HealthCheckResponse;
use tonic_health::pb::health_check_response::ServingStatus;

use super::{CHECK, Client, LIMITS, PROBE, Server, framed, soon};

const LONG: Duration = Duration::from_secs(600);

async fn health(client: &mut Client, service: &str) -> ServingStatus {
    let answer = client
        .send(CHECK, &[], framed(&service.to_owned()))
        .await
        .unwrap();
    HealthCheckResponse::decode(&answer.body[5..])
        .unwrap()
        .status()
}

async fn until_not_serving(client: &mut Client) {
    let said = async { while health(client, "").await != ServingStatus::NotServing {} };
    soon(said).await;
}

#[tokio::test]
async fn health_follows_the_store() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    assert_eq!(
        health(&mut client, "probe.v1.Probe").await,
        ServingStatus::Serving
    );
    server.answers.send_replace(Answers {
        reads: false,
        writes: false,
    });
    until_not_serving(&mut client).await;
    assert_eq!(
        health(&mut client, "probe.v1.Probe").await,
        ServingStatus::NotServing
    );
    server.answers.send_replace(Answers {
        reads: true,
        writes: true,
    });
    soon(async { while health(&mut client, "").await != ServingStatus::Serving {} }).await;
}

#[tokio::test]
async fn health_tells_writes_from_reads() {
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    assert_eq!(health(&mut client, WRITES).await, ServingStatus::Serving);
    server.answers.send_replace(Answers {
        reads: true,
        writes: false,
    });
    soon(async { while health(&mut client, WRITES).await != ServingStatus::NotServing {} }).await;
    assert_eq!(health(&mut client, "").await, ServingStatus::Serving);
}

#[tokio::test]
async fn health_says_not_serving_while_calls_are_still_taken() {
    let mut server = Server::start(Limits {
        not_ready_for: LONG,
        hard_stop: LONG,
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    assert_eq!(health(&mut client, "").await, ServingStatus::Serving);
    server.begin_shutdown();
    until_not_serving(&mut client).await;
    assert_eq!(
        health(&mut client, "probe.v1.Probe").await,
        ServingStatus::NotServing
    );
    let mut newcomer = server.connect().await;
    assert_eq!(
        newcomer.call(&format!("{PROBE}GetEcho")).await.code(),
        Code::Ok
    );
    server.answers.send_replace(Answers {
        reads: true,
        writes: true,
    });
    assert_eq!(
        health(&mut newcomer, "").await,
        ServingStatus::NotServing,
        "the store has no say any more"
    );
}

#[tokio::test]
async fn call_in_flight_finishes_and_nobody_new_is_let_in() {
    let mut server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let call = client
        .start(&format!("{PROBE}GetGated"), &[], framed(&String::new()))
        .await
        .unwrap();
    let call = tokio::spawn(call);
    soon(server.probe.begun.acquire()).await.unwrap().forget();
    server.begin_shutdown();
    soon(async { while TcpStream::connect(server.address).await.is_ok() {} }).await;
    assert!(!call.is_finished());
    server.probe.gate.add_permits(1);
    assert_eq!(soon(call).await.unwrap().unwrap().text(), "let go");
    server.has_ended().await;
}

#[tokio::test]
async fn idle_server_ends_at_once() {
    let mut server = Server::start(Limits {
        finish_within: LONG,
        hard_stop: LONG,
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    client.call(&format!("{PROBE}GetEcho")).await;
    server.begin_shutdown();
    server.has_ended().await;
}

#[tokio::test]
async fn watcher_is_told_and_does_not_hold_the_server_up() {
    let mut server = Server::start(Limits {
        finish_within: LONG,
        hard_stop: LONG,
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    let mut watches = Vec::new();
    for path in [
        &format!("{PROBE}WatchQuiet"),
        "/grpc.health.v1.Health/Watch",
    ] {
        watches.push(tokio::spawn(
            client
                .start(path, &[], framed(&String::new()))
                .await
                .unwrap(),
        ));
    }
    soon(server.probe.begun.acquire()).await.unwrap().forget();
    health(&mut client, "").await;
    server.begin_shutdown();
    for watch in watches {
        let answer = soon(watch).await.unwrap().unwrap();
        assert_eq!(
            (answer.code(), answer.reason().as_str()),
            (Code::Unavailable, "SHUTTING_DOWN")
        );
    }
    server.has_ended().await;
}

#[tokio::test]
async fn hung_call_is_answered_when_the_time_to_finish_is_over() {
    let mut server = Server::start(Limits {
        finish_within: Duration::from_millis(50),
        hard_stop: LONG,
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    let call = client
        .start(&format!("{PROBE}GetHung"), &[], framed(&String::new()))
        .await
        .unwrap();
    let call = tokio::spawn(call);
    soon(server.probe.begun.acquire()).await.unwrap().forget();
    server.begin_shutdown();
    let answer = soon(call).await.unwrap().unwrap();
    assert_eq!(
        (answer.code(), answer.reason().as_str()),
        (Code::Unavailable, "SHUTTING_DOWN")
    );
    server.has_ended().await;
}

#[tokio::test]
async fn hung_call_is_cut_at_the_hard_stop() {
    let hard_stop = Duration::from_millis(100);
    let mut server = Server::start(Limits {
        finish_within: LONG,
        hard_stop,
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    let call = client
        .start(
            &format!("{PROBE}GetHung"),
            &[("grpc-timeout", "1H")],
            framed(&()),
        )
        .await
        .unwrap();
    let call = tokio::spawn(call);
    soon(server.probe.begun.acquire()).await.unwrap().forget();
    let began = Instant::now();
    server.begin_shutdown();
    let probe = server.probe.clone();
    server.has_ended().await;
    assert!(began.elapsed() >= hard_stop);
    drop(soon(call).await.unwrap());
    soon(probe.dropped.acquire()).await.unwrap().forget();
    drop(soon(client.connection).await.unwrap());
}

#[tokio::test]
async fn client_that_answers_nothing_is_cut_at_the_hard_stop() {
    let mut server = Server::start(Limits {
        hard_stop: Duration::from_millis(100),
        ..LIMITS
    })
    .await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    // The preface and empty SETTINGS: from here on the server waits for the answer to its ping.
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    stream.read_u8().await.unwrap();
    server.begin_shutdown();
    // Its end may come as a reset.
    let _ = soon(stream.read_to_end(&mut Vec::new())).await;
    server.has_ended().await;
}
