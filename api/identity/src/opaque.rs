//! Random tokens that mean nothing by themselves: the database knows their hash.

use aws_lc_rs::{
    digest::{Context, SHA256},
    hmac, rand,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use thiserror::Error;
use zeroize::Zeroizing;

const SECRET_BYTES: usize = 32;
const CHECK_BYTES: usize = 4;
/// 36 bytes are 48 characters of base64 without padding.
const BODY_CHARS: usize = 48;

/// Opaque tokens of 256 random bits: a prefix that names the kind, then secret and checksum in base64url. The checksum lets
/// mistyped and invented tokens be refused without a look-up; it protects nothing.
#[derive(Debug, Clone, Copy)]
pub struct Opaque;

/// The system has no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no random bytes for a token")]
pub struct MintError;

impl Opaque {
    /// Refresh tokens of sessions.
    pub const REFRESH: &'static str = "ksr_";
    /// Links that verify an e-mail address.
    pub const VERIFICATION: &'static str = "ksv_";
    /// Invitations to a tenant.
    pub const INVITATION: &'static str = "ksi_";

    /// Invitations to run the platform.
    pub const OPERATOR: &'static str = "kso_";

    const PREFIXES: [&'static str; 4] = [Self::REFRESH, Self::VERIFICATION, Self::INVITATION, Self::OPERATOR];

    /// A new token that starts with `prefix`, one of this type's constants, and the hash to be stored.
    ///
    /// # Errors
    /// [`MintError`] if the system has no randomness.
    pub fn mint(prefix: &'static str) -> Result<(String, [u8; 32]), MintError> {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        rand::fill(secret.as_mut_slice()).map_err(|_| MintError)?;
        Ok((write(prefix, &secret), digest(prefix, &secret)))
    }

    /// The one token that follows `presented`: whoever asks twice gets the same, and only holders of `key` can make it.
    #[must_use]
    pub fn successor(prefix: &'static str, key: &[u8; 32], presented: &str) -> (String, [u8; 32]) {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        secret.copy_from_slice(hmac::sign(&key, presented.as_bytes()).as_ref());
        (write(prefix, &secret), digest(prefix, &secret))
    }

    /// The hash under which `wire` is stored; `None` if it is no token of any kind. The kind is part of the hash, so a token
    /// of one kind is never found among those of another.
    #[must_use]
    pub fn hash(wire: &str) -> Option<[u8; 32]> {
        let (prefix, body) = Self::PREFIXES.iter().find_map(|prefix| Some((*prefix, wire.strip_prefix(prefix)?)))?;
        if body.len() != BODY_CHARS {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(body).ok()?);
        let (secret, check) = bytes.split_last_chunk::<CHECK_BYTES>().map(|(secret, check)| (secret, *check))?;
        let secret = Zeroizing::new(<[u8; SECRET_BYTES]>::try_from(secret).ok()?);
        (check == checksum(prefix, &secret)).then(|| digest(prefix, &secret))
    }
}

fn write(prefix: &str, secret: &[u8; SECRET_BYTES]) -> String {
    let mut bytes = Zeroizing::new(secret.to_vec());
    bytes.extend_from_slice(&checksum(prefix, secret));
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

fn digest(prefix: &str, secret: &[u8; SECRET_BYTES]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(b"keystead-opaque-v1\0");
    context.update(prefix.as_bytes());
    context.update(secret);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn checksum(prefix: &str, secret: &[u8; SECRET_BYTES]) -> [u8; CHECK_BYTES] {
    crc32(prefix.bytes().chain(secret.iter().copied())).to_be_bytes()
}

/// CRC-32 as in ISO 3309 and gzip (RFC 1952, 8).
fn crc32(bytes: impl Iterator<Item = u8>) -> u32 {
    let shift = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| shift(crc)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_checksum_is_crc32() {
        assert_eq!(crc32(b"123456789".iter().copied()), 0xcbf4_3926);
        assert_eq!(crc32(std::iter::empty()), 0);
    }

    #[test]
    fn a_minted_token_hashes_to_what_was_stored() {
        let mut seen = HashSet::new();
        for prefix in Opaque::PREFIXES {
            for _ in 0..100 {
                let (wire, hash) = Opaque::mint(prefix).expect("token");
                assert!(wire.starts_with(prefix) && wire.len() == prefix.len() + BODY_CHARS);
                assert_eq!(Opaque::hash(&wire), Some(hash));
                assert!(seen.insert(hash));
            }
        }
    }

    #[test]
    fn each_changed_character_is_refused_without_a_look_up() {
        let (wire, _) = Opaque::mint(Opaque::REFRESH).expect("token");
        for place in 0..wire.len() {
            for replacement in ["A", "b", "7", "-", "_", " ", "=", "é", ""] {
                let mut bent = wire.clone();
                bent.replace_range(place..=place, replacement);
                assert!(bent == wire || Opaque::hash(&bent).is_none(), "{place} {replacement}");
            }
        }
    }

    #[test]
    fn kinds_are_not_interchangeable() {
        let (wire, _) = Opaque::mint(Opaque::INVITATION).expect("token");
        for prefix in [Opaque::REFRESH, Opaque::VERIFICATION, "", "ksx_", "KSI_"] {
            assert_eq!(Opaque::hash(&wire.replace(Opaque::INVITATION, prefix)), None);
        }
        for bad in [format!("{wire}="), format!(" {wire}"), format!("{wire}\n"), wire[..wire.len() - 1].to_owned()] {
            assert_eq!(Opaque::hash(&bad), None);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_panic(text in any::<String>(), body in "[A-Za-z0-9_-]{48}") {
            prop_assert_eq!(Opaque::hash(&text), None);
            prop_assert_eq!(Opaque::hash(&format!("ksr_{text}")), None);
            // One in 2^32 has the right checksum.
            prop_assert_eq!(Opaque::hash(&format!("ksr_{body}")), None);
        }
    }
}
