//! Line breaking for the terminal, by display width: a Chinese character takes two columns.

use textwrap::{Options, WordSeparator, WordSplitter};

/// Breaks a text between words into lines of at most `width` columns. A longer word gets a line of its own, and the spaces
/// between words of a line stay. The first line gets the first indent, all others the second.
pub(crate) fn wrapped(text: &str, width: usize, [first, further]: [&str; 2]) -> Vec<String> {
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(further)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::wrap(text, options)
        .into_iter()
        .map(String::from)
        .collect()
}

/// Returns the display width of a text.
pub(crate) fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// Pads a text with spaces to `width` columns.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_by_columns_and_nothing_else_changes() {
        assert_eq!(
            wrapped("one  two three", 9, ["", ""]),
            ["one  two", "three"]
        );
        assert_eq!(
            wrapped("\u{2713} one two-three", 8, ["  ", "    "]),
            ["  \u{2713} one", "    two-three"]
        );
        assert_eq!(
            wrapped("東京都 千代田区", 10, ["", ""]),
            ["東京都", "千代田区"]
        );
        assert_eq!(padded("東京", 5), "東京 ");
    }
}
