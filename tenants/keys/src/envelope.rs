//! The sealed form, version 1: AES-256-GCM under a key that serves one message, committed to that key.
//!
//! ```text
//! ver(1) | alg(1) | key_version(4, big endian) | message_id(16) | commitment(32) | ciphertext | tag(16)
//! ```
//!
//! A random message id is the HKDF salt from which the message's cipher key and the commitment come, so that the GCM nonce
//! is all zero and never repeats under a key. The commitment is what GCM lacks: without it, one ciphertext can be made that
//! opens under two keys.

use std::{fmt, ops::Deref};

use aws_lc_rs::aead::NONCE_LEN;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{KeyError, Secret, algorithms::Cipher};

/// Version of the format, and of the additional authenticated data.
pub(crate) const VERSION: u8 = 1;
/// AES-256-GCM as described above; the only algorithm, and never negotiated.
const ALGORITHM: u8 = 1;

const ID_LEN: usize = 16;
const COMMITMENT_LEN: usize = 32;
const TAG_LEN: usize = 16;
const ID_AT: usize = 6;
const COMMITMENT_AT: usize = ID_AT + ID_LEN;
const HEADER_LEN: usize = COMMITMENT_AT + COMMITMENT_LEN;

/// Bytes that sealing adds to the padded value.
pub const OVERHEAD: usize = HEADER_LEN + TAG_LEN;
/// Bytes of the longest value that can be sealed.
pub const MAX_PLAIN: usize = MAX_BUCKET - 1;

const MIN_BUCKET: usize = 16;
const MAX_BUCKET: usize = 64 * 1024;
/// The same for a share tree, which grows by some 2 KB with each erasure: room for several thousand.
pub(crate) const MAX_TREE_BUCKET: usize = 16 * 1024 * 1024;

/// Every message has a key of its own.
pub(crate) const ZERO_NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];

/// Names one message; must never repeat under a key.
pub(crate) type MessageId = [u8; ID_LEN];

/// An opened value: zeroed when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Plain(Zeroizing<Vec<u8>>);

impl Deref for Plain {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain")
    }
}

/// Seals `plain` under a fresh message id.
pub(crate) fn seal(key: &Secret, key_version: u32, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
    seal_as(fresh_id()?, key, key_version, aad, plain)
}

/// The same for a share tree, which may be longer than a value.
pub(crate) fn seal_tree(key: &Secret, key_version: u32, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
    seal_within(MAX_TREE_BUCKET, fresh_id()?, key, key_version, aad, plain)
}

/// 128 random bits: after 2^40 messages of one key, the chance that two share an id is below 2^-48.
pub(crate) fn fresh_id() -> Result<MessageId, KeyError> {
    let mut id = MessageId::default();
    aws_lc_rs::rand::fill(&mut id)?;
    Ok(id)
}

/// Seals under a given message id. Only [`seal`] and the frozen vectors may choose one: reuse under a key breaks GCM.
pub(crate) fn seal_as(
    id: MessageId,
    key: &Secret,
    key_version: u32,
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, KeyError> {
    seal_within(MAX_BUCKET, id, key, key_version, aad, plain)
}

fn seal_within(
    most: usize,
    id: MessageId,
    key: &Secret,
    key_version: u32,
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let bucket = bucket(plain.len(), most)?;
    let message = MessageKeys::derive(key, &id)?;
    // Exactly large enough: growing would leave a copy of the plain text behind.
    let mut sealed = Vec::with_capacity(OVERHEAD + bucket);
    sealed.extend_from_slice(&[VERSION, ALGORITHM]);
    sealed.extend_from_slice(&key_version.to_be_bytes());
    sealed.extend_from_slice(&id);
    sealed.extend_from_slice(&*message.commitment);
    sealed.extend_from_slice(plain);
    sealed.push(0x80);
    sealed.resize(HEADER_LEN + bucket, 0);
    let tag = message.cipher.seal(ZERO_NONCE, aad, &mut sealed[HEADER_LEN..])?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// Opens what [`seal`] made with the same key, version and additional data; [`KeyError::Corrupt`] for anything else.
pub(crate) fn open(key: &Secret, key_version: u32, aad: &[u8], sealed: &[u8]) -> Result<Plain, KeyError> {
    open_within(MAX_BUCKET, key, key_version, aad, sealed)
}

/// The same for what [`seal_tree`] made.
pub(crate) fn open_tree(key: &Secret, key_version: u32, aad: &[u8], sealed: &[u8]) -> Result<Plain, KeyError> {
    open_within(MAX_TREE_BUCKET, key, key_version, aad, sealed)
}

fn open_within(most: usize, key: &Secret, key_version: u32, aad: &[u8], sealed: &[u8]) -> Result<Plain, KeyError> {
    let parsed = Parsed::parse(sealed, most)?;
    if parsed.key_version != key_version {
        return Err(KeyError::Corrupt);
    }
    let message = MessageKeys::derive(key, parsed.id)?;
    if !bool::from(message.commitment.as_slice().ct_eq(parsed.commitment)) {
        return Err(KeyError::Corrupt);
    }
    let mut body = Zeroizing::new(parsed.body.to_vec());
    let padded = message.cipher.open(ZERO_NONCE, aad, &mut body)?;
    body.truncate(padded);
    let length = unpadded(&body, most)?;
    body.truncate(length);
    Ok(Plain(body))
}

/// The version of the key that sealed a value.
pub(crate) fn key_version(sealed: &[u8]) -> Result<u32, KeyError> {
    Ok(Parsed::parse(sealed, MAX_BUCKET)?.key_version)
}

/// The version of the key that sealed a share tree.
pub(crate) fn tree_key_version(sealed: &[u8]) -> Result<u32, KeyError> {
    Ok(Parsed::parse(sealed, MAX_TREE_BUCKET)?.key_version)
}

/// Every part preceded by its length (4 bytes, big endian), so that no two lists of parts read alike.
pub(crate) fn length_prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        // A part is an id, a number or a label, or a value below `MAX_BUCKET`: its length fits.
        joined.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        joined.extend_from_slice(part);
    }
    joined
}

/// A sealed value, taken apart without trust in any of it.
struct Parsed<'a> {
    key_version: u32,
    id: &'a MessageId,
    commitment: &'a [u8],
    /// Ciphertext and tag.
    body: &'a [u8],
}

impl<'a> Parsed<'a> {
    fn parse(sealed: &'a [u8], most: usize) -> Result<Self, KeyError> {
        let (header, body) = sealed.split_first_chunk::<HEADER_LEN>().ok_or(KeyError::Corrupt)?;
        let padded = body.len().checked_sub(TAG_LEN).ok_or(KeyError::Corrupt)?;
        let whole_bucket = padded.is_power_of_two() && (MIN_BUCKET..=most).contains(&padded);
        if header[0] != VERSION || header[1] != ALGORITHM || !whole_bucket {
            return Err(KeyError::Corrupt);
        }
        let version = header[2..].first_chunk().ok_or(KeyError::Corrupt)?;
        let id = header[ID_AT..].first_chunk().ok_or(KeyError::Corrupt)?;
        Ok(Self { key_version: u32::from_be_bytes(*version), id, commitment: &header[COMMITMENT_AT..], body })
    }
}

/// What one message is sealed with.
pub(crate) struct MessageKeys {
    pub(crate) cipher: Cipher,
    pub(crate) commitment: Zeroizing<[u8; COMMITMENT_LEN]>,
}

impl MessageKeys {
    pub(crate) fn derive(key: &Secret, id: &MessageId) -> Result<Self, KeyError> {
        let mut both = Zeroizing::new([[0; COMMITMENT_LEN]; 2]);
        key.expand(id, &[b"keystead/v1/enc|", &[ALGORITHM]], both.as_flattened_mut())?;
        let [cipher, commitment] = &*both;
        Ok(Self { cipher: Cipher::new(cipher)?, commitment: Zeroizing::new(*commitment) })
    }
}

/// Length of the padded value: the power of two that holds it and its end mark, so that a length says little.
fn bucket(plain: usize, most: usize) -> Result<usize, KeyError> {
    if plain >= most { Err(KeyError::TooLong) } else { Ok((plain + 1).next_power_of_two().max(MIN_BUCKET)) }
}

/// Length without padding (ISO/IEC 7816-4: 0x80, then zeros); only the one padding that [`seal`] makes is accepted.
fn unpadded(padded: &[u8], most: usize) -> Result<usize, KeyError> {
    let mark = padded.iter().rposition(|byte| *byte != 0).ok_or(KeyError::Corrupt)?;
    if padded[mark] != 0x80 || bucket(mark, most)? != padded.len() {
        return Err(KeyError::Corrupt);
    }
    Ok(mark)
}

/// How long a padded value is without its padding. It is here for fuzzing, which cannot make the tag that is checked first.
///
/// # Errors
/// [`KeyError::Corrupt`] when it is not padded as sealing pads.
pub fn unpadded_length(padded: &[u8]) -> Result<usize, KeyError> {
    unpadded(padded, MAX_BUCKET)
}

#[cfg(test)]
mod tests {
    use super::{KeyError, MIN_BUCKET, unpadded};

    #[test]
    fn one_padding_is_accepted() {
        let padded = |mark: u8, length: usize| {
            let mut padded = vec![b'x', mark];
            padded.resize(length, 0);
            unpadded(&padded, 1024)
        };
        assert_eq!(padded(0x80, MIN_BUCKET), Ok(1));
        assert_eq!(padded(0x81, MIN_BUCKET), Err(KeyError::Corrupt), "another mark");
        assert_eq!(padded(0x80, 2 * MIN_BUCKET), Err(KeyError::Corrupt), "more than is needed");
        assert_eq!(unpadded(&[0; MIN_BUCKET], 1024), Err(KeyError::Corrupt), "no mark");
    }
}
