//! The key of one person, and the places that it seals for.

use std::{fmt, sync::Arc};

use keystead_ids::TenantId;
use uuid::Uuid;

use crate::{
    KeyError, PiiField, Plain, Secret,
    envelope::{self, VERSION, length_prefixed},
};

/// Where a sealed value lives. It opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whose row.
    pub tenant: TenantId,
    /// Stable code of the table; survives renames.
    pub table: u16,
    /// Stable code of the column; survives renames.
    pub column: u16,
    /// The row's id.
    pub row: Uuid,
    /// Whom the value is about.
    pub subject: Uuid,
    /// Revision of the value's encoding.
    pub schema_rev: u16,
    /// Type of the value.
    pub kind: u8,
}

impl Place {
    /// The place of a `T` in a row: its column code, type and present encoding.
    #[must_use]
    pub const fn of<T: PiiField>(tenant: TenantId, table: u16, row: Uuid, subject: Uuid) -> Self {
        Self { tenant, table, column: T::CODE, row, subject, schema_rev: 1, kind: T::TYPE }
    }

    /// The additional authenticated data: every part with its length, in a fixed order.
    pub(crate) fn aad(&self) -> Vec<u8> {
        length_prefixed(&[
            b"keystead",
            &[VERSION],
            self.tenant.uuid().as_bytes(),
            &self.table.to_be_bytes(),
            &self.column.to_be_bytes(),
            self.row.as_bytes(),
            self.subject.as_bytes(),
            &self.schema_rev.to_be_bytes(),
            &[self.kind],
        ])
    }
}

/// The key of one person. Cheap to clone; zeroed when the last clone goes.
#[derive(Clone)]
pub struct SubjectKey {
    tenant: TenantId,
    subject: Uuid,
    version: u32,
    secret: Arc<Secret>,
}

impl SubjectKey {
    pub(crate) fn new(tenant: TenantId, subject: Uuid, version: u32, secret: Secret) -> Self {
        Self { tenant, subject, version, secret: Arc::new(secret) }
    }

    /// Which of the person's keys this is; counts from 1.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Whose key it is.
    #[must_use]
    pub const fn subject(&self) -> Uuid {
        self.subject
    }

    /// Seals `plain` for `at`. Lengths are padded to powers of two from 16; equal values never look alike.
    ///
    /// # Errors
    /// [`KeyError::WrongPlace`] for a place of another tenant or person, [`KeyError::TooLong`] beyond
    /// [`MAX_PLAIN`](crate::MAX_PLAIN) bytes.
    pub fn seal(&self, at: &Place, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.owns(at)?;
        envelope::seal(&self.secret, self.version, &at.aad(), plain)
    }

    /// Opens what [`Self::seal`] sealed for the same place.
    ///
    /// # Errors
    /// [`KeyError::Corrupt`] when the value was altered, moved or is not of this format; [`KeyError::WrongPlace`] for a place
    /// of another tenant or person.
    pub fn open(&self, at: &Place, sealed: &[u8]) -> Result<Plain, KeyError> {
        self.owns(at)?;
        envelope::open(&self.secret, self.version, &at.aad(), sealed)
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    fn owns(&self, at: &Place) -> Result<(), KeyError> {
        if at.tenant == self.tenant && at.subject == self.subject { Ok(()) } else { Err(KeyError::WrongPlace) }
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectKey({} v{})", self.subject, self.version)
    }
}

/// Opens a sealed value with a key that is at hand. It is here for fuzzing, which has no KMS to unwrap one.
///
/// # Errors
/// Those of [`SubjectKey::open`].
pub fn open_with(key: [u8; 32], version: u32, at: &Place, sealed: &[u8]) -> Result<Plain, KeyError> {
    SubjectKey::new(at.tenant, at.subject, version, Secret::take(key)?).open(at, sealed)
}
