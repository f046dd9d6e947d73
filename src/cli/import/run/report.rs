//! What an import prints: faults as they occur, a progress bar, and a table or JSON at the end.
//!
//! It owns the counts. The content of cells never gets here.

use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::time::Duration;

use anyhow::Context;
use comfy_table::CellAlignment;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::cli::import::fault::Fault;
use crate::cli::import::input::InputFile;
use crate::cli::import::mapping::Mapping;
use crate::cli::import::run::row::RowResult;
use crate::cli::import::write::roles::InferredCounts;
use crate::cli::import::write::upsert::UpsertOutcome;
use crate::cli::table;
use crate::name::Kind;

/// The most faults that are printed one by one if they differ by their line alone, so that the table stays on the screen.
const MAX_ALIKE: u64 = 10;

/// What became of the records of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct OutcomeCounts {
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
}

impl OutcomeCounts {
    fn of(&mut self, outcome: UpsertOutcome) -> &mut u64 {
        match outcome {
            UpsertOutcome::Created => &mut self.created,
            UpsertOutcome::Updated => &mut self.updated,
            UpsertOutcome::Unchanged => &mut self.unchanged,
        }
    }

    fn as_json(&self) -> serde_json::Value {
        json!({
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "failed": self.failed,
        })
    }
}

pub(crate) struct Report {
    kinds: Vec<(Kind, OutcomeCounts)>,
    infers_roles: bool,
    inferred: InferredCounts,
    /// The word for a row with its number: line or record.
    pub(crate) unit: &'static str,
    n_rows: u64,
    n_blank: u64,
    n_skipped: u64,
    faults: Vec<(u64, Fault)>,
    /// How often each fault has occurred, by its text.
    alike: BTreeMap<String, u64>,
    /// Line, kind, and the first line with the same key.
    repeats: Vec<(u64, Kind, u64)>,
    bar: ProgressBar,
    json: bool,
}

impl Report {
    pub(crate) fn begin(mapping: &Mapping, file: &InputFile, json: bool) -> anyhow::Result<Report> {
        // Hidden by itself where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(Some(file.size()), ProgressDrawTarget::stderr());
        if json {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template(
            "{bar:40} {percent:>3} %  {msg}  {elapsed} of about {duration}",
        );
        bar.set_style(style.context("the style of the progress bar")?);
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(Report {
            kinds: mapping
                .sections
                .iter()
                .map(|section| (section.kind, OutcomeCounts::default()))
                .collect(),
            infers_roles: mapping.title_rules.is_some(),
            inferred: InferredCounts::default(),
            unit: file.unit(),
            n_rows: 0,
            n_blank: 0,
            n_skipped: 0,
            faults: Vec::new(),
            alike: BTreeMap::new(),
            repeats: Vec::new(),
            bar,
            json,
        })
    }

    /// Notes how far the file has been read.
    pub(crate) fn read(&mut self, position: u64) {
        self.n_rows += 1;
        self.bar.set_position(position);
        self.bar.set_message(format!("row {}", self.n_rows));
    }

    pub(crate) fn add_blank(&mut self) {
        self.n_blank += 1;
    }

    /// Counts a row that `[only]` leaves out.
    pub(crate) fn add_skipped(&mut self) {
        self.n_skipped += 1;
    }

    /// Reports a row that has the key of an earlier one and other values.
    pub(crate) fn add_repeat(&mut self, line: u64, kind: Kind, first_line: u64) {
        self.repeats.push((line, kind, first_line));
        let (kind, unit) = (kind.singular(), self.unit);
        self.say(&format!(
            "{unit} {line}: has the key of the {kind} of {unit} {first_line}: only adds to it"
        ));
    }

    pub(crate) fn add(&mut self, result: RowResult) {
        for (kind, outcome) in result.outcomes {
            *self.counts(kind).of(outcome) += 1;
        }
        if let Some((kind, before, after)) = result.settled {
            self.settle(kind, before, after);
        }
        self.inferred.added += result.inferred.added;
        self.inferred.known += result.inferred.known;
        if let Some(fault) = result.fault {
            self.add_fault(result.line, fault);
        }
    }

    /// Counts a deferred record: once, even if it was written before without what it refers to.
    fn settle(&mut self, kind: Kind, before: Option<UpsertOutcome>, after: UpsertOutcome) {
        let counts = self.counts(kind);
        match before {
            None => *counts.of(after) += 1,
            Some(UpsertOutcome::Unchanged) => {
                counts.unchanged -= 1;
                *counts.of(after) += 1;
            }
            Some(UpsertOutcome::Created | UpsertOutcome::Updated) => {}
        }
    }

    /// Reports why a row was not imported, or not in full.
    pub(crate) fn add_fault(&mut self, line: u64, fault: Fault) {
        if let Some(kind) = fault.kind {
            self.counts(kind).failed += 1;
        }
        let what = describe(&fault);
        let n = self.alike.entry(what.clone()).or_default();
        *n += 1;
        if *n <= MAX_ALIKE {
            let unit = self.unit;
            let place = match fault.last_line {
                None => format!("{unit} {line}"),
                Some(last_line) => format!("{unit}s {line} to {last_line}"),
            };
            self.say(&format!("{place}: {what}"));
        }
        self.faults.push((line, fault));
    }

    fn counts(&mut self, kind: Kind) -> &mut OutcomeCounts {
        let at = self.kinds.iter().position(|(other, _)| *other == kind);
        let at = at.unwrap_or_else(|| {
            self.kinds.push((kind, OutcomeCounts::default()));
            self.kinds.len() - 1
        });
        &mut self.kinds[at].1
    }

    fn say(&self, line: &str) {
        if !self.json {
            self.bar.suspend(|| eprintln!("{line}"));
        }
    }

    /// Prints the summary, and tells whether everything that was read was imported.
    pub(crate) fn end(&mut self, ended_early: bool) -> anyhow::Result<bool> {
        self.bar.finish_and_clear();
        for (what, n) in self.alike.iter().filter(|(_, n)| **n > MAX_ALIKE) {
            let more = counted(n - MAX_ALIKE, &format!("more {}", self.unit));
            self.say(&format!("and {more}: {what}"));
        }
        self.faults.sort_by_key(|(line, _)| *line);
        self.repeats.sort();
        let shown = if self.json {
            self.as_json(ended_early).to_string()
        } else {
            self.as_table(ended_early)
        };
        writeln!(stdout(), "{shown}")?;
        Ok(self.faults.is_empty())
    }

    fn as_table(&self, ended_early: bool) -> String {
        let mut table = table::plain(&["", "created", "updated", "unchanged", "failed"]);
        for (kind, counts) in &self.kinds {
            let OutcomeCounts {
                created,
                updated,
                unchanged,
                failed,
            } = counts;
            let counts = [created, updated, unchanged, failed].map(u64::to_string);
            table.add_row([vec![kind.collection().to_owned()], counts.to_vec()].concat());
        }
        if self.infers_roles {
            let counts = [self.inferred.added, 0, self.inferred.known, 0].map(|n| n.to_string());
            table.add_row([vec!["inferred roles".to_owned()], counts.to_vec()].concat());
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        format!("{}\n{}", table.trim_fmt(), self.summary(ended_early))
    }

    /// Writes the line below the table.
    fn summary(&self, ended_early: bool) -> String {
        let n_repeats = self.repeats.len() as u64;
        let notes = [
            Some(format!("{} read", counted(self.n_rows, "row"))),
            (self.n_blank > 0).then(|| format!("{} blank", self.n_blank)),
            (self.n_skipped > 0).then(|| format!("{} skipped", self.n_skipped)),
            (n_repeats > 0).then(|| counted(n_repeats, "repeated key")),
            Some(format!("{} failed", self.faults.len())),
        ];
        let notes: Vec<String> = notes.into_iter().flatten().collect();
        let end = if ended_early {
            "; it ended early, before all was imported"
        } else if self.n_rows == self.n_blank {
            match self.unit {
                "line" => "; there is nothing to import below the header",
                _ => "; there is nothing to import",
            }
        } else if self.faults.is_empty() && !self.has_changes() {
            "; nothing changed: all records were up to date"
        } else {
            ""
        };
        format!("{}{end}", notes.join(", "))
    }

    fn has_changes(&self) -> bool {
        let is_changed = |counts: &OutcomeCounts| counts.created + counts.updated > 0;
        self.inferred.added > 0 || self.kinds.iter().any(|(_, counts)| is_changed(counts))
    }

    fn as_json(&self, ended_early: bool) -> serde_json::Value {
        let kinds: serde_json::Map<String, serde_json::Value> = self
            .kinds
            .iter()
            .map(|(kind, counts)| (kind.collection().to_owned(), counts.as_json()))
            .collect();
        let faults = self
            .faults
            .iter()
            .map(|(line, fault)| self.fault_json(*line, fault));
        let first = format!("first_{}", self.unit);
        let repeats = self.repeats.iter().map(|(line, kind, first_line)| {
            json!({ self.unit: line, "kind": kind.singular(), &first: first_line })
        });
        json!({
            "ended_early": ended_early,
            "rows": self.n_rows,
            "blank_rows": self.n_blank,
            "unwanted_rows": self.n_skipped,
            "failed_rows": self.faults.len(),
            "changed": self.has_changes(),
            "records": kinds,
            "inferred_roles": { "created": self.inferred.added, "unchanged": self.inferred.known },
            "repeated_keys": repeats.collect::<Vec<_>>(),
            "faults": faults.collect::<Vec<_>>(),
        })
    }

    fn fault_json(&self, line: u64, fault: &Fault) -> serde_json::Value {
        let kind = fault.kind.map(Kind::singular);
        let mut json = json!({
            self.unit: line,
            "kind": kind,
            "column": fault.column,
            "reason": fault.reason,
        });
        if let Some(last_line) = fault.last_line {
            json[format!("last_{}", self.unit)] = last_line.into();
        }
        json
    }
}

/// Says what is wrong, without the line.
fn describe(fault: &Fault) -> String {
    let kind = fault.kind.map(|kind| format!("{}: ", kind.singular()));
    let column = fault.column.as_ref();
    let column = column.map(|column| format!("column `{column}` "));
    [
        kind.unwrap_or_default(),
        column.unwrap_or_default(),
        fault.reason.clone(),
    ]
    .concat()
}

fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}
