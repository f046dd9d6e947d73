//! SQL that is written once and rendered for either engine, and the rows that come back.
//!
//! Text is static and pushed; values are only ever bound. Together with `db.rs` and its parts this is the only
//! place that knows how the engines differ. What a statement means is the business of the other store files.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Row as _};

use crate::error::Error;

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded default.
    Sqlite,
    /// For scale.
    Postgres,
}

/// A value bound to a statement. Every NULL has a type, because PostgreSQL asks for one.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, never NULL: an unset string is the empty one.
    Text(String),
    /// A whole number, a time or a span; `None` is NULL.
    Int(Option<i64>),
    /// A truth value.
    Bool(bool),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A list of texts, for `any_of`.
    List(Vec<String>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(Some(number))
    }
}

#[derive(Clone, Debug)]
enum Piece {
    Text(&'static str),
    Bind(Value),
    AnyOf(Vec<String>),
    OneOf(Vec<String>),
    EachOf(Vec<String>),
    ForUpdate,
    Either {
        sqlite: &'static str,
        postgres: &'static str,
    },
    Keys(Vec<String>),
}

/// One statement.
#[derive(Clone, Debug, Default)]
pub struct Sql {
    pieces: Vec<Piece>,
}

impl Sql {
    /// Starts a statement.
    pub fn new(text: &'static str) -> Sql {
        Sql {
            pieces: vec![Piece::Text(text)],
        }
    }

    /// Appends text; static, so that no value can ever become text.
    pub fn push(mut self, text: &'static str) -> Sql {
        self.pieces.push(Piece::Text(text));
        self
    }

    /// Appends a text of the program's own between quotes: a bound one could not be told from those that partial
    /// indexes are about, and SQLite would plan anew for each.
    pub fn literal(self, text: &'static str) -> Sql {
        self.push("'").push(text).push("'")
    }

    /// Appends a value.
    pub fn bind(mut self, value: impl Into<Value>) -> Sql {
        self.pieces.push(Piece::Bind(value.into()));
        self
    }

    /// Appends values, separated by commas.
    pub fn bind_all(mut self, values: impl IntoIterator<Item = Value>) -> Sql {
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self = self.push(", ");
            }
            self = self.bind(value);
        }
        self
    }

    /// Appends the most rows that a select has.
    ///
    /// The sign keeps SQLite from looking at the value as it plans: where it did, it planned anew each time another
    /// value was bound, and so at each call (`sqlite3ExprIsInteger` marks a variable that stands alone).
    pub fn limit(self, most: i64) -> Sql {
        self.push(" limit +").bind(most)
    }

    /// Appends another statement's text and values.
    pub fn append(mut self, other: Sql) -> Sql {
        self.pieces.extend(other.pieces);
        self
    }

    /// Appends a test of the expression before it: is it one of these?
    ///
    /// One bound array, so that the text of the statement does not change with the length of the list.
    pub fn any_of(mut self, list: Vec<String>) -> Sql {
        self.pieces.push(Piece::AnyOf(list));
        self
    }

    /// Appends a test of the expression before it: is it one of these few, which the asker wrote down?
    ///
    /// SQLite sees how many there are, and so how much an index saves. For PostgreSQL they are one array here too: of
    /// single values its kept plans make an array for each row.
    pub fn one_of(mut self, list: Vec<String>) -> Sql {
        self.pieces.push(Piece::OneOf(list));
        self
    }

    /// Appends a test of the expression before it: is it one of the rows of this statement, which has one column?
    ///
    /// On PostgreSQL they are collected first. As a join they were read again for each row of a table whose plan was
    /// made while it was empty (measured: 24 s for one row lock beside 7,500 customers).
    pub fn among(self, rows: Sql) -> Sql {
        self.either(" in (", " = any(array(")
            .append(rows)
            .either(")", "))")
    }

    /// Appends a table of these: one row each, in a column `value`. It needs an alias after it.
    ///
    /// One bound array, as for [`Sql::any_of`].
    pub fn each_of(mut self, list: Vec<String>) -> Sql {
        self.pieces.push(Piece::EachOf(list));
        self
    }

    /// Appends the row lock of PostgreSQL. SQLite needs none: its one writer holds the file.
    pub fn for_update(mut self) -> Sql {
        self.pieces.push(Piece::ForUpdate);
        self
    }

    /// Returns how many values are bound, at the most.
    pub(crate) fn n_values(&self) -> usize {
        let of_piece = |piece: &Piece| match piece {
            Piece::Bind(_) | Piece::AnyOf(_) | Piece::EachOf(_) => 1,
            Piece::Keys(keys) => keys.len().max(1),
            Piece::OneOf(list) => list.len(),
            Piece::Text(_) | Piece::ForUpdate | Piece::Either { .. } => 0,
        };
        self.pieces.iter().map(of_piece).sum()
    }

    /// Appends text that differs between the engines; beside this file, `store/json_sql.rs` alone has a use for it.
    pub(crate) fn either(mut self, sqlite: &'static str, postgres: &'static str) -> Sql {
        self.pieces.push(Piece::Either { sqlite, postgres });
        self
    }

    /// Appends the way to a member of a JSON object: the path that is an argument of SQLite's functions, the operators
    /// of PostgreSQL.
    pub(crate) fn keys(mut self, keys: Vec<String>) -> Sql {
        self.pieces.push(Piece::Keys(keys));
        self
    }

    /// Appends the text for one engine to `text` and the values to `values`; numbering goes on where `values` ends.
    pub(crate) fn render(self, dialect: Dialect, text: &mut String, values: &mut Vec<Value>) {
        for piece in self.pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Bind(value) => {
                    values.push(value);
                    push_placeholder(dialect, text, values.len());
                }
                Piece::OneOf(list) if dialect == Dialect::Sqlite => {
                    let listed = list.into_iter().map(Value::Text);
                    Sql::new(" in (")
                        .bind_all(listed)
                        .push(")")
                        .render(dialect, text, values);
                }
                Piece::AnyOf(list) | Piece::OneOf(list) => {
                    values.push(Value::List(list));
                    let (before, after) = match dialect {
                        Dialect::Sqlite => (" in (select value from json_each(", "))"),
                        Dialect::Postgres => (" = any(", ")"),
                    };
                    text.push_str(before);
                    push_placeholder(dialect, text, values.len());
                    text.push_str(after);
                }
                Piece::EachOf(list) => {
                    values.push(Value::List(list));
                    let (before, after) = match dialect {
                        Dialect::Sqlite => ("(select value from json_each(", "))"),
                        Dialect::Postgres => ("(select unnest(", ") as value)"),
                    };
                    text.push_str(before);
                    push_placeholder(dialect, text, values.len());
                    text.push_str(after);
                }
                Piece::ForUpdate if dialect == Dialect::Postgres => text.push_str(" for update"),
                Piece::ForUpdate => {}
                Piece::Either { sqlite, postgres } => {
                    text.push_str(if dialect == Dialect::Sqlite {
                        sqlite
                    } else {
                        postgres
                    });
                }
                Piece::Keys(keys) if dialect == Dialect::Sqlite => {
                    let member = |key| format!(".{}", serde_json::Value::String(key));
                    let path: String = keys.into_iter().map(member).collect();
                    values.push(Value::Text(format!("${path}")));
                    push_placeholder(dialect, text, values.len());
                }
                Piece::Keys(keys) => {
                    for key in keys {
                        values.push(Value::Text(key));
                        text.push_str(" -> ");
                        push_placeholder(dialect, text, values.len());
                    }
                }
            }
        }
    }
}

/// Every value has a placeholder of its own, in the order of the values. For SQLite it has no number: numbered ones are
/// names to it, which it looks for from the first on, once as it reads the text and once as the driver binds.
fn push_placeholder(dialect: Dialect, text: &mut String, number: usize) {
    use std::fmt::Write as _;
    match dialect {
        Dialect::Sqlite => text.push('?'),
        Dialect::Postgres => drop(write!(text, "${number}")),
    }
}

pub(crate) fn sqlite_arguments(values: Vec<Value>) -> Result<SqliteArguments, Error> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        let added = match value {
            Value::Text(text) => arguments.add(text),
            Value::Int(number) => arguments.add(number),
            Value::Bool(flag) => arguments.add(flag),
            Value::Bytes(bytes) => arguments.add(bytes),
            Value::List(list) => arguments.add(serde_json::Value::from(list).to_string()),
        };
        added.map_err(Error::internal)?;
    }
    Ok(arguments)
}

pub(crate) fn postgres_arguments(values: Vec<Value>) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        let added = match value {
            Value::Text(text) => arguments.add(text),
            Value::Int(number) => arguments.add(number),
            Value::Bool(flag) => arguments.add(flag),
            Value::Bytes(bytes) => arguments.add(bytes),
            Value::List(list) => arguments.add(list),
        };
        added.map_err(Error::internal)?;
    }
    Ok(arguments)
}

/// A row of either engine. Columns are read by position, in the order the statement names them.
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
        /// Reads a truth value.
        bool -> bool
    }
    getter! {
        /// Reads raw bytes.
        bytes -> Vec<u8>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_texts_are_values_of_their_own_for_sqlite_and_one_array_for_postgres() {
        let statement = || {
            Sql::new("size")
                .one_of(vec!["SMALL".to_owned(), "LARGE".to_owned()])
                .push(" and kind = ")
                .bind("BUSINESS")
        };
        let rendered = |dialect| {
            let (mut text, mut values) = (String::new(), Vec::new());
            statement().render(dialect, &mut text, &mut values);
            (text, values)
        };
        let (text, values) = rendered(Dialect::Sqlite);
        assert_eq!(text, "size in (?, ?) and kind = ?");
        assert_eq!(
            values,
            ["SMALL".into(), "LARGE".into(), Value::from("BUSINESS")]
        );
        assert_eq!(values.len(), statement().n_values());
        let (text, values) = rendered(Dialect::Postgres);
        assert_eq!(text, "size = any($1) and kind = $2");
        assert_eq!(
            values,
            [
                Value::List(vec!["SMALL".to_owned(), "LARGE".to_owned()]),
                "BUSINESS".into()
            ]
        );
    }
}
