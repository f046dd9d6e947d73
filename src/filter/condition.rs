//! Conditions: what a restriction asks of its field, by the kind of the field.

use crate::filter::FilterError;
use crate::filter::grammar::{Comparable, Operator};
use crate::filter::literal::{is_span, operand, value_of};
use crate::filter::resolve::{BY_SYSTEM, ResolvedField};
use crate::filter::tree::{Comparison, Condition, Field, FieldKind, Operand, TextPattern};
use crate::fold::folded;

/// Returns what a comparison asks of a field: one of these conditions. `offset` is that of the field.
pub(super) fn conditions(
    resolved: &ResolvedField,
    offset: usize,
    operator: Operator,
    argument: &Comparable,
) -> Result<Vec<Condition>, FilterError> {
    let comparison = match operator {
        Operator::Has => return has(resolved, offset, argument),
        Operator::Equal => Comparison::Equal,
        Operator::NotEqual => Comparison::NotEqual,
        Operator::Less => Comparison::Less,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
    };
    match &resolved.field.kind {
        FieldKind::Texts => Err(FilterError::new(
            offset,
            "a list has elements: ask for one with `:`",
        )),
        FieldKind::Messages if resolved.field.path == ["external_ids"] => {
            Err(FilterError::new(offset, BY_SYSTEM))
        }
        FieldKind::Messages => Err(FilterError::new(
            offset,
            "a list of groups cannot be compared: name one of their fields",
        )),
        FieldKind::Labels | FieldKind::Attributes => Err(FilterError::new(
            offset,
            "a map cannot be compared: name one of its keys",
        )),
        _ => Ok(vec![compare(resolved, comparison, argument)?]),
    }
}

/// What `:` means: a list has the element, a map has the key, a text contains the other one, anything else is equal.
fn has(
    resolved: &ResolvedField,
    offset: usize,
    argument: &Comparable,
) -> Result<Vec<Condition>, FilterError> {
    let kind = &resolved.field.kind;
    let written = value_of(argument);
    let text = written
        .as_ref()
        .filter(|written| written.quoted)
        .map(|written| written.text.clone());
    let element = || operand(kind, resolved.descriptor.as_ref(), argument).map(Condition::Has);
    match (kind, text) {
        (FieldKind::Texts, _) => Ok(vec![element()?]),
        (FieldKind::Labels | FieldKind::Attributes, _) => {
            let key =
                written.ok_or_else(|| FilterError::new(argument.offset(), "expected a key"))?;
            Ok(vec![Condition::HasKey(key.text)])
        }
        (FieldKind::Text | FieldKind::Label(_), Some(text)) => {
            Ok(vec![Condition::ContainsFolded(folded(&text))])
        }
        (FieldKind::Attribute(_), Some(text)) => {
            Ok(vec![Condition::ContainsFolded(folded(&text)), element()?])
        }
        (FieldKind::Attribute(_), None) => Ok(vec![
            compare(resolved, Comparison::Equal, argument)?,
            element()?,
        ]),
        (FieldKind::Messages, _) if resolved.field.path == ["external_ids"] => {
            Err(FilterError::new(offset, BY_SYSTEM))
        }
        (FieldKind::Messages, _) => {
            let list = resolved.field.path.join(".");
            Err(FilterError::new(
                offset,
                format!(
                    "`{list}` is a list of groups: ask with `{list}:*` whether it has one, or name a field"
                ),
            ))
        }
        _ => Ok(vec![compare(resolved, Comparison::Equal, argument)?]),
    }
}

fn compare(
    resolved: &ResolvedField,
    comparison: Comparison,
    argument: &Comparable,
) -> Result<Condition, FilterError> {
    let Field { kind, path } = &resolved.field;
    let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let value = operand(kind, resolved.descriptor.as_ref(), argument)
        .map_err(|problem| with_example(problem, resolved, argument))?;
    let is_unordered = matches!(kind, FieldKind::Bool | FieldKind::Enum { .. })
        || matches!(value, Operand::Bool(_));
    if is_unordered && !is_equality {
        let name = path.last().map_or("", String::as_str);
        return Err(FilterError::new(
            argument.offset(),
            format!("`{name}` has no order: compare it with `=` or `!=`"),
        ));
    }
    let value = match (kind, value) {
        // Ids are stored trimmed.
        (FieldKind::ExternalIds(_), Operand::Text(id)) => Operand::Text(id.trim().to_owned()),
        (_, value) => value,
    };
    let stars = value_of(argument).map_or(Vec::new(), |value| value.stars);
    match value {
        Operand::Text(text) if is_equality && !stars.is_empty() => {
            let pattern = pattern(&text, &stars).ok_or_else(|| {
                FilterError::new(
                    argument.offset(),
                    "a `*` stands at the start or at the end of a text; `\\*` is the character",
                )
            })?;
            Ok(Condition::Like(pattern, comparison == Comparison::Equal))
        }
        value => Ok(Condition::Is(comparison, value)),
    }
}

/// Adds to what is wrong with a value what to write instead, where it is known what was meant.
fn with_example(
    problem: FilterError,
    resolved: &ResolvedField,
    argument: &Comparable,
) -> FilterError {
    let ResolvedField { lists, field, .. } = resolved;
    let names: Vec<&String> = lists.iter().chain([&field.path]).flatten().collect();
    let path = names
        .iter()
        .map(|name| name.as_str())
        .collect::<Vec<_>>()
        .join(".");
    let Some(written) = value_of(argument) else {
        return problem;
    };
    let is_null = ["null", "nil", "none"]
        .iter()
        .any(|null| written.text.eq_ignore_ascii_case(null));
    let is_keyed = matches!(
        field.kind,
        FieldKind::Label(_) | FieldKind::Attribute(_) | FieldKind::ExternalIds(_)
    );
    let example = match &field.kind {
        _ if is_null && !written.quoted && !is_keyed => {
            format!("whether it is unset is asked for as `NOT {path}:*`")
        }
        FieldKind::Time if is_span(&written.text) => {
            format!("a time so long before now is asked for as `{path} > ago(\"90d\")`")
        }
        FieldKind::Amount if has_currency(&written.text) => {
            format!("the currency is asked for beside it, as `{path}.currency_code = \"EUR\"`")
        }
        FieldKind::Number | FieldKind::Count
            if written.text.contains(|c: char| c.is_ascii_digit()) =>
        {
            "it stands without quotes, points and units, as in 1000".to_owned()
        }
        _ => return problem,
    };
    FilterError {
        message: format!("{}; {example}", problem.message),
        ..problem
    }
}

/// Says whether a text that is no amount may be one with its currency, or a currency alone.
fn has_currency(text: &str) -> bool {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code
        || text.contains(|c: char| {
            c.is_ascii_digit() || (!c.is_alphanumeric() && !c.is_ascii()) || c == '$'
        })
}

fn pattern(text: &str, stars: &[usize]) -> Option<TextPattern> {
    let open_start = stars.first() == Some(&0);
    let open_end = stars.last() == Some(&(text.len() - 1));
    let part = &text[usize::from(open_start)..];
    let n_ends = usize::from(open_start) + usize::from(open_end && text.len() > 1);
    let part = if open_end && !part.is_empty() {
        &part[..part.len() - 1]
    } else {
        part
    };
    (n_ends == stars.len()).then(|| TextPattern {
        part: part.to_owned(),
        open_start,
        open_end,
    })
}
