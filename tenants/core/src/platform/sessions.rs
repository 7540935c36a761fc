//! Sessions, refresh tokens and the grants that sessions yield.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use keystead_ids::{
    IdentityId, InvitationId, MemberId, Permission, PermissionSet, ProjectId, RequestId, SessionId, TenantId,
};
use uuid::Uuid;

use super::tenants::Limits;
use crate::{Actor, DbError, PlatformDb, TenantGrant};

/// A live session with what it may do.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub identity: IdentityId,
    /// For greetings.
    pub name: String,
    /// Lower case.
    pub email: String,
    /// Where it may act.
    pub scope: SessionScope,
}

/// Where a session may act.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one a request, and nearly always the large one")]
pub enum SessionScope {
    /// In one tenant.
    Tenant {
        /// The tenant's host label.
        slug: String,
        /// The tenant's name.
        tenant_name: String,
        /// The role's key.
        role: String,
        /// What the person chose for themselves.
        profile: Profile,
        /// What the tenant may have.
        limits: Limits,
        /// Where the tenant's files are.
        storage_prefix: String,
        /// What it may see.
        grant: TenantGrant,
    },
    /// In the operator console.
    Operator,
}

/// What a member changes about themselves.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The member's version; the ETag.
    pub version: i64,
    /// The name among colleagues.
    pub name: String,
    /// Language and region; none is as the tenant has it.
    pub locale: Option<String>,
    /// IANA time zone; none is as the tenant has it.
    pub time_zone: Option<String>,
}

/// A membership, as a login needs it.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The member.
    pub member: MemberId,
    /// The role's key.
    pub role: String,
    /// May it be used?
    pub active: bool,
}

/// A session to open.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub identity: IdentityId,
    /// The password that the person gave, by its version.
    pub password_version: i64,
    /// The tenant and member; `None` for an operator.
    pub member: Option<(TenantId, MemberId)>,
    /// Hash of the first refresh token.
    pub refresh_hash: [u8; 32],
    /// The session ends at the latest then.
    pub expires_at: DateTime<Utc>,
    /// It ends after this long without a refresh.
    pub idle: Duration,
    /// What the client says that it is, at most 300 characters.
    pub user_agent: Option<String>,
    /// The network that it logs in from.
    pub network: Option<String>,
}

/// What presenting a refresh token came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// The token was good and is used up; its successor stands.
    Rotated(SessionId),
    /// The token had been used before, beyond the grace: the session is revoked.
    Reused(SessionId),
    /// Unknown, expired or of an ended session.
    Refused,
}

/// An invitation as its redemption needs it.
#[derive(Debug, Clone)]
pub struct OpenInvitation {
    /// Its id.
    pub id: InvitationId,
    /// The inviting tenant.
    pub tenant: TenantId,
    /// Who is invited; lower case.
    pub email: String,
}

/// A client that lost the answer may ask again this soon and gets the same successor.
const REFRESH_GRACE_SECONDS: i64 = 10;

impl PlatformDb {
    /// The membership of a login in a tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn membership(&self, tenant: TenantId, identity: IdentityId) -> Result<Option<Membership>, DbError> {
        let sql = "SELECT m.id, m.state = 'active', r.key FROM app.members m
            JOIN app.roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id WHERE m.tenant_id = $1 AND m.identity_id = $2";
        let row = self.connection().await?.query_opt(sql, &[&tenant.uuid(), &identity.uuid()]).await?;
        Ok(row.map(|row| Membership { member: MemberId(row.get(0)), active: row.get(1), role: row.get(2) }))
    }

    /// Opens a session with its first refresh token; false when the password is another one since it was given, or when it is the
    /// console's and the person no operator any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_session(&self, new: &NewSession, now: DateTime<Utc>) -> Result<bool, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        // Whoever chooses another password now, or takes the console away, waits until this session is there to be ended, or is
        // waited for.
        let sql = "SELECT 1 FROM identity.identities WHERE id = $1 AND password_version = $2
            AND ($3::uuid IS NOT NULL OR is_operator) FOR SHARE";
        let (tenant, member) = new.member.map(|(tenant, member)| (tenant.uuid(), member.uuid())).unzip();
        if tx.query_opt(sql, &[&new.identity.uuid(), &new.password_version, &tenant]).await?.is_none() {
            return Ok(false);
        }
        let idle = i32::try_from(new.idle.num_seconds()).unwrap_or(i32::MAX);
        tx.execute(
            "INSERT INTO identity.sessions (id, identity_id, tenant_id, member_id, created_at, last_used_at, expires_at, idle_seconds,
                user_agent, network)
            VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9)",
            &[
                &new.id.uuid(),
                &new.identity.uuid(),
                &tenant,
                &member,
                &now,
                &new.expires_at,
                &idle,
                &new.user_agent,
                &new.network,
            ],
        )
        .await?;
        insert_refresh(&tx, &new.refresh_hash, new.id, now, new.expires_at.min(now + new.idle)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Uses up a refresh token. `successor` is derived from the presented token, so that a repeat within the grace finds
    /// the same one. Reuse after that revokes the session (RFC 9700, 4.14.2).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rotate_refresh(
        &self,
        presented: &[u8; 32],
        successor: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<RefreshOutcome, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "SELECT t.session_id, t.used_at, s.expires_at,
                s.revoked_at IS NULL AND s.expires_at > $2 AND t.expires_at > $2, s.idle_seconds
            FROM identity.refresh_tokens t JOIN identity.sessions s ON s.id = t.session_id WHERE t.hash = $1 FOR UPDATE";
        let Some(row) = tx.query_opt(sql, &[&presented.as_slice(), &now]).await? else {
            return Ok(RefreshOutcome::Refused);
        };
        let session = SessionId(row.get(0));
        let (used_at, ends_at, live): (Option<DateTime<Utc>>, DateTime<Utc>, bool) =
            (row.get(1), row.get(2), row.get(3));
        if !live {
            return Ok(RefreshOutcome::Refused);
        }
        let outcome = match used_at {
            None => {
                tx.execute(
                    "UPDATE identity.refresh_tokens SET used_at = $2 WHERE hash = $1",
                    &[&presented.as_slice(), &now],
                )
                .await?;
                insert_refresh(
                    &tx,
                    successor,
                    session,
                    now,
                    ends_at.min(now + Duration::seconds(i64::from(row.get::<_, i32>(4)))),
                )
                .await?;
                tx.execute("UPDATE identity.sessions SET last_used_at = $2 WHERE id = $1", &[&session.uuid(), &now])
                    .await?;
                RefreshOutcome::Rotated(session)
            }
            Some(used) if now - used <= Duration::seconds(REFRESH_GRACE_SECONDS) && unused(&tx, successor).await? => {
                RefreshOutcome::Rotated(session)
            }
            Some(_) => {
                revoke(&*tx, session, "refresh token reused", now).await?;
                RefreshOutcome::Reused(session)
            }
        };
        tx.commit().await?;
        if matches!(outcome, RefreshOutcome::Reused(_)) {
            self.sessions.invalidate(&session).await;
        }
        Ok(outcome)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_session(&self, id: SessionId, because: &str, now: DateTime<Utc>) -> Result<(), DbError> {
        let db = self.connection().await?;
        revoke(&**db, id, because, now).await?;
        self.sessions.invalidate(&id).await;
        Ok(())
    }

    /// Ends every session of a member.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_member(
        &self,
        tenant: TenantId,
        member: MemberId,
        because: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let sql = "UPDATE identity.sessions SET revoked_at = $4, revoked_because = $3
            WHERE tenant_id = $1 AND member_id = $2 AND revoked_at IS NULL RETURNING id";
        let rows = self.connection().await?.query(sql, &[&tenant.uuid(), &member.uuid(), &because, &now]).await?;
        self.forget(&rows).await;
        Ok(())
    }

    /// The live session with this id and its grant; believed for at most five seconds, which bounds how long a revocation
    /// takes to bite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<Arc<Session>>, DbError> {
        let found = self.sessions.try_get_with(id, async { Ok(self.load_session(id, now).await?.map(Arc::new)) }).await;
        found.map_err(|error: Arc<DbError>| match &*error {
            DbError::Busy => DbError::Busy,
            DbError::Crowded => DbError::Crowded,
            DbError::Conversion(what) => DbError::Conversion(what),
            DbError::Refused(refusal) => DbError::Refused(refusal.clone()),
            DbError::Corrupt { table, column } => DbError::Corrupt { table, column },
            DbError::Unreachable | DbError::NotOnData | DbError::Unreadable(_) | DbError::Occupied => {
                DbError::Unreachable
            }
        })
    }

    pub(super) async fn load_session(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<Session>, DbError> {
        let sql = "SELECT s.identity_id, i.name, i.email, i.is_operator, s.tenant_id, s.member_id,
                m.name, m.all_projects, r.key, r.permissions, t.slug, t.name, t.key_epoch, t.storage_prefix,
                ARRAY(SELECT p.project_id FROM app.member_projects p WHERE p.tenant_id = m.tenant_id AND p.member_id = m.id),
                m.row_version, m.locale, m.time_zone,
                t.max_members, t.max_projects, t.max_file_bytes
            FROM identity.sessions s
            JOIN identity.identities i ON i.id = s.identity_id
            LEFT JOIN platform.tenants t ON t.id = s.tenant_id AND t.state = 'active'
            LEFT JOIN app.members m ON m.tenant_id = t.id AND m.id = s.member_id AND m.state = 'active'
            LEFT JOIN app.roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
            WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
                AND (s.tenant_id IS NULL AND i.is_operator OR r.id IS NOT NULL)";
        let db = self.connection().await?;
        let sql = db.prepare_cached(sql).await?;
        let Some(row) = db.query_opt(&sql, &[&id.uuid(), &now]).await? else { return Ok(None) };
        let name = row.get::<_, Option<String>>(6).unwrap_or_else(|| row.get(1));
        let scope = match row.get::<_, Option<Uuid>>(4) {
            None => SessionScope::Operator,
            Some(tenant) => SessionScope::Tenant {
                slug: row.get(10),
                tenant_name: row.get(11),
                role: row.get(8),
                profile: Profile {
                    version: row.get(15),
                    name: name.clone(),
                    locale: row.get(16),
                    time_zone: row.get(17),
                },
                limits: Limits { members: row.get(18), projects: row.get(19), file_bytes: row.get(20) },
                storage_prefix: row.get::<_, Option<String>>(13).unwrap_or_default(),
                grant: TenantGrant {
                    tenant: TenantId(tenant),
                    actor: Actor::Member(MemberId(row.get(5))),
                    permissions: permissions(row.get(9))?,
                    projects: (!row.get::<_, bool>(7))
                        .then(|| row.get::<_, Vec<Uuid>>(14).into_iter().map(ProjectId).collect()),
                    request: RequestId(Uuid::nil()),
                    key_epoch: row.get::<_, i64>(12).unsigned_abs(),
                },
            },
        };
        Ok(Some(Session { id, identity: IdentityId(row.get(0)), name, email: row.get(2), scope }))
    }

    /// The open, unexpired invitation with this token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitation_by_token(
        &self,
        token_hash: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<OpenInvitation>, DbError> {
        let sql = "SELECT n.id, n.tenant_id, n.email FROM app.invitations n
            JOIN app.members m ON m.tenant_id = n.tenant_id AND m.id = n.invited_by AND m.state = 'active'
            JOIN app.roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id AND 'members.manage' = ANY (r.permissions)
            WHERE n.token_hash = $1 AND n.state = 'open' AND n.expires_at > $2";
        let row = self.connection().await?.query_opt(sql, &[&token_hash.as_slice(), &now]).await?;
        Ok(row.map(|row| OpenInvitation {
            id: InvitationId(row.get(0)),
            tenant: TenantId(row.get(1)),
            email: row.get(2),
        }))
    }
}

fn permissions(names: Vec<String>) -> Result<PermissionSet, DbError> {
    let parsed: Result<PermissionSet, _> = names.iter().map(|name| name.parse::<Permission>()).collect();
    parsed.map_err(|_| DbError::Corrupt { table: "roles", column: "permissions" })
}

async fn insert_refresh(
    tx: &tokio_postgres::Transaction<'_>,
    hash: &[u8; 32],
    session: SessionId,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let sql = "INSERT INTO identity.refresh_tokens (hash, session_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, &[&hash.as_slice(), &session.uuid(), &now, &expires_at]).await?;
    Ok(())
}

async fn unused(tx: &tokio_postgres::Transaction<'_>, hash: &[u8; 32]) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM identity.refresh_tokens WHERE hash = $1 AND used_at IS NULL";
    Ok(tx.query_opt(sql, &[&hash.as_slice()]).await?.is_some())
}

async fn revoke(
    db: &impl tokio_postgres::GenericClient,
    id: SessionId,
    because: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let sql = "UPDATE identity.sessions SET revoked_at = $3, revoked_because = $2 WHERE id = $1 AND revoked_at IS NULL";
    db.execute(sql, &[&id.uuid(), &because, &now]).await?;
    Ok(())
}
