//! Our API beside pgbench with the same SQL.

use std::{collections::HashMap, rc::Rc};

use anyhow::{Context as _, ensure};
use keystead_tenants::RootSecret;
use rand::{SeedableRng as _, rngs::StdRng};

use crate::{
    bench::Bench,
    goals::{ALONE, RLS_OURS, UNCACHED},
    load::{self, Run, Until},
    record::{Recorded, Recorder},
    script::{Trips, script},
    server::Server,
    table::{OURS, PG_FOUR, PG_ONE, Row},
    usage::{Meter, pss_mib},
    workload::{Workload, check, request, requests},
};

/// Tenants whose requests pgbench repeats. Few, so that its statements are prepared soon: that favours pgbench.
const RECORDED_TENANTS: usize = 8;

/// Answers that are verified before an operation is measured.
const VERIFIED: usize = 100;

/// Takes one measurement of a server that speaks HTTP.
pub async fn measure(
    bench: &Bench,
    (address, process): (std::net::SocketAddr, u32),
    requests: &Rc<Vec<Vec<u8>>>,
    connections: usize,
    seconds: u64,
) -> anyhow::Result<(Row, Run)> {
    let meter = Meter { server: Some(process), postmaster: bench.postmaster };
    let mut before = None;
    let run =
        load::run(address, requests, connections, Until::Seconds(seconds), || before = Some(meter.read())).await?;
    let spent = meter.since(&before.context("a load begins")?);
    let thousands = run.answers() as f64 / 1000.0;
    let row = Row {
        per_second: run.per_second(),
        p50: run.percentile(50),
        p99: run.percentile(99),
        server_cpu: spent.server / thousands,
        postgres_cpu: spent.postgres / thousands,
        pss_mib: Some(pss_mib(process)),
        errors: run.errors + run.refused,
        foreign: spent.foreign,
    };
    Ok((row, run))
}

/// W1 to W5 against pgbench, the one connection, and the price of the policies.
pub async fn workloads(bench: &mut Bench, server: &Server) -> anyhow::Result<()> {
    verify(bench, server).await?;
    let recorded = record(bench).await?;
    bench.same_rows(&recorded).await?;
    let target = (server.address, server.process());
    let (kms_before, mut served) = (server.kms_calls().await?, 0);
    for workload in Workload::ALL {
        let all = Rc::new(requests(&bench.data, workload));
        for _ in 0..bench.knobs.rounds {
            bench.settled().await?;
            let (row, run) = measure(bench, target, &all, load::CONNECTIONS, bench.knobs.seconds).await?;
            served += run.answers();
            bench.table.add(workload.name(), OURS, row);
            limits(bench, server, workload, &recorded).await?;
        }
        if workload == Workload::W1 {
            let (row, run) = measure(bench, target, &all, 1, bench.knobs.seconds.min(3)).await?;
            served += run.answers();
            bench.table.add(ALONE, OURS, row);
        }
        if workload.writes() {
            bench.trim().await?;
        }
    }
    let calls = server.kms_calls().await? - kms_before;
    bench.figures.add("KMS calls per 1,000 requests", calls as f64 * 1000.0 / served as f64, "");
    Ok(())
}

/// W1 while no verified token is remembered.
pub async fn without_token_cache(bench: &mut Bench) -> anyhow::Result<()> {
    let server = bench.server(&[("KEYSTEAD_TOKEN_CACHE_SECONDS", "0")]).await?;
    let all = Rc::new(requests(&bench.data, Workload::W1));
    for _ in 0..bench.knobs.rounds {
        let target = (server.address, server.process());
        let (row, _) = measure(bench, target, &all, load::CONNECTIONS, bench.knobs.seconds).await?;
        bench.table.add(Workload::W1.name(), UNCACHED, row);
    }
    Ok(())
}

/// What the database alone does with the same statements, while our server stands still.
async fn limits(bench: &mut Bench, server: &Server, workload: Workload, recorded: &Book) -> anyhow::Result<()> {
    let Some(pgbench) = &bench.pgbench else { return Ok(()) };
    let _paused = server.pause();
    let app = bench.app_login();
    let one = pgbench.run(&app, &scripts(recorded, workload, Trips::One, &bench.root))?;
    let four = pgbench.run(&app, &scripts(recorded, workload, Trips::Four, &bench.root))?;
    if workload == Workload::W1 {
        let bare =
            pgbench.run(&bench.superuser_login(), &scripts(recorded, workload, Trips::NoPolicies, &bench.root))?;
        bench.figures.add(RLS_OURS, one.per_second / bare.per_second, "");
        bench.table.add(workload.name(), "pgbench without policies", bare);
    }
    bench.table.add(workload.name(), PG_ONE, one);
    bench.table.add(workload.name(), PG_FOUR, four);
    Ok(())
}

/// What the requests of each operation send, tenant by tenant.
pub type Book = HashMap<&'static str, Vec<(uuid::Uuid, Recorded)>>;

/// Lets PostgreSQL write down one request of each operation and tenant.
pub async fn record(bench: &Bench) -> anyhow::Result<Book> {
    let recorder = Recorder::start(&bench.database, bench.postmaster).await?;
    let server = bench.server(&[]).await?;
    let mut random = StdRng::seed_from_u64(7);
    let mut book = Book::new();
    for workload in Workload::SINGLE {
        let mut all = Vec::new();
        for tenant in bench.data.tenants.iter().take(RECORDED_TENANTS) {
            let asked = request(tenant, workload, &mut random);
            all.push((tenant.id, recorder.of(&server, &asked).await?));
        }
        let first = all.first().map(|(_, recorded)| recorded.statements.len()).unwrap_or_default();
        eprintln!("{}: {first} statements between BEGIN and its end", workload.name());
        book.insert(workload.name(), all);
    }
    recorder.stop().await?;
    Ok(book)
}

/// Scripts of an operation or a mix with their weights.
pub fn scripts(recorded: &Book, workload: Workload, trips: Trips, root: &RootSecret) -> Vec<(String, u32)> {
    let of_one = |(operation, percent): &(Workload, u32)| {
        let weight = *percent;
        let all = recorded.get(operation.name()).map(Vec::as_slice).unwrap_or_default();
        all.iter().map(move |(tenant, recorded)| (script(recorded, *tenant, trips, root), weight))
    };
    workload.mix().iter().flat_map(of_one).collect()
}

/// Before anything is timed: answers are what was asked for, and bad tokens are refused.
async fn verify(bench: &Bench, server: &Server) -> anyhow::Result<()> {
    for workload in Workload::SINGLE {
        for asked in requests(&bench.data, workload).iter().take(VERIFIED) {
            check(&bench.data, workload, asked, &load::ask(server.address, asked).await?)?;
        }
    }
    let tenant = bench.data.tenants.first().context("a tenant")?;
    let path = format!("/v1/contracts/{}", tenant.projects[0].contracts[0]);
    let broken = format!("{}AAAAAAAA", &tenant.token[..tenant.token.len() - 8]);
    for token in ["", "x.y.z", &broken] {
        let answer = load::ask(server.address, &crate::workload::bytes(&path, token, "")).await?;
        ensure!(answer.status == 401, "a bad token is answered with {}", answer.status);
    }
    Ok(())
}
