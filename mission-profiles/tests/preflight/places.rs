//! Situations: where the zone is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mission_profiles::place::Position;
use serde_json::{Value, json};

use super::table::{HIGH, SURFACE, table};
use super::world::World;

fn square(world: &World, azimuth: f64, distance_m: f64, half_m: f64) -> Value {
    let centre = world.at(azimuth, distance_m);
    let (lat, lon) = (half_m / 111_280.0, half_m / 67_900.0);
    let corner = |x: f64, y: f64| json!([centre[0] + x * lon, centre[1] + y * lat]);
    json!({"type": "Polygon", "coordinates": [[corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0), corner(-1.0, -1.0)]]})
}

#[test]
fn where_the_zone_is() {
    table(&[
        ("no zone near", |_| {}, ""),
        (
            "through the middle",
            |w| {
                w.circle(0.0, 200.0, 100.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "take-off inside",
            |w| {
                w.circle(180.0, 50.0, 100.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "beside, beyond what the aircraft may stray",
            |w| {
                w.circle(90.0, 200.0, 180.0, SURFACE, HIGH);
            },
            "",
        ),
        (
            "beside, within it",
            |w| {
                w.circle(90.0, 200.0, 190.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "on its edge",
            |w| {
                w.circle(0.0, 600.0, 200.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "just short of it",
            |w| {
                w.circle(0.0, 600.0, 180.0, SURFACE, HIGH);
            },
            "",
        ),
        (
            "inside a square",
            |w| {
                let s = square(w, 0.0, 200.0, 1_000.0);
                w.zone(s);
            },
            "B:zone",
        ),
        (
            "crossing its corner between two waypoints",
            |w| {
                w.fly(&[(0.0, 200.0, 40.0), (90.0, 200.0, 40.0)]);
                let s = square(w, 45.0, 212.0, 60.0);
                w.zone(s);
            },
            "B:zone",
        ),
        (
            "past its corner",
            |w| {
                w.fly(&[(0.0, 200.0, 40.0), (90.0, 200.0, 40.0)]);
                let s = square(w, 45.0, 300.0, 60.0);
                w.zone(s);
            },
            "",
        ),
        (
            "in its hole",
            |w| {
                let (outer, hole) = (square(w, 0.0, 200.0, 2_000.0), square(w, 0.0, 200.0, 600.0));
                w.zone(json!({"type": "Polygon", "coordinates": [outer["coordinates"][0], hole["coordinates"][0]]}));
            },
            "",
        ),
        (
            "the way home from a leg goes through it, the legs do not",
            |w| {
                w.fly(&[(0.0, 300.0, 40.0), (45.0, 380.0, 40.0), (90.0, 300.0, 40.0)]);
                w.circle(45.0, 150.0, 40.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "a small zone inside what all ways home sweep",
            |w| {
                w.fly(&[(340.0, 380.0, 40.0), (20.0, 380.0, 40.0)]);
                w.circle(0.0, 250.0, 5.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "a loiter's round reaches it",
            |w| {
                let mut round = w.item(18, 3, 0.0, 100.0, 40.0);
                round.params = [2.0, 0.0, 80.0, 0.0];
                w.items.insert(1, round);
                w.circle(90.0, 150.0, 90.0, SURFACE, HIGH);
            },
            "B:zone",
        ),
        (
            "over the antimeridian",
            |w| {
                w.home = Position::new(52.5, 179.999).unwrap();
                w.terrain = None;
                w.fly(&[(90.0, 300.0, 40.0)]);
                w.zone(json!({"type": "Polygon", "coordinates": [[[-179.9975, 52.4], [-179.9, 52.4], [-179.9, 52.6], [-179.9975, 52.6], [-179.9975, 52.4]]]}));
            },
            "B:zone W:no-terrain",
        ),
        (
            "a circle over the antimeridian",
            |w| {
                w.home = Position::new(10.0, -179.9995).unwrap();
                w.terrain = None;
                w.fly(&[(90.0, 300.0, 40.0)]);
                w.zone(json!({"type": "Point", "coordinates": [179.99, 10.0], "extent": {"subType": "Circle", "radius": 1200}}));
            },
            "B:zone W:no-terrain",
        ),
        (
            "at the pole",
            |w| {
                w.home = Position::new(89.999, 10.0).unwrap();
                w.terrain = None;
                w.fly(&[(0.0, 200.0, 40.0)]);
                w.zone(json!({"type": "Polygon", "coordinates": [[[0.0, 89.9995], [120.0, 89.9995], [-120.0, 89.9995], [0.0, 89.9995]]]}));
            },
            "B:zone W:no-terrain",
        ),
        (
            "a zone that informs",
            |w| {
                w.circle(0.0, 200.0, 100.0, SURFACE, HIGH)["properties"]["type"] = json!("NO_RESTRICTION");
            },
            "",
        ),
        (
            "a zone with conditions",
            |w| {
                w.circle(0.0, 200.0, 100.0, SURFACE, HIGH)["properties"]["type"] = json!("CONDITIONAL");
            },
            "W:zone",
        ),
        (
            "a zone that could not be read whole",
            |w| {
                w.circle(0.0, 3_000.0, 0.0, SURFACE, HIGH);
            },
            "B:zone-uncertain",
        ),
    ]);
}
