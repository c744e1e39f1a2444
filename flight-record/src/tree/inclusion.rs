//! Inclusion proofs (RFC 9162 §2.1.3): that a line stands in a tree of which only the head is there.

use super::{node_hash, root_of};
use crate::digest::Sha256;

/// The proof that leaf `index` stands in the tree over exactly these leaves, lowest sibling first (RFC 9162 §2.1.3.1).
/// None when there is no such leaf.
pub fn inclusion_proof(leaves: &[Sha256], index: u64) -> Option<Vec<Sha256>> {
    let mut at = usize::try_from(index).ok().filter(|at| *at < leaves.len())?;
    let mut within = leaves;
    let mut proof = Vec::new();
    while within.len() > 1 {
        let (left, right) = within.split_at(within.len().next_power_of_two() / 2);
        let sibling;
        (within, sibling) = if at < left.len() { (left, right) } else { (right, left) };
        at = if at < left.len() { at } else { at - left.len() };
        proof.push(root_of(sibling));
    }
    proof.reverse();
    Some(proof)
}

/// Whether `proof` leads from `leaf`, the hash of leaf `index`, to `root`, the root of a tree of `size` leaves
/// (RFC 9162 §2.1.3.2). Size and root have to come from one signed head: a proof alone tells neighbouring sizes not apart.
pub fn verify_inclusion(root: &Sha256, size: u64, index: u64, leaf: &Sha256, proof: &[Sha256]) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut reached = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            reached = node_hash(sibling, &reached);
            // A last node that is a left one has no sibling on its levels: they are passed over.
            let passed = node.trailing_zeros();
            (node, last) = (node >> passed, last >> passed);
        } else {
            reached = node_hash(&reached, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && reached == *root
}

#[cfg(test)]
mod tests {
    use super::super::leaf_hash;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn proofs_of_the_certificate_transparency_vectors() {
        // google/certificate-transparency merkle_tree_test: paths in the tree of the first 8 and the first 5 leaves.
        let inputs: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let leaves = inputs.map(leaf_hash);
        let path = |size: usize, index| {
            let proof = inclusion_proof(&leaves[..size], index).unwrap();
            proof.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            path(8, 5),
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
        assert_eq!(path(3, 2), ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]);
        assert_eq!(
            path(5, 1),
            [
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]
        );
    }

    #[test]
    fn a_tree_of_one_has_an_empty_proof_and_one_of_none_has_none() {
        let leaf = leaf_hash(b"only");
        assert_eq!(inclusion_proof(&[leaf], 0), Some(Vec::new()));
        assert!(verify_inclusion(&leaf, 1, 0, &leaf, &[]));
        assert_eq!((inclusion_proof(&[], 0), inclusion_proof(&[leaf], 1)), (None, None));
        assert!(!verify_inclusion(&leaf, 0, 0, &leaf, &[]) && !verify_inclusion(&leaf, 1, 1, &leaf, &[]));
        let most = [leaf; 80];
        assert!(!verify_inclusion(&leaf, u64::MAX, u64::MAX - 1, &leaf, &most), "bounded, whatever it is given");
    }

    fn leaves(size: usize) -> Vec<Sha256> {
        (0..size).map(|n| leaf_hash(&n.to_le_bytes())).collect()
    }

    proptest! {
        #[test]
        fn a_proof_holds_for_its_leaf_place_and_tree_alone(
            (size, index) in (1_usize..600).prop_flat_map(|size| (Just(size), 0..size)),
            other in 0_usize..600,
            bit in 0_usize..256,
        ) {
            let all = leaves(size);
            let (root, many, place) = (root_of(&all), size as u64, index as u64);
            let proof = inclusion_proof(&all, place).unwrap();
            let holds = |root: &Sha256, index, leaf: &Sha256, proof: &[Sha256]| {
                verify_inclusion(root, many, index, leaf, proof)
            };
            prop_assert!(holds(&root, place, &all[index], &proof));

            let another = other % size;
            if another != index {
                prop_assert!(!holds(&root, another as u64, &all[index], &proof), "another place");
                prop_assert!(!holds(&root, place, &all[another], &proof), "another leaf");
                prop_assert!(!holds(&root, place, &all[index], &inclusion_proof(&all, another as u64).unwrap()));
            }
            if other != size {
                let another = root_of(&leaves(other));
                prop_assert!(!verify_inclusion(&another, other as u64, place, &all[index], &proof), "another tree");
            }
            let flip = |hash: &Sha256| {
                let mut bytes = hash.0;
                bytes[bit / 8] ^= 1 << (bit % 8);
                Sha256(bytes)
            };
            prop_assert!(!holds(&flip(&root), place, &all[index], &proof));
            for at in 0..proof.len() {
                let mut wrong = proof.clone();
                wrong[at] = flip(&wrong[at]);
                prop_assert!(!holds(&root, place, &all[index], &wrong), "a bit of the proof");
                prop_assert!(!holds(&root, place, &all[index], &proof[..at]), "a shorter one");
            }
            prop_assert!(!holds(&root, place, &all[index], &[&proof[..], &[root]].concat()), "a longer one");
        }
    }
}
