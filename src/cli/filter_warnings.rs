//! Warnings about filters, as they are printed.

use crate::cli::table;
use crate::pb::FilterWarning;

/// Returns a line for each warning.
pub(crate) fn lines(warnings: &[FilterWarning]) -> Vec<String> {
    let line = |one: &FilterWarning| {
        let FilterWarning {
            field,
            restriction,
            description,
            ..
        } = one;
        table::printable(&format!("warning: {restriction} in {field}: {description}"))
    };
    warnings.iter().map(line).collect()
}
