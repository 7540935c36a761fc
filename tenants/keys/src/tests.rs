//! The sealed form, the digests and the masks, without KMS.

mod digests;
mod forgeries;
mod masks;
mod message_ids;
mod shares;
mod traces;
mod two_keys;
mod vectors;
mod wycheproof;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use keystead_ids::TenantId;
use keystead_proofs::Proof;
use uuid::Uuid;

use crate::{
    KeyError, Place, Purpose, Secret, SubjectKey, TenantKeys, WrappedKey, opened::Opened, share_tree::ShareTree,
    tenant::Bundle,
};

/// Reports how many of the attempts to pass something off did anything else than find it corrupt.
pub(crate) fn all_refused(what: &str, attempts: impl IntoIterator<Item = Option<KeyError>>) {
    let (mut tried, mut accepted) = (0_u64, 0_u64);
    for outcome in attempts {
        tried += 1;
        accepted += u64::from(outcome != Some(KeyError::Corrupt));
    }
    let proof = Proof::of("T9");
    proof.note(&format!("{what}-tried"), tried);
    proof.zero(&format!("{what}-accepted"), accepted);
}

pub(crate) fn secret(fill: u8) -> Secret {
    Secret::take([fill; 32]).expect("32 bytes")
}

pub(crate) fn tenant(n: u128) -> TenantId {
    TenantId(Uuid::from_u128(n))
}

pub(crate) fn place() -> Place {
    Place {
        tenant: tenant(1),
        table: 2,
        column: 3,
        row: Uuid::from_u128(4),
        subject: Uuid::from_u128(5),
        schema_rev: 6,
        kind: 1,
    }
}

/// The key of [`place`]'s subject.
pub(crate) fn subject_key() -> SubjectKey {
    SubjectKey::new(tenant(1), Uuid::from_u128(5), 7, secret(9))
}

/// Keys of a tenant whose material follows from tenant, purpose and version.
pub(crate) fn tenant_keys(n: u8, held: &[(Purpose, u32)]) -> TenantKeys {
    let tenant = tenant(n.into());
    let key = |&(purpose, version): &(Purpose, u32)| {
        let row = WrappedKey { tenant, purpose, version, kms_key: String::new(), wrapped: Vec::new() };
        let low = u8::try_from(version).expect("small");
        (row, Arc::new(secret(n * 50 + purpose as u8 * 7 + low)))
    };
    let keys = held.iter().map(key).collect();
    TenantKeys::new(Arc::new(Bundle {
        tenant,
        epoch: 1,
        fresh_until: Instant::now(),
        keys,
        opened: Opened::new(8, Duration::from_secs(60)),
        shares: Some(Arc::new(ShareTree::of_version(2, secret(n)))),
    }))
}
