//! T25: mixed traffic for a while. What should stay level stays level, and nothing is left behind.
//!
//! Slopes are by least squares after a warm-up, with their standard error. What is certain to grow misses its
//! threshold, and so does a run that was too short to be certain of anything: it says how many minutes it takes. What a
//! request may leave in memory is known much sooner. Memory is looked at once a minute, while nobody's password is hashed: that
//! borrows 19 MiB for a moment, and how many do at once depends on how busy the machine is.
//!
//! What the server keeps between requests it counts itself. Keys are as many as tenants have. All else follows how busy the
//! machine is: when nobody has asked for a while, none of it is left.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use keystead_kms_double::{KmsDouble, Running};
use keystead_proofs::{Proof, full, scale};
use keystead_tests::{
    Options, PASSWORD, ServerProcess, Site as _, Tenant, count, fresh_database,
    history::{Load, Loaded},
};
use serde_json::json;
use tokio::{sync::RwLock, time::sleep};
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

/// How long: seconds in the fast tier, `KEYSTEAD_ENDURANCE_MINUTES` in the deep one. In 90 minutes two quiet cores know the
/// slope of memory well enough.
fn span() -> Duration {
    let minutes = std::env::var("KEYSTEAD_ENDURANCE_MINUTES").ok().and_then(|minutes| minutes.parse().ok());
    scale(Duration::from_secs(4), Duration::from_secs_f64(60.0 * minutes.unwrap_or(90.0)))
}

/// Of a hundred measurements, 95 are no further from the truth than so many standard errors.
const SURE: f64 = 1.96;

/// What memory may grow by in an hour, per cent, and how well that must be known.
const MOST_GROWTH: f64 = 1.0;

/// What memory may grow by for each request, in bytes, at the upper end of what is known: less than a task, a connection or
/// a kept answer weighs.
const MOST_LEFT: f64 = 128.0;

/// Dead rows for each live one. Autovacuum begins at one fifth of a table and looks once a minute. In a run of ten
/// minutes the minute until it looks and the one that it works add a tenth each; as much again is to spare.
const MOST_DEAD: f64 = 0.5;

/// Bytes of tables and indexes for each answer. Three answers are a phase, a contact and a page that was read. A
/// contact has some twenty search tokens of 350 bytes, all indexes included, and with key, event and kept answer comes
/// to 11 KB; a phase comes to 4 KB. So an answer leaves 5 KB: at three times that, what is freed is not used again.
const MOST_BYTES: f64 = 16_384.0;

/// One look at the server and its database.
struct Sample {
    hours: f64,
    descriptors: f64,
    connections: f64,
}

async fn sample(pid: u32, database: &Client, began: Instant) -> Sample {
    Sample {
        hours: began.elapsed().as_secs_f64() / 3600.0,
        descriptors: fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count() as f64,
        connections: count(database, SESSIONS, &[]).await as f64,
    }
}

/// Hours and KiB, once those who log in are through with it and the allocator had the time to give back what they borrowed.
async fn memory_at_rest(pid: u32, logins: &RwLock<()>, began: Instant) -> (f64, f64) {
    let _nobody_logs_in = logins.write().await;
    sleep(scale(Duration::ZERO, Duration::from_secs(2))).await;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    (began.elapsed().as_secs_f64() / 3600.0, rss.trim().trim_end_matches(" kB").parse().unwrap())
}

/// What the server keeps for the tenants that there are, and what it keeps of whoever asked lately.
const OF_TENANTS: [&str; 5] = ["kms_answers", "data_keys", "tenant_keys", "tree_answers", "trees"];
const OF_CALLERS: [&str; 6] = ["verified_tokens", "edge_nonces", "rate_limits", "sessions", "tenants", "person_keys"];

/// Keys of each purpose, wrapped and put together, with the tree of shares; some of them twice while they are renewed.
const MOST_OF_A_TENANT: usize = 20;

/// A quota is whole again, and forgotten, within two minutes, and a person's key is closed as soon.
const FORGOTTEN_WITHIN: Duration = Duration::from_secs(200);

/// How many entries all of `caches` have.
async fn kept(server: &ServerProcess, caches: &[&str]) -> usize {
    let figures = server.call("GET", "/metrics").expect(200).await.text;
    let entries = |cache: &&str| {
        let named = format!("keystead_cache_entries{{cache=\"{cache}\"}} ");
        let entries = figures.lines().find_map(|line| line.strip_prefix(named.as_str()));
        entries.unwrap_or_else(|| panic!("{cache} is not in {figures}")).parse::<usize>().unwrap()
    };
    caches.iter().map(entries).sum()
}

/// What is kept of callers is forgotten once they are gone; whoever looks is one.
async fn callers_are_forgotten(proof: &Proof, server: &ServerProcess) {
    let gone = Instant::now();
    let mut left = kept(server, &OF_CALLERS).await;
    while full() && left > 1 && gone.elapsed() < FORGOTTEN_WITHIN {
        sleep(Duration::from_secs(5)).await;
        left = kept(server, &OF_CALLERS).await;
    }
    level(proof, "entries-of-callers-after-silence", left as f64, 1.0);
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
async fn others(tenant: Loaded, logins: Arc<RwLock<()>>, stop: CancellationToken) -> (usize, usize) {
    let (mut asked, mut failed) = (0, 0);
    let mut person = tenant.person.clone();
    while !stop.is_cancelled() {
        let login = json!({ "tenant": tenant.slug, "email": person.email, "password": PASSWORD, "client": "native" });
        let in_turn = logins.read().await;
        let entered = person.call("POST", "/v1/auth/login").json(&login).send().await;
        drop(in_turn);
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
    let folder = tempfile::tempdir().unwrap();
    let kms = KmsDouble::start(folder.path().to_owned(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
    // As often as by default: each signature is a call of KMS.
    let options = Options { kms_endpoint: Some(kms.endpoint()), checkpoint_seconds: 60, ..Options::default() };
    let server = ServerProcess::start(fresh_database().await, &options).await;
    let mut tenants = Vec::new();
    for number in 0..scale(2, 4) {
        tenants.push(Loaded::of(&Tenant::sign_up(&server, &format!("tenant-{number}")).await).await);
    }
    let database = Arc::new(server.database.superuser().await);
    let (pid, span, began) = (server.pid().await, span(), Instant::now());
    let (load, kms_before) = (Load::of(&tenants, 2), calls(&kms));
    let (stop, logins) = (CancellationToken::new(), Arc::<RwLock<()>>::default());
    let other = |tenant: &Loaded| tokio::spawn(others(tenant.clone(), logins.clone(), stop.clone()));
    let more: Vec<_> = tenants.iter().map(other).collect();
    let (mut samples, mut memory, mut left_open) = (Vec::new(), Vec::new(), 0);
    let pause = scale(Duration::from_millis(500), Duration::from_secs(60));
    while began.elapsed() < span {
        if began.elapsed() >= pause * u32::try_from(memory.len()).unwrap() {
            memory.push(memory_at_rest(pid, &logins, began).await);
        }
        samples.push(sample(pid, &database, began).await);
        left_open = left_open.max(count(&database, LEFT_OPEN, &[]).await);
        sleep(scale(Duration::from_millis(100), Duration::from_secs(2))).await;
    }
    // Not before: whoever reads the figures makes room for them.
    let (of_tenants, of_callers) = (kept(&server, &OF_TENANTS).await, kept(&server, &OF_CALLERS).await);
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
    let requests = asked + good + bad;
    proof.note("requests", requests);
    println!("KMS was asked {:?}", kms.ledger());
    // Keys live for minutes: seconds see none renewed, and signatures weigh too much.
    level(&proof, "kms-calls-per-1000-requests", (calls(&kms) - kms_before) as f64 * 1e3 / requests as f64, 0.999);
    for (kind, refusals) in history.refusals.lock().unwrap().iter() {
        let [first, last] = [refusals.first, refusals.last].map(|at| at.duration_since(began).as_secs());
        println!("refused with {kind}: {} times between seconds {first} and {last}", refusals.times);
    }
    proof.at_most("errors-per-10000", (failed + bad) as f64 * 10_000.0 / requests as f64, 1.0);
    history.verify(&proof, "endurance", &database, &server.log()).await;
    println!("MiB: {:.1?}", memory.iter().map(|(_, kib)| kib / 1024.0).collect::<Vec<_>>());
    memory_stays(&proof, &memory[memory.len() / 3..], requests as f64 / samples[samples.len() - 1].hours);
    levels(&proof, &samples, &options);
    proof.zero("sessions-left-in-a-transaction", left_open);
    proof.at_most("entries-of-a-tenant", of_tenants as f64 / tenants.len() as f64, MOST_OF_A_TENANT);
    proof.note("entries-of-callers", of_callers);
    callers_are_forgotten(&proof, &server).await;
    remains(&proof, &database, good).await;
}

/// How often KMS was asked.
fn calls(kms: &Running) -> u64 {
    kms.ledger().values().sum()
}

/// A threshold in the deep tier; seconds give no more than a figure.
fn level(proof: &Proof, figure: &str, value: f64, most: f64) {
    if full() {
        proof.at_most(figure, value, most);
    } else {
        proof.note(figure, value);
    }
}

fn levels(proof: &Proof, samples: &[Sample], options: &Options) {
    // Caches and pools fill in the beginning.
    let steady = &samples[samples.len() / 3..];
    let points = |value: fn(&Sample) -> f64| steady.iter().map(|one| (one.hours, value(one))).collect::<Vec<_>>();
    for (name, points, most) in [
        // The pools: tenants' work, the platform's four, and background work's two.
        ("database-sessions", points(|one| one.connections), options.db_pool + 6),
        // Those, the clients', and what any process has.
        ("descriptors", points(|one| one.descriptors), 120),
    ] {
        let (growth, error) = slope(&points);
        proof.note(&format!("{name}-per-hour"), growth);
        if full() {
            let certain = growth - SURE * error - grain(&points);
            proof.at_most(&format!("{name}-certain-per-hour"), certain, 0);
        }
        let highest = points.iter().map(|(_, y)| *y).fold(0.0, f64::max);
        proof.at_most(&format!("{name}-most"), highest, most);
    }
}

/// Without a bound on the uncertainty, a slope that nobody knows would pass.
fn memory_stays(proof: &Proof, rss: &[(f64, f64)], requests_an_hour: f64) {
    let mean = rss.iter().map(|(_, y)| y).sum::<f64>() / rss.len() as f64;
    let (slope, error) = slope(rss);
    let (percent, uncertainty) = (slope / mean * 100.0, SURE * error / mean * 100.0);
    proof.note("rss-mib", mean / 1024.0);
    proof.note("rss-slope-percent-per-hour", percent);
    // The samples grow with the time, and their spread in time with its square.
    let minutes = 60.0 * rss[rss.len() - 1].0 * (uncertainty / MOST_GROWTH).powf(2.0 / 3.0);
    proof.note("rss-slope-minutes-needed", minutes);
    let left = (slope + SURE * error) * 1024.0 / requests_an_hour;
    level(proof, "rss-bytes-left-a-request-at-most", left, MOST_LEFT);
    if full() && uncertainty > MOST_GROWTH {
        let needed = minutes.ceil();
        println!("too short to know the slope of memory within {MOST_GROWTH} %: KEYSTEAD_ENDURANCE_MINUTES={needed}");
    }
    level(proof, "rss-slope-uncertainty-percent-per-hour", uncertainty, MOST_GROWTH);
    if full() {
        proof.at_most("rss-slope-certain-percent-per-hour", percent - uncertainty, MOST_GROWTH);
    }
}

/// What one more that stays, whenever it came, adds to a slope at most: a count has no smaller step.
fn grain(points: &[(f64, f64)]) -> f64 {
    1.5 / (points[points.len() - 1].0 - points[0].0)
}

#[test]
fn one_more_that_stays_is_no_growth_and_a_leak_is() {
    let counted = |count: fn(i32) -> i32| (0..200).map(|x| (f64::from(x), f64::from(count(x)))).collect::<Vec<_>>();
    let certain = |points: &[(f64, f64)]| slope(points).0 - SURE * slope(points).1 - grain(points);
    let steps: [fn(i32) -> i32; 3] = [|x| 7 + x / 100, |x| 7 + x / 150, |_| 7];
    for step in steps {
        assert!(certain(&counted(step)) <= 0.0);
    }
    assert!(certain(&counted(|x| 7 + x / 20)) > 0.0);
}

/// What is left in the database when all is quiet.
async fn remains(proof: &Proof, database: &Client, answers: usize) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let waiting = "SELECT (SELECT count(*) FROM audit.events WHERE n IS NULL) + (SELECT count(*) FROM platform.outbox)";
    while count(database, waiting, &[]).await > 0 {
        assert!(Instant::now() < deadline, "events or mails are left over");
        sleep(Duration::from_millis(50)).await;
    }
    // Contexts end with their transactions (T8 looks for some in sessions that are used again).
    let unclean = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND usename LIKE 'keystead%' AND (xact_start IS NOT NULL OR backend_xid IS NOT NULL)";
    let deadline = Instant::now() + Duration::from_secs(5);
    // Background work may be at it at this very moment.
    while count(database, unclean, &[]).await > 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(20)).await;
    }
    proof.zero("transactions-open-at-rest", count(database, unclean, &[]).await);
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
    level(proof, "dead-rows-per-live-row", row.get(0), MOST_DEAD);
    level(proof, "table-bytes-per-answer", row.get::<_, f64>(1) / answers as f64, MOST_BYTES);
}
