//! Who may issue tokens, as the operator says it, and what a token of theirs gives its bearer.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use http::Uri;
use serde::Deserialize;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::access::AccessScopes;
use crate::access::token::Claims;
use crate::name::{Kind, Name, is_chosen_id, is_key};
use crate::pb::AccessScope;
use crate::server::auth::jwks::KeySource;
use crate::store::scope::TenantScope;

/// The longest principal, in characters; the name of a colleague is never longer.
const MAX_PRINCIPAL: usize = 200;

/// The issuers that are trusted, as a file has them: `[[issuers]]` for each.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuers {
    /// The issuers.
    pub issuers: Vec<IssuerSettings>,
}

/// An issuer of tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// What principals of its callers begin with, and what the log calls it.
    pub name: String,
    /// What its tokens have as `iss`.
    pub issuer: String,
    /// What its tokens have as `aud`, or in it.
    pub audience: String,
    /// Where its keys are.
    pub jwks_url: String,
    /// The certificates by which that server is recognised, as PEM; without them, those that browsers know.
    pub ca_file: Option<PathBuf>,
    /// The tenant of all its callers.
    pub tenant: Option<String>,
    /// The claim that names the tenant.
    pub tenant_claim: Option<String>,
    /// The tenants that the claim may name; empty for any.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// The claim that names the colleague who acts.
    pub colleague_claim: Option<String>,
    /// The claim that has the scopes.
    #[serde(default = "scope_claim")]
    pub scopes_claim: String,
    /// What scopes begin with there.
    #[serde(default)]
    pub scope_prefix: String,
}

fn scope_claim() -> String {
    "scope".to_owned()
}

/// What a token gives its bearer.
pub(crate) struct Bearer {
    /// Whose data, in whose name, and what is allowed.
    pub scope: TenantScope,
    /// The colleague who acts, by name; empty for none.
    pub colleague: String,
}

impl Issuers {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(path: &str) -> Result<Issuers, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let issuers: Issuers = toml::from_str(&text).map_err(|error| error.message().to_owned())?;
        key_sources(&issuers.issuers)?;
        Ok(issuers)
    }
}

/// Checks the settings of all issuers, and returns where the keys of each are.
///
/// # Errors
/// The issuer, the setting, what is wrong with it and what to do.
pub(crate) fn key_sources(issuers: &[IssuerSettings]) -> Result<Vec<KeySource>, String> {
    let mut sources = Vec::new();
    for (at, issuer) in issuers.iter().enumerate() {
        let source = issuer.key_source();
        sources.push(source.map_err(|why| format!("issuer {}: {why}", issuer.name))?);
        let is_twice =
            |other: &IssuerSettings| other.issuer == issuer.issuer || other.name == issuer.name;
        if issuers[..at].iter().any(is_twice) {
            return Err(format!("issuer {}: it is there twice", issuer.name));
        }
    }
    Ok(sources)
}

impl IssuerSettings {
    /// Checks the settings, and returns where the keys are.
    ///
    /// # Errors
    /// The setting, what is wrong with it and what to do.
    fn key_source(&self) -> Result<KeySource, String> {
        let problem = match (&self.tenant, &self.tenant_claim) {
            _ if !is_key(&self.name, "-") => "name: expected a short name of a-z, 0-9 and hyphens",
            _ if self.issuer.is_empty() || self.audience.is_empty() => {
                "issuer, audience: say what tokens have as iss and aud"
            }
            _ if !self.tenants.iter().all(|tenant| is_chosen_id(tenant)) => {
                "tenants: one is not the name of a tenant"
            }
            (Some(tenant), None) if is_chosen_id(tenant) => return self.source_at_url(),
            (None, Some(claim)) if !claim.is_empty() => return self.source_at_url(),
            _ => "tenant, tenant_claim: name the tenant, or the claim that names it, not both",
        };
        Err(problem.to_owned())
    }

    fn source_at_url(&self) -> Result<KeySource, String> {
        let url: Uri = self.jwks_url.parse().unwrap_or_default();
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
        let is_here =
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let tls = match url.scheme_str() {
            Some("https") => Some(self.tls()?),
            Some("http") if is_here => None,
            _ => {
                return Err(
                    "jwks_url: expected https://..., or http://... on this machine".to_owned(),
                );
            }
        };
        Ok(KeySource { url, tls })
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, String> {
        let mut roots = RootCertStore::empty();
        match &self.ca_file {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(path) => {
                let unreadable =
                    || format!("ca_file: {} has no certificates as PEM", path.display());
                let certificates = CertificateDer::pem_file_iter(path).map_err(|_| unreadable())?;
                for certificate in certificates {
                    let certificate = certificate.map_err(|_| unreadable())?;
                    roots.add(certificate).map_err(|_| unreadable())?;
                }
                if roots.is_empty() {
                    return Err(unreadable());
                }
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions();
        let config = config.map_err(|error| format!("jwks_url: {error}"))?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Ok(Arc::new(config))
    }

    /// Returns what a token gives its bearer; `None` if it does not say so as it has to.
    pub(crate) fn bearer(&self, claims: &Claims) -> Option<Bearer> {
        let subject = claims.text("sub").filter(|subject| !subject.is_empty())?;
        let principal = format!("{}:{subject}", self.name);
        if principal.chars().count() > MAX_PRINCIPAL || principal.chars().any(char::is_control) {
            return None;
        }
        let tenant = match &self.tenant_claim {
            None => self.tenant.as_deref()?,
            Some(claim) => claims.text(claim).filter(|tenant| self.may_name(tenant))?,
        };
        let scopes = claims.words(&self.scopes_claim)?.into_iter();
        let access: AccessScopes = scopes.filter_map(|word| self.scope_of(word)).collect();
        let scope = TenantScope::new(tenant, &principal).allowed(access);
        let claim = self.colleague_claim.as_deref();
        let Some(claim) = claim.filter(|claim| !claims.lacks(claim)) else {
            let colleague = String::new();
            return Some(Bearer { scope, colleague });
        };
        let colleague = colleague_of(claims.text(claim)?)?;
        let scope = scope.acting(&colleague);
        Some(Bearer { scope, colleague })
    }

    fn may_name(&self, tenant: &str) -> bool {
        let is_listed = self.tenants.iter().any(|one| one == tenant);
        is_chosen_id(tenant) && (self.tenants.is_empty() || is_listed)
    }

    /// Reads `act-as`, `ACT_AS` and the like; other words are for others.
    fn scope_of(&self, word: &str) -> Option<AccessScope> {
        let word = word.strip_prefix(&self.scope_prefix)?;
        let word = word.to_ascii_uppercase().replace('-', "_");
        AccessScope::from_str_name(&word).filter(|scope| *scope != AccessScope::Unspecified)
    }
}

/// Returns the colleague of this name or id. No e-mail address: whoever may write could give a colleague their own.
fn colleague_of(text: &str) -> Option<String> {
    let name = match text.contains('/') {
        true => text.to_owned(),
        false => format!("{}/{text}", Kind::Colleague.collection()),
    };
    Name::parse(Kind::Colleague, &name).map(|name| name.to_string())
}
