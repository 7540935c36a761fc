//! Ed25519 keys: in use, in a JWK set, and sealed for storage.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{SHA256, digest},
    error::Unspecified,
    hkdf::{HKDF_SHA256, Salt},
    rand,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};
use thiserror::Error;
use zeroize::Zeroizing;

/// The first byte of a sealed key.
const SEAL_VERSION: u8 = 1;
const SEAL_LABEL: &[u8] = b"keystead/v1/token-signing-key";

/// Why a key cannot be made, sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The sealed form was changed, or belongs to another root key or another `kid`.
    #[error("the sealed signing key cannot be opened")]
    Sealed,
    /// Randomness or the cipher failed.
    #[error("the signing key cannot be made or sealed")]
    Crypto,
}

impl From<Unspecified> for KeyError {
    fn from(_: Unspecified) -> Self {
        Self::Crypto
    }
}

/// The private key that signs access tokens.
#[derive(Clone)]
pub struct SigningKey {
    seed: Zeroizing<[u8; 32]>,
    encoding: EncodingKey,
    public: PublicKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid()).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the system has no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        rand::fill(seed.as_mut_slice())?;
        Self::from_seed(seed)
    }

    fn from_seed(seed: Zeroizing<[u8; 32]>) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| KeyError::Crypto)?;
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        let encoding = EncodingKey::from_ed_der(pair.to_pkcs8v1()?.as_ref());
        Ok(Self { seed, encoding, public: PublicKey::new(public) })
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// The public part.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The public part as a JWK (RFC 8037).
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        self.public.jwk()
    }

    pub(crate) const fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    /// The private part for storage: version, nonce, AES-256-GCM ciphertext under a key derived from `root`, tag. The `kid`
    /// is authenticated along, so sealed keys cannot be exchanged.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] if the system has no randomness.
    pub fn seal(&self, root: &[u8; 32]) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce)?;
        let mut seed = self.seed.to_vec();
        seal_key(root)?.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            seal_aad(self.kid()),
            &mut seed,
        )?;
        Ok([&[SEAL_VERSION][..], &nonce, &seed].concat())
    }

    /// Opens what [`Self::seal`] made for the key `kid`.
    ///
    /// # Errors
    /// [`KeyError::Sealed`] if it was changed, or `root` or `kid` is another.
    pub fn unseal(root: &[u8; 32], kid: &str, sealed: &[u8]) -> Result<Self, KeyError> {
        let rest = sealed.strip_prefix(&[SEAL_VERSION]).ok_or(KeyError::Sealed)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN).ok_or(KeyError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyError::Sealed)?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let opened = seal_key(root)?.open_in_place(nonce, seal_aad(kid), &mut buffer).map_err(|_| KeyError::Sealed)?;
        let seed = <[u8; 32]>::try_from(&*opened).map_err(|_| KeyError::Sealed)?;
        let key = Self::from_seed(Zeroizing::new(seed))?;
        // GCM does not commit to its key; the thumbprint of the public key does.
        if key.kid() == kid { Ok(key) } else { Err(KeyError::Sealed) }
    }
}

fn seal_key(root: &[u8; 32]) -> Result<LessSafeKey, KeyError> {
    let pseudo_random = Salt::new(HKDF_SHA256, &[]).extract(root);
    let okm = pseudo_random.expand(&[SEAL_LABEL], &AES_256_GCM)?;
    Ok(LessSafeKey::new(UnboundKey::from(okm)))
}

fn seal_aad(kid: &str) -> Aad<Vec<u8>> {
    Aad::from([SEAL_LABEL, &[SEAL_VERSION], kid.as_bytes()].concat())
}

/// A public key that verifies access tokens. Its algorithm is Ed25519 and nothing else, whatever a token's header says.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    kid: String,
    x: [u8; 32],
    retires_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("kid", &self.kid).field("retires_at", &self.retires_at).finish()
    }
}

impl PublicKey {
    /// From the 32 bytes of the public key (RFC 8032). The `kid` is the key's thumbprint (RFC 7638, RFC 8037 A.3).
    #[must_use]
    pub fn new(x: [u8; 32]) -> Self {
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, URL_SAFE_NO_PAD.encode(x));
        let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, members.as_bytes()));
        Self { kid, x, retires_at: None }
    }

    /// The same key, refused from `time` on: rotation keeps a replaced key until its last token has ended.
    #[must_use]
    pub fn retiring_at(self, time: DateTime<Utc>) -> Self {
        Self { retires_at: Some(time), ..self }
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The 32 bytes of the key, for storage.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.x
    }

    /// When the key stops verifying, if it does.
    #[must_use]
    pub const fn retires_at(&self) -> Option<DateTime<Utc>> {
        self.retires_at
    }

    /// The key as a JWK (RFC 8037).
    #[must_use]
    pub fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.x);
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid, "alg": "EdDSA", "use": "sig" })
    }

    pub(crate) fn decoding(&self) -> DecodingKey {
        DecodingKey::from_ed_der(&self.x)
    }

    pub(crate) fn serves(&self, now: DateTime<Utc>) -> bool {
        self.retires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kid_is_the_thumbprint_of_rfc_8037() {
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").expect("base64");
        let key = PublicKey::new(x.try_into().expect("32 bytes"));
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(key.jwk()["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    }

    #[test]
    fn a_sealed_key_opens_with_its_root_and_kid_only() {
        let (root, key) = ([3; 32], SigningKey::generate().expect("key"));
        let sealed = key.seal(&root).expect("seal");
        let opened = SigningKey::unseal(&root, key.kid(), &sealed).expect("open");
        assert_eq!(opened.public(), key.public());
        assert!(!sealed.windows(32).any(|window| window == key.seed.as_slice()));
        assert_ne!(sealed, key.seal(&root).expect("seal"), "fresh nonce");
        assert_eq!(SigningKey::unseal(&[4; 32], key.kid(), &sealed).err(), Some(KeyError::Sealed));
        let other = SigningKey::generate().expect("key");
        assert_eq!(SigningKey::unseal(&root, other.kid(), &sealed).err(), Some(KeyError::Sealed));
        for place in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[place] ^= 1;
            assert_eq!(SigningKey::unseal(&root, key.kid(), &bent).err(), Some(KeyError::Sealed), "byte {place}");
            assert_eq!(SigningKey::unseal(&root, key.kid(), &sealed[..place]).err(), Some(KeyError::Sealed));
        }
    }

    #[test]
    fn debug_shows_no_private_part() {
        let key = SigningKey::from_seed(Zeroizing::new([0x41; 32])).expect("key");
        let shown = format!("{key:?}");
        assert!(shown.contains(key.kid()) && !shown.contains("65") && !shown.contains("AAAA"), "{shown}");
    }
}
