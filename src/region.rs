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
    Some(match code_of(text) {
        Some(code) => format!("is not a region code: write {code}"),
        None => "is not a region code, such as AT".to_owned(),
    })
}

/// Returns the code of the region that a text names.
pub fn code_of(name: &str) -> Option<&'static str> {
    CODE_OF_NAME.get(&letters(name)).copied()
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
        for text in ["", "XX", "EU", "Atlantis", "A", "001"] {
            assert_eq!((code_of(text), is_code(text)), (None, false), "{text}");
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
