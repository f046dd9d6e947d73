//! One restriction as SQL.
//!
//! Positive conditions may yield NULL, which finds nothing; a contrary never does. Only a comparison on a column is
//! turned around, because an index may serve it; the contrary of all else is that it is not true.

use crate::clock::Micros;
use crate::error::Error;
use crate::filter::tree::{
    Comparison, Condition, Field, FieldKind, Filter, Operand, Predicate, TextPattern,
};
use crate::store::read::filter::{Place, Unset, Value, Written, in_parentheses};
use crate::store::sql::json;
use crate::store::sql::json_functions::{self, Scalar};
use crate::store::sql::statement::{Sql, Value as Bound};

/// Returns the condition that a restriction holds.
pub fn positive(place: &dyn Place, predicate: &Predicate) -> Result<Sql, Error> {
    let sql = met(place, predicate)?;
    Ok(match place.hidden_link(&predicate.field)? {
        Some(hidden) => in_parentheses(in_parentheses(sql).push(" and not ").append(hidden)),
        None => sql,
    })
}

/// Returns the condition that what is stored meets a restriction.
fn met(place: &dyn Place, predicate: &Predicate) -> Result<Sql, Error> {
    let Predicate { field, condition } = predicate;
    if let Some(sql) = place.special(field, condition)? {
        return Ok(sql);
    }
    match (&field.kind, condition) {
        (FieldKind::Messages, _) => place.has_elements(&field.path),
        (FieldKind::Texts, Condition::Present) => Ok(place.list(&field.path)?.has_elements()),
        (FieldKind::Texts, condition) => some_element(place, field, condition),
        (_, Condition::ContainsFolded(part)) => Ok(json_functions::holds(
            place.folded(&field.path).scalar(Scalar::Text),
            part,
        )),
        (kind, Condition::Present) => Ok(present(&place.scalar(field)?, kind)),
        (_, Condition::Like(pattern, wanted)) => {
            let value = place.scalar(field)?;
            let is_set = is_set(&value);
            Ok(in_parentheses(
                like(&value.sql, pattern, *wanted)
                    .push(" and ")
                    .append(is_set),
            ))
        }
        (kind, Condition::Is(comparison, operand)) => compare(
            place.now(),
            &place.scalar(field)?,
            kind,
            *comparison,
            operand,
        ),
        (_, Condition::Has(_) | Condition::HasKey(_)) => Err(unexpected()),
    }
}

/// Returns the condition that a restriction does not hold.
pub fn contrary(place: &dyn Place, predicate: &Predicate) -> Result<Sql, Error> {
    let Predicate { field, condition } = predicate;
    if let Condition::Is(comparison, operand) = condition
        && place.special(field, condition)?.is_none()
        && place.hidden_link(field)?.is_none()
        && !matches!(field.kind, FieldKind::Enum { .. } | FieldKind::Texts)
    {
        let value = place.scalar(field)?;
        if value.is_column {
            let turned = ordered(place.now(), &value, comparison.contrary(), operand)?;
            return Ok(match is_unset(&value) {
                Some(is_unset) => in_parentheses(turned.push(" or ").append(is_unset)),
                None => turned,
            });
        }
    }
    Ok(Sql::new("(")
        .append(positive(place, predicate)?)
        .push(") is not true"))
}

/// Returns the condition that one of several restrictions holds, if all of them ask of one column which text or value
/// of an enum it is: as a list, which PostgreSQL follows along an index. Of alternatives it makes a bitmap.
pub fn is_one_of(place: &dyn Place, trees: &[Filter]) -> Result<Option<Sql>, Error> {
    let Some(Filter::Predicate(Predicate { field, condition })) = trees.first() else {
        return Ok(None);
    };
    let text = |tree: &Filter| match tree {
        Filter::Predicate(Predicate {
            field: of,
            condition: Condition::Is(Comparison::Equal, Operand::Text(text)),
        }) if of == field && !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    let Some(texts) = trees.iter().map(text).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let is_plain = matches!(field.kind, FieldKind::Text | FieldKind::Enum { .. })
        && place.special(field, condition)?.is_none();
    if !is_plain || place.hidden_link(field)?.is_some() {
        return Ok(None);
    }
    let value = place.scalar(field)?;
    Ok(value.is_column.then(|| value.sql.one_of(texts)))
}

fn present(value: &Value, kind: &FieldKind) -> Sql {
    match kind {
        FieldKind::Enum { unset } => value.sql.clone().push(" <> ").bind(unset.as_str()),
        _ => is_set(value),
    }
}

fn is_set(value: &Value) -> Sql {
    match value.unset {
        Unset::Null => value.sql.clone().push(" is not null"),
        Unset::Empty => value.sql.clone().push(" <> ''"),
        Unset::Last => value.sql.clone().push(" < ").bind(Micros::MAX),
        Unset::Never => Sql::new("1 = 1"),
    }
}

/// Returns the condition that a column is unset; `None` when it never is.
fn is_unset(value: &Value) -> Option<Sql> {
    match value.unset {
        Unset::Null => Some(value.sql.clone().push(" is null")),
        Unset::Empty => Some(value.sql.clone().push(" = ''")),
        Unset::Last => Some(value.sql.clone().push(" = ").bind(Micros::MAX)),
        Unset::Never => None,
    }
}

fn compare(
    now: Micros,
    value: &Value,
    kind: &FieldKind,
    comparison: Comparison,
    operand: &Operand,
) -> Result<Sql, Error> {
    if let (FieldKind::Enum { unset }, Operand::Text(name)) = (kind, operand) {
        return Ok(compare_enum(value, comparison, name, unset));
    }
    let sql = ordered(now, value, comparison, operand)?;
    let holds_when_unset = match (value.unset, comparison) {
        (Unset::Null | Unset::Never, _) => false,
        // Nothing is less than the empty text, and nothing but itself equals it.
        (Unset::Empty, Comparison::Equal | Comparison::Greater | Comparison::GreaterOrEqual) => {
            *operand == Operand::Text(String::new())
        }
        (Unset::Empty, _) => true,
        (Unset::Last, comparison) => !matches!(comparison, Comparison::Equal | Comparison::Less),
    };
    Ok(if holds_when_unset {
        in_parentheses(sql.push(" and ").append(is_set(value)))
    } else {
        sql
    })
}

fn compare_enum(value: &Value, comparison: Comparison, name: &str, unset: &str) -> Sql {
    let asks_for_unset = name == unset && comparison == Comparison::Equal;
    if asks_for_unset && value.written == Written::Json {
        return value.sql.clone().push(" is null");
    }
    // The sign keeps SQLite from comparing the value with those that partial indexes are about, and so from planning
    // anew for each.
    let sql = value
        .sql
        .clone()
        .push(symbol(comparison))
        .either("+", "")
        .bind(name);
    if comparison == Comparison::NotEqual && name != unset {
        return in_parentheses(
            sql.push(" and ")
                .append(value.sql.clone())
                .push(" <> ")
                .bind(unset),
        );
    }
    sql
}

/// Compares without regard to what is unset.
fn ordered(
    now: Micros,
    value: &Value,
    comparison: Comparison,
    operand: &Operand,
) -> Result<Sql, Error> {
    let bound = match operand {
        Operand::Text(date) if value.written == Written::Json && value.unset == Unset::Null => {
            let number: i64 = date.replace('-', "").parse().map_err(|_| unexpected())?;
            Bound::from(number)
        }
        Operand::Text(text) => Bound::from(text.as_str()),
        Operand::Number(number) | Operand::Span(number) => Bound::from(*number),
        Operand::Time(moment) if value.written == Written::Json => {
            Bound::from(json::time(moment.at(now)))
        }
        Operand::Time(moment) => Bound::from(moment.at(now)),
        Operand::Bool(flag) => Bound::Bool(*flag),
        Operand::Amount { .. } | Operand::Double(_) => return Err(unexpected()),
    };
    Ok(value.sql.clone().push(symbol(comparison)).bind(bound))
}

fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => " = ",
        Comparison::NotEqual => " <> ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
    }
}

/// Returns the condition on the shape of a text. A start is a range, which an index serves.
pub fn like(text: &Sql, pattern: &TextPattern, wanted: bool) -> Sql {
    let text = || text.clone();
    let part = pattern.part.as_str();
    let length = i64::try_from(part.chars().count()).unwrap_or(i64::MAX);
    let sql = match (pattern.open_start, pattern.open_end) {
        (true, true) => json_functions::holds(text(), part),
        (true, false) => Sql::new("length(")
            .append(text())
            .push(") >= ")
            .bind(length)
            .push(" and substr(")
            .append(text())
            .push(", cast(length(")
            .append(text())
            .push(") - ")
            .bind(length)
            .push(" + 1 as integer)) = ")
            .bind(part),
        (false, true) => {
            let from = text().push(" >= ").bind(part);
            match after_all_with(part) {
                Some(end) => from.push(" and ").append(text()).push(" < ").bind(end),
                None => from,
            }
        }
        (false, false) => text().push(" = ").bind(part),
    };
    let sql = in_parentheses(sql);
    if wanted {
        sql
    } else {
        Sql::new("not ").append(sql)
    }
}

/// Returns the first text after all that begin with this one; `None` when there is none.
fn after_all_with(start: &str) -> Option<String> {
    let last = start.char_indices().rev().find(|(_, c)| *c != char::MAX)?;
    let after = (u32::from(last.1) + 1..).find_map(char::from_u32)?;
    Some(format!("{}{after}", &start[..last.0]))
}

/// Returns the condition that a list of texts has an element.
fn some_element(place: &dyn Place, field: &Field, condition: &Condition) -> Result<Sql, Error> {
    let (list, matches) = match condition {
        Condition::Has(Operand::Text(text)) => {
            let element = json_functions::element("one", Scalar::Text)
                .push(" = ")
                .bind(text.as_str());
            (place.list(&field.path)?, element)
        }
        Condition::ContainsFolded(part) => (
            place.folded(&field.path),
            json_functions::holds(json_functions::element("one", Scalar::Text), part),
        ),
        _ => return Err(unexpected()),
    };
    Ok(json_functions::exists(list.elements("one"), matches))
}

/// Returns the error of a tree that the checker does not make.
pub fn unexpected() -> Error {
    Error::internal("a filter was checked into a tree that the store does not know")
}
