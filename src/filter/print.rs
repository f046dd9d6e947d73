//! Canonical printing: the syntax tree as text that reads back as the same tree.
//!
//! AND and OR are spelled out and put in parentheses. Only the AND of the whole filter has none, because they would add
//! to its meaning.

use std::fmt;

use crate::filter::grammar::{Comparable, Node, OPERATORS};
use crate::filter::scan::PathPart;

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::And {
                nodes,
                grouped: false,
            } => joined(f, nodes, " AND "),
            Node::And {
                nodes,
                grouped: true,
            } => in_parentheses(f, nodes, " AND "),
            Node::Or(nodes) => in_parentheses(f, nodes, " OR "),
            // The grammar allows one NOT in a row.
            Node::Not(node) if matches!(**node, Node::Not(_)) => write!(f, "NOT ({node})"),
            Node::Not(node) => write!(f, "NOT {node}"),
            Node::Literal(literal) => write!(f, "{literal}"),
            Node::Restriction {
                subject,
                operator,
                argument,
            } => {
                let symbol = OPERATORS
                    .iter()
                    .find(|(_, known)| known == operator)
                    .map_or("", |(symbol, _)| symbol);
                let space = if symbol == ":" { "" } else { " " };
                write!(f, "{subject}{space}{symbol}{space}{argument}")
            }
        }
    }
}

impl fmt::Display for Comparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Comparable::Member(parts) => joined(f, parts, "."),
            Comparable::Call { name, arguments } => {
                joined(f, name, ".")?;
                in_parentheses(f, arguments, ", ")
            }
        }
    }
}

impl fmt::Display for PathPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.quoted {
            return f.write_str(&self.text);
        }
        f.write_str("\"")?;
        for (i, c) in self.text.char_indices() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '*' if !self.stars.contains(&i) => f.write_str("\\*")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

fn in_parentheses<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    list: &[T],
    between: &str,
) -> fmt::Result {
    f.write_str("(")?;
    joined(f, list, between)?;
    f.write_str(")")
}

fn joined<T: fmt::Display>(f: &mut fmt::Formatter<'_>, list: &[T], between: &str) -> fmt::Result {
    for (i, item) in list.iter().enumerate() {
        f.write_str(if i == 0 { "" } else { between })?;
        write!(f, "{item}")?;
    }
    Ok(())
}
