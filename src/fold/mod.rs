//! Folding: the forms in which texts are compared when case, width or accents must not matter, and the words of a
//! text.
//!
//! Done in Rust and never in SQL: SQLite's `lower` knows only ASCII, PostgreSQL's follows the locale.

mod letters; // accents, letters with several spellings, kana, forms of ideographs

use icu_casemap::CaseMapper;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::clean::shows_nothing;
use crate::fold::letters::{is_accent, push_plain};

/// The longest word, in characters; a longer one is cut, both here and in what is looked up.
const MAX_WORD: usize = 32;

/// Returns a text in NFKC with its case folded in full (Unicode Standard, 3.13) and without what shows nothing:
/// `STRASSE` equals `straße` and `STRAẞE`, and all forms of sigma are equal.
///
/// The dotted and the dotless i of Turkish are the same plain i as that of other languages.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let shown: String = text
        .chars()
        .map(attached)
        .nfkc()
        .filter(|c| !shows_nothing(*c))
        .collect();
    let folded = CaseMapper::new().fold_string(&shown);
    let mut after_i = false;
    let plain = folded.chars().filter_map(|c| {
        let is_its_dot = after_i && c == '\u{307}';
        let c = if c == 'ı' { 'i' } else { c };
        after_i = c == 'i';
        (!is_its_dot).then_some(c)
    });
    plain.nfkc().collect()
}

/// Returns the mark that belongs to the kana before it for one that stands by itself, as old keyboards have it (`ハ゜`).
fn attached(c: char) -> char {
    match c {
        '\u{309b}' => '\u{3099}',
        '\u{309c}' => '\u{309a}',
        c => c,
    }
}

/// Returns a folded text without accents, and with one letter for those that names are spelled with in several ways:
/// the form in which names are looked up.
pub fn unaccented(text: &str) -> String {
    let folded = folded(text);
    if folded.is_ascii() {
        return folded;
    }
    let bare = folded.nfkd().filter(|c| !is_accent(*c)).nfc();
    let mut plain = String::with_capacity(folded.len());
    bare.for_each(|c| push_plain(&mut plain, c));
    plain
}

/// Returns the words of a text. A text without letters or digits is one word by itself.
pub fn words(text: &str) -> Vec<String> {
    let plain = unaccented(text);
    let joined = joined_letters(&raw_words(&plain)).into_iter();
    let mut words = joined_characters(joined.map(|(word, _)| word));
    if words.is_empty() {
        let all = if plain.trim().is_empty() {
            folded(text)
        } else {
            plain
        };
        words.push(all.chars().filter(|c| !c.is_whitespace()).collect());
    }
    let words = words
        .into_iter()
        .flat_map(|word| unspaced(&word))
        .map(|word| cut(&word));
    words.filter(|word| !word.is_empty()).collect()
}

/// Says whether a name has every word of a text, in any order.
pub fn has_words_of(name: &str, text: &str) -> bool {
    let own = words(name);
    words(text).iter().all(|word| own.contains(word))
}

/// Splits at everything but letters, digits and marks. Apostrophes vanish (`McDonald's`), and so do dots between
/// single letters (`S.p.A.`), which `joined_letters` handles.
fn raw_words(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '\'' | '\u{2019}' | '\u{2bc}' | '`'))
        .collect();
    text.split(|c: char| !is_part(c))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Words that stand for `&` between two letters.
const AND: [&str; 6] = ["and", "und", "et", "en", "och", "og"];

/// Joins runs of single letters, and says which words are such runs: `a o smith` is `ao smith`, `s p a` is `spa`, and
/// `h und m` is `hm`, as `H&M` is.
fn joined_letters(words: &[String]) -> Vec<(String, bool)> {
    let is_single = |word: &String| {
        word.chars().count() == 1 && word.chars().all(|c| c.is_alphabetic() && !is_unspaced(c))
    };
    let mut joined: Vec<(String, bool)> = Vec::new();
    let mut in_run = false;
    for (i, word) in words.iter().enumerate() {
        let single = is_single(word);
        if in_run && AND.contains(&word.as_str()) && words.get(i + 1).is_some_and(is_single) {
            continue;
        }
        match joined.last_mut() {
            Some((last, is_run)) if single && in_run => {
                last.push_str(word);
                *is_run = true;
            }
            _ => joined.push((word.clone(), false)),
        }
        in_run = single;
    }
    joined
}

/// Joins a single character of a script without blanks to what stands beside it in such a script: `张 伟` is `张伟`.
fn joined_characters(words: impl Iterator<Item = String>) -> Vec<String> {
    let is_unspaced_word = |word: &str| word.chars().all(is_unspaced);
    let is_single = |word: &str| word.chars().count() == 1;
    let mut joined: Vec<String> = Vec::new();
    let mut last_is_single = false;
    for word in words {
        let single = is_single(&word);
        match joined.last_mut() {
            Some(last)
                if (single || last_is_single)
                    && is_unspaced_word(last)
                    && is_unspaced_word(&word) =>
            {
                last.push_str(&word);
            }
            _ => joined.push(word),
        }
        last_is_single = single;
    }
    joined
}

/// Returns the letters and digits of a text in their plain spelling, without all that is between them.
pub fn squeezed(text: &str) -> String {
    let plain = unaccented(text);
    plain.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Returns those words of a text that are runs of single letters, such as initials: `jr` of `J. R. Ewing`.
pub fn letter_runs(text: &str) -> Vec<String> {
    let words = joined_letters(&raw_words(&unaccented(text))).into_iter();
    words
        .filter_map(|(word, is_run)| is_run.then_some(word))
        .collect()
}

/// Splits a run in a script that is written without spaces into its bigrams; other words stay as they are.
fn unspaced(word: &str) -> Vec<String> {
    if !word.contains(is_unspaced) {
        return vec![word.to_owned()];
    }
    let mut parts: Vec<String> = Vec::new();
    let chars: Vec<char> = word.chars().collect();
    for run in chars.chunk_by(|a, b| is_unspaced(*a) == is_unspaced(*b)) {
        if run.len() == 1 || !is_unspaced(run[0]) {
            parts.push(run.iter().collect());
        } else {
            parts.extend(
                run.windows(2)
                    .map(|bigram| bigram.iter().collect::<String>()),
            );
        }
    }
    parts
}

/// Says whether a character is of a script that puts no spaces between words: Han, Kana, Thai, Lao, Burmese, Khmer.
pub fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
        | '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

fn cut(word: &str) -> String {
    word.chars().take(MAX_WORD).collect()
}
