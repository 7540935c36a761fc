//! How far tenants' audit chains have come, as the cell's log states it.

use std::time::Duration;

use super::WorkerDb;
use crate::DbError;

/// Entries of the log that wait for a signature.
#[derive(Debug, Clone)]
pub struct UnsignedRound {
    /// How many entries are signed.
    pub size: i64,
    /// The roots of the whole subtrees of those, one after the other.
    pub frontier: Vec<u8>,
    /// The entries' texts, in the order of their places.
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
    /// Adds an entry for every chain that has grown, once one of them has by `events` or was not stated for `pause`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn state_heads(&self, events: i64, pause: Duration) -> Result<(), DbError> {
        let db = self.pool.get().await?;
        let sql = db.prepare_cached("SELECT audit.state_heads($1, make_interval(secs => $2))").await?;
        db.query_one(&sql, &[&events, &pause.as_secs_f64()]).await?;
        Ok(())
    }

    /// What waits for a signature; `None` when nothing does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unsigned_heads(&self) -> Result<Option<UnsignedRound>, DbError> {
        let db = self.pool.get().await?;
        let sql = db.prepare_cached("SELECT size, frontier, statements FROM audit.unsigned()").await?;
        let row = db.query_one(&sql, &[]).await?;
        let statements: Option<Vec<String>> = row.get(2);
        Ok(statements.map(|statements| UnsignedRound { size: row.get(0), frontier: row.get(1), statements }))
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
