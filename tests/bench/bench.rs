//! What every measurement needs: the database, the data, the cores, and where results go.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use keystead_tenants::RootSecret;
use keystead_tests::Database;
use tokio_postgres::Client;

use crate::{
    goals::Figures,
    knobs::Knobs,
    machine::{Cores, Hold},
    ours::Book,
    pgbench::{Login, Pgbench},
    script::{Trips, script},
    seed::{self, Data},
    server::{self, Server},
    table::Table,
    usage::{Meter, family},
    workload::Workload,
};

/// Logins older than this are made again. Access tokens live for ten minutes, a measurement and what goes with it for one or two.
const FRESH: Duration = Duration::from_secs(4 * 60);

/// A run.
pub struct Bench {
    /// How it was asked for.
    pub knobs: Knobs,
    /// Cores.
    pub cores: Cores,
    /// The product's database.
    pub database: Database,
    /// What is in it.
    pub data: Data,
    /// PostgreSQL's first process.
    pub postmaster: u32,
    /// The limit; none where there is no pgbench.
    pub pgbench: Option<Pgbench>,
    /// The deployment's secret.
    pub root: RootSecret,
    /// Rows.
    pub table: Table,
    /// Other figures.
    pub figures: Figures,
    hold: Option<Hold>,
    entered: Option<Instant>,
}

impl Bench {
    /// Shares out the cores.
    pub async fn new(knobs: Knobs, database: Database, data: Data) -> anyhow::Result<Self> {
        ensure!(!knobs.workloads.is_empty(), "BENCH_WORKLOADS names none of W1 to W5");
        let cores = Cores::choose();
        let postmaster = postmaster(&database).await?;
        cores.keep_off(family(postmaster).into_iter().chain([std::process::id()]));
        let meter = Meter { server: None, postmaster };
        let pgbench = Pgbench::find(port(&database)?, cores.clone(), meter, knobs.seconds)?;
        let root = RootSecret::from_hex(&std::env::var("KEYSTEAD_SECRET")?).map_err(anyhow::Error::msg)?;
        let (table, figures) = (Table::default(), Figures::default());
        let (hold, entered) = (None, None);
        Ok(Self { knobs, cores, database, data, postmaster, pgbench, root, table, figures, hold, entered })
    }

    /// Waits until the machine is free, and lets others have a turn before.
    pub fn hold_again(&mut self) -> anyhow::Result<()> {
        self.let_go();
        self.hold = Some(Hold::wait(self.knobs.hold.as_deref())?);
        Ok(())
    }

    /// Lets others use the machine.
    pub fn let_go(&mut self) {
        self.hold = None;
    }

    /// Logs everybody in, unless they were a moment ago.
    pub async fn enter(&mut self, server: &Server) -> anyhow::Result<()> {
        if self.entered.is_none_or(|at| at.elapsed() > FRESH) {
            seed::enter(server, &mut self.data).await?;
            self.entered = Some(Instant::now());
        }
        Ok(())
    }

    /// A server of ours on its core, with more variables.
    pub async fn server(&self, variables: &[(&str, &str)]) -> anyhow::Result<Server> {
        Server::start(self.cores.for_server(server::program()?), &self.database, variables).await
    }

    /// The role of the API.
    pub fn app_login(&self) -> Login {
        let user = "keystead_app".to_owned();
        let password = self.root.role_password(&user);
        Login { password, user, database: self.database.name().to_owned(), options: "" }
    }

    /// The role that policies do not bind, planning as the API's role does: policies must be all that differs.
    pub fn superuser_login(&self) -> Login {
        Login { options: "-c plan_cache_mode=force_generic_plan", ..superuser_login(self.database.name()) }
    }

    /// Waits until every event is in its chain: earlier work must not count against what comes.
    pub async fn settled(&self) -> anyhow::Result<()> {
        let superuser = self.database.superuser().await;
        let deadline = Instant::now() + Duration::from_secs(120);
        let sql = "SELECT EXISTS (SELECT FROM audit.events WHERE n IS NULL)";
        while superuser.query_one(sql, &[]).await?.get(0) {
            ensure!(Instant::now() < deadline, "the audit chain does not catch up");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        superuser.batch_execute("CHECKPOINT").await?;
        Ok(())
    }

    /// After a measurement: the next one must meet the same tables.
    pub async fn level(&self, workload: Workload) -> anyhow::Result<()> {
        if workload.writes() { self.trim().await } else { Ok(()) }
    }

    /// Takes out again what creating left behind: rows, their audit events, and mail that waits to be sent. A server must run, as
    /// it is the server that puts events into their chain.
    pub async fn trim(&self) -> anyhow::Result<()> {
        self.settled().await?;
        let superuser = self.database.superuser().await;
        let since = "(SELECT done FROM bench_seeded)";
        superuser
            .batch_execute(&format!(
                "SET session_replication_role = replica;
                DELETE FROM app.search_tokens t USING app.contacts c
                    WHERE c.tenant_id = t.tenant_id AND c.id = t.contact_id AND c.created_at > {since};
                DELETE FROM app.contacts WHERE created_at > {since};
                DELETE FROM app.subject_keys WHERE created_at > {since};
                DELETE FROM app.invitations WHERE created_at > {since};
                DELETE FROM platform.outbox WHERE created_at > {since};
                DELETE FROM audit.events WHERE at > {since};"
            ))
            .await?;
        vacuum(&superuser).await
    }

    /// The statements without policies must find what the policies let through; otherwise their price means nothing.
    pub async fn same_rows(&self, book: &Book) -> anyhow::Result<()> {
        for (tenant, recorded) in book.get(Workload::W1.name()).into_iter().flatten() {
            let (app, bare) = (self.database.role("keystead_app").await, self.database.superuser().await);
            let under = rows(&app, &script(recorded, *tenant, Trips::Four, &self.root)).await?;
            let without = rows(&bare, &script(recorded, *tenant, Trips::NoPolicies, &self.root)).await?;
            // One more: the context's own answer.
            ensure!(under > 1 && under == without + 1, "{under} rows under policies, {without} without them");
        }
        Ok(())
    }
}

/// Rows of all statements of a script.
async fn rows(client: &Client, script: &str) -> anyhow::Result<usize> {
    let sql: String = script.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n");
    let messages = client.simple_query(&sql).await.with_context(|| sql.clone())?;
    Ok(messages.iter().filter(|message| matches!(message, tokio_postgres::SimpleQueryMessage::Row(_))).count())
}

/// Remembers that seeding is over, and brings statistics and visibility up to date.
pub async fn seeded(database: &Database) -> anyhow::Result<()> {
    let superuser = database.superuser().await;
    superuser.batch_execute("CREATE TABLE bench_seeded AS SELECT clock_timestamp() AS done").await?;
    vacuum(&superuser).await
}

async fn vacuum(superuser: &Client) -> anyhow::Result<()> {
    superuser.batch_execute("VACUUM ANALYZE").await?;
    Ok(superuser.batch_execute("CHECKPOINT").await?)
}

/// The cluster's superuser.
pub fn superuser_login(database: &str) -> Login {
    let admin: tokio_postgres::Config =
        std::env::var("DATABASE_ADMIN_URL").unwrap_or_default().parse().unwrap_or_default();
    let password = String::from_utf8_lossy(admin.get_password().unwrap_or_default()).into_owned();
    let user = admin.get_user().unwrap_or("postgres").to_owned();
    Login { user, password, database: database.to_owned(), options: "" }
}

/// PostgreSQL's port.
pub fn port(database: &Database) -> anyhow::Result<u16> {
    let config: tokio_postgres::Config = database.url.parse()?;
    config.get_ports().first().copied().context("a port")
}

/// The parent of any session.
async fn postmaster(database: &Database) -> anyhow::Result<u32> {
    let superuser = database.superuser().await;
    let session: i32 = superuser.query_one("SELECT pg_backend_pid()", &[]).await?.get(0);
    let status = std::fs::read_to_string(format!("/proc/{session}/status"))?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).context("a parent")?;
    Ok(parent.trim().parse()?)
}
