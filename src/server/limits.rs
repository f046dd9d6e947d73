//! The numbers that bound what one caller, one connection and one call can take.
//!
//! Only numbers: each is enforced by the module that its comment names. `reliability.md` says where they come from.

use std::time::Duration;

/// Bounds of a server. A plain struct without `Default`, so that whoever builds one says which bounds it changes:
/// `Limits { not_ready_for: Duration::ZERO, ..Limits::DEFAULT }`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest message a caller may send, in bytes. `serve` cannot set it on services that are built already:
    /// whoever builds the routes gives it to each service as `max_decoding_message_size`.
    pub max_message_bytes: usize,
    /// The largest message of an answer, in bytes; given to each service as `max_encoding_message_size`.
    pub max_answer_bytes: usize,
    /// The most connections at a time. One more is closed as soon as it is accepted (`listener`).
    pub max_connections: usize,
    /// The most calls at a time on one connection (HTTP/2 SETTINGS; trap M4: tonic sets no bound by itself).
    pub max_streams_per_connection: u32,
    /// The most bytes of request headers, as HTTP/2 counts them: name + value + 32 for each (`mod`).
    pub max_header_bytes: u32,
    /// The most streams that a peer opened and reset before they were looked at; h2's own default, written down
    /// because tonic overwrites such defaults (trap M4).
    pub max_pending_resets: usize,
    /// The most streams reset by us because the peer broke the protocol, after which the connection is closed; h2's
    /// own default, which tonic's builder would switch off.
    pub max_error_resets: usize,
    /// How long a new connection may take to send the 24 bytes of the HTTP/2 preface (`listener`; trap M5).
    pub preface_within: Duration,
    /// How often an idle connection is pinged.
    pub keepalive_every: Duration,
    /// How long a ping may stay unanswered until the connection is closed.
    pub keepalive_within: Duration,
    /// The age at which a connection is told to go away; its calls finish (trap M6: tonic's own grace would leave
    /// that telling out and cut the calls).
    pub max_connection_age: Duration,
    /// How long after `max_connection_age` the calls of a connection are cut, with the connection (`listener`).
    pub connection_age_grace: Duration,
    /// The longest that a method which only reads may take (`deadline`).
    pub read_cap: Duration,
    /// The longest that a method may take that reads all customers to answer (`deadline`).
    pub analysis_cap: Duration,
    /// The longest that any other method may take (`deadline`).
    pub write_cap: Duration,
    /// How long the server still takes calls after health says NOT_SERVING, so that balancers notice in time.
    pub not_ready_for: Duration,
    /// How long calls may go on after the server stopped accepting; then each is answered UNAVAILABLE.
    pub finish_within: Duration,
    /// How long after the shutdown began every connection is cut, whatever it does.
    pub hard_stop: Duration,
}

impl Limits {
    /// What a server uses when nobody says otherwise.
    pub const DEFAULT: Limits = Limits {
        max_message_bytes: 1 << 20,
        max_answer_bytes: 4 << 20,
        max_connections: 1024,
        max_streams_per_connection: 100,
        max_header_bytes: 16 << 10,
        max_pending_resets: 20,
        max_error_resets: 1024,
        preface_within: Duration::from_secs(5),
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
