//! Situations: how high the zone is, by which datum, over which ground.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use mission_profiles::place::Position;

use super::table::{HIGH, SURFACE, table};
use super::world::{level, shaped};

#[test]
fn how_high_the_zone_is() {
    table(&[
        (
            "over it",
            |w| {
                w.fly(&[(0.0, 400.0, 90.0)]);
                w.circle(0.0, 300.0, 100.0, SURFACE, (50.0, "AGL"));
            },
            "",
        ),
        (
            "over it, on a leg that climbs",
            |w| {
                w.profile("return_height_m = 50", "return_height_m = 30");
                w.fly(&[(0.0, 200.0, 40.0), (0.0, 400.0, 95.0)]);
                w.circle(0.0, 330.0, 20.0, SURFACE, (25.0, "AGL"));
            },
            "",
        ),
        (
            "under its floor",
            |w| {
                w.circle(0.0, 200.0, 100.0, (100.0, "AGL"), HIGH);
            },
            "",
        ),
        (
            "the climb to return goes through its floor",
            |w| {
                w.circle(0.0, 200.0, 100.0, (65.0, "AGL"), HIGH);
            },
            "B:zone",
        ),
        (
            "its floor at the height flown",
            |w| {
                w.profile("return_height_m = 50", "return_height_m = 20");
                w.circle(0.0, 200.0, 100.0, (40.0, "AGL"), HIGH);
            },
            "B:zone",
        ),
        (
            "a floor above the sea that the flight is over",
            |w| {
                w.circle(0.0, 200.0, 100.0, (100.0, "AMSL"), HIGH);
            },
            "B:zone",
        ),
        (
            "the same number above ground",
            |w| {
                w.circle(0.0, 200.0, 100.0, (100.0, "AGL"), HIGH);
            },
            "",
        ),
        (
            "a ceiling 175 ft off by its datum: 300 ft above sea is 136 ft above the field",
            |w| {
                w.home_amsl = level(53.34);
                w.fly(&[(0.0, 400.0, 60.0)]);
                w.circle(0.0, 300.0, 50.0, (0.0, "AGL"), (91.44, "AMSL"));
                w.profile("return_height_m = 50", "return_height_m = 60");
            },
            "",
        ),
        (
            "the same ceiling above ground",
            |w| {
                w.home_amsl = level(53.34);
                w.fly(&[(0.0, 400.0, 60.0)]);
                w.circle(0.0, 300.0, 50.0, (0.0, "AGL"), (91.44, "AGL"));
                w.profile("return_height_m = 50", "return_height_m = 60");
            },
            "B:zone",
        ),
        (
            "above the ellipsoid, with a geoid",
            |w| {
                w.circle(0.0, 200.0, 100.0, (200.0, "WGS84"), HIGH);
            },
            "",
        ),
        (
            "above the ellipsoid, without",
            |w| {
                w.geoid_m = None;
                w.circle(0.0, 200.0, 100.0, (165.0, "WGS84"), (2_000.0, "AMSL"));
            },
            "B:zone",
        ),
        (
            "over rising ground the flight is lower",
            |w| {
                w.terrain = Some(shaped(52, -2, |row, _| if row < 600 { 100 } else { 50 }));
                w.home = Position::new(52.499, -1.5).unwrap();
                w.fly(&[(0.0, 400.0, 80.0)]);
                w.profile("return_height_m = 50", "return_height_m = 80");
                w.circle(0.0, 300.0, 60.0, SURFACE, (40.0, "AGL"));
            },
            "B:zone",
        ),
        (
            "over level ground it is not",
            |w| {
                w.home = Position::new(52.499, -1.5).unwrap();
                w.fly(&[(0.0, 400.0, 80.0)]);
                w.profile("return_height_m = 50", "return_height_m = 80");
                w.circle(0.0, 300.0, 60.0, SURFACE, (40.0, "AGL"));
            },
            "",
        ),
        (
            "floor and ceiling the wrong way round bound nothing",
            |w| {
                w.circle(0.0, 200.0, 100.0, (500.0, "AGL"), (100.0, "AGL"));
            },
            "B:zone-uncertain",
        ),
        (
            "without a terrain model the ground is uncertain",
            |w| {
                w.terrain = None;
                w.circle(0.0, 200.0, 100.0, (120.0, "AGL"), HIGH);
            },
            "B:zone W:no-terrain",
        ),
    ]);
}
