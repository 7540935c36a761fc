//! The puncturable function of a tenant: a share for every person, of which single ones can be destroyed for good.
//!
//! It is the tree of Goldreich, Goldwasser and Micali. A node is 32 bytes, its two children are HKDF-Expand of it, and a person's
//! share is the leaf that the first 64 bits of a SHA-256 over tenant and person lead to. What is kept is a frontier: first the
//! root alone. To puncture a leaf, the node above it gives way to the siblings along the path; then every other leaf is what it
//! was, and that one cannot be computed any more. So the frontier follows from the root and from which leaves are gone, in
//! whatever order they went.
//!
//! ```text
//! ver(1) | count(4, big endian) | leaves that are gone, ascending (8 each, big endian) | frontier, left to right (32 each)
//! ```

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use keystead_ids::TenantId;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    KeyError, Secret,
    algorithms::{hkdf_expand, traceless},
    envelope::length_prefixed,
};

/// Version of the encoding, of the leaves and of the derivation.
const VERSION: u8 = 1;
/// Bits of a leaf: two persons of one tenant share one with a chance of 2^-64.
const DEPTH: u8 = 64;
const LEFT: [&[u8]; 2] = [b"keystead/v1/share|", &[0]];
const RIGHT: [&[u8]; 2] = [b"keystead/v1/share|", &[1]];

/// A frontier of the tree.
pub(crate) struct ShareTree {
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
        Ok(Self::whole(Secret::random()?))
    }

    pub(crate) fn whole(root: Secret) -> Self {
        Self { gone: BTreeSet::new(), frontier: vec![Node { depth: 0, first: 0, seed: root }] }
    }

    /// The share of a leaf; [`KeyError::Erased`] when it was punctured.
    pub(crate) fn share(&self, leaf: u64) -> Result<Secret, KeyError> {
        let node = self.above(leaf).map(|index| &self.frontier[index]).ok_or(KeyError::Erased)?;
        let mut seed = Zeroizing::new(*node.seed.expose());
        traceless(|| {
            for depth in node.depth..DEPTH {
                let above = seed.clone();
                hkdf_expand(&above, side(leaf, depth), &mut seed)?;
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
            let above = leaf & !(bit | (bit - 1));
            let [low, high] = children(&seed)?;
            let kept;
            if leaf & bit == 0 {
                (seed, kept) = (low, high);
                right.push(Node { depth: depth + 1, first: above | bit, seed: kept });
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
        bytes.push(VERSION);
        bytes.extend_from_slice(&count.to_be_bytes());
        self.gone.iter().for_each(|leaf| bytes.extend_from_slice(&leaf.to_be_bytes()));
        self.frontier.iter().for_each(|node| bytes.extend_from_slice(node.seed.expose()));
        Ok(bytes)
    }

    /// Reads an encoding: each tree has one, and everything else is [`KeyError::Corrupt`].
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, KeyError> {
        let (&[VERSION], rest) = bytes.split_first_chunk().ok_or(KeyError::Corrupt)? else {
            return Err(KeyError::Corrupt);
        };
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
        Ok(Self { gone: leaves.into_iter().collect(), frontier })
    }

    /// The node of the frontier that the leaf is below.
    fn above(&self, leaf: u64) -> Option<usize> {
        let index = self.frontier.partition_point(|node| node.first <= leaf).checked_sub(1)?;
        let node = &self.frontier[index];
        (node.depth == 0 || (node.first ^ leaf) >> (DEPTH - node.depth) == 0).then_some(index)
    }
}

/// Where a person's share is.
pub(crate) fn leaf(tenant: TenantId, person: Uuid) -> u64 {
    let name = length_prefixed(&[b"keystead", &[VERSION], b"share", tenant.uuid().as_bytes(), person.as_bytes()]);
    let hash = digest(&SHA256, &name);
    hash.as_ref().first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// The way from a node of that depth towards a leaf.
const fn side(leaf: u64, depth: u8) -> &'static [&'static [u8]] {
    if leaf & (1 << (DEPTH - 1 - depth)) == 0 { &LEFT } else { &RIGHT }
}

fn children(seed: &Secret) -> Result<[Secret; 2], KeyError> {
    let mut both = Zeroizing::new([[0; 32]; 2]);
    traceless(|| {
        hkdf_expand(seed.expose(), &LEFT, &mut both[0])?;
        hkdf_expand(seed.expose(), &RIGHT, &mut both[1])
    })?;
    let [low, high] = &mut *both;
    Ok([Secret::take(low)?, Secret::take(high)?])
}

/// Depth and leftmost leaf of the largest sub-trees that hold none of the leaves (sorted, all below the node), left to right.
fn frontier_around(leaves: &[u64], depth: u8, first: u64, places: &mut Vec<(u8, u64)>) {
    if leaves.is_empty() {
        places.push((depth, first));
    } else if depth < DEPTH {
        let middle = first | 1 << (DEPTH - 1 - depth);
        let (low, high) = leaves.split_at(leaves.partition_point(|leaf| *leaf < middle));
        frontier_around(low, depth + 1, first, places);
        frontier_around(high, depth + 1, middle, places);
    }
}
