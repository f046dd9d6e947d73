//! JSON Web Tokens (RFC 7519): whether one is signed by a given key, and what it claims.
//!
//! Signatures are checked by public keys only (EdDSA, ES256, RS256), and the key decides which algorithm a token may
//! have, so that `none` and a public key used as a shared secret lead nowhere. Whatever is not exactly as it should be
//! makes a token invalid; what exactly is told to nobody. Where keys come from, and who an issuer is, is up to
//! `server::auth`.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

/// The longest token, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 << 10;
/// The longest set of keys, in bytes.
pub const MAX_KEYS_BYTES: usize = 64 << 10;
/// The most keys of a set.
pub const MAX_KEYS: usize = 20;
/// How far the clocks of an issuer and of this machine may differ, in seconds.
const LEEWAY: f64 = 60.0;
/// The types of tokens that are credentials. Others, such as logout tokens, are signed by the same keys.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// A token that nobody has checked yet.
pub struct SentToken<'a> {
    /// The id of the key that is said to have signed it.
    pub key_id: String,
    /// Who is said to have issued it.
    pub issuer: String,
    algorithm: String,
    /// What is signed.
    signed: &'a str,
    signature: Vec<u8>,
    claims: Claims,
}

/// What a token says.
pub struct Claims(BTreeMap<String, Value>);

/// A key that tokens are checked with.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuerKey {
    /// Its id.
    pub id: String,
    public: PublicKey,
}

#[derive(Clone, PartialEq, Eq)]
enum PublicKey {
    Ed25519(Vec<u8>),
    P256(Vec<u8>),
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

/// Why the claims of a token that is signed as it should be do not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimFault {
    /// It is for somebody else, or malformed.
    Wrong,
    /// It was valid.
    Expired,
}

impl SentToken<'_> {
    /// Takes a token apart; `None` if it is none, or asks for something that is not known here.
    pub fn parse(text: &str) -> Option<SentToken<'_>> {
        if text.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header = Claims::decode(header)?;
        // Whatever a critical extension is, it is not known here (RFC 7515, section 4.1.11).
        if header.0.contains_key("crit") || !header.is_credential() {
            return None;
        }
        let claims = Claims::decode(claims)?;
        Some(SentToken {
            key_id: header.text("kid")?.to_owned(),
            algorithm: header.text("alg")?.to_owned(),
            issuer: claims.text("iss")?.to_owned(),
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
            claims,
        })
    }

    /// Returns the claims if the key has signed them.
    pub fn verify(self, key: &IssuerKey) -> Option<Claims> {
        let is_signed = key.id == self.key_id
            && key.public.algorithm() == self.algorithm
            && key.public.verifies(self.signed.as_bytes(), &self.signature);
        is_signed.then_some(self.claims)
    }
}

impl PublicKey {
    /// The only algorithm that the key is used with, as tokens call it.
    fn algorithm(&self) -> &'static str {
        match self {
            PublicKey::Ed25519(_) => "EdDSA",
            PublicKey::P256(_) => "ES256",
            PublicKey::Rsa { .. } => "RS256",
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let by = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature)
        };
        let verified = match self {
            PublicKey::Ed25519(key) => by(&ED25519, key),
            PublicKey::P256(key) => by(&ECDSA_P256_SHA256_FIXED, key),
            // It takes no key of less than 2048 bits.
            PublicKey::Rsa { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        };
        verified.is_ok()
    }
}

impl Claims {
    fn decode(part: &str) -> Option<Claims> {
        let json = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice(&json).ok()
    }

    fn is_credential(&self) -> bool {
        match self.0.get("typ") {
            None => true,
            Some(Value::String(of)) => TYPES.iter().any(|known| of.eq_ignore_ascii_case(known)),
            Some(_) => false,
        }
    }

    /// Returns a claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Returns the words of a claim: a text in which they are separated by blanks (RFC 8693, section 4.2), or a list.
    /// `None` if it is something else; nothing if it is absent.
    pub fn words(&self, name: &str) -> Option<Vec<&str>> {
        match self.0.get(name) {
            None => Some(Vec::new()),
            Some(Value::String(text)) => Some(text.split(' ').collect()),
            Some(Value::Array(list)) => list.iter().map(Value::as_str).collect(),
            Some(_) => None,
        }
    }

    /// Says whether the claim is absent.
    pub fn lacks(&self, name: &str) -> bool {
        !self.0.contains_key(name)
    }

    /// Returns a claim that is a time, in seconds since 1970.
    pub fn seconds(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// Checks that a token of this issuer is for this audience and valid at a time, in seconds since 1970.
    pub fn check(&self, issuer: &str, audience: &str, now: f64) -> Result<(), ClaimFault> {
        let is_for_us = match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(several)) => {
                several.iter().all(Value::is_string) && several.iter().any(|one| one == audience)
            }
            _ => false,
        };
        let begin = self.seconds("nbf");
        let has_begun = self.lacks("nbf") || begin.is_some_and(|begin| begin <= now + LEEWAY);
        let was_issued = self.lacks("iat") || self.seconds("iat").is_some();
        let end = self.seconds("exp").ok_or(ClaimFault::Wrong)?;
        match () {
            () if self.text("iss") != Some(issuer) || !is_for_us => Err(ClaimFault::Wrong),
            () if !has_begun || !was_issued => Err(ClaimFault::Wrong),
            () if end + LEEWAY <= now => Err(ClaimFault::Expired),
            () => Ok(()),
        }
    }
}

/// Reads an object. A name that stands in it twice makes it none: readers differ in which of the two they take.
impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Claims, D::Error> {
        struct ClaimsVisitor;
        impl<'de> Visitor<'de> for ClaimsVisitor {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Claims, M::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(M::Error::custom("a name stands in it twice"));
                    }
                }
                Ok(Claims(members))
            }
        }
        deserializer.deserialize_map(ClaimsVisitor)
    }
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Claims>,
}

/// Reads a set of keys (RFC 7517). Those that cannot check a token here are left out: of other kinds, for other uses,
/// and those that share an id.
///
/// # Errors
/// What is wrong with the whole set.
pub fn read_keys(json: &[u8]) -> Result<Vec<IssuerKey>, &'static str> {
    if json.len() > MAX_KEYS_BYTES {
        return Err("it is larger than 64 KiB");
    }
    let set: KeySet = serde_json::from_slice(json).map_err(|_| "it is no JSON Web Key Set")?;
    if set.keys.len() > MAX_KEYS {
        return Err("it has more than 20 keys");
    }
    let ids: Vec<Option<&str>> = set.keys.iter().map(|key| key.text("kid")).collect();
    let is_only = |id: &str| ids.iter().filter(|other| **other == Some(id)).count() == 1;
    let usable = set.keys.iter().filter_map(read_key);
    Ok(usable.filter(|key| is_only(&key.id)).collect())
}

fn read_key(key: &Claims) -> Option<IssuerKey> {
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(key.text(name)?).ok();
    let coordinate = |name: &str| bytes(name).filter(|bytes| bytes.len() == 32);
    let public = match (key.text("kty")?, key.text("crv")) {
        ("OKP", Some("Ed25519")) => PublicKey::Ed25519(coordinate("x")?),
        // Both coordinates, uncompressed (SEC 1, section 2.3.3).
        ("EC", Some("P-256")) => {
            PublicKey::P256([&[4][..], &coordinate("x")?, &coordinate("y")?].concat())
        }
        ("RSA", None) => PublicKey::Rsa {
            n: bytes("n")?,
            e: bytes("e")?,
        },
        _ => return None,
    };
    let is_for = |name: &str, wanted: &str| key.lacks(name) || key.text(name) == Some(wanted);
    let is_usable = is_for("use", "sig") && is_for("alg", public.algorithm());
    is_usable.then_some(IssuerKey {
        id: key.text("kid")?.to_owned(),
        public,
    })
}
