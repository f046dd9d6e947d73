//! `clientele backup`, `restore` and `verify`: copies of a SQLite store. PostgreSQL has tools of its own
//! (docs/operations.md).

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::operator::{DatabaseArgs, time_of};
use crate::cli::table;
use crate::store::engine::backup::{self, FileContent, Step, TenantState};
use crate::store::engine::open::{DatabaseUrl, OpenError};

const BACKUP_HELP: &str = "\
The copy is one state of the store, and is checked before it gets its name. The server may run; its log (FILE-wal) grows \
while the copy is made. Nothing is overwritten. The copy is readable by its owner only: it holds everything.

Example:
  clientele backup clientele-2026-11-30.db --database-url sqlite://clientele.db";

const RESTORE_HELP: &str = "\
Checks the backup, copies it to the place that --database-url names, where nothing may be, and checks the copy. Page \
tokens of before are invalid from then on, because what they belong to may be lost.

What was written after the backup is lost. That includes what took rights away: revoke keys and delete tenants again.

Example:
  clientele restore clientele-2026-11-30.db --database-url sqlite://clientele.db";

const LOST: &str =
    "What was written after the last changes is lost: revoke keys and delete tenants again.";

const VERIFY_HELP: &str = "\
Reads the whole file. Exits with 1 if it is damaged, no store, or of a newer clientele.

Example:
  clientele verify clientele-2026-11-30.db";

/// Copies a SQLite store beside a running server
#[derive(Args)]
#[command(after_long_help = BACKUP_HELP)]
pub(crate) struct BackupArgs {
    /// The file to make
    to: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Puts a backup where a SQLite store was
#[derive(Args)]
#[command(after_long_help = RESTORE_HELP)]
pub(crate) struct RestoreArgs {
    /// The backup
    from: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Checks a backup, or a SQLite store
#[derive(Args)]
#[command(after_long_help = VERIFY_HELP)]
pub(crate) struct VerifyArgs {
    /// The file to check
    file: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
struct OutputArgs {
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

impl BackupArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let from = file_of(&self.database.database_url)?;
        let bar = Bar::begin(&self.output)?;
        let mut report = |step: Step<'_>| bar.show(&step);
        let made = unless_stopped(backup::back_up(from, &self.to, &mut report)).await?;
        bar.end();
        self.output.print("backup", &self.to, &made)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl RestoreArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let to = file_of(&self.database.database_url)?;
        let bar = Bar::begin(&self.output)?;
        let mut report = |step: Step<'_>| bar.show(&step);
        let made = unless_stopped(backup::restore(&self.from, to, &mut report)).await?;
        bar.end();
        self.output.print("restored", to, &made)?;
        if !self.output.json {
            writeln!(stdout(), "\n{LOST}")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl VerifyArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let bar = Bar::begin(&self.output)?;
        let mut report = |step: Step<'_>| bar.show(&step);
        let found = unless_stopped(backup::verify(&self.file, &mut report)).await?;
        bar.end();
        self.output.print("whole", &self.file, &found)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn file_of(url: &DatabaseUrl) -> anyhow::Result<&Path> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(path),
        DatabaseUrl::Postgres(_) => bail!(
            "this is for SQLite files; copy a PostgreSQL server with pg_basebackup, see docs/operations.md"
        ),
    }
}

/// Waits for work that SIGINT and SIGTERM end; an unfinished copy is then removed.
async fn unless_stopped<T>(work: impl Future<Output = Result<T, OpenError>>) -> anyhow::Result<T> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = work => Ok(done?),
        _ = tokio::signal::ctrl_c() => bail!("stopped; nothing was kept"),
        _ = terminate.recv() => bail!("stopped; nothing was kept"),
    }
}

/// What a terminal shows meanwhile. Hidden by itself where stderr is none.
struct Bar(ProgressBar);

impl Bar {
    fn begin(output: &OutputArgs) -> anyhow::Result<Bar> {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if output.json {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{spinner} {msg}  {elapsed}");
        bar.set_style(style.context("the style of the progress bar")?);
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(Bar(bar))
    }

    fn show(&self, step: &Step<'_>) {
        self.0.set_message(match step {
            Step::Checking(path) => format!("checking {}", path.display()),
            Step::Copying { bytes, of } => {
                format!("copying, {} of {}", DecimalBytes(*bytes), DecimalBytes(*of))
            }
        });
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl OutputArgs {
    fn print(&self, what: &str, path: &Path, content: &FileContent) -> anyhow::Result<()> {
        let text = match self.json {
            true => json_of(path, content).to_string(),
            false => shown(what, path, content),
        };
        writeln!(stdout(), "{text}")?;
        Ok(())
    }
}

fn shown(what: &str, path: &Path, content: &FileContent) -> String {
    let mut rows = table::plain(&["tenant", "revision", "last change"]);
    for state in &content.tenants {
        let last_change = time_of(state.last_commit_time).unwrap_or_default();
        rows.add_row([&state.tenant, &state.revision.to_string(), &last_change]);
    }
    let (path, schema, rows) = (path.display(), content.schema, table::fitted(rows));
    let bytes = DecimalBytes(content.bytes);
    format!("{what}  {path}, {bytes}, schema {schema}, checked\n\n{rows}")
}

fn json_of(path: &Path, content: &FileContent) -> serde_json::Value {
    let tenant = |state: &TenantState| {
        json!({
            "tenant": state.tenant,
            "revision": state.revision,
            "last_change_time": time_of(state.last_commit_time),
        })
    };
    json!({
        "file": path.display().to_string(),
        "bytes": content.bytes,
        "schema": content.schema,
        "tenants": content.tenants.iter().map(tenant).collect::<Vec<_>>(),
    })
}
