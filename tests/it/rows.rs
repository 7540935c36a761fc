//! What the database holds before and after.

use std::{collections::BTreeMap, fmt::Write as _};

use keystead_tests::World;
use tokio_postgres::Client;

/// The size of every table and, where nothing else writes, a digest of its content.
pub(crate) struct Rows {
    superuser: Client,
    before: Content,
}

type Content = BTreeMap<String, (i64, String)>;

/// Background jobs, or the very counting of failures, write here whatever a request does.
const RESTLESS: [&str; 5] =
    ["audit.heads", "audit.checkpoints", "platform.audit_log", "platform.outbox", "identity.login_attempts"];
/// Rows are only ever added; the sequencer numbers those that are there.
const NUMBERED_LATER: &str = "audit.events";

impl Rows {
    /// What stands now.
    pub(crate) async fn of(world: &World) -> Self {
        let superuser = world.database.superuser().await;
        let before = content(&superuser).await;
        assert!(
            before.contains_key("app.units") && before.contains_key("identity.identities"),
            "the tables were found"
        );
        Self { superuser, before }
    }

    /// Nothing was written since.
    pub(crate) async fn unchanged(&self) {
        self.unchanged_but(&[]).await;
    }

    /// Nothing was written since, except to these tables.
    pub(crate) async fn unchanged_but(&self, tables: &[&str]) {
        let now = content(&self.superuser).await;
        let changed: Vec<_> = now.iter().filter(|(name, rows)| self.before.get(*name) != Some(rows)).collect();
        let unexpected: Vec<_> = changed.iter().filter(|(name, _)| !tables.contains(&name.as_str())).collect();
        assert!(unexpected.is_empty(), "written: {unexpected:?}, before: {:?}", self.before);
    }
}

/// How many rows a query counts, as the superuser.
pub(crate) async fn count(world: &World, sql: &str) -> i64 {
    world.database.superuser().await.query_one(sql, &[]).await.unwrap().get(0)
}

async fn content(superuser: &Client) -> Content {
    let tables = "SELECT schemaname || '.' || tablename FROM pg_tables
        WHERE schemaname IN ('app', 'audit', 'identity', 'platform') ORDER BY 1";
    let mut sql = String::new();
    for row in superuser.query(tables, &[]).await.unwrap() {
        let name: String = row.get(0);
        if RESTLESS.contains(&name.as_str()) {
            continue;
        }
        let digest =
            if name == NUMBERED_LATER { "''" } else { "coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '')" };
        let union = if sql.is_empty() { "" } else { " UNION ALL " };
        write!(sql, "{union}SELECT '{name}', count(*), {digest} FROM {name} t").unwrap();
    }
    let rows = superuser.query(&sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
}
