//! Nor name its type through the crate that owns it.

use keystead_tenants::pool::TenantDb;

fn main() {}
