//! What the drivers' errors mean to a caller.
//!
//! Neither the text of a database error nor its detail is passed on: they can hold values, which are people's data.
//! The cause keeps only the engine's code and the name of the constraint.

use sqlx::error::DatabaseError;

use crate::error::{Error, Trouble};

/// Copies a store error for another unit that it affects; any other error becomes a store error.
pub(crate) fn repeated(error: &Error) -> Error {
    Error::store(
        error.trouble().unwrap_or(Trouble::Unavailable),
        cause(error),
    )
}

/// Returns the cause of an error as text: the error's own text, meant for callers, does not contain it.
pub(crate) fn cause(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        match error {
            sqlx::Error::Database(error) => of_database(error.as_ref()),
            sqlx::Error::PoolTimedOut => {
                Error::store(Trouble::Unavailable, "no connection was free in time")
            }
            sqlx::Error::PoolClosed => Error::store(Trouble::Unavailable, "the pool is closed"),
            sqlx::Error::WorkerCrashed => {
                Error::store(Trouble::Unavailable, "the thread of a connection ended")
            }
            sqlx::Error::Io(error) => Error::store(Trouble::Unavailable, error.kind().to_string()),
            sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                Error::store(Trouble::Unavailable, "the connection broke")
            }
            sqlx::Error::ColumnDecode { index, .. } => {
                Error::internal(format!("column {index} has another type"))
            }
            sqlx::Error::ColumnIndexOutOfBounds { index, .. } => {
                Error::internal(format!("there is no column {index}"))
            }
            _ => Error::internal("a statement failed in the driver"),
        }
    }
}

fn of_database(error: &dyn DatabaseError) -> Error {
    let code = error.code().unwrap_or_default().into_owned();
    let cause = format!("database error {code}");
    match code.as_str() {
        // PostgreSQL: serialization failure, deadlock, lock timeout.
        "40001" | "40P01" | "55P03" => Error::ConcurrentWrite,
        // PostgreSQL: statement timeout or cancel.
        "57014" => Error::DeadlineExceeded,
        // PostgreSQL: disk full; SQLite: FULL, and IOERR_SHMSIZE: no room for the index of the log.
        "53100" | "13" | "4874" => Error::store(Trouble::Full, cause),
        // SQLite: a sync of the file or of its folder failed. The system has discarded what it could not write, so a
        // second sync would succeed and mean nothing. A write that failed (a quota) is harmless: the log ends before
        // it, and the next one goes to the same place.
        "1034" | "1290" => Error::store(Trouble::SyncFailed, cause),
        // PostgreSQL: damaged pages of a table or an index.
        "XX001" | "XX002" => Error::store(Trouble::Corrupt, cause),
        // PostgreSQL: a server that became a standby, and a transaction that was ended for being idle.
        "25006" | "25P03" => Error::store(Trouble::Unavailable, cause),
        // PostgreSQL: connection, resource and operator classes.
        _ if ["08", "53", "57", "58"]
            .iter()
            .any(|class| code.len() == 5 && code.starts_with(class)) =>
        {
            Error::store(Trouble::Unavailable, cause)
        }
        _ if code.len() < 5 => of_sqlite(&code, cause),
        _ => Error::internal(cause),
    }
}

/// Returns what is wrong with the file, if the code says so. The low byte of an extended code is the primary code:
/// <https://sqlite.org/rescode.html>.
fn of_sqlite(code: &str, cause: String) -> Error {
    const READONLY_DBMOVED: u32 = 1032;
    let code = code.parse::<u32>().unwrap_or(0);
    match code & 0xff {
        // BUSY and LOCKED.
        5 | 6 => Error::store(Trouble::Locked, cause),
        // CORRUPT, and NOTADB: the first page is damaged.
        11 | 26 => Error::store(Trouble::Corrupt, cause),
        _ if code == READONLY_DBMOVED => Error::store(Trouble::Replaced, cause),
        // READONLY, IOERR, CANTOPEN.
        8 | 10 | 14 => Error::store(Trouble::Unavailable, cause),
        _ => Error::internal(cause),
    }
}
