//! Parts of statements, and what the places of their texts stand for.

use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Sql, scoped};
use crate::store::sql::template::Template;
use crate::store::sql::value::Value;

/// What a part is made of.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// A text of the program's own.
    Text(&'static str),
    /// A value.
    Value(Value),
    /// The way to a member of a JSON object, outermost key first.
    JsonPath(Vec<String>),
    /// What the engines write differently.
    ByEngine {
        sqlite: Vec<Piece>,
        postgres: Vec<Piece>,
    },
    /// A text with places, and what these stand for; the tenant is empty where the text does not name it.
    Template {
        template: &'static Template,
        tenant: String,
        arguments: Vec<Argument>,
    },
}

/// What a place of a text stands for.
#[derive(Clone, Debug)]
pub struct Argument(pub(crate) Given);

#[derive(Clone, Debug)]
pub(crate) enum Given {
    Value(Value),
    Fragment(Vec<Piece>),
}

/// What may be given to a place: a value to `:name`, a part or a statement to `:{name}`.
pub trait IntoArgument<const FRAGMENT: bool> {
    /// Makes the argument of it.
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

/// A part of a statement: what no engine runs by itself.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub(crate) pieces: Vec<Piece>,
}

impl Part {
    /// Makes a part of a text and the values of its places; see [`part!`](crate::part!).
    pub fn of_template(template: &'static Template, arguments: Vec<Argument>) -> Part {
        Part {
            pieces: vec![Piece::Template {
                template,
                tenant: String::new(),
                arguments,
            }],
        }
    }

    /// Makes a part of a name of the schema, such as a table's.
    pub fn name(name: &'static str) -> Part {
        Part {
            pieces: vec![Piece::Text(name)],
        }
    }

    /// Makes a part of a text of the program's own between quotes: a bound one could not be told from those that
    /// partial indexes are about, and SQLite would plan anew for each.
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
            Part::join("", [Part::name("("), values, Part::name(")")])
        };
        Part::join(", ", rows.into_iter().map(of_row))
    }

    /// Makes a part that the engines write differently; outside the rooms that know them nothing has a use for it.
    pub(crate) fn by_engine(sqlite: Part, postgres: Part) -> Part {
        Part {
            pieces: vec![Piece::ByEngine {
                sqlite: sqlite.pieces,
                postgres: postgres.pieces,
            }],
        }
    }

    /// Makes the way to a member of a JSON object: the path that is an argument of SQLite's functions, the operators
    /// of PostgreSQL.
    pub(crate) fn json_path(keys: Vec<String>) -> Part {
        Part {
            pieces: vec![Piece::JsonPath(keys)],
        }
    }

    /// Says whether there is no text in it.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

impl From<&'static str> for Part {
    fn from(name: &'static str) -> Part {
        Part::name(name)
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
