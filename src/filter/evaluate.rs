//! Evaluation in memory: whether a record, as it is read, meets a filter.
//!
//! Means the same as the SQL of `store::read::filter`: `tests/filter/agree.rs` holds the two against each other.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, ReflectMessage, Value};

use crate::clock::{self, Micros};
use crate::filter::resolve::{AFFILIATIONS, field_at, has_affiliations};
use crate::filter::tree::{Comparison, Condition, FieldKind, Filter, Operand, Predicate};
use crate::fold::folded;

/// A record with what filters see beside it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The message, derived fields included.
    pub message: &'a DynamicMessage,
    /// The live affiliations of a customer or a contact.
    pub affiliations: &'a [DynamicMessage],
    /// The segments by list that hold a customer, by name.
    pub lists: &'a BTreeSet<String>,
}

/// The lists of what no list holds.
static NO_LISTS: BTreeSet<String> = BTreeSet::new();

impl<'a> Record<'a> {
    /// Makes a record that has neither affiliations nor lists.
    pub fn of(message: &'a DynamicMessage) -> Record<'a> {
        Record {
            message,
            affiliations: &[],
            lists: &NO_LISTS,
        }
    }
}

/// Says whether a record meets a filter at a time.
pub fn evaluate(tree: &Filter, record: Record<'_>, now: Micros) -> bool {
    match tree {
        Filter::And(trees) => trees.iter().all(|tree| evaluate(tree, record, now)),
        Filter::Or(trees) => trees.iter().any(|tree| evaluate(tree, record, now)),
        Filter::Not(tree) => !evaluate(tree, record, now),
        Filter::Exists { list, inner } => any_element(list, record, |element| {
            evaluate(inner, Record::of(element), now)
        }),
        Filter::Predicate(predicate) if is_affiliations(&predicate.field.path, record) => {
            !record.affiliations.is_empty()
        }
        Filter::Predicate(predicate) => matches(predicate, record.message, now),
        Filter::Member {
            filter: Some(tree), ..
        } => evaluate(tree, record, now),
        Filter::Member {
            segment,
            filter: None,
        } => record.lists.contains(segment),
    }
}

/// Says whether an element of a list of messages meets a condition.
pub(super) fn any_element(
    list: &[String],
    record: Record<'_>,
    meets: impl FnMut(&DynamicMessage) -> bool,
) -> bool {
    elements(list, record).into_iter().any(meets)
}

/// Returns the time that the field of a predicate holds, as far as it is set.
pub(super) fn time_of(predicate: &Predicate, message: &DynamicMessage) -> Option<Micros> {
    match field_value(predicate, message) {
        FieldValue::Number(time) => Some(time),
        _ => None,
    }
}

pub(super) fn is_affiliations(path: &[String], record: Record<'_>) -> bool {
    path == [AFFILIATIONS] && has_affiliations(&record.message.descriptor())
}

/// Returns the elements of a list of messages.
pub(super) fn elements<'a>(list: &[String], record: Record<'a>) -> Vec<&'a DynamicMessage> {
    if is_affiliations(list, record) {
        return record.affiliations.iter().collect();
    }
    match value(record.message, list) {
        Some(Cow::Borrowed(Value::List(list))) => {
            list.iter().filter_map(Value::as_message).collect()
        }
        _ => Vec::new(),
    }
}

/// The value of a field.
pub(super) enum FieldValue<'a> {
    Nothing,
    Text(Cow<'a, str>),
    Number(i64),
    Double(f64),
    Amount(i64, i64),
    Bool(bool),
    List(Vec<String>),
    Ids(Vec<String>),
    /// It is set, and that is all that can be said of it.
    Something,
}

fn matches(predicate: &Predicate, message: &DynamicMessage, now: Micros) -> bool {
    match (field_value(predicate, message), &predicate.condition) {
        (FieldValue::Nothing, _) => false,
        (FieldValue::Something, _) | (_, Condition::Present) => true,
        (FieldValue::Ids(ids), condition) => ids.iter().any(|id| text_meets(id, condition)),
        (FieldValue::Text(text), condition) => text_meets(&text, condition),
        (FieldValue::List(list), Condition::Has(Operand::Text(text))) => list.contains(text),
        (FieldValue::List(list), Condition::ContainsFolded(part)) => {
            list.iter().any(|text| folded(text).contains(part))
        }
        (value, Condition::Is(comparison, operand)) => {
            let order = match (value, operand) {
                (FieldValue::Number(number), Operand::Number(other) | Operand::Span(other)) => {
                    number.cmp(other)
                }
                (FieldValue::Number(time), Operand::Time(moment)) => time.cmp(&moment.at(now)),
                (
                    FieldValue::Amount(units, nanos),
                    Operand::Amount {
                        units: other,
                        nanos: more,
                    },
                ) => (units, nanos).cmp(&(*other, i64::from(*more))),
                (FieldValue::Double(number), Operand::Double(other)) => {
                    number.partial_cmp(other).unwrap_or(Ordering::Less)
                }
                (FieldValue::Bool(flag), Operand::Bool(other)) => flag.cmp(other),
                _ => return false,
            };
            comparison.holds(order)
        }
        _ => false,
    }
}

fn text_meets(text: &str, condition: &Condition) -> bool {
    match condition {
        Condition::Is(comparison, Operand::Text(other)) => comparison.holds(text.cmp(other)),
        Condition::Like(pattern, wanted) => pattern.matches(text) == *wanted,
        Condition::ContainsFolded(part) => folded(text).contains(part),
        _ => false,
    }
}

pub(super) fn field_value<'a>(
    predicate: &Predicate,
    message: &'a DynamicMessage,
) -> FieldValue<'a> {
    let found = value(message, &predicate.field.path);
    let Some(found) = found else {
        return FieldValue::Nothing;
    };
    match &predicate.field.kind {
        FieldKind::Text => text(found),
        FieldKind::Enum { unset } => enum_name(predicate, message, &found, unset),
        FieldKind::Date | FieldKind::Time | FieldKind::Span => one_value(&found),
        FieldKind::Number | FieldKind::Count => {
            number(&found).map_or(FieldValue::Nothing, FieldValue::Number)
        }
        FieldKind::PartOfAmount => part_of_amount(predicate, message, &found),
        FieldKind::Amount => amount(&found),
        FieldKind::Bool => found
            .as_bool()
            .map_or(FieldValue::Nothing, FieldValue::Bool),
        FieldKind::Texts => texts(
            &found,
            field_at(&message.descriptor(), &predicate.field.path).as_ref(),
        ),
        FieldKind::Messages => if_any(
            found.as_list().is_some_and(|list| !list.is_empty()),
            FieldValue::Something,
        ),
        FieldKind::Labels | FieldKind::Attributes => keys(&found, &predicate.condition),
        FieldKind::Label(key) => {
            let label = found
                .as_map()
                .and_then(|map| map.get(&MapKey::String(key.clone())));
            let label = label.and_then(|label| label.as_str().map(str::to_owned));
            label.map_or(FieldValue::Nothing, |label| {
                FieldValue::Text(Cow::Owned(label))
            })
        }
        FieldKind::Attribute(keys) => attribute(&found, keys, &predicate.condition),
        FieldKind::ExternalIds(system) => {
            let ids = found
                .as_list()
                .unwrap_or_default()
                .iter()
                .filter_map(Value::as_message);
            let ids = ids
                .filter(|id| part(id, "system").as_deref() == Some(system))
                .filter_map(|id| part(id, "id"));
            let ids: Vec<String> = ids.collect();
            if_any(!ids.is_empty(), FieldValue::Ids(ids))
        }
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

fn if_any(is_set: bool, value: FieldValue<'_>) -> FieldValue<'_> {
    if is_set { value } else { FieldValue::Nothing }
}

fn text(found: Cow<'_, Value>) -> FieldValue<'_> {
    let text = match found {
        Cow::Borrowed(Value::String(text)) => Cow::Borrowed(text.as_str()),
        Cow::Owned(Value::String(text)) => Cow::Owned(text),
        _ => return FieldValue::Nothing,
    };
    if_any(!text.is_empty(), FieldValue::Text(text))
}

/// The first value of an enum is unset: it meets nothing but being asked for by its name.
fn enum_name<'a>(
    predicate: &Predicate,
    message: &DynamicMessage,
    found: &Value,
    unset: &str,
) -> FieldValue<'a> {
    let field = field_at(&message.descriptor(), &predicate.field.path);
    let name = field
        .as_ref()
        .and_then(|field| name_of(field, found))
        .unwrap_or_else(|| unset.to_owned());
    let asks_for_unset = matches!(&predicate.condition,
        Condition::Is(Comparison::Equal, Operand::Text(wanted)) if wanted == unset);
    if_any(
        name != unset || asks_for_unset,
        FieldValue::Text(Cow::Owned(name)),
    )
}

fn name_of(field: &FieldDescriptor, value: &Value) -> Option<String> {
    let Kind::Enum(values) = field.kind() else {
        return None;
    };
    Some(values.get_value(value.as_enum_number()?)?.name().to_owned())
}

fn one_value<'a>(found: &Value) -> FieldValue<'a> {
    let Some(message) = found.as_message() else {
        return FieldValue::Nothing;
    };
    let micros = match message.descriptor().full_name() {
        "google.protobuf.Timestamp" => message
            .transcode_to()
            .ok()
            .and_then(|time| clock::micros(&time)),
        "google.protobuf.Duration" => message
            .transcode_to()
            .ok()
            .and_then(|span| clock::span(&span)),
        _ => {
            let date = message
                .transcode_to()
                .ok()
                .and_then(|date| clock::date_text(&date));
            return date.map_or(FieldValue::Nothing, |date| {
                FieldValue::Text(Cow::Owned(date))
            });
        }
    };
    micros.map_or(FieldValue::Nothing, FieldValue::Number)
}

fn number(found: &Value) -> Option<i64> {
    found.as_i64().or_else(|| found.as_i32().map(i64::from))
}

fn amount<'a>(found: &Value) -> FieldValue<'a> {
    let Some(money) = found.as_message() else {
        return FieldValue::Nothing;
    };
    let part_of = |name: &str| {
        money
            .get_field_by_name(name)
            .and_then(|part| number(&part))
            .unwrap_or(0)
    };
    let has_currency = part(money, "currency_code").is_some_and(|code| !code.is_empty());
    if_any(
        has_currency,
        FieldValue::Amount(part_of("units"), part_of("nanos")),
    )
}

fn part_of_amount<'a>(
    predicate: &Predicate,
    message: &DynamicMessage,
    found: &Value,
) -> FieldValue<'a> {
    let money = predicate
        .field
        .path
        .split_last()
        .and_then(|(_, path)| value(message, path));
    match money.map_or(FieldValue::Nothing, |money| amount(&money)) {
        FieldValue::Nothing => FieldValue::Nothing,
        _ => number(found).map_or(FieldValue::Nothing, FieldValue::Number),
    }
}

fn texts<'a>(found: &Value, field: Option<&FieldDescriptor>) -> FieldValue<'a> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        value => name_of(field?, value),
    };
    let list: Vec<String> = found
        .as_list()
        .unwrap_or_default()
        .iter()
        .filter_map(text)
        .collect();
    if_any(!list.is_empty(), FieldValue::List(list))
}

/// A key whose value is null is not set.
fn keys<'a>(found: &Value, condition: &Condition) -> FieldValue<'a> {
    let map = match found.as_message() {
        Some(attributes) => attributes.get_field_by_name("fields").map(Cow::into_owned),
        None => Some(found.clone()),
    };
    let Some(map) = map
        .as_ref()
        .and_then(Value::as_map)
        .filter(|map| !map.is_empty())
    else {
        return FieldValue::Nothing;
    };
    let Condition::HasKey(key) = condition else {
        return FieldValue::Something;
    };
    let value = map.get(&MapKey::String(key.clone()));
    if_any(
        value.is_some_and(|value| kind_of(value) != Some("null_value")),
        FieldValue::Something,
    )
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
    Some(
        KINDS
            .into_iter()
            .find(|kind| value.has_field_by_name(kind))
            .unwrap_or("null_value"),
    )
}

fn part(message: &DynamicMessage, field: &str) -> Option<String> {
    message
        .get_field_by_name(field)?
        .as_str()
        .map(str::to_owned)
}

/// Free attributes have the kind of their JSON value: a value of another kind than the one compared with meets
/// nothing, and neither does null.
fn attribute<'a>(found: &Value, keys: &[String], condition: &Condition) -> FieldValue<'a> {
    let Some(value) = member(found, keys) else {
        return FieldValue::Nothing;
    };
    let Some(message) = value.as_message() else {
        return FieldValue::Nothing;
    };
    let inner = |name: &str| message.get_field_by_name(name).map(Cow::into_owned);
    match (kind_of(&value), condition) {
        (None | Some("null_value"), _) => FieldValue::Nothing,
        (_, Condition::Present) => FieldValue::Something,
        (Some("list_value"), Condition::Has(operand)) => {
            let list = inner("list_value");
            let list = list
                .as_ref()
                .and_then(Value::as_message)
                .and_then(|list| list.get_field_by_name("values"));
            let elements = list
                .as_ref()
                .and_then(|list| list.as_list())
                .unwrap_or_default();
            if_any(
                elements.iter().any(|element| is_equal(element, operand)),
                FieldValue::Something,
            )
        }
        (_, Condition::Has(_)) => FieldValue::Nothing,
        (Some("string_value"), _) => {
            let text = inner("string_value").and_then(|text| text.as_str().map(str::to_owned));
            text.map_or(FieldValue::Nothing, |text| {
                FieldValue::Text(Cow::Owned(text))
            })
        }
        (Some("number_value"), _) => inner("number_value")
            .and_then(|number| number.as_f64())
            .map_or(FieldValue::Nothing, FieldValue::Double),
        (Some("bool_value"), _) => inner("bool_value")
            .and_then(|flag| flag.as_bool())
            .map_or(FieldValue::Nothing, FieldValue::Bool),
        _ => FieldValue::Nothing,
    }
}

fn is_equal(element: &Value, operand: &Operand) -> bool {
    let Some(element) = element.as_message() else {
        return false;
    };
    let json = |name: &str| {
        element
            .has_field_by_name(name)
            .then(|| element.get_field_by_name(name))
            .flatten()
    };
    match operand {
        Operand::Text(text) => {
            json("string_value").is_some_and(|value| value.as_str() == Some(text))
        }
        Operand::Double(number) => {
            json("number_value").is_some_and(|value| value.as_f64() == Some(*number))
        }
        Operand::Bool(flag) => {
            json("bool_value").is_some_and(|value| value.as_bool() == Some(*flag))
        }
        _ => false,
    }
}

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
