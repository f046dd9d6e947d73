//! `clientele personas`: the personas there are, one as a card, and whom somebody is like.

mod card;
mod find;
mod show;

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use prost_reflect::Value;

use crate::cli::client::{Server, explain};
use crate::cli::record::{ApiCall, MAX_PAGE_SIZE, RecordPage};
use crate::cli::{json, table};
use crate::name::Kind;

const HELP: &str = "\
Examples:
  clientele personas
  clientele personas show careful-carla
  clientele personas match customers/talleres-ibarra
  clientele personas match --person m.lindqvist@nordlicht-optik.example";

/// Shows the typical customers and people, or whom somebody is like
#[derive(Args)]
#[command(after_long_help = HELP, args_conflicts_with_subcommands = true)]
pub struct Personas {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: List,
}

#[derive(Subcommand)]
enum Command {
    Show(show::Show),
    Match(find::Match),
}

#[derive(Args)]
struct List {
    /// Prints one line of JSON for each persona, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Personas {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Some(Command::Show(show)) => show.run().await,
            Some(Command::Match(matching)) => matching.run().await,
            None => self.list.run().await,
        }
    }
}

impl List {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let client = self.server.connect().await?;
        let mut table = table::plain(table::columns(Kind::Persona));
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
                    table.add_row(table::row(Kind::Persona, record, &table::Titles::new())?);
                }
            }
            token = page.next;
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
