//! A service whose methods hang, panic, fail and flood, and tell the test when they begin and when they are dropped.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use clientele::error::Error;
use clientele::service::Deadline;
use http::{Request, Response};
use tokio::sync::Semaphore;
use tokio_stream::{Stream, StreamExt};
use tonic::Status;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::server::{Grpc, NamedService};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use super::LIMITS;

/// How large an answer of GetLarge is, in bytes, but for what stands before it.
pub const LARGE: usize = 1 << 20;

type Strings = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

/// The service; its clones share everything.
#[derive(Clone)]
pub struct Probe {
    /// Has one permit for each handler that has begun to hang.
    pub begun: Arc<Semaphore>,
    /// Has one permit for each handler that was dropped while it hung.
    pub dropped: Arc<Semaphore>,
    /// Lets a handler of GetGated go for each permit.
    pub gate: Arc<Semaphore>,
}

impl Default for Probe {
    fn default() -> Probe {
        let none = || Arc::new(Semaphore::new(0));
        Probe {
            begun: none(),
            dropped: none(),
            gate: none(),
        }
    }
}

struct OnDrop(Arc<Semaphore>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

impl Probe {
    async fn hang(&self) -> Result<String, Status> {
        let _dropped = OnDrop(self.dropped.clone());
        self.begun.add_permits(1);
        std::future::pending().await
    }

    async fn answer(
        self,
        method: String,
        request: tonic::Request<String>,
    ) -> Result<tonic::Response<String>, Status> {
        let deadline = request.extensions().get::<Deadline>().copied();
        let answer = match method.as_str() {
            "GetHung" | "CreateHung" => self.hang().await?,
            "GetGated" => {
                self.begun.add_permits(1);
                self.gate.acquire().await.unwrap().forget();
                "let go".to_owned()
            }
            "GetPanic" => panic!("a secret"),
            "GetBroken" => Err(Error::internal(std::io::Error::other(
                "the disk is on fire",
            )))?,
            "GetRefused" => Err(Error::field("email", "a secret is not an address"))?,
            "GetHuge" => "x".repeat(LIMITS.max_answer_bytes + 1),
            "GetLarge" => "x".repeat(LARGE),
            "GetDeadline" => deadline.map_or_else(String::new, |at| {
                (at.0 - Instant::now()).as_millis().to_string()
            }),
            _ => request.into_inner(),
        };
        Ok(tonic::Response::new(answer))
    }

    async fn stream(self, method: String) -> Result<tonic::Response<Strings>, Status> {
        let once = tokio_stream::once(Ok("one".to_owned()));
        let stream: Strings = match method.as_str() {
            "ListDrip" => {
                let beat = tokio::time::interval(Duration::from_millis(1));
                Box::pin(
                    tokio_stream::wrappers::IntervalStream::new(beat)
                        .map(|_| Ok("drop".to_owned())),
                )
            }
            "ListFlood" => Box::pin(tokio_stream::iter(std::iter::repeat_with(|| {
                Ok("x".repeat(1000))
            }))),
            "ListPanic" => {
                Box::pin(once.chain(tokio_stream::iter([()]).map(|()| panic!("a secret"))))
            }
            _ => {
                self.begun.add_permits(1);
                Box::pin(once.chain(tokio_stream::pending()))
            }
        };
        Ok(tonic::Response::new(stream))
    }
}

impl NamedService for Probe {
    const NAME: &'static str = "probe.v1.Probe";
}

impl Service<Request<Body>> for Probe {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let probe = self.clone();
        let method = request.uri().path().rsplit('/').next().unwrap().to_owned();
        let mut grpc = Grpc::new(ProstCodec::<String, String>::default())
            .max_decoding_message_size(LIMITS.max_message_bytes)
            .max_encoding_message_size(LIMITS.max_answer_bytes)
            .accept_compressed(CompressionEncoding::Gzip)
            .accept_compressed(CompressionEncoding::Zstd);
        Box::pin(async move {
            let is_stream = method.starts_with("List") || method.starts_with("Watch");
            let unary = |request| probe.clone().answer(method.clone(), request);
            let streaming = |_: tonic::Request<String>| probe.clone().stream(method.clone());
            Ok(if is_stream {
                grpc.server_streaming(service_fn(streaming), request).await
            } else {
                grpc.unary(service_fn(unary), request).await
            })
        })
    }
}
