//! Segments: customers by a filter or by a list.

use super::TenantScope;
use super::columns::{Codec, Column, columns};
use super::json;
use super::key::{self, Key};
use super::resource::{Reference, Resource, header};
use super::sql::{Row, Sql, Value};
use crate::error::Error;
use crate::name::Kind;
use crate::pb;
use crate::pb::segment::{Definition, MemberList};

/// The filter; empty for a segment by list.
struct ByFilter;

impl Codec<Option<Definition>> for ByFilter {
    fn value(field: &Option<Definition>) -> Value {
        match field {
            Some(Definition::Filter(filter)) => Value::Text(filter.clone()),
            _ => Value::from(""),
        }
    }

    fn read(row: &Row, i: usize) -> Result<Option<Definition>, Error> {
        Ok(Some(row.text(i)?).filter(|filter| !filter.is_empty()).map(Definition::Filter))
    }
}

/// The members as a JSON list; empty for a segment by filter.
struct ByList;

impl Codec<Option<Definition>> for ByList {
    fn value(field: &Option<Definition>) -> Value {
        match field {
            Some(Definition::Members(members)) => Value::Text(json::texts(&members.customers)),
            _ => Value::from(""),
        }
    }

    fn read(row: &Row, i: usize) -> Result<Option<Definition>, Error> {
        let text = Some(row.text(i)?).filter(|text| !text.is_empty());
        let customers = text.map(|text| json::read_texts(&text)).transpose()?;
        Ok(customers.map(|customers| Definition::Members(MemberList { customers })))
    }
}

impl Resource for pb::Segment {
    const KIND: Kind = Kind::Segment;
    const SORTABLE: &'static [&'static str] = &["name", "display_name", "create_time", "update_time"];
    const FILED: &'static [&'static str] = &["members.customers"];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Segment;
        "display_name" = display_name,
        "description" = description,
        "filter" = definition as ByFilter, at "filter",
        "members" = definition as ByList, at "members",
    ];

    header!();

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        Reference::push_list(&mut references, "members.customers", Kind::Customer, self.members());
        references
    }

    fn keys(&self, _keys: &mut Vec<Key>) {}

    fn customers(&self) -> Vec<String> {
        Vec::new()
    }

    /// Files the members under their names with one bound list: 10,000 keys of their own would be more values than
    /// SQLite binds. A member is a customer, and the row of a customer never goes away.
    ///
    /// A change of the other keys takes all of them away, these included.
    fn further_rows(&self, scope: &TenantScope, before: Option<&Self>) -> Vec<Sql> {
        let is_filed = |before: &Self| before.members() == self.members() && key::all(before) == key::all(self);
        if before.is_some_and(is_filed) {
            return Vec::new();
        }
        let delete = Sql::new("delete from keys where tenant_id = ").bind(scope.tenant()).push(" and name = ");
        let delete = delete.bind(self.name.as_str()).push(" and field = 'members'");
        let insert = Sql::new("insert into keys (tenant_id, kind, field, key, value, name)\nselect tenant_id, ")
            .push("'segments', 'members', '', customers.name, ")
            .bind(self.name.as_str())
            .push(" from customers where tenant_id = ")
            .bind(scope.tenant())
            .push(" and customers.name")
            .any_of(self.members().to_vec());
        vec![delete, insert]
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
