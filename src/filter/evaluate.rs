//! Evaluation in memory: whether a record, as it is read, meets a filter.
//!
//! Means the same as the SQL of `store::read::filter`: `tests/filter/agree.rs` holds the two against each other. What a
//! field holds is read in `field_value`.

use std::borrow::Cow;
use std::cmp::Ordering;

use prost_reflect::{DynamicMessage, ReflectMessage, Value};

use crate::clock::Micros;
use crate::filter::field_value::{FieldValue, field_value, value};
use crate::filter::record::Record;
use crate::filter::resolve::{AFFILIATIONS, has_affiliations};
use crate::filter::tree::{Condition, Filter, Operand, Predicate};
use crate::fold::folded;

/// Says whether a record meets a filter at a time.
pub fn evaluate(tree: &Filter, record: Record<'_>, now: Micros) -> bool {
    match tree {
        Filter::And(trees) => trees.iter().all(|tree| evaluate(tree, record, now)),
        Filter::Or(trees) => trees.iter().any(|tree| evaluate(tree, record, now)),
        Filter::Not(tree) => !evaluate(tree, record, now),
        Filter::Exists { list, inner } => elements(list, record)
            .into_iter()
            .any(|element| evaluate(inner, Record::new(element), now)),
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

pub(super) fn is_affiliations(path: &[String], record: Record<'_>) -> bool {
    path == [AFFILIATIONS] && has_affiliations(&record.message.descriptor())
}

fn matches(predicate: &Predicate, message: &DynamicMessage, now: Micros) -> bool {
    let Some(value) = field_value(predicate, message) else {
        return false;
    };
    match (value, &predicate.condition) {
        (FieldValue::Something, _) | (_, Condition::Present) => true,
        (FieldValue::Ids(ids), condition) => ids.iter().any(|id| text_matches(id, condition)),
        (FieldValue::Text(text), condition) => text_matches(&text, condition),
        (FieldValue::List(list), Condition::Has(Operand::Text(text))) => list.contains(text),
        (FieldValue::List(list), Condition::ContainsFolded(part)) => {
            list.iter().any(|text| folded(text).contains(part))
        }
        (value, Condition::Is(comparison, operand)) => {
            order(&value, operand, now).is_some_and(|order| comparison.holds(order))
        }
        _ => false,
    }
}

fn text_matches(text: &str, condition: &Condition) -> bool {
    match condition {
        Condition::Is(comparison, Operand::Text(other)) => comparison.holds(text.cmp(other)),
        Condition::Like(pattern, wanted) => pattern.matches(text) == *wanted,
        Condition::ContainsFolded(part) => folded(text).contains(part),
        _ => false,
    }
}

/// Orders a value and an operand of its own kind; `None` if the kinds differ.
fn order(value: &FieldValue<'_>, operand: &Operand, now: Micros) -> Option<Ordering> {
    Some(match (value, operand) {
        (FieldValue::Number(number), Operand::Number(other) | Operand::Span(other)) => {
            number.cmp(other)
        }
        (FieldValue::Number(time), Operand::Time(moment)) => time.cmp(&moment.resolve(now)),
        (
            FieldValue::Amount(units, nanos),
            Operand::Amount {
                units: other,
                nanos: more,
            },
        ) => (*units, *nanos).cmp(&(*other, i64::from(*more))),
        (FieldValue::Double(number), Operand::Double(other)) => {
            number.partial_cmp(other).unwrap_or(Ordering::Less)
        }
        (FieldValue::Bool(flag), Operand::Bool(other)) => flag.cmp(other),
        _ => return None,
    })
}
