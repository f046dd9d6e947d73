//! Regions: the codes of countries and territories, and what else people write in their place.
//!
//! A code is of two letters (CLDR, mostly those of ISO 3166). The other names serve to say which code is meant, and are
//! never taken instead of it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::fold::squeezed;

/// Each code, and the names of its region: its code of three letters, its name in the languages that many write, and in its
/// own (CLDR 45), its short and its official name (ISO 3166-1).
const NAMES: &str = include_str!("region_names.txt");

static CODES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| lines().map(|(code, _)| code).collect());

static CODE_OF_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let named = |(code, names): (&'static str, &'static str)| {
        names.split('|').map(move |name| (letters(name), code))
    };
    lines().flat_map(named).collect()
});

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    NAMES.lines().filter_map(|line| line.split_once('\t'))
}

/// Returns the form in which a code is kept, `AT` for ` at `; a text that is no code as it is.
pub fn normal(text: &str) -> String {
    let code = text.trim().to_ascii_uppercase();
    if is_code(&code) {
        code
    } else {
        text.to_owned()
    }
}

/// Says whether a text is a code, in capitals.
pub fn is_code(text: &str) -> bool {
    CODES.contains(text)
}

/// Says what is wrong with a text that should be a code, or empty; `None` if nothing is.
pub fn problem(text: &str) -> Option<String> {
    if text.is_empty() || is_code(&normal(text)) {
        return None;
    }
    Some(match code_of_any(text) {
        Some(code) => format!("is not a region code: write {code}"),
        None => "is not a region code, such as AT".to_owned(),
    })
}

/// Returns the code of the region that a text means: a code in any case, or a name of the region.
pub fn code_of_any(text: &str) -> Option<&'static str> {
    let code = normal(text);
    CODES.get(code.as_str()).copied().or_else(|| code_of(text))
}

/// Returns the code of the region that a text names: by one name, by a name with its article or its kind of state behind
/// a comma, or by two names of the same region, one of which may be its code.
pub fn code_of(name: &str) -> Option<&'static str> {
    let known = |name: &str| CODE_OF_NAME.get(&letters(name)).copied();
    let spelled_out = spelled_out(name);
    let turned = || {
        let (name, kind) = spelled_out.split_once(',')?;
        let joints = ["", "of", "of the"];
        joints
            .iter()
            .find_map(|joint| known(&format!("{kind} {joint} {name}")))
    };
    known(name)
        .or_else(|| known(&spelled_out))
        .or_else(turned)
        .or_else(|| code_of_both(name))
}

/// Returns the code of a region with two names: `Germany (DE)`, `DE - Germany`, `Schweiz/Suisse`.
fn code_of_both(name: &str) -> Option<&'static str> {
    let name = name.replace(" - ", "/");
    let parts = name.split(['(', ')', '/', '\u{2013}']).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let [one, other] = parts[..] else {
        return None;
    };
    let code = |part: &str| {
        let as_code = CODES.get(part).copied();
        as_code.or_else(|| CODE_OF_NAME.get(&letters(part)).copied())
    };
    code(one).filter(|known| code(other) == Some(known))
}

/// Words that lists of countries cut short.
const CUT_WORDS: [(&str, &str); 8] = [
    ("rep", "republic"),
    ("dem", "democratic"),
    ("fed", "federated"),
    ("sts", "states"),
    ("st", "saint"),
    ("is", "islands"),
    ("isl", "islands"),
    ("ppl", "people's"),
];

/// Writes the words out that are cut short with a point behind them.
fn spelled_out(name: &str) -> String {
    let whole = |word: &str| {
        let (bare, comma) = word
            .strip_suffix(',')
            .map_or((word, ""), |bare| (bare, ","));
        let bare = bare.strip_suffix('.').unwrap_or(bare);
        let known = CUT_WORDS
            .iter()
            .find(|(cut, _)| cut.eq_ignore_ascii_case(bare));
        known.map_or(word.to_owned(), |(_, whole)| format!("{whole}{comma}"))
    };
    let words: Vec<String> = name.split_whitespace().map(whole).collect();
    words.join(" ")
}

/// Returns the letters of a name, as names are compared: without case, accents, blanks and points.
fn letters(name: &str) -> String {
    let bare = squeezed(name);
    bare.strip_prefix("the").map(str::to_owned).unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_in_capitals_and_a_name_leads_to_it() {
        assert_eq!(
            (normal("us"), normal(" At\u{a0}")),
            ("US".into(), "AT".into())
        );
        for (name, code) in [
            ("United States", "US"),
            ("the united states of america", "US"),
            ("USA", "US"),
            ("U.S.", "US"),
            ("Deutschland", "DE"),
            ("Österreich", "AT"),
            ("OSTERREICH", "AT"),
            ("UK", "GB"),
            ("Great Britain", "GB"),
            ("日本", "JP"),
            ("España", "ES"),
            ("The Netherlands", "NL"),
            ("Korea, Republic of", "KR"),
            ("Korea (Democratic People's Republic of)", "KP"),
            ("Viet Nam", "VN"),
            ("Türkiye", "TR"),
            ("C\u{f4}te d\u{2019}Ivoire", "CI"),
            ("Bosnia and Herzegovina", "BA"),
            ("Slovak Republic", "SK"),
            ("Islamic Republic of Iran", "IR"),
            ("U.S.A.", "US"),
        ] {
            assert_eq!((code_of(name), is_code(code)), (Some(code), true), "{name}");
            assert_eq!(normal(name), name);
        }
        for text in [
            "",
            "XX",
            "EU",
            "Atlantis",
            "A",
            "001",
            "Germany (AT)",
            "DE/AT",
            "Germany, The Works",
        ] {
            assert_eq!((code_of(text), is_code(text)), (None, false), "{text}");
        }
    }

    #[test]
    fn what_lists_of_countries_write_leads_to_the_code() {
        for (name, code) in [
            ("\u{10c}esk\u{e1} republika", "CZ"),
            ("Republic of Kosovo", "XK"),
            ("KSV", "XK"),
            ("XKX", "XK"),
            ("ROM", "RO"),
            ("Congo, Dem. Rep.", "CD"),
            ("Congo, Rep.", "CG"),
            ("Egypt, Arab Rep.", "EG"),
            ("Iran, Islamic Rep.", "IR"),
            ("Korea, Rep.", "KR"),
            ("Micronesia, Fed. Sts.", "FM"),
            ("Yemen, Rep.", "YE"),
            ("Venezuela, RB", "VE"),
            ("St. Lucia", "LC"),
            ("Bahamas, The", "BS"),
            ("Gambia, The", "GM"),
            ("Hong Kong SAR", "HK"),
            ("Hong Kong SAR, China", "HK"),
            ("Macau SAR", "MO"),
            ("Vatican", "VA"),
            ("West Bank & Gaza", "PS"),
            ("Germany (DE)", "DE"),
            ("DE - Germany", "DE"),
            ("Great Britain (UK)", "GB"),
            ("Schweiz/Suisse", "CH"),
            ("Deutschland (Germany)", "DE"),
        ] {
            assert_eq!(code_of(name), Some(code), "{name}");
        }
    }

    #[test]
    fn no_name_is_a_code_and_none_leads_two_ways() {
        let (mut seen, mut codes) = (HashMap::new(), Vec::new());
        for (code, names) in lines() {
            codes.push(code);
            for name in names.split('|') {
                assert!(!is_code(name) && !letters(name).is_empty(), "{name}");
                assert_eq!(*seen.entry(letters(name)).or_insert(code), code, "{name}");
            }
        }
        assert!(codes.is_sorted() && codes.len() > 240);
    }
}
