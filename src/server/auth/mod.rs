//! Who calls: the credential of a call is checked before its body is read, and becomes the scope under which the store
//! is asked.
//!
//! Health is answered to everybody, reflection to everybody with a credential, and a method of the API to a credential
//! with the scope that its proto names. What a key looks like is up to `access::key`, which keys there are to
//! `store::access`.

mod attempts;
mod known_keys;

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::access::key::{PREFIX, SentKey};
use crate::access::need::{Need, needed};
use crate::error::Error;
use crate::server::auth::attempts::Attempts;
use crate::server::auth::known_keys::KnownKeys;
use crate::store::engine::db::Db;
use crate::store::scope::TenantScope;

/// Whether callers have to show a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// They have none: everybody who reaches the server may do everything.
    Off,
    /// They show an API key.
    Keys,
}

/// Checks credentials. Cheap to clone.
#[derive(Clone)]
pub struct Authenticator(Option<Arc<Checks>>);

struct Checks {
    keys: KnownKeys,
    attempts: Attempts,
}

impl Authenticator {
    /// Makes what checks the credentials of a store's callers.
    pub fn new(authentication: Authentication, db: &Db) -> Authenticator {
        Authenticator(match authentication {
            Authentication::Off => None,
            Authentication::Keys => Some(Arc::new(Checks {
                keys: KnownKeys::new(db),
                attempts: Attempts::default(),
            })),
        })
    }

    /// Makes what asks nobody for a credential.
    pub fn off() -> Authenticator {
        Authenticator(None)
    }

    /// Says whether callers have to show a credential.
    pub(crate) fn asks(&self) -> bool {
        self.0.is_some()
    }

    /// Lets a call in, with the scope of its caller in its extensions, or refuses it. The credential is taken out of
    /// the headers, so that nothing behind this sees it.
    ///
    /// # Errors
    /// `MethodUnknown`, `CredentialMissing`, `CredentialInvalid`, `CredentialUnexpected`, `AttemptsExhausted`,
    /// `ScopeMissing`; and those of the store.
    pub async fn admit(&self, call: &mut Parts, peer: IpAddr) -> Result<(), Error> {
        let Some(checks) = &self.0 else {
            return expect_no_key(&call.headers);
        };
        let need = needed(call.uri.path()).ok_or(Error::MethodUnknown)?;
        if need == Need::Nothing {
            call.headers.remove(AUTHORIZATION);
            return Ok(());
        }
        let scope = checks.caller(&call.headers, peer).await?;
        call.headers.remove(AUTHORIZATION);
        if let Need::Scope(needed) = need
            && !scope.access().has(needed)
        {
            return Err(Error::ScopeMissing(needed));
        }
        call.extensions.insert(scope);
        Ok(())
    }
}

impl Checks {
    /// Finds out who calls. Whatever is wrong with a credential, the caller is told the same.
    async fn caller(&self, headers: &HeaderMap, peer: IpAddr) -> Result<TenantScope, Error> {
        let mut credentials = headers.get_all(AUTHORIZATION).iter();
        let credential = credentials.next().ok_or(Error::CredentialMissing)?;
        let is_only = credentials.next().is_none();
        let sent = credential
            .to_str()
            .ok()
            .filter(|_| is_only)
            .and_then(sent_key);
        let hash = sent.map(|sent| (sent.id, sent.hash()));
        if let Some((id, hash)) = &hash
            && let Some(scope) = self.keys.accept(id, hash).await?
        {
            return Ok(scope);
        }
        self.attempts.admit(peer)?;
        let found = match hash {
            Some((id, hash)) => self.keys.look_up(id, &hash).await?,
            None => None,
        };
        found.ok_or_else(|| {
            self.attempts.failed(peer);
            Error::CredentialInvalid
        })
    }
}

/// Reads `Bearer KEY` or `ApiKey KEY`; schemes have no case (RFC 9110, section 11.1).
fn sent_key(credential: &str) -> Option<SentKey<'_>> {
    let (scheme, text) = credential.split_once(' ')?;
    let is_known = ["bearer", "apikey"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    SentKey::parse(text.trim_matches(' ')).filter(|_| is_known)
}

/// Refuses a key where none is asked for: its owner means the records of one tenant, and would get those of another.
fn expect_no_key(headers: &HeaderMap) -> Result<(), Error> {
    let is_key = |credential: &http::HeaderValue| {
        let text = credential.to_str().unwrap_or_default();
        let (_, text) = text.split_once(' ').unwrap_or_default();
        text.trim_start_matches(' ').starts_with(PREFIX)
    };
    match headers.get_all(AUTHORIZATION).iter().any(is_key) {
        true => Err(Error::CredentialUnexpected),
        false => Ok(()),
    }
}
