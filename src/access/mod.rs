//! What a credential allows, what each method needs, how an API key is written, and what a token says.
//!
//! Who calls is decided in `server::auth`; which keys there are is up to `store::access`.

pub mod key;
pub mod need;
pub mod token;

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

    /// Returns the scopes of the set that this version knows, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = AccessScope> {
        (1..32)
            .filter_map(|number| AccessScope::try_from(number).ok())
            .filter(move |scope| self.has(*scope))
    }

    /// Returns a scope of another set that this one lacks, if there is one.
    pub fn lacks(self, wanted: AccessScopes) -> Option<AccessScope> {
        wanted.iter().find(|scope| !self.has(*scope))
    }

    /// Returns the form in which a set is stored: a bit for each number of a scope.
    pub fn to_bits(self) -> i64 {
        self.0.into()
    }

    /// Reads what [`AccessScopes::to_bits`] returned.
    pub fn of_bits(bits: i64) -> AccessScopes {
        AccessScopes(u32::try_from(bits).unwrap_or_default())
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
