//! Outlines: the operators of a filter as they are written, and under them what is true or false by itself.
//!
//! A `Filter` says what a text means and forgets how it was written; an outline keeps both, for explanations.

use prost_reflect::MessageDescriptor;

use crate::filter::FilterError;
use crate::filter::check::check;
use crate::filter::grammar::{self, Node};
use crate::filter::print_value::quoted;
use crate::filter::resolve::SEGMENT;
use crate::filter::same_element::combine;
use crate::filter::tree::Filter;

/// A filter, part by part.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    /// All of these hold; at least two.
    And(Vec<Outline>),
    /// One of these holds; at least two.
    Or(Vec<Outline>),
    /// This does not hold.
    Not(Box<Outline>),
    /// A restriction, or all that is asked of one element of a list.
    Predicate {
        /// How it is written, in the canonical form.
        text: String,
        /// What it means.
        filter: Filter,
    },
    /// The record, a customer, is a member of a segment.
    Member {
        /// How it is written, in the canonical form.
        text: String,
        /// The segment, by name.
        segment: String,
    },
}

impl Outline {
    /// Reads a filter on a message; a blank one is `None`.
    pub fn read(text: &str, message: &MessageDescriptor) -> Result<Option<Outline>, FilterError> {
        grammar::parse(text)?
            .map(|node| outline(&node, message))
            .transpose()
    }

    /// Returns the outline of membership in a segment.
    pub fn member(segment: &str) -> Outline {
        Outline::Member {
            text: format!("{SEGMENT}:{}", quoted(segment)),
            segment: segment.to_owned(),
        }
    }
}

fn outline(node: &Node, message: &MessageDescriptor) -> Result<Outline, FilterError> {
    let all = |nodes: &[Node]| -> Result<Vec<Outline>, FilterError> {
        nodes.iter().map(|node| outline(node, message)).collect()
    };
    Ok(match node {
        Node::And {
            nodes,
            grouped: true,
        } => group(nodes, message)?,
        Node::And { nodes, .. } => Outline::And(all(nodes)?),
        Node::Or(nodes) => Outline::Or(all(nodes)?),
        Node::Not(node) => Outline::Not(Box::new(outline(node, message)?)),
        Node::Restriction { .. } | Node::Literal(_) => match check(node, message)? {
            Filter::Member { segment, .. } => Outline::Member {
                text: node.to_string(),
                segment,
            },
            filter => Outline::Predicate {
                text: node.to_string(),
                filter,
            },
        },
    })
}

/// Returns the outline of an AND in parentheses, in which restrictions on a list are about one element.
fn group(nodes: &[Node], message: &MessageDescriptor) -> Result<Outline, FilterError> {
    let filters = nodes.iter().map(|node| check(node, message));
    let combined = combine(filters.collect::<Result<_, _>>()?);
    let mut parts = Vec::with_capacity(combined.len());
    for part in combined {
        parts.push(match part.operands[..] {
            [only] => outline(&nodes[only], message)?,
            _ => Outline::Predicate {
                text: in_parentheses(part.operands.iter().map(|operand| &nodes[*operand])),
                filter: part.filter,
            },
        });
    }
    Ok(if parts.len() == 1 {
        parts.remove(0)
    } else {
        Outline::And(parts)
    })
}

fn in_parentheses<'a>(nodes: impl Iterator<Item = &'a Node>) -> String {
    let texts: Vec<String> = nodes.map(Node::to_string).collect();
    format!("({})", texts.join(" AND "))
}
