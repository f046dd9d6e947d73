//! How often an address may show a credential that is not valid: ten times in a minute.
//!
//! After that, no credential of the address is looked for in the store until some time has passed. One that was
//! accepted lately is still accepted, so that a guesser does not lock out those who share an address. All callers of
//! this machine, and so of a proxy on it, share one; that is not counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::server::places::one_peer;

/// The most failures of an address at one time.
const MOST: u32 = 10;
/// After how long one more is allowed.
const EVERY: Duration = Duration::from_secs(6);
/// The most addresses that are remembered. When there are more, those who failed first are forgotten.
const MAX_ADDRESSES: usize = 10_000;

/// The failures of each address, as the time at which all of them are forgiven.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<IpAddr, Instant>>);

impl Attempts {
    /// Refuses an address with too many failures.
    pub(crate) fn admit(&self, peer: IpAddr) -> Result<(), Error> {
        self.admit_at(peer, Instant::now())
    }

    /// Notes a failure.
    pub(crate) fn failed(&self, peer: IpAddr) {
        self.failed_at(peer, Instant::now());
    }

    fn admit_at(&self, peer: IpAddr, now: Instant) -> Result<(), Error> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let forgiven = failures.get(&one_peer(peer)).copied().unwrap_or(now);
        // One more failure would not fit.
        match forgiven.saturating_duration_since(now) + EVERY > EVERY * MOST {
            true => Err(Error::AttemptsExhausted),
            false => Ok(()),
        }
    }

    fn failed_at(&self, peer: IpAddr, now: Instant) {
        if peer.to_canonical().is_loopback() {
            return;
        }
        let peer = one_peer(peer);
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MAX_ADDRESSES && !failures.contains_key(&peer) {
            failures.retain(|_, forgiven| *forgiven > now);
            let first = failures.iter().min_by_key(|(_, forgiven)| **forgiven);
            let first = first.map(|(peer, _)| *peer);
            if let Some(first) = first.filter(|_| failures.len() >= MAX_ADDRESSES) {
                failures.remove(&first);
            }
        }
        let forgiven = failures.entry(peer).or_insert(now);
        // Calls that began together may all fail: they count for no more than the most.
        *forgiven = ((*forgiven).max(now) + EVERY).min(now + EVERY * MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn ten_failures_are_allowed_and_one_more_after_six_seconds() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for _ in 0..MOST {
            attempts
                .admit_at(peer("192.0.2.1"), now)
                .expect("not too many");
            attempts.failed_at(peer("192.0.2.1"), now);
        }
        assert!(attempts.admit_at(peer("192.0.2.1"), now).is_err());
        // An IPv4 address is the same in the form of IPv6.
        assert!(attempts.admit_at(peer("::ffff:192.0.2.1"), now).is_err());
        assert!(attempts.admit_at(peer("192.0.2.2"), now).is_ok());
        let later = now + EVERY;
        assert!(attempts.admit_at(peer("192.0.2.1"), later).is_ok());
        attempts.failed_at(peer("192.0.2.1"), later);
        assert!(attempts.admit_at(peer("192.0.2.1"), later).is_err());
        assert!(
            attempts
                .admit_at(peer("192.0.2.1"), later + EVERY * MOST)
                .is_ok()
        );
    }

    #[test]
    fn a_host_has_one_network_of_ipv6_and_this_machine_is_not_counted() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for i in 0..20 {
            attempts.failed_at(peer(&format!("2001:db8::{i}")), now);
            attempts.failed_at(peer("127.0.0.1"), now);
            attempts.failed_at(peer("::1"), now);
        }
        assert!(attempts.admit_at(peer("2001:db8::ffff"), now).is_err());
        assert!(attempts.admit_at(peer("2001:db8:0:1::1"), now).is_ok());
        assert!(attempts.admit_at(peer("127.0.0.1"), now).is_ok());
        assert!(attempts.admit_at(peer("::1"), now).is_ok());
    }

    #[test]
    fn no_more_addresses_are_remembered_than_fit() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for i in 0..=MAX_ADDRESSES as u32 {
            attempts.failed_at(IpAddr::V4(i.into()), now);
        }
        let failures = attempts.0.lock().expect("nobody panicked");
        assert_eq!(failures.len(), MAX_ADDRESSES);
    }
}
