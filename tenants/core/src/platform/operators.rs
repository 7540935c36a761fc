//! The people who run the platform.

use chrono::{DateTime, Utc};
use keystead_ids::{IdentityId, OperatorInvitationId};
use serde_json::json;
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    identities::{NewIdentity, ensure_identity},
    outbox::{QueuedMail, queue},
    signups::event,
};
use crate::{DbError, PlatformDb};

/// Somebody who runs the platform.
#[derive(Debug, Clone)]
pub struct Operator {
    /// The login.
    pub id: IdentityId,
    /// For greetings.
    pub name: String,
    /// Lower case.
    pub email: String,
    /// When they last logged in or refreshed; none since sessions are kept.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// Somebody who is asked to run the platform.
#[derive(Debug, Clone)]
pub struct OperatorInvitation {
    /// Its id.
    pub id: OperatorInvitationId,
    /// Lower case.
    pub email: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When its link stops working.
    pub expires_at: DateTime<Utc>,
}

/// An invitation to be written.
#[derive(Debug)]
pub struct NewOperatorInvitation {
    /// Its id.
    pub id: OperatorInvitationId,
    /// Lower case.
    pub email: String,
    /// Hash of the token in the link.
    pub token_hash: [u8; 32],
    /// Who invites.
    pub by: IdentityId,
    /// When its link stops working.
    pub expires_at: DateTime<Utc>,
    /// The mail with the link.
    pub mail: QueuedMail,
}

/// What accepting an operator's invitation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorJoined {
    /// There is one more operator.
    Done,
    /// The invitation was used, replaced or ran out in the meantime, or its sender is no operator any more.
    NotValid,
    /// Somebody made the address's login in the meantime, and its password was never asked for. The invitation stands.
    Unproven,
}

/// What asking an operator to go came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorEnded {
    /// They are no operator any more.
    Done,
    /// Nobody of this id is an operator.
    Unknown,
    /// Nobody would remain.
    Last,
}

impl PlatformDb {
    /// Everybody who runs the platform, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operators(&self) -> Result<Vec<Operator>, DbError> {
        let sql = "SELECT i.id, i.name, i.email, (SELECT max(s.last_used_at) FROM identity.sessions s
                WHERE s.identity_id = i.id AND s.tenant_id IS NULL)
            FROM identity.identities i WHERE i.is_operator ORDER BY lower(i.name), i.id LIMIT 1000";
        let rows = self.connection().await?.query(sql, &[]).await?;
        let operator = |row: &Row| Operator {
            id: IdentityId(row.get(0)),
            name: row.get(1),
            email: row.get(2),
            last_seen_at: row.get(3),
        };
        Ok(rows.iter().map(operator).collect())
    }

    /// Invitations that nobody accepted yet, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operator_invitations(&self) -> Result<Vec<OperatorInvitation>, DbError> {
        let sql = "SELECT id, email, created_at, expires_at FROM platform.operator_invitations
            WHERE accepted_at IS NULL ORDER BY id DESC LIMIT 1000";
        let rows = self.connection().await?.query(sql, &[]).await?;
        Ok(rows.iter().map(invitation).collect())
    }

    /// Writes an invitation with its mail, in the place of an open one to the same address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invite_operator(&self, new: &NewOperatorInvitation, now: DateTime<Utc>) -> Result<(), DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        let sql =
            "INSERT INTO platform.operator_invitations AS o (id, email, token_hash, invited_by, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (email) WHERE accepted_at IS NULL DO UPDATE SET id = $1, token_hash = $3, invited_by = $4,
                created_at = $5, expires_at = $6";
        let (id, by) = (new.id.uuid(), new.by.uuid());
        tx.execute(sql, &[&id, &new.email, &new.token_hash.as_slice(), &by, &now, &new.expires_at]).await?;
        queue(&*tx, &new.mail, now).await?;
        event(&*tx, now, Some(new.by), "operator.invited", id, json!({ "email": new.email })).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The open invitation with this token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operator_invitation(
        &self,
        token_hash: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<OperatorInvitation>, DbError> {
        let sql = "SELECT o.id, o.email, o.created_at, o.expires_at FROM platform.operator_invitations o
            JOIN identity.identities i ON i.id = o.invited_by AND i.is_operator
            WHERE o.token_hash = $1 AND o.accepted_at IS NULL AND o.expires_at > $2";
        let row = self.connection().await?.query_opt(sql, &[&token_hash.as_slice(), &now]).await?;
        Ok(row.as_ref().map(invitation))
    }

    /// Makes an operator of whoever accepts: of `login`, which is the one that the address has, or a new one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accept_operator(
        &self,
        invitation: OperatorInvitationId,
        login: &NewIdentity,
        now: DateTime<Utc>,
    ) -> Result<OperatorJoined, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        // What was asked before a password was hashed is asked again.
        let sql = "UPDATE platform.operator_invitations SET accepted_at = $2
            WHERE id = $1 AND accepted_at IS NULL AND expires_at > $2 RETURNING invited_by";
        let Some(row) = tx.query_opt(sql, &[&invitation.uuid(), &now]).await? else {
            return Ok(OperatorJoined::NotValid);
        };
        let sql = "SELECT 1 FROM identity.identities WHERE id = $1 AND is_operator FOR SHARE";
        if tx.query_opt(sql, &[&row.get::<_, Uuid>(0)]).await?.is_none() {
            return Ok(OperatorJoined::NotValid);
        }
        let id = ensure_identity(&*tx, login, now).await?;
        if id != login.id {
            return Ok(OperatorJoined::Unproven);
        }
        tx.execute("UPDATE identity.identities SET is_operator = true WHERE id = $1", &[&id.uuid()]).await?;
        event(&*tx, now, Some(id), "operator.joined", id.uuid(), json!({ "email": login.email })).await?;
        tx.commit().await?;
        Ok(OperatorJoined::Done)
    }

    /// Takes the console from an operator; their sessions there end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn disable_operator(
        &self,
        id: IdentityId,
        by: IdentityId,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<OperatorEnded, DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        // In one order: two who disable each other wait, and the second finds that they would be the last.
        let sql = "SELECT id FROM identity.identities WHERE is_operator ORDER BY id FOR UPDATE";
        let all: Vec<Uuid> = tx.query(sql, &[]).await?.iter().map(|row| row.get(0)).collect();
        if !all.contains(&id.uuid()) {
            return Ok(OperatorEnded::Unknown);
        }
        if all.len() == 1 {
            return Ok(OperatorEnded::Last);
        }
        tx.execute("UPDATE identity.identities SET is_operator = false WHERE id = $1", &[&id.uuid()]).await?;
        let sql = "UPDATE identity.sessions SET revoked_at = $2, revoked_because = 'no operator any more'
            WHERE identity_id = $1 AND tenant_id IS NULL AND revoked_at IS NULL RETURNING id";
        let sessions = tx.query(sql, &[&id.uuid(), &now]).await?;
        event(&*tx, now, Some(by), "operator.disabled", id.uuid(), json!({ "reason": reason })).await?;
        tx.commit().await?;
        self.forget(&sessions).await;
        Ok(OperatorEnded::Done)
    }
}

fn invitation(row: &Row) -> OperatorInvitation {
    OperatorInvitation {
        id: OperatorInvitationId(row.get(0)),
        email: row.get(1),
        created_at: row.get(2),
        expires_at: row.get(3),
    }
}
