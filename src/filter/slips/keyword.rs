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
    let listed = behind.trim_start().strip_prefix(['(', '[']);
    let listed = listed.unwrap_or_default().split([')', ']']).next();
    KeywordContext {
        is_negated: around.split_whitespace().any(|word| word == "NOT"),
        listed: listed
            .unwrap_or_default()
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
    match leaves.before(i) {
        Some(Word::Field(field)) => behind_field(field, keyword, &around, after),
        _ => by_itself(keyword, around.is_negated, after),
    }
}

fn by_itself(keyword: &str, is_negated: bool, after: Option<&Word>) -> String {
    let not = if is_negated { "NOT " } else { "" };
    match (keyword, after) {
        ("IN", Some(Word::Field(field))) => {
            format!("instead of IN write `{}`", field.example(None))
        }
        ("IN", _) => format!("instead of IN write `{not}(a = x OR a = y)`"),
        ("LIKE", _) => {
            format!("for a text that contains a word write `{not}display_name:\"word\"`")
        }
        _ => "to compare write `a = x`".to_owned(),
    }
}

fn behind_field(
    field: &BareField,
    keyword: &str,
    around: &KeywordContext<'_>,
    after: Option<&Word>,
) -> String {
    let path = &field.path;
    let not = if around.is_negated { "NOT " } else { "" };
    let set = || format!("to ask whether it is set write `{path}:*`");
    let unset = || format!("to ask whether it is unset write `NOT {path}:*`");
    match keyword {
        "IN" if is_range(&around.listed) && field.is_ordered() => between(field, not),
        "IN" => one_of(field, not, &around.listed),
        "LIKE" if field.is_text() => {
            format!("for a text that contains a word write `{not}{path}:\"word\"`")
        }
        "BETWEEN" => between(field, not),
        "EXISTS" if around.is_negated => unset(),
        "EXISTS" => set(),
        _ if is_word(after, &NULLS) || is_word(after, &UNSETS) => match around.is_negated {
            true => set(),
            false => unset(),
        },
        _ if is_word(after, &SETS) => match around.is_negated {
            true => unset(),
            false => set(),
        },
        _ => format!("to compare write `{not}{}`", field.example(after)),
    }
}

/// Says how a field is asked for that is one of several values, or unset.
fn one_of(field: &BareField, not: &str, listed: &[&str]) -> String {
    let (nulls, values): (Vec<&str>, Vec<&str>) =
        listed.iter().copied().partition(|value| is_null(value));
    let unset = (!nulls.is_empty()).then(|| format!("NOT {}:*", field.path));
    let mut each = field.two_examples(&values).to_vec();
    // Two show how several are written.
    each.truncate(if nulls.is_empty() && values.is_empty() {
        2
    } else {
        values.len()
    });
    each.extend(unset);
    match &each[..] {
        [one] if !not.is_empty() && !nulls.is_empty() => {
            format!("instead of IN write `{}`", one.trim_start_matches("NOT "))
        }
        [one] => format!("instead of IN write `{not}{one}`"),
        several => format!("instead of IN write `{not}({})`", several.join(" OR ")),
    }
}

/// Says whether brackets hold a range, as in `[1 TO 100]`.
fn is_range(listed: &[&str]) -> bool {
    let is_to = |word: &str| word.eq_ignore_ascii_case("to") || word == "..";
    matches!(listed, [only] if only.split_whitespace().any(is_to))
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

/// Words for no value, in any case.
const NULLS: [&str; 5] = ["null", "nil", "none", "empty", "unset"];
/// Words that say of a field that it is unset, and that it is set.
const UNSETS: [&str; 4] = ["missing", "unknown", "blank", "unassigned"];
const SETS: [&str; 6] = ["set", "known", "present", "assigned", "filled", "defined"];

/// Says whether a word is one for no value.
pub(super) fn is_null(word: &str) -> bool {
    NULLS.iter().any(|null| word.eq_ignore_ascii_case(null))
}

fn is_word(word: Option<&Word>, known: &[&str]) -> bool {
    matches!(word, Some(Word::Text(text))
        if known.iter().any(|known| text.text.eq_ignore_ascii_case(known)))
}
