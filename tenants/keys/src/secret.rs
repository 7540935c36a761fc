//! Key material in memory.

use std::fmt;

use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroize;

use crate::{KeyError, algorithms::hkdf};

/// 32 bytes of key material: on the heap, zeroed when dropped, never printed.
pub struct Secret(SecretBox<[u8; 32]>);

impl Secret {
    /// A fresh random key.
    pub(crate) fn random() -> Result<Self, KeyError> {
        Self::filled(|bytes| aws_lc_rs::rand::fill(bytes).map_err(KeyError::from))
    }

    /// Takes over key material and zeroes the source; [`KeyError::Corrupt`] unless it has 32 bytes.
    pub(crate) fn take(mut bytes: impl AsMut<[u8]>) -> Result<Self, KeyError> {
        let bytes = bytes.as_mut();
        let taken = Self::filled(|key| {
            if bytes.len() != key.len() {
                return Err(KeyError::Corrupt);
            }
            key.copy_from_slice(bytes);
            Ok(())
        });
        bytes.zeroize();
        taken
    }

    /// The same material once more.
    pub(crate) fn copy(&self) -> Result<Self, KeyError> {
        Self::filled(|bytes| {
            bytes.copy_from_slice(self.expose());
            Ok(())
        })
    }

    /// An independent key for `label`, which names the use (HKDF-SHA-256, RFC 5869).
    pub(crate) fn derive(&self, label: &[&[u8]]) -> Result<Self, KeyError> {
        Self::filled(|key| self.expand(b"keystead/v1/derive", label, key))
    }

    /// A key that needs both this one and `salt`, a secret too.
    pub(crate) fn salted(&self, salt: &[u8; 32], label: &[&[u8]]) -> Result<Self, KeyError> {
        Self::filled(|key| self.expand(salt, label, key))
    }

    /// HKDF-SHA-256 with this key, `salt` and `info` into `out`.
    pub(crate) fn expand(&self, salt: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), KeyError> {
        hkdf(self.expose(), salt, info, out)
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    fn filled(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), KeyError>) -> Result<Self, KeyError> {
        let mut outcome = Ok(());
        let secret = SecretBox::init_with_mut(|key: &mut [u8; 32]| outcome = fill(key));
        outcome.map(|()| Self(secret))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
