//! How many calls one caller may make at one time, and how many a second: at the limit, and one beyond it.

use std::time::Duration;

use clientele::server::limits::Limits;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tonic::Code;

use super::{Answer, CHECK, Client, LIMITS, PROBE, Server, framed, soon};

const WATCH: &str = "/grpc.health.v1.Health/Watch";

async fn echo(client: &mut Client) -> Answer {
    client.call(&format!("{PROBE}GetEcho")).await
}

/// Starts so many calls that hang, and waits until they have begun.
async fn hang(
    server: &Server,
    client: &mut Client,
    n_calls: usize,
) -> Vec<tokio::task::JoinHandle<()>> {
    let mut calls = Vec::new();
    for _ in 0..n_calls {
        let path = format!("{PROBE}GetGated");
        let call = client.start(&path, &[], framed(&String::new())).await;
        let call = call.unwrap();
        calls.push(tokio::spawn(async {
            assert_eq!(call.await.unwrap().text(), "let go")
        }));
        soon(server.probe.begun.acquire()).await.unwrap().forget();
    }
    calls
}

async fn at_the_limit_and_beyond(limits: Limits) {
    let server = Server::start(limits).await;
    let mut client = server.connect().await;
    let mut calls = hang(&server, &mut client, 2).await;
    assert_eq!(echo(&mut client).await.text(), "hello", "at the limit");
    calls.extend(hang(&server, &mut client, 1).await);
    let mut other = server.connect().await;
    let refused = echo(&mut other).await;
    assert_eq!(
        (refused.code(), refused.reason().as_str()),
        (Code::Unavailable, "OVERLOADED")
    );
    // What belongs to nobody is answered, and so is what has no end.
    let health = other.send(CHECK, &[], framed(&String::new())).await;
    assert_eq!(health.unwrap().code(), Code::Ok);
    let watch = other.open(&format!("{PROBE}WatchQuiet"), &[]).await;
    let (response, mut stream) = watch.unwrap();
    let message = framed(&String::new());
    stream.send_data(message.into(), true).unwrap();
    assert!(
        soon(response)
            .await
            .unwrap()
            .headers()
            .get("grpc-status")
            .is_none()
    );
    soon(server.probe.begun.acquire()).await.unwrap().forget();
    server.probe.gate.add_permits(3);
    for call in calls {
        soon(call).await.unwrap();
    }
    assert_eq!(
        echo(&mut other).await.text(),
        "hello",
        "there is room again"
    );
}

#[tokio::test]
async fn so_many_calls_of_a_tenant_are_answered_at_one_time() {
    at_the_limit_and_beyond(Limits {
        max_calls_of_tenant: Some(3),
        ..LIMITS
    })
    .await;
}

#[tokio::test]
async fn so_many_calls_of_a_principal_are_answered_at_one_time() {
    at_the_limit_and_beyond(Limits {
        max_calls_of_principal: Some(3),
        ..LIMITS
    })
    .await;
}

/// One that waits is answered when another one ends, if that is soon.
#[tokio::test]
async fn who_waits_is_next() {
    let server = Server::start(Limits {
        max_calls_of_principal: Some(1),
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    let answered = async {
        for _ in 0..50 {
            let calls = hang(&server, &mut client, 1).await;
            let waiting = client
                .start(&format!("{PROBE}GetEcho"), &[], framed(&"hello".to_owned()))
                .await
                .unwrap();
            let waiting = tokio::spawn(waiting);
            // It has arrived by then. Without a queue it is refused.
            tokio::time::sleep(Duration::from_millis(20)).await;
            server.probe.gate.add_permits(1);
            for call in calls {
                call.await.unwrap();
            }
            // On a machine that stands still for a while it has waited too long: then once more.
            let answer = waiting.await.unwrap().unwrap();
            if answer.code() == Code::Ok {
                return answer.text();
            }
            assert_eq!(answer.reason(), "OVERLOADED");
        }
        panic!("nobody who waits is answered");
    };
    assert_eq!(soon(answered).await, "hello");
}

/// Calls without an end are half as many as there may be connections, so that they leave room for others.
#[tokio::test]
async fn calls_without_an_end_leave_room_for_others() {
    let server = Server::start(Limits {
        max_connections: 6,
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    let mut watches = FuturesUnordered::new();
    for _ in 0..4 {
        let watch = client.start(WATCH, &[], framed(&String::new())).await;
        watches.push(watch.unwrap());
    }
    let refused = soon(watches.next()).await.unwrap().unwrap();
    assert_eq!(refused.reason(), "OVERLOADED");
    assert!(watches.next().now_or_never().is_none(), "three go on");
    assert_eq!(echo(&mut client).await.text(), "hello");
}

#[tokio::test]
async fn the_calls_of_a_second_are_counted() {
    let n_calls = 20;
    let server = Server::start(Limits {
        calls_per_second: Some(n_calls),
        ..LIMITS
    })
    .await;
    let mut client = server.connect().await;
    let (mut passed, mut began) = (0, std::time::Instant::now());
    let refused = loop {
        let answer = echo(&mut client).await;
        if answer.code() != Code::Ok {
            break answer;
        }
        passed += 1;
        if began.elapsed().as_secs() > 5 {
            // The machine is slower than the rate.
            (passed, began) = (0, std::time::Instant::now());
        }
    };
    assert!(passed >= n_calls, "{passed}");
    let allowed = f64::from(n_calls) * (1.0 + began.elapsed().as_secs_f64()) + 1.0;
    assert!(f64::from(passed) <= allowed, "{passed} of {allowed}");
    assert_eq!(
        (refused.code(), refused.reason().as_str()),
        (Code::ResourceExhausted, "RATE_EXCEEDED")
    );
    assert_eq!(refused.metadata()["limit"], n_calls.to_string());
}
