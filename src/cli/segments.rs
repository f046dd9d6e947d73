//! `clientele segments`: who is in a segment, and why; what tells two apart.

mod compare;
mod explain;

mod chart;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// Says who is in a segment, and why, and what tells two segments apart
#[derive(Args)]
pub struct Segments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Explain(explain::Explain),
    Compare(compare::Compare),
}

impl Segments {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Explain(explain) => explain.run().await,
            Command::Compare(compare) => compare.run().await,
        }
    }
}
