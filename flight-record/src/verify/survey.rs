//! What an extract is made from: a flight read as the verifier reads it, without a verdict.

use super::named::{Ending, Named};
use super::records::Records;
use super::report::{Items, Subject};
use super::witness::{self, Gathered};
use super::words::Integrity;
use super::{LATE_AFTER_S, folder, heads, open};
use crate::digest::{Extent, Sha256};
use crate::keys::PublicKey;
use crate::layout::{CHECKPOINTS, RECORDS, SealedName};
use crate::names::FlightId;
use crate::note::Cosignature;
use crate::trust::TrustList;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// A flight as far as its log holds.
pub(crate) struct Survey {
    pub(crate) flight: FlightId,
    pub(crate) device: PublicKey,
    /// Root over the first n records, at n − 1, up to the first that is refused.
    pub(crate) roots: Vec<Sha256>,
    /// Finished files, with the `seq` of the record that says so; it may stand behind one that is refused.
    pub(crate) finished: BTreeMap<SealedName, (u64, Extent)>,
    /// Files that are named and were never finished.
    pub(crate) unfinished: Vec<SealedName>,
    /// Sizes of the heads that count and show records for the first time, in the order of their times, rising.
    pub(crate) shown: Vec<u64>,
    /// Cosignatures that verify, by the size of their head, in the order of their times.
    pub(crate) cosignatures: BTreeMap<u64, Vec<(PublicKey, Cosignature)>>,
    /// Witness files, by their place from 1, of which something is not as it should be.
    pub(crate) doubts: Vec<String>,
}

/// Reads the flight in `dir`, with what stations say in `witness` files. None when it has no readable `open`.
pub(crate) fn survey(dir: &Path, trust: &TrustList, witness: &[Vec<u8>]) -> io::Result<Option<Survey>> {
    let mut items = Items::default();
    let inventory = folder::list(dir, &mut items)?;
    let mut records = match open(dir, RECORDS, &inventory, &mut items)? {
        Some(file) => Records::read(file, &mut items)?,
        None => Records::default(),
    };
    let mut gathered = Gathered::new(Some(trust));
    if let Some(file) = open(dir, CHECKPOINTS, &inventory, &mut items)? {
        heads::check(file, &records, &mut gathered, &mut items)?;
    }
    witness::check_all(witness, &mut records, &mut gathered, &mut items);
    let shown = witness::shown(&gathered, &records, LATE_AFTER_S);
    let facts = records.flight.filter(|_| !records.is_device_log);
    let (Some(facts), Some(device)) = (facts, records.device) else { return Ok(None) };
    let mut cosignatures: BTreeMap<u64, Vec<_>> = BTreeMap::new();
    for (statement, heard) in &gathered.statements {
        if let Some(entry) = trust.entry(statement.station) {
            cosignatures.entry(statement.size).or_default().push((entry.public_key, heard.cosignature));
        }
    }
    let sound_until = records.sound_until.map_or(usize::MAX, |until| usize::try_from(until).unwrap_or(usize::MAX));
    records.roots.truncate(sound_until);
    let (mut finished, mut unfinished) = (BTreeMap::new(), Vec::new());
    for (name, named) in records.files.sealed {
        match finish(&named) {
            Some(found) => drop(finished.insert(name, found)),
            None => unfinished.push(name),
        }
    }
    let doubts = items.0.iter().filter_map(|item| match (&item.item, item.word) {
        (Subject::WitnessFile { number }, Some(word)) if word != Integrity::Intact => {
            let detail = item.detail.as_deref().unwrap_or_default();
            Some(format!("witness file {number} is {word}: {detail}"))
        }
        _ => None,
    });
    Ok(Some(Survey {
        flight: facts.flight_id,
        device,
        roots: records.roots,
        finished,
        unfinished,
        shown,
        cosignatures,
        doubts: doubts.collect(),
    }))
}

fn finish(named: &Named) -> Option<(u64, Extent)> {
    match named.ending {
        Ending::Finished { sealed, .. } => Some((named.line.saturating_sub(1), sealed)),
        Ending::Found(_) | Ending::Never => None,
    }
}
