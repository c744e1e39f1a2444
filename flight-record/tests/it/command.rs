//! `skyseal-verify` as people run it.

use crate::support::{Unit, at, code};
use flight_record::trust::Class;
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
fn a_fingerprint_may_be_written_in_groups() {
    let unit = Unit::new(Class::Simulated);
    let dir = flight(&unit);
    let root = unit.root.public().id().to_string().to_uppercase();
    let groups: Vec<&str> = (0..16).map(|at| &root[at * 4..at * 4 + 4]).collect();
    let output = verify(&unit, &[&dir, "--trust", "trust.json", "--root", &groups.join(" "), "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["word"], "VERIFIED-UNWITNESSED");
}
