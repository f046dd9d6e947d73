//! How an API key is written: `clt_{id}_{secret}_{checksum}`.
//!
//! The id finds the key and is no secret. The secret is 256 random bits, of which only a SHA-256 is stored: there is
//! nothing to guess, so a slow hash would only be a lever for whoever wants to keep the server busy. The checksum tells
//! a garbled key, or one of somebody else, without a look at the store, and lets scanners recognise a leaked key. Which
//! keys are valid is not known here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Crc;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What every key begins with.
pub const PREFIX: &str = "clt_";
/// The letters and digits of an id.
const ID_ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The length of an id: 80 random bits.
const ID_LENGTH: usize = 16;
/// The length of a secret: 256 random bits as base64url.
const SECRET_LENGTH: usize = 43;

/// A key that somebody was given: it is wiped from memory when it is dropped, and cannot be printed by accident.
pub struct ApiKeyText(Zeroizing<String>);

/// A key as it was sent, taken apart.
#[derive(Clone, Copy)]
pub struct SentKey<'a> {
    /// What finds it.
    pub id: &'a str,
    secret: &'a str,
}

/// What is stored of a secret.
#[derive(Clone)]
pub struct SecretHash([u8; 32]);

impl ApiKeyText {
    /// Makes a new key.
    pub fn generate() -> ApiKeyText {
        let (id, secret): ([u8; ID_LENGTH], [u8; 32]) = (random(), random());
        let secret = Zeroizing::new(secret);
        // With its full capacity from the start: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(128));
        text.push_str(PREFIX);
        text.extend(id.map(|byte| char::from(ID_ALPHABET[usize::from(byte % 32)])));
        text.push('_');
        URL_SAFE_NO_PAD.encode_string(secret.as_slice(), &mut text);
        let checksum = checksum(&text);
        text.push('_');
        text.push_str(&checksum);
        ApiKeyText(text)
    }

    /// Takes a key that was read from a file or the like; `None` if it is none.
    pub fn read(text: &str) -> Option<ApiKeyText> {
        let text = text.trim();
        SentKey::parse(text)?;
        Some(ApiKeyText(Zeroizing::new(text.to_owned())))
    }

    /// Returns its parts.
    pub fn parts(&self) -> Option<SentKey<'_>> {
        SentKey::parse(&self.0)
    }

    /// Returns the whole key, for whoever it is meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl SentKey<'_> {
    /// Takes a key apart; `None` if it is none.
    pub fn parse(text: &str) -> Option<SentKey<'_>> {
        let (body, checked) = text.rsplit_once('_')?;
        let (id, secret) = body.strip_prefix(PREFIX)?.split_at_checked(ID_LENGTH)?;
        let secret = secret.strip_prefix('_')?;
        let is_whole = secret.len() == SECRET_LENGTH && is_id(id) && checksum(body) == checked;
        is_whole.then_some(SentKey { id, secret })
    }

    /// Returns what is stored of its secret.
    pub fn hash(&self) -> SecretHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, self.secret.as_bytes()).as_ref());
        SecretHash(hash)
    }
}

impl SecretHash {
    /// Compares two hashes, in a time that does not depend on where they differ.
    pub fn matches(&self, other: &SecretHash) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// Returns the bytes, as they are stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads stored bytes.
    pub fn of_bytes(bytes: Vec<u8>) -> Option<SecretHash> {
        bytes.try_into().ok().map(SecretHash)
    }
}

/// Says whether a text can be the id of a key.
pub fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| ID_ALPHABET.contains(&byte))
}

fn checksum(body: &str) -> String {
    let mut crc = Crc::new();
    crc.update(body.as_bytes());
    format!("{:08x}", crc.sum())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the system has random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_made_can_be_read_and_no_two_are_alike() {
        let (one, other) = (ApiKeyText::generate(), ApiKeyText::generate());
        let (a, b) = (one.parts().expect("a key"), other.parts().expect("a key"));
        assert_eq!(one.reveal().len(), 4 + 16 + 1 + 43 + 1 + 8);
        assert!(a.id != b.id && a.secret != b.secret);
        assert!(a.hash().matches(&a.hash()) && !a.hash().matches(&b.hash()));
        assert_eq!(
            SecretHash::of_bytes(a.hash().bytes().to_vec()).map(|hash| hash.matches(&a.hash())),
            Some(true)
        );
        let read = ApiKeyText::read(&format!("{}\n", one.reveal())).expect("a key");
        assert_eq!(read.reveal(), one.reveal());
    }

    #[test]
    fn a_key_is_stored_as_the_hash_that_others_compute() {
        // By zlib.crc32 and hashlib.sha256 of Python.
        let secret = "A".repeat(43);
        let body = format!("clt_aaaaaaaaaaaaaaaa_{secret}");
        let text = format!("{body}_{}", checksum(&body));
        let hash = SentKey::parse(&text).expect("a key").hash();
        let hex: String = hash
            .bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            (checksum(&body).as_str(), hex.as_str()),
            (
                "50c7eb05",
                "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a"
            )
        );
    }

    #[test]
    fn whatever_is_changed_in_a_key_it_is_none() {
        let key = ApiKeyText::generate();
        for at in 0..key.reveal().len() {
            let mut changed = key.reveal().to_owned();
            let other = if changed[at..].starts_with('a') {
                "b"
            } else {
                "a"
            };
            changed.replace_range(at..=at, other);
            assert!(SentKey::parse(&changed).is_none(), "at {at}");
            assert!(SentKey::parse(&key.reveal()[..at]).is_none(), "up to {at}");
        }
        for none in ["", "clt_", "clt___", "ä", "clt_aaaaaaaaaaaaaaaä_"] {
            assert!(SentKey::parse(none).is_none());
        }
        assert!(SentKey::parse(&format!("{}x", key.reveal())).is_none());
    }
}
