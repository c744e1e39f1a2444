//! `plan`: made of a profile and a drawing, checked, converted, shown.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// The exit code, what was printed, and what was complained of.
fn plan(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_skyseal-ground"))
        .arg("plan")
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn facts(folder: &Path, words: &[&str]) -> Value {
    let (_, printed, complained) = plan(folder, &[words, &["--json"]].concat());
    serde_json::from_str(&printed).expect(&complained)
}

/// A folder with a drawing: a point and a field of about 200 m, on Salisbury Plain or, by Derby's aerodrome, elsewhere.
fn drawn(lat: f64, lon: f64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let corner = |dlat: f64, dlon: f64| json!([lon + dlon, lat + dlat]);
    let ring = [
        corner(-0.001, -0.0015),
        corner(-0.001, 0.0015),
        corner(0.001, 0.0015),
        corner(0.001, -0.0015),
        corner(-0.001, -0.0015),
    ];
    let feature =
        |name: &str, geometry: Value| json!({"type": "Feature", "properties": {"name": name}, "geometry": geometry});
    let drawing = json!({"type": "FeatureCollection", "features": [
        feature("Last seen", json!({"type": "Point", "coordinates": corner(0.0, 0.0)})),
        feature("Field", json!({"type": "Polygon", "coordinates": [ring]})),
    ]});
    std::fs::write(folder.path().join("drawing.geojson"), drawing.to_string()).unwrap();
    folder
}

const MAKE: [&str; 6] = ["make", "--drawing", "drawing.geojson", "--home-amsl", "100", "--profile"];

#[test]
fn a_profile_and_a_drawing_make_a_plan_that_others_formats_carry() {
    let folder = drawn(51.5034, -1.9787);
    let made = facts(
        folder.path(),
        &[&MAKE[..], &["missing-person", "--home", "51.5034,-1.9787", "--out", "search.plan"]].concat(),
    );
    assert!(
        made["waypoints"].as_u64() > Some(10) && made["batteries"] == 1 && made["footage_mib"].as_u64() > Some(100),
        "{made:#}"
    );
    let survey = facts(
        folder.path(),
        &[&MAKE[..], &["collision-scene", "--home", "51.5034,-1.9787", "--out", "scene.plan"]].concat(),
    );
    assert!(survey["distance_m"].as_f64() > Some(1_000.0), "{survey:#}");
    let shown = facts(folder.path(), &["show", "search.plan", "--map", "search.svg"]);
    assert_eq!((&shown["ends"], &shown["home"]), (&json!(true), &json!([51.5034, -1.9787])));
    assert!(std::fs::read_to_string(folder.path().join("search.svg")).unwrap().contains("<polyline"));
    for (from, to) in [
        ("search.plan", "search.waypoints"),
        ("search.waypoints", "back.plan"),
        ("search.plan", "way.kml"),
        ("way.kml", "way.gpx"),
    ] {
        assert_eq!(plan(folder.path(), &["convert", from, to]).0, 0, "{from} to {to}");
    }
    assert_eq!(facts(folder.path(), &["show", "back.plan"]), shown, "by way of waypoints the same plan");
    for (words, said) in [
        (&["convert", "way.gpx", "x.plan"][..], "a drawing is no plan"),
        (&["convert", "search.plan", "way.kml"], "cannot make way.kml"),
        (&["convert", "search.plan", "x.doc"], "`.doc` is none of"),
        (&["show", "drawing.geojson"], "drawing.geojson"),
    ] {
        let (code, _, complained) = plan(folder.path(), words);
        assert!(code == 1 && complained.contains(said), "{words:?}: {complained}");
    }
    let elsewhere =
        [&MAKE[..], &["event", "--home", "51.5034,-1.9787", "--shape", "Field", "--out", "x.plan"]].concat();
    let (code, _, complained) = plan(folder.path(), &elsewhere);
    assert!(
        code == 1 && complained.contains("needs a point called \"Field\"; the drawing has \"Last seen\", \"Field\""),
        "{complained}"
    );
}

#[test]
fn a_plan_in_a_traffic_zone_is_blocked_and_says_whom_to_ask() {
    let folder = drawn(52.8597, -1.6178);
    let home = ["training", "--home", "52.8597,-1.6178", "--pattern", "survey", "--out", "p.plan"];
    assert_eq!(plan(folder.path(), &[&MAKE[..], &home].concat()).0, 0);
    let words = [
        "check",
        "p.plan",
        "--profile",
        "training",
        "--role",
        "observer",
        "--pilot",
        "P1",
        "--recent-hours",
        "5",
        "--endurance-min",
        "30",
        "--gust",
        "3",
        "--visibility",
        "9000",
        "--from",
        "2026-05-10T10:00:00Z",
        "--to",
        "2026-05-10T11:00:00Z",
    ];
    let (code, printed, complained) = plan(folder.path(), &words);
    assert!(
        code == 1 && printed.contains("NOT TO BE FLOWN") && printed.contains("BLOCKS [zone] DERBY may be entered"),
        "{printed}{complained}"
    );
    assert!(printed.contains("2175 ft AMSL") && printed.contains("record the permission"), "{printed}");

    let permission = json!({"id": "AUTH-7", "kind": "frz", "issuer": {"authority": "Derby", "phone": "01283"}, "operator": "GBR-OP-1",
        "lower": "surface", "upper": "2000 ft AMSL", "zones": ["derby-atz"],
        "windows": [{"from": "2026-05-10T08:00:00Z", "to": "2026-05-10T18:00:00Z"}],
        "history": [{"at": "2026-05-01T08:00:00Z", "to": "applied", "by": "Sgt A", "how": "e-mail"}]});
    let write = |permission: &Value| std::fs::write(folder.path().join("auth.json"), permission.to_string()).unwrap();
    let with = [&words[..], &["--authorisation", "auth.json"]].concat();
    write(&permission);
    let (code, printed, _) = plan(folder.path(), &with);
    assert!(code == 1 && printed.contains("AUTH-7 is applied, which is no permission"), "{printed}");
    let mut activated = permission;
    activated["history"]
        .as_array_mut()
        .unwrap()
        .push(json!({"at": "2026-05-10T08:30:00Z", "to": "activated", "by": "Sgt A", "how": "call, Mr B"}));
    write(&activated);
    let report = facts(folder.path(), &with);
    assert_eq!((&report["clear"], &report["authorisations"][0]["id"]), (&json!(true), &json!("AUTH-7")), "{report:#}");
    activated["history"][1]["to"] = json!("approved");
    write(&activated);
    let (code, _, complained) = plan(folder.path(), &with);
    assert!(
        code == 1
            && complained.contains("auth.json")
            && complained.contains("history[1].to: `approved` is none of draft"),
        "{complained}"
    );
}
