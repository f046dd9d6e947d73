//! From the text of a cell to an amount of money.
//!
//! People and programs write amounts in many ways: `1,234.50`, `$500M`, `EUR 12`, `8.48E10`. Nothing is guessed: which
//! mark stands before the decimals is said by the mapping, and so is the currency where the cell does not name it.

use crate::cli::import::numbers::{self, SPACES};
use crate::google::r#type::Money;

/// The currencies whose sign is `$`, and those whose sign is `¥`: such a sign alone names none.
const DOLLARS: [&str; 12] = [
    "USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "BRL",
];
const YEN_AND_YUAN: [&str; 2] = ["JPY", "CNY"];
/// More digits than any amount of money has, and few enough to be counted with.
const MOST_DIGITS: usize = 28;

const NO_AMOUNT: &str = "is not an amount such as 1,234.50, EUR 1234.5, $2M or 6.0E7";
const NO_AMOUNT_WITH_COMMA: &str = "is not an amount such as 1.234,50, EUR 1234,5, $2M or 6,0E7";

/// How amounts are written.
#[derive(Clone, Debug)]
pub struct Amounts {
    /// The currency of amounts that do not name theirs.
    pub currency: Option<String>,
    /// What stands before the decimals: a point or a comma. The other one groups thousands.
    pub decimal_mark: char,
}

impl Amounts {
    /// Reads an amount. The reason does not repeat it.
    pub fn read(&self, text: &str) -> Result<Money, String> {
        let is_digit = |c: char| c.is_ascii_digit();
        let no_amount = self.no_amount();
        let (from, to) = text
            .find(is_digit)
            .zip(text.rfind(is_digit))
            .ok_or(no_amount)?;
        let from = text[..from]
            .strip_suffix(self.decimal_mark)
            .map_or(from, str::len);
        let (before, number, after) = (&text[..from], &text[from..=to], &text[to + 1..]);
        let is_minus = |c: char| matches!(c, '-' | '\u{2212}');
        let is_between = |c: char| is_minus(c) || SPACES.contains(&c);
        let negative = before.contains(is_minus);
        let mut currency = None;
        let mut power = 0;
        for word in before.split(is_between).filter(|word| !word.is_empty()) {
            currency = Some(
                self.currency_of(word)
                    .filter(|_| currency.is_none())
                    .ok_or(no_amount)?,
            );
        }
        for word in after.split(SPACES).filter(|word| !word.is_empty()) {
            let (magnitude, sign) = split_sign(word);
            if !magnitude.is_empty() {
                if let Some(found) = power_of(magnitude).filter(|_| power == 0) {
                    power = found;
                } else {
                    currency = Some(
                        self.currency_of(magnitude)
                            .filter(|_| currency.is_none())
                            .ok_or(no_amount)?,
                    );
                }
            }
            if !sign.is_empty() {
                currency = Some(
                    self.currency_of(sign)
                        .filter(|_| currency.is_none())
                        .ok_or(no_amount)?,
                );
            }
        }
        let currency = currency.or_else(|| self.currency.clone());
        let currency_code =
            currency.ok_or("names no currency, and the mapping has no `default_currency`")?;
        let nanos = self.nanos(number, power)? * if negative { -1 } else { 1 };
        let units = i64::try_from(nanos / 1_000_000_000)
            .map_err(|_| "is too large an amount".to_owned())?;
        let nanos = i32::try_from(nanos % 1_000_000_000).unwrap_or_default();
        Ok(Money {
            currency_code,
            units,
            nanos,
        })
    }

    fn no_amount(&self) -> &'static str {
        if self.decimal_mark == ',' {
            NO_AMOUNT_WITH_COMMA
        } else {
            NO_AMOUNT
        }
    }

    /// Returns the currency that a sign or a code names. A sign of several only stands for the default.
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

    /// Reads a number, in billionths.
    fn nanos(&self, number: &str, power: i32) -> Result<i128, String> {
        let number = numbers::plain(number, self.decimal_mark).ok_or(self.no_amount())?;
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
            (Ok(_), digits) if digits.len() > MOST_DIGITS => {
                Err("is too large an amount".to_owned())
            }
            (Ok(shift), digits) => {
                let value = digits.parse::<i128>().ok().zip(10_i128.checked_pow(shift));
                let value = value.and_then(|(digits, by)| digits.checked_mul(by));
                value.ok_or_else(|| "is too large an amount".to_owned())
            }
        }
    }
}

/// Says whether a text is like a currency code of ISO 4217.
pub fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Splits `M€` into its parts.
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
    use super::Amounts;

    fn read(
        text: &str,
        currency: Option<&str>,
        decimal_mark: char,
    ) -> Result<(String, i64, i32), String> {
        let amounts = Amounts {
            currency: currency.map(str::to_owned),
            decimal_mark,
        };
        amounts
            .read(text)
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
    fn what_may_mean_two_amounts_is_none() {
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
