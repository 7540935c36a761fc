//! And nobody widens the one they have.
//! Refused with E0616.

use keystead_ids::PermissionSet;
use keystead_tenants::TenantGrant;

pub fn slice(grant: &mut TenantGrant) {
    grant.permissions = PermissionSet::all();
}
