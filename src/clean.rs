//! Cleaning: what stays of a text that comes in, because some characters show nothing and are pasted unseen.
//!
//! Facts of Unicode come from `icu_properties`. Which fields are lines and which passages is said in `service::check`.

use std::borrow::Cow;

use icu_properties::props::{
    DefaultIgnorableCodePoint, ExtendedPictographic, IndicSyllabicCategory, JoiningType,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::char::canonical_combining_class;

/// The combining class of a virama, which ends a letter of an Indic script; a joiner after it chooses its shape.
const VIRAMA: u8 = 9;
/// Makes a key of the digit before it.
const KEYCAP: char = '\u{20e3}';
/// The most characters after a black flag that say whose it is.
const MAX_TAGS: usize = 7;

/// Says whether a character shows nothing by itself, or as nothing but a blank where a letter would be: marks of
/// direction and of hidden breaks, joiners, fillers, tags, choices of a variant.
pub fn shows_nothing(c: char) -> bool {
    !c.is_ascii()
        && (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
            || matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffb}'))
}

/// Says whether a text of one line cannot hold a character: a line break, or another character that controls a
/// terminal.
pub fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Returns a text of one line without what shows nothing; empty if it is blank. What the characters around it need to
/// be shown right stays: joiners in the scripts that have them and between emoji, and choices of a variant.
pub fn line(text: &str) -> Cow<'_, str> {
    if text.chars().any(shows_nothing) {
        let kept = shown(text);
        return Cow::Owned(if kept.trim().is_empty() {
            String::new()
        } else {
            kept
        });
    }
    Cow::Borrowed(if text.trim().is_empty() { "" } else { text })
}

/// Returns a text of several lines without what reorders it for a reader (overrides, embeddings and isolates of
/// direction) and without control characters other than tabs and line breaks. NUL stays, to be refused.
pub fn passage(text: &str) -> Cow<'_, str> {
    let goes = |c: char| {
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || c.is_control() && !c.is_whitespace() && c != '\0'
    };
    if text.contains(goes) {
        Cow::Owned(text.chars().filter(|c| !goes(*c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

fn shown(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if !shows_nothing(c) || is_needed(c, &kept, &text[at + c.len_utf8()..]) {
            kept.push(c);
        }
    }
    kept
}

/// Says whether what is kept before a character and what follows need it to be shown right.
fn is_needed(c: char, before: &str, after: &str) -> bool {
    let last = before.chars().next_back();
    match c {
        '\u{200c}' | '\u{200d}' | '\u{180e}' => {
            let next = after.chars().find(|c| !shows_nothing(*c));
            last.is_some_and(|last| joins(last, before, next))
        }
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(last, Some('\u{1820}'..='\u{18aa}')),
        '\u{fe0e}' | '\u{fe0f}' => last.is_some_and(is_picture) || after.starts_with(KEYCAP),
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => {
            last.is_some_and(|last| last >= '\u{1000}' && last.is_alphanumeric())
        }
        '\u{e0020}'..='\u{e007f}' => is_in_flag(before),
        // The blank of Braille is a blank among its letters.
        '\u{2800}' => {
            [last, after.chars().next()]
                .iter()
                .flatten()
                .filter(|c| is_braille(**c))
                .count()
                == 2
        }
        _ => false,
    }
}

/// Says whether a joiner belongs between what is before it and what follows.
fn joins(last: char, before: &str, next: Option<char>) -> bool {
    let has_virama = canonical_combining_class(last) == VIRAMA;
    let Some(next) = next else {
        return has_virama;
    };
    let is_mark = |c: char| joining(c) == JoiningType::Transparent;
    let letter = before.chars().rev().find(|c| !is_mark(*c)).unwrap_or(last);
    let is_cursive = |c: char| {
        !matches!(
            joining(c),
            JoiningType::NonJoining | JoiningType::Transparent
        )
    };
    let is_modifier = |c: &char| matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    let picture = before.chars().rev().find(|c| !is_modifier(c));
    has_virama
        || is_cursive(letter) && is_cursive(next)
        || is_indic(last) && is_indic(next)
        || picture.is_some_and(is_picture) && is_picture(next)
}

fn joining(c: char) -> JoiningType {
    CodePointMapData::<JoiningType>::new().get(c)
}

fn is_indic(c: char) -> bool {
    !c.is_ascii()
        && CodePointMapData::<IndicSyllabicCategory>::new().get(c) != IndicSyllabicCategory::Other
}

fn is_picture(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

fn is_braille(c: char) -> bool {
    matches!(c, '\u{2801}'..='\u{28ff}')
}

/// Says whether a text ends in a black flag and fewer characters after it than say whose it is.
fn is_in_flag(text: &str) -> bool {
    let is_tag = |c: &char| matches!(c, '\u{e0020}'..='\u{e007e}');
    let n_tags = text.chars().rev().take_while(is_tag).count();
    n_tags < MAX_TAGS && text.chars().rev().nth(n_tags) == Some('\u{1f3f4}')
}

#[cfg(test)]
mod tests {
    use super::{line, passage};

    #[test]
    fn what_shows_nothing_is_no_part_of_a_line() {
        for c in "\u{200b}\u{2060}\u{feff}\u{ad}\u{2800}\u{202e}\u{3164}\u{115f}\u{ffa0}\u{34f}\u{fe0f}\u{e0041}\u{180e}".chars() {
            assert_eq!(line(&c.to_string()), "", "{c:?}");
            assert_eq!(line(&format!("A{c} B")), "A B", "{c:?}");
            assert_eq!(line(&format!("{c}77{c}{c}")), "77", "{c:?}");
        }
        assert_eq!(line(" \u{3000}\u{a0}"), "");
        assert_eq!(line(" Bo "), " Bo ");
        // Control characters stay, to be refused.
        assert_eq!(line("\u{7}"), "\u{7}");
    }

    #[test]
    fn what_a_script_or_a_picture_needs_stays() {
        for text in [
            "می\u{200c}خواهم",
            "ക്\u{200d}",
            "र\u{94d}\u{200d}क",
            "ක්\u{200d}ය",
            "👩🏽\u{200d}🚀",
            "❤\u{fe0f}\u{200d}🔥",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "⠓\u{2800}⠑",
            "葛\u{e0100}城",
            "7\u{fe0f}\u{20e3}",
        ] {
            assert_eq!(line(text), text);
        }
        assert_eq!(line("A\u{200d}B \u{200c}C م\u{200c}"), "AB C م");
    }

    #[test]
    fn a_passage_keeps_its_lines_and_loses_what_reorders_it() {
        assert_eq!(
            passage("a\r\n\tb\u{200f}\u{200b}c"),
            "a\r\n\tb\u{200f}\u{200b}c"
        );
        assert_eq!(passage("a\u{202e}b\u{2066}c\u{1b}[0m"), "abc[0m");
    }
}
