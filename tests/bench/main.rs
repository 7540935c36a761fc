//! `make bench`: our API, pgbench with the SQL that the workload fixes and with what our own requests send, and the peers, on one
//! cluster in one run; then provisioning with 1,000 and 10,000 tenants present, and import speed. Ends with the goals, each met or
//! missed, and writes `bench.json` in the target folder. `BENCH_BASELINE` compares with an earlier run.
//!
//! Absolute figures belong to the machine; the ratios are what can be compared. `synchronous_commit` is off for all, so that
//! software is compared and not the disk. `bench seed` and `bench measure` are the two halves on services that stay up.

mod baseline;
mod batch;
mod bench;
mod fixed;
mod goals;
mod import;
mod knobs;
mod load;
mod machine;
mod ours;
mod peers;
mod pgbench;
mod pressure;
mod provision;
mod record;
mod rounds;
mod script;
mod seed;
mod server;
mod table;
mod usage;
mod wires;
mod workload;

use std::{fs, path::PathBuf, process::Command};

use anyhow::Context as _;
use baseline::Baseline;
use bench::Bench;
use keystead_tests::{Database, fresh_database};
use knobs::Knobs;
use serde::{Deserialize, Serialize};
use server::Server;

/// What `seed` leaves for `measure`.
#[derive(Serialize, Deserialize)]
struct Seeded {
    database: String,
    data: seed::Data,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let knobs = Knobs::from_env();
    match std::env::args().nth(1).as_deref() {
        Some("seed") => {
            let (database, data) = seed(&knobs).await?;
            let seeded = Seeded { database: database.name().to_owned(), data };
            Ok(fs::write(beside("bench-data.json")?, serde_json::to_vec(&seeded)?)?)
        }
        Some("measure") => {
            let seeded: Seeded = serde_json::from_slice(&fs::read(beside("bench-data.json")?)?)?;
            measure(knobs, Database::named(&seeded.database), seeded.data).await
        }
        _ => {
            let (database, data) = seed(&knobs).await?;
            measure(knobs, database, data).await
        }
    }
}

/// A file in the target folder, which is one above this program.
fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().and_then(std::path::Path::parent).context("a target folder")?.join(name))
}

async fn seed(knobs: &Knobs) -> anyhow::Result<(Database, seed::Data)> {
    let database = fresh_database().await;
    let superuser = database.superuser().await;
    for setting in ["synchronous_commit = off", "max_wal_size = '4GB'", "autovacuum = off"] {
        superuser.batch_execute(&format!("ALTER SYSTEM SET {setting}")).await?;
    }
    superuser.batch_execute("SELECT pg_reload_conf()").await?;
    let server = Server::start(Command::new(server::program()?), &database, &[]).await?;
    let data = seed::seed(&server, &database, knobs.tenants).await?;
    bench::seeded(&database).await?;
    Ok((database, data))
}

async fn measure(knobs: Knobs, database: Database, data: seed::Data) -> anyhow::Result<()> {
    let baseline = Baseline::read(knobs.baseline.as_deref())?;
    let mut bench = Bench::new(knobs, database, data).await?;
    let measured = parts(&mut bench).await;
    bench.let_go();
    // A run that breaks off reports what it has measured until then.
    goals::report(&bench, &beside("bench.json")?)?;
    measured?;
    baseline.check(&bench)
}

/// The parts that are wanted, one after the other.
async fn parts(bench: &mut Bench) -> anyhow::Result<()> {
    let server = bench.server(&[]).await?;
    rounds::measure(bench, &server).await?;
    if bench.knobs.wants("pressure") {
        bench.hold_again()?;
        pressure::logins(bench, &server).await?;
        batch::measure(bench, &server).await?;
        bench.enter(&server).await?;
        let paused = server.pause();
        ours::without_token_cache(bench).await?;
        pressure::starts(bench).await?;
        pressure::limiter(bench).await?;
        drop(paused);
    }
    if bench.knobs.wants("wires") {
        wires::measure(bench, &server).await?;
    }
    if bench.knobs.wants("growth") {
        bench.hold_again()?;
        bench.enter(&server).await?;
        import::measure(bench, &server).await?;
        for present in [1_000, 10_000] {
            provision::measure(bench, &server, present).await?;
        }
        bench.figures.add("server memory at the end, peak (VmHWM)", server.peak_mib(), "MiB");
    }
    Ok(())
}
