//! Spelling: the keys by which a word is found in spite of a typo, and how many typos lie between two words.
//!
//! The keys of a word are the word itself and the word with each of its letters left out. Two words share a key if one
//! has a letter too many, too few, wrong or swapped with its neighbour (symmetric deletes, W. Garbe, 2012), and also if
//! one letter moved. No key needs a scan: it is looked up as it is.

use std::collections::BTreeSet;

use crate::fold::is_unspaced;

/// How near a word of a record is to a word asked for, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// It is the same.
    Same,
    /// It begins with it.
    Begun,
    /// One typo lies between them.
    OneTypo,
    /// Two do.
    TwoTypos,
}

impl Nearness {
    /// All of them, the nearest first.
    pub const ALL: [Nearness; 4] = [
        Nearness::Same,
        Nearness::Begun,
        Nearness::OneTypo,
        Nearness::TwoTypos,
    ];

    /// Returns how many typos there are.
    pub fn typos(self) -> u32 {
        match self {
            Nearness::Same | Nearness::Begun => 0,
            Nearness::OneTypo => 1,
            Nearness::TwoTypos => 2,
        }
    }
}

/// The fewest characters of a word that may have two typos.
const LONG: usize = 5;
/// How many characters at the start of a word may be left out.
const WITHIN: usize = 20;

/// Returns the keys of a word; none if it has to be exact.
pub fn keys(word: &str) -> BTreeSet<String> {
    if is_exact(word) {
        return BTreeSet::new();
    }
    let mut keys = BTreeSet::from([word.to_owned()]);
    for (at, c) in word.char_indices().take(WITHIN) {
        let key = [&word[..at], &word[at + c.len_utf8()..]].concat();
        if !key.is_empty() {
            keys.insert(key);
        }
    }
    keys
}

/// Says whether a word has to be exact: digits, bigrams of scripts without blanks, and single characters.
pub fn is_exact(word: &str) -> bool {
    word.chars().all(|c| c.is_numeric())
        || word.chars().any(is_unspaced)
        || word.chars().count() < 2
}

/// Returns how near two words are by their spelling; `None` if they share no key, or are too short for two typos.
pub fn nearness(asked: &str, found: &str) -> Option<Nearness> {
    if asked == found {
        return Some(Nearness::Same);
    }
    let (a, b): (Vec<char>, Vec<char>) = (asked.chars().collect(), found.chars().collect());
    let is_long = a.len().min(b.len()) >= LONG;
    match different(&a, &b) {
        ([], [_]) | ([_], []) | ([_], [_]) => Some(Nearness::OneTypo),
        ([w, x], [y, z]) if w == z && x == y => Some(Nearness::OneTypo),
        // One letter moved: it is missing at one end of the difference and extra at the other.
        (a, b)
            if is_long
                && a.len() == b.len()
                && (a[1..] == b[..b.len() - 1] || a[..a.len() - 1] == b[1..]) =>
        {
            Some(Nearness::TwoTypos)
        }
        _ => None,
    }
}

/// Strips what two words have in common at the start and at the end.
fn different<'a>(a: &'a [char], b: &'a [char]) -> (&'a [char], &'a [char]) {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    (&a[..a.len() - end], &b[..b.len() - end])
}
