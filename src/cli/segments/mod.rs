//! `clientele segments`: which segments there are, who is in them, and why; what tells two apart.

mod check;
mod compare;
mod explain;
mod members;
mod overview;
mod show;

mod chart;

use std::process::ExitCode;

use clap::{Args, Subcommand};

const HELP: &str = "\
Examples:
  clientele segments
      all segments, and how many customers are in each of them now
  clientele segments show machine-shops
  clientele segments members machine-shops --order-by display_name --all --json > members.jsonl
  clientele segments check nordlicht-optik.example enterprises open-house
  clientele segments check customers/nordlicht-optik
      without segments: all that the customer is in
  clientele segments explain customers/nordlicht-optik machine-shops
  clientele segments compare machine-shops enterprises

Nothing is stored about who is in a segment by filter: every answer is as of now. A filter is tried with
`clientele list customers --filter`, where `segment:\"segments/ID\"` stands for the members of a segment.";

/// Says which segments there are, who is in them, and why, and what tells two apart
#[derive(Args)]
#[command(after_long_help = HELP, args_conflicts_with_subcommands = true)]
pub struct Segments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    overview: overview::Overview,
}

#[derive(Subcommand)]
enum Command {
    Show(show::Show),
    Members(members::Members),
    Check(check::Check),
    Explain(explain::Explain),
    Compare(compare::Compare),
}

impl Segments {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            None => self.overview.run().await,
            Some(Command::Show(show)) => show.run().await,
            Some(Command::Members(members)) => members.run().await,
            Some(Command::Check(check)) => check.run().await,
            Some(Command::Explain(explain)) => explain.run().await,
            Some(Command::Compare(compare)) => compare.run().await,
        }
    }
}
