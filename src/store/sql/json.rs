//! JSON as stored in text columns: lists, maps, free attributes and lists of messages.
//!
//! The same text on both engines. It does not define what a column means.

use std::collections::BTreeMap;

use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions};
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};

use crate::clock::{self, Micros};
use crate::error::Error;

const EMPTY_LIST: &str = "[]";
const EMPTY_MAP: &str = "{}";

pub(crate) fn texts(list: &[String]) -> String {
    if list.is_empty() {
        EMPTY_LIST.to_owned()
    } else {
        serde_json::Value::from(list).to_string()
    }
}

pub(crate) fn read_texts(text: &str) -> Result<Vec<String>, Error> {
    if text == EMPTY_LIST {
        Ok(Vec::new())
    } else {
        serde_json::from_str(text).map_err(unreadable)
    }
}

pub(crate) fn map(map: &BTreeMap<String, String>) -> String {
    let entries = map
        .iter()
        .map(|(key, value)| (key.clone(), serde_json::Value::from(value.as_str())));
    serde_json::Value::Object(entries.collect()).to_string()
}

pub(crate) fn read_map(text: &str) -> Result<BTreeMap<String, String>, Error> {
    if text == EMPTY_MAP {
        Ok(BTreeMap::new())
    } else {
        serde_json::from_str(text).map_err(unreadable)
    }
}

/// Writes free attributes; an absent and an empty struct give the same text.
pub fn object(attributes: Option<&Struct>) -> String {
    attributes.map_or_else(
        || EMPTY_MAP.to_owned(),
        |fields| from_struct(fields).to_string(),
    )
}

pub(crate) fn read_object(text: &str) -> Result<Option<Struct>, Error> {
    if text == EMPTY_MAP {
        return Ok(None);
    }
    match serde_json::from_str(text).map_err(unreadable)? {
        serde_json::Value::Object(fields) => Ok(Some(to_struct(fields))),
        _ => Err(Error::internal(
            "attributes in the store are not a JSON object",
        )),
    }
}

/// Converts a struct to JSON. Whole numbers up to 2^53 are written without a fraction, as people write them.
pub fn from_struct(fields: &Struct) -> serde_json::Value {
    let entries = fields
        .fields
        .iter()
        .map(|(key, value)| (key.clone(), from_value(value)));
    serde_json::Value::Object(entries.collect())
}

fn from_value(value: &Value) -> serde_json::Value {
    match &value.kind {
        None | Some(Kind::NullValue(_)) => serde_json::Value::Null,
        Some(Kind::BoolValue(flag)) => (*flag).into(),
        Some(Kind::NumberValue(number)) => from_number(*number),
        Some(Kind::StringValue(text)) => text.as_str().into(),
        Some(Kind::StructValue(fields)) => from_struct(fields),
        Some(Kind::ListValue(list)) => list.values.iter().map(from_value).collect(),
    }
}

fn from_number(number: f64) -> serde_json::Value {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0
        && number.abs() <= LARGEST_EXACT
        && !(number == 0.0 && number.is_sign_negative());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within 2^53 fits"
    )]
    if is_whole {
        (number as i64).into()
    } else {
        number.into()
    }
}

fn to_struct(fields: serde_json::Map<String, serde_json::Value>) -> Struct {
    Struct {
        fields: fields
            .into_iter()
            .map(|(key, value)| (key, to_value(value)))
            .collect(),
    }
}

fn to_value(value: serde_json::Value) -> Value {
    let kind = match value {
        serde_json::Value::Null => Kind::NullValue(0),
        serde_json::Value::Bool(flag) => Kind::BoolValue(flag),
        serde_json::Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Kind::StringValue(text),
        serde_json::Value::Array(list) => Kind::ListValue(ListValue {
            values: list.into_iter().map(to_value).collect(),
        }),
        serde_json::Value::Object(fields) => Kind::StructValue(to_struct(fields)),
    };
    Value { kind: Some(kind) }
}

pub(crate) fn messages<M: prost::Message + prost::Name>(list: &[M]) -> String {
    if list.is_empty() {
        return EMPTY_LIST.to_owned();
    }
    let descriptor = descriptor::<M>();
    list.iter()
        .map(|message| message_value(&descriptor, message))
        .collect::<serde_json::Value>()
        .to_string()
}

fn message_value<M: prost::Message>(
    descriptor: &MessageDescriptor,
    message: &M,
) -> serde_json::Value {
    let options = SerializeOptions::new().use_proto_field_name(true);
    let mut dynamic = DynamicMessage::new(descriptor.clone());
    let copied = dynamic.transcode_from(message).is_ok();
    debug_assert!(copied, "a message has the shape of its own descriptor");
    dynamic
        .serialize_with_options(serde_json::value::Serializer, &options)
        .unwrap_or_default()
}

pub(crate) fn read_messages<M: prost::Message + prost::Name + Default>(
    text: &str,
) -> Result<Vec<M>, Error> {
    if text == EMPTY_LIST {
        return Ok(Vec::new());
    }
    let descriptor = descriptor::<M>();
    let options = DeserializeOptions::new();
    let list: Vec<serde_json::Value> = serde_json::from_str(text).map_err(unreadable)?;
    list.into_iter()
        .map(|value| {
            let message =
                DynamicMessage::deserialize_with_options(descriptor.clone(), value, &options);
            message
                .map_err(unreadable)?
                .transcode_to()
                .map_err(unreadable)
        })
        .collect()
}

/// Returns a time as it is written in JSON, without the `Z`, so that it sorts as text.
pub(crate) fn time(time: Micros) -> String {
    let written = message_value(
        &descriptor::<prost_types::Timestamp>(),
        &clock::timestamp(time),
    );
    written
        .as_str()
        .unwrap_or_default()
        .trim_end_matches('Z')
        .to_owned()
}

/// Discards a parser's message: it quotes its input, which is people's data, and the cause of an error is logged.
pub(crate) fn unreadable<E>(_: E) -> Error {
    Error::internal("JSON in the store cannot be read")
}

fn descriptor<M: prost::Name>() -> MessageDescriptor {
    crate::descriptors::message(&M::full_name())
}
