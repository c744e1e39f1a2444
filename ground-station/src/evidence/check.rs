//! Flights of a store checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use evidence_store::store::{Folder, Holding, Store, check_out_watched};
use flight_record::device_log::claimed;
use flight_record::keys::KeyId;
use flight_record::layout::RECORDS;
use flight_record::record::{Kind, MAX_LINE_BYTES, MAX_RECORDS};
use flight_record::statement::GivenReason;
use flight_record::trust::TrustList;
use flight_record::verify::{Anchor, Integrity, Options, Report, Subject, Watched, verify};
use flight_record::{Extent, FlightId, Sha256};

use crate::clock;
use crate::state::evidence::Verdict;
use crate::tasks::meter::Meter;

/// Longest small file that came with a flight.
const MOST_SMALL_BYTES: u64 = 64 << 20;

/// What a reader brings along.
#[derive(Debug, Clone)]
pub(crate) struct Anchors {
    /// The unit's `trust.json`.
    pub(crate) trust: PathBuf,
    /// Fingerprint of its root.
    pub(crate) root: KeyId,
}

impl Anchors {
    /// The list, if it is that root's.
    ///
    /// # Errors
    /// When it cannot be read, or is another's.
    pub(crate) fn unit(&self) -> Result<TrustList> {
        let cannot = || format!("the trust list {} cannot be read", self.trust.display());
        let bytes = std::fs::read(&self.trust).with_context(cannot)?;
        TrustList::open(&bytes, self.root).with_context(cannot)
    }
}

/// Checks a flight as it lies in the store, sealed: it is laid out in `work`, every file compared with its digest on the way, and what was
/// laid out goes again. `meter` counts what is read: all of it twice.
///
/// # Errors
/// When there is no verdict, or somebody said stop; what is wrong with the flight is in the verdict.
pub(crate) fn check(
    store: &Path,
    flight: FlightId,
    anchors: &Anchors,
    work: &Path,
    meter: &Arc<Meter<'static>>,
) -> Result<Verdict> {
    let dir = work.join(format!("check-{flight}"));
    let verdict = look(store, flight, anchors, &dir, meter);
    remove(&dir)?;
    verdict
}

fn look(store: &Path, flight: FlightId, anchors: &Anchors, dir: &Path, meter: &Arc<Meter<'static>>) -> Result<Verdict> {
    let folder = Folder::open(store)?;
    // What a run that was cut off left behind.
    remove(dir)?;
    if let Some(holding) = (&folder as &dyn Store).holding(flight)? {
        meter.of(2 * holding.manifest.bytes());
    }
    let mut laid_out = |bytes| meter.add(bytes).map_err(io::Error::other);
    let holding = check_out_watched(&folder, flight, dir, &mut laid_out)?;
    let trust_json = std::fs::read(&anchors.trust)
        .with_context(|| format!("the trust list {} cannot be read", anchors.trust.display()))?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let now_utc_us = clock::now_utc_us();
    let mut options = Options::sealed(now_utc_us, threads);
    options.witness = attached(&folder, &holding, "witness/")?;
    options.reasons =
        attached(&folder, &holding, "reasons/")?.iter().filter_map(|bytes| GivenReason::read(bytes).ok()).collect();
    let watched = Arc::clone(meter);
    options.watched = Some(Watched::new(move |bytes| watched.add(bytes).map_err(io::Error::other)));
    let report = verify(dir, &Anchor { trust_json, root: anchors.root }, &options)?;
    Ok(Verdict::of(&report, &opened_bytes(dir, &report)?, now_utc_us))
}

/// What the opened bytes of each segment are, by its sealed file: of records alone that the verifier found intact.
fn opened_bytes(dir: &Path, report: &Report) -> Result<BTreeMap<String, Extent>> {
    let intact: BTreeSet<u64> = report
        .items
        .iter()
        .filter(|item| item.word == Some(Integrity::Intact))
        .filter_map(|item| match item.item {
            Subject::Record { line, .. } => Some(line),
            _ => None,
        })
        .collect();
    let path = dir.join(RECORDS);
    let Ok(file) = File::open(&path) else { return Ok(BTreeMap::new()) };
    let (mut log, mut line, mut bytes) = (BufReader::new(file), Vec::new(), BTreeMap::new());
    for number in 1..=MAX_RECORDS {
        line.clear();
        let read = (&mut log).take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line);
        read.with_context(|| format!("{} cannot be read", path.display()))?;
        let Some(whole) = line.strip_suffix(b"\n") else { break };
        if !intact.contains(&number) {
            continue;
        }
        if let Some(Kind::Segment(segment)) = claimed(whole).map(|record| record.kind) {
            bytes.insert(segment.file.to_string(), segment.plain);
        }
    }
    Ok(bytes)
}

/// The small files of one kind that came with it.
fn attached(folder: &Folder, holding: &Holding, kind: &str) -> Result<Vec<Vec<u8>>> {
    let of_kind = holding.attachments.iter().filter(|(name, _)| name.starts_with(kind));
    of_kind.map(|(name, extent)| small(folder, extent.sha256).with_context(|| name.clone())).collect()
}

fn small(folder: &Folder, digest: Sha256) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    folder.get(digest)?.take(MOST_SMALL_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes away what was laid out here, and only what stands where this module puts it.
fn remove(dir: &Path) -> Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", dir.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
