//! Letters that names are spelled with in several ways, and the one that stands for all of them in look-up.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Ideographs by line, the usual form first; lines that begin with `#` are comments.
const HAN_VARIANTS: &str = include_str!("han_variants.txt");

static USUAL_FORM: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let lines = HAN_VARIANTS.lines().filter(|line| !line.starts_with('#'));
    lines
        .flat_map(|line| {
            let usual = line.chars().next();
            line.chars()
                .skip(1)
                .filter_map(move |form| usual.map(|usual| (form, usual)))
        })
        .collect()
});

/// Says whether a character is a mark that may be left out: an accent (Latin, Greek, Cyrillic) or an optional point
/// (Hebrew, Arabic). The vowel signs of Indic scripts are letters.
pub fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Appends the plain spelling of a folded letter: Katakana for Hiragana, the usual form of an ideograph, and letters
/// of the alphabet for those that Unicode does not decompose (CLDR, transform Latin-ASCII).
pub fn push_plain(text: &mut String, c: char) {
    let letters = match c {
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ŋ' => "n",
        'ŧ' => "t",
        'ĸ' => "q",
        _ => return text.push(usual_form(c)),
    };
    text.push_str(letters);
}

fn usual_form(c: char) -> char {
    match c {
        // The two kana have the same order, 0x60 apart.
        '\u{3041}'..='\u{3096}' | '\u{309d}' | '\u{309e}' => {
            char::from_u32(u32::from(c) + 0x60).unwrap_or(c)
        }
        _ if c >= '\u{3400}' => USUAL_FORM.get(&c).copied().unwrap_or(c),
        _ => c,
    }
}

#[test]
fn every_ideograph_has_one_usual_form_and_is_in_nfkc() {
    use unicode_normalization::UnicodeNormalization;
    let lines = HAN_VARIANTS.lines().filter(|line| !line.starts_with('#'));
    let mut all: Vec<char> = lines.flat_map(str::chars).collect();
    assert!(all.iter().all(|c| c.nfkc().eq(Some(*c))));
    let n_listed = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), n_listed);
}
