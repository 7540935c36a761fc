//! A grant comes from a session or a named job; nobody writes one down.

use keystead_ids::{PermissionSet, RequestId, TenantId};
use keystead_tenants::{Actor, SystemJob, TenantGrant};

fn slice(tenant: TenantId, request: RequestId) -> TenantGrant {
    TenantGrant { tenant, actor: Actor::System(SystemJob::Provision), permissions: PermissionSet::all(), projects: None, request, key_epoch: 0 }
}

fn main() {}
