//! `clientele import`: rows of a file to records of any kind, through the API.
//!
//! It owns the order of things: the mapping and the header are checked before a row is sent; rows run side by side,
//! those with a common key one after the other; a bad row is reported and the rest goes on. What refers to a record of
//! a later row is written without the reference first, and once more when all rows are done: so no file has to be
//! sorted, and none is read twice.

mod cell;
mod claims;
mod convert;
mod fault;
mod input;
mod lines;
mod mapping;
mod merge;
mod money;
mod numbers;
mod objects;
mod places;
mod quotes;
mod references;
mod report;
mod row;
mod row_order;
mod rule;
mod source;
mod target;
mod upsert;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use tokio::signal::ctrl_c;
use tokio::task::{JoinHandle, JoinSet};

use self::claims::infer;
use self::input::{Row, Rows};
use self::mapping::Mapping;
use self::merge::Mode;
use self::references::Known;
use self::report::{Done, Late, Report};
use self::row::Draft;
use self::row_order::{Repeat, Turn, Turns};
use self::upsert::{Failure, Links, Outcome, Writer, failure};
use crate::cli::client::Server;
use crate::cli::record::text;
use crate::name::Kind;

/// What to do after an import that ended early.
const AGAIN: &str = "run it again, what is done stays done";

/// How many rows are under way at a time.
const ROWS_AT_A_TIME: usize = 32;

const HELP: &str = "\
The mapping says how a row becomes a customer, a contact, a conversation or any other record. A small one:

  system = \"northwind\"

  [customer]
  external_ids = [{ column = \"customer_id\" }]
  display_name = \"company_name\"
  kind = { value = \"BUSINESS\" }
  owner = { ref = \"northwind\", column = \"employee_id\" }
  \"addresses[0].postal_address.locality\" = \"city\"

`examples/northwind.toml` is the guide to everything a mapping can say, `examples/README.md` lists the others.

A record is found again by the first of its external ids, so a second run changes nothing, and a changed file changes \
what it changes. Blank cells set nothing; nothing is ever cleared; values that a person has pinned (locked_paths) stay. \
A row that does not fit is reported with its line and its column, never with its content, and the rest goes on; then \
the exit code is 1. Ctrl-C lets the rows under way finish and says what was done; a second one stops at once.

Examples:
  clientele import customers.csv --mapping examples/northwind.toml
  clientele import orders.csv --mapping examples/northwind-orders.toml
  clientele import export.csv --mapping crm.toml --delimiter ';' --json";

/// Imports a file: CSV or JSON
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Import {
    /// The file: CSV in UTF-8, the first row names the columns; or JSON, a list of objects, or one object per line
    file: PathBuf,
    /// What the columns mean
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,
    /// What separates the cells, if it is not what the mapping says; `tab` for a tab
    #[arg(long, value_name = "CHARACTER", value_parser = mapping::delimiter)]
    delimiter: Option<u8>,
    /// Prints one line of JSON at the end: counts, faults, repeated keys, and whether it ended early
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Import {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut mapping = Mapping::read(&self.mapping)?;
        let delimiter = self.delimiter.unwrap_or(mapping.delimiter);
        let rows = Rows::open(&self.file, delimiter, mapping.records.as_deref())?;
        let path = self.file.display();
        if let Some(header) = rows.header() {
            mapping
                .bind(header, rows.are_objects())
                .with_context(|| format!("{path}"))?;
        }
        let writer = Writer {
            client: self.server.connect().await?,
            names: Arc::default(),
        };
        let report = Report::begin(&mapping, &rows, self.json)?;
        let (running, interrupted) = (JoinSet::new(), tokio::spawn(interrupt()));
        let mut work = Work {
            writer,
            mapping: Arc::new(mapping),
            report,
            running,
            late: Vec::new(),
            interrupted,
        };
        let mut ended = work.import(rows).await;
        if ended.is_ok() {
            ended = work.import_late().await;
        }
        let complete = work.report.end(ended.is_err())?;
        ended.with_context(|| format!("{path}"))?;
        Ok(if complete {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// What is under way, and what has been done.
struct Work {
    writer: Writer,
    mapping: Arc<Mapping>,
    report: Report,
    running: JoinSet<Done>,
    late: Vec<Late>,
    interrupted: JoinHandle<()>,
}

impl Work {
    /// Sends all rows. The report has what was done, also when an error ended it early.
    async fn import(&mut self, mut rows: Rows) -> anyhow::Result<()> {
        let mut turns = Turns::default();
        let mut ended = Ok(());
        while ended.is_ok() {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => {
                    ended = Err(error);
                    break;
                }
            };
            self.report.read(rows.position());
            let line = row.line;
            if let Some((drafts, turn)) = self.plan(row, &mut turns) {
                self.running.spawn(import_row(
                    self.writer.clone(),
                    Arc::clone(&self.mapping),
                    line,
                    drafts,
                    turn,
                ));
            }
            ended = self.wait_below(ROWS_AT_A_TIME).await;
            ended = ended.and_then(|()| self.go_on(line));
        }
        ended.and(self.wait_below(1).await)
    }

    /// Sends what had to wait for the other rows, in the order of the file.
    async fn import_late(&mut self) -> anyhow::Result<()> {
        let mut late = std::mem::take(&mut self.late);
        late.sort_by_key(|late| late.line);
        let mut turns = Turns::default();
        let mut ended = Ok(());
        for late in late {
            let line = late.line;
            let turn = turns.take(late.line, std::slice::from_ref(&late.draft));
            self.running
                .spawn(import_late(self.writer.clone(), late, turn));
            ended = self
                .wait_below(ROWS_AT_A_TIME)
                .await
                .and_then(|()| self.go_on(line));
            if ended.is_err() {
                break;
            }
        }
        ended.and(self.wait_below(1).await)
    }

    /// Says whether to go on: not after Ctrl-C.
    fn go_on(&self, line: u64) -> anyhow::Result<()> {
        if self.interrupted.is_finished() {
            bail!(
                "ended early, at {} {line}: interrupted; {AGAIN}",
                self.report.unit
            );
        }
        Ok(())
    }

    /// Waits until fewer than `n` rows are under way. The error says that there is no point in going on.
    async fn wait_below(&mut self, n: usize) -> anyhow::Result<()> {
        let mut ended = Ok(());
        while self.running.len() >= n && (ended.is_ok() || n == 1) {
            let Some(done) = self.running.join_next().await else {
                break;
            };
            let mut done = done.context("a row was not finished")?;
            if let Some(gone) = &done.gone {
                let (line, unit) = (done.line, self.report.unit);
                let why = || anyhow!("ended early, at {unit} {line}: {gone}; {AGAIN}");
                ended = ended.and_then(|()| Err(why()));
            }
            self.late.append(&mut done.late);
            self.report.done(done);
        }
        ended
    }

    /// Takes a row apart and queues it; nothing when there is nothing to send.
    fn plan(&mut self, Row { line, cells }: Row, turns: &mut Turns) -> Option<(Vec<Draft>, Turn)> {
        let drafts = match cells {
            Ok(Some(cells)) => match self.mapping.wants(&cells) {
                Ok(false) => {
                    self.report.unwanted();
                    return None;
                }
                Ok(true) => row::drafts(&self.mapping, &cells),
                Err(fault) => Err(fault),
            },
            Ok(None) => {
                self.report.blank();
                return None;
            }
            Err(fault) => Err(fault),
        };
        match drafts {
            Ok(drafts) => {
                let turn = turns.take(line, &drafts);
                for (draft, repeat) in drafts.iter().zip(&turn.repeats) {
                    let repeat =
                        repeat.filter(|repeat| !repeat.is_same && draft.kind != Kind::Affiliation);
                    if let Some(Repeat { first_line, .. }) = repeat {
                        self.report.repeat(line, draft.kind, first_line);
                    }
                }
                Some((drafts, turn))
            }
            Err(fault) => {
                self.report.fault(line, fault);
                None
            }
        }
    }
}

/// Resolves at the first Ctrl-C. The next one ends the process.
async fn interrupt() {
    if ctrl_c().await.is_err() {
        return std::future::pending().await;
    }
    tokio::spawn(async {
        if ctrl_c().await.is_ok() {
            std::process::exit(1);
        }
    });
}

/// Writes the records of a row, one after the other, up to the first that fails.
async fn import_row(
    writer: Writer,
    mapping: Arc<Mapping>,
    line: u64,
    drafts: Vec<Draft>,
    mut turn: Turn,
) -> Done {
    turn.wait().await;
    let mut done = Done {
        line,
        ..Done::default()
    };
    let ended = import_drafts(&writer, &mapping, &drafts, &turn, &mut done).await;
    done.ended(ended)
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
        let mode = if repeat.is_some() {
            Mode::Add
        } else {
            Mode::Sync
        };
        let mut now = draft.clone();
        let known = writer
            .resolve(&mut now, |lookup| mapping.makes(lookup))
            .await?;
        let late = |before, links| Late {
            line: done.line,
            draft: draft.clone(),
            mode,
            links,
            before,
        };
        if known == Known::TooLittle {
            let late = late(None, links.clone());
            done.late.push(late);
            continue;
        }
        let (outcome, record) = writer.upsert(&now, mode, &links).await?;
        if known == Known::InPart {
            let late = late(Some(outcome), links.clone());
            done.late.push(late);
        }
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

/// Writes a record again, now that all rows have been sent: what is still unknown is a fault.
async fn import_late(writer: Writer, late: Late, mut turn: Turn) -> Done {
    turn.wait().await;
    let mut done = Done {
        line: late.line,
        ..Done::default()
    };
    let Late {
        mut draft,
        mode,
        links,
        before,
        ..
    } = late;
    let ended = async {
        writer.resolve(&mut draft, |_| false).await?;
        let (outcome, _) = writer
            .upsert(
                &draft,
                mode,
                &Links {
                    is_new: false,
                    ..links
                },
            )
            .await?;
        done.settled = Some((draft.kind, before, outcome));
        Ok(())
    };
    let ended = ended.await;
    done.ended(ended)
}
