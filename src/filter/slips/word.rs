//! Values by themselves, without quotes: which are fields, operators of other languages, values of an enum, or signs.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::filter::grammar::{Comparable, Node};
use crate::filter::literal::value_of;
use crate::filter::resolve::{PathTarget, ResolvedField, SEGMENT, asks_membership, resolve, shown};
use crate::filter::scan::PathPart;
use crate::filter::slips::keyword::keyword;
use crate::filter::tree::FieldKind;

/// A value by itself, without quotes.
pub(super) enum Word {
    /// One that other query languages have for an operator.
    Keyword(&'static str),
    Field(BareField),
    Text(PathPart),
}

/// A field that stands by itself.
pub(super) struct BareField {
    /// Its path; keys in it that callers choose are replaced.
    pub path: String,
    /// What it is; `None` for a group of fields, and for membership.
    pub field: Option<ResolvedField>,
}

/// Returns what a leaf is; `None` if it is a comparison or in quotes. `before` is the word before it.
pub(super) fn word(
    leaf: &Node,
    before: Option<&Word>,
    message: &MessageDescriptor,
) -> Option<Word> {
    let Node::Literal(literal) = leaf else {
        return None;
    };
    let (Comparable::Member(path) | Comparable::Call { name: path, .. }) = literal;
    if path.iter().any(|part| part.quoted) {
        return None;
    }
    if let [only] = &path[..]
        && let Some(keyword) = keyword(&only.text, matches!(before, Some(Word::Field(_))))
    {
        return Some(Word::Keyword(keyword));
    }
    if asks_membership(path, message) {
        let path = SEGMENT.to_owned();
        return Some(Word::Field(BareField { path, field: None }));
    }
    let Comparable::Member(_) = literal else {
        return None;
    };
    let field = match resolve(path, message) {
        Ok(PathTarget::Field(field)) => Some(field),
        Ok(PathTarget::Group(_)) => None,
        Err(_) => return value_of(literal).map(Word::Text),
    };
    let path = path_of(path, field.as_ref());
    Some(Word::Field(BareField { path, field }))
}

/// Returns the path of a field without what a caller chose.
pub(super) fn path_of(path: &[PathPart], field: Option<&ResolvedField>) -> String {
    let list = path.first().map_or("", |part| part.text.as_str());
    match field.map(|found| &found.field.kind) {
        Some(FieldKind::Label(_) | FieldKind::Attribute(_)) => format!("{list}.KEY"),
        Some(FieldKind::ExternalIds(_)) => format!("{list}.SYSTEM"),
        _ => Comparable::Member(path.to_vec()).to_string(),
    }
}

/// Returns the names of the values of an enum field; none of any other field.
pub(super) fn values_of(field: Option<&FieldDescriptor>) -> Vec<String> {
    match field.map(FieldDescriptor::kind) {
        Some(Kind::Enum(values)) => {
            let values = values.values().skip(1);
            values.map(|value| value.name().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// Says how a field is asked for whose value stands by itself.
pub(super) fn of_enum(
    text: &PathPart,
    before: Option<&Word>,
    message: &MessageDescriptor,
) -> Option<String> {
    if matches!(before, Some(Word::Keyword(_) | Word::Field(_))) {
        return None;
    }
    let is_one_of = |field: &FieldDescriptor| values_of(Some(field)).contains(&text.text);
    let field = shown(message).find(is_one_of)?;
    let symbol = if field.is_list() { ":" } else { " = " };
    let (name, value) = (field.name(), &text.text);
    Some(format!(
        "a value by itself asks nothing: write `{name}{symbol}{value}`"
    ))
}

/// Says what to write instead of signs, or of a word with a star or a square bracket.
pub(super) fn of_signs(text: &PathPart) -> Option<String> {
    // These two are never searched for.
    let is_joint = ["&&", "||"].contains(&text.text.as_str());
    if text.text.chars().all(|c| c.is_ascii_punctuation()) && !is_joint {
        return Some("comparisons are joined by AND or OR, and by no other sign".to_owned());
    }
    if text.text.contains(['[', ']']) {
        let how = "no square brackets stand in a filter: a field in a list is asked for as in `emails.address:\"...\"`";
        return Some(how.to_owned());
    }
    let has_star = text.text.starts_with('*') || text.text.ends_with('*');
    has_star.then(|| "a text by itself is found anywhere in a name: leave out the `*`".to_owned())
}

impl BareField {
    /// Returns how the field may be asked for; an enum, if possible, with the value that stands after it.
    pub fn example(&self, after: Option<&Word>) -> String {
        let wanted = match after {
            Some(Word::Text(text)) => Some(text.text.as_str()),
            _ => None,
        };
        let values = self.values();
        let value = values.iter().find(|value| Some(value.as_str()) == wanted);
        self.compared_with(value.or(values.first()).map(String::as_str))
    }

    /// Returns two ways in which the field may be asked for; those of an enum, if possible, with values that are listed.
    pub fn two_examples(&self, listed: &[&str]) -> [String; 2] {
        let all = self.values();
        let is_listed = |value: &&String| listed.contains(&value.as_str());
        let (mut values, others): (Vec<&String>, Vec<&String>) = all.iter().partition(is_listed);
        values.extend(others);
        match &values[..] {
            [first, second, ..] => [first, second].map(|value| self.compared_with(Some(value))),
            _ => [self.compared_with(None), self.compared_with(None)],
        }
    }

    /// Says whether it is a text, or a list of texts.
    pub fn is_text(&self) -> bool {
        let kind = self.field.as_ref().map(|found| &found.field.kind);
        matches!(
            kind,
            Some(
                FieldKind::Text
                    | FieldKind::Texts
                    | FieldKind::Label(_)
                    | FieldKind::Attribute(_)
                    | FieldKind::ExternalIds(_)
            )
        )
    }

    /// Says whether its values have an order.
    pub fn is_ordered(&self) -> bool {
        let field = self.field.as_ref();
        field.is_some_and(|found| is_ordered(&found.field.kind))
    }

    fn values(&self) -> Vec<String> {
        let field = self.field.as_ref();
        values_of(field.and_then(|found| found.descriptor.as_ref()))
    }

    fn compared_with(&self, value: Option<&str>) -> String {
        let path = &self.path;
        let Some(ResolvedField { field, .. }) = &self.field else {
            return match path.as_str() {
                SEGMENT => format!("{path}:\"segments/...\""),
                _ => format!("{path}:*"),
            };
        };
        match (&field.kind, value) {
            (FieldKind::Texts, Some(value)) => format!("{path}:{value}"),
            (_, Some(value)) => format!("{path} = {value}"),
            (FieldKind::Texts, None) => format!("{path}:\"...\""),
            (FieldKind::Messages, None) => format!("{path}:*"),
            (FieldKind::Labels | FieldKind::Attributes, None) => format!("{path}.KEY = \"...\""),
            (kind, None) if is_ordered(kind) => format!("{path} > {}", example_value(kind)),
            (kind, None) => format!("{path} = {}", example_value(kind)),
        }
    }
}

fn is_ordered(kind: &FieldKind) -> bool {
    matches!(
        kind,
        FieldKind::Number
            | FieldKind::Count
            | FieldKind::PartOfAmount
            | FieldKind::Amount
            | FieldKind::Time
            | FieldKind::Span
            | FieldKind::Date
    )
}

/// Returns a value that is more than the example of its kind.
pub(super) fn greater_value(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Number | FieldKind::Count | FieldKind::PartOfAmount => "20",
        FieldKind::Amount => "2000",
        FieldKind::Time => "now()",
        FieldKind::Span => "\"48h\"",
        FieldKind::Date => "\"2026-12-31\"",
        kind => example_value(kind),
    }
}

/// Returns a value that a field of a kind may be compared with.
pub(super) fn example_value(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Bool => "true",
        FieldKind::Number | FieldKind::Count | FieldKind::PartOfAmount => "10",
        FieldKind::Amount => "1000",
        FieldKind::Time => "ago(\"90d\")",
        FieldKind::Span => "\"36h\"",
        FieldKind::Date => "\"2026-01-31\"",
        _ => "\"...\"",
    }
}
