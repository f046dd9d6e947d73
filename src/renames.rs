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
    /// Whether it is a list today, and was a single value.
    pub is_list: bool,
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
    path(Kind::Customer, "spend", "annual_spend"),
    path(
        Kind::Customer,
        "last_conversation.our_people",
        "last_conversation.colleagues",
    ),
    path(
        Kind::Contact,
        "last_conversation.our_people",
        "last_conversation.colleagues",
    ),
    Rename {
        is_list: true,
        ..path(Kind::Contact, "preferred_channel", "preferred_channels")
    },
    path(Kind::Conversation, "our_people", "colleagues"),
    path(Kind::Promise, "done_time", "complete_time"),
    path(Kind::Note, "subjects", "records"),
    path(Kind::Note, "written_time", "write_time"),
    path(Kind::Persona, "subject", "record_kind"),
];

const fn path(kind: Kind, from: &'static str, to: &'static str) -> Rename {
    Rename {
        kind,
        from,
        to,
        is_list: false,
    }
}

/// Returns what a path in a record is called today, if it was renamed.
pub fn new_path(path: &str, kind: Kind) -> Option<&'static str> {
    let renamed = RENAMES
        .iter()
        .find(|one| one.kind == kind && one.from == path);
    renamed.map(|one| one.to)
}
