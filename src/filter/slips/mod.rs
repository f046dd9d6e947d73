//! Slips: what the grammar allows and was probably not meant.
//!
//! A word by itself is searched in names, so a filter with an operator left out reads well and finds nobody; and so does one
//! with a value that no record has. A filter that is written or asked anew is refused for it. One that is stored already keeps its meaning, and the slip is shown
//! as a warning.

mod clause; // parts of a query of another language
mod continued; // what goes on behind a comparison
mod keyword; // operators of other languages
mod value; // values that ask for less than they seem to
mod word; // what a value by itself is

use prost_reflect::MessageDescriptor;

use crate::filter::FilterError;
use crate::filter::check::check;
use crate::filter::grammar::{Comparable, Leaf, Node, parse_noting};
use crate::filter::slips::word::{Word, word};
use crate::filter::tree::Filter;

/// What is done with a part that was probably meant otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlipKind {
    /// It is searched for as a text.
    SearchedAsText,
    /// It is read as a number with decimals, and may be one of thousands.
    AmbiguousNumber,
    /// Its `*` stands for nothing but itself.
    LiteralStar,
    /// No record has such a value.
    ImpossibleValue,
}

/// A part of a filter that was probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// What is done with it.
    pub kind: SlipKind,
    /// How it is written, in the canonical form.
    pub part: String,
    /// Where it is, and what would be right.
    pub problem: FilterError,
}

/// Reads a filter that is written or asked anew, and refuses a slip; a blank filter is `None`.
pub fn read_new(text: &str, message: &MessageDescriptor) -> Result<Option<Filter>, FilterError> {
    let mut leaves = Vec::new();
    let node = parse_noting(text, &mut leaves);
    let filter = node.and_then(|node| node.map(|node| check(&node, message)).transpose());
    // What stands before a slip is told first; what comes after it may be wrong because of it.
    match (filter, among(&leaves, text, message).into_iter().next()) {
        (Err(problem), Some(slip)) if problem.offset < slip.problem.offset => Err(problem),
        (_, Some(slip)) => Err(slip.problem),
        (filter, None) => filter,
    }
}

/// Returns the slips in a filter that can be read, in their order.
pub fn slips(text: &str, message: &MessageDescriptor) -> Vec<Slip> {
    let mut leaves = Vec::new();
    match parse_noting(text, &mut leaves) {
        Ok(_) => among(&leaves, text, message),
        Err(_) => Vec::new(),
    }
}

/// The restrictions and values of a filter, in the order of its text.
struct Leaves<'a> {
    text: &'a str,
    all: &'a [Leaf],
    words: Vec<Option<Word>>,
    message: &'a MessageDescriptor,
}

impl Leaves<'_> {
    fn word(&self, i: Option<usize>) -> Option<&Word> {
        self.words.get(i?)?.as_ref()
    }

    fn before(&self, i: usize) -> Option<&Word> {
        self.word(i.checked_sub(1))
    }

    fn after(&self, i: usize) -> Option<&Word> {
        self.word(Some(i + 1))
    }

    /// Returns what stands between one and the one before it, such as `OR`.
    fn joint(&self, i: usize) -> &str {
        let before = i.checked_sub(1).map_or(0, |before| self.all[before].end);
        let between = self.text.get(before..self.all[i].start);
        between.unwrap_or_default().trim()
    }

    /// Returns the value by itself, if it is one.
    fn value(&self, i: usize) -> Option<&Comparable> {
        match &self.all.get(i)?.node {
            Node::Literal(literal) => Some(literal),
            _ => None,
        }
    }
}

fn among(all: &[Leaf], text: &str, message: &MessageDescriptor) -> Vec<Slip> {
    let mut words: Vec<Option<Word>> = Vec::new();
    for leaf in all {
        let before = words.last().and_then(Option::as_ref);
        let word = word(&leaf.node, before, message);
        words.push(word);
    }
    let leaves = Leaves {
        text,
        all,
        words,
        message,
    };
    let mut slips = Vec::new();
    // The comparison that a value may still belong to.
    let mut compared: Option<usize> = None;
    for (i, leaf) in all.iter().enumerate() {
        if let Some(advice) = clause::behind(&leaves, i) {
            slips.push(searched(leaf, advice));
            // What follows belongs to it.
            break;
        }
        if matches!(leaf.node, Node::Restriction { .. }) {
            slips.extend(continued::thousands(leaf, message));
            slips.extend(value::in_value(leaf, message));
            compared = Some(i);
            continue;
        }
        let second = compared.and_then(|of| continued::second_value(&leaves, of, i));
        if second.is_none() {
            compared = None;
        }
        slips.extend(second.or_else(|| of_value(&leaves, i)));
    }
    slips
}

/// Returns the slip that a value by itself is.
fn of_value(leaves: &Leaves<'_>, i: usize) -> Option<Slip> {
    let (before, after) = (leaves.before(i), leaves.after(i));
    let is_told = |word: Option<&Word>| matches!(word, Some(Word::Keyword(_)));
    let advice = match leaves.word(Some(i))? {
        Word::Keyword(keyword) => Some(keyword::instead_of(leaves, i, keyword)),
        Word::Field(_) if is_told(before) || is_told(after) => None,
        Word::Field(field) => Some(keyword::compared_by_is(leaves, i, field).unwrap_or_else(
            || {
                format!(
                    "a field by itself asks nothing: write `{}`",
                    field.example(after)
                )
            },
        )),
        Word::Text(text) => clause::before(leaves, i)
            .or_else(|| continued::advice(leaves, i))
            .or_else(|| word::of_enum(text, before, leaves.message))
            .or_else(|| word::of_signs(text)),
    };
    advice.map(|advice| searched(&leaves.all[i], advice))
}

/// Returns the slip of a word that is searched for as a text.
fn searched(leaf: &Leaf, advice: String) -> Slip {
    let message = format!("{advice}; as a text to search for it stands in quotes");
    Slip {
        kind: SlipKind::SearchedAsText,
        part: leaf.node.to_string(),
        problem: FilterError::new(leaf.start, message),
    }
}
