//! What the server tells about itself by `grpc.health.v1`: serving while the store answers and nobody asked it to stop.
//! Writes have a name of their own, [`WRITES`], because there are stores that can only be read.
//!
//! It does not find out what the store answers; it is told.

use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::HealthReporter;

use crate::server::limits::{Limits, limited};

/// The name under which health tells whether writes are answered; no service has it.
pub const WRITES: &str = "clientele.v1.Writes";

/// What is answered at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Whether reads are.
    pub reads: bool,
    /// Whether writes are.
    pub writes: bool,
}

/// Sets the health of the whole server and of each of its services, which are the same, and that of writes.
pub struct Reporter {
    reporter: HealthReporter,
    services: Vec<&'static str>,
}

/// Makes the health service with its reporter; `answers` is what it says at first.
pub async fn start(
    services: &[&'static str],
    answers: Answers,
    limits: Limits,
) -> (Reporter, HealthServer<impl Health>) {
    let (reporter, service) = tonic_health::server::health_reporter();
    let reporter = Reporter {
        reporter,
        services: [&[""], services].concat(),
    };
    reporter.set(answers).await;
    (reporter, limited!(service, limits))
}

impl Reporter {
    /// Says SERVING or NOT_SERVING for every name.
    pub async fn set(&self, answers: Answers) {
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

    /// Says what `answers` says, for ever; when its sender is gone, what it said last.
    pub async fn follow(&self, mut answers: watch::Receiver<Answers>) {
        loop {
            let now = *answers.borrow_and_update();
            self.set(now).await;
            if answers.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}
