//! How long a call may take: until the deadline of the caller or the cap of the method, whichever comes first.
//!
//! It ends calls, also in the middle of a stream, by dropping the handler; what a dropped handler leaves behind is the
//! store's to settle. tonic's own timeout answers CANCELLED and covers only the time to the headers (trap M3).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{HeaderMap, Request, Response};
use http_body::{Frame, SizeHint};
use prost::bytes::Bytes;
use tokio::sync::watch;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tower::ServiceExt;

use crate::error::Error;
use crate::server::limits::Limits;
use crate::server::{Phase, reached, refusal};
use crate::service::Deadline;

/// How much earlier than the caller's own clock a call ends, so that the answer still arrives and tonic's timeout,
/// which would answer CANCELLED and starts a little before ours, does not come first: a twentieth of the time, but not
/// less than this.
const LEAST_MARGIN: Duration = Duration::from_millis(2);
/// The most that a call ends early.
const MOST_MARGIN: Duration = Duration::from_millis(50);

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

/// The verbs that names of methods begin with, and the cap of each. `tests/descriptors.rs` holds that every method of
/// the API has its verb here.
pub const CAPS: [(&str, Cap); 22] = [
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

/// Calls `routes` and ends the call, with DEADLINE_EXCEEDED or, in a shutdown, with UNAVAILABLE, when its time is up.
pub(crate) async fn with_deadline(
    routes: Routes,
    mut request: Request<Body>,
    limits: &Limits,
    phases: &watch::Receiver<Phase>,
) -> Response<Body> {
    let asked = match grpc_timeout(request.headers()) {
        Ok(asked) => {
            asked.map(|asked| asked.saturating_sub((asked / 20).clamp(LEAST_MARGIN, MOST_MARGIN)))
        }
        Err(error) => return refusal(error),
    };
    let cap = longest(request.uri().path(), limits);
    let deadline = match asked.into_iter().chain(cap).min() {
        // Not begun at all: a write that the handler spawned would go on without it.
        Some(Duration::ZERO) => return refusal(Error::DeadlineExceeded),
        time => time.and_then(|time| Instant::now().checked_add(time)),
    };
    if let Some(deadline) = deadline {
        request.extensions_mut().insert(Deadline(deadline));
    }
    let last_phase = if cap.is_some() {
        Phase::Closing
    } else {
        Phase::Draining
    };
    let mut end: End = Box::pin(end_of_call(deadline, reached(phases.clone(), last_phase)));
    tokio::select! {
        biased;
        Ok(response) = routes.oneshot(request) => response.map(|body| Body::new(Bounded { body, end: Some(end) })),
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

/// Resolves when a call has to end, to the reason.
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

/// The body of an answer, which ends in an error when the call has to end.
struct Bounded {
    body: Body,
    /// None once it has come.
    end: Option<End>,
}

impl http_body::Body for Bounded {
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
        // Asked first: a stream that always has something to say would never let it be asked.
        if let Poll::Ready(error) = end.as_mut().poll(cx) {
            this.end = None;
            this.body = Body::empty();
            return Poll::Ready(Some(Err(error.into())));
        }
        Pin::new(&mut this.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.end.is_none() || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
