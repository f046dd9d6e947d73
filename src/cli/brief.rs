//! `clientele brief`: what to read before a call.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::{Args, value_parser};

use crate::cli::session::CallerArgs;
use crate::cli::{json, keys, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;
use crate::pb::briefing::{Absence, Part, Section};
use crate::pb::get_briefing_request::Record;

const HELP: &str = "\
Examples:
  clientele brief customers/nordlicht-optik --as colleagues/hanna-weber
  clientele brief nordlicht-optik.example
  clientele brief --person m.lindqvist@nordlicht-optik.example
  clientele brief 'talleres ibarra' --json | jq '.sections[].items[]?.text'

A key is customers/ID, contacts/ID, an ID alone, system:id, a domain, an e-mail address, a phone number, or a name.
Times are UTC.";

/// Shows what to read before a call with a customer or a person
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct BriefArgs {
    /// The customer or the person
    key: String,
    /// Treats KEY as a contact (implied by contacts/ID)
    #[arg(long)]
    person: bool,
    /// Shows at most this many lines
    #[arg(long, default_value_t = 30, value_parser = value_parser!(i32).range(1..=200))]
    limit: i32,
    /// Prints one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl BriefArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        let kind = keys::kind_of(&self.key, self.person);
        let record = match kind {
            Kind::Contact => Record::Contact(keys::contact(&self.key)),
            _ => Record::Customer(keys::customer(&self.key)),
        };
        let request = pb::GetBriefingRequest {
            record: Some(record),
            limit: self.limit,
            ..Default::default()
        };
        let briefing = session.call("GetBriefing", &request).await;
        let briefing: pb::Briefing = keys::explained(&session, kind, &self.key, briefing).await?;
        let shown = if self.json {
            json::line(&descriptors::dynamic(&briefing)?)?
        } else {
            page(&briefing)
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Renders a briefing: a title for each section, a line for each item and the record that it comes from.
fn page(briefing: &pb::Briefing) -> String {
    let mut lines = vec![format!(
        "{}  {}",
        briefing.record_display_name, briefing.record
    )];
    for section in &briefing.sections {
        lines.push(String::new());
        let title = title(section.part());
        match absence(section) {
            Some(absence) => lines.push(format!("{title}  {absence}")),
            None => lines.push(title.to_owned()),
        }
        lines.extend(
            section
                .items
                .iter()
                .map(|item| format!("  {}  [{}]", item.text, item.record)),
        );
        if section.left_out_count > 0 {
            lines.push(format!("  … and {} more", section.left_out_count));
        }
    }
    table::printable_lines(&lines)
}

const fn title(part: Part) -> &'static str {
    match part {
        Part::Unspecified => "FURTHER",
        Part::DoNotContact => "DO NOT CONTACT",
        Part::Identity => "WHO THEY ARE",
        Part::DecisionMakers => "WHO DECIDES",
        Part::LastConversation => "LAST TALK",
        Part::NextConversation => "NEXT TALK",
        Part::Promises => "PROMISES",
        Part::Notes => "NOTES",
        Part::PersonasAndSegments => "PERSONAS AND SEGMENTS",
        Part::Changes => "CHANGES SINCE YOUR LAST TALK",
    }
}

fn absence(section: &Section) -> Option<&'static str> {
    match section.absence() {
        Absence::Unspecified => None,
        Absence::Nothing => Some("nothing"),
        Absence::NoActor => Some("unknown: pass --as COLLEAGUE"),
        Absence::NoOwnConversation => Some("you have not talked with them yet"),
    }
}
