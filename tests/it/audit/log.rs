//! A log that signs how far one chain has come, with a private key that the test holds instead of KMS.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use chrono::{DateTime, Duration};
use keystead_audit::{Attestation, ChainHash, Checkpoint, Frontier, LogKey, Proof};
use keystead_ids::TenantId;

/// As a cell's, with one tenant in it.
pub(super) struct Log {
    pair: EcdsaKeyPair,
    /// What verifies its signatures.
    pub(super) key: LogKey,
    frontier: Frontier,
    previous: ChainHash,
}

impl Log {
    pub(super) fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key = LogKey::new("keystead.test/audit/million", public.as_ref().to_vec()).unwrap();
        Self { pair, key, frontier: Frontier::default(), previous: ChainHash([0; 32]) }
    }

    /// States the head of the tenant's chain, and signs.
    pub(super) fn state(&mut self, tenant: TenantId, n: u64, hash: ChainHash) -> Checkpoint {
        let at = DateTime::UNIX_EPOCH + Duration::microseconds(n.cast_signed());
        let statement = Attestation { tenant, n, hash, at, previous: self.previous };
        let index = self.frontier.size();
        self.previous = statement.leaf();
        let grown = self.frontier.grow(&[self.previous.0]).unwrap();
        let text = self.key.checkpoint(grown.frontier.size(), &grown.root);
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        self.frontier = grown.frontier;
        let note = self.key.note(&text, signature.as_ref());
        let proof = Proof { statement, index, path: grown.paths[0].clone(), note };
        Checkpoint { n, hash, proof: proof.to_string() }
    }
}
