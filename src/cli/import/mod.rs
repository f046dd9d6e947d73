//! `clientele import`: the rows of a file become records of any kind, through the API.
//!
//! The mapping and the header are checked (`mapping`) before a row is read (`input`) and turned into drafts (`draft`);
//! rows run side by side (`run`), and each draft meets the stored record (`write`).

mod cell;
mod draft;
mod fault;
mod input;
mod mapping;
mod run;
mod shown_keys;
mod write;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use self::input::InputFile;
use self::mapping::Mapping;
use crate::cli::client::ServerArgs;

const HELP: &str = "\
The mapping defines how a row becomes a customer, a contact, a conversation or any other record. A small one:

  system = \"northwind\"

  [customer]
  external_ids = [{ column = \"customer_id\" }]
  display_name = \"company_name\"
  kind = { value = \"BUSINESS\" }
  owner = { ref = \"northwind\", column = \"employee_id\" }
  \"addresses[0].postal_address.locality\" = \"city\"

`examples/northwind.toml` is the guide to everything a mapping can say, `examples/README.md` lists the others.

Records are matched by their first external id, so a second run changes nothing, and an edited file changes only what was \
edited. Blank cells set nothing; nothing is ever cleared; values that a person has pinned (locked_paths) stay. A row that \
does not fit is reported by line and column, never by content, and the others are imported; the exit code is then 1. \
Ctrl-C lets running rows finish and reports what was done; a second one stops at once.

Examples:
  clientele import customers.csv --mapping examples/northwind.toml
  clientele import orders.csv --mapping examples/northwind-orders.toml
  clientele import export.csv --mapping crm.toml --delimiter ';' --json";

/// Imports a file: CSV or JSON
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct ImportArgs {
    /// The file: CSV in UTF-8, the first row names the columns; or JSON, a list of objects, or one object per line
    file: PathBuf,
    /// What the columns mean
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,
    /// The delimiter of the cells, instead of that of the mapping; `tab` for a tab
    #[arg(long, value_name = "CHARACTER", value_parser = mapping::delimiter)]
    delimiter: Option<u8>,
    /// Prints a summary as one line of JSON: counts, faults, repeated keys, and whether it ended early
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl ImportArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let mut mapping = Mapping::read(&self.mapping)?;
        let delimiter = self.delimiter.unwrap_or(mapping.delimiter);
        let file = InputFile::open(&self.file, delimiter, mapping.records.as_deref())?;
        let path = self.file.display();
        if let Some(header) = file.header() {
            mapping
                .find_columns(header, file.is_json())
                .with_context(|| format!("{path}"))?;
        }
        let client = self.server.connect().await?;
        let is_complete = run::import(client, mapping, file, self.json)
            .await
            .with_context(|| format!("{path}"))?;
        Ok(if is_complete {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
