//! Statements as either engine takes them: the text with its placeholders, and the values in order.

use crate::store::sql::part::{Argument, Given, Part, Piece};
use crate::store::sql::template::{Template, Token};
use crate::store::sql::value::Value;

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded engine, used by default.
    Sqlite,
    /// The engine for scale.
    Postgres,
}

/// Appends the text for one engine to `text` and the values to `values`.
pub(crate) fn render(part: Part, dialect: Dialect, text: &mut String, values: &mut Vec<Value>) {
    let mut target = Rendered {
        dialect,
        text,
        values,
        tenant: None,
    };
    target.pieces(part.pieces);
}

/// Returns the text of a part for each engine.
#[cfg(test)]
pub(crate) fn texts(part: &Part) -> [String; 2] {
    [Dialect::Sqlite, Dialect::Postgres].map(|dialect| {
        let mut text = String::new();
        render(part.clone(), dialect, &mut text, &mut Vec::new());
        text
    })
}

/// A statement being written for one engine.
///
/// SQLite gets an unnumbered placeholder for each occurrence: to SQLite numbered ones are names, which it searches
/// from the first one on, once when it parses the text and once when the driver binds. PostgreSQL gets one number for
/// each name of a text and one for the tenant throughout: a database sharded by tenant then sees that all tables have
/// the same one.
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
            Piece::Value(value) => self.value(value),
            Piece::ByEngine { sqlite, postgres } => self.pieces(match self.dialect {
                Dialect::Sqlite => sqlite,
                Dialect::Postgres => postgres,
            }),
            Piece::JsonPath(keys) => self.json_path(keys),
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

    /// Writes the test whether the preceding expression is in a list.
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

    /// Writes a value that may already have a number.
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

/// Returns an upper bound on how many values are bound.
pub(crate) fn n_values(pieces: &[Piece]) -> usize {
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
        Piece::Text(_) => 0,
        Piece::Value(value) => of_list(value),
        Piece::JsonPath(keys) => keys.len().max(1),
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
    use super::Dialect;
    use crate::store::scope::TenantScope;
    use crate::store::sql::statement::{Sql, Value, part, scoped};

    fn rendered(statement: Sql, dialect: Dialect) -> (String, Vec<Value>) {
        let (mut text, mut values) = (String::new(), Vec::new());
        statement.render(dialect, &mut text, &mut values);
        (text, values)
    }

    fn listed() -> Vec<String> {
        vec!["SMALL".to_owned(), "LARGE".to_owned()]
    }

    #[test]
    fn few_texts_are_values_of_their_own_for_sqlite_and_one_array_for_postgres() {
        let statement = || {
            scoped!(
                TenantScope::local(),
                "select 1 from t where tenant_id = :tenant and size = any(:sizes) and kind = :kind",
                sizes = Value::Few(listed()),
                kind = "BUSINESS",
            )
        };
        let (text, values) = rendered(statement(), Dialect::Sqlite);
        let end = "where tenant_id = ? and size in (?, ?) and kind = ?";
        assert!(text.ends_with(end), "{text}");
        let expected = ["default", "SMALL", "LARGE", "BUSINESS"].map(Value::from);
        assert_eq!(values, expected);
        assert_eq!(values.len(), statement().n_values());
        let (text, values) = rendered(statement(), Dialect::Postgres);
        let end = "where tenant_id = $1 and size = any($2) and kind = $3";
        assert!(text.ends_with(end), "{text}");
        let expected = ["default".into(), Value::List(listed()), "BUSINESS".into()];
        let as_list = |value| match value {
            Value::Few(list) => Value::List(list),
            other => other,
        };
        assert_eq!(
            values.into_iter().map(as_list).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn postgres_has_one_number_for_a_name_and_one_for_the_tenant_of_all_parts() {
        let inner = scoped!(
            TenantScope::local(),
            "exists (select 1 from u where tenant_id = :tenant and a = :a)",
            a = 1_i64,
        );
        let statement = scoped!(
            TenantScope::local(),
            "select 1 from t where a = :a or b = :a and tenant_id = :tenant and :{inner} and :{c}",
            a = 2_i64,
            inner,
            c = part!("c = :a", a = 3_i64),
        );
        let (text, values) = rendered(statement, Dialect::Postgres);
        assert_eq!(
            text,
            "select 1 from t where a = $1 or b = $1 and tenant_id = $2 and \
             exists (select 1 from u where tenant_id = $2 and a = $3) and c = $4"
        );
        let expected: [Value; 4] = [2_i64.into(), "default".into(), 1_i64.into(), 3_i64.into()];
        assert_eq!(values, expected);
    }

    #[test]
    fn lists_and_locks_are_what_each_engine_has() {
        let statement = || {
            scoped!(
                TenantScope::local(),
                "select asked.value from unnest(:names) as asked (value) cross join t
                 where tenant_id = :tenant and t.name = any(array(select asked.value)) for update",
                names = listed(),
            )
        };
        let (text, _) = rendered(statement(), Dialect::Sqlite);
        assert_eq!(
            text.trim_end(),
            "select asked.value from json_each(?) as asked cross join t\n\
             where tenant_id = ? and t.name in (select asked.value)"
        );
        let (text, _) = rendered(statement(), Dialect::Postgres);
        assert_eq!(
            text,
            "select asked.value from unnest($1) as asked (value) cross join t\n\
             where tenant_id = $2 and t.name = any(array(select asked.value)) for update"
        );
    }
}
