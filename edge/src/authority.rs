//! The exact counter of a tenant, and the leases that spare most requests the way to it.
//!
//! One [`Authority`] counts for one tenant: in a Durable Object, or in the native host's own memory. An edge asks it for a
//! lease: a batch of requests, debited at once, that the edge may then admit by itself for [`LEASE_LIFE`]. What it has not used by
//! then is given back with its next question.
//!
//! Precision: nothing is admitted that was not debited before; a lease only lets it come later. What all edges together hold of a
//! quota is at most a share of what is left of it: a hundredth of a tenant's, a tenth of a member's or API key's, and one request
//! each when that share is less than one. So no window admits more than that share above what an exact limiter would, the last
//! requests are decided by the authority one by one, and who stays with one edge is never refused too early. Who changes edges may be
//! refused a member's last tenth too early, for [`LEASE_LIFE`].

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use keystead_ids::TenantId;
use serde::{Deserialize, Serialize};

use crate::limits::{Gcra, Quota, Told, Verdict};

mod kept;

pub use kept::Kept;

/// How long a lease may be used, in milliseconds.
pub const LEASE_LIFE: i64 = 6_000;
/// What is left of a tenant's quota, divided by this, is what all edges may hold.
const TENANT_SHARE: u32 = 100;
/// The same of a member's or API key's, who seldom comes by two edges at once.
const SUBJECT_SHARE: u32 = 10;
/// An edge whose requests all ask at the same moment gets one batch, and beyond it what each of them needs. In milliseconds.
const AT_ONCE: i64 = 100;

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
    /// Who asks: a number that no two edges share.
    pub edge: u64,
    /// Is a batch of the tenant's quota wanted? With what is given back of an ended lease.
    pub of_tenant: Option<u32>,
    /// The same of the subject's.
    pub of_subject: Option<u32>,
}

/// An authority's answer: a share of each quota that was asked for; none of the tenant's for a subject that has nothing left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Granted {
    /// For the whole tenant.
    pub tenant: Option<Share>,
    /// For the subject.
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
#[derive(Debug, Default)]
pub struct Authority {
    tenant: Counter,
    subjects: HashMap<String, Counter>,
    quotas: Option<(Quota, Quota)>,
    swept_at: i64,
}

/// One counter, and who holds how much of it.
#[derive(Debug, Default)]
struct Counter {
    state: Gcra,
    /// In memory only: a successor that does not know of a lease errs by that lease, once.
    held: Vec<Held>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    edge: u64,
    batch: u32,
    since: i64,
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
        let subject = ask.subject.as_ref().zip(ask.of_subject).map(|(subject, unused)| {
            let counter = self.subjects.entry(subject.clone()).or_default();
            counter.lease(ask.per_subject, SUBJECT_SHARE, (ask.edge, unused), now)
        });
        let tenant = ask.of_tenant.and_then(|unused| {
            if subject.is_some_and(|share| share.batch == 0) {
                // Who may not go on costs the tenant nothing, and tells nothing of its quota.
                self.tenant.state.give_back(ask.per_tenant, unused);
                return None;
            }
            Some(self.tenant.lease(ask.per_tenant, TENANT_SHARE, (ask.edge, unused), now))
        });
        Granted { tenant, subject }
    }

    /// Who has their whole quota back is forgotten.
    fn sweep(&mut self, quota: Quota, now: i64) {
        if now.saturating_sub(self.swept_at).abs() >= 60_000 {
            self.swept_at = now;
            self.subjects.retain(|_, counter| !counter.state.is_idle(quota, now));
        }
    }
}

impl Counter {
    /// A batch for an edge that gives back what it has not used.
    fn lease(&mut self, quota: Quota, share: u32, (edge, unused): (u64, u32), now: i64) -> Share {
        self.state.give_back(quota, unused);
        self.held.retain(|held| (0..LEASE_LIFE).contains(&(now - held.since)));
        let mine = self.held.iter().position(|held| held.edge == edge);
        let others: u32 = self.held.iter().filter(|held| held.edge != edge).map(|held| held.batch).sum();
        let left = self.state.take(quota, 0, now).remaining;
        let again = mine.is_some_and(|mine| now - self.held[mine].since < AT_ONCE);
        let room = if again { unused } else { (left / share).saturating_sub(others) };
        let batch = room.clamp(1, left.max(1));
        let verdict = self.state.take(quota, batch, now);
        if verdict.allowed && !again {
            mine.map(|mine| self.held.swap_remove(mine));
            self.held.push(Held { edge, batch, since: now });
        }
        Share::of(if verdict.allowed { batch } else { 0 }, &verdict)
    }
}

impl Share {
    fn of(batch: u32, verdict: &Verdict) -> Self {
        let Verdict { remaining, retry_after, reset, .. } = *verdict;
        Self { batch, remaining, retry_after, reset }
    }
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
pub struct Leases {
    held: Mutex<HashMap<Meter, Lease>>,
    /// The edge's own number: that of its first question.
    edge: OnceLock<u64>,
}

impl Leases {
    /// Takes one request of a tenant and, if named, of a subject.
    pub fn take(&self, mut ask: Ask, now: i64) -> Leased {
        ask.edge = *self.edge.get_or_init(|| ask.edge);
        let mut leases = self.held.lock().unwrap_or_else(PoisonError::into_inner);
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
        let lacking = |lease: &Option<Lease>| lease.is_none_or(|lease| lease.left == 0 || now >= lease.until);
        if held.iter().any(lacking) {
            for ((meter, ..), _) in meters.iter().zip(&held).filter(|(_, lease)| lacking(lease)) {
                // What is left goes back with the question.
                let unused = leases.get_mut(meter).map_or(0, |lease| std::mem::take(&mut lease.left));
                *(if meter.subject.is_some() { &mut ask.of_subject } else { &mut ask.of_tenant }) = Some(unused);
            }
            return Leased::Ask(Box::new(ask));
        }
        for (meter, ..) in &meters {
            leases.entry(meter.clone()).and_modify(|lease| lease.left -= 1);
        }
        let told = meters.iter().filter_map(|(meter, name, quota)| Some(leases.get(meter)?.told(name, *quota, now)));
        // The one that is nearer to its end is worth telling.
        told.min_by_key(|told| told.remaining).map_or(Leased::Alone, Leased::Yes)
    }

    /// The authority has answered.
    pub fn learned(&self, ask: &Ask, granted: &Granted, now: i64) {
        let mut leases = self.held.lock().unwrap_or_else(PoisonError::into_inner);
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
        if let Some(share) = &granted.tenant {
            hold(None, share);
        }
        if let Some(share) = &granted.subject {
            hold(ask.subject.clone(), share);
        }
    }

    /// The authority has not answered.
    pub fn failed(&self, ask: &Ask, now: i64) {
        let mut leases = self.held.lock().unwrap_or_else(PoisonError::into_inner);
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
