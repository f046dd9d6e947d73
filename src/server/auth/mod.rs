//! Who calls: the credential of a call is checked before its body is read, and becomes the scope under which the store
//! is asked.
//!
//! Health is answered to everybody, reflection to everybody with a credential, and a method of the API to a credential
//! with the scope that its proto names. What a key looks like is up to `access::key`, which keys there are to
//! `store::access`.

mod attempts;
pub mod issuer;
mod jwks;
mod known_keys;
mod tokens;

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::access::key::{PREFIX, SentKey};
use crate::access::need::{Need, needed};
use crate::error::Error;
use crate::server::auth::attempts::Attempts;
use crate::server::auth::issuer::IssuerSettings;
use crate::server::auth::known_keys::KnownKeys;
use crate::server::auth::tokens::{TokenCheck, Tokens};
use crate::store::engine::db::Db;
use crate::store::scope::TenantScope;

/// Whether callers have to show a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// They have none: everybody who reaches the server may do everything.
    Off,
    /// They show an API key, or a token of an issuer that is trusted.
    Keys,
}

/// Checks credentials. Cheap to clone.
#[derive(Clone)]
pub struct Authenticator(Option<Arc<Checks>>);

struct Checks {
    keys: KnownKeys,
    tokens: Tokens,
    attempts: Attempts,
}

impl Authenticator {
    /// Makes what checks the credentials of a store's callers, who may have tokens of these issuers.
    ///
    /// # Errors
    /// What is wrong with the settings of an issuer.
    pub fn new(
        authentication: Authentication,
        db: &Db,
        issuers: Vec<IssuerSettings>,
    ) -> Result<Authenticator, String> {
        let tokens = Tokens::new(db, issuers)?;
        Ok(Authenticator(match authentication {
            Authentication::Off => None,
            Authentication::Keys => Some(Arc::new(Checks {
                keys: KnownKeys::new(db),
                tokens,
                attempts: Attempts::default(),
            })),
        }))
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
    /// `ScopeMissing`, `IssuerUnavailable`; and those of the store.
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
        let access = scope.access();
        // Who is refused is known, too.
        call.extensions.insert(scope);
        match need {
            Need::Scope(needed) if !access.has(needed) => Err(Error::ScopeMissing(needed)),
            _ => Ok(()),
        }
    }
}

impl Checks {
    /// Finds out who calls. Whatever is wrong with a credential, the caller is told the same.
    async fn caller(&self, headers: &HeaderMap, peer: IpAddr) -> Result<TenantScope, Error> {
        let mut credentials = headers.get_all(AUTHORIZATION).iter();
        let credential = credentials.next().ok_or(Error::CredentialMissing)?;
        let is_only = credentials.next().is_none();
        let text = credential.to_str().ok().filter(|_| is_only);
        match text.and_then(shown) {
            Some(text) if text.starts_with(PREFIX) => self.owner(SentKey::parse(text), peer).await,
            Some(text) => self.bearer(text, peer).await,
            None => self.owner(None, peer).await,
        }
    }

    /// Finds out whose key it is.
    async fn owner(&self, sent: Option<SentKey<'_>>, peer: IpAddr) -> Result<TenantScope, Error> {
        let hash = sent.map(|sent| (sent.id, sent.hash()));
        if let Some((id, hash)) = &hash
            && let Some(scope) = self.keys.accept(id, hash).await?
        {
            return Ok(scope);
        }
        // Who guesses does not lock out those who share the address and were accepted lately.
        let is_remembered = |(id, hash): &(&str, _)| self.keys.remembers(id, hash);
        if !hash.as_ref().is_some_and(is_remembered) {
            self.attempts.admit(peer)?;
        }
        let found = match hash {
            Some((id, hash)) => self.keys.look_up(id, &hash).await?,
            None => None,
        };
        found.ok_or_else(|| self.refused(peer))
    }

    /// Finds out who bears a token.
    async fn bearer(&self, token: &str, peer: IpAddr) -> Result<TenantScope, Error> {
        let hash = Tokens::hash(token);
        if let Some(scope) = self.tokens.accept(&hash).await? {
            return Ok(scope);
        }
        self.attempts.admit(peer)?;
        match self.tokens.check(token, &hash).await? {
            TokenCheck::Accepted(scope) => Ok(scope),
            TokenCheck::Expired => Err(Error::CredentialInvalid),
            TokenCheck::Invalid => Err(self.refused(peer)),
        }
    }

    fn refused(&self, peer: IpAddr) -> Error {
        self.attempts.failed(peer);
        Error::CredentialInvalid
    }
}

/// Returns what is shown in `Bearer TEXT` or `ApiKey TEXT`; schemes have no case (RFC 9110, section 11.1).
fn shown(credential: &str) -> Option<&str> {
    let (scheme, text) = credential.split_once(' ')?;
    let is_known = ["bearer", "apikey"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    is_known.then(|| text.trim_matches(' '))
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
