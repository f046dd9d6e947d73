//! How JSON in text columns is queried on either engine: members of objects and elements of lists, by their type.
//!
//! Knows the JSON functions of both engines, and that text taken from JSON must be told to compare bytewise on
//! PostgreSQL. What the JSON means is up to the callers.

use crate::store::sql::statement::{Part, part};

/// A value inside a JSON text: the text, and the keys that lead to the value.
#[derive(Clone, Debug)]
pub struct Json {
    /// An expression whose value is JSON, or NULL.
    pub source: Part,
    /// The keys, outermost first.
    pub keys: Vec<String>,
}

/// Returns the text of a JSON list of expressions, without line breaks.
pub fn list(expressions: &'static str) -> Part {
    Part::by_engine(
        part!("json_array(:{expressions})", expressions),
        part!(
            "cast(json_build_array(:{expressions}) as text)",
            expressions
        ),
    )
}

/// Returns a JSON text in the form that an engine queries without parsing it again, for a column of a table in a
/// `with`; [`Json`] accepts it like the text.
pub fn parsed(text: impl Into<Part>) -> Part {
    let text = text.into();
    Part::by_engine(
        part!("jsonb(:{text})", text = &text),
        part!("cast(:{text} as jsonb)", text = &text),
    )
}

/// The types of scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Text.
    Text,
    /// A number, as a double.
    Number,
    /// A boolean.
    Bool,
}

impl Scalar {
    /// Returns a value as a scalar if it is of this type, and NULL if not.
    fn of(self, kind: &Part, value: &Part) -> Part {
        match self {
            Scalar::Text => Part::by_engine(
                part!(
                    "(case when :{kind} = 'text' then :{value} end)",
                    kind,
                    value
                ),
                part!(
                    "(case when :{kind} = 'string' then :{value} #>> '{}' end) collate \"C\"",
                    kind,
                    value
                ),
            ),
            Scalar::Number => Part::by_engine(
                part!(
                    "(case when :{kind} in ('integer', 'real') then :{value} end)",
                    kind,
                    value
                ),
                part!(
                    "(case when :{kind} = 'number' then cast(:{value} as double precision) end)",
                    kind,
                    value
                ),
            ),
            Scalar::Bool => Part::by_engine(
                part!(
                    "(case when :{kind} in ('true', 'false') then :{value} end)",
                    kind,
                    value
                ),
                part!(
                    "(case when :{kind} = 'boolean' then cast(:{value} as boolean) end)",
                    kind,
                    value
                ),
            ),
        }
    }
}

impl Json {
    /// Makes the value at the end of a path of keys in a JSON text.
    pub fn at<K: Into<String>>(source: impl Into<Part>, keys: impl IntoIterator<Item = K>) -> Json {
        Json {
            source: source.into(),
            keys: keys.into_iter().map(Into::into).collect(),
        }
    }

    /// Returns the expression of a scalar; NULL if there is none or it is of another type.
    pub fn scalar(&self, scalar: Scalar) -> Part {
        scalar.of(&self.kind(), &self.value())
    }

    /// Returns the condition that there is a value that is not null.
    pub fn is_set(&self) -> Part {
        part!("(:{kind} <> 'null')", kind = self.kind())
    }

    /// Returns the elements of a list as a row source with this alias; none if it is not a list.
    pub fn elements(&self, alias: &'static str) -> Part {
        {
            let list = part!(
                "case :{kind} when 'array' then :{value} end",
                kind = self.kind(),
                value = self.value(),
            );
            each(&list, alias)
        }
    }

    /// Returns the condition that a list has an element.
    pub fn has_elements(&self) -> Part {
        part!(
            "exists (select 1 from :{elements})",
            elements = self.elements("one")
        )
    }

    /// Returns the elements of a list as [`Json::elements`] does, and anything else as its only element.
    pub fn values(&self, alias: &'static str) -> Part {
        {
            let (source, path, is_list) = (&self.source, &self.path(), &self.is_list());
            let list = Part::by_engine(
                part!(
                    "case when :{is_list} then (:{source} -> :{path})
                      else json_array(json((:{source} -> :{path}))) end",
                    is_list,
                    source,
                    path
                ),
                part!(
                    "case when :{is_list} then (cast(:{source} as jsonb) :{path})
                      else jsonb_build_array((cast(:{source} as jsonb) :{path})) end",
                    is_list,
                    source,
                    path
                ),
            );
            each(&list, alias)
        }
    }

    /// Returns the condition that the value is a list.
    pub fn is_list(&self) -> Part {
        part!("(:{kind} = 'array')", kind = self.kind())
    }

    fn kind(&self) -> Part {
        let (source, path) = (&self.source, &self.path());
        Part::by_engine(
            part!("json_type(:{source}, :{path})", source, path),
            part!(
                "jsonb_typeof(cast(:{source} as jsonb) :{path})",
                source,
                path
            ),
        )
    }

    fn value(&self) -> Part {
        let (source, path) = (&self.source, &self.path());
        Part::by_engine(
            part!("json_extract(:{source}, :{path})", source, path),
            part!("(cast(:{source} as jsonb) :{path})", source, path),
        )
    }

    fn path(&self) -> Part {
        Part::json_path(self.keys.clone())
    }
}

/// Returns the elements of a list, with their positions in `key`: from 0 on SQLite, from 1 on PostgreSQL.
fn each(list: &Part, alias: &'static str) -> Part {
    Part::by_engine(
        part!("json_each(:{list}) :{alias}", list, alias),
        part!(
            "jsonb_array_elements(:{list}) with ordinality :{alias}(value, key)",
            list,
            alias
        ),
    )
}

/// Returns the condition that an element of [`Json::elements`] is the first one.
pub fn is_first(alias: &'static str) -> Part {
    Part::by_engine(
        part!(":{alias}.key = 0", alias),
        part!(":{alias}.key = 1", alias),
    )
}

/// Returns the condition that an element of [`Json::elements`] is one of the first 64.
pub fn is_early(alias: &'static str) -> Part {
    Part::by_engine(
        part!(":{alias}.key < 64", alias),
        part!(":{alias}.key < 65", alias),
    )
}

/// Returns an element of [`Json::elements`] as JSON if it is an object.
pub fn object(alias: &'static str) -> Part {
    part!(":{alias}.value", alias)
}

/// Returns an element of [`Json::elements`] as a scalar; NULL if it is of another type.
pub fn element(alias: &'static str, scalar: Scalar) -> Part {
    let kind = Part::by_engine(
        part!(":{alias}.type", alias),
        part!("jsonb_typeof(:{alias}.value)", alias),
    );
    scalar.of(&kind, &object(alias))
}

/// Returns the condition that some element meets a condition.
pub fn exists(elements: impl Into<Part>, condition: impl Into<Part>) -> Part {
    part!(
        "exists (select 1 from :{elements} where :{condition})",
        elements = elements.into(),
        condition = condition.into(),
    )
}

/// Returns a number as the engine reads it from JSON, so that equal numbers compare equal.
pub fn number(number: f64) -> Part {
    let text = serde_json::Value::from(number).to_string();
    Part::by_engine(
        part!("json_extract(:text, '$')", text = &text),
        part!("cast(:text as double precision)", text = &text),
    )
}

/// Returns the condition that a text contains another one.
pub fn holds(text: impl Into<Part>, part: &str) -> Part {
    let text = text.into();
    Part::by_engine(
        part!("instr(:{text}, :part) > 0", text = &text, part),
        part!("strpos(:{text}, :part) > 0", text = &text, part),
    )
}
