//! The puncturable function of a tenant: a share for every person, of which single ones can be destroyed for good.
//!
//! It is the tree of Goldreich, Goldwasser and Micali. A node is 32 bytes, its two children are derived from it, and a person's
//! share is the leaf that the first 64 bits of a SHA-256 over tenant and person lead to. What is kept is a frontier: first the
//! root alone. To puncture a leaf, the node above it gives way to the siblings along the path; then every other leaf is what it
//! was, and that one cannot be computed any more. So the frontier follows from the root and from which leaves are gone, in
//! whatever order they went.
//!
//! ```text
//! derivation(1) | count(4, big endian) | leaves that are gone, ascending (8 each, big endian) | frontier, left to right (32 each)
//! ```

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use keystead_ids::TenantId;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    KeyError, Secret,
    algorithms::{hkdf_expand, one_step, traceless},
    envelope::length_prefixed,
};

/// Version of the leaves.
const VERSION: u8 = 1;
/// Bits of a leaf: two persons of one tenant share one with a chance of 2^-64.
const DEPTH: u8 = 64;

/// How children follow from a node; its number is the version of the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Derivation {
    /// HKDF-Expand (RFC 5869): four blocks of SHA-256 for each of the 64 steps to a leaf.
    Expand = 1,
    /// The one-step KDF of NIST SP 800-56C: one block. What is made now.
    OneStep = 2,
}

impl Derivation {
    fn of(version: u8) -> Option<Self> {
        [Self::Expand, Self::OneStep].into_iter().find(|derivation| *derivation as u8 == version)
    }

    /// The left or the right child of a node. It leaves traces: callers wrap it in [`traceless`].
    fn child(self, seed: &[u8; 32], right: bool, child: &mut [u8; 32]) -> Result<(), KeyError> {
        match self {
            Self::Expand => hkdf_expand(seed, &[b"keystead/v1/share|", &[u8::from(right)]], child),
            Self::OneStep => {
                one_step(seed, *if right { b"ks-share1" } else { b"ks-share0" }, child);
                Ok(())
            }
        }
    }

    fn children(self, seed: &Secret) -> Result<[Secret; 2], KeyError> {
        let mut both = Zeroizing::new([[0; 32]; 2]);
        traceless(|| {
            self.child(seed.expose(), false, &mut both[0])?;
            self.child(seed.expose(), true, &mut both[1])
        })?;
        let [low, high] = &mut *both;
        Ok([Secret::take(low)?, Secret::take(high)?])
    }
}

/// A frontier of the tree.
pub(crate) struct ShareTree {
    derivation: Derivation,
    gone: BTreeSet<u64>,
    /// Left to right.
    frontier: Vec<Node>,
}

/// A node from which all leaves below it follow.
struct Node {
    depth: u8,
    /// Its leftmost leaf.
    first: u64,
    seed: Secret,
}

impl ShareTree {
    /// A tree with a fresh root.
    pub(crate) fn random() -> Result<Self, KeyError> {
        Ok(Self::whole(Derivation::OneStep, Secret::random()?))
    }

    fn whole(derivation: Derivation, root: Secret) -> Self {
        Self { derivation, gone: BTreeSet::new(), frontier: vec![Node { depth: 0, first: 0, seed: root }] }
    }

    /// A tree with this root, as it was made in a version.
    #[cfg(test)]
    pub(crate) fn of_version(version: u8, root: Secret) -> Self {
        Self::whole(Derivation::of(version).expect("a version"), root)
    }

    /// The share of a leaf; [`KeyError::Erased`] when it was punctured.
    pub(crate) fn share(&self, leaf: u64) -> Result<Secret, KeyError> {
        let node = self.above(leaf).map(|index| &self.frontier[index]).ok_or(KeyError::Erased)?;
        let mut seed = Zeroizing::new(*node.seed.expose());
        traceless(|| {
            for depth in node.depth..DEPTH {
                let above = seed.clone();
                self.derivation.child(&above, is_right(leaf, depth), &mut seed)?;
            }
            Ok::<_, KeyError>(())
        })?;
        Secret::take(&mut *seed)
    }

    /// Was the leaf punctured?
    pub(crate) fn is_gone(&self, leaf: u64) -> bool {
        self.gone.contains(&leaf)
    }

    /// Makes the share of a leaf impossible to compute. Repeating it changes nothing.
    pub(crate) fn puncture(&mut self, leaf: u64) -> Result<(), KeyError> {
        let Some(index) = self.above(leaf) else { return Ok(()) };
        let node = &self.frontier[index];
        let (mut seed, mut left, mut right) = (node.seed.copy()?, Vec::new(), Vec::new());
        for depth in node.depth..DEPTH {
            let bit = 1 << (DEPTH - 1 - depth);
            let above = leaf & !(bit + (bit - 1));
            let [low, high] = self.derivation.children(&seed)?;
            let kept;
            if leaf & bit == 0 {
                (seed, kept) = (low, high);
                right.push(Node { depth: depth + 1, first: above + bit, seed: kept });
            } else {
                (kept, seed) = (low, high);
                left.push(Node { depth: depth + 1, first: above, seed: kept });
            }
        }
        self.frontier.splice(index..=index, left.into_iter().chain(right.into_iter().rev()));
        self.gone.insert(leaf);
        Ok(())
    }

    /// The encoding that [`Self::decode`] reads.
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let count = u32::try_from(self.gone.len()).map_err(|_| KeyError::TooLong)?;
        // Exactly large enough: growing would leave a copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(5 + self.gone.len() * 8 + self.frontier.len() * 32));
        bytes.push(self.derivation as u8);
        bytes.extend_from_slice(&count.to_be_bytes());
        self.gone.iter().for_each(|leaf| bytes.extend_from_slice(&leaf.to_be_bytes()));
        self.frontier.iter().for_each(|node| bytes.extend_from_slice(node.seed.expose()));
        Ok(bytes)
    }

    /// Reads an encoding: each tree has one, and everything else is [`KeyError::Corrupt`].
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, KeyError> {
        let (&[version], rest) = bytes.split_first_chunk().ok_or(KeyError::Corrupt)?;
        let derivation = Derivation::of(version).ok_or(KeyError::Corrupt)?;
        let (count, rest) = rest.split_first_chunk().ok_or(KeyError::Corrupt)?;
        let leaves = (u32::from_be_bytes(*count) as usize).checked_mul(8).ok_or(KeyError::Corrupt)?;
        let (leaves, seeds) = rest.split_at_checked(leaves).ok_or(KeyError::Corrupt)?;
        let leaves: Vec<u64> = leaves.as_chunks().0.iter().map(|leaf| u64::from_be_bytes(*leaf)).collect();
        let (seeds, rest) = seeds.as_chunks::<32>();
        if !leaves.is_sorted_by(|a, b| a < b) || !rest.is_empty() {
            return Err(KeyError::Corrupt);
        }
        let mut places = Vec::with_capacity(seeds.len());
        frontier_around(&leaves, 0, 0, &mut places);
        if places.len() != seeds.len() {
            return Err(KeyError::Corrupt);
        }
        let node = |((depth, first), seed): ((u8, u64), &[u8; 32])| {
            Ok(Node { depth, first, seed: Secret::take(&mut *Zeroizing::new(*seed))? })
        };
        let frontier = places.into_iter().zip(seeds).map(node).collect::<Result<_, KeyError>>()?;
        Ok(Self { derivation, gone: leaves.into_iter().collect(), frontier })
    }

    /// The node of the frontier that the leaf is below.
    fn above(&self, leaf: u64) -> Option<usize> {
        let index = self.frontier.partition_point(|node| node.first <= leaf).checked_sub(1)?;
        let node = &self.frontier[index];
        (node.depth == 0 || (node.first ^ leaf) >> (DEPTH - node.depth) == 0).then_some(index)
    }
}

/// The encoding of the tree that an encoding reads as, which must be the same. It is here for
/// fuzzing, which has no seal to put around a tree.
///
/// # Errors
/// [`KeyError::Corrupt`] when it is no encoding.
pub fn again(encoded: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    ShareTree::decode(encoded)?.encode()
}

/// Where a person's share is.
pub(crate) fn leaf(tenant: TenantId, person: Uuid) -> u64 {
    let name = length_prefixed(&[b"keystead", &[VERSION], b"share", tenant.uuid().as_bytes(), person.as_bytes()]);
    let hash = digest(&SHA256, &name);
    hash.as_ref().first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// Does the way from a node of that depth to a leaf go right?
const fn is_right(leaf: u64, depth: u8) -> bool {
    leaf & (1 << (DEPTH - 1 - depth)) != 0
}

/// Depth and leftmost leaf of the largest sub-trees that hold none of the leaves (sorted, all below the node), left to right.
fn frontier_around(leaves: &[u64], depth: u8, first: u64, places: &mut Vec<(u8, u64)>) {
    if leaves.is_empty() {
        places.push((depth, first));
    } else if depth < DEPTH {
        let middle = first + (1 << (DEPTH - 1 - depth));
        let (low, high) = leaves.split_at(leaves.partition_point(|leaf| *leaf < middle));
        frontier_around(low, depth + 1, first, places);
        frontier_around(high, depth + 1, middle, places);
    }
}
