//! The three algorithms that all else is made of, as aws-lc-rs has them. Nothing else in the crate calls it for these, so that
//! the test vectors, which run against these functions, speak for everything.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, Tag, UnboundKey},
    hkdf, hmac,
};

use crate::KeyError;

/// AES-256-GCM (NIST SP 800-38D) under one key.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, KeyError> {
        Ok(Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?)))
    }

    /// Encrypts `body` where it is; returns the tag. The nonce must never repeat under the key.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_LEN], aad: &[u8], body: &mut [u8]) -> Result<Tag, KeyError> {
        Ok(self.0.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), body)?)
    }

    /// Decrypts ciphertext and tag where they are; returns the length of the plain text, which begins `body`.
    pub(crate) fn open(&self, nonce: [u8; NONCE_LEN], aad: &[u8], body: &mut [u8]) -> Result<usize, KeyError> {
        let opened = self.0.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), body);
        opened.map(|plain| plain.len()).map_err(|_| KeyError::Corrupt)
    }
}

/// HKDF-SHA-256 (RFC 5869) into `out`.
pub(crate) fn hkdf(key: &[u8], salt: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), KeyError> {
    let length = Length(out.len());
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key).expand(info, length)?.fill(out)?;
    Ok(())
}

/// A key of HMAC-SHA-256 (RFC 2104).
pub(crate) fn mac_key(key: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key)
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
