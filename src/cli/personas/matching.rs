//! `clientele personas match`: which personas a customer or a person fits, and why.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::record::MAX_PAGE_SIZE;
use crate::cli::session::{CallerArgs, Session};
use crate::cli::wrap::wrapped;
use crate::cli::{explained, json, keys, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb::match_personas_request::Record;
use crate::pb::{self, PersonaMatch};

const HELP: &str = "\
Examples:
  clientele personas match customers/talleres-ibarra
  clientele personas match --person 'mara lindqvist'
  clientele personas match nordlicht-optik.example --json | jq -r 'select(.fits) | .persona_display_name'

A key is customers/ID, contacts/ID, an ID alone, system:id, a domain, an e-mail address, a phone number, or a name.
Each part of a filter has a mark: \u{2713} it holds, \u{2717} it does not.";

/// Shows which personas a customer or a person fits, and why not the others
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct MatchPersonasArgs {
    /// The customer or the person
    key: String,
    /// Treats KEY as a contact (implied by contacts/ID)
    #[arg(long)]
    person: bool,
    /// Prints one line of JSON for each persona, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl MatchPersonasArgs {
    /// Fitting no persona is not a failure.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        let kind = keys::kind_of(&self.key, self.person);
        let record = match kind {
            Kind::Contact => Record::Contact(keys::contact(&self.key)),
            _ => Record::Customer(keys::customer(&self.key)),
        };
        let answer = all(&session, record).await;
        let answer = keys::explained(&session, kind, &self.key, answer).await?;
        let mut out = stdout().lock();
        if self.json {
            for found in &answer.persona_matches {
                writeln!(out, "{}", json::line(&descriptors::dynamic(found)?)?)?;
            }
        } else {
            writeln!(out, "{}", page(&answer, table::width()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Reads all pages into one answer.
async fn all(session: &Session, record: Record) -> anyhow::Result<pb::MatchPersonasResponse> {
    let mut request = pb::MatchPersonasRequest {
        record: Some(record),
        page_size: MAX_PAGE_SIZE,
        ..Default::default()
    };
    let mut answer: pb::MatchPersonasResponse = session
        .call_of("Persona", "MatchPersonas", &request)
        .await?;
    while !answer.next_page_token.is_empty() {
        request.page_token = std::mem::take(&mut answer.next_page_token);
        let next: pb::MatchPersonasResponse = session
            .call_of("Persona", "MatchPersonas", &request)
            .await?;
        answer.persona_matches.extend(next.persona_matches);
        answer.next_page_token = next.next_page_token;
    }
    Ok(answer)
}

fn page(answer: &pb::MatchPersonasResponse, width: usize) -> String {
    let title = table::printable(&format!(
        "{} ({})",
        answer.record_display_name, answer.record
    ));
    let mut lines = wrapped(&title, width, ["", "  "]);
    if answer.persona_matches.is_empty() {
        lines.push("there is no persona to match".to_owned());
    }
    for found in &answer.persona_matches {
        lines.push(String::new());
        lines.extend(one(found, width));
    }
    let left_out = match answer.unmatchable_count {
        0 => None,
        1 => Some("1 persona has no filter to match by and is left out".to_owned()),
        count => Some(format!(
            "{count} personas have no filter to match by and are left out"
        )),
    };
    lines.extend(
        left_out
            .iter()
            .flat_map(|text| [vec![String::new()], wrapped(text, width, ["", ""])].concat()),
    );
    lines.join("\n")
}

fn one(found: &PersonaMatch, width: usize) -> Vec<String> {
    let verdict = if found.fits { "fits" } else { "does not fit" };
    let title = format!(
        "{verdict} {} ({})",
        found.persona_display_name, found.persona
    );
    let mut lines = wrapped(&table::printable(&title), width, ["", "  "]);
    let indented = |line: String| format!("  {line}");
    let inner = width.saturating_sub(2);
    lines.extend(
        explained::tree(&found.nodes, inner)
            .into_iter()
            .map(indented),
    );
    if !found.fits {
        lines.extend(
            explained::change(&found.nodes, &found.flips, "fit", inner)
                .into_iter()
                .map(indented),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::ExplanationNode;
    use crate::pb::explanation_node::Operator;

    /// A match by one part of a filter.
    fn found(display_name: &str, fits: bool) -> PersonaMatch {
        let node = ExplanationNode {
            operator: Operator::Restriction.into(),
            text: "kind = BUSINESS".to_owned(),
            occurrence: 1,
            values: vec![if fits { "BUSINESS" } else { "INDIVIDUAL" }.to_owned()],
            holds: fits,
            ..ExplanationNode::default()
        };
        let (persona, flips) = (format!("personas/{}", display_name.to_lowercase()), vec![1]);
        PersonaMatch {
            persona,
            persona_display_name: display_name.to_owned(),
            fits,
            nodes: vec![node],
            flips,
            ..Default::default()
        }
    }

    fn answer(matches: Vec<PersonaMatch>, unmatchable_count: i32) -> pb::MatchPersonasResponse {
        let (record, display_name) = ("customers/acme".to_owned(), "Acme".to_owned());
        pb::MatchPersonasResponse {
            record,
            record_display_name: display_name,
            persona_matches: matches,
            unmatchable_count,
            ..Default::default()
        }
    }

    #[test]
    fn a_persona_that_does_not_fit_says_what_would_have_to_change() {
        let answer = answer(vec![found("Carla", true), found("Cleo", false)], 0);
        let expected = "\
Acme (customers/acme)

fits Carla (personas/carla)
  ✓ kind = BUSINESS  is BUSINESS

does not fit Cleo (personas/cleo)
  ✗ kind = BUSINESS  is INDIVIDUAL
  It would fit if one thing
  changed: kind = BUSINESS became
  true (it is INDIVIDUAL).";
        // One column more would take the first line of the sentence to its next word.
        assert_eq!(page(&answer, 35), expected);
    }

    #[test]
    fn personas_without_a_filter_are_counted() {
        let nobody = "there is no persona to match";
        for (answer, lines) in [
            (answer(vec![], 0), nobody.to_owned()),
            (
                answer(vec![], 1),
                format!("{nobody}\n\n1 persona has no filter to match by and is left out"),
            ),
            (
                answer(vec![], 12),
                format!("{nobody}\n\n12 personas have no filter to match by and are left out"),
            ),
        ] {
            assert_eq!(page(&answer, 80), format!("Acme (customers/acme)\n{lines}"));
        }
        let page = page(&answer(vec![found("Carla", true)], 1), 80);
        assert!(
            !page.contains(nobody)
                && page.ends_with("\n\n1 persona has no filter to match by and is left out"),
            "{page}"
        );
    }
}
