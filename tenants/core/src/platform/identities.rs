//! Logins.

use chrono::{DateTime, Utc};
use keystead_ids::IdentityId;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use crate::{DbError, PlatformDb};

/// A person's login.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Lower case.
    pub email: String,
    /// For greetings.
    pub name: String,
    /// PHC string.
    pub password_hash: String,
    /// Which of the person's passwords it is.
    pub password_version: i64,
    /// May this person use the operator console?
    pub is_operator: bool,
}

/// A login to be.
#[derive(Debug, Clone)]
pub struct NewIdentity {
    /// Its id, if it is new.
    pub id: IdentityId,
    /// Lower case.
    pub email: String,
    /// For greetings.
    pub name: String,
    /// PHC string.
    pub password_hash: String,
}

/// An attempt to log in, counted before the password is looked at, so that parallel guesses cannot slip past the limit.
#[derive(Debug, Clone)]
pub enum Attempt {
    /// Go on and verify; `None` when nobody has this address (verify against a dummy all the same).
    Allowed(Option<Identity>),
    /// Too many failures: not before this time.
    Wait(DateTime<Utc>),
}

/// Failures that cost nothing; after them the wait doubles, up to [`LONGEST_WAIT_SECONDS`].
const FREE_FAILURES: i32 = 5;
const LONGEST_WAIT_SECONDS: f64 = 900.0;

/// Addresses that nobody has are not kept readable.
fn attempt_key(email: &str) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, email.as_bytes()).as_ref().to_vec()
}

impl PlatformDb {
    /// Counts an attempt for an address and says whether it may go on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_attempt(&self, email: &str, now: DateTime<Utc>) -> Result<Attempt, DbError> {
        let db = self.connection().await?;
        let sql = "INSERT INTO identity.login_attempts AS a (key, failures, at) VALUES ($1, 1, $2)
            ON CONFLICT (key) DO UPDATE SET at = $2, failures = least(a.failures + 1, 1000),
                retry_at = CASE WHEN a.failures + 1 >= $3
                    THEN $2::timestamptz + make_interval(secs => least($4::float8, power(2, least(a.failures + 1 - $3, 20)))) END
            WHERE a.retry_at IS NULL OR a.retry_at <= $2
            RETURNING 1";
        let sql = db.prepare_cached(sql).await?;
        let key = attempt_key(email);
        let taken = db.query_opt(&sql, &[&key, &now, &FREE_FAILURES, &LONGEST_WAIT_SECONDS]).await?.is_some();
        if taken {
            // On the connection at hand: many who hold one and wait for another would wait for each other.
            return Ok(Attempt::Allowed(find_by_email(&db, email).await?));
        }
        let row = db.query_opt("SELECT retry_at FROM identity.login_attempts WHERE key = $1", &[&key]).await?;
        Ok(Attempt::Wait(row.and_then(|row| row.get(0)).unwrap_or(now)))
    }

    /// Forgets the failures of an address after a right password, and stores a stronger hash when there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn attempt_succeeded(&self, identity: &Identity, rehashed: Option<&str>) -> Result<(), DbError> {
        let db = self.connection().await?;
        db.execute("DELETE FROM identity.login_attempts WHERE key = $1", &[&attempt_key(&identity.email)]).await?;
        if let Some(hash) = rehashed {
            db.execute(
                // It is a hash of this password: one that was chosen in the meantime stays, also if a server chose it that knows of
                // no versions yet.
                "UPDATE identity.identities SET password_hash = $2 WHERE id = $1 AND password_version = $3 AND password_hash = $4",
                &[&identity.id.uuid(), &hash, &identity.password_version, &identity.password_hash],
            )
            .await?;
        }
        Ok(())
    }

    /// Forgets attempts older than `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_attempts(&self, before: DateTime<Utc>) -> Result<u64, DbError> {
        Ok(self.connection().await?.execute("DELETE FROM identity.login_attempts WHERE at < $1", &[&before]).await?)
    }

    /// Finds a login by address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn identity_by_email(&self, email: &str) -> Result<Option<Identity>, DbError> {
        find_by_email(&*self.connection().await?, email).await
    }

    /// Creates a login unless the address has one; returns the id that stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure_identity(&self, new: &NewIdentity, now: DateTime<Utc>) -> Result<IdentityId, DbError> {
        let db = self.connection().await?;
        ensure_identity(&**db, new, now).await
    }

    /// Makes sure that an operator with this address exists; an existing password is left alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure_operator(&self, new: &NewIdentity, now: DateTime<Utc>) -> Result<(), DbError> {
        let db = self.connection().await?;
        let id = ensure_identity(&**db, new, now).await?;
        db.execute("UPDATE identity.identities SET is_operator = true WHERE id = $1", &[&id.uuid()]).await?;
        Ok(())
    }
}

async fn find_by_email(db: &Client, email: &str) -> Result<Option<Identity>, DbError> {
    let sql = "SELECT id, email, name, password_hash, password_version, is_operator FROM identity.identities WHERE email = $1";
    Ok(db.query_opt(sql, &[&email]).await?.as_ref().map(identity))
}

pub(super) async fn ensure_identity(
    db: &impl tokio_postgres::GenericClient,
    new: &NewIdentity,
    now: DateTime<Utc>,
) -> Result<IdentityId, DbError> {
    let sql = "INSERT INTO identity.identities (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (email) DO NOTHING RETURNING id";
    let made = db.query_opt(sql, &[&new.id.uuid(), &new.email, &new.name, &new.password_hash, &now]).await?;
    let row = match made {
        Some(made) => made,
        // A statement of its own: one that was committed since the first began is not in the first one's snapshot.
        None => db.query_one("SELECT id FROM identity.identities WHERE email = $1", &[&new.email]).await?,
    };
    Ok(IdentityId(row.get::<_, Uuid>(0)))
}

fn identity(row: &Row) -> Identity {
    Identity {
        id: IdentityId(row.get(0)),
        email: row.get(1),
        name: row.get(2),
        password_hash: row.get(3),
        password_version: row.get(4),
        is_operator: row.get(5),
    }
}
