//! `clientele deciders`: who decides at a customer, or at every customer of a filter or a segment.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::ask::{Asker, Asking};
use crate::cli::{json, record, table};
use crate::name::Kind;
use crate::pb::conversation::Channel;
use crate::pb::decision_makers::Gap;
use crate::pb::{self, DecisionMakers, KeyPerson};
use crate::{clock, descriptors};

const HELP: &str = "\
Examples:
  clientele deciders customers/nordlicht-optik
  clientele deciders nordlicht-optik.example --json
  clientele deciders --filter 'lifecycle = ACTIVE'
  clientele deciders --segment machine-shops

A key is customers/ID, system:id, a domain, an e-mail address, a phone number that starts with +, or what somebody is
called.";

/// Shows who decides, how they are reached, who else might, and what is not known
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Deciders {
    /// The customer
    #[arg(required_unless_present_any = ["filter", "segment"], conflicts_with_all = ["filter", "segment"])]
    key: Option<String>,
    /// Asks about every customer that meets these conditions, as `list customers --filter` takes them
    #[arg(long)]
    filter: Option<String>,
    /// Asks about every customer in this segment: segments/ID, or its ID alone
    #[arg(long)]
    segment: Option<String>,
    /// Prints one line of JSON for each customer, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: Asker,
}

impl Deciders {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let asking = self.asker.connect().await?;
        if let Some(key) = &self.key {
            let key = Some(asking.customer(key).await?);
            let request = pb::GetDecisionMakersRequest {
                key,
                ..Default::default()
            };
            print(
                &[asking.call("GetDecisionMakers", &request).await?],
                self.json,
            )?;
        }
        if self.key.is_none() {
            let filter = self.filter.unwrap_or_default();
            let segment = self
                .segment
                .map(|segment| record::named(Kind::Segment, &segment))
                .unwrap_or_default();
            let request = pb::ListDecisionMakersRequest {
                filter,
                segment,
                ..Default::default()
            };
            print_pages(&asking, request, self.json).await?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn print_pages(
    asking: &Asking,
    mut request: pb::ListDecisionMakersRequest,
    as_json: bool,
) -> anyhow::Result<()> {
    let mut n_shown = 0;
    loop {
        let page: pb::ListDecisionMakersResponse =
            asking.call("ListDecisionMakers", &request).await?;
        if n_shown > 0 && !as_json && !page.decision_makers.is_empty() {
            writeln!(stdout())?;
        }
        print(&page.decision_makers, as_json)?;
        n_shown += page.decision_makers.len();
        if page.next_page_token.is_empty() {
            if n_shown == 0 && !as_json {
                writeln!(stdout(), "no customer is found")?;
            }
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

fn print(answers: &[DecisionMakers], as_json: bool) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    for (i, answer) in answers.iter().enumerate() {
        if as_json {
            writeln!(out, "{}", json::line(&descriptors::dynamic(answer)?)?)?;
        } else {
            writeln!(out, "{}{}", if i == 0 { "" } else { "\n" }, page(answer))?;
        }
    }
    Ok(())
}

fn page(answer: &DecisionMakers) -> String {
    let title = format!("{}  {}", answer.customer_display_name, answer.customer);
    let mut table = table::plain(&[
        "",
        "name",
        "who",
        "job title",
        "roles",
        "reached at",
        "last talk",
    ]);
    for (what, people) in [("decides", &answer.people), ("might", &answer.candidates)] {
        for person in people {
            table.add_row(row(what, person).map(|text| table::shown(&text)));
        }
    }
    let mut parts = vec![table::shown(&title)];
    if answer.people.is_empty() && answer.candidates.is_empty() {
        parts.push("nobody is known there".to_owned());
    } else {
        parts.push(table::fitted(table));
    }
    if answer.more_candidates {
        parts.push("… and more who might".to_owned());
    }
    if answer.more_people {
        parts.push("not everybody there was looked at: there are too many".to_owned());
    }
    if !answer.gaps.is_empty() {
        let gaps: Vec<String> = answer.gaps.iter().map(gap).collect();
        parts.push(format!("gaps: {}", gaps.join("; ")));
    }
    parts.join("\n")
}

fn row(what: &str, person: &KeyPerson) -> [String; 7] {
    let position = person.positions.first();
    let claims = person
        .positions
        .iter()
        .flat_map(|position| position.claims.iter().chain(&position.other_claims));
    let claims = claims.map(|claim| {
        format!(
            "{} ({})",
            table::word(claim.role().as_str_name()),
            table::word(claim.evidence().as_str_name())
        )
    });
    let start = person
        .last_conversation
        .as_ref()
        .and_then(|last| last.start_time.as_ref());
    [
        what.to_owned(),
        format!("{}{}", person.contact, person.customer),
        person.display_name.clone(),
        position
            .map(|position| position.job_title.clone())
            .unwrap_or_default(),
        claims.collect::<Vec<_>>().join(", "),
        reached(person),
        start
            .and_then(clock::micros)
            .map(clock::date_of)
            .unwrap_or_default(),
    ]
}

/// Says how a person is reached, and by which means not.
fn reached(person: &KeyPerson) -> String {
    if person.do_not_contact {
        return "do not contact".to_owned();
    }
    let refused: Vec<Channel> = person.refused_channels().collect();
    let phone = person.phone_numbers.first().map(|phone| phone.text.clone());
    let email = person.emails.first().map(|email| email.address.clone());
    let means = [(Channel::Phone, phone), (Channel::Email, email)];
    let allowed = means
        .into_iter()
        .filter(|(channel, _)| !refused.contains(channel))
        .filter_map(|(_, means)| means);
    let refused: Vec<String> = refused
        .iter()
        .map(|channel| table::word(channel.as_str_name()))
        .collect();
    let refused = (!refused.is_empty()).then(|| format!("not by {}", refused.join(", ")));
    allowed.chain(refused).collect::<Vec<_>>().join(", ")
}

fn gap(gap: &Gap) -> String {
    let window = gap
        .window
        .as_ref()
        .map(|window| format!(" within {} days", window.seconds / 86_400));
    format!(
        "{}{}",
        table::word(gap.r#type().as_str_name()),
        window.unwrap_or_default()
    )
}
