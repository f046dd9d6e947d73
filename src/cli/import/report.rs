//! What an import says: faults as they occur, a bar while it runs, a table at the end.
//!
//! It owns the counts. Nothing that a cell holds gets here.

use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::cli::import::claims::Inferred;
use crate::cli::import::fault::Fault;
use crate::cli::import::input::Rows;
use crate::cli::import::mapping::Mapping;
use crate::cli::import::merge::Mode;
use crate::cli::import::row::Draft;
use crate::cli::import::upsert::{Failure, Links, Outcome};
use crate::cli::table;
use crate::name::Kind;

/// The most faults that are told one by one where they differ by their line alone; the table is the end of a screen.
const ALIKE: u64 = 10;

/// How many records of a kind ended how.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
}

impl Counts {
    fn of(&mut self, outcome: Outcome) -> &mut u64 {
        match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
        }
    }
}

/// What became of one row.
#[derive(Default)]
pub struct Done {
    /// The line the row begins at.
    pub line: u64,
    /// What became of its records.
    pub outcomes: Vec<(Kind, Outcome)>,
    /// What has to wait for later rows.
    pub late: Vec<Late>,
    /// What became of a record that had waited: before, if it was written then, and now.
    pub settled: Option<(Kind, Option<Outcome>, Outcome)>,
    /// What became of the roles that its job title means.
    pub inferred: Inferred,
    /// Why it was not imported, or not in full.
    pub fault: Option<Fault>,
    /// The server is gone.
    pub gone: Option<String>,
}

impl Done {
    /// Adds how the row ended.
    pub fn ended(mut self, ended: Result<(), Failure>) -> Done {
        match ended {
            Ok(()) => {}
            Err(Failure::Refused(fault)) => self.fault = Some(fault),
            Err(Failure::Gone(reason)) => self.gone = Some(reason),
        }
        self
    }
}

/// A record that refers to one which a later row may make.
pub struct Late {
    /// The line of its row.
    pub line: u64,
    /// The record as the row has it.
    pub draft: Draft,
    /// How far the row may go.
    pub mode: Mode,
    /// What the row links, for an affiliation.
    pub links: Links,
    /// What became of the record without the reference, if it was written.
    pub before: Option<Outcome>,
}

/// Everything that is said about an import.
pub struct Report {
    kinds: Vec<(Kind, Counts)>,
    infers: bool,
    inferred: Inferred,
    /// The word for what lines are counted in.
    pub unit: &'static str,
    rows: u64,
    blank_rows: u64,
    unwanted_rows: u64,
    faults: Vec<(u64, Fault)>,
    /// How often each fault was met, by what is said of it.
    alike: BTreeMap<String, u64>,
    repeats: Vec<(u64, Kind, u64)>,
    bar: ProgressBar,
    json: bool,
}

impl Report {
    /// Begins the report of a file.
    pub fn begin(mapping: &Mapping, rows: &Rows, json: bool) -> anyhow::Result<Report> {
        // Hidden by itself where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(Some(rows.size()), ProgressDrawTarget::stderr());
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
                .map(|section| (section.kind, Counts::default()))
                .collect(),
            infers: mapping.titles.is_some(),
            unit: rows.unit(),
            inferred: Inferred::default(),
            rows: 0,
            blank_rows: 0,
            unwanted_rows: 0,
            faults: Vec::new(),
            alike: BTreeMap::new(),
            repeats: Vec::new(),
            bar,
            json,
        })
    }

    /// Notes how far the file has been read.
    pub fn read(&mut self, position: u64) {
        self.rows += 1;
        self.bar.set_position(position);
        self.bar.set_message(format!("row {}", self.rows));
    }

    /// Notes a row without anything in it.
    pub fn blank(&mut self) {
        self.blank_rows += 1;
    }

    /// Notes a row that the mapping does not want.
    pub fn unwanted(&mut self) {
        self.unwanted_rows += 1;
    }

    /// Notes that a row has the key of an earlier one, and something else to say.
    pub fn repeat(&mut self, line: u64, kind: Kind, first_line: u64) {
        self.repeats.push((line, kind, first_line));
        let (kind, unit) = (kind.singular(), self.unit);
        self.say(&format!(
            "{unit} {line}: has the key of the {kind} of {unit} {first_line}: only adds to it"
        ));
    }

    /// Notes what became of a row.
    pub fn done(&mut self, done: Done) {
        for (kind, outcome) in done.outcomes {
            *self.counts(kind).of(outcome) += 1;
        }
        if let Some((kind, before, after)) = done.settled {
            self.settle(kind, before, after);
        }
        self.inferred.added += done.inferred.added;
        self.inferred.known += done.inferred.known;
        if let Some(fault) = done.fault {
            self.fault(done.line, fault);
        }
    }

    /// Notes what became of a record that had to wait. It counts once, also if it was written before without what it
    /// refers to.
    fn settle(&mut self, kind: Kind, before: Option<Outcome>, after: Outcome) {
        let counts = self.counts(kind);
        match before {
            None => *counts.of(after) += 1,
            Some(Outcome::Unchanged) => {
                counts.unchanged -= 1;
                *counts.of(after) += 1;
            }
            Some(Outcome::Created | Outcome::Updated) => {}
        }
    }

    /// Notes why a row was not imported, or not in full.
    pub fn fault(&mut self, line: u64, fault: Fault) {
        if let Some(kind) = fault.kind {
            self.counts(kind).failed += 1;
        }
        let kind = fault
            .kind
            .map_or_else(String::new, |kind| format!("{}: ", kind.singular()));
        let column = fault
            .column
            .as_ref()
            .map_or_else(String::new, |column| format!("column `{column}` "));
        let what = format!("{kind}{column}{}", fault.reason);
        let n = self.alike.entry(what.clone()).or_default();
        *n += 1;
        if *n <= ALIKE {
            let place = fault.last_line.map_or_else(
                || format!("{} {line}", self.unit),
                |last_line| format!("{}s {line} to {last_line}", self.unit),
            );
            self.say(&format!("{place}: {what}"));
        }
        self.faults.push((line, fault));
    }

    fn counts(&mut self, kind: Kind) -> &mut Counts {
        let at = self.kinds.iter().position(|(other, _)| *other == kind);
        let at = at.unwrap_or_else(|| {
            self.kinds.push((kind, Counts::default()));
            self.kinds.len() - 1
        });
        &mut self.kinds[at].1
    }

    fn say(&self, line: &str) {
        if !self.json {
            self.bar.suspend(|| eprintln!("{line}"));
        }
    }

    /// Prints the end and says whether everything that was read was imported.
    pub fn end(mut self, ended_early: bool) -> anyhow::Result<bool> {
        self.bar.finish_and_clear();
        for (what, n) in self.alike.iter().filter(|(_, n)| **n > ALIKE) {
            self.say(&format!(
                "and {}: {what}",
                counted(
                    n - ALIKE,
                    &format!("more {}", self.unit),
                    &format!("more {}s", self.unit)
                )
            ));
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
        for (
            kind,
            Counts {
                created,
                updated,
                unchanged,
                failed,
            },
        ) in &self.kinds
        {
            table.add_row([
                kind.collection().to_owned(),
                n(*created),
                n(*updated),
                n(*unchanged),
                n(*failed),
            ]);
        }
        if self.infers {
            table.add_row([
                "inferred roles".to_owned(),
                n(self.inferred.added),
                n(0),
                n(self.inferred.known),
                n(0),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(comfy_table::CellAlignment::Right);
        }
        let mut notes = vec![counted(self.rows, "row read", "rows read")];
        notes.extend((self.blank_rows > 0).then(|| format!("{} blank", self.blank_rows)));
        notes
            .extend((self.unwanted_rows > 0).then(|| format!("{} not wanted", self.unwanted_rows)));
        let repeats = self.repeats.len() as u64;
        notes.extend((repeats > 0).then(|| counted(repeats, "repeated key", "repeated keys")));
        notes.push(format!("{} failed", self.faults.len()));
        let mut text = format!("{}\n{}", table.trim_fmt(), notes.join(", "));
        if ended_early {
            text.push_str("; it ended early, before all was imported");
        } else if self.rows == self.blank_rows {
            let below = if self.unit == "line" {
                " below the header"
            } else {
                ""
            };
            text.push_str(&format!("; there is nothing to import{below}"));
        } else if self.faults.is_empty() && !self.has_changes() {
            text.push_str("; nothing changed: everything was as the file says");
        }
        text
    }

    fn has_changes(&self) -> bool {
        self.inferred.added > 0
            || self
                .kinds
                .iter()
                .any(|(_, counts)| counts.created + counts.updated > 0)
    }

    fn as_json(&self, ended_early: bool) -> serde_json::Value {
        let kinds: serde_json::Map<String, serde_json::Value> = self
            .kinds
            .iter()
            .map(|(kind, Counts { created, updated, unchanged, failed })| {
                let counts =
                    json!({ "created": created, "updated": updated, "unchanged": unchanged, "failed": failed });
                (kind.collection().to_owned(), counts)
            })
            .collect();
        let fault = |(line, fault): &(u64, Fault)| {
            let kind = fault.kind.map(Kind::singular);
            let mut told = json!({ self.unit: line, "kind": kind, "column": fault.column, "reason": fault.reason });
            if let Some(last_line) = fault.last_line {
                told[format!("last_{}", self.unit)] = last_line.into();
            }
            told
        };
        let first = format!("first_{}", self.unit);
        let repeat = |(line, kind, first_line): &(u64, Kind, u64)| json!({ self.unit: line, "kind": kind.singular(), &first: first_line });
        json!({
            "ended_early": ended_early,
            "rows": self.rows,
            "blank_rows": self.blank_rows,
            "unwanted_rows": self.unwanted_rows,
            "failed_rows": self.faults.len(),
            "changed": self.has_changes(),
            "records": kinds,
            "inferred_roles": { "created": self.inferred.added, "unchanged": self.inferred.known },
            "repeated_keys": self.repeats.iter().map(repeat).collect::<Vec<_>>(),
            "faults": self.faults.iter().map(fault).collect::<Vec<_>>(),
        })
    }
}

fn n(count: u64) -> String {
    count.to_string()
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
