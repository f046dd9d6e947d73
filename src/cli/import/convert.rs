//! From the text of a cell to a value of the field's own type.
//!
//! A reason says what would fit and never what was there: cells are people's data.

use anyhow::anyhow;
use jiff::Zoned;
use jiff::civil;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;
use prost::Message;
use prost_reflect::{DynamicMessage, EnumDescriptor, Kind, MessageDescriptor, Value};
use prost_types::value::Kind as FreeKind;
use serde::Deserialize;

use crate::cli::import::money::Amounts;
use crate::cli::import::numbers;
use crate::cli::import::target::End;
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
        let amounts = Amounts {
            currency: None,
            decimal_mark: '.',
        };
        Reading {
            r#as: As::Text,
            format: None,
            zone: TimeZone::UTC,
            amounts,
        }
    }
}

impl Reading {
    /// Returns how numbers are read that are written as in JSON.
    pub fn of_numbers(&self) -> Reading {
        Reading {
            amounts: Amounts {
                decimal_mark: '.',
                ..self.amounts.clone()
            },
            ..self.clone()
        }
    }
}

/// Checks how dates and times are said to be written.
///
/// # Errors
/// When nothing can be read so.
pub fn check_format(end: &End, format: &str) -> anyhow::Result<()> {
    let (End::Field(field) | End::At(field, _) | End::Add(field)) = end else {
        return Ok(());
    };
    let Kind::Message(message) = field.kind() else {
        return Ok(());
    };
    let sample = civil::date(2026, 1, 31)
        .at(9, 30, 0, 0)
        .to_zoned(TimeZone::UTC)?;
    let unfit = |error| anyhow!("format: `{format}` is not one such as %d.%m.%Y %H:%M: {error}");
    let text = strtime::format(format, &sample).map_err(|error| unfit(error.to_string()))?;
    let read = match message.full_name() {
        "google.type.Date" => date(&text, Some(format)).map(drop),
        "google.protobuf.Timestamp" => formatted(&text, format, &TimeZone::UTC).map(drop),
        _ => Ok(()),
    };
    read.map_err(|_| unfit("it cannot be read, or says no whole date".to_owned()))
}

/// Returns the value that a text means at a place. The reason completes a sentence that begins with the place.
pub fn value(end: &End, text: &str, reading: &Reading) -> Result<Value, String> {
    match end {
        End::Entry(field, _) if field.is_map() => Ok(Value::String(text.to_owned())),
        End::Entry(..) => free(text, reading),
        End::Field(field) | End::At(field, _) | End::Add(field) => {
            of_kind(&field.kind(), text, reading)
        }
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
    let whole = |number: String| {
        let is_zero = |decimals: &str| decimals.bytes().all(|byte| byte == b'0');
        let whole = number
            .split_once('.')
            .filter(|(_, decimals)| is_zero(decimals))
            .map(|(whole, _)| whole);
        whole.unwrap_or(&number).parse().ok()
    };
    let number = numbers::plain(text, reading.amounts.decimal_mark).and_then(whole);
    number.ok_or_else(|| "is not a whole number that fits".to_owned())
}

fn number(text: &str, reading: &Reading) -> Result<f64, String> {
    let number =
        numbers::plain(text, reading.amounts.decimal_mark).and_then(|number| number.parse().ok());
    let number = number.filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| format!("is not a number such as 2{}5", reading.amounts.decimal_mark))
}

/// Reads the name of an enum value; case does not matter, and spaces and hyphens stand for underscores.
fn enumeration(names: &EnumDescriptor, text: &str) -> Result<Value, String> {
    let name = text.to_uppercase().replace([' ', '-'], "_");
    if let Some(value) = names.get_value_by_name(&name) {
        return Ok(Value::EnumNumber(value.number()));
    }
    let names: Vec<String> = names
        .values()
        .filter(|value| value.number() != 0)
        .map(|value| value.name().to_owned())
        .collect();
    Err(format!("is none of {}", names.join(", ")))
}

fn of_message(message: &MessageDescriptor, text: &str, reading: &Reading) -> Result<Value, String> {
    match message.full_name() {
        "google.type.Date" => dynamic(message, &date(text, reading.format.as_deref())?),
        "google.type.Money" => dynamic(message, &reading.amounts.read(text)?),
        "google.protobuf.Timestamp" => dynamic(message, &clock::timestamp(time(text, reading)?)),
        "google.protobuf.Duration" => {
            let span: Result<jiff::SignedDuration, _> = text.parse();
            let span = span
                .ok()
                .and_then(|span| i64::try_from(span.as_micros()).ok());
            dynamic(
                message,
                &clock::duration(span.ok_or("is not a span of time such as 36h")?),
            )
        }
        _ => Err("cannot be imported: no cell holds such a value".to_owned()),
    }
}

/// Reads a whole date; without a format, as `2026-01-31`, perhaps with a time behind, which is left out.
fn date(text: &str, format: Option<&str>) -> Result<Date, String> {
    let date = match format {
        None => when::date(text).ok_or_else(|| "is not a date such as 2026-01-31".to_owned()),
        Some(format) => {
            let parsed = strtime::parse(format, text).and_then(|parsed| parsed.to_date());
            parsed
                .map_err(|_| format!("is not a date of the form {format}"))
                .and_then(whole_year)
        }
    }?;
    Ok(Date {
        year: date.year().into(),
        month: date.month().into(),
        day: date.day().into(),
    })
}

/// Reads a time. One without a zone is taken in the zone of the mapping, a date as its first moment there.
fn time(text: &str, reading: &Reading) -> Result<clock::Micros, String> {
    match &reading.format {
        None => when::time(text, &reading.zone)
            .ok_or_else(|| "is not a time such as 2026-01-31T09:30:00Z or 2026-01-31".to_owned()),
        Some(format) => formatted(text, format, &reading.zone),
    }
}

/// Reads a time as a format has it; an offset or the name of a zone in it counts.
fn formatted(text: &str, format: &str, zone: &TimeZone) -> Result<clock::Micros, String> {
    let no_time = || format!("is not a time of the form {format}");
    let parsed = strtime::parse(format, text).map_err(|_| no_time())?;
    if let Some(time) = parsed.timestamp() {
        return Ok(time.as_microsecond());
    }
    let civil = parsed
        .to_datetime()
        .or_else(|_| Ok::<_, jiff::Error>(parsed.to_date()?.at(0, 0, 0, 0)));
    let civil = civil.map_err(|_| no_time())?;
    whole_year(civil.date())?;
    at(&parsed, civil, zone).ok_or_else(no_time)
}

fn at(parsed: &BrokenDownTime, civil: civil::DateTime, zone: &TimeZone) -> Option<clock::Micros> {
    match (parsed.iana_time_zone(), parsed.offset()) {
        (_, Some(offset)) if !when::is_offset(offset.seconds()) => None,
        (Some(name), _) => {
            when::zone(name)?;
            parsed
                .to_zoned()
                .ok()
                .map(|zoned: Zoned| zoned.timestamp().as_microsecond())
        }
        (None, Some(offset)) => when::at_offset(civil, offset.seconds()),
        (None, None) => when::in_zone(civil, zone),
    }
}

/// Refuses years of two digits where four are meant: `%Y` reads them as years of the first century.
fn whole_year(date: civil::Date) -> Result<civil::Date, String> {
    if date.year() < 1000 {
        Err("has no year of four digits: %y reads years of two".to_owned())
    } else {
        Ok(date)
    }
}

fn free(text: &str, reading: &Reading) -> Result<Value, String> {
    let kind = match reading.r#as {
        As::Text => FreeKind::StringValue(text.to_owned()),
        As::Number => FreeKind::NumberValue(number(text, reading)?),
        As::Boolean => FreeKind::BoolValue(boolean(text)?),
    };
    dynamic(
        &crate::descriptors::message("google.protobuf.Value"),
        &prost_types::Value { kind: Some(kind) },
    )
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

    fn time_of(text: &str, format: &str) -> Result<i64, String> {
        formatted(text, format, &TimeZone::UTC).map(|micros| micros / clock::SECOND)
    }

    #[test]
    fn a_year_has_four_digits() {
        for (text, format) in [
            ("01.02.24", "%d.%m.%Y"),
            ("24-02-01", "%F"),
            ("1.2.224", "%d.%m.%Y"),
        ] {
            for why in [
                time_of(text, format).map(drop),
                date(text, Some(format)).map(drop),
            ] {
                assert!(why.is_err_and(|why| why.contains("four digits")), "{text}");
            }
        }
        let date = date("01.02.24", Some("%d.%m.%y")).expect("it is a date");
        assert_eq!((date.year, date.month, date.day), (2024, 2, 1));
    }

    #[test]
    fn a_format_may_hold_all_that_says_a_time() {
        for (text, format, wanted) in [
            ("86400", "%s", Ok(86_400)),
            ("-1", "%s", Ok(-1)),
            (
                "9999-12-31 23:59:59 +0000",
                "%Y-%m-%d %H:%M:%S %z",
                Ok(253_402_300_799),
            ),
            (
                "9999-12-31 23:59:59",
                "%Y-%m-%d %H:%M:%S",
                Ok(253_402_300_799),
            ),
        ] {
            assert_eq!(time_of(text, format), wanted, "{text}");
        }
        for (text, format) in [
            ("2026-01-31 09:00 Factory", "%Y-%m-%d %H:%M %Q"),
            ("2026-01-31 09:00 Etc/Unknown", "%Y-%m-%d %H:%M %Q"),
            ("2026-01-31 09:00 +01:00:30", "%Y-%m-%d %H:%M %::z"),
        ] {
            assert!(time_of(text, format).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_are_whole_numbers_however_they_are_written() {
        let point = Reading::default();
        let comma = Reading {
            amounts: Amounts {
                currency: None,
                decimal_mark: ',',
            },
            ..Reading::default()
        };
        assert_eq!(whole::<i32>("5.0", &point), Ok(5));
        assert_eq!(whole::<i32>("1.234,00", &comma), Ok(1234));
        assert_eq!(whole::<i32>("-7.000", &point), Ok(-7));
        assert!(whole::<i32>("5.5", &point).is_err() && whole::<i32>("5.0", &comma).is_err());
        assert_eq!(
            number("x", &point),
            Err("is not a number such as 2.5".to_owned())
        );
        assert_eq!(
            number("x", &comma),
            Err("is not a number such as 2,5".to_owned())
        );
        assert_eq!(number("1.234", &comma.of_numbers()), Ok(1.234));
    }
}
