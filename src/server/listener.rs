//! Accepts connections: limits their number, drops silent ones, and survives accept errors.
//!
//! It owns a connection until the HTTP/2 preface has arrived, and again at its hard end. Everything in between is
//! tonic's, which alone would wait for the preface for ever, and for every open connection at shutdown.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::server::limits::Limits;

/// What an HTTP/2 client sends first (RFC 9113, section 3.4).
const PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long to wait after an error that would probably recur at once, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Returns the connections that have sent the preface. A connection ends when the sender of `cut` is dropped or when
/// it is older than `limits` allows. Dropping the stream closes the listener.
pub fn incoming(
    listener: impl Accept + Send + 'static,
    limits: Limits,
    cut: watch::Receiver<()>,
) -> ReceiverStream<io::Result<Connection>> {
    let (ready, incoming) = mpsc::channel(16);
    tokio::spawn(accept_all(listener, limits, cut, ready));
    ReceiverStream::new(incoming)
}

/// The source of connections. A trait so that a test can make `accept` fail.
pub trait Accept {
    /// Waits for the next connection.
    ///
    /// # Errors
    /// What the operating system reports.
    fn accept(&mut self) -> impl Future<Output = io::Result<TcpStream>> + Send;
}

impl Accept for TcpListener {
    async fn accept(&mut self) -> io::Result<TcpStream> {
        Ok(TcpListener::accept(self).await?.0)
    }
}

async fn accept_all(
    mut listener: impl Accept,
    limits: Limits,
    cut: watch::Receiver<()>,
    ready: mpsc::Sender<io::Result<Connection>>,
) {
    let permits = Arc::new(Semaphore::new(limits.max_connections));
    let mut handshakes = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = ready.closed() => return,
            Some(_) = handshakes.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match (accepted, Arc::clone(&permits).try_acquire_owned()) {
            (Ok(stream), Ok(permit)) => {
                handshakes.spawn(handshake(
                    stream,
                    permit,
                    limits,
                    cut.clone(),
                    ready.clone(),
                ));
            }
            // Closed, not left waiting: a client that is refused at once can go elsewhere.
            (Ok(stream), Err(_)) => drop(stream),
            (Err(error), _) => pause_after(&error).await,
        }
    }
}

/// No accept error is a reason to stop: either one connection is lost, or a resource is short for a while.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    ) {
        tracing::warn!(error.cause = %error, "a connection could not be accepted");
        sleep(ACCEPT_PAUSE).await;
    }
}

/// Waits for the preface and hands the connection on, or drops it.
async fn handshake(
    mut stream: TcpStream,
    permit: OwnedSemaphorePermit,
    limits: Limits,
    cut: watch::Receiver<()>,
    ready: mpsc::Sender<io::Result<Connection>>,
) {
    // An error means that the connection is gone already, which reading will report.
    let _ = stream.set_nodelay(true);
    let mut preface = [0; PREFACE.len()];
    // Read and handed to the reader later, not peeked at: a peek at half a preface returns at once, over and over.
    let complete = matches!(
        timeout(limits.preface_within, stream.read_exact(&mut preface)).await,
        Ok(Ok(_))
    );
    if complete && preface == PREFACE {
        let oldest = Instant::now() + limits.max_connection_age + limits.connection_age_grace;
        let connection = Connection {
            stream,
            unread: &PREFACE,
            end: Box::pin(end_of(oldest, cut)),
            _permit: permit,
        };
        let _ = ready.send(Ok(connection)).await;
    }
}

async fn end_of(oldest: Instant, mut cut: watch::Receiver<()>) {
    tokio::select! {
        () = sleep_until(oldest) => {}
        _ = cut.changed() => {}
    }
}

/// An accepted connection that has sent the preface.
pub struct Connection {
    stream: TcpStream,
    /// What was read from the stream but not yet handed to the reader.
    unread: &'static [u8],
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    /// Fails once the connection has to end. Called by reads and by writes, because h2 does not read while it cannot
    /// write.
    fn check_end(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.end.as_mut().poll(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => {
                self.end = Box::pin(std::future::ready(()));
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check_end(cx)?;
        if self.unread.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let (now, later) = self
            .unread
            .split_at(self.unread.len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.unread = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check_end(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_end(cx)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
