//! One HTTP/2 connection, from the preface to its end.
//!
//! It ends when it is idle, old, dead or has to give way, and when the server drains. What a call is answered is decided
//! in `mod`; how the answer is sent, in `exchange`.

use std::future::poll_fn;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::pin;
use std::time::Duration;

use h2::{Ping, PingPong, Reason, server};
use prost::bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::server::exchange::exchange;
use crate::server::limits::Limits;
use crate::server::places::{Activity, TakenPlace};
use crate::server::socket::Socket;
use crate::server::transport::Transport;
use crate::server::{Front, Phase};

/// What an HTTP/2 client sends first (RFC 9113, section 3.4).
const PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

type Connection = server::Connection<Socket, Bytes>;

/// Serves the calls of a connection until it ends. Dropping the future cuts it, with its calls.
pub(crate) async fn serve(stream: TcpStream, place: TakenPlace, front: Front) {
    let _counted = front.metrics().connections.count();
    let opened = tokio::select! {
        () = place.is_taken_away() => None,
        opened = open(stream, &front) => opened,
    };
    let Some(mut connection) = opened else {
        return;
    };
    place.is(Activity::Unused);
    let limits = front.limits();
    let old = Instant::now() + jittered(limits.max_connection_age);
    let mut has_to_leave = pin!(has_to_leave(&front, old));
    let mut is_over = pin!(is_over(connection.ping_pong(), limits, old));
    let mut idle = pin!(sleep(limits.idle_within));
    let (mut calls, mut leaving) = (JoinSet::new(), false);
    loop {
        tokio::select! {
            // In this order, so that a call that has come is seen before what ends a connection without calls.
            biased;
            () = &mut is_over => return,
            () = &mut has_to_leave, if !leaving => {
                leaving = true;
                connection.graceful_shutdown();
            }
            Some(_) = calls.join_next() => {
                if calls.is_empty() {
                    place.is(Activity::Idle);
                    idle.as_mut().reset(Instant::now() + limits.idle_within);
                }
            }
            next = connection.accept() => {
                // None, or an error: the connection has ended.
                let Some(Ok((request, respond))) = next else {
                    return;
                };
                if calls.is_empty() {
                    place.is(Activity::Busy);
                }
                calls.spawn(exchange(front.clone(), request, respond));
            }
            // A call that is on its way is still answered.
            () = &mut idle, if calls.is_empty() && !leaving => {
                leaving = true;
                connection.graceful_shutdown();
            }
            () = place.is_taken_away() => {
                if calls.is_empty() {
                    return give_way(connection).await;
                }
                // A call came at the same moment, and is answered.
                leaving = true;
                connection.graceful_shutdown();
            }
        }
    }
}

/// Makes the handshake of TLS if there has to be one, waits for the preface, and begins to speak HTTP/2. `None` if the
/// peer does not come with either in time.
async fn open(stream: TcpStream, front: &Front) -> Option<Connection> {
    let limits = front.limits();
    // An error means that the connection is gone already, which reading will report.
    let _ = stream.set_nodelay(true);
    let mut stream = match front.tls() {
        Some(tls) => {
            let accepted = tls.accept(stream, limits.handshake_within).await;
            if accepted.is_none() {
                front.metrics().handshakes_failed.add(1);
            }
            accepted?
        }
        None => Transport::Tcp(stream),
    };
    let mut preface = [0; PREFACE.len()];
    let handshake = async {
        // Read and handed to HTTP/2 later: alone, that would say its settings to whoever connects.
        stream.read_exact(&mut preface).await.ok()?;
        if preface != PREFACE {
            return None;
        }
        let socket = Socket::new(stream, &PREFACE, limits.stalled_within);
        settings(limits).handshake(socket).await.ok()
    };
    timeout(limits.preface_within, handshake).await.ok()?
}

/// Returns an age that is up to a tenth more or less, so that connections which began together do not end together.
fn jittered(age: Duration) -> Duration {
    // A hasher of the standard library has a random key.
    let random = RandomState::new().build_hasher().finish() >> 11;
    let part = random as f64 / (1_u64 << 53) as f64;
    age.mul_f64(0.9 + part / 5.0)
}

fn settings(limits: &Limits) -> server::Builder {
    let mut settings = server::Builder::new();
    settings
        .max_concurrent_streams(limits.max_streams_per_connection)
        .initial_window_size(limits.stream_window)
        .initial_connection_window_size(limits.connection_window)
        .max_header_list_size(limits.max_header_bytes)
        .max_pending_accept_reset_streams(limits.max_pending_resets)
        .max_local_error_reset_streams(Some(limits.max_error_resets));
    settings
}

/// Resolves when the connection is old, or the server drains.
async fn has_to_leave(front: &Front, old: Instant) {
    tokio::select! {
        () = sleep_until(old) => {}
        () = front.reached(Phase::Draining) => {}
    }
}

/// Resolves when the connection has been old for too long, or its peer is dead.
async fn is_over(ping_pong: Option<PingPong>, limits: &Limits, old: Instant) {
    tokio::select! {
        () = sleep_until(old + limits.connection_age_grace) => {}
        () = is_dead(ping_pong, limits) => {}
    }
}

/// Resolves when a ping stays unanswered.
async fn is_dead(ping_pong: Option<PingPong>, limits: &Limits) {
    let Some(mut ping_pong) = ping_pong else {
        return;
    };
    loop {
        sleep(limits.keepalive_every).await;
        let sent = ping_pong.send_ping(Ping::opaque());
        let answered = poll_fn(|cx| ping_pong.poll_pong(cx));
        if sent.is_err() || !matches!(timeout(limits.keepalive_within, answered).await, Ok(Ok(_))) {
            return;
        }
    }
}

/// Closes a connection without calls at once, because another one needs its place. Its GOAWAY says which calls were not
/// seen, so that a client repeats one that was on its way.
async fn give_way(mut connection: Connection) {
    connection.abrupt_shutdown(Reason::NO_ERROR);
    // However it ends, it has ended. The socket fails if its peer does not take this.
    let _ = poll_fn(|cx| connection.poll_closed(cx)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_differ_by_a_tenth_at_most() {
        let age = Duration::from_secs(1000);
        let ages: Vec<Duration> = (0..1000).map(|_| jittered(age)).collect();
        let (least, most) = (ages.iter().min(), ages.iter().max());
        assert!(least.is_some_and(|least| (900..920).contains(&least.as_secs())));
        assert!(most.is_some_and(|most| (1080..=1100).contains(&most.as_secs())));
    }
}
