//! The pools: one a role, private to this crate.

use std::{str::FromStr, sync::Arc, time::Duration};

use deadpool_postgres::{Manager, ManagerConfig, Pool, QueueMode, RecyclingMethod, Runtime};
use keystead_ids::{RequestId, TenantId};
use tokio_postgres::config::SslMode;

use crate::{
    DbError, PlatformDb, RootSecret, SystemJob, TenantGrant, TenantTx,
    context::ContextSigner,
    platform::WorkerDb,
    transfer::TenantSnapshot,
    turns::Turns,
    wire::{Patience, Wire},
};

/// Longest wait for a free connection, and for a new one.
const WAIT: Duration = Duration::from_secs(3);

/// A statement takes at most 5 s (`statement_timeout` of these roles): a server that is silent for longer is not there. And nobody
/// waits longer than 9 s, however many statements are answered together: that is a page that should be refused.
const PATIENCE: Patience = Patience { each: Duration::from_secs(6), all: Duration::from_secs(9) };

/// An export's statements take at most a minute (`TenantSnapshot`).
const SNAPSHOTS_PATIENCE: Patience = Patience { each: Duration::from_secs(65), all: Duration::from_mins(10) };

/// Those of background work take at most half a minute.
const JOBS_PATIENCE: Patience = Patience { each: Duration::from_secs(32), all: Duration::from_mins(5) };

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DatabaseUrls {
    /// `postgres://host:port/database`, without user: each role logs in with the password derived from the root secret.
    pub server: String,
    /// Connections for tenants' work.
    pub connections: usize,
    /// Connections for sign-up, sessions and operators.
    pub platform_connections: usize,
}

/// Every way to the database that the product has.
#[derive(Clone)]
pub struct Databases {
    tenants: TenantDb,
    snapshots: TenantDb,
    platform: PlatformDb,
    worker: WorkerDb,
}

#[derive(Clone)]
pub(crate) struct TenantDb {
    pub(crate) pool: Pool,
    pub(crate) turns: Turns,
    pub(crate) signer: Arc<ContextSigner>,
}

impl Databases {
    /// Prepares the pools; connections open on first use.
    ///
    /// # Errors
    /// [`DbError::Unreachable`] when the address does not parse, or asks for TLS, which these connections do not speak.
    pub fn open(urls: &DatabaseUrls, root: &RootSecret) -> Result<Self, DbError> {
        let pool = |role: &str, size: usize, patience| pool(urls, root, role, size, patience);
        let signer = Arc::new(ContextSigner::new(root));
        let of_tenants = |size, patience| {
            let (turns, signer) = (Turns::at(size), Arc::clone(&signer));
            Ok::<_, DbError>(TenantDb { pool: pool("keystead_app", size, patience)?, turns, signer })
        };
        Ok(Self {
            tenants: of_tenants(urls.connections, PATIENCE)?,
            snapshots: of_tenants(1, SNAPSHOTS_PATIENCE)?,
            platform: PlatformDb::new(pool("keystead_platform", urls.platform_connections, PATIENCE)?),
            worker: WorkerDb::new(pool("keystead_worker", 2, JOBS_PATIENCE)?),
        })
    }

    /// Begins work in a tenant. No connection is taken before the first query.
    pub fn begin(&self, grant: &TenantGrant) -> TenantTx {
        TenantTx::begin(&self.tenants, grant.clone())
    }

    /// Begins a job of the platform in a tenant.
    pub fn begin_job(&self, tenant: TenantId, job: SystemJob, request: RequestId) -> TenantTx {
        TenantTx::begin(&self.tenants, TenantGrant::system(tenant, job, request, 0))
    }

    /// The tenant as it stands now, whole, for an export.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn snapshot(&self, tenant: TenantId, request: RequestId) -> Result<TenantSnapshot, DbError> {
        TenantSnapshot::open(&self.snapshots, &TenantGrant::system(tenant, SystemJob::Export, request, 0)).await
    }

    /// What crosses tenants.
    #[must_use]
    pub const fn platform(&self) -> &PlatformDb {
        &self.platform
    }

    /// Background work.
    #[must_use]
    pub const fn worker(&self) -> &WorkerDb {
        &self.worker
    }
}

fn pool(urls: &DatabaseUrls, root: &RootSecret, role: &str, size: usize, patience: Patience) -> Result<Pool, DbError> {
    let mut config = tokio_postgres::Config::from_str(&urls.server).map_err(|_| DbError::Unreachable)?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(DbError::Unreachable);
    }
    config.user(role).password(root.role_password(role)).application_name(role);
    // A connection only ever comes back after a COMMIT or ROLLBACK that the server answered, and what ran on it was statements
    // on data (`TenantTx::prepare`), so no reset query is needed.
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(config, Wire { patience }, recycling);
    Pool::builder(manager)
        .max_size(size)
        // The connection that was used last: its backend's caches are the warmest.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .build()
        .map_err(|_| DbError::Unreachable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_asks_for_tls_is_refused_at_once() {
        let root = RootSecret::from_hex(&"5a".repeat(32)).expect("a secret");
        let open = |mode: &str| {
            let server = format!("postgres://localhost:5432/keystead?sslmode={mode}");
            Databases::open(&DatabaseUrls { server, connections: 1, platform_connections: 1 }, &root).map(drop)
        };
        assert!(matches!(open("require"), Err(DbError::Unreachable)));
        assert!(open("prefer").is_ok());
    }
}
