//! The limits on what one caller, one connection and one call may take.
//!
//! Each is enforced by the module that its comment names, and those of messages by the generated servers, on which
//! `limited!` sets them.

use std::time::Duration;

/// The limits of a server. It has no `Default`, so that whoever builds one says which limits it changes:
/// `Limits { not_ready_for: Duration::ZERO, ..Limits::DEFAULT }`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest message that a caller may send, in bytes, after it is inflated. `serve` cannot set it on services
    /// that are built already, so whoever builds the routes does (`limited!`).
    pub max_message_bytes: usize,
    /// The largest message of an answer, in bytes, before it is compressed (`limited!`).
    pub max_answer_bytes: usize,
    /// The most bytes of all requests that are not complete and all answers that are not sent (`memory`).
    pub max_buffered_bytes: usize,
    /// The most open connections. For one more, the one that is idle longest gives way (`places`).
    pub max_connections: usize,
    /// The most open connections of one peer (`places`). It has no limit where all peers share an address: on
    /// loopback, and behind a proxy that ends TLS.
    pub max_connections_per_peer: usize,
    /// The most concurrent calls on one connection (an HTTP/2 setting).
    pub max_streams_per_connection: u32,
    /// The most calls of one tenant at one time, but for those without an end; as many wait for a moment (`shares`).
    pub max_calls_of_tenant: Option<usize>,
    /// The same, of one principal.
    pub max_calls_of_principal: Option<usize>,
    /// How many calls one principal may make a second; as many may come at once (`shares`).
    pub calls_per_second: Option<u32>,
    /// The most request metadata, in bytes as HTTP/2 counts them: name + value + 32 for each (`form`).
    pub max_metadata_bytes: usize,
    /// The most request headers that HTTP/2 reads at all. It is more than `max_metadata_bytes`, so that a caller who
    /// sends too much gets an answer that says so.
    pub max_header_bytes: u32,
    /// How much of a request a peer may send before it is taken off the connection: for one call, and for all calls of
    /// one connection.
    pub stream_window: u32,
    /// See `stream_window`.
    pub connection_window: u32,
    /// The most streams that a peer may open and reset before they are looked at.
    pub max_pending_resets: usize,
    /// The most streams that the server resets because the peer broke the protocol, before it closes the connection.
    pub max_error_resets: usize,
    /// How long a new connection may take for the handshake of TLS (`tls`).
    pub handshake_within: Duration,
    /// How long a new connection may take to send the 24 bytes of the HTTP/2 preface (`connection`).
    pub preface_within: Duration,
    /// How long a connection may have no call (`connection`).
    pub idle_within: Duration,
    /// How long an answer, or a connection, may wait for a peer that takes nothing (`exchange`, `socket`).
    pub stalled_within: Duration,
    /// How often a connection is pinged.
    pub keepalive_every: Duration,
    /// How long a ping may stay unanswered before the connection is closed.
    pub keepalive_within: Duration,
    /// The age, give or take a tenth, at which a connection gets a GOAWAY; its calls finish.
    pub max_connection_age: Duration,
    /// How long after `max_connection_age` the calls of a connection are cut, with the connection (`connection`).
    pub connection_age_grace: Duration,
    /// The longest that a call which only reads may take (`deadline`).
    pub read_cap: Duration,
    /// The longest that a call may take that reads all customers to answer (`deadline`).
    pub analysis_cap: Duration,
    /// The longest that a call which may write may take (`deadline`).
    pub write_cap: Duration,
    /// How long the server still takes calls after health says NOT_SERVING, so that load balancers notice in time.
    pub not_ready_for: Duration,
    /// How long calls may go on after the server has stopped accepting. Then each is answered UNAVAILABLE.
    pub finish_within: Duration,
    /// How long after the shutdown began every connection is cut.
    pub hard_stop: Duration,
}

impl Limits {
    /// What `clientele serve` uses.
    pub const DEFAULT: Limits = Limits {
        max_message_bytes: 1 << 20,
        max_answer_bytes: 4 << 20,
        max_buffered_bytes: 256 << 20,
        max_connections: 1024,
        max_connections_per_peer: usize::MAX,
        max_streams_per_connection: 100,
        max_calls_of_tenant: None,
        max_calls_of_principal: None,
        calls_per_second: None,
        max_metadata_bytes: 16 << 10,
        max_header_bytes: 64 << 10,
        stream_window: 64 << 10,
        connection_window: 1 << 20,
        max_pending_resets: 20,
        max_error_resets: 1024,
        handshake_within: Duration::from_secs(5),
        preface_within: Duration::from_secs(5),
        idle_within: Duration::from_secs(5 * 60),
        stalled_within: Duration::from_secs(10),
        keepalive_every: Duration::from_secs(30),
        keepalive_within: Duration::from_secs(10),
        max_connection_age: Duration::from_secs(30 * 60),
        connection_age_grace: Duration::from_secs(60),
        read_cap: Duration::from_secs(10),
        analysis_cap: Duration::from_secs(60),
        write_cap: Duration::from_secs(15),
        not_ready_for: Duration::from_secs(2),
        finish_within: Duration::from_secs(10),
        hard_stop: Duration::from_secs(20),
    };
}

/// Sets on a generated server which messages it takes and gives: their sizes, and how requests may be compressed.
macro_rules! limited {
    ($server:expr, $limits:expr) => {
        $server
            .max_decoding_message_size($limits.max_message_bytes)
            .max_encoding_message_size($limits.max_answer_bytes)
            .accept_compressed(tonic::codec::CompressionEncoding::Gzip)
            .accept_compressed(tonic::codec::CompressionEncoding::Zstd)
    };
}

pub(crate) use limited;
