//! Rate limits: the last line behind the edge. One quota a member, one an operator, one an address for those unknown.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32};

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use keystead_ids::{IdentityId, MemberId, TenantId};

use super::{Problem, RequestInfo};

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Requests a minute.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// For each member and operator.
    pub per_member: NonZeroU32,
    /// For each address, on requests without a valid session.
    pub per_address: NonZeroU32,
}

/// The limiters of one process.
pub struct Limits {
    members: Keyed<(TenantId, MemberId)>,
    operators: Keyed<IdentityId>,
    addresses: Keyed<IpAddr>,
}

/// What is left of a quota.
#[derive(Debug, Clone, Copy)]
pub struct Remaining {
    quota: u32,
    left: u32,
}

impl Remaining {
    /// As `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).
    pub(super) fn write(self, headers: &mut HeaderMap) {
        let fields = [
            (HeaderName::from_static("ratelimit-policy"), format!("\"default\";q={};w=60", self.quota)),
            (HeaderName::from_static("ratelimit"), format!("\"default\";r={};t=60", self.left)),
        ];
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

impl Limits {
    /// Limiters with these quotas.
    #[must_use]
    pub fn new(quotas: Quotas) -> Self {
        Self {
            members: keyed(quotas.per_member),
            operators: keyed(quotas.per_member),
            addresses: keyed(quotas.per_address),
        }
    }

    /// Counts a member's request.
    ///
    /// # Errors
    /// 429 when the quota is used up.
    pub fn member(&self, info: &RequestInfo, tenant: TenantId, member: MemberId) -> Result<(), Problem> {
        count(&self.members, &(tenant, member), info)
    }

    /// Counts an operator's request.
    ///
    /// # Errors
    /// 429 when the quota is used up.
    pub fn operator(&self, info: &RequestInfo, operator: IdentityId) -> Result<(), Problem> {
        count(&self.operators, &operator, info)
    }

    /// Counts a request without a valid session, by its address. An IPv6 host has its whole /64.
    ///
    /// # Errors
    /// 429 when the quota is used up.
    pub fn anonymous(&self, info: &RequestInfo) -> Result<(), Problem> {
        let Some(address) = info.address() else { return Ok(()) };
        let network = match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        };
        count(&self.addresses, &network, info)
    }

    /// How many callers are counted.
    pub(crate) fn counted(&self) -> usize {
        self.members.len() + self.operators.len() + self.addresses.len()
    }

    /// Forgets whoever has their whole quota back.
    pub fn forget_idle(&self) {
        self.members.retain_recent();
        self.operators.retain_recent();
        self.addresses.retain_recent();
    }
}

fn keyed<K: Hash + Eq + Clone>(per_minute: NonZeroU32) -> Keyed<K> {
    RateLimiter::dashmap(Quota::per_minute(per_minute)).with_middleware()
}

fn count<K: Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K, info: &RequestInfo) -> Result<(), Problem> {
    match limiter.check_key(key) {
        Ok(state) => {
            info.quota(Remaining { quota: state.quota().burst_size().get(), left: state.remaining_burst_capacity() });
            Ok(())
        }
        Err(refused) => {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            info.quota(Remaining { quota: refused.quota().burst_size().get(), left: 0 });
            let title = "Too many requests; slow down";
            Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", title).retry_after(wait.as_secs() + 1))
        }
    }
}
