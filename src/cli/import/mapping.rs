//! The mapping file: how a row of a file becomes records.
//!
//! It owns the file's sections and their checks. Every fault is found here, before any row is read; a fault names its
//! key and says what is allowed. A section is named like the kind of record that it makes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;
use toml::Table;

use crate::cli::import::cell::Cell;
use crate::cli::import::claims::Titles;
use crate::cli::import::convert::Reading;
use crate::cli::import::fault::Fault;
use crate::cli::import::money::is_currency;
use crate::cli::import::references::Lookup;
use crate::cli::import::rule::{Common, Maps, Rule, read_map};
use crate::cli::import::source::{Column, Source, bind};
use crate::cli::import::target::{Element, Line, Target, lines};
use crate::cli::record::message_of;
use crate::mask::is_required;
use crate::name::Kind;
use crate::service::check::text::is_key;
use crate::when;

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    system: Option<String>,
    delimiter: Option<String>,
    records: Option<String>,
    time_zone: Option<String>,
    default_currency: Option<String>,
    decimal_mark: Option<String>,
    #[serde(default)]
    only: BTreeMap<String, Wanted>,
    #[serde(default)]
    maps: BTreeMap<String, Table>,
    customer: Option<Table>,
    contact: Option<Table>,
    affiliation: Option<Table>,
    colleague: Option<Table>,
    conversation: Option<Table>,
    promise: Option<Table>,
    note: Option<Table>,
    persona: Option<Table>,
    segment: Option<Table>,
    infer_role: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenId {
    system: Option<String>,
    column: Option<String>,
    template: Option<String>,
    #[serde(default)]
    digest: bool,
}

/// What a cell has to be.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, or a list of texts")]
enum Wanted {
    One(String),
    Several(Vec<String>),
}

/// A checked mapping.
pub struct Mapping {
    /// What separates the cells.
    pub delimiter: u8,
    /// Which list of a JSON file to read.
    pub records: Option<String>,
    /// What rows must say in some columns; the others are left out.
    pub only: Vec<(Column, Vec<String>)>,
    /// What a row becomes, in the order in which it is written.
    pub sections: Vec<Section>,
    /// Which job titles mean which roles, and the system that says so.
    pub titles: Option<Titles>,
}

/// How a row becomes a record of one kind.
pub struct Section {
    /// The kind.
    pub kind: Kind,
    /// The external ids; the first one is the key.
    pub ids: Vec<Id>,
    /// The fields.
    pub fields: Vec<Field>,
}

/// An external id: the system, and where the id stands.
pub struct Id {
    /// The system.
    pub system: String,
    /// The column or columns.
    pub source: Source,
    /// Whether the id is made of what stands there, rather than being it.
    pub digest: bool,
}

/// A field of a record, and where its value comes from.
pub struct Field {
    /// The list element it is about, if any.
    pub element: Option<Element>,
    /// Where the value goes.
    pub target: Arc<Target>,
    /// Where it comes from.
    pub rule: Rule,
}

/// Says in one line what is wrong with the text of a mapping, and where.
fn misread(text: &str, error: &toml::de::Error) -> anyhow::Error {
    let message = error.message().replace('\n', ", ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return anyhow!("{message}");
    };
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    anyhow!(
        "line {}, column {column}: {message}",
        before.matches('\n').count() + 1
    )
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// The first fault, with its key.
    pub fn read(path: &Path) -> anyhow::Result<Mapping> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Mapping::parse(&text).with_context(|| format!("the mapping {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Mapping> {
        let mut written: Written = toml::from_str(text).map_err(|error| misread(text, &error))?;
        let common = Common {
            reading: reading(&written)?,
            maps: maps(std::mem::take(&mut written.maps))?,
        };
        let system = written.system.as_deref();
        // References of a row to a record of the same row are found because that record is written before.
        let tables = [
            (Kind::Colleague, written.colleague),
            (Kind::Customer, written.customer),
            (Kind::Contact, written.contact),
            (Kind::Affiliation, written.affiliation),
            (Kind::Conversation, written.conversation),
            (Kind::Promise, written.promise),
            (Kind::Note, written.note),
            (Kind::Persona, written.persona),
            (Kind::Segment, written.segment),
        ];
        let mut sections = Vec::new();
        for (kind, table) in tables {
            if let Some(table) = table {
                let section = Section::read(kind, table, system, &common);
                sections.push(section.with_context(|| format!("[{}]", kind.singular()))?);
            }
        }
        check_sections(&sections)?;
        let titles = written
            .infer_role
            .map(|rules| Titles::read(rules, system))
            .transpose();
        let titles = titles.context("[infer_role]")?;
        if titles.is_some() && !sections.iter().any(|section| section.maps("job_title")) {
            bail!("[infer_role]: works on `job_title` of [affiliation], which is not mapped");
        }
        let delimiter = delimiter(written.delimiter.as_deref().unwrap_or(","))?;
        let only = written
            .only
            .into_iter()
            .map(|(column, wanted)| match wanted {
                Wanted::One(text) => (Column::new(&column, false), vec![text]),
                Wanted::Several(texts) => (Column::new(&column, false), texts),
            });
        Ok(Mapping {
            delimiter,
            records: written.records,
            only: only.collect(),
            sections,
            titles,
        })
    }

    /// Finds the columns in the header of a file.
    ///
    /// # Errors
    /// When columns are missing, or a name stands there twice.
    pub fn bind(&mut self, header: &[String], of_objects: bool) -> anyhow::Result<()> {
        let sections = self.sections.iter_mut().flat_map(|section| {
            let ids = section.ids.iter_mut().flat_map(|id| id.source.columns());
            let fields = section
                .fields
                .iter_mut()
                .filter_map(|field| field.rule.source.as_mut());
            ids.chain(fields.flat_map(|source| source.columns()))
        });
        bind(
            sections.chain(self.only.iter_mut().map(|(column, _)| column)),
            header,
            of_objects,
        )
    }

    /// Says whether a row is one of those that are wanted.
    ///
    /// # Errors
    /// When there is more than one value in a cell that says so.
    pub fn wants(&self, cells: &[Cell]) -> Result<bool, Fault> {
        for (column, texts) in &self.only {
            let cell = column.cell(cells)?;
            if !texts.iter().any(|text| *text == cell.text) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Says whether rows of the file make records that are found in this way, so that a later one may.
    pub fn makes(&self, lookup: &Lookup) -> bool {
        let makes = |section: &Section| section.kind == lookup.kind && !section.fields.is_empty();
        let mut ids = self
            .sections
            .iter()
            .filter(|section| makes(section))
            .flat_map(|section| &section.ids);
        ids.any(|id| id.system == lookup.system)
    }
}

fn maps(written: BTreeMap<String, Table>) -> anyhow::Result<Maps> {
    let named = |(name, map): (String, Table)| Ok((name.clone(), read_map(map).context(name)?));
    written
        .into_iter()
        .map(named)
        .collect::<anyhow::Result<_>>()
        .context("[maps]")
}

/// Reads how dates, times and amounts are written.
fn reading(written: &Written) -> anyhow::Result<Reading> {
    let mut reading = Reading::default();
    if let Some(name) = &written.time_zone {
        let zone = when::zone(name);
        reading.zone = zone
            .with_context(|| format!("time_zone: `{name}` is no zone such as America/New_York"))?;
    }
    if let Some(currency) = written.default_currency.as_ref() {
        if !is_currency(currency) {
            bail!("default_currency: `{currency}` is not three capital letters (ISO 4217)");
        }
        reading.amounts.currency = Some(currency.clone());
    }
    reading.amounts.decimal_mark = match written.decimal_mark.as_deref() {
        None | Some(".") => '.',
        Some(",") => ',',
        Some(_) => bail!("decimal_mark: expected `.` or `,`"),
    };
    Ok(reading)
}

/// Reads a delimiter: one ASCII character, or `tab`.
///
/// # Errors
/// When it is something else.
pub fn delimiter(text: &str) -> anyhow::Result<u8> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => bail!("delimiter: expected one character such as `;`, or `tab`"),
    }
}

fn check_sections(sections: &[Section]) -> anyhow::Result<()> {
    let has = |kind: Kind| sections.iter().any(|section| section.kind == kind);
    if sections.is_empty() {
        let kinds = Kind::ALL.map(|kind| format!("[{}]", kind.singular()));
        bail!(
            "says nothing of any record: needs one of {}",
            kinds.join(", ")
        );
    }
    let both = has(Kind::Customer) && has(Kind::Contact);
    if both != has(Kind::Affiliation) {
        bail!(
            "[affiliation] is needed with [customer] and [contact], to link the two; it may be empty, and needs both"
        );
    }
    Ok(())
}

impl Section {
    fn read(
        kind: Kind,
        mut table: Table,
        system: Option<&str>,
        common: &Common,
    ) -> anyhow::Result<Section> {
        let ids = table
            .remove("external_ids")
            .map(|ids| read_ids(ids, system))
            .transpose();
        let ids = ids.context("external_ids")?.unwrap_or_default();
        let mut fields = Vec::new();
        for Line {
            element,
            target,
            rule,
        } in lines(&message_of(kind), table, common)?
        {
            fields.push(Field {
                element,
                target: Arc::new(target),
                rule,
            });
        }
        // The keys of a table come sorted as text, where 10 stands before 2.
        fields.sort_by_key(|field| {
            (
                field.element.as_ref().map(|(_, index)| *index),
                field.target.index(),
            )
        });
        let section = Section { kind, ids, fields };
        let is_linked = kind == Kind::Affiliation;
        if section.ids.is_empty() && !is_linked {
            bail!(
                "needs `external_ids = [{{ system = ..., column = ... }}]`: a record is found again by the first one"
            );
        }
        let message = message_of(kind);
        let mut required = message.fields().filter(is_required);
        let missing = required.find(|field| !section.maps(field.name()));
        if let Some(missing) = missing.filter(|_| !section.fields.is_empty() && !is_linked) {
            bail!(
                "needs `{}`, without which no record can be made",
                missing.name()
            );
        }
        Ok(section)
    }

    /// Says whether a field, or an element of a list, is mapped.
    fn maps(&self, name: &str) -> bool {
        self.fields
            .iter()
            .any(|field| field.target.path.split('[').next() == Some(name))
    }
}

fn read_ids(written: toml::Value, default: Option<&str>) -> anyhow::Result<Vec<Id>> {
    let written: Vec<WrittenId> = written
        .try_into()
        .map_err(|error: toml::de::Error| anyhow!("{}", error.message()))?;
    let id = |WrittenId {
                  system,
                  column,
                  template,
                  digest,
              }| {
        let system = system
            .or(default.map(str::to_owned))
            .context("needs `system`, here or at the top")?;
        check_system(&system)?;
        let source = match (column, template) {
            (Some(column), None) => Source::column(&column, false),
            (None, Some(template)) => Source::template(&template, false)?,
            _ => bail!("needs either `column` or `template`"),
        };
        Ok(Id {
            system,
            source,
            digest,
        })
    };
    written.into_iter().map(id).collect()
}

/// Checks the name of a system.
///
/// # Errors
/// When it is not like `[a-z][a-z0-9_.-]{0,62}`.
pub fn check_system(system: &str) -> anyhow::Result<()> {
    if is_key(system, "_.-") {
        Ok(())
    } else {
        bail!("system: `{system}` is not like [a-z][a-z0-9_.-]{{0,62}}")
    }
}
