//! The store: what holds on both engines, whatever happens.
//!
//! - A unit of work is all or nothing, and acknowledged means on disk (`db.rs`, `group.rs`).
//! - Every commit that changes something gives its tenant the next revision, 1..N without gaps, one change row for
//!   each touched resource and one history row with the resource as it became (`change.rs`).
//! - Every statement names its tenant; every function here takes a [`TenantScope`] or a [`db::Db`] and a scope.
//! - Comparison and order of text are bytewise; folding and formatting happen in Rust, never in SQL.
//! - "No such row" is `None` here; the callers give it a meaning.
//!
//! Reading order: the door, the statements, what every resource shares, then the resources.

pub mod db;
mod failure;
mod files;
#[cfg(feature = "bench")]
pub mod floor;
mod group;
pub mod grouping;
mod job;
pub mod migrate;
pub mod open;
mod open_postgres;
mod open_sqlite;
mod place;
mod plan_age;
pub mod probe;
pub mod snapshot;
pub mod standing;
mod statistics;
pub mod tx;

pub mod sql;

pub mod actor;
pub mod briefing;
pub mod change;
pub mod columns;
pub mod comparison;
pub mod create;
pub mod cycle;
pub mod definition;
pub mod delete;
pub mod facts;
pub mod filter;
pub mod find;
pub mod folded;
pub mod history;
pub mod in_force;
pub mod json;
pub mod json_sql;
pub mod key;
pub mod last_conversation;
pub mod lock;
pub mod log;
pub mod look_up;
pub mod member_edit;
pub mod membership;
pub mod private_links;
pub mod read;
pub mod request;
pub mod resource;
pub mod since;
pub mod undelete;
pub mod update;
pub mod word;
pub mod word_fill;

pub mod affiliation;
pub mod buying_role;
pub mod colleague;
pub mod contact;
pub mod conversation;
pub mod customer;
pub mod note;
pub mod persona;
pub mod promise;
pub mod segment;

use std::sync::Arc;

/// Whose data a call may touch, and in whose name. It comes from the credential and from nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantScope {
    tenant: Arc<str>,
    principal: Arc<str>,
    actor: Option<Arc<str>>,
}

impl TenantScope {
    /// Makes the scope of a caller.
    pub fn new(tenant: &str, principal: &str) -> TenantScope {
        TenantScope {
            tenant: tenant.into(),
            principal: principal.into(),
            actor: None,
        }
    }

    /// Returns the same scope with a colleague, by name, who acts in the call.
    pub fn acting(self, colleague: &str) -> TenantScope {
        TenantScope {
            actor: Some(colleague.into()),
            ..self
        }
    }

    /// Returns the scope of a call without credentials: tenant `default`, principal `local`.
    pub fn local() -> TenantScope {
        TenantScope::new("default", "local")
    }

    /// Returns the tenant.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Returns the colleague who acts, by name.
    pub fn actor(&self) -> Option<&str> {
        self.actor.as_deref()
    }

    /// Returns the principal of the credential.
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// Says whether a record of this author is the caller's own, given who is the author of what the call writes. A
    /// principal wrote as itself before it was given a colleague, and what it wrote stays its own.
    pub fn is_own(&self, author_of_call: &str, author: &str) -> bool {
        author == author_of_call || (self.actor.is_none() && author == self.principal())
    }

    /// Returns under whom request ids are filed: the colleague who acts, or else the principal. Two actors never share
    /// an id, because a replay answers with a record that may be PRIVATE to the other one.
    pub fn caller(&self) -> &str {
        self.actor().unwrap_or(&self.principal)
    }
}
