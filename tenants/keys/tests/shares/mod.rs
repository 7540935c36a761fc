//! A store of trees in memory: conditional writes, outages, and what it ever held.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use futures::{FutureExt, future::BoxFuture};
use keystead_keys::{KeyError, Keys, ShareStore, StoredTree, TenantKeys, TreeAt, WrappedKey};

/// The store.
#[derive(Default)]
pub struct MemoryShares {
    objects: Mutex<HashMap<String, StoredTree>>,
    written: AtomicUsize,
    /// How often it was read.
    pub reads: AtomicUsize,
    /// Does it not answer?
    pub down: AtomicBool,
}

impl MemoryShares {
    /// The objects by name.
    pub fn objects(&self) -> MutexGuard<'_, HashMap<String, StoredTree>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(
        &self,
        name: &str,
        sealed: Vec<u8>,
        may: impl FnOnce(Option<&StoredTree>) -> bool,
    ) -> Result<bool, KeyError> {
        if self.down.load(Ordering::Relaxed) {
            return Err(KeyError::SharesUnavailable);
        }
        let mut objects = self.objects();
        if !may(objects.get(name)) {
            return Ok(false);
        }
        let tag = self.written.fetch_add(1, Ordering::Relaxed).to_string();
        objects.insert(name.to_owned(), StoredTree { sealed, tag });
        Ok(true)
    }
}

impl ShareStore for MemoryShares {
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<StoredTree>, KeyError>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let down = self.down.load(Ordering::Relaxed);
        let found = if down { Err(KeyError::SharesUnavailable) } else { Ok(self.objects().get(name).cloned()) };
        async move {
            // As over a network: others have their turn between a read and a write.
            tokio::task::yield_now().await;
            found
        }
        .boxed()
    }

    fn create<'a>(&'a self, name: &'a str, sealed: Vec<u8>) -> BoxFuture<'a, Result<bool, KeyError>> {
        async move { self.write(name, sealed, |held| held.is_none()) }.boxed()
    }

    fn replace<'a>(&'a self, name: &'a str, sealed: Vec<u8>, seen: &'a str) -> BoxFuture<'a, Result<bool, KeyError>> {
        async move { self.write(name, sealed, |held| held.is_some_and(|held| held.tag == seen)) }.boxed()
    }
}

/// The name of the tree that belongs to these keys.
pub fn tree(rows: &[WrappedKey]) -> String {
    rows.first().map(|row| row.tenant.to_string()).unwrap_or_default()
}

/// The tenant's keys with its shares.
pub async fn ask(keys: &Keys, rows: &[WrappedKey], epoch: u64) -> Result<TenantKeys, KeyError> {
    keys.tenant(rows, Some(TreeAt { name: &tree(rows), made: false }), epoch).await
}
