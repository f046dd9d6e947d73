//! `clientele lookup`: the people and customers that a text may mean.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::{Args, value_parser};

use crate::cli::session::CallerArgs;
use crate::cli::{json, table};
use crate::descriptors;
use crate::pb::{self, LookUpResult};

const HELP: &str = "\
Examples:
  clientele lookup lindqvist mara
  clientele lookup nordlicth
  clientele lookup '040 555 0143' --region DE
  clientele lookup erp:100214 --json";

/// Finds people and customers by a name, firm, e-mail, phone, domain or external id, in any spelling
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct LookUpArgs {
    /// What to look for; several words need no quotes
    #[arg(required = true)]
    text: Vec<String>,
    /// The region of phone numbers without +, such as DE
    #[arg(long, default_value = "", hide_default_value = true)]
    region: String,
    /// Shows at most this many
    #[arg(long, default_value_t = 10, value_parser = value_parser!(i32).range(1..=50))]
    limit: i32,
    /// Prints one line of JSON for each result, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
}

impl LookUpArgs {
    /// No match is not a failure.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.caller.connect().await?;
        let request = pb::LookUpRequest {
            text: self.text.join(" "),
            region_code: self.region,
            limit: self.limit,
            ..Default::default()
        };
        let answer: pb::LookUpResponse = session.call("LookUp", &request).await?;
        let mut out = stdout().lock();
        if self.json {
            for result in &answer.results {
                writeln!(out, "{}", json::line(&descriptors::dynamic(result)?)?)?;
            }
        } else if answer.results.is_empty() {
            writeln!(out, "no match")?;
        } else {
            let mut table =
                table::plain(&["name", "who", "where", "decides", "last talk", "matched"]);
            for result in &answer.results {
                table.add_row(row(result).map(|text| table::printable(&text)));
            }
            writeln!(out, "{}", table::fitted(table))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(result: &LookUpResult) -> [String; 6] {
    let places = result
        .positions
        .iter()
        .map(|at| match at.job_title.as_str() {
            "" => at.customer_display_name.clone(),
            title => format!("{title}, {}", at.customer_display_name),
        });
    let mut roles: Vec<String> = Vec::new();
    for role in result.positions.iter().flat_map(|at| at.deciding_roles()) {
        let role = table::word(role.as_str_name());
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    let last = result.last_conversation.as_ref();
    let matched = result.matches.iter().map(|found| match found.typo_count {
        0 => found.field.clone(),
        1 => format!("{} (1 typo)", found.field),
        typos => format!("{} ({typos} typos)", found.field),
    });
    [
        format!("{}{}", result.customer, result.contact),
        result.display_name.clone(),
        places.collect::<Vec<_>>().join("; "),
        roles.join(", "),
        table::date_of(last.and_then(|last| last.start_time.as_ref())),
        matched.collect::<Vec<_>>().join(", "),
    ]
}
