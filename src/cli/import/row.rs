//! One row of a file, and the records that a mapping makes of it.
//!
//! It owns when a row has a record of a kind at all. Nothing here talks to the server.

use std::sync::Arc;

use csv::ByteRecord;
use prost_reflect::{DynamicMessage, Value};

use super::mapping::{Id, Mapping, Section};
use super::rule::Given;
use super::target::{Element, Target};
use crate::name::Kind;

/// Why a row, or a record of it, was not imported. Never says what a cell holds.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The kind of record, where it is about one.
    pub kind: Option<Kind>,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// What is wrong.
    pub reason: String,
}

/// A record as a row has it.
#[derive(Clone)]
pub struct Draft {
    /// The kind.
    pub kind: Kind,
    /// The external ids that are not blank; the first one is the key. An affiliation may have none.
    pub ids: Vec<ExternalId>,
    /// The values.
    pub parts: Vec<Part>,
}

/// An external id: the system and the id.
pub type ExternalId = (String, String);

/// A value, or the values of one list element.
#[derive(Clone)]
pub enum Part {
    /// A value in the record itself.
    Value(Setting),
    /// What belongs to one element of a list.
    Element(Element, Vec<Setting>),
}

/// Values and where they go.
#[derive(Clone)]
pub struct Setting {
    target: Arc<Target>,
    values: Vec<Value>,
    /// The column, for reports.
    pub column: Option<String>,
    /// Whether the values stood in the row. If not, they only fill what is empty.
    pub from_cell: bool,
}

impl Setting {
    /// Puts the values into a message. Without `overwrite`, what is there stays.
    pub fn put(&self, overwrite: bool, message: &mut DynamicMessage) {
        self.target.put(&self.values, overwrite && self.from_cell, message);
    }

    /// Says whether a message has the values.
    pub fn is_in(&self, message: &DynamicMessage) -> bool {
        self.target.has(&self.values, message)
    }

    /// Returns the path in the record that the values were mapped to.
    pub fn path(&self) -> &str {
        &self.target.path
    }
}

impl Fault {
    fn of_row(reason: impl Into<String>) -> Fault {
        Fault { kind: None, column: None, reason: reason.into() }
    }
}

/// Returns the cells of a row; nothing when all are blank.
///
/// # Errors
/// When there are more or fewer than the header has, or one is no text.
pub fn cells(record: &ByteRecord, header: &[String]) -> Result<Option<Vec<String>>, Fault> {
    let mut cells = Vec::with_capacity(record.len());
    for (i, cell) in record.iter().enumerate() {
        let column = header.get(i).cloned();
        let bad = |reason: &str| Fault { kind: None, column: column.clone(), reason: reason.to_owned() };
        let text = std::str::from_utf8(cell).map_err(|_| bad("is not valid UTF-8"))?;
        if text.contains('\0') {
            return Err(bad("holds a NUL character"));
        }
        cells.push(text.to_owned());
    }
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(None);
    }
    let surplus = cells.iter().skip(header.len()).any(|cell| !cell.trim().is_empty());
    if cells.len() < header.len() || surplus {
        return Err(Fault::of_row(format!("has {} cells, the header has {}", cells.len(), header.len())));
    }
    Ok(Some(cells))
}

/// Returns the records of a row.
///
/// # Errors
/// When a cell does not fit, or no record has a key.
pub fn drafts(mapping: &Mapping, cells: &[String]) -> Result<Vec<Draft>, Fault> {
    let mut drafts = Vec::new();
    for section in &mapping.sections {
        drafts.extend(draft(section, cells).map_err(|fault| Fault { kind: Some(section.kind), ..fault })?);
    }
    let has = |kind| drafts.iter().any(|draft: &Draft| draft.kind == kind);
    let linked = has(Kind::Customer) && has(Kind::Contact);
    drafts.retain(|draft| draft.kind != Kind::Affiliation || linked);
    if drafts.is_empty() {
        return Err(Fault::of_row("has no key: the columns of the external ids are blank"));
    }
    Ok(drafts)
}

/// Returns the record of one kind, if the row has one.
fn draft(section: &Section, cells: &[String]) -> Result<Option<Draft>, Fault> {
    let ids: Vec<ExternalId> = section.ids.iter().filter_map(|id| external_id(id, cells)).collect();
    let draft = Draft { kind: section.kind, ids, parts: parts(section, cells)? };
    let key = section.ids.first().filter(|_| section.kind != Kind::Affiliation);
    let Some(key) = key else { return Ok(Some(draft)) };
    let has_values = draft.settings().any(|setting| setting.from_cell);
    match external_id(key, cells) {
        // People often share a row and a key with their firm; a row that tells nothing of a person has none.
        Some(_) if section.kind == Kind::Contact && !has_values && !section.fields.is_empty() => Ok(None),
        Some(_) => Ok(Some(draft)),
        None if has_values => Err(Fault {
            kind: None,
            column: Some(key.column.name.clone()),
            reason: "is blank: without a key the record could not be found again".to_owned(),
        }),
        None => Ok(None),
    }
}

/// Returns the values that a row has for a record. A list element needs a cell that says something.
fn parts(section: &Section, cells: &[String]) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::new();
    for field in &section.fields {
        let given = field.rule.given(cells, &field.target.end);
        let column = field.rule.column.as_ref().map(|column| column.name.clone());
        let given = given.map_err(|reason| Fault { kind: None, column: column.clone(), reason })?;
        if let Some(Given { values, from_cell }) = given {
            let target = Arc::clone(&field.target);
            add(&mut parts, field.element.clone(), Setting { target, values, column, from_cell });
        }
    }
    parts.retain(|part| match part {
        Part::Value(_) => true,
        Part::Element(_, settings) => settings.iter().any(|setting| setting.from_cell),
    });
    Ok(parts)
}

fn add(parts: &mut Vec<Part>, element: Option<Element>, setting: Setting) {
    let Some(element) = element else { return parts.push(Part::Value(setting)) };
    for part in parts.iter_mut() {
        if let Part::Element(other, settings) = part
            && *other == element
        {
            return settings.push(setting);
        }
    }
    parts.push(Part::Element(element, vec![setting]));
}

fn external_id(id: &Id, cells: &[String]) -> Option<ExternalId> {
    let text = cells.get(id.column.index)?.trim();
    (!text.is_empty()).then(|| (id.system.clone(), text.to_owned()))
}

impl Draft {
    /// Returns all values.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.parts.iter().flat_map(|part| match part {
            Part::Value(setting) => std::slice::from_ref(setting),
            Part::Element(_, settings) => settings,
        })
    }
}
