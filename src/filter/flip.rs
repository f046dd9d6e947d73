//! Until when a verdict holds: the first moment at which a rule about time turns it round.
//!
//! Pure over what it is given: a record, and how it becomes another one by the mere passing of time. It does not look
//! for the moment in a continuum: a verdict turns only where a comparison does, so it tries those moments in order.

use prost_reflect::DynamicMessage;

use super::evaluate::{Record, any_element, evaluate, time_of};
use super::resolve::AFFILIATIONS;
use super::tree::{Comparison, Condition, Moment, Operand, Test, Tree};
use crate::clock::{LAST, Micros};
use std::collections::BTreeSet;

/// The fields of a customer that change at midnight, because they count what is in force on a day.
const COUNTS: [&str; 2] = ["contact_count", "decision_maker_count"];

/// A record, and what becomes of it if nothing is written.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    /// The record from each of these times on, in order; the first is the time of the question.
    pub states: &'a [(Micros, DynamicMessage)],
    /// Until when the states are known; `None`: for ever.
    pub known_until: Option<Micros>,
    /// The live affiliations.
    pub affiliations: &'a [DynamicMessage],
    /// The segments by list that hold it.
    pub lists: &'a BTreeSet<String>,
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
/// Tries at most as many moments as are left, and takes those away that it tried. When none is left it answers with the
/// first moment that it did not try, up to which the verdict is sure.
pub fn verdict(tree: &Tree, course: Course<'_>, n_left: &mut usize) -> Verdict {
    let Some((now, _)) = course.states.first() else { return Verdict { holds: false, until: None } };
    let holds = evaluate(tree, course.at(*now), *now);
    for moment in moments(tree, course, *now) {
        let is_known = course.known_until.is_none_or(|end| moment < end) || !asks_counts(tree);
        if *n_left == 0 || !is_known {
            return Verdict { holds, until: Some(moment) };
        }
        *n_left -= 1;
        if evaluate(tree, course.at(moment), moment) != holds {
            return Verdict { holds, until: Some(moment) };
        }
    }
    Verdict { holds, until: None }
}

impl<'a> Course<'a> {
    /// Returns the record as it is at a time.
    fn at(self, time: Micros) -> Record<'a> {
        let after = self.states.partition_point(|(from, _)| *from <= time);
        let (_, message) = &self.states[after.saturating_sub(1)];
        Record { message, affiliations: self.affiliations, lists: self.lists }
    }
}

/// Says whether a tree asks for what changes at midnight.
pub fn asks_counts(tree: &Tree) -> bool {
    asks(tree, &|path| matches!(path, [field] if COUNTS.contains(&field.as_str())))
}

/// Says whether a tree can only be evaluated with the affiliations of a customer at hand.
pub fn asks_affiliations(tree: &Tree) -> bool {
    asks(tree, &|path| path == [AFFILIATIONS]) || asks_counts(tree)
}

/// Says whether a tree names a segment by list.
pub fn asks_lists(tree: &Tree) -> bool {
    match tree {
        Tree::All(trees) | Tree::Any(trees) => trees.iter().any(asks_lists),
        Tree::Not(tree) => asks_lists(tree),
        Tree::Member { filter, .. } => filter.as_deref().is_none_or(asks_lists),
        Tree::Some { .. } | Tree::Test(_) => false,
    }
}

fn asks(tree: &Tree, wanted: &dyn Fn(&[String]) -> bool) -> bool {
    match tree {
        Tree::All(trees) | Tree::Any(trees) => trees.iter().any(|tree| asks(tree, wanted)),
        Tree::Not(tree) => asks(tree, wanted),
        Tree::Member { filter, .. } => filter.as_deref().is_some_and(|tree| asks(tree, wanted)),
        // Its own paths begin at an element.
        Tree::Some { list, .. } => wanted(list),
        Tree::Test(test) => wanted(&test.field.path),
    }
}

/// Returns the moments after now at which a comparison of the tree may turn, in order.
fn moments(tree: &Tree, course: Course<'_>, now: Micros) -> BTreeSet<Micros> {
    let mut moments = BTreeSet::new();
    collect(tree, course.at(now), &mut moments);
    if asks_counts(tree) {
        moments.extend(course.states.iter().map(|(from, _)| *from));
        moments.extend(course.known_until);
    }
    moments.retain(|moment| *moment > now && *moment <= LAST);
    moments
}

fn collect(tree: &Tree, record: Record<'_>, moments: &mut BTreeSet<Micros>) {
    match tree {
        Tree::All(trees) | Tree::Any(trees) => trees.iter().for_each(|tree| collect(tree, record, moments)),
        Tree::Not(tree) => collect(tree, record, moments),
        Tree::Member { filter, .. } => filter.iter().for_each(|tree| collect(tree, record, moments)),
        Tree::Some { list, inner } => {
            any_element(list, record, |element| {
                collect(inner, Record::of(element), moments);
                false
            });
        }
        Tree::Test(test) => moments.extend(of_test(test, record.message).into_iter().flatten()),
    }
}

/// Returns when a comparison with a time that is told from now turns: when that time reaches the one of the field, or
/// has gone past it.
fn of_test(test: &Test, message: &DynamicMessage) -> [Option<Micros>; 2] {
    let Condition::Is(comparison, Operand::Time(Moment::Ago(span))) = &test.condition else { return [None, None] };
    let reached = time_of(test, message).and_then(|time| time.checked_add(*span));
    let passed = reached.and_then(|reached| reached.checked_add(1));
    match comparison {
        Comparison::LessOrEqual | Comparison::Greater => [reached, None],
        Comparison::Less | Comparison::GreaterOrEqual => [None, passed],
        Comparison::Equal | Comparison::NotEqual => [reached, passed],
    }
}
