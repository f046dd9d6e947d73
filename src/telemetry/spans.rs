//! Sends a span of each call to a collector (OTLP over gRPC), in batches and beside the calls.
//!
//! A span says what a line of the log says, and nothing else: method, code, request id, tenant. If the collector does not
//! keep up, spans are dropped, and nobody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tonic::client::Grpc;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request};
use tonic_prost::ProstCodec;

use super::otlp::{
    AnyValue, AttributeValue, EXPORT, ExportTraceServiceRequest, ExportTraceServiceResponse,
    KIND_SERVER, KeyValue, ResourceSpans, STATUS_ERROR, ScopeSpans, Span, SpanSource, SpanStatus,
};

/// The most spans that wait to be sent; those beyond are dropped.
const MAX_WAITING: usize = 4096;
/// The most spans that are sent at once.
const MAX_BATCH: usize = 512;
/// How long a batch is collected.
const EVERY: Duration = Duration::from_secs(1);
/// How many bits of the id of a trace are random for sure.
const RANDOM_BITS: u32 = 56;
/// How long the collector may take for a batch.
const WITHIN: Duration = Duration::from_secs(10);

/// One call, as a span tells it.
#[derive(Clone, Debug)]
pub struct CallSpan {
    /// The trace that it belongs to.
    pub trace_id: [u8; 16],
    /// Its own id.
    pub span_id: [u8; 8],
    /// The caller's span, if the caller named one.
    pub parent: Option<[u8; 8]>,
    /// The method, such as `clientele.v1.CustomerService/GetCustomer`.
    pub method: String,
    /// How it ended.
    pub code: Code,
    /// Whether the server is to blame.
    pub is_fault: bool,
    /// When it began, in microseconds since 1970.
    pub began: i64,
    /// How long it took.
    pub took: Duration,
    /// The id by which the caller and the log know it.
    pub request_id: Arc<str>,
    /// Whose data it was about, if that was known.
    pub tenant: Option<Arc<str>>,
}

/// Where spans are sent. Its clones share everything.
#[derive(Clone)]
pub struct Spans {
    queue: mpsc::Sender<CallSpan>,
    dropped: Arc<AtomicU64>,
    /// How many of the traces that begin here are recorded, of 2^56.
    sampled: u64,
}

/// A collector that cannot be used. It says what is wrong with the setting.
#[derive(Debug, thiserror::Error)]
#[error("expected http://HOST:PORT or https://HOST:PORT")]
pub struct CollectorFault;

impl Spans {
    /// Sends spans to a collector until all clones are gone; then the task ends. Of the traces that begin here, this part
    /// is recorded, from 0 to 1; those that a caller records always are.
    ///
    /// # Errors
    /// If the address is malformed. Whether somebody answers there makes no difference.
    pub fn start(collector: &str, part: f64) -> Result<(Spans, JoinHandle<()>), CollectorFault> {
        let channel = channel(collector)?;
        let (queue, waiting) = mpsc::channel(MAX_WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(send_all(channel, waiting, Arc::clone(&dropped)));
        let spans = Spans {
            queue,
            dropped,
            sampled: sampled(part),
        };
        Ok((spans, task))
    }

    /// Says whether a trace that begins here is recorded. All servers say the same of one trace.
    pub fn records(&self, trace_id: [u8; 16]) -> bool {
        random_part(trace_id) < self.sampled
    }

    /// Hands a span over, unless too many wait.
    pub fn send(&self, span: CallSpan) {
        if self.queue.try_send(span).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns how many spans were dropped, because the collector did not take them. The count goes on.
    pub fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }
}

fn sampled(part: f64) -> u64 {
    (part * (1_u64 << RANDOM_BITS) as f64) as u64
}

/// Returns what is random in an id, whoever made it (W3C Trace Context, level 2): the last seven bytes.
fn random_part(trace_id: [u8; 16]) -> u64 {
    let last = u128::from_be_bytes(trace_id) & ((1 << RANDOM_BITS) - 1);
    u64::try_from(last).unwrap_or(0)
}

fn channel(collector: &str) -> Result<Channel, CollectorFault> {
    let endpoint = Endpoint::from_shared(collector.to_owned()).map_err(|_| CollectorFault)?;
    let endpoint = match endpoint.uri().scheme_str() {
        Some("http") => endpoint,
        Some("https") => endpoint
            .tls_config(ClientTlsConfig::new().with_webpki_roots())
            .map_err(|_| CollectorFault)?,
        _ => return Err(CollectorFault),
    };
    Ok(endpoint
        .timeout(WITHIN)
        .connect_timeout(WITHIN)
        .connect_lazy())
}

async fn send_all(
    channel: Channel,
    mut waiting: mpsc::Receiver<CallSpan>,
    dropped: Arc<AtomicU64>,
) {
    let mut batch = Vec::new();
    let mut is_down = false;
    loop {
        let has_ended = collect(&mut waiting, &mut batch).await;
        if !batch.is_empty() {
            let n_spans = batch.len() as u64;
            let sent = export(&channel, std::mem::take(&mut batch)).await;
            if sent.is_err() {
                dropped.fetch_add(n_spans, Ordering::Relaxed);
            }
            match (sent.is_err(), is_down) {
                (true, false) => tracing::warn!(
                    "spans are dropped: the collector of --otlp-endpoint does not take them"
                ),
                (false, true) => tracing::info!("the collector takes spans again"),
                _ => {}
            }
            is_down = sent.is_err();
        }
        if has_ended {
            return;
        }
    }
}

/// Collects spans until there are enough, or for a while. Says whether no more will come.
async fn collect(waiting: &mut mpsc::Receiver<CallSpan>, batch: &mut Vec<CallSpan>) -> bool {
    let all = async {
        while batch.len() < MAX_BATCH {
            let n_more = MAX_BATCH - batch.len();
            if waiting.recv_many(batch, n_more).await == 0 {
                return true;
            }
        }
        false
    };
    timeout(EVERY, all).await.unwrap_or(false)
}

async fn export(channel: &Channel, batch: Vec<CallSpan>) -> Result<(), tonic::Status> {
    let mut grpc = Grpc::new(channel.clone());
    let ready = grpc.ready().await;
    ready.map_err(|error| tonic::Status::unavailable(error.to_string()))?;
    let request = Request::new(request(batch));
    let codec = ProstCodec::<ExportTraceServiceRequest, ExportTraceServiceResponse>::default();
    let path = http::uri::PathAndQuery::from_static(EXPORT);
    grpc.unary(request, path, codec).await.map(drop)
}

fn request(batch: Vec<CallSpan>) -> ExportTraceServiceRequest {
    let resource = SpanSource {
        attributes: vec![
            text("service.name", "clientele"),
            text("service.version", env!("CARGO_PKG_VERSION")),
        ],
    };
    let scope_spans = ScopeSpans {
        spans: batch.into_iter().map(span).collect(),
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![scope_spans],
        }],
    }
}

fn span(call: CallSpan) -> Span {
    let began = u64::try_from(call.began).unwrap_or(0) * 1_000;
    let took = u64::try_from(call.took.as_nanos()).unwrap_or(0);
    let mut attributes = vec![
        text("rpc.system", "grpc"),
        text("rpc.method", &call.method),
        KeyValue {
            key: "rpc.grpc.status_code".to_owned(),
            value: value(AttributeValue::Int(call.code as i64)),
        },
        text("request.id", &call.request_id),
    ];
    attributes.extend(call.tenant.map(|tenant| text("tenant.id", &tenant)));
    Span {
        trace_id: call.trace_id.to_vec(),
        span_id: call.span_id.to_vec(),
        parent_span_id: call.parent.map(Vec::from).unwrap_or_default(),
        name: call.method,
        kind: KIND_SERVER,
        start_time_unix_nano: began,
        end_time_unix_nano: began + took,
        attributes,
        status: call.is_fault.then_some(SpanStatus { code: STATUS_ERROR }),
    }
}

fn text(key: &str, text: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: value(AttributeValue::Text(text.to_owned())),
    }
}

fn value(value: AttributeValue) -> Option<AnyValue> {
    Some(AnyValue { value: Some(value) })
}

#[cfg(test)]
mod tests {
    use super::{random_part, sampled};

    #[test]
    fn so_many_traces_are_recorded_as_it_was_asked_for() {
        let ids: Vec<_> = (0..10_000)
            .map(|_| *uuid::Uuid::new_v4().as_bytes())
            .collect();
        for (part, least, most) in [(0.0, 0, 0), (0.25, 2_200, 2_800), (1.0, 10_000, 10_000)] {
            let recorded = ids.iter().filter(|id| random_part(**id) < sampled(part));
            let n_recorded = recorded.count();
            assert!((least..=most).contains(&n_recorded), "{part}: {n_recorded}");
        }
    }
}
