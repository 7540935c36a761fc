//! And nobody widens the one they have.

use keystead_ids::PermissionSet;
use keystead_tenants::TenantGrant;

fn slice(grant: &mut TenantGrant) {
    grant.permissions = PermissionSet::all();
}

fn main() {}
