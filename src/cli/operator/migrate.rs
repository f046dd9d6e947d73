//! `clientele migrate`: migrates a database to the schema of this program.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::operator::DatabaseArgs;
use crate::store::engine::open;

const HELP: &str = "\
Run it once before the first `serve` on PostgreSQL, and again after each upgrade of clientele. It is safe to repeat, and \
safe while older servers run. On SQLite, `serve` migrates automatically.

Example:
  clientele migrate --database-url postgres://clientele@localhost/clientele";

/// Migrates a database to the latest schema
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl MigrateArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let url = &self.database.database_url;
        let version = open::migrate(url).await?;
        writeln!(stdout(), "{url} has schema {version}")?;
        Ok(ExitCode::SUCCESS)
    }
}
