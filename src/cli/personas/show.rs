//! `clientele personas show`: one persona as a card, with the number of records that fit it.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use prost_reflect::Value;
use tonic::Status;

use crate::cli::client::{Client, ServerArgs, explain};
use crate::cli::personas::card::{FitCounts, card};
use crate::cli::record::{self, ApiCall, MAX_PAGE_SIZE, RecordPage};
use crate::cli::{filter_warnings, json, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;
use crate::pb::persona::RecordKind;

/// How many pages are counted at most.
const MAX_PAGES: usize = 10;

const HELP: &str = "\
Examples:
  clientele personas show careful-carla
  clientele personas show personas/curious-cleo --json";

/// Shows one persona as a card: the story, what they want, and how many fit it
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct ShowPersonaArgs {
    /// The persona: personas/ID, or its ID alone
    persona: String,
    /// Prints the persona as one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl ShowPersonaArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let client = self.server.connect().await?;
        let refused = |status: Status| anyhow!(explain(&status));
        let name = record::full_name(Kind::Persona, &self.persona);
        let record = ApiCall::on_one(Kind::Persona, "Get")
            .with_text("name", name)
            .send(&client)
            .await
            .map_err(refused)?;
        if self.json {
            writeln!(stdout(), "{}", json::line(&record)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        let persona: pb::Persona = descriptors::typed(&record)?;
        let counts = fit_counts(&client, &persona).await.map_err(refused)?;
        writeln!(stdout(), "{}", card(&persona, counts, table::width()))?;
        for line in filter_warnings::lines(&persona.filter_warnings) {
            writeln!(stdout(), "{line}")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Counts the records that fit, and all of that kind; `None` if the persona has no filter, or one that a list would not
/// take today.
async fn fit_counts(client: &Client, persona: &pb::Persona) -> Result<Option<FitCounts>, Status> {
    let is_about_match = |one: &pb::FilterWarning| one.field == "match_filter";
    if persona.match_filter.trim().is_empty() || persona.filter_warnings.iter().any(is_about_match)
    {
        return Ok(None);
    }
    let kind = if persona.record_kind() == RecordKind::Contact {
        Kind::Contact
    } else {
        Kind::Customer
    };
    Ok(Some(FitCounts {
        fit: count(client, kind, &persona.match_filter).await?,
        all: count(client, kind, "").await?,
    }))
}

/// Counts the records that match a filter, up to 10,000, and tells whether there are more.
async fn count(client: &Client, kind: Kind, filter: &str) -> Result<(usize, bool), Status> {
    let mut count = 0;
    let mut token = String::new();
    for _ in 0..MAX_PAGES {
        let call = ApiCall::on_many(kind, "List")
            .with("page_size", Value::I32(MAX_PAGE_SIZE))
            .with_text("filter", filter)
            .with_text("page_token", token)
            .with_mask("read_mask", vec!["name".to_owned()]);
        let page = RecordPage::read(kind, &call.send(client).await?);
        count += page.records.len();
        token = page.next_page_token;
        if token.is_empty() {
            return Ok((count, false));
        }
    }
    Ok((count, true))
}
