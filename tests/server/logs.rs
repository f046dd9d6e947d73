//! What is logged of a call, and what never.

use std::cell::RefCell;
use std::io;
use std::process::Command;
use std::sync::Once;

use serde_json::Value;

use super::{LIMITS, PROBE, Server, framed, soon};

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The log of this thread, which is the log of one test: a test and its server share a thread.
///
/// One log for all, sorted by thread, and not one log per test: with a log that only some threads have, tracing may
/// find that nobody listens to an event, and remember it (tokio-rs/tracing, `callsite`, "just one").
struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> Log {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            tracing_subscriber::fmt()
                .json()
                .flatten_event(true)
                .with_writer(|| Log)
                .init()
        });
        LINES.take();
        Log
    }

    fn text(&self) -> String {
        LINES.with_borrow(|lines| String::from_utf8(lines.clone()).unwrap())
    }

    /// The lines about calls.
    fn calls(&self) -> Vec<Value> {
        let lines: Vec<Value> = self
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        lines
            .into_iter()
            .filter(|line| line["message"] == "call")
            .collect()
    }
}

#[tokio::test]
async fn every_call_is_one_line() {
    let log = Log::start();
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    for method in ["GetEcho", "GetRefused", "GetBroken", "ListPanic"] {
        client.call(&format!("{PROBE}{method}")).await;
    }
    let calls = log.calls();
    let told: Vec<_> = calls
        .iter()
        .map(|call| {
            ["level", "rpc.method", "grpc.code", "error.reason"]
                .map(|field| call[field].as_str().unwrap_or(""))
        })
        .collect();
    let expected = [
        ["INFO", "probe.v1.Probe/GetEcho", "Ok", ""],
        [
            "INFO",
            "probe.v1.Probe/GetRefused",
            "InvalidArgument",
            "FIELD_INVALID",
        ],
        ["ERROR", "probe.v1.Probe/GetBroken", "Internal", "INTERNAL"],
        ["ERROR", "probe.v1.Probe/ListPanic", "Internal", "INTERNAL"],
    ];
    assert_eq!(told, expected);
    assert!(
        calls
            .iter()
            .all(|call| call["duration_ms"].is_f64() && call["request.id"].is_string())
    );
    assert_eq!(calls[2]["error.cause"], "the disk is on fire");
}

#[tokio::test]
async fn what_a_caller_sends_is_not_logged() {
    let log = Log::start();
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let secret = [
        ("authorization", "secret"),
        ("x-request-id", "not well-formed: secret"),
    ];
    for method in [
        "GetEcho",
        "GetRefused",
        "GetPanic",
        "Get%73ecret",
        "secret@secret",
    ] {
        let answer = client
            .send(
                &format!("{PROBE}{method}"),
                &secret,
                framed(&"secret".to_owned()),
            )
            .await
            .unwrap();
        assert_eq!(answer.headers["x-request-id"].len(), 36, "a new id");
    }
    client.call("/secret.Secret/Secret").await;
    client
        .call(&format!("http://secret.example{PROBE}Secret"))
        .await;
    assert_eq!(log.calls().len(), 7);
    assert!(
        !log.text().to_lowercase().contains("secret"),
        "{}",
        log.text()
    );
}

#[tokio::test]
async fn well_formed_request_id_is_kept_and_returned() {
    let log = Log::start();
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let longest = "a".repeat(64);
    for (id, kept) in [
        ("Job-7_of.9", true),
        (longest.as_str(), true),
        (&format!("{longest}a"), false),
        ("", false),
    ] {
        let headers = [("x-request-id", id)];
        let answer = client
            .send(&format!("{PROBE}GetEcho"), &headers, framed(&String::new()))
            .await
            .unwrap();
        assert_eq!(answer.headers["x-request-id"] == id, kept, "{id}");
        assert_eq!(
            log.calls().last().unwrap()["request.id"] == id,
            kept,
            "{id}"
        );
    }
}

#[tokio::test]
async fn call_that_the_caller_gave_up_is_cancelled() {
    let log = Log::start();
    let server = Server::start(LIMITS).await;
    let mut client = server.connect().await;
    let call = client
        .start(&format!("{PROBE}GetHung"), &[], framed(&String::new()))
        .await
        .unwrap();
    soon(server.probe.begun.acquire()).await.unwrap().forget();
    drop(call);
    soon(server.probe.dropped.acquire()).await.unwrap().forget();
    let said = async {
        while log.calls().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    soon(said).await;
    assert_eq!(log.calls()[0]["grpc.code"], "Cancelled");
}

/// Set in the process that panics.
const CHILD: &str = "CLIENTELE_TEST_CHILD";

#[test]
fn panic_is_logged_by_its_place_without_its_payload() {
    if std::env::var_os(CHILD).is_some() {
        clientele::telemetry::start(true, clientele::telemetry::DEFAULT_FILTER).unwrap();
        panic!("a secret");
    }
    let test = "panic_is_logged_by_its_place_without_its_payload";
    let child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--nocapture"])
        .env(CHILD, "1")
        .output();
    let log = String::from_utf8(child.unwrap().stderr).unwrap();
    assert!(log.contains("logs.rs") && !log.contains("secret"), "{log}");
}

#[test]
fn no_filter_opens_the_libraries_that_log_what_callers_send() {
    if std::env::var_os(CHILD).is_some() {
        clientele::telemetry::start(false, "trace").unwrap();
        tracing::trace!(target: "h2::codec", "a secret");
        tracing::debug!(target: "sqlx::query", "a secret");
        return tracing::trace!(target: "clientele", "begun");
    }
    let test = "no_filter_opens_the_libraries_that_log_what_callers_send";
    let child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--nocapture"])
        .env(CHILD, "1")
        .output();
    let log = String::from_utf8(child.unwrap().stderr).unwrap();
    assert!(log.contains("begun") && !log.contains("secret"), "{log}");
}

#[test]
fn filter_that_cannot_be_read_is_an_error() {
    assert!(clientele::telemetry::start(true, "clientele=loud").is_err());
}
