//! Amounts of money as people and programs write them: `1,234.50`, `$500M`, `EUR 12`, `8.48E10`.
//!
//! Nothing is guessed: the mapping gives the decimal mark, and the currency of cells that do not name one.

use anyhow::bail;

use crate::cli::import::cell::number::{self, SPACES};
use crate::google::r#type::Money;

/// The currencies whose sign is `$`, and those whose sign is `¥`: the sign alone does not tell which.
const DOLLARS: [&str; 12] = [
    "USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "BRL",
];
const YEN_AND_YUAN: [&str; 2] = ["JPY", "CNY"];
/// More digits than any amount of money has, and few enough for 128 bits.
const MAX_DIGITS: usize = 28;
const NANOS_PER_UNIT: i128 = 1_000_000_000;

const NO_AMOUNT: &str = "is not an amount such as 1,234.50, EUR 1234.5, $2M or 6.0E7";
const NO_AMOUNT_WITH_COMMA: &str = "is not an amount such as 1.234,50, EUR 1234,5, $2M or 6,0E7";
const TOO_LARGE: &str = "is too large an amount";

/// How amounts are written.
#[derive(Clone, Debug)]
pub(crate) struct MoneyFormat {
    /// The currency of amounts that do not name one.
    pub(crate) currency: Option<String>,
    /// A point or a comma; the other one groups thousands.
    pub(crate) decimal_mark: char,
}

impl MoneyFormat {
    /// Parses an amount. The error does not repeat it.
    pub(crate) fn parse(&self, text: &str) -> Result<Money, String> {
        let (before, number, after) = self.split(text).ok_or(self.no_amount())?;
        let mut power = 0;
        let mut currency = None;
        let mut take_currency = |word: &str| -> Result<(), String> {
            let found = self.currency_of(word).ok_or(self.no_amount())?;
            match currency.replace(found) {
                None => Ok(()),
                Some(_) => Err(self.no_amount().to_owned()),
            }
        };
        let is_between = |c: char| is_minus(c) || SPACES.contains(&c);
        for word in before.split(is_between).filter(|word| !word.is_empty()) {
            take_currency(word)?;
        }
        for word in after.split(SPACES).filter(|word| !word.is_empty()) {
            let (magnitude, sign) = split_sign(word);
            match power_of(magnitude) {
                Some(found) if power == 0 => power = found,
                _ if magnitude.is_empty() => {}
                _ => take_currency(magnitude)?,
            }
            if !sign.is_empty() {
                take_currency(sign)?;
            }
        }
        let currency_code = currency
            .or_else(|| self.currency.clone())
            .ok_or("names no currency, and the mapping has no `default_currency`")?;
        let nanos = self.nanos(number, power)? * if before.contains(is_minus) { -1 } else { 1 };
        Ok(Money {
            currency_code,
            units: i64::try_from(nanos / NANOS_PER_UNIT).map_err(|_| TOO_LARGE)?,
            nanos: i32::try_from(nanos % NANOS_PER_UNIT).unwrap_or_default(),
        })
    }

    /// Splits a text into what stands before its number, the number, and what stands after it.
    fn split<'a>(&self, text: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
        let is_digit = |c: char| c.is_ascii_digit();
        let (first, last) = text.find(is_digit).zip(text.rfind(is_digit))?;
        let start = text[..first]
            .strip_suffix(self.decimal_mark)
            .map_or(first, str::len);
        Some((&text[..start], &text[start..=last], &text[last + 1..]))
    }

    fn no_amount(&self) -> &'static str {
        if self.decimal_mark == ',' {
            NO_AMOUNT_WITH_COMMA
        } else {
            NO_AMOUNT
        }
    }

    /// Returns the currency of a sign or a code. An ambiguous sign means the default currency or nothing.
    fn currency_of(&self, word: &str) -> Option<String> {
        let default_among = |signed: &[&str]| {
            self.currency
                .clone()
                .filter(|code| signed.contains(&code.as_str()))
        };
        match word {
            "€" => Some("EUR".to_owned()),
            "£" => Some("GBP".to_owned()),
            "US$" => Some("USD".to_owned()),
            "$" => default_among(&DOLLARS),
            "¥" => default_among(&YEN_AND_YUAN),
            code => is_currency(code).then(|| code.to_owned()),
        }
    }

    /// Parses a number times a power of ten, in billionths.
    fn nanos(&self, number: &str, power: i32) -> Result<i128, String> {
        let number = number::plain(number, self.decimal_mark).ok_or(self.no_amount())?;
        let (mantissa, exponent) = number.split_once('e').unwrap_or((&number, "0"));
        let exponent: i32 = exponent
            .parse()
            .ok()
            .filter(|n: &i32| n.abs() < 30)
            .ok_or(self.no_amount())?;
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let decimals = decimals.trim_end_matches('0');
        let digits = format!("{whole}{decimals}");
        let digits = digits.trim_start_matches('0');
        let n_decimals = i32::try_from(decimals.len()).unwrap_or(i32::MAX);
        let shift = 9 + power + exponent - n_decimals;
        match (u32::try_from(shift), digits) {
            (_, "") => Ok(0),
            (Err(_), _) => Err("has more than nine decimals".to_owned()),
            (Ok(_), digits) if digits.len() > MAX_DIGITS => Err(TOO_LARGE.to_owned()),
            (Ok(shift), digits) => {
                let value = digits.parse::<i128>().ok().zip(10_i128.checked_pow(shift));
                let value = value.and_then(|(digits, by)| digits.checked_mul(by));
                value.ok_or_else(|| TOO_LARGE.to_owned())
            }
        }
    }
}

/// Checks the form of a currency code that a mapping gives; whether there is such a currency, the server knows.
pub(crate) fn check_currency(code: &str) -> anyhow::Result<()> {
    if !is_currency(code) {
        bail!("`{code}` is not three capital letters (ISO 4217)");
    }
    Ok(())
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2212}')
}

/// Splits `M€` into magnitude and sign.
fn split_sign(word: &str) -> (&str, &str) {
    let at = word.find(['€', '£', '$', '¥']).unwrap_or(word.len());
    if word.starts_with("US$") {
        ("", word)
    } else {
        word.split_at(at)
    }
}

fn power_of(word: &str) -> Option<i32> {
    Some(match word {
        "K" | "k" | "Tsd" | "Tsd." => 3,
        "M" | "m" | "Mio" | "Mio." | "mn" | "million" => 6,
        "B" | "b" | "bn" | "Mrd" | "Mrd." | "billion" => 9,
        "T" | "t" | "trillion" => 12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::MoneyFormat;

    fn read(
        text: &str,
        currency: Option<&str>,
        decimal_mark: char,
    ) -> Result<(String, i64, i32), String> {
        let amounts = MoneyFormat {
            currency: currency.map(str::to_owned),
            decimal_mark,
        };
        amounts
            .parse(text)
            .map(|money| (money.currency_code, money.units, money.nanos))
    }

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (text, code, units, nanos) in [
            ("1,234.50", "USD", 1234, 500_000_000),
            ("1234.5", "USD", 1234, 500_000_000),
            ("1 234 567", "USD", 1_234_567, 0),
            ("12,34,567", "USD", 1_234_567, 0),
            ("1'000.000000001", "USD", 1000, 1),
            ("0.10", "USD", 0, 100_000_000),
            (".5", "USD", 0, 500_000_000),
            ("-$2.25", "USD", -2, -250_000_000),
            ("$-2.25", "USD", -2, -250_000_000),
            ("$500M", "USD", 500_000_000, 0),
            ("$2B", "USD", 2_000_000_000, 0),
            ("1.5k", "USD", 1500, 0),
            ("6.0E7", "USD", 60_000_000, 0),
            ("8.48E10", "USD", 84_800_000_000, 0),
            ("25e-1", "USD", 2, 500_000_000),
            ("EUR 12", "EUR", 12, 0),
            ("12 EUR", "EUR", 12, 0),
            ("12\u{202f}€", "EUR", 12, 0),
            ("2.5M€", "EUR", 2_500_000, 0),
            ("2.5 Mio. EUR", "EUR", 2_500_000, 0),
            ("£7", "GBP", 7, 0),
            ("US$ 7", "USD", 7, 0),
            ("0", "USD", 0, 0),
            ("9,223,372,036,854,775,807", "USD", i64::MAX, 0),
        ] {
            assert_eq!(
                read(text, Some("USD"), '.'),
                Ok((code.to_owned(), units, nanos)),
                "{text}"
            );
        }
        assert_eq!(
            read("1.234,50", Some("EUR"), ','),
            Ok(("EUR".to_owned(), 1234, 500_000_000))
        );
        for text in ["0.500", "00.500", "0.001", "-0.500", "EUR 0.500"] {
            assert!(
                read(text, Some("EUR"), ',').is_err(),
                "{text}: no group of thousands begins with 0"
            );
        }
        assert_eq!(read("$5", Some("CAD"), '.'), Ok(("CAD".to_owned(), 5, 0)));
    }

    #[test]
    fn a_text_that_could_be_two_amounts_is_refused() {
        for text in [
            "",
            "x",
            "12,50",
            "1,2345",
            "1.234,50",
            "1.2.3",
            "5 apples",
            "$$5",
            "EUR 5 USD",
            "¥5",
            "1-2",
        ] {
            assert!(read(text, Some("USD"), '.').is_err(), "{text}");
        }
        assert!(
            read("1.234 567", Some("EUR"), ',').is_err_and(|why| why.contains("1.234,50")),
            "two kinds of marks"
        );
        assert!(
            read("$5", Some("EUR"), '.').is_err(),
            "a sign of another currency"
        );
        let why = read("5", None, '.').expect_err("no currency is known");
        assert!(why.contains("default_currency"), "{why}");
        for text in [
            "9223372036854775808",
            "1E29",
            "99999999999999999999T",
            "99999999999999999999999999999999",
        ] {
            assert!(
                read(text, Some("USD"), '.')
                    .expect_err("it is too large")
                    .contains("too large"),
                "{text}"
            );
        }
        assert!(
            read("0.0000000001", Some("USD"), '.')
                .expect_err("it is too fine")
                .contains("nine decimals")
        );
    }
}
