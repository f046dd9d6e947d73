//! Pages: sizes, orders, and the tokens that say where the next page starts.
//!
//! A token is sealed, because sort values can be people's names; it is bound to the request it came from and never
//! authorizes anything. A leaf: each resource says which of its fields can be sorted by.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::clock::{DAY, Micros};
use crate::nearest::with_nearest;

/// The page size of a request that asks for none.
pub const DEFAULT_SIZE: usize = 50;
/// The largest page; a larger size means this one.
pub const MAX_SIZE: usize = 1000;
/// How long a token is valid.
pub const TOKEN_LIFETIME: Micros = 3 * DAY;
/// The longest `order_by`, in bytes.
pub const MAX_ORDER_LENGTH: usize = 4096;
/// The longest token that is accepted, in bytes: three names of 200 control characters each, which take six bytes as
/// JSON, still fit.
const MAX_TOKEN_LENGTH: usize = 8192;
/// Raise it when what is sorted by changes: a token of before would skip records or repeat them.
const VERSION: u8 = 2;
const NONCE_LENGTH: usize = 12;

/// Returns the effective page size of a request; `None` if it is negative.
pub fn size(asked: i32) -> Option<usize> {
    match usize::try_from(asked).ok()? {
        0 => Some(DEFAULT_SIZE),
        size => Some(size.min(MAX_SIZE)),
    }
}

/// A total order: the last key is always `name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The fields, first to last.
    pub keys: Vec<&'static str>,
    /// Whether all of them descend.
    pub descending: bool,
}

/// Parses `order_by` (AIP-132): fields separated by commas, each with an optional `asc` or `desc`.
///
/// All keys run in one direction, and so does `name`, which is added as the last key: one index then serves the
/// order, and a page starts with one comparison. The error says what is wrong.
pub fn parse_order(text: &str, sortable: &[&'static str]) -> Result<Order, String> {
    if text.len() > MAX_ORDER_LENGTH {
        return Err(format!("is longer than {MAX_ORDER_LENGTH} bytes"));
    }
    let mut order = Order {
        keys: Vec::new(),
        descending: false,
    };
    if !text.trim().is_empty() {
        for (i, part) in text.split(',').enumerate() {
            let (key, descending) = parse_key(part, sortable)?;
            if i > 0 && descending != order.descending {
                return Err("all fields must run in one direction".to_owned());
            }
            if order.keys.contains(&key) {
                return Err(format!("names `{key}` twice"));
            }
            order.descending = descending;
            order.keys.push(key);
        }
    }
    if !order.keys.contains(&"name") {
        order.keys.push("name");
    }
    // A name is unique, so keys after it decide nothing.
    order.keys.truncate(
        order
            .keys
            .iter()
            .position(|key| *key == "name")
            .map_or(order.keys.len(), |at| at + 1),
    );
    Ok(order)
}

fn parse_key(part: &str, sortable: &[&'static str]) -> Result<(&'static str, bool), String> {
    let words: Vec<&str> = part.split_ascii_whitespace().collect();
    let (field, descending) = match words[..] {
        [field] | [field, "asc"] => (field, false),
        [field, "desc"] => (field, true),
        [] => return Err("has an empty part".to_owned()),
        _ => return Err("has a part that is not `field`, `field asc` or `field desc`".to_owned()),
    };
    let known = sortable.iter().find(|known| **known == field);
    let known = known.ok_or_else(|| {
        let problem = format!(
            "names a field that does not sort; these do: {}",
            sortable.join(", ")
        );
        let names: Vec<String> = sortable.iter().map(|known| (*known).to_owned()).collect();
        with_nearest(problem, field, &names)
    })?;
    Ok((known, descending))
}

/// One value a page is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortValue {
    /// A text.
    Text(String),
    /// A number or a time.
    Int(i64),
    /// The field is unset.
    Unset,
}

/// Where a page starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The time as of which the first page, and every page after it, is answered.
    pub at: Micros,
    /// The sort values of the record before the page; empty for the first page.
    pub after: Vec<SortValue>,
}

/// Why a page token cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadToken {
    /// It is garbled, truncated, or from another database.
    Invalid,
    /// It came from a request with different arguments.
    Mismatch,
    /// It is older than [`TOKEN_LIFETIME`].
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    request: String,
    issued: Micros,
    place: Place,
}

/// The key that tokens are sealed with, and under which requests are hashed.
pub struct TokenKey {
    secret: [u8; 32],
    cipher: LessSafeKey,
    /// What a token is sealed for, besides its content: the version of its form, and the epoch of the store.
    sealed_for: Vec<u8>,
}

impl TokenKey {
    /// Makes the key from 32 secret random bytes, for one epoch of a store: a token of another one is invalid. Hashes
    /// are the same in all epochs, so that a call that is repeated is known.
    pub fn new(secret: [u8; 32], epoch: &[u8]) -> TokenKey {
        let key =
            UnboundKey::new(&aead::CHACHA20_POLY1305, &secret).expect("the cipher takes 32 bytes");
        TokenKey {
            secret,
            cipher: LessSafeKey::new(key),
            sealed_for: [&[VERSION], epoch].concat(),
        }
    }

    /// Returns a keyed hash, in hex, that tells two requests apart without storing either.
    pub fn hash(&self, bytes: &[u8]) -> String {
        blake3::keyed_hash(&self.secret, bytes).to_hex().to_string()
    }

    /// Makes the token of the page that starts at a place. `request` identifies the arguments it is bound to.
    pub fn seal(&self, request: &str, issued: Micros, place: Place) -> String {
        let sealed = Sealed {
            request: request.to_owned(),
            issued,
            place,
        };
        let mut body = serde_json::to_vec(&sealed).expect("texts and numbers are JSON");
        let mut nonce = [0; NONCE_LENGTH];
        SystemRandom::new()
            .fill(&mut nonce)
            .expect("the system has random bytes");
        let aad = Aad::from(&self.sealed_for);
        self.cipher
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut body)
            .expect("a token is far below the limit of the cipher");
        let token: Vec<u8> = [VERSION].into_iter().chain(nonce).chain(body).collect();
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Opens a token and returns the place where the page starts.
    pub fn open(&self, token: &str, request: &str, now: Micros) -> Result<Place, BadToken> {
        let sealed = self.unseal(token).ok_or(BadToken::Invalid)?;
        if sealed.request != request {
            return Err(BadToken::Mismatch);
        }
        if now - sealed.issued > TOKEN_LIFETIME {
            return Err(BadToken::Expired);
        }
        Ok(sealed.place)
    }

    fn unseal(&self, token: &str) -> Option<Sealed> {
        if token.len() > MAX_TOKEN_LENGTH {
            return None;
        }
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (version, rest) = token.split_first()?;
        let (nonce, body) = rest.split_at_checked(NONCE_LENGTH)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let body = self
            .cipher
            .open_in_place(nonce, Aad::from(&self.sealed_for), &mut body)
            .ok()?;
        serde_json::from_slice(body)
            .ok()
            .filter(|_| *version == VERSION)
    }
}
