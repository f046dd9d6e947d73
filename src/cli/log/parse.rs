//! Parses what is typed about a conversation: channel, direction, time, new people, promises.

use anyhow::{anyhow, bail};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::cli::table;
use crate::clock;
use crate::pb;
use crate::pb::conversation::{Channel, Direction};
use crate::pb::log_conversation_request::Person;
use crate::pb::log_conversation_request::person::Person as Who;
use crate::when;

/// From the first to the last second of a day.
const TO_END_OF_DAY: SignedDuration = SignedDuration::from_secs(24 * 60 * 60 - 1);
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: [&str; 9] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "today",
    "tomorrow",
];

pub(crate) fn channel(text: &str) -> anyhow::Result<Channel> {
    let name = match text.trim().to_uppercase().replace(['-', ' '], "_").as_str() {
        "VISIT" | "MEETING" => "IN_PERSON".to_owned(),
        "CALL" => "PHONE".to_owned(),
        "MAIL" | "E_MAIL" => "EMAIL".to_owned(),
        "LETTER" => "MAIL".to_owned(),
        other => other.to_owned(),
    };
    let found = Channel::from_str_name(&name).filter(|channel| *channel != Channel::Unspecified);
    found.ok_or_else(|| {
        let known = (1..).map_while(|number| Channel::try_from(number).ok());
        let known: Vec<String> = known
            .map(|channel| table::word(channel.as_str_name()))
            .collect();
        anyhow!("expected one of: {}", known.join(", "))
    })
}

pub(crate) fn direction(text: &str) -> anyhow::Result<Direction> {
    match text.trim().to_lowercase().as_str() {
        "in" | "inbound" => Ok(Direction::Inbound),
        "out" | "outbound" => Ok(Direction::Outbound),
        _ => bail!("expected in or out"),
    }
}

/// Parses a time, in UTC unless it has a zone; a date means its start.
pub(crate) fn time(text: &str) -> anyhow::Result<prost_types::Timestamp> {
    let text = text.trim();
    let time = when::time(text, &TimeZone::UTC);
    let time =
        time.ok_or_else(|| anyhow!("expected a time such as 2026-11-20T14:30 or 2026-11-20"))?;
    Ok(clock::timestamp(time))
}

/// Parses `NAME, JOB TITLE`.
pub(crate) fn newcomer(text: &str) -> Person {
    let (name, title) = text.split_once(',').unwrap_or((text, ""));
    let contact = pb::Contact {
        display_name: name.trim().to_owned(),
        ..Default::default()
    };
    let affiliation = pb::Affiliation {
        job_title: title.trim().to_owned(),
        ..Default::default()
    };
    Person {
        person: Some(Who::NewContact(contact)),
        affiliation: Some(affiliation),
        ..Person::default()
    }
}

/// Parses `TEXT`, or `TEXT by YYYY-MM-DD`, which is due at the end of that day. Other forms of a date are refused, so that
/// no due date is lost in the text; anything else after `by` belongs to the text.
pub(crate) fn promise(text: &str) -> anyhow::Result<pb::Promise> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let mut ends = lower
        .match_indices(" by ")
        .map(|(at, by)| (&text[..at], text[at + by.len()..].trim()));
    let dated = ends.find(|(_, end)| looks_like_a_date(end));
    let (text, due_time) = match dated {
        Some((before, end)) => (before.trim(), Some(due(end)?)),
        None => (text, None),
    };
    if text.is_empty() {
        bail!("the promise is empty");
    }
    Ok(pb::Promise {
        text: text.to_owned(),
        due_time,
        ..Default::default()
    })
}

fn due(text: &str) -> anyhow::Result<prost_types::Timestamp> {
    let text = text.trim_end_matches('.').trim_end();
    let start = time(text).map_err(|_| {
        anyhow!("{text:?} is not a date: write it as 2026-12-01, or 2026-12-01T14:30")
    })?;
    let is_day = !text.contains(['T', 't', ':', ' ']);
    let seconds = if is_day { TO_END_OF_DAY.as_secs() } else { 0 };
    Ok(prost_types::Timestamp {
        seconds: start.seconds + seconds,
        ..start
    })
}

/// Says whether a text is meant as a date, in whichever form: `1.12.2026`, `Dec 1`, `next Friday`.
fn looks_like_a_date(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(plain).collect();
    let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    let is_month = |word: &String| MONTHS.iter().any(|month| word.starts_with(month));
    let is_named = words.len() <= 2
        && words
            .last()
            .is_some_and(|word| DAYS.contains(&word.as_str()));
    let has_month = words.len() <= 4 && words.iter().any(is_number) && words.iter().any(is_month);
    let is_year = words.len() == 1
        && words[0].len() == 4
        && words[0].starts_with("20")
        && is_digits(&words[0]);
    is_named || has_month || is_year || words.first().is_some_and(|word| is_numeric_date(word))
}

fn plain(word: &str) -> String {
    word.trim_matches(['.', ',', ';', '!']).to_ascii_lowercase()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Says whether a word is like `2026-12-01`, `1.12.2026`, `2026-12` or `20261201`, with or without a time.
fn is_numeric_date(word: &str) -> bool {
    let day = word.split_once('t').map_or(word, |(day, _)| day);
    let parts: Vec<&str> = day.split(['-', '.', '/']).collect();
    let are_digits = parts.iter().all(|part| !part.is_empty() && is_digits(part));
    let is_month = parts.len() == 2 && day.contains('-') && parts[0].len() == 4;
    let is_compact = parts.len() == 1 && day.len() == 8 && day.starts_with("20");
    are_digits && (parts.len() == 3 || is_month || is_compact)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, Option<String>) {
        let promise = promise(text).expect("a promise");
        let due = promise
            .due_time
            .and_then(|due| jiff::Timestamp::from_second(due.seconds).ok());
        (promise.text, due.map(|due| due.to_string()))
    }

    #[test]
    fn a_promise_is_due_when_its_day_ends() {
        let at = |text: &str, due: &str| (text.to_owned(), Some(due.to_owned()));
        let day = at("send it", "2026-02-15T23:59:59Z");
        for text in [
            "send it by 2026-02-15",
            "send it BY 2026-02-15.",
            " send it By  2026-02-15 ",
        ] {
            assert_eq!(read(text), day, "{text}");
        }
        assert_eq!(
            read("send it by 2026-02-15T14:30"),
            at("send it", "2026-02-15T14:30:00Z")
        );
        assert_eq!(
            read("send it by 2026-02-15 14:30."),
            at("send it", "2026-02-15T14:30:00Z")
        );
        assert_eq!(
            read("go by train by 2026-02-15"),
            at("go by train", "2026-02-15T23:59:59Z")
        );
    }

    #[test]
    fn a_date_in_another_form_is_refused() {
        for day in [
            "2026-02-30",
            "15.02.2026",
            "15/2/26.",
            "2026-02",
            "2026",
            "Feb 15",
            "15 February 2026",
            "Friday",
        ] {
            promise(&format!("send it by {day}")).expect_err(day);
        }
        promise("send it by 2026-02-15, please").expect_err("more than a date");
        promise("  ").expect_err("no promise");
        for text in [
            "stand by our word",
            "10.5 % off, by 1/3 each",
            "lower it by 10 percent",
            "checked by May Chen",
        ] {
            assert_eq!(read(text), (text.to_owned(), None));
        }
    }
}
