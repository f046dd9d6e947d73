//! What spreadsheets make of the digits of a phone number that they take for a quantity.

/// The fewest digits before decimals that are none of a number.
const MIN_WHOLE: usize = 7;
/// The least exponent with which spreadsheets show a quantity.
const MIN_EXPONENT: usize = 5;

/// Returns the digits of `491711234567.0` and of `4.91711234567e+11`; `None` if a text is no such quantity, or if it shows
/// fewer digits than there were.
pub(super) fn mended(text: &str) -> Option<String> {
    let text = text.trim();
    let without_decimals = || {
        let (whole, rest) = text.split_once(['.', ','])?;
        let is_whole = whole.len() >= MIN_WHOLE && are_digits(whole);
        (is_whole && ["0", "00"].contains(&rest)).then(|| whole.to_owned())
    };
    let written_out = || {
        let (digits, n_digits) = quantity(text)?;
        (digits.len() == n_digits).then_some(digits)
    };
    without_decimals().or_else(written_out)
}

/// Says whether a text shows the first digits of a long number, and how many more there were.
pub(super) fn is_cut_short(text: &str) -> bool {
    quantity(text.trim()).is_some_and(|(digits, n_digits)| digits.len() != n_digits)
}

/// Reads `4.9171e+11`: the digits that it shows, and how many there are.
fn quantity(text: &str) -> Option<(String, usize)> {
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
    let (whole, rest) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let is_it =
        exponent >= MIN_EXPONENT && !whole.is_empty() && are_digits(whole) && are_digits(rest);
    is_it.then(|| {
        (
            format!("{whole}{rest}"),
            whole.len().saturating_add(exponent),
        )
    })
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_are_all_shown_are_digits_again() {
        for (text, digits) in [
            ("491711234567.0", Some("491711234567")),
            ("491711234567,00", Some("491711234567")),
            ("4.91711234567e+11", Some("491711234567")),
            ("4.9171e+11", None),
            ("1.0", None),
            ("040.5550142", None),
            ("49171123.10", None),
            ("e+11", None),
            ("4e99999999999999999999", None),
        ] {
            assert_eq!(mended(text).as_deref(), digits, "{text}");
        }
        assert!(is_cut_short("4.9171e+11") && is_cut_short("5.35e+09"));
        assert!(!is_cut_short("4.91711234567e+11") && !is_cut_short("040 5550142"));
    }
}
