//! Times and dates as people and programs write them: ISO 8601 and RFC 3339, a zone in brackets as in RFC 9557, or
//! any form that strftime describes.
//!
//! The only parser of dates and times. An offset or a zone in the text counts, and an impossible one is refused: no
//! part of a text is skipped unparsed.

use jiff::civil::{self, Time};
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::fmt::temporal::{Pieces, PiecesOffset, TimeZoneAnnotationKind};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::clock::{DAY, LAST, Micros, SECOND};

/// Zone names that mean "unknown".
const UNKNOWN: [&str; 2] = ["Factory", "Etc/Unknown"];

/// Parses a time. Without an offset and a zone it is taken to be in the given zone; a date means its first moment
/// there. `None` if it is no time, names an unknown zone, or has an offset that its zone does not have then.
pub fn time(text: &str, zone: &TimeZone) -> Option<Micros> {
    let pieces = checked(text)?;
    let time = match (pieces.offset(), pieces.time_zone_annotation()) {
        (Some(offset), None) => return at_offset(civil(&pieces), seconds(offset)),
        (_, Some(_)) => text.parse::<Zoned>().ok()?.timestamp().as_microsecond(),
        (None, None) => return in_zone(civil(&pieces), zone),
    };
    Some(time)
}

/// Returns the time at which clocks at an offset show this. `Timestamp` ends a day before the year 9999 does, so it
/// is computed here.
fn at_offset(civil: civil::DateTime, offset: i32) -> Option<Micros> {
    let since = civil.duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0));
    let micros = i64::try_from(since.as_micros()).ok()? - i64::from(offset) * SECOND;
    (micros <= LAST).then_some(micros)
}

/// Returns the first time at which clocks in a zone show this.
fn in_zone(civil: civil::DateTime, zone: &TimeZone) -> Option<Micros> {
    match civil.to_zoned(zone.clone()) {
        Ok(zoned) => Some(zoned.timestamp().as_microsecond()),
        Err(_) if civil.year() == 9999 => {
            at_offset(civil, zone.to_offset(Timestamp::MAX).seconds())
        }
        Err(_) => None,
    }
}

fn civil(pieces: &Pieces<'_>) -> civil::DateTime {
    pieces
        .date()
        .to_datetime(pieces.time().unwrap_or(Time::midnight()))
}

fn seconds(offset: PiecesOffset) -> i32 {
    match offset {
        PiecesOffset::Numeric(offset) => offset.offset().seconds(),
        _ => 0,
    }
}

/// Parses a time that itself says its offset or zone.
pub fn instant(text: &str) -> Option<Micros> {
    let pieces = checked(text)?;
    let is_told = pieces.offset().is_some() || pieces.time_zone_annotation().is_some();
    if is_told {
        time(text, &TimeZone::UTC)
    } else {
        None
    }
}

/// Parses a date and nothing else.
pub fn day(text: &str) -> Option<civil::Date> {
    let pieces = checked(text)?;
    let is_day = pieces.time().is_none()
        && pieces.offset().is_none()
        && pieces.time_zone_annotation().is_none();
    is_day.then(|| pieces.date())
}

/// Parses a date; a time after it is parsed and dropped.
pub fn date(text: &str) -> Option<civil::Date> {
    let pieces = checked(text)?;
    if pieces.time_zone_annotation().is_some() {
        text.parse::<Zoned>().ok()?;
    }
    Some(pieces.date())
}

/// Why a text does not match a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatProblem {
    /// It does not have that form, or names a time that does not exist.
    Mismatch,
    /// Its year has fewer than four digits: `%Y` takes `24` for a year of the first century.
    ShortYear,
}

/// Parses a time by a strftime format. An offset or a zone in it counts; without one the time is in the given zone,
/// and a date means its first moment there.
pub fn time_by_format(text: &str, format: &str, zone: &TimeZone) -> Result<Micros, FormatProblem> {
    let parsed = strtime::parse(format, text).map_err(|_| FormatProblem::Mismatch)?;
    if let Some(time) = parsed.timestamp() {
        return Ok(time.as_microsecond());
    }
    let civil = parsed
        .to_datetime()
        .or_else(|_| Ok::<_, jiff::Error>(parsed.to_date()?.at(0, 0, 0, 0)))
        .map_err(|_| FormatProblem::Mismatch)?;
    full_year(civil.date())?;
    parsed_time(&parsed, civil, zone).ok_or(FormatProblem::Mismatch)
}

/// Parses a date by a strftime format.
pub fn date_by_format(text: &str, format: &str) -> Result<civil::Date, FormatProblem> {
    let parsed = strtime::parse(format, text).and_then(|parsed| parsed.to_date());
    full_year(parsed.map_err(|_| FormatProblem::Mismatch)?)
}

/// Writes some time in a format, to test whether it can be read back.
pub fn sample_of_format(format: &str) -> Result<String, jiff::Error> {
    let sample = civil::date(2026, 1, 31).at(9, 30, 0, 0);
    strtime::format(format, &sample.to_zoned(TimeZone::UTC)?)
}

fn parsed_time(parsed: &BrokenDownTime, civil: civil::DateTime, zone: &TimeZone) -> Option<Micros> {
    match (parsed.iana_time_zone(), parsed.offset()) {
        (_, Some(offset)) if !is_offset(offset.seconds()) => None,
        (Some(name), _) => {
            self::zone(name)?;
            Some(parsed.to_zoned().ok()?.timestamp().as_microsecond())
        }
        (None, Some(offset)) => at_offset(civil, offset.seconds()),
        (None, None) => in_zone(civil, zone),
    }
}

fn full_year(date: civil::Date) -> Result<civil::Date, FormatProblem> {
    if date.year() < 1000 {
        Err(FormatProblem::ShortYear)
    } else {
        Ok(date)
    }
}

/// Finds a zone by its name; `None` also for names that mean the zone is unknown.
pub fn zone(name: &str) -> Option<TimeZone> {
    let is_known = !UNKNOWN
        .iter()
        .any(|unknown| unknown.eq_ignore_ascii_case(name));
    TimeZone::get(name).ok().filter(|_| is_known)
}

/// Says whether RFC 3339 can express an offset: whole minutes, less than a day.
fn is_offset(seconds: i32) -> bool {
    i64::from(seconds.abs()) < DAY / SECOND && seconds % 60 == 0
}

fn checked(text: &str) -> Option<Pieces<'_>> {
    let pieces = Pieces::parse(text).ok()?;
    let has_zone = pieces
        .time_zone_annotation()
        .is_none_or(|annotation| match annotation.kind() {
            TimeZoneAnnotationKind::Named(name) => zone(name.as_str()).is_some(),
            TimeZoneAnnotationKind::Offset(offset) => is_offset(offset.seconds()),
            _ => false,
        });
    (has_zone
        && pieces
            .offset()
            .is_none_or(|offset| is_offset(seconds(offset))))
    .then_some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let zone = TimeZone::get("America/New_York").expect("it is in the database");
        let micros = time(text, &zone)?;
        Some(
            Timestamp::from_microsecond(micros)
                .expect("it is in range")
                .to_string(),
        )
    }

    #[test]
    fn what_a_text_says_of_its_zone_counts() {
        for (text, wanted) in [
            ("2026-01-31T09:00:00[Europe/Paris]", "2026-01-31T08:00:00Z"),
            (
                "2026-01-31T09:00:00+01:00[Europe/Paris]",
                "2026-01-31T08:00:00Z",
            ),
            ("2026-01-31T09:00:00+05:30", "2026-01-31T03:30:00Z"),
            ("2026-01-31T09:00:00Z", "2026-01-31T09:00:00Z"),
            ("2026-01-31T09:00:00Z[Europe/Paris]", "2026-01-31T09:00:00Z"),
            ("2026-01-31 09:00", "2026-01-31T14:00:00Z"),
            ("2026-01-31T09:00:00", "2026-01-31T14:00:00Z"),
            ("2026-01-31", "2026-01-31T05:00:00Z"),
            ("20260131", "2026-01-31T05:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn times_reach_to_the_end_of_the_year_9999() {
        for text in [
            "9999-12-31T23:59:59.999999Z",
            "9999-12-31T23:59:59.999999-00:00",
            "9999-12-31T18:29:59.999999-05:30",
            "9999-12-31T18:59:59.999999",
        ] {
            let zone = TimeZone::get("America/New_York").expect("it is in the database");
            assert_eq!(time(text, &zone), Some(LAST), "{text}");
        }
        assert_eq!(instant("9999-12-31T23:59:59-00:01"), None);
        assert_eq!(instant("1969-12-31T23:59:59.5Z"), Some(-500_000));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for text in [
            "2026-01-31T09:00:00[Europe/Nowhere]",
            "2026-01-31T09:00:00+05:00[Europe/Paris]",
            "2026-01-31T09:00:00+25:00",
            "2026-01-31T09:00:00-24:00",
            "2026-01-31T09:00:00+01:00:30",
            "2026-01-31T09:00:00[+01:00:30]",
            "2026-01-31T09:00:00[Factory]",
            "2026-01-31T09:00:00[Etc/Unknown]",
            "2026-01-31T09:00:00Z[etc/unknown]",
            "2026-01-31T09:00:00 CET",
            "2026-02-30",
            "09:00",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
            if text != "2026-02-30" {
                assert_eq!(date(text), None, "{text}");
            }
        }
        assert_eq!(
            date("2026-01-31T09:00:00[Europe/Paris]"),
            Some(civil::date(2026, 1, 31))
        );
        assert_eq!(
            (day("2026-01-31T09:00"), day("2026-01-31")),
            (None, Some(civil::date(2026, 1, 31)))
        );
        assert_eq!(
            (instant("2026-01-31T09:00"), instant("1970-01-01T00:00:01Z")),
            (None, Some(1_000_000))
        );
    }

    #[test]
    fn a_year_has_four_digits() {
        for (text, format) in [
            ("01.02.24", "%d.%m.%Y"),
            ("24-02-01", "%F"),
            ("1.2.224", "%d.%m.%Y"),
        ] {
            let time = time_by_format(text, format, &TimeZone::UTC);
            assert_eq!(time, Err(FormatProblem::ShortYear), "{text}");
            let date = date_by_format(text, format);
            assert_eq!(date, Err(FormatProblem::ShortYear), "{text}");
        }
        assert_eq!(
            date_by_format("01.02.24", "%d.%m.%y"),
            Ok(civil::date(2024, 2, 1))
        );
    }

    #[test]
    fn a_format_may_hold_all_that_says_a_time() {
        let seconds = |text, format| {
            time_by_format(text, format, &TimeZone::UTC).map(|micros| micros / SECOND)
        };
        for (text, format, wanted) in [
            ("86400", "%s", 86_400),
            ("-1", "%s", -1),
            (
                "9999-12-31 23:59:59 +0000",
                "%Y-%m-%d %H:%M:%S %z",
                253_402_300_799,
            ),
            ("9999-12-31 23:59:59", "%Y-%m-%d %H:%M:%S", 253_402_300_799),
        ] {
            assert_eq!(seconds(text, format), Ok(wanted), "{text}");
        }
        for (text, format) in [
            ("2026-01-31 09:00 Factory", "%Y-%m-%d %H:%M %Q"),
            ("2026-01-31 09:00 Etc/Unknown", "%Y-%m-%d %H:%M %Q"),
            ("2026-01-31 09:00 +01:00:30", "%Y-%m-%d %H:%M %::z"),
        ] {
            assert!(seconds(text, format).is_err(), "{text}");
        }
    }
}
