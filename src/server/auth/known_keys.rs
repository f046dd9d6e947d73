//! The keys that were accepted lately, so that not every call asks the store.
//!
//! A call is accepted on what the store said at most [`MAX_AGE`] before it began. So a key that is revoked, by whatever
//! process, opens nothing more after that time. One call in a while asks anew, for all keys that were used meanwhile;
//! a server without calls asks nothing. Only keys that can be used are remembered: whatever does not fit one of them
//! costs a look at the store, be the id known or not.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

use crate::access::key::SecretHash;
use crate::clock::Micros;
use crate::error::Error;
use crate::store::access::{self, HOUR, UsableKey};
use crate::store::engine::db::Db;
use crate::store::scope::TenantScope;

/// How old what is known may be when a call begins. The rest of the second in which a revocation takes effect is for
/// whoever measures it from outside.
pub(crate) const MAX_AGE: Duration = Duration::from_millis(700);
/// From which age on a call asks anew, while others go on.
pub(crate) const ASK_AFTER: Duration = Duration::from_millis(300);
/// How long a key that is not used is remembered.
const REMEMBERED: Duration = Duration::from_secs(3600);
/// How long it may take to note the use of a key.
const NOTE_WITHIN: Duration = Duration::from_secs(10);
/// After how long it is tried again to note a use.
const NOTE_AGAIN_AFTER: Duration = Duration::from_secs(60);

pub(crate) struct KnownKeys {
    db: Db,
    /// By the id.
    keys: RwLock<HashMap<String, Arc<KnownKey>>>,
    /// When the store was last asked for all of them. Whoever holds it asks.
    asked: Mutex<Option<Instant>>,
}

struct KnownKey {
    key: UsableKey,
    /// When the store was asked for it.
    as_of: Instant,
    /// Whether it was used since then.
    is_used: AtomicBool,
    /// The last hour of use that is noted, or about to be.
    noted: Arc<AtomicI64>,
}

impl KnownKeys {
    pub(crate) fn new(db: &Db) -> KnownKeys {
        KnownKeys {
            db: db.clone(),
            keys: RwLock::default(),
            asked: Mutex::new(None),
        }
    }

    /// Returns the scope of a caller with a key that is known and fits; `None` if the store has to be asked.
    pub(crate) async fn accept(
        &self,
        id: &str,
        hash: &SecretHash,
    ) -> Result<Option<TenantScope>, Error> {
        let began = Instant::now();
        let age = |known: &KnownKey| began.saturating_duration_since(known.as_of);
        let Some(known) = self.known(id, hash) else {
            return Ok(None);
        };
        known.is_used.store(true, Ordering::Relaxed);
        if age(&known) < ASK_AFTER {
            return Ok(Some(self.used(&known)));
        }
        let turn = match age(&known) < MAX_AGE {
            true => self.asked.try_lock().ok(),
            false => Some(self.asked.lock().await),
        };
        match turn {
            Some(turn) => self.ask(turn).await?,
            None => return Ok(Some(self.used(&known))),
        }
        let known = self.known(id, hash).filter(|known| age(known) < MAX_AGE);
        Ok(known.map(|known| self.used(&known)))
    }

    /// Asks the store for a key, and returns the scope of its caller; `None` if it can't be used, or has another secret.
    pub(crate) async fn look_up(
        &self,
        id: &str,
        hash: &SecretHash,
    ) -> Result<Option<TenantScope>, Error> {
        let as_of = Instant::now();
        let found = self.usable(vec![id.to_owned()]).await?.pop();
        let Some(key) = found.filter(|key| key.hash.matches(hash)) else {
            return Ok(None);
        };
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        remember(&mut keys, key, as_of);
        drop(keys);
        Ok(self.known(id, hash).map(|known| self.used(&known)))
    }

    /// Says whether a key was accepted lately, although it may be too long ago to accept it again without a look at the
    /// store.
    pub(crate) fn remembers(&self, id: &str, hash: &SecretHash) -> bool {
        self.known(id, hash).is_some()
    }

    fn known(&self, id: &str, hash: &SecretHash) -> Option<Arc<KnownKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let known = keys.get(id)?;
        let fits = known.key.hash.matches(hash) && known.key.expire_time > self.db.clock().now();
        fits.then(|| Arc::clone(known))
    }

    async fn usable(&self, ids: Vec<String>) -> Result<Vec<UsableKey>, Error> {
        let now = self.db.clock().now();
        let usable = access::usable(ids, now);
        self.db.fetch(&TenantScope::local(), usable).await
    }

    /// Asks the store for all keys that were used since it was last asked, and forgets those that cannot be used, and
    /// those that were not used for long.
    async fn ask(&self, mut asked: MutexGuard<'_, Option<Instant>>) -> Result<(), Error> {
        let as_of = Instant::now();
        if asked.is_some_and(|last| as_of.saturating_duration_since(last) < ASK_AFTER) {
            return Ok(());
        }
        let ids: HashSet<String> = {
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            let used = keys
                .iter()
                .filter(|(_, known)| known.is_used.swap(false, Ordering::Relaxed));
            used.map(|(id, _)| id.clone()).collect()
        };
        let usable = self.usable(ids.iter().cloned().collect()).await?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        for key in usable {
            remember(&mut keys, key, as_of);
        }
        keys.retain(|id, known| {
            let age = as_of.saturating_duration_since(known.as_of);
            known.as_of >= as_of || !ids.contains(id) && age < REMEMBERED
        });
        *asked = Some(as_of);
        Ok(())
    }

    /// Returns the scope of a caller, and notes the hour.
    fn used(&self, known: &KnownKey) -> TenantScope {
        let now = self.db.clock().now();
        let hour = now - now.rem_euclid(HOUR);
        let is_new = known.noted.load(Ordering::Relaxed) < hour;
        if is_new && known.noted.fetch_max(hour, Ordering::Relaxed) < hour {
            let noted = Arc::clone(&known.noted);
            let (scope, id) = (known.key.scope.clone(), known.key.id.clone());
            tokio::spawn(note_use(self.db.clone(), scope, id, hour, noted));
        }
        known.key.scope.clone()
    }
}

/// Remembers a key, unless something newer is known of it.
fn remember(keys: &mut HashMap<String, Arc<KnownKey>>, key: UsableKey, as_of: Instant) {
    let earlier = keys.get(&key.id);
    if earlier.is_some_and(|earlier| earlier.as_of >= as_of) {
        return;
    }
    let noted = earlier.map_or_else(
        || Arc::new(AtomicI64::new(key.last_use_time.unwrap_or_default())),
        |earlier| Arc::clone(&earlier.noted),
    );
    let known = KnownKey {
        as_of,
        is_used: AtomicBool::new(false),
        noted,
        key,
    };
    keys.insert(known.key.id.clone(), Arc::new(known));
}

/// Notes a use. A failure costs no call anything; it is tried again later.
async fn note_use(db: Db, scope: TenantScope, id: String, hour: Micros, noted: Arc<AtomicI64>) {
    let deadline = Instant::now() + NOTE_WITHIN;
    let written = db.write(&scope, deadline, Vec::new(), move |mut tx| async move {
        let note = access::note_use(tx.scope(), &id, hour);
        tx.finish(note).await?;
        Ok((tx, ()))
    });
    match written.await {
        Ok(_) | Err(Error::ShuttingDown) => {}
        Err(error) => {
            tracing::warn!(%error, "it could not be noted that an API key was used");
            tokio::time::sleep(NOTE_AGAIN_AFTER).await;
            noted.store(0, Ordering::Relaxed);
        }
    }
}
