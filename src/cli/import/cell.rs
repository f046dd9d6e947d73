//! What stands in a column of a row: a text, and what is known of it beside that.
//!
//! It owns which cells can be ids: one that a spreadsheet cut short would make one record of many.

use crate::cli::import::numbers::are_digits;

/// A cell of a row, or a constant of a mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text, as it is written.
    pub text: String,
    /// What it is a text of.
    pub cell_type: CellType,
}

/// What a text stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellType {
    /// Itself; the mapping says how it is read.
    #[default]
    Text,
    /// A number of JSON or TOML: its decimal mark is a point, whatever the mapping says of texts.
    Number,
    /// True or false in JSON or TOML.
    Truth,
    /// Nothing that is one value, and why.
    Unfit(&'static str),
}

impl Cell {
    /// A text.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            cell_type: CellType::Text,
        }
    }

    /// A number, written with a point before its decimals.
    pub fn number(text: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            cell_type: CellType::Number,
        }
    }
}

/// What is said of a text that has several lines, where only one fits.
pub const BREAK: &str = "holds a line break";

const CUT: &str = "is a number that a spreadsheet cut short, such as 4.5E+05, and no id: export the column as text, with all digits";
const EXPONENT: &str =
    "is a number with an exponent, and no id: write it as a text, with all digits";
/// What is said of an id that is no text and no number.
pub const TRUTH: &str = "is true or false, and no id";

/// Says what is wrong with a cell as an id.
pub fn wrong_as_id(text: &str, cell_type: CellType) -> Option<&'static str> {
    match cell_type {
        CellType::Truth => Some(TRUTH),
        _ if has_break(text) => Some(BREAK),
        _ => wrong_in_id(text, cell_type),
    }
}

/// Says what is wrong with a cell as a part of an id.
pub fn wrong_in_id(text: &str, cell_type: CellType) -> Option<&'static str> {
    match cell_type {
        CellType::Number => text.contains(['e', 'E']).then_some(EXPONENT),
        _ => is_cut(text).then_some(CUT),
    }
}

/// Says whether a text has more than one line.
pub fn has_break(text: &str) -> bool {
    text.contains([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ])
}

/// Says whether a text is a number as spreadsheets write one that has no room: many ids become the same. `12E4` may be
/// an id: nobody writes such a number without a sign and without a decimal mark.
fn is_cut(text: &str) -> bool {
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
    fn ids_that_a_spreadsheet_cut_are_seen() {
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
            assert_eq!(wrong_as_id(text, CellType::Text), Some(CUT), "{text}");
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
            assert_eq!(wrong_as_id(text, CellType::Text), None, "{text}");
        }
        for text in ["see 4.5E5", "4.5E5 or so", "1.5E5 1.5E5"] {
            assert_eq!(wrong_in_id(text, CellType::Text), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_json_are_ids_as_they_are_written() {
        assert_eq!(wrong_as_id("12345678901234567890", CellType::Number), None);
        assert_eq!(wrong_as_id("1e5", CellType::Number), Some(EXPONENT));
        assert_eq!(wrong_as_id("true", CellType::Text), None);
        assert_eq!(wrong_as_id("true", CellType::Truth), Some(TRUTH));
        assert_eq!(
            wrong_in_id("true", CellType::Truth),
            None,
            "beside other columns it may tell two records apart"
        );
    }

    #[test]
    fn an_id_has_one_line() {
        for text in ["a\nb", "a\rb", "a\u{2028}b", "a\u{b}b"] {
            assert_eq!(wrong_as_id(text, CellType::Text), Some(BREAK), "{text:?}");
        }
        assert_eq!(
            wrong_in_id("a\nb", CellType::Text),
            None,
            "a digest is made of any text"
        );
    }
}
