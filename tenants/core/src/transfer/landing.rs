//! Where an exported tenant comes down: a database without tenants, in one transaction.

use keystead_ids::TenantId;
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

use super::{BATCH, Lines, SPELLING, TransferTable, quoted, tables};
use crate::{DbError, RootSecret, platform::Tenant};

/// What stands in the way of rows that are as they were: triggers would number and record them again, and forced policies hold
/// for owners. Each is switched back before the commit, so nobody ever sees it off.
const OPEN: &str = "
    SELECT format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', c.oid::regclass), format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', c.oid::regclass),
        pg_get_userbyid(c.relowner)::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('app', 'audit') AND c.relforcerowsecurity
    UNION ALL SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', c.oid::regclass, t.tgname),
        format('ALTER TABLE %s ENABLE TRIGGER %I', c.oid::regclass, t.tgname), pg_get_userbyid(c.relowner)::text
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('app', 'audit') AND NOT t.tgisinternal AND t.tgenabled = 'O'";

/// Tables come in no order of their references, so these are taken away, and made again over what came. That checks all rows of a
/// table in one join; deferring them would keep an event of each row in memory and look each up.
const REFERENCES: &str = "
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.oid::regclass, k.conname),
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.oid::regclass, k.conname, pg_get_constraintdef(k.oid)),
        pg_get_userbyid(c.relowner)::text
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('app', 'audit') AND k.contype = 'f' AND k.conparentid = 0";

/// A transaction that takes one tenant in. Dropping it leaves the database as it was.
pub struct Landing {
    client: Client,
    tenant: TenantId,
    /// What undoes [`OPEN`].
    closing: Vec<Undo>,
    /// What undoes [`REFERENCES`].
    references: Vec<Undo>,
}

/// A statement and the role that may run it.
struct Undo {
    statement: String,
    role: String,
}

/// A sealed name with what opens it.
#[derive(Debug, Clone)]
pub struct SealedName {
    /// Whose.
    pub contact: Uuid,
    /// Version of the tenant's key that wraps the person's.
    pub key_version: i32,
    /// What wraps it, by number.
    pub wrapping: i16,
    /// The person's key, wrapped.
    pub wrapped: Vec<u8>,
    /// The ciphertext.
    pub name: Vec<u8>,
}

impl Landing {
    /// How many rows [`Landing::add`] takes best.
    pub const BATCH: usize = BATCH;

    /// Begins in the database of `server`, which is migrated and has no tenant. Whom to log in as is decided here.
    ///
    /// # Errors
    /// [`DbError::Occupied`] when there is a tenant already; otherwise when the database fails.
    pub async fn begin(server: &Config, root: &RootSecret, tenant: &Tenant) -> Result<Self, DbError> {
        let mut config = server.clone();
        config.user("keystead_migrate").password(root.role_password("keystead_migrate"));
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(async move { drop(connection.await) });
        let mut landing = Self { client, tenant: tenant.id, closing: Vec::new(), references: Vec::new() };
        landing.client.batch_execute("BEGIN").await?;
        landing.client.batch_execute(SPELLING).await?;
        landing.act_as("keystead_owner").await?;
        landing.client.batch_execute("LOCK TABLE platform.tenants IN EXCLUSIVE MODE").await?;
        if landing.client.query_opt("SELECT 1 FROM platform.tenants LIMIT 1", &[]).await?.is_some() {
            return Err(DbError::Occupied);
        }
        landing.enter(tenant).await?;
        landing.closing = landing.away(OPEN).await?;
        landing.references = landing.away(REFERENCES).await?;
        Ok(landing)
    }

    async fn act_as(&self, role: &str) -> Result<(), DbError> {
        Ok(self.client.batch_execute(&format!("SET LOCAL ROLE {}", quoted(role))).await?)
    }

    /// The tenant's line in the directory.
    async fn enter(&self, tenant: &Tenant) -> Result<(), DbError> {
        let sql = "INSERT INTO platform.tenants (id, slug, name, state, kms_key, key_epoch, storage_prefix, created_at, activated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let epoch = i64::try_from(tenant.key_epoch).unwrap_or(i64::MAX);
        let Tenant { id, slug, name, state, kms_key, storage_prefix, created_at, activated_at, .. } = tenant;
        self.client
            .execute(
                sql,
                &[&id.uuid(), slug, name, &state.name(), kms_key, &epoch, storage_prefix, created_at, activated_at],
            )
            .await?;
        // An erasure that the export was ahead of its end is brought to it here.
        let sql = "INSERT INTO platform.share_tasks (id, tenant_id, next_at, created_at) VALUES (gen_random_uuid(), $1, now(), now())";
        self.client.execute(sql, &[&id.uuid()]).await?;
        Ok(())
    }

    /// Takes away what `found` lists; returns what brings it back.
    async fn away(&self, found: &str) -> Result<Vec<Undo>, DbError> {
        let mut undo = Vec::new();
        for row in self.client.query(found, &[]).await? {
            let (takes_away, statement, role): (String, String, String) = (row.get(0), row.get(1), row.get(2));
            self.act_as(&role).await?;
            self.client.batch_execute(&takes_away).await?;
            undo.push(Undo { statement, role });
        }
        Ok(undo)
    }

    async fn back(&self, undo: &[Undo]) -> Result<(), DbError> {
        for Undo { statement, role } in undo.iter().rev() {
            self.act_as(role).await?;
            self.client.batch_execute(statement).await?;
        }
        Ok(())
    }

    /// Every table that holds tenants' rows, as this database has them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tables(&self) -> Result<Vec<TransferTable>, DbError> {
        tables(&self.client).await
    }

    /// Adds rows of a table, given as the lines of a snapshot.
    ///
    /// # Errors
    /// When the database refuses one of them.
    pub async fn add(&self, table: &TransferTable, lines: &[String]) -> Result<(), DbError> {
        self.act_as(&table.owner).await?;
        let insert = self.client.prepare(&table.insert()).await?;
        self.client.execute(&insert, &[&lines]).await?;
        Ok(())
    }

    /// Checks every reference between the rows, now that all are there.
    ///
    /// # Errors
    /// [`DbError::Refused`] names the constraint that does not hold.
    pub async fn check_references(&self) -> Result<(), DbError> {
        // A statement reads all rows of a table: it takes as long as there are rows.
        self.client.batch_execute("SET LOCAL statement_timeout = 0").await?;
        self.back(&self.references).await
    }

    /// The rows of a table as they are now, for comparison.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rows(&self, table: &TransferTable) -> Result<Lines<'_>, DbError> {
        self.act_as(&table.owner).await?;
        Lines::of(&self.client, table).await
    }

    /// Hands the chained events to `take` in order: number, hash and the text that the hash covers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chain(&self, mut take: impl FnMut(i64, &[u8], &str)) -> Result<(), DbError> {
        self.act_as("keystead_audit").await?;
        let sql = "SELECT n, hash, audit.leaf(e) FROM audit.events e WHERE n IS NOT NULL ORDER BY n";
        self.in_batches(sql, |row| take(row.get(0), row.get(1), row.get(2))).await
    }

    /// The sealed names of `most` contacts who were not erased, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sealed_names(&self, most: i64) -> Result<Vec<SealedName>, DbError> {
        self.act_as("keystead_owner").await?;
        let sql = "SELECT c.id, k.key_version, k.wrapped, c.name, k.wrapping FROM app.contacts c
            JOIN app.subject_keys k ON k.tenant_id = c.tenant_id AND k.id = c.id
            WHERE c.tenant_id = $1 AND c.erased_at IS NULL ORDER BY c.id DESC LIMIT $2";
        let rows = self.client.query(sql, &[&self.tenant.uuid(), &most]).await?;
        let sealed = |row: &tokio_postgres::Row| SealedName {
            contact: row.get(0),
            key_version: row.get(1),
            wrapping: row.get(4),
            wrapped: row.get(2),
            name: row.get(3),
        };
        Ok(rows.iter().map(sealed).collect())
    }

    /// Puts policies, triggers and references back as they were, and makes the tenant stay.
    ///
    /// # Errors
    /// When the database fails; then nothing stays.
    pub async fn commit(self) -> Result<(), DbError> {
        self.back(&self.closing).await?;
        // As in `TenantTx::commit`: a transaction that failed must not look committed.
        Ok(self.client.batch_execute("SELECT; COMMIT").await?)
    }

    async fn in_batches(&self, sql: &str, mut take: impl FnMut(&tokio_postgres::Row)) -> Result<(), DbError> {
        self.client.batch_execute(&format!("DECLARE rows NO SCROLL CURSOR FOR {sql}")).await?;
        loop {
            let rows = self.client.query(&format!("FETCH {BATCH} FROM rows"), &[]).await?;
            if rows.is_empty() {
                break;
            }
            rows.iter().for_each(&mut take);
        }
        Ok(self.client.batch_execute("CLOSE rows").await?)
    }
}
