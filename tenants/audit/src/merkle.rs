//! The Merkle tree of RFC 6962, as far as an append-only log needs it: what stands is kept as the roots of its whole subtrees.

use aws_lc_rs::digest::{Context, SHA256};

/// A node or leaf of the tree.
pub type Node = [u8; 32];

/// RFC 6962, 2.1: the hash of an entry.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Node {
    hashed(&[&[0], entry])
}

fn parent(left: &Node, right: &Node) -> Node {
    hashed(&[&[1], left, right])
}

fn hashed(parts: &[&[u8]]) -> Node {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut node = [0; 32];
    node.copy_from_slice(context.finish().as_ref());
    node
}

/// A tree without its entries: the roots of its whole subtrees, the largest first. There is one for every bit of its size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    roots: Vec<Node>,
}

/// A tree that has grown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grown {
    /// The tree as it is now.
    pub frontier: Frontier,
    /// Its root.
    pub root: Node,
    /// The inclusion proof of each new entry, from its sibling up.
    pub paths: Vec<Vec<Node>>,
}

impl Frontier {
    /// Reads what [`Self::to_bytes`] wrote; `None` when it is not the frontier of a tree of this size.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (roots, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && roots.len() == size.count_ones() as usize;
        fits.then(|| Self { size, roots: roots.to_vec() })
    }

    /// Its nodes, one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.concat()
    }

    /// How many entries the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The tree with these entries more, given by their hashes. At least one.
    #[must_use]
    pub fn grow(&self, leaves: &[Node]) -> Option<Grown> {
        let last = self.size + leaves.len() as u64;
        let levels = Levels::of(self, leaves);
        let root = levels.root(0, last)?;
        let paths = (self.size..last).map(|index| levels.path(index, last)).collect::<Option<_>>()?;
        let roots = whole_subtrees(last).map(|(level, index)| levels.at(level, index)).collect::<Option<_>>()?;
        Some(Grown { frontier: Self { size: last, roots }, root, paths })
    }
}

/// Level and index of every whole subtree of a tree of this size, the largest first.
fn whole_subtrees(size: u64) -> impl Iterator<Item = (usize, u64)> {
    (0..64_usize).rev().filter(move |level| size >> level & 1 == 1).map(move |level| (level, (size >> level) - 1))
}

/// Every whole subtree that can be known, level by level: the one that stood, if any, and all above new entries.
struct Levels {
    /// The index of the first node that is known, and the nodes from there on.
    levels: Vec<(u64, Vec<Node>)>,
}

impl Levels {
    fn of(stood: &Frontier, leaves: &[Node]) -> Self {
        let mut standing = [None; 64];
        for ((level, _), root) in whole_subtrees(stood.size).zip(&stood.roots) {
            standing[level] = Some(*root);
        }
        let (mut first, mut nodes) = (stood.size, leaves.to_vec());
        let levels = standing.into_iter().map(|root| {
            // Where a subtree stands, `first` is odd: the two make a pair. Where none does, it is even.
            if let Some(root) = root {
                nodes.insert(0, root);
                first -= 1;
            }
            let above = nodes.as_chunks::<2>().0.iter().map(|[left, right]| parent(left, right)).collect();
            let level = (first, std::mem::replace(&mut nodes, above));
            first /= 2;
            level
        });
        Self { levels: levels.collect() }
    }

    fn at(&self, level: usize, index: u64) -> Option<Node> {
        let (first, nodes) = self.levels.get(level)?;
        nodes.get(usize::try_from(index.checked_sub(*first)?).ok()?).copied()
    }

    /// The root of entries `from` to `to`, where `from` is a multiple of the largest power of two that fits.
    fn root(&self, from: u64, to: u64) -> Option<Node> {
        let width = to.checked_sub(from)?;
        if width.is_power_of_two()
            && let Some(known) = self.at(width.trailing_zeros() as usize, from / width)
        {
            return Some(known);
        }
        let middle = from + split(width)?;
        Some(parent(&self.root(from, middle)?, &self.root(middle, to)?))
    }

    /// RFC 6962, 2.1.1.
    fn path(&self, index: u64, size: u64) -> Option<Vec<Node>> {
        let (mut from, mut to, mut path) = (0, size, Vec::new());
        while to - from > 1 {
            let middle = from + split(to - from)?;
            if index < middle {
                path.push(self.root(middle, to)?);
                to = middle;
            } else {
                path.push(self.root(from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Some(path)
    }
}

/// The largest power of two below `width`; none for less than two.
fn split(width: u64) -> Option<u64> {
    Some(1 << width.checked_sub(1)?.checked_ilog2()?)
}

/// The root to which a path leads from an entry's hash; `None` when the path does not fit the place (RFC 9162, 2.1.3.2).
#[must_use]
pub fn root_of_path(leaf: Node, index: u64, size: u64, path: &[Node]) -> Option<Node> {
    if index >= size {
        return None;
    }
    let (mut position, mut last, mut node) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return None;
        }
        if position % 2 == 1 || position == last {
            node = parent(sibling, &node);
            while position % 2 == 0 && position != 0 {
                (position, last) = (position >> 1, last >> 1);
            }
        } else {
            node = parent(&node, sibling);
        }
        (position, last) = (position >> 1, last >> 1);
    }
    (last == 0).then_some(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, 2.1, word by word.
    fn by_definition(entries: &[Node]) -> Node {
        match entries {
            [one] => *one,
            _ => {
                let middle = split(entries.len() as u64).and_then(|k| usize::try_from(k).ok()).unwrap_or_default();
                parent(&by_definition(&entries[..middle]), &by_definition(&entries[middle..]))
            }
        }
    }

    fn entries(count: usize) -> Vec<Node> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    #[test]
    fn a_tree_that_grows_by_any_steps_is_the_tree_of_its_entries() {
        for total in 1..=40 {
            let all = entries(total);
            for step in 1..=total {
                let mut frontier = Frontier::default();
                for (round, leaves) in all.chunks(step).enumerate() {
                    let grown = frontier.grow(leaves).expect("grows");
                    let size = frontier.size() + leaves.len() as u64;
                    let stands = &all[..usize::try_from(size).expect("small")];
                    assert_eq!(grown.root, by_definition(stands), "{total} by {step}, round {round}");
                    for (place, (leaf, path)) in leaves.iter().zip(&grown.paths).enumerate() {
                        let index = frontier.size() + place as u64;
                        assert_eq!(root_of_path(*leaf, index, size, path), Some(grown.root), "{index} of {size}");
                    }
                    assert_eq!(Frontier::from_bytes(size, &grown.frontier.to_bytes()), Some(grown.frontier.clone()));
                    frontier = grown.frontier;
                }
            }
        }
    }

    #[test]
    fn a_path_leads_from_one_place_only() {
        let all = entries(13);
        let grown = Frontier::default().grow(&all).expect("grows");
        for (index, path) in grown.paths.iter().enumerate() {
            for other in (0..14).filter(|other| *other != index as u64) {
                assert_ne!(root_of_path(all[index], other, 13, path), Some(grown.root), "{index} as {other}");
            }
            for cut in 0..path.len() {
                let mut shorter = path.clone();
                shorter.remove(cut);
                assert_ne!(root_of_path(all[index], index as u64, 13, &shorter), Some(grown.root));
                let mut bent = path.clone();
                bent[cut][7] ^= 1;
                assert_ne!(root_of_path(all[index], index as u64, 13, &bent), Some(grown.root));
            }
            let longer = [path.as_slice(), &[all[0]]].concat();
            assert_eq!(root_of_path(all[index], index as u64, 13, &longer), None);
        }
    }

    #[test]
    fn what_is_no_frontier_is_not_read() {
        assert_eq!(Frontier::from_bytes(3, &[0; 32]), None);
        assert_eq!(Frontier::from_bytes(1, &[0; 33]), None);
        assert_eq!(Frontier::from_bytes(0, &[]), Some(Frontier::default()));
        assert_eq!(Frontier::default().grow(&[]), None, "a tree of nothing has no root to sign");
    }
}
