//! Keeps web pages away from a server that asks for no credential (DNS rebinding).
//!
//! A page whose host name resolves to the address of such a server can reach it, but its browser still sends that name
//! as Host, and an Origin, or says that another site asks. Who may do what is not decided here.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Uri};

use crate::error::Error;

/// What a browser says about the page that sends a request (W3C Fetch Metadata).
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// What a call has to look like, so that no web page of a stranger can have made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostRule {
    /// Every host that it names is a loopback one, it has no Origin, and no browser says that another site asks.
    Loopback,
    /// The same, but with any host: what others call the machine is not known.
    AnyHost,
    /// Nothing: a credential is asked for, which no page has.
    Anything,
}

/// Accepts a request that fits the rule.
///
/// # Errors
/// `HostRefused` and `OriginRefused`.
pub(crate) fn check(rule: HostRule, uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
    match rule {
        HostRule::Loopback => {
            names_loopback(uri, headers)?;
            is_of_no_page(headers)
        }
        HostRule::AnyHost => is_of_no_page(headers),
        HostRule::Anything => Ok(()),
    }
}

/// Accepts a request that names a host, and only loopback ones.
///
/// # Errors
/// `HostRefused`.
pub(crate) fn names_loopback(uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
    let named = headers
        .get_all(HOST)
        .iter()
        .map(|host| Authority::try_from(host.as_bytes()).ok());
    let mut hosts = uri
        .authority()
        .cloned()
        .map(Some)
        .into_iter()
        .chain(named)
        .peekable();
    if hosts.peek().is_none() || !hosts.all(|host| host.is_some_and(|host| is_loopback(&host))) {
        return Err(Error::HostRefused);
    }
    Ok(())
}

fn is_of_no_page(headers: &HeaderMap) -> Result<(), Error> {
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter();
    if headers.contains_key(ORIGIN) || sites.any(|site| site == "cross-site") {
        return Err(Error::OriginRefused);
    }
    Ok(())
}

/// Accepts only exact spellings: the more lenient this is, the more likely a resolver reads a name differently.
fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host();
    let is_ipv6 = |host: &str| {
        let address = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        address.and_then(|address| address.parse().ok()) == Some(Ipv6Addr::LOCALHOST)
    };
    !authority.as_str().contains('@')
        && (host.eq_ignore_ascii_case("localhost")
            || host
                .parse()
                .is_ok_and(|address: Ipv4Addr| address.is_loopback())
            || is_ipv6(host))
}
