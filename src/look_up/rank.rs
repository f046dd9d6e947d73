//! Ranking: how well a record fits a text, in whole numbers, so that the order is the same everywhere.
//!
//! There are two passes. The first uses only the index entries that found a record, and picks the candidates that are
//! worth reading. The second uses the texts of those, and says what matched.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::look_up::query::{Probe, QueryWord, Spellings, TextQuery, weight};
use crate::look_up::spelling::Nearness;
use crate::look_up::words::{self, MAX_WORDS, PLACE, Texts};
use crate::look_up::{attached_form, legal_form};
use crate::public_mail;

/// The score of a full match by name.
pub const FULL: u32 = 1000;
/// The score of an identifier of the record itself: more than the domain of an e-mail address and any name together.
pub const IDENTIFIED: u32 = 3000;
/// The score of the domain of an e-mail address, at the firm that has it: more than any name.
pub const SAME_DOMAIN: u32 = 1500;
/// The least score of a result.
const LEAST: u32 = 300;
/// The part of [`FULL`] that says how much of the text was found; the rest says how much of the name was asked for.
const BY_TEXT: u32 = 800;
/// Added when every word of the text, legal forms aside, is one of the record: that is more than any beginning or
/// misspelling of a shorter name.
const ALL_FOUND: u32 = 150;
/// The part of what the name counts that is given, when a word is only begun, if the first word of the name is found.
const FIRST_WORD: u32 = 100;
/// The percentage that a word in another name of the record counts.
const OTHER_NAME: u32 = 95;
/// The percentage that a word of a town counts.
const TOWN: u32 = 90;
/// Added when the text contains all words of the name as they are, legal forms included: in their order, and in another.
/// Other words in the text, such as a town, do not count against that.
const SAME: u32 = 20;
const SAME_WORDS: u32 = 10;
/// Added when the text is the name, letter by letter: before names that are the same but for their legal form.
const EXACT: u32 = 5;

/// A record's text that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// The path of the field.
    pub field: &'static str,
    /// What it is.
    pub kind: TextKind,
    /// The typos between what was asked for and what was found.
    pub typos: u32,
}

/// What kind of text matched by its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// A name.
    Name,
    /// The domain of a firm.
    Domain,
    /// The town of an address.
    Place,
}

/// How well a record fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// Higher is better.
    pub score: u32,
    /// What matched, the most telling first.
    pub matched: Vec<Matched>,
}

/// Returns the percentage that a word counts that is so near.
fn credit(nearness: Nearness) -> u32 {
    match nearness {
        Nearness::Same => 100,
        Nearness::Begun => 88,
        Nearness::OneTypo => 80,
        Nearness::TwoTypos => 55,
    }
}

/// What the index entries that found a record say of it.
#[derive(Clone, Debug)]
struct Evidence {
    nearness: [Option<Nearness>; MAX_WORDS],
    rank: usize,
    begins_name: bool,
}

/// Picks the records that are worth reading, best first. A hit is the probe, the rank of the entry, and the record.
/// Among those with a word that is only begun, names that begin with it come first.
pub fn candidates(
    query: &TextQuery,
    probes: &[Probe],
    hits: &[(usize, usize, String)],
    most: usize,
) -> Vec<String> {
    let mut found: BTreeMap<&str, Evidence> = BTreeMap::new();
    for (probe, rank, name) in hits {
        let Some(probe) = probes.get(*probe).filter(|_| *rank < 2 * PLACE) else {
            continue;
        };
        let rank = if *rank >= PLACE { rank - PLACE } else { *rank };
        let evidence = found.entry(name).or_insert(Evidence {
            nearness: [None; MAX_WORDS],
            rank,
            begins_name: false,
        });
        evidence.rank = evidence.rank.min(rank);
        evidence.begins_name |= words::begins_name(rank);
        for (at, nearness) in &probe.covers {
            let best = &mut evidence.nearness[*at];
            *best = Some(best.map_or(*nearness, |best| best.min(*nearness)));
        }
    }
    let mut ranked: Vec<_> = found
        .into_iter()
        .map(|(name, of)| {
            let is_begun = of.nearness.contains(&Some(Nearness::Begun));
            let order = (is_begun && !of.begins_name, of.rank, name);
            (Reverse(of.score(query)), order)
        })
        .collect();
    ranked.sort();
    ranked
        .into_iter()
        .take(most)
        .map(|(_, (_, _, name))| name.to_owned())
        .collect()
}

impl Evidence {
    fn score(&self, query: &TextQuery) -> u32 {
        let asked = query.words.iter().zip(&self.nearness);
        asked
            .map(|(asked, near)| near.map_or(0, |near| points(asked.weight, near)))
            .sum()
    }
}

fn points(weight: u32, nearness: Nearness) -> u32 {
    weight * credit(nearness)
}

/// Says how well a record fits; `None` when too little of the text matches its names.
pub fn fit(query: &TextQuery, spellings: &Spellings, record: &Texts) -> Option<Fit> {
    let names = record
        .names
        .iter()
        .map(|(field, name)| (*field, TextKind::Name, name.as_str()));
    let own = record
        .domains
        .iter()
        .filter(|domain| !public_mail::is_public(domain));
    let domains = own.map(|domain| {
        (
            "business.domains",
            TextKind::Domain,
            words::domain_label(domain),
        )
    });
    let texts: Vec<ComparedText> = names
        .chain(domains)
        .map(|text| ComparedText::new(query, spellings, text, record.is_person))
        .collect();
    let (best, main) = texts
        .iter()
        .enumerate()
        .max_by_key(|(i, text)| (text.score(query), usize::MAX - i))?;
    let mut matched = vec![main.matched()];
    let mut points = main.points.clone();
    for (_, other) in texts.iter().enumerate().filter(|(i, _)| *i != best) {
        if raise(&mut points, &other.points, OTHER_NAME) {
            matched.push(other.matched());
        }
    }
    let known_by_name = points.iter().any(|points| *points > 0);
    for place in &record.places {
        let town = ComparedText::new(
            query,
            spellings,
            ("addresses", TextKind::Place, place),
            true,
        );
        if raise(&mut points, &town.points, TOWN) {
            matched.push(town.matched());
        }
    }
    let all_found = query
        .words
        .iter()
        .zip(&points)
        .filter(|(asked, _)| asked.weight > 1)
        .all(|(asked, points)| *points >= asked.weight * TOWN);
    let score = share(BY_TEXT, points.iter().sum(), 100 * total(query))
        + main.name_score()
        + main.same_words_score()
        + if all_found { ALL_FOUND } else { 0 }
        + if is_exact(query, record) { EXACT } else { 0 };
    let enough = known_by_name && share(FULL, points.iter().sum(), 100 * total(query)) >= LEAST;
    enough.then_some(Fit { score, matched })
}

/// Says whether the text is a name of the record, letter by letter.
fn is_exact(query: &TextQuery, record: &Texts) -> bool {
    let mut names = record.names.iter();
    names.any(|(_, name)| crate::fold::squeezed(name) == query.letters)
}

/// Raises points to those of another text, which count less; says whether any rose.
fn raise(points: &mut [u32], more: &[u32], percent: u32) -> bool {
    let mut any = false;
    for (own, other) in points.iter_mut().zip(more) {
        let other = other * percent / 100;
        any |= other > *own;
        *own = other.max(*own);
    }
    any
}

fn total(query: &TextQuery) -> u32 {
    query.words.iter().map(|asked| asked.weight).sum()
}

fn share(of: u32, part: u32, whole: u32) -> u32 {
    of * part / whole.max(1)
}

/// One text of a record, compared with the words asked for.
struct ComparedText {
    field: &'static str,
    kind: TextKind,
    all: Vec<String>,
    /// The weight of each of its words, and by which word asked for it was taken.
    words: Vec<(u32, Option<usize>)>,
    points: Vec<u32>,
    typos: u32,
    /// Whether one of its words was only begun.
    is_begun: bool,
}

impl ComparedText {
    fn new(
        query: &TextQuery,
        spellings: &Spellings,
        text: (&'static str, TextKind, &str),
        is_person: bool,
    ) -> ComparedText {
        let (field, kind, text) = text;
        let (all, kept) = if is_person {
            let all = crate::fold::words(text);
            let kept = vec![true; all.len()];
            (all, kept)
        } else {
            let all = crate::fold::words(&attached_form::cut(text));
            let kept = legal_form::kept(&all);
            (all, kept)
        };
        let weight_of = |(word, kept): (&String, &bool)| if *kept { weight(word) } else { 0 };
        let words = all
            .iter()
            .zip(&kept)
            .map(weight_of)
            .map(|weight| (weight, None))
            .collect();
        let mut text = ComparedText {
            field,
            kind,
            all,
            words,
            points: vec![0; query.words.len()],
            typos: 0,
            is_begun: false,
        };
        for nearness in Nearness::ALL {
            text.take_words(query, spellings, nearness);
            if nearness == Nearness::Same {
                text.take_joined_letters(query);
            }
        }
        text.take_initials(query);
        text.take_blanks(query);
        text
    }

    /// Takes for several initials as many free words in a row.
    fn take_initials(&mut self, query: &TextQuery) {
        for (i, asked) in query.words.iter().enumerate() {
            let n_letters = asked.word.chars().count();
            if !asked.is_initials || self.points[i] > 0 || n_letters > self.all.len() {
                continue;
            }
            let begins = |start: &usize| {
                let words = self.all[*start..].iter().zip(&self.words[*start..]);
                words
                    .zip(asked.word.chars())
                    .all(|((word, (_, taken)), letter)| taken.is_none() && word.starts_with(letter))
            };
            if let Some(start) = (0..=self.all.len() - n_letters).find(begins) {
                self.points[i] = points(asked.weight, Nearness::Begun);
                self.words[start..start + n_letters]
                    .iter_mut()
                    .for_each(|(_, taken)| *taken = Some(i));
                self.is_begun = true;
            }
        }
    }

    /// Takes for each free word the first free word asked for that is so near.
    fn take_words(&mut self, query: &TextQuery, spellings: &Spellings, nearness: Nearness) {
        for k in 0..self.all.len() {
            if self.words[k].1.is_some() {
                continue;
            }
            let word = &self.all[k];
            let by_spelling = spellings.matches(word).iter();
            let near = by_spelling
                .filter(|(_, of)| *of == nearness)
                .map(|(i, _)| *i);
            let is_as_it_is = |asked: &QueryWord| match nearness {
                Nearness::Same => asked.word == *word,
                Nearness::Begun => asked.is_beginning && word.starts_with(&asked.word),
                _ => false,
            };
            let as_it_is = (0..query.words.len()).filter(|i| is_as_it_is(&query.words[*i]));
            let mut open = near.chain(as_it_is).filter(|i| self.points[*i] == 0);
            if let Some(i) = open.next() {
                self.points[i] = points(query.words[i].weight, nearness);
                self.words[k].1 = Some(i);
                self.typos += nearness.typos();
                self.is_begun |= nearness == Nearness::Begun;
            }
        }
    }

    /// Takes for a free word two or three words asked for that are it together, if one of them is a single letter: a blank
    /// in the place of an apostrophe is no typo, and the letter of `d amico` begins no other word.
    fn take_joined_letters(&mut self, query: &TextQuery) {
        let asked = &query.words;
        let runs = [3, 2]
            .into_iter()
            .flat_map(|n| (0..(asked.len() + 1).saturating_sub(n)).map(move |i| i..i + n));
        for run in runs {
            let words = &asked[run.clone()];
            let has_letter = words.iter().any(|asked| asked.word.chars().count() == 1);
            let joined = words
                .iter()
                .map(|asked| asked.word.as_str())
                .collect::<String>();
            let is_free = |k: &usize| self.words[*k].1.is_none() && self.all[*k] == joined;
            if let Some(k) = (0..self.all.len()).find(is_free)
                && has_letter
                && run.clone().all(|i| self.points[i] == 0)
            {
                self.words[k].1 = Some(run.start);
                run.for_each(|i| self.points[i] = points(asked[i].weight, Nearness::Same));
            }
        }
    }

    /// Looks among the free words for a blank too many, missing, or out of place, which is one typo.
    fn take_blanks(&mut self, query: &TextQuery) {
        let (asked, n_words) = (&query.words, self.all.len());
        for i in 0..asked.len() {
            for k in 0..n_words {
                let runs = [(1, 2), (2, 1), (2, 2), (1, 3), (3, 1)].into_iter();
                let fitting = runs.filter(|(of_asked, of_text)| {
                    i + of_asked <= asked.len() && k + of_text <= n_words
                });
                for (of_asked, of_text) in fitting {
                    let (asked_run, text_run) = (i..i + of_asked, k..k + of_text);
                    let is_open = asked_run.clone().all(|i| self.points[i] == 0)
                        && text_run.clone().all(|k| self.words[k].1.is_none());
                    let joined = asked_run
                        .clone()
                        .map(|i| asked[i].word.as_str())
                        .collect::<String>();
                    if is_open && is_respaced(&joined, &self.all[text_run.clone()]) {
                        asked_run.for_each(|i| {
                            self.points[i] = points(asked[i].weight, Nearness::OneTypo);
                        });
                        text_run.for_each(|k| self.words[k].1 = Some(i));
                        self.typos += 1;
                    }
                }
            }
        }
    }

    fn score(&self, query: &TextQuery) -> u32 {
        share(BY_TEXT, self.points.iter().sum(), 100 * total(query))
            + self.name_score()
            + self.same_words_score()
    }

    /// Scores how much of the name was asked for. While somebody types, it counts as much that the name begins so.
    fn name_score(&self) -> u32 {
        let asked = self
            .words
            .iter()
            .filter(|(_, asked)| asked.is_some())
            .map(|(weight, _)| weight)
            .sum();
        let whole = self.words.iter().map(|(weight, _)| weight).sum();
        let first = self.words.iter().find(|(weight, _)| *weight > 0);
        match first {
            Some((_, asked_first)) if self.is_begun => {
                let by_first = if asked_first.is_some() { FIRST_WORD } else { 0 };
                by_first + share(FULL - BY_TEXT - FIRST_WORD, asked, whole)
            }
            _ => share(FULL - BY_TEXT, asked, whole),
        }
    }

    fn same_words_score(&self) -> u32 {
        let asked: Option<Vec<usize>> = self.words.iter().map(|(_, asked)| *asked).collect();
        match asked.filter(|_| self.typos == 0) {
            Some(asked) if asked.is_sorted() && !self.is_begun => SAME,
            // An initial is that of the given name, which is where it was typed.
            Some(asked) if asked.is_sorted() || !self.is_begun => SAME_WORDS,
            _ => 0,
        }
    }

    fn matched(&self) -> Matched {
        Matched {
            field: self.field,
            kind: self.kind,
            typos: self.typos,
        }
    }
}

/// Says whether the words are what was asked for, except for the blanks between them or another letter in the place of one.
fn is_respaced(joined: &str, words: &[String]) -> bool {
    let Some(rest) = words
        .first()
        .and_then(|first| joined.strip_prefix(first.as_str()))
    else {
        return false;
    };
    match &words[1..] {
        [] => rest.is_empty(),
        [second] => rest
            .strip_suffix(second.as_str())
            .is_some_and(|between| between.chars().count() <= 1),
        others => rest == others.concat(),
    }
}
