//! The cache of unwrapped keys: what makes KMS cheap, and how long a revocation may take.
//!
//! A key is used for at most [`Limits::fresh`] after KMS last unwrapped it, so a disabled KMS key stops working within that
//! time; raising the tenant's epoch stops it with the next request. While KMS is unavailable, keys go on for
//! [`Limits::stale`]. When KMS refuses, they go at once: an outage and a refusal are different things.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{
    future::{join, try_join_all},
    join,
};
use keystead_ids::TenantId;
use moka::{Expiry, future::Cache};

use uuid::Uuid;

use crate::{
    KeyError, Kms, Purpose, Secret, ShareStore, TenantKeys, TreeAt, WrappedKey, opened::Opened, tenant::Bundle,
    trees::Trees,
};

/// How long and how many keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest use of a key after KMS unwrapped it; each key's own limit is up to a fifth shorter, so that keys cached
    /// together do not expire together.
    pub fresh: Duration,
    /// A key that nobody used for this long is unwrapped again.
    pub idle: Duration,
    /// Longest use after KMS last unwrapped it, while KMS is unavailable.
    pub stale: Duration,
    /// How long a failure is remembered, so that a broken tenant does not multiply calls.
    pub refused: Duration,
    /// How long a stale key is used before KMS is asked again.
    pub retry: Duration,
    /// Most keys kept.
    pub capacity: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(5 * 60),
            idle: Duration::from_secs(2 * 60),
            stale: Duration::from_secs(60 * 60),
            refused: Duration::from_secs(2),
            retry: Duration::from_secs(5),
            capacity: 20_000,
        }
    }
}

/// Unwraps and caches the keys of all tenants. Cheap to clone; clones share the cache.
#[derive(Clone)]
pub struct Keys(Arc<Shared>);

struct Shared {
    kms: Kms,
    limits: Limits,
    /// Answers of KMS, good and bad; one call per slot is under way at a time.
    answers: Cache<Slot, Answer>,
    /// The last good answers, for outages.
    remembered: Cache<(TenantId, Purpose, u32), Remembered>,
    /// Keys put together per tenant, so that a warm look-up is one hash look-up.
    bundles: Cache<TenantId, Arc<Bundle>>,
    opened: Opened,
    trees: Trees,
    /// Milliseconds after `started` until which KMS counts as unavailable.
    down_until: AtomicU64,
    started: Instant,
}

/// What one call to KMS answers: another epoch or another wrapped form is another question.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Slot {
    row: WrappedKey,
    epoch: u64,
}

#[derive(Clone)]
struct Answer {
    outcome: Result<Arc<Secret>, KeyError>,
    given: Instant,
    keep: Duration,
}

#[derive(Clone)]
struct Remembered {
    slot: Slot,
    secret: Arc<Secret>,
}

/// Keeps each answer as long as it says itself.
struct OwnTerm;

impl Expiry<Slot, Answer> for OwnTerm {
    fn expire_after_create(&self, _: &Slot, answer: &Answer, _: Instant) -> Option<Duration> {
        Some(answer.keep)
    }
}

impl Keys {
    /// With the limits of the security rules.
    #[must_use]
    pub fn new(kms: Kms, shares: Arc<dyn ShareStore>) -> Self {
        Self::with_limits(kms, shares, Limits::default())
    }

    /// With other limits, for tests that cannot wait.
    #[must_use]
    pub fn with_limits(kms: Kms, shares: Arc<dyn ShareStore>, limits: Limits) -> Self {
        let answers =
            Cache::builder().max_capacity(limits.capacity).time_to_idle(limits.idle).expire_after(OwnTerm).build();
        let remembered = Cache::builder().max_capacity(limits.capacity).time_to_live(limits.stale).build();
        let bundles =
            Cache::builder().max_capacity(limits.capacity).time_to_live(limits.fresh).time_to_idle(limits.idle).build();
        let opened = Opened::new(limits.capacity, limits.idle);
        let down_until = AtomicU64::new(0);
        Self(Arc::new(Shared {
            kms,
            limits,
            answers,
            remembered,
            bundles,
            opened,
            trees: Trees::new(shares, limits),
            down_until,
            started: Instant::now(),
        }))
    }

    /// The KMS behind the cache.
    #[must_use]
    pub fn kms(&self) -> &Kms {
        &self.0.kms
    }

    /// Calls made to KMS so far.
    #[must_use]
    pub fn kms_calls(&self) -> u64 {
        self.0.kms.kms_calls()
    }

    /// How many entries each cache has.
    pub async fn cached(&self) -> [(&'static str, u64); 6] {
        let Shared { answers, remembered, bundles, opened, trees, .. } = &*self.0;
        let [tree_answers, trees] = trees.cached().await;
        // What came or went a moment ago is counted then.
        join!(answers.run_pending_tasks(), remembered.run_pending_tasks(), bundles.run_pending_tasks());
        [
            ("kms_answers", answers.entry_count()),
            ("data_keys", remembered.entry_count()),
            ("tenant_keys", bundles.entry_count()),
            ("person_keys", opened.cached()),
            ("tree_answers", tree_answers),
            ("trees", trees),
        ]
    }

    /// The tenant's keys, if they are cached, fresh and of this epoch: then the wrapped keys need not even be loaded.
    pub async fn warm(&self, tenant: TenantId, epoch: u64) -> Option<TenantKeys> {
        let bundle = self.0.bundles.get(&tenant).await?;
        if bundle.epoch != epoch {
            self.forget(tenant).await;
            return None;
        }
        (Instant::now() < bundle.fresh_until).then(|| TenantKeys::new(bundle))
    }

    /// The tenant's keys. `wrapped` are all its live wrapped keys of the purposes in use, old versions included where values
    /// still need them; `epoch` is the tenant's key epoch. Keys in the cache cost no call; the others cost one each, made
    /// together, and once however many requests wait for them.
    ///
    /// `tree` is where the tenant's shares are, which persons' keys need; it is made where there never was one. Without it no
    /// person opens who is wrapped with a share, nothing can be wrapped, and the set is not cached.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] when KMS does not answer and nothing usable is cached, [`KeyError::Denied`] when it refuses,
    /// [`KeyError::SharesUnavailable`] and [`KeyError::SharesLost`] for the tree, [`KeyError::Missing`] for no keys at all,
    /// [`KeyError::MixedTenants`].
    pub async fn tenant(
        &self,
        wrapped: &[WrappedKey],
        tree: Option<TreeAt<'_>>,
        epoch: u64,
    ) -> Result<TenantKeys, KeyError> {
        let tenant = wrapped.first().ok_or(KeyError::Missing(Purpose::Pii))?.tenant;
        if wrapped.iter().any(|row| row.tenant != tenant) {
            return Err(KeyError::MixedTenants);
        }
        let held = self.warm(tenant, epoch).await;
        if let Some(keys) = &held
            && keys.bundle().covers(wrapped)
        {
            return Ok(keys.clone());
        }
        let needs_tree = wrapped.iter().any(|row| row.purpose == Purpose::Pii);
        let tree = tree.filter(|_| needs_tree);
        let stored = async {
            match tree {
                Some(at) => self.0.trees.sealed(tenant, at, epoch).await,
                None => Ok(None),
            }
        };
        let answers = try_join_all(wrapped.iter().map(|row| self.answer(row, epoch)));
        // Asked at once, and KMS is heard first: where it refuses, that is the answer, whatever became of the tree.
        let (answers, stored) = join(answers, stored).await;
        let (answers, stored) = (answers?, stored?);
        let mut fresh_until = Instant::now() + self.0.limits.fresh;
        let mut keys = Vec::with_capacity(wrapped.len());
        for (row, (secret, until)) in wrapped.iter().zip(answers) {
            fresh_until = fresh_until.min(until);
            keys.push((row.clone(), secret));
        }
        let mut shares = None;
        if let Some(held) = held {
            shares.clone_from(&held.bundle().shares);
            // Requests may ask for different purposes in turn; each finds its own still there.
            fresh_until = fresh_until.min(held.bundle().fresh_until);
            let same = |a: &WrappedKey, b: &WrappedKey| (a.purpose, a.version) == (b.purpose, b.version);
            let others = held.bundle().keys.iter().filter(|(old, _)| !wrapped.iter().any(|new| same(old, new)));
            keys.extend(others.cloned());
        }
        let opened = self.0.opened.for_new_set();
        let bare = TenantKeys::new(Arc::new(Bundle { tenant, epoch, fresh_until, keys, opened, shares }));
        let whole = match tree {
            Some(at) => self.with_shares(&bare, at, stored).await?,
            None if needs_tree => return Ok(bare),
            None => bare,
        };
        self.0.bundles.insert(tenant, Arc::clone(whole.bundle())).await;
        Ok(whole)
    }

    /// The keys with the tenant's shares; makes the tree where there never was one.
    async fn with_shares(
        &self,
        bare: &TenantKeys,
        at: TreeAt<'_>,
        stored: Option<(Arc<Vec<u8>>, Instant)>,
    ) -> Result<TenantKeys, KeyError> {
        let (sealed, until) = match stored {
            Some(stored) => stored,
            None => self.0.trees.make(bare, at.name, bare.bundle().epoch).await?,
        };
        let fresh_until = bare.bundle().fresh_until.min(until);
        let shares = Some(Arc::new(bare.open_tree(&sealed)?.0));
        Ok(TenantKeys::new(Arc::new(Bundle { fresh_until, shares, ..(**bare.bundle()).clone() })))
    }

    /// Destroys persons' shares in the tree of that name: nothing that wraps a key of theirs with a share opens any more,
    /// wherever it lies. Repeating it changes nothing, and several at once all hold.
    ///
    /// # Errors
    /// [`KeyError::SharesUnavailable`] and [`KeyError::SharesContended`], after which it may be tried again;
    /// [`KeyError::SharesLost`].
    pub async fn puncture(&self, keys: &TenantKeys, name: &str, people: &[Uuid]) -> Result<(), KeyError> {
        self.0.trees.puncture(keys, name, people).await?;
        // Here nobody is to use the older tree any more; what KMS unwrapped stays.
        self.0.trees.forget(keys.tenant()).await;
        self.0.bundles.invalidate(&keys.tenant()).await;
        Ok(())
    }

    /// Drops everything of a tenant, at once.
    pub async fn forget(&self, tenant: TenantId) {
        self.0.bundles.invalidate(&tenant).await;
        self.0.trees.forget(tenant).await;
        for (slot, _) in self.0.answers.iter().filter(|(slot, _)| slot.row.tenant == tenant) {
            self.0.answers.invalidate(&*slot).await;
        }
        for (place, _) in self.0.remembered.iter().filter(|(place, _)| place.0 == tenant) {
            self.0.remembered.invalidate(&*place).await;
        }
    }

    /// One key and how long it may be used.
    async fn answer(&self, row: &WrappedKey, epoch: u64) -> Result<(Arc<Secret>, Instant), KeyError> {
        let slot = Slot { row: row.clone(), epoch };
        let answer = self.0.answers.get_with(slot.clone(), Box::pin(self.ask(slot))).await;
        Ok((answer.outcome?, answer.given + answer.keep))
    }

    /// Asks KMS, and falls back to what is remembered only when KMS is unavailable.
    async fn ask(&self, slot: Slot) -> Answer {
        if self.is_down()
            && let Some(stale) = self.remembered(&slot).await
        {
            return stale;
        }
        let limits = &self.0.limits;
        match self.0.kms.unwrap(&slot.row).await {
            Ok(secret) => {
                self.0.down_until.store(0, Ordering::Relaxed);
                let secret = Arc::new(secret);
                self.remember(slot, &secret).await;
                Answer::new(Ok(secret), limits.fresh.mul_f64(rand::random_range(0.8..=1.0)))
            }
            Err(KeyError::Unavailable) => {
                self.note_down();
                let stale = self.remembered(&slot).await;
                stale.unwrap_or_else(|| Answer::new(Err(KeyError::Unavailable), limits.refused))
            }
            Err(refused) => {
                tracing::warn!(tenant = %slot.row.tenant, purpose = %slot.row.purpose, %refused, "key refused; cache purged");
                self.forget(slot.row.tenant).await;
                Answer::new(Err(refused), limits.refused)
            }
        }
    }

    async fn remember(&self, slot: Slot, secret: &Arc<Secret>) {
        let place = (slot.row.tenant, slot.row.purpose, slot.row.version);
        self.0.remembered.insert(place, Remembered { slot, secret: Arc::clone(secret) }).await;
    }

    /// What KMS last said to the very same question; anything else that is remembered there is out of date and goes.
    async fn remembered(&self, slot: &Slot) -> Option<Answer> {
        let place = (slot.row.tenant, slot.row.purpose, slot.row.version);
        let remembered = self.0.remembered.get(&place).await?;
        if remembered.slot != *slot {
            self.0.remembered.invalidate(&place).await;
            return None;
        }
        tracing::warn!(tenant = %slot.row.tenant, purpose = %slot.row.purpose, "KMS unavailable; using a cached key");
        Some(Answer::new(Ok(remembered.secret), self.0.limits.retry))
    }

    fn is_down(&self) -> bool {
        self.elapsed_ms() < self.0.down_until.load(Ordering::Relaxed)
    }

    fn note_down(&self) {
        let pause = u64::try_from(self.0.limits.refused.as_millis()).unwrap_or(u64::MAX);
        self.0.down_until.store(self.elapsed_ms().saturating_add(pause), Ordering::Relaxed);
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Answer {
    fn new(outcome: Result<Arc<Secret>, KeyError>, keep: Duration) -> Self {
        Self { outcome, given: Instant::now(), keep }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} tenants, {:?})", self.0.bundles.entry_count(), self.0.limits)
    }
}
