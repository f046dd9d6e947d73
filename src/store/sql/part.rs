//! Parts of statements, and the arguments for the places in their texts.

use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Sql, scoped};
use crate::store::sql::template::Template;
use crate::store::sql::value::Value;

/// What a part is made of.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// A text from the program.
    Text(&'static str),
    Value(Value),
    /// The path to a member of a JSON object, outermost key first.
    JsonPath(Vec<String>),
    /// Text that differs between the engines.
    ByEngine {
        sqlite: Vec<Piece>,
        postgres: Vec<Piece>,
    },
    /// A text with places, and their arguments; the tenant is empty if the text does not name it.
    Template {
        template: &'static Template,
        tenant: String,
        arguments: Vec<Argument>,
    },
}

/// The argument for a place in a text.
#[derive(Clone, Debug)]
pub struct Argument(pub(crate) Given);

#[derive(Clone, Debug)]
pub(crate) enum Given {
    Value(Value),
    Fragment(Vec<Piece>),
}

/// What a place accepts: a value for `:name`, a part or a statement for `:{name}`.
pub trait IntoArgument<const FRAGMENT: bool> {
    /// Makes an argument of it.
    fn into_argument(self) -> Argument;
}

impl<T: Into<Value>> IntoArgument<false> for T {
    fn into_argument(self) -> Argument {
        Argument(Given::Value(self.into()))
    }
}

impl IntoArgument<true> for Sql {
    fn into_argument(self) -> Argument {
        Argument(Given::Fragment(self.part.pieces))
    }
}

impl IntoArgument<true> for &Part {
    fn into_argument(self) -> Argument {
        Argument(Given::Fragment(self.pieces.clone()))
    }
}

/// A name of the schema, such as a table's.
impl IntoArgument<true> for &'static str {
    fn into_argument(self) -> Argument {
        Argument(Given::Fragment(vec![Piece::Text(self)]))
    }
}

impl IntoArgument<true> for Part {
    fn into_argument(self) -> Argument {
        Argument(Given::Fragment(self.pieces))
    }
}

/// The most rows of one insert. A row has up to 8 values, and SQLite takes at most 32,766 in a statement.
pub(crate) const ROWS_AT_ONCE: usize = 1000;

/// A part of a statement, which no engine runs by itself.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub(crate) pieces: Vec<Piece>,
}

impl Part {
    /// Makes a part from a text and the arguments for its places; see [`part!`](crate::part!).
    pub fn of_template(template: &'static Template, arguments: Vec<Argument>) -> Part {
        Part {
            pieces: vec![Piece::Template {
                template,
                tenant: String::new(),
                arguments,
            }],
        }
    }

    /// Makes a part from a text of the program's own without places: a name in the schema, or a condition.
    pub fn text(text: &'static str) -> Part {
        Part {
            pieces: vec![Piece::Text(text)],
        }
    }

    /// Makes a quoted literal from a text in the program. If it were bound, SQLite could not tell whether it matches
    /// the condition of a partial index, and would plan anew for each value.
    pub fn literal(text: &'static str) -> Part {
        Part {
            pieces: vec![Piece::Text("'"), Piece::Text(text), Piece::Text("'")],
        }
    }

    /// Makes a part that is one value.
    pub fn value(value: impl Into<Value>) -> Part {
        Part {
            pieces: vec![Piece::Value(value.into())],
        }
    }

    /// Joins parts with a text between them.
    pub fn join(between: &'static str, parts: impl IntoIterator<Item = Part>) -> Part {
        let mut pieces = Vec::new();
        for part in parts {
            if !pieces.is_empty() {
                pieces.push(Piece::Text(between));
            }
            pieces.extend(part.pieces);
        }
        Part { pieces }
    }

    /// Makes the rows of an insert, each with the tenant before its values: `(.., ..), (.., ..)`.
    pub fn rows(scope: &TenantScope, rows: impl IntoIterator<Item = Vec<Value>>) -> Part {
        let of_row = |row: Vec<Value>| {
            let tenant = Part::from(scoped!(scope, ":tenant"));
            let values = [tenant].into_iter().chain(row.into_iter().map(Part::value));
            let values = Part::join(", ", values);
            Part::join("", [Part::text("("), values, Part::text(")")])
        };
        Part::join(", ", rows.into_iter().map(of_row))
    }

    /// Makes a part that differs between the engines; only modules that know the engines need it.
    pub(crate) fn by_engine(sqlite: Part, postgres: Part) -> Part {
        Part {
            pieces: vec![Piece::ByEngine {
                sqlite: sqlite.pieces,
                postgres: postgres.pieces,
            }],
        }
    }

    /// Makes the path to a member of a JSON object: an argument of SQLite's functions, operators on PostgreSQL.
    pub(crate) fn json_path(keys: Vec<String>) -> Part {
        Part {
            pieces: vec![Piece::JsonPath(keys)],
        }
    }

    /// Says whether it has no text.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

impl From<&'static str> for Part {
    fn from(text: &'static str) -> Part {
        Part::text(text)
    }
}

impl From<&Part> for Part {
    fn from(part: &Part) -> Part {
        part.clone()
    }
}

impl From<Sql> for Part {
    fn from(sql: Sql) -> Part {
        sql.part
    }
}
