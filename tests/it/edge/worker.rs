//! The Cloudflare worker in workerd: by its own tests in front of a cell under their control (`tests/edge`), and in front of a real one.

use std::time::{Duration, Instant};

use keystead_ids::PresetRole::SalesAgent;
use keystead_tests::{
    Options, Site, Tenant, World,
    edge::worker::{WorkerEdge, assert_built, harness},
};
use tokio::process::Command;

#[tokio::test]
async fn the_worker_keeps_the_promises_of_the_edge() {
    assert_built();
    // Node's own runner tells its files that they are run by it; a stranger's word for that would mislead it.
    let run = Command::new("node")
        .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
        .current_dir(harness())
        .env_remove("NODE_TEST_CONTEXT")
        .kill_on_drop(true)
        .output();
    let run = run.await.unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}

/// A real cell that answers edges alone, and the worker in front of it.
async fn behind_the_worker() -> (World, WorkerEdge) {
    let world = World::with(Options { edge: false, only_edges: true, ..Options::default() }).await;
    let worker = WorkerEdge::before(&world.config, 1_000_000).await;
    (world, worker)
}

#[tokio::test]
async fn a_builders_first_day_goes_through_the_worker() {
    let (world, worker) = behind_the_worker().await;
    let acme = Tenant::sign_up(&worker, "acme").await;
    let project = acme.project("MAPLE").await;
    acme.admin.get(&format!("/v1/projects/{project}")).expect(200).await;
    acme.admin.get("/v1/projects/prj_00000000000070008000000000000000").expect(404).await;
    worker.call("GET", "/v1/projects").expect(401).await;
    world.call("GET", "/v1/projects").expect(403).await;
}

#[tokio::test]
async fn logging_out_ends_the_token_at_the_worker() {
    let (_world, worker) = behind_the_worker().await;
    let acme = Tenant::sign_up(&worker, "acme").await;
    let agent = acme.hire(SalesAgent, &[]).await;
    agent.get("/v1/me").expect(200).await;
    agent.call("POST", "/v1/auth/logout").expect(204).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    while agent.get("/v1/me").send().await.status != 401 {
        assert!(Instant::now() < deadline, "the token lives on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    acme.admin.get("/v1/me").expect(200).await;
}
