//! Prints the worked example of `FORMAT.md`: a whole flight of three records, seen by one ground station, byte by byte.
//!
//! `cargo run -p flight-record --example worked_example` makes it anew: the keys of device, root and station stay, the flight's
//! id and its evolving keys are drawn each time.
#![allow(clippy::unwrap_used, reason = "an example that cannot go on should stop")]

use flight_record::flight::{Flight, OpenFacts};
use flight_record::keys::DeviceKey;
use flight_record::note::SignedNote;
use flight_record::radio::{Beacon, Body};
use flight_record::record::{Kind, Marker, Software};
use flight_record::tree::leaf_hash;
use flight_record::trust::{Class, EnrolmentRequest, Grant, TrustList, Validity};
use flight_record::{BootId, ClockSource, Sha256, Stamp};
use std::fmt::Write as _;
use std::fs;

/// 2026-05-01T12:00:00Z.
const START_UTC_US: i64 = 1_777_636_800_000_000;

fn at(second: u32) -> Stamp {
    Stamp {
        mono_ns: 1_000_000_000 * (u64::from(second) + 10),
        utc_us: START_UTC_US + i64::from(second) * 1_000_000,
        source: ClockSource::Gnss,
        uncertainty_us: 1000,
    }
}

fn main() {
    let [device, root, station] = [1, 2, 3].map(|n| DeviceKey::from_seed([n; 32]));
    let trust = trust(&device, &root, &station);
    let temp = tempfile::tempdir().unwrap();
    let facts = OpenFacts {
        certificate: trust.certificate(device.public().id()).unwrap(),
        class: Class::Simulated,
        recipients: vec!["age1ysxuaeqlk7xd8uqsh8lsnfwt9jzzjlqf49ruhpjrrj5yatlcuf7qke4pqe".parse().unwrap()],
        pts_epoch_utc_us: START_UTC_US,
        audio_dropped: false,
        software: Software {
            name: "worked-example".parse().unwrap(),
            version: env!("CARGO_PKG_VERSION").parse().unwrap(),
            sha256: Sha256::of(b"the program's bytes"),
        },
        configuration_sha256: Sha256::of(b"the configuration's bytes"),
        documents: Vec::new(),
        boot_id: "00000000-0000-4000-8000-000000000001".parse::<BootId>().unwrap(),
    };
    let mut flight =
        Flight::create(&temp.path().join("flights"), &device, &temp.path().join("keys"), facts, at(0)).unwrap();
    let marker = Marker { code: "bookmark".parse().unwrap(), at_utc_us: at(2).utc_us };
    flight.append(Kind::Marker(marker), at(2)).unwrap();
    let mut flight = flight.close("landed".parse().unwrap(), at(3)).unwrap();
    let note = SignedNote::parse(&flight.head().note).unwrap();
    let cosignature = note.claimed().cosign(&station, u64::try_from(START_UTC_US / 1_000_000 + 4).unwrap());
    let beacon = Body::Beacon(Beacon::of(&flight.head().note, true).unwrap());
    flight.store_cosignature(&station.public(), &cosignature, 3).unwrap();
    let read = |name: &str| fs::read_to_string(flight.dir().join(name)).unwrap();
    print!("{}", text(&trust.seal(&root), &read("records.jsonl"), &read("checkpoints.jsonl"), &beacon.encode()));
}

fn trust(device: &DeviceKey, root: &DeviceKey, station: &DeviceKey) -> TrustList {
    let list = TrustList::first("Example unit".parse().unwrap(), root.public(), START_UTC_US);
    let validity = Validity { from_utc_us: START_UTC_US - 1_000_000, days: 30 };
    let with = |list: TrustList, key, name: &str, grant| {
        let request = EnrolmentRequest::write(key, name.parse().unwrap(), START_UTC_US);
        list.with_key(&EnrolmentRequest::read(&request).unwrap(), grant, validity).unwrap()
    };
    let list = with(list, device, "aircraft 1", Grant::device(Class::Simulated));
    with(list, station, "van 3", Grant::station())
}

/// The section, as it stands in `FORMAT.md` behind its introduction.
fn text(trust: &[u8], records: &str, checkpoints: &str, beacon: &[u8]) -> String {
    let mut text = String::new();
    let mut block = |name: &str, content: &str| {
        write!(text, "`{name}`:\n\n```\n{}\n```\n\n", content.trim_end()).unwrap();
    };
    block("trust.json", std::str::from_utf8(trust).unwrap());
    block("records.jsonl", records);
    block("checkpoints.jsonl", checkpoints);
    let leaves: Vec<String> = records.lines().map(|line| leaf_hash(line.as_bytes()).to_string()).collect();
    block("leaf hashes", &leaves.join("\n"));
    let hex: String = beacon.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    block("the beacon of the head over close", &hex);
    text.trim_end().to_owned() + "\n"
}
