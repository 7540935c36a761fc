//! What operators decide about a tenant: its plan and limits, and whether it may work at all.

use chrono::{DateTime, Utc};
use keystead_ids::{IdentityId, TenantId};
use serde_json::json;
use tokio_postgres::{Row, Transaction};

use super::{signups::event, tenants::Terms};
use crate::{DbError, PlatformDb};

impl PlatformDb {
    /// Sets plan and limits; false when they changed since `terms.version`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_terms(
        &self,
        id: TenantId,
        terms: &Terms,
        by: IdentityId,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let Terms { version, plan, limits } = terms;
        let sql = "UPDATE platform.tenants SET plan = $3, max_members = $4, max_projects = $5, max_file_bytes = $6,
                terms_version = terms_version + 1
            WHERE id = $1 AND terms_version = $2 RETURNING slug";
        let row = tx
            .query_opt(sql, &[&id.uuid(), version, plan, &limits.members, &limits.projects, &limits.file_bytes])
            .await?;
        let Some(row) = row else { return Ok(false) };
        let detail = json!({ "plan": plan, "members": limits.members, "projects": limits.projects, "file_bytes": limits.file_bytes });
        event(&*tx, now, Some(by), "tenant.terms_changed", id.uuid(), detail).await?;
        tx.commit().await?;
        self.tenants_by_slug.invalidate(row.get::<_, &str>(0)).await;
        Ok(true)
    }

    /// Shuts a tenant until it is resumed: nobody logs in, and every session of it ends. False unless it was active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn suspend_tenant(
        &self,
        id: TenantId,
        by: IdentityId,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "UPDATE platform.tenants SET state = 'suspended', suspended_at = $2, suspended_because = $3
            WHERE id = $1 AND state = 'active' RETURNING slug";
        let Some(row) = tx.query_opt(sql, &[&id.uuid(), &now, &reason]).await? else { return Ok(false) };
        let sessions = end_sessions(&tx, id, now).await?;
        event(&*tx, now, Some(by), "tenant.suspended", id.uuid(), json!({ "reason": reason })).await?;
        tx.commit().await?;
        self.forget(&sessions).await;
        self.tenants_by_slug.invalidate(row.get::<_, &str>(0)).await;
        Ok(true)
    }

    /// Opens a suspended tenant again; people log in anew. False unless it was suspended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_tenant(
        &self,
        id: TenantId,
        by: IdentityId,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "UPDATE platform.tenants SET state = 'active', suspended_at = NULL, suspended_because = NULL
            WHERE id = $1 AND state = 'suspended' RETURNING slug";
        let Some(row) = tx.query_opt(sql, &[&id.uuid()]).await? else { return Ok(false) };
        // A login that was under way when the tenant was suspended must not come alive now.
        let sessions = end_sessions(&tx, id, now).await?;
        event(&*tx, now, Some(by), "tenant.resumed", id.uuid(), json!({ "reason": reason })).await?;
        tx.commit().await?;
        self.forget(&sessions).await;
        self.tenants_by_slug.invalidate(row.get::<_, &str>(0)).await;
        Ok(true)
    }
}

/// Ends every session of a tenant; gives their ids.
async fn end_sessions(tx: &Transaction<'_>, id: TenantId, now: DateTime<Utc>) -> Result<Vec<Row>, DbError> {
    let sql = "UPDATE identity.sessions SET revoked_at = $2, revoked_because = 'the tenant was suspended'
        WHERE tenant_id = $1 AND revoked_at IS NULL RETURNING id";
    Ok(tx.query(sql, &[&id.uuid(), &now]).await?)
}
