//! Literals: the values that fields are compared with. The kind of the field decides how they are read.

use prost_reflect::{FieldDescriptor, Kind};

use crate::clock::{DAY, Micros, SECOND};
use crate::descriptors;
use crate::filter::FilterError;
use crate::filter::grammar::Comparable;
use crate::filter::scan::PathPart;
use crate::filter::tree::{FieldKind, Moment, Operand};
use crate::name::{self, Name};
use crate::nearest::nearest;
use crate::when;

/// Returns a value as it was written: one quoted text, or anything without quotes, dots included. `None` of a call, and
/// of a path with quotes in it.
pub fn value_of(value: &Comparable) -> Option<PathPart> {
    let Comparable::Member(parts) = value else {
        return None;
    };
    if let [only] = &parts[..] {
        return Some(only.clone());
    }
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    let quoted = parts.iter().any(|part| part.quoted);
    (!quoted).then(|| PathPart {
        offset: value.offset(),
        ..PathPart::new(&texts.join("."), false)
    })
}

/// Reads the value that a field is compared with.
pub fn operand(
    kind: &FieldKind,
    field: Option<&FieldDescriptor>,
    argument: &Comparable,
) -> Result<Operand, FilterError> {
    if let Comparable::Call { .. } = argument {
        return call(kind, field, argument);
    }
    let Some(literal) = value_of(argument) else {
        return Err(FilterError::new(
            argument.offset(),
            "expected one value, in quotes if it is a text",
        ));
    };
    let name = field.map_or("", FieldDescriptor::name);
    let wrong = |wanted: &str| {
        FilterError::new(
            literal.offset,
            format!("`{name}` is compared with {wanted}"),
        )
    };
    let written = literal.text.as_str();
    let (value, wanted) = match kind {
        _ if literal.quoted && is_without_quotes(kind) => (None, "a value without quotes"),
        FieldKind::Bool => (written.parse().ok().map(Operand::Bool), "true or false"),
        FieldKind::Number | FieldKind::Count | FieldKind::PartOfAmount => {
            (written.parse().ok().map(Operand::Number), "a whole number")
        }
        FieldKind::Amount => (
            amount(written),
            "a number without its currency, such as 49.90",
        ),
        FieldKind::Time => (time(written), "a time such as \"2026-01-31T09:00:00Z\""),
        FieldKind::Span => (
            span(written).map(Operand::Span),
            "a span such as \"36h\" or \"20s\"",
        ),
        FieldKind::Date => (date(written), "a date such as \"2026-01-31\""),
        FieldKind::Attribute(_) => return free_value(&literal),
        FieldKind::Enum { .. } => return enum_value(field, &literal),
        FieldKind::Texts if matches!(field.map(FieldDescriptor::kind), Some(Kind::Enum(_))) => {
            return enum_value(field, &literal);
        }
        _ => return text(field, &literal),
    };
    value.ok_or_else(|| wrong(wanted))
}

/// Says whether the values of a field are written without quotes.
fn is_without_quotes(kind: &FieldKind) -> bool {
    matches!(
        kind,
        FieldKind::Bool
            | FieldKind::Number
            | FieldKind::Count
            | FieldKind::PartOfAmount
            | FieldKind::Amount
            | FieldKind::Enum { .. }
    )
}

/// Reads `ago("90d")` and `now()`.
fn call(
    kind: &FieldKind,
    field: Option<&FieldDescriptor>,
    call: &Comparable,
) -> Result<Operand, FilterError> {
    let Comparable::Call { name, arguments } = call else {
        return Err(FilterError::new(0, "expected a function"));
    };
    let called: Vec<&str> = name.iter().map(|part| part.text.as_str()).collect();
    let wrong = |message: &str| Err(FilterError::new(call.offset(), message));
    let moment = match (&called[..], &arguments[..]) {
        (["now"], []) => Moment::Ago(0),
        (["ago"], [argument]) => {
            let span = value_of(argument)
                .and_then(|literal| span(&literal.text))
                .filter(|span| *span >= 0);
            let problem =
                || FilterError::new(argument.offset(), "`ago` takes a span such as \"90d\"");
            Moment::Ago(span.ok_or_else(problem)?)
        }
        (["now"], _) => return wrong("`now()` takes nothing"),
        (["ago"], _) => return wrong("`ago` takes one span, as in `ago(\"90d\")`"),
        _ => return wrong("no such function: there are `now()` and `ago(\"90d\")`"),
    };
    match kind {
        FieldKind::Time => Ok(Operand::Time(moment)),
        _ => wrong(&format!(
            "`{}` is no time",
            field.map_or("this", FieldDescriptor::name)
        )),
    }
}

fn enum_value(field: Option<&FieldDescriptor>, literal: &PathPart) -> Result<Operand, FilterError> {
    let Some(Kind::Enum(values)) = field.map(FieldDescriptor::kind) else {
        return Err(FilterError::new(
            literal.offset,
            "this field has no named values",
        ));
    };
    if let Some(value) = values
        .get_value_by_name(&literal.text)
        .filter(|_| !literal.quoted)
    {
        return Ok(Operand::Text(value.name().to_owned()));
    }
    let names: Vec<String> = values
        .values()
        .skip(1)
        .map(|value| value.name().to_owned())
        .collect();
    let name = field.map_or("", FieldDescriptor::name);
    let message = match nearest(&literal.text, &names) {
        Some(nearest) => format!("`{name}` has no such value: did you mean `{nearest}`?"),
        None => format!("`{name}` is compared with {}", names.join(", ")),
    };
    Err(FilterError::new(literal.offset, message))
}

fn text(field: Option<&FieldDescriptor>, literal: &PathPart) -> Result<Operand, FilterError> {
    let name = field.map_or("this", FieldDescriptor::name);
    if !literal.quoted {
        return Err(FilterError::new(
            literal.offset,
            format!("`{name}` is compared with a text in quotes"),
        ));
    }
    let kind = field.and_then(|field| {
        if field.name() == "name" {
            own_kind(field)
        } else {
            descriptors::referred_kind(field)
        }
    });
    if let Some(kind) = kind
        && !literal.text.is_empty()
        && literal.stars.is_empty()
        && Name::parse(kind, &literal.text).is_none()
    {
        let message = format!(
            "`{name}` is compared with a name such as \"{}/...\"",
            kind.collection()
        );
        return Err(FilterError::new(literal.offset, message));
    }
    Ok(Operand::Text(literal.text.clone()))
}

fn own_kind(field: &FieldDescriptor) -> Option<name::Kind> {
    let message = field.parent_message();
    name::Kind::ALL.into_iter().find(|kind| {
        kind.resource_type()
            .ends_with(&format!("/{}", message.name()))
    })
}

/// Reads a value of free attributes, typed as in JSON: only a text has quotes.
fn free_value(literal: &PathPart) -> Result<Operand, FilterError> {
    if literal.quoted {
        return Ok(Operand::Text(literal.text.clone()));
    }
    let is_number = literal
        .text
        .chars()
        .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    let number = literal
        .text
        .parse()
        .ok()
        .filter(|number: &f64| is_number && number.is_finite());
    match literal.text.as_str() {
        "true" => Ok(Operand::Bool(true)),
        "false" => Ok(Operand::Bool(false)),
        _ => number.map(Operand::Double).ok_or_else(|| {
            let message = "an attribute is compared with a text in quotes, a number, true or false";
            FilterError::new(literal.offset, message)
        }),
    }
}

fn time(text: &str) -> Option<Operand> {
    when::instant(text).map(|time| Operand::Time(Moment::At(time)))
}

/// Says whether a text is a span, such as `21d`.
pub fn is_span(text: &str) -> bool {
    span(text).is_some()
}

/// Reads a span: numbers with units, as in `90d`, `36h`, `1h30m` or `1.5s`, or any other form that jiff reads.
fn span(text: &str) -> Option<Micros> {
    short_span(text).or_else(|| {
        let span: jiff::SignedDuration = text.parse().ok()?;
        i64::try_from(span.as_micros()).ok()
    })
}

fn short_span(text: &str) -> Option<Micros> {
    const UNITS: [(&str, Micros); 7] = [
        ("ms", 1000),
        ("us", 1),
        ("w", 7 * DAY),
        ("d", DAY),
        ("h", 3600 * SECOND),
        ("m", 60 * SECOND),
        ("s", SECOND),
    ];
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let (unit, micros) = UNITS
            .into_iter()
            .find(|(unit, _)| after.starts_with(unit))?;
        let (whole, nanos) = decimal(number)?;
        sum += i128::from(whole) * i128::from(micros)
            + i128::from(nanos) * i128::from(micros) / 1_000_000_000;
        rest = &after[unit.len()..];
    }
    let span = i64::try_from(sum * sign).ok()?;
    (!text.trim_start_matches('-').is_empty()).then_some(span)
}

fn date(text: &str) -> Option<Operand> {
    when::day(text)
        .filter(|day| day.year() > 0)
        .map(|day| Operand::Text(day.to_string()))
}

fn amount(text: &str) -> Option<Operand> {
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1, text), |digits| (-1, digits));
    let (units, nanos) = decimal(digits)?;
    Some(Operand::Amount {
        units: sign * units,
        nanos: i32::try_from(sign * nanos).ok()?,
    })
}

/// Reads a decimal number with at most nine digits after the point: the whole number and the billionths.
fn decimal(text: &str) -> Option<(i64, i64)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    Some((whole.parse().ok()?, format!("{fraction:0<9}").parse().ok()?))
}
