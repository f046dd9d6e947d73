//! `clientele brief`: what to read before the call.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::{Args, value_parser};

use crate::cli::ask::Asker;
use crate::cli::{json, table};
use crate::descriptors;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::briefing::{Absence, Part, Section};
use crate::pb::get_briefing_request::Subject;

const HELP: &str = "\
Examples:
  clientele brief customers/nordlicht-optik --as colleagues/hanna-weber
  clientele brief nordlicht-optik.example
  clientele brief --person m.lindqvist@nordlicht-optik.example
  clientele brief 'talleres ibarra' --json | jq '.sections[].items[]?.text'

A key is a name (customers/ID, contacts/ID), system:id, a domain, an e-mail address, a phone number that starts with +,
or what somebody is called. Times are UTC.";

/// Says what to read before talking with a customer or a person
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Brief {
    /// Whom the talk will be with
    key: String,
    /// Takes the key for a person's, and not for a customer's; a key contacts/ID is one anyway
    #[arg(long)]
    person: bool,
    /// Shows at most this many lines
    #[arg(long, default_value_t = 30, value_parser = value_parser!(i32).range(1..=200))]
    max_items: i32,
    /// Prints one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: Asker,
}

impl Brief {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let asking = self.asker.connect().await?;
        let subject = if self.person || Name::parse(Kind::Contact, &self.key).is_some() {
            Subject::ContactKey(asking.contact(&self.key).await?)
        } else {
            Subject::Key(asking.customer(&self.key).await?)
        };
        let (subject, max_items) = (Some(subject), self.max_items);
        let request = pb::GetBriefingRequest {
            subject,
            max_items,
            ..Default::default()
        };
        let briefing: pb::Briefing = asking.call("GetBriefing", &request).await?;
        let shown = if self.json {
            json::line(&descriptors::dynamic(&briefing)?)?
        } else {
            page(&briefing)
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a briefing as a page: a title for each part, a line for each item, and the record it comes from.
fn page(briefing: &pb::Briefing) -> String {
    let mut lines = vec![format!("{}  {}", briefing.display_name, briefing.subject)];
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
        if section.left_out > 0 {
            lines.push(format!("  … and {} more", section.left_out));
        }
    }
    lines
        .iter()
        .map(|line| table::shown(line))
        .collect::<Vec<_>>()
        .join("\n")
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
        Part::PersonasAndSegments => "LIKE WHOM, IN WHICH SEGMENTS",
        Part::Changes => "CHANGED SINCE YOUR LAST TALK",
    }
}

fn absence(section: &Section) -> Option<&'static str> {
    match section.absence() {
        Absence::Unspecified => None,
        Absence::Nothing => Some("nothing"),
        Absence::NoActor => Some("not told: say who you are with --as COLLEAGUE"),
        Absence::NoOwnConversation => Some("you have not talked with them yet"),
    }
}
