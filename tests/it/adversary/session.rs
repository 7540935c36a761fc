//! One hostile session: it runs whatever it is told and keeps everything that the server says.

use std::time::Duration;

use futures::{StreamExt, future::join};
use keystead_tests::{Database, context::enter};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_postgres::{AsyncMessage, Client, Error, SimpleQueryMessage, SimpleQueryRow};

pub(super) struct Session {
    client: Client,
    /// Notices and notifications.
    heard: UnboundedReceiver<AsyncMessage>,
}

/// What one statement brought.
#[derive(Default)]
pub(super) struct Heard {
    /// Rows, errors and notices, as text.
    pub(super) text: String,
    /// The SQLSTATE of its failure.
    pub(super) code: Option<String>,
    pub(super) rows: usize,
}

/// More than the role's own limit on a statement.
const PATIENCE: Duration = Duration::from_secs(10);

impl Session {
    pub(super) async fn open(database: &Database) -> Self {
        let (client, heard) = database.overheard("keystead_app").await;
        client.batch_execute("SET statement_timeout = '2s'").await.unwrap();
        Self { client, heard }
    }

    pub(super) fn is_lost(&self) -> bool {
        self.client.is_closed()
    }

    /// A transaction in a valid context, whatever state the session was in.
    pub(super) async fn begin(&self, context: &str) {
        drop(self.client.batch_execute("ROLLBACK").await);
        drop(self.client.batch_execute("BEGIN").await);
        drop(enter(&self.client, context).await);
    }

    pub(super) async fn end(&self, roll_back: bool) {
        drop(self.client.batch_execute(if roll_back { "ROLLBACK" } else { "COMMIT" }).await);
    }

    /// Runs a statement. Its failure costs the transaction nothing else.
    pub(super) async fn run(&mut self, sql: &str) -> Heard {
        let work = async {
            let savepoint = self.client.batch_execute("SAVEPOINT attempt");
            let is_copy = sql.starts_with("COPY") && sql.contains("TO STDOUT");
            if is_copy { join(savepoint, self.copied(sql)).await.1 } else { join(savepoint, self.rows(sql)).await.1 }
        };
        let mut heard = match tokio::time::timeout(PATIENCE, work).await {
            Ok(Ok(heard)) => heard,
            Ok(Err(error)) => {
                drop(self.client.batch_execute("ROLLBACK TO SAVEPOINT attempt").await);
                let code = error.code().map_or("connection", |code| code.code()).to_owned();
                Heard { text: format!("{error:?}"), code: Some(code), rows: 0 }
            }
            Err(_) => panic!("no answer to {sql}"),
        };
        while let Ok(message) = self.heard.try_recv() {
            heard.text.push_str(&format!("\n{message:?}"));
        }
        heard
    }

    async fn rows(&self, sql: &str) -> Result<Heard, Error> {
        let mut heard = Heard::default();
        for message in self.client.simple_query(sql).await? {
            match message {
                SimpleQueryMessage::Row(row) => {
                    heard.rows += 1;
                    (0..row.len()).for_each(|index| {
                        heard.text.push_str(text(&row, index));
                        heard.text.push('|');
                    });
                }
                SimpleQueryMessage::CommandComplete(rows) => heard.text.push_str(&format!("({rows})\n")),
                _ => {}
            }
        }
        Ok(heard)
    }

    async fn copied(&self, sql: &str) -> Result<Heard, Error> {
        let mut chunks = Box::pin(self.client.copy_out(sql).await?);
        let mut heard = Heard::default();
        while let Some(chunk) = chunks.next().await {
            heard.rows += 1;
            heard.text.push_str(&String::from_utf8_lossy(&chunk?));
        }
        Ok(heard)
    }
}

/// A column's text. A session that chose another encoding may get what is no text of ours.
fn text(row: &SimpleQueryRow, index: usize) -> &str {
    row.try_get(index).unwrap_or(Some("?")).unwrap_or("NULL")
}
