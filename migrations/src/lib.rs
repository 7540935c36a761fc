//! Keystead's database: roles, schemas, tables, policies. Forward only.
//!
//! [`bootstrap`] runs as a database administrator and makes what is cluster-wide: roles and schemas. [`migrate`] runs as
//! `keystead_migrate` and makes everything else. A tenant table, with its keys, policies, grants, audit trigger and row
//! version, comes complete from [`tenant_table::TenantTable`], so there is no way to add half of one.

mod bootstrap;
mod kernel;
pub mod tenant_table;
mod v2_membership;
mod v3_inventory;
mod v4_documents;
mod v5_buyers;
mod v6_contracts;
mod v9_erasure;

pub use bootstrap::{Roles, bootstrap, create_database};
use refinery::{Migration, Runner};
use thiserror::Error;
use tokio_postgres::Client;

/// What a migration run can fail with.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// A statement failed.
    #[error("the database refused a statement: {0}")]
    Database(#[from] tokio_postgres::Error),
    /// A migration failed or differs from the one that was applied.
    #[error("migration: {0}")]
    Migration(#[from] refinery::Error),
    /// The server lacks security fixes that row-level security depends on (CVE-2025-8713).
    #[error("PostgreSQL {0} is below the patch floor: 15.14, 16.10, 17.6 or newer is needed")]
    PatchFloor(String),
}

/// Brings the database to the newest schema and returns the names of what was applied.
///
/// `client` is connected as `keystead_migrate`, whose `lock_timeout` is shorter than the API's: a table that somebody else works with
/// for long, as a dump does, is not waited for until requests, which wait behind us, are refused.
///
/// # Errors
/// When the server is too old, a lock is not to be had, or a migration fails; each migration is one transaction.
pub async fn migrate(client: &mut Client) -> Result<Vec<String>, MigrateError> {
    check_patch_floor(client).await?;
    let report = Runner::new(&all()?).set_migration_table_name("migration_history").run_async(client).await?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

fn all() -> Result<Vec<Migration>, refinery::Error> {
    let owned = |sql: String| format!("SET LOCAL ROLE keystead_owner;\n{sql}\nRESET ROLE;");
    [
        ("V1__kernel", kernel::sql()),
        ("V2__membership", owned(v2_membership::sql())),
        ("V3__inventory", owned(v3_inventory::sql())),
        ("V4__documents", owned(v4_documents::sql())),
        ("V5__buyers", owned(v5_buyers::sql())),
        ("V6__contracts", owned(v6_contracts::sql())),
        ("V7__backup", include_str!("v7_backup.sql").to_owned() + "RESET ROLE;"),
        (
            "V8__entered_context",
            format!("SET LOCAL ROLE keystead_ctx;\n{}\nRESET ROLE;", include_str!("v8_entered_context.sql")),
        ),
        ("V9__erasure", v9_erasure::sql()),
        ("V10__edge", owned(include_str!("v10_edge.sql").to_owned())),
        ("V11__console", owned(include_str!("v11_console.sql").to_owned())),
        ("V12__tenant_once", owned(include_str!("v12_tenant_once.sql").to_owned())),
        ("V13__checkpoints", include_str!("v13_checkpoints.sql").to_owned()),
        ("V14__lean_context", include_str!("v14_lean_context.sql").to_owned()),
        ("V15__queue_grants", owned(include_str!("v15_queue_grants.sql").to_owned())),
        ("V16__search_tokens", owned(include_str!("v16_search_tokens.sql").to_owned())),
        ("V17__as_seen", owned(include_str!("v17_as_seen.sql").to_owned())),
        ("V18__for_sale", owned(include_str!("v18_for_sale.sql").to_owned())),
    ]
    .into_iter()
    .map(|(name, sql)| Migration::unapplied(name, &sql))
    .collect()
}

async fn check_patch_floor(client: &Client) -> Result<(), MigrateError> {
    let version: String = client.query_one("SHOW server_version_num", &[]).await?.get(0);
    let number: u32 = version.parse().unwrap_or(0);
    let fixed = match number / 10_000 {
        15 => number >= 150_014,
        16 => number >= 160_010,
        17 => number >= 170_006,
        major => major >= 18,
    };
    if fixed { Ok(()) } else { Err(MigrateError::PatchFloor(version)) }
}

/// Installs the key that signs tenant contexts. Older keys stay valid until [`retire_context_keys`].
///
/// The HMAC pads are precomputed so that the verifier costs two built-in SHA-256 calls (RFC 2104).
///
/// # Errors
/// When the database refuses.
pub async fn install_context_key(client: &mut Client, kid: &str, key: &[u8; 32]) -> Result<(), MigrateError> {
    let pad = |byte: u8| -> Vec<u8> {
        let mut block = vec![byte; 64];
        block.iter_mut().zip(key).for_each(|(pad, key)| *pad ^= key);
        block
    };
    let tx = client.transaction().await?;
    tx.batch_execute("SET LOCAL ROLE keystead_ctx").await?;
    tx.execute(
        "INSERT INTO ctx.keys (kid, inner_pad, outer_pad) VALUES ($1, $2, $3) ON CONFLICT (kid) DO NOTHING",
        &[&kid, &pad(0x36), &pad(0x5c)],
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Retires every context key but `kid`.
///
/// # Errors
/// When the database refuses.
pub async fn retire_context_keys(client: &mut Client, kid: &str) -> Result<u64, MigrateError> {
    let tx = client.transaction().await?;
    tx.batch_execute("SET LOCAL ROLE keystead_ctx").await?;
    let retired = tx.execute("DELETE FROM ctx.keys WHERE kid <> $1", &[&kid]).await?;
    tx.commit().await?;
    Ok(retired)
}
