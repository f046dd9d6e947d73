//! Host names: one name for each host, however it is spelled, and the host in a web or e-mail address.
//!
//! The name is the one that the domain name system knows (UTS 46, non-transitional): `straße.example` and
//! `strasse.example` are two hosts.

use icu_properties::CodePointMapData;
use icu_properties::props::Script;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::char::is_combining_mark;

use crate::clean::shows_nothing;

/// The most bytes of a host name, as it is given.
const MAX_BYTES: usize = 253;
/// Joiners: UTS 46 checks that the letters around them need them.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
/// The dots between labels.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];
/// The label that says nothing of whose a host is.
const WWW: &str = "www.";

/// Returns the name of a host: lower case, ASCII, labels of 1 to 63 letters, digits and hyphens, 253 bytes in all; `None`
/// if a text is no host name. Letters of any script are taken, as an internationalised name is written.
pub fn name(text: &str) -> Option<String> {
    let is_hidden = |c: char| shows_nothing(c) && !JOINERS.contains(&c);
    if text.len() > MAX_BYTES || text.contains(is_hidden) {
        return None;
    }
    let (rules, hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let uts46 = Uts46::new();
    let name = uts46.to_ascii(text.as_bytes(), rules, hyphens, DnsLength::Verify);
    let name = name.ok()?.into_owned();
    let (shown, _) = uts46.to_unicode(name.as_bytes(), rules, hyphens);
    shown.split('.').all(is_label).then_some(name)
}

/// Returns the name by which firms are found: that of the host without `www.`, which says nothing of whose it is.
pub fn found_by(text: &str) -> Option<String> {
    name(text).map(|name| without_www(&name).to_owned())
}

fn without_www(host: &str) -> &str {
    let start = host.get(..WWW.len());
    let is_www = start.is_some_and(|start| start.eq_ignore_ascii_case(WWW));
    // `www.example` may be somebody's own domain.
    let rest = is_www.then(|| &host[WWW.len()..]);
    rest.filter(|rest| rest.contains(DOTS)).unwrap_or(host)
}

/// Says whether a label has only what registries take: UTS 46 lets signs and pictures through.
fn is_label(label: &str) -> bool {
    let chars: Vec<char> = label.chars().collect();
    (0..chars.len()).all(|i| fits(&chars, i))
}

/// Says whether a character of a label is a letter, a mark or a digit, or a sign that stands where it may (RFC 5892,
/// appendix A).
fn fits(label: &[char], i: usize) -> bool {
    let before = i.checked_sub(1).and_then(|i| label.get(i)).copied();
    let after = label.get(i + 1).copied();
    let script = |c: char| CodePointMapData::<Script>::new().get(c);
    let is_of = |c: Option<char>, wanted: Script| c.is_some_and(|c| script(c) == wanted);
    let is_japanese =
        |c: &char| [Script::Hiragana, Script::Katakana, Script::Han].contains(&script(*c));
    match label[i] {
        // The dot of Catalan, between two l.
        '\u{b7}' => (before, after) == (Some('l'), Some('l')),
        '\u{375}' => is_of(after, Script::Greek),
        '\u{5f3}' | '\u{5f4}' => is_of(before, Script::Hebrew),
        '\u{30fb}' => label.iter().any(is_japanese),
        // The digits of Arabic and of Persian look alike.
        '\u{660}'..='\u{669}' => !label.iter().any(|c| matches!(c, '\u{6f0}'..='\u{6f9}')),
        '\u{6f0}'..='\u{6f9}' => !label.iter().any(|c| matches!(c, '\u{660}'..='\u{669}')),
        c => c.is_alphanumeric() || is_combining_mark(c) || c == '-' || JOINERS.contains(&c),
    }
}

/// Says whether a host has a top level of two letters or more, unlike `Inc.` or `S.p.A.`.
pub fn has_top_level(host: &str) -> bool {
    let parts = host.rsplit_once(DOTS);
    parts.is_some_and(|(rest, top)| !rest.is_empty() && top.len() > 1)
}

/// Returns the host in a text: that of a web address, with its scheme or without, or of an e-mail address; without `www.`
/// and a final dot. Whether it is a host name is not checked.
pub fn in_text(text: &str) -> &str {
    let text = text.trim_matches(is_around);
    let with_scheme = text.split_whitespace().find(|word| has_scheme(word));
    let with_scheme = with_scheme.filter(|_| page_end(text).is_none());
    let address = with_scheme.map_or(text, |word| word.trim_matches(is_around));
    let host = without_scheme(address);
    let host = host.split(BEHIND_HOST).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let host = host.strip_suffix(DOTS).unwrap_or(host);
    without_www(host)
}

/// What ends the host in an address. A browser takes the backslash for a slash.
const BEHIND_HOST: [char; 4] = ['/', '\\', '?', '#'];
/// Schemes behind which a browser wants no slashes.
const WEB_SCHEMES: [&str; 5] = ["http", "https", "ftp", "ws", "wss"];
/// Words that only say that an address follows.
const LABELS: [&str; 7] = [
    "web", "website", "homepage", "www", "url", "internet", "link",
];

/// Says whether a character may stand around an address.
fn is_around(c: char) -> bool {
    c.is_whitespace() || shows_nothing(c) || "<>()\"',;\u{ff0c}\u{ff1b}\u{3001}".contains(c)
}

/// Says whether a text begins with the scheme of an address, such as `https://`.
pub fn has_scheme(text: &str) -> bool {
    behind_scheme(text.trim_start_matches(is_around)).is_some()
}

/// Returns what stands behind the scheme with which an address begins. What reads like one further on is a part of its
/// path or its query, and leads elsewhere.
fn without_scheme(address: &str) -> &str {
    let mut rest = address;
    while let Some(behind) = behind_scheme(rest) {
        rest = behind;
    }
    // `//firm.example` takes the scheme of the page that it stands on.
    if rest.starts_with("//") {
        rest.trim_start_matches('/')
    } else {
        rest
    }
}

fn behind_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let is_one_of = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(scheme));
    if is_one_of(&LABELS) {
        return Some(rest.trim_start()).filter(|rest| has_scheme(rest));
    }
    let behind = rest.trim_start_matches(['/', '\\']);
    let is_web =
        is_one_of(&WEB_SCHEMES) && (behind.len() < rest.len() || has_top_level(in_text(behind)));
    (is_scheme && (is_web || rest.starts_with("//"))).then_some(behind)
}

/// Returns the name of the host with which the address of a page begins that has no scheme, as in `firm.example/@ann`.
pub fn of_page(text: &str) -> Option<String> {
    let text = text.trim_matches(is_around);
    found_by(without_port(&text[..page_end(text)?]))
}

/// Returns where the host ends with which the address of a page begins.
fn page_end(text: &str) -> Option<usize> {
    let end = text.find(BEHIND_HOST)?;
    let host = without_port(&text[..end]);
    (has_top_level(host) && name(host).is_some()).then_some(end)
}

fn without_port(host: &str) -> &str {
    host.split(':').next().unwrap_or_default()
}

/// Returns the host of an address with a port and without a scheme, as in `firm.example:8080/about`.
pub fn with_port(text: &str) -> Option<&str> {
    let (host, rest) = text.split_once(':')?;
    let port = rest.split(BEHIND_HOST).next().unwrap_or_default();
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    (is_port && has_top_level(host) && name(host).is_some()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_name() {
        for (text, known) in [
            ("Ferrum.Example", "ferrum.example"),
            ("bücher-nord.example", "xn--bcher-nord-9db.example"),
            ("BÜCHER-NORD.example", "xn--bcher-nord-9db.example"),
            ("bu\u{308}cher-nord.example", "xn--bcher-nord-9db.example"),
            ("xn--bcher-nord-9db.example", "xn--bcher-nord-9db.example"),
            ("straße.example", "xn--strae-oqa.example"),
            ("strasse.example", "strasse.example"),
            ("ｆｅｒｒｕｍ。example", "ferrum.example"),
            ("日本語.example", "xn--wgv71a119e.example"),
            ("localhost", "localhost"),
            ("col\u{b7}legi.example", "xn--collegi-xma.example"),
            ("COL\u{b7}LEGI.example", "xn--collegi-xma.example"),
            ("نامه\u{200c}ای.example", "xn--mgba3gch31f060k.example"),
            ("क्\u{200d}ष.example", "xn--11b2ezcw70k.example"),
            ("アート・ハウス.example", "xn--ccki1dyc9a9tf.example"),
            ("www.ferrum.example", "www.ferrum.example"),
        ] {
            assert_eq!(name(text).as_deref(), Some(known), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_hosts() {
        let long = "a".repeat(64);
        let long_unicode = "ü".repeat(60);
        for text in [
            "",
            ".",
            "a..b",
            "ferrum.example.",
            "-a.example",
            "a-.example",
            "a_b.example",
            "a b.example",
            "https://ferrum.example",
            "fer\u{ad}rum.example",
            "\u{200b}ferrum.example",
            "i❤.example",
            "xn--a.example",
            "127.0.0.1:80",
            "col\u{b7}a.example",
            "a\u{30fb}b.example",
            "fer\u{200c}rum.example",
            "fer\u{200d}rum.example",
            "\u{660}\u{6f1}.example",
            &long,
            &long_unicode,
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }

    #[test]
    fn a_host_is_found_in_an_address() {
        for text in [
            "https://www.ferrum.example/about?x=1",
            "http://mia@ferrum.example:8080",
            "www.ferrum.example",
            "WWW.ferrum.example/",
            "ferrum.example.",
            " ferrum.example\u{200b}",
            "mia@ferrum.example",
            "<https://ferrum.example>",
            "(www.ferrum.example);",
        ] {
            assert_eq!(in_text(text), "ferrum.example", "{text}");
        }
        assert_eq!(
            in_text("ｗｗｗ.ｎｏｒｄ。example。"),
            "ｗｗｗ.ｎｏｒｄ。example"
        );
        assert_eq!(
            in_text("https://shop.firm.example/x?y"),
            "shop.firm.example"
        );
    }

    #[test]
    fn what_reads_like_an_address_in_a_path_leads_nowhere() {
        for text in [
            "ferrum.example/@hans",
            "https://ferrum.example/@hans",
            "ferrum.example/maps/@52.5,13.4,17z",
            "ferrum.example/page.html?email=ann@other.example",
            "ferrum.example?next=ann@other.example",
            "ferrum.example#ann@other.example",
            "ferrum.example/?u=https://other.example",
            "ferrum.example/r/https://other.example/",
            "www.ferrum.example/cb?next=wss://other.example",
            "https://ferrum.example/?u=https://other.example/x",
            "ferrum.example:80/?u=https://other.example",
            "ferrum.example/a https://other.example",
            "//ferrum.example/x",
            "http:/ferrum.example",
            "https:ferrum.example",
            "http:\\\\ferrum.example\\x",
            "https:///ferrum.example/x",
            "http://ferrum.example\\@other.example",
            "https://https://ferrum.example",
            "Website: https://ferrum.example/x",
            "see https://ferrum.example, please",
            "https://ferrum.example\u{ff0c}",
        ] {
            assert_eq!(in_text(text), "ferrum.example", "{text}");
        }
        for (text, host) in [
            ("ferrum.example:8080/x", Some("ferrum.example")),
            ("ferrum.example:443", Some("ferrum.example")),
            ("ferrum.example:KD-4711", None),
            ("ferrum.example:70000", None),
            ("ferrum.example:", None),
            ("sap:4711", None),
        ] {
            assert_eq!(with_port(text), host, "{text}");
        }
        for (text, host) in [
            ("www.ferrum.example/@hans", Some("ferrum.example")),
            ("ferrum.example?x", Some("ferrum.example")),
            ("ferrum.example", None),
            ("ann/sales@ferrum.example", None),
            ("ann@ferrum.example/x", None),
        ] {
            assert_eq!(of_page(text).as_deref(), host, "{text}");
        }
        assert!(has_scheme("<https://a.example") && has_scheme("http:a.example"));
        assert!(!has_scheme("http:4711") && !has_scheme("a.example/?u=https://b.example"));
    }

    #[test]
    fn www_says_nothing_of_whose_a_host_is() {
        for (text, known) in [
            ("www.ferrum.example", "ferrum.example"),
            ("WWW.Ferrum.example", "ferrum.example"),
            ("ｗｗｗ．ferrum。example", "ferrum.example"),
            ("www.example", "www.example"),
            ("www2.ferrum.example", "www2.ferrum.example"),
        ] {
            assert_eq!(found_by(text).as_deref(), Some(known), "{text}");
        }
    }
}
