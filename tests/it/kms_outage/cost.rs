//! What KMS costs: calls follow tenants and time, not requests.

use keystead_proofs::{Proof, scale};
use keystead_tests::Options;

use super::{Seller, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_cost_less_than_one_call() {
    let proof = Proof::of("KMS");
    let stage = Stage::with(Options { key_seconds: (300, 3_600), ..Options::default() }).await;
    let (acme, other) = (stage.world.tenant("acme").await, stage.world.tenant("other").await);
    let sellers = [Seller::of(&acme).await, Seller::of(&other).await];
    // Without signatures: one a minute vouches for all audit chains of the cell, whatever is asked of it.
    let calls = async || stage.calls().await.values().sum::<u64>();
    for seller in &sellers {
        seller.works().await;
    }
    let (before, rounds) = (calls().await, scale(60, 2_500));
    // Each round has a write, a list and a reveal: nothing but requests that need keys.
    for _ in 0..rounds {
        for seller in &sellers {
            seller.works().await;
        }
    }
    let requests = rounds * 2 * 3;
    let made = calls().await - before;
    proof.note("requests-that-need-keys", requests);
    proof.note("kms-calls", made);
    proof.at_most("kms-calls-per-1000-requests", made as f64 * 1000.0 / f64::from(requests), 0.999);
}
