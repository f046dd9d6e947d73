//! What comes back of a record: its texts cleaned, by the rule of each field.

use clientele::clean;
use clientele::descriptors::{dynamic, typed};
use prost_reflect::{DynamicMessage, Value};

use crate::harness::standard::Standard;

/// The fields of several lines among those that are set here; every other text is a line.
const PASSAGES: [&str; 6] = [
    "about",
    "needs",
    "likes",
    "dislikes",
    "address_lines",
    "string_value",
];

/// Says whether a field, given by its path, may hold control characters.
pub fn takes_controls(path: &str) -> bool {
    let field = path.rsplit('.').next().unwrap_or(path);
    path == "attributes" || PASSAGES.contains(&field.trim_end_matches("[0]"))
}

/// Cleans all texts of a message.
fn clean_texts(message: &mut DynamicMessage) {
    for (field, value) in message.fields_mut() {
        clean_value(value, PASSAGES.contains(&field.name()));
    }
}

fn clean_value(value: &mut Value, is_passage: bool) {
    match value {
        Value::String(text) if is_passage => *text = clean::passage(text).into_owned(),
        Value::String(text) => *text = clean::line(text).into_owned(),
        Value::Message(message) => clean_texts(message),
        Value::List(list) => list
            .iter_mut()
            .for_each(|element| clean_value(element, is_passage)),
        Value::Map(map) => map
            .values_mut()
            .for_each(|element| clean_value(element, is_passage)),
        _ => {}
    }
}

/// Removes the messages in which nothing is set: an empty text is no field, and a message of such fields is none.
fn prune(message: &mut DynamicMessage) {
    let mut empty = Vec::new();
    for (field, value) in message.fields_mut() {
        match value {
            Value::Message(inner) => {
                prune(inner);
                if inner.fields().next().is_none() {
                    empty.push(field);
                }
            }
            Value::List(list) => list
                .iter_mut()
                .filter_map(Value::as_message_mut)
                .for_each(prune),
            _ => {}
        }
    }
    for field in empty {
        message.clear_field(&field);
    }
}

/// Returns a record as it comes back: with its texts cleaned, and without what is empty then.
pub fn cleaned<R: Standard>(record: &R) -> R {
    edited(record, |message| {
        clean_texts(message);
        prune(message);
    })
}

/// Returns a record without its empty messages.
pub fn without_empty<R: Standard>(record: &R) -> R {
    edited(record, prune)
}

fn edited<R: Standard>(record: &R, edit: impl Fn(&mut DynamicMessage)) -> R {
    let mut message = dynamic(record).unwrap();
    edit(&mut message);
    typed(&message).unwrap()
}
