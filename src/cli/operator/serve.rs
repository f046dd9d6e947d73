//! `clientele serve`: opens the store and serves the API until it is told to stop.
//!
//! Settings come before ports: whatever is wrong with them is found before anybody can connect.

use std::future::Future;
use std::io::{Write, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

use crate::cli::client::Client;
use crate::cli::operator::{DatabaseArgs, demo};
use crate::clock::Clock;
use crate::error::Error;
use crate::server::api::{Api, api};
use crate::server::auth::issuer::Issuers;
use crate::server::auth::{Authentication, Authenticator};
use crate::server::health::Answers;
use crate::server::limits::Limits;
use crate::server::reflection::add_reflection;
use crate::store::engine::db::Db;
use crate::store::engine::migrate::known_version;
use crate::store::engine::probe;
use crate::store::engine::standing::Standing;
use crate::store::open;
use crate::store::record::request;
use crate::{descriptors, server, telemetry};

/// How often expired request ids are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

const HELP: &str = "\
Examples:
  clientele serve
      a SQLite file in this folder, on 127.0.0.1:50051
  clientele serve --demo --database-url sqlite://demo.db
  clientele serve --database-url postgres://clientele@localhost/clientele
      after `clientele migrate` with the same URL

There is no authentication yet, so the server listens on this machine only. To reach it from another one, use a \
tunnel: ssh -L 50051:127.0.0.1:50051 HOST.

SIGTERM and Ctrl-C let running calls finish, for 20 seconds at most; a second one stops at once.";

/// Serves the API until stopped
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct ServeArgs {
    /// The loopback address to listen on. Port 0 takes a free one
    #[arg(
        long,
        value_name = "ADDR",
        env = "CLIENTELE_LISTEN",
        default_value = "127.0.0.1:50051",
        value_parser = loopback
    )]
    listen: SocketAddr,
    #[command(flatten)]
    database: DatabaseArgs,
    /// How large the write-ahead log of a SQLite file (FILE-wal) may become
    ///
    /// The log grows while another program, such as a backup, reads an old state of the file. At half of this size the
    /// server logs a warning that names that process; at this size it refuses writes with STORE_UNAVAILABLE until the
    /// log can be emptied. At least 64 MiB.
    #[arg(
        long,
        value_name = "BYTES",
        env = "CLIENTELE_MAX_WAL_BYTES",
        default_value_t = 1 << 30,
        value_parser = clap::value_parser!(u64).range(64 << 20..)
    )]
    max_wal_bytes: u64,
    /// Fills an empty store with a small made-up sample first
    #[arg(long)]
    demo: bool,
    /// What callers have to show
    ///
    /// `none`: nothing, and everybody who reaches the server may do everything in the tenant `default`. `keys`: an API
    /// key, which `clientele keys create` makes, also while the server runs.
    #[arg(
        long,
        value_name = "WHAT",
        env = "CLIENTELE_AUTH",
        default_value = "none",
        value_parser = PossibleValuesParser::new(["none", "keys"]).map(|what| authentication(&what))
    )]
    auth: Authentication,
    /// A TOML file with the issuers of tokens (OIDC, JWT) that are taken beside API keys, with --auth keys
    #[arg(long, value_name = "FILE", env = "CLIENTELE_ISSUERS_FILE", value_parser = Issuers::read)]
    issuers_file: Option<Issuers>,
    #[command(flatten)]
    pressure: PressureArgs,
    #[command(flatten)]
    logging: LoggingArgs,
}

#[derive(Args)]
struct PressureArgs {
    /// The memory for requests that are still arriving and answers that are still being sent, of all calls together
    ///
    /// A call that would exceed it is refused with OVERLOADED. What else the process needs is not counted.
    #[arg(
        long,
        value_name = "BYTES",
        env = "CLIENTELE_MAX_BUFFERED_BYTES",
        default_value_t = Limits::DEFAULT.max_buffered_bytes as u64,
        value_parser = clap::value_parser!(u64).range(16 << 20..)
    )]
    max_buffered_bytes: u64,
    /// How many connections one address may have; unlimited by default
    ///
    /// At the limit, a new connection takes the place of the one of that address that has been idle longest. Leave it
    /// out where all callers share one address: on loopback, and behind a proxy that ends TLS.
    #[arg(
        long,
        value_name = "N",
        env = "CLIENTELE_MAX_CONNECTIONS_PER_PEER",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    max_connections_per_peer: Option<u64>,
}

impl PressureArgs {
    /// Returns the limits of the server, with those that are set.
    fn limits(&self) -> Limits {
        let size = |n| usize::try_from(n).unwrap_or(usize::MAX);
        Limits {
            max_buffered_bytes: size(self.max_buffered_bytes),
            max_connections_per_peer: size(self.max_connections_per_peer.unwrap_or(u64::MAX)),
            ..Limits::DEFAULT
        }
    }
}

#[derive(Args)]
struct LoggingArgs {
    /// Logs JSON, one object per line
    #[arg(long)]
    log_json: bool,
    /// What to log: a level, or levels by module as in `info,clientele::store=debug`
    #[arg(
        long,
        value_name = "FILTER",
        env = telemetry::FILTER_VARIABLE,
        default_value = telemetry::DEFAULT_FILTER
    )]
    log: String,
}

fn authentication(what: &str) -> Authentication {
    match what {
        "keys" => Authentication::Keys,
        _ => Authentication::Off,
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let numeric = text
        .strip_prefix("localhost:")
        .map(|port| format!("{}:{port}", Ipv4Addr::LOCALHOST));
    let address: Result<SocketAddr, _> = numeric.as_deref().unwrap_or(text).parse();
    let address = address.map_err(|_| "expected HOST:PORT, such as 127.0.0.1:50051".to_owned())?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err("there is no authentication yet, so only this machine may reach the server: listen on 127.0.0.1 or [::1], \
         and use a tunnel for others"
        .to_owned())
}

impl ServeArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let filter = "--log: expected a level (error, warn, info, debug, trace, off) or MODULE=LEVEL, joined by commas";
        if telemetry::start(self.logging.log_json, &self.logging.log).is_err() {
            eprintln!("error: {filter}");
            return Ok(ExitCode::from(2));
        }
        let url = &self.database.database_url;
        let opened = open(url, Clock::System).await?;
        let db = &opened.db;
        db.bound_log(self.max_wal_bytes);
        let limits = self.pressure.limits();
        let Api { routes, names } = api(db, &limits);
        let issuers = self.issuers_file.unwrap_or_default().issuers;
        let authenticator = Authenticator::new(self.auth, db, issuers);
        let authenticator = authenticator.map_err(|why| anyhow!("--issuers-file: {why}"))?;
        let stop = stop_signal()?;
        let listener = TcpListener::bind(self.listen).await;
        let listener = listener.with_context(|| {
            format!("cannot listen on {}; --listen takes another address, and port 0 means any free port", self.listen)
        })?;
        say(&format!("clientele {}", env!("CARGO_PKG_VERSION")))?;
        let new = if opened.is_new() { "new, " } else { "" };
        say(&format!("store  {url} ({new}schema {})", known_version()))?;
        if self.demo {
            say(&format!(
                "demo   {}",
                demo::fill(&Client::new(routes.clone()), db.clock().now()).await?
            ))?;
        }
        sweep(db.clone());
        let routes = add_reflection(routes, descriptors::pool().clone())?;
        let answers = answers(db).await;
        if self.auth == Authentication::Keys {
            say("auth   API keys; `clientele keys create` makes one")?;
        }
        announce(listener.local_addr()?, &names)?;
        let mut standing = db.standing();
        let stop = async move {
            tokio::select! {
                () = stop => {}
                // An error means that the store is gone.
                _ = standing.wait_for(|standing| standing.must_end()) => {}
            }
        };
        server::serve(
            listener,
            routes,
            authenticator,
            &names,
            limits,
            answers,
            stop,
        )
        .await;
        close(db).await
    }
}

/// Closes the store, and says how the service ended.
async fn close(db: &Db) -> anyhow::Result<ExitCode> {
    if db.standing().borrow().must_end() {
        // Closing the file or its connections in good order would copy into it what may not be on disk; the next
        // start recovers what is.
        eprintln!("error: a sync of the store to disk failed: check the disk, then start again");
        std::process::exit(1);
    }
    let trouble = db.standing().borrow().lasting_trouble();
    db.close().await;
    if let Some(trouble) = trouble {
        bail!("stopped, but {trouble}");
    }
    say("stopped")?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what is served where. The line `ready` comes last; programs may wait for it.
fn announce(address: SocketAddr, services: &[&str]) -> anyhow::Result<()> {
    say(&format!("gRPC   http://{address}"))?;
    for service in services {
        say(&format!("       {service}"))?;
    }
    say("       grpc.health.v1.Health, grpc.reflection.v1 and v1alpha")?;
    say("ready  Ctrl-C stops")
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    out.flush().map_err(|error| anyhow!(error))
}

/// Follows whether the store answers: by [`probe`], and by what callers meet in between.
async fn answers(db: &Db) -> watch::Receiver<Answers> {
    let answered = |standing: Standing| Answers {
        reads: standing.answers_reads(),
        writes: standing.answers_writes(),
    };
    let mut standing = db.standing();
    probe::start(db.clone()).await;
    let (answers, followers) = watch::channel(answered(*standing.borrow_and_update()));
    tokio::spawn(async move {
        while standing.changed().await.is_ok() {
            answers.send_replace(answered(*standing.borrow_and_update()));
        }
    });
    followers
}

/// Deletes old request ids, now and then, until the store closes.
fn sweep(db: Db) {
    tokio::spawn(async move {
        loop {
            match request::sweep(&db).await {
                Ok(()) => {}
                Err(Error::ShuttingDown) => return,
                Err(error) => tracing::warn!(%error, "old request ids could not be swept"),
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    });
}

/// Returns a future that resolves at the first SIGTERM or SIGINT. The next one ends the process, whatever it does then.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(async move {
        next(&mut terminate, &mut interrupt).await;
        // The drain does not depend on anybody who reads this line.
        let _ = say("stopping: running calls may finish; a second signal stops at once");
        // The receiver may have stopped for another reason.
        let _ = stop.send(());
        next(&mut terminate, &mut interrupt).await;
        std::process::exit(1);
    });
    Ok(async move { stopped.await.unwrap_or_default() })
}

async fn next(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
