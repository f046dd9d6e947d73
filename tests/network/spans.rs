//! What a collector gets of calls (OTLP over gRPC), and to which trace they belong.
//!
//! The messages are read here as the protocol has them, by number, not as the product writes them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use clientele::pb;
use clientele::pb::customer_service_client::CustomerServiceClient;
use http::{Request, Response};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::service::Routes;
use tonic::transport::Endpoint;
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use super::start;
use crate::cli::Server;
use crate::harness::in_runtime;

#[derive(Clone, PartialEq, prost::Message)]
struct Export {
    #[prost(message, repeated, tag = "1")]
    resource_spans: Vec<OfResource>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct OfResource {
    #[prost(message, optional, tag = "1")]
    resource: Option<Attributes>,
    #[prost(message, repeated, tag = "2")]
    scope_spans: Vec<OfScope>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Attributes {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<Attribute>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct OfScope {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Got>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Got {
    #[prost(bytes = "vec", tag = "1")]
    trace: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    id: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    parent: Vec<u8>,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(int32, tag = "6")]
    kind: i32,
    #[prost(fixed64, tag = "7")]
    start: u64,
    #[prost(fixed64, tag = "8")]
    end: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<Attribute>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Attribute {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Value {
    #[prost(string, optional, tag = "1")]
    text: Option<String>,
    #[prost(int64, optional, tag = "3")]
    number: Option<i64>,
}

/// A collector that keeps what it gets.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Export>>>);

impl NamedService for Collector {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl Service<Request<Body>> for Collector {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        assert!(request.uri().path().ends_with("/Export"));
        let got = Arc::clone(&self.0);
        Box::pin(async move {
            let take = |request: tonic::Request<Export>| {
                got.lock().unwrap().push(request.into_inner());
                async { Ok::<_, tonic::Status>(tonic::Response::new(())) }
            };
            let mut grpc = Grpc::new(ProstCodec::<(), Export>::default());
            Ok(grpc.unary(service_fn(take), request).await)
        })
    }
}

impl Collector {
    async fn start() -> (Collector, String) {
        let collector = Collector::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = tonic::transport::Server::builder()
            .add_routes(Routes::new(collector.clone()))
            .serve_with_incoming(tokio_stream::wrappers::TcpListenerStream::new(listener));
        tokio::spawn(served);
        (collector, url)
    }

    fn spans(&self) -> Vec<Got> {
        let got = self.0.lock().unwrap();
        let of_resources = got.iter().flat_map(|export| &export.resource_spans);
        of_resources
            .flat_map(|of| &of.scope_spans)
            .flat_map(|of| of.spans.clone())
            .collect()
    }

    /// Waits for so many spans.
    async fn wait_for(&self, n_spans: usize) -> Vec<Got> {
        let all = async {
            while self.spans().len() < n_spans {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let came = tokio::time::timeout(Duration::from_secs(20), all).await;
        came.expect("the spans come");
        self.spans()
    }
}

/// Asks for a customer that is not there, in a trace.
async fn ask(server: &Server, traceparent: Option<&str>) {
    let channel = Endpoint::from_shared(server.address.clone()).unwrap();
    let mut client = CustomerServiceClient::new(channel.connect().await.unwrap());
    let mut request = tonic::Request::new(pb::GetCustomerRequest {
        name: "customers/ada-lovelace".to_owned(),
        read_mask: None,
    });
    let metadata = request.metadata_mut();
    metadata.insert("x-request-id", "request-7".parse().unwrap());
    if let Some(traceparent) = traceparent {
        metadata.insert("traceparent", traceparent.parse().unwrap());
    }
    client.get_customer(request).await.unwrap_err();
}

fn shown(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

#[test]
fn a_call_is_a_span_of_its_callers_trace() {
    in_runtime(async {
        let (collector, url) = Collector::start().await;
        let args = ["--otlp-endpoint", &url, "--log", "info", "--log-json"];
        let server = start(TempDir::new().unwrap(), &args);
        ask(&server, Some(&format!("00-{TRACE}-{PARENT}-01"))).await;
        let spans = collector.wait_for(1).await;
        let [span] = &spans[..] else {
            panic!("{spans:?}")
        };
        assert_eq!(
            (shown(&span.trace), shown(&span.parent)),
            (TRACE.to_owned(), PARENT.to_owned())
        );
        assert_eq!((span.id.len(), span.kind), (8, 2));
        assert_eq!(span.name, "clientele.v1.CustomerService/GetCustomer");
        assert!(span.start < span.end && span.end - span.start < 60_000_000_000);
        let attributes: HashMap<&str, Value> = span
            .attributes
            .iter()
            .map(|attribute| (attribute.key.as_str(), attribute.value.clone().unwrap()))
            .collect();
        assert_eq!(attributes["rpc.grpc.status_code"].number, Some(5));
        assert_eq!(attributes["request.id"].text.as_deref(), Some("request-7"));
        assert_eq!(attributes["tenant.id"].text.as_deref(), Some("default"));
        let all = format!("{:?}", collector.0.lock().unwrap());
        assert!(
            !all.contains("lovelace") && all.contains("clientele"),
            "{all}"
        );
        let log = std::fs::read_to_string(server.folder.path().join("log")).unwrap();
        let line = log
            .lines()
            .find(|line| line.contains("GetCustomer"))
            .unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&line["trace.id"], &line["tenant.id"]),
            (&TRACE.into(), &"default".into())
        );
    });
}

#[test]
fn what_the_caller_does_not_record_is_not_recorded() {
    in_runtime(async {
        let (collector, url) = Collector::start().await;
        let server = start(TempDir::new().unwrap(), &["--otlp-endpoint", &url]);
        ask(&server, Some(&format!("00-{TRACE}-{PARENT}-00"))).await;
        // One that begins here is recorded, and so is one whose trace is malformed.
        ask(&server, None).await;
        ask(&server, Some("00-nonsense")).await;
        let spans = collector.wait_for(2).await;
        assert_eq!(spans.len(), 2);
        assert!(
            spans
                .iter()
                .all(|span| shown(&span.trace) != TRACE && span.parent.is_empty())
        );
        assert_ne!(spans[0].trace, spans[1].trace);
    });
}

#[test]
fn the_last_spans_are_sent_at_the_end_and_a_missing_collector_holds_nobody_up() {
    in_runtime(async {
        let (collector, url) = Collector::start().await;
        let server = start(TempDir::new().unwrap(), &["--otlp-endpoint", &url]);
        for _ in 0..50 {
            ask(&server, None).await;
        }
        server.signal("TERM");
        assert_eq!(collector.wait_for(50).await.len(), 50);
        let away = ["--otlp-endpoint", "http://127.0.0.1:1"];
        let server = start(TempDir::new().unwrap(), &away);
        ask(&server, None).await;
        let log = || std::fs::read_to_string(server.folder.path().join("log")).unwrap();
        while !log().contains("spans are dropped") {
            ask(&server, None).await;
        }
    });
}
