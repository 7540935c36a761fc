//! What a key is for, and its wrapped form.

use std::{fmt, str::FromStr};

use keystead_ids::TenantId;
use thiserror::Error;

/// What a key is for. Purposes have separately wrapped keys, so that each rotates alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Wraps the keys of persons.
    Pii,
    /// Digests for searching.
    Index,
    /// Signs pagination cursors.
    Cursor,
    /// Signs webhooks; none are sent yet.
    Webhook,
    /// Protects export files.
    Export,
    /// Digests in the audit trail; nothing makes any yet.
    Audit,
}

/// A name that is no purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("unknown key purpose")]
pub struct UnknownPurpose;

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 6] = [Self::Pii, Self::Index, Self::Cursor, Self::Webhook, Self::Export, Self::Audit];

    /// The stable name, part of the KMS encryption context.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pii => "pii",
            Self::Index => "index",
            Self::Cursor => "cursor",
            Self::Webhook => "webhook",
            Self::Export => "export",
            Self::Audit => "audit",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(name: &str) -> Result<Self, UnknownPurpose> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name).ok_or(UnknownPurpose)
    }
}

/// A tenant's key of one purpose and version, as KMS wrapped it: what the database keeps.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WrappedKey {
    /// Whose key.
    pub tenant: TenantId,
    /// What for.
    pub purpose: Purpose,
    /// Counts from 1; the highest is current.
    pub version: u32,
    /// The KMS key (ARN) that wraps it.
    pub kms_key: String,
    /// The KMS ciphertext.
    pub wrapped: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::{Purpose, UnknownPurpose};

    #[test]
    fn a_purpose_is_read_by_its_name_and_by_no_other() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.to_string().parse(), Ok(purpose));
        }
        assert_eq!("PII".parse::<Purpose>(), Err(UnknownPurpose));
    }
}
