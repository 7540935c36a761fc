//! Which host leads where, over HTTP.

use std::collections::BTreeSet;

use keystead_proofs::Proof;
use keystead_tests::{Call, edge::cell::FakeCell};
use serde_json::{Value, json};

use super::{ACME, MEMBER, session};

fn nameless(text: &str) -> String {
    let mut body: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    if let Some(fields) = body.as_object_mut() {
        fields.remove("instance");
    }
    body.to_string()
}

#[tokio::test]
async fn an_unknown_host_is_a_constant_404_and_a_known_one_leads_to_its_tenant() {
    let proof = Proof::of("edge");
    let vectors: Value = serde_json::from_str(include_str!("../../../edge/vectors/hosts.json")).unwrap();
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    cell.told().snapshot = serde_json::from_value(vectors["directory"].clone()).unwrap();
    let edge = cell.edge(&json!({})).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let (mut tried, mut answers) = (0, BTreeSet::new());
    let mut pages = BTreeSet::new();
    for case in vectors["cases"].as_array().unwrap() {
        let host = case["host"].as_str().unwrap();
        // What is no field value at all is tried at the library.
        if host.is_empty() || !host.bytes().all(|b| (b'!'..=b'~').contains(&b)) {
            continue;
        }
        tried += 1;
        cell.told().seen.clear();
        let call = Call::new(&http, "POST", &format!("{}/v1/auth/refresh", edge.url)).header("host", host);
        let answer = call.json(&json!({})).send().await;
        match (case["kind"].as_str(), case["tenant"].as_str()) {
            (None, _) => {
                assert_eq!(answer.status, 404, "{host}");
                let page = Call::new(&http, "GET", &format!("{}/", edge.url)).header("host", host);
                let page = page.header("accept", "text/html,*/*").send().await;
                assert_eq!(page.status, 404, "{host}");
                pages.insert(page.text);
                assert!(cell.told().seen.is_empty(), "{host} reached the cell");
                answers.insert(nameless(&answer.text));
            }
            (_, Some("initech")) => {
                assert_eq!(answer.status, 503, "{host} is being moved");
                assert!(answer.headers.contains_key("retry-after"));
            }
            // The cell `west` is not there: routed right, and nobody answers.
            (_, Some("globex")) => assert_eq!(answer.json["type"], "urn:keystead:problem:origin-unavailable", "{host}"),
            (Some("docs"), _) => assert_eq!(answer.status, 404),
            (Some(_), _) => assert_eq!(answer.status, 200, "{host}: {}", answer.text),
        }
    }
    proof.at_least("hosts-tried", tried, 50);
    proof.exactly("different-answers-to-unknown-hosts", answers.len(), 1);
    proof.exactly("different-pages-at-unknown-hosts", pages.len(), 1);
    assert!(pages.first().unwrap().contains("no workspace at this address"), "{pages:?}");
}

#[tokio::test]
async fn a_tenant_that_is_made_moved_or_gone_is_so_within_seconds() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let token = cell.token(ACME, MEMBER, session());
    let status = async || super::get_as(&edge, "acme", &token).await.status;
    assert_eq!(status().await, 200);
    let change = |edit: &dyn Fn(&mut keystead_edge::directory::Snapshot)| {
        let mut told = cell.told();
        told.snapshot.epoch += 1;
        edit(&mut told.snapshot);
    };
    change(&|snapshot| snapshot.tenants[0].moving = true);
    until(503, &status).await;
    change(&|snapshot| snapshot.tenants[0].moving = false);
    until(200, &status).await;
    let acme = cell.told().snapshot.tenants[0].clone();
    change(&|snapshot| drop(snapshot.tenants.remove(0)));
    until(404, &status).await;
    // An older directory than the edge knows is no news.
    change(&|snapshot| {
        snapshot.tenants.insert(0, acme.clone());
        snapshot.epoch = 1;
    });
    let fetched = || u16::try_from(cell.told().fetches["directory"]).unwrap();
    let twice_more = fetched() + 2;
    until(twice_more, &async || fetched().min(twice_more)).await;
    assert_eq!(status().await, 404);
}

pub(super) async fn until(expected: u16, status: &impl AsyncFn() -> u16) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let is = status().await;
        if is == expected {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{is} does not become {expected}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
