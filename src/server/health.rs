//! What the server tells about itself by `grpc.health.v1`: serving while the store can be reached and nobody asked it
//! to stop.
//!
//! It does not find out whether the store can be reached; it is told.

use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::HealthReporter;

use super::limits::Limits;

/// Sets the health of the whole server and of each of its services, which are always the same.
pub struct Reporter {
    reporter: HealthReporter,
    services: Vec<&'static str>,
}

/// Makes the health service with its reporter; `ready` is what it says at first.
pub async fn start(services: &[&'static str], ready: bool, limits: Limits) -> (Reporter, HealthServer<impl Health>) {
    let (reporter, service) = tonic_health::server::health_reporter();
    let reporter = Reporter { reporter, services: [&[""], services].concat() };
    reporter.set(ready).await;
    (reporter, service.max_decoding_message_size(limits.max_message_bytes))
}

impl Reporter {
    /// Says SERVING or NOT_SERVING for every name.
    pub async fn set(&self, serving: bool) {
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        for service in &self.services {
            self.reporter.set_service_status(service, status).await;
        }
    }

    /// Says what `ready` says, for ever; when its sender is gone, what it said last.
    pub async fn follow(&self, mut ready: watch::Receiver<bool>) {
        loop {
            let serving = *ready.borrow_and_update();
            self.set(serving).await;
            if ready.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}
