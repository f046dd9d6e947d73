//! What a text that is looked up may be besides words.

use std::collections::BTreeSet;

use crate::fold::folded;
use crate::{phone, public_mail};

/// What a text may be besides words, each as records are indexed by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// An e-mail address.
    pub email: Option<String>,
    /// A phone number, or its digits.
    pub phones: Vec<String>,
    /// A domain, possibly that of an e-mail address, unless it is a public mail provider's.
    pub domain: Option<String>,
    /// External ids, in the letter cases that people write.
    pub external_ids: Vec<String>,
    /// The system before a colon, and the external id after it.
    pub system: Option<(String, String)>,
}

impl Identifiers {
    /// Reads a text as each of them; a phone number is one of the region.
    pub fn read(text: &str, region: Option<&str>) -> Identifiers {
        let domain = domain(text);
        let is_phone = text.chars().filter(|c| c.is_numeric()).count() >= 5
            && !text.chars().any(char::is_alphabetic);
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let phones = phone::e164(text, region)
            .into_iter()
            .chain(Some(digits).filter(|_| is_phone))
            .collect();
        let external_ids =
            BTreeSet::from([text.to_owned(), text.to_lowercase(), text.to_uppercase()]);
        let system = text
            .split_once(':')
            .map(|(system, id)| (system.trim().to_lowercase(), id.trim().to_owned()));
        Identifiers {
            email: text.contains('@').then(|| folded(text)),
            phones,
            domain,
            external_ids: external_ids
                .into_iter()
                .filter(|id| !id.is_empty())
                .collect(),
            system: system.filter(|(system, id)| !system.is_empty() && !id.is_empty()),
        }
    }
}

/// Returns the host of an e-mail address, of a web address or of the text itself, as domains are stored.
fn domain(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let text = text
        .split_once("://")
        .map_or(text.as_str(), |(_, rest)| rest);
    let text = text.split(['/', '?', '#']).next().unwrap_or_default();
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let host = host
        .strip_prefix("www.")
        .unwrap_or(host)
        .trim_end_matches('.');
    let is_host = host.contains('.') && !host.contains(char::is_whitespace);
    (is_host && !public_mail::is_public(host)).then(|| host.to_owned())
}
