//! The sealed form, the digests and the masks, without KMS.

mod digests;
mod forgeries;
mod masks;
mod two_keys;
mod vectors;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use keystead_ids::TenantId;
use uuid::Uuid;

use crate::{Place, Purpose, Secret, SubjectKey, TenantKeys, WrappedKey, opened::Opened, tenant::Bundle};

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
        (row, Arc::new(secret(n * 50 + purpose.code() * 7 + low)))
    };
    let keys = held.iter().map(key).collect();
    TenantKeys::new(Arc::new(Bundle {
        tenant,
        epoch: 1,
        fresh_until: Instant::now(),
        keys,
        opened: Opened::new(8, Duration::from_secs(60)),
    }))
}
