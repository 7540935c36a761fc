//! Keys that are in use when KMS fails: an outage is bridged with them for a while, a refusal ends them at once.

use std::time::{Duration, Instant};

use keystead_kms_double::{FaultMode, Faults};
use keystead_proofs::Proof;
use keystead_tests::{Options, Tenant};

use super::{Seller, Stage};

/// Seconds that a key is used after KMS unwrapped it, and while KMS is away: the product's minutes, so that a test need not wait.
const FRESH_S: u64 = 1;
const STALE_S: u64 = 12;

/// The longest that KMS is slow for, in the security rules' words.
const SLOW_MS: u64 = 5_000;

/// What happens in time happens by then.
const BY_THEN: Duration = Duration::from_secs(30);

async fn stage(stale_s: u64) -> Stage {
    Stage::with(Options { key_seconds: (FRESH_S, stale_s), ..Options::default() }).await
}

/// Works until KMS was asked again, that is with keys that are too old; tells how many rounds of requests were served.
async fn work_until_asked(stage: &Stage, seller: &Seller) -> u32 {
    let asked = |stage: &Stage| stage.kms.ledger().get("Decrypt").copied().unwrap_or(0);
    let (before, deadline) = (asked(stage), Instant::now() + BY_THEN);
    let mut rounds = 0;
    while asked(stage) == before {
        assert!(Instant::now() < deadline, "nobody asks KMS again");
        seller.works().await;
        rounds += 1;
    }
    // The request that asked is answered by now, and these are served without an answer of KMS.
    for _ in 0..3 {
        seller.works().await;
        rounds += 1;
    }
    rounds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_any_kind_is_bridged_for_reading_and_writing() {
    let proof = Proof::of("KMS");
    let stage = stage(3_600).await;
    let acme = stage.world.tenant("acme").await;
    let seller = Seller::of(&acme).await;
    for mode in [FaultMode::Down, FaultMode::Drop, FaultMode::Throttle, FaultMode::Slow] {
        seller.works().await;
        let latency_ms = if mode == FaultMode::Slow { SLOW_MS } else { 0 };
        stage.kms.set_faults(Faults { mode, latency_ms, ..Faults::default() });
        let began = Instant::now();
        let rounds = work_until_asked(&stage, &seller).await;
        proof.at_least(&format!("rounds-served-with-cached-keys-{mode:?}").to_lowercase(), rounds, 4);
        proof.note(&format!("seconds-of-outage-{mode:?}").to_lowercase(), began.elapsed().as_secs_f64());
        stage.fails(FaultMode::None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_not_bridged_for_ever() {
    let stage = stage(STALE_S / 4).await;
    let acme = stage.world.tenant("acme").await;
    let seller = Seller::of(&acme).await;
    seller.works().await;
    stage.fails(FaultMode::Down);
    let began = Instant::now();
    let served = served_until_refused(&seller, "kms-unavailable").await;
    let proof = Proof::of("KMS");
    proof.note("seconds-bridged-of-3", began.elapsed().as_secs_f64());
    proof.at_least("reads-served-in-the-outage", served, 1);
    seller.is_refused("kms-unavailable").await;
    seller.sees_homes().await;
    stage.fails(FaultMode::None);
    seller.recovers().await;
    seller.works().await;
}

/// How KMS refuses a key.
enum Refusal {
    Denied,
    Disabled,
    PendingDeletion,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_ends_keys_in_use_and_an_outage_does_not_bring_them_back() {
    let proof = Proof::of("KMS");
    let stage = stage(3_600).await;
    let acme = stage.world.tenant("acme").await;
    let seller = Seller::of(&acme).await;
    let mut shown = 0;
    for refusal in [Refusal::Denied, Refusal::Disabled, Refusal::PendingDeletion] {
        seller.works().await;
        set(&stage, &acme, &refusal, true).await;
        served_until_refused(&seller, "keys-denied").await;
        seller.is_refused("keys-denied").await;
        seller.sees_homes().await;
        // From now on KMS is away: the keys that it refused would bridge that, had they been kept.
        stage.fails(FaultMode::Down);
        let deadline = Instant::now() + BY_THEN;
        loop {
            let answer = seller.agent.get("/v1/contacts").send().await;
            shown += u32::from(answer.status == 200);
            if answer.status == 200 || answer.json["type"] == "urn:keystead:problem:kms-unavailable" {
                break;
            }
            assert!(Instant::now() < deadline, "{}", answer.text);
        }
        stage.fails(FaultMode::None);
        set(&stage, &acme, &refusal, false).await;
        seller.recovers().await;
    }
    proof.zero("answers-with-keys-that-were-refused", shown);
}

/// Reads until that is refused; how many reads were served before.
async fn served_until_refused(seller: &Seller, kind: &str) -> u32 {
    let deadline = Instant::now() + BY_THEN;
    let mut served = 0;
    loop {
        let answer = seller.agent.get("/v1/contacts").send().await;
        if answer.status == 503 {
            assert_eq!(answer.json["type"], format!("urn:keystead:problem:{kind}"), "{}", answer.text);
            return served;
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(Instant::now() < deadline, "the keys are used for ever");
        served += 1;
    }
}

async fn set(stage: &Stage, tenant: &Tenant<'_>, refusal: &Refusal, refused: bool) {
    match (refusal, refused) {
        (Refusal::Denied, true) => stage.fails(FaultMode::Deny),
        (Refusal::Denied, false) => stage.fails(FaultMode::None),
        (Refusal::Disabled, true) => stage.switch_key(tenant, "DisableKey").await,
        (Refusal::PendingDeletion, true) => stage.switch_key(tenant, "ScheduleKeyDeletion").await,
        (Refusal::Disabled, false) => stage.switch_key(tenant, "EnableKey").await,
        (Refusal::PendingDeletion, false) => {
            stage.switch_key(tenant, "CancelKeyDeletion").await;
            stage.switch_key(tenant, "EnableKey").await;
        }
    }
}
