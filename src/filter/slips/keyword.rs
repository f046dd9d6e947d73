//! Operators of other query languages, and what to write instead.

use crate::filter::grammar::{Comparable, Node, OPERATORS};
use crate::filter::slips::Leaves;
use crate::filter::slips::word::{BareField, Word, example_value, greater_value};

/// Words that are refused wherever they stand.
const ANYWHERE: [&str; 4] = ["IN", "LIKE", "IS", "is"];

/// Words that are operators behind a field, in any case, and the one that stands for each.
const BEHIND_FIELD: [(&str, &str); 15] = [
    ("in", "IN"),
    ("like", "LIKE"),
    ("ilike", "LIKE"),
    ("contains", "LIKE"),
    ("includes", "LIKE"),
    ("has", "LIKE"),
    ("matches", "LIKE"),
    ("starts", "LIKE"),
    ("between", "BETWEEN"),
    ("exists", "EXISTS"),
    ("eq", "IS"),
    ("equals", "IS"),
    ("ne", "IS"),
    ("gt", "IS"),
    ("lt", "IS"),
];

/// Returns the operator that a word is elsewhere.
pub(super) fn keyword(word: &str, is_behind_field: bool) -> Option<&'static str> {
    let anywhere = ANYWHERE.into_iter().find(|keyword| *keyword == word);
    anywhere.or_else(|| {
        let is_it =
            |(other, _): &&(&str, &str)| is_behind_field && word.eq_ignore_ascii_case(other);
        BEHIND_FIELD.iter().find(is_it).map(|(_, keyword)| *keyword)
    })
}

/// What stands around a keyword that is no leaf by itself.
struct KeywordContext<'a> {
    /// Whether there is a NOT between it and its neighbours.
    is_negated: bool,
    /// What stands in brackets behind it, between commas.
    listed: Vec<&'a str>,
}

fn context<'a>(leaves: &Leaves<'a>, i: usize) -> KeywordContext<'a> {
    let start = i.checked_sub(1).map_or(0, |before| leaves.all[before].end);
    let end = leaves
        .all
        .get(i + 1)
        .map_or(leaves.text.len(), |next| next.start);
    let around = leaves.text.get(start..end).unwrap_or_default();
    let behind = leaves.text.get(leaves.all[i].start..).unwrap_or_default();
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
pub(super) fn instead_of(leaves: &Leaves<'_>, i: usize, keyword: &str) -> String {
    let mut around = context(leaves, i);
    let mut after = leaves.after(i);
    if matches!(after, Some(Word::Text(text)) if text.text.eq_ignore_ascii_case("not")) {
        around.is_negated = true;
        after = leaves.after(i + 1);
    }
    let not = if around.is_negated { "NOT " } else { "" };
    let (before, after) = match leaves.before(i) {
        Some(Word::Field(field)) => (Some(field), after),
        _ => (None, after),
    };
    match (keyword, before) {
        ("IN", None) => match after {
            Some(Word::Field(field)) => format!("instead of IN write `{}`", field.example(None)),
            _ => format!("instead of IN write `{not}(a = x OR a = y)`"),
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
        ("LIKE", Some(field)) if field.is_text() => {
            format!(
                "for a text that contains a word write `{not}{}:\"word\"`",
                field.path
            )
        }
        ("BETWEEN", Some(field)) => between(field, not),
        ("EXISTS", Some(field)) => {
            format!("to ask whether it is set write `{not}{}:*`", field.path)
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

fn between(field: &BareField, not: &str) -> String {
    let path = &field.path;
    let kind = field.field.as_ref().map(|found| &found.field.kind);
    let (least, most) = kind.map_or(("10", "20"), |kind| {
        (example_value(kind), greater_value(kind))
    });
    format!("from one value to another is `{not}({path} >= {least} AND {path} <= {most})`")
}

/// Says how a field is compared, if a comparison of `is` follows it, as in `annual_spend is > 100`.
pub(super) fn compared_by_is(leaves: &Leaves<'_>, i: usize, field: &BareField) -> Option<String> {
    let Node::Restriction {
        subject: Comparable::Member(path),
        operator,
        ..
    } = &leaves.all.get(i + 1)?.node
    else {
        return None;
    };
    let is_is = matches!(&path[..], [only] if !only.quoted && only.text.eq_ignore_ascii_case("is"));
    let (symbol, _) = OPERATORS.iter().find(|(_, known)| known == operator)?;
    let value = example_value(&field.field.as_ref()?.field.kind);
    let path = &field.path;
    is_is.then(|| format!("leave out `is`: write `{path} {symbol} {value}`"))
}

fn is_null(word: Option<&Word>) -> bool {
    matches!(word, Some(Word::Text(text))
        if ["null", "nil", "none", "empty", "unset"].iter().any(|null| text.text.eq_ignore_ascii_case(null)))
}
