//! Rate limits: the generic cell rate algorithm (ITU-T I.371), exact, and what callers are told about it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

/// So many requests within so many seconds; all of them may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Requests, at least one.
    pub limit: u32,
    /// Seconds, at least one.
    pub window: u32,
}

impl Quota {
    /// So many a minute.
    #[must_use]
    pub const fn per_minute(limit: u32) -> Self {
        Self { limit, window: 60 }
    }

    fn units(self) -> (i128, i128) {
        (i128::from(self.limit.max(1)), i128::from(self.window.max(1)) * 1_000)
    }
}

/// The state of one key: the theoretical arrival time.
///
/// It counts in milliseconds times the quota's limit, so that a request is worth exactly `window` and nothing is ever rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gcra(i128);

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// May it go on?
    pub allowed: bool,
    /// How many requests would be admitted at once now.
    pub remaining: u32,
    /// Milliseconds until as much as was asked for is admitted; zero if it was.
    pub retry_after: i64,
    /// Milliseconds until the whole quota is there again.
    pub reset: i64,
}

impl Gcra {
    /// Takes `cost` requests at the time `now` (milliseconds), or nothing. More than the quota at once is never admitted.
    pub fn take(&mut self, quota: Quota, cost: u32, now: i64) -> Verdict {
        let (limit, window) = quota.units();
        let (now, cost) = (i128::from(now) * limit, i128::from(cost) * window);
        let full = window * limit;
        // A clock that was set back must not lock anybody out for longer than the window.
        let tat = self.0.clamp(now, now + full);
        let next = tat + cost;
        let allowed = next - now <= full;
        self.0 = if allowed { next } else { tat };
        let verdict = |wait: i128| i64::try_from(wait.max(0).div_euclid(limit) + i128::from(wait.max(0) % limit != 0));
        Verdict {
            allowed,
            remaining: u32::try_from((full - (self.0 - now)) / window).unwrap_or(0),
            retry_after: if allowed { 0 } else { verdict(next - now - full).unwrap_or(i64::MAX) },
            reset: verdict(self.0 - now).unwrap_or(i64::MAX),
        }
    }

    /// Gives back what was taken and not used.
    pub fn give_back(&mut self, quota: Quota, cost: u32) {
        self.0 -= i128::from(cost) * quota.units().1;
    }

    /// Is the whole quota there again?
    #[must_use]
    pub fn is_idle(&self, quota: Quota, now: i64) -> bool {
        self.0 <= i128::from(now) * quota.units().0
    }
}

/// Counters in memory, by key. They never hold more than `capacity` keys: when full, who is idle is forgotten, and if nobody
/// is, newcomers share one counter, so that a flood of keys costs neither memory nor lets anybody through.
#[derive(Debug)]
pub struct Counters<K> {
    shards: Vec<Mutex<Shard<K>>>,
    capacity: usize,
}

#[derive(Debug)]
struct Shard<K> {
    states: HashMap<K, (Gcra, Quota)>,
    crowd: Gcra,
    swept_at: i64,
}

const SHARDS: usize = 16;

impl<K: Hash + Eq + Clone> Counters<K> {
    /// Counters for at most about `capacity` keys.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let shard = || Mutex::new(Shard { states: HashMap::new(), crowd: Gcra::default(), swept_at: 0 });
        Self { shards: std::iter::repeat_with(shard).take(SHARDS).collect(), capacity: capacity.div_ceil(SHARDS) }
    }

    /// Takes `cost` requests of a key.
    pub fn take(&self, key: &K, quota: Quota, cost: u32, now: i64) -> Verdict {
        let mut shard = self.shards[self.place(key)].lock().unwrap_or_else(PoisonError::into_inner);
        let shard = &mut *shard;
        if let Some((state, kept)) = shard.states.get_mut(key) {
            if *kept != quota {
                // Another plan: its units are others.
                (*state, *kept) = (Gcra::default(), quota);
            }
            return state.take(quota, cost, now);
        }
        if shard.states.len() >= self.capacity && now.saturating_sub(shard.swept_at).abs() >= 1_000 {
            shard.swept_at = now;
            shard.states.retain(|_, (state, quota)| !state.is_idle(*quota, now));
        }
        if shard.states.len() >= self.capacity {
            return shard.crowd.take(quota, cost, now);
        }
        shard.states.entry(key.clone()).or_insert((Gcra::default(), quota)).0.take(quota, cost, now)
    }

    /// Gives back what was taken of a key and is not to count.
    pub fn give_back(&self, key: &K, quota: Quota, cost: u32) {
        let mut shard = self.shards[self.place(key)].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((state, _)) = shard.states.get_mut(key).filter(|(_, kept)| *kept == quota) {
            state.give_back(quota, cost);
        }
    }

    fn place(&self, key: &K) -> usize {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        usize::try_from(hash % SHARDS as u64).unwrap_or(0)
    }
}

/// A limit with its verdict, as callers are told (draft-ietf-httpapi-ratelimit-headers-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The limit's name.
    pub name: &'static str,
    /// The limit.
    pub quota: Quota,
    /// What is left.
    pub remaining: u32,
    /// Seconds until the whole quota is there again.
    pub reset: i64,
}

impl Told {
    /// Of a verdict.
    #[must_use]
    pub fn of(name: &'static str, quota: Quota, verdict: &Verdict) -> Self {
        Self { name, quota, remaining: verdict.remaining, reset: seconds(verdict.reset) }
    }

    /// The value of `RateLimit-Policy`.
    #[must_use]
    pub fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.quota.limit, self.quota.window)
    }

    /// The value of `RateLimit`.
    #[must_use]
    pub fn state(&self) -> String {
        format!("\"{}\";r={};t={}", self.name, self.remaining, self.reset)
    }
}

/// Whole seconds, rounded up: who waits that long is not early.
#[must_use]
pub fn seconds(milliseconds: i64) -> i64 {
    milliseconds.max(0).div_euclid(1_000) + i64::from(milliseconds.max(0) % 1_000 != 0)
}
