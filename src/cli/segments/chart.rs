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
    let n_label = all
        .iter()
        .map(|bars| columns(&label(bars)))
        .max()
        .unwrap_or_default();
    let n_bar = (width.saturating_sub(BESIDE + n_label) / 2).clamp(BAR.1, BAR.0);
    let line = |bars: &Bars| {
        let shares = [0, 1].map(|i| {
            let (count, whole) = (bars.counts[i], bars.wholes[i]);
            format!(
                "{:<n_bar$} {:>6} {:>7}",
                bar(count, whole, n_bar),
                percent(count, whole),
                count
            )
        });
        format!("  {}  {}", padded(&label(bars), n_label), shares.join("  "))
            .trim_end()
            .to_owned()
    };
    let head = format!(
        "  {:<n_label$}  {:<n_group$}{}",
        "",
        "A",
        "B",
        n_group = n_bar + 17
    );
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
        1000 if count < whole => ">99.9%".to_owned(),
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
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Writes a value so that an empty one is seen.
pub fn quoted(value: &str) -> String {
    if value.trim().is_empty() {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_shares_are_rounded_and_what_is_not_nothing_is_seen() {
        for (count, whole, blocks, share) in [
            (0, 0, "", "-"),
            (0, 10, "", "0.0%"),
            (1, 5000, "▌", "<0.1%"),
            (1999, 2000, "████████", ">99.9%"),
            (1, 1000, "▌", "0.1%"),
            (1, 2, "████", "50.0%"),
            (2, 3, "█████▌", "66.7%"),
            (5, 5, "████████", "100.0%"),
        ] {
            assert_eq!(
                (
                    bar(count, whole, 8).as_str(),
                    percent(count, whole).as_str()
                ),
                (blocks, share),
                "of {whole}"
            );
        }
    }

    #[test]
    fn numbers_have_the_digits_that_people_read() {
        for (of, text) in [
            (0.0, "0"),
            (0.01234, "0.0123"),
            (0.09, "0.09"),
            (0.1, "0.1"),
            (0.126, "0.13"),
            (-1.5, "-1.5"),
            (12.34, "12.3"),
            (100.0, "100"),
            (999.96, "1000"),
            (1000.0, "1000"),
            (1980.0, "1980"),
            (1234.56, "1235"),
            (-1234.56, "-1235"),
        ] {
            assert_eq!(number(of), text);
        }
    }

    #[test]
    fn long_labels_are_cut_by_columns() {
        for (label, cut) in [
            ("a".repeat(28), "a".repeat(28)),
            ("a".repeat(29), format!("{}…", "a".repeat(27))),
            ("東".repeat(14), "東".repeat(14)),
            ("東".repeat(15), format!("{}…", "東".repeat(13))),
        ] {
            assert_eq!(shortened(&label), cut);
        }
    }

    #[test]
    fn bars_stand_in_columns_and_are_as_long_as_the_line_has_room() {
        let bars = |label: &str, a, b| Bars {
            label: label.to_owned(),
            counts: [a, b],
            wholes: [1_234_567, 3],
        };
        let all = [bars("東京", 1_234_567, 1), bars("a", 0, 2)];
        let narrow = [
            "        A                      B",
            "  東京  ██████ 100.0% 1234567  ██      33.3%       1",
            "  a              0.0%       0  ████    66.7%       2",
        ];
        assert_eq!(lines(&all, 20), narrow);
        let widest = |width| lines(&all, width).iter().map(|line| columns(line)).max();
        assert_eq!([60, 88, 200].map(widest), [Some(60), Some(88), Some(88)]);
        assert!(lines(&[], 80).is_empty());
    }
}
