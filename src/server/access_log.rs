//! One line in the log for every call, written when it has ended, and the id by which both sides can speak of it.
//!
//! A line has only what this module lets in: never a header, a body, or the message of a status, all of which can be
//! about people. The text of a cause is logged; whoever makes one sees to it that it names no person.

use std::error::Error as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::{Frame, SizeHint};
use prost::bytes::Bytes;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::error::Error;

/// The header, in requests and answers, that holds the id of a call.
const REQUEST_ID: &str = "x-request-id";
/// The longest id of a caller's choice, in bytes.
const MAX_REQUEST_ID: usize = 64;
/// The longest name of a method that is logged, in bytes.
const MAX_METHOD: usize = 128;
/// The most characters of each cause in a chain, and the most causes.
const MAX_CAUSE: usize = 200;
const MAX_CAUSES: usize = 5;

/// The id of the call, in the extensions of every request.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// A call under way. It is logged once: when its answer has ended, or as CANCELLED when it is dropped before.
pub struct Call {
    method: Arc<str>,
    id: RequestId,
    began: Instant,
    logged: bool,
}

impl Call {
    /// Takes note of a request, and gives it its id.
    pub fn begin(request: &mut Request<Body>) -> Call {
        let id = RequestId(request_id(request.headers()));
        request.extensions_mut().insert(id.clone());
        Call {
            method: method(request.uri().path()).into(),
            id,
            began: Instant::now(),
            logged: false,
        }
    }

    /// Gives the answer its id and sees it to its end.
    pub fn answered(mut self, mut response: Response<Body>) -> Response<Body> {
        if let Ok(id) = HeaderValue::from_str(&self.id.0) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        if response.headers().contains_key("grpc-status") {
            // Only here a cause can be found: tonic keeps the status among the extensions of the answer it makes.
            let cause = response.extensions().get().and_then(cause_of);
            self.log(&Outcome::of(response.headers(), cause));
            return response;
        }
        response.map(|body| Body::new(Logged { body, call: self }))
    }

    fn log(&mut self, outcome: &Outcome) {
        if std::mem::replace(&mut self.logged, true) {
            return;
        }
        // A path that no service knows is nothing but a text that the caller chose.
        let known = !matches!(
            outcome.reason.as_deref(),
            Some("METHOD_UNKNOWN" | "HOST_REFUSED" | "ORIGIN_REFUSED")
        );
        let method = if known { &*self.method } else { "unknown" };
        let duration_ms = (self.began.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        macro_rules! event {
            ($level:ident) => {
                tracing::$level!(
                    rpc.method = method,
                    grpc.code = ?outcome.code,
                    error.reason = outcome.reason.as_deref(),
                    error.cause = outcome.cause.as_deref(),
                    duration_ms,
                    request.id = &*self.id.0,
                    "call"
                )
            };
        }
        if outcome.is_ours() {
            event!(error)
        } else {
            event!(info)
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.log(&Outcome {
            code: Code::Cancelled,
            reason: None,
            cause: None,
        });
    }
}

/// How a call ended.
struct Outcome {
    code: Code,
    reason: Option<String>,
    cause: Option<String>,
}

impl Outcome {
    fn of(headers: &HeaderMap, cause: Option<String>) -> Outcome {
        let code = headers
            .get("grpc-status")
            .map_or(Code::Unknown, |code| Code::from_bytes(code.as_bytes()));
        let reason = || {
            Status::from_header_map(headers)?
                .get_details_error_info()
                .map(|info| info.reason)
        };
        Outcome {
            code,
            reason: if code == Code::Ok { None } else { reason() },
            cause,
        }
    }

    /// Says whether the failure, if it is one, is the server's.
    fn is_ours(&self) -> bool {
        let ours = matches!(
            self.code,
            Code::Internal | Code::Unavailable | Code::Unknown | Code::DataLoss
        );
        ours || self.cause.is_some()
    }
}

/// Takes the caller's id if it is well-formed, or makes one.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    let is_in = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let well_formed = |id: &&str| (1..=MAX_REQUEST_ID).contains(&id.len()) && id.bytes().all(is_in);
    let given = headers
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(well_formed);
    given.map_or_else(|| uuid::Uuid::now_v7().to_string().into(), Arc::from)
}

/// Returns a path without its first slash, if it looks like one of gRPC.
fn method(path: &str) -> &str {
    let is_in = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/');
    match path.strip_prefix('/') {
        Some(method) if method.len() <= MAX_METHOD && method.bytes().all(is_in) => method,
        _ => "unknown",
    }
}

/// Returns what lies behind an error of ours, outermost first. Of other errors nobody knows what their text tells.
fn cause_of(status: &Status) -> Option<String> {
    let error = status.source()?.downcast_ref::<Error>()?;
    let chain = std::iter::successors(error.source(), |&cause| cause.source()).take(MAX_CAUSES);
    let texts: Vec<String> = chain
        .map(|cause| cause.to_string().chars().take(MAX_CAUSE).collect())
        .collect();
    (!texts.is_empty()).then(|| texts.join(": "))
}

/// The body of an answer, whose trailers say how the call ended.
struct Logged {
    body: Body,
    call: Call,
}

impl http_body::Body for Logged {
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
                    self.call.log(&Outcome::of(trailers, None));
                }
            }
            Poll::Ready(Some(Err(_)) | None) => {
                self.call.log(&Outcome {
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

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
