//! What happens under pressure: logins beside the mix, and one member who asks too often.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use futures::{StreamExt as _, stream::FuturesUnordered};
use keystead_tests::PASSWORD;
use serde_json::json;

use crate::{
    bench::Bench,
    goals::{ADMITTED, LOGIN_P99, MIX_RISE, REFUSALS, START, median},
    knobs::LONGEST,
    load::{self, Until, percentile},
    server::Server,
    table::OURS,
    workload::{Workload, bytes, requests},
};

/// Starts the server a few times; the median counts.
pub async fn starts(bench: &mut Bench) -> anyhow::Result<()> {
    let mut millis = Vec::new();
    for _ in 0..5 {
        millis.push(bench.server(&[]).await?.started_in.as_secs_f64() * 1000.0);
    }
    bench.figures.add(START, median(millis), "ms");
    Ok(())
}

/// Logins at half of what the server can hash, beside the mix.
///
/// That capacity is measured, not reckoned from the hash: whole login requests a second that two callers, each waiting for its
/// answer, get from the server on its one core while nothing else asks it for anything.
pub async fn logins(bench: &mut Bench, server: &Server) -> anyhow::Result<()> {
    let logins = login_requests(bench);
    bench.enter(server).await?;
    let seconds = bench.knobs.seconds;
    // Twice as long, for enough logins, but no longer than a measurement may take.
    let longer = (2 * seconds).min(LONGEST);
    let alone = load::run(server.address, &logins, 2, Until::Seconds(seconds), || ()).await?;
    ensure!(alone.errors + alone.refused == 0, "logins fail: {alone:?}");
    let capacity = alone.per_second();
    bench.figures.add("logins a second, nothing else running", capacity, "");
    let mix = Rc::new(requests(&bench.data, Workload::W5));
    bench.settled().await?;
    let without = load::run(server.address, &mix, load::CONNECTIONS, Until::Seconds(seconds), || ()).await?;
    bench.trim().await?;
    let load = load::run(server.address, &mix, load::CONNECTIONS, Until::Seconds(longer), || ());
    // From the mix's warming up to its end: none of what is counted of it is without logins.
    let beside = steady(server, &logins, capacity / 2.0, load::WARM + Duration::from_secs(longer));
    let (with, latencies) = futures::join!(load, beside);
    let (with, latencies) = (with?, latencies?);
    ensure!(with.errors + with.refused == 0, "the mix fails beside logins");
    bench.figures.add(LOGIN_P99, percentile(&latencies, 99), "ms");
    bench.figures.add("login p50 at half the argon2 capacity, W5 running", percentile(&latencies, 50), "ms");
    bench.figures.add(MIX_RISE, with.percentile(99) / without.percentile(99), "");
    bench.trim().await
}

fn login_requests(bench: &Bench) -> Rc<Vec<Vec<u8>>> {
    let one = |tenant: &crate::seed::Tenant| {
        let body = json!({ "tenant": tenant.slug, "email": tenant.email, "password": PASSWORD, "client": "native" });
        bytes("/v1/auth/login", "", &body.to_string())
    };
    Rc::new(bench.data.tenants.iter().map(one).collect())
}

/// Requests at a fixed rate whatever the answers do; latencies in microseconds from when each was due, sorted.
async fn steady(server: &Server, requests: &[Vec<u8>], rate: f64, lasts: Duration) -> anyhow::Result<Vec<u32>> {
    let begun = Instant::now();
    let count = (rate * lasts.as_secs_f64()) as usize;
    let mut asked: FuturesUnordered<_> = (0..count)
        .map(|index| async move {
            let due = begun + Duration::from_secs_f64(index as f64 / rate);
            tokio::time::sleep_until(due.into()).await;
            let answer = load::ask(server.address, &requests[index % requests.len()]).await?;
            ensure!(answer.status == 200, "a login is answered with {}", answer.status);
            Ok(u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX))
        })
        .collect();
    let mut latencies = Vec::new();
    while let Some(latency) = asked.next().await {
        latencies.push(latency?);
    }
    latencies.sort_unstable();
    Ok(latencies)
}

/// The product's own quota, 100 a minute, under a burst of one member.
pub async fn limiter(bench: &mut Bench) -> anyhow::Result<()> {
    let server = bench.server(&[("KEYSTEAD_PER_MEMBER_PER_MINUTE", "100")]).await?;
    let tenant = bench.data.tenants.first().context("a tenant")?;
    let contract = &tenant.projects[0].contracts[0];
    let one = Rc::new(vec![bytes(&format!("/v1/contracts/{contract}"), &tenant.token, "")]);
    let burst = load::run(server.address, &one, load::CONNECTIONS, Until::Answers(10_000), || ()).await?;
    ensure!(burst.errors == 0, "{} answers were neither success nor 429 with Retry-After", burst.errors);
    bench.figures.add(ADMITTED, burst.good as f64, "");
    bench.figures.add("seconds that the burst took", burst.seconds, "s");
    let refused =
        load::run(server.address, &one, load::CONNECTIONS, Until::Seconds(bench.knobs.seconds), || ()).await?;
    bench.figures.add("refusals a second", refused.per_second(), "");
    if let Some(row) = bench.table.get(Workload::W1.name(), OURS) {
        let times = refused.per_second() / row.per_second;
        bench.figures.add(REFUSALS, times, "");
    }
    Ok(())
}
