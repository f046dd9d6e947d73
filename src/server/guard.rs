//! Turns failures that no handler reported, panics and tonic's own statuses, into errors of the API.
//!
//! It has the last word on the status that is sent, in headers or in trailers. It leaves alone a status that has
//! details, and the codes that health defines for itself, such as NOT_FOUND.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_util::FutureExt;
use http::{HeaderMap, Response};
use http_body::Frame;
use prost::bytes::Bytes;
use tonic::body::Body;
use tonic::{Code, Status};

use crate::error::Error;
use crate::server::compression;
use crate::server::form::refusal;

static PANICS: AtomicU64 = AtomicU64::new(0);

const STATUS: &str = "grpc-status";
const DETAILS: &str = "grpc-status-details-bin";

/// Returns how many panics of handlers and streams were caught since the process began. It should stay 0.
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Returns the answer, or INTERNAL if it panics, at once or while its body streams. A message that tonic refused to
/// send because it is larger than `max_answer_bytes` becomes RESPONSE_TOO_LARGE.
pub(crate) async fn guarded(
    answer: impl Future<Output = Response<Body>>,
    max_answer_bytes: usize,
) -> Response<Body> {
    let Ok(response) = AssertUnwindSafe(answer).catch_unwind().await else {
        return refusal(panicked());
    };
    match replacement(response.headers(), AnswerPart::Headers, max_answer_bytes) {
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

/// Counts a panic. Its message may be about people and is dropped unread; the hook in `telemetry` logs its location.
fn panicked() -> Error {
    PANICS.fetch_add(1, Ordering::Relaxed);
    Error::internal("a panic")
}

/// The part of an answer that holds the status. In the headers it was made before the handler answered.
#[derive(Clone, Copy, PartialEq)]
enum AnswerPart {
    Headers,
    Trailers,
}

/// Returns the status to send instead of one that tonic made, or `None` to leave it. tonic's have no details, and
/// blame the server for what the caller sent.
fn replacement(headers: &HeaderMap, part: AnswerPart, max_answer_bytes: usize) -> Option<Status> {
    let code = Code::from_bytes(headers.get(STATUS)?.as_bytes());
    if code == Code::Ok || headers.contains_key(DETAILS) {
        return None;
    }
    // Only the text of tonic's status tells a request from an answer. It is percent-encoded here.
    let says = |word: &str| {
        let message = headers
            .get("grpc-message")
            .and_then(|message| message.to_str().ok());
        message.is_some_and(|message| message.contains(word))
    };
    let error = match (code, part) {
        (Code::Unimplemented, AnswerPart::Headers)
            if headers.contains_key("grpc-accept-encoding") =>
        {
            return Some(unknown_encoding());
        }
        (Code::Unimplemented, AnswerPart::Headers) => Error::MethodUnknown,
        (Code::Internal, AnswerPart::Trailers) if says("Error%20encoding") => {
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

/// The status for a `grpc-encoding` that is not supported. The protocol asks for this code and this header.
fn unknown_encoding() -> Status {
    let details = Status::from(Error::MessageUndecodable).details().to_vec();
    let message = "the grpc-encoding of the message is not supported";
    let mut status = Status::with_details(Code::Unimplemented, message, details.into());
    status.metadata_mut().insert(
        "grpc-accept-encoding",
        tonic::metadata::MetadataValue::from_static(compression::ACCEPTED),
    );
    status
}

/// The body of an answer, whose panics, errors and statuses of tonic become trailers with an error of the API.
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

    fn replaced(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        let replace = |trailers| replacement(trailers, AnswerPart::Trailers, self.max_answer_bytes);
        match frame.trailers_ref().and_then(replace) {
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
            Poll::Ready(Some(Ok(frame))) => self.replaced(frame),
            Poll::Ready(Some(Err(status))) => self.end(&status),
            other => return other,
        };
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }
}
