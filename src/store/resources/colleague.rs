//! Colleagues: our own people.

use crate::clock::Micros;
use crate::name::Kind;
use crate::pb;
use crate::store::record::columns::{Column, Messages, columns};
use crate::store::record::key::IndexEntry;
use crate::store::record::reference::Reference;
use crate::store::record::resource::{Filtering, Linked, Resource, header};
use crate::store::record::sort_key::{SortKey, sort_keys};
use crate::store::resources::customer::contact_details;

impl Resource for pb::Colleague {
    const KIND: Kind = Kind::Colleague;
    const SORT_KEYS: &'static [SortKey<Self>] = sort_keys![pb::Colleague; text(display_name)];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Colleague;
        "display_name" = display_name,
        "emails" = emails as Messages,
        "principal" = principal,
        "active" = active,
    ];

    const UNIQUE: &'static [&'static str] = &["principal"];

    header!();

    fn stamp(&mut self, _author: &str, _now: Micros) {
        self.active.get_or_insert(true);
    }

    fn principal(&self) -> &str {
        &self.principal
    }

    fn keys(&self, keys: &mut Vec<IndexEntry>) {
        contact_details(keys, &self.emails, &[]);
    }
}

impl Linked for pb::Colleague {
    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    fn customers(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Filtering for pb::Colleague {}
