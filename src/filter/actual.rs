//! What a record holds where a restriction looks, as filters write it.

use prost_reflect::{DynamicMessage, MapKey, ReflectMessage, Value};

use crate::clock::Micros;
use crate::filter::evaluate::{
    FieldValue, Record, elements, evaluate, field_value, is_affiliations, kind_of, member, value,
};
use crate::filter::print_tree::{field_path, is_enum};
use crate::filter::print_value::{literal, quoted};
use crate::filter::tree::{Condition, Field, FieldKind, Filter, Moment, Operand, Predicate};

/// What stands for something that is set and has no value of its own, as in `business:*`.
const SET: &str = "*";

/// Returns what a record holds where a tree looks, each value once; nothing where it is unset. Of a list of groups the
/// elements that meet the tree come first.
pub fn actual(tree: &Filter, record: Record<'_>, now: Micros) -> Vec<String> {
    let mut values = Vec::new();
    collect(tree, record, now, &mut values);
    distinct(values)
}

fn collect(tree: &Filter, record: Record<'_>, now: Micros, values: &mut Vec<String>) {
    match tree {
        Filter::And(trees) | Filter::Or(trees) => trees
            .iter()
            .for_each(|tree| collect(tree, record, now, values)),
        Filter::Not(tree) => collect(tree, record, now, values),
        Filter::Exists { list, inner } => {
            let (meet, others): (Vec<_>, Vec<_>) = elements(list, record)
                .iter()
                .copied()
                .partition(|element| evaluate(inner, Record::of(element), now));
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

/// A field behind lists of groups.
#[derive(PartialEq)]
struct Looked<'a> {
    lists: Vec<&'a [String]>,
    field: &'a Field,
}

/// Returns the fields that a tree looks at, each once.
fn fields(tree: &Filter) -> Vec<Looked<'_>> {
    let mut found: Vec<Looked<'_>> = Vec::new();
    for looked in all_fields(tree) {
        if !found.contains(&looked) {
            found.push(looked);
        }
    }
    found
}

fn all_fields(tree: &Filter) -> Vec<Looked<'_>> {
    match tree {
        Filter::And(trees) | Filter::Or(trees) => trees.iter().flat_map(all_fields).collect(),
        Filter::Not(tree) => all_fields(tree),
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

/// Returns what one element holds: its values where one field is looked at, and one line with all fields where several
/// are.
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
            let elements = elements(list, Record::of(message));
            elements
                .into_iter()
                .flat_map(|element| behind(rest, field, element))
                .collect()
        }
    }
}

/// Returns what a field of a message holds.
fn of_field(field: &Field, message: &DynamicMessage) -> Vec<String> {
    let found = || value(message, &field.path);
    let keys_or_values = match &field.kind {
        FieldKind::Labels | FieldKind::Attributes => found().map(|found| keys(&found)),
        FieldKind::Attribute(keys) => found()
            .and_then(|found| member(&found, keys))
            .map(|found| free(&found)),
        _ => None,
    };
    if matches!(
        field.kind,
        FieldKind::Labels | FieldKind::Attributes | FieldKind::Attribute(_)
    ) {
        return keys_or_values.unwrap_or_default();
    }
    let is_enum = is_enum(field, &message.descriptor());
    let text = |text: String| literal(&Operand::Text(text), is_enum);
    let predicate = Predicate {
        field: field.clone(),
        condition: Condition::Present,
    };
    match (field_value(&predicate, message), &field.kind) {
        (FieldValue::Nothing, _) => Vec::new(),
        (FieldValue::Something, _) => vec![SET.to_owned()],
        (FieldValue::Text(value), _) => vec![text(value.into_owned())],
        (FieldValue::Number(time), FieldKind::Time) => {
            vec![literal(&Operand::Time(Moment::At(time)), false)]
        }
        (FieldValue::Number(span), FieldKind::Span) => vec![literal(&Operand::Span(span), false)],
        (FieldValue::Number(number), _) => vec![number.to_string()],
        (FieldValue::Double(number), _) => vec![literal(&Operand::Double(number), false)],
        (FieldValue::Amount(units, nanos), _) => {
            let nanos = i32::try_from(nanos).unwrap_or_default();
            vec![literal(&Operand::Amount { units, nanos }, false)]
        }
        (FieldValue::Bool(flag), _) => vec![flag.to_string()],
        (FieldValue::List(list) | FieldValue::Ids(list), _) => list.into_iter().map(text).collect(),
    }
}

/// Returns the keys of a map whose values are set.
fn keys(found: &Value) -> Vec<String> {
    let fields = found
        .as_message()
        .and_then(|message| message.get_field_by_name("fields"))
        .map(|map| map.into_owned());
    let map = fields.as_ref().unwrap_or(found).as_map();
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

/// Returns what a `google.protobuf.Value` holds: of a list the elements.
fn free(found: &Value) -> Vec<String> {
    let Some(message) = found.as_message() else {
        return Vec::new();
    };
    let json = |name: &str| {
        message
            .get_field_by_name(name)
            .map(std::borrow::Cow::into_owned)
    };
    let operand = match kind_of(found) {
        Some("string_value") => json("string_value")
            .and_then(|text| text.as_str().map(str::to_owned))
            .map(Operand::Text),
        Some("number_value") => json("number_value")
            .and_then(|number| number.as_f64())
            .map(Operand::Double),
        Some("bool_value") => json("bool_value")
            .and_then(|flag| flag.as_bool())
            .map(Operand::Bool),
        Some("list_value") => {
            let list = json("list_value");
            let list = list
                .as_ref()
                .and_then(Value::as_message)
                .and_then(|list| list.get_field_by_name("values"));
            let elements = list
                .as_ref()
                .and_then(|list| list.as_list())
                .unwrap_or_default();
            return if elements.is_empty() {
                vec![SET.to_owned()]
            } else {
                elements.iter().flat_map(free).collect()
            };
        }
        Some("struct_value") => return vec![SET.to_owned()],
        _ => None,
    };
    operand
        .map(|operand| literal(&operand, false))
        .into_iter()
        .collect()
}
