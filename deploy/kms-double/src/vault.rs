//! The keys in memory, in step with the disk.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{SystemTime, UNIX_EPOCH},
};

use uuid::Uuid;

use crate::{
    error::Refusal,
    faults::{Desk, locked},
    record::{ARN_PREFIX, KeyRecord, KeySpec, KeyState, Tag},
    store::{Disk, Store},
};

/// All keys and aliases. Changes reach the disk first, then memory; readers never wait for the disk.
pub(crate) struct Vault {
    disk: Mutex<Disk>,
    memory: RwLock<Memory>,
    desk: Arc<Desk>,
}

struct Memory {
    keys: HashMap<Uuid, Arc<KeyRecord>>,
    aliases: BTreeMap<String, Uuid>,
}

impl Vault {
    pub(crate) fn new(store: Store, desk: Arc<Desk>) -> Self {
        let keys = store.contents.keys.into_iter().map(|(id, record)| (id, Arc::new(record))).collect();
        let memory = RwLock::new(Memory { keys, aliases: store.contents.aliases });
        Self { disk: Mutex::new(store.disk), memory, desk }
    }

    /// Unix seconds by the service's clock.
    pub(crate) fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_secs() + self.desk.faults().clock_ahead_s
    }

    /// The key behind an id, a key ARN, an alias or an alias ARN.
    pub(crate) fn find(&self, reference: &str) -> Result<Arc<KeyRecord>, Refusal> {
        let name = reference.strip_prefix(ARN_PREFIX).unwrap_or(reference);
        let id = if name.starts_with("alias/") {
            self.read().aliases.get(name).copied()
        } else {
            Uuid::try_parse(name.strip_prefix("key/").unwrap_or(name)).ok()
        };
        self.by_id(id.ok_or_else(|| missing(reference))?).map_err(|_| missing(reference))
    }

    /// The key of that id, unless the waiting period of its deletion has passed.
    pub(crate) fn by_id(&self, id: Uuid) -> Result<Arc<KeyRecord>, Refusal> {
        let found = self.read().keys.get(&id).cloned();
        let record = found.ok_or_else(|| missing(&id.to_string()))?;
        if record.gone(self.now()) {
            self.destroy(id)?;
            return Err(missing(&id.to_string()));
        }
        Ok(record)
    }

    pub(crate) fn create_key(
        &self,
        spec: KeySpec,
        description: String,
        tags: Vec<Tag>,
    ) -> Result<Arc<KeyRecord>, Refusal> {
        let record = Arc::new(KeyRecord::generate(spec, self.now(), description, tags)?);
        locked(&self.disk).save_key(&record).map_err(|cause| Refusal::internal(&cause))?;
        self.write().keys.insert(record.id, Arc::clone(&record));
        Ok(record)
    }

    /// Moves a key to the state that `next` derives from its present one.
    pub(crate) fn transition(
        &self,
        reference: &str,
        next: impl FnOnce(&KeyRecord, u64) -> Result<KeyState, Refusal>,
    ) -> Result<Arc<KeyRecord>, Refusal> {
        let found = self.find(reference)?;
        let mut disk = locked(&self.disk);
        // Read again under the lock: another call may have changed the state since.
        let current = self.read().keys.get(&found.id).cloned().ok_or_else(|| missing(reference))?;
        let record = Arc::new(current.moved_to(next(&current, self.now())?));
        disk.save_key(&record).map_err(|cause| Refusal::internal(&cause))?;
        self.write().keys.insert(record.id, Arc::clone(&record));
        Ok(record)
    }

    /// Binds an alias to a key, removes it (`None`), or refuses, as `check` decides from what it names now.
    pub(crate) fn point_alias(
        &self,
        alias: &str,
        key: Option<Uuid>,
        check: impl FnOnce(Option<Uuid>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut disk = locked(&self.disk);
        let current = self.read().aliases.get(alias).copied();
        check(current)?;
        disk.save_alias(alias, key).map_err(|cause| Refusal::internal(&cause))?;
        let mut memory = self.write();
        match key {
            Some(key) => memory.aliases.insert(alias.to_owned(), key),
            None => memory.aliases.remove(alias),
        };
        Ok(())
    }

    /// Aliases in order after `marker`, of one key or of all.
    pub(crate) fn aliases(&self, key: Option<Uuid>, marker: &str, limit: usize) -> Vec<(String, Uuid)> {
        let memory = self.read();
        let after = (std::ops::Bound::Excluded(marker), std::ops::Bound::Unbounded);
        let matching =
            memory.aliases.range::<str, _>(after).filter(|(_, target)| key.is_none_or(|key| key == **target));
        matching.take(limit).map(|(alias, target)| (alias.clone(), *target)).collect()
    }

    fn destroy(&self, id: Uuid) -> Result<(), Refusal> {
        let mut disk = locked(&self.disk);
        if self.write().keys.remove(&id).is_some() {
            disk.remove_key(id).map_err(|cause| Refusal::internal(&cause))?;
        }
        let orphans: Vec<_> = self.aliases(Some(id), "", usize::MAX);
        for (alias, _) in orphans {
            disk.save_alias(&alias, None).map_err(|cause| Refusal::internal(&cause))?;
            self.write().aliases.remove(&alias);
        }
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, Memory> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn missing(reference: &str) -> Refusal {
    let kind = if reference.contains("alias/") { "Alias" } else { "Key" };
    Refusal::not_found(&format!("{kind} {reference}"))
}
