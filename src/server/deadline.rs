//! How long a call may take: until the caller's deadline or the cap of the method, whichever comes first.
//!
//! It ends a call, even in the middle of a stream, by dropping the handler; the store deals with what a dropped handler
//! leaves behind. Sending what was answered ends then, too (`exchange`).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::request::Parts;
use http::{HeaderMap, Response};
use http_body::Frame;
use prost::bytes::Bytes;
use tokio::sync::watch;
use tonic::Status;
use tonic::body::Body;

use crate::error::Error;
use crate::server::form::refusal;
use crate::server::limits::Limits;
use crate::server::{Phase, reached};

/// A call ends a twentieth of its time before the caller's deadline, but at least and at most this much. So the answer
/// still arrives in time.
const MIN_MARGIN: Duration = Duration::from_millis(2);
const MAX_MARGIN: Duration = Duration::from_millis(50);

/// How long a method may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// As long as a method that only reads: `Limits::read_cap`.
    Read,
    /// As long as a method that reads all customers to answer: `Limits::analysis_cap`.
    Analysis,
    /// As long as a method that may write: `Limits::write_cap`.
    Write,
    /// Until one side ends it.
    Unlimited,
}

/// The verbs that names of methods begin with, and the cap of each. `tests/descriptors` holds that every method of
/// the API has its verb here.
pub const CAPS: [(&str, Cap); 23] = [
    ("Add", Cap::Write),
    ("BatchGet", Cap::Read),
    ("Check", Cap::Read),
    ("Compare", Cap::Analysis),
    ("Confirm", Cap::Write),
    ("Count", Cap::Read),
    ("Create", Cap::Write),
    ("Delete", Cap::Write),
    ("Describe", Cap::Analysis),
    ("End", Cap::Write),
    ("Explain", Cap::Read),
    ("Get", Cap::Read),
    ("List", Cap::Read),
    ("Log", Cap::Write),
    ("LookUp", Cap::Read),
    ("Match", Cap::Read),
    ("Preview", Cap::Read),
    ("Remove", Cap::Write),
    ("Revoke", Cap::Write),
    ("ServerReflectionInfo", Cap::Unlimited),
    ("Undelete", Cap::Write),
    ("Update", Cap::Write),
    ("Watch", Cap::Unlimited),
];

/// Returns the verb of a method and its cap, from [`CAPS`].
pub fn verb_and_cap(method: &str) -> Option<(&'static str, Cap)> {
    CAPS.into_iter().find(|(verb, _)| {
        let rest = method.strip_prefix(verb);
        rest.is_some_and(|rest| !rest.starts_with(char::is_lowercase))
    })
}

/// When a call has to end.
#[derive(Clone, Copy)]
pub(crate) struct Time {
    /// None if it goes on until one side ends it.
    pub(crate) deadline: Option<Instant>,
    /// The phase of a shutdown that ends it.
    last_phase: Phase,
}

impl Time {
    /// Returns the time that a call has, from now on.
    ///
    /// # Errors
    /// If `grpc-timeout` is malformed, or there is no time at all.
    pub(crate) fn of(request: &Parts, limits: &Limits) -> Result<Time, Error> {
        let asked = grpc_timeout(&request.headers)?;
        let asked =
            asked.map(|asked| asked.saturating_sub((asked / 20).clamp(MIN_MARGIN, MAX_MARGIN)));
        let cap = longest(request.uri.path(), limits);
        let deadline = match asked.into_iter().chain(cap).min() {
            // The handler is not even called: a write that it spawned would go on without it.
            Some(Duration::ZERO) => return Err(Error::DeadlineExceeded),
            time => time.and_then(|time| Instant::now().checked_add(time)),
        };
        let last_phase = if cap.is_some() {
            Phase::Closing
        } else {
            Phase::Draining
        };
        Ok(Time {
            deadline,
            last_phase,
        })
    }
}

/// Says whether a method has no cap.
pub(crate) fn is_unlimited(path: &str) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    verb_and_cap(method).is_some_and(|(_, cap)| cap == Cap::Unlimited)
}

/// Waits for an answer. When the time is up the call ends with DEADLINE_EXCEEDED or, in a shutdown, with UNAVAILABLE.
pub(crate) async fn with_deadline(
    answer: impl Future<Output = Response<Body>>,
    time: Time,
    phases: &watch::Receiver<Phase>,
) -> Response<Body> {
    let shut_down = reached(phases.clone(), time.last_phase);
    let mut end: End = Box::pin(end_of_call(time.deadline, shut_down));
    tokio::select! {
        biased;
        response = answer => response.map(|body| Body::new(WithDeadline { body, end: Some(end) })),
        error = &mut end => refusal(error),
    }
}

/// Returns the longest that a call may take; none if it goes on until one side ends it.
fn longest(path: &str, limits: &Limits) -> Option<Duration> {
    let method = path.rsplit('/').next().unwrap_or_default();
    // Without a verb it is no method of ours, and answered so at once.
    match verb_and_cap(method).map_or(Cap::Read, |(_, cap)| cap) {
        Cap::Read => Some(limits.read_cap),
        Cap::Analysis => Some(limits.analysis_cap),
        Cap::Write => Some(limits.write_cap),
        Cap::Unlimited => None,
    }
}

/// Reads `grpc-timeout`: at most eight digits and a unit.
fn grpc_timeout(headers: &HeaderMap) -> Result<Option<Duration>, Error> {
    let Some(value) = headers.get("grpc-timeout") else {
        return Ok(None);
    };
    let parsed = value.to_str().ok().and_then(parse_timeout);
    let malformed = || {
        Error::field(
            "grpc-timeout",
            "must be 1 to 8 digits and one of the units H, M, S, m, u, n",
        )
    };
    parsed.map(Some).ok_or_else(malformed)
}

fn parse_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 60 * 60)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// Resolves to the reason when a call has to end.
type End = Pin<Box<dyn Future<Output = Error> + Send>>;

async fn end_of_call(deadline: Option<Instant>, shut_down: impl Future<Output = ()>) -> Error {
    let passed = async {
        match deadline {
            Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = passed => Error::DeadlineExceeded,
        () = shut_down => Error::ShuttingDown,
    }
}

/// The body of an answer, which fails when the call has to end.
struct WithDeadline {
    body: Body,
    /// None once it has resolved.
    end: Option<End>,
}

impl http_body::Body for WithDeadline {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(end) = &mut this.end else {
            return Poll::Ready(None);
        };
        // Polled first: a stream that is always ready would never let it be polled.
        if let Poll::Ready(error) = end.as_mut().poll(cx) {
            this.end = None;
            return Poll::Ready(Some(Err(error.into())));
        }
        Pin::new(&mut this.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.end.is_none() || self.body.is_end_stream()
    }
}
