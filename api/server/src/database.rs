//! `keystead migrate`: from an empty server to the newest schema.

use anyhow::Context;
use keystead_migrations::{Roles, bootstrap, create_database, install_context_key, migrate};
use keystead_tenants::RootSecret;
use tokio_postgres::{Client, Config, NoTls};

/// Creates database, roles and schemas as the administrator, then migrates as the migration role. Idempotent.
///
/// # Errors
/// When the server refuses or a migration fails.
pub async fn prepare(admin_url: &str, database: &str, root: &RootSecret) -> anyhow::Result<Vec<String>> {
    let admin: Config = admin_url.parse().context("DATABASE_ADMIN_URL does not parse")?;
    let server = connect(&admin).await.context("the database server does not answer")?;
    // Two may be deployed at once.
    let turn = "SELECT pg_advisory_lock(hashtextextended('keystead migrate ' || $1, 0))";
    server.execute(turn, &[&database]).await.context("the database server gives no turn")?;
    create_database(&server, database).await?;
    let mut here = admin.clone();
    here.dbname(database);
    bootstrap(&connect(&here).await?, &roles(root)).await?;
    here.user("keystead_migrate").password(root.role_password("keystead_migrate"));
    let mut migrator = connect(&here).await?;
    let applied = migrate(&mut migrator).await?;
    let (kid, key) = root.context_key();
    install_context_key(&mut migrator, &kid, &key).await?;
    Ok(applied)
}

fn roles(root: &RootSecret) -> Roles {
    let password = |role| root.role_password(role);
    Roles {
        migrate: password("keystead_migrate"),
        app: password("keystead_app"),
        worker: password("keystead_worker"),
        platform: password("keystead_platform"),
        backup: password("keystead_backup"),
        audit_ro: password("keystead_audit_ro"),
    }
}

async fn connect(config: &Config) -> anyhow::Result<Client> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "a migration connection broke");
        }
    });
    Ok(client)
}

/// The database that `url` names.
///
/// # Errors
/// When it names none.
pub fn name_in(url: &str) -> anyhow::Result<String> {
    let config: Config = url.parse().context("DATABASE_URL does not parse")?;
    Ok(config.get_dbname().context("DATABASE_URL names no database")?.to_owned())
}
