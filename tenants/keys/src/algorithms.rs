//! The three algorithms that all else is made of, as aws-lc-rs has them. Nothing else in the crate calls it for these, so that
//! the test vectors, which run against these functions, speak for everything.

use std::cell::Cell;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, Tag, UnboundKey},
    digest::{SHA256, digest},
    hkdf, hmac,
};
use zeroize::Zeroizing;

use crate::KeyError;

/// AES-256-GCM (NIST SP 800-38D) under one key.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, KeyError> {
        Ok(Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?)))
    }

    /// Encrypts `body` where it is; returns the tag. The nonce must never repeat under the key.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_LEN], aad: &[u8], body: &mut [u8]) -> Result<Tag, KeyError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        Ok(traceless(|| self.0.seal_in_place_separate_tag(nonce, Aad::from(aad), body))?)
    }

    /// Decrypts ciphertext and tag where they are; returns the length of the plain text, which begins `body`.
    pub(crate) fn open(&self, nonce: [u8; NONCE_LEN], aad: &[u8], body: &mut [u8]) -> Result<usize, KeyError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = traceless(|| self.0.open_in_place(nonce, Aad::from(aad), body).map(|plain| plain.len()));
        opened.map_err(|_| KeyError::Corrupt)
    }
}

/// HKDF-SHA-256 (RFC 5869) into `out`.
pub(crate) fn hkdf(key: &[u8], salt: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), KeyError> {
    let length = Length(out.len());
    traceless(|| hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key).expand(info, length)?.fill(out))?;
    Ok(())
}

/// HKDF-Expand alone (RFC 5869, 2.3) to 32 bytes, from a key that is uniform already (3.3). It leaves traces: callers run many
/// of these and wrap them all in [`traceless`].
pub(crate) fn hkdf_expand(key: &[u8; 32], info: &[&[u8]], out: &mut [u8; 32]) -> Result<(), KeyError> {
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, key).expand(info, Length(32))?.fill(out)?;
    Ok(())
}

/// The one-step KDF of NIST SP 800-56C r2 (4.1, option 1) with SHA-256: 32 bytes from a key that is uniform already. With nine bytes of
/// `info` it is a single block, which is what makes it quick. It leaves traces, as [`hkdf_expand`] does.
pub(crate) fn one_step(key: &[u8; 32], info: [u8; 9], out: &mut [u8; 32]) {
    let mut block = Zeroizing::new([0; 45]);
    block[..4].copy_from_slice(&1_u32.to_be_bytes());
    block[4..36].copy_from_slice(key);
    block[36..].copy_from_slice(&info);
    out.copy_from_slice(digest(&SHA256, &*block).as_ref());
}

/// A key of HMAC-SHA-256 (RFC 2104).
pub(crate) fn mac_key(key: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key)
}

/// HMAC-SHA-256.
pub(crate) fn mac(key: &hmac::Key, message: &[u8]) -> hmac::Tag {
    traceless(|| hmac::sign(key, message))
}

/// Is it the HMAC-SHA-256? Takes the same time either way.
pub(crate) fn is_mac(key: &hmac::Key, message: &[u8], tag: &[u8]) -> bool {
    traceless(|| hmac::verify(key, message, tag).is_ok())
}

/// HMAC-SHA-256 (RFC 2104) under a key of the deployment, for messages that hold personal data: no trace of them stays on the
/// stack.
#[must_use]
pub fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let tag = mac(&mac_key(key), message);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(tag.as_ref());
    bytes
}

/// Bytes of stack that one call of the library uses at most, and then some.
const CALL: usize = 16 * 1024;

/// The same for reading a whole body or query.
const READING: usize = 64 * 1024;

thread_local! {
    /// Does an outer [`without_traces`] overwrite the stack anyway?
    static OVERWRITTEN_LATER: Cell<bool> = const { Cell::new(false) };
}

/// Runs what reads personal data, then overwrites the stack that it used, where parsers and ciphers leave pieces of what they were
/// given. A microsecond or two, whatever is done within: the library's calls in there are not followed by an overwriting each.
pub fn without_traces<T>(read: impl FnOnce() -> T) -> T {
    let overwriting = Overwriting::begin();
    let done = run(read);
    if !overwriting.is_inner {
        overwrite_stack::<READING>();
    }
    done
}

/// The same for one call of the library: contexts are moved in there, and what is moved leaves a copy behind, the last block of a
/// hashed value for example.
pub(crate) fn traceless<T>(work: impl FnOnce() -> T) -> T {
    let done = run(work);
    if !OVERWRITTEN_LATER.get() {
        overwrite_stack::<CALL>();
    }
    done
}

/// As long as it lives, the stack is overwritten later. It ends with a panic, too: the thread serves others afterwards.
struct Overwriting {
    is_inner: bool,
}

impl Overwriting {
    fn begin() -> Self {
        Self { is_inner: OVERWRITTEN_LATER.replace(true) }
    }
}

impl Drop for Overwriting {
    fn drop(&mut self) {
        OVERWRITTEN_LATER.set(self.is_inner);
    }
}

/// A frame of its own, which begins where [`overwrite_stack`]'s does.
#[inline(never)]
fn run<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn overwrite_stack<const BYTES: usize>() {
    std::hint::black_box(&mut [0_u8; BYTES]);
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
