//! The hash chain itself.

use std::{fmt, str::FromStr};

use aws_lc_rs::digest::{Context, SHA256, digest};
use keystead_ids::TenantId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use thiserror::Error;

const DOMAIN: &[u8] = b"keystead-audit-v1";

/// One link of the chain; 64 lower-case hexadecimal digits in text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash(pub [u8; 32]);

/// A text that is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be 64 lower-case hexadecimal digits")]
pub struct InvalidHash;

/// `h_0`: where the chain of `tenant` starts.
#[must_use]
pub fn genesis(tenant: TenantId) -> ChainHash {
    let mut context = Context::new(&SHA256);
    context.update(DOMAIN);
    context.update(b"\0");
    context.update(tenant.uuid().as_bytes());
    finish(context)
}

/// `h_n` from `h_{n-1}` and the canonical JSON text of event `n` of `tenant`.
#[must_use]
pub fn chain_step(tenant: TenantId, n: u64, previous: &ChainHash, leaf: &[u8]) -> ChainHash {
    let mut context = Context::new(&SHA256);
    context.update(DOMAIN);
    context.update(tenant.uuid().as_bytes());
    context.update(&n.to_be_bytes());
    context.update(&previous.0);
    context.update(digest(&SHA256, leaf).as_ref());
    finish(context)
}

fn finish(context: Context) -> ChainHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    ChainHash(hash)
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ChainHash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        // Upper case would give one hash two spellings, and an edit that nobody notices.
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(InvalidHash);
        }
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map_err(|_| InvalidHash)?;
        Ok(Self(hash))
    }
}

impl Serialize for ChainHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChainHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tenant() -> TenantId {
        TenantId(Uuid::from_u128(0x0197_f0a1_b2c3_7d4e_8f90_a1b2_c3d4_e5f6))
    }

    /// Computed apart, with `sha256sum` over the bytes that the module's documentation lists: the format may never drift.
    #[test]
    fn the_chain_is_frozen() {
        let start = genesis(tenant());
        assert_eq!(start.to_string(), "68e77dfc9fde6c75bb940b1c41091702d5e4d9205dff48fb9159a0c7094a7601");
        let first = chain_step(tenant(), 1, &start, br#"{"n":1}"#);
        assert_eq!(first.to_string(), "0ac2537b133a99a9e8c4a3643fd665b88ad6dc8e52aed94974c6589a32df10c8");
    }

    #[test]
    fn a_hash_has_one_spelling() {
        let text = "ab".repeat(32);
        let hash = text.parse::<ChainHash>();
        assert_eq!(hash.as_ref().map(ToString::to_string), Ok(text.clone()));
        assert_eq!(hash.map(|hash| format!("{hash:?}")), Ok(text.clone()), "in a failed test, too");
        for bad in [text.to_uppercase(), text[1..].to_owned(), format!("{text}00"), "zz".repeat(32), String::new()] {
            assert_eq!(bad.parse::<ChainHash>(), Err(InvalidHash), "{bad}");
        }
    }

    #[test]
    fn every_input_matters() {
        let start = genesis(tenant());
        let other = TenantId(Uuid::from_u128(1));
        let reference = chain_step(tenant(), 1, &start, b"leaf");
        assert_ne!(reference, chain_step(other, 1, &start, b"leaf"));
        assert_ne!(reference, chain_step(tenant(), 2, &start, b"leaf"));
        assert_ne!(reference, chain_step(tenant(), 1, &genesis(other), b"leaf"));
        assert_ne!(reference, chain_step(tenant(), 1, &start, b"Leaf"));
    }
}
