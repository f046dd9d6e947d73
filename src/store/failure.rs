//! What the drivers' errors mean to a caller.
//!
//! Neither the text of a database error nor its detail goes on: they can hold values, which are people's data. What
//! is kept as a cause is the engine's code and the name of the constraint.

use sqlx::error::{DatabaseError, ErrorKind};

use crate::error::Error;
use crate::name::Kind;

/// Returns what lies behind an error: its own text, meant for callers, does not tell.
pub(super) fn cause(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        match error {
            sqlx::Error::Database(error) => of_database(error.as_ref()),
            sqlx::Error::PoolTimedOut => Error::StoreUnavailable("no connection was free in time".into()),
            sqlx::Error::PoolClosed => Error::StoreUnavailable("the pool is closed".into()),
            sqlx::Error::WorkerCrashed => Error::StoreUnavailable("the thread of a connection ended".into()),
            sqlx::Error::Io(error) => Error::StoreUnavailable(error.kind().to_string().into()),
            sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => Error::StoreUnavailable("the connection broke".into()),
            sqlx::Error::ColumnDecode { index, .. } => Error::internal(format!("column {index} has another type")),
            sqlx::Error::ColumnIndexOutOfBounds { index, .. } => Error::internal(format!("there is no column {index}")),
            _ => Error::internal("a statement failed in the driver"),
        }
    }
}

fn of_database(error: &dyn DatabaseError) -> Error {
    let code = error.code().unwrap_or_default().into_owned();
    if error.kind() == ErrorKind::UniqueViolation {
        return of_unique(error);
    }
    let cause = format!("database error {code}");
    match code.as_str() {
        // PostgreSQL: serialization failure, deadlock, lock timeout.
        "40001" | "40P01" | "55P03" => Error::ConcurrentWrite,
        // PostgreSQL: statement timeout or cancel.
        "57014" => Error::DeadlineExceeded,
        // PostgreSQL: disk full; SQLite: SQLITE_FULL.
        "53100" | "13" => Error::StoreFull(cause.into()),
        // PostgreSQL: a server that became a standby, and a transaction that was cut for being idle.
        "25006" | "25P03" => Error::StoreUnavailable(cause.into()),
        // PostgreSQL: connection, resource and operator classes.
        _ if ["08", "53", "57", "58"].iter().any(|class| code.len() == 5 && code.starts_with(class)) => {
            Error::StoreUnavailable(cause.into())
        }
        _ if code.len() < 5 && is_outage_of_sqlite(&code) => Error::StoreUnavailable(cause.into()),
        _ => Error::internal(cause),
    }
}

/// Says whether a code of SQLite is about the file and not about the statement: BUSY, LOCKED, READONLY, IOERR,
/// CANTOPEN, in their plain and extended forms (the low byte is the plain code).
fn is_outage_of_sqlite(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 14))
}

/// Tells which row stood in the way. PostgreSQL names the constraint, SQLite the columns; both name the table.
fn of_unique(error: &dyn DatabaseError) -> Error {
    // The one unique index of a resource's own; PostgreSQL names it, SQLite its columns.
    if error.constraint() == Some("colleagues_principal") || error.message().contains("colleagues.principal") {
        return Error::PrincipalExists { holder: None };
    }
    let table = error.table().map(str::to_owned);
    // SQLite: `UNIQUE constraint failed: keys.tenant_id, keys.kind`.
    let table = table.or_else(|| {
        let columns = error.message().rsplit(": ").next()?;
        columns.split('.').next().map(str::to_owned)
    });
    match table.as_deref() {
        Some("keys") => Error::Duplicate { table: "keys" },
        Some(table) => match Kind::ALL.into_iter().find(|kind| kind.collection() == table) {
            Some(kind) => Error::Duplicate { table: kind.collection() },
            None => Error::internal("a row exists that should not"),
        },
        None => Error::internal("a row exists that should not"),
    }
}
