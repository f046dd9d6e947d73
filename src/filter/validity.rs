//! How long a verdict stays valid: the first moment at which the passing of time alone changes it.
//!
//! Pure: it is given a record and how the record's counts will change. A verdict can change only where one of its
//! comparisons with the current time does, so it evaluates the filter at those moments, in order. Writes are not
//! foreseen.

use std::collections::BTreeSet;

use prost_reflect::{DynamicMessage, Value};

use crate::clock::{LAST, Micros};
use crate::filter::evaluate::{elements, evaluate};
use crate::filter::field_value::{FieldValue, field_value};
use crate::filter::record::Record;
use crate::filter::resolve::AFFILIATIONS;
use crate::filter::tree::{Comparison, Condition, Filter, Moment, Operand, Predicate};

/// The fields of a customer that change at midnight, because they count what is in force on that day.
const COUNTS: [&str; 2] = ["contact_count", "decision_maker_count"];

/// How the counts of a customer change if nothing is written.
#[derive(Clone, Debug, Default)]
pub struct CountForecast {
    /// The changes to come, in order.
    pub changes: Vec<CountChange>,
    /// Until when the changes are known; `None`: for ever.
    pub known_until: Option<Micros>,
}

/// The counts of a customer from a time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountChange {
    /// The midnight at which they change.
    pub from: Micros,
    /// `contact_count`.
    pub contacts: i32,
    /// `decision_maker_count`.
    pub decision_makers: i32,
}

/// A verdict, and how long it is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the record meets the filter.
    pub holds: bool,
    /// Valid before this time; `None`: for ever.
    pub until: Option<Micros>,
}

/// Says whether a record meets a filter now, and until when that stays so.
///
/// `n_left` is how many predicates may still be evaluated for that; those that were are taken off. When too few are
/// left, the verdict is valid until the first moment that was not tried.
pub fn verdict(
    filter: &Filter,
    record: Record<'_>,
    forecast: &CountForecast,
    now: Micros,
    n_left: &mut usize,
) -> Verdict {
    let holds = evaluate(filter, record, now);
    let asks_counts = asks_counts(filter);
    let n_predicates = weight(filter, record).max(1);
    // One copy, whose counts are set for each moment: records may be large.
    let mut later = (asks_counts && !forecast.changes.is_empty()).then(|| record.message.clone());
    for moment in moments(filter, record, forecast, now) {
        let valid_until_then = Verdict {
            holds,
            until: Some(moment),
        };
        let is_known = !asks_counts || forecast.known_until.is_none_or(|end| moment < end);
        if !is_known || *n_left < n_predicates {
            return valid_until_then;
        }
        *n_left -= n_predicates;
        if let Some(later) = &mut later {
            forecast.apply(later, moment);
        }
        let message = later.as_ref().unwrap_or(record.message);
        if evaluate(filter, Record { message, ..record }, moment) != holds {
            return valid_until_then;
        }
    }
    Verdict { holds, until: None }
}

/// Returns how many predicates one evaluation takes at most; of lists inside lists, the outer one counts.
fn weight(filter: &Filter, record: Record<'_>) -> usize {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            filters.iter().map(|filter| weight(filter, record)).sum()
        }
        Filter::Not(filter) => weight(filter, record),
        Filter::Member { filter, .. } => {
            filter.as_deref().map_or(1, |filter| weight(filter, record))
        }
        Filter::Exists { list, inner } => {
            elements(list, record).len().max(1) * weight(inner, record)
        }
        Filter::Predicate(_) => 1,
    }
}

impl CountForecast {
    /// Sets the counts of a customer to what they are at a time.
    fn apply(&self, customer: &mut DynamicMessage, time: Micros) {
        let after = self.changes.partition_point(|change| change.from <= time);
        if let Some(counts) = after.checked_sub(1).and_then(|i| self.changes.get(i)) {
            customer.set_field_by_name(COUNTS[0], Value::I32(counts.contacts));
            customer.set_field_by_name(COUNTS[1], Value::I32(counts.decision_makers));
        }
    }
}

/// Says whether a filter names a field that changes at midnight.
pub fn asks_counts(filter: &Filter) -> bool {
    asks(
        filter,
        &|path| matches!(path, [field] if COUNTS.contains(&field.as_str())),
    )
}

/// Says whether the affiliations of a customer are needed to evaluate a filter.
pub fn asks_affiliations(filter: &Filter) -> bool {
    asks(filter, &|path| path == [AFFILIATIONS]) || asks_counts(filter)
}

/// Says whether a filter names a segment by list.
pub fn asks_lists(filter: &Filter) -> bool {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => filters.iter().any(asks_lists),
        Filter::Not(filter) => asks_lists(filter),
        Filter::Member { filter, .. } => filter.as_deref().is_none_or(asks_lists),
        Filter::Exists { .. } | Filter::Predicate(_) => false,
    }
}

fn asks(filter: &Filter, wanted: &dyn Fn(&[String]) -> bool) -> bool {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            filters.iter().any(|filter| asks(filter, wanted))
        }
        Filter::Not(filter) => asks(filter, wanted),
        Filter::Member { filter, .. } => {
            filter.as_deref().is_some_and(|filter| asks(filter, wanted))
        }
        // Its own paths begin at an element.
        Filter::Exists { list, .. } => wanted(list),
        Filter::Predicate(predicate) => wanted(&predicate.field.path),
    }
}

/// Returns the moments after now at which a comparison of the filter may change, in order.
fn moments(
    filter: &Filter,
    record: Record<'_>,
    forecast: &CountForecast,
    now: Micros,
) -> BTreeSet<Micros> {
    let mut moments = BTreeSet::new();
    collect(filter, record, &mut moments);
    if asks_counts(filter) {
        moments.extend(forecast.changes.iter().map(|change| change.from));
        moments.extend(forecast.known_until);
    }
    moments.retain(|moment| *moment > now && *moment <= LAST);
    moments
}

fn collect(filter: &Filter, record: Record<'_>, moments: &mut BTreeSet<Micros>) {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => filters
            .iter()
            .for_each(|filter| collect(filter, record, moments)),
        Filter::Not(filter) => collect(filter, record, moments),
        Filter::Member { filter, .. } => filter
            .iter()
            .for_each(|filter| collect(filter, record, moments)),
        Filter::Exists { list, inner } => elements(list, record)
            .into_iter()
            .for_each(|element| collect(inner, Record::new(element), moments)),
        Filter::Predicate(predicate) => {
            let changes = predicate_moments(predicate, record.message);
            moments.extend(changes.into_iter().flatten());
        }
    }
}

/// Returns when a comparison with a time relative to now changes: when that time reaches the one of the field, or has
/// passed it.
fn predicate_moments(predicate: &Predicate, message: &DynamicMessage) -> [Option<Micros>; 2] {
    let Condition::Is(comparison, Operand::Time(Moment::Ago(span))) = &predicate.condition else {
        return [None, None];
    };
    let Some(FieldValue::Number(time)) = field_value(predicate, message) else {
        return [None, None];
    };
    let reached = time.checked_add(*span);
    let passed = reached.and_then(|reached| reached.checked_add(1));
    match comparison {
        Comparison::LessOrEqual | Comparison::Greater => [reached, None],
        Comparison::Less | Comparison::GreaterOrEqual => [None, passed],
        Comparison::Equal | Comparison::NotEqual => [reached, passed],
    }
}
