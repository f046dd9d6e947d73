//! Segments: customers by a filter or by a list.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::segment::{Definition, MemberList};
use crate::store::read::definition;
use crate::store::record::columns::{Codec, Column, columns};
use crate::store::record::cycle::Chain;
use crate::store::record::key::{self, IndexEntry};
use crate::store::record::resource::{Reference, Resource, header};
use crate::store::scope::TenantScope;
use crate::store::sql::json;
use crate::store::sql::statement::{Row, Sql, Value};

/// The most members of a segment by list.
pub const MAX_MEMBERS: usize = 10_000;
/// The most users that a refusal names.
const MAX_USERS: i64 = 12;

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
    const SORTABLE: &'static [&'static str] =
        &["name", "display_name", "create_time", "update_time"];
    const INDEXED_LISTS: &'static [&'static str] = &["members.customers"];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Segment;
        "display_name" = display_name,
        "description" = description,
        "filter" = definition as ByFilter, at "filter",
        "members" = definition as ByList, at "members",
    ];

    header!();

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

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        keys.extend(
            self.used()
                .into_iter()
                .map(|segment| IndexEntry::plain("filter", segment)),
        );
    }

    fn acyclic_refs(&self) -> Vec<Chain> {
        vec![Chain {
            field: "filter",
            targets: self.used().into_iter().collect(),
            is_list: true,
        }]
    }

    fn filters(&self) -> Vec<(String, &str)> {
        match &self.definition {
            Some(Definition::Filter(filter)) => vec![("filter".to_owned(), filter)],
            _ => Vec::new(),
        }
    }

    fn referrers(scope: &TenantScope, name: &Name) -> Option<Sql> {
        Some(users(scope, name))
    }

    fn customers(&self) -> Vec<String> {
        Vec::new()
    }

    /// Files the members under their names with one bound list: 10,000 keys of their own would be more values than
    /// SQLite binds. A member is a customer, and the row of a customer never goes away.
    ///
    /// A change of the other keys takes all of them away, these included.
    fn side_rows(&self, scope: &TenantScope, before: Option<&Self>) -> Vec<Sql> {
        let is_filed = |before: &Self| {
            before.members() == self.members() && key::all(before) == key::all(self)
        };
        if before.is_some_and(is_filed) {
            return Vec::new();
        }
        let delete = Sql::new("delete from keys where tenant_id = ")
            .bind(scope.tenant())
            .push(" and name = ");
        let delete = delete
            .bind(self.name.as_str())
            .push(" and field = 'members'");
        let insert = Sql::new(
            "insert into keys (tenant_id, kind, field, key, value, name)\nselect tenant_id, ",
        )
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

    /// Returns the segments that the filter names.
    fn used(&self) -> BTreeSet<String> {
        self.filters()
            .into_iter()
            .flat_map(|(_, filter)| definition::used_by(filter))
            .collect()
    }
}

/// Returns the statement that finds the live segments and personas whose filters name a segment: the first of their
/// names, and how many there are.
fn users(scope: &TenantScope, name: &Name) -> Sql {
    let branch = |sql: Sql, table: &'static str, fields: &'static str| {
        sql.push("select ")
            .push(table)
            .push(".name from keys cross join ")
            .push(table)
            .push(" where keys.tenant_id = ")
            .bind(scope.tenant())
            .push(" and keys.kind = '")
            .push(table)
            .push("' and keys.field in (")
            .push(fields)
            .push(") and keys.key = '' and keys.value = ")
            .bind(name.to_string())
            .push("\n    and ")
            .push(table)
            .push(".tenant_id = ")
            .bind(scope.tenant())
            .push(" and ")
            .push(table)
            .push(".name = keys.name and ")
            .push(table)
            .push(".delete_time is null")
    };
    let both = branch(
        Sql::new("select name, count(*) over () from (\n  "),
        "segments",
        "'filter'",
    )
    .push("\n  union\n  ");
    branch(both, "personas", "'match_filter', 'statements'")
        .push("\n) users order by name")
        .limit(MAX_USERS)
}
