//! The form of a key that is given as a text: a name, `system:id`, an e-mail address, a phone number, a domain, or just
//! words.

use std::net::Ipv4Addr;

use crate::clean::shows_nothing;
use crate::name::{Name, is_key};
use crate::{host, mail, phone};

/// What a text is by its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// The name of a record.
    Name(Name),
    /// A system, and an id in it.
    ExternalId(String, String),
    /// A host and a port, or a system that is called as a host may be, and an id in it.
    HostWithPort {
        /// The host, or the system.
        host: String,
        /// The id, if it is one.
        id: String,
    },
    /// An e-mail address.
    Email(String),
    /// A phone number.
    Phone(String),
    /// Digits: a phone number, or a name made of digits.
    Digits(String),
    /// The host in a web address, or a host alone.
    Domain(String),
    /// Words of a name.
    Words(String),
}

impl KeyForm {
    /// Reads a text.
    pub fn of(text: &str) -> KeyForm {
        let text = text.trim_matches(|c: char| c.is_whitespace() || shows_nothing(c));
        if let Some(name) = Name::parse_any(text) {
            return KeyForm::Name(name);
        }
        let is_link = |scheme: &str| {
            let start = text.get(..scheme.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        let address = mail::in_text(text);
        let is_labelled = text
            .split_once(':')
            .is_some_and(|(label, _)| mail::is_label(label));
        if let Some(address) = address
            .clone()
            .filter(|_| is_labelled || text.ends_with('>'))
        {
            return KeyForm::Email(address);
        }
        let is_number = is_link("tel:") && phone::is_like_number(text);
        if is_number || phone::is_labelled_number(text) {
            return KeyForm::Phone(text.to_owned());
        }
        if host::has_scheme(text) {
            return KeyForm::Domain(host::in_text(text).to_owned());
        }
        if let Some(host) = host::with_port(text) {
            let (host, id) = (host.to_owned(), text[host.len() + 1..].to_owned());
            return KeyForm::HostWithPort { host, id };
        }
        if let Some((system, id)) = text.split_once(':')
            && is_key(system, "_.-")
            && !id.trim().is_empty()
        {
            return KeyForm::ExternalId(system.to_owned(), id.trim().to_owned());
        }
        if text.contains("://") {
            return KeyForm::Domain(host::in_text(text).to_owned());
        }
        if let Some(address) = address {
            return KeyForm::Email(address);
        }
        let has_plus = text.starts_with(['+', '\u{ff0b}']);
        if has_plus && text.contains(char::is_numeric) {
            return KeyForm::Phone(text.to_owned());
        }
        if phone::is_like_number(text) {
            return KeyForm::Digits(text.to_owned());
        }
        let host = host::in_text(text);
        let is_host = host::has_top_level(host) || host.parse::<Ipv4Addr>().is_ok();
        if !text.contains(char::is_whitespace) && is_host {
            KeyForm::Domain(host.to_owned())
        } else {
            KeyForm::Words(text.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Kind;

    #[test]
    fn a_key_is_recognised_by_its_form() {
        let id = |system: &str, id: &str| KeyForm::ExternalId(system.to_owned(), id.to_owned());
        assert_eq!(
            KeyForm::of("customers/acme"),
            KeyForm::Name(Name::parse(Kind::Customer, "customers/acme").expect("a name"))
        );
        assert_eq!(KeyForm::of("sap.eu:KD-1"), id("sap.eu", "KD-1"));
        // A link to a number has digits; anything else may be a system.
        assert_eq!(KeyForm::of("tel: the works"), id("tel", "the works"));
        assert_eq!(
            KeyForm::of("okta:mia@ferrum.example"),
            id("okta", "mia@ferrum.example")
        );
        for text in [
            "mia@ferrum.example",
            "mailto:mia@ferrum.example",
            "Mia Lind <mia@ferrum.example>",
            "\u{200b}mia@ferrum.example",
            "[mailto:mia@ferrum.example]",
            "Mia Lind [mailto:mia@ferrum.example];",
            "(mia@ferrum.example)",
            "mia@ferrum.example.",
            "e-mail: mia@ferrum.example",
        ] {
            let address = "mia@ferrum.example".to_owned();
            assert_eq!(KeyForm::of(text), KeyForm::Email(address), "{text}");
        }
        for text in [
            "+43 1 2345678",
            "\u{ff0b}\u{ff14}\u{ff13} 1 2345678",
            "tel:+43-1-2345678;ext=2",
            "Tel.: +43 1 2345678",
            "callto:+4312345678",
            "whatsapp:+4312345678",
            "m: +43 1 2345678",
            "phone: 01 2345678",
            "https://wa.me/4312345678",
            "sip:+4312345678@pbx.example",
            "tel:%2B43%201%202345678",
            "tel:///+4312345678",
        ] {
            assert_eq!(
                KeyForm::of(&format!(" {text}\u{202c} ")),
                KeyForm::Phone(text.to_owned())
            );
        }
        assert_eq!(KeyForm::of("m:4711234"), id("m", "4711234"));
        assert_eq!(
            KeyForm::of("okta:https://okta.example/users/7"),
            id("okta", "https://okta.example/users/7")
        );
        for text in [
            "01 2345678",
            "(01) 234 56-78",
            "00431 2345678",
            "T +43 1 2345678",
        ] {
            assert_eq!(KeyForm::of(text), KeyForm::Digits(text.to_owned()));
        }
    }

    #[test]
    fn a_host_is_taken_out_of_a_web_address_and_words_are_words() {
        for url in [
            "ferrum.example",
            "https://www.ferrum.example/about?x=1",
            "http://mia@ferrum.example:8080",
            "www.ferrum.example",
            "ferrum.example.",
            "<https://ferrum.example>",
            "//ferrum.example/about",
            "http:ferrum.example",
            "ferrum.example/maps/@52.5,13.4",
            "https://ferrum.example/?by=ann@other.example",
            "ferrum.example/?u=https://other.example",
            "see https://ferrum.example",
        ] {
            let host = "ferrum.example".to_owned();
            assert_eq!(KeyForm::of(url), KeyForm::Domain(host), "{url}");
        }
        for (text, id) in [
            ("ferrum.example:8080/about", "8080/about"),
            (
                "ferrum.example:80/?u=https://other.example",
                "80/?u=https://other.example",
            ),
            ("sap.eu:4711", "4711"),
        ] {
            let host = text.split(':').next().unwrap_or_default().to_owned();
            let id = id.to_owned();
            assert_eq!(
                KeyForm::of(text),
                KeyForm::HostWithPort { host, id },
                "{text}"
            );
        }
        for words in [
            "S.p.A.",
            "Ferrum AG",
            "Dr. Mara Lind",
            "ferrum",
            "Ferrum: the works",
            "Inc.",
            "4711",
        ] {
            assert_eq!(
                KeyForm::of(words),
                KeyForm::Words(words.to_owned()),
                "{words}"
            );
        }
    }
}
