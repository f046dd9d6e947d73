//! What one tenant and one principal may take of the server: so many calls at one time, with a short queue for more, and so
//! many calls a second.
//!
//! So who asks too much is refused before it costs others anything. Whose a call is was decided before; calls without an
//! end, such as watches, have a share of their own, which all callers have together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::Error;
use crate::server::limits::Limits;

/// How long a call waits for another one of its tenant or principal to end.
const QUEUE_WAIT: Duration = Duration::from_millis(100);
/// How often those without calls are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// What is taken at present, by tenant and principal.
pub(crate) struct Shares {
    calls_of_tenant: Option<usize>,
    calls_of_principal: Option<usize>,
    rate: Option<Rate>,
    /// Permits for calls without an end.
    endless: Arc<Semaphore>,
    taken: Mutex<TakenShares>,
}

/// So many calls a second, evenly; as many more may come at once after a pause.
#[derive(Clone, Copy)]
struct Rate {
    calls_per_second: u32,
    interval: Duration,
}

struct TakenShares {
    tenants: HashMap<String, Tenant>,
    forgot: Instant,
}

struct Tenant {
    share: CallShare,
    principals: HashMap<String, Principal>,
}

struct Principal {
    share: CallShare,
    /// When the next call would come, if calls came evenly.
    due: Instant,
}

/// Permits for calls at one time; none if there is no limit.
#[derive(Clone)]
struct CallShare(Option<Arc<CallPermits>>);

struct CallPermits {
    calls: Arc<Semaphore>,
    /// Places for those who wait, as many as there are permits.
    places: Semaphore,
}

/// A call's part of both shares. It ends when this is dropped.
pub(crate) struct ShareOfCall {
    _permits: [Option<OwnedSemaphorePermit>; 2],
}

impl Shares {
    pub(crate) fn new(limits: &Limits) -> Shares {
        let rate = limits.calls_per_second.map(|calls_per_second| Rate {
            calls_per_second,
            interval: Duration::from_secs(1) / calls_per_second.max(1),
        });
        Shares {
            calls_of_tenant: limits.max_calls_of_tenant,
            calls_of_principal: limits.max_calls_of_principal,
            rate,
            endless: Arc::new(Semaphore::new(limits.max_connections / 2)),
            taken: Mutex::new(TakenShares {
                tenants: HashMap::new(),
                forgot: Instant::now(),
            }),
        }
    }

    /// Lets a call in, perhaps after a short wait.
    ///
    /// # Errors
    /// `RateExceeded` and `Overloaded`.
    pub(crate) async fn enter(&self, tenant: &str, principal: &str) -> Result<ShareOfCall, Error> {
        let limits = [self.calls_of_tenant, self.calls_of_principal];
        if limits == [None; 2] && self.rate.is_none() {
            return Ok(ShareOfCall {
                _permits: [None, None],
            });
        }
        let (of_tenant, of_principal) = self.book(tenant, principal)?;
        // Its own first: who waits for that takes nothing from others of the tenant.
        let own = of_principal.permit().await?;
        let shared = of_tenant.permit().await?;
        Ok(ShareOfCall {
            _permits: [own, shared],
        })
    }

    /// Lets in a call without an end. All of these together are half as many as there may be connections: so they leave
    /// connections that can give way, and memory for others.
    ///
    /// # Errors
    /// `Overloaded`.
    pub(crate) fn enter_endless(&self) -> Result<ShareOfCall, Error> {
        let permit = Arc::clone(&self.endless).try_acquire_owned();
        let permit = permit.map_err(|_| Error::Overloaded)?;
        Ok(ShareOfCall {
            _permits: [Some(permit), None],
        })
    }

    /// Counts a call against the rate, and returns both shares.
    fn book(&self, tenant: &str, principal: &str) -> Result<(CallShare, CallShare), Error> {
        let now = Instant::now();
        let mut taken = self.taken();
        taken.forget(now);
        if !taken.tenants.contains_key(tenant) {
            let new = Tenant {
                share: CallShare::new(self.calls_of_tenant),
                principals: HashMap::new(),
            };
            taken.tenants.insert(tenant.to_owned(), new);
        }
        let Some(tenant) = taken.tenants.get_mut(tenant) else {
            return Err(Error::internal("a tenant is gone from the shares"));
        };
        if !tenant.principals.contains_key(principal) {
            let new = Principal {
                share: CallShare::new(self.calls_of_principal),
                due: now,
            };
            tenant.principals.insert(principal.to_owned(), new);
        }
        let of_tenant = tenant.share.clone();
        let Some(principal) = tenant.principals.get_mut(principal) else {
            return Err(Error::internal("a principal is gone from the shares"));
        };
        if let Some(rate) = self.rate {
            principal.due = rate.next(principal.due, now)?;
        }
        Ok((of_tenant, principal.share.clone()))
    }

    fn taken(&self) -> MutexGuard<'_, TakenShares> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rate {
    /// Returns when the call after this one is due. A second's worth of calls may come before they are.
    fn next(self, due: Instant, now: Instant) -> Result<Instant, Error> {
        let next = due.max(now) + self.interval;
        let ahead = next.duration_since(now);
        match ahead.checked_sub(Duration::from_secs(1)) {
            Some(too_much) if too_much > Duration::ZERO => Err(Error::RateExceeded {
                calls_per_second: self.calls_per_second,
                retry_after: too_much,
            }),
            _ => Ok(next),
        }
    }
}

impl TakenShares {
    /// Forgets, now and then, those who have no call and are not ahead of their rate.
    fn forget(&mut self, now: Instant) {
        if now.duration_since(self.forgot) < FORGET_EVERY {
            return;
        }
        self.forgot = now;
        self.tenants.retain(|_, tenant| {
            tenant
                .principals
                .retain(|_, principal| principal.due > now || principal.share.is_used());
            !tenant.principals.is_empty() || tenant.share.is_used()
        });
    }
}

impl CallShare {
    fn new(n_calls: Option<usize>) -> CallShare {
        CallShare(n_calls.map(|n| {
            Arc::new(CallPermits {
                calls: Arc::new(Semaphore::new(n)),
                places: Semaphore::new(n),
            })
        }))
    }

    async fn permit(&self) -> Result<Option<OwnedSemaphorePermit>, Error> {
        let Some(permits) = &self.0 else {
            return Ok(None);
        };
        if let Ok(permit) = Arc::clone(&permits.calls).try_acquire_owned() {
            return Ok(Some(permit));
        }
        let _place = permits
            .places
            .try_acquire()
            .map_err(|_| Error::Overloaded)?;
        let waited = timeout(QUEUE_WAIT, Arc::clone(&permits.calls).acquire_owned()).await;
        match waited {
            Ok(Ok(permit)) => Ok(Some(permit)),
            _ => Err(Error::Overloaded),
        }
    }

    /// Says whether a call has one of the permits, or is about to take one.
    fn is_used(&self) -> bool {
        self.0.as_ref().is_some_and(|permits| {
            Arc::strong_count(permits) > 1 || Arc::strong_count(&permits.calls) > 1
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn shares(tenant: Option<usize>, principal: Option<usize>, rate: Option<u32>) -> Shares {
        Shares::new(&Limits {
            max_calls_of_tenant: tenant,
            max_calls_of_principal: principal,
            calls_per_second: rate,
            ..Limits::DEFAULT
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_principal_leaves_its_tenant_the_rest_and_a_tenant_the_others() {
        let shares = shares(Some(3), Some(2), None);
        let first = shares.enter("a", "one").await.expect("there is room");
        let second = shares.enter("a", "one").await.expect("there is room");
        assert!(matches!(
            shares.enter("a", "one").await,
            Err(Error::Overloaded)
        ));
        let third = shares.enter("a", "two").await.expect("the tenant has room");
        assert!(matches!(
            shares.enter("a", "two").await,
            Err(Error::Overloaded)
        ));
        let other = shares.enter("b", "one").await;
        assert!(other.is_ok(), "another tenant has its own share");
        drop((first, second, third));
        assert!(shares.enter("a", "one").await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_gets_the_next_permit_and_the_queue_is_bounded() {
        let shares = shares(None, Some(1), None);
        let first = shares.enter("a", "one").await.expect("there is room");
        let mut second = Box::pin(shares.enter("a", "one"));
        assert!((&mut second).now_or_never().is_none(), "it waits");
        let third = shares.enter("a", "one").now_or_never();
        assert!(matches!(third, Some(Err(Error::Overloaded))), "at once");
        drop(first);
        assert!(second.await.is_ok());
    }

    #[tokio::test]
    async fn a_second_of_calls_may_come_at_once_and_the_next_is_told_when() {
        let shares = shares(None, None, Some(10));
        for _ in 0..10 {
            assert!(shares.enter("a", "one").await.is_ok());
        }
        let refused = shares.enter("a", "one").await.err();
        let Some(Error::RateExceeded { retry_after, .. }) = refused else {
            panic!("the rate holds: {refused:?}");
        };
        assert!(retry_after <= Duration::from_millis(100), "{retry_after:?}");
        assert!(shares.enter("a", "two").await.is_ok(), "another principal");
        assert!(shares.enter("b", "one").await.is_ok(), "another tenant");
    }

    #[test]
    fn those_without_calls_are_forgotten() {
        let shares = shares(Some(9), Some(9), Some(1_000_000));
        for i in 0..1_000 {
            let principal = i.to_string();
            let entered = shares.enter("a", &principal).now_or_never();
            assert!(matches!(entered, Some(Ok(_))));
        }
        let kept = shares.enter("b", "one").now_or_never();
        let later = Instant::now() + 2 * FORGET_EVERY;
        let mut taken = shares.taken();
        taken.forget(later);
        let tenants: Vec<_> = taken.tenants.keys().collect();
        assert_eq!(tenants, ["b"]);
        drop((taken, kept));
    }
}
