//! A text that is looked up: the identifiers it may be, its words, and the entries that they ask for.
//!
//! What it costs is bounded here: [`MAX_WORDS`] words, `MAX_SPELLINGS` spellings of each, [`MAX_ENTRIES`] entries in
//! all. What is left out is decided by the text and the words alone: spellings with fewer typos come first, and pairs,
//! which few records have, come before single words.

use std::collections::{BTreeMap, BTreeSet};

use crate::fold::folded;
use crate::look_up::words::{self, MAX_WORDS};
use crate::look_up::{legal_form, spelling};
use crate::{phone, public_mail};

/// The most spellings of one word that are followed.
const MAX_SPELLINGS: usize = 16;
/// The most entries that one text asks for.
pub const MAX_ENTRIES: usize = 120;
/// The most typos of an entry.
const MAX_TYPOS: u32 = 2;
/// The longest word, in characters, that is tried as two with the blank between them missing.
const MAX_SPLIT: usize = 24;

/// A text taken apart.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The words in order, legal forms included.
    pub words: Vec<QueryWord>,
    /// What it may be besides words.
    pub identifiers: Identifiers,
}

/// One word that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryWord {
    /// The word.
    pub word: String,
    /// How much it counts.
    pub weight: u32,
}

/// What a text may be besides words, each in the form in which it is filed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// An e-mail address.
    pub email: Option<String>,
    /// A phone number, or its digits.
    pub phones: Vec<String>,
    /// A domain, also that of an e-mail address unless a public mail provider has it.
    pub domain: Option<String>,
    /// External ids in the cases that people write them in.
    pub external_ids: Vec<String>,
    /// The system of the external ids that stands before a colon, and what stands after it.
    pub system: Option<(String, String)>,
}

/// The words of records that are near the words asked for.
#[derive(Clone, Debug, Default)]
pub struct Spellings {
    near: BTreeMap<String, Vec<(usize, u32)>>,
    of_asked: Vec<Vec<(u32, String)>>,
    joined: Vec<(usize, String)>,
}

/// The words of records by the keys they were found under.
pub type KnownWords = BTreeMap<String, Vec<String>>;

/// An entry that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// A word or a pair of words.
    pub entry: String,
    /// Which of the words asked for it stands for, each with its typos.
    pub covers: Vec<(usize, u32)>,
    typos: u32,
}

/// Words of records that stand for a run of words asked for.
struct WordSpan {
    start: usize,
    end: usize,
    words: Vec<String>,
    typos: u32,
}

impl Query {
    /// Takes a text apart.
    pub fn new(text: &str, region: Option<&str>) -> Query {
        let all = crate::fold::words(text);
        let kept = legal_form::kept(&all);
        let asked = |(word, kept): (String, bool)| QueryWord {
            weight: if kept { weight(&word) } else { 1 },
            word,
        };
        let words = all
            .into_iter()
            .zip(kept)
            .take(MAX_WORDS)
            .map(asked)
            .collect();
        Query {
            words,
            identifiers: Identifiers::of(text.trim(), region),
        }
    }

    /// Returns the keys under which the words are looked for, whichever way they are spelled.
    pub fn keys(&self) -> Vec<String> {
        let of_words = self
            .words
            .iter()
            .flat_map(|asked| spelling::keys(&asked.word));
        let joined = self
            .joined()
            .into_iter()
            .map(|(_, word)| word)
            .filter(|word| !spelling::is_exact(word));
        of_words
            .chain(joined)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    /// Chooses among the words that share a key with those asked for.
    pub fn spellings(&self, known: &KnownWords) -> Spellings {
        let mut spellings = Spellings::default();
        for (i, asked) in self.words.iter().enumerate() {
            let is_known = spelling::is_exact(&asked.word) || is_known(known, &asked.word);
            let mut near: Vec<(u32, String)> = is_known
                .then(|| (0, asked.word.clone()))
                .into_iter()
                .collect();
            near.extend(near_words(&asked.word, known));
            near.truncate(MAX_SPELLINGS);
            for (typos, word) in &near {
                spellings
                    .near
                    .entry(word.clone())
                    .or_default()
                    .push((i, *typos));
            }
            spellings.of_asked.push(near);
        }
        spellings.joined = self
            .joined()
            .into_iter()
            .filter(|(_, word)| is_known(known, word))
            .collect();
        spellings
    }

    /// Returns the entries to ask for, the most telling first.
    pub fn probes(&self, spellings: &Spellings) -> Vec<Probe> {
        let spans = self.spans(spellings);
        let mut probes: Vec<Probe> = Vec::new();
        for (i, a) in spans.iter().enumerate() {
            let covers = |span: &WordSpan| {
                let of = |at| (at, if at == span.start { span.typos } else { 0 });
                (span.start..span.end).map(of).collect::<Vec<_>>()
            };
            match a.words.as_slice() {
                [one, other] => {
                    let entry = words::pair(one, other);
                    probes.push(Probe {
                        entry,
                        covers: covers(a),
                        typos: a.typos,
                    });
                }
                [word] => {
                    probes.push(Probe {
                        entry: word.clone(),
                        covers: covers(a),
                        typos: a.typos,
                    });
                    let later = spans[i + 1..]
                        .iter()
                        .filter(|b| b.start >= a.end && a.typos + b.typos <= MAX_TYPOS);
                    for (b, other) in later
                        .filter_map(|b| Some((b, b.words.first().filter(|_| b.words.len() == 1)?)))
                    {
                        let covers = [covers(a), covers(b)].concat();
                        probes.push(Probe {
                            entry: words::pair(word, other),
                            covers,
                            typos: a.typos + b.typos,
                        });
                    }
                }
                _ => {}
            }
        }
        probes.sort_by_key(|probe| (probe.typos, !probe.entry.contains(' ')));
        let mut seen = BTreeSet::new();
        probes.retain(|probe| seen.insert(probe.entry.clone()));
        probes.truncate(MAX_ENTRIES);
        probes
    }

    /// Lists what may stand for which words: near words, words with a blank too many, words with a blank missing or out
    /// of place. In the order in which they start.
    fn spans(&self, spellings: &Spellings) -> Vec<WordSpan> {
        let mut spans = Vec::new();
        for (i, near) in spellings.of_asked.iter().enumerate() {
            let one = |(typos, word): &(u32, String)| WordSpan {
                start: i,
                end: i + 1,
                words: vec![word.clone()],
                typos: *typos,
            };
            spans.extend(near.iter().map(one));
            let joined = spellings.joined.iter().filter(|(start, _)| *start == i);
            spans.extend(joined.map(|(_, word)| WordSpan {
                start: i,
                end: i + 2,
                words: vec![word.clone()],
                typos: 1,
            }));
            let word = &self.words[i].word;
            if near.first().is_none_or(|(typos, _)| *typos > 0) {
                let two = |words| WordSpan {
                    start: i,
                    end: i + 1,
                    words,
                    typos: 1,
                };
                spans.extend(splits(word).into_iter().map(two));
                if let Some(next) = self.words.get(i + 1) {
                    let two = |words| WordSpan {
                        start: i,
                        end: i + 2,
                        words,
                        typos: 1,
                    };
                    spans.extend(shifts(word, &next.word).into_iter().map(two));
                }
            }
        }
        spans
    }

    fn joined(&self) -> Vec<(usize, String)> {
        let pairs = self.words.windows(2).enumerate();
        pairs
            .map(|(i, pair)| (i, [pair[0].word.as_str(), &pair[1].word].concat()))
            .collect()
    }
}

impl Spellings {
    /// Returns which of the words asked for a word of a record stands for, each with its typos.
    pub fn of(&self, word: &str) -> &[(usize, u32)] {
        self.near.get(word).map_or(&[], Vec::as_slice)
    }
}

fn is_known(known: &KnownWords, word: &str) -> bool {
    known
        .get(word)
        .is_some_and(|words| words.iter().any(|known| known == word))
}

/// Returns the known words with one or two typos, the likeliest first.
fn near_words(asked: &str, known: &KnownWords) -> Vec<(u32, String)> {
    let keys = spelling::keys(asked);
    let found: BTreeSet<&String> = keys
        .iter()
        .filter_map(|key| known.get(key))
        .flatten()
        .collect();
    let mut near: Vec<(u32, bool, usize, &String)> = Vec::new();
    for word in found {
        if let Some(typos) = spelling::typos(asked, word).filter(|typos| *typos > 0) {
            let other_start = asked.chars().next() != word.chars().next();
            near.push((typos, other_start, asked.len().abs_diff(word.len()), word));
        }
    }
    near.sort();
    near.into_iter()
        .take(MAX_SPELLINGS)
        .map(|(typos, _, _, word)| (typos, word.clone()))
        .collect()
}

/// Returns the ways in which a word can be two, with the blank missing or another letter in its place.
fn splits(word: &str) -> Vec<Vec<String>> {
    let chars: Vec<char> = word.chars().collect();
    if chars.len() > MAX_SPLIT {
        return Vec::new();
    }
    let text = |chars: &[char]| chars.iter().collect::<String>();
    let missing = (1..chars.len()).map(|i| vec![text(&chars[..i]), text(&chars[i..])]);
    let replaced =
        (1..chars.len().saturating_sub(1)).map(|i| vec![text(&chars[..i]), text(&chars[i + 1..])]);
    missing.chain(replaced).collect()
}

/// Returns two words with the blank between them one letter earlier or later.
fn shifts(one: &str, other: &str) -> Vec<Vec<String>> {
    let (mut a, mut b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let text = |chars: &[char]| chars.iter().collect::<String>();
    let mut shifts = Vec::new();
    if a.len() > 1 {
        let (rest, last) = a.split_at(a.len() - 1);
        shifts.push(vec![text(rest), text(&[last, &b].concat())]);
    }
    if b.len() > 1 {
        a.push(b.remove(0));
        shifts.push(vec![text(&a), text(&b)]);
    }
    shifts
}

/// Returns how much a word counts: long ones tell more than short ones.
pub fn weight(word: &str) -> u32 {
    u32::try_from(word.chars().count().min(10) + 1).unwrap_or(1)
}

impl Identifiers {
    fn of(text: &str, region: Option<&str>) -> Identifiers {
        let domain = domain(text);
        let is_phone = text.chars().filter(|c| c.is_numeric()).count() >= 5
            && !text.chars().any(char::is_alphabetic);
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let phones = phone::e164(text, region)
            .into_iter()
            .chain(Some(digits).filter(|_| is_phone))
            .collect();
        let external_ids =
            BTreeSet::from([text.to_owned(), text.to_lowercase(), text.to_uppercase()]);
        let system = text
            .split_once(':')
            .map(|(system, id)| (system.trim().to_lowercase(), id.trim().to_owned()));
        Identifiers {
            email: text.contains('@').then(|| folded(text)),
            phones,
            domain,
            external_ids: external_ids
                .into_iter()
                .filter(|id| !id.is_empty())
                .collect(),
            system: system.filter(|(system, id)| !system.is_empty() && !id.is_empty()),
        }
    }
}

/// Returns the host of an e-mail address, of a web address or of the text itself, as domains are kept.
fn domain(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let text = text
        .split_once("://")
        .map_or(text.as_str(), |(_, rest)| rest);
    let text = text.split(['/', '?', '#']).next().unwrap_or_default();
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let host = host
        .strip_prefix("www.")
        .unwrap_or(host)
        .trim_end_matches('.');
    let is_host = host.contains('.') && !host.contains(char::is_whitespace);
    (is_host && !public_mail::is_public(host)).then(|| host.to_owned())
}
