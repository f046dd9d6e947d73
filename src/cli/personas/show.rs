//! `clientele personas show`: one persona as a card, with how many fit it.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use prost_reflect::Value;
use tonic::Status;

use crate::cli::client::{Client, Server, explain};
use crate::cli::personas::card::{Fitting, card};
use crate::cli::record::{self, ApiCall, MAX_PAGE_SIZE, RecordPage};
use crate::cli::{json, table};
use crate::descriptors;
use crate::name::Kind;
use crate::pb;
use crate::pb::persona::Subject;

/// How many pages of those who fit are counted.
const MAX_PAGES: usize = 10;

const HELP: &str = "\
Examples:
  clientele personas show careful-carla
  clientele personas show personas/curious-cleo --json";

/// Shows one persona as a card: the story, what they want, and how many fit it
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Show {
    /// The persona: personas/ID, or its ID alone
    persona: String,
    /// Prints the persona as one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Show {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let client = self.server.connect().await?;
        let refused = |status: Status| anyhow!(explain(&status));
        let name = record::named(Kind::Persona, &self.persona);
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
        let fitting = fitting(&client, &persona).await.map_err(refused)?;
        writeln!(stdout(), "{}", card(&persona, fitting, table::width()))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Counts those who fit, among all of the subject; `None` when nothing ties the persona to data.
async fn fitting(client: &Client, persona: &pb::Persona) -> Result<Option<Fitting>, Status> {
    if persona.match_filter.trim().is_empty() {
        return Ok(None);
    }
    let kind = if persona.subject() == Subject::Contact {
        Kind::Contact
    } else {
        Kind::Customer
    };
    let (fit, all) = (
        counted(client, kind, &persona.match_filter).await?,
        counted(client, kind, "").await?,
    );
    Ok(Some(Fitting { fit, all }))
}

/// Counts the records of a filter up to some thousands, and says whether there are more.
async fn counted(client: &Client, kind: Kind, filter: &str) -> Result<(usize, bool), Status> {
    let (mut count, mut token) = (0, String::new());
    for _ in 0..MAX_PAGES {
        let call = ApiCall::on_many(kind, "List")
            .with("page_size", Value::I32(MAX_PAGE_SIZE))
            .with_text("filter", filter)
            .with_text("page_token", token)
            .with_mask("read_mask", vec!["name".to_owned()]);
        let page = RecordPage::read(kind, &call.send(client).await?);
        (count, token) = (count + page.records.len(), page.next);
        if token.is_empty() {
            return Ok((count, false));
        }
    }
    Ok((count, true))
}
