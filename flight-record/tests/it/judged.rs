//! Faults that need the aircraft's keys, or nobody's, each with the word that the format gives it; found by a second verifier.

use crate::forge::{head_line, payloads, rewrite};
use crate::support::{Camera, Unit, at, code, copy, said, segment, small_flight};
use flight_record::keys::PublicKey;
use flight_record::trust::Class;
use flight_record::verify::{Integrity, Report, verify};
use flight_record::{FlightId, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

fn judge(unit: &Unit, dir: &Path) -> Report {
    unit.verify_sealed(dir)
}

/// A copy of `dir` whose payloads are changed before everything is signed anew.
fn resigned(unit: &Unit, dir: &Path, name: &str, change: impl FnOnce(&mut Vec<String>)) -> PathBuf {
    let dir = copy(dir, &unit.path(name));
    let mut said = payloads(&dir);
    change(&mut said);
    rewrite(unit, &dir, &said);
    dir
}

fn edit_heads(dir: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let path = dir.join("checkpoints.jsonl");
    let mut lines = fs::read_to_string(&path).unwrap().lines().map(|line| format!("{line}\n")).collect();
    change(&mut lines);
    fs::write(path, lines.concat()).unwrap();
}

#[test]
fn a_second_history_is_equivocation_wherever_its_head_stands() {
    let unit = Unit::new(Class::Operational);
    let dir = unit.whole_flight();
    let first = payloads(&dir).remove(0);
    let size = payloads(&dir).len() as u64;
    let other = |size: u64| head_line(&unit, &first, size, Sha256::of(b"another history"));
    for (name, place) in [("behind close", usize::MAX), ("in the middle", 3), ("first", 0)] {
        let dir = copy(&dir, &unit.path(name));
        edit_heads(&dir, |heads| heads.insert(place.min(heads.len()), other(2)));
        assert_eq!(judge(&unit, &dir).integrity, Integrity::Equivocation, "{name}");
    }
    let skipped = copy(&dir, &unit.path("behind one that is missing"));
    edit_heads(&skipped, |heads| {
        heads.truncate(heads.len() - 2);
        heads.push(other(size));
    });
    assert_eq!(judge(&unit, &skipped).integrity, Integrity::Equivocation);
}

#[test]
fn a_head_of_another_flight_accuses_nobody() {
    let unit = Unit::new(Class::Operational);
    let dir = unit.whole_flight();
    let stranger = payloads(&unit.whole_flight()).remove(0);
    let dir = copy(&dir, &unit.path("mixed"));
    edit_heads(&dir, |heads| heads.insert(3, head_line(&unit, &stranger, 3, Sha256::of(b"x"))));
    let report = judge(&unit, &dir);
    assert_eq!(report.integrity, Integrity::WrongFlight, "{:#?}", report.doubts());
    assert_eq!(report.doubts().len(), 1, "the heads around it are as they were: {:#?}", report.doubts());
}

#[test]
fn a_file_that_was_attested_longer_than_it_ends_is_altered() {
    let unit = Unit::new(Class::Operational);
    let mut flight = unit.open();
    segment(&mut flight, &mut Camera::new(3000), 1, 1);
    let dir = flight.close(code("landed"), at(9)).unwrap().dir().to_owned();
    let dir = resigned(&unit, &dir, "longer", |said| {
        let prefix = said.iter_mut().find(|said| said.contains("\"kind\":\"prefix\"")).unwrap();
        let from = prefix.find("\"bytes\":").unwrap() + 8;
        let to = from + prefix[from..].find(',').unwrap();
        prefix.replace_range(from..to, "99999999");
    });
    let report = judge(&unit, &dir);
    assert_eq!(report.integrity, Integrity::Altered, "{:#?}", report.doubts());
}

#[test]
fn a_file_that_has_grown_is_read_no_further_than_its_record() {
    let unit = Unit::new(Class::Operational);
    let dir = copy(&small_flight(&unit), &unit.path("grown"));
    let file = fs::File::options().write(true).open(dir.join("telemetry/000001.tlog.age")).unwrap();
    file.set_len(1 << 42).unwrap();
    assert_eq!(said(&judge(&unit, &dir), "telemetry/000001.tlog.age"), "ALTERED");
}

#[test]
fn torn_bytes_that_a_recovery_was_setting_aside_are_no_strangers() {
    let unit = Unit::new(Class::Operational);
    let mut flight = unit.open();
    flight.event(code("link-lost"), None, at(1)).unwrap();
    let dir = flight.dir().to_owned();
    drop(flight);
    fs::create_dir(dir.join("torn")).unwrap();
    fs::write(dir.join("torn/records-2"), b"{\"payl").unwrap();
    let report = judge(&unit, &dir);
    assert_eq!(report.integrity, Integrity::Truncated, "{:#?}", report.doubts());
    assert_eq!(said(&report, "torn/records-2"), "UNATTESTED-TAIL");
    fs::rename(dir.join("torn/records-2"), dir.join("torn/records-3")).unwrap();
    assert_eq!(said(&judge(&unit, &dir), "torn/records-3"), "MALFORMED");
}

#[test]
fn what_stands_behind_close_is_malformed_whoever_signed_it() {
    let unit = Unit::new(Class::Operational);
    let dir = copy(&small_flight(&unit), &unit.path("more"));
    let path = dir.join("records.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let second = text.lines().nth(1).unwrap();
    fs::write(&path, format!("{text}{second}\n")).unwrap();
    let report = judge(&unit, &dir);
    assert_eq!(report.integrity, Integrity::Malformed, "{:#?}", report.doubts());
    assert!(report.doubts()[0].detail.as_ref().unwrap().contains("after close"));
}

#[test]
fn a_record_of_another_device_is_of_another_flight() {
    let unit = Unit::new(Class::Operational);
    let dir = resigned(&unit, &small_flight(&unit), "device", |said| {
        let own = unit.device.public().id().to_string();
        said[1] = said[1].replacen(&own, &Sha256::of(b"another").to_string(), 1);
    });
    assert_eq!(judge(&unit, &dir).integrity, Integrity::WrongFlight);
}

#[test]
fn the_worst_of_several_faults_counts() {
    let unit = Unit::new(Class::Operational);
    let mut flight = unit.open();
    let mut camera = Camera::new(3000);
    segment(&mut flight, &mut camera, 1, 1);
    segment(&mut flight, &mut camera, 2, 2);
    let dir = flight.close(code("landed"), at(9)).unwrap().dir().to_owned();
    // Pictures were dropped, and the second segment is from before the first.
    let dir = resigned(&unit, &dir, "two faults", |said| {
        let last = said.iter_mut().rev().find(|said| said.contains("\"kind\":\"segment\"")).unwrap();
        *last = last.replace("\"drops\":0", "\"drops\":1");
        let from = last.find("\"first_pts_90k\":").unwrap() + 16;
        let to = from + last[from..].find(',').unwrap();
        last.replace_range(from..to, "1");
    });
    assert_eq!(judge(&unit, &dir).integrity, Integrity::OutOfOrder);
}

#[test]
fn places_are_named_also_where_no_key_can_be_checked() {
    let unit = Unit::new(Class::Operational);
    let whole = unit.whole_flight();
    let lines: Vec<String> =
        fs::read_to_string(whole.join("records.jsonl")).unwrap().lines().map(str::to_owned).collect();
    for (name, word, change) in [
        ("swapped", Integrity::OutOfOrder, (|lines| lines.swap(5, 6)) as fn(&mut Vec<String>)),
        ("without the first", Integrity::Missing, |lines| drop(lines.remove(0))),
    ] {
        let dir = copy(&whole, &unit.path(name));
        let mut lines = lines.clone();
        change(&mut lines);
        fs::write(dir.join("records.jsonl"), lines.join("\n") + "\n").unwrap();
        let report = judge(&unit, &dir);
        let records: Vec<_> =
            report.doubts().into_iter().filter(|item| item.item.to_string().starts_with("records")).collect();
        assert_eq!(records.iter().filter_map(|item| item.word).max(), Some(word), "{name}: {records:#?}");
    }
}

#[test]
fn ids_and_keys_have_one_spelling() {
    // p, which is zero, and p + 3, which is 3 spelled in another way (RFC 8032 §5.1.3).
    for lowest in [0xed, 0xf0] {
        let mut key = [0xff; 32];
        (key[0], key[31]) = (lowest, 0x7f);
        assert!(PublicKey::from_bytes(&key).is_err(), "{lowest:#x}");
    }
    let unit = Unit::new(Class::Operational);
    let small = small_flight(&unit);
    let id = small.file_name().unwrap().to_str().unwrap().to_owned();
    let other = format!("{}4{}", &id[..14], &id[15..]);
    assert!(!other.parse::<FlightId>().unwrap().is_version_7() && id.parse::<FlightId>().unwrap().is_version_7());
    let dir = resigned(&unit, &small, "version 4", |said| {
        said.iter_mut().for_each(|said| *said = said.replace(&id, &other));
    });
    assert_eq!(verify(&dir, &unit.anchor(), &crate::support::options(None)).unwrap().integrity, Integrity::Malformed);
}

#[test]
fn nothing_behind_a_record_that_nobody_can_read_is_called_intact() {
    let unit = Unit::new(Class::Operational);
    let whole = unit.whole_flight();
    let lines: Vec<String> =
        fs::read_to_string(whole.join("records.jsonl")).unwrap().lines().map(str::to_owned).collect();
    let judge_lines = |name: &str, lines: &[String]| {
        let dir = copy(&whole, &unit.path(name));
        fs::write(dir.join("records.jsonl"), lines.join("\n") + "\n").unwrap();
        judge(&unit, &dir)
    };
    let mut dropped = lines.clone();
    dropped.remove(3);
    let mut forged = lines.clone();
    forged[3] = forged[3].replacen("payload\":\"ey", "payload\":\"fy", 1);
    for (name, lines, second_segment) in [("dropped", dropped, 6), ("forged", forged, 7)] {
        let report = judge_lines(name, &lines);
        let record = format!("records.jsonl line {second_segment} (seq {}, segment)", second_segment - 1);
        for item in [&record, "segments/eo/000002.ts.age", "telemetry/000002.tlog.age"] {
            assert_eq!(said(&report, item), "NOT-CHECKED", "{name}");
        }
        assert_eq!(said(&report, "records.jsonl line 2 (seq 1, event)"), "INTACT", "{name}");
    }
    // A line that only says again what was there hides nothing.
    let mut twice = lines.clone();
    twice.insert(4, lines[3].clone());
    let report = judge_lines("twice", &twice);
    assert_eq!(said(&report, "records.jsonl line 5 (seq 4, segment)"), "OUT-OF-ORDER");
    assert_eq!(said(&report, "segments/eo/000002.ts.age"), "INTACT");
}
