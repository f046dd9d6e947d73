//! E-mail addresses: the address in a text, and the one form in which addresses are compared.
//!
//! Whether an address is well formed is checked in `service::check`.

use std::borrow::Cow;

use crate::fold::folded;
use crate::{clean, host, percent};

/// Returns the form in which an address is compared: without case, and with the one name of its host.
pub fn compared(address: &str) -> String {
    let parts = address.rsplit_once('@');
    match parts.and_then(|(local, host)| Some((local, host::name(host)?))) {
        Some((local, host)) => format!("{}@{host}", folded(local)),
        None => folded(address),
    }
}

/// Returns the name of the host of an address; `None` for an address of another kind. One that may be the address of a
/// page, too, such as `firm.example/?by=ann@other.example`, is of the host of the page.
pub fn host_of(address: &str) -> Option<String> {
    host::of_page(address).or_else(|| {
        let (_, host) = address.rsplit_once('@')?;
        host::found_by(host)
    })
}

/// Returns an address with its own sign in place of a wide or a small one.
pub fn with_sign(address: &str) -> Cow<'_, str> {
    const OTHER_SIGNS: [char; 2] = ['\u{ff20}', '\u{fe6b}'];
    match address.contains(OTHER_SIGNS) {
        true => Cow::Owned(address.replace(OTHER_SIGNS, "@")),
        false => Cow::Borrowed(address),
    }
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
    let text = with_sign(&text);
    let text = opened(&text).map_or(text, Cow::Owned);
    let alone = peeled(&text);
    let address = if is_one(alone) {
        alone
    } else {
        in_brackets(&text).or_else(|| only_one(&text))?
    };
    Some(address.to_owned())
}

/// Puts the address in place of a `mailto:` link that has codes in it, or the address in a parameter (RFC 6068).
fn opened(text: &str) -> Option<String> {
    let start = text.to_ascii_lowercase().find(LINK)?;
    let (before, link) = (&text[..start], &text[start + LINK.len()..]);
    let end = link.find(|c: char| c.is_whitespace() || "<>\"".contains(c));
    let (link, after) = link.split_at(end.unwrap_or(link.len()));
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let is_to = |one: &&str| {
        one.get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case("to="))
    };
    let address = match path {
        "" => &query.split('&').find(is_to)?[3..],
        path => path,
    };
    let address = percent::decoded(address);
    let is_other = address != path && !address.contains(clean::is_control);
    is_other.then(|| format!("{before} {address} {after}"))
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
        if let Some((label, rest)) = less.split_once(':').filter(|(label, _)| is_label(label)) {
            let is_link = label
                .trim()
                .eq_ignore_ascii_case(LINK.trim_end_matches(':'));
            let address = rest.trim_start_matches('/').split('?').next();
            less = address.filter(|_| is_link).unwrap_or(rest);
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
    let is_list = text.contains([',', ';']) && text.matches('@').count() > 1;
    let is_page = text.contains("://") || (host::of_page(text).is_some() && !is_address(text));
    let is_alone = text.contains('@') && !text.contains(is_between) && !is_list && !is_page;
    is_quoted(text) || (is_alone && (is_literal || !text.contains('[')))
}

/// Says whether a text is an address whose local part is in quotes, which may hold anything: `"ann lee"@firm.example`.
fn is_quoted(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once("\"@") else {
        return false;
    };
    let inner = local
        .strip_prefix('"')
        .map(|inner| inner.replace("\\\\", ""));
    let is_closed_before = |inner: &str| inner.replace("\\\"", "").contains('"');
    inner.is_some_and(|inner| !is_closed_before(&inner))
        && (host::name(host).is_some() || host.starts_with('['))
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
        let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
        let name = host::name(host).filter(|_| !local.contains(['@', ':']));
        name.and_then(|name| Some(!is_number(name.rsplit_once('.')?.1)))
            .unwrap_or_default()
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
            "e-mail:ann@firm.example",
            "ann\u{ff20}firm.example",
            "ann\u{fe6b}firm.example",
            "mailto:ann%40firm.example",
            "MAILTO:ann%40firm.example?subject=Q%20%26%20A",
            "<mailto:ann%40firm.example>",
            "Ann Smith [mailto:ann%40firm.example?subject=x]",
            "mailto:?to=ann@firm.example",
            "mailto:?subject=x&To=%D0%90%D0%BD%D0%BD%D0%B0%20%3Cann%40firm.example%3E",
            "mailto://ann@firm.example",
        ] {
            assert_eq!(
                in_text(text).as_deref(),
                Some("ann@firm.example"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn where_there_are_several_or_none_there_is_no_address() {
        for text in [
            "",
            "Ann Smith",
            "ann@firm.example and bob@firm.example",
            "Ann <ann@firm.example>, Bob <bob@firm.example>",
            "Bar @ Home",
            "<>",
            "https://firm.example/?by=ann@other.example",
            "<https://firm.example/?by=ann@other.example>",
            "firm.example/maps/@52.5,13.4",
            "mailto:ann%40firm.example,bob%40firm.example",
            "mailto:?subject=x",
        ] {
            assert_eq!(in_text(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_quoted_part_may_hold_anything() {
        for (text, address) in [
            ("\"ann lee\"@firm.example", "\"ann lee\"@firm.example"),
            ("Ann <\"ann lee\"@firm.example>", "\"ann lee\"@firm.example"),
            ("\"a\\\"b @ c\"@firm.example", "\"a\\\"b @ c\"@firm.example"),
            ("\"Ann Lee\" <ann@firm.example>", "ann@firm.example"),
        ] {
            assert_eq!(in_text(text).as_deref(), Some(address), "{text}");
        }
    }

    #[test]
    fn an_address_that_begins_like_a_page_is_of_its_host() {
        for (address, host) in [
            ("ann@firm.example", "firm.example"),
            ("ann/sales@firm.example", "firm.example"),
            ("firm.example/?by=ann@other.example", "firm.example"),
            ("www.firm.example/@ann", "firm.example"),
        ] {
            assert_eq!(host_of(address).as_deref(), Some(host), "{address}");
        }
        assert_eq!(host_of("ann@[127.0.0.1]"), None);
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
