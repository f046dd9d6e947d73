//! Resource names: which kinds exist, what an id may look like, and how a new one is made.
//!
//! A leaf: it knows nothing of messages, SQL or gRPC.

use std::fmt;

/// Writes the kinds, one line each, with the collection and the singular.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $collection:literal, $singular:literal;)*) => {
        /// The kinds of resource that have a name of their own.
        ///
        /// The order is the order in which rows are locked (see `store::record::lock`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds, in the order in which their rows are locked.
            pub const ALL: [Kind; [$($singular),*].len()] = [$(Kind::$kind),*];

            /// Returns the collection, the singular, and the resource type.
            const fn words(self) -> (&'static str, &'static str, &'static str) {
                match self {
                    $(Kind::$kind => {
                        ($collection, $singular, concat!("clientele.dev/", stringify!($kind)))
                    })*
                }
            }
        }
    };
}

kinds! {
    /// A business or an individual that one serves.
    Customer: "customers", "customer";
    /// A person.
    Contact: "contacts", "contact";
    /// A contact at a customer.
    Affiliation: "affiliations", "affiliation";
    /// One of our own people.
    Colleague: "colleagues", "colleague";
    /// A real exchange.
    Conversation: "conversations", "conversation";
    /// Something one side owes the other.
    Promise: "promises", "promise";
    /// Something written down.
    Note: "notes", "note";
    /// A semi-fictional typical customer or contact.
    Persona: "personas", "persona";
    /// Customers by a filter or by a list.
    Segment: "segments", "segment";
}

impl Kind {
    /// Returns the collection segment of a name, which is also the name of the table.
    pub const fn collection(self) -> &'static str {
        self.words().0
    }

    /// Returns the singular, as it appears in field names.
    pub const fn singular(self) -> &'static str {
        self.words().1
    }

    /// Returns the resource type of the API, as it appears in `google.api.resource`.
    pub const fn resource_type(self) -> &'static str {
        self.words().2
    }

    /// Says whether records of the kind can be PRIVATE to their author.
    pub const fn can_be_private(self) -> bool {
        matches!(self, Kind::Conversation | Kind::Note)
    }
}

/// The longest id a caller may choose, in bytes.
pub const MAX_ID_LENGTH: usize = 63;

/// A well-formed name, such as `customers/acme`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    kind: Kind,
    id: String,
}

impl Name {
    /// Makes a name that no other record has: a lower-case UUIDv7 (RFC 9562).
    ///
    /// It starts with a digit and a chosen id with a letter, so the two never collide.
    pub fn generate(kind: Kind) -> Name {
        Name {
            kind,
            id: uuid::Uuid::now_v7().hyphenated().to_string(),
        }
    }

    /// Makes a name from an id that a caller chose, if it matches `^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$` (AIP-122).
    pub fn chosen(kind: Kind, id: &str) -> Option<Name> {
        is_chosen_id(id).then(|| Name {
            kind,
            id: id.to_owned(),
        })
    }

    /// Parses a full name such as `customers/acme`; `None` if it is not one of this kind.
    pub fn parse(kind: Kind, text: &str) -> Option<Name> {
        let id = text.strip_prefix(kind.collection())?.strip_prefix('/')?;
        (is_chosen_id(id) || is_generated_id(id)).then(|| Name {
            kind,
            id: id.to_owned(),
        })
    }

    /// Parses a full name of any kind.
    pub fn parse_any(text: &str) -> Option<Name> {
        Kind::ALL
            .into_iter()
            .find_map(|kind| Name::parse(kind, text))
    }

    /// Makes a name from an id that the store handed out.
    pub fn of_row(kind: Kind, id: impl Into<String>) -> Name {
        Name {
            kind,
            id: id.into(),
        }
    }

    /// Returns the kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Says whether a caller chose the id.
    pub fn is_chosen(&self) -> bool {
        is_chosen_id(&self.id)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.collection(), self.id)
    }
}

/// Says whether a text is a key: a lower-case letter, then up to 62 of `[a-z0-9]` and the given marks. The names of
/// other systems and of labels are keys.
pub fn is_key(text: &str, marks: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || marks.contains(c);
    text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits)
}

/// Says whether a text can be an id that somebody chose: that of a record, or of a tenant.
pub fn is_chosen_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    bytes.len() <= MAX_ID_LENGTH
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|b| alphanumeric(b) || *b == b'-')
}

/// A hyphenated lower-case UUID whose first character is a digit: what `generate` makes.
///
/// A UUIDv7 starts with the highest four bits of a 48-bit time in milliseconds: a digit until the year 7545.
fn is_generated_id(id: &str) -> bool {
    id.len() == 36
        && id.as_bytes()[0].is_ascii_digit()
        && uuid::Uuid::try_parse(id).is_ok_and(|uuid| uuid.hyphenated().to_string() == id)
}
