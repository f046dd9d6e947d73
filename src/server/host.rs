//! The check that keeps web pages away from a server without authentication (DNS rebinding).
//!
//! A page whose name was made to point to 127.0.0.1 can reach a local server, but its browser still sends the name of
//! the page as Host, and an Origin. It does not decide who may do what: there is no authentication yet.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Uri};

use crate::error::Error;

/// Passes a request that names a loopback host, in every place where it names one, and has no Origin.
///
/// # Errors
/// `HostRefused` and `OriginRefused`.
pub fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
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
    if headers.contains_key(ORIGIN) {
        return Err(Error::OriginRefused);
    }
    Ok(())
}

/// Only exact spellings: the wider a name is read here, the more a resolver may read it differently.
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
