//! A person's own sessions, and their password.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use keystead_ids::{SessionId, TenantId};
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{Identity, Session, SessionScope, signups::event};
use crate::{DbError, PlatformDb};

/// A live session, as its owner sees it.
#[derive(Debug, Clone)]
pub struct Device {
    /// The session.
    pub id: SessionId,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was opened or last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// What the client said that it was.
    pub user_agent: Option<String>,
    /// The network that it logged in from.
    pub network: Option<String>,
}

/// The sessions `s` of the person $1 at the place $2, a tenant or, without one, the console, that live at $3.
const LIVE: &str = "s.identity_id = $1 AND s.tenant_id IS NOT DISTINCT FROM $2::uuid AND s.revoked_at IS NULL
    AND s.expires_at > $3 AND s.last_used_at + make_interval(secs => s.idle_seconds) > $3";

impl Session {
    fn place(&self) -> Option<TenantId> {
        match &self.scope {
            SessionScope::Tenant { grant, .. } => Some(grant.tenant()),
            SessionScope::Operator => None,
        }
    }
}

impl PlatformDb {
    /// The live sessions of `mine`'s owner at the same place, newest first, below `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn devices(
        &self,
        mine: &Session,
        before: Option<SessionId>,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Device>, DbError> {
        let sql = format!(
            "SELECT s.id, s.created_at, s.last_used_at, s.user_agent, s.network FROM identity.sessions s
            WHERE {LIVE} AND ($4::uuid IS NULL OR s.id < $4) ORDER BY s.id DESC LIMIT $5"
        );
        let (place, before) = (mine.place().map(Uuid::from), before.map(Uuid::from));
        let db = self.connection().await?;
        let sql = db.prepare_cached(&sql).await?;
        let rows = db.query(&sql, &[&mine.identity.uuid(), &place, &now, &before, &limit]).await?;
        let device = |row: &Row| Device {
            id: SessionId(row.get(0)),
            created_at: row.get(1),
            last_used_at: row.get(2),
            user_agent: row.get(3),
            network: row.get(4),
        };
        Ok(rows.iter().map(device).collect())
    }

    /// Ends one live session of `mine`'s owner at the same place; false when there is none with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_device(&self, mine: &Session, id: SessionId, now: DateTime<Utc>) -> Result<bool, DbError> {
        let sql = format!(
            "UPDATE identity.sessions s SET revoked_at = $3, revoked_because = 'ended by its owner' WHERE {LIVE} AND s.id = $4"
        );
        let place = mine.place().map(Uuid::from);
        let ended = self.connection().await?.execute(&sql, &[&mine.identity.uuid(), &place, &now, &id.uuid()]).await?;
        self.sessions.invalidate(&id).await;
        Ok(ended > 0)
    }

    /// Ends every session of `mine`'s owner at the same place but `mine`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_other_devices(&self, mine: &Session, now: DateTime<Utc>) -> Result<(), DbError> {
        let sql = format!(
            "UPDATE identity.sessions s SET revoked_at = $3, revoked_because = 'ended by its owner'
            WHERE {LIVE} AND s.id <> $4 RETURNING s.id"
        );
        let place = mine.place().map(Uuid::from);
        let rows =
            self.connection().await?.query(&sql, &[&mine.identity.uuid(), &place, &now, &mine.id.uuid()]).await?;
        self.forget(&rows).await;
        Ok(())
    }

    /// Sets a new password in the place of the one that `proven` was read with, and ends every other session of the person, in
    /// other tenants, too; false when the password is another one by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_password(
        &self,
        proven: &Identity,
        password_hash: &str,
        keep: SessionId,
        now: DateTime<Utc>,
    ) -> Result<bool, DbError> {
        let identity = proven.id;
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "UPDATE identity.identities SET password_hash = $2, password_version = password_version + 1
            WHERE id = $1 AND password_version = $3";
        if tx.execute(sql, &[&identity.uuid(), &password_hash, &proven.password_version]).await? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE identity.sessions SET revoked_at = $3, revoked_because = 'password changed'
            WHERE identity_id = $1 AND id <> $2 AND revoked_at IS NULL RETURNING id";
        let rows = tx.query(sql, &[&identity.uuid(), &keep.uuid(), &now]).await?;
        event(&*tx, now, Some(identity), "identity.password_changed", identity.uuid(), json!({})).await?;
        tx.commit().await?;
        self.forget(&rows).await;
        Ok(true)
    }

    /// The session as the database has it now, whatever is believed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_now(&self, id: SessionId, now: DateTime<Utc>) -> Result<Option<Arc<Session>>, DbError> {
        // Not by way of the cache: whoever looks it up there is given what somebody began to load before.
        let found = self.load_session(id, now).await?.map(Arc::new);
        self.sessions.insert(id, found.clone()).await;
        Ok(found)
    }

    /// No longer believes in sessions whose ids these rows start with.
    pub(super) async fn forget(&self, rows: &[Row]) {
        for row in rows {
            self.sessions.invalidate(&SessionId(row.get(0))).await;
        }
    }
}
