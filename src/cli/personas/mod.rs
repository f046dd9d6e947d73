//! `clientele personas`: all personas, one as a card, and which ones a customer or a person fits.

mod card;
mod matching;
mod show;

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use prost_reflect::Value;

use crate::cli::client::{ServerArgs, explain};
use crate::cli::record::{ApiCall, MAX_PAGE_SIZE, RecordPage};
use crate::cli::{json, rows, table};
use crate::name::Kind;

const HELP: &str = "\
Examples:
  clientele personas
  clientele personas show careful-carla
  clientele personas match customers/talleres-ibarra
  clientele personas match --person m.lindqvist@nordlicht-optik.example";

/// Shows the personas, or which of them a customer or a person fits
#[derive(Args)]
#[command(after_long_help = HELP, args_conflicts_with_subcommands = true)]
pub(crate) struct PersonasArgs {
    #[command(subcommand)]
    command: Option<PersonasCommand>,
    #[command(flatten)]
    list: ListPersonasArgs,
}

#[derive(Subcommand)]
enum PersonasCommand {
    Show(show::ShowPersonaArgs),
    Match(matching::MatchPersonasArgs),
}

#[derive(Args)]
struct ListPersonasArgs {
    /// Prints one line of JSON for each persona, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl PersonasArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Some(PersonasCommand::Show(show)) => show.run().await,
            Some(PersonasCommand::Match(matching)) => matching.run().await,
            None => self.list.run().await,
        }
    }
}

impl ListPersonasArgs {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let client = self.server.connect().await?;
        let mut table = table::plain(rows::columns(Kind::Persona));
        let (mut out, mut token) = (stdout().lock(), String::new());
        loop {
            let call = ApiCall::on_many(Kind::Persona, "List")
                .with("page_size", Value::I32(MAX_PAGE_SIZE))
                .with_text("order_by", "display_name")
                .with_text("page_token", token);
            let page = call
                .send(&client)
                .await
                .map_err(|status| anyhow!(explain(&status)))?;
            let page = RecordPage::read(Kind::Persona, &page);
            for record in &page.records {
                if self.json {
                    writeln!(out, "{}", json::line(record)?)?;
                } else {
                    table.add_row(rows::row(
                        Kind::Persona,
                        record,
                        &rows::DisplayNames::new(),
                    )?);
                }
            }
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        if !self.json {
            writeln!(out, "{}", table::fitted(table))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
