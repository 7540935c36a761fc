//! What goes wrong with keys. No variant carries key material, plain text or ciphertext.

use thiserror::Error;

use crate::Purpose;

/// Why KMS refuses a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Denial {
    /// This service may not use the key.
    #[error("access denied")]
    AccessDenied,
    /// The key is switched off.
    #[error("the key is disabled")]
    Disabled,
    /// The key is pending deletion or otherwise unusable.
    #[error("the key's state forbids its use")]
    KeyState,
    /// The key does not exist, or no longer.
    #[error("the key does not exist")]
    NotFound,
    /// The wrapped key is not of this tenant, purpose, version or KMS key.
    #[error("the wrapped key does not belong here")]
    Ciphertext,
    /// Any other refusal.
    #[error("refused")]
    Other,
}

/// Why a key or a sealed value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// KMS does not answer, is throttling or fails; try again later (`503`, `kms-unavailable`).
    #[error("the key management service is unavailable")]
    Unavailable,
    /// KMS refuses: nothing of the tenant can be opened, and retrying does not help.
    #[error("the key management service refuses: {0}")]
    Denied(Denial),
    /// The store of share trees does not answer; try again later (`503`, `shares-unavailable`).
    #[error("the store of share trees is unavailable")]
    SharesUnavailable,
    /// The tenant's share tree is not where it was put: nobody opens until it is back, and a new one would not help.
    #[error("the tenant's share tree is gone")]
    SharesLost,
    /// The share tree was changed by somebody else each time that it was to be changed; try again later.
    #[error("the share tree is being changed by others")]
    SharesContended,
    /// The person was erased: their key is gone, or nothing can unwrap it any more.
    #[error("the person was erased")]
    Erased,
    /// A sealed value or wrapped key was altered, moved to another place, or is not of this format.
    #[error("the sealed value is damaged or not of this place")]
    Corrupt,
    /// No key of that purpose was given to [`Keys::tenant`](crate::Keys::tenant).
    #[error("the tenant has no {0} key")]
    Missing(Purpose),
    /// The key version that sealed the value is not among those given.
    #[error("the tenant has no {purpose} key of version {version}")]
    MissingVersion {
        /// The key's purpose.
        purpose: Purpose,
        /// The version that is needed.
        version: u32,
    },
    /// The place names another tenant or subject than the key's.
    #[error("the place belongs to another tenant or subject than the key")]
    WrongPlace,
    /// The wrapped keys belong to several tenants.
    #[error("wrapped keys of several tenants were mixed")]
    MixedTenants,
    /// The plain value has more than [`MAX_PLAIN`](crate::MAX_PLAIN) bytes.
    #[error("the value is too long to seal")]
    TooLong,
    /// A reveal needs a purpose.
    #[error("a reveal needs a purpose")]
    NoPurpose,
    /// The cell's name cannot be part of a KMS alias.
    #[error("a cell is named with letters, digits, '-' and '_'")]
    Cell,
    /// The cryptographic library failed, which it does only when the machine's randomness or memory fails.
    #[error("cryptography failed")]
    Crypto,
}

impl From<aws_lc_rs::error::Unspecified> for KeyError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Crypto
    }
}
