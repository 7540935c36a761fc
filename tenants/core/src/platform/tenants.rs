//! Tenants and their provisioning.

use chrono::{DateTime, Utc};
use keystead_ids::{IdentityId, Slug, TenantId};
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    outbox::{QueuedMail, queue},
    signups::event,
};
use crate::{DbError, PlatformDb};

/// The steps that make a tenant usable, in order. Each is idempotent.
pub(super) const STEPS: [&str; 4] = ["kms_key", "data_keys", "workspace", "activate"];

/// Where a tenant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantState {
    /// Being made.
    Provisioning,
    /// In use.
    Active,
    /// Switched off by an operator.
    Suspended,
    /// Leaving: switched off, and its keys are being destroyed.
    Offboarding,
    /// Gone: nothing that was sealed for it opens.
    Offboarded,
}

impl TenantState {
    /// The stored and public name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Offboarding => "offboarding",
            Self::Offboarded => "offboarded",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Provisioning, Self::Active, Self::Suspended, Self::Offboarding, Self::Offboarded];
        all.into_iter().find(|state| state.name() == name)
    }
}

/// A builder on the platform.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its host label.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: TenantState,
    /// Its key in KMS, once made.
    pub kms_key: Option<String>,
    /// Rises when keys are shredded or disabled.
    pub key_epoch: u64,
    /// Where its files are, once chosen.
    pub storage_prefix: Option<String>,
    /// When it was approved.
    pub created_at: DateTime<Utc>,
    /// When it became usable.
    pub activated_at: Option<DateTime<Utc>>,
    /// When its keys were destroyed.
    pub offboarded_at: Option<DateTime<Utc>>,
    /// What operators decide about it.
    pub terms: Terms,
    /// Since when it is suspended, and why.
    pub suspended: Option<(DateTime<Utc>, String)>,
}

/// What operators decide about a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Rises with every change.
    pub version: i64,
    /// `trial`, `standard` or `scale`.
    pub plan: String,
    /// What it may have.
    pub limits: Limits,
}

impl Default for Terms {
    /// What a tenant starts with.
    fn default() -> Self {
        Self { version: 1, plan: "standard".to_owned(), limits: Limits::default() }
    }
}

/// What a tenant may have; none is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Members who were not removed, with those who are invited.
    pub members: Option<i64>,
    /// Projects.
    pub projects: Option<i64>,
    /// Bytes of files together.
    pub file_bytes: Option<i64>,
}

/// One step of a tenant's provisioning.
#[derive(Debug, Clone)]
pub struct ProvisioningStep {
    /// Its name.
    pub step: String,
    /// How often it was tried to the end.
    pub attempts: i32,
    /// When it was begun last.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was done.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

const COLUMNS: &str =
    "id, slug, name, state, kms_key, key_epoch, storage_prefix, created_at, activated_at, offboarded_at,
    terms_version, plan, max_members, max_projects, max_file_bytes, suspended_at, suspended_because";

impl PlatformDb {
    /// The tenant of a host label; believed for a few seconds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant_by_slug(&self, slug: &Slug) -> Result<Option<Tenant>, DbError> {
        if let Some(known) = self.tenants_by_slug.get(slug.as_str()).await {
            return Ok(known);
        }
        let sql = format!("SELECT {COLUMNS} FROM platform.tenants WHERE slug = $1");
        let db = self.connection().await?;
        let found = db.query_opt(&sql, &[&slug.as_str()]).await?.as_ref().map(tenant).transpose()?;
        // Absence is not remembered: a new builder's host works at once.
        if found.is_some() {
            self.tenants_by_slug.insert(slug.as_str().to_owned(), found.clone()).await;
        }
        Ok(found)
    }

    /// One tenant, from the database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>, DbError> {
        let sql = format!("SELECT {COLUMNS} FROM platform.tenants WHERE id = $1");
        self.connection().await?.query_opt(&sql, &[&id.uuid()]).await?.as_ref().map(tenant).transpose()
    }

    /// Tenants, newest first, below `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants(&self, before: Option<TenantId>, limit: i64) -> Result<Vec<Tenant>, DbError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM platform.tenants WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"
        );
        let rows = self.connection().await?.query(&sql, &[&before.map(Uuid::from), &limit]).await?;
        rows.iter().map(tenant).collect()
    }

    /// Tenants whose provisioning was begun and not finished.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished_tenants(&self) -> Result<Vec<TenantId>, DbError> {
        let sql = "SELECT id FROM platform.tenants WHERE state = 'provisioning' ORDER BY created_at LIMIT 100";
        let rows = self.connection().await?.query(sql, &[]).await?;
        Ok(rows.iter().map(|row| TenantId(row.get(0))).collect())
    }

    /// The applicant who becomes the tenant's first administrator: their login and name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn founder(&self, id: TenantId) -> Result<Option<(IdentityId, String, String)>, DbError> {
        let sql =
            "SELECT i.id, s.admin_name, s.email FROM platform.signups s JOIN identity.identities i ON i.email = s.email
            WHERE s.tenant_id = $1";
        let row = self.connection().await?.query_opt(sql, &[&id.uuid()]).await?;
        Ok(row.map(|row| (IdentityId(row.get(0)), row.get(1), row.get(2))))
    }

    /// The tenant's provisioning, step by step.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn provisioning_steps(&self, id: TenantId) -> Result<Vec<ProvisioningStep>, DbError> {
        let sql = "SELECT step, attempts, finished_at, error, started_at FROM platform.provisioning_steps WHERE tenant_id = $1 ORDER BY position";
        let rows = self.connection().await?.query(sql, &[&id.uuid()]).await?;
        let step = |row: &Row| ProvisioningStep {
            step: row.get(0),
            attempts: row.get(1),
            finished_at: row.get(2),
            error: row.get(3),
            started_at: row.get(4),
        };
        Ok(rows.iter().map(step).collect())
    }

    /// Records that a step is tried.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn step_began(&self, id: TenantId, step: &str, now: DateTime<Utc>) -> Result<(), DbError> {
        let sql =
            "UPDATE platform.provisioning_steps SET started_at = $3, error = NULL WHERE tenant_id = $1 AND step = $2";
        let db = self.connection().await?;
        let sql = db.prepare_cached(sql).await?;
        db.execute(&sql, &[&id.uuid(), &step, &now]).await?;
        Ok(())
    }

    /// Records how a step went.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn step_ended(
        &self,
        id: TenantId,
        step: &str,
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        // What one of two who try it at once has finished, the other's failure does not undo.
        let sql = "UPDATE platform.provisioning_steps SET attempts = attempts + 1,
                error = CASE WHEN finished_at IS NULL THEN $3 END,
                finished_at = coalesce(finished_at, CASE WHEN $3::text IS NULL THEN $4::timestamptz END)
            WHERE tenant_id = $1 AND step = $2";
        let db = self.connection().await?;
        let sql = db.prepare_cached(sql).await?;
        db.execute(&sql, &[&id.uuid(), &step, &error, &now]).await?;
        Ok(())
    }

    /// Keeps the name of the tenant's KMS key, and where its files go.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_kms_key(&self, id: TenantId, kms_key: &str, storage_prefix: &str) -> Result<(), DbError> {
        let sql = "UPDATE platform.tenants SET kms_key = coalesce(kms_key, $2), storage_prefix = coalesce(storage_prefix, $3) WHERE id = $1";
        self.connection().await?.execute(sql, &[&id.uuid(), &kms_key, &storage_prefix]).await?;
        Ok(())
    }

    /// Shuts a tenant that leaves: no session of it counts any more, and cached keys are of an epoch that is over. Repeating it
    /// changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_offboarding(
        &self,
        id: TenantId,
        by: IdentityId,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "UPDATE platform.tenants SET state = 'offboarding', key_epoch = key_epoch + 1,
                suspended_at = NULL, suspended_because = NULL
            WHERE id = $1 AND state IN ('active', 'suspended') RETURNING slug";
        let Some(row) = tx.query_opt(sql, &[&id.uuid()]).await? else { return Ok(()) };
        let sql = "UPDATE identity.sessions SET revoked_at = $2, revoked_because = 'the tenant left'
            WHERE tenant_id = $1 AND revoked_at IS NULL";
        tx.execute(sql, &[&id.uuid(), &now]).await?;
        let slug: String = row.get(0);
        event(&*tx, now, Some(by), "tenant.offboarding", id.uuid(), json!({ "slug": slug, "reason": reason })).await?;
        tx.commit().await?;
        self.tenants_by_slug.invalidate(&slug).await;
        Ok(())
    }

    /// Tenants whose offboarding was begun and not finished.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leaving_tenants(&self) -> Result<Vec<TenantId>, DbError> {
        let sql = "SELECT id FROM platform.tenants WHERE state = 'offboarding' ORDER BY id LIMIT 100";
        let rows = self.connection().await?.query(sql, &[]).await?;
        Ok(rows.iter().map(|row| TenantId(row.get(0))).collect())
    }

    /// Tenants that left at `since` or later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants_left_since(&self, since: DateTime<Utc>) -> Result<Vec<Tenant>, DbError> {
        let sql = format!("SELECT {COLUMNS} FROM platform.tenants WHERE offboarded_at >= $1 ORDER BY id");
        self.connection().await?.query(&sql, &[&since]).await?.iter().map(tenant).collect()
    }

    /// Records that nothing of a tenant opens any more, with the head of its audit chain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn offboarded(&self, id: TenantId, audit_head: &str, now: DateTime<Utc>) -> Result<(), DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "UPDATE platform.tenants SET state = 'offboarded', offboarded_at = $2
            WHERE id = $1 AND state = 'offboarding' RETURNING kms_key";
        if let Some(row) = tx.query_opt(sql, &[&id.uuid(), &now]).await? {
            let detail = json!({ "audit_head": audit_head, "kms_key": row.get::<_, Option<String>>(0) });
            event(&*tx, now, None, "tenant.offboarded", id.uuid(), detail).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Notes in the operators' trail that somebody took an export.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exported(&self, id: TenantId, audit_head: &str, now: DateTime<Utc>) -> Result<(), DbError> {
        let db = self.connection().await?;
        event(&**db, now, None, "tenant.exported", id.uuid(), json!({ "audit_head": audit_head })).await
    }

    /// Opens the tenant for use and tells its administrator, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activate(&self, id: TenantId, mail: &QueuedMail, now: DateTime<Utc>) -> Result<(), DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "UPDATE platform.tenants SET state = 'active', activated_at = $2 WHERE id = $1 AND state = 'provisioning' RETURNING slug";
        if let Some(row) = tx.query_opt(sql, &[&id.uuid(), &now]).await? {
            queue(&*tx, mail, now).await?;
            event(&*tx, now, None, "tenant.activated", id.uuid(), json!({ "slug": row.get::<_, String>(0) })).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn tenant(row: &Row) -> Result<Tenant, DbError> {
    let state = TenantState::named(row.get(3)).ok_or(DbError::Corrupt { table: "tenants", column: "state" })?;
    Ok(Tenant {
        id: TenantId(row.get(0)),
        slug: row.get(1),
        name: row.get(2),
        state,
        kms_key: row.get(4),
        key_epoch: row.get::<_, i64>(5).unsigned_abs(),
        storage_prefix: row.get(6),
        created_at: row.get(7),
        activated_at: row.get(8),
        offboarded_at: row.get(9),
        terms: Terms {
            version: row.get(10),
            plan: row.get(11),
            limits: Limits { members: row.get(12), projects: row.get(13), file_bytes: row.get(14) },
        },
        suspended: row.get::<_, Option<DateTime<Utc>>>(15).zip(row.get(16)),
    })
}
