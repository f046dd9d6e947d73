//! Statements: texts with named places, the values of the places, and both rendered for either engine.
//!
//! [`scoped!`] makes a statement of a tenant, and does not compile without `:tenant`; [`global!`] makes one of the few
//! that belong to none; [`part!`] makes a part that a statement takes by name. Text is static, values are only ever
//! bound. What a statement means is the business of the other rooms.

use crate::store::scope::TenantScope;
use crate::store::sql::template::{Template, Token};

pub use crate::store::sql::row::Row;
pub use crate::store::sql::value::Value;
pub(crate) use crate::store::sql::value::{postgres_arguments, sqlite_arguments};
pub use crate::{global, part, scoped};

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded default.
    Sqlite,
    /// For scale.
    Postgres,
}

#[derive(Clone, Debug)]
pub(crate) enum Piece {
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
    Template {
        template: &'static Template,
        tenant: String,
        arguments: Vec<Argument>,
    },
    ByEngine {
        sqlite: Vec<Piece>,
        postgres: Vec<Piece>,
    },
}

/// What a place of a text stands for.
#[derive(Clone, Debug)]
pub struct Argument(Given);

#[derive(Clone, Debug)]
enum Given {
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
        Argument(Given::Fragment(self.pieces))
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
    pieces: Vec<Piece>,
}

impl Part {
    /// Makes a part of a text and the values of its places; see [`part!`].
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
            pieces: vec![Piece::Bind(value.into())],
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
            pieces: vec![Piece::Keys(keys)],
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

impl From<Part> for Sql {
    fn from(part: Part) -> Sql {
        Sql {
            pieces: part.pieces,
        }
    }
}

impl From<&Part> for Part {
    fn from(part: &Part) -> Part {
        part.clone()
    }
}

impl From<Sql> for Part {
    fn from(sql: Sql) -> Part {
        Part { pieces: sql.pieces }
    }
}

/// Makes a list of arguments for a template that is taken apart once; the steps of [`scoped!`] and its like.
#[macro_export]
macro_rules! template {
    (@value $name:ident) => { $name };
    (@value $name:ident = $value:expr) => { $value };
    ($text:expr, [$($name:ident $(= $value:expr)?),*]) => {{
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        // Items, unlike blocks, are checked in generic functions, too, before anybody calls these.
        const _: () = assert!(
            $crate::store::sql::template::every_place_is_named($text, NAMES),
            "a place of the text has no argument"
        );
        $(const _: () = assert!(
            $crate::store::sql::template::has_place($text, stringify!($name)),
            concat!("the text has no place for ", stringify!($name))
        );)*
        static TEMPLATE: std::sync::LazyLock<$crate::store::sql::template::Template> =
            std::sync::LazyLock::new(|| $crate::store::sql::template::Template::parse($text, NAMES));
        let arguments = vec![$(
            $crate::store::sql::statement::IntoArgument::<{
                $crate::store::sql::template::takes_fragment($text, stringify!($name))
            }>::into_argument($crate::template!(@value $name $(= $value)?))
        ),*];
        (&*TEMPLATE, arguments)
    }};
}
/// Makes a statement about the rows of one tenant: `scoped!(scope, "select .. where tenant_id = :tenant and name =
/// :name", name = &name)`. A text without `:tenant` does not compile.
///
/// `:name` is bound to a value, `:{name}` is where a [`Part`] or another statement stands; an argument without `=` has
/// the name of its variable. An insert of `:{rows}` names the tenant in each of them.
#[macro_export]
macro_rules! scoped {
    ($scope:expr, $text:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        const _: () = assert!(
            $crate::store::sql::template::has_place($text, "tenant")
                || $crate::store::sql::template::takes_fragment($text, "rows"),
            "a statement about a tenant's rows names :tenant"
        );
        let (template, arguments) =
            $crate::template!($text, [$($name $(= $value)?),*]);
        $crate::store::sql::statement::Sql::of_template(template, $scope.tenant(), arguments)
    }};
}
/// Makes a statement about what belongs to no tenant, as [`scoped!`] does for the others.
#[macro_export]
macro_rules! global {
    ($text:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        let (template, arguments) =
            $crate::template!($text, [$($name $(= $value)?),*]);
        $crate::store::sql::statement::Sql::of_template(template, "", arguments)
    }};
}
/// Makes a part of a statement, as [`scoped!`] makes a whole one. A part that names the tenant is made by that.
#[macro_export]
macro_rules! part {
    ($text:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        const _: () = assert!(
            !$crate::store::sql::template::has_place($text, "tenant"),
            "a part that names :tenant is made by scoped!"
        );
        let (template, arguments) =
            $crate::template!($text, [$($name $(= $value)?),*]);
        $crate::store::sql::statement::Part::of_template(template, arguments)
    }};
}
/// One statement.
#[derive(Clone, Debug, Default)]
pub struct Sql {
    pieces: Vec<Piece>,
}

impl Sql {
    /// Makes a statement of a text and the values of its places; see [`scoped!`] and [`global!`].
    pub fn of_template(template: &'static Template, tenant: &str, arguments: Vec<Argument>) -> Sql {
        Sql {
            pieces: vec![Piece::Template {
                template,
                tenant: tenant.to_owned(),
                arguments,
            }],
        }
    }

    /// Makes the statement a part of another one, about the same tenant.
    pub fn within(self, outer: impl FnOnce(Part) -> Part) -> Sql {
        outer(self.into()).into()
    }

    /// Joins selects of the same columns into one statement with the rows of all.
    pub fn union_all(selects: impl IntoIterator<Item = Sql>) -> Sql {
        Part::join("\nunion all\n", selects.into_iter().map(Part::from)).into()
    }

    /// Joins selects of the same columns into one statement with each row once.
    pub(crate) fn union(selects: impl IntoIterator<Item = Sql>) -> Sql {
        Part::join("\nunion\n", selects.into_iter().map(Part::from)).into()
    }

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
    pub fn append(mut self, other: impl Into<Part>) -> Sql {
        self.pieces.extend(other.into().pieces);
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
        n_values(&self.pieces)
    }

    /// Appends text that differs between the engines; beside this file, `store/json_sql.rs` alone has a use for it.
    pub(crate) fn either(mut self, sqlite: &'static str, postgres: &'static str) -> Sql {
        self.pieces.push(Piece::Either { sqlite, postgres });
        self
    }

    /// Appends the text for one engine to `text` and the values to `values`.
    pub(crate) fn render(self, dialect: Dialect, text: &mut String, values: &mut Vec<Value>) {
        let mut target = Rendered {
            dialect,
            text,
            values,
            tenant: None,
        };
        target.pieces(self.pieces);
    }
}

/// A statement as one engine takes it, while it is written.
///
/// SQLite has a placeholder without a number for each occurrence: numbered ones are names to it, which it looks for
/// from the first on, once as it reads the text and once as the driver binds. PostgreSQL has one number for each name
/// of a text and one for the tenant of all: a database that is sharded by tenant sees that all tables have the same.
struct Rendered<'a> {
    dialect: Dialect,
    text: &'a mut String,
    values: &'a mut Vec<Value>,
    tenant: Option<usize>,
}

impl Rendered<'_> {
    fn pieces(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            self.piece(piece);
        }
    }

    fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Text(part) => self.text.push_str(part),
            Piece::Bind(value) => self.value(value),
            Piece::AnyOf(list) => {
                self.text.push(' ');
                self.any_of(Value::List(list), &mut None);
            }
            Piece::OneOf(list) => {
                self.text.push(' ');
                self.any_of(Value::Few(list), &mut None);
            }
            Piece::EachOf(list) => {
                self.text.push_str("(select ");
                self.by_engine("value from json_each(", "unnest(");
                self.value(Value::List(list));
                self.by_engine("))", ") as value)");
            }
            Piece::ForUpdate => self.by_engine("", " for update"),
            Piece::Either { sqlite, postgres } => self.by_engine(sqlite, postgres),
            Piece::ByEngine { sqlite, postgres } => self.pieces(match self.dialect {
                Dialect::Sqlite => sqlite,
                Dialect::Postgres => postgres,
            }),
            Piece::Keys(keys) => self.json_path(keys),
            Piece::Template {
                template,
                tenant,
                arguments,
            } => self.template(template, &tenant, arguments),
        }
    }

    fn by_engine(&mut self, sqlite: &str, postgres: &str) {
        self.text.push_str(match self.dialect {
            Dialect::Sqlite => sqlite,
            Dialect::Postgres => postgres,
        });
    }

    fn template(&mut self, template: &Template, tenant: &str, arguments: Vec<Argument>) {
        let mut numbers: Vec<Option<usize>> = vec![None; arguments.len()];
        for token in &template.tokens {
            match token {
                Token::Text(text) => self.text.push_str(text),
                Token::ByEngine { sqlite, postgres } => self.by_engine(sqlite, postgres),
                Token::Tenant => {
                    let mut number = self.tenant;
                    self.numbered(&Value::from(tenant), &mut number);
                    self.tenant = number;
                }
                Token::Place(i) => match &arguments[*i] {
                    Argument(Given::Value(value)) => self.numbered(value, &mut numbers[*i]),
                    Argument(Given::Fragment(pieces)) => self.pieces(pieces.clone()),
                },
                Token::AnyOf(i) => {
                    if let Argument(Given::Value(value)) = &arguments[*i] {
                        self.any_of(value.clone(), &mut numbers[*i]);
                    }
                }
                Token::Unnest(i, alias) => {
                    if let Argument(Given::Value(value)) = &arguments[*i] {
                        self.by_engine("json_each(", "unnest(");
                        self.numbered(value, &mut numbers[*i]);
                        self.text.push_str(") as ");
                        self.text.push_str(alias);
                        self.by_engine("", " (value)");
                    }
                }
            }
        }
    }

    /// Writes whether the expression before it is one of a list.
    fn any_of(&mut self, list: Value, number: &mut Option<usize>) {
        match (self.dialect, list) {
            (Dialect::Postgres, list) => {
                self.text.push_str("= any(");
                self.numbered(&list, number);
                self.text.push(')');
            }
            (Dialect::Sqlite, Value::Few(list)) => {
                self.text.push_str("in (");
                for (i, text) in list.into_iter().enumerate() {
                    self.text.push_str(if i > 0 { ", " } else { "" });
                    self.value(Value::Text(text));
                }
                self.text.push(')');
            }
            (Dialect::Sqlite, list) => {
                self.text.push_str("in (select value from json_each(");
                self.value(list);
                self.text.push_str("))");
            }
        }
    }

    fn value(&mut self, value: Value) {
        self.values.push(value);
        push_placeholder(self.dialect, self.text, self.values.len());
    }

    /// Writes a value that may have a number already.
    fn numbered(&mut self, value: &Value, number: &mut Option<usize>) {
        match (self.dialect, *number) {
            (Dialect::Postgres, Some(number)) => {
                push_placeholder(self.dialect, self.text, number);
            }
            _ => {
                self.value(value.clone());
                *number = Some(self.values.len());
            }
        }
    }

    fn json_path(&mut self, keys: Vec<String>) {
        if self.dialect == Dialect::Sqlite {
            let member = |key| format!(".{}", serde_json::Value::String(key));
            let path: String = keys.into_iter().map(member).collect();
            return self.value(Value::Text(format!("${path}")));
        }
        for key in keys {
            self.text.push_str(" -> ");
            self.value(Value::Text(key));
        }
    }
}

fn n_values(pieces: &[Piece]) -> usize {
    let of_list = |value: &Value| match value {
        Value::Few(list) => list.len(),
        _ => 1,
    };
    let of_token = |token: &Token, arguments: &[Argument]| match token {
        Token::Text(_) | Token::ByEngine { .. } => 0,
        Token::Tenant => 1,
        Token::Place(i) | Token::AnyOf(i) | Token::Unnest(i, _) => match &arguments[*i] {
            Argument(Given::Value(value)) => of_list(value),
            Argument(Given::Fragment(pieces)) => n_values(pieces),
        },
    };
    let of_piece = |piece: &Piece| match piece {
        Piece::Bind(_) | Piece::AnyOf(_) | Piece::EachOf(_) => 1,
        Piece::Keys(keys) => keys.len().max(1),
        Piece::OneOf(list) => list.len(),
        Piece::Text(_) | Piece::ForUpdate | Piece::Either { .. } => 0,
        Piece::Template {
            template,
            arguments,
            ..
        } => template
            .tokens
            .iter()
            .map(|token| of_token(token, arguments))
            .sum(),
        Piece::ByEngine { sqlite, postgres } => n_values(sqlite).max(n_values(postgres)),
    };
    pieces.iter().map(of_piece).sum()
}

/// Writes the placeholder of a value.
fn push_placeholder(dialect: Dialect, text: &mut String, number: usize) {
    use std::fmt::Write as _;
    match dialect {
        Dialect::Sqlite => text.push('?'),
        Dialect::Postgres => drop(write!(text, "${number}")),
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
