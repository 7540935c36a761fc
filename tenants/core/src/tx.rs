//! The transaction in which all of a tenant's work happens.
#![expect(clippy::disallowed_types, reason = "this is where statements are sent")]

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::Poll,
    time::Duration,
};

use deadpool_postgres::Object;
use futures::{FutureExt as _, future::join3, poll};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, ProxyExecResult, ProxyRow, QueryResult, Statement};
use tokio::{
    sync::{Mutex, MutexGuard, OnceCell},
    task::yield_now,
};
use tokio_postgres::{error::SqlState, types::ToSql};

use crate::{
    DbError, TenantGrant,
    pool::TenantDb,
    turns::Turn,
    value::{Param, row_values},
};

/// Statements longer than this are built per call (bulk inserts), so caching them would only fill memory.
const CACHED_STATEMENT_BYTES: usize = 4096;

/// One transaction in one tenant.
///
/// Lazy: nothing happens before the first query, which travels in one round trip with BEGIN and the signed context. Queries that
/// are polled together share a round trip, and are sent in the order of their first polls.
/// Dropping rolls back. A connection goes back to the pool with COMMIT answered or ROLLBACK sent, never while a statement
/// runs, so a caller that is cancelled at any await leaves no open transaction behind.
#[must_use = "a transaction that is dropped does nothing"]
pub struct TenantTx {
    db: TenantDb,
    grant: TenantGrant,
    held: OnceCell<Held>,
    /// BEGIN was sent.
    begun: AtomicBool,
    /// Statements leave in the order of their first polls, also where one has to be prepared before it can be sent.
    line: Mutex<()>,
    /// Statements without an answer.
    unanswered: AtomicU32,
    savepoints: AtomicU32,
    outcome: Outcome,
}

/// What a transaction holds from its first query on. The connection is back in the pool before the turn ends.
struct Held {
    connection: Object,
    turn: Turn,
}

/// Tells, after the transaction is gone, whether it left writes behind that were never committed.
#[derive(Debug, Clone, Default)]
pub struct Outcome(Arc<OutcomeFlags>);

#[derive(Debug, Default)]
struct OutcomeFlags {
    wrote: AtomicBool,
    committed: AtomicBool,
}

impl Outcome {
    /// Something was written and not committed.
    #[must_use]
    pub fn lost_writes(&self) -> bool {
        self.0.wrote.load(Ordering::Acquire) && !self.0.committed.load(Ordering::Acquire)
    }
}

impl TenantTx {
    pub(crate) fn begin(db: &TenantDb, grant: TenantGrant) -> Self {
        Self {
            db: db.clone(),
            grant,
            held: OnceCell::new(),
            begun: AtomicBool::new(false),
            line: Mutex::const_new(()),
            unanswered: AtomicU32::new(0),
            savepoints: AtomicU32::new(0),
            outcome: Outcome::default(),
        }
    }

    /// What this transaction may see.
    #[must_use]
    pub const fn grant(&self) -> &TenantGrant {
        &self.grant
    }

    /// A handle that outlives the transaction.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome.clone()
    }

    /// Makes the writes durable.
    ///
    /// # Errors
    /// When the server refuses or does not answer, or refused an earlier statement outside of a savepoint; then nothing was
    /// acknowledged.
    pub async fn commit(mut self) -> Result<(), DbErr> {
        if let Some(Held { connection, .. }) = self.held.get()
            && self.begun.load(Ordering::Acquire)
        {
            // The server answers COMMIT of a failed transaction with success, and rolls back. The statement ahead of it, in
            // the same message, fails then, and COMMIT is never reached.
            self.ask();
            let ended = connection.batch_execute("SELECT; COMMIT").await;
            self.hear();
            ended.map_err(DbError::from)?;
        }
        // COMMIT was answered: the connection is idle and clean, and there is nothing to roll back.
        drop(self.held.take());
        self.outcome.0.committed.store(true, Ordering::Release);
        Ok(())
    }

    /// Runs `work` behind a savepoint: when it fails, only what it did is undone.
    ///
    /// # Errors
    /// What `work` fails with, or the database's own failure.
    pub async fn savepoint<T, E: From<DbErr>>(&self, work: impl AsyncFnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        let name = format!("s{}", self.savepoints.fetch_add(1, Ordering::Relaxed));
        self.mark(&format!("SAVEPOINT {name}")).await?;
        match work(self).await {
            Ok(value) => {
                self.mark(&format!("RELEASE SAVEPOINT {name}")).await?;
                Ok(value)
            }
            Err(error) => {
                self.mark(&format!("ROLLBACK TO SAVEPOINT {name}")).await?;
                Err(error)
            }
        }
    }

    /// A word about a savepoint: fixed text, with a number of ours.
    async fn mark(&self, savepoint: &str) -> Result<(), DbErr> {
        let (place, connection) = self.in_line().await?;
        Ok(self.send(place, connection, connection.batch_execute(savepoint)).await?)
    }

    /// Takes the lock of this name until the transaction ends; false when another transaction holds it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, name: i64) -> Result<bool, DbErr> {
        let (place, connection) = self.in_line().await?;
        let prepared = self.prepare(connection, "SELECT pg_try_advisory_xact_lock($1)").await?;
        let name: [&(dyn ToSql + Sync); 1] = [&name];
        let row = self.send(place, connection, connection.query_one(&prepared, &name)).await?;
        Ok(row.try_get(0).map_err(DbError::from)?)
    }

    /// The place of a statement that is to be sent next, and what to send it with.
    async fn in_line(&self) -> Result<(MutexGuard<'_, ()>, &Object), DbError> {
        let place = self.line.lock().await;
        let held = self.held.get_or_try_init(async || {
            let turn = self.db.turns.take(self.grant.tenant()).await?;
            Ok::<_, DbError>(Held { connection: self.db.pool.get().await?, turn })
        });
        Ok((place, &held.await?.connection))
    }

    /// Sends `work` and waits for its answer; the next statement may be sent meanwhile. Ahead of the first of the transaction,
    /// in the same write, go BEGIN and the signed context. Should they fail, the server refuses `work`.
    ///
    /// A statement is sent by its first poll, so what is polled together shares a round trip.
    async fn send<T>(
        &self,
        place: MutexGuard<'_, ()>,
        connection: &Object,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DbError> {
        if self.begun.load(Ordering::Acquire) {
            let done = self.answered(place, work).await;
            if done.as_ref().is_err_and(is_a_consequence) {
                // What failed ahead of it was answered already, and whoever waits for both is to hear of that first.
                yield_now().await;
            }
            return Ok(done?);
        }
        self.ask();
        let begin = connection.prepare_cached("BEGIN").await;
        let enter = connection.prepare_cached("SELECT ctx.enter($1)").await;
        self.hear();
        let (begin, enter) = (begin?, enter?);
        let context = self.db.signer.sign(&self.grant);
        let context: [&(dyn ToSql + Sync); 1] = [&context];
        self.begun.store(true, Ordering::Release);
        let all = join3(connection.execute(&begin, &[]), connection.execute(&enter, &context), work);
        let (began, entered, done) = self.answered(place, all).await;
        began?;
        entered?;
        Ok(done?)
    }

    /// Sends a statement, gives up its place in line, and waits for the answer.
    async fn answered<T>(&self, place: MutexGuard<'_, ()>, statement: impl Future<Output = T>) -> T {
        self.ask();
        let mut statement = pin!(statement);
        let sent = poll!(&mut statement);
        drop(place);
        let answer = match sent {
            Poll::Ready(answer) => answer,
            Poll::Pending => statement.await,
        };
        self.hear();
        answer
    }

    /// Something is asked of the server. Whoever is cancelled before it hears the answer leaves that counted.
    fn ask(&self) {
        self.unanswered.fetch_add(1, Ordering::AcqRel);
    }

    /// It was answered.
    fn hear(&self) {
        self.unanswered.fetch_sub(1, Ordering::AcqRel);
    }

    /// The extended protocol takes one statement, and it has to be one on data: whatever is injected into it, nobody redefines
    /// the prepared statements that others run on this connection next, nor leaves a session setting.
    async fn prepare(&self, connection: &Object, sql: &str) -> Result<tokio_postgres::Statement, DbError> {
        if !is_on_data(sql) {
            return Err(DbError::NotOnData);
        }
        if is_write(sql) {
            self.outcome.0.wrote.store(true, Ordering::Release);
        }
        self.ask();
        let prepared = if sql.len() <= CACHED_STATEMENT_BYTES {
            connection.prepare_cached(sql).await
        } else {
            connection.prepare(sql).await
        };
        self.hear();
        Ok(prepared?)
    }

    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<tokio_postgres::Row>, DbError> {
        let (place, connection) = self.in_line().await?;
        let prepared = self.prepare(connection, &statement.sql).await?;
        let params = params(statement);
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        self.send(place, connection, connection.query(&prepared, &params)).await
    }
}

fn params(statement: Statement) -> Vec<Param> {
    statement.values.map(|values| values.0.into_iter().map(Param).collect()).unwrap_or_default()
}

/// The statement was refused only because one ahead of it had failed.
fn is_a_consequence(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION)
}

fn verb(sql: &str) -> &str {
    sql.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default()
}

fn is_write(sql: &str) -> bool {
    ["INSERT", "UPDATE", "DELETE"].contains(&verb(sql))
}

fn is_on_data(sql: &str) -> bool {
    is_write(sql) || ["SELECT", "WITH"].contains(&verb(sql))
}

#[async_trait::async_trait]
impl ConnectionTrait for TenantTx {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (place, connection) = self.in_line().await?;
        let prepared = self.prepare(connection, &statement.sql).await?;
        let params = params(statement);
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        let changed = self.send(place, connection, connection.execute(&prepared, &params)).await?;
        Ok(ProxyExecResult::new(0, changed).into())
    }

    /// Refused: this would be the simple protocol, which takes several statements of any kind in one text.
    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(DbError::NotOnData.into())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = self.rows(statement).await?;
        rows.iter().map(|row| Ok(ProxyRow::new(row_values(row)?).into())).collect()
    }
}

impl Drop for TenantTx {
    fn drop(&mut self) {
        let Some(held) = self.held.take() else { return };
        // Everything was answered: ROLLBACK is sent by its first poll, and whoever borrows the connection next is answered
        // after it. A connection that is closed is found so when it is borrowed.
        if self.unanswered.load(Ordering::Acquire) == 0 {
            let _ = held.connection.batch_execute("ROLLBACK").now_or_never();
            return;
        }
        // A statement may still be running: the connection rejoins the pool when the server has finished with it.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(roll_back(held))),
            Err(_) => drop(Object::take(held.connection)),
        }
    }
}

async fn roll_back(Held { connection, turn }: Held) {
    let answered = tokio::time::timeout(Duration::from_secs(5), connection.batch_execute("ROLLBACK")).await;
    if !matches!(answered, Ok(Ok(()))) {
        drop(Object::take(connection));
    } else {
        drop(connection);
    }
    drop(turn);
}

#[cfg(test)]
mod tests {
    use super::is_on_data;

    #[test]
    fn only_statements_on_data_are_sent() {
        for sql in ["SELECT 1", "WITH a AS (SELECT 1) SELECT", "INSERT INTO a", "UPDATE a", "DELETE FROM a"] {
            assert!(is_on_data(sql), "{sql}");
        }
        for sql in [
            "PREPARE s0 AS SELECT 1",
            "DEALLOCATE ALL",
            "EXECUTE s0",
            "EXPLAIN ANALYZE EXECUTE s0",
            "SET a.b = 1",
            "RESET ALL",
            "DISCARD ALL",
            "DO $$ BEGIN END $$",
            "COPY app.units TO STDOUT",
            "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
            "LISTEN a",
            "COMMIT",
            "SELECTED",
            "/* */ PREPARE s0 AS SELECT 1",
            " PREPARE s0 AS SELECT 1",
            "",
        ] {
            assert!(!is_on_data(sql), "{sql}");
        }
    }
}
