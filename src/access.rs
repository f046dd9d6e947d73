//! What a credential allows: a set of scopes.
//!
//! What a method needs stands at the method, in the protos; who calls is decided in `server`.

use crate::pb::AccessScope;

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessScopes(u32);

impl AccessScopes {
    /// Every scope there is, also those of later versions: what a caller has where no credential is asked for.
    pub const ALL: AccessScopes = AccessScopes(u32::MAX);

    /// Says whether the set contains a scope.
    pub fn has(self, scope: AccessScope) -> bool {
        self.0 & bit(scope) != 0
    }
}

impl FromIterator<AccessScope> for AccessScopes {
    fn from_iter<I: IntoIterator<Item = AccessScope>>(scopes: I) -> AccessScopes {
        AccessScopes(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }
}

fn bit(scope: AccessScope) -> u32 {
    1 << scope as u32
}
