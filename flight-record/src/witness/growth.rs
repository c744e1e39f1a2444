//! The station's own tree: what a signed head has confirmed, and behind it what the radio has offered so far.

use crate::digest::Sha256;
use crate::tree::Tree;
use std::collections::BTreeMap;

/// Leaves ahead of the newest head heard that are kept: they come before their beacon.
const MAX_AHEAD: u64 = 1024;

/// A tree that grows by leaves nobody signs: they count once a signed head has their root.
#[derive(Default)]
pub(super) struct Growth {
    confirmed: Tree,
    /// Root over the first n leaves at n − 1, confirmed and offered.
    roots: Vec<Sha256>,
    /// The leaves behind the confirmed ones, without a hole.
    offered: Vec<Sha256>,
    offered_tree: Tree,
    /// Leaves behind a hole.
    ahead: BTreeMap<u64, Sha256>,
    contested: bool,
}

impl Growth {
    /// Leaves that a signed head confirms.
    pub(super) fn size(&self) -> u64 {
        self.confirmed.size()
    }

    /// The root over them.
    pub(super) fn root(&self) -> Sha256 {
        self.confirmed.root()
    }

    /// Leaves without a hole, confirmed or offered.
    pub(super) fn reach(&self) -> u64 {
        self.offered_tree.size()
    }

    /// Whether two different hashes have been offered for one leaf since the last confirmation: somebody interferes.
    pub(super) fn contested(&self) -> bool {
        self.contested
    }

    /// The root over the first `size` leaves, as far as they reach; sizes begin at 1.
    pub(super) fn root_at(&self, size: u64) -> Option<Sha256> {
        let index = usize::try_from(size.checked_sub(1)?).ok()?;
        self.roots.get(index).copied()
    }

    /// Takes leaves `from`, `from` + 1, …; `newest` is the greatest size a signed head has said.
    pub(super) fn offer(&mut self, from: u64, hashes: &[Sha256], newest: u64) {
        let end = newest.max(self.size()).saturating_add(MAX_AHEAD);
        for (number, hash) in (from..end).zip(hashes) {
            if number < self.size() {
                continue;
            }
            let held = match usize::try_from(number - self.size()).ok().and_then(|at| self.offered.get(at)) {
                Some(held) => *held,
                None => *self.ahead.entry(number).or_insert(*hash),
            };
            self.contested |= held != *hash;
        }
        while let Some(leaf) = self.ahead.remove(&self.reach()) {
            self.push(leaf);
        }
    }

    fn push(&mut self, leaf: Sha256) {
        self.offered.push(leaf);
        self.offered_tree.push(leaf);
        self.roots.push(self.offered_tree.root());
    }

    /// What was offered up to `size`, to compare one offer with the next.
    pub(super) fn offer_digest(&self, size: u64) -> Sha256 {
        let count = usize::try_from(size.saturating_sub(self.size())).unwrap_or(usize::MAX);
        let bytes: Vec<u8> = self.offered.iter().take(count).flat_map(|leaf| leaf.0).collect();
        Sha256::of(&bytes)
    }

    /// A signed head has the root at `size`: the leaves up to it count. They are returned.
    pub(super) fn confirm(&mut self, size: u64) -> Vec<Sha256> {
        let count = usize::try_from(size.saturating_sub(self.size())).unwrap_or(usize::MAX).min(self.offered.len());
        let leaves: Vec<Sha256> = self.offered.drain(..count).collect();
        leaves.iter().for_each(|leaf| self.confirmed.push(*leaf));
        self.contested = false;
        leaves
    }

    /// Forgets all that is not confirmed.
    pub(super) fn discard(&mut self) {
        self.offered.clear();
        self.ahead.clear();
        self.contested = false;
        self.offered_tree = self.confirmed.clone();
        self.roots.truncate(usize::try_from(self.size()).unwrap_or(usize::MAX));
    }

    /// Takes leaves that the station's own file confirms.
    pub(super) fn restore(&mut self, leaves: &[Sha256]) {
        leaves.iter().for_each(|leaf| self.push(*leaf));
        self.confirm(self.reach());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(n: u64) -> Sha256 {
        Sha256::of(&n.to_be_bytes())
    }

    fn root(leaves: impl IntoIterator<Item = Sha256>) -> Sha256 {
        let mut tree = Tree::default();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        tree.root()
    }

    #[test]
    fn leaves_in_any_order_make_the_tree_and_doubled_ones_change_nothing() {
        let mut growth = Growth::default();
        for (from, count) in [(3, 2), (0, 1), (3, 2), (0, 2), (2, 1), (9, 1)] {
            let hashes: Vec<Sha256> = (from..from + count).map(leaf).collect();
            growth.offer(from, &hashes, 5);
        }
        assert_eq!((growth.size(), growth.reach(), growth.contested()), (0, 5, false));
        assert_eq!(growth.root_at(4), Some(root((0..4).map(leaf))));
        assert_eq!(growth.confirm(4).len(), 4);
        assert_eq!((growth.size(), growth.reach(), growth.root()), (4, 5, root((0..4).map(leaf))));
        growth.discard();
        assert_eq!((growth.reach(), growth.root_at(5), growth.root_at(0)), (4, None, None));
    }

    #[test]
    fn another_hash_for_a_leaf_is_noticed_and_room_is_bounded() {
        let mut growth = Growth::default();
        growth.offer(0, &[leaf(0)], 1);
        growth.offer(0, &[leaf(7)], 1);
        assert!(growth.contested());
        growth.discard();
        growth.offer(1, &[leaf(1)], 1);
        growth.offer(1, &[leaf(2)], 1);
        assert!(growth.contested());
        growth.offer(u64::MAX - 1, &[leaf(1), leaf(2)], u64::MAX);
        growth.offer(2000, &[leaf(1)], 1);
        assert!(growth.ahead.range(1025..u64::MAX - 1).next().is_none());
    }
}
