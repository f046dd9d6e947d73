//! The records of a JSON file: one list of objects, perhaps nested in objects, or one object per line (JSON Lines).
//!
//! Numbers keep the digits they are written with: a long id may be written as a number, and a double would change it.

use std::fmt;

use anyhow::{anyhow, bail};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::cli::import::cell::{Cell, CellType};
use crate::cli::import::fault::Fault;
use crate::cli::import::shown_keys::{shown_key, shown_keys};

/// How deep lists and objects may be nested.
const MAX_DEPTH: usize = 32;

const TOO_DEEP: &str = "nests lists and objects more than 32 levels deep";
const BAD_ESCAPE: &str = "has an invalid escape in a text";

pub(crate) enum JsonValue {
    /// A text, a number, true or false; null is the empty text.
    Plain(Cell),
    List(Vec<JsonValue>),
    /// The fields in the order of the file.
    Object(Vec<(String, JsonValue)>),
}

/// A record, or why it cannot be read.
pub(crate) type JsonRecord = Result<JsonValue, Fault>;

/// Reads the records of a file. `path` leads to the list of them; `is_lines` means that the name of the file promises one
/// object per line.
///
/// # Errors
/// If the text is not JSON, or has no such list. The error names positions and the keys of lists, and no value.
pub(crate) fn records(
    text: &str,
    path: Option<&str>,
    is_lines: bool,
) -> anyhow::Result<Vec<JsonRecord>> {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        // The message of such an error may repeat a value; its position does not.
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
        .map(|value| read(value, MAX_DEPTH).map_err(JsonProblem::into_fault))
        .collect())
}

/// Finds the list of records in the only value of a file.
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
                shown_lists(&fields)
            ),
        };
    }
    if let Some(records) = elements(value) {
        return Ok(records);
    }
    match fields(value) {
        Some(fields) if path.is_none() && is_record(&fields) => Ok(vec![value]),
        Some(fields) if path.is_none() => bail!(
            "is not a list of records: name the one to read with `records` at the top of the mapping: {}; or write [ \
             before it and ] behind it, if all of it is one record",
            shown_lists(&fields)
        ),
        _ => bail!("is not a list of records"),
    }
}

/// Says whether an object is a record rather than a wrapper of a list of records. An empty list may hold anything.
fn is_record(fields: &[(String, &RawValue)]) -> bool {
    let is_plain = |value: &RawValue| !value.get().starts_with(['{', '[']);
    let mut lists = lists("", fields, MAX_DEPTH);
    if fields.iter().any(|(_, value)| is_plain(value)) {
        lists.retain(|(_, is_empty)| !is_empty);
    }
    lists.is_empty()
}

/// Returns the paths to lists of objects, and whether each is empty.
fn lists(path: &str, entries: &[(String, &RawValue)], max_depth: usize) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (name, value) in entries.iter().filter(|_| max_depth > 0) {
        let path = join(path, name);
        if let Some(values) = elements(value) {
            if values.iter().all(|value| value.get().starts_with('{')) {
                found.push((path, values.is_empty()));
            }
        } else if let Some(entries) = fields(value) {
            found.extend(lists(&path, &entries, max_depth - 1));
        }
    }
    found
}

fn shown_lists(fields: &[(String, &RawValue)]) -> String {
    let lists = lists("", fields, MAX_DEPTH);
    if lists.is_empty() {
        "no list of objects".to_owned()
    } else {
        shown_keys(lists.iter().map(|(path, _)| path))
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Why a value cannot be read, and where in the record it is.
struct JsonProblem {
    path: String,
    reason: &'static str,
}

impl JsonProblem {
    fn inside(self, key: &str) -> JsonProblem {
        let is_list = self.path.is_empty() || self.path.starts_with('[');
        let path = if is_list {
            format!("{key}{}", self.path)
        } else {
            format!("{key}.{}", self.path)
        };
        JsonProblem { path, ..self }
    }

    fn into_fault(self) -> Fault {
        // A path of more than 32 keys is no help.
        if self.path.is_empty() || self.reason == TOO_DEEP {
            return Fault::of_row(self.reason);
        }
        Fault::of_column(shown_key(&self.path), self.reason)
    }
}

/// Reads a value that is known to be JSON. Only an escape or its depth can still be wrong.
fn read(value: &RawValue, max_depth: usize) -> Result<JsonValue, JsonProblem> {
    let problem = |reason| JsonProblem {
        path: String::new(),
        reason,
    };
    let text = value.get();
    if max_depth == 0 {
        return Err(problem(TOO_DEEP));
    }
    let deeper = |value| read(value, max_depth - 1);
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let entries = fields(value)
                .ok_or_else(|| problem(BAD_ESCAPE))?
                .into_iter();
            let read = entries.map(|(name, value)| match deeper(value) {
                Ok(value) => Ok((name, value)),
                Err(problem) => Err(problem.inside(&name)),
            });
            JsonValue::Object(read.collect::<Result<_, _>>()?)
        }
        Some(b'[') => {
            let values = elements(value)
                .ok_or_else(|| problem(BAD_ESCAPE))?
                .into_iter()
                .enumerate();
            let read = values.map(|(i, value)| {
                deeper(value).map_err(|problem| problem.inside(&format!("[{i}]")))
            });
            JsonValue::List(read.collect::<Result<_, _>>()?)
        }
        Some(b'"') => JsonValue::Plain(Cell::text(
            serde_json::from_str::<String>(text).map_err(|_| problem(BAD_ESCAPE))?,
        )),
        Some(b'n') => JsonValue::Plain(Cell::default()),
        Some(b't' | b'f') => JsonValue::Plain(Cell {
            text: text.to_owned(),
            cell_type: CellType::Boolean,
        }),
        _ => JsonValue::Plain(Cell::number(text)),
    })
}

/// Returns the fields of an object in the order of the file, repeated ones included.
fn fields(value: &RawValue) -> Option<Vec<(String, &RawValue)>> {
    serde_json::from_str(value.get())
        .ok()
        .map(|ObjectFields(fields)| fields)
}

fn elements(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

struct ObjectFields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for ObjectFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ObjectFields<'de>, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = ObjectFields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<ObjectFields<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(ObjectFields(entries))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
