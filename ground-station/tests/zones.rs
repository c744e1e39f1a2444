//! `zones`: files in, folders, finds; what the exit code says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mission-profiles/tests/data").join(name)
}

/// The exit code, what was printed, and what was complained of.
fn zones(words: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_skyseal-ground")).arg("zones").args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn facts(words: &[&str]) -> Value {
    let (_, printed, complained) = zones(&[words, &["--json"]].concat());
    serde_json::from_str(&printed).expect(&complained)
}

#[test]
fn a_file_is_checked_and_the_exit_code_says_whether_it_is_whole() {
    let whole = data("ed318/Example_Collection.json");
    let (code, printed, _) = zones(&["check", whole.to_str().unwrap()]);
    assert!(code == 0 && printed.contains("2 zones read = 2 kept + 0 uncertain + 0 refused"), "{printed}");
    let crossing = data("openair/self-intersecting.txt");
    let (code, printed, _) = zones(&["check", crossing.to_str().unwrap()]);
    assert!(code == 1 && printed.contains("uncertain: line 1: its outline crosses itself"), "{printed}");
    let (code, _, complained) = zones(&["check", data("ed318/PartialExample_TimePeriod.json").to_str().unwrap()]);
    assert!(
        code == 1 && complained.contains("PartialExample_TimePeriod.json: whole file: it has neither"),
        "{complained}"
    );
    let (code, _, complained) = zones(&["check", "nothing.json"]);
    assert!(code == 1 && complained.contains("cannot read nothing.json"), "{complained}");
}

#[test]
fn what_is_imported_is_found_and_a_changed_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("zones");
    let dir = dir.to_str().unwrap();
    let file = data("ed318/Example_GeoZone_Circle.json");
    let (code, _, complained) = zones(&["import", "--dir", dir, "--name", "France", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{complained}");
    let found = facts(&["find", "--dir", dir, "--at", "50.122901,2.636866"]);
    let properties = &found["features"][0]["properties"];
    assert_eq!(
        (&properties["identifier"], &properties["restriction"]),
        (&"ABC1234".into(), &"prohibited".into()),
        "{found:#}"
    );
    assert_eq!(properties["dataset"], "France");
    let (code, printed, _) = zones(&["list", "--dir", dir]);
    assert!(code == 1 && printed.contains("OUT OF DATE"), "old data are in doubt: {printed}");

    // A newer edition of the same name takes its place; the older is kept aside.
    let newer = data("ed318/Example_GeoZone_with_extension.json");
    assert_eq!(zones(&["import", "--dir", dir, "--name", "France", newer.to_str().unwrap()]).0, 0);
    assert_eq!(facts(&["list", "--dir", dir]).as_array().unwrap().len(), 1);
    assert_eq!(std::fs::read_dir(Path::new(dir).join("replaced")).unwrap().count(), 1);

    let home = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.join("about.json").is_file())
        .unwrap();
    let kept = home.join("Example_GeoZone_with_extension.json");
    let text = std::fs::read_to_string(&kept).unwrap().replace("3500", "35");
    std::fs::write(&kept, text).unwrap();
    let (code, _, complained) = zones(&["find", "--dir", dir, "--at", "50.122901,2.636866"]);
    assert!(code == 1 && complained.contains("changed since it was imported"), "{complained}");
}

#[test]
fn zones_without_a_place_are_taken_only_when_somebody_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("some.json");
    let zone = r#"{"identifier":"A","country":"GBR","restriction":"PROHIBITED","geometry":[]}"#;
    std::fs::write(&file, format!(r#"{{"UASZoneList":[{zone}]}}"#)).unwrap();
    let dir = folder.path().join("zones");
    let words = ["import", "--dir", dir.to_str().unwrap(), file.to_str().unwrap()];
    let (code, _, complained) = zones(&words);
    assert!(
        code == 1 && complained.contains("1 of 1 zones have no place") && complained.contains("--accept-refused"),
        "{complained}"
    );
    assert!(!dir.exists());
    assert_eq!(zones(&[&words[..], &["--accept-refused"]].concat()).0, 0);
}

#[test]
fn the_uk_is_asked_by_grid_reference_by_name_by_height_and_by_time() {
    let names = |words: &[&str]| {
        let found = facts(words);
        let name = |feature: &Value| feature["properties"]["name"].as_str().unwrap().to_owned();
        found["features"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(&["find", "--at", "SK 290 290", "--within", "0", "--height", "120 m AMSL"]), ["DERBY"]);
    assert!(names(&["find", "--name", "derby"]).contains(&"DERBY".to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("zones.svg");
    let (code, printed, complained) =
        zones(&["find", "--at", "52.86,-1.62", "--map", map.to_str().unwrap(), "--when", "2026-05-01T12:00:00Z"]);
    assert_eq!(code, 0, "{complained}");
    assert!(printed.contains("not for operational use") && printed.contains("OUT OF DATE"), "{printed}");
    let svg = std::fs::read_to_string(map).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("<title>DERBY: surface to 2175 ft AMSL (663 m)</title>"), "{svg}");
    let (code, _, complained) = zones(&["find", "--at", "nowhere"]);
    assert!(code == 2 && complained.contains("OS grid reference"), "{complained}");
}

#[test]
fn the_set_that_comes_along_is_made_by_a_command_to_the_byte() {
    let (committed, folder) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("../mission-profiles/zones"), tempfile::tempdir().unwrap());
    let out = folder.path().join("zones");
    let words = ["bundle", committed.to_str().unwrap(), "--out", out.to_str().unwrap()];
    for _ in 0..2 {
        let (code, printed, complained) = zones(&words);
        // One of its zones is uncertain, and the exit code says so.
        assert_eq!(code, 1, "{complained}");
        assert!(
            printed.contains("airspace.yaml: UK Airspace (illustrative), edition not stated")
                && printed.contains("not for operational use"),
            "{printed}"
        );
        let mut names: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["airspace.yaml", "manifest.json", "rat.yaml"]);
        for name in names {
            assert!(
                std::fs::read(out.join(&name)).unwrap() == std::fs::read(committed.join(&name)).unwrap(),
                "{}: make the bundle again: `skyseal-ground zones bundle`",
                name.display()
            );
        }
    }
    let manifest = facts(&words);
    let total = &manifest["total"];
    let count = |name: &str| total[name].as_u64().unwrap();
    assert_eq!(count("read"), count("kept") + count("uncertain"));
    assert!(total["read"].as_u64() > Some(400) && total["refused"] == 0, "{total}");
    assert!(manifest["files"][0]["notice"].to_string().contains("waived all copyright"));
    let empty = tempfile::tempdir().unwrap();
    let (code, _, complained) = zones(&["bundle", empty.path().to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(code == 1 && complained.contains("no files of zones in it"), "{complained}");
}

#[test]
fn wherever_zones_are_used_their_age_is_said() {
    let old = "edition not stated, of unknown age: OUT OF DATE, for all anybody knows: it may be older than one AIRAC cycle (28 days); illustrative, not for operational use";
    let (_, printed, _) = zones(&["find", "--name", "derby"]);
    assert!(printed.contains(&format!("zones from UK Airspace (illustrative): {old}")), "{printed}");
    let found = facts(&["find", "--name", "derby"]);
    assert_eq!((&found["datasets"][0]["out_of_date"], &found["datasets"][0]["age_days"]), (&true.into(), &Value::Null));
    let swiss = data("ed318/Example_Collection.json");
    let (_, printed, _) = zones(&["check", swiss.to_str().unwrap()]);
    assert!(printed.contains("days old: OUT OF DATE, older than one AIRAC cycle (28 days)"), "{printed}");
    let checked = facts(&["check", swiss.to_str().unwrap()]);
    assert!(checked[0]["age_days"].as_i64() > Some(28) && checked[0]["out_of_date"] == true, "{checked:#}");
}
