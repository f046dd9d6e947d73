//! Numbers as people and programs write them: `1,234.5`, `1.234,5`, `1 234`, `6.0E7`. The mapping gives the decimal
//! mark; nothing is guessed.

/// The spaces that people write between thousands, and between an amount and its currency.
pub(crate) const SPACES: [char; 4] = [' ', '\u{a0}', '\u{2009}', '\u{202f}'];

/// Returns a number as Rust parses it: with a decimal point and without group marks. `None` if it is not a number, or
/// can be read as two different ones.
pub(crate) fn plain(text: &str, decimal_mark: char) -> Option<String> {
    let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = digits
        .split_once(['e', 'E'])
        .map_or((digits, None), |(m, e)| (m, Some(e)));
    let (whole, decimals) = mantissa
        .split_once(decimal_mark)
        .map_or((mantissa, None), |(w, d)| (w, Some(d)));
    let mut number = format!(
        "{sign}{}",
        ungrouped(whole, decimal_mark, decimals.is_some())?
    );
    if let Some(decimals) = decimals {
        number.push('.');
        number.push_str(are_digits(decimals).then_some(decimals)?);
    }
    if let Some(exponent) = exponent {
        are_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)).then_some(())?;
        number.push('e');
        number.push_str(exponent);
    }
    Some(number)
}

/// Removes the group marks. They must all be the same, in places where a group ends: with a decimal point, `12,50` is
/// not 1250 but refused, and so is `0.500` with a decimal comma.
fn ungrouped(whole: &str, decimal_mark: char, has_decimals: bool) -> Option<String> {
    let group_mark = if decimal_mark == '.' { ',' } else { '.' };
    let is_mark =
        |c: char| c == group_mark || SPACES.contains(&c) || matches!(c, '\'' | '\u{2019}');
    let mut marks = whole.matches(is_mark);
    let first = marks.next();
    if marks.any(|mark| Some(mark) != first) {
        return None;
    }
    let groups: Vec<&str> = whole.split(is_mark).collect();
    let is_grouped = match &groups[..] {
        [""] => has_decimals,
        [only] => are_digits(only),
        // Two digits, as in India; the last three are always together.
        [first, between @ .., last] => {
            (1..=3).contains(&first.len())
                && !first.starts_with('0')
                && between.iter().all(|group| matches!(group.len(), 2 | 3))
                && last.len() == 3
                && groups.iter().all(|group| are_digits(group))
        }
        [] => false,
    };
    let digits = if whole.is_empty() {
        "0".to_owned()
    } else {
        groups.concat()
    };
    is_grouped.then_some(digits)
}

/// Says whether a text has one digit or more, and nothing else.
pub(crate) fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, mark, wanted) in [
            ("1234.5", '.', "1234.5"),
            ("1,234.5", '.', "1234.5"),
            ("1.234,5", ',', "1234.5"),
            ("1.234", ',', "1234"),
            ("1 234 567", '.', "1234567"),
            ("12,34,567", '.', "1234567"),
            ("1'000", ',', "1000"),
            ("1\u{a0}234\u{a0}567,5", ',', "1234567.5"),
            ("1\u{2009}234", '.', "1234"),
            ("1\u{202f}234", '.', "1234"),
            (".5", '.', "0.5"),
            ("0.500", '.', "0.500"),
            ("-1,5", ',', "-1.5"),
            ("\u{2212}7", '.', "-7"),
            ("+7", '.', "7"),
            ("6.0E7", '.', "6.0e7"),
            ("25e-1", '.', "25e-1"),
        ] {
            assert_eq!(plain(text, mark).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_text_that_could_be_two_numbers_is_refused() {
        for (text, mark) in [
            ("0.500", ','),
            ("00.500", ','),
            ("0.001", ','),
            ("0,500", '.'),
            ("12,50", '.'),
            ("1,2345", '.'),
            ("1.234,50", '.'),
            ("1.2.3", '.'),
            ("", '.'),
            ("-", '.'),
            (".", '.'),
            ("e5", '.'),
            ("5e", '.'),
            ("5.", '.'),
            ("1-2", '.'),
            ("1\n234", '.'),
            ("1\t234", '.'),
            ("1\u{2003}234", '.'),
            ("1.234 567", ','),
            ("1,234'567", '.'),
            ("1 234\u{a0}567", '.'),
            ("1'234\u{2019}567", '.'),
            ("\u{663}", '.'),
        ] {
            assert_eq!(plain(text, mark), None, "{text}");
        }
    }
}
