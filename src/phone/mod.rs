//! Phone numbers: which number a text is, whoever gave it: in a record, in a key, or in a look-up.
//!
//! Owns how a number is read by the plan of its country (`phonenumber` has the plans). What people paste around it is
//! taken off in `pasted.rs`; under which values a number is filed and asked for is said in `filing.rs`. A text that is
//! no number stays text; nothing here rejects one.

mod filing;
mod pasted;

use std::sync::PoisonError;

use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};

pub use self::filing::{
    WantedNumber, filed, is_labelled_number, is_like_number, may_hold_number, wanted,
};
use self::pasted::{Dialled, readings};

/// The most digits of a number, with the code of its country (E.164).
const MAX_DIGITS: usize = 15;
/// The fewest digits behind the code of a country.
const MIN_NATIONAL: usize = 2;
/// The most digits of the code of a country.
const MAX_CODE: usize = 3;
/// What most of the world dials before the code of a country.
const DOUBLE_NOUGHT: &str = "00";

/// A number of a country.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number {
    /// The code of the country, such as 43.
    code: u16,
    /// The digits behind it, such as `12345678`. A nought in front is part of the number, as in Italy.
    national: String,
}

/// Returns the E.164 form, such as `+4930074321`. `None` if the text is no phone number.
///
/// An international spelling (with a leading `+`, or with the 00 in its place) is always understood; a national one with
/// the region (CLDR, such as `DE`) it was written in.
pub fn e164(text: &str, region: Option<&str>) -> Option<String> {
    read(text, region).map(|number| number.e164())
}

/// Reads the likeliest number: of all readings the first that its country gives out, or else one of the right length, if
/// the text leaves no doubt where it belongs.
fn read(text: &str, region: Option<&str>) -> Option<Number> {
    let region = region.and_then(|region| DATABASE.by_id(region));
    let readings = readings(text);
    let given_out = readings
        .iter()
        .flat_map(|one| numbers(one, region))
        .find(Number::is_given_out);
    given_out.or_else(|| {
        let whole = readings.first().filter(|one| one.is_whole)?;
        if whole.is_international {
            return Number::international(&whole.digits);
        }
        let is_national = !whole.digits.starts_with(DOUBLE_NOUGHT);
        let region = region.filter(|_| is_national)?;
        Number::national(&whole.digits, region)
    })
}

/// Returns the numbers that digits may be, the likeliest first.
fn numbers(dialled: &Dialled, region: Option<&Metadata>) -> Vec<Number> {
    let digits = dialled.digits.as_str();
    let by_noughts = digits
        .strip_prefix(DOUBLE_NOUGHT)
        .and_then(Number::international);
    if dialled.is_international {
        // `+0049`: somebody wrote both.
        let number = Number::international(digits);
        return number.into_iter().chain(by_noughts).collect();
    }
    let prefix = region.and_then(Metadata::international_prefix);
    let by_prefix = prefix
        .and_then(|prefix| prefix.find(digits))
        .filter(|found| found.start() == 0)
        .and_then(|found| Number::international(&digits[found.end()..]));
    let national = region.and_then(|region| Number::national(digits, region));
    // `49 40 ..` in Germany: the plus got lost.
    let by_code = region
        .filter(|region| digits.starts_with(&region.country_code().to_string()))
        .and_then(|_| Number::international(digits));
    let likely = [by_prefix, national, by_noughts, by_code];
    likely.into_iter().flatten().collect()
}

impl Number {
    /// Reads digits that begin with the code of a country.
    fn international(digits: &str) -> Option<Number> {
        if digits.starts_with('0') {
            return None;
        }
        let code = (1..=MAX_CODE.min(digits.len())).find_map(|n| {
            let code: u16 = digits[..n].parse().ok()?;
            DATABASE.by_code(&code).map(|_| code)
        })?;
        let rest = &digits[code.to_string().len()..];
        Number::of(code, without_prefix(rest, main_plan(code)?))
    }

    /// Reads digits as they are dialled within a region.
    fn national(digits: &str, region: &Metadata) -> Option<Number> {
        Number::of(region.country_code(), without_prefix(digits, region))
    }

    fn of(code: u16, national: String) -> Option<Number> {
        let n_digits = code.to_string().len() + national.len();
        let fits = national.len() >= MIN_NATIONAL && n_digits <= MAX_DIGITS;
        fits.then_some(Number { code, national })
    }

    fn e164(&self) -> String {
        format!("+{}{}", self.code, self.national)
    }

    /// Says whether a plan of the country gives out such numbers.
    fn is_given_out(&self) -> bool {
        let plans = DATABASE.by_code(&self.code).unwrap_or_default();
        plans.iter().any(|plan| gives_out(plan, &self.national))
    }
}

/// Returns the plan of the country with a code; of several countries that share it, as in North America, of the main one.
fn main_plan(code: u16) -> Option<&'static Metadata> {
    let plans = DATABASE.by_code(&code)?;
    let main = plans.iter().find(|plan| plan.is_main_country_for_code());
    main.or(plans.first()).copied()
}

fn gives_out(plan: &Metadata, national: &str) -> bool {
    let all = plan.descriptors();
    let kinds = [
        all.fixed_line(),
        all.mobile(),
        all.toll_free(),
        all.premium_rate(),
        all.shared_cost(),
        all.personal_number(),
        all.voip(),
        all.pager(),
        all.uan(),
        all.voicemail(),
    ];
    is_one(all.general(), national)
        && kinds
            .into_iter()
            .flatten()
            .any(|kind| is_one(kind, national))
}

/// Says whether a number is one of a kind: all of it, and not only how it begins, which is what the library asks.
fn is_one(kind: &Descriptor, national: &str) -> bool {
    // Most are none, and this is told without another pattern.
    if !kind.is_match(national) {
        return false;
    }
    let whole = format!("^(?x:{})$", kind.national_number().as_str());
    let cache = DATABASE.cache();
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    cache
        .compile(&whole)
        .is_ok_and(|pattern| pattern.is_match(national))
}

/// Takes off what is dialled before a number within its country, such as the 0 in Germany, by the rules of its plan. It
/// stays where the number is one with it, and none without it.
fn without_prefix(digits: &str, plan: &Metadata) -> String {
    let general = plan.descriptors().general();
    let stripped = stripped(digits, plan).filter(|stripped| {
        let is_one = |digits: &str| is_one(general, digits);
        let shortest = general
            .possible_length()
            .first()
            .copied()
            .unwrap_or_default();
        stripped.len() >= usize::from(shortest) && (is_one(stripped) || !is_one(digits))
    });
    stripped.unwrap_or_else(|| digits.to_owned())
}

fn stripped(digits: &str, plan: &Metadata) -> Option<String> {
    let Some(pattern) = plan.national_prefix_for_parsing() else {
        let prefix = plan.national_prefix()?;
        return digits.strip_prefix(prefix).map(str::to_owned);
    };
    let found = pattern.captures(digits)?;
    let all = found.get(0).filter(|all| all.start() == 0)?;
    // The last group is what the rule puts in place; without it the prefix is only taken off.
    let has_group = found.len() > 1 && found.get(found.len() - 1).is_some();
    match plan.national_prefix_transform_rule().filter(|_| has_group) {
        Some(rule) => Some(pattern.replace(digits, rule).into_owned()),
        None => Some(digits[all.end()..].to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::e164;

    #[test]
    fn a_plus_of_full_width_is_a_plus() {
        for region in [None, Some("DE"), Some("IT")] {
            // An Italian number keeps the zero that a German one would lose.
            assert_eq!(
                e164("\u{ff0b}39 06 555 01235", region).as_deref(),
                Some("+390655501235"),
                "{region:?}"
            );
        }
    }

    #[test]
    fn what_is_pasted_around_a_number_is_none_of_it() {
        for (text, region, number) in [
            ("\u{202d}+49 40 5550188\u{202c}", "", "+49405550188"),
            (
                "+33\u{202f}1\u{202f}55\u{202f}55\u{202f}01\u{202f}02",
                "",
                "+33155550102",
            ),
            ("+1\u{a0}202-555-0143", "", "+12025550143"),
            ("+44\u{2009}20\u{2009}7946\u{2009}0958", "", "+442079460958"),
            ("tel:+49-40-5550177", "", "+49405550177"),
            ("TEL:+49-40-5550177;ext=12", "", "+49405550177"),
            ("tel:040-5550177;phone-context=+49", "", "+49405550177"),
            (
                "tel:863-1234;phone-context=+1-914-555",
                "",
                "+19145558631234",
            ),
            ("Tel.: +49 40 5550177 ext. 12", "", "+49405550177"),
            (
                "\u{ff0b}\u{ff11} \u{ff12}\u{ff10}\u{ff12} \u{ff15}\u{ff15}\u{ff15} \u{ff10}\u{ff11}\u{ff14}\u{ff18}",
                "",
                "+12025550148",
            ),
            (
                "+\u{669}\u{666}\u{666} \u{665}\u{660} \u{665}\u{665}\u{665} \u{660}\u{661}\u{662}\u{663}",
                "",
                "+966505550123",
            ),
            ("(+49) 40 5550188", "", "+49405550188"),
            ("+49 (0)40 5550188", "", "+49405550188"),
            ("+39 (06) 555 01235", "", "+390655501235"),
            ("+0049 40 5550188", "", "+49405550188"),
            ("'+49 40 5550101", "", "+49405550101"),
            ("=\"+49 40 5550101\"", "", "+49405550101"),
            ("'040 5550101", "DE", "+49405550101"),
            ("0039 06 555 01235", "DE", "+390655501235"),
            ("0039 06 555 01235", "", "+390655501235"),
            ("011 39 06 555 01235", "US", "+390655501235"),
            ("0011 39 06 555 01235", "AU", "+390655501235"),
            ("0049 40 5550188", "US", "+49405550188"),
            ("49 40 5550188", "DE", "+49405550188"),
            ("49 30 5550190", "DE", "+49305550190"),
            ("4930123456", "DE", "+4930123456"),
            ("97221234567", "IL", "+97221234567"),
            ("8 (495) 123-45-67", "RU", "+74951234567"),
            ("8 800 555 35 35", "RU", "+78005553535"),
            ("1-800-FLOWERS", "US", "+18003569377"),
            ("040 5550142 / 040 5550143", "DE", "+49405550142"),
            ("0732/7070-0", "AT", "+4373270700"),
            ("040 5550142 (office)", "DE", "+49405550142"),
        ] {
            let region = Some(region).filter(|region| !region.is_empty());
            assert_eq!(
                e164(text, region).as_deref(),
                Some(number),
                "{text:?} {region:?}"
            );
        }
    }

    #[test]
    fn a_word_before_a_number_is_none_of_it() {
        for (text, region, number) in [
            ("T +49 40 5550177", "", "+49405550177"),
            ("m: +49 40 5550177", "", "+49405550177"),
            ("Telefon 040 5550177", "DE", "+49405550177"),
            ("callto:+49405550177", "", "+49405550177"),
            ("whatsapp:+49405550177", "", "+49405550177"),
            ("https://wa.me/49405550177?text=hi", "", "+49405550177"),
            ("wa.me/+49405550177", "", "+49405550177"),
        ] {
            let region = Some(region).filter(|region| !region.is_empty());
            assert_eq!(e164(text, region).as_deref(), Some(number), "{text:?}");
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for (text, region) in [
            ("", None),
            ("n/a", Some("DE")),
            ("040 5550142", None),
            ("2026-11-22", None),
            ("+", None),
            ("+0", None),
            ("ask for 3 of them", Some("DE")),
            ("+999 1234567", None),
        ] {
            assert_eq!(e164(text, region), None, "{text:?}");
        }
    }
}
