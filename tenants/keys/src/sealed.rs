//! The sealed form of a typed value, as rows keep it.

use std::{fmt, marker::PhantomData};

use crate::{KeyError, envelope};

/// A sealed `T`: opaque bytes in a row.
pub struct Sealed<T> {
    bytes: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    /// Takes bytes from a row; they are checked when they are opened.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, of: PhantomData }
    }

    /// The bytes for a row.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Version of the person's key that sealed it.
    ///
    /// # Errors
    /// [`KeyError::Corrupt`] when the bytes are not of this format.
    pub fn key_version(&self) -> Result<u32, KeyError> {
        envelope::key_version(&self.bytes)
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self::from_bytes(self.bytes.clone())
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.bytes.len())
    }
}
