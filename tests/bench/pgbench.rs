//! The same SQL under the same policies, without an API: what the database alone can do.

use std::{collections::HashMap, path::PathBuf, process::Command};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::{
    load::{WARM, percentile},
    machine::Cores,
    table::Row,
    usage::Meter,
};

/// Connections: as many as the server's pool has.
const CLIENTS: u64 = 8;

/// pgbench on this machine, and whom it asks.
pub struct Pgbench {
    program: PathBuf,
    folder: TempDir,
    /// Port of PostgreSQL.
    pub port: u16,
    /// Where it runs.
    pub cores: Cores,
    /// What it costs.
    pub meter: Meter,
    /// How long.
    pub seconds: u64,
}

/// Whom the scripts act as.
#[derive(Debug, Clone)]
pub struct Login {
    /// Role.
    pub user: String,
    /// Its password.
    pub password: String,
    /// Database.
    pub database: String,
    /// Settings of the session, as `PGOPTIONS` has them.
    pub options: &'static str,
}

impl Pgbench {
    /// None where there is no pgbench.
    pub fn find(port: u16, cores: Cores, meter: Meter, seconds: u64) -> anyhow::Result<Option<Self>> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let program = versions.map(|version| version.path().join("bin/pgbench")).find(|path| path.exists());
        let Some(program) = program else {
            eprintln!("no pgbench on this machine: ratios to it are left out");
            return Ok(None);
        };
        Ok(Some(Self { program, folder: tempfile::tempdir()?, port, cores, meter, seconds }))
    }

    /// Runs scripts, each with its weight, on the server's core.
    pub fn run(&self, login: &Login, scripts: &[(String, u32)]) -> anyhow::Result<Row> {
        let mut command = self.cores.for_server(&self.program);
        for (index, (script, weight)) in scripts.iter().enumerate() {
            let file = self.folder.path().join(format!("{index}.sql"));
            std::fs::write(&file, script)?;
            command.arg("-f").arg(format!("{}@{weight}", file.display()));
        }
        let seconds = WARM.as_secs() + self.seconds;
        self.arguments(&mut command, login, seconds);
        let before = self.meter.read();
        let output = command.output().context("pgbench does not start")?;
        self.meter.buried(&before);
        let spent = self.meter.since(&before);
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success() && !complaint.contains("error"), "pgbench: {complaint}");
        let latencies = self.latencies()?;
        let all = latencies.values().map(Vec::len).sum::<usize>() as f64;
        let first = latencies.keys().min().copied().unwrap_or_default();
        // Whole hundredths of a second, after warming up.
        let mut counted: Vec<u32> = latencies
            .into_iter()
            .filter(|(at, _)| (at - first) as f64 / 100.0 >= WARM.as_secs_f64())
            .flat_map(|(_, latencies)| latencies)
            .collect();
        counted.sort_unstable();
        Ok(Row {
            per_second: counted.len() as f64 / self.seconds as f64,
            p50: percentile(&counted, 50),
            p99: percentile(&counted, 99),
            server_cpu: spent.server / all * 1000.0,
            postgres_cpu: spent.postgres / all * 1000.0,
            pss_mib: None,
            errors: 0,
            foreign: spent.foreign,
        })
    }

    fn arguments(&self, command: &mut Command, login: &Login, seconds: u64) {
        command
            .current_dir(self.folder.path())
            .args(["-n", "-M", "prepared", "-j", "1", "-h", "127.0.0.1", "-l", "--log-prefix=tx"])
            // What scripts count their ids from.
            .args(["-D", "n=80000000000", "-U", &login.user])
            .args(["-c", &CLIENTS.to_string(), "-T", &seconds.to_string(), "-p", &self.port.to_string()])
            .arg(&login.database)
            .env("PGPASSWORD", &login.password)
            .env("PGOPTIONS", login.options);
    }

    /// Latencies in microseconds by the hundredth of a second in which they ended.
    fn latencies(&self) -> anyhow::Result<HashMap<u64, Vec<u32>>> {
        let mut found: HashMap<u64, Vec<u32>> = HashMap::new();
        for entry in std::fs::read_dir(self.folder.path())?.flatten() {
            if !entry.file_name().to_string_lossy().starts_with("tx.") {
                continue;
            }
            // client, transaction, latency, script, second, microsecond
            for line in std::fs::read_to_string(entry.path())?.lines() {
                let fields: Vec<u64> = line.split(' ').filter_map(|field| field.parse().ok()).collect();
                let [_, _, latency, _, second, micros, ..] = fields[..] else { continue };
                found.entry(second * 100 + micros / 10_000).or_default().push(u32::try_from(latency)?);
            }
            std::fs::remove_file(entry.path())?;
        }
        ensure!(!found.is_empty(), "pgbench did nothing");
        Ok(found)
    }
}
