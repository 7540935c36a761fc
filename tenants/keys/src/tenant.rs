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
    share_tree::{ShareTree, leaf},
};

/// What a person's key is wrapped with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Wrapping {
    /// The tenant's PII key alone, as before there were shares: a backup of it opens.
    Pii = 1,
    /// The tenant's PII key and the person's share of the tenant's tree.
    Share = 2,
}

impl Wrapping {
    /// The stable number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The wrapping of that number.
    #[must_use]
    pub fn of_code(code: u8) -> Option<Self> {
        [Self::Pii, Self::Share].into_iter().find(|wrapping| wrapping.code() == code)
    }
}

/// A person's key, wrapped: what the database keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedSubject {
    /// With what.
    pub wrapping: Wrapping,
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
#[derive(Clone)]
pub(crate) struct Bundle {
    pub(crate) tenant: TenantId,
    pub(crate) epoch: u64,
    pub(crate) fresh_until: Instant,
    pub(crate) keys: Vec<(WrappedKey, Arc<Secret>)>,
    pub(crate) opened: Opened,
    pub(crate) shares: Option<Arc<ShareTree>>,
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

    pub(crate) const fn bundle(&self) -> &Arc<Bundle> {
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
    /// [`KeyError::MissingVersion`] when the PII key that wraps it is not among the tenant's, [`KeyError::Erased`] when the
    /// person's share was destroyed, [`KeyError::Corrupt`] when the wrapped key was altered or belongs to another person or
    /// tenant.
    pub fn open_subject(&self, subject: Uuid, wrapped: &WrappedSubject) -> Result<SubjectKey, KeyError> {
        self.0.opened.get(subject, wrapped, || self.unwrap_subject(subject, wrapped))
    }

    fn unwrap_subject(&self, subject: Uuid, wrapped: &WrappedSubject) -> Result<SubjectKey, KeyError> {
        let version = wrapped.key_version;
        let kek = self.pii(version)?;
        let aad = self.subject_aad(wrapped.wrapping, subject, version);
        let plain = match wrapped.wrapping {
            Wrapping::Pii => envelope::open(kek, version, &aad, &wrapped.wrapped)?,
            Wrapping::Share => envelope::open(&self.shared(kek, subject)?, version, &aad, &wrapped.wrapped)?,
        };
        let (version, key) = plain.split_first_chunk().ok_or(KeyError::Corrupt)?;
        let secret = Secret::take(Zeroizing::new(key.to_vec()).as_mut_slice())?;
        Ok(SubjectKey::new(self.0.tenant, subject, u32::from_be_bytes(*version), secret))
    }

    /// Wraps a person's key anew: under the current PII key, and with their share. Sealed values stay as they are.
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

    fn subject_of_version(&self, subject: Uuid, version: u32) -> Result<(SubjectKey, WrappedSubject), KeyError> {
        let key = SubjectKey::new(self.0.tenant, subject, version, Secret::random()?);
        let wrapped = self.wrap(&key)?;
        Ok((key, wrapped))
    }

    fn wrap(&self, key: &SubjectKey) -> Result<WrappedSubject, KeyError> {
        let (row, kek) = self.newest_pii()?;
        let mut plain = Zeroizing::new([0; 4 + 32]);
        plain[..4].copy_from_slice(&key.version().to_be_bytes());
        plain[4..].copy_from_slice(key.secret().expose());
        let aad = self.subject_aad(Wrapping::Share, key.subject(), row.version);
        let wrapped = envelope::seal(&self.shared(kek, key.subject())?, row.version, &aad, &*plain)?;
        Ok(WrappedSubject { wrapping: Wrapping::Share, key_version: row.version, wrapped })
    }

    /// What wraps one person's key: it needs the tenant's PII key and the person's share.
    fn shared(&self, kek: &Secret, subject: Uuid) -> Result<Secret, KeyError> {
        let tree = self.0.shares.as_ref().ok_or(KeyError::SharesUnavailable)?;
        let share = tree.share(leaf(self.0.tenant, subject))?;
        kek.salted(share.expose(), &[b"keystead/v1/subject-wrap|"])
    }

    pub(crate) fn subject_aad(&self, wrapping: Wrapping, subject: Uuid, version: u32) -> Vec<u8> {
        let tenant = self.0.tenant.uuid();
        let version = version.to_be_bytes();
        let label: &[u8] = match wrapping {
            Wrapping::Pii => b"subject-key",
            Wrapping::Share => b"subject-key-shared",
        };
        length_prefixed(&[b"keystead", &[VERSION], label, tenant.as_bytes(), subject.as_bytes(), &version])
    }

    /// A new tree of shares, sealed.
    pub(crate) fn new_tree(&self) -> Result<Vec<u8>, KeyError> {
        self.seal_tree(&ShareTree::random()?, self.newest_pii()?.0.version)
    }

    /// Seals a tree for this tenant. A tree that changes stays under the key that it was under: a database of before a rotation
    /// must be able to open it.
    pub(crate) fn seal_tree(&self, tree: &ShareTree, version: u32) -> Result<Vec<u8>, KeyError> {
        envelope::seal_tree(self.pii(version)?, version, &self.tree_aad(version), &tree.encode()?)
    }

    /// Opens a sealed tree; with the version of the PII key that it is under.
    pub(crate) fn open_tree(&self, sealed: &[u8]) -> Result<(ShareTree, u32), KeyError> {
        let version = envelope::tree_key_version(sealed)?;
        let tree = envelope::open_tree(self.pii(version)?, version, &self.tree_aad(version), sealed)?;
        Ok((ShareTree::decode(&tree)?, version))
    }

    pub(crate) fn pii(&self, version: u32) -> Result<&Secret, KeyError> {
        let missing = KeyError::MissingVersion { purpose: Purpose::Pii, version };
        self.of(Purpose::Pii).find(|(row, _)| row.version == version).map(|(_, key)| &**key).ok_or(missing)
    }

    fn tree_aad(&self, version: u32) -> Vec<u8> {
        let tenant = self.0.tenant.uuid();
        length_prefixed(&[b"keystead", &[VERSION], b"share-tree", tenant.as_bytes(), &version.to_be_bytes()])
    }

    fn newest_pii(&self) -> Result<&(WrappedKey, Arc<Secret>), KeyError> {
        self.of(Purpose::Pii).max_by_key(|(row, _)| row.version).ok_or(KeyError::Missing(Purpose::Pii))
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
