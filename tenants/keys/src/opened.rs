//! Persons' keys that were opened a moment ago: a list that is looked at again opens half as many envelopes.

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use moka::sync::Cache;
use uuid::Uuid;

use crate::{KeyError, SubjectKey, WrappedSubject};

/// A person's key as one tenant's cached keys opened it. An entry is found only with the wrapped key at hand, byte for byte,
/// and only through the very set of tenant keys that opened it: whoever is erased, and whatever is revoked, is gone at once.
#[derive(Clone)]
pub(crate) struct Opened {
    keys: Cache<[u8; 32], SubjectKey>,
    /// Tells one set of tenant keys from the next.
    set: Uuid,
}

impl Opened {
    /// Keeps at most `capacity` keys, none longer than `idle` without use.
    pub(crate) fn new(capacity: u64, idle: Duration) -> Self {
        Self { keys: Cache::builder().max_capacity(capacity).time_to_idle(idle).build(), set: Uuid::nil() }
    }

    /// The same room for another set of tenant keys, which finds nothing of the first.
    pub(crate) fn for_new_set(&self) -> Self {
        Self { keys: self.keys.clone(), set: Uuid::new_v4() }
    }

    /// How many keys are kept.
    pub(crate) fn cached(&self) -> u64 {
        self.keys.run_pending_tasks();
        self.keys.entry_count()
    }

    /// The key from the cache, or as `open` opens it.
    pub(crate) fn get(
        &self,
        subject: Uuid,
        wrapped: &WrappedSubject,
        open: impl FnOnce() -> Result<SubjectKey, KeyError>,
    ) -> Result<SubjectKey, KeyError> {
        let mut slot = Context::new(&SHA256);
        let WrappedSubject { wrapping, key_version, wrapped } = wrapped;
        let (wrapping, version) = ([wrapping.code()], key_version.to_be_bytes());
        for part in [self.set.as_bytes(), subject.as_bytes(), &wrapping[..], &version, wrapped] {
            slot.update(part);
        }
        let mut name = [0; 32];
        name.copy_from_slice(slot.finish().as_ref());
        if let Some(key) = self.keys.get(&name) {
            return Ok(key);
        }
        let key = open()?;
        self.keys.insert(name, key.clone());
        Ok(key)
    }
}
