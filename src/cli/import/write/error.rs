//! Why a record could not be written, and whether there is a point in going on.

use tonic::{Code, Status};
use tonic_types::{FieldViolation, StatusExt};

use crate::cli::client::explain;
use crate::cli::import::draft::Draft;
use crate::cli::import::fault::Fault;
use crate::cli::import::write::retry::is_away;

pub(crate) enum WriteError {
    /// The server refuses this record.
    Refused(Fault),
    /// The server is gone, or refuses everything: there is no point in going on.
    Gone(String),
}

impl WriteError {
    /// Turns an answer of the server into an error, with the column where it is known.
    pub(crate) fn of_status(draft: &Draft, status: &Status) -> WriteError {
        if is_away(status) || is_lasting(status) {
            return WriteError::Gone(explain(status));
        }
        let violations = status
            .get_details_bad_request()
            .map(|bad| bad.field_violations)
            .unwrap_or_default();
        let column = violations
            .first()
            .and_then(|violation| column_of(draft, violation));
        let reason = match column {
            Some(_) => reasons(draft, &violations),
            None => explain(status),
        };
        WriteError::Refused(Fault::of_record(draft.kind, column, reason))
    }
}

/// Says whether the server will refuse the next row for the same reason.
fn is_lasting(status: &Status) -> bool {
    let is_of_store = status.get_details_error_info().is_some_and(|info| {
        matches!(
            info.reason.as_str(),
            "STORE_FULL" | "STORE_REPLACED" | "STORE_CORRUPT"
        )
    });
    is_of_store || matches!(status.code(), Code::Unimplemented | Code::Unauthenticated)
}

fn column_of(draft: &Draft, violation: &FieldViolation) -> Option<String> {
    let path = violation
        .field
        .strip_prefix(draft.kind.singular())?
        .strip_prefix('.')?;
    draft
        .assignments()
        .find(|assignment| assignment.path() == path)?
        .column
        .clone()
}

/// Joins the reasons. The report starts with the column of the first one; the others name theirs.
fn reasons(draft: &Draft, violations: &[FieldViolation]) -> String {
    let reason = |(i, violation): (usize, &FieldViolation)| match column_of(draft, violation) {
        _ if i == 0 => violation.description.clone(),
        Some(column) => format!("column `{column}` {}", violation.description),
        None => format!("{}: {}", violation.field, violation.description),
    };
    let reasons: Vec<String> = violations.iter().enumerate().map(reason).collect();
    reasons.join("; ")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;
    use crate::name::Kind;

    #[test]
    fn a_store_that_is_full_or_damaged_ends_the_import() {
        let draft = Draft {
            kind: Kind::Customer,
            ids: Vec::new(),
            parts: Vec::new(),
        };
        let error = |code, details| {
            let status = Status::with_error_details(code, "x", details);
            WriteError::of_status(&draft, &status)
        };
        for reason in ["STORE_FULL", "STORE_REPLACED", "STORE_CORRUPT"] {
            let details = ErrorDetails::with_error_info(reason, "clientele.dev", HashMap::new());
            let error = error(Code::ResourceExhausted, details);
            assert!(matches!(error, WriteError::Gone(_)), "{reason}");
        }
        let details = ErrorDetails::with_bad_request_violation("customer.about", "is wrong");
        let error = error(Code::InvalidArgument, details);
        assert!(matches!(error, WriteError::Refused(_)));
    }
}
