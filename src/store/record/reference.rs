//! How one record names another: its references, its parents, and the fields that keep the other from being deleted.

use crate::name::{Kind, Name};

/// A field that refers to a resource this one belongs to.
pub struct Parent {
    /// The column, named like the field.
    pub field: &'static str,
    /// What it refers to.
    pub kind: Kind,
}

/// The fields of a kind of records whose live ones need what they name.
pub struct NeededBy {
    /// The kind.
    pub kind: Kind,
    /// The fields, as they are filed under keys.
    pub fields: &'static [&'static str],
}

/// One reference of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The path of the field, such as `parent` or `upstream_customers[1]`.
    pub field: String,
    /// What it refers to.
    pub target: Name,
}

impl Reference {
    /// Adds the references of a field that holds several.
    pub fn push_list(list: &mut Vec<Reference>, field: &str, kind: Kind, names: &[String]) {
        for (i, name) in names.iter().enumerate() {
            Reference::push(list, format!("{field}[{i}]"), kind, name);
        }
    }

    /// Adds the reference of a field that holds one, unless it is unset or malformed (which validation reports).
    pub fn push(list: &mut Vec<Reference>, field: impl Into<String>, kind: Kind, name: &str) {
        if let Some(target) = Name::parse(kind, name) {
            list.push(Reference {
                field: field.into(),
                target,
            });
        }
    }

    /// Returns the field it is in, without its own position in a list: `contacts` for `contacts[1]`. A claim keeps
    /// its position: `buying_roles[1].source` and `buying_roles[0].source` are different fields.
    pub fn field_name(&self) -> &str {
        match self.field.rsplit_once('[') {
            Some((list, place)) if place.ends_with(']') => list,
            _ => &self.field,
        }
    }
}
