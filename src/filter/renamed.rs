//! Names that the API once had: stored filters written with them, rewritten to those of today.
//!
//! Pure. Everything but the names stays byte for byte: texts in quotes, searches, spaces. Where filters are stored, and
//! when they are rewritten, is not decided here.

use std::ops::Range;

use crate::filter::grammar::{self, Comparable, Node, Operator};
use crate::filter::scan::{PathPart, Scanner};
use crate::name::Kind;
use crate::renames::{RENAMES, Rename};

/// Rewrites a stored filter on records of a kind; `None` if it has none of the old names, or is no filter.
pub fn renamed(text: &str, kind: Kind) -> Option<String> {
    let node = grammar::parse(text).ok()??;
    let of_kind: Vec<&Rename> = RENAMES.iter().filter(|one| one.kind == kind).collect();
    let mut edits = Vec::new();
    collect(&node, text, &of_kind, &mut edits);
    if edits.is_empty() {
        return None;
    }
    let (mut written, mut copied) = (String::with_capacity(text.len()), 0);
    for (place, new) in edits {
        written.push_str(&text[copied..place.start]);
        written.push_str(&new);
        copied = place.end;
    }
    written.push_str(&text[copied..]);
    Some(written)
}

/// Where something is replaced, and by what.
type Edit = (Range<usize>, String);

/// Collects the edits of a part of a filter, in the order of the text.
fn collect(node: &Node, text: &str, renames: &[&Rename], edits: &mut Vec<Edit>) {
    match node {
        Node::And { nodes, .. } | Node::Or(nodes) => {
            for node in nodes {
                collect(node, text, renames, edits);
            }
        }
        Node::Not(node) => collect(node, text, renames, edits),
        Node::Restriction {
            subject: Comparable::Member(subject),
            operator,
            argument,
        } => {
            let edit = |rename: &&Rename| {
                let place = place_of(subject, text, rename.from)?;
                if rename.is_list {
                    asked_of_list(place, text, *operator, argument, rename.to)
                } else {
                    Some((place, rename.to.to_owned()))
                }
            };
            edits.extend(renames.iter().filter_map(edit));
        }
        // A text that is searched for, or a function: neither names a field.
        Node::Restriction { .. } | Node::Literal(_) => {}
    }
}

/// Returns where a path stands in the text, if the parts begin with it.
fn place_of(parts: &[PathPart], text: &str, path: &str) -> Option<Range<usize>> {
    let names = path.split('.').count();
    let found = parts.get(..names)?;
    if !path.split('.').eq(found.iter().map(|part| &part.text)) {
        return None;
    }
    let last = found.last()?.offset;
    let mut scanner = Scanner::new(text.get(last..)?);
    scanner.part("a name").ok()?;
    Some(found.first()?.offset..last + scanner.offset())
}

/// Asks of a list what was asked of the enum value that the field was: a list is asked for one element.
fn asked_of_list(
    place: Range<usize>,
    text: &str,
    operator: Operator,
    argument: &Comparable,
    list: &str,
) -> Option<Edit> {
    let Comparable::Member(value) = argument else {
        return None;
    };
    let [value] = value.as_slice() else {
        return None;
    };
    let is_unset = value.text.ends_with("_UNSPECIFIED");
    let asked = match (operator, value.text.as_str()) {
        (Operator::Has, _) => return Some((place, list.to_owned())),
        (Operator::Equal, _) if is_unset => format!("(NOT {list}:*)"),
        (Operator::NotEqual, _) if is_unset => format!("{list}:*"),
        (Operator::Equal, value) => format!("{list}:{value}"),
        (Operator::NotEqual, value) => format!("({list}:* AND NOT {list}:{value})"),
        _ => return None,
    };
    Some((place.start..end_of(value, text, place.end)?, asked))
}

/// Returns the end of a value, behind the parentheses that it may stand in after `from`.
fn end_of(value: &PathPart, text: &str, from: usize) -> Option<usize> {
    let opened = text.get(from..value.offset)?.matches('(').count();
    let mut scanner = Scanner::new(text.get(value.offset..)?);
    scanner.part("a value").ok()?;
    for _ in 0..opened {
        scanner.skip_space();
        scanner.take(")");
    }
    Some(value.offset + scanner.offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_customers(text: &str) -> Option<String> {
        renamed(text, Kind::Customer)
    }

    #[test]
    fn paths_are_rewritten_and_everything_else_stays_as_it_was_written() {
        for (old, new) in [
            (
                "contact_permissions.time>ago(\"90d\")",
                "contact_permissions.record_time>ago(\"90d\")",
            ),
            (
                "  NOT  contact_permissions.time:*  ",
                "  NOT  contact_permissions.record_time:*  ",
            ),
            (
                "(affiliations.buying_roles.valid_from < \"2024-01-01\" -affiliations.buying_roles.valid_until:*)OR tags:'ä'",
                "(affiliations.buying_roles.start_date < \"2024-01-01\" -affiliations.buying_roles.end_date:*)OR tags:'ä'",
            ),
            (
                "tags:\"ö\" AND contact_permissions.\"time\" = \"2024-01-01T00:00:00Z\"",
                "tags:\"ö\" AND contact_permissions.record_time = \"2024-01-01T00:00:00Z\"",
            ),
        ] {
            assert_eq!(of_customers(old).as_deref(), Some(new));
            assert_eq!(of_customers(new), None);
        }
    }

    #[test]
    fn what_was_asked_of_one_channel_is_asked_of_the_list() {
        for (old, new) in [
            (
                "preferred_channel = PHONE OR x",
                "preferred_channels:PHONE OR x",
            ),
            (
                "-preferred_channel=( (PHONE ) ) y",
                "-preferred_channels:PHONE y",
            ),
            (
                "NOT preferred_channel != SMS",
                "NOT (preferred_channels:* AND NOT preferred_channels:SMS)",
            ),
            (
                "preferred_channel = CHANNEL_UNSPECIFIED",
                "(NOT preferred_channels:*)",
            ),
            (
                "preferred_channel != CHANNEL_UNSPECIFIED",
                "preferred_channels:*",
            ),
            ("preferred_channel:*", "preferred_channels:*"),
        ] {
            assert_eq!(renamed(old, Kind::Contact).as_deref(), Some(new));
            let contact = crate::descriptors::message("clientele.v1.Contact");
            assert!(crate::filter::read(new, &contact).is_ok(), "{new}");
        }
    }

    #[test]
    fn values_searches_and_longer_names_are_no_paths() {
        for text in [
            "",
            "display_name:\"contact_permissions.time\"",
            "\"contact_permissions.time\" contact_permissions.time",
            "about = 'affiliations.buying_roles.valid_from'",
            "labels.contact_permissions = \"time\"",
            "attributes.contact_permissions.time = 5",
            "contact_permissions.times:*",
            "contact_permissions.time > (",
        ] {
            assert_eq!(of_customers(text), None, "{text}");
        }
    }

    #[test]
    fn only_filters_on_the_kind_have_the_path() {
        let text = "buying_roles.valid_from:*";
        assert_eq!(of_customers(text), None);
        let new = renamed(text, Kind::Affiliation);
        assert_eq!(new.as_deref(), Some("buying_roles.start_date:*"));
    }

    #[test]
    fn the_paths_of_today_exist_and_those_of_before_do_not() {
        for rename in RENAMES {
            let message = rename.kind.resource_type().replace("clientele.dev/", "");
            let message = crate::descriptors::message(&format!("clientele.v1.{message}"));
            let read = |path: &str| crate::filter::read(&format!("{path}:*"), &message);
            assert!(read(rename.to).is_ok(), "{}", rename.to);
            assert!(read(rename.from).is_err(), "{}", rename.from);
        }
    }
}
