//! Segments: customers by a filter or by a list.

use super::columns::{Codec, Column, columns};
use super::key::Key;
use super::resource::{Reference, Resource, header};
use super::sql::{Row, Value};
use crate::error::Error;
use crate::name::Kind;
use crate::pb;
use crate::pb::segment::{Definition, MemberList};

/// Keeps the definition as JSON: `{"filter": "…"}` or `{"members": ["customers/…"]}`.
struct DefinitionJson;

impl Codec<Option<Definition>> for DefinitionJson {
    fn value(field: &Option<Definition>) -> Value {
        let json = match field {
            None => serde_json::json!({}),
            Some(Definition::Filter(filter)) => serde_json::json!({ "filter": filter }),
            Some(Definition::Members(members)) => serde_json::json!({ "members": members.customers }),
        };
        Value::Text(json.to_string())
    }

    fn read(row: &Row, i: usize) -> Result<Option<Definition>, Error> {
        let json: serde_json::Value = serde_json::from_str(&row.text(i)?).map_err(Error::internal)?;
        if let Some(filter) = json.get("filter").and_then(serde_json::Value::as_str) {
            return Ok(Some(Definition::Filter(filter.to_owned())));
        }
        let Some(members) = json.get("members") else { return Ok(None) };
        let customers = serde_json::from_value(members.clone()).map_err(Error::internal)?;
        Ok(Some(Definition::Members(MemberList { customers })))
    }
}

impl Resource for pb::Segment {
    const KIND: Kind = Kind::Segment;
    const SORTABLE: &'static [&'static str] = &["name", "display_name", "create_time", "update_time"];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Segment;
        "display_name" = display_name,
        "description" = description,
        "definition" = definition as DefinitionJson,
    ];

    header!();

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        Reference::push_list(&mut references, "members.customers", Kind::Customer, self.members());
        references
    }

    fn keys(&self, keys: &mut Vec<Key>) {
        keys.extend(self.members().iter().map(|name| Key::plain("members", name)));
    }

    fn customers(&self) -> Vec<String> {
        Vec::new()
    }
}

impl pb::Segment {
    /// Returns the listed members; none for a segment by filter.
    pub fn members(&self) -> &[String] {
        match &self.definition {
            Some(Definition::Members(members)) => &members.customers,
            _ => &[],
        }
    }
}
