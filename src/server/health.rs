//! What the server reports by `grpc.health.v1`: SERVING while the store answers and no shutdown has begun. Writes have
//! a name of their own, [`WRITES`], because a store may answer reads only, such as one whose disk is full.
//!
//! It does not probe the store; it is told what the store answers.

use std::sync::Arc;

use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::HealthReporter;

use crate::server::limits::limited;
use crate::server::metrics::Metrics;
use crate::server::setup::Setup;

/// The name under which health reports whether writes are answered. No service has this name.
pub const WRITES: &str = "clientele.v1.Writes";

/// Which calls the store answers at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Whether it answers reads.
    pub reads: bool,
    /// Whether it answers writes.
    pub writes: bool,
}

/// Sets the health of the server, of each of its services, which is the same, and of writes.
pub(crate) struct Reporter {
    reporter: HealthReporter,
    services: Vec<&'static str>,
    metrics: Arc<Metrics>,
}

/// Returns the health service and its reporter, which has reported `answers`.
pub(crate) async fn start(
    services: &[&'static str],
    answers: Answers,
    setup: &Setup,
) -> (Reporter, HealthServer<impl Health>) {
    let (reporter, service) = tonic_health::server::health_reporter();
    let reporter = Reporter {
        reporter,
        services: [&[""], services].concat(),
        metrics: Arc::clone(&setup.metrics),
    };
    reporter.set(answers).await;
    (reporter, limited!(service, setup.limits))
}

impl Reporter {
    /// Sets SERVING or NOT_SERVING for every name.
    pub(crate) async fn set(&self, answers: Answers) {
        self.metrics.health_says(answers);
        let status = |serving| {
            if serving {
                ServingStatus::Serving
            } else {
                ServingStatus::NotServing
            }
        };
        for service in &self.services {
            self.reporter
                .set_service_status(service, status(answers.reads))
                .await;
        }
        self.reporter
            .set_service_status(WRITES, status(answers.writes))
            .await;
    }

    /// Reports what `answers` holds, for ever. When its sender is dropped, the last value stays.
    pub(crate) async fn follow(&self, mut answers: watch::Receiver<Answers>) {
        loop {
            let now = *answers.borrow_and_update();
            self.set(now).await;
            if answers.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}
