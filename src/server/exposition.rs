//! The text in which metrics are read (Prometheus, text format 0.0.4).
//!
//! A label never holds what a caller sent: its values come from lists that are known before.

use std::fmt::{Display, Write};

/// All samples of one name.
pub struct MetricFamily {
    name: &'static str,
    text: String,
}

impl MetricFamily {
    /// Something that only grows.
    pub fn counter(name: &'static str, help: &str) -> MetricFamily {
        MetricFamily::new(name, help, "counter")
    }

    /// Something that comes and goes.
    pub fn gauge(name: &'static str, help: &str) -> MetricFamily {
        MetricFamily::new(name, help, "gauge")
    }

    /// How many there were of each size.
    pub(crate) fn histogram(name: &'static str, help: &str) -> MetricFamily {
        MetricFamily::new(name, help, "histogram")
    }

    fn new(name: &'static str, help: &str, kind: &str) -> MetricFamily {
        let text = format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
        MetricFamily { name, text }
    }

    /// Returns the family with one more sample.
    pub fn with(self, labels: &[(&str, &str)], value: impl Display) -> MetricFamily {
        self.part("", labels, value)
    }

    /// Returns the family with one more sample of a part, such as `_sum`.
    pub(crate) fn part(
        mut self,
        part: &str,
        labels: &[(&str, &str)],
        value: impl Display,
    ) -> MetricFamily {
        let labels: Vec<String> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
            .collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", labels.join(",")),
        };
        // Writing to a text does not fail.
        let _ = writeln!(self.text, "{}{part}{labels} {value}", self.name);
        self
    }
}

/// Returns the page of all families.
pub(crate) fn page(families: impl IntoIterator<Item = MetricFamily>) -> String {
    families.into_iter().map(|family| family.text).collect()
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_follow_what_they_mean_and_labels_are_escaped() {
        let family = MetricFamily::gauge("queue_length", "How many wait.")
            .with(&[], 7)
            .with(&[("lane", "a\\b\"c\nd")], 0.25);
        assert_eq!(
            page([family]),
            "# HELP queue_length How many wait.\n# TYPE queue_length gauge\nqueue_length 7\n\
             queue_length{lane=\"a\\\\b\\\"c\\nd\"} 0.25\n"
        );
    }
}
