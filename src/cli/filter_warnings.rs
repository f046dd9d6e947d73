//! Warnings about filters, as they are printed.

use crate::cli::table;
use crate::pb::FilterWarning;

/// Returns a line for each warning.
pub(crate) fn lines(warnings: &[FilterWarning]) -> Vec<String> {
    let line = |one: &FilterWarning| {
        let FilterWarning {
            field,
            part,
            description,
            ..
        } = one;
        table::printable(&format!("warning: {part} in {field}: {description}"))
    };
    warnings.iter().map(line).collect()
}
