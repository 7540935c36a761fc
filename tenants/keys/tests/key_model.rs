//! Random histories of two tenants' keys against a reference model, on a KMS that answers over HTTP (security.md, T10).
//!
//! After every step each tenant's values are read the way the product reads them. The model says whether that must succeed, and
//! if not, why. What was shredded must never be read again: not by another key, not from a backup. Of a person that holds for
//! backups that nobody went through.

mod model;
mod shares;

use std::sync::Arc;

use keystead_keys::{Keys, Kms, Limits};
use keystead_kms_double::KmsDouble;
use keystead_proofs::{Proof, scale};
use model::{History, Tally, config, limits, steps};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use shares::MemoryShares;

#[test]
fn key_histories_follow_the_model() {
    let proof = Proof::of("T10");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    let folder = tempfile::tempdir().expect("folder");
    let double = runtime.block_on(KmsDouble::start(folder.path().to_owned(), ([127, 0, 0, 1], 0).into()));
    let double = double.expect("starts");
    let kms = Kms::from_config(config(&double.endpoint()), "c1").expect("cell");
    let tally = std::cell::RefCell::new(Tally::default());

    let cases = scale(10, 400);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&proof.seed().to_le_bytes());
    let settings = Config { cases, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(settings, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let outcome = runner.run(&steps(), |steps| {
        let keys = Keys::with_limits(kms.clone(), Arc::<MemoryShares>::default(), limits(Limits::default()));
        let mut history = runtime.block_on(History::begin(&double, keys));
        let followed = runtime.block_on(history.follow(&steps));
        tally.borrow_mut().add(history.tally());
        followed.map_err(TestCaseError::fail)
    });
    if let Err(divergence) = &outcome {
        println!("{divergence}");
    }
    let tally = tally.into_inner();
    proof.note("histories", cases);
    proof.note("steps", tally.steps);
    proof.at_least("reads-compared", tally.reads, scale(300, 30_000));
    proof.at_least("reads-refused-as-foretold", tally.refusals, 1);
    proof.at_least("attempts-on-shredded-values", tally.attempts, 1);
    proof.zero("divergences", u32::from(outcome.is_err()));
    proof.zero("readable-after-shred", tally.resurrected);
}
