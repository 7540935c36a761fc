//! How far tenants' audit chains have come, as the cell's log states it.

use std::time::Duration;

use uuid::Uuid;

use super::WorkerDb;
use crate::DbError;

/// The cell's log, and its entries that wait for a signature.
#[derive(Debug, Clone)]
pub struct UnsignedRound {
    /// The log's id, another one in every database that was made anew.
    pub log: Uuid,
    /// How many entries are signed.
    pub size: i64,
    /// The roots of the whole subtrees of those, one after the other.
    pub frontier: Vec<u8>,
    /// The entries' texts, in the order of their places; none when nothing waits.
    pub statements: Vec<String>,
}

/// The same, signed.
#[derive(Debug, Clone)]
pub struct SignedRound {
    /// How many entries were signed before.
    pub size: i64,
    /// The roots of the whole subtrees now.
    pub frontier: Vec<u8>,
    /// The signed note.
    pub note: String,
    /// The nodes of each entry's inclusion proof, one after the other.
    pub paths: Vec<Vec<u8>>,
}

impl WorkerDb {
    /// Adds an entry for every chain that has grown, once `pause` is over since the last time, or one of them has grown by
    /// `events` or was never stated.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn state_heads(&self, events: i64, pause: Duration) -> Result<(), DbError> {
        let db = self.pool.get().await?;
        let sql = db.prepare_cached("SELECT audit.state_heads($1, make_interval(secs => $2))").await?;
        db.query_one(&sql, &[&events, &pause.as_secs_f64()]).await?;
        Ok(())
    }

    /// What waits for a signature.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unsigned_heads(&self) -> Result<UnsignedRound, DbError> {
        let db = self.pool.get().await?;
        let sql =
            db.prepare_cached("SELECT log, size, frontier, coalesce(statements, '{}') FROM audit.unsigned()").await?;
        let row = db.query_one(&sql, &[]).await?;
        Ok(UnsignedRound { log: row.get(0), size: row.get(1), frontier: row.get(2), statements: row.get(3) })
    }

    /// Keeps what was signed, unless somebody else was faster.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_heads(&self, round: &SignedRound) -> Result<(), DbError> {
        let db = self.pool.get().await?;
        let sql = db.prepare_cached("SELECT audit.sign($1, $2, $3, $4)").await?;
        db.query_one(&sql, &[&round.size, &round.frontier, &round.note, &round.paths]).await?;
        Ok(())
    }
}
