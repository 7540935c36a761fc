//! The path to the database is slow, breaks, falls silent, and loses the answer to COMMIT.

use std::{sync::Arc, time::Duration};

use keystead_proofs::{Proof, scale};
use keystead_tests::{
    Options, ServerProcess, Site,
    fault_proxy::{At, FaultProxy, Faults, Then},
    fresh_database,
    history::Load,
};
use tokio::time::sleep;

use super::{RECOVERED_WITHIN, tenants};

/// A server whose database is behind a proxy.
async fn server(seed: u64) -> (ServerProcess, FaultProxy) {
    let database = fresh_database().await;
    let proxy = FaultProxy::to_url(&database.url, seed).await;
    let url = proxy.instead_in(&database.url);
    let server = ServerProcess::start_with(database, &Options::default(), &[("DATABASE_URL", &url)]).await;
    (server, proxy)
}

/// Waits until the proxy has struck so many times more.
async fn strikes(proxy: &FaultProxy, more: usize) {
    let wanted = proxy.struck() + more;
    let deadline = std::time::Instant::now() + scale(Duration::from_secs(60), Duration::from_secs(300));
    while proxy.struck() < wanted {
        assert!(std::time::Instant::now() < deadline, "the proxy struck {} times of {wanted}", proxy.struck());
        sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_path_that_breaks_and_stalls_loses_and_doubles_nothing() {
    let proof = Proof::of("T19");
    let (server, path) = server(proof.seed()).await;
    let tenants = tenants(&server).await;
    let load = Load::of(&tenants, 2);
    load.acknowledges(10).await;

    for _ in 0..scale(5, 60) {
        path.reset();
        load.acknowledges(5).await;
    }
    path.set(Faults { latency: Duration::from_millis(15), bandwidth: 200_000, ..Faults::default() });
    load.acknowledges(scale(10, 200)).await;
    // In the middle of an answer, wherever that is.
    path.set(Faults { cut_after: 20_000, ..Faults::default() });
    strikes(&path, scale(3, 60)).await;
    path.set(Faults { refused: true, ..Faults::default() });
    path.reset();
    sleep(scale(Duration::from_millis(500), Duration::from_secs(10))).await;
    path.heal();
    let mut slowest = load.recovers(RECOVERED_WITHIN).await;
    // Nothing arrives and nothing is closed. In the deep tier for longer than the server's patience.
    path.set(Faults { held: true, ..Faults::default() });
    sleep(scale(Duration::from_secs(1), Duration::from_secs(30))).await;
    path.heal();
    slowest = slowest.max(load.recovers(RECOVERED_WITHIN).await);

    let history = load.end().await;
    assert_eq!(history.unexpected(), Vec::<String>::new());
    history.verify(&proof, "path", &server.database.superuser().await, &server.log()).await;
    proof.at_most("path-recovery-seconds", slowest.as_secs_f64(), RECOVERED_WITHIN.as_secs_f64());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lost_answer_to_commit_is_found_again_under_the_same_key() {
    let proof = Proof::of("T19");
    let (server, path) = server(proof.seed()).await;
    let tenants = tenants(&server).await;
    let load = Load::of(&tenants, 2);
    load.acknowledges(10).await;
    let mut struck = 0;
    for then in [Then::Lose, Then::LoseAnswer, Then::Silence] {
        // Silence costs the server its whole patience each time.
        let times = if then == Then::Silence { scale(1, 20) } else { scale(6, 150) };
        path.set(Faults { at: Some(At { word: b"COMMIT", one_in: 3, then }), ..Faults::default() });
        strikes(&path, times).await;
        struck += times;
        path.heal();
    }
    let recovery = load.recovers(RECOVERED_WITHIN).await;
    let history = load.end().await;
    assert_eq!(history.unexpected(), Vec::<String>::new());
    proof.note("commit-answers-lost", struck);
    history.verify(&proof, "commit", &server.database.superuser().await, &server.log()).await;
    proof.at_most("commit-recovery-seconds", recovery.as_secs_f64(), RECOVERED_WITHIN.as_secs_f64());
}

/// The path to the database has no integrity of its own without TLS, so what is stored may be wrong; but the server lives
/// on, tells nothing, and no tenant gets another's rows, because the context that opens them is signed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn turned_bits_stop_nobody_and_open_nothing() {
    let proof = Proof::of("T19");
    let (server, path) = server(proof.seed()).await;
    let tenants = tenants(&server).await;
    let load = Load::of(&tenants, 1);
    load.acknowledges(6).await;
    path.set(Faults { corrupt_one_in: 40, ..Faults::default() });
    strikes(&path, scale(15, 200)).await;
    path.heal();
    // A connection whose two ends misunderstand each other stays in use until it breaks.
    path.reset();
    let recovery = load.recovers(RECOVERED_WITHIN).await;
    server.ready(RECOVERED_WITHIN).await;
    let history = load.end().await;
    proof.note("corruption-bits-turned", path.struck());
    proof.note("corruption-answers-500", history.answers(500));
    let database = Arc::new(server.database.superuser().await);
    let foreign = history.foreign(&database).await;
    eprintln!("rows that are not of whom they were shown to: {foreign:#?}");
    proof.note("corruption-names-that-changed", history.strange.lock().unwrap().len() - foreign.len());
    proof.zero("corruption-cross-tenant-rows", foreign.len());
    proof.zero("corruption-pii-in-errors-and-logs", history.told(&server.log()));
    proof.at_most("corruption-recovery-seconds", recovery.as_secs_f64(), RECOVERED_WITHIN.as_secs_f64());
    // Background work goes on: what was just written finds its place in the chain.
    let unchained = "SELECT count(*) FROM audit.events WHERE n IS NULL";
    let deadline = std::time::Instant::now() + RECOVERED_WITHIN;
    while keystead_tests::count(&database, unchained, &[]).await > 0 {
        assert!(std::time::Instant::now() < deadline, "events are not chained any more");
        sleep(Duration::from_millis(50)).await;
    }
    server.call("GET", "/health/live").expect(200).await;
}
