//! Tables and lines for the terminal.
//!
//! Nothing that a record holds can control the terminal: control characters, and those that change the direction or the
//! lines of a text, are printed as spaces.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

use crate::clock;
use crate::google::r#type::Date;

/// The width to which a column may shrink, in characters. If not even that fits, the terminal breaks the lines.
const MIN_COLUMN_WIDTH: u16 = 10;
/// The space between two columns.
const GAP: u16 = 2;
/// The width of a line where there is no terminal.
const DEFAULT_WIDTH: u16 = 100;

/// Begins a table without lines. Its first column is never broken, so that names can be copied.
pub(crate) fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().map(|title| title.to_uppercase()));
    if let Some(first) = table.column_mut(0) {
        first
            .set_constraint(ColumnConstraint::ContentWidth)
            .set_padding((0, 1));
    }
    table
}

/// Renders a table, fitted to the terminal as long as its columns stay readable.
pub(crate) fn fitted(mut table: Table) -> String {
    let mut min_width: u16 = 0;
    for (i, width) in table.column_max_content_widths().into_iter().enumerate() {
        let column = if i == 0 {
            width
        } else {
            MIN_COLUMN_WIDTH.min(width)
        };
        min_width = min_width.saturating_add(column).saturating_add(GAP);
    }
    if table.width().is_some_and(|width| width >= min_width) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.trim_fmt()
}

/// Returns the width of the terminal, in characters.
pub(crate) fn width() -> usize {
    usize::from(Table::new().width().unwrap_or(DEFAULT_WIDTH))
}

/// Writes the name of an enum value in words; nothing if it is unspecified.
pub(crate) fn word(name: &str) -> String {
    if name.ends_with("_UNSPECIFIED") {
        String::new()
    } else {
        name.to_lowercase().replace('_', " ")
    }
}

pub(crate) fn date(date: Option<&Date>) -> String {
    date.and_then(clock::date_text).unwrap_or_default()
}

/// Writes a time in UTC, as strftime has it.
pub(crate) fn time(time: Option<&prost_types::Timestamp>, format: &str) -> String {
    let time = time
        .and_then(clock::micros)
        .and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
    time.map_or_else(String::new, |time| time.strftime(format).to_string())
}

/// Writes the date of a time, in UTC.
pub(crate) fn date_of(time: Option<&prost_types::Timestamp>) -> String {
    let time = time.and_then(clock::micros);
    time.map(clock::date_of).unwrap_or_default()
}

/// Returns a text that cannot control the terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || is_layout(c) {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// Joins lines, each printable.
pub(crate) fn printable_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
    lines.join("\n")
}

/// Says whether a character ends a line or changes the direction of the text that follows.
fn is_layout(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
