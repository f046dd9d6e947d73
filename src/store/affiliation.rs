//! Affiliations: columns and parents. Their buying role claims are in `buying_role.rs`.

use super::TenantScope;
use super::buying_role;
use super::columns::{Column, Enumeration, Messages, columns, enum_names};
use super::cycle::Chain;
use super::key::Key;
use super::resource::{Parent, Reference, Resource, header};
use super::sql::Sql;
use crate::name::Kind;
use crate::pb;
use crate::pb::affiliation::{BuyingRole, Evidence, Seniority};

enum_names!(Seniority, BuyingRole, Evidence);

impl Resource for pb::Affiliation {
    const KIND: Kind = Kind::Affiliation;
    const SORTABLE: &'static [&'static str] = &["name", "job_title", "department", "create_time", "update_time"];
    const PARENTS: &'static [Parent] =
        &[Parent { field: "customer", kind: Kind::Customer }, Parent { field: "contact", kind: Kind::Contact }];
    const COLUMNS: &'static [Column<Self>] = columns![pb::Affiliation;
        "contact" = contact,
        "customer" = customer,
        "job_title" = job_title,
        "department" = department,
        "seniority" = seniority as Enumeration<Seniority>,
        "manager" = manager,
        "\"primary\"" = primary,
        "start_date" = start_date,
        "end_date" = end_date,
        "buying_roles" = buying_roles as Messages,
    ];

    header!();

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        Reference::push(&mut references, "contact", Kind::Contact, &self.contact);
        Reference::push(&mut references, "customer", Kind::Customer, &self.customer);
        Reference::push(&mut references, "manager", Kind::Affiliation, &self.manager);
        for (i, claim) in self.buying_roles.iter().enumerate() {
            references.extend(claim_references(&format!("buying_roles[{i}]."), &claim.claimant, &claim.source));
        }
        references
    }

    fn chains(&self) -> Vec<Chain> {
        let manager = Some(self.manager.clone()).filter(|manager| !manager.is_empty());
        vec![Chain { field: "manager", targets: manager.into_iter().collect(), is_list: false }]
    }

    fn keys(&self, _keys: &mut Vec<Key>) {}

    fn customers(&self) -> Vec<String> {
        vec![self.customer.clone()]
    }

    fn further_rows(&self, scope: &TenantScope, before: Option<&Self>) -> Vec<Sql> {
        buying_role::rows(scope, before.map_or(&[], |before| &before.buying_roles), self)
    }
}

/// Returns what a claim refers to: the colleague who claims it, if it is one, and the source.
pub fn claim_references(path: &str, claimant: &str, source: &str) -> Vec<Reference> {
    let mut references = Vec::new();
    Reference::push(&mut references, format!("{path}claimant"), Kind::Colleague, claimant);
    for kind in [Kind::Conversation, Kind::Note] {
        Reference::push(&mut references, format!("{path}source"), kind, source);
    }
    references
}
