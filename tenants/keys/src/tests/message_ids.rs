//! Message ids: whoever repeats one under a key breaks AES-GCM.

use keystead_proofs::{Proof, scale};

use super::{place, subject_key};
use crate::envelope::fresh_id;

/// Draws ids as sealing does. Halves are looked at alone: an id of which half were a counter, a clock or a constant would still
/// be unique here.
#[test]
fn message_ids_do_not_repeat() {
    let draws: usize = scale(1 << 20, 1 << 24);
    let (mut heads, mut tails) = (Vec::with_capacity(draws), Vec::with_capacity(draws));
    for _ in 0..draws {
        let id = u128::from_be_bytes(fresh_id().expect("randomness"));
        heads.push((id >> 64) as u64);
        tails.push(id as u64);
    }
    let proof = Proof::of("T9");
    proof.note("message-ids-drawn", draws);
    proof.zero("message-id-heads-repeated", repeated(heads));
    proof.zero("message-id-tails-repeated", repeated(tails));
}

/// What stands in sealed values is what was drawn, one for each.
#[test]
fn every_seal_draws_an_id() {
    let seals = scale(1 << 12, 1 << 17);
    let (key, at) = (subject_key(), place());
    let heads = (0..seals).map(|_| {
        let sealed = key.seal(&at, b"jane@example.com").expect("seals");
        u64::from_be_bytes(*sealed[6..].first_chunk().expect("an id"))
    });
    let proof = Proof::of("T9");
    proof.note("seals", seals);
    proof.zero("message-ids-repeated-in-seals", repeated(heads.collect()));
}

/// How many of them were there before.
fn repeated(mut all: Vec<u64>) -> usize {
    all.sort_unstable();
    all.windows(2).filter(|pair| pair[0] == pair[1]).count()
}
