//! Actual values: what a record holds in the fields that a filter names, written as in filters.

use prost_reflect::{DynamicMessage, Kind, MapKey, MessageDescriptor, ReflectMessage, Value};

use crate::clock::Micros;
use crate::filter::evaluate::{elements, evaluate, is_affiliations};
use crate::filter::field_value::{FieldValue, field_value, kind_of, list_values, member, value};
use crate::filter::print_value::{literal, path, quoted};
use crate::filter::record::Record;
use crate::filter::resolve::{EXTERNAL_ID_FIELDS, field_at};
use crate::filter::tree::{Condition, Field, FieldKind, Filter, Moment, Operand, Predicate};

/// Written for a field that is set and has no value of its own, such as `business`.
const SET: &str = "*";

/// Returns the values that a record holds in the fields of a filter, each once; none of an unset field. Elements of a
/// list that meet the filter come first.
pub fn actual(filter: &Filter, record: Record<'_>, now: Micros) -> Vec<String> {
    let mut values = Vec::new();
    collect(filter, record, now, &mut values);
    distinct(values)
}

fn collect(filter: &Filter, record: Record<'_>, now: Micros, values: &mut Vec<String>) {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => filters
            .iter()
            .for_each(|filter| collect(filter, record, now, values)),
        Filter::Not(filter) => collect(filter, record, now, values),
        Filter::Exists { list, inner } => {
            let (meet, others): (Vec<_>, Vec<_>) = elements(list, record)
                .iter()
                .copied()
                .partition(|element| evaluate(inner, Record::new(element), now));
            let fields = fields(inner);
            values.extend(
                meet.into_iter()
                    .chain(others)
                    .flat_map(|element| of_element(&fields, element)),
            );
        }
        Filter::Predicate(predicate) if is_affiliations(&predicate.field.path, record) => {
            values.extend((!record.affiliations.is_empty()).then(|| SET.to_owned()));
        }
        Filter::Predicate(predicate) => values.extend(of_field(&predicate.field, record.message)),
        Filter::Member { segment, .. } => {
            values.extend(record.lists.contains(segment).then(|| quoted(segment)))
        }
    }
}

fn distinct(values: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    values
        .into_iter()
        .filter(|value| seen.insert(value.clone()))
        .collect()
}

/// A field inside lists of messages.
#[derive(PartialEq)]
struct Looked<'a> {
    lists: Vec<&'a [String]>,
    field: &'a Field,
}

/// Returns the fields that a filter names, each once.
fn fields(filter: &Filter) -> Vec<Looked<'_>> {
    let mut found: Vec<Looked<'_>> = Vec::new();
    for looked in all_fields(filter) {
        if !found.contains(&looked) {
            found.push(looked);
        }
    }
    found
}

fn all_fields(filter: &Filter) -> Vec<Looked<'_>> {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => filters.iter().flat_map(all_fields).collect(),
        Filter::Not(filter) => all_fields(filter),
        Filter::Exists { list, inner } => {
            let mut found = all_fields(inner);
            found
                .iter_mut()
                .for_each(|looked| looked.lists.insert(0, list));
            found
        }
        Filter::Predicate(Predicate { field, .. }) => vec![Looked {
            lists: Vec::new(),
            field,
        }],
        Filter::Member { .. } => Vec::new(),
    }
}

/// Returns what one element holds: the values of a single field, or one line with all of several fields.
fn of_element(fields: &[Looked<'_>], element: &DynamicMessage) -> Vec<String> {
    let of = |looked: &Looked<'_>| distinct(behind(&looked.lists, looked.field, element));
    if let [only] = fields {
        return of(only);
    }
    let line = |looked: &Looked<'_>| {
        let names = looked
            .lists
            .iter()
            .map(|list| list.join("."))
            .chain([field_path(looked.field)]);
        let values = of(looked);
        let values = if values.is_empty() {
            "unset".to_owned()
        } else {
            values.join(", ")
        };
        format!("{}: {values}", names.collect::<Vec<_>>().join("."))
    };
    vec![fields.iter().map(line).collect::<Vec<_>>().join("; ")]
}

fn behind(lists: &[&[String]], field: &Field, message: &DynamicMessage) -> Vec<String> {
    match lists.split_first() {
        None => of_field(field, message),
        Some((list, rest)) => {
            let elements = elements(list, Record::new(message));
            elements
                .into_iter()
                .flat_map(|element| behind(rest, field, element))
                .collect()
        }
    }
}

/// Returns the path of a field, with its keys.
fn field_path(field: &Field) -> String {
    let keys = match &field.kind {
        // Without quotes it would be refused as a field of the id.
        FieldKind::ExternalIds(system) if EXTERNAL_ID_FIELDS.contains(&system.as_str()) => {
            return format!("{}.{}", path(&field.path), quoted(system));
        }
        FieldKind::Label(key) | FieldKind::ExternalIds(key) => std::slice::from_ref(key),
        FieldKind::Attribute(keys) => keys,
        _ => &[],
    };
    path(field.path.iter().chain(keys))
}

/// Returns what a field of a message holds.
fn of_field(field: &Field, message: &DynamicMessage) -> Vec<String> {
    let found = || value(message, &field.path);
    let values = match &field.kind {
        FieldKind::Labels | FieldKind::Attributes => found().map(|found| keys(&found)),
        FieldKind::Attribute(keys) => found()
            .and_then(|found| member(&found, keys))
            .map(|found| json_values(&found)),
        _ => plain_values(field, message),
    };
    values.unwrap_or_default()
}

/// Returns the values of a field whose keys are not chosen by callers.
fn plain_values(field: &Field, message: &DynamicMessage) -> Option<Vec<String>> {
    let is_enum = is_enum(field, &message.descriptor());
    let text = |text: String| literal(&Operand::Text(text), is_enum);
    let predicate = Predicate {
        field: field.clone(),
        condition: Condition::Present,
    };
    let value = match (field_value(&predicate, message)?, &field.kind) {
        (FieldValue::List(list) | FieldValue::Ids(list), _) => {
            return Some(list.into_iter().map(text).collect());
        }
        (FieldValue::Something, _) => SET.to_owned(),
        (FieldValue::Text(value), _) => text(value.into_owned()),
        (FieldValue::Number(time), FieldKind::Time) => {
            literal(&Operand::Time(Moment::At(time)), false)
        }
        (FieldValue::Number(span), FieldKind::Span) => literal(&Operand::Span(span), false),
        (FieldValue::Number(number), _) => number.to_string(),
        (FieldValue::Double(number), _) => literal(&Operand::Double(number), false),
        (FieldValue::Amount(units, nanos), _) => {
            let nanos = i32::try_from(nanos).unwrap_or_default();
            literal(&Operand::Amount { units, nanos }, false)
        }
        (FieldValue::Bool(flag), _) => flag.to_string(),
    };
    Some(vec![value])
}

/// Says whether a field holds enum values, which have no quotes.
fn is_enum(field: &Field, message: &MessageDescriptor) -> bool {
    let is_list_of_enums = || {
        let field = field_at(message, &field.path);
        matches!(field.map(|field| field.kind()), Some(Kind::Enum(_)))
    };
    matches!(field.kind, FieldKind::Enum { .. })
        || field.kind == FieldKind::Texts && is_list_of_enums()
}

/// Returns the keys of a map whose values are set.
fn keys(found: &Value) -> Vec<String> {
    let fields = found
        .as_message()
        .and_then(|message| message.get_field_by_name("fields"));
    let map = fields.as_deref().unwrap_or(found).as_map();
    let is_set = |(_, value): &(&MapKey, &Value)| kind_of(value) != Some("null_value");
    let mut keys: Vec<&str> = map
        .into_iter()
        .flatten()
        .filter(is_set)
        .filter_map(|(key, _)| key.as_str())
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(quoted).collect()
}

/// Returns what a `google.protobuf.Value` holds: of a list, its elements.
fn json_values(found: &Value) -> Vec<String> {
    let kind = kind_of(found).unwrap_or("null_value");
    let json = found
        .as_message()
        .and_then(|message| message.get_field_by_name(kind));
    let Some(json) = json else {
        return Vec::new();
    };
    let operand = match kind {
        "string_value" => json.as_str().map(|text| Operand::Text(text.to_owned())),
        "number_value" => json.as_f64().map(Operand::Double),
        "bool_value" => json.as_bool().map(Operand::Bool),
        "struct_value" => return vec![SET.to_owned()],
        "list_value" => {
            let elements = list_values(&json);
            return if elements.is_empty() {
                vec![SET.to_owned()]
            } else {
                elements.iter().flat_map(json_values).collect()
            };
        }
        _ => None,
    };
    let value = operand.map(|operand| literal(&operand, false));
    value.into_iter().collect()
}
