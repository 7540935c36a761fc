//! How long an ended session gets through.

use std::time::{Duration, Instant};

use futures::future::join_all;
use keystead_ids::PresetRole::SalesAgent;
use keystead_proofs::Proof;
use keystead_tests::{Options, World, edge::cell::FakeCell};
use serde_json::json;

use super::{ACME, MEMBER, get_as, session};

#[tokio::test]
async fn an_ended_session_is_refused_at_the_edge_within_seconds() {
    let proof = Proof::of("edge");
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    // The cell would answer each of them for ever: what is measured is the edge.
    let one = async |pause: u64| {
        let session = session();
        let token = cell.token(ACME, MEMBER, session);
        assert_eq!(get_as(&edge, "acme", &token).await.status, 200);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let revoked = Instant::now();
        cell.told().revoked.push((session, keystead_tenants::Clock::system().now().timestamp_millis()));
        while get_as(&edge, "acme", &token).await.status == 200 {
            assert!(revoked.elapsed() < Duration::from_secs(60), "it is never refused");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        revoked.elapsed()
    };
    let mut took: Vec<Duration> = join_all((0..100).map(|n| one(n * 37))).await;
    took.sort_unstable();
    proof.note("revocation-p50-ms", millis(took[50]));
    proof.at_most("revocation-p99-ms", millis(took[98]), 5_000);
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of seconds")]
fn millis(time: Duration) -> f64 {
    time.as_millis() as f64
}

#[tokio::test]
async fn logging_out_ends_the_token_everywhere() {
    let world = World::with(Options { edge: true, only_edges: true, ..Options::default() }).await;
    let acme = world.tenant("acme").await;
    let agent = acme.hire(SalesAgent, &[]).await;
    agent.get("/v1/me").expect(200).await;
    agent.call("POST", "/v1/auth/logout").expect(204).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    while agent.get("/v1/me").send().await.status != 401 {
        assert!(Instant::now() < deadline, "the token lives on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    acme.admin.get("/v1/me").expect(200).await;
    // It was the edge that refused it, from then on: it has heard of it.
    // Both count in this one process, and the server's recorder was first.
    let probe = &world.direct;
    let refused = async || {
        agent.get("/v1/me").send().await;
        let figures = world.http.get(format!("{probe}/metrics")).send().await.unwrap().text().await.unwrap();
        figures.contains("outcome=\"revoked\"")
    };
    while !refused().await {
        assert!(Instant::now() < deadline, "the edge never heard of it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
