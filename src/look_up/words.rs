//! Words: what a name is taken apart into, and under which words and pairs of words a record is filed.
//!
//! A record is filed under every word of its names and under every pair of them, and also under the pairs of a name
//! word and a word of its town. A pair finds the few records that have both without walking through the many that have
//! one. It is filed in both orders, so that either word may be given by its beginning: what is filed is in order, and
//! all that begins alike lies together. A town alone finds nobody, because it would find everybody who lives there; it is filed after all names, and
//! only so that its spellings are known as long as somebody lives there.

use std::collections::{BTreeMap, BTreeSet};

use crate::fold::words;
use crate::look_up::{attached_form, legal_form};

/// The most words of the names of one record, and of a text that is looked up.
pub const MAX_WORDS: usize = 8;
/// The most words of one record's towns.
const MAX_PLACE_WORDS: usize = 3;
/// The most name words that are paired with the words of towns.
const MAX_PAIRED_WITH_PLACE: usize = 4;
/// Added to the rank of an entry that holds a word of a town, so that it comes after those of names alone; twice this
/// is the rank of a town by itself.
pub const PLACE: usize = 64;
/// The most words that a name counts as having.
const MAX_LENGTH: usize = 30;

/// The texts by which a record is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// Whether it is a person: whose names have no legal forms, however much they look like one (`Bo Ek`).
    pub is_person: bool,
    /// Its names, each with the path of its field.
    pub names: Vec<(&'static str, String)>,
    /// Its domains.
    pub domains: Vec<String>,
    /// The towns of its addresses.
    pub places: Vec<String>,
}

/// Returns given and family name as they are said.
pub fn full_name(given_name: &str, family_name: &str) -> String {
    [given_name, family_name].join(" ").trim().to_owned()
}

/// Keeps the names that are there, each text once.
pub fn names<const N: usize>(all: [(&'static str, String); N]) -> Vec<(&'static str, String)> {
    let mut names: Vec<(&'static str, String)> = Vec::new();
    for (field, name) in all {
        if !name.trim().is_empty() && names.iter().all(|(_, known)| *known != name) {
            names.push((field, name));
        }
    }
    names
}

/// What a record is filed under: each word or pair, with its rank, which is twice the number of words of the shortest
/// name that holds it, and one less if that name begins with it. Records with short names come first, and so those
/// whose whole name is asked for.
pub type NameEntries = BTreeMap<String, usize>;

/// Returns what a record is filed under, and the words in it whose spellings are to be known.
pub fn entries(texts: &Texts) -> (NameEntries, BTreeSet<String>) {
    let names = name_words(texts);
    let mut all: Vec<&String> = Vec::new();
    for word in names.iter().flatten() {
        if !all.contains(&word) && all.len() < MAX_WORDS {
            all.push(word);
        }
    }
    let mut places: Vec<String> = texts.places.iter().flat_map(|place| words(place)).collect();
    places.retain(|word| !all.contains(&word));
    places.dedup();
    places.truncate(MAX_PLACE_WORDS);
    let rank_of = |wanted: &[&String]| rank(&names, wanted).unwrap_or(2 * all.len());
    let mut entries = NameEntries::new();
    for (i, word) in all.iter().enumerate() {
        entries.insert((*word).clone(), rank_of(&[word]));
        for other in &all[i + 1..] {
            let rank = rank_of(&[word, other]);
            entries.insert([word.as_str(), other].join(" "), rank);
            entries.insert([other.as_str(), word].join(" "), rank);
        }
        for place in places.iter().filter(|_| i < MAX_PAIRED_WITH_PLACE) {
            // Pairs that are asked for are in order; a town is given by its beginning after a name.
            for entry in [pair(word, place), [word.as_str(), place].join(" ")] {
                entries.entry(entry).or_insert(PLACE + rank_of(&[word]));
            }
        }
    }
    for place in &places {
        entries.insert(place.clone(), 2 * PLACE);
    }
    let known = all.into_iter().chain(&places).cloned().collect();
    (entries, known)
}

/// Returns the rank of an entry; `None` if no single name holds all of its words.
fn rank(names: &[Vec<String>], wanted: &[&String]) -> Option<usize> {
    let holding = names
        .iter()
        .filter(|name| wanted.iter().all(|word| name.contains(word)));
    let rank = |name: &Vec<String>| {
        let is_first = wanted.len() == 1 && name.first() == wanted.first().copied();
        2 * name.len().min(MAX_LENGTH) - usize::from(is_first)
    };
    holding.map(rank).min()
}

/// Says whether a word of this rank begins a name.
pub fn begins_name(rank: usize) -> bool {
    rank % 2 == 1
}

/// Returns the words of each name, those of domains last.
fn name_words(texts: &Texts) -> Vec<Vec<String>> {
    let names = texts
        .names
        .iter()
        .map(|(_, name)| words_of_name(name, texts.is_person));
    let domains = texts
        .domains
        .iter()
        .map(|domain| words(domain_label(domain)));
    names
        .chain(domains)
        .filter(|words| !words.is_empty())
        .collect()
}

/// Returns the entry of two words, in whichever order they come.
pub fn pair(a: &str, b: &str) -> String {
    if a <= b {
        format!("{a} {b}")
    } else {
        format!("{b} {a}")
    }
}

/// Returns the part of a host name that tells firms apart: `ferrum` of `www.ferrum.co.uk`.
pub fn domain_label(domain: &str) -> &str {
    let mut labels: Vec<&str> = domain
        .split('.')
        .filter(|label| !label.is_empty())
        .collect();
    if labels.len() > 1 {
        labels.pop();
    }
    // Second-level suffixes such as co.uk; a firm's own label is rarely as short.
    if labels.len() > 1 && labels.last().is_some_and(|label| label.len() <= 3) {
        labels.pop();
    }
    labels.last().copied().unwrap_or_default()
}

/// Returns the words of a name: of a firm without its legal form.
pub fn words_of_name(name: &str, is_person: bool) -> Vec<String> {
    if is_person {
        words(name)
    } else {
        legal_form::strip(words(&attached_form::cut(name)))
    }
}
