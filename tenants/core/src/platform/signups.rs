//! Applications to open a tenant.

use chrono::{DateTime, Utc};
use keystead_ids::{IdentityId, SignupId, TenantId};
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    identities::{NewIdentity, ensure_identity},
    outbox::{QueuedMail, queue},
    tenants::STEPS,
};
use crate::{DbError, PlatformDb, Refused};

/// An application as it comes in.
#[derive(Debug, Clone)]
pub struct NewSignup {
    /// Its id.
    pub id: SignupId,
    /// The host name that the builder wants.
    pub slug: String,
    /// The builder.
    pub company_name: String,
    /// The first administrator.
    pub admin_name: String,
    /// Where the administrator is reached; lower case.
    pub email: String,
    /// PHC string.
    pub password_hash: String,
    /// Hash of the token in the verification link.
    pub token_hash: [u8; 32],
    /// Unverified after this, the slug is free again.
    pub expires_at: DateTime<Utc>,
}

/// Where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignupState {
    /// The address is not verified yet.
    Unverified,
    /// Waits for an operator.
    Verified,
    /// Became a tenant.
    Approved,
    /// Was turned down.
    Rejected,
}

impl SignupState {
    /// The stored and public name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Verified => "verified",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    fn read(name: &str) -> Result<Self, DbError> {
        [Self::Unverified, Self::Verified, Self::Approved, Self::Rejected]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or(DbError::Corrupt { table: "signups", column: "state" })
    }
}

/// An application.
#[derive(Debug, Clone)]
pub struct Signup {
    /// Its id.
    pub id: SignupId,
    /// The wanted host name.
    pub slug: String,
    /// The builder.
    pub company_name: String,
    /// The first administrator.
    pub admin_name: String,
    /// Lower case.
    pub email: String,
    /// Where it stands.
    pub state: SignupState,
    /// The tenant that it became.
    pub tenant: Option<TenantId>,
    /// When it came in.
    pub created_at: DateTime<Utc>,
}

/// Somebody has this slug, or is applying for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlugTaken;

const COLUMNS: &str = "id, slug, company_name, admin_name, email, state, tenant_id, created_at";

impl PlatformDb {
    /// Records an application and queues its verification mail, both or neither.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_signup(
        &self,
        new: &NewSignup,
        mail: &QueuedMail,
        now: DateTime<Utc>,
    ) -> Result<Result<(), SlugTaken>, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        tx.execute(
            "DELETE FROM platform.signups WHERE slug = $1 AND state = 'unverified' AND expires_at < $2",
            &[&new.slug, &now],
        )
        .await?;
        let sql = "INSERT INTO platform.signups
                (id, slug, company_name, admin_name, email, password_hash, token_hash, expires_at, created_at, state)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, 'unverified'
            WHERE NOT EXISTS (SELECT 1 FROM platform.tenants WHERE slug = $2)";
        let inserted = tx
            .execute(
                sql,
                &[
                    &new.id.uuid(),
                    &new.slug,
                    &new.company_name,
                    &new.admin_name,
                    &new.email,
                    &new.password_hash,
                    &new.token_hash.as_slice(),
                    &new.expires_at,
                    &now,
                ],
            )
            .await
            .map_err(DbError::from);
        match inserted {
            Ok(1) => {}
            Ok(_) => return Ok(Err(SlugTaken)),
            Err(error) if error.refusal().is_some_and(|r| r.violates("signups_slug_promised")) => {
                return Ok(Err(SlugTaken));
            }
            Err(error) => return Err(error),
        }
        queue(&*tx, mail, now).await?;
        event(&*tx, now, None, "signup.received", new.id.uuid(), json!({ "slug": new.slug })).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }

    /// Marks the address of the application with this token as verified. Repeating it is harmless.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_signup(&self, token_hash: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Signup>, DbError> {
        let sql = format!(
            "UPDATE platform.signups SET verified_at = coalesce(verified_at, $2),
                state = CASE state WHEN 'unverified' THEN 'verified' ELSE state END
            WHERE token_hash = $1 AND (state <> 'unverified' OR expires_at > $2) RETURNING {COLUMNS}"
        );
        self.connection()
            .await?
            .query_opt(&sql, &[&token_hash.as_slice(), &now])
            .await?
            .as_ref()
            .map(signup)
            .transpose()
    }

    /// One application.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signup(&self, id: SignupId) -> Result<Option<Signup>, DbError> {
        let sql = format!("SELECT {COLUMNS} FROM platform.signups WHERE id = $1");
        self.connection().await?.query_opt(&sql, &[&id.uuid()]).await?.as_ref().map(signup).transpose()
    }

    /// Applications, newest first, below `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signups(&self, before: Option<SignupId>, limit: i64) -> Result<Vec<Signup>, DbError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM platform.signups WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"
        );
        let rows = self.connection().await?.query(&sql, &[&before.map(Uuid::from), &limit]).await?;
        rows.iter().map(signup).collect()
    }

    /// Approves a verified application: login, tenant (still being provisioned) and its steps, at once. Approving twice
    /// answers with the same tenant. `None` when the application does not exist or is not verified.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn approve_signup(
        &self,
        id: SignupId,
        by: Option<IdentityId>,
        fresh: (TenantId, IdentityId),
        now: DateTime<Utc>,
    ) -> Result<Option<TenantId>, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = format!("SELECT {COLUMNS}, password_hash FROM platform.signups WHERE id = $1 FOR UPDATE");
        let Some(row) = tx.query_opt(&sql, &[&id.uuid()]).await? else { return Ok(None) };
        let application = signup(&row)?;
        match application.state {
            SignupState::Approved => return Ok(application.tenant),
            SignupState::Verified => {}
            SignupState::Unverified | SignupState::Rejected => return Ok(None),
        }
        let (tenant, identity) = fresh;
        let login = NewIdentity {
            id: identity,
            email: application.email,
            name: application.admin_name,
            password_hash: row.get(8),
        };
        ensure_identity(&*tx, &login, now).await?;
        tx.execute(
            "INSERT INTO platform.tenants (id, slug, name, state, created_at) VALUES ($1, $2, $3, 'provisioning', $4)",
            &[&tenant.uuid(), &application.slug, &application.company_name, &now],
        )
        .await?;
        tx.execute(
            "INSERT INTO platform.provisioning_steps (tenant_id, step, position)
            SELECT $1, step, position FROM unnest($2::text[]) WITH ORDINALITY AS s (step, position)",
            &[&tenant.uuid(), &STEPS.as_slice()],
        )
        .await?;
        tx.execute(
            "UPDATE platform.signups SET state = 'approved', tenant_id = $2, decided_by = $3, decided_at = $4 WHERE id = $1",
            &[&id.uuid(), &tenant.uuid(), &by.map(Uuid::from), &now],
        )
        .await?;
        event(&*tx, now, by, "signup.approved", id.uuid(), json!({ "tenant": tenant.to_string() })).await?;
        tx.commit().await?;
        Ok(Some(tenant))
    }

    /// Turns an application down; false when it is not open any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reject_signup(
        &self,
        id: SignupId,
        by: IdentityId,
        note: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "UPDATE platform.signups SET state = 'rejected', decided_by = $2, decision_note = $3, decided_at = $4
            WHERE id = $1 AND state IN ('unverified', 'verified')";
        let changed = tx.execute(sql, &[&id.uuid(), &by.uuid(), &note, &now]).await? == 1;
        if changed {
            event(&*tx, now, Some(by), "signup.rejected", id.uuid(), json!({})).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }
}

/// Writes to the operators' trail.
pub(super) async fn event(
    db: &impl tokio_postgres::GenericClient,
    now: DateTime<Utc>,
    actor: Option<IdentityId>,
    action: &str,
    object: Uuid,
    detail: serde_json::Value,
) -> Result<(), DbError> {
    let sql = "INSERT INTO platform.events (id, at, actor, action, object_id, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    let id: Uuid = crate::Clock::system().id();
    db.execute(sql, &[&id, &now, &actor.map(Uuid::from), &action, &object, &detail]).await?;
    Ok(())
}

fn signup(row: &Row) -> Result<Signup, DbError> {
    Ok(Signup {
        id: SignupId(row.get(0)),
        slug: row.get(1),
        company_name: row.get(2),
        admin_name: row.get(3),
        email: row.get(4),
        state: SignupState::read(row.get(5))?,
        tenant: row.get::<_, Option<Uuid>>(6).map(TenantId),
        created_at: row.get(7),
    })
}
