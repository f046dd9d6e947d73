//! `clientele get`: shows one record.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;

use crate::cli::client::{ServerArgs, explain};
use crate::cli::record::ApiCall;
use crate::cli::{fields, json};
use crate::name::{Kind, Name};

const HELP: &str = "\
Examples:
  clientele get customers/nordlicht-optik
  clientele get contacts/mara-lindqvist --json | jq .phone_numbers";

/// Shows one record, deleted or not
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct GetArgs {
    /// The name of the record, such as customers/nordlicht-optik
    #[arg(value_parser = name)]
    name: Name,
    /// Prints one line of JSON with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

fn name(text: &str) -> Result<Name, String> {
    Name::parse_any(text).ok_or_else(|| {
        let forms = Kind::ALL.map(|kind| format!("{}/ID", kind.collection()));
        format!("a name is one of {}", forms.join(", "))
    })
}

impl GetArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let client = self.server.connect().await?;
        let call =
            ApiCall::on_one(self.name.kind(), "Get").with_text("name", self.name.to_string());
        let record = call
            .send(&client)
            .await
            .map_err(|status| anyhow!(explain(&status)))?;
        let shown = if self.json {
            json::line(&record)?
        } else {
            fields::fields_table(&record)
        };
        writeln!(stdout(), "{shown}")?;
        Ok(ExitCode::SUCCESS)
    }
}
