//! The values that statements bind, and how each driver takes them.

use sqlx::Arguments;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;

use crate::error::Error;
use crate::name::Name;

/// A value bound to a statement. Every NULL has a type, because PostgreSQL asks for one.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, never NULL: an unset string is the empty one.
    Text(String),
    /// A whole number, a time or a span; `None` is NULL.
    Int(Option<i64>),
    /// A boolean.
    Bool(bool),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A list of texts, for `= any(:name)` and `unnest(:name)`: one value, so that the text of the statement does not
    /// depend on its length.
    List(Vec<String>),
    /// A short list of texts that a caller wrote, for `= any(:name)`. SQLite gets one value each, and so sees how
    /// much an index saves. PostgreSQL gets one array: from single values its kept plans would build an array for
    /// each row.
    Few(Vec<String>),
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

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

impl From<&Name> for Value {
    fn from(name: &Name) -> Value {
        Value::Text(name.to_string())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Value {
        Value::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Bool(flag)
    }
}

impl From<Vec<String>> for Value {
    fn from(list: Vec<String>) -> Value {
        Value::List(list)
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
            Value::List(list) | Value::Few(list) => {
                arguments.add(serde_json::Value::from(list).to_string())
            }
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
            Value::List(list) | Value::Few(list) => arguments.add(list),
        };
        added.map_err(Error::internal)?;
    }
    Ok(arguments)
}
