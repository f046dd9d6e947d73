//! A run of an import: reads rows and keeps a number of them under way.
//!
//! A bad row is reported and the rest goes on. A record that refers to one of a later row is written without the reference
//! first, and again when all rows are done: so no file has to be sorted, and none is read twice.

mod report;
mod row;
mod row_order;

use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::signal::ctrl_c;
use tokio::task::{JoinHandle, JoinSet};

use crate::cli::client::Client;
use crate::cli::import::cell::Cell;
use crate::cli::import::draft::{Draft, drafts};
use crate::cli::import::fault::Fault;
use crate::cli::import::input::{InputFile, InputRow};
use crate::cli::import::mapping::Mapping;
use crate::cli::import::run::report::Report;
use crate::cli::import::run::row::{
    DeferredRecord, RowContext, RowResult, import_deferred, import_row,
};
use crate::cli::import::run::row_order::{Repeat, RowOrder, RowTurn};
use crate::cli::import::write::resolve::NameCache;
use crate::cli::import::write::retry::RetryingClient;
use crate::name::Kind;

/// What to do after an import that ended early.
const AGAIN: &str = "run it again, what is done stays done";

/// How many rows are under way at a time.
const CONCURRENT_ROWS: usize = 32;

/// Imports a file, reports what was done, and tells whether everything was imported.
pub(crate) async fn import(
    client: Client,
    mapping: Mapping,
    file: InputFile,
    as_json: bool,
) -> anyhow::Result<bool> {
    let report = Report::begin(&mapping, &file, as_json)?;
    let mut run = ImportRun {
        report,
        context: Arc::new(RowContext {
            client: RetryingClient::new(client),
            names: NameCache::default(),
            mapping,
        }),
        running: JoinSet::new(),
        deferred: Vec::new(),
        interrupted: tokio::spawn(interrupt()),
    };
    let mut ended = run.import_rows(file).await;
    if ended.is_ok() {
        ended = run.import_deferred().await;
    }
    let is_complete = run.report.end(ended.is_err())?;
    ended.map(|()| is_complete)
}

struct ImportRun {
    context: Arc<RowContext>,
    report: Report,
    running: JoinSet<RowResult>,
    deferred: Vec<DeferredRecord>,
    interrupted: JoinHandle<()>,
}

impl ImportRun {
    /// Imports all rows. What was done before an error is in the report.
    async fn import_rows(&mut self, mut file: InputFile) -> anyhow::Result<()> {
        let mut order = RowOrder::default();
        let mut ended = Ok(());
        while ended.is_ok() {
            let row = match file.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => {
                    ended = Err(error);
                    break;
                }
            };
            self.report.read(file.position());
            let line = row.line;
            if let Some((drafts, turn)) = self.plan(row, &mut order) {
                let context = Arc::clone(&self.context);
                self.running.spawn(import_row(context, line, drafts, turn));
            }
            ended = self.make_room(line).await;
        }
        ended.and(self.wait_for_all().await)
    }

    /// Imports the records that had to wait for the other rows, in the order of the file.
    async fn import_deferred(&mut self) -> anyhow::Result<()> {
        let mut deferred = std::mem::take(&mut self.deferred);
        deferred.sort_by_key(|record| record.line);
        let mut order = RowOrder::default();
        let mut ended = Ok(());
        for record in deferred {
            let line = record.line;
            let turn = order.queue(line, std::slice::from_ref(&record.draft));
            let context = Arc::clone(&self.context);
            self.running.spawn(import_deferred(context, record, turn));
            ended = self.make_room(line).await;
            if ended.is_err() {
                break;
            }
        }
        ended.and(self.wait_for_all().await)
    }

    /// Waits until another row may start. The error means that there is no point in going on, or that the user does not
    /// want to.
    async fn make_room(&mut self, line: u64) -> anyhow::Result<()> {
        while self.running.len() >= CONCURRENT_ROWS {
            self.wait_for_one().await?;
        }
        if self.interrupted.is_finished() {
            let unit = self.report.unit;
            bail!("ended early, at {unit} {line}: interrupted; {AGAIN}");
        }
        Ok(())
    }

    /// Waits for all rows under way, also when one of them finds the server gone.
    async fn wait_for_all(&mut self) -> anyhow::Result<()> {
        let mut ended = Ok(());
        while !self.running.is_empty() {
            ended = ended.and(self.wait_for_one().await);
        }
        ended
    }

    async fn wait_for_one(&mut self) -> anyhow::Result<()> {
        let Some(done) = self.running.join_next().await else {
            return Ok(());
        };
        let mut done = done.context("a row was not finished")?;
        self.deferred.append(&mut done.deferred);
        let line = done.line;
        let gone = done.gone.clone();
        self.report.add(done);
        if let Some(gone) = gone {
            let unit = self.report.unit;
            bail!("ended early, at {unit} {line}: {gone}; {AGAIN}");
        }
        Ok(())
    }

    /// Takes a row apart and queues it; `None` if there is nothing to write.
    fn plan(&mut self, row: InputRow, order: &mut RowOrder) -> Option<(Vec<Draft>, RowTurn)> {
        match self.read(row.cells) {
            Ok(Some(drafts)) => {
                let turn = order.queue(row.line, &drafts);
                self.report_repeats(row.line, &drafts, &turn);
                Some((drafts, turn))
            }
            Ok(None) => None,
            Err(fault) => {
                self.report.add_fault(row.line, fault);
                None
            }
        }
    }

    fn read(
        &mut self,
        cells: Result<Option<Vec<Cell>>, Fault>,
    ) -> Result<Option<Vec<Draft>>, Fault> {
        let Some(cells) = cells? else {
            self.report.add_blank();
            return Ok(None);
        };
        if !self.context.mapping.selects(&cells)? {
            self.report.add_skipped();
            return Ok(None);
        }
        drafts(&self.context.mapping, &cells).map(Some)
    }

    /// Reports the drafts with the key of an earlier row, unless they only repeat it.
    fn report_repeats(&mut self, line: u64, drafts: &[Draft], turn: &RowTurn) {
        for (draft, repeat) in drafts.iter().zip(&turn.repeats) {
            if let Some(Repeat {
                first_line,
                is_same: false,
            }) = repeat
                && draft.kind != Kind::Affiliation
            {
                self.report.add_repeat(line, draft.kind, *first_line);
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
