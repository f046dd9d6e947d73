//! Spelling: the keys under which a word is found in spite of a typo, and how many typos lie between two words.
//!
//! The keys of a word are the word itself and the word with each of its letters left out. Two words that differ by one
//! letter too many, missing, wrong or changed over share a key (the method of symmetric deletes, W. Garbe, 2012), and
//! so do two of which one letter moved. No key makes a scan: it is looked up as it is.

use std::collections::BTreeSet;

use crate::fold::is_unspaced;

/// The fewest characters of a word that may have two typos.
const LONG: usize = 5;
/// The characters of a word, counted from its start, that may be left out.
const WITHIN: usize = 20;

/// Returns the keys of a word; none when it must be right: digits, and bigrams of scripts without blanks.
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

/// Says whether a word is only found as it is.
pub fn is_exact(word: &str) -> bool {
    word.chars().all(|c| c.is_numeric())
        || word.chars().any(is_unspaced)
        || word.chars().count() < 2
}

/// Returns how many typos lie between two words; `None` when they share no key, or are too short for two.
pub fn typos(asked: &str, found: &str) -> Option<u32> {
    if asked == found {
        return Some(0);
    }
    let (a, b): (Vec<char>, Vec<char>) = (asked.chars().collect(), found.chars().collect());
    let is_long = a.len().min(b.len()) >= LONG;
    match different(&a, &b) {
        ([], [_]) | ([_], []) | ([_], [_]) => Some(1),
        ([w, x], [y, z]) if w == z && x == y => Some(1),
        // A letter that moved: left out at one end of the difference and put in at the other.
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

/// Takes off what two words have in common at the start and at the end.
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
