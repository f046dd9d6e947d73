//! Explanations for people: the parts of a filter as a tree with a mark each, and in one sentence what would have to
//! change.

use crate::cli::table;
use crate::cli::wrap::{columns, padded, wrapped};
use crate::pb::ExplanationNode;
use crate::pb::explanation_node::Operator;

/// The longest text of a part beside which the values still stand in a column.
const MAX_ALIGNED: usize = 60;

/// Returns the parts as lines: a mark, what is asked for, what the record has.
pub fn tree(nodes: &[ExplanationNode], width: usize) -> Vec<String> {
    let heads: Vec<String> = nodes.iter().map(head).collect();
    let longest = heads.iter().zip(nodes).filter(|(_, node)| node.operator() == Operator::Predicate);
    let longest = longest.map(|(head, _)| columns(head)).filter(|length| *length <= MAX_ALIGNED).max();
    let column = longest.unwrap_or(0);
    let line = |(head, node): (String, &ExplanationNode)| {
        let deeper = " ".repeat(2 + 2 * depth(node));
        let mut lines = wrapped(&head, width, ["", &deeper]);
        if node.operator() != Operator::Predicate {
            return lines;
        }
        let below = " ".repeat(4 + 2 * depth(node));
        if is_of_elements(node) && node.values.len() > 1 {
            let more = node.more_values.then(|| "\u{2026}".to_owned());
            let elements = node.values.iter().map(|value| table::shown(&format!("has {value}"))).chain(more);
            lines.extend(elements.flat_map(|element| wrapped(&element, width, [&below, &below])));
            return lines;
        }
        let has = has(node);
        let beside = format!("{}  {has}", padded(&head, column));
        if columns(&head) <= column && columns(&beside) <= width {
            return vec![beside];
        }
        lines.extend(wrapped(&has, width, [&below, &below]));
        lines
    };
    heads.into_iter().zip(nodes).flat_map(line).collect()
}

/// Says whether each value tells several fields of one element of a list.
fn is_of_elements(node: &ExplanationNode) -> bool {
    node.text.starts_with('(')
}

/// Says whether it asks for members of a segment that is not there any more.
fn is_in_deleted(node: &ExplanationNode) -> bool {
    !node.segment.is_empty() && node.segment_display_name.is_empty()
}

fn depth(node: &ExplanationNode) -> usize {
    usize::try_from(node.depth).unwrap_or_default()
}

fn head(node: &ExplanationNode) -> String {
    let mark = if node.holds { '\u{2713}' } else { '\u{2717}' };
    format!("{}{mark} {}", "  ".repeat(depth(node)), what(node))
}

fn what(node: &ExplanationNode) -> String {
    let called = || match node.segment_display_name.as_str() {
        "" => format!("{}, which is deleted", node.segment),
        name => format!("{name} ({})", node.segment),
    };
    match node.operator() {
        Operator::And => "all of".to_owned(),
        Operator::Or => "one of".to_owned(),
        Operator::Not => "not".to_owned(),
        Operator::Segment => table::shown(&format!("in {}", called())),
        _ if node.segment.is_empty() => table::shown(&node.text),
        _ if is_in_deleted(node) => table::shown(&format!("in {}", called())),
        _ => table::shown(&format!("on the list of {}", called())),
    }
}

/// Says what the record has.
fn has(node: &ExplanationNode) -> String {
    let more = if node.more_values { ", \u{2026}" } else { "" };
    match &node.values[..] {
        _ if is_in_deleted(node) => "has no members".to_owned(),
        _ if !node.segment.is_empty() => if node.holds { "is listed" } else { "is not listed" }.to_owned(),
        [] => "is unset".to_owned(),
        [value] if value == "*" => "is set".to_owned(),
        values if is_of_elements(node) => table::shown(&format!("has {}{more}", values.join(" | "))),
        values => table::shown(&format!("is {}{more}", values.join(", "))),
    }
}

/// Says in one sentence what would have to change for a record that is not in, or does not fit, to `be in` or to `fit`.
pub fn change(nodes: &[ExplanationNode], flips: &[i32], verb: &str, width: usize) -> Vec<String> {
    let is_flipped =
        |node: &&ExplanationNode| node.operator() == Operator::Predicate && flips.contains(&node.occurrence);
    let changes: Vec<String> = nodes.iter().filter(is_flipped).map(turn).collect();
    let sentence = match &changes[..] {
        [] => format!("Nothing that it asks for would make it {verb}."),
        [one] => format!("It would {verb} if one thing changed: {one}."),
        all => format!("It would {verb} if {} things changed: {}.", all.len(), all.join("; ")),
    };
    wrapped(&sentence, width, ["", ""])
}

fn turn(node: &ExplanationNode) -> String {
    let (what, has) = (what(node), has(node));
    match (node.segment.is_empty(), node.holds) {
        (true, false) => format!("{what} became true (it {has})"),
        (true, true) => format!("{what} became false (it {has})"),
        (false, false) if is_in_deleted(node) => format!("{} was undeleted and held it", node.segment),
        (false, false) => format!("it was {what}"),
        (false, true) => format!("it was no longer {what}"),
    }
}
