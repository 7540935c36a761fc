//! The public keys of a cell's tokens, and when to ask for them again.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::VerifyingKey;
use p256::ecdsa::{self, signature::Verifier};
use serde::Deserialize;
use serde_json::Value;

use crate::signed::DocumentError;

/// Keys are believed for this long, in milliseconds.
pub const TTL: i64 = 10 * 60 * 1_000;
/// And for this much longer while the cell does not answer.
pub const STALE: i64 = 24 * 60 * 60 * 1_000;
/// An unknown `kid` leads to a request at most this often, whatever tokens arrive.
pub const UNKNOWN_EVERY: i64 = 30 * 1_000;
/// After a failure the cell is left alone for this long.
const RETRY: i64 = 5 * 1_000;

const MAX_KEYS: usize = 16;
const MAX_KID_BYTES: usize = 128;

/// A public key. Which algorithm it is for is part of it.
#[derive(Debug, Clone)]
pub enum Key {
    /// Ed25519.
    EdDsa(Box<VerifyingKey>),
    /// ECDSA on P-256 with SHA-256.
    Es256(Box<ecdsa::VerifyingKey>),
}

impl Key {
    /// The `alg` of its tokens.
    #[must_use]
    pub const fn algorithm(&self) -> &'static str {
        match self {
            Self::EdDsa(_) => "EdDSA",
            Self::Es256(_) => "ES256",
        }
    }

    /// Is this its signature?
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            // Strict: keys of small order and malleable signatures are refused.
            Self::EdDsa(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Self::Es256(key) => {
                ecdsa::Signature::from_slice(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
        }
    }
}

/// A set of keys by `kid` (RFC 7517, 5).
#[derive(Debug, Clone, Default)]
pub struct KeySet(Vec<(String, Key)>);

#[derive(Deserialize)]
struct WireSet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    kty: String,
    crv: String,
    x: String,
    y: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
}

impl KeySet {
    /// Reads a JWK set. Keys of other kinds are passed over; a key that says one thing and is another is not.
    ///
    /// # Errors
    /// [`DocumentError::Content`] for what is no set, holds a broken key, too many, or two of one `kid`.
    pub fn read(json: &[u8]) -> Result<Self, DocumentError> {
        let set: WireSet = serde_json::from_slice(json).map_err(|_| DocumentError::Content)?;
        let mut keys: Vec<(String, Key)> = Vec::new();
        for jwk in set.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok()) {
            let Some(algorithm) = algorithm(&jwk) else { continue };
            let named = jwk.alg.as_deref().unwrap_or(algorithm) == algorithm && jwk.kid.len() <= MAX_KID_BYTES;
            let double = keys.iter().any(|(kid, _)| *kid == jwk.kid);
            let key = key(&jwk).filter(|_| named && !double && keys.len() < MAX_KEYS).ok_or(DocumentError::Content)?;
            keys.push((jwk.kid, key));
        }
        Ok(Self(keys))
    }

    /// The key with this `kid`.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.0.iter().find(|(known, _)| known == kid).map(|(_, key)| key)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// By kind and curve of the key, if it is for signatures at all.
fn algorithm(jwk: &Jwk) -> Option<&'static str> {
    if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
        return None;
    }
    match (jwk.kty.as_str(), jwk.crv.as_str()) {
        ("OKP", "Ed25519") => Some("EdDSA"),
        ("EC", "P-256") => Some("ES256"),
        _ => None,
    }
}

fn key(jwk: &Jwk) -> Option<Key> {
    let x = coordinate(&jwk.x)?;
    if jwk.kty == "OKP" {
        let key = VerifyingKey::from_bytes(&x).ok().filter(|key| !key.is_weak())?;
        return Some(Key::EdDsa(Box::new(key)));
    }
    let y = coordinate(jwk.y.as_deref()?)?;
    let point = [&[4_u8][..], &x, &y].concat();
    Some(Key::Es256(Box::new(ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?)))
}

fn coordinate(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// The keys of one cell with what is known about their age; times in milliseconds.
#[derive(Debug, Default)]
pub struct Keys {
    set: Option<(Arc<KeySet>, i64)>,
    tried_at: Option<i64>,
    failed: bool,
}

/// What to do with a token of a `kid`.
#[derive(Debug)]
pub enum Found {
    /// Verify with this key.
    Key(Key),
    /// Ask the cell for its keys, then look again.
    Ask,
    /// There is no such key.
    Unknown,
    /// No keys are known, and the cell does not answer.
    Unavailable,
}

impl Keys {
    /// The key of a token.
    #[must_use]
    pub fn find(&self, kid: &str, now: i64) -> Found {
        let rested = |pause| self.tried_at.is_none_or(|at| now.saturating_sub(at) >= pause || now < at);
        let Some((set, at)) = self.set.as_ref().filter(|(_, at)| now.saturating_sub(*at) < TTL + STALE) else {
            return if rested(RETRY) { Found::Ask } else { Found::Unavailable };
        };
        let old = now.saturating_sub(*at) >= TTL;
        if old && rested(RETRY) {
            return Found::Ask;
        }
        match set.get(kid) {
            Some(key) => Found::Key(key.clone()),
            None if kid.len() <= MAX_KID_BYTES && rested(UNKNOWN_EVERY) => Found::Ask,
            None => Found::Unknown,
        }
    }

    /// Is it time to ask, ahead of need?
    #[must_use]
    pub fn due(&self, now: i64) -> bool {
        let rested = self.tried_at.is_none_or(|at| now.saturating_sub(at) >= RETRY || now < at);
        // A fifth early, so that no request has to wait for it.
        rested && self.set.as_ref().is_none_or(|(_, at)| now.saturating_sub(*at) >= TTL / 5 * 4)
    }

    /// The cell has answered with these keys.
    pub fn learned(&mut self, set: KeySet, now: i64) {
        self.set = Some((Arc::new(set), now));
        (self.tried_at, self.failed) = (Some(now), false);
    }

    /// The cell has not answered.
    pub fn failed(&mut self, now: i64) {
        (self.tried_at, self.failed) = (Some(now), true);
    }
}
