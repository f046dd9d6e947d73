//! Sets up the log: on stderr, as lines for people or as JSON for programs.
//!
//! It decides the format and the filter. What a line may hold is decided where it is written. Spans for a collector are in
//! `spans`.

pub(crate) mod otlp;
pub mod spans;

use std::env;
use std::io::{IsTerminal, stderr};
use std::panic::PanicHookInfo;

use tracing_subscriber::filter::{EnvFilter, LevelFilter, ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

/// The environment variable that holds a filter, in the syntax of `tracing_subscriber::EnvFilter`.
pub const FILTER_VARIABLE: &str = "CLIENTELE_LOG";
/// The filter that applies if none is given.
pub const DEFAULT_FILTER: &str = "info,sqlx=warn";

/// Libraries that log headers, messages or statements, and so data about people, below the level of warnings. No filter
/// lets those through.
const CAPPED: [&str; 8] = [
    "h2",
    "hyper",
    "hyper_util",
    "rustls",
    "sqlx",
    "tokio_rustls",
    "tonic",
    "tower",
];

/// Starts the log, and logs of a panic only its location. Only the first call has an effect on the log.
///
/// # Errors
/// If `filter` cannot be parsed.
pub fn start(json: bool, filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let capped = Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_targets(CAPPED.map(|library| (library, LevelFilter::WARN)));
    let lines = fmt::layer().with_writer(stderr).with_ansi(is_colored());
    let lines = if json {
        lines.json().flatten_event(true).boxed()
    } else {
        lines.compact().boxed()
    };
    // An error means that the log was started before, as in tests.
    let _ = registry().with(filter).with(capped).with(lines).try_init();
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Says whether stderr is a terminal and colours are not switched off (no-color.org).
fn is_colored() -> bool {
    stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Logs where a panic happened. Its payload may hold anything, including data about people, and is not logged.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    tracing::error!(panic.location = location.as_deref(), "panic");
}
