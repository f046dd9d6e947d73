//! The objects of a JSON file: one list of them, perhaps inside of objects, or one object a line (JSON Lines).
//!
//! Numbers keep the digits they are written with: an id of many digits is a number to whoever wrote the file, and would
//! be another one as a double.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{anyhow, bail};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::row::Fault;

/// What separates the values of a list where they stand in one cell.
const LIST_SEPARATOR: &str = "\n";
/// How deep lists and objects may stand in each other.
const MOST_DEEP: usize = 32;

/// A value of JSON.
pub enum Json {
    /// A text, a number as it is written, true or false; null is the empty text.
    Plain(String),
    /// A list.
    List(Vec<Json>),
    /// An object, in the order of the file.
    Object(Vec<(String, Json)>),
}

/// Reads the records of a file. `path` says in which objects the list of them is; `is_lines` that the file's name says
/// that it has an object a line.
///
/// # Errors
/// When it is no JSON, or has no such list. The error names places and keys that lead to lists, and no value.
pub fn records(text: &str, path: Option<&str>, is_lines: bool) -> anyhow::Result<Vec<Json>> {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        // The message of an error may repeat a value; its place does not.
        let value = value.map_err(|error| anyhow!("is not JSON: line {}, column {}", error.line(), error.column()))?;
        values.push(read(value, MOST_DEEP)?);
    }
    match (values.len(), values.pop()) {
        (0, _) => bail!("is not JSON: it is empty"),
        (1, Some(value)) if path.is_some() || !is_lines => list_in(value, path),
        (_, last) if path.is_none() => Ok(values.into_iter().chain(last).collect()),
        _ => bail!("has an object a line, in which `records` of the mapping has no meaning"),
    }
}

/// Finds the list in the one value of a file.
fn list_in(mut value: Json, path: Option<&str>) -> anyhow::Result<Vec<Json>> {
    for key in path.iter().flat_map(|path| path.split('.')) {
        let Json::Object(fields) = value else { bail!("`{key}`, of `records`, is not in it") };
        let there = told_lists(&fields);
        let inner = fields.into_iter().find(|(name, _)| name == key).map(|(_, inner)| inner);
        value = inner.ok_or_else(|| anyhow!("has no `{key}`, which `records` names; it has {there}"))?;
    }
    match value {
        Json::List(records) => Ok(records),
        Json::Object(fields) if path.is_none() && lists("", &fields).is_empty() => Ok(vec![Json::Object(fields)]),
        Json::Object(fields) if path.is_none() => bail!(
            "is no list of records: say which one to read, with `records` at the top of the mapping: {}",
            told_lists(&fields)
        ),
        _ => bail!("is no list of records"),
    }
}

/// Returns the paths to lists of objects. Other keys are not told: they can be about people.
fn lists(path: &str, fields: &[(String, Json)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in fields {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match value {
            Json::List(values) if values.iter().all(|value| matches!(value, Json::Object(_))) => found.push(path),
            Json::Object(fields) => found.extend(lists(&path, fields)),
            _ => {}
        }
    }
    found
}

fn told_lists(fields: &[(String, Json)]) -> String {
    let lists: Vec<String> = lists("", fields).iter().map(|path| format!("`{path}`")).collect();
    if lists.is_empty() { "no list of objects".to_owned() } else { lists.join(", ") }
}

fn read(value: &RawValue, most_deep: usize) -> anyhow::Result<Json> {
    let text = value.get();
    if most_deep == 0 {
        bail!("has lists and objects more than {MOST_DEEP} deep");
    }
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let Entries(entries) = serde_json::from_str(text)?;
            let read = entries.into_iter().map(|(name, value)| Ok((name, read(value, most_deep - 1)?)));
            Json::Object(read.collect::<anyhow::Result<_>>()?)
        }
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(text)?;
            Json::List(values.into_iter().map(|value| read(value, most_deep - 1)).collect::<anyhow::Result<_>>()?)
        }
        Some(b'"') => Json::Plain(serde_json::from_str(text)?),
        Some(b'n') => Json::Plain(String::new()),
        _ => Json::Plain(text.to_owned()),
    })
}

/// The fields of an object in the order of the file, also those that stand there twice.
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

/// Returns the columns that records make together: a column for each place in them, in the order in which they come.
pub fn header(records: &[Json]) -> Vec<String> {
    let mut places = BTreeMap::new();
    for record in records {
        flatten("", record, &mut |path, _| {
            let n = places.len();
            places.entry(path.to_owned()).or_insert(n);
        });
    }
    let mut header: Vec<(usize, String)> = places.into_iter().map(|(path, at)| (at, path)).collect();
    header.sort();
    header.into_iter().map(|(_, path)| path).collect()
}

/// Returns the cells of a record; nothing when all are blank.
pub fn cells(record: &Json, header: &[String]) -> Result<Option<Vec<String>>, Fault> {
    if !matches!(record, Json::Object(_)) {
        return Err(Fault::of_row("is no object"));
    }
    let (mut values, mut twice) = (BTreeMap::new(), None);
    flatten("", record, &mut |path, text| {
        if values.insert(path.to_owned(), text).is_some() {
            twice.get_or_insert_with(|| path.to_owned());
        }
    });
    if let Some(path) = twice {
        return Err(Fault::of_column(&path, "stands there twice"));
    }
    if let Some((path, _)) = values.iter().find(|(_, text)| text.contains('\0')) {
        return Err(Fault::of_column(path, "holds a NUL character"));
    }
    if values.values().all(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    Ok(Some(header.iter().map(|name| values.remove(name).unwrap_or_default()).collect()))
}

/// Shows every value in a record with its place, such as `address.city` or `emails[0].email`. A list of plain values is
/// shown as a whole, too.
fn flatten(path: &str, value: &Json, show: &mut dyn FnMut(&str, String)) {
    match value {
        Json::Plain(text) => show(path, text.clone()),
        Json::List(values) => {
            for (i, value) in values.iter().enumerate() {
                flatten(&format!("{path}[{i}]"), value, show);
            }
            let plain = values.iter().map(|value| match value {
                Json::Plain(text) => Some(text.as_str()),
                _ => None,
            });
            if let Some(texts) = plain.collect::<Option<Vec<_>>>() {
                show(path, texts.join(LIST_SEPARATOR));
            }
        }
        Json::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, show);
            }
        }
    }
}
