//! tokio-postgres: statement by statement, or polled together, so that all leave in one write with a Sync each.

use anyhow::{Context as _, Result};
use futures::{
    FutureExt as _,
    future::{BoxFuture, try_join_all},
};
use tokio_postgres::{Client, Config, Error, NoTls, Statement};

use crate::Task;

pub struct TokioWire {
    client: Client,
    scripts: Vec<Vec<Statement>>,
    is_pipelined: bool,
}

impl TokioWire {
    pub async fn open(task: &Task, is_pipelined: bool) -> Result<Self> {
        let mut config = Config::new();
        config.host("127.0.0.1").port(task.port).user(&task.user).password(&task.password).dbname(&task.database);
        let (client, connection) = config.connect(NoTls).await.context("PostgreSQL")?;
        tokio::spawn(connection);
        let mut scripts = Vec::new();
        for script in &task.scripts {
            scripts.push(try_join_all(script.iter().map(|sql| client.prepare(sql))).await?);
        }
        Ok(Self { client, scripts, is_pipelined })
    }

    pub async fn transact(&self, script: usize) -> Result<usize> {
        let simple = |sql: &'static str| self.client.batch_execute(sql).map(|done| done.map(|()| 0)).boxed();
        let query = |statement| self.client.query(statement, &[]).map(|rows| rows.map(|rows| rows.len())).boxed();
        let mut all: Vec<BoxFuture<'_, Result<usize, Error>>> = vec![simple("BEGIN")];
        all.extend(self.scripts[script].iter().map(query));
        all.push(simple("COMMIT"));
        if self.is_pipelined {
            return Ok(try_join_all(all).await?.into_iter().sum());
        }
        let mut rows = 0;
        for one in all {
            rows += one.await?;
        }
        Ok(rows)
    }
}
