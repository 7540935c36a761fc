//! The keys that sign access tokens. Their private halves are sealed before they come here.

use chrono::{DateTime, Utc};

use crate::{DbError, PlatformDb};

/// A signing key as stored.
#[derive(Debug, Clone)]
pub struct StoredSigningKey {
    /// Its public name.
    pub kid: String,
    /// Ed25519 public key.
    pub public_key: Vec<u8>,
    /// The private key, sealed under a key derived from the root secret.
    pub sealed_key: Vec<u8>,
    /// Signs from then on; published before.
    pub signs_from: DateTime<Utc>,
    /// Not published after.
    pub retires_at: Option<DateTime<Utc>>,
}

impl PlatformDb {
    /// The keys that are not retired, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signing_keys(&self, now: DateTime<Utc>) -> Result<Vec<StoredSigningKey>, DbError> {
        let sql = "SELECT kid, public_key, sealed_key, signs_from, retires_at FROM platform.signing_keys
            WHERE retires_at IS NULL OR retires_at > $1 ORDER BY signs_from, kid";
        let rows = self.connection().await?.query(sql, &[&now]).await?;
        let key = |row: &tokio_postgres::Row| StoredSigningKey {
            kid: row.get(0),
            public_key: row.get(1),
            sealed_key: row.get(2),
            signs_from: row.get(3),
            retires_at: row.get(4),
        };
        Ok(rows.iter().map(key).collect())
    }

    /// Adds a key. With `retire_others_at`, the ones before it leave the published set then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_signing_key(
        &self,
        key: &StoredSigningKey,
        retire_others_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let mut db = self.connection().await?;
        let tx = db.transaction().await?;
        if let Some(at) = retire_others_at {
            tx.execute("UPDATE platform.signing_keys SET retires_at = $1 WHERE retires_at IS NULL", &[&at]).await?;
        }
        tx.execute(
            "INSERT INTO platform.signing_keys (kid, public_key, sealed_key, signs_from, retires_at, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)",
            &[&key.kid, &key.public_key, &key.sealed_key, &key.signs_from, &key.retires_at, &now],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
