//! Names that the API once had, each with that of today: of fields, and of enum values.
//!
//! A leaf. Stored filters and mapping files of imports may still have the old ones.

use crate::name::Kind;

/// A field that has another path than it once had, or other values.
#[derive(Clone, Copy, Debug)]
pub struct Rename {
    /// The records whose filters have the path.
    pub kind: Kind,
    /// The path that it had.
    pub from: &'static str,
    /// The path of today; the same if only values changed.
    pub to: &'static str,
    /// The enum values that changed, each with that of today.
    pub values: &'static [(&'static str, &'static str)],
}

/// Everything that was renamed.
pub const RENAMES: &[Rename] = &[
    Rename {
        kind: Kind::Promise,
        from: "side",
        to: "side",
        values: &[("US", "COMPANY"), ("THEM", "CUSTOMER")],
    },
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

/// A path that changed, and no values.
const fn path(kind: Kind, from: &'static str, to: &'static str) -> Rename {
    Rename {
        kind,
        from,
        to,
        values: &[],
    }
}

/// Returns what a path in a record is called today, if it was renamed.
pub fn new_path(path: &str, kind: Kind) -> Option<&'static str> {
    let renamed = RENAMES
        .iter()
        .find(|one| one.kind == kind && one.from == path && one.to != path);
    renamed.map(|one| one.to)
}
