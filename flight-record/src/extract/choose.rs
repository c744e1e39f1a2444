//! Which records and heads prove the files that are wanted, with their proofs.

use super::write::{ExtractError, Io};
use super::{CarriedHead, CarriedRecord};
use crate::canonical;
use crate::digest::Sha256;
use crate::layout::{CHECKPOINTS, RECORDS};
use crate::log::CheckpointLine;
use crate::log::lines::{Line, Lines};
use crate::note::SignedNote;
use crate::tree;
use crate::verify::Survey;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Record 0, and each of `finishing` with the one before it.
pub(super) fn needed(finishing: &BTreeSet<u64>) -> BTreeSet<u64> {
    let with_the_one_before = finishing.iter().flat_map(|seq| [seq.saturating_sub(1), *seq]);
    std::iter::once(0).chain(with_the_one_before).collect()
}

/// Sizes of the heads that show when the ground saw each record: the first that shows it, and the one that showed
/// something before, which tells how long the ground had seen nothing.
pub(super) fn showing(finishing: &BTreeSet<u64>, shown: &[u64]) -> BTreeSet<u64> {
    let mut sizes = BTreeSet::new();
    for seq in finishing {
        let first = shown.partition_point(|size| size <= seq);
        if let Some(size) = shown.get(first) {
            sizes.insert(*size);
            sizes.extend(first.checked_sub(1).and_then(|before| shown.get(before)));
        }
    }
    sizes
}

/// The device's heads of these sizes, and its greatest of all, each under the root that the records give.
pub(super) fn heads(
    flight_dir: &Path,
    survey: &Survey,
    sizes: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, SignedNote>, ExtractError> {
    let path = flight_dir.join(CHECKPOINTS);
    let mut lines = Lines::new(BufReader::new(File::open(&path).doing("cannot read", &path)?));
    let (mut found, mut greatest): (BTreeMap<u64, SignedNote>, Option<SignedNote>) = (BTreeMap::new(), None);
    while let Some(line) = lines.next().doing("cannot read", &path)? {
        let Line::Whole(bytes) = line else { continue };
        let Some(note) = signed(&bytes, survey) else { continue };
        let size = note.claimed().size;
        if sizes.contains(&size) {
            found.entry(size).or_insert_with(|| note.clone());
        }
        if greatest.as_ref().is_none_or(|greatest| greatest.claimed().size < size) {
            greatest = Some(note);
        }
    }
    found.extend(greatest.map(|note| (note.claimed().size, note)));
    Ok(found)
}

/// The head that a line of `checkpoints.jsonl` holds, without cosignatures, if it is this flight's.
fn signed(line: &[u8], survey: &Survey) -> Option<SignedNote> {
    let note = SignedNote::parse(&canonical::read::<CheckpointLine>(line).ok()?.note).ok()?;
    let head = note.verify(&survey.device).ok()?;
    let root = survey.roots.get(usize::try_from(head.size.checked_sub(1)?).ok()?)?;
    let is_ours = head.flight == survey.flight && head.root == *root;
    is_ours.then(|| SignedNote::new(head.clone(), note.key_hash(), *note.signature()))
}

/// The heads with every cosignature that verifies, the earliest of each station, and the proofs that lead to the last.
pub(super) fn carried_heads(heads: &BTreeMap<u64, SignedNote>, survey: &Survey, leaves: &[Sha256]) -> Vec<CarriedHead> {
    let carry = |(size, note): (&u64, &SignedNote)| {
        let mut note = note.clone();
        for (station, cosignature) in survey.cosignatures.get(size).into_iter().flatten() {
            if let Ok(cosigned) = SignedNote::parse(&note.with_cosignature(station, *cosignature)) {
                note = cosigned;
            }
        }
        let proof = tree::consistency_proof(leaves, *size).unwrap_or_default();
        CarriedHead { note: note.to_string(), proof }
    };
    heads.iter().map(carry).collect()
}

/// Lines of `records.jsonl` without their newlines, by `seq`.
pub(super) type KeptLines = BTreeMap<u64, Vec<u8>>;

/// Leaf hashes of the first `size` lines, and the lines that are needed.
pub(super) fn lines(
    flight_dir: &Path,
    size: u64,
    needed: &BTreeSet<u64>,
) -> Result<(Vec<Sha256>, KeptLines), ExtractError> {
    let path = flight_dir.join(RECORDS);
    let mut lines = Lines::new(BufReader::new(File::open(&path).doing("cannot read", &path)?));
    let (mut leaves, mut kept) = (Vec::new(), BTreeMap::new());
    for seq in 0..size {
        let Some(Line::Whole(line)) = lines.next().doing("cannot read", &path)? else { break };
        leaves.push(tree::leaf_hash(&line));
        if needed.contains(&seq) {
            kept.insert(seq, line);
        }
    }
    Ok((leaves, kept))
}

/// The lines with the proofs that they stand in the tree over these leaves.
pub(super) fn carried_records(lines: &KeptLines, leaves: &[Sha256]) -> Vec<CarriedRecord> {
    let carry = |(seq, line): (&u64, &Vec<u8>)| {
        let proof = tree::inclusion_proof(leaves, *seq)?;
        Some(CarriedRecord { seq: *seq, line: STANDARD.encode(line), proof })
    };
    lines.iter().filter_map(carry).collect()
}
