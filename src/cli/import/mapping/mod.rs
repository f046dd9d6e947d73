//! The mapping file: how the rows of a file become records.
//!
//! It owns the top of the file and the order of its sections. Every fault of a mapping is found before a row is read; an
//! error names the key and says what is allowed.

pub(crate) mod reference;
pub(crate) mod section;
pub(crate) mod target;
pub(crate) mod title_rules;

mod convert;
mod path;
mod pattern;
mod rule;
mod source;
mod system;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;
use toml::Table;

use crate::cli::import::cell::Cell;
use crate::cli::import::cell::money::check_currency;
use crate::cli::import::fault::Fault;
use crate::cli::import::mapping::convert::ValueFormat;
use crate::cli::import::mapping::reference::ExternalReference;
use crate::cli::import::mapping::rule::{MappingDefaults, NamedMaps, read_map};
use crate::cli::import::mapping::section::Section;
use crate::cli::import::mapping::source::{InputColumn, find_columns};
use crate::cli::import::mapping::title_rules::TitleRules;
use crate::name::Kind;
use crate::when;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingToml {
    system: Option<String>,
    delimiter: Option<String>,
    records: Option<String>,
    time_zone: Option<String>,
    default_currency: Option<String>,
    decimal_mark: Option<String>,
    #[serde(default)]
    only: BTreeMap<String, OneOrMore>,
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
#[serde(untagged, expecting = "expected a text, or a list of texts")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// A checked mapping.
pub(crate) struct Mapping {
    /// What separates the cells of a CSV file.
    pub(crate) delimiter: u8,
    /// Which list of a JSON file to read.
    pub(crate) records: Option<String>,
    /// The texts that some columns must have; all other rows are skipped.
    only: Vec<(InputColumn, Vec<String>)>,
    /// In the order in which the records of a row are written.
    pub(crate) sections: Vec<Section>,
    pub(crate) title_rules: Option<TitleRules>,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// The first fault, with its key.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Mapping> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Mapping::parse(&text).with_context(|| format!("the mapping {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Mapping> {
        let mut written: MappingToml =
            toml::from_str(text).map_err(|error| syntax_error(text, &error))?;
        let defaults = MappingDefaults {
            format: written.value_format()?,
            maps: read_maps(std::mem::take(&mut written.maps))?,
        };
        let sections = read_sections(&mut written, &defaults)?;
        check_sections(&sections)?;
        let title_rules = read_title_rules(&mut written, &sections).context("[infer_role]")?;
        let only = written.only.into_iter().map(|(column, texts)| {
            let texts = match texts {
                OneOrMore::One(text) => vec![text],
                OneOrMore::More(texts) => texts,
            };
            (InputColumn::new(&column, false), texts)
        });
        Ok(Mapping {
            delimiter: delimiter(written.delimiter.as_deref().unwrap_or(","))?,
            records: written.records,
            only: only.collect(),
            sections,
            title_rules,
        })
    }

    /// Finds the columns in the header of a file.
    ///
    /// # Errors
    /// If columns are missing or ambiguous.
    pub(crate) fn find_columns(&mut self, header: &[String], is_json: bool) -> anyhow::Result<()> {
        let columns = self.sections.iter_mut().flat_map(Section::columns_mut);
        let only = self.only.iter_mut().map(|(column, _)| column);
        find_columns(columns.chain(only), header, is_json)
    }

    /// Says whether a row passes `[only]`.
    ///
    /// # Errors
    /// If such a cell does not hold a single value.
    pub(crate) fn selects(&self, cells: &[Cell]) -> Result<bool, Fault> {
        for (column, texts) in &self.only {
            let cell = column.cell(cells)?;
            if !texts.iter().any(|text| *text == cell.text) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Says whether a later row of the file may make a record that a reference means.
    pub(crate) fn may_make(&self, reference: &ExternalReference) -> bool {
        self.sections
            .iter()
            .filter(|section| section.kind == reference.kind && !section.fields.is_empty())
            .flat_map(|section| &section.ids)
            .any(|id| id.system == reference.system)
    }
}

impl MappingToml {
    /// Returns how dates, times and amounts are written.
    fn value_format(&self) -> anyhow::Result<ValueFormat> {
        let mut format = ValueFormat::default();
        if let Some(name) = &self.time_zone {
            format.zone = when::zone(name).with_context(|| {
                format!("time_zone: `{name}` is not a zone such as America/New_York")
            })?;
        }
        if let Some(currency) = &self.default_currency {
            check_currency(currency).context("default_currency")?;
            format.money.currency = Some(currency.clone());
        }
        format.money.decimal_mark = match self.decimal_mark.as_deref() {
            None | Some(".") => '.',
            Some(",") => ',',
            Some(_) => bail!("decimal_mark: expected `.` or `,`"),
        };
        Ok(format)
    }
}

/// Returns the sections in an order in which a record comes before those of the same row that refer to it.
fn read_sections(
    written: &mut MappingToml,
    defaults: &MappingDefaults,
) -> anyhow::Result<Vec<Section>> {
    let tables = [
        (Kind::Colleague, written.colleague.take()),
        (Kind::Customer, written.customer.take()),
        (Kind::Contact, written.contact.take()),
        (Kind::Affiliation, written.affiliation.take()),
        (Kind::Conversation, written.conversation.take()),
        (Kind::Promise, written.promise.take()),
        (Kind::Note, written.note.take()),
        (Kind::Persona, written.persona.take()),
        (Kind::Segment, written.segment.take()),
    ];
    let mut sections = Vec::new();
    for (kind, table) in tables {
        if let Some(table) = table {
            let section = Section::read(kind, table, written.system.as_deref(), defaults);
            sections.push(section.with_context(|| format!("[{}]", kind.singular()))?);
        }
    }
    Ok(sections)
}

fn check_sections(sections: &[Section]) -> anyhow::Result<()> {
    let has = |kind: Kind| sections.iter().any(|section| section.kind == kind);
    if sections.is_empty() {
        let kinds = Kind::ALL.map(|kind| format!("[{}]", kind.singular()));
        bail!("has no section: needs one of {}", kinds.join(", "));
    }
    let has_both = has(Kind::Customer) && has(Kind::Contact);
    if has_both != has(Kind::Affiliation) {
        bail!(
            "[affiliation] is needed with [customer] and [contact], to link the two; it may be empty, and needs both"
        );
    }
    Ok(())
}

fn read_title_rules(
    written: &mut MappingToml,
    sections: &[Section],
) -> anyhow::Result<Option<TitleRules>> {
    let Some(rules) = written.infer_role.take() else {
        return Ok(None);
    };
    let rules = TitleRules::read(rules, written.system.as_deref())?;
    if !sections
        .iter()
        .any(|section| section.has_field("job_title"))
    {
        bail!("works on `job_title` of [affiliation], which is not mapped");
    }
    Ok(Some(rules))
}

fn read_maps(written: BTreeMap<String, Table>) -> anyhow::Result<NamedMaps> {
    written
        .into_iter()
        .map(|(name, map)| Ok((name.clone(), read_map(map).context(name)?)))
        .collect::<anyhow::Result<_>>()
        .context("[maps]")
}

/// Reads a delimiter: one ASCII character, or `tab`.
///
/// # Errors
/// If it is anything else.
pub(crate) fn delimiter(text: &str) -> anyhow::Result<u8> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => bail!("delimiter: expected one character such as `;`, or `tab`"),
    }
}

/// Says in one line what is wrong with the TOML of a mapping, and where.
fn syntax_error(text: &str, error: &toml::de::Error) -> anyhow::Error {
    let message = error.message().replace('\n', ", ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return anyhow!("{message}");
    };
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    anyhow!("line {line}, column {column}: {message}")
}
