//! `clientele deciders`: who decides at a customer, or at every customer of a filter or a segment.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::session::{CallerArgs, Session};
use crate::cli::{json, keys, record, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb::conversation::Channel;
use crate::pb::decision_makers::Gap;
use crate::pb::{self, DecisionMakers, KeyPerson};

const HELP: &str = "\
Examples:
  clientele deciders customers/nordlicht-optik
  clientele deciders nordlicht-optik.example --json
  clientele deciders --filter 'lifecycle = ACTIVE'
  clientele deciders --segment machine-shops

A key is customers/ID, an ID alone, system:id, a domain, an e-mail address, a phone number, or a name.";

/// Shows who decides, how to reach them, who else might decide, and what is unknown
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct DecidersArgs {
    /// The customer
    #[arg(required_unless_present_any = ["filter", "segment"], conflicts_with_all = ["filter", "segment"])]
    key: Option<String>,
    /// Every customer that matches this filter, as in `list customers --filter`
    #[arg(long)]
    filter: Option<String>,
    /// Every customer in this segment: segments/ID, or its ID alone
    #[arg(long)]
    segment: Option<String>,
    /// Prints one line of JSON for each customer, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl DecidersArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        if let Some(key) = &self.key {
            let request = pb::GetDecisionMakersRequest {
                customer: Some(keys::customer(key)),
                ..Default::default()
            };
            let answer = session.call("GetDecisionMakers", &request).await;
            let answer = keys::explained(&session, Kind::Customer, key, answer).await?;
            print(&[answer], self.json)?;
        } else {
            let segment = self.segment.as_deref();
            let request = pb::ListDecisionMakersRequest {
                filter: self.filter.unwrap_or_default(),
                segment: segment.map_or_else(String::new, |segment| {
                    record::full_name(Kind::Segment, segment)
                }),
                ..Default::default()
            };
            print_pages(&session, request, self.json).await?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn print_pages(
    session: &Session,
    mut request: pb::ListDecisionMakersRequest,
    as_json: bool,
) -> anyhow::Result<()> {
    let mut n_shown = 0;
    loop {
        let page: pb::ListDecisionMakersResponse =
            session.call("ListDecisionMakers", &request).await?;
        if n_shown > 0 && !as_json && !page.decision_makers.is_empty() {
            writeln!(stdout())?;
        }
        print(&page.decision_makers, as_json)?;
        n_shown += page.decision_makers.len();
        if page.next_page_token.is_empty() {
            if n_shown == 0 && !as_json {
                writeln!(stdout(), "no match")?;
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
        "reach at",
        "last talk",
    ]);
    for (what, people) in [("decides", &answer.people), ("might", &answer.candidates)] {
        for person in people {
            table.add_row(row(what, person).map(|text| table::printable(&text)));
        }
    }
    let mut parts = vec![table::printable(&title)];
    if answer.people.is_empty() && answer.candidates.is_empty() {
        parts.push("no people are known there".to_owned());
    } else {
        parts.push(table::fitted(table));
    }
    if answer.more_candidates {
        parts.push("… and more who might decide".to_owned());
    }
    if answer.more_people {
        parts.push("too many people to consider all of them".to_owned());
    }
    if !answer.gaps.is_empty() {
        let gaps: Vec<String> = answer.gaps.iter().map(gap).collect();
        parts.push(format!("gaps: {}", gaps.join("; ")));
    }
    parts.join("\n")
}

fn row(what: &str, person: &KeyPerson) -> [String; 7] {
    let position = person.positions.first();
    let claims = person.positions.iter().flat_map(|position| {
        position
            .buying_roles
            .iter()
            .chain(&position.other_buying_roles)
    });
    let claims = claims.map(|claim| {
        format!(
            "{} ({})",
            table::word(claim.role().as_str_name()),
            table::word(claim.evidence().as_str_name())
        )
    });
    let last = person.last_conversation.as_ref();
    [
        what.to_owned(),
        format!("{}{}", person.contact, person.customer),
        person.display_name.clone(),
        position
            .map(|position| position.job_title.clone())
            .unwrap_or_default(),
        claims.collect::<Vec<_>>().join(", "),
        reach_at(person),
        table::date_of(last.and_then(|last| last.start_time.as_ref())),
    ]
}

/// Says how to reach a person, and which channels they refuse.
fn reach_at(person: &KeyPerson) -> String {
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
