//! Mail that waits to be sent, shares that wait to be settled, and the worker's view of the database.

use chrono::{DateTime, Utc};
use deadpool_postgres::Pool;
use keystead_ids::TenantId;
use serde_json::Value;
use uuid::Uuid;

use crate::DbError;

/// Mail to put in the outbox.
#[derive(Debug, Clone)]
pub struct QueuedMail {
    /// Its id: queueing the same id twice queues it once.
    pub id: Uuid,
    /// The tenant that it concerns.
    pub tenant: Option<TenantId>,
    /// Where it goes.
    pub recipient: String,
    /// The template's name and fields.
    pub message: Value,
}

/// Mail that is due.
#[derive(Debug, Clone)]
pub struct DueMail {
    /// Its id.
    pub id: Uuid,
    /// Where it goes.
    pub recipient: String,
    /// The template's name and fields.
    pub message: Value,
    /// How often sending failed.
    pub attempts: i32,
}

pub(super) async fn queue(
    db: &impl tokio_postgres::GenericClient,
    mail: &QueuedMail,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let sql = "INSERT INTO platform.outbox (id, tenant_id, recipient, message, next_at, created_at) VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (id) DO NOTHING";
    db.execute(sql, &[&mail.id, &mail.tenant.map(Uuid::from), &mail.recipient, &mail.message, &now]).await?;
    Ok(())
}

/// A tenant whose shares have something to do.
#[derive(Debug, Clone, Copy)]
pub struct ShareTask {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub tenant: TenantId,
}

/// After this many failures a mail is parked for a person to look at.
const ATTEMPTS: i32 = 12;

/// What background work may do.
#[derive(Clone)]
pub struct WorkerDb {
    pub(super) pool: Pool,
}

impl WorkerDb {
    pub(crate) const fn new(pool: Pool) -> Self {
        Self { pool }
    }

    /// Chains committed audit events; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sequence_audit(&self, at_most: i32) -> Result<i32, DbError> {
        let db = self.pool.get().await?;
        let sql = db.prepare_cached("SELECT audit.sequence($1)").await?;
        Ok(db.query_one(&sql, &[&at_most]).await?.get(0))
    }

    /// Takes up to `limit` due mails. Taking one moves its next attempt away, so that two workers do not send it at once;
    /// after a crash it is due again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_mail(&self, limit: i64, now: DateTime<Utc>) -> Result<Vec<DueMail>, DbError> {
        // Materialized, that is, once: in a plan that asks anew what is due for each row that there is, what was taken is not due
        // any more, and the limit would be no limit.
        let sql = "WITH due AS MATERIALIZED (SELECT id FROM platform.outbox WHERE next_at <= $1 AND parked_at IS NULL
                ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            UPDATE platform.outbox o SET attempts = o.attempts + 1,
                next_at = $1::timestamptz + make_interval(secs => least(3600, 30 * power(2, least(o.attempts, 10))))
            FROM due WHERE o.id = due.id RETURNING o.id, o.recipient, o.message, o.attempts";
        let db = self.pool.get().await?;
        let sql = db.prepare_cached(sql).await?;
        let rows = db.query(&sql, &[&now, &limit]).await?;
        let mail = |row: &tokio_postgres::Row| DueMail {
            id: row.get(0),
            recipient: row.get(1),
            message: row.get(2),
            attempts: row.get(3),
        };
        Ok(rows.iter().map(mail).collect())
    }

    /// Takes up to `limit` tenants whose shares have something to do, as [`Self::take_mail`] takes mail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_share_tasks(&self, limit: i64, now: DateTime<Utc>) -> Result<Vec<ShareTask>, DbError> {
        let sql = "WITH due AS MATERIALIZED (SELECT id FROM platform.share_tasks WHERE next_at <= $1
                ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            UPDATE platform.share_tasks t SET attempts = t.attempts + 1,
                next_at = $1::timestamptz + make_interval(secs => least(300, 10 * power(2, least(t.attempts, 10))))
            FROM due WHERE t.id = due.id RETURNING t.id, t.tenant_id";
        let db = self.pool.get().await?;
        let sql = db.prepare_cached(sql).await?;
        let rows = db.query(&sql, &[&now, &limit]).await?;
        Ok(rows.iter().map(|row| ShareTask { id: row.get(0), tenant: TenantId(row.get(1)) }).collect())
    }

    /// Nothing is left to do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn share_task_done(&self, id: Uuid) -> Result<(), DbError> {
        self.pool.get().await?.execute("DELETE FROM platform.share_tasks WHERE id = $1", &[&id]).await?;
        Ok(())
    }

    /// Something is left to do, and is tried again for as long as it takes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn share_task_failed(&self, id: Uuid, why: &str) -> Result<(), DbError> {
        let sql = "UPDATE platform.share_tasks SET last_error = $2 WHERE id = $1";
        self.pool.get().await?.execute(sql, &[&id, &why]).await?;
        Ok(())
    }

    /// The mail was handed over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_sent(&self, id: Uuid) -> Result<(), DbError> {
        self.pool.get().await?.execute("DELETE FROM platform.outbox WHERE id = $1", &[&id]).await?;
        Ok(())
    }

    /// The mail was not handed over: try later, or park it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_failed(&self, id: Uuid, why: &str, permanent: bool, now: DateTime<Utc>) -> Result<(), DbError> {
        let sql = "UPDATE platform.outbox SET last_error = $2, parked_at = CASE WHEN $3 OR attempts >= $4 THEN $5::timestamptz END WHERE id = $1";
        self.pool.get().await?.execute(sql, &[&id, &why, &permanent, &ATTEMPTS, &now]).await?;
        Ok(())
    }
}
