//! Consistency proofs (RFC 9162 §2.1.4): that one tree is the beginning of another, of which only the heads are there.

use super::{node_hash, root_of};
use crate::digest::Sha256;

/// The proof that the first `size` of these leaves are the beginning of all of them (RFC 9162 §2.1.4.1). None unless
/// `size` is at least 1 and less than their number.
pub fn consistency_proof(leaves: &[Sha256], size: u64) -> Option<Vec<Sha256>> {
    let mut old = usize::try_from(size).ok().filter(|old| (1..leaves.len()).contains(old))?;
    let mut within = leaves;
    let mut proof = Vec::new();
    // The reader has the root of the old tree, and needs no node for it while the old tree is the whole of `within`.
    let mut is_known = true;
    while old != within.len() {
        let (left, right) = within.split_at(within.len().next_power_of_two() / 2);
        if old <= left.len() {
            proof.push(root_of(right));
            within = left;
        } else {
            proof.push(root_of(left));
            (within, old, is_known) = (right, old - left.len(), false);
        }
    }
    if !is_known {
        proof.push(root_of(within));
    }
    proof.reverse();
    Some(proof)
}

/// Whether `proof` shows that the tree of `old_size` leaves with `old_root` is the beginning of the one of `size` leaves
/// with `root` (RFC 9162 §2.1.4.2). False unless 0 < `old_size` < `size`.
pub fn verify_consistency(old_root: &Sha256, old_size: u64, root: &Sha256, size: u64, proof: &[Sha256]) -> bool {
    if old_size == 0 || old_size >= size {
        return false;
    }
    let mut nodes = proof.iter();
    let first = if old_size.is_power_of_two() { Some(old_root) } else { nodes.next() };
    let Some(first) = first else { return false };
    let (mut node, mut last) = (old_size - 1, size - 1);
    let passed = node.trailing_ones();
    (node, last) = (node >> passed, last >> passed);
    let (mut old_reached, mut reached) = (*first, *first);
    for sibling in nodes {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_reached = node_hash(sibling, &old_reached);
            reached = node_hash(sibling, &reached);
            let passed = node.trailing_zeros();
            (node, last) = (node >> passed, last >> passed);
        } else {
            reached = node_hash(&reached, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && old_reached == *old_root && reached == *root
}

#[cfg(test)]
mod tests {
    use super::super::leaf_hash;
    use super::*;
    use proptest::prelude::*;

    fn leaves(size: usize) -> Vec<Sha256> {
        (0..size).map(|n| leaf_hash(&n.to_le_bytes())).collect()
    }

    /// SUBPROOF of RFC 9162 §2.1.4.1, as it stands.
    fn by_definition(leaves: &[Sha256], old: usize, is_known: bool) -> Vec<Sha256> {
        if old == leaves.len() {
            return if is_known { Vec::new() } else { vec![root_of(leaves)] };
        }
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        let (mut proof, sibling) = if old <= left.len() {
            (by_definition(left, old, is_known), right)
        } else {
            (by_definition(right, old - left.len(), false), left)
        };
        proof.push(root_of(sibling));
        proof
    }

    #[test]
    fn every_two_trees_up_to_seventy_leaves() {
        let all = leaves(70);
        for size in 1..=all.len() {
            let (within, root) = (&all[..size], root_of(&all[..size]));
            assert_eq!((consistency_proof(within, 0), consistency_proof(within, size as u64)), (None, None));
            for old in 1..size {
                let proof = consistency_proof(within, old as u64).unwrap();
                assert_eq!(proof, by_definition(within, old, true), "{old} of {size}");
                let old_root = root_of(&all[..old]);
                assert!(verify_consistency(&old_root, old as u64, &root, size as u64, &proof), "{old} of {size}");
            }
        }
        let root = root_of(&all);
        assert!(!verify_consistency(&root, 70, &root, 70, &[]) && !verify_consistency(&root, 0, &root, 70, &[]));
        let most = [root; 80];
        assert!(!verify_consistency(&root, u64::MAX - 1, &root, u64::MAX, &most), "bounded, whatever it is given");
    }

    proptest! {
        #[test]
        fn a_proof_holds_for_its_two_trees_alone(
            (size, old) in (2_usize..400).prop_flat_map(|size| (Just(size), 1..size)),
            bit in 0_usize..256,
        ) {
            let all = leaves(size);
            let (root, old_root) = (root_of(&all), root_of(&all[..old]));
            let proof = consistency_proof(&all, old as u64).unwrap();
            let holds = |old_root: &Sha256, root: &Sha256, proof: &[Sha256]| {
                verify_consistency(old_root, old as u64, root, size as u64, proof)
            };
            prop_assert!(holds(&old_root, &root, &proof));
            let flip = |hash: &Sha256| {
                let mut bytes = hash.0;
                bytes[bit / 8] ^= 1 << (bit % 8);
                Sha256(bytes)
            };
            prop_assert!(!holds(&flip(&old_root), &root, &proof) && !holds(&old_root, &flip(&root), &proof));
            let mut forked = all;
            forked[old - 1] = flip(&forked[old - 1]);
            prop_assert!(!holds(&root_of(&forked[..old]), &root, &proof), "another beginning");
            for at in 0..proof.len() {
                let mut wrong = proof.clone();
                wrong[at] = flip(&wrong[at]);
                prop_assert!(!holds(&old_root, &root, &wrong), "a bit of the proof");
                prop_assert!(!holds(&old_root, &root, &proof[..at]), "a shorter one");
            }
            prop_assert!(!holds(&old_root, &root, &[&proof[..], &[root]].concat()), "a longer one");
        }
    }
}
