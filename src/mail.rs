//! E-mail addresses: the address in a text, and the one form in which addresses are compared.
//!
//! Whether an address is well formed is checked in `service::check`.

use crate::clean;
use crate::fold::folded;
use crate::host;

/// Returns the form in which an address is compared: without case, and with the one name of its host.
pub fn compared(address: &str) -> String {
    let parts = address.rsplit_once('@');
    match parts.and_then(|(local, host)| Some((local, host::name(host)?))) {
        Some((local, host)) => format!("{}@{host}", folded(local)),
        None => folded(address),
    }
}

/// Returns the name of the host of an address; `None` for an address of another kind.
pub fn host_of(address: &str) -> Option<String> {
    address
        .rsplit_once('@')
        .and_then(|(_, host)| host::found_by(host))
}

/// What stands around an address that is pasted.
const PAIRS: [(char, char); 12] = [
    ('<', '>'),
    ('(', ')'),
    ('[', ']'),
    ('{', '}'),
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('\u{2018}', '\u{2019}'),
    ('\u{201c}', '\u{201d}'),
    ('\u{201e}', '\u{201c}'),
    ('\u{ab}', '\u{bb}'),
    ('\u{ff1c}', '\u{ff1e}'),
];
const LINK: &str = "mailto:";
/// Words that stand before an address and a colon.
const LABELS: [&str; 9] = [
    "mailto", "mail", "email", "e-mail", "from", "to", "cc", "von", "an",
];

/// Says whether a word before a colon only says that an address follows.
pub fn is_label(word: &str) -> bool {
    LABELS
        .iter()
        .any(|label| label.eq_ignore_ascii_case(word.trim()))
}

/// Returns the address in a text: alone, in brackets or quotes, as a `mailto:` link, behind or before a name, as in
/// `Ann Smith <ann@firm.example>` and `Ann Smith [mailto:ann@firm.example]`. `None` if there is none, or if there are
/// several.
pub fn in_text(text: &str) -> Option<String> {
    let text = clean::line(text);
    let alone = peeled(&text);
    let address = if is_one(alone) {
        alone
    } else {
        in_brackets(&text).or_else(|| only_one(&text))?
    };
    Some(address.to_owned())
}

/// Takes off what stands around an address.
fn peeled(text: &str) -> &str {
    let mut text = text;
    loop {
        let start = |c: char| c.is_whitespace() || ",;:".contains(c);
        let end = |c: char| c.is_whitespace() || ",;:.!?".contains(c);
        let mut less = text.trim_start_matches(start).trim_end_matches(end);
        for (open, close) in PAIRS {
            let inner = less
                .strip_prefix(open)
                .and_then(|rest| rest.strip_suffix(close));
            less = inner.unwrap_or(less);
        }
        if less
            .get(..LINK.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(LINK))
        {
            less = less[LINK.len()..].split('?').next().unwrap_or_default();
        }
        if less.len() == text.len() {
            return less;
        }
        text = less;
    }
}

/// Says whether a text without what stands around it is meant to be one address.
fn is_one(text: &str) -> bool {
    let is_between = |c: char| c.is_whitespace() || "<>()\u{ff1c}\u{ff1e}".contains(c);
    let is_literal = text.contains("@[");
    text.contains('@') && !text.contains(is_between) && (is_literal || !text.contains('['))
}

/// Returns what stands in the only pointed brackets, which hold the address whatever else is there (RFC 5322).
fn in_brackets(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(['<', '\u{ff1c}'])?;
    let (inner, after) = rest.split_once(['>', '\u{ff1e}'])?;
    let address = peeled(inner);
    (is_one(address) && !after.contains('@')).then_some(address)
}

/// Returns the only address among the words of a text, which may stand there more than once.
fn only_one(text: &str) -> Option<&str> {
    let is_between = |c: char| {
        c.is_whitespace()
            || ",;".contains(c)
            || PAIRS
                .iter()
                .any(|(open, close)| (*open == c || *close == c) && c != '\'')
    };
    let mut found = text
        .split(is_between)
        .map(peeled)
        .filter(|word| is_address(word));
    let first = found.next()?;
    found
        .all(|other| compared(other) == compared(first))
        .then_some(first)
}

fn is_address(word: &str) -> bool {
    let parts = word.rsplit_once('@').filter(|(local, _)| !local.is_empty());
    parts.is_some_and(|(local, host)| {
        !local.contains(['@', ':']) && host::name(host).is_some_and(|host| host.contains('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_what_people_copy() {
        for text in [
            "ann@firm.example",
            " ann@firm.example, ",
            "Ann Smith <ann@firm.example>",
            "\"Smith, Ann\" <ann@firm.example>;",
            "<ann@firm.example>",
            "< ann@firm.example >",
            "mailto:ann@firm.example",
            "MAILTO:ann@firm.example?subject=Hello",
            "<mailto:ann@firm.example>",
            "\u{200b}ann@firm.example",
            "ann@fi\u{ad}rm.example",
            "[mailto:ann@firm.example]",
            "Ann Smith [mailto:ann@firm.example]",
            "ann@firm.example<mailto:ann@firm.example>",
            "ann@firm.example [mailto:ann@firm.example]",
            "(ann@firm.example)",
            "Ann Smith (ann@firm.example)",
            "ann@firm.example (Ann Smith)",
            "ann@firm.example.",
            "ann@firm.example;",
            "\"ann@firm.example\"",
            "'ann@firm.example'",
            "'Ann Smith' <ann@firm.example>;",
            "\u{201c}ann@firm.example\u{201d},",
            "\"'ann@firm.example'\" <ann@firm.example>",
            "\"x@y.example via Shop\" <ann@firm.example>",
            "E-Mail: ann@firm.example",
            "write to ann@firm.example, please",
            "\u{ff1c}ann@firm.example\u{ff1e}",
        ] {
            assert_eq!(
                in_text(text).as_deref(),
                Some("ann@firm.example"),
                "{text:?}"
            );
        }
        for text in [
            "",
            "Ann Smith",
            "ann@firm.example and bob@firm.example",
            "Ann <ann@firm.example>, Bob <bob@firm.example>",
            "Bar @ Home",
            "<>",
        ] {
            assert_eq!(in_text(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_address_is_compared_by_the_name_of_its_host() {
        for text in [
            "Info@Bücher-Nord.example",
            "info@xn--bcher-nord-9db.example",
            "info@bu\u{308}cher-nord.example",
        ] {
            assert_eq!(compared(text), "info@xn--bcher-nord-9db.example", "{text}");
        }
        assert_eq!(compared("STRASSE@a.example"), compared("straße@a.example"));
        assert_ne!(compared("a@straße.example"), compared("a@strasse.example"));
        assert_eq!(compared("Ann@[127.0.0.1]"), "ann@[127.0.0.1]");
        assert_eq!(
            in_text("Ann@[127.0.0.1]").as_deref(),
            Some("Ann@[127.0.0.1]")
        );
        assert_eq!(
            in_text("\"ann\"@a.example").as_deref(),
            Some("\"ann\"@a.example")
        );
    }
}
