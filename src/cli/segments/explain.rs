//! `clientele segments explain`: why a customer is in a segment, or why not.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::ask::Asker;
use crate::cli::wrap::wrapped;
use crate::cli::{explained, json, record, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;

const HELP: &str = "\
Examples:
  clientele segments explain customers/nordlicht-optik machine-shops
  clientele segments explain 'talleres ibarra' segments/open-house
  clientele segments explain nordlicht-optik.example enterprises --json | jq .flips

A key is customers/ID, system:id, a domain, an e-mail address, a phone number that starts with +, or what somebody is
called. A mark stands before each part of the filter: \u{2713} it holds, \u{2717} it does not; behind each condition, what the
customer has. Times are UTC. JSON leaves out what is false, 0 or empty, such as the `member` of who is not in.";

/// Says why a customer is in a segment, or why not and what would have to change
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Explain {
    /// The customer
    key: String,
    /// The segment: segments/ID, or its ID alone
    segment: String,
    /// Prints one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: Asker,
}

impl Explain {
    /// Runs the command. Not being in a segment is no failure.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let asking = self.asker.connect().await?;
        let customer = Some(asking.customer(&self.key).await?);
        let segment = record::named(Kind::Segment, &self.segment);
        let request = pb::ExplainMembershipRequest { customer, segment };
        let told: pb::ExplainMembershipResponse = asking
            .call_of("Segment", "ExplainMembership", &request)
            .await?;
        let shown = if self.json {
            json::line(&descriptors::dynamic(&told)?)?
        } else {
            page(&told, table::width())
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }
}

fn page(told: &pb::ExplainMembershipResponse, width: usize) -> String {
    let verdict = if told.member { "is in" } else { "is not in" };
    let title = format!(
        "{} ({}) {verdict} {} ({})",
        told.customer_display_name, told.customer, told.segment_display_name, told.segment
    );
    let mut lines = wrapped(&table::shown(&title), width, ["", "  "]);
    lines.push(String::new());
    lines.extend(explained::tree(&told.nodes, width));
    if !told.member {
        lines.push(String::new());
        lines.extend(explained::change(&told.nodes, &told.flips, "be in", width));
    }
    lines.join("\n")
}
