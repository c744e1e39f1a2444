//! `skyseal-verify` as people run it.

use crate::ground::{Station, enrol, station_key};
use crate::support::{Camera, Unit, at, code, copy, segment};
use flight_record::trust::{Class, Grant};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A unit whose flights are of today, since the program reads the clock.
fn verify(unit: &Unit, arguments: &[&str]) -> Output {
    fs::write(unit.path("trust.json"), unit.trust.seal(&unit.root)).unwrap();
    Command::new(env!("CARGO_BIN_EXE_skyseal-verify")).args(arguments).current_dir(unit.temp.path()).output().unwrap()
}

fn flight(unit: &Unit) -> String {
    name(unit.open().close(code("landed"), at(2)).unwrap().dir())
}

fn name(dir: &Path) -> String {
    dir.to_str().unwrap().to_owned()
}

#[test]
fn a_verdict_is_exit_code_1_and_misuse_is_2() {
    let unit = Unit::new(Class::Simulated);
    let dir = flight(&unit);
    let root = unit.root.public().id().to_string();
    let trust = ["--trust", "trust.json", "--root", &root];
    let run = |more: &[&str]| verify(&unit, &[&[dir.as_str()], &trust[..], more].concat());
    let identity = name(&unit.identity_file());

    let output = run(&["--json", "--identity", &identity]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for (key, value) in [
        ("word", "VERIFIED-UNWITNESSED"),
        ("integrity", "INTACT"),
        ("witness", "none"),
        ("content", "opened"),
        ("time", "ok"),
    ] {
        assert_eq!(report[key], value, "{key}");
    }
    assert_eq!(report["flight"]["class"], "simulated");
    assert_eq!(report["items"][0]["item"], "records.jsonl line 1 (seq 0, open)");

    let text = String::from_utf8(run(&[]).stdout).unwrap();
    assert!(text.starts_with("VERIFIED-UNWITNESSED  (simulated flight)\n"), "{text}");
    assert!(text.contains(&root) && text.contains("No verdict can know"), "{text}");

    let plain = unit.path("plain");
    assert_eq!(run(&["--identity", &identity, "--extract", &name(&plain)]).status.code(), Some(1));
    assert_eq!(fs::read_dir(plain.join("documents")).unwrap().count(), 1);

    for misuse in [
        vec!["--identity", "absent"],
        vec!["--extract", "elsewhere"],
        vec!["--identity", &identity, "--extract", &name(&plain)],
        vec!["--unknown"],
    ] {
        let output = run(&misuse);
        assert_eq!(output.status.code(), Some(2), "{misuse:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{misuse:?}");
    }
    let no_flight = verify(&unit, &[&["absent"], &trust[..]].concat());
    assert_eq!(no_flight.status.code(), Some(2));
    let no_root = verify(&unit, &[&dir, "--trust", "trust.json", "--root", "abc"]);
    assert_eq!(no_root.status.code(), Some(2));
}

#[test]
fn the_page_is_written_beside_the_verdict_and_never_over_a_file() {
    let unit = Unit::new(Class::Simulated);
    let dir = flight(&unit);
    let root = unit.root.public().id().to_string();
    let run = || verify(&unit, &[&dir, "--trust", "trust.json", "--root", &root, "--report", "report.html"]);
    assert_eq!(run().status.code(), Some(1));
    let page = fs::read_to_string(unit.path("report.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<h1>VERIFIED-UNWITNESSED</h1>"), "{page}");
    let again = run();
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8(again.stderr).unwrap().contains("give the name of a file that does not exist"));
    assert_eq!(fs::read_to_string(unit.path("report.html")).unwrap(), page);
}

#[test]
fn a_fingerprint_may_be_written_in_groups() {
    let unit = Unit::new(Class::Simulated);
    let dir = flight(&unit);
    let root = unit.root.public().id().to_string().to_uppercase();
    let groups: Vec<&str> = (0..16).map(|at| &root[at * 4..at * 4 + 4]).collect();
    let output = verify(&unit, &[&dir, "--trust", "trust.json", "--root", &groups.join(" "), "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["word"], "VERIFIED-UNWITNESSED");
}

#[test]
fn the_witness_is_told_in_words_an_officer_reads() {
    let mut unit = Unit::new(Class::Simulated);
    enrol(&mut unit, &station_key(1), "van 3", Grant::station());
    let mut flight = unit.open();
    let mut station = Station::new(&unit, 1, flight.id());
    station.watch(&mut flight, 1);
    flight.event(code("light"), None, at(2)).unwrap();
    let note = flight.head().unwrap().note.clone();
    station.see(flight.dir(), &note, 45);
    let sealed = flight.close(code("landed"), at(46)).unwrap();
    station.see(sealed.dir(), &sealed.head().note.clone(), 47);
    station.end(48);
    fs::write(unit.path("van-3.jsonl"), station.file()).unwrap();
    let dir = name(sealed.dir());
    let root = unit.root.public().id().to_string();
    let identity = name(&unit.identity_file());
    let run = |more: &[&str]| {
        let always = [dir.as_str(), "--trust", "trust.json", "--root", &root, "--identity", &identity];
        verify(&unit, &[&always[..], more].concat())
    };

    let text = String::from_utf8(run(&["--witness", "van-3.jsonl"]).stdout).unwrap();
    for line in [
        "VERIFIED-UNWITNESSED  (simulated flight)\n",
        "witness late",
        "Witness   van 3: 3 heads from 2026-05-01T12:00:01Z to 2026-05-01T12:00:47Z, key ",
        "Seen      at most 43.0 s after it was made; 1 items late, 0 never (bound 30 s)",
        "Silence   2026-05-01T12:00:01Z to 2026-05-01T12:00:45Z (44.0 s): the ground saw nothing new",
        "Seen late, by more than 30 s or after a silence:\n     43.0 s  records.jsonl line 2 (seq 1, event)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let output = run(&["--witness", "van-3.jsonl", "--late-after", "50", "--json"]);
    assert_eq!(output.status.code(), Some(0), "exit code 0 for VERIFIED, and only for it");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for (pointer, value) in [
        ("/word", "VERIFIED".into()),
        ("/witness_facts/stations/0/heads", 3.into()),
        ("/witness_facts/longest_delay_ms", 43_000.into()),
        ("/items/1/witness_delay_ms", 43_000.into()),
        ("/items/1/late", false.into()),
    ] {
        assert_eq!(report.pointer(pointer), Some(&value), "{pointer}");
    }
    assert_eq!(run(&["--witness", "absent.jsonl"]).status.code(), Some(2));
    assert_eq!(run(&["--late-after", "-1"]).status.code(), Some(2));
}

/// A flight of one segment that a station saw, told in its witness file alone; packed as a package carries it.
fn packed_flight(unit: &Unit) -> String {
    let mut flight = unit.open();
    let mut station = Station::new(unit, 1, flight.id());
    station.see(flight.dir(), &flight.head().unwrap().note.clone(), 0);
    segment(&mut flight, &mut Camera::new(200), 1, 2);
    station.see(flight.dir(), &flight.head().unwrap().note.clone(), 3);
    let sealed = flight.close(code("landed"), at(4)).unwrap();
    station.end(5);
    let package = unit.path("package");
    copy(sealed.dir(), &package.join("data/flight"));
    fs::create_dir(package.join("data/witness")).unwrap();
    fs::write(package.join("data/witness").join("station.jsonl"), station.file()).unwrap();
    fs::write(package.join("bagit.txt"), "").unwrap();
    fs::write(unit.path("van-3.jsonl"), station.file()).unwrap();
    name(&package)
}

#[test]
fn an_extract_is_made_and_judged_by_command() {
    let mut unit = Unit::new(Class::Simulated);
    enrol(&mut unit, &station_key(1), "van 3", Grant::station());
    let package = packed_flight(&unit);
    let flight = format!("{package}/data/flight");
    let root = unit.root.public().id().to_string();
    let extract = |from: &str, out: &str, more: &[&str]| {
        let always = ["extract", from, "--trust", "trust.json", "--root", &root, "--out", out];
        verify(&unit, &[&always[..], more].concat())
    };
    let judge = |dir: &str, more: &[&str]| {
        let always = [dir, "--trust", "trust.json", "--root", &root];
        let output = verify(&unit, &[&always[..], more].concat());
        assert_eq!(output.status.code(), Some(1), "an extract is never VERIFIED");
        String::from_utf8(output.stdout).unwrap()
    };

    let made = extract(&package, "part", &["--segments", "eo/1"]);
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    let told = String::from_utf8(made.stdout).unwrap();
    for line in ["1 files, ", "  segments/eo/000001.ts.age  ", "Proved by 3 of 4 records", "Next: skyseal-verify part "]
    {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert!(!told.contains("Note:"), "{told}");
    let text = judge("part", &[]);
    for line in [
        "EXTRACT  (simulated flight)\n",
        "  Part      3 of 4 records; the others are not here, and not judged\n",
        "  Covers    1 files from 2026-05-01T12:00:01Z to 2026-05-01T12:00:01Z\n",
        "            segments/eo/000001.ts.age: record 2, 2026-05-01T12:00:01Z to",
        "No verdict on an extract can know: anything about the flight that is not in it",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let report: serde_json::Value = serde_json::from_str(&judge("part", &["--json"])).unwrap();
    for (pointer, value) in [
        ("/word", "EXTRACT".into()),
        ("/covers/flight_records", 4.into()),
        ("/covers/files/0/file", "segments/eo/000001.ts.age".into()),
    ] {
        assert_eq!(report.pointer(pointer), Some(&value), "{pointer}");
    }

    let bare = String::from_utf8(extract(&flight, "bare", &["--segments", "eo/1"]).stdout).unwrap();
    assert!(bare.contains("Note: no station's cosignature shows segments/eo/000001.ts.age."), "{bare}");
    assert!(judge("bare", &[]).starts_with("EXTRACT-UNWITNESSED  "));
    let told = extract(&flight, "told", &["--segments", "eo/1..1", "--witness", "van-3.jsonl"]);
    assert_eq!(told.status.code(), Some(0));
    assert!(judge("told", &[]).starts_with("EXTRACT  "));

    for (out, misuse, why) in [
        ("part", vec!["--segments", "eo/1"], "exists"),
        ("new", vec!["--segments", "eo/1..2"], "the flight has no segments/eo/000002.ts.age; it has"),
        ("new", vec!["--segments", "1..2"], "names no stream"),
        ("new", vec!["--telemetry", "1"], "it finished none of that kind"),
        ("new", vec![], "--segments"),
    ] {
        let output = extract(&flight, out, &misuse);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(why), "{misuse:?}: {said}");
    }
    assert!(!unit.path("new").exists());
}
