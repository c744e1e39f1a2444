//! The RFC 6962 Merkle tree over the lines of a log, kept compact: only the roots of its perfect subtrees. A line is
//! shown to stand in it by a proof of inclusion, an older tree to be its beginning by a proof of consistency.

mod consistency;
mod inclusion;

pub use consistency::{consistency_proof, verify_consistency};
pub use inclusion::{inclusion_proof, verify_inclusion};

use crate::digest::Sha256;
use sha2::Digest as _;

/// Hash of one leaf: `SHA-256(0x00 ‖ line)`, the line without its newline (RFC 6962 §2.1).
pub fn leaf_hash(line: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::new().chain_update([0]).chain_update(line).finalize().into())
}

/// Hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)` (RFC 6962 §2.1).
pub fn node_hash(left: &Sha256, right: &Sha256) -> Sha256 {
    Sha256(sha2::Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// A growing tree in at most 64 hashes.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    size: u64,
    /// Roots of the perfect subtrees, largest first; their sizes are the set bits of `size`.
    peaks: Vec<Sha256>,
}

impl Tree {
    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Sha256) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root; of an empty tree the hash of nothing (RFC 6962 §2.1).
    pub fn root(&self) -> Sha256 {
        self.peaks
            .iter()
            .copied()
            .rev()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| Sha256::of(b""))
    }
}

/// The root over leaf hashes.
fn root_of(leaves: &[Sha256]) -> Sha256 {
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 §2.1, as it stands.
    fn by_definition(leaves: &[Vec<u8>]) -> Sha256 {
        match leaves {
            [] => Sha256::of(b""),
            [one] => leaf_hash(one),
            many => {
                let (left, right) = many.split_at(many.len().next_power_of_two() / 2);
                node_hash(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn roots_of_the_certificate_transparency_vectors() {
        // google/certificate-transparency merkle_tree_test: leaves and the roots of sizes 1, 2, 5 and 8.
        let hex = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let roots = [
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ];
        let mut tree = Tree::default();
        for leaf in hex {
            let bytes: Vec<u8> =
                (0..leaf.len()).step_by(2).map(|at| u8::from_str_radix(&leaf[at..at + 2], 16).unwrap()).collect();
            tree.push(leaf_hash(&bytes));
            if let Some((_, root)) = roots.iter().find(|(size, _)| *size == tree.size()) {
                assert_eq!(tree.root().to_string(), *root, "size {}", tree.size());
            }
        }
    }

    #[test]
    fn compact_equals_the_definition_at_every_size() {
        let mut tree = Tree::default();
        let mut leaves = Vec::new();
        for n in 0..130_u8 {
            assert_eq!(tree.root(), by_definition(&leaves), "size {n}");
            leaves.push(vec![n; usize::from(n % 5)]);
            tree.push(leaf_hash(&leaves[usize::from(n)]));
        }
    }
}
