//! A tenant's rows, and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use keystead_ids::TenantId;
use keystead_keys::{Denial, Place, WrappedKey, WrappedSubject};
use uuid::Uuid;

use super::cache::Cached;

/// The state of a KMS key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KmsKey {
    Enabled,
    Disabled,
    Pending,
    Gone,
}

/// What a backup has of a tenant.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Wrapped keys, all under one KMS key.
    pub keys: Vec<WrappedKey>,
    /// Persons' keys.
    pub subjects: BTreeMap<u8, WrappedSubject>,
    /// Sealed values and what they say.
    pub values: Vec<(u8, Vec<u8>, Vec<u8>)>,
}

/// A tenant as the model has it.
pub struct Tenant {
    pub id: TenantId,
    pub epoch: u64,
    pub rows: Rows,
    pub backups: Vec<Rows>,
    /// Every KMS key that it had.
    pub kms: BTreeMap<String, KmsKey>,
    pub cached: Cached,
    /// Who was shredded, whatever the rows have.
    pub shredded: BTreeSet<u8>,
}

impl Tenant {
    /// A tenant with its first key.
    pub fn new(id: TenantId, key: WrappedKey) -> Self {
        Self {
            id,
            epoch: 1,
            kms: [(key.kms_key.clone(), KmsKey::Enabled)].into(),
            rows: Rows { keys: vec![key], ..Rows::default() },
            backups: Vec::new(),
            cached: Cached::default(),
            shredded: BTreeSet::new(),
        }
    }

    /// The KMS key that its rows are wrapped by; none when they were shredded.
    pub fn kms_key(&self) -> Option<String> {
        self.rows.keys.first().map(|row| row.kms_key.clone())
    }

    /// What KMS says to that key.
    pub fn verdict(&self, key: &str) -> Result<(), Denial> {
        match self.kms[key] {
            KmsKey::Enabled => Ok(()),
            KmsKey::Disabled => Err(Denial::Disabled),
            KmsKey::Pending => Err(Denial::KeyState),
            KmsKey::Gone => Err(Denial::NotFound),
        }
    }

    /// The version that follows the newest.
    pub fn next_version(&self) -> u32 {
        self.rows.keys.iter().map(|row| row.version).max().unwrap_or_default() + 1
    }

    /// One of the persons who have a key and were not shredded.
    pub fn somebody(&self, pick: u8) -> Option<u8> {
        let all: Vec<u8> =
            self.rows.subjects.keys().copied().filter(|person| !self.shredded.contains(person)).collect();
        all.get(usize::from(pick) % all.len().max(1)).copied()
    }

    /// Where a person's values lie.
    pub fn place(&self, person: u8) -> Place {
        let subject = subject(person);
        Place { tenant: self.id, table: 1, column: 1, row: subject, subject, schema_rev: 1, kind: 1 }
    }
}

/// A person's id.
pub fn subject(person: u8) -> Uuid {
    Uuid::from_u128(u128::from(person) + 1)
}
