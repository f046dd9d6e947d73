//! Gives every failure that is not the handler's own the form that ours have: panics, and the statuses of tonic.
//!
//! It owns the last word on what is sent, in headers and in trailers. It does not change a status with details, nor
//! the codes that health and reflection define for themselves, such as NOT_FOUND.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_util::FutureExt;
use http::{HeaderMap, Response};
use http_body::{Frame, SizeHint};
use prost::bytes::Bytes;
use tonic::body::Body;
use tonic::{Code, Status};

use crate::error::Error;
use crate::server::{compression, refusal};

static PANICS: AtomicU64 = AtomicU64::new(0);

const STATUS: &str = "grpc-status";
const DETAILS: &str = "grpc-status-details-bin";

/// Returns how many panics of handlers and of streams were caught since the process began. It should stay 0.
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Answers with what `answer` gives, or with INTERNAL if it panics, then or while its body streams. A message larger
/// than `max_answer_bytes` that tonic refused to send is told as such.
pub async fn guarded(
    answer: impl Future<Output = Response<Body>>,
    max_answer_bytes: usize,
) -> Response<Body> {
    let Ok(response) = AssertUnwindSafe(answer).catch_unwind().await else {
        return refusal(panicked());
    };
    match explanation(response.headers(), Place::Headers, max_answer_bytes) {
        Some(status) => status.into_http(),
        None => response.map(|body| {
            Body::new(Guarded {
                body,
                ended: false,
                max_answer_bytes,
            })
        }),
    }
}

/// Counts a panic. What it said may be about people and is dropped unread; the hook in `telemetry` logs its place.
fn panicked() -> Error {
    PANICS.fetch_add(1, Ordering::Relaxed);
    Error::internal("a panic")
}

/// Where a status stands. In headers it is one that was made before the handler answered.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Headers,
    Trailers,
}

/// Returns the status to send instead of one that tonic made; `None` to leave it (trap M7).
fn explanation(headers: &HeaderMap, place: Place, max_answer_bytes: usize) -> Option<Status> {
    let code = Code::from_bytes(headers.get(STATUS)?.as_bytes());
    if code == Code::Ok || headers.contains_key(DETAILS) {
        return None;
    }
    // tonic tells messages in from messages out only by their text, which is percent-encoded here.
    let says = |word: &str| {
        let message = headers
            .get("grpc-message")
            .and_then(|message| message.to_str().ok());
        message.is_some_and(|message| message.contains(word))
    };
    let error = match (code, place) {
        (Code::Unimplemented, Place::Headers) if headers.contains_key("grpc-accept-encoding") => {
            return Some(encoding_unknown());
        }
        (Code::Unimplemented, Place::Headers) => Error::MethodUnknown,
        (Code::Internal, Place::Trailers) if says("Error%20encoding") => {
            Error::internal("an answer could not be encoded")
        }
        (Code::Internal, _) => Error::MessageUndecodable,
        (Code::OutOfRange, _) if says("encoded") => Error::ResponseTooLarge {
            limit: max_answer_bytes,
        },
        (Code::OutOfRange | Code::ResourceExhausted, _) => Error::MessageTooLarge,
        _ => return None,
    };
    Some(error.into())
}

/// The message is compressed in a way that is not known here. gRPC asks for this code and this header.
fn encoding_unknown() -> Status {
    let details = Status::from(Error::MessageUndecodable).details().to_vec();
    let message = "the grpc-encoding of the message is not supported";
    let mut status = Status::with_details(Code::Unimplemented, message, details.into());
    status.metadata_mut().insert(
        "grpc-accept-encoding",
        tonic::metadata::MetadataValue::from_static(compression::ACCEPTED),
    );
    status
}

/// The body of an answer, in which panics, errors and tonic's statuses become trailers of ours.
struct Guarded {
    body: Body,
    ended: bool,
    max_answer_bytes: usize,
}

impl Guarded {
    /// Ends the body with a status.
    fn end(&mut self, status: &Status) -> Frame<Bytes> {
        self.ended = true;
        self.body = Body::empty();
        let mut trailers = HeaderMap::new();
        if status.add_header(&mut trailers).is_err() {
            trailers.insert(STATUS, http::HeaderValue::from(Code::Internal as u16));
        }
        Frame::trailers(trailers)
    }

    fn explained(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        let explain = |trailers| explanation(trailers, Place::Trailers, self.max_answer_bytes);
        match frame.trailers_ref().and_then(explain) {
            Some(status) => self.end(&status),
            None => frame,
        }
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut self.body).poll_frame(cx)));
        let frame = match polled.unwrap_or_else(|_| Poll::Ready(Some(Err(panicked().into())))) {
            Poll::Ready(Some(Ok(frame))) => self.explained(frame),
            Poll::Ready(Some(Err(status))) => self.end(&status),
            other => return other,
        };
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
