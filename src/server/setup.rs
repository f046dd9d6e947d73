//! How a server is set up, beyond what it serves and where.

use std::sync::Arc;

use crate::server::host::HostRule;
use crate::server::limits::Limits;
use crate::server::metrics::Metrics;
use crate::server::tls::Tls;
use crate::telemetry::spans::Spans;

/// How a server is set up. Made of [`Limits`] alone, it serves without TLS, and only those who call this machine by a
/// loopback name.
#[derive(Clone)]
pub struct Setup {
    /// What callers may take.
    pub limits: Limits,
    /// TLS, if connections have to use it.
    pub tls: Option<Tls>,
    /// Which calls are taken for those of a stranger's web page.
    pub host_rule: HostRule,
    /// What counts calls and connections.
    pub metrics: Arc<Metrics>,
    /// Where the spans of calls are sent.
    pub spans: Option<Spans>,
}

impl From<Limits> for Setup {
    fn from(limits: Limits) -> Setup {
        Setup {
            limits,
            tls: None,
            host_rule: HostRule::Loopback,
            metrics: Metrics::start(),
            spans: None,
        }
    }
}
