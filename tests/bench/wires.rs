//! W1's statements by every wire that could carry them, on one cluster, in turn: what chose the driver (docs/adr/0001).

use std::fs;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    bench::{self, Bench},
    load::percentile,
    ours::{Book, record, scripts},
    record::Recorded,
    script::{Trips, statements},
    server::Server,
    table::{OUR_ONE, Row},
    usage::Meter,
    workload::Workload,
};

/// Ways of the program in `wires/`, and what they are called.
const WAYS: [(&str, &str); 6] = [
    ("tokio-each", "tokio-postgres, statement by statement"),
    ("sqlx-each", "sqlx, statement by statement"),
    ("sqlx-packed", "sqlx, packed into one text"),
    ("tokio-pipelined", "tokio-postgres, pipelined"),
    ("tokio-shared-sync", "tokio-postgres, pipelined, one Sync"),
    ("one-sync", "one Sync, by hand"),
];

/// At the least so many rounds, in turn: what is compared differs by less than the machine's moods.
const ROUNDS: usize = 3;

/// Connections, and what is measured with so many.
const LOADS: [(usize, &str); 2] = [(8, "wires, 8"), (1, "wires, 1")];

#[derive(Deserialize)]
struct Outcome {
    transactions: usize,
    rows: usize,
    per_second: f64,
    latencies: Vec<u32>,
}

/// Measures all ways, and pgbench beside them.
pub async fn measure(bench: &mut Bench, server: &Server) -> anyhow::Result<()> {
    if bench.knobs.wires.is_none() {
        eprintln!("BENCH_WIRES names no program: the wires are left out");
        return Ok(());
    }
    bench.enter(server).await?;
    let recorded = &record(bench).await?;
    let _paused = server.pause();
    let mut rows = None;
    for _ in 0..bench.knobs.rounds.max(ROUNDS) {
        for (connections, operation) in LOADS {
            for (way, name) in WAYS {
                let (row, found) = run(bench, recorded, way, connections)?;
                ensure!(*rows.get_or_insert(found) == found && found > 0, "{name} reads {found} rows");
                bench.table.add(operation, name, row);
            }
        }
        if let Some(pgbench) = &bench.pgbench {
            let all = scripts(recorded, Workload::W1, Trips::One, &bench.root);
            let row = pgbench.run(&bench.app_login(), &all)?;
            bench.table.add(LOADS[0].1, OUR_ONE, row);
        }
    }
    Ok(())
}

fn run(bench: &Bench, recorded: &Book, way: &str, connections: usize) -> anyhow::Result<(Row, usize)> {
    let program = bench.knobs.wires.as_ref().context("a program")?;
    let folder = tempfile::tempdir()?;
    let task = folder.path().join("task.json");
    let requests = recorded.get(Workload::W1.name()).map(Vec::as_slice).unwrap_or_default();
    let of_one = |(tenant, recorded): &(Uuid, Recorded)| statements(recorded, *tenant, Trips::One, &bench.root);
    let scripts: Vec<Vec<String>> = requests.iter().map(of_one).collect();
    let login = bench.app_login();
    let told = json!({ "port": bench::port(&bench.database)?, "user": login.user, "password": login.password,
        "database": login.database, "scripts": scripts });
    fs::write(&task, told.to_string())?;
    let mut command = bench.cores.for_server(program);
    command.arg(&task).args([way, &connections.to_string(), &bench.knobs.seconds.to_string()]);
    let meter = Meter { server: None, postmaster: bench.postmaster };
    let before = meter.read();
    let output = command.output().context("the program of the wires does not start")?;
    meter.buried(&before);
    let spent = meter.since(&before);
    ensure!(output.status.success(), "{way}: {}", String::from_utf8_lossy(&output.stderr));
    let outcome: Outcome = serde_json::from_slice(&output.stdout)?;
    let thousands = outcome.transactions as f64 / 1000.0;
    let row = Row {
        per_second: outcome.per_second,
        p50: percentile(&outcome.latencies, 50),
        p99: percentile(&outcome.latencies, 99),
        server_cpu: spent.server / thousands,
        postgres_cpu: spent.postgres / thousands,
        pss_mib: None,
        errors: 0,
        foreign: spent.foreign,
    };
    Ok((row, outcome.rows))
}
