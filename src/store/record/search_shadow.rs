//! The folded shadow of a record: every text in it as it is searched, in one JSON column beside the others.
//!
//! It has the shape of the message, so that a filter finds a text by its path: lists keep their positions, free
//! attributes and labels their keys. SQLite folds only ASCII and PostgreSQL by its locale, so texts are folded in
//! Rust and only searched in SQL.

use prost_reflect::{DynamicMessage, MapKey, ReflectMessage, Value};
use serde_json::{Map, Value as Json};

use crate::descriptors::dynamic;
use crate::fold::folded;
use crate::store::record::resource::Resource;
use crate::store::sql::statement::{Part, part};

/// Returns the shadow of a record. What is derived from other records is in theirs.
pub fn shadow<R: Resource>(resource: &R) -> String {
    let mut own = resource.clone();
    own.clear_derived();
    let message = dynamic(&own);
    debug_assert!(
        message.is_ok(),
        "a message has the shape of its own descriptor"
    );
    message
        .map_or(Json::Null, |message| of_message(&message))
        .to_string()
}

/// Returns the expression of the shadow of a row whose etag becomes another one; etags are ASCII, and quoted.
pub(crate) fn with_etag(etag: &str) -> Part {
    part!(
        "replace(folded, replace(lower(etag), '\"', '\\\"'), :etag)",
        etag = folded(etag).replace('"', "\\\""),
    )
}

fn of_message(message: &DynamicMessage) -> Json {
    match message.descriptor().full_name() {
        "google.protobuf.Struct" => message
            .get_field_by_name("fields")
            .map_or(Json::Null, |fields| of_value(&fields)),
        "google.protobuf.Value" => of_free_value(message),
        // Without a text; and ten thousand names, in which nobody searches for a substring.
        "google.protobuf.Timestamp" | "clientele.v1.MemberList" => Json::Null,
        _ => {
            let fields = message
                .fields()
                .map(|(field, value)| (field.name().to_owned(), of_value(value)));
            Json::Object(fields.filter(|(_, value)| !value.is_null()).collect())
        }
    }
}

fn of_free_value(message: &DynamicMessage) -> Json {
    let held = ["string_value", "struct_value"]
        .into_iter()
        .find(|kind| message.has_field_by_name(kind));
    held.and_then(|held| message.get_field_by_name(held))
        .map_or(Json::Null, |value| of_value(&value))
}

/// Returns the texts in a value; null if it cannot have any.
fn of_value(value: &Value) -> Json {
    match value {
        Value::String(text) => Json::String(folded(text)),
        Value::Message(message) => of_message(message),
        Value::List(list) => Json::Array(list.iter().map(of_value).collect()),
        Value::Map(map) => {
            let text =
                |(key, value): (&MapKey, &Value)| Some((key.as_str()?.to_owned(), of_value(value)));
            let entries: Map<String, Json> = map
                .iter()
                .filter_map(text)
                .filter(|(_, value)| !value.is_null())
                .collect();
            Json::Object(entries)
        }
        _ => Json::Null,
    }
}
