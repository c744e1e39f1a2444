//! `FORMAT.md`: its worked example is a flight, byte by byte, and says what the text says of it.

use crate::support::{START_UTC_US, code, options};
use flight_record::keys::DeviceKey;
use flight_record::note::SignedNote;
use flight_record::radio::Body;
use flight_record::record::{Kind, Marker};
use flight_record::tree::{Tree, leaf_hash};
use flight_record::verify::{Anchor, Content, Options, Word, verify};
use std::fs;

const FORMAT: &str = include_str!("../../FORMAT.md");

/// The block that follows its name.
fn block(name: &str) -> String {
    let section = FORMAT.split_once("## Worked example").unwrap().1;
    let behind = section.split_once(&format!("`{name}`:\n\n```\n")).unwrap().1;
    behind.split_once("\n```").unwrap().0.to_owned() + "\n"
}

#[test]
fn the_worked_example_is_a_flight() {
    let temp = tempfile::tempdir().unwrap();
    for name in ["records.jsonl", "checkpoints.jsonl"] {
        fs::write(temp.path().join(name), block(name)).unwrap();
    }
    let root = DeviceKey::from_seed([2; 32]).public().id();
    assert!(FORMAT.contains(&format!("fingerprint is `{root}`")));
    let anchor = Anchor { trust_json: block("trust.json").into_bytes(), root };
    let report =
        verify(temp.path(), &anchor, &Options { now_utc_us: START_UTC_US + 60_000_000, ..options(None) }).unwrap();
    assert_eq!((report.word, report.content), (Word::Verified, Content::Opened), "{report:#?}");
    assert_eq!(report.flight.unwrap().device_id, DeviceKey::from_seed([1; 32]).public().id());
    assert_eq!(report.witness_facts.stations[0].id, DeviceKey::from_seed([3; 32]).public().id());
    let marker = Marker { code: code("bookmark"), at_utc_us: START_UTC_US + 2_000_000 };
    assert!(report.timeline.moments.iter().any(|moment| moment.kind == Kind::Marker(marker.clone()).name()));
}

#[test]
fn its_hashes_and_its_beacon_are_those_of_its_records() {
    let mut tree = Tree::default();
    let mut hashes = String::new();
    for line in block("records.jsonl").lines() {
        tree.push(leaf_hash(line.as_bytes()));
        hashes += &format!("{}\n", leaf_hash(line.as_bytes()));
    }
    assert_eq!(block("leaf hashes"), hashes);
    let hex = block("the beacon of the head over close");
    let bytes: Vec<u8> =
        (0..hex.trim_end().len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let Body::Beacon(beacon) = Body::decode(42001, &bytes).unwrap() else {
        panic!("a beacon");
    };
    assert!(beacon.closed() && beacon.verifies(&DeviceKey::from_seed([1; 32]).public()));
    assert_eq!((beacon.checkpoint().size, beacon.checkpoint().root), (3, tree.root()));
    let checkpoints = block("checkpoints.jsonl");
    let third: serde_json::Value = serde_json::from_str(checkpoints.lines().nth(2).unwrap()).unwrap();
    let note = SignedNote::parse(third["note"].as_str().unwrap()).unwrap();
    assert_eq!(beacon.note().signature(), note.signature(), "the beacon is the note, in 126 bytes");
}
