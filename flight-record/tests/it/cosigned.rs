//! What ground stations say of a flight, kept with it: cosignatures under its heads, nonces among its records.

use crate::support::{Unit, at, boot, code, copy, telemetry};
use flight_record::FlightId;
use flight_record::Sha256;
use flight_record::flight::{self, Flight, FlightError, Head, Open, Stored};
use flight_record::keys::DeviceKey;
use flight_record::note::{Checkpoint, Cosignature, SignedNote};
use flight_record::radio;
use flight_record::record::{Kind, Nonce};
use flight_record::trust::Class;
use std::fs;
use std::path::Path;

fn station(n: u8) -> DeviceKey {
    DeviceKey::from_seed([0x50 + n; 32])
}

fn word(station: &DeviceKey, flight: FlightId, head: &Head, time_s: u64) -> Cosignature {
    Checkpoint { flight, size: head.size, root: head.root }.cosign(station, time_s)
}

/// Size and number of cosignatures of each line of `checkpoints.jsonl`.
fn lines(dir: &Path) -> Vec<(u64, usize)> {
    let text = fs::read_to_string(dir.join("checkpoints.jsonl")).unwrap();
    let note = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        SignedNote::parse(line["note"].as_str().unwrap()).unwrap()
    };
    text.lines().map(note).map(|note| (note.claimed().size, note.cosignatures().len())).collect()
}

fn event(flight: &mut Flight<Open>, at_s: u32) -> Head {
    flight.event(code("light"), None, at(at_s)).unwrap()
}

#[test]
fn cosignatures_are_stored_once_a_station_and_size_before_and_after_close() {
    let unit = Unit::new(Class::Operational);
    let mut flight = unit.open();
    let id = flight.id();
    let open = flight.head().unwrap().clone();
    let second = event(&mut flight, 1);
    let (one, two) = (station(1), station(2));
    let mut store = |key: &DeviceKey, cosignature: &Cosignature, size| {
        flight.store_cosignature(&key.public(), cosignature, size).unwrap()
    };
    let first = word(&one, id, &second, 100);
    assert_eq!(store(&two, &first, 2), Stored::NotOurs, "another station's");
    assert_eq!(store(&one, &first, 1), Stored::NotOurs, "another head's");
    assert_eq!(store(&one, &first, 3), Stored::NotOurs, "no such head");
    assert_eq!(store(&one, &first, 0), Stored::NotOurs);
    assert_eq!(store(&one, &first, 2), Stored::Stored);
    assert_eq!(store(&one, &first, 2), Stored::Known);
    assert_eq!(store(&one, &word(&one, id, &second, 101), 2), Stored::Known, "its first stays");
    assert_eq!(store(&two, &word(&two, id, &second, 99), 2), Stored::Stored);
    assert_eq!(store(&two, &word(&two, id, &open, 99), 1), Stored::Stored, "an older head");
    event(&mut flight, 3);
    let dir = flight.dir().to_owned();
    let mut sealed = flight.close(code("landed"), at(4)).unwrap();
    let close = sealed.head().clone();
    let last = word(&one, id, &close, 104);
    assert_eq!(sealed.store_cosignature(&one.public(), &last, close.size).unwrap(), Stored::Stored);
    assert_eq!(sealed.store_cosignature(&one.public(), &last, close.size).unwrap(), Stored::Known);
    assert_eq!(lines(&dir), [(1, 0), (2, 0), (2, 1), (2, 2), (1, 1), (3, 0), (4, 0), (4, 1)]);
}

#[test]
fn a_crash_after_cosignatures_loses_none_and_confuses_nothing() {
    let unit = Unit::new(Class::Operational);
    let mut flight = unit.open();
    let id = flight.id();
    let open = flight.head().unwrap().clone();
    let second = event(&mut flight, 1);
    flight.store_cosignature(&station(1).public(), &word(&station(1), id, &open, 5), 1).unwrap();
    let dir = flight.dir().to_owned();
    drop(flight);
    let whole = fs::read(dir.join("checkpoints.jsonl")).unwrap();
    // Every cut through the cosigned line, and through the head before it.
    let before: usize = whole.split_inclusive(|byte| *byte == b'\n').take(1).map(<[u8]>::len).sum();
    for cut in (before..=whole.len()).step_by(7).chain([whole.len()]) {
        let copy = copy(&dir, &unit.path(&format!("cut-{cut}")));
        fs::write(copy.join("checkpoints.jsonl"), &whole[..cut]).unwrap();
        let mut again = unit.resume(&copy, boot(1), 2);
        let head = again.head().unwrap().clone();
        assert_eq!(head.size, 3);
        let known = again.store_cosignature(&station(1).public(), &word(&station(1), id, &open, 5), 1).unwrap();
        assert_eq!(known, if cut == whole.len() { Stored::Known } else { Stored::Stored }, "cut at {cut}");
        let late = word(&station(2), id, &second, 6);
        assert_eq!(again.store_cosignature(&station(2).public(), &late, 2).unwrap(), Stored::Stored, "cut at {cut}");
        again.close(code("landed"), at(9)).unwrap();
    }
}

#[test]
fn a_cosigned_line_that_repeats_no_head_is_damage() {
    let unit = Unit::new(Class::Operational);
    let mut flight = unit.open();
    let id = flight.id();
    event(&mut flight, 1);
    let dir = flight.dir().to_owned();
    drop(flight);
    let forged = Checkpoint { flight: id, size: 3, root: Sha256::of(b"three") };
    let other_root = Checkpoint { flight: id, size: 2, root: Sha256::of(b"two") };
    for head in [forged, other_root] {
        let note = SignedNote::parse(&head.sign(&unit.device)).unwrap();
        let note = note.with_cosignature(&station(1).public(), head.cosign(&station(1), 7));
        let copy = copy(&dir, &unit.path(&format!("bad-{}", head.size)));
        let mut text = fs::read_to_string(copy.join("checkpoints.jsonl")).unwrap();
        text.push_str(&format!("{}\n", serde_json::json!({ "note": note })));
        fs::write(copy.join("checkpoints.jsonl"), text).unwrap();
        let refused = Flight::resume(&copy, &unit.device, &unit.path("keys"), boot(1), at(2)).err().unwrap();
        assert!(refused.to_string().contains("none of the heads before it"), "{refused}");
    }
}

#[test]
fn the_next_flight_names_the_newest_head_not_the_newest_line() {
    let unit = Unit::new(Class::Operational);
    let flight = unit.open();
    let (id, open) = (flight.id(), flight.head().unwrap().clone());
    let mut sealed = flight.close(code("landed"), at(1)).map(|sealed| (sealed.head().clone(), sealed)).unwrap();
    sealed.1.store_cosignature(&station(1).public(), &word(&station(1), id, &open, 5), 1).unwrap();
    let last = flight::last_head(&unit.path("flights")).unwrap().unwrap();
    assert_eq!((last.id, last.size, last.root), (id, 2, sealed.0.root));
}

#[test]
fn leaves_grow_the_tree_of_the_heads() {
    let unit = Unit::new(Class::Operational);
    let mut flight = unit.open();
    let mut heads = vec![flight.head().unwrap().clone()];
    heads.push(event(&mut flight, 1));
    let kind = telemetry(&flight, 1, 1);
    heads.push(flight.append(kind, at(2)).unwrap());
    let dir = flight.dir().to_owned();
    heads.push(flight.close(code("landed"), at(3)).unwrap().head().clone());
    assert_eq!(flight::leaves(&dir).unwrap(), heads.iter().map(|head| head.leaf).collect::<Vec<_>>());
    let mut tree = flight_record::tree::Tree::default();
    for head in heads {
        tree.push(head.leaf);
        assert_eq!((tree.size(), tree.root()), (head.size, head.root));
    }
}

fn nonce(flight: FlightId, n: u8) -> Kind {
    let body = radio::Nonce::sign(flight, Sha256::of(&[n]), 1_777_636_800, &station(n));
    Kind::Nonce(Nonce::of(station(n).public().id(), &body))
}

#[test]
fn a_station_gives_its_nonce_once_and_sixteen_do() {
    let unit = Unit::new(Class::Operational);
    let mut flight = unit.open();
    let id = flight.id();
    flight.append(nonce(id, 0), at(1)).unwrap();
    let refused = flight.append(nonce(id, 0), at(1)).err().unwrap();
    assert!(matches!(refused, FlightError::Rule { kind: "nonce", .. }), "{refused}");
    let dir = flight.dir().to_owned();
    drop(flight);
    let mut flight = unit.resume(&dir, boot(1), 2);
    assert!(flight.append(nonce(id, 0), at(3)).is_err(), "remembered over a restart");
    for n in 1..16 {
        flight.append(nonce(id, n), at(3)).unwrap();
    }
    assert!(flight.append(nonce(id, 16), at(3)).is_err());
    flight.close(code("landed"), at(4)).unwrap();
    let text = fs::read_to_string(dir.join("records.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 1 + 1 + 1 + 15 + 1);
    assert!(!unit.verify_sealed(&dir).word.to_string().contains("MALFORMED"));
}

#[test]
fn a_recorded_nonce_is_the_one_the_station_signed() {
    let id = FlightId::new(1, [1; 10]);
    let Kind::Nonce(recorded) = nonce(id, 3) else { panic!("a nonce") };
    assert!(recorded.signed(id).verifies(&station(3).public()));
    assert!(!recorded.signed(FlightId::new(5_000_000, [1; 10])).verifies(&station(3).public()), "for this flight only");
    let text = serde_json::to_string(&recorded).unwrap();
    assert_eq!(serde_json::from_str::<Nonce>(&text).unwrap(), recorded);
    assert_eq!(station(3).public().id(), recorded.station);
    assert!(!Nonce { time_s: 1, ..recorded }.signed(id).verifies(&station(3).public()));
    for bad in [text.replace("==\"", "=\""), text.replace("==\"", "\""), text.replacen("sig\":\"", "sig\":\"AAAA", 1)] {
        assert!(serde_json::from_str::<Nonce>(&bad).is_err(), "{bad}");
    }
}
