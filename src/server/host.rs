//! Keeps web pages away from a server without authentication (DNS rebinding).
//!
//! A page whose host name resolves to 127.0.0.1 can reach a local server, but its browser still sends that name as
//! Host, and an Origin, or says that another site asks. Where callers show a credential (`auth`), this is not asked for.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Uri};

use crate::error::Error;

/// What a browser says about the page that sends a request (W3C Fetch Metadata).
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Accepts a request if every host that it names is a loopback one, it has no Origin, and no browser says that it comes
/// from another site.
///
/// # Errors
/// `HostRefused` and `OriginRefused`.
pub(crate) fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
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
