//! Affiliations: columns and parents. Their buying role claims are in `buying_role.rs`.

use crate::name::Kind;
use crate::pb;
use crate::pb::affiliation::{BuyingRole, Evidence, Seniority};
use crate::store::record::columns::{Column, Enumeration, Messages, columns, enum_names};
use crate::store::record::cycle::Chain;
use crate::store::record::key::IndexEntry;
use crate::store::record::private_links::{self, PrivateLinks};
use crate::store::record::reference::{Parent, Reference};
use crate::store::record::resource::{Filtering, Linked, Resource, header};
use crate::store::record::sort_key::{SortKey, sort_keys};
use crate::store::resources::buying_role;
use crate::store::scope::TenantScope;
use crate::store::sql::json_functions;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, scoped};

enum_names!(Seniority, BuyingRole, Evidence);

impl Resource for pb::Affiliation {
    const KIND: Kind = Kind::Affiliation;
    const SORT_KEYS: &'static [SortKey<Self>] =
        sort_keys![pb::Affiliation; optional_text(job_title), optional_text(department)];
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

    fn keys(&self, _keys: &mut Vec<IndexEntry>) {}

    fn side_rows(&self, scope: &TenantScope, before: Option<&Self>) -> Vec<Query<()>> {
        buying_role::rows(
            scope,
            before.map_or(&[], |before| &before.buying_roles),
            self,
        )
    }
}

impl Linked for pb::Affiliation {
    const PARENTS: &'static [Parent] = &[
        Parent {
            field: "customer",
            kind: Kind::Customer,
        },
        Parent {
            field: "contact",
            kind: Kind::Contact,
        },
    ];
    const PRIVATE_LINKS: Option<&'static PrivateLinks<Self>> = Some(&PrivateLinks {
        field: "buying_roles.source",
        kinds: &SOURCES,
        hidden: hidden_sources,
        of: |affiliation| {
            affiliation
                .buying_roles
                .iter()
                .map(|claim| claim.source.as_str())
                .collect()
        },
        take_off: |affiliation, hidden| {
            affiliation
                .buying_roles
                .iter_mut()
                .for_each(|claim| private_links::clear(&mut claim.source, hidden));
        },
        put_back: |after, before, hidden| {
            let without_source = after
                .buying_roles
                .iter_mut()
                .filter(|claim| claim.source.is_empty());
            for claim in without_source {
                let stored = before
                    .buying_roles
                    .iter()
                    .find(|stored| stored.claim_id == claim.claim_id);
                if let Some(stored) = stored.filter(|stored| hidden.contains(&stored.source)) {
                    claim.source.clone_from(&stored.source);
                }
            }
        },
    });

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        Reference::push(&mut references, "contact", Kind::Contact, &self.contact);
        Reference::push(&mut references, "customer", Kind::Customer, &self.customer);
        Reference::push(&mut references, "manager", Kind::Affiliation, &self.manager);
        for (i, claim) in self.buying_roles.iter().enumerate() {
            references.extend(claim_references(
                &format!("buying_roles[{i}]."),
                &claim.claimant,
                &claim.source,
            ));
        }
        references
    }

    fn acyclic_refs(&self) -> Vec<Chain> {
        let manager = Some(self.manager.clone()).filter(|manager| !manager.is_empty());
        vec![Chain {
            field: "manager",
            targets: manager.into_iter().collect(),
            is_list: false,
        }]
    }

    fn customers(&self) -> Vec<String> {
        vec![self.customer.clone()]
    }
}

impl Filtering for pb::Affiliation {}

/// The kinds that the source of a claim may be.
const SOURCES: [Kind; 2] = [Kind::Conversation, Kind::Note];

/// Returns the expression of the sources of a row's claims that the caller may not see. Most affiliations have no
/// claim with a source; a look at the text of the claims shows that at once.
fn hidden_sources(scope: &TenantScope) -> Part {
    scoped!(
        scope,
        "case when :{has_source} then
           coalesce((select string_agg(buying_roles.source, ' ') from buying_roles
             where buying_roles.tenant_id = :tenant
               and buying_roles.affiliation = affiliations.name and :{is_hidden}), '')
         else '' end",
        has_source = json_functions::holds("affiliations.buying_roles", "\"source\""),
        is_hidden = private_links::is_hidden(scope, &SOURCES, "buying_roles.source"),
    )
    .into()
}

/// Returns what a claim refers to: the claimant, if that is a colleague, and the source.
pub fn claim_references(path: &str, claimant: &str, source: &str) -> Vec<Reference> {
    let mut references = Vec::new();
    Reference::push(
        &mut references,
        format!("{path}claimant"),
        Kind::Colleague,
        claimant,
    );
    for kind in SOURCES {
        Reference::push(&mut references, format!("{path}source"), kind, source);
    }
    references
}
