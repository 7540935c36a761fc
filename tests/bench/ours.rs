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
    table::{OUR_BARE, OUR_FOUR, OUR_ONE, OURS, Row},
    usage::{Meter, pss_mib},
    workload::{Workload, check, request, requests},
};

/// Requests of an operation that pgbench repeats, of as many tenants. It takes 128 scripts, but prepares the statements of each on
/// every connection: with so many it is through with that when it has warmed up.
const RECORDED: usize = 32;

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

/// What the requests send, once their answers are seen to be right; tables are left as they were.
pub async fn prepared(bench: &mut Bench, server: &Server) -> anyhow::Result<Book> {
    bench.enter(server).await?;
    verify(bench, server).await?;
    let recorded = record(bench).await?;
    bench.same_rows(&recorded).await?;
    bench.trim().await?;
    Ok(recorded)
}

/// One round of an operation: our server, and pgbench with the statements of its requests. Says how many answers our server gave.
pub async fn round(bench: &mut Bench, server: &Server, recorded: &Book, workload: Workload) -> anyhow::Result<u64> {
    bench.enter(server).await?;
    bench.settled().await?;
    let target = (server.address, server.process());
    let all = Rc::new(requests(&bench.data, workload));
    let (row, run) = measure(bench, target, &all, load::CONNECTIONS, bench.knobs.seconds).await?;
    bench.table.add(workload.name(), OURS, row);
    let mut served = run.answers();
    if workload == Workload::W1 {
        let (row, run) = measure(bench, target, &all, 1, bench.knobs.seconds.min(3)).await?;
        bench.table.add(ALONE, OURS, row);
        served += run.answers();
    }
    bench.level(workload).await?;
    limits(bench, server, workload, recorded).await?;
    Ok(served)
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

/// What the database alone does with the same statements, and what policies cost there.
async fn limits(bench: &mut Bench, server: &Server, workload: Workload, recorded: &Book) -> anyhow::Result<()> {
    let one = limit(bench, server, workload, recorded, Trips::One).await?;
    limit(bench, server, workload, recorded, Trips::Four).await?;
    if workload == Workload::W1 {
        let bare = limit(bench, server, workload, recorded, Trips::NoPolicies).await?;
        if let Some((one, bare)) = one.zip(bare) {
            bench.figures.add(RLS_OURS, one / bare, "");
        }
    }
    Ok(())
}

/// One shape of their transaction, while our server stands still; how many a second, or none without pgbench.
async fn limit(
    bench: &mut Bench,
    server: &Server,
    workload: Workload,
    recorded: &Book,
    trips: Trips,
) -> anyhow::Result<Option<f64>> {
    let Some(pgbench) = &bench.pgbench else { return Ok(None) };
    let (login, name) = match trips {
        Trips::One => (bench.app_login(), OUR_ONE),
        Trips::Four => (bench.app_login(), OUR_FOUR),
        Trips::NoPolicies => (bench.superuser_login(), OUR_BARE),
    };
    let paused = server.pause();
    let row = pgbench.run(&login, &scripts(recorded, workload, trips, &bench.root))?;
    // It puts the events that pgbench left into their chain.
    drop(paused);
    let per_second = row.per_second;
    bench.table.add(workload.name(), name, row);
    bench.level(workload).await?;
    Ok(Some(per_second))
}

/// What the requests of each operation send, tenant by tenant.
pub type Book = HashMap<&'static str, Vec<(uuid::Uuid, Recorded)>>;

/// Lets PostgreSQL write down requests of each operation.
pub async fn record(bench: &Bench) -> anyhow::Result<Book> {
    let recorder = Recorder::start(&bench.database, bench.postmaster).await?;
    let server = bench.server(&[]).await?;
    let mut random = StdRng::seed_from_u64(7);
    let mut book = Book::new();
    for workload in Workload::SINGLE {
        let mut all = Vec::new();
        for tenant in bench.data.tenants.iter().cycle().take(RECORDED) {
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

/// Scripts of an operation or a mix with their weights: of each part of a mix as many as make up the whole together.
pub fn scripts(recorded: &Book, workload: Workload, trips: Trips, root: &RootSecret) -> Vec<(String, u32)> {
    let each = RECORDED / workload.mix().len();
    let of_one = |(operation, percent): &(Workload, u32)| {
        let weight = *percent;
        let all = recorded.get(operation.name()).map(Vec::as_slice).unwrap_or_default();
        all.iter().take(each).map(move |(tenant, recorded)| (script(recorded, *tenant, trips, root), weight))
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
