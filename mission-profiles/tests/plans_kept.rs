//! What is read of a `.plan` and not changed is written as it was: patterns, cameras, keys that nobody here knows, numbers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mission_profiles::plan_files::{Change, Item, Plan, PlanFile};
use proptest::prelude::*;
use serde_json::{Value, json};

fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = format!("{}/tests/data", env!("CARGO_MANIFEST_DIR"));
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let plans = paths.filter(|path| path.extension().is_some_and(|ending| ending == "plan"));
    plans.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap())).collect()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A plan of everything that QGroundControl draws, with keys and spellings of others.
const RICH: &str = r#"{ "custom": {"by": "somebody", "n": 1.50},
  "fileType": "Plan", "groundStation": "QGroundControl",
  "geoFence": {"polygons": [], "circles": [{"circle": {"center": [51.50, -1.90], "radius": 300.0}, "inclusion": true, "version": 1}], "version": 2, "breachReturn": [51.5, -1.9, 50], "own": true},
  "mission": {"cruiseSpeed": 15, "hoverSpeed": 5.0, "firmwareType": 12, "globalPlanAltitudeMode": 1, "vehicleType": 2, "version": 2,
    "plannedHomePosition": [51.500000000000014, -1.9, 1.0e2],
    "items": [
      {"type": "SimpleItem", "command": 22, "frame": 3, "doJumpId": 1, "autoContinue": true, "AltitudeMode": 1, "AMSLAltAboveTerrain": null, "params": [15, 0, 0, null, 51.5, -1.9, 50]},
      {"type": "ComplexItem", "complexItemType": "CorridorScan", "version": 2, "CorridorWidth": 50, "polyline": [[51.5, -1.9], [51.51, -1.9]],
        "TransectStyleComplexItem": {"version": 1, "CameraCalc": {"CameraName": "Sony \"X\" ]}", "ImageDensity": 2.10}, "Items": [
          {"type": "SimpleItem", "command": 16, "frame": 3, "doJumpId": 2, "autoContinue": true, "params": [0, 0, 0, null, 51.501, -1.9, 50]},
          {"type": "SimpleItem", "command": 16, "frame": 3, "doJumpId": 3, "autoContinue": true, "params": [0, 0, 0, null, 51.502, -1.9, 50]}]}},
      {"type": "SimpleItem", "command": 177, "frame": 2, "doJumpId": 4, "autoContinue": true, "note": "again", "params": [2, 3, null, null, null, null, null]},
      {"type": "SimpleItem", "command": 16, "frame": 3, "doJumpId": 5, "autoContinue": true, "params": [0, 0, 0, null, 51.503123456789, -1.9, 5.0E1]},
      {"type": "SimpleItem", "command": 20, "frame": 2, "doJumpId": 6, "autoContinue": true, "params": [0, 0, 0, 0, 0, 0, 0]}]},
  "rallyPoints": {"points": [], "version": 2}, "version": 1}"#;

const LANDING: &str = r#"{"type": "ComplexItem", "complexItemType": "fwLandingPattern", "landCoordinate": [51.5, -1.9, 0], "loiterRadius": 75.0, "version": 2},
      {"type": "ComplexItem", "complexItemType": "SomethingNew", "of": [1e3]},
      {"type": "SimpleItem", "command": 20"#;

#[test]
fn every_plan_is_kept_to_the_byte_or_refused_with_the_reason() {
    let mut refused = Vec::new();
    for (name, bytes) in samples().into_iter().chain([("rich".into(), RICH.into())]) {
        let file = match PlanFile::read(&bytes) {
            Ok(file) => file,
            Err(error) => {
                refused.push(format!("{name}: {error}"));
                continue;
            }
        };
        assert_eq!(file.text().as_bytes(), bytes, "{name}");
        let Ok(plan) = file.plan() else {
            assert!(name.contains("structured_scan") || name.contains("missing_items"), "{name}");
            continue;
        };
        let same = Change { planned_home: plan.planned_home, mission: Some(&plan.mission), fence: None, rally: None };
        assert_eq!(value(file.changed(&same).unwrap().text()), value(file.text()), "{name}");
    }
    refused.sort();
    let reasons = [
        "without_mission.plan: not a plan: mission is missing",
        "wrong_mission_version.plan: mission.version is version 7",
        "wrong_overall_version.plan: version is version 42",
    ];
    assert_eq!(refused.len(), reasons.len(), "{refused:?}");
    for (found, reason) in refused.iter().zip(reasons) {
        assert!(found.contains(reason), "{found}");
    }
}

#[test]
fn a_plan_that_cannot_be_flown_from_its_file_keeps_its_patterns() {
    let text = RICH.replace(r#"{"type": "SimpleItem", "command": 20"#, LANDING);
    let file = PlanFile::read(text.as_bytes()).unwrap();
    assert!(file.plan().unwrap_err().to_string().contains("mission.items[4]: the pattern fwLandingPattern"));
    let rally = [Item {
        frame: 3,
        command: 5100,
        autocontinue: true,
        params: [0.0; 4],
        x: 515_000_000,
        y: -19_000_000,
        z: 40.0,
    }];
    let changed = file
        .changed(&Change {
            planned_home: Some([51.5, -1.9, 120.0]),
            rally: Some(&rally),
            fence: Some(&[]),
            ..Change::default()
        })
        .unwrap();
    let mut expected = value(&text);
    expected["mission"]["plannedHomePosition"] = json!([51.5, -1.9, 120.0]);
    expected["rallyPoints"]["points"] = json!([[51.5, -1.9, 40.0]]);
    expected["geoFence"]["circles"] = json!([]);
    expected["geoFence"].as_object_mut().unwrap().remove("breachReturn");
    assert_eq!(value(changed.text()), expected);
    for spelled in
        [r#""n": 1.50}"#, r#""ImageDensity": 2.10"#, "51.503123456789, -1.9, 5.0E1", r#""of": [1e3]"#, r#""own": true"#]
    {
        assert!(changed.text().contains(spelled), "{spelled}");
    }
    assert!(file.changed(&Change { mission: Some(&[]), ..Change::default() }).is_err(), "nobody knows what it flies");
}

#[test]
fn what_a_mission_does_not_change_stays_a_pattern() {
    let file = PlanFile::read(RICH.as_bytes()).unwrap();
    let plan = file.plan().unwrap();
    let mut mission = plan.mission.clone();
    mission[4].z = 60.0;
    let changed = file.changed(&Change { mission: Some(&mission), ..Change::default() }).unwrap();
    let (before, after) = (value(file.text()), value(changed.text()));
    for kept in [0, 1, 2, 4] {
        assert_eq!(after["mission"]["items"][kept], before["mission"]["items"][kept], "{kept}");
    }
    assert_eq!(after["mission"]["items"][3]["params"][6], 60.0);
    assert!(changed.text().contains(r#""ImageDensity": 2.10"#));

    // Another waypoint before the pattern: its jump leads to the same item, whose place is another, and stays as it is written.
    let mut mission = plan.mission;
    mission.insert(1, mission[4]);
    mission[4].params[0] = 2.0;
    let changed = file.changed(&Change { mission: Some(&mission), ..Change::default() }).unwrap();
    assert_eq!(value(changed.text())["mission"]["items"].as_array().unwrap().len(), 6);
    assert!(changed.text().contains(r#""note": "again""#) && changed.plan().unwrap().mission[4].params[0] == 2.0);
    // Led elsewhere it is written anew.
    mission[4].params[0] = 1.0;
    let changed = file.changed(&Change { mission: Some(&mission), ..Change::default() }).unwrap();
    assert!(!changed.text().contains(r#""note": "again""#) && changed.text().contains("2.10"));
    assert_eq!(changed.plan().unwrap().mission[4].params[0], 1.0);
}

#[test]
fn parts_that_are_missing_or_old_are_made() {
    let bare =
        r#"{"fileType":"Plan","version":1,"mission":{"version":2,"items":[]},"geoFence":{"polygon":[],"version":1}}"#;
    let item = |command: u16, count: f32| Item {
        frame: 3,
        command,
        autocontinue: true,
        params: [count, 0.0, 0.0, 0.0],
        x: 5,
        y: 6,
        z: 0.0,
    };
    let (fence, rally) = ([item(5003, 120.0)], [item(5100, 0.0)]);
    let change =
        Change { planned_home: Some([1.0, 2.0, 3.0]), mission: Some(&[]), fence: Some(&fence), rally: Some(&rally) };
    let plan = PlanFile::read(bare.as_bytes()).unwrap().changed(&change).unwrap().plan().unwrap();
    assert_eq!(
        plan,
        Plan { planned_home: Some([1.0, 2.0, 3.0]), mission: Vec::new(), fence: fence.into(), rally: rally.into() }
    );
}

proptest! {
    /// Whatever becomes of the mission: the vehicle is sent just that.
    #[test]
    fn a_changed_mission_is_the_one_that_was_asked_for(
        cut in 0_usize..6, put in prop::collection::vec((prop::sample::select(vec![16_u16, 177, 178, 206]), 0_u8..12, -900_000_000..900_000_000_i32), 0..6), from in any::<prop::sample::Index>(),
        odd in any::<bool>(),
    ) {
        // Ids that are given twice, or not at all.
        let text = if odd { RICH.replace("\"doJumpId\": 5", "\"doJumpId\": 2").replace("\"doJumpId\": 6, ", "") } else { RICH.to_owned() };
        let file = PlanFile::read(text.as_bytes()).unwrap();
        let mut mission = file.plan().unwrap().mission;
        let from = from.index(mission.len());
        let more = put.into_iter().map(|(command, target, x)| {
            let frame = if command == 16 { 3 } else { 2 };
            Item { frame, command, autocontinue: true, params: [f32::from(target), 1.0, 0.0, 0.0], x, y: x, z: 30.0 }
        });
        let to = (from + cut).min(mission.len());
        mission.splice(from..to, more);
        let last = mission.len();
        for item in &mut mission {
            if item.command == 177 {
                #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let target = (item.params[0] as usize % last) as f32;
                item.params[0] = target;
            }
        }
        let back = file.changed(&Change { mission: Some(&mission), ..Change::default() }).unwrap().plan().unwrap();
        prop_assert_eq!(format!("{:?}", back.mission), format!("{mission:?}"));
    }
}
