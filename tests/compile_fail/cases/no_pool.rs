//! A slice cannot reach the pool under a transaction.

fn slice(databases: &keystead_tenants::Databases) {
    let _ = &databases.tenants.pool;
}

fn main() {}
