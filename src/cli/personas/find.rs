//! `clientele personas match`: whom somebody is like, and why.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Args;

use crate::cli::ask::{Asker, Asking};
use crate::cli::record::MAX_PAGE_SIZE;
use crate::cli::wrap::wrapped;
use crate::cli::{explained, json, table};
use crate::descriptors;
use crate::name::{Kind, Name};
use crate::pb::match_personas_request::Subject;
use crate::pb::{self, PersonaMatch};

const HELP: &str = "\
Examples:
  clientele personas match customers/talleres-ibarra
  clientele personas match --person 'mara lindqvist'
  clientele personas match nordlicht-optik.example --json | jq -r 'select(.fits) | .display_name'

A key is a name (customers/ID, contacts/ID), system:id, a domain, an e-mail address, a phone number that starts with +,
or what somebody is called. A mark stands before each part of a filter: \u{2713} it holds, \u{2717} it does not.";

/// Says whom a customer or a person is like, and what the others ask for
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Match {
    /// The customer or the person
    key: String,
    /// Takes the key for a person's, and not for a customer's; a key contacts/ID is one anyway
    #[arg(long)]
    person: bool,
    /// Prints one line of JSON for each persona, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asker: Asker,
}

impl Match {
    /// Runs the command. To be like nobody is no failure.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let asking = self.asker.connect().await?;
        let subject = if self.person || Name::parse(Kind::Contact, &self.key).is_some() {
            Subject::Contact(asking.contact(&self.key).await?)
        } else {
            Subject::Customer(asking.customer(&self.key).await?)
        };
        let told = all(&asking, subject).await?;
        let mut out = stdout().lock();
        if self.json {
            for found in &told.matches {
                writeln!(out, "{}", json::line(&descriptors::dynamic(found)?)?)?;
            }
        } else {
            writeln!(out, "{}", page(&told, table::width()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Reads all pages into one answer.
async fn all(asking: &Asking, subject: Subject) -> anyhow::Result<pb::MatchPersonasResponse> {
    let mut request = pb::MatchPersonasRequest {
        subject: Some(subject),
        page_size: MAX_PAGE_SIZE,
        ..Default::default()
    };
    let mut told: pb::MatchPersonasResponse =
        asking.call_of("Persona", "MatchPersonas", &request).await?;
    while !told.next_page_token.is_empty() {
        request.page_token = std::mem::take(&mut told.next_page_token);
        let next: pb::MatchPersonasResponse =
            asking.call_of("Persona", "MatchPersonas", &request).await?;
        told.matches.extend(next.matches);
        told.next_page_token = next.next_page_token;
    }
    Ok(told)
}

fn page(told: &pb::MatchPersonasResponse, width: usize) -> String {
    let title = table::shown(&format!("{} ({})", told.display_name, told.subject));
    let mut lines = wrapped(&title, width, ["", "  "]);
    if told.matches.is_empty() {
        lines.push("there is no persona to compare with".to_owned());
    }
    for found in &told.matches {
        lines.push(String::new());
        lines.extend(one(found, width));
    }
    let left_out = match told.unmatchable_count {
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
    let verdict = if found.fits { "is like" } else { "is not like" };
    let title = format!("{verdict} {} ({})", found.display_name, found.persona);
    let mut lines = wrapped(&table::shown(&title), width, ["", "  "]);
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
            operator: Operator::Predicate.into(),
            text: "kind = BUSINESS".to_owned(),
            occurrence: 1,
            values: vec![if fits { "BUSINESS" } else { "INDIVIDUAL" }.to_owned()],
            holds: fits,
            ..ExplanationNode::default()
        };
        let (persona, flips) = (format!("personas/{}", display_name.to_lowercase()), vec![1]);
        PersonaMatch {
            persona,
            display_name: display_name.to_owned(),
            fits,
            nodes: vec![node],
            flips,
            ..Default::default()
        }
    }

    fn told(matches: Vec<PersonaMatch>, unmatchable_count: i32) -> pb::MatchPersonasResponse {
        let (subject, display_name) = ("customers/acme".to_owned(), "Acme".to_owned());
        pb::MatchPersonasResponse {
            subject,
            display_name,
            matches,
            unmatchable_count,
            ..Default::default()
        }
    }

    #[test]
    fn those_it_is_not_like_are_told_with_what_would_have_to_change() {
        let told = told(vec![found("Carla", true), found("Cleo", false)], 0);
        let expected = "\
Acme (customers/acme)

is like Carla (personas/carla)
  ✓ kind = BUSINESS  is BUSINESS

is not like Cleo (personas/cleo)
  ✗ kind = BUSINESS  is INDIVIDUAL
  It would fit if one thing
  changed: kind = BUSINESS became
  true (it is INDIVIDUAL).";
        // One column more would take the first line of the sentence to its next word.
        assert_eq!(page(&told, 35), expected);
    }

    #[test]
    fn those_that_nobody_can_be_compared_with_are_counted() {
        let nobody = "there is no persona to compare with";
        for (told, lines) in [
            (told(vec![], 0), nobody.to_owned()),
            (
                told(vec![], 1),
                format!("{nobody}\n\n1 persona has no filter to match by and is left out"),
            ),
            (
                told(vec![], 12),
                format!("{nobody}\n\n12 personas have no filter to match by and are left out"),
            ),
        ] {
            assert_eq!(page(&told, 80), format!("Acme (customers/acme)\n{lines}"));
        }
        let page = page(&told(vec![found("Carla", true)], 1), 80);
        assert!(
            !page.contains(nobody)
                && page.ends_with("\n\n1 persona has no filter to match by and is left out"),
            "{page}"
        );
    }
}
