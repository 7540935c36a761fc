//! What a proof reports: figures with thresholds, one line each, the same from a test's fast tier and from `make prove`.
//!
//! A line is `suite figure value threshold pass|fail seed`. With `KEYSTEAD_PROOF_LOG` set, every line is also appended to that
//! file as JSON; `KEYSTEAD_PROOF=full` asks for the deep tier, `KEYSTEAD_PROOF_SEED` repeats a run.

mod figure;
mod proof;

pub use figure::{Figure, LOG};
pub use proof::Proof;

/// Whether the deep tier was asked for (`make prove`), not the one that `make test` runs.
#[must_use]
pub fn full() -> bool {
    std::env::var("KEYSTEAD_PROOF").is_ok_and(|tier| tier == "full")
}

/// `deep` in the deep tier, `fast` otherwise: how much of something a suite does.
#[must_use]
pub fn scale<T>(fast: T, deep: T) -> T {
    if full() { deep } else { fast }
}
