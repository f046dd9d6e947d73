//! Accepts connections, gives each a place, and survives accept errors.
//!
//! It owns a connection until it has a place; `connection` does from then on.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::server::places::Places;
use crate::server::{Front, Phase, connection};

/// How long to wait after an error that would probably recur at once, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How often the log tells of such errors.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// The source of connections. A trait so that a test can make `accept` fail.
pub trait Accept {
    /// Waits for the next connection.
    ///
    /// # Errors
    /// What the operating system reports.
    fn accept(&mut self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
}

impl Accept for TcpListener {
    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        TcpListener::accept(self).await
    }
}

/// Serves connections. When the server drains it closes the listener, and returns when all connections have ended.
/// Dropping the future cuts them.
pub(crate) async fn serve(mut listener: impl Accept, front: Front) {
    let places = Places::new(front.limits());
    let (mut connections, mut told) = (JoinSet::new(), None);
    let mut draining = pin!(front.reached(Phase::Draining));
    loop {
        tokio::select! {
            () = &mut draining => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    // Without a place it is closed, not left waiting: a client that is refused at once can go elsewhere.
                    match places.enter(peer.ip()) {
                        Some(place) => {
                            let front = front.of_peer(peer.ip());
                            connections.spawn(connection::serve(stream, place, front));
                        }
                        None => front.metrics().turned_away.add(1),
                    }
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tell(&error, &mut told);
                    make_room(&places, &mut connections).await;
                }
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// No accept error is a reason to stop: either one connection is lost, or a resource is short for a while.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    )
}

/// Logs the error, unless it was told of only just now.
fn tell(error: &io::Error, told: &mut Option<Instant>) {
    if told.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
        tracing::warn!(error.cause = %error, "a connection could not be accepted");
        *told = Some(Instant::now());
    }
}

/// Lets who is idle give way, since what is short is most often the number of open files, and waits until a connection
/// has ended.
async fn make_room(places: &Arc<Places>, connections: &mut JoinSet<()>) {
    if places.give_way() {
        // However long its end takes, others may end meanwhile.
        let _ = timeout(ACCEPT_PAUSE, connections.join_next()).await;
    } else {
        sleep(ACCEPT_PAUSE).await;
    }
}
