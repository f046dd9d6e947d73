//! The objects of a JSON file: one list of them, perhaps inside of objects, or one object a line (JSON Lines).
//!
//! Numbers keep the digits they are written with: an id of many digits is a number to whoever wrote the file, and would
//! be another one as a double. Keys can be people's data, too: one is told only if it looks like the name of a field.

use std::fmt;

use anyhow::{anyhow, bail};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::cli::import::cell::{Cell, CellType};
use crate::cli::import::fault::Fault;

/// How deep lists and objects may stand in each other.
const MOST_DEEP: usize = 32;
/// The longest key that is told.
const MOST_TOLD: usize = 40;

const TOO_DEEP: &str = "nests lists and objects more than 32 levels deep";
const NO_TEXT: &str = "has an escape in a text that stands for no character";

/// A value of JSON.
pub enum Json {
    /// A text, a number, true or false; null is the empty text.
    Plain(Cell),
    /// A list.
    List(Vec<Json>),
    /// An object, in the order of the file.
    Object(Vec<(String, Json)>),
}

/// A record, or why it cannot be read.
pub type Record = Result<Json, Fault>;

/// Reads the records of a file. `path` says in which objects the list of them is; `is_lines` that the file's name says
/// that it has an object a line.
///
/// # Errors
/// When it is no JSON, or has no such list. The error names places and keys that lead to lists, and no value.
pub fn records(text: &str, path: Option<&str>, is_lines: bool) -> anyhow::Result<Vec<Record>> {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        // The message of an error may repeat a value; its place does not.
        let place = |error: serde_json::Error| {
            anyhow!(
                "is not JSON: line {}, column {}",
                error.line(),
                error.column()
            )
        };
        values.push(value.map_err(place)?);
    }
    let records = match (&values[..], path) {
        ([], _) if is_lines => values,
        ([], _) => bail!("is not JSON: it is empty"),
        ([value], _) if path.is_some() || !is_lines => list_in(value, path)?,
        (_, None) => values,
        _ => bail!("has one object per line: remove `records` from the mapping"),
    };
    Ok(records
        .into_iter()
        .map(|value| read(value, MOST_DEEP).map_err(Bad::told))
        .collect())
}

/// Finds the list in the one value of a file.
fn list_in<'a>(mut value: &'a RawValue, path: Option<&str>) -> anyhow::Result<Vec<&'a RawValue>> {
    for key in path.iter().flat_map(|path| path.split('.')) {
        let Some(fields) = fields(value) else {
            bail!("`{key}`, of `records`, is not in it")
        };
        let mut found = fields.iter().filter(|(name, _)| name == key);
        value = match (found.next(), found.next()) {
            (Some((_, inner)), None) => inner,
            (Some(_), Some(_)) => bail!("has `{key}`, which `records` names, twice"),
            (None, _) => bail!(
                "has no `{key}`, which `records` names; it has {}",
                told_lists(&fields)
            ),
        };
    }
    if let Some(records) = elements(value) {
        return Ok(records);
    }
    match fields(value) {
        Some(fields) if path.is_none() && is_record(&fields) => Ok(vec![value]),
        Some(fields) if path.is_none() => bail!(
            "is no list of records: say which one to read, with `records` at the top of the mapping: {}; or write [ \
             before it and ] behind it, if all of it is one record",
            told_lists(&fields)
        ),
        _ => bail!("is no list of records"),
    }
}

/// Says whether an object is one record rather than what holds a list of them. An empty list may be one of anything.
fn is_record(fields: &[(String, &RawValue)]) -> bool {
    let is_plain = |value: &RawValue| !value.get().starts_with(['{', '[']);
    let mut lists = lists("", fields, MOST_DEEP);
    if fields.iter().any(|(_, value)| is_plain(value)) {
        lists.retain(|(_, is_empty)| !is_empty);
    }
    lists.is_empty()
}

/// Returns the paths to lists of objects, and whether they are empty. Other keys are not told.
fn lists(path: &str, entries: &[(String, &RawValue)], most_deep: usize) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (name, value) in entries.iter().filter(|_| most_deep > 0) {
        let path = join(path, name);
        if let Some(values) = elements(value) {
            if values.iter().all(|value| value.get().starts_with('{')) {
                found.push((path, values.is_empty()));
            }
        } else if let Some(entries) = fields(value) {
            found.extend(lists(&path, &entries, most_deep - 1));
        }
    }
    found
}

fn told_lists(fields: &[(String, &RawValue)]) -> String {
    let lists = lists("", fields, MOST_DEEP);
    if lists.is_empty() {
        "no list of objects".to_owned()
    } else {
        told_all(lists.iter().map(|(path, _)| path))
    }
}

/// Returns paths in a row, those that can be told once each.
pub fn told_all<'a>(paths: impl Iterator<Item = &'a String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for path in paths.map(|path| format!("`{}`", told(path))) {
        if !all.contains(&path) {
            all.push(path);
        }
    }
    all.join(", ")
}

/// Returns a path, or a mark in its place when one of its keys may be people's data, such as an e-mail address. A key
/// may hold points, so no part of such a path is told.
pub fn told(path: &str) -> &str {
    let is_told = |key: &str| {
        let name = key.split('[').next().unwrap_or_default();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        name.len() <= MOST_TOLD
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(fits)
            && key[name.len()..]
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '[' | ']'))
    };
    if path.split('.').all(is_told) {
        path
    } else {
        "…"
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Why a value cannot be read, and at which place in the record.
struct Bad {
    path: String,
    reason: &'static str,
}

impl Bad {
    fn inside(self, key: &str) -> Bad {
        let is_list = self.path.is_empty() || self.path.starts_with('[');
        let path = if is_list {
            format!("{key}{}", self.path)
        } else {
            format!("{key}.{}", self.path)
        };
        Bad { path, ..self }
    }

    fn told(self) -> Fault {
        // The path to what is too deep is no help.
        if self.path.is_empty() || self.reason == TOO_DEEP {
            return Fault::of_row(self.reason);
        }
        Fault::of_column(told(&self.path), self.reason)
    }
}

/// Reads a value of which it is known that it is JSON. What can be wrong then is an escape, or how deep it is.
fn read(value: &RawValue, most_deep: usize) -> Result<Json, Bad> {
    let bad = |reason| Bad {
        path: String::new(),
        reason,
    };
    let text = value.get();
    if most_deep == 0 {
        return Err(bad(TOO_DEEP));
    }
    let deeper = |value| read(value, most_deep - 1);
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let entries = fields(value).ok_or_else(|| bad(NO_TEXT))?.into_iter();
            let read = entries.map(|(name, value)| match deeper(value) {
                Ok(value) => Ok((name, value)),
                Err(bad) => Err(bad.inside(&name)),
            });
            Json::Object(read.collect::<Result<_, _>>()?)
        }
        Some(b'[') => {
            let values = elements(value)
                .ok_or_else(|| bad(NO_TEXT))?
                .into_iter()
                .enumerate();
            let read =
                values.map(|(i, value)| deeper(value).map_err(|bad| bad.inside(&format!("[{i}]"))));
            Json::List(read.collect::<Result<_, _>>()?)
        }
        Some(b'"') => Json::Plain(Cell::text(
            serde_json::from_str::<String>(text).map_err(|_| bad(NO_TEXT))?,
        )),
        Some(b'n') => Json::Plain(Cell::default()),
        Some(b't' | b'f') => Json::Plain(Cell {
            text: text.to_owned(),
            cell_type: CellType::Truth,
        }),
        _ => Json::Plain(Cell::number(text)),
    })
}

/// Returns the fields of an object, in the order of the file, also those that stand there twice.
fn fields(value: &RawValue) -> Option<Vec<(String, &RawValue)>> {
    serde_json::from_str(value.get())
        .ok()
        .map(|Entries(entries)| entries)
}

/// Returns the elements of a list.
fn elements(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entries<'de>, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
