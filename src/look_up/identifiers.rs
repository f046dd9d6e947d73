//! What a text that is looked up may be besides words.

use std::collections::BTreeSet;

use crate::{host, mail, phone, public_mail};

/// What a text may be besides words, each as records are indexed by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// An e-mail address.
    pub email: Option<String>,
    /// A phone number, in all forms in which it may be filed, and the other number of the same line.
    pub phones: Vec<String>,
    /// A domain, possibly that of an e-mail address, unless it is a public mail provider's.
    pub domain: Option<String>,
    /// External ids, in the letter cases that people write.
    pub external_ids: Vec<String>,
    /// The system before a colon, and the external id after it.
    pub system: Option<(String, String)>,
}

impl Identifiers {
    /// Reads a text as each of them; a national phone number is of the region, or else of that of the tenant, its home.
    pub fn read(text: &str, region: Option<&str>, home: Option<&str>) -> Identifiers {
        let wanted = phone::wanted(text, region, home).unwrap_or_default();
        let mut phones: BTreeSet<String> = wanted.exact.into_iter().chain(wanted.loose).collect();
        let others = phones.iter().filter_map(|one| phone::same_line(one));
        phones.extend(others.collect::<Vec<String>>());
        let external_ids =
            BTreeSet::from([text.to_owned(), text.to_lowercase(), text.to_uppercase()]);
        let system = text
            .split_once(':')
            .map(|(system, id)| (system.trim().to_lowercase(), id.trim().to_owned()));
        Identifiers {
            email: mail::in_text(text).map(|address| mail::compared(&address)),
            phones: phones.into_iter().collect(),
            domain: domain(text),
            external_ids: external_ids
                .into_iter()
                .filter(|id| !id.is_empty())
                .collect(),
            system: system.filter(|(system, id)| !system.is_empty() && !id.is_empty()),
        }
    }
}

/// Returns the name of the host of an e-mail address, of a web address or of the text itself; none for one that belongs to
/// no firm.
fn domain(text: &str) -> Option<String> {
    let name = match mail::in_text(text) {
        Some(address) => mail::host_of(&address),
        None => host::found_by(host::in_text(text)),
    };
    name.filter(|name| name.contains('.') && !public_mail::is_public(name))
}
