//! What an export file consists of.

use std::borrow::Cow;

use keystead_ids::TenantId;
use serde::{Deserialize, Serialize};

use crate::ChainHash;

/// The format's name, in the manifest and in every hash.
pub const FORMAT: &str = "keystead-audit-v1";

/// The first line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// Whose trail this is.
    pub tenant: TenantId,
    /// The number of the first event, from 1.
    pub from: u64,
    /// How many events follow.
    pub count: u64,
    /// The hash before the first event: [`crate::genesis`] if `from` is 1.
    pub prev: ChainHash,
    /// The hash of the last event; `prev` if there is none.
    pub head: ChainHash,
    /// Heads that were signed earlier, in ascending order of `n`, none left out between the first and the last.
    pub checkpoints: Vec<Checkpoint>,
}

/// A head that was signed when the chain was `n` events long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The number of the event.
    pub n: u64,
    /// Its hash.
    pub hash: ChainHash,
    /// The text of the [`crate::Proof`] that the log holds it.
    #[serde(default)]
    pub proof: String,
}

/// One event of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventLine<'a> {
    /// The event's number in the tenant's chain.
    pub n: u64,
    /// The exact canonical JSON text of the event, which the hash covers byte by byte.
    #[serde(borrow)]
    pub leaf: Cow<'a, str>,
    /// The event's link of the chain.
    pub hash: ChainHash,
}
