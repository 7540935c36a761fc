//! What the workload fixes: a schema, its data and SQL, in a database of their own on the same cluster. pgbench on it is what goals
//! are measured against, and the peers serve it. None of it is part of this project: it is used from the folder that `BENCH_RIG`
//! names, and left out where that is absent.

use std::{fs, path::PathBuf};

use anyhow::Context as _;

use crate::{
    bench::{self, Bench, superuser_login},
    goals::RLS_PEERS,
    pgbench::Login,
    server::Server,
    table::{PEER_BARE, PEER_FOUR, PEER_ONE},
    workload::Workload,
};

/// The database.
pub const DATABASE: &str = "crmbench";
/// Whom policies bind in it.
pub const ROLE: &str = "crm_app";

/// The folder, once its database is seeded.
pub struct Fixed {
    /// Schema, scripts and the peers' sources.
    pub sources: PathBuf,
}

impl Fixed {
    /// Makes the database anew; none where there is no folder.
    pub async fn seeded(bench: &Bench) -> anyhow::Result<Option<Self>> {
        let Some(folder) = &bench.knobs.rig else {
            eprintln!("BENCH_RIG names no folder: the goals over pgbench are not measured, and there are no peers");
            return Ok(None);
        };
        let fixed = Self { sources: folder.canonicalize()? };
        fixed.seed(bench).await?;
        Ok(Some(fixed))
    }

    async fn seed(&self, bench: &Bench) -> anyhow::Result<()> {
        let admin = bench.database.superuser().await;
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {DATABASE}")).await?;
        admin.batch_execute(&format!("DROP ROLE IF EXISTS {ROLE}")).await?;
        admin.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
        for file in ["schema.sql", "seed.sql", "prewarm.sql"] {
            let sql = fs::read_to_string(self.sources.join("sql").join(file))?;
            execute(bench, &sql).await.with_context(|| file.to_owned())?;
        }
        execute(bench, &format!("ALTER ROLE {ROLE} PASSWORD '{}'", login(bench).password)).await?;
        execute(bench, "VACUUM ANALYZE").await
    }

    /// pgbench with the SQL of an operation, and what policies cost there, while our server stands still.
    pub async fn limits(&self, bench: &mut Bench, server: &Server, workload: Workload) -> anyhow::Result<()> {
        let _paused = server.pause();
        let one = self.limit(bench, workload, "pipe_implicit", PEER_ONE).await?;
        self.limit(bench, workload, "4rt", PEER_FOUR).await?;
        if workload == Workload::W1 {
            let bare = self.bare(bench)?;
            if let Some((one, bare)) = one.zip(bare) {
                bench.figures.add(RLS_PEERS, one / bare, "");
            }
        }
        Ok(())
    }

    /// One shape of its transaction; how many a second, or none without pgbench.
    async fn limit(
        &self,
        bench: &mut Bench,
        workload: Workload,
        shape: &str,
        name: &str,
    ) -> anyhow::Result<Option<f64>> {
        let Some(pgbench) = &bench.pgbench else { return Ok(None) };
        let script = |(operation, percent): &(Workload, u32)| {
            anyhow::Ok((self.script(&format!("{}_{shape}", operation.name().to_lowercase()))?, *percent))
        };
        let scripts: Vec<_> = workload.mix().iter().map(script).collect::<anyhow::Result<_>>()?;
        let row = pgbench.run(&login(bench), &scripts)?;
        let per_second = row.per_second;
        bench.table.add(workload.name(), name, row);
        if workload.writes() {
            trim(bench).await?;
        }
        Ok(Some(per_second))
    }

    /// W1 without tenant and policies.
    fn bare(&self, bench: &mut Bench) -> anyhow::Result<Option<f64>> {
        let Some(pgbench) = &bench.pgbench else { return Ok(None) };
        let row = pgbench.run(&superuser_login(DATABASE), &[(self.script("w1_norls")?, 1)])?;
        let per_second = row.per_second;
        bench.table.add(Workload::W1.name(), PEER_BARE, row);
        Ok(Some(per_second))
    }

    fn script(&self, name: &str) -> anyhow::Result<String> {
        let file = self.sources.join("pgbench").join(name).with_extension("sql");
        fs::read_to_string(&file).with_context(|| file.display().to_string())
    }
}

/// The role of whoever serves it.
pub fn login(bench: &Bench) -> Login {
    let password = bench.root.role_password(ROLE);
    Login { user: ROLE.to_owned(), password, database: DATABASE.to_owned(), options: "" }
}

/// Takes out what creating left behind.
pub async fn trim(bench: &Bench) -> anyhow::Result<()> {
    execute(bench, "DELETE FROM crm.contacts WHERE last_name = 'Person'; TRUNCATE crm.audit_log").await?;
    execute(bench, "VACUUM (ANALYZE) crm.contacts").await?;
    execute(bench, "CHECKPOINT").await
}

async fn execute(bench: &Bench, sql: &str) -> anyhow::Result<()> {
    let Login { user, password, .. } = superuser_login(DATABASE);
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(bench::port(&bench.database)?).user(user).password(password).dbname(DATABASE);
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    let running = tokio::spawn(connection);
    client.batch_execute(sql).await?;
    drop(client);
    running.await??;
    Ok(())
}
