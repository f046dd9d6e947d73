//! `clientele migrate`: brings a database up to the schema of this program.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::operator::DatabaseArgs;
use crate::store::engine::open;

const HELP: &str = "\
Run it once before the first `serve` on PostgreSQL, and again after each upgrade of clientele. It is safe to repeat, and \
safe while older servers run. For SQLite, `serve` does the same by itself.

Example:
  clientele migrate --database-url postgres://clientele@localhost/clientele";

/// Brings a database up to date
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Migrate {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Migrate {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let url = &self.database.database_url;
        let version = open::migrate(url).await?;
        writeln!(stdout(), "{url} has schema {version}")?;
        Ok(ExitCode::SUCCESS)
    }
}
