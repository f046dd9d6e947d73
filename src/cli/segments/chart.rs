//! Bar charts in text: two shares side by side on each line.

use crate::cli::wrap::{columns, padded};

/// The width of a bar.
const MAX_BAR: usize = 24;
const MIN_BAR: usize = 6;
/// The width of a label.
const MAX_LABEL: usize = 28;
/// The rest of a line: the indent, the gaps, and twice a count and a share.
const REST: usize = 2 + 2 + 2 * 16;

/// One line of a chart: a value, and its share of each of two groups.
pub(crate) struct BarPair {
    pub(crate) label: String,
    pub(crate) counts: [i32; 2],
    pub(crate) totals: [i32; 2],
}

/// Renders a chart with its head.
pub(crate) fn lines(all: &[BarPair], width: usize) -> Vec<String> {
    let label = |bars: &BarPair| shortened(&bars.label);
    let n_label = all
        .iter()
        .map(|bars| columns(&label(bars)))
        .max()
        .unwrap_or_default();
    let n_bar = (width.saturating_sub(REST + n_label) / 2).clamp(MIN_BAR, MAX_BAR);
    let line = |bars: &BarPair| {
        let shares = [0, 1].map(|i| {
            let (count, whole) = (bars.counts[i], bars.totals[i]);
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

/// Renders a bar of whole and half blocks; a count above 0 gets at least half a block.
fn bar(count: i32, whole: i32, n_bar: usize) -> String {
    let share = |count: i32| usize::try_from(count).unwrap_or_default();
    let (count, whole) = (share(count), share(whole).max(1));
    let halves = (4 * count * n_bar + whole) / (2 * whole);
    let halves = halves.clamp(usize::from(count > 0), 2 * n_bar);
    format!("{}{}", "█".repeat(halves / 2), "▌".repeat(halves % 2))
}

/// Writes a share in percent; `-` if the total is 0.
pub(crate) fn percent(count: i32, whole: i32) -> String {
    let (count, whole) = (i64::from(count), i64::from(whole));
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

/// Writes a number for people: at most four decimals, and none for large ones.
pub(crate) fn number(number: f64) -> String {
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

/// Puts a blank value in quotes, so that it can be seen.
pub(crate) fn quoted(value: &str) -> String {
    if value.trim().is_empty() {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
}

fn shortened(label: &str) -> String {
    if columns(label) <= MAX_LABEL {
        return label.to_owned();
    }
    let mut start = String::new();
    for c in label.chars() {
        start.push(c);
        if columns(&start) > MAX_LABEL - 1 {
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
        let bars = |label: &str, a, b| BarPair {
            label: label.to_owned(),
            counts: [a, b],
            totals: [1_234_567, 3],
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
