//! The server around the services: it accepts, guards, bounds and logs calls, tells its health, and drains.
//!
//! It owns everything that is the same for every call. But for `api.rs`, which lists the services, it knows no service
//! of the product and no store: those come in as `Routes`, and what the store has to say about itself as watched
//! [`Answers`].

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use http::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::{self, Server};

use crate::error::Error;

use self::compression::{Encoding, compressed};
use self::health::Answers;
use self::limits::Limits;

pub mod access_log;
pub mod api;
pub mod compression;
pub mod deadline;
pub mod guard;
pub mod health;
pub mod host;
pub mod limits;
pub mod listener;
pub mod reflection;

/// How far a shutdown has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Calls are taken.
    Serving,
    /// No connection is accepted, calls without an end of their own are ended, the others finish.
    Draining,
    /// What is still running is answered UNAVAILABLE.
    Closing,
}

/// Serves `routes` and `grpc.health.v1` on `listener` until `shutdown` resolves, then drains and returns.
///
/// `services` are the full names for which health answers, besides the empty one and that of writes. `answers` says what
/// the store answers. After `shutdown`, health says NOT_SERVING at once; `limits.not_ready_for` later no connection is
/// accepted any more; calls may finish until `limits.finish_within` after that; `limits.hard_stop` after the beginning
/// every connection is cut. Dropping the future cuts all connections at once.
///
/// # Errors
/// None that is known: accepting survives its errors. The type is what tonic returns.
pub async fn serve(
    listener: TcpListener,
    routes: Routes,
    services: &[&'static str],
    limits: Limits,
    answers: watch::Receiver<Answers>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), transport::Error> {
    let at_first = *answers.borrow();
    let (health, health_service) = health::start(services, at_first, limits).await;
    let (phase, phases) = watch::channel(Phase::Serving);
    let (uncut, cut) = watch::channel(());
    let incoming = listener::incoming(listener, limits, cut);
    let front = Front::new(routes.add_service(health_service), limits, phases.clone());
    let server = transport_of(&limits).serve_with_incoming_shutdown(
        front,
        incoming,
        reached(phases, Phase::Draining),
    );
    let mut server = pin!(server);
    tokio::select! {
        ended = &mut server => return ended,
        () = drain(health, answers, shutdown, limits, phase) => {}
    }
    // Nobody sends on this channel: its end is the signal, which so comes also when this future is dropped.
    drop(uncut);
    tracing::warn!("connections were still open at the hard stop of the drain and are cut");
    timeout(
        limits.hard_stop.min(std::time::Duration::from_secs(1)),
        server,
    )
    .await
    .unwrap_or(Ok(()))
}

fn transport_of(limits: &Limits) -> Server {
    Server::builder()
        .max_concurrent_streams(limits.max_streams_per_connection)
        .http2_max_header_list_size(limits.max_header_bytes)
        .http2_max_pending_accept_reset_streams(Some(limits.max_pending_resets))
        .http2_max_local_error_reset_streams(Some(limits.max_error_resets))
        .http2_keepalive_interval(Some(limits.keepalive_every))
        .http2_keepalive_timeout(Some(limits.keepalive_within))
        .max_connection_age(limits.max_connection_age)
}

/// Waits for the shutdown and takes it through its phases; returns at the hard stop.
async fn drain(
    health: health::Reporter,
    answers: watch::Receiver<Answers>,
    shutdown: impl Future<Output = ()>,
    limits: Limits,
    phase: watch::Sender<Phase>,
) {
    tokio::select! {
        () = health.follow(answers) => {}
        () = shutdown => {}
    }
    let began = Instant::now();
    health
        .set(Answers {
            reads: false,
            writes: false,
        })
        .await;
    let stop = began + limits.not_ready_for;
    let hard_stop = began + limits.hard_stop;
    for (at, next) in [
        (stop, Phase::Draining),
        (stop + limits.finish_within, Phase::Closing),
    ] {
        sleep_until(at.min(hard_stop)).await;
        phase.send_replace(next);
    }
    sleep_until(hard_stop).await;
}

/// Resolves when `phases` is at least at `phase`.
async fn reached(mut phases: watch::Receiver<Phase>, phase: Phase) {
    // An error means that the sender is gone, and so is the server.
    let _ = phases.wait_for(|now| *now >= phase).await;
}

/// An answer that consists of an error.
fn refusal(error: Error) -> Response<Body> {
    Status::from(error).into_http()
}

/// The service in front of all services.
#[derive(Clone)]
struct Front(Arc<Inner>);

struct Inner {
    routes: Routes,
    limits: Limits,
    phases: watch::Receiver<Phase>,
}

impl Front {
    fn new(routes: Routes, limits: Limits, phases: watch::Receiver<Phase>) -> Front {
        Front(Arc::new(Inner {
            routes: routes.prepare(),
            limits,
            phases,
        }))
    }
}

impl Inner {
    /// Takes one call through everything, from the outside in.
    async fn answer(&self, mut request: Request<Body>) -> Response<Body> {
        let call = access_log::Call::begin(&mut request);
        let response = match host::check(request.uri(), request.headers()) {
            Ok(()) => {
                let encoding = Encoding::of_request(request.headers());
                let answer = deadline::with_deadline(
                    self.routes.clone(),
                    request,
                    &self.limits,
                    &self.phases,
                );
                let answer = answer.map(|answer| compressed(answer, encoding));
                guard::guarded(answer, self.limits.max_answer_bytes).await
            }
            Err(error) => refusal(error),
        };
        call.answered(response)
    }
}

impl tower::Service<Request<Body>> for Front {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { Ok(inner.answer(request).await) })
    }
}
