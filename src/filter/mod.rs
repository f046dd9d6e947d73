//! The filter language (AIP-160): text in, a checked filter out, and what a record must be to meet it.
//!
//! Pure: it knows descriptors and no database. `grammar` turns text into a syntax tree, which `print` writes again;
//! `check` gives every restriction its meaning on the fields of a message and makes the typed `tree`. That tree has
//! two uses, which agree on every input: `evaluate` in memory, and SQL in `store::read::filter`, in the form that `merge`
//! brings it to. `outline` keeps how the parts were written, and `explain` says what they come to for one record.

pub mod grammar;
mod print;
pub mod scan;

mod check;
mod condition;
mod literal;
pub mod resolve;
mod same_element;
pub mod tree;

pub mod evaluate;
mod field_value;
pub mod merge;
pub mod record;
pub mod validity;

mod actual;
pub mod explain;
pub mod fields;
pub mod outline;
mod print_value;
pub mod renamed;
pub mod slips;

use prost_reflect::MessageDescriptor;

use tree::Filter;

/// The longest filter, in bytes.
pub const MAX_LENGTH: usize = 4096;
/// The most restrictions in one filter, and so the most branches of an OR.
pub const MAX_RESTRICTIONS: usize = 64;
/// The most parentheses and calls nested in one another.
pub const MAX_DEPTH: usize = 16;

/// What is wrong with a filter, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// The byte offset in the text.
    pub offset: usize,
    /// What is wrong there, and what would be right.
    pub message: String,
}

impl FilterError {
    fn new(offset: usize, message: impl Into<String>) -> FilterError {
        FilterError {
            offset,
            message: message.into(),
        }
    }
}

/// Reads a filter on a message, with its slips; a blank one is `None`. [`slips::read_new`] refuses slips.
pub fn read(text: &str, message: &MessageDescriptor) -> Result<Option<Filter>, FilterError> {
    grammar::parse(text)?
        .map(|node| check::check(&node, message))
        .transpose()
}

/// Returns a filter in the canonical form; of a blank one nothing.
pub fn canonical(text: &str) -> Result<String, FilterError> {
    let node = grammar::parse(text)?;
    Ok(node.map(|node| node.to_string()).unwrap_or_default())
}
