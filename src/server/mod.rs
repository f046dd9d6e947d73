//! The server around the services: it accepts connections, guards, limits and logs calls, reports health, and drains.
//!
//! It owns what is the same for every call. Except for `api.rs`, which lists the services, and `auth`, which asks for
//! keys, it knows no service of the product and no store: services come in as `Routes`, and what the store answers as
//! watched [`Answers`].
//!
//! HTTP/2 is h2's, without hyper and tonic's server between: those neither end the sending of an answer nor say which
//! connection is idle or how much waits to be sent.

use std::future::Future;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use h2::RecvStream;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use tokio::sync::watch;
use tokio::time::sleep_until;
use tonic::body::Body;
use tonic::service::Routes;
use tower::ServiceExt;

use crate::error::Error;
use crate::service::Deadline;
use crate::store::scope::TenantScope;

use self::auth::Authenticator;
use self::compression::{Encoding, compressed};
use self::deadline::Time;
use self::form::refusal;
use self::health::Answers;
use self::host::HostRule;
use self::limits::Limits;
use self::memory::{Budget, BudgetShare, OPEN_CALL, Unsent};
use self::metrics::Metrics;
use self::request_body::RequestBody;
use self::setup::Setup;
use self::shares::{ShareOfCall, Shares};
use self::tls::Tls;

pub(crate) mod access_log;
pub mod admin;
pub mod api;
pub mod auth;
pub(crate) mod compression;
pub(crate) mod connection;
pub mod deadline;
pub(crate) mod exchange;
pub mod exposition;
pub(crate) mod form;
pub mod guard;
pub mod health;
pub mod host;
pub mod limits;
pub mod listener;
pub mod memory;
pub mod metrics;
pub(crate) mod places;
pub(crate) mod process;
pub mod reflection;
pub(crate) mod request_body;
pub mod setup;
pub(crate) mod shares;
pub(crate) mod socket;
pub mod tls;
pub(crate) mod trace_context;
pub(crate) mod transport;

/// The header of answers that says what is dangerous about how the server is set up.
const WARNING: &str = "clientele-warning";

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
/// `authenticator` says who may call. `services` are the full names that health answers for, besides the empty name and
/// [`health::WRITES`]. `answers` says what the store answers; `setup` may be [`Limits`] alone. After `shutdown`, health
/// says NOT_SERVING at once; `limits.not_ready_for` later no more
/// connections are accepted; calls may finish until `limits.finish_within` after that; and `limits.hard_stop` after the
/// shutdown began every connection is cut. Dropping the future cuts all connections at once.
pub async fn serve(
    listener: impl listener::Accept,
    routes: Routes,
    authenticator: Authenticator,
    services: &[&'static str],
    setup: impl Into<Setup>,
    answers: watch::Receiver<Answers>,
    shutdown: impl Future<Output = ()>,
) {
    let setup = setup.into();
    let (initial, limits) = (*answers.borrow(), setup.limits);
    let (health, health_service) = health::start(services, initial, &setup).await;
    let (phase, phases) = watch::channel(Phase::Serving);
    let front = Front::new(
        routes.add_service(health_service),
        authenticator,
        setup,
        phases,
    );
    tokio::select! {
        () = listener::serve(listener, front) => {}
        () = drain(health, answers, shutdown, limits, phase) => {
            tracing::warn!("connections were still open at the hard stop of the drain and are cut");
        }
    }
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
    let began = tokio::time::Instant::now();
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

/// What a call is answered, and what sending the answer has to know.
pub(crate) struct Answer {
    response: Response<Body>,
    /// When sending ends.
    deadline: Option<Instant>,
    /// What of it is not sent.
    unsent: Unsent,
    /// What the call takes by being open.
    _taken: Option<(BudgetShare, Option<ShareOfCall>)>,
}

/// Who makes a call, once that is known, and what the call takes of their share.
#[derive(Default)]
struct Caller {
    scope: Option<TenantScope>,
    share: Option<ShareOfCall>,
}

/// Takes each call of a peer through the layers to the services.
#[derive(Clone)]
pub(crate) struct Front {
    layers: Arc<Layers>,
    /// The address of the peer; unspecified before there is one.
    peer: IpAddr,
}

struct Layers {
    routes: Routes,
    authenticator: Authenticator,
    setup: Arc<Setup>,
    phases: watch::Receiver<Phase>,
    budget: Arc<Budget>,
    shares: Shares,
}

impl Front {
    fn new(
        routes: Routes,
        authenticator: Authenticator,
        setup: Setup,
        phases: watch::Receiver<Phase>,
    ) -> Front {
        let budget = Budget::of(setup.limits.max_buffered_bytes);
        setup.metrics.watch_budget(&budget);
        let layers = Layers {
            routes: routes.prepare(),
            authenticator,
            shares: Shares::new(&setup.limits),
            setup: Arc::new(setup),
            phases,
            budget,
        };
        Front {
            layers: Arc::new(layers),
            peer: Ipv6Addr::UNSPECIFIED.into(),
        }
    }

    /// Returns the way for the calls of a peer.
    fn of_peer(&self, peer: IpAddr) -> Front {
        Front {
            layers: Arc::clone(&self.layers),
            peer,
        }
    }

    fn limits(&self) -> &Limits {
        &self.layers.setup.limits
    }

    fn tls(&self) -> Option<&Tls> {
        self.layers.setup.tls.as_ref()
    }

    fn metrics(&self) -> &Metrics {
        &self.layers.setup.metrics
    }

    async fn reached(&self, phase: Phase) {
        reached(self.layers.phases.clone(), phase).await;
    }

    /// Answers a call; the outermost layer stands first.
    async fn answer(&self, request: Request<RecvStream>) -> Answer {
        let (parts, body) = request.into_parts();
        let mut call = access_log::LoggedCall::begin(&parts, &self.layers.setup);
        let unsent = Unsent::default();
        let (response, deadline, taken) = match self.admit(&parts) {
            Err(error) => (call.refused(refusal(error)), None, None),
            Ok((room, time)) => {
                let mut caller = Caller::default();
                let deadline = time.deadline;
                let response = self.call(parts, body, time, &unsent, &mut caller).await;
                call.is_of(caller.scope.as_ref());
                let taken = Some((room, caller.share));
                (call.answered(response), deadline, taken)
            }
        };
        Answer {
            response: self.warned(response),
            deadline,
            unsent,
            _taken: taken,
        }
    }

    /// Decides by the headers whether a call is let in, and takes the room that it needs by being open. Returns when it
    /// ends, too.
    fn admit(&self, request: &Parts) -> Result<(BudgetShare, Time), Error> {
        let Layers {
            authenticator,
            setup,
            budget,
            ..
        } = &*self.layers;
        // A browser has no credential that a page could use without its owner's knowledge.
        if !authenticator.asks() {
            host::check(setup.host_rule, &request.uri, &request.headers)?;
        }
        let n_metadata = form::check(request, setup.limits.max_metadata_bytes)?;
        let time = Time::of(request, &setup.limits)?;
        Ok((budget.take(OPEN_CALL + n_metadata)?, time))
    }

    async fn call(
        &self,
        mut parts: Parts,
        body: RecvStream,
        time: Time,
        unsent: &Unsent,
        caller: &mut Caller,
    ) -> Response<Body> {
        let Layers {
            routes,
            setup,
            phases,
            budget,
            ..
        } = &*self.layers;
        if let Some(deadline) = time.deadline {
            parts.extensions.insert(Deadline(deadline));
        }
        let encoding = Encoding::of_request(&parts.headers);
        let body = Body::new(RequestBody::new(body, parts.uri.path(), budget));
        let answer = async {
            if let Err(error) = self.let_in(&mut parts, caller).await {
                return refusal(error);
            }
            let Ok(answer) = routes
                .clone()
                .oneshot(Request::from_parts(parts, body))
                .await;
            memory::counted(compressed(answer, encoding), budget, unsent)
        };
        let answer = deadline::with_deadline(answer, time, phases);
        guard::guarded(answer, setup.limits.max_answer_bytes).await
    }

    /// Finds out who calls, and takes the call's share of what its tenant and its principal may have at one time. Health
    /// and reflection, which belong to nobody, take none; calls that have no end of their own share what all of those
    /// may have.
    async fn let_in(&self, request: &mut Parts, caller: &mut Caller) -> Result<(), Error> {
        let Layers {
            authenticator,
            shares,
            ..
        } = &*self.layers;
        let admitted = authenticator.admit(request, self.peer).await;
        caller.scope = request.extensions.get().cloned();
        admitted?;
        let path = request.uri.path();
        if deadline::is_unlimited(path) {
            caller.share = Some(shares.enter_endless()?);
        }
        if path.starts_with("/grpc.") {
            return Ok(());
        }
        let scope = caller.scope.get_or_insert_with(TenantScope::local);
        if !deadline::is_unlimited(path) {
            caller.share = Some(shares.enter(scope.tenant(), scope.principal()).await?);
        }
        Ok(())
    }

    /// Says in every answer that the server lets in whoever reaches it, if it does.
    fn warned(&self, mut response: Response<Body>) -> Response<Body> {
        if self.layers.setup.host_rule == HostRule::AnyHost {
            let warning = HeaderValue::from_static("unauthenticated");
            response.headers_mut().insert(WARNING, warning);
        }
        response
    }
}
