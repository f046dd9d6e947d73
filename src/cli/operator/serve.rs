//! `clientele serve`: opens the store and serves the API until it is told to stop.
//!
//! Settings come before ports: whatever is wrong with them is found before anybody can connect.

use std::future::Future;
use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tonic::service::Routes;

use crate::cli::client::Client;
use crate::cli::operator::limit_settings::LimitArgs;
use crate::cli::operator::network_settings::NetworkArgs;
use crate::cli::operator::settings::{EXIT_CODE, WrongSetting};
use crate::cli::operator::watch_settings::WatchArgs;
use crate::cli::operator::{DatabaseArgs, demo, store_metrics};
use crate::clock::Clock;
use crate::error::Error;
use crate::server::admin::{self, Admin};
use crate::server::api::{Api, api};
use crate::server::auth::issuer::Issuers;
use crate::server::auth::{Authentication, Authenticator};
use crate::server::health::Answers;
use crate::server::host::HostRule;
use crate::server::metrics::Metrics;
use crate::server::reflection::add_reflection;
use crate::server::setup::Setup;
use crate::store::engine::db::Db;
use crate::store::engine::migrate::known_version;
use crate::store::engine::open::Opened;
use crate::store::engine::probe;
use crate::store::engine::standing::Standing;
use crate::store::open;
use crate::store::record::request;
use crate::telemetry::spans::Spans;
use crate::{descriptors, server};

/// How often the warning about a dangerous setting is repeated.
const WARN_EVERY: Duration = Duration::from_secs(60);
const UNAUTHENTICATED: &str =
    "--insecure-allow-unauthenticated: whoever reaches the server may read and change everything";
/// How long the end waits for the last spans to be sent.
const LAST_SPANS: Duration = Duration::from_secs(2);
/// How often expired request ids are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

const HELP: &str = "\
Examples:
  clientele serve
      a SQLite file in this folder, on 127.0.0.1:50051
  clientele serve --demo --database-url sqlite://demo.db
  clientele serve --database-url postgres://clientele@localhost/clientele
      after `clientele migrate` with the same URL
  clientele serve --config clientele.toml
      with settings from a file; ops/clientele.toml of the repository shows all of them
  clientele serve --listen 0.0.0.0:50051 --tls-cert server.pem --tls-key server.key --auth keys
      for other machines, whose callers show a key

By default only this machine can reach the server. On another address it does not start unless it asks for a \
credential and uses TLS. To reach it from elsewhere without either, use a tunnel: ssh -L 50051:127.0.0.1:50051 HOST.

SIGTERM and Ctrl-C let running calls finish, for 20 seconds at most; a second one stops at once.";

/// Serves the API until stopped
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    network: NetworkArgs,
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
    /// key, which `clientele keys create` makes, also while the server runs, or a token of an issuer of --issuers-file.
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
    limits: LimitArgs,
    #[command(flatten)]
    watch: WatchArgs,
}

fn authentication(what: &str) -> Authentication {
    match what {
        "keys" => Authentication::Keys,
        _ => Authentication::Off,
    }
}

/// The settings as they were understood, before anything is opened.
struct CheckedSettings {
    setup: Setup,
    /// What is dangerous about them.
    warning: Option<&'static str>,
    /// Ends when the last span is sent.
    spans: Option<JoinHandle<()>>,
}

impl ServeArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.check() {
            Ok(checked) => self.serve(checked).await,
            Err(wrong) => {
                eprintln!("error: {wrong}");
                Ok(ExitCode::from(EXIT_CODE))
            }
        }
    }

    fn check(&self) -> Result<CheckedSettings, WrongSetting> {
        self.watch.start_log()?;
        if self.issuers_file.is_some() && self.auth == Authentication::Off {
            let why = "--issuers-file needs --auth keys: otherwise nobody is asked for a token";
            return Err(WrongSetting::new(why));
        }
        let network = self.network.check(self.auth == Authentication::Keys)?;
        let (spans, sending) = self.watch.start_spans()?.unzip();
        Ok(CheckedSettings {
            setup: Setup {
                limits: self.limits.limits(),
                tls: network.tls,
                host_rule: network.host_rule,
                metrics: Metrics::start(),
                spans,
            },
            warning: (network.host_rule == HostRule::AnyHost).then_some(UNAUTHENTICATED),
            spans: sending,
        })
    }

    async fn serve(self, checked: CheckedSettings) -> anyhow::Result<ExitCode> {
        let CheckedSettings {
            setup,
            warning,
            spans,
        } = checked;
        let url = &self.database.database_url;
        let opened = open(url, Clock::System).await?;
        let db = &opened.db;
        db.bound_log(self.max_wal_bytes);
        let Api { routes, names } = api(db, &setup.limits);
        let issuers = self.issuers_file.clone().unwrap_or_default().issuers;
        let authenticator = Authenticator::new(self.auth, db, issuers);
        let authenticator = authenticator.map_err(|why| anyhow!("--issuers-file: {why}"))?;
        let stop = stop_signal()?;
        let address = self.network.listen;
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| {
            format!("cannot listen on {address}; --listen takes another address, and port 0 means any free port")
        })?;
        let admin = self.watch.bind().await?;
        self.introduce(&opened, &routes).await?;
        sweep(db.clone());
        let routes = add_reflection(routes, descriptors::pool().clone())?;
        let answers = answers(db).await;
        if self.auth == Authentication::Keys {
            say("auth   API keys; `clientele keys create` makes one")?;
        }
        if let Some(warning) = warning {
            tokio::spawn(repeat(WARN_EVERY, move || tracing::warn!("{warning}")));
        }
        let scheme = if setup.tls.is_some() { "https" } else { "http" };
        announce(scheme, listener.local_addr()?, &names)?;
        // Whoever waits for the line `ready` may ask for health at once.
        setup.metrics.health_says(*answers.borrow());
        if let Some(listener) = admin {
            show_figures(listener, db, &setup, warning)?;
        }
        say("ready  Ctrl-C stops")?;
        let stop = stop_or_trouble(db, stop);
        server::serve(
            listener,
            routes,
            authenticator,
            &names,
            setup,
            answers,
            stop,
        )
        .await;
        if let Some(spans) = spans {
            // However far it has come.
            let _ = tokio::time::timeout(LAST_SPANS, spans).await;
        }
        close(db).await
    }

    /// Says what runs on which store, and fills that with the sample if it is asked for.
    async fn introduce(&self, opened: &Opened, routes: &Routes) -> anyhow::Result<()> {
        let (url, db) = (&self.database.database_url, &opened.db);
        say(&format!("clientele {}", env!("CARGO_PKG_VERSION")))?;
        let new = if opened.is_new() { "new, " } else { "" };
        say(&format!("store  {url} ({new}schema {})", known_version()))?;
        if self.demo {
            say(&format!(
                "demo   {}",
                demo::fill(&Client::new(routes.clone()), db.clock().now()).await?
            ))?;
        }
        Ok(())
    }
}

/// Answers operators on a port of their own.
fn show_figures(
    listener: TcpListener,
    db: &Db,
    setup: &Setup,
    warning: Option<&'static str>,
) -> anyhow::Result<()> {
    say(&format!("admin  http://{}/metrics", listener.local_addr()?))?;
    let spans_dropped = setup.spans.as_ref().map(Spans::dropped).unwrap_or_default();
    let admin = Admin {
        metrics: Arc::clone(&setup.metrics),
        store: store_metrics::families_of(db.clone(), spans_dropped),
        warning,
    };
    tokio::spawn(admin::serve(listener, admin));
    Ok(())
}

/// Waits until the server has to stop: it is told so, or its store must not go on.
fn stop_or_trouble(
    db: &Db,
    stop: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static {
    let mut standing = db.standing();
    async move {
        tokio::select! {
            () = stop => {}
            // An error means that the store is gone.
            _ = standing.wait_for(|standing| standing.must_end()) => {}
        }
    }
}

/// Does something now, and again and again.
async fn repeat(every: Duration, mut what: impl FnMut()) {
    loop {
        what();
        tokio::time::sleep(every).await;
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
fn announce(scheme: &str, address: SocketAddr, services: &[&str]) -> anyhow::Result<()> {
    say(&format!("gRPC   {scheme}://{address}"))?;
    for service in services {
        say(&format!("       {service}"))?;
    }
    say("       grpc.health.v1.Health, grpc.reflection.v1 and v1alpha")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_warning_is_repeated_every_minute() {
        let mut n_warnings = 0;
        let minutes = Duration::from_secs(10 * 60 + 1);
        let repeated = repeat(WARN_EVERY, || n_warnings += 1);
        assert!(tokio::time::timeout(minutes, repeated).await.is_err());
        assert_eq!(n_warnings, 11);
    }
}
