//! One log line for every call, written when the call has ended, and the request id that both sides know it by. Metrics
//! and spans are told of the end here, too.
//!
//! A line never holds a header, a body or the message of a status, all of which may be about people. The text of a
//! cause is logged: whoever makes one must keep people out of it.

use std::error::Error as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response};
use http_body::Frame;
use prost::bytes::Bytes;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::clock::Clock;
use crate::error::Error;
use crate::server::setup::Setup;
use crate::server::trace_context::{TraceParent, hex_text};
use crate::store::scope::TenantScope;
use crate::telemetry::spans::CallSpan;

/// The header of requests and answers that holds the id.
const REQUEST_ID: &str = "x-request-id";
/// The longest id that a caller may choose, in bytes.
const MAX_REQUEST_ID: usize = 64;
/// The longest method name that is logged, in bytes.
const MAX_METHOD: usize = 128;
/// What is logged instead of a path that may be any text.
const UNKNOWN: &str = "unknown";
/// The most characters of one cause, and the most causes of one chain, that are logged.
const MAX_CAUSE: usize = 200;
const MAX_CAUSES: usize = 5;

/// A call in progress. It is logged once: when its answer has ended, or as CANCELLED if it is dropped before.
pub(crate) struct LoggedCall {
    method: Arc<str>,
    request_id: Arc<str>,
    tenant: Option<Arc<str>>,
    began: Instant,
    traced: Traced,
    setup: Arc<Setup>,
    logged: bool,
}

/// The trace of a call, if it belongs to one.
#[derive(Default)]
struct Traced {
    trace_id: Option<[u8; 16]>,
    parent: Option<[u8; 8]>,
    /// If a span of it is sent: when it began, in microseconds since 1970.
    recorded_from: Option<i64>,
}

impl Traced {
    fn begin(headers: &HeaderMap, setup: &Setup) -> Traced {
        let parent = TraceParent::of(headers);
        let new = || *uuid::Uuid::new_v4().as_bytes();
        let trace_id = match (&parent, &setup.spans) {
            (Some(parent), _) => Some(parent.trace_id),
            (None, Some(_)) => Some(new()),
            (None, None) => None,
        };
        let is_recorded = match (&setup.spans, parent, trace_id) {
            (Some(_), Some(parent), _) => parent.is_sampled,
            (Some(spans), None, Some(new)) => spans.records(new),
            _ => false,
        };
        Traced {
            trace_id,
            parent: parent.map(|parent| parent.span_id),
            recorded_from: is_recorded.then(|| Clock::System.now()),
        }
    }
}

impl LoggedCall {
    /// Starts the clock of a request and chooses its id.
    pub(crate) fn begin(request: &Parts, setup: &Arc<Setup>) -> LoggedCall {
        setup.metrics.call_begins();
        LoggedCall {
            method: method(request.uri.path()).into(),
            request_id: request_id(&request.headers),
            tenant: None,
            began: Instant::now(),
            traced: Traced::begin(&request.headers, setup),
            setup: Arc::clone(setup),
            logged: false,
        }
    }

    /// Takes note of whose data the call is about, if that is known.
    pub(crate) fn is_of(&mut self, scope: Option<&TenantScope>) {
        self.tenant = scope.map(|scope| scope.tenant().into());
    }

    /// Answers a call that reaches no service. Its path is not logged: it may be any text that the caller chose.
    pub(crate) fn refused(mut self, response: Response<Body>) -> Response<Body> {
        self.method = UNKNOWN.into();
        self.answered(response)
    }

    /// Gives the answer its id, and logs the call when the answer ends.
    pub(crate) fn answered(mut self, mut response: Response<Body>) -> Response<Body> {
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        if response.headers().contains_key("grpc-status") {
            // tonic keeps the status, with its cause, in the extensions of such an answer.
            let cause = response.extensions().get().and_then(cause_of);
            self.log(&CallEnd::of(response.headers(), cause));
            return response;
        }
        response.map(|body| Body::new(LoggedBody { body, call: self }))
    }

    fn log(&mut self, outcome: &CallEnd) {
        if std::mem::replace(&mut self.logged, true) {
            return;
        }
        // A path that no service knows is text that the caller chose.
        let known = outcome.reason.as_deref() != Some("METHOD_UNKNOWN");
        let method = if known { &*self.method } else { UNKNOWN };
        let took = self.began.elapsed();
        self.setup.metrics.call_ended(method, outcome.code, took);
        self.send_span(method, outcome, took);
        let duration_ms = (took.as_secs_f64() * 1e6).round() / 1e3;
        let trace_id = self.traced.trace_id.map(|id| hex_text(&id));
        macro_rules! event {
            ($level:ident) => {
                tracing::$level!(
                    rpc.method = method,
                    grpc.code = ?outcome.code,
                    error.reason = outcome.reason.as_deref(),
                    error.cause = outcome.cause.as_deref(),
                    duration_ms,
                    request.id = &*self.request_id,
                    tenant.id = self.tenant.as_deref(),
                    trace.id = trace_id.as_deref(),
                    "call"
                )
            };
        }
        if outcome.is_server_fault() {
            event!(error)
        } else {
            event!(info)
        }
    }
}

impl LoggedCall {
    fn send_span(&self, method: &str, outcome: &CallEnd, took: Duration) {
        let (Some(spans), Some(began), Some(trace_id)) = (
            &self.setup.spans,
            self.traced.recorded_from,
            self.traced.trace_id,
        ) else {
            return;
        };
        let [span_id @ .., _, _, _, _, _, _, _, _] = *uuid::Uuid::new_v4().as_bytes();
        spans.send(CallSpan {
            trace_id,
            span_id,
            parent: self.traced.parent,
            method: method.to_owned(),
            code: outcome.code,
            is_fault: outcome.is_server_fault(),
            began,
            took,
            request_id: Arc::clone(&self.request_id),
            tenant: self.tenant.clone(),
        });
    }
}

impl Drop for LoggedCall {
    fn drop(&mut self) {
        self.log(&CallEnd {
            code: Code::Cancelled,
            reason: None,
            cause: None,
        });
    }
}

/// How a call ended.
struct CallEnd {
    code: Code,
    reason: Option<String>,
    cause: Option<String>,
}

impl CallEnd {
    fn of(headers: &HeaderMap, cause: Option<String>) -> CallEnd {
        let code = headers
            .get("grpc-status")
            .map_or(Code::Unknown, |code| Code::from_bytes(code.as_bytes()));
        let reason = || {
            Status::from_header_map(headers)?
                .get_details_error_info()
                .map(|info| info.reason)
        };
        CallEnd {
            code,
            reason: if code == Code::Ok { None } else { reason() },
            cause,
        }
    }

    /// Says whether the call failed, and the server is to blame.
    fn is_server_fault(&self) -> bool {
        let has_fault_code = matches!(
            self.code,
            Code::Internal | Code::Unavailable | Code::Unknown | Code::DataLoss
        );
        has_fault_code || self.cause.is_some()
    }
}

/// Returns the caller's id if it is well-formed, else a new one.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    let is_in = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let well_formed = |id: &&str| (1..=MAX_REQUEST_ID).contains(&id.len()) && id.bytes().all(is_in);
    let given = headers
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(well_formed);
    given.map_or_else(|| uuid::Uuid::now_v7().to_string().into(), Arc::from)
}

/// Returns a path without its first slash if it looks like a gRPC one, else `unknown`.
fn method(path: &str) -> &str {
    let is_in = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/');
    match path.strip_prefix('/') {
        Some(method) if method.len() <= MAX_METHOD && method.bytes().all(is_in) => method,
        _ => UNKNOWN,
    }
}

/// Returns the causes of an error of ours, outermost first. What the text of another error contains is not known.
fn cause_of(status: &Status) -> Option<String> {
    let error = status.source()?.downcast_ref::<Error>()?;
    let chain = std::iter::successors(error.source(), |&cause| cause.source()).take(MAX_CAUSES);
    let texts: Vec<String> = chain
        .map(|cause| cause.to_string().chars().take(MAX_CAUSE).collect())
        .collect();
    (!texts.is_empty()).then(|| texts.join(": "))
}

/// The body of an answer. Its trailers say how the call ended.
struct LoggedBody {
    body: Body,
    call: LoggedCall,
}

impl http_body::Body for LoggedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.call.log(&CallEnd::of(trailers, None));
                }
            }
            Poll::Ready(Some(Err(_)) | None) => {
                self.call.log(&CallEnd {
                    code: Code::Unknown,
                    reason: None,
                    cause: None,
                });
            }
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}
