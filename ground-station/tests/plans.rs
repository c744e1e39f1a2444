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
        made["storage_gb"].as_f64() > Some(0.1)
            && made["waypoints"].as_u64() > Some(10)
            && made["batteries"] == 1
            && made["footage_mib"].as_u64() > Some(100),
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
        ("way.gpx", "way.kmz"),
        ("way.kmz", "again.geojson"),
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
    assert!(
        printed.contains("zones from UK Airspace (illustrative): edition not stated, of unknown age: OUT OF DATE"),
        "{printed}"
    );
    let full = facts(folder.path(), &[&words[..], &["--free-gb", "0.01"]].concat());
    assert_eq!(
        (&full["editions"][0]["out_of_date"], &full["editions"][0]["illustrative"]),
        (&json!(true), &json!(true))
    );
    let rules: Vec<_> = full["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]).collect();
    assert!(rules.contains(&&json!("room")), "{full:#}");
    let (code, _, complained) = plan(folder.path(), &[&words[..], &["--battery", "101"]].concat());
    assert!(code == 2 && complained.contains("a number from 0 to 100"), "{complained}");

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

/// A moor, a road, a wall and three points.
fn features() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |north: f64, east: f64| json!([-1.9787 + east * 1.443e-5, 51.5034 + north * 8.99e-6]);
    let feature =
        |name: &str, geometry: Value| json!({"type": "Feature", "properties": {"name": name}, "geometry": geometry});
    let line = |name: &str, places: Value| feature(name, json!({"type": "LineString", "coordinates": places}));
    let point = |name: &str, place: Value| feature(name, json!({"type": "Point", "coordinates": place}));
    let moor = json!([[at(0.0, 0.0), at(400.0, 0.0), at(400.0, 150.0), at(0.0, 150.0), at(0.0, 0.0)]]);
    let drawing = json!({"type": "FeatureCollection", "features": [
        feature("Moor", json!({"type": "Polygon", "coordinates": moor})),
        line("Road", json!([at(0.0, 0.0), at(200.0, 10.0), at(300.0, 100.0)])),
        line("Wall", json!([at(50.0, 0.0), at(50.0, 30.0)])),
        point("A", at(10.0, 10.0)), point("B", at(60.0, 10.0)), point("C", at(60.0, 70.0)),
    ]});
    std::fs::write(folder.path().join("drawing.geojson"), drawing.to_string()).unwrap();
    folder
}

const AT: [&str; 4] = ["--home", "51.5034,-1.9787", "--profile", "training"];

#[test]
fn every_pattern_is_made_shown_and_drawn() {
    let folder = features();
    let rows: [(&str, &[&str], u64); 10] = [
        ("survey", &["--gsd", "2", "--overlap", "80", "--sidelap", "60"], 4),
        ("parallel-track", &["--spacing", "50"], 6),
        ("creeping-line", &["--spacing", "50"], 16),
        ("expanding-square", &["--spacing", "50", "--reach", "120"], 10),
        ("sector", &["--reach", "150"], 19),
        ("corridor", &["--width", "60", "--shape", "Road"], 6),
        ("orbit", &["--radius", "30"], 25),
        ("perimeter", &["--radius", "40"], 9),
        ("facade", &["--shape", "Wall", "--radius", "8", "--low", "3", "--height", "18", "--spacing", "5"], 8),
        ("free", &["--shape", "Road"], 3),
    ];
    for (pattern, more, waypoints) in rows {
        let (out, map) = (format!("{pattern}.plan"), format!("{pattern}.svg"));
        let words = [&MAKE[..5], &AT, &["--pattern", pattern, "--out", &out], more].concat();
        let made = facts(folder.path(), &words);
        assert!(made["waypoints"].as_u64() >= Some(waypoints), "{pattern}: {made:#}");
        assert!(made["distance_m"].as_f64() > Some(50.0) && made["battery_percent"].as_f64() > Some(1.0), "{made:#}");
        let shown = facts(folder.path(), &["show", &out, "--map", &map]);
        assert_eq!(shown["ends"], true, "{pattern}");
        let far_m = (shown["distance_m"].as_f64().unwrap() - made["distance_m"].as_f64().unwrap()).abs();
        assert!(far_m < 5.0, "{pattern}: what is made is what is shown: {made:#} {shown:#}");
        assert!(std::fs::read_to_string(folder.path().join(map)).unwrap().contains("<polyline"));
    }
    // From 2 cm a pixel follow the height, the spacing, the pictures.
    let words = [&MAKE[..5], &AT, &["--pattern", "survey", "--gsd", "2", "--out", "gsd.plan"]].concat();
    let made = facts(folder.path(), &words);
    assert_eq!(
        (&made["height_m"], &made["gsd_cm"], &made["footprint_m"]),
        (&json!(27.4), &json!(2.0), &json!([38.4, 21.6])),
        "{made:#}"
    );
    // Without a line the points are flown, in their order.
    let gpx = r#"<gpx><wpt lat="51.5035" lon="-1.9787"/><wpt lat="51.504" lon="-1.9787"/><wpt lat="51.504" lon="-1.978"/></gpx>"#;
    std::fs::write(folder.path().join("points.gpx"), gpx).unwrap();
    let words =
        [&["make", "--drawing", "points.gpx", "--home-amsl", "100"], &AT[..], &["--out", "points.plan"]].concat();
    assert_eq!(facts(folder.path(), &words)["waypoints"], 3);
}

#[test]
fn a_long_search_is_split_over_batteries() {
    let folder = features();
    let words = [
        &MAKE[..5],
        &AT,
        &["--pattern", "creeping-line", "--spacing", "15", "--endurance-min", "6", "--split", "--out", "moor.plan"],
    ]
    .concat();
    let made = facts(folder.path(), &words);
    let batteries = made["batteries"].as_u64().unwrap();
    assert!(batteries > 1, "{made:#}");
    let parts: Vec<_> =
        (1..=batteries).map(|part| facts(folder.path(), &["show", &format!("moor-{part}.plan")])).collect();
    assert!(!folder.path().join(format!("moor-{}.plan", batteries + 1)).exists());
    for part in parts {
        // Six minutes less the training profile's reserve.
        assert!(part["ends"] == true && part["duration_s"].as_f64() < Some(360.0), "{part:#}");
    }
    let short = [
        &MAKE[..5],
        &AT,
        &["--pattern", "free", "--shape", "Road", "--endurance-min", "0.5", "--split", "--out", "x.plan"],
    ]
    .concat();
    let (code, _, complained) = plan(folder.path(), &short);
    assert!(code == 1 && complained.contains("takes longer than a battery"), "{complained}");
}

#[test]
fn a_change_touches_nothing_else() {
    let folder = features();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mission-profiles/tests/data");
    let scan = data.join("qgroundcontrol_sample_with_structured_scan.plan");
    let words = [
        "change",
        scan.to_str().unwrap(),
        "--home",
        "51.5034,-1.9787",
        "--home-amsl",
        "142",
        "--fence",
        "drawing.geojson",
        "--rally",
        "drawing.geojson",
        "--out",
        "fenced.plan",
    ];
    let (code, _, complained) = plan(folder.path(), &words);
    assert_eq!(code, 0, "{complained}");
    let read = |path: &Path| serde_json::from_slice::<Value>(&std::fs::read(path).unwrap()).unwrap();
    let (before, mut after) = (read(&scan), read(&folder.path().join("fenced.plan")));
    assert_eq!(
        (
            after["geoFence"]["polygons"].as_array().unwrap().len(),
            after["rallyPoints"]["points"].as_array().unwrap().len()
        ),
        (1, 3)
    );
    assert_eq!(after["mission"]["plannedHomePosition"], json!([51.5034, -1.9787, 142.0]));
    for (part, key) in [("geoFence", "polygons"), ("rallyPoints", "points"), ("mission", "plannedHomePosition")] {
        after[part][key] = before[part][key].clone();
    }
    assert_eq!(after, before);
    assert_eq!(plan(folder.path(), &["convert", scan.to_str().unwrap(), "same.plan"]).0, 0);
    assert_eq!(std::fs::read(folder.path().join("same.plan")).unwrap(), std::fs::read(&scan).unwrap());
    let (code, _, complained) = plan(folder.path(), &["change", scan.to_str().unwrap(), "--out", "x.plan"]);
    assert!(code == 2 && complained.contains("--fence"), "{complained}");
}

#[test]
fn a_profile_says_which_pattern_and_with_which_numbers() {
    let folder = features();
    let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mission-profiles/profiles/training.toml");
    let text = std::fs::read_to_string(profile).unwrap();
    let before = text.split("[pattern]").next().unwrap();
    for (pattern, shape, waypoints) in [
        ("kind = \"parallel-track\"\nheight_m = 40\nspacing_m = 51", "Moor", 6),
        ("kind = \"creeping-line\"\nheight_m = 40\nspacing_m = 51", "Moor", 16),
        ("kind = \"corridor\"\nheight_m = 40\nwidth_m = 30\nsidelap_percent = 60", "Road", 6),
        ("kind = \"facade\"\nheight_m = 18\nlow_m = 3\nspacing_m = 5\nstandoff_m = 8", "Wall", 8),
        ("kind = \"sector\"\nheight_m = 40\nradius_m = 60", "A", 19),
    ] {
        std::fs::write(folder.path().join("own.toml"), format!("{before}[pattern]\n{pattern}\n")).unwrap();
        let words = [
            &MAKE[..5],
            &["--home", "51.5034,-1.9787", "--profile", "own.toml", "--shape", shape, "--out", "own.plan"],
        ]
        .concat();
        let made = facts(folder.path(), &words);
        assert_eq!(made["waypoints"], waypoints, "{pattern}: {made:#}");
        std::fs::remove_file(folder.path().join("own.plan")).unwrap();
    }
    std::fs::write(
        folder.path().join("own.toml"),
        format!("{before}[pattern]\nkind = \"creeping-lines\"\nheight_m = 40\n"),
    )
    .unwrap();
    let words = [&MAKE[..5], &["--home", "51.5034,-1.9787", "--profile", "own.toml", "--out", "own.plan"]].concat();
    let (code, _, complained) = plan(folder.path(), &words);
    assert!(code == 1 && complained.contains("did you mean `creeping-line`?"), "{complained}");
}
