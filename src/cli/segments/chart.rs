//! Bar charts of text: for each line two shares side by side.

use crate::cli::wrap::{columns, padded};

/// The most and the least columns of a bar.
const BAR: (usize, usize) = (24, 6);
/// The most columns of a label.
const LABEL: usize = 28;
/// What a line takes beside label and bars: the indent, the gaps, and twice a count and a share.
const BESIDE: usize = 2 + 2 + 2 * 16;

/// One line: how many of the first and of the second group, and of how many.
pub struct Bars {
    /// What is counted.
    pub label: String,
    /// How many.
    pub counts: [i64; 2],
    /// Of how many.
    pub wholes: [i64; 2],
}

/// Returns the lines of a chart, under a head.
pub fn lines(all: &[Bars], width: usize) -> Vec<String> {
    let label = |bars: &Bars| shortened(&bars.label);
    let n_label = all.iter().map(|bars| columns(&label(bars))).max().unwrap_or_default();
    let n_bar = (width.saturating_sub(BESIDE + n_label) / 2).clamp(BAR.1, BAR.0);
    let line = |bars: &Bars| {
        let shares = [0, 1].map(|i| {
            let (count, whole) = (bars.counts[i], bars.wholes[i]);
            format!("{:<n_bar$} {:>6} {:>7}", bar(count, whole, n_bar), percent(count, whole), count)
        });
        format!("  {}  {}", padded(&label(bars), n_label), shares.join("  ")).trim_end().to_owned()
    };
    let head = format!("  {:<n_label$}  {:<n_group$}{}", "", "A", "B", n_group = n_bar + 17);
    let head = (!all.is_empty()).then_some(head);
    head.into_iter().chain(all.iter().map(line)).collect()
}

/// A bar of whole and half blocks. What is not nothing is at least half a block.
fn bar(count: i64, whole: i64, n_bar: usize) -> String {
    let share = |count: i64| usize::try_from(count).unwrap_or_default();
    let (count, whole) = (share(count), share(whole).max(1));
    let halves = (4 * count * n_bar + whole) / (2 * whole);
    let halves = halves.clamp(usize::from(count > 0), 2 * n_bar);
    format!("{}{}", "█".repeat(halves / 2), "▌".repeat(halves % 2))
}

/// Writes a share in percent; `-` of nothing.
pub fn percent(count: i64, whole: i64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let tenths = (2000 * count + whole) / (2 * whole);
    match tenths {
        0 if count > 0 => "<0.1%".to_owned(),
        tenths => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

/// Writes a number for people: at most four digits behind the point, and large ones without.
pub fn number(number: f64) -> String {
    let n_digits = match number.abs() {
        of if of >= 1000.0 => 0,
        of if of >= 10.0 || number == 0.0 => 1,
        of if of >= 0.1 => 2,
        _ => 4,
    };
    let text = format!("{number:.n_digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Writes a value so that an empty one is seen.
pub fn quoted(value: &str) -> String {
    if value.trim().is_empty() { format!("\"{value}\"") } else { value.to_owned() }
}

fn shortened(label: &str) -> String {
    if columns(label) <= LABEL {
        return label.to_owned();
    }
    let mut start = String::new();
    for c in label.chars() {
        start.push(c);
        if columns(&start) > LABEL - 1 {
            start.pop();
            break;
        }
    }
    format!("{start}…")
}
