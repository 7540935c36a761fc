//! tokio-postgres: statement by statement, or polled together, so that all leave in one write, with a Sync each or sharing one.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::{
    FutureExt as _,
    future::{BoxFuture, try_join_all},
};
use tokio::net::TcpStream;
use tokio_postgres::{Client, Config, Error, NoTls, Statement};

use crate::{Patience, Task, watched::Watched};

/// How statements travel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Each,
    Pipelined,
    /// As the product does it.
    SharedSync,
}

pub struct TokioWire {
    client: Client,
    begin: Statement,
    scripts: Vec<Vec<Statement>>,
    pace: Pace,
}

impl TokioWire {
    pub async fn open(task: &Task, pace: Pace) -> Result<Self> {
        let mut config = Config::new();
        config.host("127.0.0.1").port(task.port).user(&task.user).password(&task.password).dbname(&task.database);
        let client = if pace == Pace::SharedSync {
            let stream = TcpStream::connect(("127.0.0.1", task.port)).await?;
            stream.set_nodelay(true)?;
            let patience = Patience { each: Duration::from_secs(6), all: Duration::from_secs(9) };
            let stream = Watched::new(Ok(stream), patience);
            let (client, connection) = config.connect_raw(stream, NoTls).await.context("PostgreSQL")?;
            tokio::spawn(connection);
            client
        } else {
            let (client, connection) = config.connect(NoTls).await.context("PostgreSQL")?;
            tokio::spawn(connection);
            client
        };
        let begin = client.prepare("BEGIN").await?;
        let mut scripts = Vec::new();
        for script in &task.scripts {
            scripts.push(try_join_all(script.iter().map(|sql| client.prepare(sql))).await?);
        }
        Ok(Self { client, begin, scripts, pace })
    }

    pub async fn transact(&self, script: usize) -> Result<usize> {
        let simple = |sql: &'static str| self.client.batch_execute(sql).map(|done| done.map(|()| 0)).boxed();
        let query = |statement| self.client.query(statement, &[]).map(|rows| rows.map(|rows| rows.len())).boxed();
        let mut all: Vec<BoxFuture<'_, Result<usize, Error>>> = vec![query(&self.begin)];
        all.extend(self.scripts[script].iter().map(query));
        all.push(simple("COMMIT"));
        if self.pace != Pace::Each {
            return Ok(try_join_all(all).await?.into_iter().sum());
        }
        let mut rows = 0;
        for one in all {
            rows += one.await?;
        }
        Ok(rows)
    }
}
