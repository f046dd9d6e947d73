//! What comes back: rows of either engine, and the columns of a result by name.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _};

use crate::error::Error;

/// A row of either engine.
pub enum Row {
    /// A row of SQLite.
    Sqlite(SqliteRow),
    /// A row of PostgreSQL.
    Postgres(PgRow),
}

macro_rules! getter {
    ($(#[$doc:meta])* $name:ident -> $type:ty) => {
        $(#[$doc])*
        pub fn $name(&self, column: usize) -> Result<$type, Error> {
            Ok(match self {
                Row::Sqlite(row) => row.try_get(column)?,
                Row::Postgres(row) => row.try_get(column)?,
            })
        }
    };
}

impl Row {
    getter! {
        /// Reads a text.
        text -> String
    }
    getter! {
        /// Reads a text that stays in the row.
        str -> &str
    }
    getter! {
        /// Reads a text that stays in the row, unless it is NULL.
        opt_str -> Option<&str>
    }
    getter! {
        /// Reads a whole number.
        int -> i64
    }
    getter! {
        /// Reads a whole number that may be NULL.
        opt_int -> Option<i64>
    }
    getter! {
        /// Reads a double that may be NULL.
        opt_double -> Option<f64>
    }
    getter! {
        /// Reads a boolean.
        bool -> bool
    }
    getter! {
        /// Reads raw bytes.
        bytes -> Vec<u8>
    }

    /// Returns the position of a column. It is the same in every row of a result: look it up once and reuse it.
    pub fn column(&self, name: &str) -> Result<usize, Error> {
        Ok(match self {
            Row::Sqlite(row) => row.try_column(name)?.ordinal(),
            Row::Postgres(row) => row.try_column(name)?.ordinal(),
        })
    }

    /// Returns the positions of columns.
    pub fn columns<const N: usize>(&self, names: [&str; N]) -> Result<[usize; N], Error> {
        let mut positions = [0; N];
        for (position, name) in positions.iter_mut().zip(names) {
            *position = self.column(name)?;
        }
        Ok(positions)
    }
}
