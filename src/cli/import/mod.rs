//! `clientele import`: rows of a CSV file to customers, contacts and affiliations, through the API.
//!
//! It owns the order of things: the mapping and the header are checked before a row is sent; rows run side by side,
//! those with a common key one after the other; a bad row is reported and the rest goes on.

mod claims;
mod convert;
mod lines;
mod mapping;
mod merge;
mod report;
mod row;
mod rule;
mod target;
mod turns;
mod upsert;

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use csv::{ByteRecord, Reader, ReaderBuilder};
use tokio::task::JoinSet;

use self::claims::infer;
use self::lines::Lines;
use self::mapping::Mapping;
use self::merge::Mode;
use self::report::{Done, Report};
use self::row::Draft;
use self::turns::{Turn, Turns};
use self::upsert::{Failure, Links, Outcome, Writer, failure};
use super::client::Server;
use super::record::text;
use crate::name::Kind;

/// How many rows are under way at a time.
const ROWS_AT_A_TIME: usize = 32;

const HELP: &str = "\
The mapping says how a row becomes a customer, a contact and an affiliation. A small one:

  system = \"northwind\"

  [customer]
  external_ids = [{ column = \"customer_id\" }]
  display_name = \"company_name\"
  kind = { value = \"BUSINESS\" }
  \"addresses[0].postal_address.locality\" = \"city\"

`examples/northwind.toml` and `examples/sp500.toml` show and explain everything a mapping can say.

A record is found again by the first of its external ids, so a second run changes nothing, and a changed file changes \
what it changes. Blank cells set nothing; nothing is ever cleared; values that a person has pinned (locked_paths) stay. \
A row that does not fit is reported with its line and its column, never with its content, and the rest goes on; then \
the exit code is 1.

Examples:
  clientele import customers.csv --mapping examples/northwind.toml
  clientele import export.csv --mapping crm.toml --delimiter ';' --json";

/// Imports a CSV file
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Import {
    /// The file: CSV in UTF-8, the first row names the columns
    file: PathBuf,
    /// What the columns mean
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,
    /// What separates the cells, if it is not what the mapping says; `tab` for a tab
    #[arg(long, value_name = "CHARACTER", value_parser = mapping::delimiter)]
    delimiter: Option<u8>,
    /// Prints one line of JSON at the end: counts, faults and repeated keys
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Import {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut mapping = Mapping::read(&self.mapping)?;
        let path = self.file.display();
        let file = File::open(&self.file).with_context(|| format!("cannot read {path}"))?;
        let bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
        let mut rows = ReaderBuilder::new()
            .delimiter(self.delimiter.unwrap_or(mapping.delimiter))
            .flexible(true)
            .from_reader(Lines::new(file));
        let header = header(&mut rows).with_context(|| format!("{path}"))?;
        mapping.bind(&header).with_context(|| format!("{path}"))?;
        let writer = Writer { client: self.server.connect().await? };
        let kinds = mapping.sections.iter().map(|section| section.kind).collect();
        let report = Report::begin(kinds, mapping.titles.is_some(), bytes, self.json)?;
        let (report, ended) = import(writer, Arc::new(mapping), rows, &header, report).await;
        let complete = report.end()?;
        ended.with_context(|| format!("{path}"))?;
        Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn header(rows: &mut Reader<Lines<File>>) -> anyhow::Result<Vec<String>> {
    let header = rows.byte_headers()?;
    if header.is_empty() {
        bail!("is empty: the first row has to name the columns");
    }
    let name = |cell| std::str::from_utf8(cell).map(|name| name.trim().to_owned());
    let names = header.iter().map(name).collect::<Result<_, _>>();
    names.map_err(|_| anyhow!("is not UTF-8: save it as UTF-8"))
}

/// Sends all rows. The report has what was done, also when an error ended it early.
async fn import(
    writer: Writer,
    mapping: Arc<Mapping>,
    mut rows: Reader<Lines<File>>,
    header: &[String],
    mut report: Report,
) -> (Report, anyhow::Result<()>) {
    let mut turns = Turns::default();
    let mut running = JoinSet::new();
    let mut ended = Ok(());
    let mut record = ByteRecord::new();
    while ended.is_ok() {
        match rows.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => ended = Err(error.into()),
        }
        if ended.is_err() {
            break;
        }
        let line = rows.get_ref().of_record(record.position().map_or(0, csv::Position::byte));
        report.read(rows.position().byte());
        if let Some((drafts, turn)) = plan(&mapping, header, &record, line, &mut turns, &mut report) {
            running.spawn(import_row(writer.clone(), Arc::clone(&mapping), line, drafts, turn));
        }
        while running.len() >= ROWS_AT_A_TIME && ended.is_ok() {
            ended = next(&mut running, &mut report).await;
        }
    }
    while !running.is_empty() {
        let last = next(&mut running, &mut report).await;
        ended = ended.and(last);
    }
    (report, ended)
}

/// Waits for one row. The error says that there is no point in going on.
async fn next(running: &mut JoinSet<Done>, report: &mut Report) -> anyhow::Result<()> {
    let Some(done) = running.join_next().await else { return Ok(()) };
    let done = done.context("a row was not finished")?;
    if let Some(gone) = &done.gone {
        bail!("ended early, at line {}: {gone}; run it again, what is done stays done", done.line);
    }
    report.done(done);
    Ok(())
}

/// Takes a row apart and queues it; nothing when there is nothing to send.
fn plan(
    mapping: &Mapping,
    header: &[String],
    record: &ByteRecord,
    line: u64,
    turns: &mut Turns,
    report: &mut Report,
) -> Option<(Vec<Draft>, Turn)> {
    let drafts = match row::cells(record, header) {
        Ok(Some(cells)) => row::drafts(mapping, &cells),
        Ok(None) => {
            report.blank();
            return None;
        }
        Err(fault) => Err(fault),
    };
    match drafts {
        Ok(drafts) => {
            let turn = turns.take(line, &drafts);
            for (draft, repeat) in drafts.iter().zip(&turn.repeats) {
                if let Some(first_line) = repeat.filter(|_| draft.kind != Kind::Affiliation) {
                    report.repeat(line, draft.kind, first_line);
                }
            }
            Some((drafts, turn))
        }
        Err(fault) => {
            report.fault(line, fault);
            None
        }
    }
}

/// Writes the records of a row, one after the other, up to the first that fails.
async fn import_row(writer: Writer, mapping: Arc<Mapping>, line: u64, drafts: Vec<Draft>, mut turn: Turn) -> Done {
    turn.wait().await;
    let mut done = Done { line, ..Done::default() };
    if let Err(failure) = import_drafts(&writer, &mapping, &drafts, &turn, &mut done).await {
        match failure {
            Failure::Refused(fault) => done.fault = Some(fault),
            Failure::Gone(reason) => done.gone = Some(reason),
        }
    }
    done
}

async fn import_drafts(
    writer: &Writer,
    mapping: &Mapping,
    drafts: &[Draft],
    turn: &Turn,
    done: &mut Done,
) -> Result<(), Failure> {
    let mut links = Links::default();
    for (draft, repeat) in drafts.iter().zip(&turn.repeats) {
        let mode = if repeat.is_some() { Mode::Add } else { Mode::Sync };
        let (outcome, record) = writer.upsert(draft, mode, &links).await?;
        done.outcomes.push((draft.kind, outcome));
        links.is_new |= outcome == Outcome::Created;
        match draft.kind {
            Kind::Customer => links.customer = text(&record, "name"),
            Kind::Contact => links.contact = text(&record, "name"),
            Kind::Affiliation => {
                if let Some(titles) = &mapping.titles {
                    let inferred = infer(writer, titles, record).await;
                    done.inferred = inferred.map_err(|status| failure(draft, &status))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
