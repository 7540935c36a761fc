//! Nor name its type through the crate that owns it.
//! Refused with E0603.

use keystead_tenants::pool::TenantDb;
