//! Folding: the forms in which texts are compared when case, width or accents must not matter.
//!
//! In Rust and never in SQL, because the engines fold differently (trap M14).

use unicode_normalization::UnicodeNormalization;

/// Returns a text in NFKC with its case folded, letter by letter: `STRASSE` equals `straße`, and a sigma is one
/// wherever it stands.
///
/// By way of upper case, to which all forms of a letter lead (Unicode Standard, 3.13 and SpecialCasing.txt).
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns a text in NFKC and lower case without accents: the form in which names are looked up.
///
/// Marks are taken off where they are accents (Latin, Greek, Cyrillic) or optional points (Hebrew, Arabic); the vowel
/// signs of Indic scripts stay, because they are letters.
pub fn unaccented(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.nfkc().collect::<String>().to_lowercase();
    let bare: String = lower.nfkd().filter(|c| !is_accent(*c)).nfc().collect();
    let mut plain = String::with_capacity(bare.len());
    for c in bare.chars() {
        match spelled(c) {
            Some(letters) => plain.push_str(letters),
            None => plain.push(c),
        }
    }
    plain
}

fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{200b}'..='\u{200f}' | '\u{ad}')
}

/// Returns the plain spelling of letters that Unicode does not take apart (CLDR, transform Latin-ASCII).
fn spelled(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ŧ' => "t",
        'ĸ' => "q",
        'ς' => "σ",
        _ => return None,
    })
}
