//! sqlx, which cannot pipeline: prepared statements one by one, or all of them packed into one text, which the simple protocol
//! sends in one round trip and PostgreSQL parses and plans anew each time.

use anyhow::Result;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::Task;

pub struct Sqlx {
    connection: PgConnection,
    scripts: Vec<Vec<String>>,
    /// Each script with BEGIN and COMMIT in one text.
    packed: Option<Vec<String>>,
}

impl Sqlx {
    pub async fn open(task: &Task, is_packed: bool) -> Result<Self> {
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(task.port)
            .username(&task.user)
            .password(&task.password)
            .database(&task.database);
        let pack = |script: &Vec<String>| format!("BEGIN; {}; COMMIT", script.join("; "));
        Ok(Self {
            connection: PgConnection::connect_with(&options).await?,
            scripts: task.scripts.clone(),
            packed: is_packed.then(|| task.scripts.iter().map(pack).collect()),
        })
    }

    pub async fn transact(&mut self, script: usize) -> Result<usize> {
        if let Some(packed) = &self.packed {
            return Ok(sqlx::raw_sql(&packed[script]).fetch_all(&mut self.connection).await?.len());
        }
        let mut transaction = self.connection.begin().await?;
        let mut rows = 0;
        for sql in &self.scripts[script] {
            rows += sqlx::query(sql).fetch_all(&mut *transaction).await?.len();
        }
        transaction.commit().await?;
        Ok(rows)
    }
}
