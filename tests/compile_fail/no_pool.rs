//! A slice cannot reach the pool under a transaction.
//! Refused with E0616.

pub fn slice(databases: &keystead_tenants::Databases) {
    let _ = &databases.tenants.pool;
}
