//! The wording of a briefing's lines: plain English, one line each, times in UTC.

use prost_types::Timestamp;

use crate::clock::{self, Micros};
use crate::google::r#type::Date;
use crate::pb;
use crate::pb::briefing::{Item, Kind};
use crate::pb::conversation::Channel;

/// The most characters of a line.
const MAX_CHARS: usize = 500;

/// Makes an item of one line. Control characters become spaces.
pub fn item(kind: Kind, text: &str, record: &str, time: Option<Timestamp>) -> Item {
    let words: Vec<&str> = text
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let mut text = words.join(" ");
    if text.chars().count() > MAX_CHARS {
        text = text.chars().take(MAX_CHARS - 1).chain(['…']).collect();
    }
    Item {
        kind: kind.into(),
        text,
        record: record.to_owned(),
        event_time: time,
        changed_paths: Vec::new(),
    }
}

/// Joins the texts that are not blank.
pub fn joined<T: AsRef<str>>(parts: impl IntoIterator<Item = T>, by: &str) -> String {
    let parts: Vec<T> = parts
        .into_iter()
        .filter(|part| !part.as_ref().trim().is_empty())
        .collect();
    parts
        .iter()
        .map(AsRef::as_ref)
        .collect::<Vec<&str>>()
        .join(by)
}

/// Puts a label before a text; a blank text gets none.
pub fn labelled(label: &str, text: &str) -> String {
    if text.trim().is_empty() {
        String::new()
    } else {
        format!("{label} {text}")
    }
}

/// Writes the name of an enum value as words; empty for the unspecified one.
pub fn word(name: &str) -> String {
    if name.ends_with("_UNSPECIFIED") {
        String::new()
    } else {
        name.to_lowercase().replace('_', " ")
    }
}

/// Writes a time, to the minute.
pub fn minute(time: Option<&Timestamp>) -> String {
    let time = time
        .and_then(clock::micros)
        .and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
    time.map_or_else(String::new, |time| {
        time.strftime("%Y-%m-%d %H:%M").to_string()
    })
}

/// Writes the day of a time.
pub fn day(time: Option<&Timestamp>) -> String {
    time.and_then(clock::micros)
        .map(clock::date_of)
        .unwrap_or_default()
}

/// Writes a civil date.
pub fn date(date: Option<&Date>) -> String {
    date.and_then(clock::date_text).unwrap_or_default()
}

/// Writes a span as whole days.
pub fn days(span: Micros) -> String {
    match span / clock::DAY {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Writes a channel; empty for the unspecified one.
pub fn channel(channel: i32) -> String {
    Channel::try_from(channel)
        .map(|channel| word(channel.as_str_name()))
        .unwrap_or_default()
}

/// Writes a list of channels.
pub fn channels(channels: &[i32]) -> String {
    joined(channels.iter().map(|one| channel(*one)), ", ")
}

/// Writes phone numbers and e-mail addresses.
pub fn reached(emails: &[pb::EmailAddress], phones: &[pb::PhoneNumber]) -> String {
    let phones = phones.iter().map(|phone| match phone.extension.as_str() {
        "" => phone.text.clone(),
        extension => format!("{} ext. {extension}", phone.text),
    });
    joined(
        phones.chain(emails.iter().map(|email| email.address.clone())),
        ", ",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_short() {
        assert_eq!(
            item(Kind::Note, " a\n\tb\u{1b}[31m\u{7}c ", "notes/x", None).text,
            "a b [31m c"
        );
        let long = item(Kind::Note, &"ä".repeat(501), "notes/x", None).text;
        assert_eq!((long.chars().count(), long.ends_with("ä…")), (500, true));
        assert_eq!(
            item(Kind::Note, &"ä".repeat(500), "notes/x", None)
                .text
                .chars()
                .count(),
            500
        );
    }
}
