//! `make bench`: the API against pgbench doing the same SQL under the same policies, in one run on one cluster; provisioning with
//! 1,000 and 10,000 tenants present; import speed and memory. Prints a table and writes `bench.json` in the target folder.
//!
//! Absolute figures belong to the machine; the ratios are what can be compared. `synchronous_commit` is off for both sides of a
//! ratio, so that software is compared and not the disk.

mod import;
mod load;
mod pgbench;
mod provision;
mod report;
mod seed;
mod server;

use keystead_tests::fresh_database;
use report::Report;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let seconds: u64 = std::env::var("BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let rounds: usize = std::env::var("BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let database = fresh_database().await;
    let superuser = database.superuser().await;
    superuser.batch_execute("ALTER SYSTEM SET synchronous_commit = off").await?;
    superuser.batch_execute("SELECT pg_reload_conf()").await?;
    let server = server::Server::start(&database).await?;
    let mut report = Report::new(seconds, rounds);

    let data = seed::seed(&server, &database).await?;
    superuser.batch_execute("VACUUM ANALYZE").await?;
    workloads(&mut report, &server, &database, &data, seconds, rounds).await?;
    import::measure(&mut report, &server, &data).await?;
    for present in [1_000, 10_000] {
        provision::measure(&mut report, &server, &database, present).await?;
    }
    report.figure("server memory at the end, peak (VmHWM)", server.peak_mib(), "MiB");
    report.finish()
}

/// W1 to W4, API and pgbench interleaved; the median round counts.
async fn workloads(
    report: &mut Report,
    server: &server::Server,
    database: &keystead_tests::Database,
    data: &seed::Data,
    seconds: u64,
    rounds: usize,
) -> anyhow::Result<()> {
    let kms_before = server.kms_calls().await?;
    let mut served = 0;
    for workload in seed::Workload::ALL {
        let requests = data.requests(workload);
        load::check(&server.address, &requests)?;
        let (mut api, mut one, mut four) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let run = load::run(&server.address, &requests, load::CONNECTIONS, seconds).await?;
            served += run.requests;
            api.push(run);
            one.push(pgbench::run(database, data, workload, pgbench::Trips::One, seconds)?);
            four.push(pgbench::run(database, data, workload, pgbench::Trips::Four, seconds)?);
        }
        let alone = load::run(&server.address, &requests, 1, seconds.min(3)).await?;
        served += alone.requests;
        report.workload(workload.name(), api, one, four, &alone);
    }
    let calls = server.kms_calls().await? - kms_before;
    report.figure(
        "KMS calls per 1,000 requests",
        f64::from(u32::try_from(calls).unwrap_or(u32::MAX)) * 1000.0 / served as f64,
        "",
    );
    Ok(())
}
