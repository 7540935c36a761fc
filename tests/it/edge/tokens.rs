//! T13 at the edge and at the API: no bad token gets through, and no flood of key names becomes a flood of requests.

use keystead_identity::{Audience, KeyRing, PublicKey, SigningKey};
use keystead_proofs::Proof;
use keystead_tests::edge::{
    cell::{FakeCell, ISSUER},
    mint::TOKENS,
};
use serde_json::{Value, json};

use super::{ACME, GLOBEX, MEMBER, get_as, session};

fn recipes() -> Vec<Value> {
    let vectors: Value = serde_json::from_str(TOKENS).unwrap();
    vectors["cases"].as_array().unwrap().iter().filter(|case| case["library_only"] != true).cloned().collect()
}

#[tokio::test]
async fn no_bad_token_reaches_the_cell_and_every_good_one_does() {
    let proof = Proof::of("edge");
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let (mut bad, mut accepted, mut lost) = (0, Vec::new(), Vec::new());
    for case in recipes() {
        cell.told().seen.clear();
        let token = cell.mint.token(&case, keystead_tenants::Clock::system().now().timestamp());
        let answer = get_as(&edge, "acme", &token).await;
        let reached = !cell.told().seen.is_empty();
        let (status, name) = (answer.status, case["name"].to_string());
        match case["expect"].as_str().unwrap() {
            "accept" if status != 200 || !reached => lost.push(name),
            "accept" => {}
            expected => {
                bad += 1;
                let refusals = if expected == "other-tenant" { [403, 403] } else { [401, 400] };
                if reached || !refusals.contains(&status) {
                    accepted.push(format!("{name}: {status}"));
                }
            }
        }
    }
    assert!(accepted.is_empty() && lost.is_empty(), "accepted {accepted:#?}, lost {lost:#?}");
    proof.at_least("edge-bad-tokens", bad, 120);
    proof.exactly("edge-bad-tokens-accepted", accepted.len(), 0);
}

#[test]
fn the_api_refuses_the_same_tokens_by_itself() {
    let mint = keystead_tests::edge::mint::Mint::new(keystead_tests::edge::cell::WORDS);
    let now = keystead_tenants::Clock::system().now();
    // The API names keys by their thumbprint.
    let kid = PublicKey::new(mint.public("a")).kid().to_owned();
    let ring = KeyRing::new(ISSUER, SigningKey::generate().unwrap(), vec![PublicKey::new(mint.public("a"))]).unwrap();
    let mut bad = 0;
    for case in recipes() {
        let text = case.to_string().replace("@kid:a", &kid);
        let case: Value = serde_json::from_str(&text).unwrap();
        let verdict = ring.verify(&mint.token(&case, now.timestamp()), Audience::Api, now);
        match case["expect"].as_str().unwrap() {
            // Other keys are not this ring's; whose the host is, a ring cannot know.
            "accept" if case["key"] != "a" => {}
            "accept" | "other-tenant" => assert!(verdict.is_ok(), "{}: {verdict:?}", case["name"]),
            _ => {
                bad += 1;
                assert!(verdict.is_err(), "{} was accepted", case["name"]);
            }
        }
    }
    assert!(bad >= 120, "{bad}");
}

#[tokio::test]
async fn a_flood_of_key_names_asks_for_the_keys_once() {
    let proof = Proof::of("edge");
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let good = cell.token(ACME, MEMBER, session());
    assert_eq!(get_as(&edge, "acme", &good).await.status, 200);
    let before = cell.told().fetches["keys"];
    let recipe = recipes().into_iter().find(|case| case["expect"] == "accept").unwrap().to_string();
    for n in 0..500 {
        let case: Value = serde_json::from_str(&recipe.replace("@kid:a", &format!("flood-{n}"))).unwrap();
        let token = cell.mint.token(&case, keystead_tenants::Clock::system().now().timestamp());
        assert_eq!(get_as(&edge, "acme", &token).await.status, 401);
    }
    assert_eq!(get_as(&edge, "acme", &good).await.status, 200, "who is known stays known");
    proof.at_most("keys-asked-for-under-a-flood-of-500", cell.told().fetches["keys"] - before, 2);
}

#[tokio::test]
async fn a_token_is_good_at_its_own_tenants_host_and_the_platforms() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let (acme, globex) = (cell.token(ACME, MEMBER, session()), cell.token(GLOBEX, MEMBER, session()));
    assert_eq!(get_as(&edge, "acme", &acme).await.status, 200);
    assert_eq!(get_as(&edge, "globex", &acme).await.status, 403);
    assert_eq!(get_as(&edge, "acme", &globex).await.status, 403);
    assert_eq!(get_as(&edge, "api", &acme).await.status, 200);
    assert_eq!(get_as(&edge, "api", &globex).await.status, 200);
    let stranger = cell.token("tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f8", MEMBER, session());
    // The directory may be asked a few times until it is newer than the token for sure.
    let before = cell.told().seen.len();
    super::hosts::until(401, &async || get_as(&edge, "api", &stranger).await.status).await;
    assert_eq!(cell.told().seen.len(), before, "a stranger's request reached the cell");
}

#[tokio::test]
async fn what_cannot_be_an_api_key_gets_nowhere() {
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let edge = cell.edge(&json!({})).await;
    let keys: Value = serde_json::from_str(include_str!("../../../edge/vectors/api_keys.json")).unwrap();
    for bad in keys["bad"].as_array().unwrap().iter().filter_map(Value::as_str) {
        if bad.starts_with("keystead_") && bad.bytes().all(|b| b.is_ascii_graphic()) {
            assert_eq!(get_as(&edge, "acme", bad).await.status, 401, "{bad:?}");
        }
    }
    assert!(cell.told().seen.is_empty());
    for good in keys["good"].as_array().unwrap() {
        assert_eq!(get_as(&edge, "acme", good["key"].as_str().unwrap()).await.status, 200);
    }
}
