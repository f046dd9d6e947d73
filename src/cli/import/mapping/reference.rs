//! References in a mapping: `ref`, `kind` and `via` of a rule, for fields that hold the name of another record.
//!
//! How an external id becomes a name is in `write/resolve.rs`.

use anyhow::{Context, anyhow, bail};
use prost_reflect::FieldDescriptor;

use crate::cli::import::mapping::system::check_system;
use crate::cli::import::mapping::target::FieldSlot;
use crate::descriptors::referred_kind;
use crate::name::Kind;

/// What a field refers to, and whose ids the file has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ExternalReference {
    /// The system of the ids.
    pub(crate) system: String,
    /// The kind of record that has the id.
    pub(crate) kind: Kind,
    /// Whether the field means the customer where the contact of that id works.
    pub(crate) is_employer: bool,
}

impl ExternalReference {
    /// Reads `ref`, `kind` and `via` of a rule.
    pub(crate) fn read(
        system: String,
        kind: Option<String>,
        via: Option<String>,
        slot: &FieldSlot,
    ) -> anyhow::Result<ExternalReference> {
        check_system(&system).context("ref")?;
        let Some(field) = slot.typed_field() else {
            bail!("ref: free attributes refer to no records");
        };
        let is_text = matches!(field.kind(), prost_reflect::Kind::String);
        let kind = kind.map(|word| kind_named(&word)).transpose()?;
        let kind = kind
            .or_else(|| referred_kind(field))
            .filter(|_| is_text)
            .with_context(|| no_kind(field))?;
        let (kind, is_employer) = match via.as_deref() {
            None => (kind, false),
            Some("contact") if kind == Kind::Customer => (Kind::Contact, true),
            Some(_) => bail!(
                "via: only a customer can be found in another way: `via = \"contact\"`, where one works"
            ),
        };
        Ok(ExternalReference {
            system,
            kind,
            is_employer,
        })
    }
}

fn no_kind(field: &FieldDescriptor) -> String {
    match field.name() {
        "records" | "author" => {
            "ref: can be of several kinds: say which one, as in `kind = \"contact\"`".to_owned()
        }
        name => format!("ref: `{name}` does not refer to records"),
    }
}

fn kind_named(word: &str) -> anyhow::Result<Kind> {
    let kinds = || Kind::ALL.map(Kind::singular).join(", ");
    let kind = Kind::ALL.into_iter().find(|kind| kind.singular() == word);
    kind.ok_or_else(|| anyhow!("kind: `{word}` is not one of {}", kinds()))
}
