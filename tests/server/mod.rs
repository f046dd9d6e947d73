//! What holds around every call, whatever the service: limits, deadlines, guards, drain, log.
//!
//! The product's services are not needed: `probe` is one made to misbehave. Calls are made with `h2` itself, because
//! tonic's client has a timer of its own, which would hide what the server answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;
use std::time::Duration;

use clientele::descriptors::pool;
use clientele::server::auth::Authenticator;
use clientele::server::health::Answers;
use clientele::server::limits::Limits;
use clientele::server::listener::Accept;
use clientele::server::reflection::add_reflection;
use clientele::server::serve;
use clientele::server::setup::Setup;
use h2::client::{Connection, ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Request, Response};
use prost::Message;
use prost::bytes::Bytes;
use prost_reflect::DescriptorPool;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tonic::service::Routes;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use self::probe::Probe;

mod buffers; // what waits to be received or sent, and when it is let go
mod compression; // what is inflated, and which answers are deflated
mod connections; // who is let in, and when a connection ends
mod deadlines; // when a call ends
mod drain; // health, and the order of a shutdown
mod forms; // what is no call of gRPC, or more than one
mod guards; // what is refused, and how failures look
mod idle; // who gives way when there is no place left
mod logs; // what is logged, and what never
mod probe; // the service that misbehaves
mod raw; // a client that writes frames itself
mod reflection; // what the server tells about its services
mod shares; // how many calls one caller may make, and how often

/// Bounds for tests: nothing waits for balancers.
const LIMITS: Limits = Limits {
    not_ready_for: Duration::ZERO,
    ..Limits::DEFAULT
};
const PROBE: &str = "/probe.v1.Probe/";
const CHECK: &str = "/grpc.health.v1.Health/Check";

/// A `FileDescriptorSet` of one file `x.proto`, which has the option 50000, unknown to everyone, with the value 7.
static DESCRIPTORS: &[u8] = b"\x0a\x0f\x0a\x07x.proto\x42\x04\x80\xb5\x18\x07";

/// What the product describes, and `x.proto`.
fn described() -> DescriptorPool {
    let mut described = pool().clone();
    described.decode_file_descriptor_set(DESCRIPTORS).unwrap();
    described
}

/// Waits for something that has to happen; far longer than it takes, so that a slow machine does not matter.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("it did not happen within 10 s")
}

/// A server with the probe.
struct Server {
    address: SocketAddr,
    probe: Probe,
    answers: watch::Sender<Answers>,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<()>,
}

impl Server {
    async fn start(setup: impl Into<Setup>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Server::start_on(listener, address, setup.into())
    }

    fn start_on(
        listener: impl Accept + Send + 'static,
        address: SocketAddr,
        setup: impl Into<Setup> + Send + 'static,
    ) -> Server {
        let (answers, followed) = watch::channel(Answers {
            reads: true,
            writes: true,
        });
        let (stop, stopped) = oneshot::channel();
        let probe = Probe::default();
        let routes = add_reflection(Routes::new(probe.clone()), described()).unwrap();
        let shutdown = async { drop(stopped.await) };
        let serving = serve(
            listener,
            routes,
            Authenticator::off(),
            &["probe.v1.Probe"],
            setup,
            followed,
            shutdown,
        );
        Server {
            address,
            probe,
            answers,
            stop: Some(stop),
            ended: tokio::spawn(serving),
        }
    }

    async fn connect(&self) -> Client {
        self.connect_with(&h2::client::Builder::new()).await
    }

    async fn connect_with(&self, settings: &h2::client::Builder) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        self.client(stream, settings).await
    }

    async fn client(&self, stream: TcpStream, settings: &h2::client::Builder) -> Client {
        let (requests, connection) = settings.handshake(stream).await.unwrap();
        Client {
            host: self.address.to_string(),
            requests,
            connection: tokio::spawn(connection),
        }
    }

    fn begin_shutdown(&mut self) {
        drop(self.stop.take());
    }

    async fn has_ended(self) {
        soon(self.ended).await.unwrap();
    }
}

/// One connection to a server.
struct Client {
    host: String,
    requests: SendRequest<Bytes>,
    connection: JoinHandle<<Connection<TcpStream> as Future>::Output>,
}

/// What came back of a call.
#[derive(Debug)]
struct Answer {
    headers: HeaderMap,
    body: Vec<u8>,
    status: Status,
}

impl Answer {
    fn code(&self) -> Code {
        self.status.code()
    }

    /// The reason of the ErrorInfo, or nothing.
    fn reason(&self) -> String {
        self.status
            .get_details_error_info()
            .map(|info| info.reason)
            .unwrap_or_default()
    }

    /// The metadata of the ErrorInfo.
    fn metadata(&self) -> std::collections::HashMap<String, String> {
        let info = self.status.get_details_error_info();
        info.map(|info| info.metadata).unwrap_or_default()
    }

    fn text(&self) -> String {
        String::decode(&self.body[5..]).unwrap()
    }
}

impl Client {
    /// Calls a method with a string and no headers.
    async fn call(&mut self, path: &str) -> Answer {
        self.send(path, &[], framed(&"hello".to_owned()))
            .await
            .unwrap()
    }

    /// Calls a method of the probe with a timeout.
    async fn call_within(&mut self, method: &str, timeout: &str) -> Answer {
        let path = format!("{PROBE}{method}");
        self.send(
            &path,
            &[("grpc-timeout", timeout)],
            framed(&"hello".to_owned()),
        )
        .await
        .unwrap()
    }

    /// Sends a body as it is and waits for the whole answer.
    async fn send(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, h2::Error> {
        soon(self.start(path, headers, body).await?).await
    }

    /// Sends a request and returns what will be the answer.
    async fn start(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<impl Future<Output = Result<Answer, h2::Error>> + Send + 'static, h2::Error> {
        let (response, mut stream) = self.open(path, headers).await?;
        stream.send_data(body.into(), true)?;
        Ok(async { whole(response.await?).await })
    }

    /// Sends the headers of a request.
    async fn open(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        let uri = if path.contains("://") {
            path.to_owned()
        } else {
            format!("http://{}{path}", self.host)
        };
        let mut request = Request::post(uri)
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut requests = soon(self.requests.clone().ready()).await?;
        requests.send_request(request.body(()).unwrap(), false)
    }
}

async fn whole(response: Response<RecvStream>) -> Result<Answer, h2::Error> {
    let (parts, mut stream) = response.into_parts();
    let mut body = Vec::new();
    while let Some(data) = stream.data().await {
        let data = data?;
        stream.flow_control().release_capacity(data.len())?;
        body.extend_from_slice(&data[..data.len().min(1 << 20)]);
    }
    let trailers = stream.trailers().await?.unwrap_or_default();
    let status =
        Status::from_header_map(&trailers).or_else(|| Status::from_header_map(&parts.headers));
    Ok(Answer {
        headers: parts.headers,
        body,
        status: status.expect("an answer has a status"),
    })
}

/// A message as it stands in a body.
fn framed(message: &impl Message) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    [
        &[0],
        &u32::try_from(bytes.len()).unwrap().to_be_bytes()[..],
        &bytes,
    ]
    .concat()
}
