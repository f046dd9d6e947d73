//! Public mail providers: domains that say nothing about the firm of an address.
//!
//! A leaf. The list was put together by hand from the large providers of each region and is short on purpose. A
//! provider that is missing here only means that its domain finds a customer who claims it as its own.

/// Providers that have a domain in nearly every country: `yahoo.de`, `yahoo.co.jp`.
const FAMILIES: [&str; 5] = ["gmx", "hotmail", "live", "yahoo", "yandex"];

/// The others, sorted.
const DOMAINS: [&str; 108] = [
    "126.com",
    "139.com",
    "163.com",
    "189.cn",
    "aim.com",
    "alice.it",
    "aliyun.com",
    "aol.com",
    "arcor.de",
    "att.net",
    "bellsouth.net",
    "bigpond.com",
    "bk.ru",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "centrum.cz",
    "charter.net",
    "chello.at",
    "comcast.net",
    "cox.net",
    "daum.net",
    "docomo.ne.jp",
    "duck.com",
    "earthlink.net",
    "email.cz",
    "ezweb.ne.jp",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "frontier.com",
    "gmail.com",
    "googlemail.com",
    "hanmail.net",
    "hey.com",
    "hushmail.com",
    "icloud.com",
    "ig.com.br",
    "inbox.ru",
    "interia.pl",
    "juno.com",
    "kpnmail.nl",
    "laposte.net",
    "libero.it",
    "list.ru",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "nate.com",
    "naver.com",
    "neuf.fr",
    "ntlworld.com",
    "o2.pl",
    "onet.pl",
    "online.de",
    "optonline.net",
    "optusnet.com.au",
    "orange.fr",
    "outlook.com",
    "outlook.com.br",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "outlook.it",
    "outlook.jp",
    "planet.nl",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "rogers.com",
    "sapo.pt",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "shaw.ca",
    "sina.com",
    "sky.com",
    "softbank.ne.jp",
    "sohu.com",
    "sympatico.ca",
    "t-online.de",
    "talktalk.net",
    "telenet.be",
    "telus.net",
    "terra.com.br",
    "tiscali.it",
    "tutanota.com",
    "uol.com.br",
    "verizon.net",
    "virgilio.it",
    "virginmedia.com",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "ymail.com",
    "zoho.com",
];

/// Says whether a domain, in lower case, is one of a public mail provider.
pub fn is_public(domain: &str) -> bool {
    let in_family = || {
        let (first, rest) = domain.split_once('.')?;
        // `co.uk`, `com.br`, `de`, `net`: what a country or a general top level gives out, and no firm's own name.
        let is_top = |label: &str| label.len() <= 3;
        (FAMILIES.contains(&first) && rest.split('.').all(is_top)).then_some(())
    };
    DOMAINS.binary_search(&domain).is_ok() || in_family().is_some()
}

#[test]
fn the_list_is_sorted_and_families_end_where_firms_begin() {
    assert!(DOMAINS.is_sorted());
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
