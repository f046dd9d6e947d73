//! Printing typed trees: what a tree says, as a filter that reads back with the same meaning.
//!
//! For those who are told what a filter asks for. Where the checker made several restrictions of one, as of
//! `business:*`, the one is printed again. How a filter is printed that was only parsed, is said in `print`.

use prost_reflect::{Kind, MessageDescriptor};

use crate::filter::grammar::{Offset, PathPart};
use crate::filter::print_value::{literal, pattern, quoted};
use crate::filter::read;
use crate::filter::resolve::{self, SEGMENT, element};
use crate::filter::scan::Text;
use crate::filter::tree::{Comparison, Condition, Field, FieldKind, Filter, Predicate};

/// Returns what a tree says of a message; what segments mean is left out.
pub fn text(tree: &Filter, message: &MessageDescriptor) -> String {
    Place {
        message: message.clone(),
        prefix: String::new(),
    }
    .text(tree)
}

/// Returns the one restriction that a tree was made of, if there is one that makes just this tree.
pub fn restriction(tree: &Filter, message: &MessageDescriptor) -> Option<String> {
    Place {
        message: message.clone(),
        prefix: String::new(),
    }
    .restriction(tree)
}

/// Where the paths of a tree begin.
struct Place {
    message: MessageDescriptor,
    /// The path that leads there, with a dot at its end.
    prefix: String,
}

impl Place {
    fn text(&self, tree: &Filter) -> String {
        match tree {
            Filter::Not(tree) => match self.text(tree) {
                text if text.starts_with("NOT ") => format!("NOT ({text})"),
                text => format!("NOT {text}"),
            },
            Filter::And(trees) | Filter::Or(trees) if trees.len() == 1 => self.text(&trees[0]),
            Filter::And(trees) => self.joined(trees, " AND "),
            Filter::Or(trees) => self
                .restriction(tree)
                .unwrap_or_else(|| self.joined(trees, " OR ")),
            Filter::Exists { list, inner } => self.inside(list).text(inner),
            Filter::Predicate(predicate) => {
                format!("{}{}", self.prefix, one(predicate, &self.message))
            }
            Filter::Member { segment, .. } => format!("{SEGMENT}:{}", quoted(segment)),
        }
    }

    fn joined(&self, trees: &[Filter], between: &str) -> String {
        let texts: Vec<String> = trees.iter().map(|tree| self.text(tree)).collect();
        format!("({})", texts.join(between))
    }

    fn inside(&self, list: &[String]) -> Place {
        let message = element(&self.message, list).unwrap_or_else(|| self.message.clone());
        Place {
            message,
            prefix: format!("{}{}.", self.prefix, path(list)),
        }
    }

    fn restriction(&self, tree: &Filter) -> Option<String> {
        match tree {
            Filter::Or(trees) if trees.len() > 1 => {
                let found = candidates(tree)
                    .into_iter()
                    .find(|text| read(text, &self.message) == Ok(Some(tree.clone())));
                found
                    .filter(|text| self.prefix.is_empty() || !text.starts_with('"'))
                    .map(|text| self.prefix.clone() + &text)
            }
            Filter::Exists { .. } | Filter::Predicate(_) => Some(self.text(tree)),
            _ => None,
        }
    }
}

/// Returns the restrictions of which the checker may have made the branches of a tree: a text by itself, `:` with an
/// attribute, and the presence of a group.
fn candidates(tree: &Filter) -> Vec<String> {
    let mut leaves = Vec::new();
    collect(tree, &[], &mut leaves);
    let Some((first, predicate)) = leaves.first() else {
        return Vec::new();
    };
    match &predicate.condition {
        Condition::Present => {
            let same = |i: &usize| leaves.iter().all(|(path, _)| path.get(*i) == first.get(*i));
            let n_same = (0..first.len()).take_while(same).count();
            (1..=n_same)
                .rev()
                .map(|n| format!("{}:*", path(&first[..n])))
                .collect()
        }
        condition => {
            let text = match condition {
                Condition::ContainsFolded(text) => vec![quoted(text)],
                _ => Vec::new(),
            };
            let attribute = leaves
                .iter()
                .find_map(|(_, predicate)| match &predicate.condition {
                    Condition::Has(operand) => Some(format!(
                        "{}:{}",
                        field_path(&predicate.field),
                        literal(operand, false)
                    )),
                    _ => None,
                });
            text.into_iter().chain(attribute).collect()
        }
    }
}

/// Collects what is tested where, if nothing but OR and lists stands around it.
fn collect<'a>(tree: &'a Filter, at: &[String], leaves: &mut Vec<(Vec<String>, &'a Predicate)>) {
    match tree {
        Filter::Or(trees) => trees.iter().for_each(|tree| collect(tree, at, leaves)),
        Filter::Exists { list, inner } => collect(inner, &[at, list].concat(), leaves),
        Filter::Predicate(predicate) => {
            leaves.push(([at, &predicate.field.path].concat(), predicate))
        }
        Filter::And(_) | Filter::Not(_) | Filter::Member { .. } => {}
    }
}

/// Returns one restriction.
fn one(predicate: &Predicate, message: &MessageDescriptor) -> String {
    let Predicate { field, condition } = predicate;
    let at = field_path(field);
    let is_enum = || is_enum(field, message);
    match condition {
        Condition::Present => format!("{at}:*"),
        Condition::Is(comparison, operand) => format!(
            "{at} {} {}",
            symbol(*comparison),
            literal(operand, is_enum())
        ),
        Condition::Like(shape, true) => format!("{at} = {}", pattern(shape)),
        Condition::Like(shape, false) => format!("{at} != {}", pattern(shape)),
        Condition::ContainsFolded(part) => format!("{at}:{}", quoted(part)),
        Condition::Has(operand) => format!("{at}:{}", literal(operand, is_enum())),
        Condition::HasKey(key) => format!("{at}:{}", quoted(key)),
    }
}

/// Returns the path of a field, the keys in it included.
pub fn field_path(field: &Field) -> String {
    let keys = match &field.kind {
        // Bare, it is refused as a field of the id.
        FieldKind::ExternalIds(system)
            if resolve::EXTERNAL_ID_FIELDS.contains(&system.as_str()) =>
        {
            return format!("{}.{}", path(&field.path), quoted(system));
        }
        FieldKind::Label(key) | FieldKind::ExternalIds(key) => std::slice::from_ref(key),
        FieldKind::Attribute(keys) => keys,
        _ => &[],
    };
    path(&[&field.path, keys].concat())
}

fn path(names: &[String]) -> String {
    names
        .iter()
        .map(|name| part(name).to_string())
        .collect::<Vec<_>>()
        .join(".")
}

/// Returns a name of a path, in quotes unless it is an ordinary word.
fn part(name: &str) -> PathPart {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        && !["AND", "OR", "NOT"].contains(&name);
    let text = Text {
        text: name.to_owned(),
        quoted: !is_plain,
        stars: Vec::new(),
    };
    PathPart {
        text,
        offset: Offset(0),
    }
}

/// Says whether a field holds values of an enum, which have no quotes.
pub fn is_enum(field: &Field, message: &MessageDescriptor) -> bool {
    let is_list_of_enums = || {
        let field = resolve::field_at(message, &field.path);
        matches!(field.map(|field| field.kind()), Some(Kind::Enum(_)))
    };
    matches!(field.kind, FieldKind::Enum { .. })
        || field.kind == FieldKind::Texts && is_list_of_enums()
}

fn symbol(comparison: Comparison) -> &'static str {
    if comparison == Comparison::NotEqual {
        "!="
    } else {
        comparison.symbol()
    }
}
