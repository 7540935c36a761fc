//! T17: how many get through, under concurrency, against what an exact limiter would say.

use std::time::Instant;

use futures::{StreamExt, stream};
use keystead_edge::{
    authority::{Ask, Authority, LEASE_LIFE, Leased, Leases},
    limits::{Gcra, Quota},
};
use keystead_proofs::Proof;
use keystead_tests::edge::cell::FakeCell;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;

use super::{ACME, GLOBEX, MEMBER, get_as, session};

#[tokio::test]
async fn a_burst_of_ten_thousand_gets_the_quota_and_no_more() {
    let proof = Proof::of("edge");
    let cell = FakeCell::start(6_000, 100).await;
    let edge = cell.edge(&json!({})).await;
    let token = cell.token(ACME, MEMBER, session());
    let began = Instant::now();
    let statuses: Vec<u16> = stream::iter(0..10_000)
        .map(|_| async { get_as(&edge, "acme", &token).await.status })
        .buffer_unordered(64)
        .collect()
        .await;
    let admitted = statuses.iter().filter(|status| **status == 200).count();
    // What comes back while the burst lasts is admitted, too.
    let refill = began.elapsed().as_secs_f64() * 100.0 / 60.0;
    assert!(statuses.iter().all(|status| matches!(status, 200 | 429)));
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "counts of a test")]
    let off = (admitted as f64 - 100.0 - refill).abs().floor() as u64;
    proof.at_most("burst-admitted-off-the-exact-quota", off, 1);
    assert_eq!(cell.told().seen.len(), admitted, "a refused request costs the cell nothing");
}

#[tokio::test]
async fn each_member_has_their_own_and_the_tenant_has_one_for_all() {
    let cell = FakeCell::start(150, 100).await;
    let edge = cell.edge(&json!({})).await;
    let member = |n: u32| format!("mem_0197f0a1b2c37d4e8f90a1b2c3d4e5{n:02x}");
    let spend = async |tenant: &str, slug: &str, n: u32, times: usize| {
        let token = cell.token(tenant, &member(n), session());
        let mut admitted = 0;
        for _ in 0..times {
            admitted += usize::from(get_as(&edge, slug, &token).await.status == 200);
        }
        admitted
    };
    let first = spend(ACME, "acme", 1, 110).await;
    let second = spend(ACME, "acme", 2, 110).await;
    assert!((100..=104).contains(&first), "{first}");
    assert!((48..=60).contains(&second), "the tenant's 150 are used up: {second}");
    let other = spend(GLOBEX, "globex", 1, 60).await;
    assert_eq!(other, 60, "another tenant does not notice");
}

#[tokio::test]
async fn callers_are_told_what_is_left_and_when_to_come_back() {
    let cell = FakeCell::start(6_000, 3).await;
    let edge = cell.edge(&json!({})).await;
    let token = cell.token(ACME, MEMBER, session());
    let answer = get_as(&edge, "acme", &token).await;
    assert_eq!(answer.headers["ratelimit-policy"], "\"user\";q=3;w=60");
    assert_eq!(answer.headers["ratelimit"], "\"user\";r=2;t=20");
    get_as(&edge, "acme", &token).await;
    get_as(&edge, "acme", &token).await;
    let refused = get_as(&edge, "acme", &token).await;
    assert_eq!((refused.status, &refused.json["type"]), (429, &json!("urn:keystead:problem:too-many-requests")));
    let wait: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert!(refused.headers["ratelimit"].to_str().unwrap().starts_with("\"user\";r=0;t="));
}

#[tokio::test]
async fn who_guesses_is_counted_by_address_before_anybody_is_asked() {
    let cell = FakeCell::start(6_000, 100).await;
    let quota = |limit| json!({ "limit": limit, "window": 60 });
    let shield = json!({ "shield": { "per_address": quota(1_000), "anonymous": quota(20), "auth": quota(5), "renewals": quota(12),
        "operator": quota(50), "alone": quota(50) } });
    let edge = cell.edge(&shield).await;
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(super::at(&edge, "acme", "POST", "/v1/auth/login").json(&json!({})).send().await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
    let mut renewed = 0;
    for _ in 0..15 {
        let asked = super::at(&edge, "acme", "POST", "/v1/auth/refresh").json(&json!({})).send().await;
        renewed += u32::from(asked.status == 200);
    }
    assert_eq!(renewed, 12, "who renews is counted apart from who guesses");
    let mut refused = 0;
    for _ in 0..30 {
        refused += u32::from(get_as(&edge, "acme", "garbage").await.status == 429);
    }
    assert_eq!(refused, 10, "twenty guesses at tokens, then no more");
    let token = cell.token(ACME, MEMBER, session());
    assert_eq!(get_as(&edge, "acme", &token).await.status, 200, "who is known is not kept out by who is not");
}

/// Edges that lease from one authority, in a time of their own, against one exact counter.
#[test]
fn leases_cost_one_per_cent_and_refuse_nobody_too_early() {
    let proof = Proof::of("edge");
    let tenant = ACME.parse().unwrap();
    let (mut worst_over, mut early) = (0.0_f64, 0_u64);
    for seed in 0..40 {
        let mut random = StdRng::seed_from_u64(seed);
        let edges: Vec<Leases> = (0..random.random_range(1..6)).map(|_| Leases::default()).collect();
        let quota = Quota::per_minute(random.random_range(50..2_000));
        let ask = |edge| Ask {
            tenant,
            subject: None,
            per_tenant: quota,
            per_subject: quota,
            edge,
            of_tenant: None,
            of_subject: None,
        };
        let (mut authority, mut exact) = (Authority::default(), Gcra::default());
        let (mut now, mut admitted) = (1_795_269_600_000_i64, Vec::new());
        for _ in 0..5_000 {
            now += random.random_range(0..30);
            let place = random.random_range(0..edges.len());
            let edge = &edges[place];
            let verdict = loop {
                match edge.take(ask(place as u64), now) {
                    Leased::Ask(ask) => {
                        let granted = authority.grant(&ask, now);
                        edge.learned(&ask, &granted, now);
                    }
                    decided => break decided,
                }
            };
            match verdict {
                Leased::Yes(_) => admitted.push(now),
                // Who is refused while an exact counter has something left came too early, unless others hold it.
                Leased::No(..) if edges.len() == 1 && exact_would(&admitted, quota, now) => early += 1,
                _ => {}
            }
            exact.take(quota, 1, now);
        }
        worst_over = worst_over.max(over(&admitted, quota));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
    let per_mille = (worst_over * 1_000.0).ceil() as u64;
    proof.at_most("lease-over-admission-per-mille", per_mille, 10);
    proof.exactly("lease-early-refusals-with-one-edge", early, 0);
}

/// Would an exact limiter that saw these admissions admit another?
fn exact_would(admitted: &[i64], quota: Quota, now: i64) -> bool {
    let mut exact = Gcra::default();
    for at in admitted {
        exact.take(quota, 1, *at);
    }
    exact.take(quota, 1, now).allowed
}

/// By what share of the quota the admissions exceed what an exact limiter would have let through.
fn over(admitted: &[i64], quota: Quota) -> f64 {
    let mut exact = Gcra::default();
    let refused = admitted.iter().filter(|at| !exact.take(quota, 1, **at).allowed).count();
    let minutes = (admitted.last().unwrap() - admitted[0] + LEASE_LIFE) as f64 / 60_000.0;
    refused as f64 / (f64::from(quota.limit) * (1.0 + minutes))
}
