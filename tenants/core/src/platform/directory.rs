//! What the edge routes by, and what it must not let in any more.

use chrono::{DateTime, Utc};
use keystead_ids::{DomainId, IdentityId, SessionId, TenantId};
use serde_json::json;
use tokio_postgres::Row;

use super::signups::event;
use crate::{DbError, PlatformDb, Refused};

/// Every tenant and domain that is to be reached, as of one epoch.
#[derive(Debug, Clone)]
pub struct DirectoryRows {
    /// Rises with every change.
    pub epoch: u64,
    /// Tenants in use.
    pub tenants: Vec<RoutedTenant>,
    /// Verified domains of theirs.
    pub domains: Vec<(String, TenantId)>,
}

/// A tenant as the edge knows it.
#[derive(Debug, Clone)]
pub struct RoutedTenant {
    /// Its id.
    pub id: TenantId,
    /// Its host label.
    pub slug: String,
    /// The name of its plan.
    pub plan: String,
    /// It is on its way to another cell.
    pub moving: bool,
    /// The epoch of its last change.
    pub route_epoch: u64,
}

/// A builder's own domain.
#[derive(Debug, Clone)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// Whose it is, or who says so.
    pub tenant: TenantId,
    /// The whole host, in lower case.
    pub host: String,
    /// What a TXT record has to say.
    pub challenge: String,
    /// When it was claimed.
    pub created_at: DateTime<Utc>,
    /// When DNS said so.
    pub verified_at: Option<DateTime<Utc>>,
}

/// The tenant claims this domain already, or another has verified it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DomainTaken;

const DOMAIN: &str = "id, tenant_id, host, challenge, created_at, verified_at";

impl PlatformDb {
    /// The directory's epoch.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn directory_epoch(&self) -> Result<u64, DbError> {
        let db = self.connection().await?;
        let sql = db.prepare_cached("SELECT epoch FROM platform.directory").await?;
        Ok(db.query_one(&sql, &[]).await?.get::<_, i64>(0).unsigned_abs())
    }

    /// The directory, in one snapshot.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn directory(&self) -> Result<DirectoryRows, DbError> {
        let mut db = self.connection().await?;
        let repeatable = tokio_postgres::IsolationLevel::RepeatableRead;
        let tx = db.build_transaction().isolation_level(repeatable).read_only(true).start().await?;
        let epoch: i64 = tx.query_one("SELECT epoch FROM platform.directory", &[]).await?.get(0);
        let sql = "SELECT id, slug, plan, moving, route_epoch FROM platform.tenants WHERE state = 'active' ORDER BY id";
        let tenants = tx.query(sql, &[]).await?;
        let sql = "SELECT d.host, d.tenant_id FROM platform.domains d
            JOIN platform.tenants t ON t.id = d.tenant_id AND t.state = 'active' WHERE d.verified_at IS NOT NULL ORDER BY d.host";
        let domains = tx.query(sql, &[]).await?;
        tx.commit().await?;
        let routed = |row: &Row| RoutedTenant {
            id: TenantId(row.get(0)),
            slug: row.get(1),
            plan: row.get(2),
            moving: row.get(3),
            route_epoch: row.get::<_, i64>(4).unsigned_abs(),
        };
        Ok(DirectoryRows {
            epoch: epoch.unsigned_abs(),
            tenants: tenants.iter().map(routed).collect(),
            domains: domains.iter().map(|row| (row.get(0), TenantId(row.get(1)))).collect(),
        })
    }

    /// Puts a tenant on a plan: `trial`, `standard` or `scale`.
    ///
    /// # Errors
    /// When the database fails, or there is no such plan.
    pub async fn set_plan(&self, id: TenantId, plan: &str) -> Result<(), DbError> {
        let sql = "UPDATE platform.tenants SET plan = $2 WHERE id = $1";
        self.connection().await?.execute(sql, &[&id.uuid(), &plan]).await?;
        Ok(())
    }

    /// Says that a tenant is being moved to another cell, or not any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_moving(&self, id: TenantId, moving: bool) -> Result<(), DbError> {
        let sql = "UPDATE platform.tenants SET moving = $2 WHERE id = $1";
        self.connection().await?.execute(sql, &[&id.uuid(), &moving]).await?;
        Ok(())
    }

    /// Sessions that were ended since `time`, and tenants whose tokens were voided since then, each with its time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoked_since(
        &self,
        time: DateTime<Utc>,
    ) -> Result<(Vec<(SessionId, DateTime<Utc>)>, Vec<(TenantId, DateTime<Utc>)>), DbError> {
        let db = self.connection().await?;
        let sql = db.prepare_cached("SELECT id, revoked_at FROM identity.sessions WHERE revoked_at >= $1").await?;
        let sessions = db.query(&sql, &[&time]).await?;
        let sql = "SELECT id, tokens_void_before FROM platform.tenants WHERE tokens_void_before >= $1";
        let sql = db.prepare_cached(sql).await?;
        let tenants = db.query(&sql, &[&time]).await?;
        Ok((
            sessions.iter().map(|row| (SessionId(row.get(0)), row.get(1))).collect(),
            tenants.iter().map(|row| (TenantId(row.get(0)), row.get(1))).collect(),
        ))
    }

    /// Notes that a tenant claims a domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_domain(
        &self,
        domain: &Domain,
        by: Option<IdentityId>,
    ) -> Result<Result<(), DomainTaken>, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "INSERT INTO platform.domains (id, tenant_id, host, challenge, created_at)
            SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM platform.domains WHERE host = $3 AND verified_at IS NOT NULL)
            ON CONFLICT (tenant_id, host) DO NOTHING";
        let Domain { id, tenant, host, challenge, created_at, .. } = domain;
        let made = tx.execute(sql, &[&id.uuid(), &tenant.uuid(), host, challenge, created_at]).await?;
        if made == 0 {
            return Ok(Err(DomainTaken));
        }
        event(&*tx, *created_at, by, "domain.claimed", tenant.uuid(), json!({ "host": host })).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// A tenant's domains, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domains(&self, tenant: TenantId) -> Result<Vec<Domain>, DbError> {
        let sql = format!("SELECT {DOMAIN} FROM platform.domains WHERE tenant_id = $1 ORDER BY id LIMIT 100");
        Ok(self.connection().await?.query(&sql, &[&tenant.uuid()]).await?.iter().map(domain).collect())
    }

    /// A domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domain(&self, id: DomainId) -> Result<Option<Domain>, DbError> {
        let sql = format!("SELECT {DOMAIN} FROM platform.domains WHERE id = $1");
        Ok(self.connection().await?.query_opt(&sql, &[&id.uuid()]).await?.as_ref().map(domain))
    }

    /// Notes that DNS names the tenant: from now on the edge routes the domain to it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domain_verified(
        &self,
        id: DomainId,
        by: Option<IdentityId>,
        now: DateTime<Utc>,
    ) -> Result<Result<(), DomainTaken>, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "UPDATE platform.domains SET verified_at = $2 WHERE id = $1 AND verified_at IS NULL RETURNING tenant_id, host";
        match tx.query_opt(sql, &[&id.uuid(), &now]).await.map_err(DbError::from) {
            Ok(None) => return Ok(Ok(())),
            Ok(Some(row)) => {
                let detail = json!({ "host": row.get::<_, String>(1) });
                event(&*tx, now, by, "domain.verified", row.get(0), detail).await?;
            }
            Err(error) if error.refusal().is_some_and(|refusal| refusal.violates("domains_verified")) => {
                return Ok(Err(DomainTaken));
            }
            Err(error) => return Err(error),
        }
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// Lets a domain go. Repeating it is harmless.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_domain(&self, id: DomainId, by: Option<IdentityId>, now: DateTime<Utc>) -> Result<(), DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "DELETE FROM platform.domains WHERE id = $1 RETURNING tenant_id, host";
        if let Some(row) = tx.query_opt(sql, &[&id.uuid()]).await? {
            let detail = json!({ "host": row.get::<_, String>(1) });
            event(&*tx, now, by, "domain.removed", row.get(0), detail).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn domain(row: &Row) -> Domain {
    Domain {
        id: DomainId(row.get(0)),
        tenant: TenantId(row.get(1)),
        host: row.get(2),
        challenge: row.get(3),
        created_at: row.get(4),
        verified_at: row.get(5),
    }
}
