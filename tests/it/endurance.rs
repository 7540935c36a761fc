//! T25: mixed traffic for a while. What should stay level stays level, and nothing is left behind.
//!
//! Slopes are by least squares after a warm-up, with their standard error. Minutes cannot show one per cent an hour: the
//! figure says what was measured and how sure it is, and the threshold is on what is certain.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use keystead_proofs::{Proof, full, scale};
use keystead_tests::{
    Options, PASSWORD, ServerProcess, Tenant, count, fresh_database,
    history::{Load, Loaded},
};
use serde_json::json;
use tokio::time::sleep;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

/// How long: seconds in the fast tier, `KEYSTEAD_ENDURANCE_MINUTES` (10) in the deep one.
fn span() -> Duration {
    let minutes = std::env::var("KEYSTEAD_ENDURANCE_MINUTES").ok().and_then(|minutes| minutes.parse().ok());
    scale(Duration::from_secs(4), Duration::from_secs_f64(60.0 * minutes.unwrap_or(10.0)))
}

/// One look at the server and its database.
struct Sample {
    hours: f64,
    rss_kib: f64,
    descriptors: f64,
    connections: f64,
}

async fn sample(pid: u32, database: &Client, began: Instant) -> Sample {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    Sample {
        hours: began.elapsed().as_secs_f64() / 3600.0,
        rss_kib: rss.trim().trim_end_matches(" kB").parse().unwrap(),
        descriptors: fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count() as f64,
        connections: count(database, SESSIONS, &[]).await as f64,
    }
}

/// The server's sessions.
const SESSIONS: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'keystead%'";

/// Sessions that wait for their client in the middle of a transaction, for longer than any request should make them.
const LEFT_OPEN: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '2 seconds'";

/// Slope and its standard error.
fn slope(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let (mean_x, mean_y) =
        (points.iter().map(|(x, _)| x).sum::<f64>() / n, points.iter().map(|(_, y)| y).sum::<f64>() / n);
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let slope = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / spread;
    let rest: f64 = points.iter().map(|(x, y)| (y - mean_y - slope * (x - mean_x)).powi(2)).sum();
    (slope, (rest / (n - 2.0).max(1.0) / spread).sqrt())
}

#[test]
fn a_slope_is_what_it_should_be() {
    let line: Vec<(f64, f64)> = (0..10).map(|x| (f64::from(x), f64::from(3 * x + 1))).collect();
    assert!((slope(&line).0 - 3.0).abs() < 1e-9 && slope(&line).1 < 1e-9);
}

/// What the writers and readers of the load do not do: log in, search, page, export.
async fn others(tenant: Loaded, stop: CancellationToken) -> (usize, usize) {
    let (mut asked, mut failed) = (0, 0);
    let mut person = tenant.person.clone();
    while !stop.is_cancelled() {
        let login = json!({ "tenant": tenant.slug, "email": person.email, "password": PASSWORD, "client": "native" });
        let entered = person.call("POST", "/v1/auth/login").json(&login).send().await;
        if let Some(token) = entered.json["access_token"].as_str() {
            person.token = token.to_owned();
        }
        let mut answers = vec![entered.status];
        for path in ["/v1/contacts?name=zyzz", "/v1/units", "/v1/me", "/v1/audit/head", "/v1/members", "/v1/roles"] {
            answers.push(person.get(path).send().await.status);
        }
        if asked % 70 == 0 {
            answers.push(person.get("/v1/audit/export").send().await.status);
        }
        answers.push(person.call("POST", "/v1/auth/logout").send().await.status);
        asked += answers.len();
        failed += answers.iter().filter(|status| **status >= 400).count();
        sleep(Duration::from_millis(100)).await;
    }
    (asked, failed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_should_stay_level_stays_level() {
    let proof = Proof::of("T25");
    let options = Options::default();
    let server = ServerProcess::start(fresh_database().await, &options).await;
    let mut tenants = Vec::new();
    for number in 0..scale(2, 4) {
        tenants.push(Loaded::of(&Tenant::sign_up(&server, &format!("tenant-{number}")).await).await);
    }
    let database = Arc::new(server.database.superuser().await);
    let (pid, span, began) = (server.pid().await, span(), Instant::now());
    let load = Load::of(&tenants, 2);
    let stop = CancellationToken::new();
    let more: Vec<_> = tenants.iter().map(|tenant| tokio::spawn(others(tenant.clone(), stop.clone()))).collect();
    let (mut samples, mut left_open) = (Vec::new(), 0);
    while began.elapsed() < span {
        samples.push(sample(pid, &database, began).await);
        left_open = left_open.max(count(&database, LEFT_OPEN, &[]).await);
        sleep(scale(Duration::from_millis(100), Duration::from_secs(2))).await;
    }
    stop.cancel();
    let (mut asked, mut failed) = (0, 0);
    for one in more {
        let (a, f) = one.await.unwrap();
        (asked, failed) = (asked + a, failed + f);
    }
    let history = load.end().await;
    let good = history.answers(200) + history.answers(201);
    let bad = history.broken.load(std::sync::atomic::Ordering::Relaxed)
        + history.unexpected().len()
        + history.answers(429)
        + history.answers(503);
    proof.note("requests", asked + good + bad);
    proof.at_most("errors-per-10000", (failed + bad) as f64 * 10_000.0 / (asked + good + bad) as f64, 1.0);
    history.verify(&proof, "endurance", &database, &server.log()).await;
    levels(&proof, &samples, &options);
    proof.zero("sessions-left-in-a-transaction", left_open);
    remains(&proof, &database, good).await;
}

fn levels(proof: &Proof, samples: &[Sample], options: &Options) {
    // Caches and pools fill in the beginning.
    let steady = &samples[samples.len() / 3..];
    let points = |value: fn(&Sample) -> f64| steady.iter().map(|one| (one.hours, value(one))).collect::<Vec<_>>();
    let mean = |points: &[(f64, f64)]| points.iter().map(|(_, y)| y).sum::<f64>() / points.len() as f64;
    let rss = points(|one| one.rss_kib);
    let ((slope_rss, error), level) = (slope(&rss), mean(&rss));
    let (percent, uncertainty) = (slope_rss / level * 100.0, 1.96 * error / level * 100.0);
    proof.note("rss-mib", level / 1024.0);
    proof.note("rss-slope-percent-per-hour", percent);
    proof.note("rss-slope-uncertainty-percent-per-hour", uncertainty);
    if full() {
        proof.at_most("rss-slope-certain-percent-per-hour", percent - uncertainty, 1.0);
    }
    for (name, points, most) in [
        // The pools: tenants' work, the platform's four, and background work's two.
        ("database-sessions", points(|one| one.connections), options.db_pool + 6),
        // Those, the clients', and what any process has.
        ("descriptors", points(|one| one.descriptors), 120),
    ] {
        proof.note(&format!("{name}-per-hour"), slope(&points).0);
        let highest = points.iter().map(|(_, y)| *y).fold(0.0, f64::max);
        proof.at_most(&format!("{name}-most"), highest, most);
    }
}

/// What is left in the database when all is quiet.
async fn remains(proof: &Proof, database: &Client, writes: usize) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let waiting = "SELECT (SELECT count(*) FROM audit.events WHERE n IS NULL) + (SELECT count(*) FROM platform.outbox)";
    while count(database, waiting, &[]).await > 0 {
        assert!(Instant::now() < deadline, "events or mails are left over");
        sleep(Duration::from_millis(50)).await;
    }
    // A session that is idle and in no transaction has no context: contexts are set for a transaction only.
    let unclean = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND usename LIKE 'keystead%' AND (xact_start IS NOT NULL OR backend_xid IS NOT NULL)";
    let deadline = Instant::now() + Duration::from_secs(5);
    // Background work may be at it at this very moment.
    while count(database, unclean, &[]).await > 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(20)).await;
    }
    proof.zero("sessions-with-a-context-at-rest", count(database, unclean, &[]).await);
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database())";
    proof.zero("locks-left", count(database, locks, &[]).await);
    database.batch_execute("ANALYZE").await.unwrap();
    let row = database
        .query_one(
            "SELECT coalesce(sum(n_dead_tup), 0)::float8 / greatest(sum(n_live_tup), 1)::float8,
                sum(pg_total_relation_size(relid))::float8
            FROM pg_stat_user_tables WHERE schemaname IN ('app', 'audit', 'identity', 'platform')",
            &[],
        )
        .await
        .unwrap();
    proof.note("dead-rows-per-live-row", row.get::<_, f64>(0));
    proof.note("table-bytes-per-answer", row.get::<_, f64>(1) / writes as f64);
}
