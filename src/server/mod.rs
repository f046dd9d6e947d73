//! The server around the services: it accepts connections, guards, limits and logs calls, reports health, and drains.
//!
//! It owns what is the same for every call. Except for `api.rs`, which lists the services, it knows no service of the
//! product and no store: services come in as `Routes`, and what the store answers as watched [`Answers`].

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

pub(crate) mod access_log;
pub mod api;
pub(crate) mod compression;
pub mod deadline;
pub mod guard;
pub mod health;
pub(crate) mod host;
pub mod limits;
pub mod listener;
pub mod reflection;

/// How far a shutdown has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Calls are accepted.
    Serving,
    /// No connection is accepted. Calls without a cap are ended, the others may finish.
    Draining,
    /// Calls that still run are answered UNAVAILABLE.
    Closing,
}

/// Serves `routes` and `grpc.health.v1` on `listener` until `shutdown` resolves, then drains and returns.
///
/// `services` are the full names that health answers for, besides the empty name and [`health::WRITES`]. `answers` says
/// what the store answers. After `shutdown`, health says NOT_SERVING at once; `limits.not_ready_for` later no more
/// connections are accepted; calls may finish until `limits.finish_within` after that; and `limits.hard_stop` after the
/// shutdown began every connection is cut. Dropping the future cuts all connections at once.
///
/// # Errors
/// None is known: the listener survives accept errors. The type is what tonic returns.
pub async fn serve(
    listener: TcpListener,
    routes: Routes,
    services: &[&'static str],
    limits: Limits,
    answers: watch::Receiver<Answers>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), transport::Error> {
    let initial = *answers.borrow();
    let (health, health_service) = health::start(services, initial, limits).await;
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
    // Nothing is sent on this channel. Its end is the signal, so that dropping this future gives it, too.
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

/// Waits for the shutdown, takes it through its phases, and returns at the hard stop.
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

/// Resolves when the shutdown has come to `phase`.
async fn reached(mut phases: watch::Receiver<Phase>, phase: Phase) {
    // An error means that the sender is gone, and so is the server.
    let _ = phases.wait_for(|now| *now >= phase).await;
}

fn refusal(error: Error) -> Response<Body> {
    Status::from(error).into_http()
}

/// Takes each call through the layers to the services.
#[derive(Clone)]
struct Front(Arc<Layers>);

struct Layers {
    routes: Routes,
    limits: Limits,
    phases: watch::Receiver<Phase>,
}

impl Front {
    fn new(routes: Routes, limits: Limits, phases: watch::Receiver<Phase>) -> Front {
        Front(Arc::new(Layers {
            routes: routes.prepare(),
            limits,
            phases,
        }))
    }
}

impl Layers {
    /// Answers a call; the outermost layer stands first.
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let call = access_log::Call::begin(&request);
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
        let layers = Arc::clone(&self.0);
        Box::pin(async move { Ok(layers.answer(request).await) })
    }
}
