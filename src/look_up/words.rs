//! Words: what a name is taken apart into, and under which words and pairs of words a record is filed.
//!
//! A record is filed under every word of its names and under every pair of them, and also under the pairs of a name
//! word and a word of its town. A pair finds the few records that have both without walking through the many that have
//! one. A town alone finds nobody, because it would find everybody who lives there; it is filed after all names, and
//! only so that its spellings are known as long as somebody lives there.

use std::collections::{BTreeMap, BTreeSet};

use crate::fold::words;
use crate::look_up::legal_form;

/// The most words of the names of one record, and of a text that is looked up.
pub const MAX_WORDS: usize = 8;
/// The most words of one record's towns.
const MAX_PLACE_WORDS: usize = 3;
/// The most name words that are paired with the words of towns.
const MAX_PAIRED_WITH_PLACE: usize = 4;
/// Added to the size of an entry that holds a word of a town, so that it comes after those of names alone; twice this
/// is the size of a town by itself.
pub const PLACE: usize = 64;

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

/// What a record is filed under: each word or pair, with the size of the shortest name that holds it. Records with
/// short names come first, and so those whose whole name is asked for.
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
    let size_of = |wanted: &[&String]| {
        let holds = |name: &&Vec<String>| wanted.iter().all(|word| name.contains(word));
        names
            .iter()
            .filter(holds)
            .map(Vec::len)
            .min()
            .unwrap_or(all.len())
    };
    let mut entries = NameEntries::new();
    for (i, word) in all.iter().enumerate() {
        entries.insert((*word).clone(), size_of(&[word]));
        for other in &all[i + 1..] {
            entries.insert(pair(word, other), size_of(&[word, other]));
        }
        for place in places.iter().filter(|_| i < MAX_PAIRED_WITH_PLACE) {
            entries
                .entry(pair(word, place))
                .or_insert(PLACE + size_of(&[word]));
        }
    }
    for place in &places {
        entries.insert(place.clone(), 2 * PLACE);
    }
    let known = all.into_iter().chain(&places).cloned().collect();
    (entries, known)
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
        legal_form::strip(words(name))
    }
}
