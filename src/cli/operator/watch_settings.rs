//! The settings of `serve` that say how it can be watched: its log, the port for operators, and where spans go.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use clap::builder::BoolishValueParser;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::cli::operator::settings::WrongSetting;
use crate::telemetry;
use crate::telemetry::spans::Spans;

#[derive(Args)]
#[command(next_help_heading = "Watching")]
pub(crate) struct WatchArgs {
    /// Logs JSON, one object per line
    #[arg(long, env = "CLIENTELE_LOG_JSON", value_parser = BoolishValueParser::new())]
    log_json: bool,
    /// What to log: a level, or levels by module as in `info,clientele::store=debug`
    #[arg(
        long,
        value_name = "FILTER",
        env = telemetry::FILTER_VARIABLE,
        default_value = telemetry::DEFAULT_FILTER
    )]
    log: String,
    /// A second, loopback address for /metrics, /healthz and /readyz by HTTP; none by default
    #[arg(long, value_name = "ADDR", env = "CLIENTELE_ADMIN_LISTEN", value_parser = loopback)]
    admin_listen: Option<SocketAddr>,
    /// The OpenTelemetry collector that gets a span of each call (OTLP over gRPC), such as http://127.0.0.1:4317
    #[arg(long, value_name = "URL", env = "CLIENTELE_OTLP_ENDPOINT")]
    otlp_endpoint: Option<String>,
    /// Which part of the traces that begin here is recorded, from 0 to 1; those that a caller records always are
    #[arg(
        long,
        value_name = "PART",
        env = "CLIENTELE_TRACE_RATIO",
        default_value_t = 1.0,
        value_parser = ratio
    )]
    trace_ratio: f64,
}

fn loopback(text: &str) -> Result<SocketAddr, &'static str> {
    let address: Option<SocketAddr> = text.parse().ok();
    let address = address.filter(|address| address.ip().is_loopback());
    address.ok_or(
        "expected a loopback address and a port, such as 127.0.0.1:9464: what is there is for this machine only",
    )
}

fn ratio(text: &str) -> Result<f64, &'static str> {
    let ratio = text.parse().ok();
    let ratio = ratio.filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or("expected a number from 0 to 1")
}

impl WatchArgs {
    /// Starts the log.
    pub(crate) fn start_log(&self) -> Result<(), WrongSetting> {
        telemetry::start(self.log_json, &self.log).map_err(|_| {
            WrongSetting::new(
                "--log: expected a level (error, warn, info, debug, trace, off) or MODULE=LEVEL, joined by commas",
            )
        })
    }

    /// Starts to send spans, if there is a collector. The task ends when the last of them is sent.
    pub(crate) fn start_spans(&self) -> Result<Option<(Spans, JoinHandle<()>)>, WrongSetting> {
        let started = self
            .otlp_endpoint
            .as_ref()
            .map(|collector| Spans::start(collector, self.trace_ratio));
        let started = started.transpose();
        started.map_err(|fault| WrongSetting::new(format!("--otlp-endpoint: {fault}")))
    }

    /// Opens the port for operators, if there is to be one.
    pub(crate) async fn bind(&self) -> anyhow::Result<Option<TcpListener>> {
        let Some(address) = self.admin_listen else {
            return Ok(None);
        };
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| {
            format!("cannot listen on {address}; --admin-listen takes another address, and port 0 means any free port")
        })?;
        Ok(Some(listener))
    }
}
