//! The values under which the number of a record is filed, and those that a text asks for.
//!
//! A number is filed in three forms, which never look alike: `+4940..` for one that is known to the whole world;
//! `n40..`, its digits within its country without noughts in front; and bare digits for a text whose country is not known.

use phonenumber::Metadata;

use super::pasted::{
    Dialled, Letters, MIN_LEADING, all_digits, begins_with_number, is_label, is_link, plain,
    readings,
};
use super::plan::main_plan;
use super::{Number, read};

/// The fewest digits by which a number is asked for.
const MIN_ASKED: usize = 3;
/// The fewest digits of a text that is taken for a number without being told.
const MIN_LIKE: usize = 5;

/// What a text asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedNumber {
    /// The number that it is.
    pub exact: Vec<String>,
    /// What it may be, if nobody has that number.
    pub loose: Vec<String>,
}

/// Returns the values under which a number is filed, given its text and its E.164 form, which is empty if the text has
/// none.
pub fn filed(text: &str, e164: &str) -> Vec<String> {
    let telling = telling(readings(text));
    let Some(number) = e164.strip_prefix('+').and_then(Number::international) else {
        let spelled = telling.first().and_then(spelled);
        let mut values: Vec<String> = [Some(all_digits(text)), spelled]
            .into_iter()
            .flatten()
            .collect();
        values.retain(|digits| !digits.is_empty());
        return values;
    };
    let as_given = telling.into_iter().find(|one| !one.is_international);
    let as_given = as_given.map(|one| one.digits);
    let in_country = [
        Some(number.national.clone()),
        dialled_at_home(&number),
        as_given,
    ];
    let international = without_noughts(&e164[1..]);
    let mut values = vec![e164.to_owned()];
    for digits in in_country.into_iter().flatten() {
        let value = national_value(&digits);
        // With the code of its country, and without the plus, it is asked for as the number it is.
        if without_noughts(&digits) != international && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// Returns what a text asks for: in the region that is said to be its own, or else at home, where most numbers of a tenant
/// are. `None` if it is no number.
pub fn wanted(text: &str, region: Option<&str>, home: Option<&str>) -> Option<WantedNumber> {
    let readings = readings(text);
    let first = readings.first()?;
    let telling = telling(readings.clone());
    let spelled = telling.first().and_then(spelled);
    let digits = spelled.unwrap_or_else(|| all_digits(text));
    let number = read(text, region.or(home));
    let is_number = first.is_whole || number.is_some() || begins_with_number(text);
    if !is_number || digits.len() < MIN_ASKED {
        return None;
    }
    let exact: Vec<String> = number.iter().map(Number::e164).collect();
    let mut loose = vec![digits];
    if first.is_international {
        loose.extend(number.iter().flat_map(|number| without_code(number, home)));
    } else if region.is_none() || number.is_none() {
        loose.extend(telling.iter().map(|one| national_value(&one.digits)));
        loose.extend(telling.iter().filter_map(without_plus));
    }
    loose.retain(|value| !exact.contains(value));
    Some(WantedNumber { exact, loose })
}

/// Returns the readings that tell one number from others: the few digits before a word that is read as keys do not.
fn telling(mut readings: Vec<Dialled>) -> Vec<Dialled> {
    let is_spelled = readings.iter().any(|one| spelled(one).is_some());
    readings.retain(|one| {
        let is_short = one.digits.len() < MIN_LEADING;
        !(is_spelled && is_short && one.letters == Letters::None)
    });
    readings
}

fn spelled(reading: &Dialled) -> Option<String> {
    (reading.letters != Letters::None).then(|| reading.digits.clone())
}

/// Says whether a text is written as a number is, and not as a word or an id.
pub fn is_like_number(text: &str) -> bool {
    let first = readings(text).into_iter().next();
    let is_link = plain(text).starts_with("tel:");
    first.is_some_and(|one| is_link || (one.is_whole && one.digits.len() >= MIN_LIKE))
}

/// Says whether a text is a number behind a word and a colon that say so, `tel:`, `callto:`, `m: +43 ..`, or a link that
/// calls it. A single letter may also be a system that has ids.
pub fn is_labelled_number(text: &str) -> bool {
    if is_link(text) {
        return true;
    }
    let text = plain(text);
    let Some((label, number)) = text.split_once(':') else {
        return false;
    };
    let is_long = label.trim_end_matches('.').chars().count() > 1;
    let is_set_off = number.starts_with([' ', '+', '(']);
    is_label(label) && (is_long || is_set_off) && is_like_number(number)
}

/// Says whether there may be a number in a text, if it is known where it was written.
pub fn may_hold_number(text: &str) -> bool {
    let first = readings(text).into_iter().next();
    first.is_some_and(|one| one.digits.len() >= MIN_LIKE)
}

/// Returns how a number of the tenant's own country stands in records that do not say where it is.
fn without_code(number: &Number, home: Option<&str>) -> Vec<String> {
    let plan = home.and_then(|home| phonenumber::metadata::DATABASE.by_id(home));
    if plan.is_none_or(|plan| plan.country_code() != number.code) {
        return Vec::new();
    }
    let at_home = dialled_at_home(number);
    at_home
        .into_iter()
        .chain([number.national.clone()])
        .collect()
}

/// Returns the number that the digits are if the plus got lost. Plans do not have all numbers that are in use.
fn without_plus(dialled: &Dialled) -> Option<String> {
    let number = Number::international(&dialled.digits).filter(Number::is_possible);
    number.map(|number| number.e164())
}

/// Returns what is dialled within the country, where something is dialled before a number.
fn dialled_at_home(number: &Number) -> Option<String> {
    let prefix = main_plan(number.code).and_then(Metadata::national_prefix)?;
    Some(format!("{prefix}{}", number.national))
}

/// Noughts in front are left out: most are only dialled, and people leave them out, or put them in.
fn national_value(digits: &str) -> String {
    format!("n{}", without_noughts(digits))
}

fn without_noughts(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says whether a text finds a number that was given as another.
    fn finds(asked: (&str, Option<&str>, Option<&str>), given: (&str, Option<&str>)) -> bool {
        let e164 = super::super::e164(given.0, given.1).unwrap_or_default();
        let filed = filed(given.0, &e164);
        let wanted = wanted(asked.0, asked.1, asked.2).unwrap_or_default();
        let mut all = wanted.exact.iter().chain(&wanted.loose);
        all.any(|value| filed.contains(value))
    }

    #[test]
    fn a_number_is_found_by_its_text_and_by_its_digits() {
        let german = ("040 555 0142", Some("DE"));
        for text in [
            "040 555 0142",
            "040/5550142",
            "40 5550142",
            "+49 40 5550142",
            "49405550142",
            "0049405550142",
        ] {
            assert!(finds((text, None, None), german), "{text}");
        }
        assert!(finds(
            ("919876543210", None, None),
            ("+91 98765 43210", None)
        ));
        assert!(finds(
            ("8 495 123-45-67", None, None),
            ("+7 495 123-45-67", None)
        ));
        assert!(finds(
            ("06 1 555 0142", None, None),
            ("+36 1 555 0142", None)
        ));
        // Said to be of Austria, it is no number of Germany.
        assert!(!finds(("040 555 0142", Some("AT"), None), german));
        assert!(finds(("040 555 0142", None, Some("AT")), german));
        assert!(!finds(("+43 40 5550142", None, None), german));
    }

    #[test]
    fn a_number_with_an_extension_is_found_by_its_text() {
        for text in [
            "1-365-555-9410 x4781",
            "(202) 555-0109 ext. 12",
            "040 555 0142,,12",
        ] {
            assert!(finds((text, None, None), (text, None)), "{text}");
            assert!(
                finds((text, None, Some("US")), (text, Some("US"))),
                "{text}"
            );
        }
        assert!(finds(
            ("(202) 555-0109 ext. 12", None, Some("US")),
            ("+1 202 555 0109", None)
        ));
        assert!(finds(
            ("1-800-FLOWERS", None, Some("US")),
            ("+1 800 356 9377", None)
        ));
    }

    #[test]
    fn a_number_is_found_by_its_text_although_nobody_says_where_it_is() {
        for (text, region) in [
            ("070 123 45 68 (Axel)", "SE"),
            ("8 (423) 202-25-12, \u{434}\u{43e}\u{431}. 100", "RU"),
            ("800-44-STERN", "US"),
            ("1-800-GO-U-HAUL", "US"),
            ("1-800-THE-CRAVE", "US"),
            ("0916111223 Carrier Name", "TW"),
        ] {
            assert!(finds((text, None, None), (text, Some(region))), "{text}");
            assert!(finds((text, None, None), (text, None)), "{text}");
        }
        let of_israel = ("052-1234568", Some("IL"));
        for text in ["972-52-1234568", "972521234568", "00972521234568"] {
            assert!(finds((text, None, None), of_israel), "{text}");
        }
        assert!(wanted("Ferrum 1234567", None, None).is_none());
        assert!(wanted("12345 GmbH", None, None).is_none());
    }

    #[test]
    fn a_number_of_no_known_country_is_one_of_the_tenants_own() {
        let given = ("0732 7070", None);
        for (text, home, is_found) in [
            ("0732/7070", None, true),
            ("+43 732 7070", Some("AT"), true),
            ("+43 732 7070", Some("DE"), false),
            ("+43 732 7070", None, false),
        ] {
            assert_eq!(
                finds((text, None, home), given),
                is_found,
                "{text} {home:?}"
            );
        }
    }

    #[test]
    fn a_number_of_its_country_takes_few_values() {
        assert_eq!(
            filed("+49 40 5550142", "+49405550142"),
            ["+49405550142", "n405550142"]
        );
        assert_eq!(
            filed("(202) 555-0143", "+12025550143"),
            ["+12025550143", "n2025550143"]
        );
        assert_eq!(filed("00 12/34 99", ""), ["00123499"]);
        assert_eq!(filed("none", ""), [""; 0]);
    }

    #[test]
    fn words_and_ids_are_not_like_numbers() {
        for text in [
            "040 555 0142",
            "+43 1 2345678",
            "tel:+43-1-2345678;ext=3",
            "00123499",
            "1-365-555-9410 x4781",
            "(202) 555-0109 ext. 12",
            "Tel.: 040 555 0142",
        ] {
            assert!(is_like_number(text), "{text}");
        }
        for text in ["", "4711", "KD-4711999", "Ferrum 12345", "12345 GmbH"] {
            assert!(!is_like_number(text), "{text}");
        }
    }
}
