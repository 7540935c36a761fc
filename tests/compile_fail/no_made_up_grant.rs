//! A grant comes from a session or a named job; nobody writes one down.
//! Refused with E0451.

use keystead_ids::{PermissionSet, RequestId, TenantId};
use keystead_tenants::{Actor, SystemJob, TenantGrant};

pub fn slice(tenant: TenantId, request: RequestId) -> TenantGrant {
    TenantGrant {
        tenant,
        actor: Actor::System(SystemJob::Provision),
        permissions: PermissionSet::all(),
        projects: None,
        request,
        key_epoch: 0,
    }
}
