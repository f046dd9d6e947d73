//! Calls of the real program over loopback, beside a bare tonic server that sends the same bytes: throughput at 16
//! connections, and CPU a call of either server's process. The load comes from this process, the servers are others.
//!
//! The program is the `clientele` next to this binary, on the sample of `serve --demo`: on SQLite, and on PostgreSQL
//! where CLIENTELE_POSTGRES_URL names an empty, migrated database.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use clientele::pb;
use prost::Message;
use prost::bytes::Bytes;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};

use crate::raw::{RawCodec, serve_bytes};

const CONNECTIONS: usize = 16;
/// Calls on each connection in one round, and in the one before that is not counted.
const CALLS: u32 = 1_000;
const WARM_UP: u32 = 200;
/// Rounds of each server; they take turns, and medians are told.
const ROUNDS: usize = 5;
/// What one tick of the kernel's count of CPU is; Linux has 100 a second.
const TICK: Duration = Duration::from_millis(10);

/// Runs on both engines.
pub async fn run() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    on_engine(
        "SQLite",
        &format!("sqlite://{}", folder.path().join("calls.db").display()),
    )
    .await?;
    match std::env::var("CLIENTELE_POSTGRES_URL") {
        Ok(url) => on_engine("PostgreSQL", &url).await,
        Err(_) => {
            println!("calls, PostgreSQL: not run, CLIENTELE_POSTGRES_URL is not set");
            Ok(())
        }
    }
}

async fn on_engine(engine: &str, url: &str) -> anyhow::Result<()> {
    let program = std::env::current_exe()?.with_file_name("clientele");
    let ours = Server::start(
        &program,
        &[
            "serve",
            "--demo",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            url,
        ],
        &[],
    )?;
    for (path, request) in questions() {
        let answer = ours
            .call(path, request.clone())
            .await
            .with_context(|| format!("{path} of {engine}"))?;
        let bare = Server::start(&std::env::current_exe()?, &["bare"], &answer)?;
        let [ours, bare] = Cost::in_turns([&ours, &bare], path, &request, ROUNDS).await?;
        println!(
            "calls, {engine}, {}: {:.0} a second, {:.0} us of CPU a call; bare {:.0}, {:.0} us: throughput {:.3} (bar 0.9), CPU {:.1} x (bar 1.2)",
            path.rsplit('/').next().unwrap_or_default(),
            ours.rate,
            ours.cpu,
            bare.rate,
            bare.cpu,
            ours.rate / bare.rate,
            ours.cpu / bare.cpu
        );
    }
    Ok(())
}

/// The questions of hot paths, each with its request.
pub fn questions() -> Vec<(&'static str, Bytes)> {
    let name = "customers/nordlicht-optik".to_owned();
    let key = || {
        Some(pb::CustomerKey {
            key: Some(pb::customer_key::Key::Name(
                "customers/nordlicht-optik".to_owned(),
            )),
            ..Default::default()
        })
    };
    let get = pb::GetCustomerRequest {
        name,
        read_mask: None,
    };
    let deciders = pb::GetDecisionMakersRequest {
        customer: key(),
        ..Default::default()
    };
    let profile = pb::GetProfileRequest {
        customer: key(),
        ..Default::default()
    };
    vec![
        (
            "/clientele.v1.CustomerService/GetCustomer",
            get.encode_to_vec().into(),
        ),
        (
            "/clientele.v1.RelationshipService/GetDecisionMakers",
            deciders.encode_to_vec().into(),
        ),
        (
            "/clientele.v1.RelationshipService/GetProfile",
            profile.encode_to_vec().into(),
        ),
    ]
}

/// What calls cost: how many are answered in a second, and microseconds of the server's CPU for each.
pub struct Cost {
    /// Answers a second.
    pub rate: f64,
    /// Microseconds of CPU for each.
    pub cpu: f64,
}

impl Cost {
    /// Loads two servers in turns, so many rounds, and returns the medians of both.
    pub async fn in_turns(
        servers: [&Server; 2],
        path: &'static str,
        request: &Bytes,
        rounds: usize,
    ) -> anyhow::Result<[Cost; 2]> {
        let mut costs = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            for (server, costs) in servers.iter().zip(&mut costs) {
                costs.push(server.load(path, request).await?);
            }
        }
        Ok(costs.map(Cost::median))
    }

    /// Returns the median of each.
    fn median(mut costs: Vec<Cost>) -> Cost {
        let middle = costs.len() / 2;
        costs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
        let cpu = costs[middle].cpu;
        costs.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        Cost {
            rate: costs[middle].rate,
            cpu,
        }
    }
}

/// A server in a process of its own, which ends with this.
pub struct Server {
    child: Child,
    address: String,
    /// The credential of every call, as the header has it.
    pub credential: Option<MetadataValue<Ascii>>,
}

impl Server {
    /// Starts a program that gets `input` and says where it listens in a line that begins with `gRPC`.
    pub fn start(program: &Path, arguments: &[&str], input: &[u8]) -> anyhow::Result<Server> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command
            .spawn()
            .with_context(|| format!("{} must be built first", program.display()))?;
        child
            .stdin
            .take()
            .context("the input is a pipe")?
            .write_all(input)?;
        let lines = BufReader::new(child.stdout.take().context("the output is a pipe")?).lines();
        let mut server = Server {
            child,
            address: String::new(),
            credential: None,
        };
        let mut lines = lines.map_while(Result::ok);
        let line = lines
            .find(|line| line.starts_with("gRPC"))
            .context("the server did not start")?;
        server.address = line.trim_start_matches("gRPC").trim().to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    /// Returns the id of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Returns where it listens.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        let address = self.address.trim_start_matches("http://");
        address.parse().context("the server says where it listens")
    }

    async fn call(&self, path: &'static str, request: Bytes) -> anyhow::Result<Bytes> {
        call(&self.connect().await?, path, request, None).await
    }

    /// Connects to it.
    pub async fn connect(&self) -> anyhow::Result<Channel> {
        Ok(Endpoint::from_shared(self.address.clone())?
            .connect()
            .await?)
    }

    /// Calls on all connections at once and returns what that cost.
    pub async fn load(&self, path: &'static str, request: &Bytes) -> anyhow::Result<Cost> {
        let mut channels = Vec::new();
        for _ in 0..CONNECTIONS {
            channels.push(self.connect().await?);
        }
        let credential = &self.credential;
        calls(&channels, path, request, credential, WARM_UP).await?;
        let (cpu, began) = (self.cpu()?, Instant::now());
        calls(&channels, path, request, credential, CALLS).await?;
        let n_calls = f64::from(CALLS) * CONNECTIONS as f64;
        let rate = n_calls / began.elapsed().as_secs_f64();
        Ok(Cost {
            rate,
            cpu: (self.cpu()? - cpu).as_secs_f64() * 1e6 / n_calls,
        })
    }

    /// Returns the CPU that the process has used so far: fields 14 and 15 of proc_pid_stat(5).
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat =
            std::fs::read_to_string(PathBuf::from(format!("/proc/{}/stat", self.child.id())))?;
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        ensure!(fields.len() > 12, "/proc has another form");
        Ok(TICK * (fields[11].parse::<u32>()? + fields[12].parse::<u32>()?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn calls(
    channels: &[Channel],
    path: &'static str,
    request: &Bytes,
    credential: &Option<MetadataValue<Ascii>>,
    n_calls: u32,
) -> anyhow::Result<()> {
    let mut tasks = tokio::task::JoinSet::new();
    for channel in channels {
        let (channel, request) = (channel.clone(), request.clone());
        let credential = credential.clone();
        tasks.spawn(async move {
            for _ in 0..n_calls {
                call(&channel, path, request.clone(), credential.as_ref()).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

async fn call(
    channel: &Channel,
    path: &'static str,
    request: Bytes,
    credential: Option<&MetadataValue<Ascii>>,
) -> anyhow::Result<Bytes> {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await?;
    let mut request = tonic::Request::new(request);
    if let Some(credential) = credential {
        let metadata = request.metadata_mut();
        metadata.insert("authorization", credential.clone());
    }
    let answer = grpc
        .unary(request, PathAndQuery::from_static(path), RawCodec)
        .await;
    answer
        .map(tonic::Response::into_inner)
        .map_err(|status| anyhow!("{:?}: {}", status.code(), status.message()))
}

/// Serves what comes on standard input as the answer to every call, until the process is ended.
pub async fn bare() -> anyhow::Result<()> {
    let mut answer = Vec::new();
    std::io::stdin().read_to_end(&mut answer)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("gRPC http://{}", listener.local_addr()?);
    serve_bytes(listener, answer.into()).await
}
