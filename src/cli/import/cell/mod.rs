//! A cell: the text in a column of a row, and its type. Numbers and amounts in it are read by `number.rs` and
//! `money.rs`.
//!
//! It owns which cells can be ids: an id that a spreadsheet rounded would merge many records into one.

pub(crate) mod money;
pub(crate) mod number;

use crate::cli::import::cell::number::are_digits;

/// A cell of a row, or a constant of a mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) cell_type: CellType,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CellType {
    /// The mapping says how it is read.
    #[default]
    Text,
    /// A number in JSON or TOML: its decimal mark is a point, whatever the mapping says of texts.
    Number,
    /// `true` or `false` in JSON or TOML.
    Boolean,
    /// Not a single value, and why.
    Unfit(&'static str),
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            cell_type: CellType::Text,
        }
    }

    /// Takes a number with a decimal point.
    pub(crate) fn number(text: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            cell_type: CellType::Number,
        }
    }
}

pub(crate) const LINE_BREAK: &str = "holds a line break";

const ROUNDED: &str = "is a number that a spreadsheet cut short, such as 4.5E+05, not an id: export the column as text, with all digits";
const EXPONENT: &str =
    "is a number with an exponent, not an id: write it as a text, with all digits";
pub(crate) const BOOLEAN: &str = "is true or false, not an id";

/// Returns why a cell cannot be an id.
pub(crate) fn id_problem(text: &str, cell_type: CellType) -> Option<&'static str> {
    match cell_type {
        CellType::Boolean => Some(BOOLEAN),
        _ if has_line_break(text) => Some(LINE_BREAK),
        _ => id_part_problem(text, cell_type),
    }
}

/// Returns why a cell cannot be one part of an id.
pub(crate) fn id_part_problem(text: &str, cell_type: CellType) -> Option<&'static str> {
    match cell_type {
        CellType::Number => text.contains(['e', 'E']).then_some(EXPONENT),
        _ => is_rounded(text).then_some(ROUNDED),
    }
}

pub(crate) fn has_line_break(text: &str) -> bool {
    text.contains([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ])
}

/// Says whether a text is a number as spreadsheets shorten it to fit: many ids become the same one. `12E4` may be an
/// id: no program writes such a number without a sign and a decimal mark.
fn is_rounded(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let unsigned = mantissa
        .strip_prefix(['-', '+', '\u{2212}'])
        .unwrap_or(mantissa);
    let power = exponent
        .strip_prefix(['-', '+', '\u{2212}'])
        .unwrap_or(exponent);
    let (whole, decimals) = unsigned.split_once(['.', ',']).unwrap_or((unsigned, ""));
    let is_marked = unsigned.len() < mantissa.len()
        || power.len() < exponent.len()
        || whole.len() < unsigned.len();
    let are_digits_or_none = |text: &str| text.is_empty() || are_digits(text);
    is_marked
        && whole.len() <= 3
        && power.len() <= 3
        && are_digits(power)
        && are_digits_or_none(whole)
        && are_digits_or_none(decimals)
        && !(whole.is_empty() && decimals.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_a_spreadsheet_rounded_are_noticed() {
        for text in [
            "4.50E+05",
            "4.5E5",
            "+1E+05",
            "1.E+05",
            "1,23457E+11",
            "-2e-3",
            "1E+05",
            ".5E7",
            "+1E5",
            "\u{2212}1E5",
        ] {
            assert_eq!(id_problem(text, CellType::Text), Some(ROUNDED), "{text}");
        }
        for text in [
            "12E4",
            "1e5",
            "E+05",
            "+E+05",
            "4.5",
            "A4.5E5",
            "4.5E5B",
            "4.5E",
            "1000E-1",
            "4.5E+0512",
            ".E+05",
        ] {
            assert_eq!(id_problem(text, CellType::Text), None, "{text}");
        }
        for text in ["see 4.5E5", "4.5E5 or so", "1.5E5 1.5E5"] {
            assert_eq!(id_part_problem(text, CellType::Text), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_json_are_ids_as_they_are_written() {
        assert_eq!(id_problem("12345678901234567890", CellType::Number), None);
        assert_eq!(id_problem("1e5", CellType::Number), Some(EXPONENT));
        assert_eq!(id_problem("true", CellType::Text), None);
        assert_eq!(id_problem("true", CellType::Boolean), Some(BOOLEAN));
        assert_eq!(
            id_part_problem("true", CellType::Boolean),
            None,
            "beside other columns it may tell two records apart"
        );
    }

    #[test]
    fn an_id_has_one_line() {
        for text in ["a\nb", "a\rb", "a\u{2028}b", "a\u{b}b"] {
            assert_eq!(
                id_problem(text, CellType::Text),
                Some(LINE_BREAK),
                "{text:?}"
            );
        }
        assert_eq!(
            id_part_problem("a\nb", CellType::Text),
            None,
            "a digest is made of any text"
        );
    }
}
