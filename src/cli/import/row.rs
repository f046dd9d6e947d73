//! One row of a file, and the records that a mapping makes of it.
//!
//! It owns when a row has a record of a kind at all. Nothing here talks to the server.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use prost_reflect::{DynamicMessage, Value};

use crate::cli::import::cell::Cell;
use crate::cli::import::fault::Fault;
use crate::cli::import::mapping::{Id, Mapping, Section};
use crate::cli::import::references::Lookup;
use crate::cli::import::rule::Given;
use crate::cli::import::target::{Element, Target};
use crate::name::Kind;

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
    /// The values; ids of other records until they are looked up.
    pub values: Vec<Value>,
    /// What the values refer to.
    pub lookup: Option<Lookup>,
    fill: bool,
    /// The column, for reports.
    pub column: Option<String>,
    /// Whether the values stood in the row. If not, they only fill what is empty.
    pub from_cell: bool,
}

impl Setting {
    /// Puts the values into a message. Without `overwrite`, what is there stays.
    pub fn put(&self, overwrite: bool, message: &mut DynamicMessage) {
        self.target.put(
            &self.values,
            overwrite && self.from_cell && !self.fill,
            message,
        );
    }

    /// Says whether a message has the values.
    pub fn is_in(&self, message: &DynamicMessage) -> bool {
        self.target.has(&self.values, message)
    }

    /// Says whether the record cannot be without them.
    pub fn is_required(&self) -> bool {
        self.target.is_required()
    }

    /// Returns the path in the record that the values were mapped to.
    pub fn path(&self) -> &str {
        &self.target.path
    }
}

/// Returns the records of a row.
///
/// # Errors
/// When a cell does not fit, or no record has a key.
pub fn drafts(mapping: &Mapping, cells: &[Cell]) -> Result<Vec<Draft>, Fault> {
    let mut drafts = Vec::new();
    for section in &mapping.sections {
        drafts.extend(draft(section, cells).map_err(|fault| Fault {
            kind: Some(section.kind),
            ..fault
        })?);
    }
    let has = |kind| drafts.iter().any(|draft: &Draft| draft.kind == kind);
    let linked = has(Kind::Customer) && has(Kind::Contact);
    drafts.retain(|draft| draft.kind != Kind::Affiliation || linked);
    if drafts.is_empty() {
        return Err(Fault::of_row(
            "has no key: the columns of the external ids are blank",
        ));
    }
    Ok(drafts)
}

/// Returns the record of one kind, if the row has one.
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
    let key = section
        .ids
        .first()
        .filter(|_| section.kind != Kind::Affiliation);
    let Some(key) = key else {
        return Ok(Some(draft));
    };
    let has_values = draft.settings().any(|setting| setting.from_cell);
    match external_id(key, cells)? {
        // People often share a row and a key with their firm; a row that tells nothing of a person has none.
        Some(_) if section.kind == Kind::Contact && !has_values && !section.fields.is_empty() => {
            Ok(None)
        }
        Some(_) => Ok(Some(draft)),
        None if has_values => {
            let column = key.source.name().map(str::to_owned);
            let reason = "is blank: without a key the record could not be found again";
            Err(Fault::of_record(section.kind, column, reason))
        }
        None => Ok(None),
    }
}

/// Returns the values that a row has for a record. A list element needs a cell that says something.
fn parts(section: &Section, cells: &[Cell]) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::new();
    for field in &section.fields {
        let column = field
            .rule
            .source
            .as_ref()
            .and_then(|source| source.name())
            .map(str::to_owned);
        if let Some(Given { values, from_cell }) = field.rule.given(cells, &field.target.end)? {
            let (target, lookup, fill) = (
                Arc::clone(&field.target),
                field.rule.lookup.clone(),
                field.rule.fill,
            );
            add(
                &mut parts,
                field.element.clone(),
                Setting {
                    target,
                    values,
                    lookup,
                    fill,
                    column,
                    from_cell,
                },
            );
        }
    }
    parts.retain(|part| match part {
        Part::Value(_) => true,
        Part::Element(_, settings) => settings.iter().any(|setting| setting.from_cell),
    });
    Ok(parts)
}

fn add(parts: &mut Vec<Part>, element: Option<Element>, setting: Setting) {
    let Some(element) = element else {
        return parts.push(Part::Value(setting));
    };
    for part in parts.iter_mut() {
        if let Part::Element(other, settings) = part
            && *other == element
        {
            return settings.push(setting);
        }
    }
    parts.push(Part::Element(element, vec![setting]));
}

fn external_id(id: &Id, cells: &[Cell]) -> Result<Option<ExternalId>, Fault> {
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

/// Makes an id of any text: as good as unique, and short.
fn digest(text: &str) -> String {
    let hex = blake3::hash(text.as_bytes()).to_hex();
    hex.as_str().chars().take(32).collect()
}

impl Draft {
    /// Returns all values.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.parts.iter().flat_map(|part| match part {
            Part::Value(setting) => std::slice::from_ref(setting),
            Part::Element(_, settings) => settings,
        })
    }

    /// Returns all values, to be changed.
    pub fn settings_mut(&mut self) -> impl Iterator<Item = &mut Setting> {
        self.parts.iter_mut().flat_map(|part| match part {
            Part::Value(setting) => std::slice::from_mut(setting),
            Part::Element(_, settings) => settings,
        })
    }

    /// Returns a number that two drafts of one key share if they say the same.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.ids.hash(&mut hasher);
        for setting in self.settings() {
            (setting.path(), format!("{:?}", setting.values)).hash(&mut hasher);
        }
        hasher.finish()
    }
}
