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
use crate::service::Deadline;

use crate::server::limits::Limits;
use crate::server::{Phase, reached, refusal};

/// How much earlier than the caller's own clock a call ends, so that the answer still arrives and tonic's timeout,
/// which would answer CANCELLED and starts a little before ours, does not come first: a twentieth of the time, but not
/// less than this.
const LEAST_MARGIN: Duration = Duration::from_millis(2);
/// The most that a call ends early.
const MOST_MARGIN: Duration = Duration::from_millis(50);

/// The beginnings of names of methods that only read.
const READS: [&str; 11] = [
    "Get", "List", "BatchGet", "Check", "Count", "LookUp", "Match", "Explain", "Preview", "Find",
    "Resolve",
];
/// The beginnings of names of methods that read all customers to answer.
const ANALYSES: [&str; 2] = ["Compare", "Describe"];

/// Calls `routes` and ends the call, with DEADLINE_EXCEEDED or, in a shutdown, with UNAVAILABLE, when its time is up.
pub async fn bounded(
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
    let cap = cap(request.uri().path(), limits);
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

/// Returns the longest that a method may take; none for those that go on until one side ends them.
fn cap(path: &str, limits: &Limits) -> Option<Duration> {
    let method = path.rsplit('/').next().unwrap_or_default();
    let is_one_of = |beginnings: &[&str]| {
        beginnings
            .iter()
            .any(|beginning| method.starts_with(beginning))
    };
    if method.starts_with("Watch") || method == "ServerReflectionInfo" {
        None
    } else if is_one_of(&READS) {
        Some(limits.read_cap)
    } else if is_one_of(&ANALYSES) {
        Some(limits.analysis_cap)
    } else {
        Some(limits.write_cap)
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
