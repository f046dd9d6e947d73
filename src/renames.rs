//! Names that fields of the API once had, each with that of today.
//!
//! A leaf. Stored filters and mapping files of imports may still have the old ones.

use crate::name::Kind;

/// A field that has another path than it once had.
#[derive(Clone, Copy, Debug)]
pub struct Rename {
    /// The records whose filters have the path.
    pub kind: Kind,
    /// The path that it had.
    pub from: &'static str,
    /// The path of today.
    pub to: &'static str,
}

/// Everything that was renamed.
pub const RENAMES: &[Rename] = &[
    path(
        Kind::Affiliation,
        "buying_roles.valid_from",
        "buying_roles.start_date",
    ),
    path(
        Kind::Affiliation,
        "buying_roles.valid_until",
        "buying_roles.end_date",
    ),
    path(
        Kind::Customer,
        "affiliations.buying_roles.valid_from",
        "affiliations.buying_roles.start_date",
    ),
    path(
        Kind::Customer,
        "affiliations.buying_roles.valid_until",
        "affiliations.buying_roles.end_date",
    ),
    path(
        Kind::Contact,
        "affiliations.buying_roles.valid_from",
        "affiliations.buying_roles.start_date",
    ),
    path(
        Kind::Contact,
        "affiliations.buying_roles.valid_until",
        "affiliations.buying_roles.end_date",
    ),
    path(
        Kind::Customer,
        "contact_permissions.time",
        "contact_permissions.record_time",
    ),
    path(
        Kind::Contact,
        "contact_permissions.time",
        "contact_permissions.record_time",
    ),
];

const fn path(kind: Kind, from: &'static str, to: &'static str) -> Rename {
    Rename { kind, from, to }
}

/// Returns what a path in a record is called today, if it was renamed.
pub fn new_path(path: &str, kind: Kind) -> Option<&'static str> {
    let renamed = RENAMES
        .iter()
        .find(|one| one.kind == kind && one.from == path);
    renamed.map(|one| one.to)
}
