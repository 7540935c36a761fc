//! Roles and schemas: what a database administrator makes once per cluster or database.

use tokio_postgres::Client;

use crate::MigrateError;

/// The passwords of the roles that log in.
pub struct Roles {
    /// `keystead_migrate`: owns nothing, may act as the owners.
    pub migrate: String,
    /// `keystead_app`: the API, inside a tenant context only.
    pub app: String,
    /// `keystead_worker`: background work.
    pub worker: String,
    /// `keystead_platform`: sign-up, sessions, operators.
    pub platform: String,
    /// `keystead_backup`: reads everything, for dumps.
    pub backup: String,
    /// `keystead_audit_ro`: reads the audit trail.
    pub audit_ro: String,
}

/// Creates `database` unless it exists.
///
/// # Errors
/// When the server refuses.
pub async fn create_database(admin: &Client, database: &str) -> Result<bool, MigrateError> {
    let exists = admin.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&database]).await?.is_some();
    if !exists {
        admin
            .batch_execute(&format!("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", quoted(database)))
            .await?;
    }
    Ok(!exists)
}

/// Creates roles and schemas, idempotently. `admin` is connected to the product's database.
///
/// # Errors
/// When the server refuses.
pub async fn bootstrap(admin: &Client, roles: &Roles) -> Result<(), MigrateError> {
    // Roles belong to the cluster: two databases bootstrapped at once must not race. An advisory lock holds in its own
    // database only; `pg_authid` is shared by all, and logging in goes on under this mode.
    admin.batch_execute("BEGIN; LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE").await?;
    let result = create_all(admin, roles).await;
    admin.batch_execute(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    result
}

async fn create_all(admin: &Client, roles: &Roles) -> Result<(), MigrateError> {
    for owner in ["keystead_owner", "keystead_ctx", "keystead_audit", "keystead_derive"] {
        role(admin, owner, "NOLOGIN NOBYPASSRLS NOINHERIT").await?;
    }
    login(admin, "keystead_migrate", &roles.migrate, "NOBYPASSRLS NOINHERIT").await?;
    login(admin, "keystead_app", &roles.app, "NOBYPASSRLS NOINHERIT").await?;
    login(admin, "keystead_worker", &roles.worker, "NOBYPASSRLS NOINHERIT").await?;
    login(admin, "keystead_platform", &roles.platform, "NOBYPASSRLS NOINHERIT").await?;
    login(admin, "keystead_backup", &roles.backup, "BYPASSRLS NOINHERIT").await?;
    login(admin, "keystead_audit_ro", &roles.audit_ro, "NOBYPASSRLS NOINHERIT").await?;
    admin.batch_execute(CLUSTER).await?;
    let database: String = admin.query_one("SELECT current_database()", &[]).await?.get(0);
    admin.batch_execute(&DATABASE.replace("{database}", &quoted(&database))).await?;
    Ok(())
}

async fn login(admin: &Client, name: &str, password: &str, attributes: &str) -> Result<(), MigrateError> {
    role(admin, name, &format!("LOGIN {attributes} PASSWORD {}", literal(password))).await
}

async fn role(admin: &Client, name: &str, attributes: &str) -> Result<(), MigrateError> {
    let exists = admin.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&name]).await?.is_some();
    let verb = if exists { "ALTER" } else { "CREATE" };
    Ok(admin
        .batch_execute(&format!("{verb} ROLE {name} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {attributes}"))
        .await?)
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

const CLUSTER: &str = "
GRANT keystead_owner, keystead_ctx, keystead_audit, keystead_derive TO keystead_migrate;
GRANT SET ON PARAMETER backtrace_functions TO keystead_ctx;
ALTER ROLE keystead_migrate SET lock_timeout = '1500ms';
ALTER ROLE keystead_app SET row_security = on;
ALTER ROLE keystead_app SET statement_timeout = '5s';
ALTER ROLE keystead_app SET lock_timeout = '2s';
ALTER ROLE keystead_app SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE keystead_app SET search_path = 'app';
ALTER ROLE keystead_app SET plan_cache_mode = force_generic_plan;
ALTER ROLE keystead_worker SET row_security = on;
ALTER ROLE keystead_worker SET statement_timeout = '30s';
ALTER ROLE keystead_worker SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE keystead_worker SET search_path = 'app';
ALTER ROLE keystead_platform SET statement_timeout = '5s';
ALTER ROLE keystead_platform SET lock_timeout = '2s';
ALTER ROLE keystead_platform SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE keystead_platform SET search_path = 'platform';
";

const DATABASE: &str = "
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
-- Anybody may end the sessions of their own role, which are all tenants' sessions; and locks and settings that outlive their
-- transaction would stay on a connection that others use next.
REVOKE EXECUTE ON FUNCTION pg_terminate_backend(integer, bigint), pg_cancel_backend(integer),
    pg_advisory_lock(bigint), pg_advisory_lock(integer, integer),
    pg_advisory_lock_shared(bigint), pg_advisory_lock_shared(integer, integer),
    pg_try_advisory_lock(bigint), pg_try_advisory_lock(integer, integer),
    pg_try_advisory_lock_shared(bigint), pg_try_advisory_lock_shared(integer, integer),
    set_config(text, text, boolean) FROM PUBLIC;
-- pg_dump sets the search path by it.
GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO keystead_ctx, keystead_backup;
GRANT CONNECT ON DATABASE {database}
    TO keystead_migrate, keystead_app, keystead_worker, keystead_platform, keystead_backup, keystead_audit_ro;
GRANT CREATE ON DATABASE {database} TO keystead_migrate;
CREATE SCHEMA IF NOT EXISTS history AUTHORIZATION keystead_migrate;
ALTER ROLE keystead_migrate IN DATABASE {database} SET search_path = 'history';
CREATE SCHEMA IF NOT EXISTS ctx AUTHORIZATION keystead_ctx;
CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION keystead_owner;
CREATE SCHEMA IF NOT EXISTS platform AUTHORIZATION keystead_owner;
CREATE SCHEMA IF NOT EXISTS identity AUTHORIZATION keystead_owner;
CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION keystead_audit;
ALTER DEFAULT PRIVILEGES FOR ROLE keystead_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE keystead_ctx REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE keystead_audit REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE keystead_derive REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
";
