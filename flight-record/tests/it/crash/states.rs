//! Taking up a flight in every state, and the faults that the harness found, each by name.

use super::cut::Crash;
use super::disk::{Fault, Step};
use super::flown::{Aircraft, Machine, Sky, Told};
use super::judged::{doubts, judge, nothing_told_is_lost};
use crate::support::{Camera, Unit, at, boot, code, segment, telemetry};
use flight_record::Stamp;
use flight_record::flight::{self, Flight, FlightError, RecoveryError};
use flight_record::trust::Class;
use flight_record::verify::{Integrity, Time, Word};
use std::fs;
use std::path::{Path, PathBuf};

const CLOSED: [Integrity; 2] = [Integrity::Intact, Integrity::UnattestedTail];
const EROFS: i32 = 30;

/// A flight that was killed while it was recorded: six records.
fn killed(unit: &Unit) -> PathBuf {
    let mut flight = unit.open();
    flight.event(code("recording-started"), Some(b"by the pilot"), at(1)).unwrap();
    segment(&mut flight, &mut Camera::new(6000), 1, 2);
    let kind = telemetry(&flight, 1, 2);
    flight.append(kind, at(3)).unwrap();
    flight.dir().to_owned()
}

fn resumed(unit: &Unit, dir: &Path) -> Result<Flight<flight::Open>, FlightError> {
    Flight::resume(dir, &unit.device, &unit.path("keys"), boot(2), at(10)).map(|(flight, _)| flight)
}

/// Every byte that lies in a folder.
fn bytes(dir: &Path) -> Vec<(String, Vec<u8>)> {
    crate::support::files(dir).into_iter().map(|path| (path.clone(), fs::read(dir.join(path)).unwrap())).collect()
}

#[test]
fn twenty_restarts_in_one_flight() {
    let unit = Unit::new(Class::Simulated);
    let dir = killed(&unit);
    for restart in 2..22 {
        let mut flight = unit.resume(&dir, boot(restart), 10 + u32::from(restart));
        let mut file = flight.segment_file(&"eo".parse().unwrap(), u32::from(restart)).unwrap();
        file.write(&[0x47; 100_000]).unwrap();
        flight.event(code("light"), None, at(10 + u32::from(restart))).unwrap();
    }
    unit.resume(&dir, boot(22), 40).close(code("landed"), at(41)).unwrap();
    let report = unit.verify_sealed(&dir);
    assert_eq!(report.integrity, Integrity::UnattestedTail, "{}", doubts(&report));
    assert_eq!(report.doubts().len(), 20, "the tail of each restart, and nothing else: {}", doubts(&report));
}

#[test]
fn damage_in_the_middle_is_left_as_it_is_named_and_does_not_keep_the_next_flight_from_the_air() {
    let unit = Unit::new(Class::Simulated);
    let dir = killed(&unit);
    let path = dir.join("records.jsonl");
    let mut text = fs::read(&path).unwrap();
    let third = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0 + 30;
    text[third] ^= 1;
    fs::write(&path, &text).unwrap();
    let before = bytes(&dir);
    let words = resumed(&unit, &dir).err().unwrap().to_string();
    for word in ["records.jsonl", "line 3", "left as it is", "verify it on the ground"] {
        assert!(words.contains(word), "{word}: {words}");
    }
    assert_eq!(bytes(&dir), before);
    assert!(flight::was_recording(&dir));
    let next = Flight::create(&unit.path("flights"), &unit.device, &unit.path("keys"), unit.facts(), at(20)).unwrap();
    let left = flight::unclosed(&unit.path("flights")).unwrap();
    assert_eq!(left, [dir, next.dir().to_owned()], "it is said at each start");
}

#[test]
fn a_flight_that_cannot_be_read_hides_no_other_and_grounds_nobody() {
    let unit = Unit::new(Class::Simulated);
    let dir = killed(&unit);
    let other = unit.path("flights").join("019de368-f600-788d-b3be-1a8800dc6c66");
    for name in ["records.jsonl", "checkpoints.jsonl"] {
        // A folder in the place of a file cannot be read as one.
        fs::create_dir_all(other.join(name)).unwrap();
    }
    assert_eq!(flight::unclosed(&unit.path("flights")).unwrap().len(), 2);
    assert!(flight::last_head(&unit.path("flights")).unwrap().is_some());
    assert!(resumed(&unit, &other).is_err() && resumed(&unit, &dir).is_ok());
    assert!(Flight::create(&unit.path("flights"), &unit.device, &unit.path("keys"), unit.facts(), at(20)).is_ok());
}

#[test]
fn a_last_line_that_nobody_can_read_ends_no_flight() {
    let unit = Unit::new(Class::Simulated);
    let dir = killed(&unit);
    let path = dir.join("records.jsonl");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], b"{}\n"].concat()).unwrap();
    assert_eq!(flight::unclosed(&unit.path("flights")).unwrap().len(), 1);
    let words = resumed(&unit, &dir).err().unwrap().to_string();
    assert!(words.contains("line 6"), "{words}");

    // What a power cut leaves is another matter.
    fs::write(&path, [&whole[..], b"{\"pay\0\0\0\0\n"].concat()).unwrap();
    let left = unit.verify_sealed(&dir);
    assert_eq!(left.integrity, Integrity::Truncated, "{}", doubts(&left));
    resumed(&unit, &dir).unwrap().close(code("landed"), at(20)).unwrap();
    let report = unit.verify_opened(&dir);
    assert!(CLOSED.contains(&report.integrity), "{}", doubts(&report));
    assert_eq!(fs::read(dir.join("torn/records-5")).unwrap(), b"{\"pay\0\0\0\0\n");
}

#[test]
fn missing_folders_and_logs_are_named_and_stop_nothing() {
    for (gone, word) in [
        ("segments", Integrity::Missing),
        ("telemetry", Integrity::Missing),
        ("documents", Integrity::Missing),
        ("torn", Integrity::Intact),
    ] {
        let unit = Unit::new(Class::Simulated);
        let dir = killed(&unit);
        drop(fs::remove_dir_all(dir.join(gone)));
        let mut flight = resumed(&unit, &dir).unwrap();
        let kind = telemetry(&flight, flight.first_free_telemetry(), 11);
        flight.append(kind, at(12)).unwrap();
        flight.close(code("landed"), at(20)).unwrap();
        let report = unit.verify_sealed(&dir);
        assert_eq!(report.integrity, word, "{gone}: {}", doubts(&report));
    }
    let unit = Unit::new(Class::Simulated);
    let dir = killed(&unit);
    fs::remove_file(dir.join("checkpoints.jsonl")).unwrap();
    let before = bytes(&dir);
    let words = resumed(&unit, &dir).err().unwrap().to_string();
    assert!(words.contains("checkpoints.jsonl, line 1: 5 tree heads are missing"), "{words}");
    assert_eq!(bytes(&dir), before);
}

#[test]
fn a_read_only_disk_is_named_and_the_flight_is_taken_up_when_it_can_be_written_again() {
    let sky = Sky::new();
    let machine = Machine::new();
    let mut aircraft = Aircraft::new(&sky, &machine, Told::default());
    aircraft.open();
    machine.disk.fail(Fault { at: 0, errno: EROFS, stays: true, forgets: false });
    let mut again = Aircraft::new(&sky, &machine, aircraft.told.clone());
    assert!(!again.take_up(2, 20));
    assert!(again.refused[0].contains("os error 30") && again.refused[0].contains('/'), "{:?}", again.refused);
    machine.disk.mend();
    assert!(again.take_up(2, 20));
    again.close(30);
    nothing_told_is_lost(&machine, &again.told, "read-only");
}

#[test]
fn no_clock_keeps_a_flight_from_being_recorded() {
    let second = |utc_s: i64| Stamp { utc_us: utc_s * 1_000_000, ..at(10) };
    for (utc_s, after_open) in [(0, false), (-1, false), (5, false), ((1 << 31) + 1, true), ((1 << 32) + 1, true)] {
        let unit = Unit::new(Class::Simulated);
        let dir = killed(&unit);
        let resumed = Flight::resume(&dir, &unit.device, &unit.path("keys"), boot(2), second(utc_s));
        let mut flight = resumed.unwrap().0;
        flight.event(code("light"), None, second(utc_s + 1)).unwrap();
        flight.close(code("landed"), second(utc_s + 2)).unwrap();
        let report = unit.verify_sealed(&dir);
        if after_open {
            assert_eq!(report.integrity, Integrity::KeyUntrusted, "beyond every validity: {}", doubts(&report));
        } else {
            assert_eq!((report.word, report.time), (Word::ClockSuspect, Time::Suspect), "{}", doubts(&report));
        }
        let made = Flight::create(&unit.path("flights"), &unit.device, &unit.path("keys"), unit.facts(), second(utc_s));
        made.unwrap().close(code("landed"), second(utc_s + 1)).unwrap();
    }
}

#[test]
fn a_name_that_only_the_system_remembers_is_durable_before_a_restart_attests_it() {
    let sky = Sky::new();
    let machine = Machine::new();
    let mut aircraft = Aircraft::new(&sky, &machine, Told::default());
    aircraft.fly();
    let steps = machine.disk.steps();
    let made = |step: &Step| matches!(step, Step::Create(path, _) if path.ends_with("segments/eo/000002.ts.age"));
    let at = steps.iter().position(|(step, _)| made(step)).unwrap() + 1;
    let (again, told) = machine.crashed(&aircraft.told, at, Crash::Killed, &steps[at].1);
    let mut aircraft = Aircraft::new(&sky, &again, told);
    assert!(aircraft.take_up(2, 20));
    aircraft.close(30);
    let (last, told) = again.crashed(&aircraft.told, again.disk.len(), Crash::Bare, &again.disk.held_keys());
    nothing_told_is_lost(&last, &told, "killed, then cut");
    judge(&sky, &last.flights().join(told.closed[0].1.to_string()), &CLOSED, "killed, then cut");
}

#[test]
fn the_folder_of_the_flights_is_durable_before_a_flight_is_told_of() {
    let sky = Sky::new();
    let machine = Machine::new();
    // Somebody made it, and the power may go before its name is on the disk.
    machine.disk.handle().make_folder(&machine.flights()).unwrap();
    let mut aircraft = Aircraft::new(&sky, &machine, Told::default());
    aircraft.open();
    let (again, told) = machine.crashed(&aircraft.told, machine.disk.len(), Crash::Bare, &machine.disk.held_keys());
    assert_eq!(told.heads.len(), 1);
    nothing_told_is_lost(&again, &told, "cut");
}

#[test]
fn what_was_removed_because_the_disk_failed_does_not_come_back_after_the_close() {
    let sky = Sky::new();
    for call in 0..12 {
        let machine = Machine::new();
        let mut aircraft = Aircraft::new(&sky, &machine, Told::default());
        aircraft.open();
        machine.disk.fail(Fault { at: machine.disk.calls() + call, errno: 5, stays: false, forgets: false });
        aircraft.say_with(b"more in words", 2);
        machine.disk.mend();
        aircraft.close(9);
        let (again, told) = machine.crashed(&aircraft.told, machine.disk.len(), Crash::Bare, &machine.disk.held_keys());
        let what = format!("call {call}");
        let allowed = [Integrity::Intact, Integrity::UnattestedTail, Integrity::Incomplete];
        judge(&sky, &again.flights().join(told.closed[0].1.to_string()), &allowed, &what);
    }
}

#[test]
fn a_damaged_flight_says_what_it_is() {
    let unit = Unit::new(Class::Simulated);
    let dir = killed(&unit);
    fs::write(dir.join("checkpoints.jsonl"), "{}\n").unwrap();
    let refused = resumed(&unit, &dir);
    assert!(matches!(refused, Err(FlightError::Recovery(RecoveryError::Damaged { line: 1, .. }))));
}
