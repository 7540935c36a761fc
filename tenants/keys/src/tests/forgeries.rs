//! What must not open: altered, moved, cut, extended, of other keys.

use std::collections::HashSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::{place, secret, subject_key, tenant, tenant_keys};
use crate::{KeyError, MAX_PLAIN, OVERHEAD, Place, Purpose, SubjectKey, WrappedSubject, envelope};

const PLAIN: &[u8] = b"jane@example.com";

#[test]
fn no_bit_of_a_sealed_value_may_flip() {
    let (key, at) = (subject_key(), place());
    let sealed = key.seal(&at, PLAIN).expect("seals");
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key.open(&at, &altered).expect_err("bit"), KeyError::Corrupt);
    }
}

#[test]
fn no_bit_of_the_place_may_flip() {
    let (key, aad) = (secret(9), place().aad());
    let sealed = envelope::seal(&key, 7, &aad, PLAIN).expect("seals");
    for bit in 0..aad.len() * 8 {
        let mut altered = aad.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(envelope::open(&key, 7, &altered, &sealed).expect_err("bit"), KeyError::Corrupt);
    }
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
    for from in &places {
        let sealed = key_of(from).seal(from, PLAIN).expect("seals");
        for to in &places {
            assert_eq!(key_of(to).open(to, &sealed).is_ok(), from == to, "{from:?} {to:?}");
        }
    }
    assert_eq!(subject_key().open(&places[1], b"").expect_err("tenant"), KeyError::WrongPlace);
    assert_eq!(subject_key().seal(&places[5], PLAIN).expect_err("subject"), KeyError::WrongPlace);
}

#[test]
fn key_versions_are_told_apart() {
    let (key, at) = (subject_key(), place());
    let sealed = key.seal(&at, PLAIN).expect("seals");
    for (version, fill) in [(8, 9), (7, 10), (8, 10)] {
        let other = SubjectKey::new(at.tenant, at.subject, version, secret(fill));
        assert_eq!(other.open(&at, &sealed).expect_err("other key"), KeyError::Corrupt);
    }
}

#[test]
fn lengths_are_strict() {
    let (key, at) = (subject_key(), place());
    let sealed = key.seal(&at, PLAIN).expect("seals");
    for cut in 0..sealed.len() {
        assert!(key.open(&at, &sealed[..cut]).is_err() && key.open(&at, &sealed[cut + 1..]).is_err());
    }
    for more in 1..=200 {
        let longer = [sealed.as_slice(), &vec![0; more]].concat();
        assert!(key.open(&at, &longer).is_err());
    }
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
fn message_ids_do_not_repeat() {
    let (key, at) = (subject_key(), place());
    let sealed = (0..1 << 14).map(|_| key.seal(&at, PLAIN).expect("seals")[6..22].to_vec());
    assert_eq!(sealed.collect::<HashSet<_>>().len(), 1 << 14);
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

proptest! {
    #[test]
    fn what_is_sealed_opens(plain in prop::collection::vec(any::<u8>(), 0..600)) {
        let sealed = subject_key().seal(&place(), &plain).expect("seals");
        prop_assert_eq!(&*subject_key().open(&place(), &sealed).expect("opens"), &*plain);
        prop_assert!(plain.len() < 8 || !sealed.windows(plain.len()).any(|window| window == plain));
    }

    #[test]
    fn noise_does_not_open(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(subject_key().open(&place(), &noise).is_err());
    }
}
