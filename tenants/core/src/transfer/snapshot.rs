//! A tenant as it stands at one moment.

use deadpool_postgres::Object;

use super::{Lines, SPELLING, TransferTable, tables};
use crate::{DbError, TenantGrant, pool::TenantDb};

/// One repeatable-read transaction of the API's role in one tenant's context: row-level security decides what is in it.
///
/// It holds a connection, and with it the database's oldest snapshot, until it is dropped: for exports, not for requests.
pub struct TenantSnapshot {
    connection: Option<Object>,
}

impl TenantSnapshot {
    pub(crate) async fn open(db: &TenantDb, grant: &TenantGrant) -> Result<Self, DbError> {
        let snapshot = Self { connection: Some(db.pool.get().await?) };
        let connection = snapshot.connection()?;
        connection.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        connection.batch_execute(SPELLING).await?;
        connection.query("SELECT ctx.enter($1)", &[&db.signer.sign(grant)]).await?;
        Ok(snapshot)
    }

    fn connection(&self) -> Result<&Object, DbError> {
        self.connection.as_ref().ok_or(DbError::Unreachable)
    }

    /// Every table that holds tenants' rows.
    ///
    /// # Errors
    /// [`DbError::Unreadable`] for a table that the role may not read: an export without it would not be whole.
    pub async fn tables(&self) -> Result<Vec<TransferTable>, DbError> {
        let tables = tables(&***self.connection()?).await?;
        match tables.iter().find(|table| !table.readable) {
            Some(hidden) => Err(DbError::Unreadable(hidden.name.clone())),
            None => Ok(tables),
        }
    }

    /// The rows of a table, by primary key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rows(&self, table: &TransferTable) -> Result<Lines<'_>, DbError> {
        Lines::of(self.connection()?, table).await
    }
}

impl Drop for TenantSnapshot {
    fn drop(&mut self) {
        // Its transaction is open: the pool must not see this connection again.
        if let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
        }
    }
}
