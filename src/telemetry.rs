//! Where the log goes: to stderr, in lines for people or in JSON for programs.
//!
//! It decides form and filter. What may be in a line is decided where the line is written.

use std::env;
use std::io::{IsTerminal, stderr};
use std::panic::PanicHookInfo;

use tracing_subscriber::filter::{EnvFilter, LevelFilter, ParseError, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

/// The environment variable that holds a filter, in the language of `tracing_subscriber::EnvFilter`.
pub const FILTER_VARIABLE: &str = "CLIENTELE_LOG";
/// The filter that applies when nobody gives one.
pub const DEFAULT_FILTER: &str = "info,sqlx=warn";

/// Libraries that, below warnings, log headers, messages or statements: data about people. No filter opens them.
const CLOSED: [&str; 6] = ["h2", "hyper", "hyper_util", "tonic", "tower", "sqlx"];

/// Starts the log, and logs panics by their place alone. Only the first call has an effect on the log.
///
/// # Errors
/// When `filter` cannot be read.
pub fn start(json: bool, filter: &str) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let closed = CLOSED.map(|library| (library, LevelFilter::WARN));
    let closed = Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_targets(closed);
    let lines = fmt::layer().with_writer(stderr).with_ansi(is_colored());
    let lines = if json {
        lines.json().flatten_event(true).boxed()
    } else {
        lines.compact().boxed()
    };
    // An error means that there is a log already, as in tests.
    let _ = registry().with(filter).with(closed).with(lines).try_init();
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Says whether the log is read on a terminal by somebody who has nothing against colours (no-color.org).
fn is_colored() -> bool {
    stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Logs where a panic happened. Its payload may hold anything, so also data about people.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    tracing::error!(panic.location = place.as_deref(), "panic");
}
