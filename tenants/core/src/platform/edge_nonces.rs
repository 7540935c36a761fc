//! Numbers that an edge used once.

use chrono::{DateTime, Utc};

use crate::{DbError, PlatformDb};

impl PlatformDb {
    /// Is this the first request with the number `nonce`, on any server of the cell?
    ///
    /// # Errors
    /// When the database fails.
    pub async fn first_use(&self, nonce: &[u8; 16], now: DateTime<Utc>) -> Result<bool, DbError> {
        let db = self.connection().await?;
        let sql = "INSERT INTO platform.edge_nonces (nonce, seen_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let sql = db.prepare_cached(sql).await?;
        Ok(db.execute(&sql, &[&nonce.as_slice(), &now]).await? == 1)
    }

    /// Forgets the numbers from before `time`: their requests would be too old by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_nonces(&self, time: DateTime<Utc>) -> Result<(), DbError> {
        self.connection().await?.execute("DELETE FROM platform.edge_nonces WHERE seen_at < $1", &[&time]).await?;
        Ok(())
    }
}
