//! `pattern` of a rule: how the text of a cell is shortened before anything else happens to it.

use serde::Deserialize;

use crate::host;

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CellPattern {
    /// `2013 (1888)` gives `2013`.
    FirstInteger,
    /// `Saint Paul, Minnesota, USA` gives `Saint Paul`.
    BeforeFirstComma,
    /// `Saint Paul, Minnesota, USA` gives `Saint Paul, Minnesota`.
    BeforeLastComma,
    /// `Saint Paul, Minnesota, USA` gives `USA`; a text without a comma gives nothing.
    AfterLastComma,
    /// `Columbus, Ohio; Detroit, Michigan` gives `Columbus, Ohio`.
    BeforeSemicolon,
    /// `Virginia[2]` gives `Virginia`, `2013 (1888)` gives `2013`.
    BeforeBracket,
    /// `https://www.shop.example/x`, `shop.example` and `ann@shop.example` give `shop.example`.
    Host,
}

/// One pattern or several, which are applied in order.
#[derive(Deserialize, Default)]
#[serde(
    untagged,
    expecting = "expected one of first-integer, before-first-comma, before-last-comma, after-last-comma, \
     before-semicolon, before-bracket, host, or a list of them"
)]
pub(crate) enum CellPatterns {
    #[default]
    None,
    One(CellPattern),
    Several(Vec<CellPattern>),
}

impl CellPatterns {
    pub(crate) fn into_list(self) -> Vec<CellPattern> {
        match self {
            CellPatterns::None => Vec::new(),
            CellPatterns::One(pattern) => vec![pattern],
            CellPatterns::Several(patterns) => patterns,
        }
    }
}

impl CellPattern {
    pub(crate) fn apply(self, text: &str) -> Result<&str, String> {
        let before = |marks: &[char]| text.split(marks).next().unwrap_or_default();
        Ok(match self {
            CellPattern::FirstInteger => first_integer(text).ok_or("has no whole number in it")?,
            CellPattern::BeforeFirstComma => before(&[',']),
            CellPattern::BeforeLastComma => {
                text.rsplit_once(',').map_or(text, |(before, _)| before)
            }
            CellPattern::AfterLastComma => text.rsplit_once(',').map_or("", |(_, after)| after),
            CellPattern::BeforeSemicolon => before(&[';']),
            CellPattern::BeforeBracket => before(&['(', '[']),
            CellPattern::Host => Some(host::in_text(text))
                .filter(|host| host::has_top_level(host) && host::name(host).is_some())
                .ok_or("has no host name in it")?,
        })
    }
}

fn first_integer(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_digit())
        .find(|digits| !digits.is_empty())
}

#[test]
fn a_host_is_taken_out_of_an_address() {
    for text in [
        "https://www.shop.example/x?y",
        "shop.example",
        "www.shop.example.",
        "ann@shop.example",
        "Ann <ann@shop.example>",
    ] {
        assert_eq!(CellPattern::Host.apply(text), Ok("shop.example"), "{text}");
    }
    for text in ["n/a", "no host", "https://"] {
        assert!(CellPattern::Host.apply(text).is_err(), "{text}");
    }
}
