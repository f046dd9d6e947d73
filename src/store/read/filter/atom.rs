//! One restriction as SQL.
//!
//! Positive conditions may yield NULL, which finds nothing; a negation never does. Only a comparison on a column is
//! reversed, because an index may serve it; everything else is negated as "is not true".

use crate::clock::Micros;
use crate::error::Error;
use crate::filter::tree::{
    Comparison, Condition, Field, FieldKind, Operand, Predicate, TextPattern,
};
use crate::store::read::filter::{ColumnValue, Unset, ValueForm, ValuePlace, chained};
use crate::store::sql::json;
use crate::store::sql::json_functions::{self, Scalar};
use crate::store::sql::statement::{Part, Value, part};

/// Returns the condition that a restriction holds.
pub fn positive(place: &dyn ValuePlace, predicate: &Predicate) -> Result<Part, Error> {
    let met = met(place, predicate)?;
    Ok(match place.hidden_link(&predicate.field)? {
        Some(hidden) => part!("((:{met}) and not :{hidden})", met, hidden),
        None => met,
    })
}

/// Returns the condition that the stored value meets a restriction.
fn met(place: &dyn ValuePlace, predicate: &Predicate) -> Result<Part, Error> {
    let Predicate { field, condition } = predicate;
    if let Some(sql) = place.special(field, condition)? {
        return Ok(sql);
    }
    match (&field.kind, condition) {
        (FieldKind::Messages, _) => place.has_elements(&field.path),
        (FieldKind::Texts, Condition::Present) => Ok(place.list(&field.path)?.has_elements()),
        (FieldKind::Texts, condition) => some_element(place, field, &[condition]),
        (_, Condition::ContainsFolded(part)) => Ok(json_functions::holds(
            place.folded(&field.path).scalar(Scalar::Text),
            part,
        )),
        (kind, condition) => value_meets(place.now(), &place.scalar(field)?, kind, condition),
    }
}

/// Returns the condition that a value meets one on the value itself.
pub fn value_meets(
    now: Micros,
    value: &ColumnValue,
    kind: &FieldKind,
    condition: &Condition,
) -> Result<Part, Error> {
    match condition {
        Condition::Present => Ok(present(value, kind)),
        Condition::Like(pattern, wanted) => {
            let like = like(&value.sql, pattern, *wanted);
            // What has a certain part is not empty.
            let is_enough = *wanted && !pattern.part.is_empty();
            Ok(match is_enough {
                true => like,
                false => part!("(:{like} and :{is_set})", like, is_set = is_set(value)),
            })
        }
        Condition::Is(comparison, operand) => compare(now, value, kind, *comparison, operand),
        Condition::ContainsFolded(_) | Condition::Has(_) | Condition::HasKey(_) => {
            Err(unexpected())
        }
    }
}

/// Returns the condition that a restriction does not hold.
pub fn contrary(place: &dyn ValuePlace, predicate: &Predicate) -> Result<Part, Error> {
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
                Some(is_unset) => part!("(:{turned} or :{is_unset})", turned, is_unset),
                None => turned,
            });
        }
    }
    let positive = positive(place, predicate)?;
    Ok(part!("(:{positive}) is not true", positive))
}

/// Returns the condition that a column is one of several texts or enum values, if that is what several conditions come
/// to: as a list, for which PostgreSQL walks an index. For separate alternatives it would build a bitmap.
pub fn is_one_of(value: &ColumnValue, kind: &FieldKind, conditions: &[&Condition]) -> Option<Part> {
    if !matches!(kind, FieldKind::Text | FieldKind::Enum { .. }) {
        return None;
    }
    let text = |condition: &&Condition| match condition {
        Condition::Is(Comparison::Equal, Operand::Text(text)) if !text.is_empty() => {
            Some(text.clone())
        }
        _ => None,
    };
    let texts: Vec<String> = conditions.iter().map(text).collect::<Option<_>>()?;
    Some(part!(
        ":{value} = any(:texts)",
        value = &value.sql,
        texts = Value::Few(texts)
    ))
}

fn present(value: &ColumnValue, kind: &FieldKind) -> Part {
    match kind {
        FieldKind::Enum { unset } => part!(":{value} <> :unset", value = &value.sql, unset),
        _ => is_set(value),
    }
}

fn is_set(value: &ColumnValue) -> Part {
    let column = &value.sql;
    match value.unset {
        Unset::Null => part!(":{column} is not null", column),
        Unset::Empty => part!(":{column} <> ''", column),
        Unset::Last => part!(":{column} < :last", column, last = Micros::MAX),
        Unset::Never => Part::text("1 = 1"),
    }
}

/// Returns the condition that a column is unset; `None` if it never is.
fn is_unset(value: &ColumnValue) -> Option<Part> {
    let column = &value.sql;
    match value.unset {
        Unset::Null => Some(part!(":{column} is null", column)),
        Unset::Empty => Some(part!(":{column} = ''", column)),
        Unset::Last => Some(part!(":{column} = :last", column, last = Micros::MAX)),
        Unset::Never => None,
    }
}

fn compare(
    now: Micros,
    value: &ColumnValue,
    kind: &FieldKind,
    comparison: Comparison,
    operand: &Operand,
) -> Result<Part, Error> {
    if let (FieldKind::Enum { unset }, Operand::Text(name)) = (kind, operand) {
        return Ok(compare_enum(value, comparison, name, unset));
    }
    let compared = ordered(now, value, comparison, operand)?;
    let holds_when_unset = match (value.unset, comparison) {
        (Unset::Null | Unset::Never, _) => false,
        // Nothing is less than the empty text, and only the empty text equals it.
        (Unset::Empty, Comparison::Equal | Comparison::Greater | Comparison::GreaterOrEqual) => {
            *operand == Operand::Text(String::new())
        }
        (Unset::Empty, _) => true,
        (Unset::Last, comparison) => !matches!(comparison, Comparison::Equal | Comparison::Less),
    };
    Ok(if holds_when_unset {
        part!(
            "(:{compared} and :{is_set})",
            compared,
            is_set = is_set(value)
        )
    } else {
        compared
    })
}

fn compare_enum(value: &ColumnValue, comparison: Comparison, name: &str, unset: &str) -> Part {
    let column = &value.sql;
    let asks_for_unset = name == unset && comparison == Comparison::Equal;
    if asks_for_unset && value.written == ValueForm::Json {
        return part!(":{column} is null", column);
    }
    let symbol = symbol(comparison);
    // The sign keeps SQLite from comparing the value with the conditions of partial indexes, and so from planning
    // anew for each value.
    let compared = Part::by_engine(
        part!(":{column} :{symbol} +:name", column, symbol, name),
        part!(":{column} :{symbol} :name", column, symbol, name),
    );
    if comparison == Comparison::NotEqual && name != unset {
        return part!(
            "(:{compared} and :{column} <> :unset)",
            compared,
            column,
            unset
        );
    }
    compared
}

/// Compares, ignoring that a value may be unset.
fn ordered(
    now: Micros,
    value: &ColumnValue,
    comparison: Comparison,
    operand: &Operand,
) -> Result<Part, Error> {
    let bound = match operand {
        Operand::Text(date) if value.written == ValueForm::Json && value.unset == Unset::Null => {
            let number: i64 = date.replace('-', "").parse().map_err(|_| unexpected())?;
            Value::from(number)
        }
        Operand::Text(text) => Value::from(text.as_str()),
        Operand::Number(number) | Operand::Span(number) => Value::from(*number),
        Operand::Time(moment) if value.written == ValueForm::Json => {
            Value::from(json::time(moment.resolve(now)))
        }
        Operand::Time(moment) => Value::from(moment.resolve(now)),
        Operand::Bool(flag) => Value::Bool(*flag),
        Operand::Amount { .. } | Operand::Double(_) => return Err(unexpected()),
    };
    Ok(compared(&value.sql, comparison, bound))
}

/// Compares an expression with a value.
pub fn compared(value: &Part, comparison: Comparison, bound: impl Into<Value>) -> Part {
    part!(
        ":{value} :{symbol} :bound",
        value,
        symbol = symbol(comparison),
        bound = bound.into(),
    )
}

pub fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

/// Returns the condition on the form of a text. A prefix becomes a range, which an index serves.
pub fn like(text: &Part, pattern: &TextPattern, wanted: bool) -> Part {
    let part = pattern.part.as_str();
    let length = i64::try_from(part.chars().count()).unwrap_or(i64::MAX);
    let like = match (pattern.open_start, pattern.open_end) {
        (true, true) => json_functions::holds(text, part),
        (true, false) => part!(
            "length(:{text}) >= :length
             and substr(:{text}, cast(length(:{text}) - :length + 1 as integer)) = :part",
            text,
            length,
            part
        ),
        (false, true) => match after_all_with(part) {
            Some(end) => part!(":{text} >= :part and :{text} < :end", text, part, end),
            None => part!(":{text} >= :part", text, part),
        },
        (false, false) => part!(":{text} = :part", text, part),
    };
    if wanted {
        part!("(:{like})", like)
    } else {
        part!("not (:{like})", like)
    }
}

/// Returns the first text after all that begin with this prefix; `None` if there is none.
fn after_all_with(start: &str) -> Option<String> {
    let last = start.char_indices().rev().find(|(_, c)| *c != char::MAX)?;
    let after = (u32::from(last.1) + 1..).find_map(char::from_u32)?;
    Some(format!("{}{after}", &start[..last.0]))
}

/// Returns the condition that a list of texts has an element that meets one of several conditions, which look at the
/// same aspect.
pub fn some_element(
    place: &dyn ValuePlace,
    field: &Field,
    conditions: &[&Condition],
) -> Result<Part, Error> {
    let is_folded = matches!(conditions, [Condition::ContainsFolded(_), ..]);
    let list = if is_folded {
        place.folded(&field.path)
    } else {
        place.list(&field.path)?
    };
    let element = json_functions::element("one", Scalar::Text);
    let matches = |condition: &&Condition| match condition {
        Condition::Has(Operand::Text(text)) => {
            Ok(part!(":{element} = :text", element = &element, text))
        }
        Condition::ContainsFolded(part) => Ok(json_functions::holds(&element, part)),
        _ => Err(unexpected()),
    };
    let matches = conditions.iter().map(matches).collect::<Result<_, _>>()?;
    Ok(json_functions::exists(
        list.elements("one"),
        chained(" or ", matches),
    ))
}

/// Returns the error for a tree that the checker never produces.
pub fn unexpected() -> Error {
    Error::internal("a filter was checked into a tree that the store does not know")
}
