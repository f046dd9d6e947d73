//! Text in lines for the terminal, by the columns that it takes there: a letter of Chinese takes two.

use textwrap::{Options, WordSeparator, WordSplitter};

/// Breaks a text between words into lines of at most so many columns; a word that is longer stands alone, and what
/// stands between two words of one line stays. The first line begins with one indent, the others with the second.
pub fn wrapped(text: &str, width: usize, [first, further]: [&str; 2]) -> Vec<String> {
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

/// Returns how many columns a text takes.
pub fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// Fills a text up with spaces to so many columns.
pub fn padded(text: &str, width: usize) -> String {
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
