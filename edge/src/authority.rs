//! The exact counter of a tenant, and the leases that spare most requests the way to it.
//!
//! One [`Authority`] counts for one tenant: in a Durable Object, or in the native host's own memory. An edge asks it for a
//! [`Lease`]: a batch of requests, debited at once, that the edge may then admit by itself for [`LEASE_LIFE`].
//!
//! Precision: a batch is at most a hundredth of what is left, so near the limit it is one request and the last request is
//! decided by the authority. What one edge has leased and not used when the lease ends is given back with the next question.
//! So nothing is admitted that was not debited before, and any window of `T` admits at most what an exact limiter would in
//! `T` + [`LEASE_LIFE`]: one per cent of a minute. Refused too early is nobody unless other edges hold leases at that moment: at
//! most a hundredth of the quota each, for at most [`LEASE_LIFE`].

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use keystead_ids::TenantId;
use serde::{Deserialize, Serialize};

use crate::limits::{Gcra, Quota, Told, Verdict};

mod kept;

pub use kept::Kept;

/// How long a lease may be used, in milliseconds.
pub const LEASE_LIFE: i64 = 600;
/// A batch is at most what is left divided by this.
const SHARE: u32 = 100;

/// Whom to count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Meter {
    /// The tenant, whose authority is asked.
    pub tenant: TenantId,
    /// A member or API key, or the tenant as a whole.
    pub subject: Option<String>,
}

/// A question to an authority.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Whose authority.
    pub tenant: TenantId,
    /// The member or API key; `None` for requests without.
    pub subject: Option<String>,
    /// What the whole tenant may use.
    pub per_tenant: Quota,
    /// What each subject may use.
    pub per_subject: Quota,
    /// Unused requests of ended leases: of the tenant, and of the subject.
    pub unused: (u32, u32),
}

/// An authority's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Granted {
    /// For the whole tenant.
    pub tenant: Share,
    /// For the subject, if one was named.
    pub subject: Option<Share>,
}

/// What may be used of one quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// So many requests.
    pub batch: u32,
    /// What is left at the authority.
    pub remaining: u32,
    /// Milliseconds until there is something to lease, when the batch is empty.
    pub retry_after: i64,
    /// Milliseconds until the whole quota is there again.
    pub reset: i64,
}

/// The counters of one tenant.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Authority {
    tenant: Gcra,
    subjects: HashMap<String, Gcra>,
    quotas: Option<(Quota, Quota)>,
    swept_at: i64,
}

impl Authority {
    /// Answers a question at the time `now`, in milliseconds of the authority's clock.
    pub fn grant(&mut self, ask: &Ask, now: i64) -> Granted {
        let quotas = (ask.per_tenant, ask.per_subject);
        if self.quotas.is_some_and(|kept| kept != quotas) {
            *self = Self::default();
        }
        self.quotas = Some(quotas);
        self.sweep(ask.per_subject, now);
        self.tenant.give_back(ask.per_tenant, ask.unused.0);
        let Some(subject) = &ask.subject else {
            return Granted { tenant: lease(&mut self.tenant, ask.per_tenant, now), subject: None };
        };
        let state = self.subjects.entry(subject.clone()).or_default();
        state.give_back(ask.per_subject, ask.unused.1);
        let share = lease(state, ask.per_subject, now);
        if share.batch == 0 {
            // Who may not go on costs the tenant nothing.
            let peek = self.tenant.take(ask.per_tenant, 0, now);
            return Granted { tenant: Share::of(0, &peek), subject: Some(share) };
        }
        Granted { tenant: lease(&mut self.tenant, ask.per_tenant, now), subject: Some(share) }
    }

    /// Who has their whole quota back is forgotten.
    fn sweep(&mut self, quota: Quota, now: i64) {
        if now.saturating_sub(self.swept_at).abs() >= 60_000 {
            self.swept_at = now;
            self.subjects.retain(|_, state| !state.is_idle(quota, now));
        }
    }
}

impl Share {
    fn of(batch: u32, verdict: &Verdict) -> Self {
        let Verdict { remaining, retry_after, reset, .. } = *verdict;
        Self { batch, remaining, retry_after, reset }
    }
}

fn lease(state: &mut Gcra, quota: Quota, now: i64) -> Share {
    let left = state.take(quota, 0, now).remaining;
    let batch = (left / SHARE).max(1);
    let verdict = state.take(quota, batch, now);
    Share::of(if verdict.allowed { batch } else { 0 }, &verdict)
}

/// What an edge holds of one meter.
#[derive(Debug, Clone, Copy)]
struct Lease {
    left: u32,
    until: i64,
    /// From when on the authority may be asked again after it had nothing.
    empty_until: i64,
    remaining: u32,
    reset: i64,
    /// The authority did not answer; until then the edge counts alone.
    alone_until: i64,
}

/// What the leases say about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leased {
    /// It may go on.
    Yes(Told),
    /// It may not.
    No(Told, i64),
    /// Ask the authority first.
    Ask(Box<Ask>),
    /// The authority does not answer.
    Alone,
}

/// After an authority did not answer it is left alone for this long, in milliseconds.
const ALONE: i64 = 2_000;
const MAX_LEASES: usize = 100_000;

/// The leases of one edge.
#[derive(Debug, Default)]
pub struct Leases(Mutex<HashMap<Meter, Lease>>);

impl Leases {
    /// Takes one request of a tenant and, if named, of a subject.
    pub fn take(&self, ask: Ask, now: i64) -> Leased {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = Meter { tenant: ask.tenant, subject: None };
        let meters: Vec<(Meter, &'static str, Quota)> = ask
            .subject
            .iter()
            .map(|subject| (Meter { tenant: ask.tenant, subject: Some(subject.clone()) }, "user", ask.per_subject))
            .chain([(whole, "tenant", ask.per_tenant)])
            .collect();
        let held: Vec<Option<Lease>> = meters.iter().map(|(meter, ..)| leases.get(meter).copied()).collect();
        if held.iter().flatten().any(|lease| now < lease.alone_until && now >= lease.alone_until - ALONE) {
            return Leased::Alone;
        }
        for (lease, (_, name, quota)) in held.iter().zip(&meters) {
            if let Some(lease) = lease.filter(|lease| lease.left == 0 && now < lease.empty_until) {
                return Leased::No(lease.told(name, *quota, now), lease.empty_until - now);
            }
        }
        if held.iter().any(|lease| lease.is_none_or(|lease| lease.left == 0 || now >= lease.until)) {
            return Leased::Ask(Box::new(Self::ask(&mut leases, ask, &meters)));
        }
        for (meter, ..) in &meters {
            leases.entry(meter.clone()).and_modify(|lease| lease.left -= 1);
        }
        let told = meters.iter().filter_map(|(meter, name, quota)| Some(leases.get(meter)?.told(name, *quota, now)));
        // The one that is nearer to its end is worth telling.
        told.min_by_key(|told| told.remaining).map_or(Leased::Alone, Leased::Yes)
    }

    /// What is left goes back with the question.
    fn ask(leases: &mut HashMap<Meter, Lease>, mut ask: Ask, meters: &[(Meter, &'static str, Quota)]) -> Ask {
        let mut unused = |subject: bool| {
            let meter = meters.iter().find(|(meter, ..)| meter.subject.is_some() == subject);
            let lease = meter.and_then(|(meter, ..)| leases.get_mut(meter));
            lease.map_or(0, |lease| std::mem::take(&mut lease.left))
        };
        ask.unused = (unused(false), unused(true));
        ask
    }

    /// The authority has answered.
    pub fn learned(&self, ask: &Ask, granted: &Granted, now: i64) {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if leases.len() >= MAX_LEASES {
            leases.retain(|_, lease| now < lease.until.max(lease.empty_until));
        }
        let mut hold = |subject: Option<String>, share: &Share| {
            let lease = leases.entry(Meter { tenant: ask.tenant, subject }).or_insert(Lease::none());
            lease.left += share.batch;
            lease.until = now + LEASE_LIFE;
            lease.empty_until = if share.batch == 0 { now + share.retry_after.max(1) } else { 0 };
            (lease.remaining, lease.reset, lease.alone_until) = (share.remaining, now + share.reset, 0);
        };
        hold(None, &granted.tenant);
        if let Some(share) = &granted.subject {
            hold(ask.subject.clone(), share);
        }
    }

    /// The authority has not answered.
    pub fn failed(&self, ask: &Ask, now: i64) {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let meter = Meter { tenant: ask.tenant, subject: None };
        let lease = leases.entry(meter).or_insert(Lease::none());
        lease.alone_until = now + ALONE;
    }
}

impl Lease {
    const fn none() -> Self {
        Self { left: 0, until: 0, empty_until: 0, remaining: 0, reset: 0, alone_until: 0 }
    }

    fn told(&self, name: &'static str, quota: Quota, now: i64) -> Told {
        let reset = crate::limits::seconds(self.reset - now);
        Told { name, quota, remaining: self.remaining.saturating_add(self.left), reset }
    }
}
