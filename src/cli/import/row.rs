//! One row of a file, and the records that a mapping makes of it.
//!
//! It owns when a row has a record of a kind at all. Nothing here talks to the server.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use prost_reflect::{DynamicMessage, Value};

use super::lookup::Lookup;
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
        self.target.put(&self.values, overwrite && self.from_cell && !self.fill, message);
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

impl Fault {
    /// A fault of a whole row.
    pub fn of_row(reason: impl Into<String>) -> Fault {
        Fault { kind: None, column: None, reason: reason.into() }
    }

    /// A fault of one cell.
    pub fn of_column(column: &str, reason: &str) -> Fault {
        Fault { kind: None, column: Some(column.to_owned()), reason: reason.to_owned() }
    }
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
    let mut ids = Vec::new();
    for id in &section.ids {
        ids.extend(external_id(id, cells)?);
    }
    let draft = Draft { kind: section.kind, ids, parts: parts(section, cells)? };
    let key = section.ids.first().filter(|_| section.kind != Kind::Affiliation);
    let Some(key) = key else { return Ok(Some(draft)) };
    let has_values = draft.settings().any(|setting| setting.from_cell);
    match external_id(key, cells)? {
        // People often share a row and a key with their firm; a row that tells nothing of a person has none.
        Some(_) if section.kind == Kind::Contact && !has_values && !section.fields.is_empty() => Ok(None),
        Some(_) => Ok(Some(draft)),
        None if has_values => Err(Fault {
            kind: None,
            column: key.source.name().map(str::to_owned),
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
        let column = field.rule.source.as_ref().and_then(|source| source.name()).map(str::to_owned);
        let given = given.map_err(|reason| Fault { kind: None, column: column.clone(), reason })?;
        if let Some(Given { values, from_cell }) = given {
            let (target, lookup, fill) = (Arc::clone(&field.target), field.rule.lookup.clone(), field.rule.fill);
            add(&mut parts, field.element.clone(), Setting { target, values, lookup, fill, column, from_cell });
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

fn external_id(id: &Id, cells: &[String]) -> Result<Option<ExternalId>, Fault> {
    let text = id.source.text(cells);
    if text.is_empty() {
        return Ok(None);
    }
    if id.digest {
        return Ok(Some((id.system.clone(), digest(&text))));
    }
    if is_cut(&text) {
        return Err(Fault { kind: None, column: id.source.name().map(str::to_owned), reason: CUT.to_owned() });
    }
    Ok(Some((id.system.clone(), text.into_owned())))
}

/// What is said of an id that [`is_cut`].
pub const CUT: &str =
    "is a number that a spreadsheet cut short, such as 4.5E+05, and no id: export the column as text, with all digits";

/// Says whether a text is a number as spreadsheets write one that has no room: many ids become the same.
pub fn is_cut(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let is_signed = |digits: &str| digits.len() <= 3 && are_digits(digits);
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    whole.len() <= 3
        && are_digits(whole)
        && are_digits(decimals)
        && exponent.strip_prefix(['+', '-']).is_some_and(is_signed)
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
