//! What must not open: altered, moved, cut, extended, of other keys.

use keystead_proofs::{Proof, scale};
use rand::Rng;
use uuid::Uuid;

use super::{all_refused, place, secret, subject_key, tenant, tenant_keys};
use crate::{
    Email, KeyError, MAX_PLAIN, OVERHEAD, Place, Purpose, Sealed, SubjectKey, WrappedSubject, Wrapping, envelope,
};

const PLAIN: &[u8] = b"jane@example.com";

#[test]
fn no_bit_of_a_sealed_value_may_flip() {
    let (key, at) = (subject_key(), place());
    let sealed = key.seal(&at, PLAIN).expect("seals");
    all_refused("sealed-bit-flips", flips(&sealed).map(|altered| key.open(&at, &altered).err()));
}

#[test]
fn no_bit_of_the_place_may_flip() {
    let (key, aad) = (secret(9), place().aad());
    let sealed = envelope::seal(&key, 7, &aad, PLAIN).expect("seals");
    all_refused("place-bit-flips", flips(&aad).map(|altered| envelope::open(&key, 7, &altered, &sealed).err()));
}

/// The bytes with each of their bits flipped in turn.
fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(|bit| {
        let mut altered = bytes.to_vec();
        altered[bit / 8] ^= 1 << (bit % 8);
        altered
    })
}

#[test]
fn a_value_opens_in_its_place_only() {
    let at = place();
    let other = [
        Place { tenant: tenant(8), ..at },
        Place { table: 8, ..at },
        Place { column: 8, ..at },
        Place { row: Uuid::from_u128(8), ..at },
        Place { subject: Uuid::from_u128(8), ..at },
        Place { schema_rev: 8, ..at },
        Place { kind: 8, ..at },
        // Neighbouring parts that would read alike without their lengths.
        Place { table: at.column, column: at.table, ..at },
        Place { row: at.subject, subject: at.row, ..at },
    ];
    // Even under the very same key material, every pair of places is told apart.
    let places: Vec<Place> = std::iter::once(at).chain(other).collect();
    let key_of = |at: &Place| SubjectKey::new(at.tenant, at.subject, 7, secret(9));
    let mut moves = Vec::new();
    for from in &places {
        let sealed = key_of(from).seal(from, PLAIN).expect("seals");
        assert_eq!(*key_of(from).open(from, &sealed).expect("opens where it was"), *PLAIN);
        moves.extend(places.iter().filter(|to| *to != from).map(|to| key_of(to).open(to, &sealed).err()));
    }
    all_refused("moves-to-another-place", moves);
    assert_eq!(subject_key().open(&places[1], b"").expect_err("tenant"), KeyError::WrongPlace);
    assert_eq!(subject_key().seal(&places[5], PLAIN).expect_err("subject"), KeyError::WrongPlace);
}

#[test]
fn key_versions_are_told_apart() {
    let (key, at) = (subject_key(), place());
    let sealed = key.seal(&at, PLAIN).expect("seals");
    let others = [(8, 9), (7, 10), (8, 10)];
    let other = |(version, fill)| SubjectKey::new(at.tenant, at.subject, version, secret(fill));
    all_refused("other-keys-and-versions", others.map(|key| other(key).open(&at, &sealed).err()));
}

#[test]
fn a_sealed_value_says_which_version_of_the_key_it_needs() {
    let sealed = Sealed::<Email>::from_bytes(subject_key().seal(&place(), PLAIN).expect("seals"));
    assert_eq!(sealed.key_version(), Ok(subject_key().version()));
    assert_eq!(Sealed::<Email>::from_bytes(vec![1; OVERHEAD]).key_version(), Err(KeyError::Corrupt));
}

#[test]
fn lengths_are_strict() {
    let (key, at) = (subject_key(), place());
    let sealed = key.seal(&at, PLAIN).expect("seals");
    let cut = (0..sealed.len()).flat_map(|cut| [sealed[..cut].to_vec(), sealed[cut + 1..].to_vec()]);
    let longer = (1..=200).map(|more| [sealed.as_slice(), &vec![0; more]].concat());
    all_refused("other-lengths", cut.chain(longer).map(|altered| key.open(&at, &altered).err()));
}

#[test]
fn length_tells_the_bucket_only() {
    let (key, at) = (subject_key(), place());
    for length in [0, 1, 15, 16, 17, 31, 32, 63, 64, 4_000, MAX_PLAIN] {
        let plain = vec![0x80; length];
        let sealed = key.seal(&at, &plain).expect("seals");
        assert_eq!(sealed.len() - OVERHEAD, (length + 1).next_power_of_two().max(16), "{length}");
        assert_eq!(*key.open(&at, &sealed).expect("opens"), *plain);
    }
    assert_eq!(key.seal(&at, &vec![0; MAX_PLAIN + 1]).expect_err("long"), KeyError::TooLong);
}

#[test]
fn a_subject_key_opens_for_its_subject_tenant_and_version_only() {
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let keys = tenant_keys(1, &[(Purpose::Pii, 1), (Purpose::Pii, 2)]);
    let (key, wrapped) = keys.new_subject(one).expect("new");
    assert_eq!((wrapped.key_version, key.version()), (2, 1));
    let at = Place { tenant: tenant(1), subject: one, ..place() };
    let sealed = key.seal(&at, PLAIN).expect("seals");
    let opened = keys.open_subject(one, &wrapped).expect("opens");
    assert_eq!(*opened.open(&at, &sealed).expect("opens"), *PLAIN);

    assert_eq!(keys.open_subject(two, &wrapped).expect_err("subject"), KeyError::Corrupt);
    let foreign = tenant_keys(2, &[(Purpose::Pii, 2)]);
    assert_eq!(foreign.open_subject(one, &wrapped).expect_err("tenant"), KeyError::Corrupt);
    let older = WrappedSubject { key_version: 1, ..wrapped.clone() };
    assert_eq!(keys.open_subject(one, &older).expect_err("version"), KeyError::Corrupt);
    let rotated = tenant_keys(1, &[(Purpose::Pii, 3)]);
    let missing = KeyError::MissingVersion { purpose: Purpose::Pii, version: 2 };
    assert_eq!(rotated.open_subject(one, &wrapped).expect_err("gone"), missing);
    for byte in 0..wrapped.wrapped.len() {
        let mut altered = wrapped.clone();
        altered.wrapped[byte] ^= 1;
        assert!(keys.open_subject(one, &altered).is_err());
    }
}

#[test]
fn a_subject_key_of_before_shares_opens_for_its_subject_only() {
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let keys = tenant_keys(1, &[(Purpose::Pii, 1)]);
    // All persons of then share one wrapping key: what the cipher text is bound to keeps them apart.
    let aad = keys.subject_aad(Wrapping::Pii, one, 1);
    let sealed = envelope::seal(keys.pii(1).expect("a key"), 1, &aad, &[7; 4 + 32]).expect("seals");
    let wrapped = WrappedSubject { wrapping: Wrapping::Pii, key_version: 1, wrapped: sealed };
    assert_eq!(keys.open_subject(one, &wrapped).expect("opens").version(), u32::from_be_bytes([7; 4]));
    assert_eq!(keys.open_subject(two, &wrapped).expect_err("subject"), KeyError::Corrupt);
    let shared = WrappedSubject { wrapping: Wrapping::Share, ..wrapped };
    assert_eq!(keys.open_subject(one, &shared).expect_err("wrapping"), KeyError::Corrupt);
}

#[test]
fn rotation_keeps_values_readable() {
    let subject = Uuid::from_u128(5);
    let (key, wrapped) = tenant_keys(1, &[(Purpose::Pii, 1)]).new_subject(subject).expect("new");
    let sealed = key.seal(&place(), PLAIN).expect("seals");
    let both = tenant_keys(1, &[(Purpose::Pii, 2), (Purpose::Pii, 1)]);
    let rewrapped = both.rewrap_subject(subject, &wrapped).expect("rewraps");
    assert_eq!(rewrapped.key_version, 2);
    let opened = tenant_keys(1, &[(Purpose::Pii, 2)]).open_subject(subject, &rewrapped).expect("opens");
    assert_eq!(*opened.open(&place(), &sealed).expect("opens"), *PLAIN);
    let (next, _) = both.next_subject(&key).expect("next");
    assert_eq!(next.version(), 2);
    assert!(next.open(&place(), &sealed).is_err());
}

/// Random values, from the proof's seed.
fn values(proof: &Proof, longest: usize) -> impl Iterator<Item = Vec<u8>> + use<> {
    let mut random = proof.rng();
    (0..scale(256, 1 << 18)).map(move |_| {
        let mut value = vec![0; random.random_range(0..longest)];
        random.fill(&mut value[..]);
        value
    })
}

#[test]
fn what_is_sealed_opens() {
    let proof = Proof::of("T9");
    let (mut lost, mut shown) = (0_u64, 0_u64);
    for plain in values(&proof, 600) {
        let sealed = subject_key().seal(&place(), &plain).expect("seals");
        lost += u64::from(subject_key().open(&place(), &sealed).ok().is_none_or(|opened| *opened != *plain));
        shown += u64::from(plain.len() >= 8 && sealed.windows(plain.len()).any(|window| window == plain));
    }
    proof.zero("sealed-values-that-do-not-open-as-they-were", lost);
    proof.zero("sealed-values-that-show-their-text", shown);
}

#[test]
fn noise_does_not_open() {
    let proof = Proof::of("T9");
    all_refused("noise", values(&proof, 300).map(|noise| subject_key().open(&place(), &noise).err()));
}

/// Noise behind a header that reads well.
#[test]
fn a_good_header_opens_nothing() {
    let proof = Proof::of("T9");
    let framed = values(&proof, 200).filter(|noise| !noise.is_empty()).map(|noise| {
        let mut sealed = subject_key().seal(&place(), PLAIN).expect("seals");
        let at = noise.len() % sealed.len();
        sealed[at..].iter_mut().zip(noise).for_each(|(byte, noise)| *byte ^= noise | 1);
        subject_key().open(&place(), &sealed).err()
    });
    all_refused("overwritten-values", framed);
}
