//! What the ground kept of a flight and puts beside it: witness files, wraps of its key, reasons for orders in it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use evidence_store::intake::{IngestPlan, Source};
use flight_record::layout::RECORDS;
use flight_record::recipients::FlightRecipients;
use flight_record::record::{Kind, MAX_LINE_BYTES, MAX_RECORDS, Record};
use flight_record::statement::{GivenReason, MAX_REASON_BYTES};
use flight_record::{FlightId, Sha256, device_log};

/// Longest witness file read, in bytes.
const MAX_WITNESS_BYTES: u64 = 256 << 20;
/// Most witness files of one flight.
const MAX_WITNESSES: usize = 16;
/// Longest small file read, in bytes.
const MAX_SMALL_BYTES: u64 = 4 << 20;

/// The witness files of a flight: `<flight>.jsonl`, and those of further stations that begin with its id.
pub(super) fn witness_files(dir: Option<&Path>, flight: FlightId) -> Result<Vec<Vec<u8>>> {
    let Some(dir) = dir else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("{} cannot be listed", dir.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(&flight.to_string()) && name.ends_with(".jsonl") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.len() > MAX_WITNESSES {
        bail!("{} holds {} witness files of flight {flight}; keep at most {MAX_WITNESSES}", dir.display(), paths.len());
    }
    paths.iter().map(|path| bounded_file(path, MAX_WITNESS_BYTES)).collect()
}

/// Where the ground keeps what belongs to flights.
pub(super) struct Kept<'a> {
    pub(super) wraps: Option<&'a Path>,
    pub(super) reasons: Option<&'a Path>,
}

impl Kept<'_> {
    /// What belongs to the flight of this plan, by its place in a package.
    pub(super) fn gather(&self, source: &mut dyn Source, plan: &IngestPlan) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut found = BTreeMap::new();
        let unread = plan.files.iter().any(|file| file.path == RECORDS);
        if !unread || (self.wraps.is_none() && self.reasons.is_none()) {
            return Ok(found);
        }
        let mut log = BufReader::new(source.open(plan.flight, RECORDS, 0)?);
        let mut line = Vec::new();
        for _ in 0..MAX_RECORDS {
            line.clear();
            (&mut log).take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line)?;
            let Some(record) = line.strip_suffix(b"\n").and_then(device_log::claimed) else { break };
            self.take(&record, &mut found)?;
            // Reasons may belong to any record, wraps only to the first.
            if self.reasons.is_none() {
                break;
            }
        }
        Ok(found)
    }

    fn take(&self, record: &Record, found: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
        match (&record.kind, self.wraps, self.reasons) {
            (Kind::Open(open), Some(dir), _) => {
                for recipient in &open.recipients {
                    let path = FlightRecipients::wrap_path(dir, recipient);
                    if path.is_file() {
                        found.insert(format!("wraps/{recipient}.age"), small_file(&path)?);
                    } else {
                        let (flight, dir) = (record.flight_id, dir.display());
                        tracing::warn!(%flight, %recipient, "no wrap of this recipient is in {dir}");
                    }
                }
            }
            (Kind::Statement(order), _, Some(dir)) => reason(record, order.reason, dir, found)?,
            (Kind::Authorisation(word), _, Some(dir)) => reason(record, word.reason, dir, found)?,
            _ => {}
        }
        Ok(())
    }
}

/// The words that an order or authorisation commits to, if they are in `dir`.
fn reason(record: &Record, commitment: Sha256, dir: &Path, found: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    let path = GivenReason::path(dir, commitment);
    if path.is_file() {
        found.insert(format!("reasons/{commitment}.json"), bounded_file(&path, MAX_REASON_BYTES)?);
    } else {
        let (flight, dir) = (record.flight_id, dir.display());
        tracing::warn!(%flight, %commitment, "no reason for this order is in {dir}");
    }
    Ok(())
}

/// A file of some megabytes at most, whole.
pub(super) fn small_file(path: &Path) -> Result<Vec<u8>> {
    bounded_file(path, MAX_SMALL_BYTES)
}

fn bounded_file(path: &Path, most_bytes: u64) -> Result<Vec<u8>> {
    let cannot = || format!("{} cannot be read", path.display());
    let mut bytes = Vec::new();
    File::open(path).with_context(cannot)?.take(most_bytes + 1).read_to_end(&mut bytes).with_context(cannot)?;
    if bytes.len() as u64 > most_bytes {
        bail!("{} is longer than {most_bytes} bytes", path.display());
    }
    Ok(bytes)
}
