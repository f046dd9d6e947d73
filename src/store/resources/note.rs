//! Notes: something written down about customers, contacts or affiliations.

use crate::clock::{self, Micros};
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::note::Visibility;
use crate::store::record::columns::{Column, Enumeration, Messages, columns};
use crate::store::record::key::IndexEntry;
use crate::store::record::reference::Reference;
use crate::store::record::resource::{Authorship, Filtering, Linked, Resource, header};
use crate::store::record::sort_key::{SortKey, sort_keys};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{part, scoped};

impl Resource for pb::Note {
    const KIND: Kind = Kind::Note;
    const SORT_KEYS: &'static [SortKey<Self>] = sort_keys![pb::Note; column(write_time)];
    const INDEXED_LISTS: &'static [&'static str] = &["records"];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Note;
        "records" = records,
        "body" = body,
        "highlighted" = highlighted,
        "write_time" = write_time,
        "author" = author,
        "attachments" = attachments as Messages,
        "visibility" = visibility as Enumeration<Visibility>,
    ];

    header!();

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        keys.extend(
            self.records
                .iter()
                .map(|name| IndexEntry::plain("records", name)),
        );
    }

    fn stamp(&mut self, author: &str, now: Micros) {
        if self.author.is_empty() {
            author.clone_into(&mut self.author);
        }
        if self.visibility == 0 {
            self.visibility = Visibility::Everyone.into();
        }
        self.write_time.get_or_insert_with(|| clock::timestamp(now));
    }

    fn authorship(&self) -> Option<Authorship<'_>> {
        Some(Authorship {
            author: &self.author,
            visibility: self.visibility,
        })
    }
}

impl Linked for pb::Note {
    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        for (i, record) in self.records.iter().enumerate() {
            if let Some(target) = Name::parse_any(record) {
                references.push(Reference {
                    field: format!("records[{i}]"),
                    target,
                });
            }
        }
        Reference::push(&mut references, "author", Kind::Colleague, &self.author);
        references
    }

    fn customers(&self) -> Vec<String> {
        self.records
            .iter()
            .filter(|name| Name::parse(Kind::Customer, name).is_some())
            .cloned()
            .collect()
    }

    fn other_customers(
        scope: &TenantScope,
        stored: Option<&Name>,
        added: &[Reference],
    ) -> Option<Query<Vec<String>>> {
        let is_named = |field: &'static str| {
            let added: Vec<String> = added.iter().map(|of| of.target.to_string()).collect();
            match stored {
                None => part!(":{field} = any(:added)", field, added),
                Some(note) => scoped!(
                    scope,
                    ":{field} = any(:added) or :{field} in (
                       select value from keys
                       where keys.tenant_id = :tenant and keys.name = :note
                         and keys.field = 'records')",
                    field,
                    added,
                    note,
                )
                .into(),
            }
        };
        let customers = scoped!(
            scope,
            "select distinct customer from affiliations
             where tenant_id = :tenant and delete_time is null
               and (:{is_at_contact} or :{is_itself})
             order by customer",
            is_at_contact = is_named("contact"),
            is_itself = is_named("name"),
        );
        Some(customers.texts("customer"))
    }
}

impl Filtering for pb::Note {}
