//! From the text of a cell to a value of the type of its field.
//!
//! A reason says what would fit, and never what the cell holds: cells are personal data.

use std::str::FromStr;

use anyhow::anyhow;
use jiff::tz::TimeZone;
use prost::Message;
use prost_reflect::{DynamicMessage, EnumDescriptor, Kind, MessageDescriptor, Value};
use prost_types::value::Kind as AttributeKind;
use serde::Deserialize;

use crate::cli::import::cell::money::MoneyFormat;
use crate::cli::import::cell::number;
use crate::cli::import::mapping::target::FieldSlot;
use crate::google::r#type::Date;
use crate::when::{self, FormatProblem};
use crate::{clock, descriptors};

const UNSUPPORTED: &str = "cannot be imported: no cell holds such a value";

/// The type that a free attribute gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AttributeType {
    Text,
    Number,
    Boolean,
}

/// How the texts of cells are written: by the top of the mapping, and by one rule.
#[derive(Clone, Debug)]
pub(crate) struct ValueFormat {
    pub(crate) attribute_type: AttributeType,
    /// The format of dates and times, as strftime has it; ISO 8601 if there is none.
    pub(crate) date_format: Option<String>,
    /// The zone of times that do not name one.
    pub(crate) zone: TimeZone,
    pub(crate) money: MoneyFormat,
}

impl Default for ValueFormat {
    fn default() -> ValueFormat {
        ValueFormat {
            attribute_type: AttributeType::Text,
            date_format: None,
            zone: TimeZone::UTC,
            money: MoneyFormat {
                currency: None,
                decimal_mark: '.',
            },
        }
    }
}

impl ValueFormat {
    /// Returns the format of numbers in JSON and TOML.
    pub(crate) fn for_numbers(&self) -> ValueFormat {
        let mut format = self.clone();
        format.money.decimal_mark = '.';
        format
    }
}

/// Checks that the format of a date or a time can be read, and gives at least a whole date.
pub(crate) fn check_date_format(slot: &FieldSlot, format: &str) -> anyhow::Result<()> {
    let Some(Kind::Message(message)) = slot.typed_field().map(|field| field.kind()) else {
        return Ok(());
    };
    let unfit = |error| anyhow!("format: `{format}` is not one such as %d.%m.%Y %H:%M: {error}");
    let sample = when::sample_of_format(format).map_err(|error| unfit(error.to_string()))?;
    let read = match message.full_name() {
        "google.type.Date" => date(&sample, Some(format)).map(drop),
        "google.protobuf.Timestamp" => when::time_by_format(&sample, format, &TimeZone::UTC)
            .map(drop)
            .map_err(|problem| unlike_format(problem, "time", format)),
        _ => Ok(()),
    };
    read.map_err(|_| unfit("it cannot be read, or has no complete date".to_owned()))
}

/// Returns the value of a text in a field. The error completes a sentence that starts with the column.
pub(crate) fn value(slot: &FieldSlot, text: &str, format: &ValueFormat) -> Result<Value, String> {
    match slot {
        FieldSlot::Entry(field, _) if field.is_map() => Ok(Value::String(text.to_owned())),
        FieldSlot::Entry(..) => attribute(text, format),
        FieldSlot::Field(field) | FieldSlot::Index(field, _) | FieldSlot::Append(field) => {
            value_of_kind(&field.kind(), text, format)
        }
    }
}

fn value_of_kind(kind: &Kind, text: &str, format: &ValueFormat) -> Result<Value, String> {
    match kind {
        Kind::String => Ok(Value::String(text.to_owned())),
        Kind::Bool => boolean(text).map(Value::Bool),
        Kind::Int32 => whole_number(text, format).map(Value::I32),
        Kind::Int64 => whole_number(text, format).map(Value::I64),
        Kind::Double => double(text, format).map(Value::F64),
        Kind::Enum(names) => enum_value(names, text),
        Kind::Message(message) => message_value(message, text, format),
        _ => Err(UNSUPPORTED.to_owned()),
    }
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "1" => Ok(true),
        "false" | "no" | "n" | "f" | "0" => Ok(false),
        _ => Err("is not one of true, false, yes, no, 1, 0".to_owned()),
    }
}

/// Reads a whole number; decimals that are all zero may follow.
fn whole_number<N: FromStr>(text: &str, format: &ValueFormat) -> Result<N, String> {
    let plain = number::plain(text, format.money.decimal_mark);
    let whole = plain.as_deref().map(|number| match number.split_once('.') {
        Some((whole, decimals)) if decimals.bytes().all(|byte| byte == b'0') => whole,
        _ => number,
    });
    whole
        .and_then(|whole| whole.parse().ok())
        .ok_or_else(|| "is not a whole number that fits".to_owned())
}

fn double(text: &str, format: &ValueFormat) -> Result<f64, String> {
    let mark = format.money.decimal_mark;
    number::plain(text, mark)
        .and_then(|number| number.parse().ok())
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| format!("is not a number such as 2{mark}5"))
}

/// Finds an enum value by its name, in any case, with spaces or hyphens for underscores.
fn enum_value(names: &EnumDescriptor, text: &str) -> Result<Value, String> {
    let name = text.to_uppercase().replace([' ', '-'], "_");
    if let Some(value) = names.get_value_by_name(&name) {
        return Ok(Value::EnumNumber(value.number()));
    }
    let names: Vec<String> = names
        .values()
        .filter(|value| value.number() != 0)
        .map(|value| value.name().to_owned())
        .collect();
    Err(format!("is not one of {}", names.join(", ")))
}

fn message_value(
    message: &MessageDescriptor,
    text: &str,
    format: &ValueFormat,
) -> Result<Value, String> {
    match message.full_name() {
        "google.type.Date" => dynamic(message, &date(text, format.date_format.as_deref())?),
        "google.type.Money" => dynamic(message, &format.money.parse(text)?),
        "google.protobuf.Timestamp" => dynamic(message, &clock::timestamp(time(text, format)?)),
        "google.protobuf.Duration" => dynamic(message, &clock::duration(duration(text)?)),
        _ => Err(UNSUPPORTED.to_owned()),
    }
}

/// Reads a date; without a format, a time may follow, which is ignored.
fn date(text: &str, format: Option<&str>) -> Result<Date, String> {
    let date = match format {
        None => when::date(text).ok_or("is not a date such as 2026-01-31")?,
        Some(format) => when::date_by_format(text, format)
            .map_err(|problem| unlike_format(problem, "date", format))?,
    };
    Ok(Date {
        year: date.year().into(),
        month: date.month().into(),
        day: date.day().into(),
    })
}

/// Reads a time. Without an offset or a zone it is in the zone of the mapping; a date is its first moment there.
fn time(text: &str, format: &ValueFormat) -> Result<clock::Micros, String> {
    match &format.date_format {
        None => when::time(text, &format.zone)
            .ok_or_else(|| "is not a time such as 2026-01-31T09:30:00Z or 2026-01-31".to_owned()),
        Some(format_text) => when::time_by_format(text, format_text, &format.zone)
            .map_err(|problem| unlike_format(problem, "time", format_text)),
    }
}

fn unlike_format(problem: FormatProblem, what: &str, format: &str) -> String {
    match problem {
        FormatProblem::Mismatch => format!("is not a {what} of the form {format}"),
        FormatProblem::ShortYear => "has no year of four digits: %y reads years of two".to_owned(),
    }
}

fn duration(text: &str) -> Result<clock::Micros, String> {
    let span: Option<jiff::SignedDuration> = text.parse().ok();
    span.and_then(|span| i64::try_from(span.as_micros()).ok())
        .ok_or_else(|| "is not a span of time such as 36h".to_owned())
}

fn attribute(text: &str, format: &ValueFormat) -> Result<Value, String> {
    let kind = match format.attribute_type {
        AttributeType::Text => AttributeKind::StringValue(text.to_owned()),
        AttributeType::Number => AttributeKind::NumberValue(double(text, format)?),
        AttributeType::Boolean => AttributeKind::BoolValue(boolean(text)?),
    };
    let value = prost_types::Value { kind: Some(kind) };
    dynamic(&descriptors::message("google.protobuf.Value"), &value)
}

fn dynamic<M: Message>(descriptor: &MessageDescriptor, message: &M) -> Result<Value, String> {
    let mut dynamic = DynamicMessage::new(descriptor.clone());
    dynamic
        .transcode_from(message)
        .map_err(|error| error.to_string())?;
    Ok(Value::Message(dynamic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_numbers_however_they_are_written() {
        let point = ValueFormat::default();
        let mut comma = ValueFormat::default();
        comma.money.decimal_mark = ',';
        assert_eq!(whole_number::<i32>("5.0", &point), Ok(5));
        assert_eq!(whole_number::<i32>("1.234,00", &comma), Ok(1234));
        assert_eq!(whole_number::<i32>("-7.000", &point), Ok(-7));
        assert!(whole_number::<i32>("5.5", &point).is_err());
        assert!(whole_number::<i32>("5.0", &comma).is_err());
        assert_eq!(
            double("x", &point),
            Err("is not a number such as 2.5".to_owned())
        );
        assert_eq!(
            double("x", &comma),
            Err("is not a number such as 2,5".to_owned())
        );
        assert_eq!(double("1.234", &comma.for_numbers()), Ok(1.234));
    }

    #[test]
    fn a_year_of_two_digits_is_refused_where_four_are_read() {
        let format = ValueFormat {
            date_format: Some("%d.%m.%Y".to_owned()),
            ..ValueFormat::default()
        };
        let problems = [
            date("01.02.24", format.date_format.as_deref()).map(drop),
            time("01.02.24", &format).map(drop),
        ];
        for problem in problems {
            assert!(problem.is_err_and(|why| why.contains("four digits")));
        }
    }
}
