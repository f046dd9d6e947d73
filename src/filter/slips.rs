//! Slips: what the grammar allows and was probably not meant.
//!
//! A word by itself is searched in names, so a filter with an operator left out reads well and finds nobody. A filter
//! that is written or asked anew is refused for it. One that is stored already keeps its meaning, and the slip is shown
//! as a warning.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::filter::FilterError;
use crate::filter::check::check;
use crate::filter::grammar::{Comparable, Node, Operator, parse_noting};
use crate::filter::literal::value_of;
use crate::filter::resolve::{PathTarget, Resolved, SEGMENT, asks_membership, resolve};
use crate::filter::scan::PathPart;
use crate::filter::tree::{FieldKind, Filter};

/// A part of a filter that was probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// How it is written, in the canonical form.
    pub part: String,
    /// Where it is, and what would be right.
    pub problem: FilterError,
}

/// Reads a filter that is written or asked anew, and refuses a slip; a blank filter is `None`.
pub fn read_new(text: &str, message: &MessageDescriptor) -> Result<Option<Filter>, FilterError> {
    let mut leaves = Vec::new();
    let node = parse_noting(text, &mut leaves);
    let filter = node.and_then(|node| node.map(|node| check(&node, message)).transpose());
    // What stands before a slip is told first; what comes after it may be wrong because of it.
    match (filter, among(&leaves, text, message).into_iter().next()) {
        (Err(problem), Some(slip)) if problem.offset < slip.problem.offset => Err(problem),
        (_, Some(slip)) => Err(slip.problem),
        (filter, None) => filter,
    }
}

/// Returns the slips in a filter that can be read, in their order.
pub fn slips(text: &str, message: &MessageDescriptor) -> Vec<Slip> {
    let mut leaves = Vec::new();
    match parse_noting(text, &mut leaves) {
        Ok(_) => among(&leaves, text, message),
        Err(_) => Vec::new(),
    }
}

fn among(leaves: &[Node], text: &str, message: &MessageDescriptor) -> Vec<Slip> {
    let words: Vec<Option<Word>> = leaves.iter().map(|leaf| word(leaf, message)).collect();
    let at = |i: Option<usize>| i.and_then(|i| words.get(i)).and_then(Option::as_ref);
    let mut slips = Vec::new();
    for (i, leaf) in leaves.iter().enumerate() {
        let (before, after) = (at(i.checked_sub(1)), at(Some(i + 1)));
        let advice = match at(Some(i)) {
            Some(Word::Keyword(keyword)) => Some(instead_of(
                keyword,
                before,
                after,
                &keyword_context(leaves, i, text),
            )),
            Some(Word::Field(_)) if is_told_by_keyword(before) || is_told_by_keyword(after) => None,
            Some(Word::Field(field)) => Some(format!(
                "a field by itself asks nothing: write `{}`",
                field.example(after)
            )),
            Some(Word::Text(_)) if i > 0 => currency(&leaves[i - 1], leaf, text, message),
            Some(Word::Text(_)) | None => None,
        };
        if let Some(advice) = advice {
            let message = format!("{advice}; as a text to search for it stands in quotes");
            slips.push(Slip {
                part: leaf.to_string(),
                problem: FilterError::new(offset_of(leaf), message),
            });
        }
    }
    slips
}

/// A value by itself, without quotes.
enum Word {
    /// One that other query languages have for an operator.
    Keyword(&'static str),
    Field(BareField),
    Text(PathPart),
}

/// A field that stands by itself.
struct BareField {
    /// Its path; keys in it that callers choose are replaced.
    path: String,
    /// What it is; `None` for a group of fields, and for membership.
    field: Option<Resolved>,
}

fn offset_of(leaf: &Node) -> usize {
    match leaf {
        Node::Literal(literal) => literal.offset(),
        _ => 0,
    }
}

fn word(leaf: &Node, message: &MessageDescriptor) -> Option<Word> {
    let Node::Literal(literal) = leaf else {
        return None;
    };
    let (Comparable::Member(path) | Comparable::Call { name: path, .. }) = literal;
    if path.iter().any(|part| part.quoted) {
        return None;
    }
    if let [only] = &path[..]
        && let Some(keyword) = keyword(&only.text)
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

fn keyword(word: &str) -> Option<&'static str> {
    ["IN", "LIKE", "IS", "is"]
        .into_iter()
        .find(|keyword| *keyword == word)
}

fn is_told_by_keyword(word: Option<&Word>) -> bool {
    matches!(word, Some(Word::Keyword(_)))
}

/// Returns the path of a field without what a caller chose.
fn path_of(path: &[PathPart], field: Option<&Resolved>) -> String {
    let list = path.first().map_or("", |part| part.text.as_str());
    match field.map(|found| &found.field.kind) {
        Some(FieldKind::Label(_) | FieldKind::Attribute(_)) => format!("{list}.KEY"),
        Some(FieldKind::ExternalIds(_)) => format!("{list}.SYSTEM"),
        _ => Comparable::Member(path.to_vec()).to_string(),
    }
}

/// What stands around a keyword that is no leaf by itself.
struct KeywordContext<'a> {
    /// Whether there is a NOT between it and its neighbours.
    is_negated: bool,
    /// What stands in brackets behind it, between commas.
    listed: Vec<&'a str>,
}

fn keyword_context<'a>(leaves: &[Node], i: usize, text: &'a str) -> KeywordContext<'a> {
    let at = |i: usize| leaves.get(i).map(offset_of);
    let start = i.checked_sub(1).and_then(at).unwrap_or(0);
    let end = at(i + 1).unwrap_or(text.len());
    let around = text.get(start..end).unwrap_or_default();
    let behind = text.get(at(i).unwrap_or(0)..).unwrap_or_default();
    let behind = behind.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let listed = behind.trim_start().strip_prefix('(').unwrap_or_default();
    let listed = listed.split(')').next().unwrap_or_default();
    KeywordContext {
        is_negated: around.split_whitespace().any(|word| word == "NOT"),
        listed: listed
            .split(',')
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect(),
    }
}

/// Says what to write instead of a word that is an operator elsewhere.
fn instead_of(
    keyword: &str,
    before: Option<&Word>,
    after: Option<&Word>,
    around: &KeywordContext<'_>,
) -> String {
    let not = if around.is_negated { "NOT " } else { "" };
    let field = |word: Option<&Word>| match word {
        Some(Word::Field(field)) => Some(field.example(None)),
        _ => None,
    };
    let (before, after) = match before {
        Some(Word::Field(field)) => (Some(field), after),
        _ => (None, after),
    };
    match (keyword, before) {
        ("IN", None) => match field(after) {
            Some(example) => format!("instead of IN write `{example}`"),
            None => format!("instead of IN write `{not}(a = x OR a = y)`"),
        },
        ("IN", Some(field)) => {
            let [first, second] = field.two_examples(&around.listed);
            match around.listed.len() {
                1 => format!("instead of IN write `{not}{first}`"),
                _ => format!("instead of IN write `{not}({first} OR {second})`"),
            }
        }
        ("LIKE", None) => {
            format!("for a text that contains a word write `{not}display_name:\"word\"`")
        }
        ("LIKE", Some(field)) => {
            format!(
                "for a text that contains a word write `{not}{}:\"word\"`",
                field.path
            )
        }
        (_, Some(field)) if is_null(after) && around.is_negated => {
            format!("to ask whether it is set write `{}:*`", field.path)
        }
        (_, Some(field)) if is_null(after) => {
            format!("to ask whether it is unset write `NOT {}:*`", field.path)
        }
        (_, Some(field)) => format!("to compare write `{not}{}`", field.example(after)),
        (_, None) => "to compare write `a = x`".to_owned(),
    }
}

fn is_null(word: Option<&Word>) -> bool {
    matches!(word, Some(Word::Text(text)) if text.text.eq_ignore_ascii_case("null"))
}

impl BareField {
    /// Returns how the field may be asked for; an enum, if possible, with the value that stands after it.
    fn example(&self, after: Option<&Word>) -> String {
        let wanted = match after {
            Some(Word::Text(text)) => Some(text.text.as_str()),
            _ => None,
        };
        let values = self.values();
        let value = values.iter().find(|value| Some(value.as_str()) == wanted);
        self.compared_with(value.or(values.first()).map(String::as_str))
    }

    /// Returns two ways in which the field may be asked for; those of an enum, if possible, with values that are listed.
    fn two_examples(&self, listed: &[&str]) -> [String; 2] {
        let all = self.values();
        let is_listed = |value: &&String| listed.contains(&value.as_str());
        let (mut values, others): (Vec<&String>, Vec<&String>) = all.iter().partition(is_listed);
        values.extend(others);
        match &values[..] {
            [first, second, ..] => [first, second].map(|value| self.compared_with(Some(value))),
            _ => [self.compared_with(None), self.compared_with(None)],
        }
    }

    /// Returns the values of an enum.
    fn values(&self) -> Vec<String> {
        let descriptor = self
            .field
            .as_ref()
            .and_then(|found| found.descriptor.as_ref());
        match descriptor.map(FieldDescriptor::kind) {
            Some(Kind::Enum(values)) => {
                let values = values.values().skip(1);
                values.map(|value| value.name().to_owned()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn compared_with(&self, value: Option<&str>) -> String {
        let path = &self.path;
        let Some(Resolved { field, .. }) = &self.field else {
            return match path.as_str() {
                SEGMENT => format!("{path}:\"segments/...\""),
                _ => format!("{path}:*"),
            };
        };
        match (&field.kind, value) {
            (FieldKind::Texts, Some(value)) => format!("{path}:{value}"),
            (_, Some(value)) => format!("{path} = {value}"),
            (FieldKind::Texts, None) => format!("{path}:\"...\""),
            (FieldKind::Bool, None) => format!("{path} = true"),
            (FieldKind::Number | FieldKind::Count | FieldKind::PartOfAmount, None) => {
                format!("{path} > 10")
            }
            (FieldKind::Amount, None) => format!("{path} > 1000"),
            (FieldKind::Time, None) => format!("{path} > ago(\"90d\")"),
            (FieldKind::Span, None) => format!("{path} > \"36h\""),
            (FieldKind::Date, None) => format!("{path} > \"2026-01-31\""),
            (FieldKind::Messages, None) => format!("{path}:*"),
            (FieldKind::Labels | FieldKind::Attributes, None) => format!("{path}.KEY = \"...\""),
            (_, None) => format!("{path} = \"...\""),
        }
    }
}

/// Says how to ask for a currency, if this is one and follows an amount at once.
fn currency(before: &Node, leaf: &Node, text: &str, message: &MessageDescriptor) -> Option<String> {
    let (
        Node::Restriction {
            subject: Comparable::Member(path),
            operator,
            argument,
        },
        Node::Literal(literal),
    ) = (before, leaf)
    else {
        return None;
    };
    let (amount, word) = (value_of(argument)?, value_of(literal)?);
    let is_amount = *operator != Operator::Has
        && matches!(resolve(path, message), Ok(PathTarget::Field(found)) if found.field.kind == FieldKind::Amount);
    let is_code = word.text.len() == 3 && word.text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_sign = word.text.chars().count() == 1 && !word.text.chars().all(char::is_alphanumeric);
    let follows = text[..word.offset].trim_end().ends_with(&amount.text);
    let path = Comparable::Member(path.clone()).to_string();
    (is_amount && follows && (is_code || is_sign)).then(|| {
        format!("a currency stands beside its amount: add AND `{path}.currency_code = \"EUR\"`, or another code")
    })
}
