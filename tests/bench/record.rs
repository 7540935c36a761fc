//! Which statements a request sends: PostgreSQL writes them down, so that pgbench runs what the product runs, whatever that
//! becomes.

use std::{collections::HashMap, fs, path::PathBuf};

use anyhow::{Context as _, ensure};
use keystead_tenants::Clock;
use keystead_tests::Database;
use regex::Regex;
use uuid::Uuid;

use crate::{load, server::Server};

/// The statements of one request, without BEGIN and COMMIT, their parameters filled in as PostgreSQL prints them.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// In order.
    pub statements: Vec<Statement>,
    /// When the request was sent, in milliseconds since 1970: ids that it made are younger.
    pub sent_at: u64,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// With `$1` and so on.
    pub sql: String,
    /// None for NULL.
    pub parameters: HashMap<usize, Option<String>>,
}

/// A role whose statements are written down until [`Recorder::stop`].
pub struct Recorder<'d> {
    database: &'d Database,
    log: PathBuf,
}

const ROLE: &str = "keystead_app";

impl<'d> Recorder<'d> {
    /// Begins; sessions that are open already are not recorded.
    pub async fn start(database: &'d Database, postmaster: u32) -> anyhow::Result<Self> {
        let log = fs::read_link(format!("/proc/{postmaster}/fd/2")).context("PostgreSQL's log")?;
        ensure!(log.exists(), "PostgreSQL's log is no file");
        let sql = |setting: &str| format!("ALTER ROLE {ROLE} IN DATABASE {} SET {setting};", database.name());
        let settings = ["log_statement = 'all'", "log_parameter_max_length = -1", "log_error_verbosity = 'default'"];
        database.superuser().await.batch_execute(&settings.map(sql).concat()).await?;
        Ok(Self { database, log })
    }

    /// Ends for sessions to come.
    pub async fn stop(self) -> anyhow::Result<()> {
        let sql = format!("ALTER ROLE {ROLE} IN DATABASE {} RESET ALL", self.database.name());
        Ok(self.database.superuser().await.batch_execute(&sql).await?)
    }

    /// The statements of a request. It is sent twice: at the first, statements are prepared and caches are filled.
    pub async fn of(&self, server: &Server, request: &[u8]) -> anyhow::Result<Recorded> {
        load::ask(server.address, request).await?;
        self.settled().await?;
        let before = fs::metadata(&self.log)?.len();
        let sent_at = Clock::system().id::<Uuid>().get_timestamp().map_or(0, |time| {
            let (seconds, nanos) = time.to_unix();
            seconds * 1000 + u64::from(nanos / 1_000_000)
        });
        let answer = load::ask(server.address, request).await?;
        ensure!((200..300).contains(&answer.status), "a recorded request is refused: {}", answer.body);
        self.settled().await?;
        let text = fs::read(&self.log)?.split_off(usize::try_from(before)?);
        let statements = parse(&String::from_utf8_lossy(&text))?;
        ensure!(!statements.is_empty(), "no statement was written down for {}", String::from_utf8_lossy(request));
        Ok(Recorded { statements, sent_at })
    }

    /// A transaction that only read ends after the answer was sent.
    async fn settled(&self) -> anyhow::Result<()> {
        let superuser = self.database.superuser().await;
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND state <> 'idle'";
        while superuser.query_one(sql, &[&ROLE]).await?.get::<_, i64>(0) > 0 {
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

/// Reads `LOG:  execute s1: …` with its `DETAIL:  parameters: …`, and `LOG:  statement: …`.
fn parse(log: &str) -> anyhow::Result<Vec<Statement>> {
    let execute = Regex::new(r"LOG:\s+execute [^:]*: ")?;
    let parameter = Regex::new(r"(?s)\$(\d+) = (NULL|'((?:[^']|'')*)')")?;
    // A line that begins with a tab goes on with the one before.
    let joined = log.replace("\n\t", "\n ");
    let mut statements: Vec<Statement> = Vec::new();
    let entry = Regex::new(r"(?m)^\d{4}-\d\d-\d\d ")?;
    for entry in entry.split(&joined) {
        if let Some(found) = execute.find(entry) {
            let sql = entry[found.end()..].trim().trim_end_matches(';').to_owned();
            if !is_frame(&sql) {
                statements.push(Statement { sql, parameters: HashMap::new() });
            }
        } else if let Some((_, list)) = entry.split_once("arameters: ") {
            let last = statements.last_mut().context("parameters belong to a statement")?;
            last.parameters = parameter
                .captures_iter(list)
                .filter_map(|found| {
                    let value = found.get(3).map(|value| value.as_str().replace("''", "'"));
                    Some((found[1].parse().ok()?, value))
                })
                .collect();
        }
    }
    Ok(statements)
}

fn is_frame(sql: &str) -> bool {
    ["BEGIN", "COMMIT", "ROLLBACK", "SELECT"].iter().any(|frame| sql.eq_ignore_ascii_case(frame))
        || sql == "SELECT; COMMIT"
}
