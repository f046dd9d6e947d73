//! Printing what a record holds as filters write it: values, and the paths of fields.

use crate::clock::{DAY, Micros, SECOND};
use crate::filter::scan::PathPart;
use crate::filter::tree::{Moment, Operand};

/// Returns a value; a text has quotes unless it is the name of a value of an enum.
pub fn literal(operand: &Operand, is_enum: bool) -> String {
    match operand {
        Operand::Text(name) if is_enum => name.clone(),
        Operand::Text(text) => quoted(text),
        Operand::Number(number) => number.to_string(),
        Operand::Double(number) => double(*number),
        Operand::Amount { units, nanos } => amount(*units, *nanos),
        Operand::Bool(flag) => flag.to_string(),
        Operand::Time(Moment::At(time)) => quoted(&moment(*time)),
        Operand::Time(Moment::Ago(0)) => "now()".to_owned(),
        Operand::Time(Moment::Ago(ago)) => format!("ago({})", quoted(&span(*ago))),
        Operand::Span(length) => quoted(&span(*length)),
    }
}

/// Returns a text in quotes.
pub fn quoted(text: &str) -> String {
    PathPart::new(text, true).to_string()
}

/// Returns a path; a name stands in quotes unless it is an ordinary word.
pub fn path<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names = names.into_iter().map(|name| {
        let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
            && !["AND", "OR", "NOT"].contains(&name.as_str());
        PathPart::new(name, !is_plain).to_string()
    });
    names.collect::<Vec<_>>().join(".")
}

fn double(number: f64) -> String {
    let text = format!("{number:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn amount(units: i64, nanos: i32) -> String {
    let sign = if units < 0 || nanos < 0 { "-" } else { "" };
    let fraction = format!("{:09}", nanos.unsigned_abs());
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{}", units.unsigned_abs()),
        fraction => format!("{sign}{}.{fraction}", units.unsigned_abs()),
    }
}

fn moment(time: Micros) -> String {
    jiff::Timestamp::from_microsecond(time)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

/// Returns a span in the units that filters read, the greatest first.
fn span(length: Micros) -> String {
    const UNITS: [(u64, &str); 6] = [
        (DAY.unsigned_abs(), "d"),
        (3600 * SECOND.unsigned_abs(), "h"),
        (60 * SECOND.unsigned_abs(), "m"),
        (SECOND.unsigned_abs(), "s"),
        (1000, "ms"),
        (1, "us"),
    ];
    let mut text = if length < 0 {
        "-".to_owned()
    } else {
        String::new()
    };
    let mut rest = length.unsigned_abs();
    for (unit, name) in UNITS {
        if rest >= unit {
            text += &format!("{}{name}", rest / unit);
            rest %= unit;
        }
    }
    if length == 0 { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_people_write_them() {
        let amounts = [
            (49, 900_000_000),
            (-1, -250_000_000),
            (0, -500_000_000),
            (12, 0),
        ];
        assert_eq!(
            amounts.map(|(units, nanos)| amount(units, nanos)),
            ["49.9", "-1.25", "-0.5", "12"]
        );
        assert_eq!(
            [90 * DAY, DAY * 3 / 2, 0, -1_500_000].map(span),
            ["90d", "1d12h", "0s", "-1s500ms"]
        );
        assert_eq!([1.0, 0.1, -2.5].map(double), ["1", "0.1", "-2.5"]);
        assert_eq!(
            literal(&Operand::Time(Moment::At(0)), false),
            "\"1970-01-01T00:00:00Z\""
        );
        assert_eq!(
            literal(&Operand::Time(Moment::Ago(7 * DAY)), false),
            "ago(\"7d\")"
        );
    }
}
