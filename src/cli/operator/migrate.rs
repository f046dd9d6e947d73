//! `clientele migrate`: migrates a database to the schema of this program.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::operator::DatabaseArgs;
use crate::store;
use crate::store::write::refile::Refiled;

const HELP: &str = "\
Run it once before the first `serve` on PostgreSQL, and again after each upgrade of clientele; it is safe to repeat, and \
goes on where it was interrupted. Older servers may keep running while only the schema changes; stop them if the release \
notes say that records are refiled. On SQLite, `serve` does all this by itself.

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
        let version = store::migrate(url, &mut show_progress).await?;
        writeln!(stdout(), "{url} has schema {version}")?;
        Ok(ExitCode::SUCCESS)
    }
}

fn show_progress(refiled: Refiled) {
    let Refiled {
        records, unfiled, ..
    } = refiled;
    eprintln!("refiled {records} records, {:.0} a second", refiled.rate());
    if unfiled > 0 {
        eprintln!(
            "{unfiled} external ids are those of older records: `clientele check` lists them"
        );
    }
}
