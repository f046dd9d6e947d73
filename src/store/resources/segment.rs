//! Segments: customers by a filter or by a list.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::name::Kind;
use crate::pb;
use crate::pb::segment::{Definition, MemberList};
use crate::store::read::definition;
use crate::store::record::columns::{Codec, Column, columns};
use crate::store::record::cycle::Chain;
use crate::store::record::filter_warning;
use crate::store::record::key::IndexEntry;
use crate::store::record::reference::{NeededBy, Reference};
use crate::store::record::resource::{Filtering, Linked, Resource, header};
use crate::store::record::sort_key::{SortKey, sort_keys};
use crate::store::scope::TenantScope;
use crate::store::sql::json;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Row, Value, scoped};

/// The most members of a segment by list.
pub const MAX_MEMBERS: usize = 10_000;

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
        Ok(Some(row.text(i)?)
            .filter(|filter| !filter.is_empty())
            .map(Definition::Filter))
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
    const SORT_KEYS: &'static [SortKey<Self>] = sort_keys![pb::Segment; text(display_name)];
    const INDEXED_LISTS: &'static [&'static str] = &["members.customers"];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Segment;
        "display_name" = display_name,
        "description" = description,
        "filter" = definition as ByFilter, at "filter",
        "members" = definition as ByList, at "members",
    ];

    header!();

    fn clear_derived(&mut self) {
        self.filter_warnings.clear();
    }

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        keys.extend(
            self.used()
                .into_iter()
                .map(|segment| IndexEntry::plain("filter", segment)),
        );
    }

    /// Files the members under their names with one bound list: 10,000 separate keys would be more values than SQLite
    /// binds. A member is a customer, and a customer's row is never removed.
    fn side_rows(&self, scope: &TenantScope, before: Option<&Self>) -> Vec<Query<()>> {
        let is_filed = |before: &Self| before.members() == self.members();
        if before.is_some_and(is_filed) {
            return Vec::new();
        }
        let delete = scoped!(
            scope,
            "delete from keys where tenant_id = :tenant and name = :name and field = 'members'",
            name = &self.name,
        );
        let insert = scoped!(
            scope,
            "insert into keys (tenant_id, kind, field, key, value, name)
             select tenant_id, 'segments', 'members', '', customers.name, :name from customers
             where tenant_id = :tenant and customers.name = any(:members)",
            name = &self.name,
            members = self.members().to_vec(),
        );
        vec![delete.done(), insert.done()]
    }
}

impl Linked for pb::Segment {
    const NEEDED_BY: &'static [NeededBy] = &[
        NeededBy {
            kind: Kind::Segment,
            fields: &["filter"],
        },
        NeededBy {
            kind: Kind::Persona,
            fields: &["match_filter", "statements"],
        },
    ];

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        Reference::push_list(
            &mut references,
            "members.customers",
            Kind::Customer,
            self.members(),
        );
        for segment in self.used() {
            Reference::push(&mut references, "filter", Kind::Segment, &segment);
        }
        references
    }

    fn acyclic_refs(&self) -> Vec<Chain> {
        vec![Chain {
            field: "filter",
            targets: self.used().into_iter().collect(),
            is_list: true,
        }]
    }

    fn customers(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Filtering for pb::Segment {
    fn derive_warnings(&mut self) {
        self.filter_warnings = filter_warning::of_filters(self, "clientele.v1.Customer");
    }

    fn filters_mut(&mut self) -> Vec<(Kind, &mut String)> {
        match &mut self.definition {
            Some(Definition::Filter(filter)) => vec![(Kind::Customer, filter)],
            _ => Vec::new(),
        }
    }

    fn filters(&self) -> Vec<(String, &str)> {
        match &self.definition {
            Some(Definition::Filter(filter)) => vec![("filter".to_owned(), filter)],
            _ => Vec::new(),
        }
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

    /// Returns the segments that the filter names.
    fn used(&self) -> BTreeSet<String> {
        self.filters()
            .into_iter()
            .flat_map(|(_, filter)| definition::used_by(filter))
            .collect()
    }
}
