//! What the writer leaves on the disk.

use crate::support::{Camera, Unit, at, boot, code, segment, telemetry};
use flight_record::flight::{self, FlightError};
use flight_record::layout::SealedName;
use flight_record::record::Kind;
use flight_record::trust::Class;
use flight_record::{Extent, flight::Flight};
use std::fs;

#[test]
fn stock_age_opens_what_was_sealed_and_the_digests_agree() {
    let unit = Unit::new(Class::Simulated);
    let flight = unit.open();
    let mut file = flight.segment_file(&"eo".parse().unwrap(), 1).unwrap();
    let plain: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    for frame in plain.chunks(7001) {
        file.write(frame).unwrap();
    }
    let path = flight.dir().join("segments/eo/000001.ts.age");
    let progress = file.progress();
    let so_far = fs::read(&path).unwrap();
    assert_eq!(progress.sealed, Extent::of(&so_far), "progress is what the system was handed");
    assert!(so_far.len() > 4 * 65536 && so_far.len() < plain.len());
    let sealed = file.finish().unwrap();
    assert_eq!(sealed.sealed, Extent::of(&fs::read(&path).unwrap()));
    assert_eq!(sealed.plain, Extent::of(&plain));
    assert_eq!(unit.opened(&path), plain);
    assert!(flight.segment_file(&"eo".parse().unwrap(), 1).is_err(), "a file is never written over");
}

#[test]
fn documents_are_salted() {
    let unit = Unit::new(Class::Simulated);
    let flight = unit.open();
    let (a, b) = (flight.document(b"same").unwrap(), flight.document(b"same").unwrap());
    assert_ne!(a.plain.sha256, b.plain.sha256, "nobody confirms a guess");
    let opened = unit.opened(&a.name().under(flight.dir()));
    assert_eq!((opened.len(), &opened[32..]), (36, &b"same"[..]));
    assert_eq!(a.plain, Extent::of(&opened));
}

#[test]
fn a_class_above_the_certificate_is_not_written() {
    let unit = Unit::new(Class::Simulated);
    let mut facts = unit.facts();
    facts.class = Class::Operational;
    let refused = Flight::create(&unit.path("flights"), &unit.device, &unit.path("keys"), facts, at(0));
    assert!(matches!(refused, Err(FlightError::Log(_))));
}

#[test]
fn the_key_of_each_record_is_wiped_after_it() {
    let unit = Unit::new(Class::Simulated);
    let mut flight = unit.open();
    let slot = unit.path("keys").join(format!("{}.key", flight.id()));
    let mut seen = vec![fs::read(&slot).unwrap()[..32].to_vec()];
    for n in 1..5 {
        flight.event(code("link-lost"), None, at(n)).unwrap();
        let slots = fs::read(&slot).unwrap();
        assert!(seen.iter().all(|old| !slots.windows(32).any(|w| w == old)), "event {n}");
        seen.push(slots[..32].to_vec());
    }
    flight.close(code("landed"), at(9)).unwrap();
    assert!(!slot.exists());
}

#[test]
fn a_killed_flight_is_found_taken_up_and_closed() {
    let unit = Unit::new(Class::Simulated);
    let mut flight = unit.open();
    let kind = telemetry(&flight, 1, 1);
    flight.append(kind, at(2)).unwrap();
    let mut open_file = flight.segment_file(&"eo".parse().unwrap(), 1).unwrap();
    open_file.write(&[7; 200_000]).unwrap();
    let dir = flight.dir().to_owned();
    drop((flight, open_file));
    assert_eq!(flight::unclosed(&unit.path("flights")).unwrap(), std::slice::from_ref(&dir));

    let (mut flight, recovered) = Flight::resume(&dir, &unit.device, &unit.path("keys"), boot(1), at(20)).unwrap();
    assert!(flight.has_evolving_key());
    let found = &recovered.records[0].files[0];
    assert_eq!(found.file, SealedName::Segment("eo".parse().unwrap(), 1));
    assert_eq!(found.sealed, Extent::of(&fs::read(dir.join("segments/eo/000001.ts.age")).unwrap()));
    assert_eq!(flight.first_free_segment(&"eo".parse().unwrap()), 2);
    assert_eq!(flight.first_free_telemetry(), 2);
    let mut camera = Camera::new(100);
    segment(&mut flight, &mut camera, 2, 21);
    flight.close(code("landed"), at(22)).unwrap();
    assert!(flight::unclosed(&unit.path("flights")).unwrap().is_empty());
    let again = Flight::resume(&dir, &unit.device, &unit.path("keys"), boot(1), at(30));
    assert!(matches!(again, Err(FlightError::Recovery(flight::RecoveryError::Closed { .. }))));
}

#[test]
fn the_next_flight_names_the_one_before() {
    let unit = Unit::new(Class::Simulated);
    let first = unit.open().close(code("landed"), at(1)).unwrap();
    let second = Flight::create(&unit.path("flights"), &unit.device, &unit.path("keys"), unit.facts(), at(5)).unwrap();
    let head = flight::last_head(&unit.path("flights")).unwrap().unwrap();
    assert_eq!(head.size, 1, "the open flight is the newest now");
    let line = fs::read_to_string(second.dir().join("records.jsonl")).unwrap();
    let envelope: serde_json::Value = serde_json::from_str(&line).unwrap();
    use base64::Engine as _;
    let payload = base64::engine::general_purpose::STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    let open: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(open["body"]["prev_flight"]["id"], first.id().to_string());
    assert_eq!(open["body"]["prev_flight"]["root"], first.head().root.to_string());
}

#[test]
fn kinds_with_their_own_call_cannot_be_appended() {
    let unit = Unit::new(Class::Simulated);
    let mut flight = unit.open();
    let close = Kind::Close(flight_record::record::Close { reason: code("x"), counts: flight.counts() });
    assert!(matches!(flight.append(close, at(1)), Err(FlightError::Rule { kind: "close", .. })));
}
