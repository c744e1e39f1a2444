//! Plans and drawings that we write come back as they were.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mission_profiles::place::Position;
use mission_profiles::plan_files::{Drawing, Item, Named, Plan, Shape};
use proptest::prelude::*;

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Equal, not-a-number being equal to itself.
fn same(a: &Plan, b: &Plan) -> bool {
    let bits = |item: &Item| {
        (item.frame, item.command, item.autocontinue, item.params.map(canonical), item.x, item.y, canonical(item.z))
    };
    let list = |items: &[Item]| items.iter().map(bits).collect::<Vec<_>>();
    a.planned_home == b.planned_home
        && list(&a.mission) == list(&b.mission)
        && list(&a.fence) == list(&b.fence)
        && list(&a.rally) == list(&b.rally)
}

fn canonical(value: f32) -> u32 {
    if value.is_nan() { u32::MAX } else { value.to_bits() }
}

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![3 => -1e6_f32..1e6, 1 => Just(f32::NAN), 1 => Just(0.0)]
}

prop_compose! {
    fn item()(
        command in prop::sample::select(vec![16_u16, 17, 19, 20, 21, 22, 82, 178, 206, 530, 2000]), frame in prop::sample::select(vec![0_u8, 2, 3, 10]),
        autocontinue in any::<bool>(), params in prop::array::uniform4(number()), x in -900_000_000..900_000_000_i32,
        y in -1_800_000_000..1_800_000_000_i32, z in number(),
    ) -> Item {
        Item { frame, command, autocontinue, params, x, y, z }
    }
}

proptest! {
    #[test]
    fn a_mission_comes_back(mission in prop::collection::vec(item(), 0..20), home in prop::option::of((-90.0..90.0_f64, -180.0..180.0_f64, 0.0..900.0_f64))) {
        let planned_home = home.map(|(lat, lon, height_m)| [(lat * 1e8).round() / 1e8, (lon * 1e8).round() / 1e8, (height_m * 8.0).round() / 8.0]);
        let plan = Plan { planned_home, mission, fence: Vec::new(), rally: Vec::new() };
        prop_assert!(same(&Plan::read(&plan.write(8.0)).unwrap(), &plan));
        let text = plan.write_waypoints();
        // Without a home of its own, a first waypoint above the sea is taken for one: so it is written with one.
        if plan.planned_home.is_some() {
            let back = Plan::read_waypoints(&text).unwrap();
            prop_assert!(same(&back, &plan), "{text}");
        }
    }

    #[test]
    fn no_damage_makes_an_archive_panic(at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 0..6)) {
        let mut bytes = drawing().to_kmz().unwrap();
        let at = at.index(bytes.len());
        let end = (at + with.len()).min(bytes.len());
        bytes.splice(at..end, with);
        let _ = Drawing::read(&bytes);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "(QGC WPL 110\n)?[0-9\t .\n-]{0,200}|<(kml|gpx)[ <>a-zA-Z/=\"0-9.,]{0,200}|\\{[a-z\":\\[\\],0-9]{0,100}") {
        let _ = Plan::read_waypoints(&text);
        let _ = Drawing::read(text.as_bytes());
    }
}

#[test]
fn fences_rally_points_and_jumps_come_back() {
    for name in [
        "qgroundcontrol_sample.plan",
        "qgroundcontrol_sample_with_survey.plan",
        "qgroundcontrol_sample_with_digicam_control.plan",
    ] {
        let plan = Plan::read(&data(name)).unwrap();
        assert!(same(&Plan::read(&plan.write(5.0)).unwrap(), &plan), "{name}");
    }
    let corner = |command: u16, count: f32, x: i32| Item {
        frame: 3,
        command,
        autocontinue: true,
        params: [count, 0.0, 0.0, 0.0],
        x,
        y: 5,
        z: 0.0,
    };
    let jump = Item { frame: 2, command: 177, autocontinue: true, params: [0.0, 2.0, 0.0, 0.0], x: 0, y: 0, z: 0.0 };
    let way = Item { frame: 3, command: 16, autocontinue: true, params: [0.0; 4], x: 1, y: 2, z: 30.0 };
    let plan = Plan {
        planned_home: Some([52.0, -1.0, 80.0]),
        mission: vec![way, jump],
        fence: [1, 2, 3]
            .map(|x| corner(5001, 3.0, x))
            .into_iter()
            .chain([4, 5, 6, 7].map(|x| corner(5002, 4.0, x)))
            .chain([corner(5003, 200.0, 8)])
            .collect(),
        rally: vec![Item { z: 40.0, ..corner(5100, 0.0, 9) }],
    };
    let back = Plan::read(&plan.write(5.0)).unwrap();
    assert!(same(&back, &plan), "{back:?}");
}

#[test]
fn waypoints_of_mission_planner() {
    let plan = Plan::read_waypoints(std::str::from_utf8(&data("mission_planner_sample.txt")).unwrap()).unwrap();
    assert_eq!((plan.mission.len(), plan.mission[0].command, plan.planned_home), (4, 22, None));
    let home = Plan::read_waypoints(
        "QGC WPL 110\n0\t1\t0\t16\t0\t0\t0\t0\t52.5\t-1.5\t80\t1\n1\t0\t3\t22\t0\t0\t0\t0\t0\t0\t20\t1\n",
    )
    .unwrap();
    assert_eq!((home.planned_home, home.mission.len()), (Some([52.5, -1.5, 80.0]), 1));
    for (text, said) in [
        ("", "line 1: it is empty"),
        ("QGC WPL 120\n", "line 1: this version"),
        ("QGC WPL 110\n0\t1\t3\t16\n", "line 2: it has 4 fields"),
        ("QGC WPL 110\n1\t1\t3\t16\t0\t0\t0\t0\t1\t1\t1\t1\n", "line 2: it is numbered 1"),
        ("QGC WPL 110\n0\t1\t3\t16\t0\t0\t0\t0\t91\t1\t1\t1\n", "line 2: there is no place at 91"),
    ] {
        let error = Plan::read_waypoints(text).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
}

fn drawing() -> Drawing {
    let at = |lat: f64, lon: f64| Position::new(lat, lon).unwrap();
    let named = |name: &str, shape| Named { name: name.into(), shape };
    Drawing {
        shapes: vec![
            named("Last seen <here> & there", Shape::Point(at(52.1, -1.2))),
            named("Path", Shape::Line(vec![at(52.1, -1.2), at(52.2, -1.3), at(52.3, -1.25)])),
            named("Field", Shape::Area(vec![at(52.0, -1.0), at(52.0, -1.1), at(52.1, -1.1)])),
        ],
    }
}

#[test]
fn drawings_come_back() {
    let drawing = drawing();
    assert_eq!(Drawing::read(drawing.to_kml().as_bytes()).unwrap(), drawing);
    let packed = drawing.to_kmz().unwrap();
    assert_eq!((Drawing::read(&packed).unwrap(), drawing.to_kmz().unwrap()), (drawing.clone(), packed));
    assert_eq!(Drawing::read(drawing.to_geojson().to_string().as_bytes()).unwrap(), drawing);
    let gpx = Drawing::read(drawing.to_gpx().as_bytes()).unwrap();
    assert_eq!(gpx.shapes[..2], drawing.shapes[..2]);
    assert_eq!(gpx.shapes[2].shape.places().len(), 4, "an area is a route that returns");
}

#[test]
fn drawings_of_others() {
    let kml = r#"<?xml version="1.0"?><kml xmlns="http://earth.google.com/kml/2.1"><Document><Folder><Placemark><name>A</name>
        <MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>
          -1.0,52.0,0 -1.1,52.0,0
          -1.1,52.1,0 -1.0,52.0,0 </coordinates></LinearRing></outerBoundaryIs></Polygon>
        <LineString><coordinates>-1,52 -1.1,52.2</coordinates></LineString></MultiGeometry></Placemark></Folder></Document></kml>"#;
    let read = Drawing::read(kml.as_bytes()).unwrap();
    assert_eq!((read.shapes.len(), read.shapes[0].shape.places().len(), read.shapes[1].name.as_str()), (2, 3, "A"));
    let gpx = r#"<gpx><trk><name>T</name><trkseg><trkpt lat="52" lon="-1"/><trkpt lat="52.1" lon="-1"/></trkseg></trk></gpx>"#;
    assert_eq!(Drawing::read(gpx.as_bytes()).unwrap().shapes[0].name, "T");
    let bomb =
        r#"<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><kml><Placemark><name>&b;</name></Placemark></kml>"#;
    for (text, said) in [
        (bomb, "line 1"),
        ("<kml><Placemark><Point><coordinates>east,52</coordinates></Point></Placemark></kml>", "line 1: `east,52`"),
        ("<kml/>", "whole file: it shows no point"),
        ("<svg/>", "whole file: <svg>"),
        ("hello", "whole file: it is neither"),
        (r#"{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}"#, ": a line needs two places"),
    ] {
        let error = Drawing::read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
}

/// An archive of these files, packed.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn archives_of_others_and_those_that_are_bombs() {
    let kml = drawing().to_kml();
    let pictures: &[u8] = &[7; 5_000];
    let read = |files: &[(&str, &[u8])]| Drawing::read(&archive(files)).map_err(|error| error.to_string());
    assert_eq!(read(&[("files/a.png", pictures), ("Search.KML", kml.as_bytes())]), Ok(drawing()));
    let other = kml.replace("Field", "Other");
    assert_eq!(read(&[("a.kml", other.as_bytes()), ("doc.kml", kml.as_bytes())]), Ok(drawing()));
    let said = |files: &[(&str, &[u8])], what: &str| {
        let error = read(files).unwrap_err();
        assert!(error.contains(what), "{error}");
    };
    said(&[("readme.txt", b"x")], "no file in the archive ends in .kml");
    said(&[("doc.kml", b"PK\x03\x04")], "neither KML");
    // Blanks pack a thousandfold.
    said(&[("doc.kml", &vec![b' '; 12 << 20])], "doc.kml: it unpacks to more than");
    said(&[("doc.kml", &vec![b' '; 40 << 20])], "doc.kml: it unpacks to more than");
    let many: Vec<String> = (0..1_001).map(|i| format!("{i}.png")).collect();
    said(&many.iter().map(|name| (name.as_str(), &b""[..])).collect::<Vec<_>>(), "1001 files are more than");
    let mut cut = archive(&[("doc.kml", kml.as_bytes())]);
    cut.truncate(cut.len() - 30);
    assert!(Drawing::read(&cut).unwrap_err().to_string().contains("no archive that can be read"));
}
