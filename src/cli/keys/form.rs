//! The form of a key: a name, `system:id`, an e-mail address, a phone number, a domain, or just words.

use crate::name::{Name, is_key};
use crate::pb;

#[derive(Debug, PartialEq)]
pub(crate) enum KeyForm {
    Name(Name),
    ExternalId(pb::ExternalId),
    Email(String),
    Phone(String),
    Domain(String),
    Words(String),
}

impl KeyForm {
    pub(crate) fn of(text: &str) -> KeyForm {
        let text = text.trim();
        if let Some(name) = Name::parse_any(text) {
            return KeyForm::Name(name);
        }
        if let Some((_, address)) = text.split_once("://") {
            return KeyForm::Domain(host(address).to_owned());
        }
        if let Some((system, id)) = text.split_once(':')
            && is_key(system, "_.-")
            && !id.is_empty()
        {
            return KeyForm::ExternalId(pb::ExternalId {
                system: system.to_owned(),
                id: id.to_owned(),
            });
        }
        let has_space = text.contains(char::is_whitespace);
        if text.contains('@') && !has_space {
            return KeyForm::Email(text.to_owned());
        }
        if text.starts_with('+') && text.contains(|c: char| c.is_ascii_digit()) {
            return KeyForm::Phone(text.to_owned());
        }
        let host = host(text);
        if !has_space && is_domain(host) {
            KeyForm::Domain(host.to_owned())
        } else {
            KeyForm::Words(text.to_owned())
        }
    }
}

/// Tells whether a host has a top level of two letters or more, unlike `Inc.` or `S.p.A.`.
fn is_domain(host: &str) -> bool {
    host.rsplit_once('.')
        .is_some_and(|(rest, top)| !rest.is_empty() && top.len() > 1)
}

/// Returns the host of a web address without its scheme, as customers have it: without `www.` and a final dot.
fn host(text: &str) -> &str {
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
    use crate::name::Kind;

    #[test]
    fn a_key_is_recognised_by_its_form() {
        let id = |system: &str, id: &str| {
            KeyForm::ExternalId(pb::ExternalId {
                system: system.to_owned(),
                id: id.to_owned(),
            })
        };
        assert_eq!(
            KeyForm::of("customers/acme"),
            KeyForm::Name(Name::parse(Kind::Customer, "customers/acme").expect("a name"))
        );
        assert_eq!(KeyForm::of("sap.eu:4711"), id("sap.eu", "4711"));
        assert_eq!(
            KeyForm::of("okta:mia@ferrum.example"),
            id("okta", "mia@ferrum.example")
        );
        assert_eq!(
            KeyForm::of("mia@ferrum.example"),
            KeyForm::Email("mia@ferrum.example".to_owned())
        );
        assert_eq!(
            KeyForm::of(" +43 1 2345678 "),
            KeyForm::Phone("+43 1 2345678".to_owned())
        );
        assert_eq!(
            KeyForm::of("ferrum.example"),
            KeyForm::Domain("ferrum.example".to_owned())
        );
        for url in [
            "https://www.ferrum.example/about?x=1",
            "http://mia@ferrum.example:8080",
            "www.ferrum.example",
            "ferrum.example.",
        ] {
            assert_eq!(
                KeyForm::of(url),
                KeyForm::Domain("ferrum.example".to_owned()),
                "{url}"
            );
        }
        for words in [
            "S.p.A.",
            "Ferrum AG",
            "Dr. Mara Lind",
            "ferrum",
            "Ferrum: the works",
            "Inc.",
        ] {
            assert_eq!(
                KeyForm::of(words),
                KeyForm::Words(words.to_owned()),
                "{words}"
            );
        }
    }
}
