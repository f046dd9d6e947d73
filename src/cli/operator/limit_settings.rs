//! The settings of `serve` that say how much callers may take. What is the same everywhere stands in the API instead.

use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;

use crate::server::limits::Limits;

#[derive(Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// The memory for requests that are still arriving and answers that are still being sent, of all calls together
    ///
    /// A call that would exceed it is refused with OVERLOADED. What else the process needs is not counted.
    #[arg(
        long,
        value_name = "BYTES",
        env = "CLIENTELE_MAX_BUFFERED_BYTES",
        default_value_t = Limits::DEFAULT.max_buffered_bytes,
        value_parser = from(16 << 20)
    )]
    max_buffered_bytes: usize,
    /// How many connections there may be
    ///
    /// At the limit, a new connection takes the place of the one that has been idle longest.
    #[arg(
        long,
        value_name = "N",
        env = "CLIENTELE_MAX_CONNECTIONS",
        default_value_t = Limits::DEFAULT.max_connections,
        value_parser = from(1)
    )]
    max_connections: usize,
    /// How many connections one address may have; unlimited by default
    ///
    /// At the limit, a new connection takes the place of the one of that address that has been idle longest. Leave it
    /// out where all callers share one address: on loopback, and behind a proxy that ends TLS.
    #[arg(
        long,
        value_name = "N",
        env = "CLIENTELE_MAX_CONNECTIONS_PER_PEER",
        value_parser = from(1)
    )]
    max_connections_per_peer: Option<usize>,
    /// How many calls one connection may make at one time
    #[arg(
        long,
        value_name = "N",
        env = "CLIENTELE_MAX_STREAMS_PER_CONNECTION",
        default_value_t = Limits::DEFAULT.max_streams_per_connection,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    max_streams_per_connection: u32,
    /// How many calls one tenant may make at one time; unlimited by default
    ///
    /// As many more wait for up to 100 ms. Beyond that, calls are refused with OVERLOADED.
    #[arg(long, value_name = "N", env = "CLIENTELE_MAX_CALLS_PER_TENANT", value_parser = from(1))]
    max_calls_per_tenant: Option<usize>,
    /// How many calls one credential may make at one time; unlimited by default
    ///
    /// As many more wait for up to 100 ms. Beyond that, calls are refused with OVERLOADED.
    #[arg(long, value_name = "N", env = "CLIENTELE_MAX_CALLS_PER_CREDENTIAL", value_parser = from(1))]
    max_calls_per_credential: Option<usize>,
    /// How many calls one credential may make a second; unlimited by default
    ///
    /// After a pause, as many may come at once. Beyond that, calls are refused with RATE_EXCEEDED.
    #[arg(
        long,
        value_name = "N",
        env = "CLIENTELE_MAX_CALLS_PER_SECOND",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    max_calls_per_second: Option<u32>,
    /// The longest that a call may take which only reads, in seconds
    #[arg(
        long,
        value_name = "SECONDS",
        env = "CLIENTELE_MAX_READ_SECONDS",
        default_value_t = Limits::DEFAULT.read_cap.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=60)
    )]
    max_read_seconds: u64,
    /// The longest that a call may take which writes, in seconds
    #[arg(
        long,
        value_name = "SECONDS",
        env = "CLIENTELE_MAX_WRITE_SECONDS",
        default_value_t = Limits::DEFAULT.write_cap.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=60)
    )]
    max_write_seconds: u64,
    /// The longest that a call may take which compares all customers, in seconds
    #[arg(
        long,
        value_name = "SECONDS",
        env = "CLIENTELE_MAX_ANALYSIS_SECONDS",
        default_value_t = Limits::DEFAULT.analysis_cap.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=60)
    )]
    max_analysis_seconds: u64,
    /// The age at which a connection is asked to end, in seconds, give or take a tenth; its calls finish
    ///
    /// So clients come to other servers after a while, also to new ones.
    #[arg(
        long,
        value_name = "SECONDS",
        env = "CLIENTELE_MAX_CONNECTION_AGE_SECONDS",
        default_value_t = Limits::DEFAULT.max_connection_age.as_secs(),
        value_parser = clap::value_parser!(u64).range(10..)
    )]
    max_connection_age_seconds: u64,
}

/// Takes a number that is not below this.
fn from(least: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..)
}

impl LimitArgs {
    /// Returns the limits of the server, with those that are set.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            max_buffered_bytes: self.max_buffered_bytes,
            max_connections: self.max_connections,
            max_connections_per_peer: self.max_connections_per_peer.unwrap_or(usize::MAX),
            max_streams_per_connection: self.max_streams_per_connection,
            max_calls_of_tenant: self.max_calls_per_tenant,
            max_calls_of_principal: self.max_calls_per_credential,
            calls_per_second: self.max_calls_per_second,
            read_cap: Duration::from_secs(self.max_read_seconds),
            write_cap: Duration::from_secs(self.max_write_seconds),
            analysis_cap: Duration::from_secs(self.max_analysis_seconds),
            max_connection_age: Duration::from_secs(self.max_connection_age_seconds),
            ..Limits::DEFAULT
        }
    }
}
