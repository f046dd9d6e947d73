//! Elements of lists of messages, stored as JSON in a column of the record.

use crate::clock::Micros;
use crate::error::Error;
use crate::filter::tree::{Condition, Field, FieldKind, Filter};
use crate::name::Kind;
use crate::store::read::filter::{ColumnValue, Unset, ValueForm, ValuePlace, atom, sql};
use crate::store::record::private_links;
use crate::store::scope::TenantScope;
use crate::store::sql::json_functions::{self, Json, Scalar};
use crate::store::sql::statement::{Part, part};

/// The aliases of the elements and of their folded shadows, by depth.
const ALIASES: [(&str, &str); 3] = [("e1", "f1"), ("e2", "f2"), ("e3", "f3")];

/// An element of a list, and its shadow beside it.
pub struct Element<'a> {
    /// How many lists it is nested in, besides its own.
    pub depth: usize,
    /// The time as of which the filter is evaluated.
    pub now: Micros,
    /// Its field that may name a record the caller may not see.
    pub link: Option<Link<'a>>,
}

/// A field that may name a record the caller may not see.
pub struct Link<'a> {
    /// The path of the field in the element.
    pub field: &'a str,
    /// The kinds that it names.
    pub kinds: &'a [Kind],
    /// Who asks.
    pub scope: &'a TenantScope,
}

impl Element<'_> {
    /// Returns the condition that an element of a list meets a tree, given the locations of the list and its shadow.
    pub fn meets(&self, list: &Json, folded: &Json, inner: &Filter) -> Result<Part, Error> {
        let (element, shadow) = ALIASES
            .get(self.depth)
            .copied()
            .ok_or_else(atom::unexpected)?;
        let condition = sql(self, inner, false)?;
        if !inner.searches() {
            return Ok(json_functions::exists(list.elements(element), condition));
        }
        let both = part!(
            ":{elements}, :{shadows}",
            elements = list.elements(element),
            shadows = folded.elements(shadow),
        );
        let same = part!(
            ":{shadow}.key = :{element}.key and :{condition}",
            shadow,
            element,
            condition
        );
        Ok(json_functions::exists(both, same))
    }

    fn at(&self, path: &[String]) -> Json {
        Json::at(json_functions::object(ALIASES[self.depth].0), path)
    }
}

impl ValuePlace for Element<'_> {
    fn now(&self) -> Micros {
        self.now
    }

    fn scalar(&self, field: &Field) -> Result<ColumnValue, Error> {
        let value = self.at(&field.path);
        let text = || value.scalar(Scalar::Text);
        let (sql, unset) = match field.kind {
            FieldKind::Text => (text(), Unset::Empty),
            FieldKind::Enum { .. } => (text(), Unset::Null),
            FieldKind::Time => (part!("rtrim(:{text}, 'Z')", text = text()), Unset::Null),
            FieldKind::Date => (self.date(&field.path), Unset::Null),
            _ => return Err(atom::unexpected()),
        };
        Ok(ColumnValue {
            sql,
            unset,
            written: ValueForm::Json,
            is_column: false,
        })
    }

    fn list(&self, path: &[String]) -> Result<Json, Error> {
        Ok(self.at(path))
    }

    fn folded(&self, path: &[String]) -> Json {
        Json::at(json_functions::object(ALIASES[self.depth].1), path)
    }

    fn special(&self, _: &Field, _: &Condition) -> Result<Option<Part>, Error> {
        Ok(None)
    }

    fn special_one_of(&self, _: &Field, _: &[&Condition]) -> Result<Option<Part>, Error> {
        Ok(None)
    }

    fn some(&self, list: &[String], inner: &Filter) -> Result<Part, Error> {
        let element = Element {
            depth: self.depth + 1,
            now: self.now,
            link: None,
        };
        element.meets(&self.at(list), &self.folded(list), inner)
    }

    fn has_elements(&self, list: &[String]) -> Result<Part, Error> {
        Ok(self.at(list).has_elements())
    }

    fn hidden_link(&self, field: &Field) -> Result<Option<Part>, Error> {
        let Some(link) = self
            .link
            .as_ref()
            .filter(|link| field.path.join(".") == link.field)
        else {
            return Ok(None);
        };
        let name = self.at(&field.path).scalar(Scalar::Text);
        Ok(Some(private_links::is_hidden(link.scope, link.kinds, name)))
    }

    fn listed(&self, _: &str) -> Result<Part, Error> {
        Err(atom::unexpected())
    }
}

impl Element<'_> {
    /// A date is an object in JSON; as a number like 20260131 it can be ordered.
    fn date(&self, path: &[String]) -> Part {
        let part = |name: &str| {
            let path = path.iter().map(String::as_str).chain([name]);
            Json::at(json_functions::object(ALIASES[self.depth].0), path).scalar(Scalar::Number)
        };
        part!(
            "(:{year} * 10000 + :{month} * 100 + :{day})",
            year = part("year"),
            month = part("month"),
            day = part("day"),
        )
    }
}
