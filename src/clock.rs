//! Time: where "now" comes from, and the one unit in which it is kept.
//!
//! Every time in the store is a count of microseconds since 1970-01-01 UTC, the same on both engines.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use prost_types::{Duration, Timestamp};

use crate::google::r#type::Date;

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

/// One second, in microseconds.
pub const SECOND: Micros = 1_000_000;
/// One day, in microseconds.
pub const DAY: Micros = 86_400 * SECOND;

/// The last second of the year 9999, the latest that a message can hold.
const LAST_SECOND: i64 = 253_402_300_799;
/// The latest time that a message can hold.
pub const LAST: Micros = LAST_SECOND * SECOND + SECOND - 1;

/// The source of "now". Tests hold the manual one and move it.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system clock.
    System,
    /// A clock that stands still until it is set.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// Returns the time now.
    pub fn now(&self) -> Micros {
        match self {
            Clock::System => jiff::Timestamp::now().as_microsecond(),
            Clock::Manual(time) => time.load(Ordering::SeqCst),
        }
    }
}

/// Returns the UTC date of a time as `YYYY-MM-DD`; dates in this form sort as text.
pub fn date_of(time: Micros) -> String {
    let time = jiff::Timestamp::from_microsecond(time).unwrap_or(jiff::Timestamp::MAX);
    time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// Converts a time to its message form.
pub fn timestamp(time: Micros) -> Timestamp {
    let (seconds, micros) = (time.div_euclid(SECOND), time.rem_euclid(SECOND));
    Timestamp {
        seconds,
        nanos: i32::try_from(micros * 1000).unwrap_or(0),
    }
}

/// Converts a message time to microseconds, dropping finer digits; `None` outside the years 1 to 9999.
pub fn micros(time: &Timestamp) -> Option<Micros> {
    const FIRST: i64 = -62_135_596_800;
    let valid =
        (FIRST..=LAST_SECOND).contains(&time.seconds) && (0..1_000_000_000).contains(&time.nanos);
    valid.then(|| time.seconds * SECOND + i64::from(time.nanos) / 1000)
}

/// Converts a span of microseconds to its message form.
pub fn duration(span: Micros) -> Duration {
    let nanos = i32::try_from((span % SECOND) * 1000).unwrap_or(0);
    Duration {
        seconds: span / SECOND,
        nanos,
    }
}

/// Converts a message duration to microseconds, dropping finer digits; `None` if it is malformed or too long.
pub fn span(duration: &Duration) -> Option<Micros> {
    let same_sign = duration.nanos == 0
        || duration.seconds == 0
        || (duration.seconds < 0) == (duration.nanos < 0);
    if !same_sign || duration.nanos.unsigned_abs() >= 1_000_000_000 {
        return None;
    }
    duration
        .seconds
        .checked_mul(SECOND)?
        .checked_add(i64::from(duration.nanos) / 1000)
}

/// Returns a civil date as `YYYY-MM-DD`; `None` unless year, month and day are all given and form a real date.
pub fn date_text(date: &Date) -> Option<String> {
    let year = i16::try_from(date.year).ok().filter(|year| *year > 0)?;
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    jiff::civil::Date::new(year, month, day)
        .ok()
        .map(|date| date.to_string())
}

/// Returns the time at which a civil date begins in UTC; `None` as for [`date_text`].
pub fn midnight(date: &Date) -> Option<Micros> {
    let date: jiff::civil::Date = date_text(date)?.parse().ok()?;
    Some(
        date.to_zoned(jiff::tz::TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_microsecond(),
    )
}

/// Reads `YYYY-MM-DD`, as `date_text` wrote it.
pub fn date_message(text: &str) -> Option<Date> {
    let date: jiff::civil::Date = text.parse().ok()?;
    Some(Date {
        year: date.year().into(),
        month: date.month().into(),
        day: date.day().into(),
    })
}
