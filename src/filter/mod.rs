//! The filter language: text in, checked conditions out.
//!
//! Pure: it knows descriptors and no database. `grammar` turns text into a tree, `check` turns the tree into
//! conditions on the fields of a message; `store::filter` turns those into SQL.
//!
//! So far: `field = value`, joined by AND, on scalar fields, references and `external_ids.<system>`.

pub mod check;
pub mod grammar;

use prost_reflect::MessageDescriptor;

/// The longest filter, in bytes.
pub const MAX_LENGTH: usize = 4096;
/// The most restrictions in one filter.
pub const MAX_RESTRICTIONS: usize = 64;

/// What is wrong with a filter, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The byte offset in the text.
    pub offset: usize,
    /// What is wrong there and what would be right.
    pub message: String,
}

impl Problem {
    fn new(offset: usize, message: impl Into<String>) -> Problem {
        Problem { offset, message: message.into() }
    }
}

/// Reads a filter on a message; a blank one has no conditions.
pub fn read(text: &str, message: &MessageDescriptor) -> Result<Vec<check::Condition>, Problem> {
    if text.len() > MAX_LENGTH {
        return Err(Problem::new(MAX_LENGTH, format!("longer than {MAX_LENGTH} bytes")));
    }
    if let Some(offset) = text.find('\0') {
        return Err(Problem::new(offset, "a NUL character, which no text can hold"));
    }
    grammar::parse(text)?.into_iter().map(|restriction| check::check(restriction, message)).collect()
}
