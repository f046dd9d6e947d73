//! From the text of a cell to a value of the field's own type.
//!
//! A reason says what would fit and never what was there: cells are people's data.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use prost::Message;
use prost_reflect::{DynamicMessage, EnumDescriptor, Kind, MessageDescriptor, Value};
use prost_types::value::Kind as FreeKind;
use serde::Deserialize;

use super::money::Amounts;
use super::numbers;
use super::target::End;
use crate::clock;
use crate::google::r#type::Date;
use crate::when;

/// What kind of value a free attribute gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum As {
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
}

/// How texts are read: what the whole mapping says, and what one rule says beside it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What kind of value a free attribute gets.
    pub r#as: As,
    /// How dates and times are written; without it, as in ISO 8601.
    pub format: Option<String>,
    /// Where the clocks stand that dates and times without a zone were read off.
    pub zone: TimeZone,
    /// How amounts of money are written.
    pub amounts: Amounts,
}

impl Default for Reading {
    fn default() -> Reading {
        let amounts = Amounts { currency: None, decimal_mark: '.' };
        Reading { r#as: As::Text, format: None, zone: TimeZone::UTC, amounts }
    }
}

/// Returns the value that a text means at a place. The reason completes a sentence that begins with the place.
pub fn value(end: &End, text: &str, reading: &Reading) -> Result<Value, String> {
    match end {
        End::Entry(field, _) if field.is_map() => Ok(Value::String(text.to_owned())),
        End::Entry(..) => free(text, reading),
        End::Field(field) | End::At(field, _) | End::Add(field) => of_kind(&field.kind(), text, reading),
    }
}

fn of_kind(kind: &Kind, text: &str, reading: &Reading) -> Result<Value, String> {
    match kind {
        Kind::String => Ok(Value::String(text.to_owned())),
        Kind::Bool => boolean(text).map(Value::Bool),
        Kind::Int32 => whole(text, reading).map(Value::I32),
        Kind::Int64 => whole(text, reading).map(Value::I64),
        Kind::Double => number(text, reading).map(Value::F64),
        Kind::Enum(names) => enumeration(names, text),
        Kind::Message(message) => of_message(message, text, reading),
        _ => Err("cannot be imported: no cell holds such a value".to_owned()),
    }
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "t" | "1" => Ok(true),
        "false" | "no" | "n" | "f" | "0" => Ok(false),
        _ => Err("is none of true, false, yes, no, 1, 0".to_owned()),
    }
}

fn whole<N: std::str::FromStr>(text: &str, reading: &Reading) -> Result<N, String> {
    let number = numbers::plain(text, reading.amounts.decimal_mark).and_then(|number| number.parse().ok());
    number.ok_or_else(|| "is not a whole number that fits".to_owned())
}

fn number(text: &str, reading: &Reading) -> Result<f64, String> {
    let number = numbers::plain(text, reading.amounts.decimal_mark).and_then(|number| number.parse().ok());
    number.filter(|number: &f64| number.is_finite()).ok_or_else(|| "is not a number".to_owned())
}

/// Reads the name of an enum value; case does not matter, and spaces and hyphens stand for underscores.
fn enumeration(names: &EnumDescriptor, text: &str) -> Result<Value, String> {
    let name = text.to_uppercase().replace([' ', '-'], "_");
    if let Some(value) = names.get_value_by_name(&name) {
        return Ok(Value::EnumNumber(value.number()));
    }
    let names: Vec<String> =
        names.values().filter(|value| value.number() != 0).map(|value| value.name().to_owned()).collect();
    Err(format!("is none of {}", names.join(", ")))
}

fn of_message(message: &MessageDescriptor, text: &str, reading: &Reading) -> Result<Value, String> {
    match message.full_name() {
        "google.type.Date" => dynamic(message, &date(text, reading.format.as_deref())?),
        "google.type.Money" => dynamic(message, &reading.amounts.read(text)?),
        "google.protobuf.Timestamp" => dynamic(message, &clock::timestamp(time(text, reading)?)),
        "google.protobuf.Duration" => {
            let span: Result<jiff::SignedDuration, _> = text.parse();
            let span = span.ok().and_then(|span| i64::try_from(span.as_micros()).ok());
            dynamic(message, &clock::duration(span.ok_or("is not a span of time such as 36h")?))
        }
        _ => Err("cannot be imported: no cell holds such a value".to_owned()),
    }
}

/// Reads a whole date; without a format, as `2026-01-31`, perhaps with a time behind, which is left out.
fn date(text: &str, format: Option<&str>) -> Result<Date, String> {
    let date = match format {
        None => when::date(text).ok_or_else(|| "is not a date such as 2026-01-31".to_owned()),
        Some(format) => {
            jiff::civil::Date::strptime(format, text).map_err(|_| format!("is not a date of the form {format}"))
        }
    }?;
    Ok(Date { year: date.year().into(), month: date.month().into(), day: date.day().into() })
}

/// Reads a time. One without a zone is taken in the zone of the mapping, a date as its first moment there.
fn time(text: &str, reading: &Reading) -> Result<clock::Micros, String> {
    match &reading.format {
        None => when::time(text, &reading.zone)
            .ok_or_else(|| "is not a time such as 2026-01-31T09:30:00Z or 2026-01-31".to_owned()),
        Some(format) => {
            let time = formatted(text, format, &reading.zone);
            time.map(Timestamp::as_microsecond).ok_or_else(|| format!("is not a time of the form {format}"))
        }
    }
}

/// Reads a time as a format has it; an offset or the name of a zone in it counts.
fn formatted(text: &str, format: &str, zone: &TimeZone) -> Option<Timestamp> {
    let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
    if parsed.offset().is_some_and(|offset| !when::is_offset(offset.seconds())) {
        return None;
    }
    if parsed.iana_time_zone().is_some() {
        return Some(parsed.to_zoned().ok()?.timestamp());
    }
    if parsed.offset().is_some() {
        return parsed.to_timestamp().ok();
    }
    let civil = parsed.to_datetime().or_else(|_| Ok::<_, jiff::Error>(parsed.to_date()?.at(0, 0, 0, 0)));
    Some(civil.ok()?.to_zoned(zone.clone()).ok()?.timestamp())
}

fn free(text: &str, reading: &Reading) -> Result<Value, String> {
    let kind = match reading.r#as {
        As::Text => FreeKind::StringValue(text.to_owned()),
        As::Number => FreeKind::NumberValue(number(text, reading)?),
        As::Boolean => FreeKind::BoolValue(boolean(text)?),
    };
    dynamic(&crate::descriptors::message("google.protobuf.Value"), &prost_types::Value { kind: Some(kind) })
}

fn dynamic<M: Message>(descriptor: &MessageDescriptor, message: &M) -> Result<Value, String> {
    let mut dynamic = DynamicMessage::new(descriptor.clone());
    dynamic.transcode_from(message).map_err(|error| error.to_string())?;
    Ok(Value::Message(dynamic))
}
