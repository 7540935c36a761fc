//! One tenant out of a database and into another: a snapshot that is read under the tenant's own context, and a landing that
//! takes the rows in, all or none.
//!
//! Both go by the catalogue: every table of `app` and `audit` holds tenants' rows, whatever was added since this was written.
//! A row travels as one line of JSON that maps each column to its value as PostgreSQL writes it, so that every type comes
//! back as it was.

mod landing;
mod snapshot;

use tokio_postgres::{Client, GenericClient, Row};

use crate::DbError;
pub use landing::{Landing, SealedName};
pub use snapshot::TenantSnapshot;

/// How many rows are in memory at once, here and at the server.
const BATCH: usize = 500;

/// Values must be written alike on both sides, whatever the servers are set to.
const SPELLING: &str = "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL intervalstyle = 'iso_8601';
    SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 3; SET LOCAL lc_monetary = 'C';
    SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '120s';";

/// A table that holds tenants' rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferTable {
    /// With its schema: `app.units`.
    pub name: String,
    /// Its columns with their types, in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key.
    key: Vec<String>,
    owner: String,
    readable: bool,
}

/// A column and its type, as SQL writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
}

/// Every table that holds tenants' rows, by name.
async fn tables(client: &impl GenericClient) -> Result<Vec<TransferTable>, DbError> {
    const SQL: &str = "SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum),
            array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum),
            coalesce((SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum)) FROM pg_index i
                JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey::int2[])
                WHERE i.indrelid = c.oid AND i.indisprimary), '{}'),
            pg_get_userbyid(c.relowner)::text, has_table_privilege(c.oid, 'SELECT')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE n.nspname IN ('app', 'audit') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        GROUP BY c.oid, n.nspname, c.relname ORDER BY (n.nspname || '.' || c.relname) COLLATE \"C\"";
    Ok(client.query(SQL, &[]).await?.iter().map(table).collect())
}

fn table(row: &Row) -> TransferTable {
    let (names, kinds): (Vec<String>, Vec<String>) = (row.get(1), row.get(2));
    let columns = names.into_iter().zip(kinds).map(|(name, kind)| Column { name, kind }).collect();
    TransferTable { name: row.get(0), columns, key: row.get(3), owner: row.get(4), readable: row.get(5) }
}

impl TransferTable {
    /// One line a row, by primary key.
    fn lines(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| literal(&column.name)).collect();
        let values: Vec<String> = self.columns.iter().map(|column| format!("{}::text", quoted(&column.name))).collect();
        let key: Vec<String> = self.key.iter().map(|column| quoted(column)).collect();
        format!(
            "SELECT json_object(ARRAY[{}], ARRAY[{}])::text FROM {} ORDER BY {}",
            names.join(","),
            values.join(","),
            self.name,
            key.join(",")
        )
    }

    /// Adds the rows of `$1`, an array of lines. Each is taken apart once, not once for each column.
    fn insert(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        let texts: Vec<String> = names.iter().map(|name| format!("{name} text")).collect();
        let value = |column: &Column| format!("r.{}::{}", quoted(&column.name), column.kind);
        let values: Vec<String> = self.columns.iter().map(value).collect();
        format!(
            "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM unnest($1::text[]) WITH ORDINALITY t(line, n),
                json_to_record(t.line::json) AS r({}) ORDER BY t.n",
            self.name,
            names.join(","),
            values.join(","),
            texts.join(",")
        )
    }
}

/// The rows of one table, batch by batch. One at a time: a second would use the same cursor.
pub struct Lines<'c> {
    client: &'c Client,
}

impl<'c> Lines<'c> {
    async fn of(client: &'c Client, table: &TransferTable) -> Result<Self, DbError> {
        client.batch_execute(&format!("DECLARE lines NO SCROLL CURSOR FOR {}", table.lines())).await?;
        Ok(Self { client })
    }

    /// The next rows, each a line without its end; none when all were given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&mut self) -> Result<Vec<String>, DbError> {
        let rows = self.client.query(&format!("FETCH {BATCH} FROM lines"), &[]).await?;
        if rows.is_empty() {
            self.client.batch_execute("CLOSE lines").await?;
        }
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
