//! Why a row, or a record of it, was not imported.

use crate::name::Kind;

/// What is wrong, and where. Never repeats the content of a cell.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Option<Kind>,
    pub(crate) column: Option<String>,
    /// The last line of the row, set only where its lines may in truth be several rows.
    pub(crate) last_line: Option<u64>,
    pub(crate) reason: String,
}

impl Fault {
    pub(crate) fn of_record(
        kind: Kind,
        column: Option<String>,
        reason: impl Into<String>,
    ) -> Fault {
        Fault {
            kind: Some(kind),
            column,
            ..Fault::of_row(reason)
        }
    }

    pub(crate) fn of_row(reason: impl Into<String>) -> Fault {
        Fault {
            kind: None,
            column: None,
            last_line: None,
            reason: reason.into(),
        }
    }

    pub(crate) fn of_column(column: &str, reason: impl Into<String>) -> Fault {
        Fault {
            column: Some(column.to_owned()),
            ..Fault::of_row(reason)
        }
    }
}
