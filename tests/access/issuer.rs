//! An issuer of tokens for the tests: it signs whatever it is told to, and serves its keys on loopback.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clientele::server::auth::issuer::IssuerSettings;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What its tokens have as `iss` and `aud`.
pub const ISSUER: &str = "https://issuer.example";
pub const AUDIENCE: &str = "clientele";

/// Signs with one key.
pub enum Signer {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

impl Signer {
    pub fn ed25519() -> Signer {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Signer::Ed25519(Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap())
    }

    pub fn p256() -> Signer {
        let (random, of) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let key = EcdsaKeyPair::generate_pkcs8(of, &random).unwrap();
        Signer::P256(EcdsaKeyPair::from_pkcs8(of, key.as_ref(), &random).unwrap())
    }

    /// A key of 2048 bits that was made for these tests.
    pub fn rsa() -> Signer {
        let key = include_bytes!("rsa_2048.pk8");
        Signer::Rsa(RsaKeyPair::from_pkcs8(key).unwrap().into())
    }

    pub fn algorithm(&self) -> &'static str {
        match self {
            Signer::Ed25519(_) => "EdDSA",
            Signer::P256(_) => "ES256",
            Signer::Rsa(_) => "RS256",
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Signer::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Signer::P256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Signer::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    /// The public key, as a set of keys has it.
    pub fn jwk(&self, id: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match self {
            Signer::Ed25519(key) => {
                let x = text(key.public_key().as_ref());
                json!({"kty": "OKP", "crv": "Ed25519", "x": x})
            }
            Signer::P256(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = (text(&point[1..33]), text(&point[33..]));
                json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
            }
            Signer::Rsa(key) => {
                let public: ring::rsa::PublicKeyComponents<Vec<u8>> = key.public().into();
                json!({"kty": "RSA", "n": text(&public.n), "e": text(&public.e)})
            }
        };
        jwk["kid"] = id.into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// A token with these claims.
    pub fn token(&self, id: &str, claims: &Value) -> String {
        let header = json!({"alg": self.algorithm(), "typ": "JWT", "kid": id});
        self.token_with(&header, &claims.to_string())
    }

    /// A token with a header of one's own, and claims as they are written.
    pub fn token_with(&self, header: &Value, claims: &str) -> String {
        let signed = unsigned(header, claims);
        let signature = self.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What of a token is signed.
pub fn unsigned(header: &Value, claims: &str) -> String {
    let text = |part: &str| URL_SAFE_NO_PAD.encode(part);
    format!("{}.{}", text(&header.to_string()), text(claims))
}

/// A token that is signed with a shared secret.
pub fn shared(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let signed = unsigned(header, &claims.to_string());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// A server that tells keys.
#[derive(Clone)]
pub struct Issuer {
    address: SocketAddr,
    /// The status line and the body of what it answers.
    answer: Arc<Mutex<(String, String)>>,
    n_asked: Arc<AtomicUsize>,
}

impl Issuer {
    pub async fn start(keys: &[Value]) -> Issuer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Issuer {
            address: listener.local_addr().unwrap(),
            answer: Arc::default(),
            n_asked: Arc::default(),
        };
        issuer.tell(keys);
        let serving = issuer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().answer_one(stream));
            }
        });
        issuer
    }

    /// Tells these keys from now on.
    pub fn tell(&self, keys: &[Value]) {
        self.say("200 OK", &json!({"keys": keys}).to_string());
    }

    pub fn say(&self, status: &str, body: &str) {
        *self.answer.lock().unwrap() = (status.to_owned(), body.to_owned());
    }

    /// How often it was asked.
    pub fn n_asked(&self) -> usize {
        self.n_asked.load(Ordering::SeqCst)
    }

    async fn answer_one(self, mut stream: TcpStream) {
        let (mut request, mut part) = (Vec::new(), [0; 1024]);
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut part).await {
                Ok(n) if n > 0 => request.extend_from_slice(&part[..n]),
                _ => return,
            }
        }
        self.n_asked.fetch_add(1, Ordering::SeqCst);
        let (status, body) = self.answer.lock().unwrap().clone();
        let n = body.len();
        let head = format!("HTTP/1.1 {status}\r\nlocation: /x\r\ncontent-length: {n}\r\n\r\n");
        // An error means that the caller has read enough.
        let _ = stream.write_all((head + &body).as_bytes()).await;
    }

    /// The settings of a service that trusts it.
    pub fn settings(&self) -> IssuerSettings {
        IssuerSettings {
            name: "test".to_owned(),
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            jwks_url: format!("http://{}/keys", self.address),
            ca_file: None,
            tenant: None,
            tenant_claim: Some("tenant".to_owned()),
            tenants: vec!["default".to_owned()],
            colleague_claim: Some("colleague".to_owned()),
            scopes_claim: "scope".to_owned(),
            scope_prefix: String::new(),
        }
    }
}
