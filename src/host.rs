//! Host names: one name for each host, however it is spelled, and the host in a web or e-mail address.
//!
//! The name is the one that the domain name system knows (UTS 46, non-transitional): `straße.example` and
//! `strasse.example` are two hosts.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::char::is_combining_mark;

use crate::clean::shows_nothing;

/// The most bytes of a host name, as it is given.
const MAX_BYTES: usize = 253;
/// What the name of a label begins with if it has other letters than ASCII.
const ENCODED: &str = "xn--";

/// Returns the name of a host: lower case, ASCII, labels of 1 to 63 letters, digits and hyphens, 253 bytes in all; `None`
/// if a text is no host name. Letters of any script are taken, as an internationalised name is written.
pub fn name(text: &str) -> Option<String> {
    if text.len() > MAX_BYTES || text.contains(shows_nothing) {
        return None;
    }
    let (rules, hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let uts46 = Uts46::new();
    let name = uts46.to_ascii(text.as_bytes(), rules, hyphens, DnsLength::Verify);
    let name = name.ok()?.into_owned();
    let (shown, _) = uts46.to_unicode(name.as_bytes(), rules, hyphens);
    // UTS 46 lets signs and pictures through; registries do not.
    let is_letter = |c: char| c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '-' | '.');
    shown.chars().all(is_letter).then_some(name)
}

/// Says whether a name stands for letters other than ASCII, so that a record may have it in another spelling.
pub fn is_encoded(name: &str) -> bool {
    name.split('.').any(|label| label.starts_with(ENCODED))
}

/// Returns the host in a text: that of a web address, with its scheme or without, or of an e-mail address; without `www.`
/// and a final dot. Whether it is a host name is not checked.
pub fn in_text(text: &str) -> &str {
    let text = text.trim_matches(|c: char| c.is_whitespace() || shows_nothing(c));
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let is_www = host
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let host = if is_www { &host[4..] } else { host };
    host.strip_suffix('.').unwrap_or(host)
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
        ] {
            assert_eq!(in_text(text), "ferrum.example", "{text}");
        }
        assert_eq!(
            in_text("https://shop.firm.example/x?y"),
            "shop.firm.example"
        );
    }
}
