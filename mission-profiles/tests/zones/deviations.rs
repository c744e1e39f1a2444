//! How files of the real world differ from their standards, and what becomes of each: a table.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use mission_profiles::zones::{Dataset, Limit, Outline, Restriction, read};
use serde_json::{Value, json};

fn read_json(value: &Value) -> Dataset {
    read::dataset("zones.json", value.to_string().as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// An ED-269 zone, a few of its members others.
fn ed269(changes: &Value) -> Dataset {
    let mut zone = json!({"identifier": "ABC0001", "country": "GBR", "name": "A zone", "type": "COMMON", "restriction": "REQ_AUTHORISATION",
        "reason": ["AIR_TRAFFIC"], "applicability": [{"permanent": "YES"}], "zoneAuthority": [{"name": "Somebody", "phone": "01234"}],
        "geometry": [volume(&json!({}))]});
    merge(&mut zone, changes);
    read_json(&json!({"formatVersion": "1.0.0", "UASZoneList": [zone]}))
}

fn volume(changes: &Value) -> Value {
    let mut volume = json!({"uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": 120, "upperVerticalReference": "AGL",
        "horizontalProjection": {"type": "Polygon", "coordinates": [[[0.0, 52.0], [0.1, 52.0], [0.1, 52.1], [0.0, 52.0]]]}});
    merge(&mut volume, changes);
    volume
}

fn merge(into: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        into[name] = value.clone();
    }
}

/// kept, uncertain, refused, deviations.
fn counts(dataset: &Dataset) -> (usize, usize, usize, usize) {
    let report = &dataset.report;
    assert_eq!(report.read, report.kept + report.uncertain + report.refused.len());
    (report.kept, report.uncertain, report.refused.len(), report.deviations.len())
}

#[test]
fn understood_all_the_same() {
    let table = [
        ("American spelling", json!({"restriction": "REQ_AUTHORIZATION"}), 0),
        ("reasons is text", json!({"reason": null, "reasons": "NOISE"}), 0),
        ("identifier of 8 characters", json!({"identifier": "LSZB0003"}), 1),
        ("one authority, not a list", json!({"zoneAuthority": {"name": "Somebody"}}), 0),
        ("authority under its other name", json!({"zoneAuthority": null, "authority": [{"name": "Somebody"}]}), 0),
        (
            "dates that are empty text",
            json!({"applicability": [{"permanent": "NO", "startDateTime": "", "endDateTime": ""}]}),
            0,
        ),
        (
            "day is no list",
            json!({"applicability": [{"schedule": [{"day": "MON", "startTime": "08:00:00Z", "endTime": "17:00:00Z"}]}]}),
            0,
        ),
        ("no applicability", json!({"applicability": null}), 0),
        ("a limit as text", json!({"geometry": [volume(&json!({"lowerLimit": "0"}))]}), 0),
        ("no ceiling", json!({"geometry": [volume(&json!({"upperLimit": null}))]}), 0),
        ("one volume, not a list", json!({"geometry": volume(&json!({}))}), 0),
        (
            "a ring that is not closed",
            json!({"geometry": [volume(&json!({"horizontalProjection": {"type": "Polygon",
            "coordinates": [[[0.0, 52.0], [0.1, 52.0], [0.1, 52.1]]]}}))]}),
            1,
        ),
        (
            "longitudes beyond 180°",
            json!({"geometry": [volume(&json!({"horizontalProjection": {"type": "Polygon",
            "coordinates": [[[179.5, 52.0], [180.5, 52.0], [180.5, 52.1], [179.5, 52.0]]]}}))]}),
            1,
        ),
        (
            "a circle",
            json!({"geometry": [volume(&json!({"horizontalProjection": {"type": "Circle", "center": [0.0, 52.0], "radius": 500}}))]}),
            0,
        ),
    ];
    for (what, changes, deviations) in table {
        assert_eq!(counts(&ed269(&changes)), (1, 0, 0, deviations), "{what}: {:?}", ed269(&changes).report);
    }
}

#[test]
fn kept_larger_than_it_is() {
    let outline = |projection: Value| json!({"geometry": [volume(&json!({"horizontalProjection": projection}))]});
    let table = [
        ("a restriction of its own", json!({"restriction": "FORBIDDEN"})),
        ("a height that is none", json!({"geometry": [volume(&json!({"upperLimit": "low"}))]})),
        ("a unit that is none", json!({"geometry": [volume(&json!({"uomDimensions": "FURLONG"}))]})),
        ("a reference that is none", json!({"geometry": [volume(&json!({"upperVerticalReference": "QFE"}))]})),
        ("floor over ceiling", json!({"geometry": [volume(&json!({"lowerLimit": 200}))]})),
        ("a circle without a radius", outline(json!({"type": "Circle", "center": [0.0, 52.0], "radius": 0}))),
        (
            "a bow tie",
            outline(json!({"type": "Polygon", "coordinates": [[[0, 52], [0.1, 52.1], [0.1, 52], [0, 52.1], [0, 52]]]})),
        ),
        (
            "a corner that is none",
            outline(json!({"type": "Polygon", "coordinates": [[[0, 52], [0.1, 52.1], [0.1, 99], [0, 52]]]})),
        ),
        ("a line", outline(json!({"type": "LineString", "coordinates": [[0, 52], [0.1, 52.1]]}))),
        ("times that are none", json!({"applicability": [{"schedule": [{"day": ["MON"], "startTime": "morning"}]}]})),
        ("a day that is none", json!({"applicability": [{"schedule": [{"day": ["HOL"], "startTime": "08:00"}]}]})),
        (
            "an end before its beginning",
            json!({"applicability": [{"startDateTime": "2026-02-01T00:00:00Z", "endDateTime": "2026-01-01T00:00:00Z"}]}),
        ),
    ];
    for (what, changes) in table {
        let dataset = ed269(&changes);
        assert_eq!(counts(&dataset).1, 1, "{what}: {:?}", dataset.report);
        assert!(dataset.zones[0].is_uncertain(), "{what}");
    }
}

#[test]
fn what_has_no_place_is_refused_by_name() {
    for geometry in [
        json!([]),
        json!([volume(&json!({"horizontalProjection": {"type": "Polygon", "coordinates": []}}))]),
        json!("here"),
    ] {
        let dataset = ed269(&json!({"geometry": geometry}));
        assert_eq!(counts(&dataset).2, 1, "{geometry}");
        assert!(
            dataset.report.refused[0].to_string().starts_with("UASZoneList[0]: A zone"),
            "{}",
            dataset.report.refused[0]
        );
    }
}

#[test]
fn layers_of_ed318() {
    let feature = |geometry: Value| {
        json!({"type": "FeatureCollection", "metadata": {"issued": "2026-01-01T00:00:00Z"}, "features": [{"type": "Feature", "geometry": geometry,
            "properties": {"identifier": "ABC0001", "country": "GBR", "type": "PROHIBITED", "variant": "COMMON", "zoneAuthority": [{"purpose": "INFORMATION"}]}}]})
    };
    let square = json!({"type": "Polygon", "coordinates": [[[0.0, 52.0], [0.1, 52.0], [0.1, 52.1], [0.0, 52.0]]]});
    let bare = read_json(&feature(square.clone()));
    assert_eq!((bare.zones[0].volumes[0].lower, bare.zones[0].volumes[0].upper), (Limit::Surface, Limit::Unlimited));
    let mut layered = square.clone();
    layered["layer"] =
        json!({"upper": 400, "upperReference": "AGL", "lower": 100, "lowerReference": "AMSL", "uom": "ft"});
    let layered = read_json(&feature(layered));
    assert_eq!(layered.zones[0].volumes[0].lower.to_string(), "100 ft AMSL (30 m)");
    let collection = read_json(&feature(json!({"type": "GeometryCollection", "geometries": [square.clone(), square],
        "layer": {"upper": 50, "upperReference": "AGL"}})));
    assert!(collection.zones[0].volumes.iter().all(|volume| volume.upper.to_string() == "164 ft AGL (50 m)"));
    assert_eq!(collection.zones[0].restriction, Restriction::Prohibited);
    let point = read_json(&feature(
        json!({"type": "Point", "coordinates": [0, 52], "extent": {"subType": "Circle", "radius": 3500}}),
    ));
    assert!(matches!(point.zones[0].volumes[0].outline, Outline::Circle { radius_m: 3500.0, .. }));
}

#[test]
fn anybodys_geojson_asks_for_permission() {
    let value = json!({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "Prison", "upper": "400 ft AGL"},
        "geometry": {"type": "Polygon", "coordinates": [[[0.0, 52.0], [0.1, 52.0], [0.1, 52.1], [0.0, 52.0]]]}}]});
    let dataset = read_json(&value);
    assert_eq!((dataset.source.format, dataset.zones[0].restriction), ("GeoJSON", Restriction::AskFirst));
    assert_eq!(dataset.zones[0].volumes[0].upper.to_string(), "400 ft AGL (122 m)");
}

#[test]
fn hostile_files_are_refused_in_words() {
    let deep = "[".repeat(100_000);
    let bomb = "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f]\nairspace: *g\n";
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("depth", deep.as_bytes()),
        ("bomb", bomb.as_bytes()),
        ("binary", &[0xff, 0xfe, 0x00, 0x01]),
        ("xml", b"<?xml version=\"1.0\"?><AIXM/>"),
        ("cut", b"{\"features\": [{"),
        ("text", b"hello"),
    ] {
        let refusal = read::dataset(name, bytes).expect_err(name);
        assert!(
            refusal.to_string().starts_with(&format!("{name}: ")) && refusal.to_string().contains("; "),
            "{refusal}"
        );
    }
}
