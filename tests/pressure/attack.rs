//! Attacks on the memory and the places of a server, over raw HTTP/2, and what others get meanwhile.
//!
//! The tests beside this play them for moments, and `clientele-bench flood`, which has this file too, for as long as it
//! is told. What is asked of the server is a list of 3 MB.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

use clientele::pb;
use clientele::pb::customer_service_client::CustomerServiceClient;
use h2::client::{Builder, ResponseFuture, SendRequest};
use http::Request;
use prost::Message;
use prost::bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

const LIST: &str = "/clientele.v1.CustomerService/ListCustomers";
const GET: &str = "/clientele.v1.CustomerService/GetCustomer";
const CREATE: &str = "/clientele.v1.CustomerService/CreateCustomer";
/// How many customers there are, and how long the text of each is: together 3 MB.
const N_CUSTOMERS: usize = 47;
const TEXT: usize = 64 << 10;
/// What the windows of a client are that reads: enough for any answer.
const READING: u32 = 8 << 20;
/// How many calls one connection may have open.
const STREAMS: usize = 100;
/// How long a bystander waits for an answer; far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What an HTTP/2 client sends first: the preface, and empty settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// How calls ended, by `grpc-status`, or `reset`.
pub type Outcomes = BTreeMap<String, usize>;

/// The code of calls that were shed.
pub const SHED: &str = "14";

/// A server to attack.
#[derive(Clone, Copy)]
pub struct AttackTarget {
    pub address: SocketAddr,
    pub process: u32,
}

/// What somebody got who asked for one small record every 50 ms, each time on a connection of its own.
#[derive(Default)]
pub struct BystanderFigures {
    pub asked: usize,
    pub took: Vec<Duration>,
}

impl BystanderFigures {
    /// Returns how long all but one in `n` took at most.
    pub fn all_but_one_in(&mut self, n: usize) -> Duration {
        self.took.sort();
        let last = self.took.len().saturating_sub(1 + self.took.len() / n);
        self.took.get(last).copied().unwrap_or(PATIENCE)
    }
}

impl AttackTarget {
    /// Returns how much memory the process has at present, in bytes.
    pub fn memory(self) -> u64 {
        self.status("VmRSS:")
    }

    /// Returns how much memory the process had at most since the peak was forgotten, in bytes.
    pub fn peak(self) -> u64 {
        self.status("VmHWM:")
    }

    /// Makes the peak what the process has at present.
    pub fn forget_peak(self) {
        let file = format!("/proc/{}/clear_refs", self.process);
        std::fs::write(file, "5").expect("the peak of a process of one's own can be reset");
    }

    fn status(self, field: &str) -> u64 {
        let file = format!("/proc/{}/status", self.process);
        let status = std::fs::read_to_string(file).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.expect("a process has memory") * 1024
    }

    /// Waits until the process has at most so much memory.
    pub async fn shrinks_to(self, bytes: u64, within: Duration) -> bool {
        let shrunk = async {
            while self.memory() > bytes {
                sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(within, shrunk).await.is_ok()
    }

    /// Stores the customers of the list.
    pub async fn fill(self) {
        let url = format!("http://{}", self.address);
        let mut customers = CustomerServiceClient::connect(url)
            .await
            .expect("the server answers");
        let large = (0..N_CUSTOMERS).map(|i| (format!("large-{i}"), TEXT));
        for (customer_id, size) in large.chain([("small".to_owned(), 1)]) {
            let request = pb::CreateCustomerRequest {
                customer: Some(customer("x".repeat(size))),
                customer_id,
                ..Default::default()
            };
            customers
                .create_customer(request)
                .await
                .expect("the customer is stored");
        }
    }

    /// Uses the server as callers do who read what they ask for, so that it has what it needs for that.
    pub async fn use_normally(self) {
        let mut callers = JoinSet::new();
        for _ in 0..8 {
            callers.spawn(async move {
                let caller = self.connect(READING).await.expect("a place is free");
                for _ in 0..4 {
                    caller.call(LIST, list(), true).await;
                    caller.call(CREATE, large_request(), true).await;
                }
            });
        }
        callers.join_all().await;
    }

    async fn connect(self, window: u32) -> Option<OpenConnection> {
        let socket = TcpStream::connect(self.address).await.ok()?;
        let mut settings = Builder::new();
        settings.initial_window_size(window);
        if window == READING {
            settings.initial_connection_window_size(window * 2);
        }
        let (requests, connection) = settings.handshake(socket).await.ok()?;
        let mut driver = JoinSet::new();
        driver.spawn(async { drop(connection.await) });
        let authority = self.address.to_string();
        Some(OpenConnection {
            requests,
            authority,
            _driver: std::sync::Arc::new(driver),
        })
    }

    /// Asks for one small record on a new connection.
    pub async fn ask(self) -> bool {
        let asked = async { self.connect(READING).await?.call(GET, get(), true).await };
        timeout(PATIENCE, asked).await.ok().flatten().as_deref() == Some("0")
    }

    /// Plays an attack, and tells what others got meanwhile.
    pub async fn beside<T>(self, attack: impl Future<Output = T>) -> (T, BystanderFigures) {
        let (mut attack, mut served) = (pin!(attack), BystanderFigures::default());
        let mut pace = interval(Duration::from_millis(50));
        loop {
            let began = Instant::now();
            let once = async {
                pace.tick().await;
                self.ask().await
            };
            tokio::select! {
                outcome = &mut attack => return (outcome, served),
                answered = once => {
                    served.asked += 1;
                    served.took.extend(answered.then(|| began.elapsed()));
                }
            }
        }
    }

    /// Asks for a list every 25 ms, 100 on each connection, and takes no more of them than the windows of a connection
    /// and its streams have room for.
    pub async fn unread_answers(self, window: u32, enough: impl Fn(&Outcomes) -> bool) -> Outcomes {
        let mut pace = interval(Duration::from_millis(25));
        self.attack(window, list(), true, enough, async || {
            pace.tick().await;
        })
        .await
    }

    /// Sends requests of 1 MiB that lack their last bytes, so many at a time, 100 on each connection.
    pub async fn unfinished_requests(
        self,
        n: usize,
        enough: impl Fn(&Outcomes) -> bool,
    ) -> Outcomes {
        let mut begun = 0;
        self.attack(65_535, unfinished_request(), false, enough, async || {
            begun += 1;
            if begun % n == 0 {
                sleep(Duration::from_millis(500)).await;
            }
        })
        .await
    }

    async fn attack(
        self,
        window: u32,
        body: Bytes,
        complete: bool,
        enough: impl Fn(&Outcomes) -> bool,
        mut pause: impl AsyncFnMut(),
    ) -> Outcomes {
        let path = if complete { LIST } else { CREATE };
        let (mut outcomes, mut calls) = (Outcomes::new(), JoinSet::new());
        let mut connections = Vec::new();
        while !enough(&outcomes) {
            let Some(caller) = self.connect(window).await else {
                *outcomes.entry("no connection".to_owned()).or_default() += 1;
                continue;
            };
            for _ in 0..STREAMS {
                pause().await;
                let (caller, body) = (caller.clone(), body.clone());
                calls.spawn(async move { caller.take_nothing(path, body, complete).await });
                while let Some(Ok(outcome)) = calls.try_join_next() {
                    *outcomes.entry(outcome).or_default() += 1;
                }
            }
            connections.push(caller);
        }
        outcomes
    }

    /// Keeps so many sockets open that say nothing, or the preface of HTTP/2 and nothing more. One that is closed is
    /// opened anew.
    pub async fn silent_sockets(self, n: usize) {
        let mut sockets = JoinSet::new();
        for i in 0..n {
            sockets.spawn(async move {
                loop {
                    // One that is not let in comes again, too.
                    let _ = self.silent_socket(i % 2 == 0).await;
                    sleep(Duration::from_millis(200)).await;
                }
            });
        }
        sockets.join_all().await;
    }

    /// Opens a socket and returns when it is closed.
    async fn silent_socket(self, with_preface: bool) -> std::io::Result<()> {
        let mut socket = TcpStream::connect(self.address).await?;
        if with_preface {
            socket.write_all(PREFACE).await?;
        }
        while socket.read(&mut [0; 64]).await? > 0 {}
        Ok(())
    }
}

/// One connection; it ends with its last clone.
#[derive(Clone)]
struct OpenConnection {
    requests: SendRequest<Bytes>,
    authority: String,
    _driver: std::sync::Arc<JoinSet<()>>,
}

impl OpenConnection {
    async fn open(
        &self,
        path: &str,
        body: Bytes,
        complete: bool,
    ) -> Option<(ResponseFuture, h2::SendStream<Bytes>)> {
        let request = Request::post(format!("http://{}{path}", self.authority))
            .header("content-type", "application/grpc")
            .body(())
            .ok()?;
        let mut requests = self.requests.clone().ready().await.ok()?;
        let (response, mut stream) = requests.send_request(request, false).ok()?;
        stream.send_data(body, complete).ok()?;
        Some((response, stream))
    }

    /// Makes a call and reads the answer. Returns its `grpc-status`.
    async fn call(&self, path: &str, body: Bytes, complete: bool) -> Option<String> {
        let (response, _stream) = self.open(path, body, complete).await?;
        status_of(response, true).await
    }

    /// Makes a call and takes nothing of the answer but what there was room for.
    async fn take_nothing(&self, path: &str, body: Bytes, complete: bool) -> String {
        let outcome = async {
            let (response, _stream) = self.open(path, body, complete).await?;
            status_of(response, false).await
        };
        outcome.await.unwrap_or("reset".to_owned())
    }
}

async fn status_of(response: ResponseFuture, take: bool) -> Option<String> {
    let (head, mut body) = response.await.ok()?.into_parts();
    let status = |headers: &http::HeaderMap| {
        let status = headers.get("grpc-status")?;
        Some(status.to_str().ok()?.to_owned())
    };
    if let Some(status) = status(&head.headers) {
        return Some(status);
    }
    while let Some(data) = body.data().await {
        let data = data.ok()?;
        if take {
            body.flow_control().release_capacity(data.len()).ok()?;
        }
    }
    status(&body.trailers().await.ok()??)
}

fn customer(about: String) -> pb::Customer {
    pb::Customer {
        display_name: "Large".to_owned(),
        kind: pb::customer::Kind::Business.into(),
        about,
        ..Default::default()
    }
}

fn list() -> Bytes {
    framed(&pb::ListCustomersRequest {
        page_size: 1000,
        ..Default::default()
    })
}

fn get() -> Bytes {
    let name = "customers/small".to_owned();
    framed(&pb::GetCustomerRequest {
        name,
        read_mask: None,
    })
}

/// A request that is as large as one may be, and then is refused for what it says.
fn large_request() -> Bytes {
    framed(&pb::CreateCustomerRequest {
        customer: Some(customer("x".repeat((1 << 20) - 100))),
        ..Default::default()
    })
}

fn unfinished_request() -> Bytes {
    let request = large_request();
    request.slice(..request.len() - 1)
}

/// A message as it stands in a body.
fn framed(message: &impl Message) -> Bytes {
    let bytes = message.encode_to_vec();
    let length = u32::try_from(bytes.len()).expect("a message has a length");
    [&[0], &length.to_be_bytes()[..], &bytes].concat().into()
}
