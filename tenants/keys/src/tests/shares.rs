//! The tree of shares: what an independent implementation computes, what a puncture leaves, and what is no encoding.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use aws_lc_rs::digest::{SHA256, digest};
use keystead_ids::TenantId;
use keystead_proofs::Proof;
use proptest::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::{secret, tenant, tenant_keys};
use crate::{
    KeyError, Purpose, Secret, TenantKeys, WrappedKey, WrappedSubject, Wrapping,
    share_tree::{ShareTree, again, leaf},
    tenant::Bundle,
};

#[derive(Deserialize)]
struct Vectors {
    #[serde(default)]
    leaves: Vec<Leaf>,
    shares: Vec<Share>,
    trees: Vec<Tree>,
    #[serde(default)]
    wraps: Vec<Wrap>,
}

#[derive(Deserialize)]
struct Leaf {
    tenant: Uuid,
    person: Uuid,
    leaf: u64,
}

#[derive(Deserialize)]
struct Share {
    root: String,
    leaf: u64,
    share: String,
}

#[derive(Deserialize)]
struct Tree {
    root: String,
    gone: Vec<u64>,
    length: usize,
    sha256: String,
    encoded: Option<String>,
}

#[derive(Deserialize)]
struct Wrap {
    kek: String,
    key_version: u32,
    tenant: Uuid,
    person: Uuid,
    tree: String,
    wrapped: String,
    dek: String,
}

/// Those of all versions of trees. Whoever makes more of them must not make them with this crate.
fn vectors() -> [(u8, Vectors); 2] {
    let read = |text: &str| serde_json::from_str(text).expect("vectors");
    let (first, second) =
        (include_str!("../../tests/vectors/shares-v1.json"), include_str!("../../tests/vectors/shares-v2.json"));
    [(1, read(first)), (2, read(second))]
}

fn key(text: &str) -> Secret {
    Secret::take(hex::decode(text).expect("hexadecimal")).expect("32 bytes")
}

fn share(tree: &ShareTree, leaf: u64) -> Result<[u8; 32], KeyError> {
    tree.share(leaf).map(|share| *share.expose())
}

fn encoded(tree: &ShareTree) -> Vec<u8> {
    tree.encode().expect("encodes").to_vec()
}

fn punctured(root: u8, gone: impl IntoIterator<Item = u64>) -> ShareTree {
    let mut tree = ShareTree::of_version(2, secret(root));
    gone.into_iter().for_each(|leaf| tree.puncture(leaf).expect("punctures"));
    tree
}

#[test]
fn shares_and_trees_are_as_frozen() {
    for (version, vectors) in vectors() {
        as_frozen(version, vectors);
    }
}

fn as_frozen(version: u8, Vectors { leaves, shares, trees, wraps }: Vectors) {
    let whole = |root: &str| ShareTree::of_version(version, key(root));
    for Leaf { tenant, person, leaf: at } in leaves {
        assert_eq!(leaf(TenantId(tenant), person), at);
    }
    for Share { root, leaf, share: frozen } in shares {
        assert_eq!(hex::encode(share(&whole(&root), leaf).expect("a share")), frozen, "{leaf}");
    }
    for Tree { root, gone, length, sha256, encoded: frozen } in trees {
        let mut tree = whole(&root);
        gone.iter().for_each(|leaf| tree.puncture(*leaf).expect("punctures"));
        let bytes = encoded(&tree);
        assert_eq!((bytes.len(), hex::encode(digest(&SHA256, &bytes))), (length, sha256), "{gone:?}");
        assert!(frozen.is_none_or(|frozen| frozen == hex::encode(&bytes)));
        assert_eq!(encoded(&ShareTree::decode(&bytes).expect("reads")), bytes);
        assert_eq!(again(&bytes).as_deref(), Ok(&bytes));
    }
    for Wrap { kek, key_version, tenant, person, tree, wrapped, dek } in wraps {
        let keys = keys_of(TenantId(tenant), key_version, key(&kek));
        let (opened, version) = keys.open_tree(&hex::decode(tree).expect("hexadecimal")).expect("opens");
        assert_eq!(version, key_version);
        let keys = with_tree(&keys, opened);
        let wrapped = hex::decode(wrapped).expect("hexadecimal");
        let wrapped = WrappedSubject { wrapping: Wrapping::Share, key_version, wrapped };
        let subject = keys.open_subject(person, &wrapped).expect("opens");
        assert_eq!((subject.version(), hex::encode(subject.secret().expose())), (1, dek));
    }
}

fn keys_of(tenant: TenantId, version: u32, kek: Secret) -> TenantKeys {
    let bundle = (**tenant_keys(1, &[]).bundle()).clone();
    let row = WrappedKey { tenant, purpose: Purpose::Pii, version, kms_key: String::new(), wrapped: Vec::new() };
    TenantKeys::new(Arc::new(Bundle { tenant, keys: vec![(row, Arc::new(kek))], ..bundle }))
}

/// The same keys with another tree, as another process holds them.
fn with_tree(keys: &TenantKeys, tree: ShareTree) -> TenantKeys {
    let opened = keys.bundle().opened.for_new_set();
    TenantKeys::new(Arc::new(Bundle { shares: Some(Arc::new(tree)), opened, ..(**keys.bundle()).clone() }))
}

/// Leaves anywhere, and leaves that are neighbours.
fn some_leaves() -> impl Strategy<Value = Vec<u64>> {
    let near = prop_oneof![
        any::<u64>(),
        0..4_u64,
        (0..4_u64).prop_map(|low| u64::MAX - low),
        (0..64_u32).prop_map(|bit| 1 << bit)
    ];
    prop::collection::vec(near, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_puncture_takes_one_share_and_no_other(root: u8, gone in some_leaves(), others in some_leaves()) {
        let (whole, tree) = (punctured(root, []), punctured(root, gone.clone()));
        for leaf in &gone {
            prop_assert_eq!(share(&tree, *leaf), Err(KeyError::Erased));
            prop_assert!(tree.is_gone(*leaf));
        }
        let near = gone.iter().flat_map(|leaf| [leaf ^ 1, leaf ^ (1 << 63), leaf.wrapping_add(2)]);
        for leaf in others.into_iter().chain(near).filter(|leaf| !gone.contains(leaf)) {
            prop_assert_eq!(share(&tree, leaf), share(&whole, leaf));
            prop_assert!(!tree.is_gone(leaf));
        }
    }

    #[test]
    fn punctures_commute_and_repeating_them_changes_nothing(root: u8, gone in some_leaves(), turn in any::<prop::sample::Index>()) {
        let mut otherwise: Vec<u64> = gone.iter().rev().chain(&gone).copied().collect();
        if !otherwise.is_empty() {
            let by = turn.index(otherwise.len());
            otherwise.rotate_left(by);
        }
        prop_assert_eq!(encoded(&punctured(root, gone)), encoded(&punctured(root, otherwise)));
    }

    #[test]
    fn an_encoding_reads_as_the_tree_that_it_is_of(root: u8, gone in some_leaves(), more in any::<u64>()) {
        let bytes = encoded(&punctured(root, gone.clone()));
        let mut read = ShareTree::decode(&bytes).expect("reads");
        prop_assert_eq!(encoded(&read), bytes);
        read.puncture(more).expect("punctures");
        prop_assert_eq!(encoded(&read), encoded(&punctured(root, gone.into_iter().chain([more]))));
    }

    #[test]
    fn what_is_no_encoding_is_refused(gone in some_leaves(), cut in any::<prop::sample::Index>(), extra in 1..40_usize) {
        let bytes = encoded(&punctured(3, gone.clone()));
        prop_assert!(ShareTree::decode(&bytes[..cut.index(bytes.len())]).is_err(), "cut");
        prop_assert!(ShareTree::decode(&[&bytes[..], &vec![0; extra]].concat()).is_err(), "longer");
        for version in [0, 3, 255] {
            prop_assert!(ShareTree::decode(&[&[version], &bytes[1..]].concat()).is_err(), "version");
        }
        let count = BTreeSet::from_iter(gone).len();
        for wrong in [count.wrapping_sub(1), count + 1, usize::MAX] {
            let count = u32::try_from(wrong).unwrap_or(u32::MAX).to_be_bytes();
            prop_assert!(ShareTree::decode(&[&bytes[..1], &count, &bytes[5..]].concat()).is_err(), "count");
        }
        if count > 1 {
            let [first, second] = [&bytes[5..13], &bytes[13..21]];
            let rest = &bytes[21..];
            prop_assert!(ShareTree::decode(&[&bytes[..5], second, first, rest].concat()).is_err(), "order");
            prop_assert!(ShareTree::decode(&[&bytes[..5], first, first, rest].concat()).is_err(), "twice");
        }
    }
}

#[test]
fn a_sealed_tree_opens_whole_for_its_tenant_and_version_only() {
    let keys = tenant_keys(1, &[(Purpose::Pii, 1), (Purpose::Pii, 2)]);
    let tree = punctured(5, [1, 2]);
    let sealed = keys.seal_tree(&tree, 1).expect("seals");
    let (opened, version) = keys.open_tree(&sealed).expect("opens");
    assert_eq!((encoded(&opened), version), (encoded(&tree), 1), "it stays under the key that it was under");
    let same_key_other_tenant = keys_of(tenant(2), 1, secret(58));
    same_key_other_tenant.seal_tree(&tree, 1).expect("the key is the same");
    let refused = |outcome: Result<(ShareTree, u32), KeyError>| outcome.map(drop).expect_err("refused");
    assert_eq!(refused(same_key_other_tenant.open_tree(&sealed)), KeyError::Corrupt);
    let missing = KeyError::MissingVersion { purpose: Purpose::Pii, version: 1 };
    assert_eq!(refused(tenant_keys(1, &[(Purpose::Pii, 2)]).open_tree(&sealed)), missing);
    for byte in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[byte] ^= 1;
        assert!(keys.open_tree(&altered).is_err(), "byte {byte}");
    }
    // What was sealed as a value is no tree, whatever it says.
    let value = crate::envelope::seal(&secret(58), 1, b"", &encoded(&tree)).expect("seals");
    assert_eq!(refused(keys.open_tree(&value)), KeyError::Corrupt);
}

#[test]
fn a_person_opens_with_their_share_only() {
    let keys = tenant_keys(1, &[(Purpose::Pii, 1)]);
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let wrapped = [one, two].map(|person| (person, keys.new_subject(person).expect("new").1));
    let erased = with_tree(&keys, punctured(1, [leaf(keys.tenant(), one)]));
    let opens =
        |keys: &TenantKeys, (person, wrapped): &(Uuid, WrappedSubject)| keys.open_subject(*person, wrapped).map(drop);
    assert_eq!(opens(&erased, &wrapped[0]), Err(KeyError::Erased));
    assert_eq!(opens(&erased, &wrapped[1]), Ok(()));
    assert_eq!(erased.new_subject(one).map(drop), Err(KeyError::Erased), "nobody is sealed under a share that is gone");
    // Another tree is another function: the tenant's key alone opens nobody.
    assert_eq!(opens(&with_tree(&keys, punctured(9, [])), &wrapped[1]), Err(KeyError::Corrupt));
    let mut as_before = wrapped[1].clone();
    as_before.1.wrapping = Wrapping::Pii;
    assert_eq!(opens(&keys, &as_before), Err(KeyError::Corrupt), "what wraps it is no matter of opinion");
}

#[test]
fn a_tree_of_many_erasures_still_seals_and_its_size_is_known() {
    let proof = Proof::of("T10");
    let keys = tenant_keys(1, &[(Purpose::Pii, 1)]);
    let mut tree = ShareTree::random().expect("a root");
    let person = |n: u32| leaf(keys.tenant(), Uuid::from_u128(n.into()));
    let began = Instant::now();
    for n in 0..200 {
        tree.share(person(n)).expect("a share");
    }
    proof.note("share-microseconds-unoptimised", began.elapsed().as_secs_f64() * 1e6 / 200.0);
    for n in 0..1_000 {
        tree.puncture(person(n)).expect("punctures");
        if matches!(n, 0 | 99 | 999) {
            proof.note(&format!("tree-bytes-after-{}-erasures", n + 1), encoded(&tree).len());
        }
    }
    let sealed = keys.seal_tree(&tree, 1).expect("seals");
    assert_eq!(encoded(&keys.open_tree(&sealed).expect("opens").0), encoded(&tree));
    assert!(encoded(&tree).len() < 2_200_000, "{}", encoded(&tree).len());
}

#[test]
fn a_wrapping_has_its_number() {
    for (code, wrapping) in [(0, None), (1, Some(Wrapping::Pii)), (2, Some(Wrapping::Share)), (3, None)] {
        assert_eq!(Wrapping::of_code(code), wrapping, "{code}");
    }
    assert_eq!((Wrapping::Pii.code(), Wrapping::Share.code()), (1, 2));
}
