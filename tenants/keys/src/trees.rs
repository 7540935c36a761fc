//! Sealed trees of shares, cached as keys are: read once in some minutes, and used for longer while their store is away.
//!
//! A tree that is some minutes old does no harm. It gives everybody who is left the same share, and whoever was erased has no
//! row any more that it could open.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::join;
use keystead_ids::TenantId;
use moka::{Expiry, future::Cache};
use uuid::Uuid;

use crate::{KeyError, Limits, ShareStore, StoredTree, TenantKeys, TreeAt, share_tree::leaf};

/// How often a change of a tree is tried against others who change it, too.
const ATTEMPTS: u32 = 20;

/// The trees of all tenants. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Trees {
    store: Arc<dyn ShareStore>,
    limits: Limits,
    answers: Cache<Slot, Answer>,
    /// The last good answers, for outages.
    remembered: Cache<TenantId, (Slot, Arc<Vec<u8>>)>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Slot {
    tenant: TenantId,
    name: String,
    epoch: u64,
}

/// What the store said; none that there is no tree.
#[derive(Clone)]
struct Answer {
    outcome: Result<Option<Arc<Vec<u8>>>, KeyError>,
    given: Instant,
    keep: Duration,
}

/// Keeps each answer as long as it says itself.
struct OwnTerm;

impl Expiry<Slot, Answer> for OwnTerm {
    fn expire_after_create(&self, _: &Slot, answer: &Answer, _: Instant) -> Option<Duration> {
        Some(answer.keep)
    }
}

impl Trees {
    /// How many answers of the store are kept, and how many of the good ones for outages.
    pub(crate) async fn cached(&self) -> [u64; 2] {
        join!(self.answers.run_pending_tasks(), self.remembered.run_pending_tasks());
        [self.answers.entry_count(), self.remembered.entry_count()]
    }

    pub(crate) fn new(store: Arc<dyn ShareStore>, limits: Limits) -> Self {
        let answers =
            Cache::builder().max_capacity(limits.capacity).time_to_idle(limits.idle).expire_after(OwnTerm).build();
        let remembered = Cache::builder().max_capacity(limits.capacity).time_to_live(limits.stale).build();
        Self { store, limits, answers, remembered }
    }

    /// The tenant's sealed tree, and until when it may be used; none when there is none yet.
    pub(crate) async fn sealed(
        &self,
        tenant: TenantId,
        at: TreeAt<'_>,
        epoch: u64,
    ) -> Result<Option<(Arc<Vec<u8>>, Instant)>, KeyError> {
        let slot = Slot { tenant, name: at.name.to_owned(), epoch };
        let answer = self.answers.get_with(slot.clone(), Box::pin(self.ask(slot.clone()))).await;
        match answer.outcome? {
            Some(tree) => Ok(Some((tree, answer.given + answer.keep))),
            None if at.made => Err(KeyError::SharesLost),
            None => Ok(None),
        }
    }

    /// Makes the tenant's tree, unless somebody else was faster, and returns the one that is there now.
    pub(crate) async fn make(
        &self,
        keys: &TenantKeys,
        name: &str,
        epoch: u64,
    ) -> Result<(Arc<Vec<u8>>, Instant), KeyError> {
        self.store.create(name, keys.new_tree()?).await?;
        let slot = Slot { tenant: keys.tenant(), name: name.to_owned(), epoch };
        // Not through the cache: somebody may have asked before it was made, and wait for that answer.
        let answer = self.ask(slot.clone()).await;
        self.answers.insert(slot, answer.clone()).await;
        Ok((answer.outcome?.ok_or(KeyError::SharesLost)?, answer.given + answer.keep))
    }

    /// Destroys the shares of persons. It is done when the store says so: what was written is read again.
    pub(crate) async fn puncture(&self, keys: &TenantKeys, name: &str, people: &[Uuid]) -> Result<(), KeyError> {
        for _ in 0..ATTEMPTS {
            let StoredTree { sealed, tag } = self.store.read(name).await?.ok_or(KeyError::SharesLost)?;
            let (mut tree, key_version) = keys.open_tree(&sealed)?;
            let leaves = people.iter().map(|person| leaf(keys.tenant(), *person));
            let left: Vec<u64> = leaves.filter(|leaf| !tree.is_gone(*leaf)).collect();
            if left.is_empty() {
                return Ok(());
            }
            left.into_iter().try_for_each(|leaf| tree.puncture(leaf))?;
            // Where somebody else was faster, theirs is read next: punctures commute.
            self.store.replace(name, keys.seal_tree(&tree, key_version)?, &tag).await?;
        }
        Err(KeyError::SharesContended)
    }

    pub(crate) async fn forget(&self, tenant: TenantId) {
        for (slot, _) in self.answers.iter().filter(|(slot, _)| slot.tenant == tenant) {
            self.answers.invalidate(&*slot).await;
        }
        self.remembered.invalidate(&tenant).await;
    }

    async fn ask(&self, slot: Slot) -> Answer {
        let limits = &self.limits;
        match self.store.read(&slot.name).await {
            Ok(Some(stored)) => {
                let tree = Arc::new(stored.sealed);
                self.remembered.insert(slot.tenant, (slot, Arc::clone(&tree))).await;
                Answer::new(Ok(Some(tree)), limits.fresh.mul_f64(rand::random_range(0.8..=1.0)))
            }
            // Whoever asks next may have made it.
            Ok(None) => Answer::new(Ok(None), Duration::ZERO),
            Err(failed) => match self.remembered.get(&slot.tenant).await {
                Some((same, tree)) if same == slot => {
                    tracing::warn!(tenant = %slot.tenant, %failed, "using a cached share tree");
                    Answer::new(Ok(Some(tree)), limits.retry)
                }
                _ => Answer::new(Err(failed), limits.refused),
            },
        }
    }
}

impl Answer {
    fn new(outcome: Result<Option<Arc<Vec<u8>>>, KeyError>, keep: Duration) -> Self {
        Self { outcome, given: Instant::now(), keep }
    }
}
