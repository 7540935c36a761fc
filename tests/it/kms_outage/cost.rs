//! What KMS costs: calls follow tenants and time, not requests. Keys live shortly here, so that a run sees many lives of
//! them; what a life costs is then scaled to the documented one.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use keystead_proofs::{Proof, scale};
use keystead_tests::Options;

use super::{Seller, Stage};

/// The longest life of a key in this test, and in the product, in seconds.
const LIFE_S: u32 = 1;
const DOCUMENTED_LIFE_S: u32 = 300;

/// A life ends up to a fifth earlier, so that keys that were cached together do not expire together.
const SHORTEST: f64 = 0.8;

/// Keys that a tenant's requests need: the one for persons and the one for searching.
const KEYS: u32 = 2;

/// Seconds between signatures over all chains in tests, and in the product.
const PAUSE_S: u32 = 1;
const DOCUMENTED_PAUSE_S: u32 = 60;

/// The cell that the figure is of: so many tenants, each with so many requests a second that need keys. Signatures are the
/// cell's, so the fewer tenants, the more each of them costs.
const TENANTS: u32 = 20;
const RATE: u32 = 10;

/// What happens in time happens by then, beside the lives that pass.
const BY_THEN: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_cost_less_than_one_call() {
    let proof = Proof::of("KMS");
    let stage = Stage::with(Options { key_seconds: (LIFE_S.into(), 3_600), ..Options::default() }).await;
    let (acme, other) = (stage.world.tenant("acme").await, stage.world.tenant("other").await);
    let sellers = [Seller::of(&acme).await, Seller::of(&other).await];
    let tenants = u32::try_from(sellers.len()).unwrap();
    for seller in &sellers {
        seller.works().await;
    }
    // The log's key has been made by now: what comes are calls of a cell that is at work.
    stage.calls().await;
    let (before, began) = (stage.kms.ledger(), Instant::now());
    let renewed = || called(&stage.kms.ledger(), "Decrypt") - called(&before, "Decrypt");
    let (lasts, twice) = (Duration::from_secs(scale(8, 60)) * LIFE_S, u64::from(2 * KEYS * tenants));
    let mut rounds = 0_u32;
    // Each round has a write, a list and a reveal: nothing but requests that need keys.
    while began.elapsed() < lasts || renewed() < twice {
        assert!(began.elapsed() < lasts + BY_THEN, "keys are used for ever: {:?}", stage.kms.ledger());
        for seller in &sellers {
            seller.works().await;
        }
        rounds += 1;
    }
    let passed = began.elapsed().as_secs_f64();
    let after = stage.kms.ledger();
    let [renewals, signatures] = ["Decrypt", "Sign"].map(|of| called(&after, of) - called(&before, of));
    let all = after.values().sum::<u64>() - before.values().sum::<u64>();
    proof.note("requests-that-need-keys", rounds * tenants * 3);
    proof.at_least("kms-renewals-of-keys", renewals, twice);
    proof.note("kms-signatures", signatures);
    proof.zero("kms-calls-for-anything-else", all - renewals - signatures);

    // The limits are those of the definition, with what may fall into the run at its beginning: a slow machine stays below.
    let (lives, pauses) = (passed / f64::from(LIFE_S), passed / f64::from(PAUSE_S));
    let of_a_life = renewals as f64 / f64::from(tenants) / lives;
    proof.at_most("kms-calls-of-a-tenant-and-key-life", of_a_life, f64::from(KEYS) * (1.0 / SHORTEST + 1.0 / lives));
    let of_a_pause = signatures as f64 / pauses;
    proof.at_most("kms-signatures-of-all-tenants-and-pause", of_a_pause, 1.0 + 2.0 / pauses);
    let figure = format!("kms-calls-per-1000-requests-of-{TENANTS}-tenants-at-{RATE}-a-second-each");
    proof.at_most(&figure, per_thousand(of_a_life, of_a_pause), 0.999);
}

/// How often KMS was asked for this.
fn called(ledger: &BTreeMap<&'static str, u64>, operation: &str) -> u64 {
    ledger.get(operation).copied().unwrap_or(0)
}

/// Calls per 1,000 requests at the documented life and pause. Never less than a cell costs that renews at the first moment:
/// who is slow to ask, as a busy machine is, shall not look cheap.
fn per_thousand(of_a_life: f64, of_a_pause: f64) -> f64 {
    let of_a_life = of_a_life.max(f64::from(KEYS) / SHORTEST);
    let keys = of_a_life / f64::from(RATE * DOCUMENTED_LIFE_S);
    let signatures = of_a_pause.max(1.0) / f64::from(TENANTS * RATE * DOCUMENTED_PAUSE_S);
    (keys + signatures) * 1_000.0
}
