//! A text that is looked up: the identifiers it may be, its words, and the index entries that they ask for.
//!
//! It also bounds the cost: [`MAX_WORDS`] words, `MAX_SPELLINGS` spellings of each, [`MAX_ENTRIES`] entries in all. When
//! there are more, spellings with fewer typos come first, and pairs, which few records have, before single words.

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
/// The longest word, in characters, that is tried as two words.
const MAX_SPLIT: usize = 24;

/// A text that is looked up, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Its words in order, legal forms included.
    pub words: Vec<QueryWord>,
    /// What it may be besides words.
    pub identifiers: Identifiers,
}

/// One word that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryWord {
    /// The word.
    pub word: String,
    /// How much it counts, see [`weight`].
    pub weight: u32,
}

/// What a text may be besides words, each as records are indexed by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// An e-mail address.
    pub email: Option<String>,
    /// A phone number, or its digits.
    pub phones: Vec<String>,
    /// A domain, possibly that of an e-mail address, unless it is a public mail provider's.
    pub domain: Option<String>,
    /// External ids, in the letter cases that people write.
    pub external_ids: Vec<String>,
    /// The system before a colon, and the external id after it.
    pub system: Option<(String, String)>,
}

/// The words of records that are near the words asked for.
#[derive(Clone, Debug, Default)]
pub struct Spellings {
    near: BTreeMap<String, Vec<(usize, u32)>>,
    of_asked: Vec<Vec<(u32, String)>>,
    joined: Vec<(usize, String)>,
}

/// The words of records, by the spelling keys that found them.
pub type KnownWords = BTreeMap<String, Vec<String>>;

/// An index entry that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// A word or a pair of words.
    pub entry: String,
    /// Which of the words asked for it stands for, each with its typos.
    pub covers: Vec<(usize, u32)>,
    typos: u32,
}

/// Words of records that may stand for a run of the words asked for.
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
            identifiers: Identifiers::read(text.trim(), region),
        }
    }

    /// Returns the spelling keys of the words, and of two words joined.
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

    /// Chooses the spellings to follow among the words that share a key with those asked for.
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
        for (i, span) in spans.iter().enumerate() {
            match span.words.as_slice() {
                [one, other] => probes.push(span.probe(words::pair(one, other))),
                [word] => {
                    probes.push(span.probe(word.clone()));
                    probes.extend(spans[i + 1..].iter().filter_map(|later| span.paired(later)));
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

    /// Returns what may stand for which words, in the order in which the runs start: words that are near, two words for
    /// one, one for two, and two words with the blank elsewhere.
    fn spans(&self, spellings: &Spellings) -> Vec<WordSpan> {
        let mut spans = Vec::new();
        for (i, near) in spellings.of_asked.iter().enumerate() {
            let one_typo = |n_words: usize, words: Vec<String>| WordSpan {
                start: i,
                end: i + n_words,
                words,
                typos: 1,
            };
            spans.extend(near.iter().map(|(typos, word)| WordSpan {
                typos: *typos,
                ..one_typo(1, vec![word.clone()])
            }));
            let joined = spellings.joined.iter().filter(|(start, _)| *start == i);
            spans.extend(joined.map(|(_, word)| one_typo(2, vec![word.clone()])));
            if near.first().is_some_and(|(typos, _)| *typos == 0) {
                continue;
            }
            let word = &self.words[i].word;
            spans.extend(splits(word).into_iter().map(|words| one_typo(1, words)));
            if let Some(next) = self.words.get(i + 1) {
                let shifts = shifts(word, &next.word);
                spans.extend(shifts.into_iter().map(|words| one_typo(2, words)));
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

impl WordSpan {
    /// Returns which of the words asked for it stands for; the typos count at the first.
    fn covers(&self) -> Vec<(usize, u32)> {
        (self.start..self.end)
            .map(|i| (i, if i == self.start { self.typos } else { 0 }))
            .collect()
    }

    fn probe(&self, entry: String) -> Probe {
        Probe {
            entry,
            covers: self.covers(),
            typos: self.typos,
        }
    }

    /// Returns the probe for this word and a single word after it, unless the two have too many typos.
    fn paired(&self, later: &WordSpan) -> Option<Probe> {
        let ([word], [other]) = (self.words.as_slice(), later.words.as_slice()) else {
            return None;
        };
        let typos = self.typos + later.typos;
        (later.start >= self.end && typos <= MAX_TYPOS).then(|| Probe {
            entry: words::pair(word, other),
            covers: [self.covers(), later.covers()].concat(),
            typos,
        })
    }
}

impl Spellings {
    /// Returns which of the words asked for a word of a record stands for, each with its typos.
    pub fn matches(&self, word: &str) -> &[(usize, u32)] {
        self.near.get(word).map_or(&[], Vec::as_slice)
    }
}

fn is_known(known: &KnownWords, word: &str) -> bool {
    known
        .get(word)
        .is_some_and(|words| words.iter().any(|known| known == word))
}

/// Returns the known words with one or two typos, the most likely first.
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

/// Returns the ways to read a word as two: the blank is missing, or another letter is in its place.
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

/// Returns two words with the blank between them moved by one letter.
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

/// Returns how much a word counts: a long one tells more than a short one.
pub fn weight(word: &str) -> u32 {
    u32::try_from(word.chars().count().min(10) + 1).unwrap_or(1)
}

impl Identifiers {
    fn read(text: &str, region: Option<&str>) -> Identifiers {
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

/// Returns the host of an e-mail address, of a web address or of the text itself, as domains are stored.
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
