//! Telemetry logs: written and read back, read after damage, and a real flight's read as pymavlink
//! reads it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use proptest::prelude::*;
use vehicle_link::{
    dialect::MavMessage,
    frames::{Encoder, Frame},
    tlog::{self, Entry, Reader},
};

use crate::support::heartbeat_of;

const FLIGHT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dronekit_flight_head.tlog");

fn read(bytes: &[u8]) -> (Vec<Entry>, u64) {
    let mut reader = Reader::new(bytes);
    let entries = reader.by_ref().collect::<io::Result<_>>().unwrap();
    (entries, reader.skipped_bytes())
}

fn counts(entries: &[Entry]) -> BTreeMap<u32, u64> {
    entries.iter().fold(BTreeMap::new(), |mut counts, entry| {
        *counts.entry(entry.frame.message_id()).or_default() += 1;
        counts
    })
}

fn log(frames: &[Frame]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (utc_us, frame) in (1_436_056_003_484_195..).zip(frames) {
        tlog::write(&mut bytes, utc_us, frame).unwrap();
    }
    bytes
}

/// One frame of every message the dialect knows, fields at their defaults.
fn one_of_each() -> Vec<Frame> {
    let mut encoder = Encoder::new(1, 1);
    let ids = 0..16_384;
    let messages = ids.filter_map(<MavMessage as mavlink::Message>::default_message_from_id);
    messages.map(|message| encoder.encode(&message)).collect()
}

#[test]
fn what_is_written_is_read() {
    let frames = one_of_each();
    assert!(frames.len() > 200);
    let (entries, skipped) = read(&log(&frames));
    assert_eq!(skipped, 0);
    assert!(entries.iter().map(|entry| &entry.frame).eq(&frames));
    assert_eq!(entries[1].utc_us, entries[0].utc_us + 1);
}

#[test]
fn a_real_flight_is_read_whole() {
    let (entries, skipped) = read(&fs::read(FLIGHT).unwrap());
    // Ids of ardupilotmega that `common` does not know are there too: 150, 152, 163, 165 …
    let counts = counts(&entries);
    let unknown: Vec<_> = entries.iter().filter(|entry| !entry.frame.is_known()).collect();
    assert_eq!((entries.len(), unknown.len()), (1784, 340));
    assert_eq!((counts[&0], counts[&33], counts[&163]), (61, 52, 51));
    // RESOURCE_REQUEST had another layout in 2015: 27 frames whose checksum cannot be right now.
    // All figures as pymavlink 2.4.50 has them.
    assert_eq!(skipped, 27 * 21);
    assert!(entries.is_sorted_by_key(|entry| entry.utc_us));
}

proptest! {
    #[test]
    fn reading_goes_on_after_damage(
        noise in prop::collection::vec(any::<u8>(), 1..300),
        count in 1..20_usize,
    ) {
        let mut encoder = Encoder::new(1, 1);
        let frames: Vec<Frame> = (0..count).map(|_| heartbeat_of(&mut encoder)).collect();
        let good = log(&frames);
        let damaged = [&good[..], &noise, &good[..]].concat();
        let (entries, _) = read(&damaged);
        prop_assert!(entries.len() >= 2 * count - 1, "noise may swallow one entry at most");
        prop_assert!(entries.iter().take(count).map(|entry| &entry.frame).eq(&frames));
    }

    #[test]
    fn random_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let (entries, skipped) = read(&bytes);
        let framed: usize = entries.iter().map(|entry| 8 + entry.frame.bytes().len()).sum();
        prop_assert_eq!(framed as u64 + skipped, bytes.len() as u64);
    }
}

/// Counts, frames refused and ids unknown by pymavlink, of the virtual environment that SKYSEAL_VENV names.
fn by_pymavlink(path: &Path, dialect: &str) -> (BTreeMap<u32, u64>, u64, Vec<u64>) {
    let venv = std::env::var("SKYSEAL_VENV").expect("SKYSEAL_VENV names a venv with pymavlink 2.4.50");
    let output = Command::new(PathBuf::from(venv).join("bin/python"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/count_tlog.py"))
        .arg(path)
        .arg(dialect)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let counts = report["counts"].as_object().unwrap();
    let counts = counts.iter().map(|(id, count)| (id.parse().unwrap(), count.as_u64().unwrap()));
    let unknown = report["unknown"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap());
    (counts.collect(), report["refused"].as_u64().unwrap(), unknown.collect())
}

/// SKYSEAL_TLOG may name a longer log than the one kept here.
#[test]
#[ignore = "needs SKYSEAL_VENV with pymavlink"]
fn pymavlink_counts_the_same_messages() {
    let path = std::env::var("SKYSEAL_TLOG").map_or_else(|_| PathBuf::from(FLIGHT), PathBuf::from);
    let (entries, _) = read(&fs::read(&path).unwrap());
    let (theirs, refused, unknown) = by_pymavlink(&path, "ardupilotmega");
    assert_eq!((counts(&entries), Vec::new()), (theirs, unknown));
    assert!(refused > 0, "the 2015 flight has frames that neither of us believes");
}

#[test]
#[ignore = "needs SKYSEAL_VENV with pymavlink"]
fn pymavlink_reads_every_message_we_write() {
    let frames = one_of_each();
    let file = tempfile::NamedTempFile::with_suffix(".tlog").unwrap();
    fs::write(file.path(), log(&frames)).unwrap();
    let (theirs, refused, unknown) = by_pymavlink(file.path(), "common");
    let ours: BTreeSet<u32> = frames.iter().map(Frame::message_id).collect();
    assert!(theirs.keys().all(|id| ours.contains(id)));
    assert_eq!((theirs.len() + unknown.len(), refused), (frames.len(), 0), "not known: {unknown:?}");
    // pymavlink is made from ArduPilot's definitions, which leave some of `common` out.
    assert!(unknown.len() <= 24, "{unknown:?}");
}
