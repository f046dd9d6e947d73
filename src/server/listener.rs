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
use tokio::time::sleep;

use crate::server::places::Places;
use crate::server::{Front, Phase, connection};

/// How long to wait after an error that would probably recur at once, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

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
    let mut connections = JoinSet::new();
    let mut draining = pin!(front.reached(Phase::Draining));
    loop {
        tokio::select! {
            () = &mut draining => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    // Without a place it is closed, not left waiting: a client that is refused at once can go elsewhere.
                    if let Some(place) = places.enter(peer.ip()) {
                        connections.spawn(connection::serve(stream, place, front.of_peer(peer.ip())));
                    }
                }
                Err(error) => survive(&error, &places).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// No accept error is a reason to stop: either one connection is lost, or a resource is short for a while. Who is idle
/// gives way then, since what is short is most often the number of open files.
async fn survive(error: &io::Error, places: &Arc<Places>) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    ) {
        let gave_way = places.give_way();
        tracing::warn!(error.cause = %error, gave_way, "a connection could not be accepted");
        sleep(ACCEPT_PAUSE).await;
    }
}
