//! A single record as a table of its fields.

use prost_reflect::{DynamicMessage, Kind as FieldKind, ReflectMessage, Value};

use crate::cli::json;
use crate::cli::table::{date, fitted, plain, printable};
use crate::descriptors;

/// Renders a record as a table of its fields that are set.
pub(crate) fn fields_table(record: &DynamicMessage) -> String {
    let mut table = plain(&["field", "value"]);
    let mut rows = Vec::new();
    collect_fields("", record, &mut rows);
    for (path, value) in rows {
        table.add_row([path, printable(&value)]);
    }
    fitted(table)
}

fn collect_fields(path: &str, message: &DynamicMessage, rows: &mut Vec<(String, String)>) {
    let is_value = !message.descriptor().full_name().starts_with("clientele.")
        && message.descriptor().full_name() != "google.type.PostalAddress";
    if is_value {
        return rows.push((path.to_owned(), single_value(message)));
    }
    for (field, value) in message.fields() {
        let at = if path.is_empty() {
            field.name().to_owned()
        } else {
            format!("{path}.{}", field.name())
        };
        collect_value(&at, &field.kind(), value, rows);
    }
}

fn collect_value(path: &str, kind: &FieldKind, value: &Value, rows: &mut Vec<(String, String)>) {
    match value {
        Value::List(list) => {
            for (i, element) in list.iter().enumerate() {
                collect_value(&format!("{path}[{i}]"), kind, element, rows);
            }
        }
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            entries.sort_unstable();
            let entry = |(key, value): (Option<&str>, Option<&str>)| {
                (
                    format!("{path}.{}", key.unwrap_or_default()),
                    value.unwrap_or_default().to_owned(),
                )
            };
            rows.extend(entries.into_iter().map(entry));
        }
        Value::Message(message) => collect_fields(path, message, rows),
        value => rows.push((path.to_owned(), scalar(kind, value))),
    }
}

fn scalar(kind: &FieldKind, value: &Value) -> String {
    match (kind, value) {
        (FieldKind::Enum(names), Value::EnumNumber(number)) => names
            .get_value(*number)
            .map_or_else(|| number.to_string(), |value| value.name().to_owned()),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Bool(flag)) => flag.to_string(),
        (_, Value::I32(number)) => number.to_string(),
        (_, Value::I64(number)) => number.to_string(),
        (_, Value::F64(number)) => number.to_string(),
        (_, value) => format!("{value:?}"),
    }
}

/// Writes a message that is a single value: a date as people write it, the rest as in JSON.
fn single_value(message: &DynamicMessage) -> String {
    if message.descriptor().full_name() == "google.type.Date" {
        return date(descriptors::typed(message).ok().as_ref());
    }
    let text = json::line(message).unwrap_or_default();
    text.trim_matches('"').to_owned()
}
