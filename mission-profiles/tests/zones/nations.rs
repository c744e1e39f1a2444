//! What the files of states and clubs do that no standard has, each made small: what becomes of it, limit by limit, place by place.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use mission_profiles::place::Position;
use mission_profiles::zones::{Dataset, Index, Kind, Outline, Reach, Restriction, read};
use serde_json::{Value, json};

fn read_text(text: &str) -> Dataset {
    let dataset = read::dataset("zones", text.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}"));
    let report = &dataset.report;
    assert_eq!(report.read, report.kept + report.uncertain + report.refused.len(), "{text}");
    dataset
}

fn read_json(value: &Value) -> Dataset {
    read_text(&value.to_string())
}

/// Whether somewhere in `dataset` this place is inside a volume.
fn is_inside(dataset: &Dataset, lat_deg: f64, lon_deg: f64) -> bool {
    let place = Position::new(lat_deg, lon_deg).unwrap();
    let datasets = std::slice::from_ref(dataset);
    !Index::new(datasets).beside(Reach { from: place, to: place, home: None, within_m: 0.0 }).is_empty()
}

/// Floor, ceiling, restriction, and whether it was read whole.
fn told(dataset: &Dataset) -> String {
    let zone = &dataset.zones[0];
    let volume = &zone.volumes[0];
    let doubt = if zone.is_uncertain() { "?" } else { "" };
    format!("{}..{} {}{doubt}", volume.lower, volume.upper, zone.restriction.word())
}

fn square(west: f64, south: f64, side: f64) -> Value {
    let (east, north) = (west + side, south + side);
    json!([[west, south], [east, south], [east, north], [west, north], [west, south]])
}

fn feature(geometry: &Value, properties: &Value) -> Value {
    json!({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": geometry, "properties": properties}]})
}

fn polygon(coordinates: &Value) -> Value {
    json!({"type": "Polygon", "coordinates": coordinates})
}

fn zone269() -> Value {
    json!({"identifier": "ABC0001", "country": "LUX", "name": "A zone", "type": "COMMON", "restriction": "PROHIBITED", "reason": ["OTHER"],
        "applicability": [{"permanent": "YES"}], "geometry": [{"uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL",
        "upperLimit": 120, "upperVerticalReference": "AGL", "horizontalProjection": polygon(&json!([square(6.1, 49.6, 0.1)]))}]})
}

#[test]
fn limits_stand_where_states_put_them() {
    let at = polygon(&json!([square(6.1, 49.6, 0.1)]));
    let kind = json!({"type": "REQ_AUTHORIZATION", "identifier": "A", "name": "A"});
    let with = |more: &Value| {
        let mut properties = kind.clone();
        more.as_object().unwrap().iter().for_each(|(name, value)| properties[name] = value.clone());
        told(&read_json(&feature(&at, &properties)))
    };
    let low = "surface..394 ft AGL (120 m) permission needed";
    for (what, properties, expected) in [
        (
            "a layer among the properties",
            json!({"verticalLayer": {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "UOM": ""}}),
            low,
        ),
        (
            "capitals in the unit's name",
            json!({"verticalLayer": {"lower": 150, "lowerReference": "AGL", "upper": 400, "upperReference": "AGL", "UOM": "FT"}}),
            "150 ft AGL (46 m)..400 ft AGL (122 m) permission needed",
        ),
        ("flat", json!({"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "M"}), low),
        (
            "a volume of ED-269",
            json!({"geometry": {"uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": 120,
            "upperVerticalReference": "AGL"}}),
            low,
        ),
        ("short names", json!({"lower": 0, "lowerRef": "AGL", "upper": 120, "upperRef": "AGL", "uom": "M"}), low),
        ("texts with a unit", json!({"lower": "SFC", "upper": "120 M AGL"}), low),
        (
            "a unit in the value, a datum beside it",
            json!({"lower": 0, "upper": "120 m", "upperReference": "AGL", "uom": "M"}),
            low,
        ),
        (
            "no unit",
            json!({"lower": 100, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL"}),
            "100 ft AGL (30 m)..394 ft AGL (120 m) permission needed?",
        ),
        (
            "a ceiling on the ground",
            json!({"lower": 0, "lowerReference": "AGL", "upper": 0, "upperReference": "AGL", "uom": "M"}),
            "surface..unlimited permission needed?",
        ),
        (
            "a ceiling below the sea",
            json!({"lower": 0, "lowerReference": "AGL", "upper": -1, "upperReference": "AMSL", "uom": "M"}),
            "surface..unlimited permission needed?",
        ),
        (
            "a floor at the sea",
            json!({"lower": 0, "lowerReference": "AMSL", "upper": 120, "upperReference": "AGL", "uom": "M"}),
            low,
        ),
        (
            "floor and ceiling one",
            json!({"lower": 50, "lowerReference": "AGL", "upper": 50, "upperReference": "AGL", "uom": "M"}),
            "surface..unlimited permission needed?",
        ),
    ] {
        assert_eq!(with(&properties), expected, "{what}");
    }
}

#[test]
fn flight_levels_in_columns_and_numbers_of_openaip() {
    let at = polygon(&json!([square(6.1, 49.6, 0.1)]));
    let german = json!({"name": ["ED-R 1"], "type_code_detail": "RESTRICTED", "lower_limit_altitude": 0.0, "lower_limit_alt_ref": "AGL", "lower_limit_unit": "m",
        "upper_limit_altitude": 100.0, "upper_limit_alt_ref": "PA", "upper_limit_unit": "FL"});
    let german = read_json(&feature(&at, &german));
    assert_eq!((told(&german), german.zones[0].name.as_str()), ("surface..FL100 prohibited".into(), "ED-R 1"));
    let openaip = json!({"_id": "6259", "name": "CTR", "type": 4, "icaoClass": 3, "lowerLimit": {"value": 0, "unit": 1, "referenceDatum": 0},
        "upperLimit": {"value": 2500, "unit": 1, "referenceDatum": 1}});
    let openaip = read_json(&feature(&at, &openaip));
    assert_eq!(told(&openaip), "surface..2500 ft AMSL (762 m) permission needed");
    assert_eq!((openaip.zones[0].kind, openaip.zones[0].identifier.as_str()), (Kind::Aerodrome, "6259"));
}

#[test]
fn rings_that_are_no_holes_are_not_cut_out() {
    let outer = square(6.0, 49.0, 1.0);
    let held = |rings: &Value, lat: f64, lon: f64| {
        let dataset = read_json(&feature(&polygon(rings), &json!({"name": "A"})));
        (is_inside(&dataset, lat, lon), dataset.zones[0].is_uncertain())
    };
    assert_eq!(held(&json!([outer, square(6.4, 49.4, 0.2)]), 49.5, 6.5), (false, false), "a hole is one");
    assert_eq!(held(&json!([outer, square(8.0, 49.4, 0.2)]), 49.5, 8.1), (true, false), "a ring far off is a part");
    assert_eq!(
        held(&json!([outer, square(6.9, 49.4, 0.2)]), 49.5, 6.95),
        (true, true),
        "one across the rim cuts out nothing"
    );
    assert_eq!(held(&json!([outer, outer]), 49.5, 6.5), (true, true), "the same ring again cuts out nothing");
    assert_eq!(
        held(&json!([outer, square(6.2, 49.2, 0.6), square(6.4, 49.4, 0.1)]), 49.45, 6.45),
        (true, true),
        "an island in a hole is a part"
    );
    let tie = json!([[6.4, 49.4], [6.6, 49.6], [6.6, 49.4], [6.4, 49.6], [6.4, 49.4]]);
    assert_eq!(held(&json!([outer, tie]), 49.5, 6.45), (true, true), "a hole that crosses itself cuts out nothing");
    // Corners on the rim are no crossing.
    assert_eq!(held(&json!([outer, square(6.0, 49.4, 0.2)]), 49.5, 6.1), (false, false));
}

#[test]
fn coordinates_in_other_clothes() {
    let corners = [[6.0, 49.0], [7.0, 49.0], [7.0, 50.0], [6.0, 49.0]];
    let named: Vec<_> =
        corners.iter().map(|[lon, lat]| json!({"LON": lon.to_string(), "LAT": lat.to_string()})).collect();
    let texts: Vec<_> = corners.iter().map(|[lon, lat]| json!([lon.to_string(), lat.to_string()])).collect();
    let high: Vec<_> = corners.iter().map(|[lon, lat]| json!([lon, lat, 120.0])).collect();
    for (what, geometry) in [
        ("members", polygon(&json!([named]))),
        ("texts", polygon(&json!([texts]))),
        ("heights", polygon(&json!([high]))),
        ("a level too few", polygon(&json!(corners))),
        ("a level too many", polygon(&json!([[corners]]))),
        ("several, a level too few", json!({"type": "MultiPolygon", "coordinates": [corners]})),
        ("capitals", json!({"type": "POLYGON", "coordinates": [corners]})),
        ("no type", json!({"coordinates": [corners]})),
    ] {
        let dataset = read_json(&feature(&geometry, &json!({"name": "A"})));
        assert!(is_inside(&dataset, 49.3, 6.8) && !is_inside(&dataset, 49.8, 6.1), "{what}: {:?}", dataset.report);
        assert!(!dataset.zones[0].is_uncertain(), "{what}");
    }
}

#[test]
fn radii_of_points() {
    let point = |geometry: Value, properties: Value| {
        let dataset = read_json(&feature(&geometry, &properties));
        let Outline::Circle { radius_m, .. } = dataset.zones[0].volumes[0].outline else { panic!("no circle") };
        (radius_m, dataset.zones[0].is_uncertain())
    };
    let at = |extent: Value| json!({"type": "Point", "coordinates": [6, 49], "extent": extent});
    assert_eq!(point(at(json!({"subType": "Circle", "radius": 1852.0})), json!({})), (1852.0, false));
    assert_eq!(point(at(json!(null)), json!({"extent": {"subType": "Circle", "radius": 500}})), (500.0, false));
    assert_eq!(point(at(json!(null)), json!({"radius": 5000})), (5000.0, false));
    // Kilometres, miles? Nobody knows.
    assert_eq!(point(at(json!(null)), json!({"radius": 5})), (9260.0, true));
    assert_eq!(point(at(json!(null)), json!({})), (9260.0, true));
    assert_eq!(point(at(json!({"radius": -3})), json!({})), (9260.0, true));
}

#[test]
fn longitude_and_latitude_the_wrong_way_round_are_kept_at_both_places() {
    let mut zone = zone269();
    zone["geometry"][0]["horizontalProjection"] = polygon(&json!([square(49.6, 6.1, 0.1)]));
    let dataset = read_json(&json!({"features": [zone]}));
    assert!(is_inside(&dataset, 49.65, 6.15) && is_inside(&dataset, 6.15, 49.65));
    assert!(dataset.zones[0].is_uncertain());
    // A state's land overseas is no mistake.
    let mut overseas = zone269();
    overseas["country"] = json!("FRA");
    overseas["geometry"][0]["horizontalProjection"] = polygon(&json!([square(-52.7, 4.8, 0.1)]));
    assert!(!read_json(&json!({"features": [overseas]})).zones[0].is_uncertain());
}

#[test]
fn lists_of_zones_in_every_wrapper() {
    let zone = zone269();
    for (what, file) in [
        ("a list alone", json!([zone, zone])),
        ("two lists", json!({"0": {"features": [zone]}, "1": {"features": [zone]}})),
        ("a list beside the list", json!({"features": [zone], "temporary": {"features": [zone]}})),
        ("a first item of another kind", json!([{"title": "x"}, zone, zone])),
        ("an answer of a service", json!({"genericReply": {"status": "OK"}, "UASZoneList": [zone, zone]})),
        ("a version", json!({"UASZoneVersion": {"title": "x", "features": [zone, zone]}})),
    ] {
        let report = read_json(&file).report;
        assert_eq!(report.kept, 2, "{what}: {report:?}");
    }
    let refusal = |file: &Value| read::dataset("zones", file.to_string().as_bytes()).unwrap_err().to_string();
    let mut metres = feature(&polygon(&json!([square(6.1, 49.6, 0.1)])), &json!({}));
    metres["crs"] = json!({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}});
    assert!(refusal(&metres).contains("export the dataset in WGS 84"), "{}", refusal(&metres));
}

#[test]
fn words_of_estonia_and_spain() {
    let at = polygon(&json!([square(25.0, 58.8, 0.1)]));
    // COMMON is the zone's type, the restriction has a name of its own.
    let estonia = json!({"identifier": "EE1", "type": "COMMON", "restriction": "REQ_AUTHORISATION", "reason": "Air traffic", "lower": "SFC", "upper": "120 M AGL",
        "applicability": [{"permanent": "YES", "schedule": []}]});
    assert_eq!(told(&read_json(&feature(&at, &estonia))), "surface..394 ft AGL (120 m) permission needed");
    let spain = json!({"UASZone": {"identifier": "LE45", "country": "ESP", "name": "BADAJOZ", "type": "REQ_AUTHORIZATION", "reasons": "AIR_TRAFFIC"},
        "limitedApplicability": [{"startDateTime": "", "endDateTime": "", "schedule": [{"day": "ANY", "startTime": "", "startEvent": "", "endTime": "", "endEvent": ""}]}],
        "zoneAuthority": [{"purpose": "AUTHORIZATION", "phone": "+34 1"}], "verticalLayer": {"upper": 900, "upperReference": "AGL", "lower": 45, "lowerReference": "AGL", "UOM": "M"}});
    let spain = read_json(&feature(&at, &spain));
    assert_eq!(told(&spain), "148 ft AGL (45 m)..2953 ft AGL (900 m) permission needed");
    let zone = &spain.zones[0];
    assert_eq!(
        (zone.identifier.as_str(), zone.name.as_str(), zone.authorities[0].phone.as_str()),
        ("LE45", "BADAJOZ", "+34 1")
    );
    assert_eq!((zone.reasons.as_slice(), zone.applicability.len()), (&["AIR_TRAFFIC".to_owned()][..], 1));
    let flat = json!({"identifier": "INF1", "type": "REQ_AUTHORIZATION", "name": "Works", "name_authority": "Port", "email": "a@b.es", "lower": 0, "upper": 92.1,
        "lowerReference": "AGL", "upperReference": "AGL", "uom": "M", "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "", "day": "ANY"});
    let flat = read_json(&feature(&at, &flat));
    let zone = &flat.zones[0];
    assert_eq!((zone.authorities[0].name.as_str(), zone.authorities[0].email.as_str()), ("Port", "a@b.es"));
    assert_eq!(
        (told(&flat).as_str(), zone.applicability[0].from.is_some()),
        ("surface..302 ft AGL (92 m) permission needed", true)
    );
    // NONE is a word of no standard: nothing is given away by it.
    assert_eq!(
        read_json(&feature(&at, &json!({"zoneAuthority": [], "restriction": "NONE"}))).zones[0].restriction,
        Restriction::Prohibited
    );
}

#[test]
fn texts_that_are_not_quite_json() {
    let file = json!({"features": [zone269()]}).to_string();
    let zone = zone269().to_string();
    assert_eq!(read_text(&format!("{{\"features\": [{zone},]}}")).report.kept, 1, "a comma too many");
    let unnumbered = zone.replace("\"upperLimit\":120", "\"upperLimit\":NaN");
    assert_eq!(told(&read_text(&format!("{{\"features\": [{unnumbered}]}}"))), "surface..unlimited prohibited?");
    let wide = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
        let text = file.replace("A zone", "Zürich").encode_utf16().flat_map(bytes).collect::<Vec<_>>();
        let dataset = read::dataset("zones", &[&mark[..], &text].concat()).unwrap();
        assert_eq!(dataset.zones[0].name, "Zürich");
    };
    wide([0xff, 0xfe], u16::to_le_bytes);
    wide([0xfe, 0xff], u16::to_be_bytes);
    let latin: Vec<u8> =
        file.replace("A zone", "Z~rich").bytes().map(|byte| if byte == b'~' { 0xfc } else { byte }).collect();
    assert_eq!(read::dataset("zones", &latin).unwrap().zones[0].name, "Zürich");
    assert_eq!(
        read_text(&format!("\u{feff}{}", file.replace(',', ",\r\n"))).report.kept,
        1,
        "a mark, and carriage returns"
    );
    for (twice, refused) in
        [("{\"features\": [], \"features\": [1]}", true), ("{\"a\": 1, \"a\": 1, \"features\": [1]}", false)]
    {
        let read = read::dataset("zones", twice.as_bytes());
        let said = read.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert_eq!(said.contains("`features` stands twice"), refused, "{twice}: {said}");
    }
}

/// An airspace of OpenAir, its outline a square.
fn openair(head: &str) -> Dataset {
    read_text(&format!(
        "{head}\nDP 49:00:00 N 006:00:00 E\nDP 49:00:00 N 006:10:00 E\nDP 49:10:00 N 006:10:00 E\nDP 49:10:00 N 006:00:00 E\n"
    ))
}

#[test]
fn limits_of_openair() {
    for (limits, expected) in [
        ("AL SFC\nAH UNL FT", "surface..unlimited prohibited"),
        ("AL 0 FT\nAH 18000' MSL", "surface..18000 ft AMSL (5486 m) prohibited"),
        ("AL FL 0\nAH FL 95", "surface..FL095 prohibited"),
        ("AL 1000 GND\nAH 2000FtAMSL", "1000 ft AGL (305 m)..2000 ft AMSL (610 m) prohibited"),
        ("AL 100M ASFC\nAH 14501ft STD", "328 ft AGL (100 m)..FL145 prohibited"),
        ("AL 0 AGL\nAH 1676mSL", "surface..unlimited prohibited?"),
        ("AL NOTAM\nAH NOTAM", "surface..unlimited prohibited?"),
        ("AL SFC\nAH 15000ft (Mo-Fri)", "surface..unlimited prohibited?"),
        ("AL 6627 ft\nAH 6627 ft", "surface..unlimited prohibited?"),
    ] {
        assert_eq!(told(&openair(&format!("AC R\nAN A\n{limits}"))), expected, "{limits}");
    }
}

#[test]
fn classes_of_openair() {
    for (head, expected) in [
        ("AC R * a remark", "prohibited"),
        ("AC UNC\nAY PROHIBITED", "prohibited"),
        ("AC UNCLASSIFIED\nAY AERIAL_SPORTING_RECREATIONAL", "conditions"),
        ("AC D\nAY TMA", "no restriction"),
        ("AC D", "permission needed"),
        ("AC CLASS E", "no restriction"),
        ("AC UKN", "permission needed"),
        ("AC XYZ", "permission needed?"),
        ("AC R\nAY XYZ", "prohibited"),
    ] {
        let dataset = openair(&format!("{head}\nAN A\nAL SFC\nAH 1000 ft"));
        assert!(told(&dataset).ends_with(&format!(") {expected}")), "{head}: {}", told(&dataset));
    }
    assert!(told(&openair("AC D\nAN A\nAL 1500 ft\nAH FL 95")).ends_with("no restriction"));
}

#[test]
fn blocks_of_openair() {
    let place = "DP 49:00:00 N 006:00:00 E\nDP 49:00:00 N 006:10:00 E\nDP 49:10:00 N 006:10:00 E\n";
    let names = |text: &str| {
        let dataset = read_text(text);
        let told =
            |zone: &mission_profiles::zones::Zone| format!("{} {:?} {}", zone.name, zone.kind, zone.volumes.len());
        (dataset.zones.iter().map(told).collect::<Vec<_>>().join(", "), dataset.report.refused.len())
    };
    let limits = "AL GND\nAH 1000 ft\n";
    // Names that come before the classes are not those of the airspaces before.
    let named_first = format!("AN One\nAC P\n{limits}{place}\nAN Two\nAC R\n{limits}{place}");
    assert_eq!(names(&named_first), ("One Prohibited 1, Two Restricted 1".into(), 0));
    // A table of colours is no airspace, nor is a lake.
    let colours = format!(
        "AC P\nSP 0,2,255,0,0\nSB -1,-1,-1\n\nAC R\nAN One\n{limits}{place}\nTC Lake\nSP 0,1,0,0,0\n{place}\nAC Q\nAN Two\n{limits}{place}"
    );
    assert_eq!(names(&colours), ("One Restricted 1, Two Danger 1".into(), 0));
    // An arc without a centre goes round that of the airspace before.
    let inherited = format!(
        "AC C\nAN One\n{limits}V X=49:05:00 N 006:05:00 E\nDC 5\n\nAC C\nAN Two\n{limits}DA 10,9,130\nV D=-\nDA 5,130,9\n"
    );
    assert_eq!(names(&inherited), ("One Controlled 1, Two Controlled 1".into(), 0));
    // Lines that end in a carriage return alone, remarks after a semicolon, words after a place.
    let old = format!("; remark\nAC R\nAN One\n{limits}{}", place.replace(" E\n", " E    c29\n")).replace('\n', "\r");
    assert_eq!(names(&old), ("One Restricted 1".into(), 0));
    let commas = format!(
        "AC R\nAN One\n{limits}V X=49:05.000N,006:05.000E\nDB 49:10.000N,006:05.000E,49:05.000N,006:12.640E\nDP 49:05.000N,006:05.000E\n"
    );
    assert_eq!(names(&commas), ("One Restricted 1".into(), 0));
    let times = read_text(&format!("AC R\nAN One\nAA 2026-04-17T00:00Z/2027-04-14T24:00Z\n{limits}{place}"));
    assert_eq!(times.zones[0].applicability[0].to.unwrap().to_string(), "2027-04-15T00:00:00Z");
    let dialect = read_text(&format!("AC R\nAN One\nAW FRI.0800-1600\n{limits}{place}"));
    assert!(dialect.zones[0].is_uncertain() && dialect.zones[0].applicability.is_empty());
}

#[test]
fn lines_there_and_back_enclose_nothing() {
    let dataset = read_json(&feature(
        &polygon(&json!([[[6.0, 49.0], [6.1, 49.1], [6.2, 49.2], [6.1, 49.1], [6.0, 49.0]]])),
        &json!({"name": "A"}),
    ));
    assert!(dataset.zones[0].is_uncertain() && is_inside(&dataset, 49.12, 6.1));
}
