//! Spelling: the keys by which a word is found in spite of a typo, and how many typos lie between two words.
//!
//! The keys of a word are the word itself and the word with each of its letters left out. Two words share a key if one
//! has a letter too many, too few, wrong or swapped with its neighbour (symmetric deletes, W. Garbe, 2012), and also if
//! one letter moved. No key needs a scan: it is looked up as it is.

use std::collections::BTreeSet;

use crate::fold::is_unspaced;

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

/// Returns how many typos lie between two words; `None` if they share no key, or are too short for two typos.
pub fn typos(asked: &str, found: &str) -> Option<u32> {
    if asked == found {
        return Some(0);
    }
    let (a, b): (Vec<char>, Vec<char>) = (asked.chars().collect(), found.chars().collect());
    let is_long = a.len().min(b.len()) >= LONG;
    match different(&a, &b) {
        ([], [_]) | ([_], []) | ([_], [_]) => Some(1),
        ([w, x], [y, z]) if w == z && x == y => Some(1),
        // One letter moved: it is missing at one end of the difference and extra at the other.
        (a, b)
            if is_long
                && a.len() == b.len()
                && (a[1..] == b[..b.len() - 1] || a[..a.len() - 1] == b[1..]) =>
        {
            Some(2)
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
