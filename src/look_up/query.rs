//! A text that is looked up: its words, and the index entries that they ask for.
//!
//! The last word may be all that is typed so far, and a single letter an initial: both are the beginning of a word too.
//!
//! It also bounds the cost: [`MAX_WORDS`] words, `MAX_SPELLINGS` spellings of each, [`MAX_ENTRIES`] entries in all. When
//! there are more, spellings with fewer typos come first, and pairs, which few records have, before single words.

use std::collections::{BTreeMap, BTreeSet};

use crate::fold::is_unspaced;
use crate::look_up::identifiers::Identifiers;
use crate::look_up::spelling::Nearness;
use crate::look_up::words::{self, MAX_WORDS};
use crate::look_up::{attached_form, legal_form, spelling};

/// The most spellings of one word that are followed.
const MAX_SPELLINGS: usize = 16;
/// The most entries that one text asks for.
pub const MAX_ENTRIES: usize = 120;
/// The most typos of an entry.
const MAX_TYPOS: u32 = 2;
/// The longest word, in characters, that is tried as two words.
const MAX_SPLIT: usize = 24;
/// The fewest letters of a word that is completed by itself; beside another word, one is enough.
const BEGINNING: usize = 3;
/// The same of a script whose letters are syllables.
const BEGINNING_IN_SYLLABLES: usize = 2;
/// The most words that complete one, when it is all that is asked for and when it is not.
const COMPLETIONS: usize = 32;
const MORE_COMPLETIONS: usize = 8;
/// The most pairs that are asked for by the beginning of their second word.
const MAX_BEGUN_PAIRS: usize = 24;

/// A text that is looked up, taken apart.
#[derive(Clone, Debug, Default)]
pub struct TextQuery {
    /// Its words in order, legal forms included.
    pub words: Vec<QueryWord>,
    /// Its letters and digits, without what is between them.
    pub letters: String,
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
    /// Whether it may be the beginning of a word.
    pub is_beginning: bool,
    /// Whether it was written as several initials: `J. R.`.
    pub is_initials: bool,
}

/// The words of records that are near the words asked for.
#[derive(Clone, Debug, Default)]
pub struct Spellings {
    near: BTreeMap<String, Vec<(usize, Nearness)>>,
    of_asked: Vec<Vec<(Nearness, String)>>,
    /// Words of records that are several words asked for in one: at which they begin, and how many they are.
    joined: Vec<(usize, usize, String)>,
    completions: Vec<String>,
}

/// The words of records, by the spelling keys that found them.
pub type KnownWords = BTreeMap<String, Vec<String>>;

/// Where an index entry is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// At the entry.
    Whole,
    /// At all entries that begin with it.
    Beginning,
}

/// An index entry that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// A word or a pair of words.
    pub entry: String,
    /// Where it is looked for.
    pub reach: Reach,
    /// Which of the words asked for it stands for, and how near they are.
    pub covers: Vec<(usize, Nearness)>,
    typos: u32,
}

/// Words of records that may stand for a run of the words asked for.
struct WordSpan {
    start: usize,
    end: usize,
    words: Vec<String>,
    nearness: Nearness,
}

impl TextQuery {
    /// Takes a text apart. National phone numbers are of the region, or else of that of the tenant, its home.
    pub fn new(text: &str, region: Option<&str>, home: Option<&str>) -> TextQuery {
        let all = crate::fold::words(&attached_form::cut(text));
        let kept = legal_form::kept(&all);
        let last = all.len().min(MAX_WORDS) - usize::from(!all.is_empty());
        let n_words = all.len();
        let initials = crate::fold::letter_runs(text);
        let asked = |(i, (word, kept)): (usize, (String, bool))| QueryWord {
            weight: if kept { weight(&word) } else { 1 },
            is_beginning: kept && is_beginning(&word, i == last, n_words),
            is_initials: n_words > 1 && initials.contains(&word),
            word,
        };
        let words = all
            .into_iter()
            .zip(kept)
            .enumerate()
            .take(MAX_WORDS)
            .map(asked)
            .collect();
        TextQuery {
            words,
            letters: crate::fold::squeezed(text),
            identifiers: Identifiers::read(text.trim(), region, home),
        }
    }

    /// Takes each word as a whole one, not as the beginning of another.
    pub fn of_whole_words(mut self) -> TextQuery {
        for word in &mut self.words {
            word.is_beginning = false;
            word.is_initials = false;
        }
        self
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
            .map(|(_, _, word)| word)
            .filter(|word| !spelling::is_exact(word));
        of_words
            .chain(joined)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }

    /// Returns the last word if it may be completed by itself, and by how many words. Beside a legal form, which nobody is
    /// filed under, two letters are enough (`P.T. In`).
    pub fn to_complete(&self) -> Option<(&str, usize)> {
        let (last, others) = self
            .words
            .split_last()
            .filter(|(last, _)| last.is_beginning)?;
        let is_alone = others.iter().all(|other| other.weight == 1);
        let is_enough = is_long_enough(&last.word)
            || is_alone && !others.is_empty() && last.word.chars().count() > 1;
        let most = if is_alone {
            COMPLETIONS
        } else {
            MORE_COMPLETIONS
        };
        is_enough.then_some((&last.word, most))
    }

    /// Chooses the spellings to follow among the words that share a key with those asked for, and the words that
    /// complete the last one.
    pub fn spellings(&self, known: &KnownWords, completions: Vec<String>) -> Spellings {
        let mut spellings = Spellings {
            completions,
            ..Spellings::default()
        };
        for (i, asked) in self.words.iter().enumerate() {
            let is_known = spelling::is_exact(&asked.word) || is_known(known, &asked.word);
            let mut near: Vec<(Nearness, String)> = is_known
                .then(|| (Nearness::Same, asked.word.clone()))
                .into_iter()
                .collect();
            near.extend(near_words(&asked.word, known));
            near.truncate(MAX_SPELLINGS);
            for (nearness, word) in &near {
                spellings
                    .near
                    .entry(word.clone())
                    .or_default()
                    .push((i, *nearness));
            }
            spellings.of_asked.push(near);
        }
        spellings.joined = self
            .joined()
            .into_iter()
            .filter(|(_, _, word)| is_known(known, word))
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
        probes.extend(self.begun_pairs(&spans));
        let last = self.words.len().saturating_sub(1);
        let complete = |word: &String| Probe::begun(word.clone(), Reach::Whole, vec![], last, 0);
        probes.extend(spellings.completions.iter().map(complete));
        let completes = |probe: &Probe| {
            let begun = |(_, nearness): &(usize, Nearness)| *nearness == Nearness::Begun;
            probe.reach == Reach::Whole && probe.covers.iter().any(begun)
        };
        probes.sort_by_key(|probe| (completes(probe), probe.typos, !probe.entry.contains(' ')));
        let mut seen = BTreeSet::new();
        probes.retain(|probe| seen.insert((probe.entry.clone(), probe.reach)));
        probes.truncate(MAX_ENTRIES);
        probes
    }

    /// Returns the pairs of a word that is near and one that is begun.
    fn begun_pairs(&self, spans: &[WordSpan]) -> Vec<Probe> {
        let begun = self.words.iter().enumerate();
        let mut pairs: Vec<Probe> = begun
            .filter(|(_, asked)| asked.is_beginning || asked.is_initials)
            .flat_map(|(i, asked)| {
                let others = spans
                    .iter()
                    .filter(move |span| !(span.start..span.end).contains(&i));
                others.filter_map(move |span| match span.words.as_slice() {
                    [word] if span.nearness < Nearness::TwoTypos => {
                        let entry = [word.as_str(), asked.begun()].join(" ");
                        let typos = span.nearness.typos();
                        Some(Probe::begun(
                            entry,
                            Reach::Beginning,
                            span.covers(),
                            i,
                            typos,
                        ))
                    }
                    _ => None,
                })
            })
            .collect();
        pairs.sort_by_key(|probe| probe.typos);
        pairs.truncate(MAX_BEGUN_PAIRS);
        pairs
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
                nearness: Nearness::OneTypo,
            };
            spans.extend(near.iter().map(|(nearness, word)| WordSpan {
                nearness: *nearness,
                ..one_typo(1, vec![word.clone()])
            }));
            let joined = spellings.joined.iter().filter(|(start, ..)| *start == i);
            spans.extend(joined.map(|(_, n_words, word)| one_typo(*n_words, vec![word.clone()])));
            if near
                .first()
                .is_some_and(|(near, _)| *near == Nearness::Same)
            {
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

    /// Returns two words in one, and three around a single letter: `rock n roll`.
    fn joined(&self) -> Vec<(usize, usize, String)> {
        let words: Vec<&str> = self.words.iter().map(|asked| asked.word.as_str()).collect();
        let pairs = words.windows(2).enumerate();
        let triples = words.windows(3).enumerate();
        let around_letter = triples.filter(|(_, three)| three[1].chars().count() == 1);
        pairs
            .map(|(i, pair)| (i, 2, pair.concat()))
            .chain(around_letter.map(|(i, three)| (i, 3, three.concat())))
            .collect()
    }
}

impl QueryWord {
    /// Returns what a word has to begin with.
    fn begun(&self) -> &str {
        let first = self.word.chars().next().filter(|_| self.is_initials);
        first.map_or(&self.word, |first| &self.word[..first.len_utf8()])
    }
}

impl WordSpan {
    /// Returns which of the words asked for it stands for; the typos count at the first.
    fn covers(&self) -> Vec<(usize, Nearness)> {
        let at = |i| {
            if i == self.start {
                self.nearness
            } else {
                Nearness::Same
            }
        };
        (self.start..self.end).map(|i| (i, at(i))).collect()
    }

    fn probe(&self, entry: String) -> Probe {
        Probe {
            entry,
            reach: Reach::Whole,
            covers: self.covers(),
            typos: self.nearness.typos(),
        }
    }

    /// Returns the probe for this word and a single word after it, unless the two have too many typos.
    fn paired(&self, later: &WordSpan) -> Option<Probe> {
        let ([word], [other]) = (self.words.as_slice(), later.words.as_slice()) else {
            return None;
        };
        let typos = self.nearness.typos() + later.nearness.typos();
        (later.start >= self.end && typos <= MAX_TYPOS).then(|| Probe {
            entry: words::pair(word, other),
            reach: Reach::Whole,
            covers: [self.covers(), later.covers()].concat(),
            typos,
        })
    }
}

impl Probe {
    /// Returns the probe for what a begun word is looked for with.
    fn begun(
        entry: String,
        reach: Reach,
        with: Vec<(usize, Nearness)>,
        begun: usize,
        typos: u32,
    ) -> Probe {
        let mut covers = with;
        covers.push((begun, Nearness::Begun));
        Probe {
            entry,
            reach,
            covers,
            typos,
        }
    }
}

impl Spellings {
    /// Returns which of the words asked for a word of a record stands for by its spelling, and how near they are.
    pub fn matches(&self, word: &str) -> &[(usize, Nearness)] {
        self.near.get(word).map_or(&[], Vec::as_slice)
    }
}

/// Says whether a word may be the beginning of one: the last of a text, unless it is of digits, which must be right, or
/// cut out of a text without blanks; and an initial beside another word.
fn is_beginning(word: &str, is_last: bool, n_words: usize) -> bool {
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let is_begun = is_last && (n_words > 1 || is_long_enough(word));
    let is_whole = word.chars().all(char::is_numeric) || word.contains(is_unspaced);
    (is_begun || is_initial && n_words > 1) && !is_whole
}

fn is_long_enough(word: &str) -> bool {
    let has_syllables = word.contains(|c| matches!(c, '\u{ac00}'..='\u{d7a3}'));
    let least = if has_syllables {
        BEGINNING_IN_SYLLABLES
    } else {
        BEGINNING
    };
    word.chars().count() >= least
}

fn is_known(known: &KnownWords, word: &str) -> bool {
    known
        .get(word)
        .is_some_and(|words| words.iter().any(|known| known == word))
}

/// Returns the known words with one or two typos, the most likely first.
fn near_words(asked: &str, known: &KnownWords) -> Vec<(Nearness, String)> {
    let keys = spelling::keys(asked);
    let found: BTreeSet<&String> = keys
        .iter()
        .filter_map(|key| known.get(key))
        .flatten()
        .collect();
    let mut near: Vec<(Nearness, bool, usize, &String)> = Vec::new();
    for word in found {
        let nearness = spelling::nearness(asked, word);
        if let Some(nearness) = nearness.filter(|near| *near != Nearness::Same) {
            let other_start = asked.chars().next() != word.chars().next();
            near.push((
                nearness,
                other_start,
                asked.len().abs_diff(word.len()),
                word,
            ));
        }
    }
    near.sort();
    near.into_iter()
        .take(MAX_SPELLINGS)
        .map(|(nearness, _, _, word)| (nearness, word.clone()))
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
