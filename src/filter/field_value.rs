//! Field values: what one field of a message holds, as a predicate compares it.
//!
//! Whether the value meets the predicate is decided in `evaluate`.

use std::borrow::Cow;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, ReflectMessage, Value};

use crate::filter::resolve::field_at;
use crate::filter::tree::{Comparison, Condition, FieldKind, Operand, Predicate};
use crate::{clean, clock};

/// The value of a field that is set.
pub(super) enum FieldValue<'a> {
    Text(Cow<'a, str>),
    /// A whole number; of times and spans, microseconds.
    Number(i64),
    Double(f64),
    /// Units and nanos.
    Amount(i64, i64),
    Bool(bool),
    List(Vec<String>),
    /// The ids in one system.
    Ids(Vec<String>),
    /// A value that is not compared with anything.
    Something,
}

/// Returns what the field of a predicate holds; `None` if it is unset.
pub(super) fn field_value<'a>(
    predicate: &Predicate,
    message: &'a DynamicMessage,
) -> Option<FieldValue<'a>> {
    let path = &predicate.field.path;
    let found = value(message, path)?;
    match &predicate.field.kind {
        FieldKind::Text => text(found),
        FieldKind::Enum { unset } => enum_name(predicate, message, &found, unset),
        FieldKind::Date | FieldKind::Time | FieldKind::Span => date_or_time(&found),
        FieldKind::Number | FieldKind::Count => number(&found).map(FieldValue::Number),
        FieldKind::PartOfAmount => part_of_amount(path, message, &found),
        FieldKind::Amount => amount(&found),
        FieldKind::Bool => found.as_bool().map(FieldValue::Bool),
        FieldKind::Texts => texts(&found, field_at(&message.descriptor(), path).as_ref()),
        FieldKind::Messages => {
            let is_set = found.as_list().is_some_and(|list| !list.is_empty());
            is_set.then_some(FieldValue::Something)
        }
        FieldKind::Labels | FieldKind::Attributes => keys(&found, &predicate.condition),
        FieldKind::Label(key) => label(&found, key),
        FieldKind::Attribute(keys) => attribute(&found, keys, &predicate.condition),
        FieldKind::ExternalIds(system) => external_ids(&found, system),
    }
}

/// Returns the value at a path; `None` when a message on the way, or one that can be absent at its end, is.
pub(super) fn value<'a>(message: &'a DynamicMessage, path: &[String]) -> Option<Cow<'a, Value>> {
    let (first, rest) = path.split_first()?;
    let field = message.descriptor().get_field_by_name(first)?;
    if field.supports_presence() && !message.has_field(&field) {
        return None;
    }
    let found = message.get_field(&field);
    if rest.is_empty() {
        return Some(found);
    }
    match found {
        Cow::Borrowed(Value::Message(inner)) => value(inner, rest),
        _ => None,
    }
}

fn text(found: Cow<'_, Value>) -> Option<FieldValue<'_>> {
    let text = match found {
        Cow::Borrowed(Value::String(text)) => Cow::Borrowed(text.as_str()),
        Cow::Owned(Value::String(text)) => Cow::Owned(text),
        _ => return None,
    };
    (!text.is_empty()).then_some(FieldValue::Text(text))
}

/// The first value of an enum is unset: it meets nothing but being asked for by its name.
fn enum_name<'a>(
    predicate: &Predicate,
    message: &DynamicMessage,
    found: &Value,
    unset: &str,
) -> Option<FieldValue<'a>> {
    let field = field_at(&message.descriptor(), &predicate.field.path);
    let name = field
        .as_ref()
        .and_then(|field| name_of(field, found))
        .unwrap_or_else(|| unset.to_owned());
    let asks_for_unset = matches!(&predicate.condition,
        Condition::Is(Comparison::Equal, Operand::Text(wanted)) if wanted == unset);
    (name != unset || asks_for_unset).then_some(owned_text(name))
}

fn name_of(field: &FieldDescriptor, value: &Value) -> Option<String> {
    let Kind::Enum(values) = field.kind() else {
        return None;
    };
    Some(values.get_value(value.as_enum_number()?)?.name().to_owned())
}

fn owned_text<'a>(text: String) -> FieldValue<'a> {
    FieldValue::Text(Cow::Owned(text))
}

fn date_or_time<'a>(found: &Value) -> Option<FieldValue<'a>> {
    let message = found.as_message()?;
    match message.descriptor().full_name() {
        "google.protobuf.Timestamp" => {
            clock::micros(&message.transcode_to().ok()?).map(FieldValue::Number)
        }
        "google.protobuf.Duration" => {
            clock::span(&message.transcode_to().ok()?).map(FieldValue::Number)
        }
        _ => clock::date_text(&message.transcode_to().ok()?).map(owned_text),
    }
}

fn number(found: &Value) -> Option<i64> {
    found.as_i64().or_else(|| found.as_i32().map(i64::from))
}

/// An amount is unset without a currency.
fn amount<'a>(found: &Value) -> Option<FieldValue<'a>> {
    let money = found.as_message()?;
    let part = |name: &str| money.get_field_by_name(name).and_then(|part| number(&part));
    let has_currency = text_of(money, "currency_code").is_some_and(|code| !code.is_empty());
    has_currency.then(|| {
        FieldValue::Amount(
            part("units").unwrap_or_default(),
            part("nanos").unwrap_or_default(),
        )
    })
}

fn part_of_amount<'a>(
    path: &[String],
    message: &DynamicMessage,
    found: &Value,
) -> Option<FieldValue<'a>> {
    let (_, money) = path.split_last()?;
    let money = value(message, money)?;
    amount(&money)?;
    number(found).map(FieldValue::Number)
}

fn texts<'a>(found: &Value, field: Option<&FieldDescriptor>) -> Option<FieldValue<'a>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        value => name_of(field?, value),
    };
    let list: Vec<String> = found.as_list()?.iter().filter_map(text).collect();
    (!list.is_empty()).then_some(FieldValue::List(list))
}

fn label<'a>(found: &Value, key: &str) -> Option<FieldValue<'a>> {
    let label = found.as_map()?.get(&MapKey::String(key.to_owned()))?;
    Some(owned_text(label.as_str()?.to_owned()))
}

/// They are read as they are filed: what is stored may be older than the cleaning of what comes in.
fn external_ids<'a>(found: &Value, system: &str) -> Option<FieldValue<'a>> {
    let all = found.as_list()?.iter().filter_map(Value::as_message);
    let ids: Vec<String> = all
        .filter(|id| cleaned(id, "system").as_deref() == Some(system))
        .filter_map(|id| cleaned(id, "id"))
        .collect();
    (!ids.is_empty()).then_some(FieldValue::Ids(ids))
}

fn cleaned(message: &DynamicMessage, field: &str) -> Option<String> {
    text_of(message, field).map(|text| clean::line(&text).trim().to_owned())
}

fn text_of(message: &DynamicMessage, field: &str) -> Option<String> {
    message
        .get_field_by_name(field)?
        .as_str()
        .map(str::to_owned)
}

/// A key whose value is null is not set.
fn keys<'a>(found: &Value, condition: &Condition) -> Option<FieldValue<'a>> {
    let map = match found.as_message() {
        Some(attributes) => attributes.get_field_by_name("fields")?,
        None => Cow::Borrowed(found),
    };
    let map = map.as_map().filter(|map| !map.is_empty())?;
    if let Condition::HasKey(key) = condition {
        let value = map.get(&MapKey::String(key.clone()))?;
        return (kind_of(value) != Some("null_value")).then_some(FieldValue::Something);
    }
    Some(FieldValue::Something)
}

/// Returns which kind of JSON a `google.protobuf.Value` holds; `None` for any other value.
pub(super) fn kind_of(value: &Value) -> Option<&'static str> {
    const KINDS: [&str; 6] = [
        "null_value",
        "bool_value",
        "number_value",
        "string_value",
        "struct_value",
        "list_value",
    ];
    let value = value
        .as_message()
        .filter(|message| message.descriptor().full_name() == "google.protobuf.Value")?;
    let kind = KINDS.into_iter().find(|kind| value.has_field_by_name(kind));
    kind.or(Some("null_value"))
}

/// Returns the elements of a `google.protobuf.ListValue`.
pub(super) fn list_values(list: &Value) -> Vec<Value> {
    let values = list
        .as_message()
        .and_then(|list| list.get_field_by_name("values"));
    values
        .as_ref()
        .and_then(|values| values.as_list())
        .map(<[Value]>::to_vec)
        .unwrap_or_default()
}

/// Free attributes have the kind of their JSON value: a value of another kind than the one compared with meets
/// nothing, and neither does null.
fn attribute<'a>(found: &Value, keys: &[String], condition: &Condition) -> Option<FieldValue<'a>> {
    let value = member(found, keys)?;
    let kind = kind_of(&value).filter(|kind| *kind != "null_value")?;
    if *condition == Condition::Present {
        return Some(FieldValue::Something);
    }
    let json = value.as_message()?.get_field_by_name(kind)?;
    match (kind, condition) {
        ("list_value", Condition::Has(operand)) => list_values(&json)
            .iter()
            .any(|element| is_equal(element, operand))
            .then_some(FieldValue::Something),
        (_, Condition::Has(_)) => None,
        ("string_value", _) => json.as_str().map(|text| owned_text(text.to_owned())),
        ("number_value", _) => json.as_f64().map(FieldValue::Double),
        ("bool_value", _) => json.as_bool().map(FieldValue::Bool),
        _ => None,
    }
}

fn is_equal(element: &Value, operand: &Operand) -> bool {
    let json = |kind: &str| {
        let element = element.as_message()?;
        element
            .has_field_by_name(kind)
            .then(|| element.get_field_by_name(kind))?
    };
    match operand {
        Operand::Text(text) => json("string_value").is_some_and(|json| json.as_str() == Some(text)),
        Operand::Double(number) => {
            json("number_value").is_some_and(|json| json.as_f64() == Some(*number))
        }
        Operand::Bool(flag) => json("bool_value").is_some_and(|json| json.as_bool() == Some(*flag)),
        _ => false,
    }
}

/// Returns the member of a `google.protobuf.Struct` at these keys.
pub(super) fn member(found: &Value, keys: &[String]) -> Option<Value> {
    let (first, rest) = keys.split_first()?;
    let fields = found.as_message()?.get_field_by_name("fields")?;
    let value = fields
        .as_map()?
        .get(&MapKey::String(first.clone()))?
        .clone();
    if rest.is_empty() {
        return Some(value);
    }
    let inner = value
        .as_message()?
        .get_field_by_name("struct_value")?
        .into_owned();
    (kind_of(&value) == Some("struct_value")).then(|| member(&inner, rest))?
}
