//! Explanations for people: the parts of a filter as a tree with check marks, and one sentence about what would have to
//! change.

use crate::cli::table;
use crate::cli::wrap::{columns, padded, wrapped};
use crate::pb::ExplanationNode;
use crate::pb::explanation_node::Operator;

/// The longest part that still has its values in the column beside it.
const MAX_ALIGNED: usize = 60;

/// Renders the parts as lines: a mark, the condition, and what the record has.
pub(crate) fn tree(nodes: &[ExplanationNode], width: usize) -> Vec<String> {
    let heads: Vec<String> = nodes.iter().map(head).collect();
    let longest = heads
        .iter()
        .zip(nodes)
        .filter(|(_, node)| node.operator() == Operator::Restriction);
    let longest = longest
        .map(|(head, _)| columns(head))
        .filter(|length| *length <= MAX_ALIGNED)
        .max();
    let column = longest.unwrap_or(0);
    let line = |(head, node): (String, &ExplanationNode)| {
        let deeper = " ".repeat(2 + 2 * depth(node));
        let mut lines = wrapped(&head, width, ["", &deeper]);
        if node.operator() != Operator::Restriction {
            return lines;
        }
        let below = " ".repeat(4 + 2 * depth(node));
        if is_of_elements(node) && node.values.len() > 1 {
            let more = node.more_values.then(|| "\u{2026}".to_owned());
            let elements = node
                .values
                .iter()
                .map(|value| table::printable(&format!("has {value}")))
                .chain(more);
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

/// Says whether each value shows several fields of one list element.
fn is_of_elements(node: &ExplanationNode) -> bool {
    node.text.starts_with('(')
}

/// Says whether the condition is about a segment that has been deleted.
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
        Operator::Segment => table::printable(&format!("in {}", called())),
        _ if node.segment.is_empty() => table::printable(&node.text),
        _ if is_in_deleted(node) => table::printable(&format!("in {}", called())),
        _ => table::printable(&format!("on the list of {}", called())),
    }
}

/// Describes what the record has.
fn has(node: &ExplanationNode) -> String {
    let more = if node.more_values { ", \u{2026}" } else { "" };
    match &node.values[..] {
        _ if is_in_deleted(node) => "has no members".to_owned(),
        _ if !node.segment.is_empty() => if node.holds {
            "is listed"
        } else {
            "is not listed"
        }
        .to_owned(),
        [] => "is unset".to_owned(),
        [value] if value == "*" => "is set".to_owned(),
        values if is_of_elements(node) => {
            table::printable(&format!("has {}{more}", values.join(" | ")))
        }
        values => table::printable(&format!("is {}{more}", values.join(", "))),
    }
}

/// Describes in one sentence what would have to change for a record to `be in` a segment or to `fit` a persona.
pub(crate) fn change(
    nodes: &[ExplanationNode],
    flips: &[i32],
    verb: &str,
    width: usize,
) -> Vec<String> {
    let is_flipped = |node: &&ExplanationNode| {
        node.operator() == Operator::Restriction && flips.contains(&node.occurrence)
    };
    let changes: Vec<String> = nodes.iter().filter(is_flipped).map(flip).collect();
    let sentence = match &changes[..] {
        [] => format!("No change of a condition would make it {verb}."),
        [one] => format!("It would {verb} if one thing changed: {one}."),
        all => format!(
            "It would {verb} if {} things changed: {}.",
            all.len(),
            all.join("; ")
        ),
    };
    wrapped(&sentence, width, ["", ""])
}

fn flip(node: &ExplanationNode) -> String {
    let (what, has) = (what(node), has(node));
    match (node.segment.is_empty(), node.holds) {
        (true, false) => format!("{what} became true (it {has})"),
        (true, true) => format!("{what} became false (it {has})"),
        (false, false) if is_in_deleted(node) => {
            format!("{} was undeleted and held it", node.segment)
        }
        (false, false) => format!("it was {what}"),
        (false, true) => format!("it was no longer {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(depth: i32, operator: Operator, holds: bool) -> ExplanationNode {
        ExplanationNode {
            depth,
            operator: operator.into(),
            holds,
            ..ExplanationNode::default()
        }
    }

    /// A condition on the record itself, and what the record has.
    fn asked(depth: i32, text: &str, holds: bool, values: &[&str]) -> ExplanationNode {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        ExplanationNode {
            text: text.to_owned(),
            values,
            ..node(depth, Operator::Restriction, holds)
        }
    }

    /// Membership in a segment; a deleted one is not called anything.
    fn within(depth: i32, operator: Operator, called: &str, holds: bool) -> ExplanationNode {
        let id = if called.is_empty() {
            "gone".to_owned()
        } else {
            called.to_lowercase()
        };
        let (segment, segment_display_name) = (format!("segments/{id}"), called.to_owned());
        ExplanationNode {
            segment,
            segment_display_name,
            ..node(depth, operator, holds)
        }
    }

    fn and_more(node: ExplanationNode) -> ExplanationNode {
        ExplanationNode {
            more_values: true,
            ..node
        }
    }

    fn all() -> Vec<ExplanationNode> {
        let elements = [
            "seniority: VP; end_date: unset",
            "seniority: OWNER; end_date: 2020-01-01",
        ];
        let asks = "(affiliations.seniority = VP AND NOT affiliations.end_date:*)";
        vec![
            node(0, Operator::And, false),
            and_more(asked(1, "tags:\"a\"", true, &["\"a\"", "\"b\""])),
            node(1, Operator::Or, true),
            asked(2, "business:*", true, &["*"]),
            asked(2, "kind = BUSINESS", false, &[]),
            node(1, Operator::Not, false),
            within(2, Operator::Restriction, "Guests", true),
            within(1, Operator::Restriction, "Listed", false),
            within(1, Operator::Restriction, "", false),
            within(1, Operator::Segment, "Shops", false),
            asked(
                2,
                "business.industry = \"machinery\"",
                false,
                &["\"crafts\""],
            ),
            and_more(asked(1, asks, true, &elements)),
            and_more(asked(1, asks, true, &elements[..1])),
            asked(
                1,
                "display_name = \"A firm with a very long name indeed, and one more\"",
                false,
                &["\"x\""],
            ),
        ]
    }

    #[test]
    fn parts_are_a_tree_with_what_the_record_has_beside_them() {
        let expected = "\
✗ all of
  ✓ tags:\"a\"                                   is \"a\", \"b\", …
  ✓ one of
    ✓ business:*                               is set
    ✗ kind = BUSINESS                          is unset
  ✗ not
    ✓ on the list of Guests (segments/guests)  is listed
  ✗ on the list of Listed (segments/listed)    is not listed
  ✗ in segments/gone, which is deleted         has no members
  ✗ in Shops (segments/shops)
    ✗ business.industry = \"machinery\"          is \"crafts\"
  ✓ (affiliations.seniority = VP AND NOT affiliations.end_date:*)
      has seniority: VP; end_date: unset
      has seniority: OWNER; end_date: 2020-01-01
      …
  ✓ (affiliations.seniority = VP AND NOT affiliations.end_date:*)
      has seniority: VP; end_date: unset, …
  ✗ display_name = \"A firm with a very long name indeed, and one more\"
      is \"x\"";
        assert_eq!(tree(&all(), 100).join("\n"), expected);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let flips: Vec<i32> = (0..14).collect();
        let nodes: Vec<_> = all()
            .into_iter()
            .zip(0..)
            .map(|(node, occurrence)| ExplanationNode { occurrence, ..node })
            .collect();
        for width in 40..100 {
            for line in tree(&nodes, width)
                .into_iter()
                .chain(change(&nodes, &flips, "be in", width))
            {
                assert!(columns(&line) <= width, "{width}: {line:?}");
            }
        }
    }

    #[test]
    fn what_would_have_to_change_is_one_sentence() {
        let deleted = within(0, Operator::Restriction, "", false);
        let (listed, missed) = (
            within(0, Operator::Restriction, "Guests", true),
            within(0, Operator::Restriction, "Guests", false),
        );
        let elements = and_more(asked(
            0,
            "(a.b = 1 AND a.c = 2)",
            false,
            &["b: 1; c: 1", "b: 2; c: 2"],
        ));
        for (node, turn) in [
            (
                asked(0, "kind = BUSINESS", false, &["INDIVIDUAL"]),
                "kind = BUSINESS became true (it is INDIVIDUAL)",
            ),
            (
                asked(0, "business:*", true, &["*"]),
                "business:* became false (it is set)",
            ),
            (
                asked(0, "tags:\"a\"", false, &[]),
                "tags:\"a\" became true (it is unset)",
            ),
            (
                and_more(asked(0, "tags:a", true, &["a", "b"])),
                "tags:a became false (it is a, b, …)",
            ),
            (
                elements,
                "(a.b = 1 AND a.c = 2) became true (it has b: 1; c: 1 | b: 2; c: 2, …)",
            ),
            (missed, "it was on the list of Guests (segments/guests)"),
            (
                listed,
                "it was no longer on the list of Guests (segments/guests)",
            ),
            (deleted, "segments/gone was undeleted and held it"),
        ] {
            let sentence = change(&[node], &[0], "fit", 200).join("\n");
            assert_eq!(
                sentence,
                format!("It would fit if one thing changed: {turn}.")
            );
        }
    }

    #[test]
    fn all_that_would_have_to_change_is_told_and_nothing_else() {
        let of = |(text, occurrence)| ExplanationNode {
            occurrence,
            ..asked(1, text, false, &["x"])
        };
        let mut nodes = vec![node(0, Operator::And, false)];
        nodes.extend([("a = 1", 1), ("b = 1", 2), ("c = 1", 3)].map(of));
        let changed = |flips: &[i32]| change(&nodes, flips, "be in", 200).join("\n");
        let both = "It would be in if 2 things changed: a = 1 became true (it is x); c = 1 became true (it is x).";
        assert_eq!(changed(&[1, 3]), both);
        assert_eq!(
            changed(&[2]),
            "It would be in if one thing changed: b = 1 became true (it is x)."
        );
        assert_eq!(
            changed(&[]),
            "No change of a condition would make it be in."
        );
    }
}
