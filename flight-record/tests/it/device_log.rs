//! The device log: the same format, over many boots.

use crate::support::{Unit, at, boot, code, said};
use flight_record::device_log::{DeviceLog, LogFacts};
use flight_record::trust::Class;
use flight_record::verify::{Integrity, Word};
use std::fs;

fn facts(unit: &Unit, boot_n: u8) -> LogFacts {
    let facts = unit.facts();
    LogFacts { certificate: facts.certificate, software: facts.software, boot_id: boot(boot_n) }
}

#[test]
fn boots_and_events_verify_without_an_end() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.path("device-log");
    let open = |boot_n: u8, at_s: u32| {
        DeviceLog::open(&dir, &unit.device, &unit.path("keys"), facts(&unit, boot_n), at(at_s)).unwrap()
    };
    open(1, 0).event(code("boot"), None, at(1)).unwrap();
    fs::remove_dir_all(unit.path("keys")).unwrap();
    let flight = unit.open();
    let mut log = open(2, 5);
    log.event(code("flight-opened"), Some(flight.id()), at(6)).unwrap();
    drop(log);
    let report = unit.verify_sealed(&dir);
    assert_eq!(report.word, Word::VerifiedUnwitnessed, "{:#?}", report.doubts());
    assert_eq!(said(&report, "records.jsonl line 3 (seq 2, recovered)"), "INTACT");

    fs::write(dir.join("note"), b"x").unwrap();
    assert_eq!(unit.verify_sealed(&dir).word, Word::Doubt(Integrity::Malformed));
}

#[test]
fn a_log_that_died_before_its_first_record_begins_anew() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.path("device-log");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("records.jsonl"), b"{\"payload\":\"").unwrap();
    let log = DeviceLog::open(&dir, &unit.device, &unit.path("keys"), facts(&unit, 1), at(1)).unwrap();
    drop(log);
    assert_eq!(unit.verify_sealed(&dir).word, Word::VerifiedUnwitnessed);
}

#[test]
fn a_damaged_log_is_left_as_it_is() {
    let unit = Unit::new(Class::Simulated);
    let dir = unit.path("device-log");
    let open = || DeviceLog::open(&dir, &unit.device, &unit.path("keys"), facts(&unit, 1), at(1));
    open().unwrap().event(code("boot"), None, at(1)).unwrap();
    let mut records = fs::read(dir.join("records.jsonl")).unwrap();
    records[200] ^= 1;
    fs::write(dir.join("records.jsonl"), &records).unwrap();
    assert!(open().is_err());
    assert_eq!(fs::read(dir.join("records.jsonl")).unwrap(), records);
}
