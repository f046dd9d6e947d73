//! What operators read by HTTP: metrics, and whether the server lives and is ready.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use tempfile::TempDir;

use super::{alone, start};
use crate::cli::Server;
use crate::harness::engine::Engine;

/// Returns where the admin port of a server listens.
fn address(server: &Server) -> &str {
    let line = server
        .greeting
        .lines()
        .find_map(|line| line.strip_prefix("admin  http://"));
    line.unwrap().trim_end_matches("/metrics")
}

/// Sends a request as it stands and returns the whole answer.
fn ask(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(address(server)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Gets a page, with its status line.
pub fn get(server: &Server, path: &str) -> String {
    ask(
        server,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    )
}

/// Returns every sample of the page of metrics, by its name and labels.
pub fn samples(server: &Server) -> BTreeMap<String, f64> {
    let page = get(server, "/metrics");
    let (head, body) = page.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200") && head.contains("version=0.0.4"),
        "{head}"
    );
    let samples = body.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

fn watched(engine: Engine) -> Server {
    Server::start_on(engine, &["--admin-listen", "127.0.0.1:0"])
}

#[test]
fn calls_are_counted_by_method_and_code_on_sqlite() {
    calls_are_counted(Engine::Sqlite);
}

#[test]
fn calls_are_counted_by_method_and_code_on_postgres() {
    calls_are_counted(Engine::Postgres);
}

fn calls_are_counted(engine: Engine) {
    let server = watched(engine);
    let before = samples(&server);
    for _ in 0..3 {
        server.run(&["get", "customers/nobody"]).fails();
    }
    let mapping = "[customer]\nexternal_ids = [{ system = \"x\", column = \"id\" }]\ndisplay_name = \"name\"\n";
    server.import(mapping, "id,name\n1,Ada\n2,Bea\n").ok();
    let after = samples(&server);
    let grown = |name: &str| after[name] - before.get(name).copied().unwrap_or(0.0);
    let method = "clientele.v1.CustomerService/GetCustomer";
    let calls = format!("clientele_calls_total{{method=\"{method}\",code=\"NotFound\"}}");
    assert_eq!(grown(&calls), 3.0);
    let bucket = |bound: &str| {
        format!("clientele_call_duration_seconds_bucket{{method=\"{method}\",le=\"{bound}\"}}")
    };
    assert_eq!(grown(&bucket("+Inf")), 3.0);
    assert_eq!(
        grown(&format!(
            "clientele_call_duration_seconds_count{{method=\"{method}\"}}"
        )),
        3.0
    );
    let bounds = ["0.0005", "0.01", "0.5", "10", "+Inf"];
    let buckets = bounds.map(|bound| grown(&bucket(bound)));
    assert!(buckets.is_sorted(), "{buckets:?}");
    assert!(
        grown(&format!(
            "clientele_call_duration_seconds_sum{{method=\"{method}\"}}"
        )) > 0.0
    );
    assert_eq!(grown("clientele_store_units_total"), 2.0);
    assert_eq!(grown("clientele_store_revisions_total"), 2.0);
    let commits = grown("clientele_store_commits_total");
    assert!((1.0..=2.0).contains(&commits), "{commits}");
    for counter in [
        "clientele_store_hand_overs_total",
        "clientele_store_statements_total",
        "clientele_store_reads_total",
        "clientele_connections_accepted_total",
    ] {
        assert!(grown(counter) > 0.0, "{counter}");
    }
    assert_eq!(after["clientele_answers{what=\"reads\"}"], 1.0);
    assert_eq!(after["clientele_answers{what=\"writes\"}"], 1.0);
    assert_eq!(after["clientele_calls_in_flight"], 0.0);
    assert!(after["process_resident_memory_bytes"] > 1e6);
    assert!(after["process_open_fds"] > 3.0);
    assert!(after["process_cpu_seconds_total"] > 0.0);
    assert!(after["clientele_store_readers{cost=\"cheap\"}"] >= 1.0);
}

#[test]
fn what_no_method_is_named_is_counted_as_unknown() {
    let server = watched(Engine::Sqlite);
    let calls = async {
        let channel = tonic::transport::Endpoint::from_shared(server.address.clone());
        let channel = channel.unwrap().connect().await.unwrap();
        let mut grpc = tonic::client::Grpc::new(channel);
        grpc.ready().await.unwrap();
        let path = http::uri::PathAndQuery::from_static("/ada.lovelace.Secret/Ada");
        let codec = tonic_prost::ProstCodec::<(), ()>::default();
        let answer = grpc.unary(tonic::Request::new(()), path, codec).await;
        assert_eq!(answer.unwrap_err().code(), tonic::Code::Unimplemented);
    };
    crate::harness::in_runtime(calls);
    let samples = samples(&server);
    let unknown = "clientele_calls_total{method=\"unknown\",code=\"Unimplemented\"}";
    assert_eq!(samples[unknown], 1.0);
    assert!(samples.keys().all(|name| !name.contains("lovelace")));
}

#[test]
fn ready_is_who_answers_and_does_not_stop() {
    let server = watched(Engine::Sqlite);
    let healthy = get(&server, "/healthz");
    assert!(healthy.starts_with("HTTP/1.1 200"), "{healthy}");
    let ready = get(&server, "/readyz");
    assert!(
        ready.starts_with("HTTP/1.1 200") && ready.contains("reads: answered\nwrites: answered\n"),
        "{ready}"
    );
    assert!(!ready.contains("warning"), "{ready}");
    server.signal("TERM");
    // It is told first, and calls are answered for two seconds more.
    let ready = loop {
        let ready = get(&server, "/readyz");
        if !ready.starts_with("HTTP/1.1 200") {
            break ready;
        }
    };
    assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
    assert!(get(&server, "/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn only_this_machine_is_answered_and_only_what_it_may_ask() {
    let server = watched(Engine::Sqlite);
    for (request, expected) in [
        ("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403"),
        ("GET /metrics HTTP/1.1\r\n\r\n", "403"),
        (
            "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
            "405",
        ),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"),
        (
            "GET /metrics/../etc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            "404",
        ),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let answer = ask(&server, request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {expected}")),
            "{request}: {answer}"
        );
    }
    let why = alone(&["serve", "--admin-listen", "0.0.0.0:9464"]).wrong_setting();
    assert!(why.contains("expected a loopback address"), "{why}");
}

#[test]
fn there_is_no_second_port_unless_it_is_asked_for() {
    let server = start(TempDir::new().unwrap(), &[]);
    assert!(!server.greeting.contains("admin"), "{}", server.greeting);
}
