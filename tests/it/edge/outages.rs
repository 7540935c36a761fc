//! What the edge does when what it asks is away.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use keystead_proofs::Proof;
use keystead_tests::{
    edge::{NativeEdge, cell::FakeCell},
    fault_proxy::{FaultProxy, Faults},
};
use serde_json::json;

use super::{ACME, MEMBER, at, get_as, session};

#[tokio::test]
async fn without_its_keys_page_a_cell_is_served_with_the_keys_that_are_known() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    assert_eq!(get_as(&edge, "acme", &cell.token(ACME, MEMBER, session())).await.status, 200);
    cell.told().keys = None;
    for _ in 0..20 {
        assert_eq!(get_as(&edge, "acme", &cell.token(ACME, MEMBER, session())).await.status, 200);
    }
}

#[tokio::test]
async fn an_edge_that_never_saw_the_keys_says_so_and_lets_nobody_in() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    cell.told().keys = None;
    let edge = cell.edge(&json!({})).await;
    let answer = get_as(&edge, "acme", &cell.token(ACME, MEMBER, session())).await;
    assert_eq!((answer.status, &answer.json["type"]), (503, &json!("urn:keystead:problem:edge-unavailable")));
    assert!(answer.headers.contains_key("retry-after") && cell.told().seen.is_empty());
}

#[tokio::test]
async fn a_partition_between_edge_and_cell_is_said_at_once_and_ends_by_itself() {
    let proof = Proof::of("edge");
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let path = FaultProxy::to_url(&format!("http://{}", cell.address), proof.seed()).await;
    let url = path.instead_in(&format!("http://{}", cell.address));
    let edge = NativeEdge::start(&cell.config(&json!({})), vec![format!("main={url}")], None).await;
    let token = cell.token(ACME, MEMBER, session());
    assert_eq!(get_as(&edge, "acme", &token).await.status, 200);

    path.set(Faults { refused: true, ..Faults::default() });
    path.reset();
    let began = Instant::now();
    let answer = get_as(&edge, "acme", &token).await;
    proof.at_most("partition-said-after-ms", u32::try_from(began.elapsed().as_millis()).unwrap(), 5_000);
    assert_eq!((answer.status, &answer.json["type"]), (503, &json!("urn:keystead:problem:origin-unavailable")));
    assert!(answer.headers.contains_key("retry-after"));
    assert!(!answer.text.contains("127.0.0.1"), "nothing about the inside: {}", answer.text);
    // Who has no business here learns that during a partition, too.
    assert_eq!(get_as(&edge, "acme", "garbage").await.status, 401);
    assert_eq!(at(&edge, "nobody", "GET", "/v1/units").send().await.status, 404);

    path.heal();
    let healed = Instant::now();
    while get_as(&edge, "acme", &token).await.status != 200 {
        assert!(healed.elapsed() < Duration::from_secs(30), "it does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn failures_of_the_cell_pass_through_as_they_are() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let token = cell.token(ACME, MEMBER, session());
    cell.told().status = StatusCode::INTERNAL_SERVER_ERROR;
    assert_eq!(get_as(&edge, "acme", &token).await.status, 500);
    assert_eq!(cell.told().seen.len(), 1, "what failed is not tried twice");
}
