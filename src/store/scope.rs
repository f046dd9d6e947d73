//! Whose data a call may touch. Every function of the store takes a scope, and every statement binds it.

use std::sync::Arc;

use crate::access::AccessScopes;

/// Whose data a call may touch, and on whose behalf. It comes from the credential and from nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantScope {
    tenant: Arc<str>,
    principal: Arc<str>,
    actor: Option<Arc<str>>,
    access: AccessScopes,
}

impl TenantScope {
    /// The tenant of calls without credentials.
    pub const DEFAULT_TENANT: &str = "default";

    /// Makes the scope of a caller to whom everything is allowed.
    pub fn new(tenant: &str, principal: &str) -> TenantScope {
        TenantScope {
            tenant: tenant.into(),
            principal: principal.into(),
            actor: None,
            access: AccessScopes::ALL,
        }
    }

    /// Returns the same scope, in which only this is allowed.
    pub fn allowed(self, access: AccessScopes) -> TenantScope {
        TenantScope { access, ..self }
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
        TenantScope::new(TenantScope::DEFAULT_TENANT, "local")
    }

    /// Returns the tenant.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Returns what the credential allows.
    pub fn access(&self) -> AccessScopes {
        self.access
    }

    /// Returns the acting colleague, by name.
    pub fn actor(&self) -> Option<&str> {
        self.actor.as_deref()
    }

    /// Returns the principal of the credential.
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// Says whether a record of this author is the caller's own, given the author of what the call writes. A
    /// principal wrote under its own name before it was given a colleague, and what it wrote stays its own.
    pub fn is_own(&self, author_of_call: &str, author: &str) -> bool {
        author == author_of_call || (self.actor.is_none() && author == self.principal())
    }

    /// Returns under whom request ids are filed: the acting colleague, or else the principal. Two actors never share
    /// an id, because a replay answers with a record that may be PRIVATE to the other one.
    pub fn caller(&self) -> &str {
        self.actor().unwrap_or(&self.principal)
    }
}
