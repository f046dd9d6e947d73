//! How long a verdict stays valid: the first moment at which the passing of time alone changes it.
//!
//! Pure: it is given a record and how the record's counts will change. A verdict can change only where one of its
//! comparisons with the current time does, so it evaluates the filter at those moments, in order. Writes are not
//! foreseen.

use prost_reflect::{DynamicMessage, Value};

use crate::clock::{LAST, Micros};
use crate::filter::evaluate::{Record, any_element, evaluate, time_of};
use crate::filter::resolve::AFFILIATIONS;
use crate::filter::tree::{Comparison, Condition, Filter, Moment, Operand, Predicate};
use std::collections::BTreeSet;

/// The fields of a customer that change at midnight, because they count what is in force on a day.
const COUNTS: [&str; 2] = ["contact_count", "decision_maker_count"];

/// A record, and what becomes of it if nothing is written.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    /// The record at the time of the question.
    pub message: &'a DynamicMessage,
    /// The time of the question.
    pub now: Micros,
    /// What its counts become, in order.
    pub counts: &'a [CountChange],
    /// Until when the counts are known; `None`: for ever.
    pub known_until: Option<Micros>,
    /// The live affiliations.
    pub affiliations: &'a [DynamicMessage],
    /// The segments by list that hold it.
    pub lists: &'a BTreeSet<String>,
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

/// A verdict, and until when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the record meets the tree.
    pub holds: bool,
    /// It stays so until before this time; `None`: for ever.
    pub until: Option<Micros>,
}

/// Says whether a record meets a tree, and until when that stays so.
///
/// Evaluates about as many predicates as are left at most, and takes those away that it did. When none is left it answers
/// with the first moment that it did not try, up to which the verdict is sure.
pub fn verdict(tree: &Filter, course: Course<'_>, n_left: &mut usize) -> Verdict {
    let holds = evaluate(tree, course.record(course.message), course.now);
    let (asks_counts, n_predicates) = (asks_counts(tree), weight(tree, course).max(1));
    // One copy, whose counts are set for each moment: records may be large.
    let mut later = (asks_counts && !course.counts.is_empty()).then(|| course.message.clone());
    for moment in moments(tree, course) {
        let is_known = course.known_until.is_none_or(|end| moment < end) || !asks_counts;
        if *n_left < n_predicates || !is_known {
            return Verdict {
                holds,
                until: Some(moment),
            };
        }
        *n_left -= n_predicates;
        if let Some(later) = &mut later {
            course.count(later, moment);
        }
        if evaluate(
            tree,
            course.record(later.as_ref().unwrap_or(course.message)),
            moment,
        ) != holds
        {
            return Verdict {
                holds,
                until: Some(moment),
            };
        }
    }
    Verdict { holds, until: None }
}

/// Returns how many predicates one evaluation takes at most; of lists inside lists, the outer one counts.
fn weight(tree: &Filter, course: Course<'_>) -> usize {
    match tree {
        Filter::And(trees) | Filter::Or(trees) => {
            trees.iter().map(|tree| weight(tree, course)).sum()
        }
        Filter::Not(tree) => weight(tree, course),
        Filter::Member { filter, .. } => filter.as_deref().map_or(1, |tree| weight(tree, course)),
        Filter::Exists { list, inner } => {
            let mut n_elements = 0;
            any_element(list, course.record(course.message), |_| {
                n_elements += 1;
                false
            });
            n_elements.max(1) * weight(inner, course)
        }
        Filter::Predicate(_) => 1,
    }
}

impl<'a> Course<'a> {
    /// Returns a state of the record with what stands beside it.
    fn record<'b>(self, message: &'b DynamicMessage) -> Record<'b>
    where
        'a: 'b,
    {
        Record {
            message,
            affiliations: self.affiliations,
            lists: self.lists,
        }
    }

    /// Sets the counts to what they are at a time.
    fn count(self, message: &mut DynamicMessage, time: Micros) {
        let after = self.counts.partition_point(|counts| counts.from <= time);
        if let Some(counts) = after.checked_sub(1).and_then(|i| self.counts.get(i)) {
            message.set_field_by_name(COUNTS[0], Value::I32(counts.contacts));
            message.set_field_by_name(COUNTS[1], Value::I32(counts.decision_makers));
        }
    }
}

/// Says whether a tree asks for what changes at midnight.
pub fn asks_counts(tree: &Filter) -> bool {
    asks(
        tree,
        &|path| matches!(path, [field] if COUNTS.contains(&field.as_str())),
    )
}

/// Says whether a tree can only be evaluated with the affiliations of a customer at hand.
pub fn asks_affiliations(tree: &Filter) -> bool {
    asks(tree, &|path| path == [AFFILIATIONS]) || asks_counts(tree)
}

/// Says whether a tree names a segment by list.
pub fn asks_lists(tree: &Filter) -> bool {
    match tree {
        Filter::And(trees) | Filter::Or(trees) => trees.iter().any(asks_lists),
        Filter::Not(tree) => asks_lists(tree),
        Filter::Member { filter, .. } => filter.as_deref().is_none_or(asks_lists),
        Filter::Exists { .. } | Filter::Predicate(_) => false,
    }
}

fn asks(tree: &Filter, wanted: &dyn Fn(&[String]) -> bool) -> bool {
    match tree {
        Filter::And(trees) | Filter::Or(trees) => trees.iter().any(|tree| asks(tree, wanted)),
        Filter::Not(tree) => asks(tree, wanted),
        Filter::Member { filter, .. } => filter.as_deref().is_some_and(|tree| asks(tree, wanted)),
        // Its own paths begin at an element.
        Filter::Exists { list, .. } => wanted(list),
        Filter::Predicate(predicate) => wanted(&predicate.field.path),
    }
}

/// Returns the moments after now at which a comparison of the tree may turn, in order.
fn moments(tree: &Filter, course: Course<'_>) -> BTreeSet<Micros> {
    let mut moments = BTreeSet::new();
    collect(tree, course.record(course.message), &mut moments);
    if asks_counts(tree) {
        moments.extend(course.counts.iter().map(|counts| counts.from));
        moments.extend(course.known_until);
    }
    moments.retain(|moment| *moment > course.now && *moment <= LAST);
    moments
}

fn collect(tree: &Filter, record: Record<'_>, moments: &mut BTreeSet<Micros>) {
    match tree {
        Filter::And(trees) | Filter::Or(trees) => {
            trees.iter().for_each(|tree| collect(tree, record, moments))
        }
        Filter::Not(tree) => collect(tree, record, moments),
        Filter::Member { filter, .. } => filter
            .iter()
            .for_each(|tree| collect(tree, record, moments)),
        Filter::Exists { list, inner } => {
            any_element(list, record, |element| {
                collect(inner, Record::of(element), moments);
                false
            });
        }
        Filter::Predicate(predicate) => moments.extend(
            predicate_moments(predicate, record.message)
                .into_iter()
                .flatten(),
        ),
    }
}

/// Returns when a comparison with a time that is told from now turns: when that time reaches the one of the field, or
/// has gone past it.
fn predicate_moments(predicate: &Predicate, message: &DynamicMessage) -> [Option<Micros>; 2] {
    let Condition::Is(comparison, Operand::Time(Moment::Ago(span))) = &predicate.condition else {
        return [None, None];
    };
    let reached = time_of(predicate, message).and_then(|time| time.checked_add(*span));
    let passed = reached.and_then(|reached| reached.checked_add(1));
    match comparison {
        Comparison::LessOrEqual | Comparison::Greater => [reached, None],
        Comparison::Less | Comparison::GreaterOrEqual => [None, passed],
        Comparison::Equal | Comparison::NotEqual => [reached, passed],
    }
}
