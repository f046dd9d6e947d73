//! `clientele epoch`: what a recovery ends with.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::operator::DatabaseArgs;
use crate::store::engine::epoch;

const HELP: &str = "\
Run it after a database went back to an earlier state by other means than `clientele restore`: after a recovery of \
PostgreSQL to a point in time, or after a snapshot of a disk was put back. Stop all servers first.

Page tokens of before are invalid from then on, because what they belong to may be lost. Retries with a request id stay \
safe: what is lost is done again, and what is not lost is not.

Example:
  clientele epoch new --database-url postgres://clientele@localhost/clientele";

/// Ends a recovery
#[derive(Args)]
pub(crate) struct EpochArgs {
    #[command(subcommand)]
    command: EpochCommand,
}

#[derive(Subcommand)]
enum EpochCommand {
    New(NewArgs),
}

/// Makes the tokens invalid that were handed out before a recovery
#[derive(Args)]
#[command(after_long_help = HELP)]
struct NewArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl EpochArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let EpochCommand::New(NewArgs { database }) = self.command;
        let url = &database.database_url;
        epoch::begin(url).await?;
        writeln!(stdout(), "{url} is in a new epoch")?;
        Ok(ExitCode::SUCCESS)
    }
}
