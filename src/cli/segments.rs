//! `clientele segments`: who is in a segment, and why.

mod explain;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// Says who is in a segment, and why
#[derive(Args)]
pub struct Segments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Explain(explain::Explain),
}

impl Segments {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Explain(explain) => explain.run().await,
        }
    }
}
