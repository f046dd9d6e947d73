//! Phone numbers: which number a text is, whoever gave it: in a record, in a key, or in a look-up.
//!
//! Owns how a number is read by the plan of its country, which is asked in `plan.rs`. What people paste around it is
//! taken off in `pasted.rs`; under which values a number is filed and asked for is said in `filing.rs`. A text that is
//! no number stays text; nothing here rejects one.

mod filing;
mod letters;
mod pasted;
mod plan;
mod same_line;
mod spreadsheet;

use phonenumber::Metadata;
use phonenumber::metadata::DATABASE;

pub use self::filing::{
    WantedNumber, filed, is_labelled_number, is_like_number, may_hold_number, wanted,
};
pub use self::pasted::begins_with_number;
use self::pasted::{Dialled, Letters, readings};
use self::plan::{gives_out, has_length, is_one, main_plan, without_prefix, writes_prefix};
pub use self::same_line::same_line;

/// The most digits of a number, with the code of its country (E.164).
const MAX_DIGITS: usize = 15;
/// The fewest digits behind the code of a country.
const MIN_NATIONAL: usize = 2;
/// The most digits of the code of a country.
const MAX_CODE: usize = 3;
/// The code that the countries of North America share.
const NORTH_AMERICA: u16 = 1;
/// What most of the world dials before the code of a country.
const DOUBLE_NOUGHT: &str = "00";
/// The fewest digits behind it that are a number, if no plan gives that out.
const MIN_BEHIND_NOUGHTS: usize = 7;

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
    let given_out = readings.iter().find_map(|one| {
        numbers(one, region)
            .into_iter()
            .find(|number| number.is_of(one))
    });
    given_out.or_else(|| {
        let whole = readings.iter().filter(|one| one.is_whole);
        let likely: Vec<Number> = whole.filter_map(|one| not_given_out(one, region)).collect();
        let possible = likely.iter().find(|number| number.is_possible());
        possible.or(likely.first()).cloned()
    })
}

/// Returns the number that digits are although no plan gives it out; plans change.
fn not_given_out(dialled: &Dialled, region: Option<&Metadata>) -> Option<Number> {
    let digits = dialled.digits.as_str();
    if dialled.is_international {
        return Number::international(digits);
    }
    if let Some(rest) = digits.strip_prefix(DOUBLE_NOUGHT) {
        return Number::international(rest).filter(|_| rest.len() >= MIN_BEHIND_NOUGHTS);
    }
    let region = region?;
    let national = Number::national(digits, region);
    match national.filter(|number| has_length(region, &number.national)) {
        Some(number) => lost_plus(digits, region).is_none().then_some(number),
        None => behind_code(digits, region).filter(Number::is_possible),
    }
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
    let by_code = region.and_then(|region| behind_code(digits, region));
    let national = region
        .filter(|region| lost_plus(digits, region).is_none())
        .and_then(|region| Number::national(digits, region));
    let likely = [by_prefix, national, by_noughts, by_code];
    likely.into_iter().flatten().collect()
}

/// Returns the number of the region that digits are which begin with its code, as in `49 40 ..`: the plus got lost.
fn behind_code(digits: &str, region: &Metadata) -> Option<Number> {
    let begins = digits.starts_with(&region.country_code().to_string());
    begins.then(|| Number::international(digits)).flatten()
}

/// Returns the number that got lost its plus for certain: as a number of the region, the digits would stand without what
/// is always dialled before them there.
fn lost_plus(digits: &str, region: &Metadata) -> Option<Number> {
    let number = behind_code(digits, region).filter(Number::is_possible)?;
    let national = Number::national(digits, region)?;
    let has_no_prefix = national.national == digits && writes_prefix(digits, region);
    has_no_prefix.then_some(number)
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
        self.plans()
            .iter()
            .any(|plan| gives_out(plan, &self.national))
    }

    /// Says whether it has as many digits as numbers of the country have.
    fn is_possible(&self) -> bool {
        let fits = |plan: &&Metadata| has_length(plan, &self.national);
        self.plans().iter().any(fits)
    }

    /// Says whether it is given out, and may be spelled as a reading has it. Letters stand in numbers of North America, and
    /// elsewhere in those of services, but in nobody's own.
    fn is_of(&self, reading: &Dialled) -> bool {
        let may_be_spelled = match reading.letters {
            Letters::None => true,
            Letters::All => self.code == NORTH_AMERICA || self.is_of_service(),
            Letters::Cut => self.is_of_service(),
        };
        may_be_spelled && self.is_given_out()
    }

    fn is_of_service(&self) -> bool {
        let is_of = |plan: &&Metadata| {
            let all = plan.descriptors();
            let services = [
                all.toll_free(),
                all.shared_cost(),
                all.premium_rate(),
                all.uan(),
            ];
            services
                .into_iter()
                .flatten()
                .any(|kind| is_one(kind, &self.national))
        };
        self.plans().iter().any(is_of)
    }

    fn plans(&self) -> Vec<&'static Metadata> {
        DATABASE.by_code(&self.code).unwrap_or_default()
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

    /// Asserts which numbers texts are, in a region or in none; none where the number is empty.
    fn assert_read(cases: &[(&str, &str, &str)]) {
        for (text, region, number) in cases.iter().copied() {
            let region = Some(region).filter(|region| !region.is_empty());
            let number = Some(number).filter(|number| !number.is_empty());
            assert_eq!(e164(text, region).as_deref(), number, "{text:?} {region:?}");
        }
    }

    #[test]
    fn digits_that_begin_with_the_code_of_their_region_have_lost_their_plus() {
        assert_read(&[
            ("491715550177", "DE", "+491715550177"),
            ("49 7755 91156", "DE", "+49775591156"),
            ("4915155501772", "DE", "+4915155501772"),
            ("4917 15550177", "DE", "+491715550177"),
            ("46701234567", "SE", "+46701234567"),
            ("436641234567", "AT", "+436641234567"),
            ("441632960961", "GB", "+441632960961"),
            ("387061899942", "BA", "+38761899942"),
            // With what is dialled at home, or where nothing is, it is a number of the region.
            ("04917 15550177", "DE", "+49491715550177"),
            ("393 1234567", "IT", "+393931234567"),
            ("34 612 34 56 79", "ES", "+34612345679"),
            ("1 202 555 0144", "US", "+12025550144"),
            ("36 555 123", "HU", "+3636555123"),
            ("9198765432", "IN", "+919198765432"),
            // It may be either, or it is none of the two.
            ("49175312998", "DE", ""),
            ("441843297701", "US", ""),
            ("5550199", "US", ""),
        ]);
    }

    #[test]
    fn a_nought_in_brackets_is_dialled_at_home_only() {
        assert_read(&[
            ("+48 (0) 22 512 3457", "", "+48225123457"),
            ("+34 (0) 91 123 45 68", "", "+34911234568"),
            ("+351 (0) 21 123 4568", "", "+351211234568"),
            ("+47 (0) 22 12 34 57", "", "+4722123457"),
            ("+45 [0] 32 12 34 57", "", "+4532123457"),
            ("+352 (0) 26 12 35", "", "+352261235"),
            ("+420 (0) 222 123 457", "", "+420222123457"),
            ("+30 (0) 21 0123 4568", "", "+302101234568"),
            ("+36 (0) 1 808 8126", "", "+3618088126"),
            ("+1 (0) 202 555 0144", "", "+12025550144"),
            ("+7 (0) 495 123 45 68", "", "+74951234568"),
            ("0048 (0) 22 512 3457", "", "+48225123457"),
            ("(+48) (0)22 512 3457", "", "+48225123457"),
            ("+49 (0)40 5550188", "", "+49405550188"),
            ("+41(0)446681801", "", "+41446681801"),
            ("+39 (0)6 555 01236", "", "+390655501236"),
            ("+971 (0) 4 123 4568", "", "+97141234568"),
            ("+91 (0) 98765 43211", "", "+919876543211"),
        ]);
    }

    #[test]
    fn double_noughts_are_a_plus_although_no_plan_has_the_number() {
        assert_read(&[
            ("00720710772", "DE", "+720710772"),
            ("00391234568", "", "+391234568"),
            ("007 894 123 45 68", "RU", "+78941234568"),
            ("000-000-0000", "US", ""),
            ("0012 34", "", ""),
        ]);
    }

    #[test]
    fn what_a_spreadsheet_made_of_a_number_is_it_or_none() {
        assert_read(&[
            ("447900900124.0", "GB", "+447900900124"),
            ("4.47900900124E+11", "GB", "+447900900124"),
            ("4.479009E+11", "GB", ""),
            ("4,91711E+11", "DE", ""),
            ("5.35E+09", "US", ""),
        ]);
    }

    #[test]
    fn letters_are_keys_of_a_phone_where_they_are_written_so() {
        assert_read(&[
            ("877-222-VETS (8387)", "US", "+18772228387"),
            ("1-800-THE-CRAVE", "US", "+18008432728"),
            ("1-800-GO-U-HAUL", "US", "+18004684285"),
            ("800-44-STERN", "US", "+18004478376"),
            ("1300 FLOWER", "AU", "+611300356937"),
            ("+917878787xyz", "", ""),
            ("+917878787xyz", "IN", ""),
        ]);
    }

    #[test]
    fn a_copied_link_is_the_number_that_it_calls() {
        assert_read(&[
            ("tel:%2B49%2040%205550188", "", "+49405550188"),
            ("tel:///%2B49405550188", "", "+49405550188"),
            ("+49%2040%205550188", "", "+49405550188"),
            ("sip:+49405550188", "", "+49405550188"),
            (
                "sips://+49-40-5550188@pbx1.example;user=phone",
                "",
                "+49405550188",
            ),
            ("skype:+49405550188?call", "", "+49405550188"),
            ("sip:6002@pbx.example", "GB", ""),
        ]);
    }

    #[test]
    fn what_is_dialled_later_is_none_of_a_number() {
        assert_read(&[
            ("+1 650 253 0002~22", "", "+16502530002"),
            ("8 (423) 202-25-12, доб. 100", "RU", "+74232022512"),
            ("+1 650 253 0001 int 22", "", "+16502530001"),
            ("+1 650 253 0001 ext.", "", "+16502530001"),
            ("070 123 45 68 (Axel)", "SE", "+46701234568"),
        ]);
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
