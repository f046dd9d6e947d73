//! How JSON in text columns is asked for, on either engine: members of objects and elements of lists, by their kind.
//!
//! Knows the JSON functions of both engines, and that text taken out of JSON has to be told to compare bytewise on
//! PostgreSQL. What the JSON means is the business of the callers.

use crate::store::sql::statement::Sql;

/// A value inside a JSON text: the text, and the keys that lead to the value.
#[derive(Clone, Debug)]
pub struct Json {
    /// An expression whose value is JSON, or NULL.
    pub source: Sql,
    /// The keys, outermost first.
    pub keys: Vec<String>,
}

/// Returns the text of a list of expressions, without line breaks.
pub fn list(expressions: &'static str) -> Sql {
    Sql::default()
        .either("json_array(", "cast(json_build_array(")
        .push(expressions)
        .either(")", ") as text)")
}

/// Returns a JSON text in the form in which an engine asks it without reading it again, for a column of a table in a
/// `with`; [`Json`] takes it like the text.
pub fn parsed(text: Sql) -> Sql {
    Sql::default()
        .either("jsonb(", "cast(")
        .append(text)
        .either(")", " as jsonb)")
}

/// The kinds of scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Text.
    Text,
    /// A number, as a double.
    Number,
    /// A truth value.
    Bool,
}

impl Json {
    /// Makes the value at some keys of a JSON text.
    pub fn at<K: Into<String>>(source: Sql, keys: impl IntoIterator<Item = K>) -> Json {
        Json {
            source,
            keys: keys.into_iter().map(Into::into).collect(),
        }
    }

    /// Returns the expression of a scalar; NULL when there is none or it is of another kind.
    pub fn scalar(&self, scalar: Scalar) -> Sql {
        let (sqlite, postgres) = match scalar {
            Scalar::Text => ("'text'", "'string'"),
            Scalar::Number => ("'integer', 'real'", "'number'"),
            Scalar::Bool => ("'true', 'false'", "'boolean'"),
        };
        let of_kind = self.kind().push(" in (").either(sqlite, postgres).push(")");
        let value = match scalar {
            Scalar::Text => self.value().either("", " #>> '{}'"),
            Scalar::Number => Sql::default()
                .either("", "cast(")
                .append(self.value())
                .either("", " as double precision)"),
            Scalar::Bool => Sql::default()
                .either("", "cast(")
                .append(self.value())
                .either("", " as boolean)"),
        };
        let sql = Sql::new("(case when ")
            .append(of_kind)
            .push(" then ")
            .append(value)
            .push(" end)");
        if scalar == Scalar::Text {
            sql.either("", " collate \"C\"")
        } else {
            sql
        }
    }

    /// Returns the condition that there is a value, and not null.
    pub fn is_set(&self) -> Sql {
        self.kind().push(" <> 'null'")
    }

    /// Returns the elements of a list as a row source of this alias; none when it is no list.
    pub fn elements(&self, alias: &'static str) -> Sql {
        let list = Sql::new("case ")
            .append(self.kind())
            .push(" when 'array' then ")
            .append(self.value())
            .push(" end");
        let sql = Sql::default()
            .either("json_each(", "jsonb_array_elements(")
            .append(list);
        sql.push(") ")
            .either("", "with ordinality ")
            .push(alias)
            .either("", "(value, key)")
    }

    /// Returns the condition that a list has an element.
    pub fn has_elements(&self) -> Sql {
        Sql::new("exists (select 1 from ")
            .append(self.elements("one"))
            .push(")")
    }

    /// Returns the elements of a list as [`Json::elements`] does, and anything else as the only element.
    pub fn values(&self, alias: &'static str) -> Sql {
        let value = || {
            let sql = Sql::default()
                .either("(", "(cast(")
                .append(self.source.clone());
            sql.either(" -> ", " as jsonb)")
                .keys(self.keys.clone())
                .push(")")
        };
        let list = Sql::new("case when ")
            .append(self.is_list())
            .push(" then ")
            .append(value())
            .push(" else ");
        let list = list
            .either("json_array(json(", "jsonb_build_array(")
            .append(value())
            .either("))", ")")
            .push(" end");
        let sql = Sql::default()
            .either("json_each(", "jsonb_array_elements(")
            .append(list);
        sql.push(") ")
            .either("", "with ordinality ")
            .push(alias)
            .either("", "(value, key)")
    }

    /// Returns the condition that the value is a list.
    pub fn is_list(&self) -> Sql {
        self.kind().push(" = 'array'")
    }

    fn kind(&self) -> Sql {
        let sql = Sql::default().either("json_type(", "jsonb_typeof(");
        self.within(sql).push(")")
    }

    fn value(&self) -> Sql {
        let sql = Sql::default().either("json_extract(", "(");
        self.within(sql).push(")")
    }

    fn within(&self, sql: Sql) -> Sql {
        sql.either("", "cast(")
            .append(self.source.clone())
            .either(", ", " as jsonb)")
            .keys(self.keys.clone())
    }
}

/// Returns the condition that an element of [`Json::elements`] is the first one.
pub fn is_first(alias: &'static str) -> Sql {
    Sql::new(alias).push(".key = ").either("0", "1")
}

/// Returns the condition that an element of [`Json::elements`] is one of the first 64.
pub fn is_early(alias: &'static str) -> Sql {
    Sql::new(alias).push(".key < ").either("64", "65")
}

/// Returns an element of [`Json::elements`] as JSON, when it is an object.
pub fn object(alias: &'static str) -> Sql {
    Sql::new(alias).push(".value")
}

/// Returns an element of [`Json::elements`] as a scalar; NULL when it is of another kind.
pub fn element(alias: &'static str, scalar: Scalar) -> Sql {
    let value = || Sql::new(alias).push(".value");
    let when = Sql::new("(case when ")
        .either("", "jsonb_typeof(")
        .push(alias)
        .either(".type in (", ".value) in (");
    let (when, value) = match scalar {
        Scalar::Text => (
            when.either("'text'", "'string'"),
            value().either("", " #>> '{}'"),
        ),
        Scalar::Number => {
            let value = Sql::default()
                .either("", "cast(")
                .append(value())
                .either("", " as double precision)");
            (when.either("'integer', 'real'", "'number'"), value)
        }
        Scalar::Bool => {
            let value = Sql::default()
                .either("", "cast(")
                .append(value())
                .either("", " as boolean)");
            (when.either("'true', 'false'", "'boolean'"), value)
        }
    };
    let sql = when.push(") then ").append(value).push(" end)");
    if scalar == Scalar::Text {
        sql.either("", " collate \"C\"")
    } else {
        sql
    }
}

/// Returns the condition that elements meet a condition.
pub fn exists(elements: Sql, condition: Sql) -> Sql {
    Sql::new("exists (select 1 from ")
        .append(elements)
        .push(" where ")
        .append(condition)
        .push(")")
}

/// Returns a number as the engine reads it in JSON, so that it equals itself.
pub fn number(number: f64) -> Sql {
    let text = serde_json::Value::from(number).to_string();
    Sql::default()
        .either("json_extract(", "cast(")
        .bind(text)
        .either(", '$')", " as double precision)")
}

/// Returns the condition that a text holds another one.
pub fn holds(text: Sql, part: &str) -> Sql {
    Sql::default()
        .either("instr(", "strpos(")
        .append(text)
        .push(", ")
        .bind(part)
        .push(") > 0")
}
