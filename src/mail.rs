//! E-mail addresses: the address in a text, and the one form in which addresses are compared.
//!
//! Whether an address is well formed is checked in `service::check`.

use crate::clean::shows_nothing;
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
        .and_then(|(_, host)| host::name(host))
}

/// Returns the address in a text: alone, as a `mailto:` link, or behind a name, as in `Ann Smith <ann@firm.example>`.
/// `None` if there is none, or more than an address.
pub fn in_text(text: &str) -> Option<String> {
    let is_around = |c: char| c.is_whitespace() || shows_nothing(c);
    let text = text.trim_matches(|c| is_around(c) || ",;".contains(c));
    let bracketed = text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'))
        .map(|(_, address)| address);
    let address = bracketed.unwrap_or(text).trim_matches(is_around);
    const LINK: &str = "mailto:";
    let is_link = address
        .get(..LINK.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(LINK));
    let address = if is_link {
        address[LINK.len()..].split('?').next().unwrap_or_default()
    } else {
        address
    };
    let address: String = address.chars().filter(|c| !shows_nothing(*c)).collect();
    let is_one = address.contains('@') && !address.contains(char::is_whitespace);
    is_one.then_some(address)
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
    }
}
