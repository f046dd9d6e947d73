//! Colleagues: our own people.

use crate::clock::Micros;
use crate::name::Kind;
use crate::pb;
use crate::store::record::columns::{Column, Messages, columns};
use crate::store::record::key::IndexEntry;
use crate::store::record::resource::{Reference, Resource, header};
use crate::store::record::sort_key::{SortKey, sort_keys};
use crate::store::resources::customer::contact_details;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::scoped;

impl Resource for pb::Colleague {
    const KIND: Kind = Kind::Colleague;
    const SORT_KEYS: &'static [SortKey<Self>] = sort_keys![pb::Colleague; text(display_name)];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Colleague;
        "display_name" = display_name,
        "emails" = emails as Messages,
        "principal" = principal,
        "active" = active,
    ];

    header!();

    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    fn stamp(&mut self, _author: &str, _now: Micros) {
        self.active.get_or_insert(true);
    }

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        contact_details(keys, &self.emails, &[]);
    }

    fn customers(&self) -> Vec<String> {
        Vec::new()
    }

    fn unique_conflict(&self, scope: &TenantScope) -> Option<(&'static str, Query<Vec<String>>)> {
        if self.principal.is_empty() {
            return None;
        }
        let holder = scoped!(
            scope,
            "select name from colleagues
             where tenant_id = :tenant and principal <> '' and principal = :principal",
            principal = &self.principal,
        );
        Some(("principal", holder.texts("name")))
    }
}
