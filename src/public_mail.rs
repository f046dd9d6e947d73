//! Public mail providers: domains that say nothing about the firm of an address.
//!
//! A leaf. The list was put together by hand from the large providers of each region and is short on purpose. A
//! provider that is missing only means that its domain finds a customer who claims it as its own.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Providers that have a domain in nearly every country: `yahoo.de`, `yahoo.co.jp`.
const FAMILIES: [&str; 5] = ["gmx", "hotmail", "live", "yahoo", "yandex"];

/// The others: one domain a line, sorted.
const DOMAINS: &str = include_str!("public_mail_domains.txt");

static OTHERS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| DOMAINS.lines().collect());

/// Says whether a domain, in lower case, is one of a public mail provider.
pub fn is_public(domain: &str) -> bool {
    let in_family = domain.split_once('.').is_some_and(|(first, rest)| {
        // `co.uk`, `com.br`, `de`, `net`: what a country or a general top level gives out, and no firm's own name.
        FAMILIES.contains(&first) && rest.split('.').all(|label| label.len() <= 3)
    });
    in_family || OTHERS.contains(domain)
}

#[test]
fn the_list_is_sorted_and_families_end_where_firms_begin() {
    assert!(DOMAINS.lines().is_sorted() && OTHERS.len() == DOMAINS.lines().count());
    for public in [
        "gmail.com",
        "126.com",
        "zoho.com",
        "yahoo.co.jp",
        "gmx.at",
        "hotmail.co.uk",
    ] {
        assert!(is_public(public), "{public}");
    }
    for firm in [
        "ferrum.example",
        "gmail.com.ferrum.at",
        "live.ferrum.de",
        "mygmx.de",
        "gmx",
        "",
    ] {
        assert!(!is_public(firm), "{firm}");
    }
}
