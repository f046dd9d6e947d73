//! Times and dates as people and programs write them: ISO 8601 and RFC 3339, a zone in brackets as in RFC 9557.
//!
//! Whatever a text says of its offset or zone counts, and one that cannot be is refused: nothing is left out unread.

use jiff::civil::{self, Time};
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::clock::Micros;

/// The offsets of RFC 3339 are shorter than this, in seconds.
const DAY: i32 = 24 * 60 * 60;

/// Reads a time. One without an offset and a zone is taken in the zone given, a date as its first moment there. `None`
/// for what is no time, names an unknown zone, or has an offset that its zone does not have then.
pub fn time(text: &str, zone: &TimeZone) -> Option<Micros> {
    let pieces = checked(text)?;
    let time = match (pieces.offset(), pieces.time_zone_annotation()) {
        (Some(_), None) => text.parse::<Timestamp>().ok()?,
        (_, Some(_)) => text.parse::<Zoned>().ok()?.timestamp(),
        (None, None) => {
            let civil = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
            civil.to_zoned(zone.clone()).ok()?.timestamp()
        }
    };
    Some(time.as_microsecond())
}

/// Reads a time that says itself at which offset or in which zone it was read.
pub fn instant(text: &str) -> Option<Micros> {
    let pieces = checked(text)?;
    let is_told = pieces.offset().is_some() || pieces.time_zone_annotation().is_some();
    if is_told { time(text, &TimeZone::UTC) } else { None }
}

/// Reads a date and nothing else.
pub fn day(text: &str) -> Option<civil::Date> {
    let pieces = checked(text)?;
    let is_day = pieces.time().is_none() && pieces.offset().is_none() && pieces.time_zone_annotation().is_none();
    is_day.then(|| pieces.date())
}

/// Reads a date, perhaps with a time behind it, which is left out.
pub fn date(text: &str) -> Option<civil::Date> {
    let pieces = checked(text)?;
    if pieces.time_zone_annotation().is_some() {
        text.parse::<Zoned>().ok()?;
    }
    Some(pieces.date())
}

/// Says whether an offset is one of those that RFC 3339 can write.
pub fn is_offset(seconds: i32) -> bool {
    seconds.abs() < DAY
}

fn checked(text: &str) -> Option<Pieces<'_>> {
    let pieces = Pieces::parse(text).ok()?;
    match pieces.offset() {
        Some(PiecesOffset::Numeric(offset)) if !is_offset(offset.offset().seconds()) => None,
        _ => Some(pieces),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let zone = TimeZone::get("America/New_York").expect("it is in the database");
        let micros = time(text, &zone)?;
        Some(Timestamp::from_microsecond(micros).expect("it is in range").to_string())
    }

    #[test]
    fn what_a_text_says_of_its_zone_counts() {
        for (text, wanted) in [
            ("2026-01-31T09:00:00[Europe/Paris]", "2026-01-31T08:00:00Z"),
            ("2026-01-31T09:00:00+01:00[Europe/Paris]", "2026-01-31T08:00:00Z"),
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
    fn what_cannot_be_is_refused() {
        for text in [
            "2026-01-31T09:00:00[Europe/Nowhere]",
            "2026-01-31T09:00:00+05:00[Europe/Paris]",
            "2026-01-31T09:00:00+25:00",
            "2026-01-31T09:00:00-24:00",
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
        assert_eq!(date("2026-01-31T09:00:00[Europe/Paris]"), Some(civil::date(2026, 1, 31)));
        assert_eq!((day("2026-01-31T09:00"), day("2026-01-31")), (None, Some(civil::date(2026, 1, 31))));
        assert_eq!((instant("2026-01-31T09:00"), instant("1970-01-01T00:00:01Z")), (None, Some(1_000_000)));
    }
}
