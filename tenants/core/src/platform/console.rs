//! What the operators' console looks at: the platform's own trail, and mail that did not go out.

use chrono::{DateTime, Utc};
use keystead_ids::{EventId, IdentityId, MailId, TenantId};
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

use super::signups::event;
use crate::{DbError, PlatformDb};

/// An event of the platform's trail.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, with their name; none when the platform did it by itself.
    pub actor: Option<(IdentityId, String)>,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: Option<Uuid>,
    /// What there is to say about it.
    pub detail: Value,
}

/// Which events are wanted; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct LogFilters {
    /// By this person.
    pub actor: Option<IdentityId>,
    /// This was done, or something that begins with it, as `tenant` or `tenant.suspended`.
    pub action: Option<String>,
    /// To this.
    pub object: Option<Uuid>,
}

/// How much mail waits.
#[derive(Debug, Clone, Copy)]
pub struct OutboxDepth {
    /// To be sent.
    pub waiting: i64,
    /// Of these, failed at least once.
    pub failing: i64,
    /// Given up.
    pub parked: i64,
    /// When the one that waits longest was written.
    pub oldest: Option<DateTime<Utc>>,
}

/// Mail that was given up. Its content stays where it is: it may hold a token.
#[derive(Debug, Clone)]
pub struct ParkedMail {
    /// Its id.
    pub id: MailId,
    /// The tenant that it concerns.
    pub tenant: Option<TenantId>,
    /// What kind of mail.
    pub template: String,
    /// Where it was to go.
    pub recipient: String,
    /// How often it was tried.
    pub attempts: i32,
    /// What the last try ended with.
    pub error: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was given up.
    pub parked_at: DateTime<Utc>,
}

impl PlatformDb {
    /// The platform's trail, newest first, below `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log(
        &self,
        filters: &LogFilters,
        before: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<LogLine>, DbError> {
        let sql = "SELECT e.id, e.at, e.actor, i.name, e.action, e.object_id, e.detail
            FROM platform.events e LEFT JOIN identity.identities i ON i.id = e.actor
            WHERE ($1::uuid IS NULL OR e.id < $1) AND ($2::uuid IS NULL OR e.actor = $2)
                AND ($3::text IS NULL OR e.action = $3 OR starts_with(e.action, $3 || '.'))
                AND ($4::uuid IS NULL OR e.object_id = $4)
            ORDER BY e.id DESC LIMIT $5";
        let LogFilters { actor, action, object } = filters;
        let (before, actor) = (before.map(Uuid::from), actor.map(Uuid::from));
        let rows = self.connection().await?.query(sql, &[&before, &actor, action, object, &limit]).await?;
        let line = |row: &Row| LogLine {
            id: EventId(row.get(0)),
            at: row.get(1),
            actor: row.get::<_, Option<Uuid>>(2).map(IdentityId).zip(row.get(3)),
            action: row.get(4),
            object: row.get(5),
            detail: row.get(6),
        };
        Ok(rows.iter().map(line).collect())
    }

    /// How much mail waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_depth(&self) -> Result<OutboxDepth, DbError> {
        let sql = "SELECT count(*) FILTER (WHERE parked_at IS NULL), count(*) FILTER (WHERE parked_at IS NULL AND last_error IS NOT NULL),
                count(parked_at), min(created_at) FILTER (WHERE parked_at IS NULL)
            FROM platform.outbox";
        let row = self.connection().await?.query_one(sql, &[]).await?;
        Ok(OutboxDepth { waiting: row.get(0), failing: row.get(1), parked: row.get(2), oldest: row.get(3) })
    }

    /// Mail that was given up, newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn parked_mail(&self, limit: i64) -> Result<Vec<ParkedMail>, DbError> {
        let sql = "SELECT id, tenant_id, coalesce(message ->> 'template', ''), recipient, attempts, last_error, created_at, parked_at
            FROM platform.outbox WHERE parked_at IS NOT NULL ORDER BY id DESC LIMIT $1";
        let rows = self.connection().await?.query(sql, &[&limit]).await?;
        let mail = |row: &Row| ParkedMail {
            id: MailId(row.get(0)),
            tenant: row.get::<_, Option<Uuid>>(1).map(TenantId),
            template: row.get(2),
            recipient: row.get(3),
            attempts: row.get(4),
            error: row.get(5),
            created_at: row.get(6),
            parked_at: row.get(7),
        };
        Ok(rows.iter().map(mail).collect())
    }

    /// Has a parked mail tried again, from the first attempt; false when none of this id is parked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replay_mail(&self, id: MailId, by: IdentityId, now: DateTime<Utc>) -> Result<bool, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql = "UPDATE platform.outbox SET parked_at = NULL, attempts = 0, next_at = $2, last_error = NULL
            WHERE id = $1 AND parked_at IS NOT NULL";
        if tx.execute(sql, &[&id.uuid(), &now]).await? == 0 {
            return Ok(false);
        }
        event(&*tx, now, Some(by), "mail.replayed", id.uuid(), json!({})).await?;
        tx.commit().await?;
        Ok(true)
    }
}
