//! Servers that ask for API keys, and callers who have one.

use std::net::SocketAddr;

use clientele::access::key::ApiKeyText;
use clientele::clock::{Clock, DAY};
use clientele::pb;
use clientele::pb::AccessScope;
use clientele::server::auth::Authentication;
use clientele::server::auth::issuer::IssuerSettings;
use clientele::store::access::{self, NewKey};
use clientele::store::engine::beside::run_beside;
use clientele::store::engine::open::DatabaseUrl;
use clientele::store::scope::TenantScope;
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};

use super::answer::done;
use super::{Acting, Harness, connect, serve};

/// Every scope there is.
pub const ALL: [AccessScope; 5] = [
    AccessScope::Read,
    AccessScope::Write,
    AccessScope::Import,
    AccessScope::ActAs,
    AccessScope::Admin,
];

/// A key to be made.
pub fn api_key(scopes: &[AccessScope]) -> pb::ApiKey {
    pb::ApiKey {
        display_name: "test".to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
        ..Default::default()
    }
}

impl Harness {
    /// Returns another server on the same store, which asks for keys, and a caller without one.
    pub async fn asking(&self) -> Harness {
        self.asking_with(Vec::new()).await
    }

    /// Returns one that also takes tokens of these issuers.
    pub async fn asking_with(&self, issuers: Vec<IssuerSettings>) -> Harness {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let db = self.db().clone();
        tokio::spawn(serve(listener, db, Authentication::Keys, issuers));
        self.at_another(address, connect(address).await)
    }

    /// Returns the same server called under another name, `http://HOST:PORT`.
    pub async fn through(&self, origin: &str) -> Harness {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).unwrap();
        let endpoint = endpoint.origin(origin.parse().unwrap());
        self.at_another(self.address, endpoint.connect().await.unwrap())
    }

    fn at_another(&self, address: SocketAddr, channel: Channel) -> Harness {
        Harness::of(
            self.engine,
            address,
            channel,
            Acting::default(),
            self.time.clone(),
            self.inside.clone(),
        )
    }

    /// Returns the same server called with a credential, as the header has it.
    pub fn showing(&self, credential: &str) -> Harness {
        self.called_by(Acting {
            credential: Some(credential.parse().unwrap()),
            ..self.acting.clone()
        })
    }

    /// Returns the same server called with a key.
    pub fn with_key(&self, key: &pb::ApiKey) -> Harness {
        self.showing(&format!("Bearer {}", key.secret))
    }

    /// Makes a key of any tenant, as an operator does.
    pub async fn create_key_of(&self, tenant: &str, scopes: &[AccessScope]) -> String {
        create_key_in(&self.url(), tenant, scopes).await
    }

    /// Makes a key.
    pub async fn create_key(&self, api_key: pb::ApiKey) -> pb::ApiKey {
        let api_key = Some(api_key);
        let request = pb::CreateApiKeyRequest { api_key };
        done(self.api_keys.clone().create_api_key(request).await)
    }

    /// Revokes a key.
    pub async fn revoke_key(&self, api_key: &pb::ApiKey) -> pb::ApiKey {
        let api_key = api_key.name.clone();
        let request = pb::RevokeApiKeyRequest { api_key };
        done(self.api_keys.clone().revoke_api_key(request).await)
    }
}

/// Makes a key in a store, as an operator does, and returns it whole.
pub async fn create_key_in(url: &DatabaseUrl, tenant: &str, scopes: &[AccessScope]) -> String {
    let text = ApiKeyText::generate();
    let sent = text.parts().unwrap();
    let now = Clock::System.now();
    let new = NewKey {
        id: sent.id.to_owned(),
        hash: sent.hash(),
        display_name: "test".to_owned(),
        access: scopes.iter().copied().collect(),
        colleague: String::new(),
        creator: "operator".to_owned(),
        expire_time: now + 20 * 365 * DAY,
    };
    let scope = TenantScope::new(tenant, "operator");
    let ((), (), is_stored) = run_beside(url, access::create(&scope, new, now))
        .await
        .unwrap();
    assert!(is_stored);
    text.reveal().to_owned()
}
