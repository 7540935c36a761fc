//! A tenant's unwrapped keys.

use std::{fmt, sync::Arc, time::Instant};

use aws_lc_rs::hmac;
use keystead_ids::TenantId;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    IndexKey, KeyError, Purpose, Secret, SubjectKey, WrappedKey,
    algorithms::{is_mac, mac, mac_key},
    envelope::{self, VERSION, length_prefixed},
    opened::Opened,
};

/// A person's key, wrapped under the tenant's PII key: what the database keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedSubject {
    /// Version of the tenant's PII key that wraps it.
    pub key_version: u32,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
}

/// A tenant's keys, as [`Keys::tenant`](crate::Keys::tenant) unwrapped them. Cheap to clone. Take them per request and drop
/// them with it: holding on to them would outlive a revocation.
#[derive(Clone)]
pub struct TenantKeys(Arc<Bundle>);

/// What one tenant's cache entry holds.
pub(crate) struct Bundle {
    pub(crate) tenant: TenantId,
    pub(crate) epoch: u64,
    pub(crate) fresh_until: Instant,
    pub(crate) keys: Vec<(WrappedKey, Arc<Secret>)>,
    pub(crate) opened: Opened,
}

impl Bundle {
    /// Does it hold every one of these keys, unchanged?
    pub(crate) fn covers(&self, wrapped: &[WrappedKey]) -> bool {
        wrapped.iter().all(|row| self.keys.iter().any(|(held, _)| held == row))
    }
}

impl TenantKeys {
    pub(crate) const fn new(bundle: Arc<Bundle>) -> Self {
        Self(bundle)
    }

    pub(crate) fn bundle(&self) -> &Bundle {
        &self.0
    }

    /// Whose keys they are.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.0.tenant
    }

    /// Is there a key of that purpose?
    #[must_use]
    pub fn has(&self, purpose: Purpose) -> bool {
        self.current(purpose).is_ok()
    }

    /// Makes the first key of a new person.
    ///
    /// # Errors
    /// [`KeyError::Missing`] without a PII key.
    pub fn new_subject(&self, subject: Uuid) -> Result<(SubjectKey, WrappedSubject), KeyError> {
        self.subject_of_version(subject, 1)
    }

    /// Makes the key that follows `previous`, for values to be sealed anew.
    ///
    /// # Errors
    /// [`KeyError::Missing`] without a PII key.
    pub fn next_subject(&self, previous: &SubjectKey) -> Result<(SubjectKey, WrappedSubject), KeyError> {
        self.subject_of_version(previous.subject(), previous.version().saturating_add(1))
    }

    /// Opens a person's key. No call to KMS.
    ///
    /// # Errors
    /// [`KeyError::MissingVersion`] when the PII key that wraps it is not among the tenant's, [`KeyError::Corrupt`] when the
    /// wrapped key was altered or belongs to another person or tenant.
    pub fn open_subject(&self, subject: Uuid, wrapped: &WrappedSubject) -> Result<SubjectKey, KeyError> {
        self.0.opened.get(subject, wrapped, || self.unwrap_subject(subject, wrapped))
    }

    fn unwrap_subject(&self, subject: Uuid, wrapped: &WrappedSubject) -> Result<SubjectKey, KeyError> {
        let version = wrapped.key_version;
        let missing = KeyError::MissingVersion { purpose: Purpose::Pii, version };
        let kek = self.of(Purpose::Pii).find(|(row, _)| row.version == version).ok_or(missing)?;
        let plain = envelope::open(&kek.1, version, &self.subject_aad(subject, version), &wrapped.wrapped)?;
        let (version, key) = plain.split_first_chunk().ok_or(KeyError::Corrupt)?;
        let secret = Secret::take(Zeroizing::new(key.to_vec()).as_mut_slice())?;
        Ok(SubjectKey::new(self.0.tenant, subject, u32::from_be_bytes(*version), secret))
    }

    /// Wraps a person's key under the current PII key, after that was rotated. Sealed values stay as they are.
    ///
    /// # Errors
    /// Those of [`Self::open_subject`].
    pub fn rewrap_subject(&self, subject: Uuid, wrapped: &WrappedSubject) -> Result<WrappedSubject, KeyError> {
        self.wrap(&self.open_subject(subject, wrapped)?)
    }

    /// The key of search digests.
    ///
    /// # Errors
    /// [`KeyError::Missing`] without an index key.
    pub fn index(&self) -> Result<IndexKey, KeyError> {
        Ok(IndexKey::new(Arc::clone(self.current(Purpose::Index)?)))
    }

    /// The key that signs cursors.
    ///
    /// # Errors
    /// [`KeyError::Missing`] without a cursor key.
    pub fn cursor_key(&self) -> Result<MacKey, KeyError> {
        self.mac_key(Purpose::Cursor, "cursor")
    }

    /// A signing key of a purpose, separate for each `label`.
    ///
    /// # Errors
    /// [`KeyError::Missing`] without a key of that purpose.
    pub fn mac_key(&self, purpose: Purpose, label: &str) -> Result<MacKey, KeyError> {
        let derived = self.current(purpose)?.derive(&[b"keystead/v1/mac|", label.as_bytes()])?;
        Ok(MacKey::new(&derived))
    }

    /// Digest of a field's plain value for the audit trail: proves later that a value was the same, without keeping it.
    ///
    /// # Errors
    /// [`KeyError::Missing`] without an audit key.
    pub fn audit_mac(&self, field: u16, plain: &[u8]) -> Result<[u8; 32], KeyError> {
        Ok(self.mac_key(Purpose::Audit, "field")?.sign(&[&field.to_be_bytes(), plain]))
    }

    fn subject_of_version(&self, subject: Uuid, version: u32) -> Result<(SubjectKey, WrappedSubject), KeyError> {
        let key = SubjectKey::new(self.0.tenant, subject, version, Secret::random()?);
        let wrapped = self.wrap(&key)?;
        Ok((key, wrapped))
    }

    fn wrap(&self, key: &SubjectKey) -> Result<WrappedSubject, KeyError> {
        let missing = KeyError::Missing(Purpose::Pii);
        let (row, kek) = self.of(Purpose::Pii).max_by_key(|(row, _)| row.version).ok_or(missing)?;
        let mut plain = Zeroizing::new([0; 4 + 32]);
        plain[..4].copy_from_slice(&key.version().to_be_bytes());
        plain[4..].copy_from_slice(key.secret().expose());
        let aad = self.subject_aad(key.subject(), row.version);
        let wrapped = envelope::seal(kek, row.version, &aad, &*plain)?;
        Ok(WrappedSubject { key_version: row.version, wrapped })
    }

    fn subject_aad(&self, subject: Uuid, version: u32) -> Vec<u8> {
        let tenant = self.0.tenant.uuid();
        let version = version.to_be_bytes();
        length_prefixed(&[b"keystead", &[VERSION], b"subject-key", tenant.as_bytes(), subject.as_bytes(), &version])
    }

    fn of(&self, purpose: Purpose) -> impl Iterator<Item = &(WrappedKey, Arc<Secret>)> {
        self.0.keys.iter().filter(move |(row, _)| row.purpose == purpose)
    }

    fn current(&self, purpose: Purpose) -> Result<&Arc<Secret>, KeyError> {
        let newest = self.of(purpose).max_by_key(|(row, _)| row.version);
        newest.map(|(_, key)| key).ok_or(KeyError::Missing(purpose))
    }
}

impl fmt::Debug for TenantKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantKeys({}, {} keys)", self.0.tenant, self.0.keys.len())
    }
}

/// A key for message authentication: HMAC-SHA-256 (RFC 2104).
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self(mac_key(secret.expose()))
    }

    /// Authenticates the parts; each counts with its length, so that moving a boundary changes the result.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let tag = mac(&self.0, &Zeroizing::new(length_prefixed(parts)));
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    /// Did [`Self::sign`] make `mac` of these parts? Takes the same time either way.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        is_mac(&self.0, &Zeroizing::new(length_prefixed(parts)), mac)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey")
    }
}
