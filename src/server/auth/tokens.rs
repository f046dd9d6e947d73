//! Tokens of issuers: checked once, and remembered for as long as they are valid.
//!
//! A token is not stored anywhere, so it cannot be revoked; but its tenant and its colleague are looked for in the store
//! as often as a key is, and a key that its issuer withdraws ends all that it signed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Instant;

use ring::digest::{SHA256, digest};

use crate::access::token::{ClaimFault, SentToken};
use crate::clock::SECOND;
use crate::error::Error;
use crate::server::auth::issuer::{Bearer, IssuerSettings, key_sources};
use crate::server::auth::jwks::{IssuerKeys, KeySource};
use crate::server::auth::known_keys::{ASK_AFTER, MAX_AGE};
use crate::store::access;
use crate::store::engine::db::Db;
use crate::store::scope::TenantScope;

/// The most tokens that are remembered.
const MAX_TOKENS: usize = 10_000;

/// What identifies a token.
type TokenHash = [u8; 32];

pub(crate) struct Tokens {
    db: Db,
    issuers: Vec<Issuer>,
    known: RwLock<HashMap<TokenHash, Arc<KnownToken>>>,
}

struct Issuer {
    settings: IssuerSettings,
    keys: Arc<IssuerKeys>,
}

struct KnownToken {
    bearer: Arc<Bearer>,
    /// When it ends, in seconds since 1970.
    end: f64,
    /// The position of its issuer, and the generation of the keys that it was checked with.
    issuer: usize,
    generation: u64,
    /// When the store was asked for its tenant and colleague, and whether somebody asks again.
    as_of: Instant,
    is_asked: AtomicBool,
}

/// What became of a token that was checked.
pub(crate) enum TokenCheck {
    Accepted(TenantScope),
    Invalid,
    /// It is what it says, but no longer valid: no sign of somebody who guesses.
    Expired,
}

impl Tokens {
    /// Takes the issuers.
    ///
    /// # Errors
    /// What is wrong with the settings of one.
    pub(crate) fn new(db: &Db, settings: Vec<IssuerSettings>) -> Result<Tokens, String> {
        let sources = key_sources(&settings)?;
        let issuer = |(settings, source): (IssuerSettings, KeySource)| Issuer {
            keys: Arc::new(IssuerKeys::new(&settings.name, source)),
            settings,
        };
        let issuers = settings.into_iter().zip(sources).map(issuer).collect();
        Ok(Tokens {
            db: db.clone(),
            issuers,
            known: RwLock::default(),
        })
    }

    /// Returns what identifies a token.
    pub(crate) fn hash(text: &str) -> TokenHash {
        let mut hash = TokenHash::default();
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        hash
    }

    /// Returns the scope of the bearer of a token that is known; `None` if it has to be checked.
    pub(crate) async fn accept(&self, hash: &TokenHash) -> Result<Option<TenantScope>, Error> {
        let began = Instant::now();
        let Some(known) = self.known(hash) else {
            return Ok(None);
        };
        let age = began.saturating_duration_since(known.as_of);
        if age < ASK_AFTER || age < MAX_AGE && known.is_asked.swap(true, Ordering::Relaxed) {
            return Ok(Some(known.bearer.scope.clone()));
        }
        let as_of = Instant::now();
        if !self.is_open(&known.bearer).await? {
            self.write().remove(hash);
            return Ok(None);
        }
        let again = KnownToken {
            bearer: Arc::clone(&known.bearer),
            as_of,
            is_asked: AtomicBool::new(false),
            ..*known
        };
        self.write().insert(*hash, Arc::new(again));
        Ok(Some(known.bearer.scope.clone()))
    }

    /// Checks a token, and remembers it if it is accepted.
    pub(crate) async fn check(&self, text: &str, hash: &TokenHash) -> Result<TokenCheck, Error> {
        let Some(sent) = SentToken::parse(text) else {
            return Ok(TokenCheck::Invalid);
        };
        let by_name = |issuer: &Issuer| issuer.settings.issuer == sent.issuer;
        let Some(at) = self.issuers.iter().position(by_name) else {
            return Ok(TokenCheck::Invalid);
        };
        let Issuer { settings, keys } = &self.issuers[at];
        let Some((key, generation)) = keys.find(&sent.key_id).await? else {
            return Ok(TokenCheck::Invalid);
        };
        let Some(claims) = sent.verify(&key) else {
            return Ok(TokenCheck::Invalid);
        };
        match claims.check(&settings.issuer, &settings.audience, self.now()) {
            Ok(()) => {}
            Err(ClaimFault::Expired) => return Ok(TokenCheck::Expired),
            Err(ClaimFault::Wrong) => return Ok(TokenCheck::Invalid),
        }
        let Some((bearer, end)) = settings.bearer(&claims).zip(claims.seconds("exp")) else {
            return Ok(TokenCheck::Invalid);
        };
        let as_of = Instant::now();
        if !self.is_open(&bearer).await? {
            return Ok(TokenCheck::Invalid);
        }
        let scope = bearer.scope.clone();
        let known = KnownToken {
            bearer: Arc::new(bearer),
            end,
            issuer: at,
            generation,
            as_of,
            is_asked: AtomicBool::new(false),
        };
        self.remember(*hash, known);
        Ok(TokenCheck::Accepted(scope))
    }

    fn known(&self, hash: &TokenHash) -> Option<Arc<KnownToken>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(hash)?;
        let keys = &self.issuers[known.issuer].keys;
        let is_valid = known.end > self.now() && keys.is_current(known.generation);
        is_valid.then(|| Arc::clone(known))
    }

    fn remember(&self, hash: TokenHash, token: KnownToken) {
        let now = self.now();
        let mut known = self.write();
        if known.len() >= MAX_TOKENS {
            known.retain(|_, token| token.end > now);
        }
        if known.len() >= MAX_TOKENS {
            known.clear();
        }
        known.insert(hash, Arc::new(token));
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<TokenHash, Arc<KnownToken>>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    async fn is_open(&self, bearer: &Bearer) -> Result<bool, Error> {
        let is_open = access::is_open(&bearer.scope, &bearer.colleague);
        self.db.fetch(&bearer.scope, is_open).await
    }

    /// Returns the time in seconds since 1970.
    fn now(&self) -> f64 {
        self.db.clock().now() as f64 / SECOND as f64
    }
}
