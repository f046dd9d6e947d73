//! `clientele segments explain`: why a customer is in a segment, or why not.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::session::CallerArgs;
use crate::cli::wrap::wrapped;
use crate::cli::{explained, json, keys, record, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;

const HELP: &str = "\
Examples:
  clientele segments explain customers/nordlicht-optik machine-shops
  clientele segments explain 'talleres ibarra' segments/open-house
  clientele segments explain nordlicht-optik.example enterprises --json | jq .flips

A key is customers/ID, an ID alone, system:id, a domain, an e-mail address, a phone number, or a name.
Each part of the filter has a mark: \u{2713} it holds, \u{2717} it does not; each condition is followed by what the customer has.
Times are UTC. JSON leaves out what is false, 0 or empty, such as `member` if the customer is not in the segment.";

/// Explains why a customer is in a segment, or why not and what would have to change
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct ExplainArgs {
    /// The customer
    key: String,
    /// The segment: segments/ID, or its ID alone
    segment: String,
    /// Prints one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl ExplainArgs {
    /// Not being in a segment is not a failure.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        let request = pb::ExplainMembershipRequest {
            customer: Some(keys::customer(&self.key)),
            segment: record::full_name(Kind::Segment, &self.segment),
        };
        let answer = session
            .call_of("Segment", "ExplainMembership", &request)
            .await;
        let explanation: pb::ExplainMembershipResponse =
            keys::explained(&session, Kind::Customer, &self.key, answer).await?;
        let shown = if self.json {
            json::line(&descriptors::dynamic(&explanation)?)?
        } else {
            page(&explanation, table::width())
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }
}

fn page(explanation: &pb::ExplainMembershipResponse, width: usize) -> String {
    let verdict = if explanation.member {
        "is in"
    } else {
        "is not in"
    };
    let title = format!(
        "{} ({}) {verdict} {} ({})",
        explanation.customer_display_name,
        explanation.customer,
        explanation.segment_display_name,
        explanation.segment
    );
    let mut lines = wrapped(&table::printable(&title), width, ["", "  "]);
    lines.push(String::new());
    lines.extend(explained::tree(&explanation.nodes, width));
    if !explanation.member {
        lines.push(String::new());
        lines.extend(explained::change(
            &explanation.nodes,
            &explanation.flips,
            "be in",
            width,
        ));
    }
    lines.join("\n")
}
