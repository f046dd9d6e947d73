//! Who is connected, and who gives way when there is no place left.
//!
//! A connection without a call is idle. The one that gives way is one that has not even sent the preface, or else one
//! that never made a call, or else the one that is idle longest. One with a call never gives way: then the newcomer is
//! refused.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::server::limits::Limits;

/// How long a connection keeps its place, also while others wait to be accepted.
const AT_LEAST: Duration = Duration::from_millis(250);

/// What a connection does. The order is that in which they give way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Activity {
    /// It has not sent the preface.
    Silent,
    /// It has not made a call.
    Unused,
    /// It has made calls, and has none.
    Idle,
    /// It has a call.
    Busy,
}

pub(crate) struct Places {
    most: usize,
    most_per_peer: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next_id: u64,
    occupants: BTreeMap<u64, Occupant>,
}

struct Occupant {
    peer: IpAddr,
    standing: Activity,
    since: Instant,
    leave: Arc<Notify>,
}

impl Places {
    pub(crate) fn new(limits: &Limits) -> Arc<Places> {
        Arc::new(Places {
            most: limits.max_connections,
            most_per_peer: limits.max_connections_per_peer,
            taken: Mutex::default(),
        })
    }

    /// Takes a place for a new connection; `None` if nobody can give way.
    pub(crate) fn enter(self: &Arc<Places>, peer: IpAddr) -> Option<TakenPlace> {
        let peer = one_peer(peer);
        let mut taken = self.taken();
        let of_peer = taken.occupants.values().filter(|taken| taken.peer == peer);
        if of_peer.count() >= self.most_per_peer && !taken.give_way(|other| other.peer == peer) {
            return None;
        }
        if taken.occupants.len() >= self.most && !taken.give_way(|_| true) {
            return None;
        }
        let (id, leave) = (taken.next_id, Arc::new(Notify::new()));
        taken.next_id += 1;
        taken.occupants.insert(
            id,
            Occupant {
                peer,
                standing: Activity::Silent,
                since: Instant::now(),
                leave: Arc::clone(&leave),
            },
        );
        Some(TakenPlace {
            places: Arc::clone(self),
            id,
            leave,
        })
    }

    /// Makes one connection give way to those that wait to be accepted, if one can that has had time to say what it
    /// wants. Without that time, a flood of connections would leave none to anybody else.
    pub(crate) fn give_way(&self) -> bool {
        self.taken()
            .give_way(|other| other.since.elapsed() >= AT_LEAST)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn give_way(&mut self, may: impl Fn(&Occupant) -> bool) -> bool {
        let idle = |taken: &&(&u64, &Occupant)| taken.1.standing < Activity::Busy && may(taken.1);
        let first = self
            .occupants
            .iter()
            .filter(|taken| idle(&taken))
            .min_by_key(|(_, taken)| (taken.standing, taken.since));
        let Some((&id, _)) = first else {
            return false;
        };
        // Its place is free at once, also if its end takes a moment.
        if let Some(first) = self.occupants.remove(&id) {
            first.leave.notify_one();
        }
        true
    }
}

/// Returns the address by which a peer is known: in IPv6, a host has a network of 64 bits to itself.
pub(crate) fn one_peer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        address => address,
    }
}

/// The place of one connection, which is free when this is dropped.
pub(crate) struct TakenPlace {
    places: Arc<Places>,
    id: u64,
    leave: Arc<Notify>,
}

impl TakenPlace {
    /// Says what the connection does from now on.
    pub(crate) fn is(&self, standing: Activity) {
        if let Some(taken) = self.places.taken().occupants.get_mut(&self.id) {
            taken.standing = standing;
            taken.since = Instant::now();
        }
    }

    /// Resolves when the connection has to give way.
    pub(crate) async fn is_taken_away(&self) {
        self.leave.notified().await;
    }
}

impl Drop for TakenPlace {
    fn drop(&mut self) {
        self.places.taken().occupants.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn places(max_connections: usize, max_connections_per_peer: usize) -> Arc<Places> {
        Places::new(&Limits {
            max_connections,
            max_connections_per_peer,
            ..Limits::DEFAULT
        })
    }

    fn gives_way(place: &TakenPlace) -> bool {
        place.is_taken_away().now_or_never().is_some()
    }

    #[test]
    fn a_peer_is_a_host_by_whatever_address() {
        for [one, same, other] in [
            ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"],
            ["2001:db8::1", "2001:db8::2:3:4:5", "2001:db8:0:1::1"],
        ] {
            let enter = |places: &Arc<Places>, address: &str| {
                places.enter(address.parse().expect("it is an address"))
            };
            let places = places(8, 1);
            let first = enter(&places, one).expect("a place is free");
            let another = enter(&places, other).expect("its place is free");
            let second = enter(&places, same).expect("the first gives way");
            assert!(gives_way(&first), "{same} is {one}");
            assert!(!gives_way(&another) && !gives_way(&second));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_only_just_come_does_not_give_way_to_those_who_wait() {
        let places = places(8, usize::MAX);
        let place = places.enter(Ipv6Addr::LOCALHOST.into());
        let place = place.expect("a place is free");
        assert!(!places.give_way());
        tokio::time::advance(AT_LEAST).await;
        assert!(places.give_way() && gives_way(&place));
    }

    /// Its place is another's by then, so it is not in the way again.
    #[test]
    fn each_newcomer_makes_another_one_give_way() {
        let (places, peer) = (places(2, usize::MAX), Ipv6Addr::LOCALHOST.into());
        let enter = || places.enter(peer).expect("somebody gives way");
        let (first, second) = (enter(), enter());
        let _others = (enter(), enter());
        assert!(gives_way(&first) && gives_way(&second));
    }
}
