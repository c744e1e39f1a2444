//! The edges between our crates are those ARCHITECTURE.md draws, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Who may know whom.
const EDGES: [(&str, &[&str]); 10] = [
    ("mission-profiles", &[]),
    ("footage", &[]),
    ("vehicle-link", &[]),
    ("flight-record", &["footage"]),
    ("evidence-store", &["flight-record", "footage", "mission-profiles"]),
    ("onboard", &["mission-profiles", "footage", "flight-record", "vehicle-link"]),
    ("ground-station", &["mission-profiles", "footage", "flight-record", "vehicle-link", "evidence-store"]),
    ("simulator", &["vehicle-link"]),
    ("fuzz-targets", &["flight-record", "footage", "vehicle-link", "mission-profiles"]),
    (
        "system-tests",
        &[
            "flight-record",
            "footage",
            "vehicle-link",
            "mission-profiles",
            "evidence-store",
            "onboard",
            "ground-station",
        ],
    ),
];

#[test]
fn our_crates_know_only_whom_they_may() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let allowed: BTreeMap<&str, &[&str]> = EDGES.into_iter().collect();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let may = allowed.get(name).unwrap_or_else(|| panic!("{name} is not in ARCHITECTURE.md"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            assert!(!ours.contains(to) || may.contains(&to), "{name} must not know {to}");
        }
    }
}

#[test]
fn every_guard_stands_where_the_script_takes_it_away() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("guards/run");
    let output = Command::new("python3").arg(script).arg("--standing").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
