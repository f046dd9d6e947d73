//! Why a row, or a record of it, was not imported.

use crate::name::Kind;

/// What is wrong, and where. Never says what a cell holds.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The kind of record, where it is about one.
    pub kind: Option<Kind>,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// The last line of the row, where it is about lines that may not belong together.
    pub last_line: Option<u64>,
    /// What is wrong.
    pub reason: String,
}

impl Fault {
    /// A fault of a record, or of one column of it.
    pub fn of_record(kind: Kind, column: Option<String>, reason: impl Into<String>) -> Fault {
        Fault {
            kind: Some(kind),
            column,
            ..Fault::of_row(reason)
        }
    }

    /// A fault of a whole row.
    pub fn of_row(reason: impl Into<String>) -> Fault {
        Fault {
            kind: None,
            column: None,
            last_line: None,
            reason: reason.into(),
        }
    }

    /// A fault of one cell.
    pub fn of_column(column: &str, reason: impl Into<String>) -> Fault {
        Fault {
            column: Some(column.to_owned()),
            ..Fault::of_row(reason)
        }
    }
}
