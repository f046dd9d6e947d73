//! `clientele segments`: which segments there are, who is in them and why, and how two differ.

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
      all segments, with their number of customers as of now
  clientele segments show machine-shops
  clientele segments members machine-shops --order-by display_name --all --json > members.jsonl
  clientele segments check nordlicht-optik.example enterprises open-house
  clientele segments check customers/nordlicht-optik
      all segments that the customer is in
  clientele segments explain customers/nordlicht-optik machine-shops
  clientele segments compare machine-shops enterprises

Who is in a segment by filter is never stored: every answer is as of now. Try a filter with
`clientele list customers --filter`, where `segment:\"segments/ID\"` matches the members of a segment.";

/// Shows which segments there are, who is in them and why, and how two differ
#[derive(Args)]
#[command(after_long_help = HELP, args_conflicts_with_subcommands = true)]
pub(crate) struct SegmentsArgs {
    #[command(subcommand)]
    command: Option<SegmentsCommand>,
    #[command(flatten)]
    overview: overview::OverviewArgs,
}

#[derive(Subcommand)]
enum SegmentsCommand {
    Show(show::ShowSegmentArgs),
    Members(members::MembersArgs),
    Check(check::CheckArgs),
    Explain(explain::ExplainArgs),
    Compare(compare::CompareArgs),
}

impl SegmentsArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            None => self.overview.run().await,
            Some(SegmentsCommand::Show(show)) => show.run().await,
            Some(SegmentsCommand::Members(members)) => members.run().await,
            Some(SegmentsCommand::Check(check)) => check.run().await,
            Some(SegmentsCommand::Explain(explain)) => explain.run().await,
            Some(SegmentsCommand::Compare(compare)) => compare.run().await,
        }
    }
}
