//! Drafts: the records that a row of a file describes, before they meet what is stored.
//!
//! It owns when a row describes a record of a kind at all. Nothing here talks to the server.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use prost_reflect::{DynamicMessage, Value};

use crate::cli::import::cell::Cell;
use crate::cli::import::fault::Fault;
use crate::cli::import::mapping::Mapping;
use crate::cli::import::mapping::reference::ExternalReference;
use crate::cli::import::mapping::section::{IdMapping, Section};
use crate::cli::import::mapping::target::{ListElement, Target};
use crate::name::Kind;

#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    /// The external ids that are not blank; the first one is the key. An affiliation may have none.
    pub(crate) ids: Vec<ExternalId>,
    pub(crate) parts: Vec<DraftPart>,
}

/// The system and the id.
pub(crate) type ExternalId = (String, String);

#[derive(Clone)]
pub(crate) enum DraftPart {
    /// Belongs to the record itself.
    Field(Assignment),
    /// All that belongs to one element of a list.
    Element(ListElement, Vec<Assignment>),
}

/// Values and where they go.
#[derive(Clone)]
pub(crate) struct Assignment {
    target: Arc<Target>,
    /// The values; the ids of other records until references are resolved.
    pub(crate) values: Vec<Value>,
    /// What the values refer to.
    pub(crate) reference: Option<ExternalReference>,
    fill: bool,
    /// The column, for reports.
    pub(crate) column: Option<String>,
    /// Whether the values come from a cell. If not, they only fill what is empty.
    pub(crate) from_cell: bool,
}

impl Assignment {
    /// Puts the values into a message. Without `overwrite` a value that is already there stays.
    pub(crate) fn put(&self, overwrite: bool, message: &mut DynamicMessage) {
        let overwrite = overwrite && self.from_cell && !self.fill;
        self.target.put(&self.values, overwrite, message);
    }

    /// Says whether a message already has the values.
    pub(crate) fn is_in(&self, message: &DynamicMessage) -> bool {
        self.target.has(&self.values, message)
    }

    /// Says whether the record cannot exist without the field.
    pub(crate) fn is_required(&self) -> bool {
        self.target.is_required()
    }

    /// Returns the path of the field in the record.
    pub(crate) fn path(&self) -> &str {
        &self.target.path
    }
}

impl Draft {
    pub(crate) fn assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.parts.iter().flat_map(|part| match part {
            DraftPart::Field(assignment) => std::slice::from_ref(assignment),
            DraftPart::Element(_, assignments) => assignments,
        })
    }

    pub(crate) fn assignments_mut(&mut self) -> impl Iterator<Item = &mut Assignment> {
        self.parts.iter_mut().flat_map(|part| match part {
            DraftPart::Field(assignment) => std::slice::from_mut(assignment),
            DraftPart::Element(_, assignments) => assignments,
        })
    }

    /// Returns a hash that is the same for drafts of the same content.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.ids.hash(&mut hasher);
        for assignment in self.assignments() {
            assignment.path().hash(&mut hasher);
            format!("{:?}", assignment.values).hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// Returns the records that a row describes.
///
/// # Errors
/// If a cell does not fit, or no record has a key.
pub(crate) fn drafts(mapping: &Mapping, cells: &[Cell]) -> Result<Vec<Draft>, Fault> {
    let mut drafts = Vec::new();
    for section in &mapping.sections {
        let draft = draft(section, cells).map_err(|fault| Fault {
            kind: Some(section.kind),
            ..fault
        });
        drafts.extend(draft?);
    }
    let has = |kind| drafts.iter().any(|draft: &Draft| draft.kind == kind);
    let has_both = has(Kind::Customer) && has(Kind::Contact);
    drafts.retain(|draft| draft.kind != Kind::Affiliation || has_both);
    if drafts.is_empty() {
        return Err(Fault::of_row(
            "has no key: the columns of the external ids are blank",
        ));
    }
    Ok(drafts)
}

/// Returns the record of one kind, if the row describes one.
fn draft(section: &Section, cells: &[Cell]) -> Result<Option<Draft>, Fault> {
    let mut ids = Vec::new();
    for id in &section.ids {
        ids.extend(external_id(id, cells)?);
    }
    let draft = Draft {
        kind: section.kind,
        ids,
        parts: parts(section, cells)?,
    };
    let key = match section.ids.first() {
        Some(key) if section.kind != Kind::Affiliation => key,
        _ => return Ok(Some(draft)),
    };
    let has_key = external_id(key, cells)?.is_some();
    let has_values = draft.assignments().any(|assignment| assignment.from_cell);
    // People often share a row and a key with their firm; a row that says nothing about a person describes none.
    let is_firm_only = section.kind == Kind::Contact && !has_values && !section.fields.is_empty();
    match (has_key, has_values) {
        (true, _) => Ok((!is_firm_only).then_some(draft)),
        (false, false) => Ok(None),
        (false, true) => {
            let column = key.source.name().map(str::to_owned);
            let reason = "is blank: without a key the record could not be found again";
            Err(Fault::of_record(section.kind, column, reason))
        }
    }
}

/// Returns the values that a row has for a record. A list element needs at least one from a cell.
fn parts(section: &Section, cells: &[Cell]) -> Result<Vec<DraftPart>, Fault> {
    let mut parts = Vec::new();
    for field in &section.fields {
        let Some(given) = field.rule.values(cells, &field.target.slot)? else {
            continue;
        };
        let assignment = Assignment {
            target: Arc::clone(&field.target),
            values: given.values,
            reference: field.rule.reference.clone(),
            fill: field.rule.fill,
            column: field.rule.column(),
            from_cell: given.from_cell,
        };
        match &field.element {
            None => parts.push(DraftPart::Field(assignment)),
            Some(element) => add_to_element(&mut parts, element, assignment),
        }
    }
    parts.retain(|part| match part {
        DraftPart::Field(_) => true,
        DraftPart::Element(_, assignments) => {
            assignments.iter().any(|assignment| assignment.from_cell)
        }
    });
    Ok(parts)
}

fn add_to_element(parts: &mut Vec<DraftPart>, element: &ListElement, assignment: Assignment) {
    for part in parts.iter_mut() {
        if let DraftPart::Element(other, assignments) = part
            && other == element
        {
            return assignments.push(assignment);
        }
    }
    parts.push(DraftPart::Element(element.clone(), vec![assignment]));
}

fn external_id(id: &IdMapping, cells: &[Cell]) -> Result<Option<ExternalId>, Fault> {
    let text = id.source.id(cells, id.digest)?;
    if text.is_empty() {
        return Ok(None);
    }
    let text = if id.digest {
        digest(&text)
    } else {
        text.into_owned()
    };
    Ok(Some((id.system.clone(), text)))
}

/// Makes a short id of any text, as good as unique: 128 bits of its hash.
fn digest(text: &str) -> String {
    let hex = blake3::hash(text.as_bytes()).to_hex();
    hex.as_str().chars().take(32).collect()
}
