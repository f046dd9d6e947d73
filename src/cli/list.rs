//! `clientele list`: shows the records of one kind, page by page.

use std::collections::BTreeSet;
use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use clap::{Args, value_parser};
use prost_reflect::{DynamicMessage, Value};
use tonic::Status;

use crate::cli::client::{Client, ServerArgs, explain};
use crate::cli::record::{ApiCall, MAX_PAGE_SIZE, RecordPage, reading_order, text};
use crate::cli::rows::DisplayNames;
use crate::cli::{json, rows, table};
use crate::name::Kind;

/// The most names that a BatchGet takes.
const MAX_BATCH: usize = 100;

const HELP: &str = "\
Examples:
  clientele list customers --order-by 'annual_spend desc'
  clientele list customers --filter 'lifecycle = ACTIVE AND business.industry = \"optics\"'
  clientele list customers --filter 'external_ids.northwind = \"ALFKI\"'
  clientele list affiliations --filter 'customer = \"customers/nordlicht-optik\"'
  clientele list contacts --all --json > contacts.jsonl

A filter is one or more conditions `field = value`, joined by AND: texts in double quotes, enum values bare.
Times are in UTC.";

/// Shows the records of one kind
#[derive(Args)]
#[command(after_long_help = HELP)]
pub(crate) struct ListArgs {
    /// Which kind
    #[arg(value_parser = collection())]
    collection: Kind,
    /// Shows only the records that match this filter
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    filter: String,
    /// Sorts by these fields, such as `create_time desc`; without it, a table is sorted by what records are called
    #[arg(long)]
    order_by: Option<String>,
    /// Shows at most this many records
    #[arg(long, default_value_t = 50, value_parser = limit)]
    limit: u64,
    /// Shows all records
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// How many records to ask for at a time, at most 1000
    #[arg(long, default_value_t = MAX_PAGE_SIZE, value_parser = value_parser!(i32).range(1..=MAX_PAGE_SIZE as i64))]
    page_size: i32,
    /// Shows deleted records too
    #[arg(long)]
    show_deleted: bool,
    /// Prints one line of JSON for each record, with the field names of the API
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

fn limit(text: &str) -> anyhow::Result<u64> {
    let limit = text.parse().ok().filter(|limit| *limit > 0);
    limit.ok_or_else(|| anyhow!("expected a positive number; --all shows all"))
}

fn collection() -> impl clap::builder::TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::collection)).map(|text| {
        let kind = Kind::ALL.into_iter().find(|kind| kind.collection() == text);
        kind.expect("only collections of kinds are possible values")
    })
}

impl ListArgs {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let client = self.server.connect().await?;
        let mut table = table::plain(rows::columns(self.collection));
        let mut left = if self.all { u64::MAX } else { self.limit };
        let mut token = String::new();
        loop {
            let page = self
                .page(&client, left, token)
                .await
                .map_err(|status| anyhow!(explain(&status)))?;
            left = left.saturating_sub(page.records.len() as u64);
            if self.json {
                print_lines(&page.records)?;
            } else {
                let names = display_names(&client, self.collection, &page.records).await;
                let names = names.map_err(|status| anyhow!(explain(&status)))?;
                for record in &page.records {
                    table.add_row(rows::row(self.collection, record, &names)?);
                }
            }
            token = page.next_page_token;
            if token.is_empty() || left == 0 {
                break;
            }
        }
        if !self.json {
            writeln!(stdout(), "{}", table::fitted(table))?;
        }
        if !token.is_empty() {
            eprintln!("there are more: use --all or --limit N");
        }
        Ok(ExitCode::SUCCESS)
    }

    fn order(&self) -> &str {
        match &self.order_by {
            Some(order) => order,
            None if self.json => "",
            None => reading_order(self.collection),
        }
    }

    async fn page(&self, client: &Client, most: u64, token: String) -> Result<RecordPage, Status> {
        let size = i32::try_from(most).map_or(self.page_size, |most| self.page_size.min(most));
        let call = ApiCall::on_many(self.collection, "List")
            .with("page_size", Value::I32(size))
            .with("show_deleted", Value::Bool(self.show_deleted))
            .with_text("page_token", token)
            .with_text("filter", &self.filter)
            .with_text("order_by", self.order());
        Ok(RecordPage::read(self.collection, &call.send(client).await?))
    }
}

fn print_lines(records: &[DynamicMessage]) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    for record in records {
        writeln!(out, "{}", json::line(record)?)?;
    }
    Ok(())
}

/// Returns the display names of the records that others refer to.
async fn display_names(
    client: &Client,
    kind: Kind,
    records: &[DynamicMessage],
) -> Result<DisplayNames, Status> {
    let mut display_names = DisplayNames::new();
    for (field, target) in rows::references(kind) {
        let names: BTreeSet<String> = records.iter().map(|record| text(record, field)).collect();
        let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
        for names in names.chunks(MAX_BATCH) {
            let names = names.iter().cloned().map(Value::String).collect();
            let call = ApiCall::on_many(*target, "BatchGet")
                .with("names", Value::List(names))
                .with_mask(
                    "read_mask",
                    vec!["name".to_owned(), "display_name".to_owned()],
                );
            let found = RecordPage::read(*target, &call.send(client).await?).records;
            display_names.extend(
                found
                    .iter()
                    .map(|record| (text(record, "name"), text(record, "display_name"))),
            );
        }
    }
    Ok(display_names)
}
