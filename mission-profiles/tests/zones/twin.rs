//! The index against a slow twin that knows only geodesics: bearings summed round a point, distances one by one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use std::sync::LazyLock;

use geo::{Bearing, Distance, Geodesic, Point};
use mission_profiles::place::{Position, direct, inverse};
use mission_profiles::zones::{Dataset, Index, Outline, Reach, Volume, Zone, read};
use proptest::prelude::*;

pub(super) static UK: LazyLock<Vec<Dataset>> = LazyLock::new(|| {
    let read = |name: &str, bytes: &[u8]| read::dataset(name, bytes).unwrap();
    vec![
        read("airspace.yaml", include_bytes!("../../zones/airspace.yaml")),
        read("rat.yaml", include_bytes!("../../zones/rat.yaml")),
    ]
});
pub(super) static INDEX: LazyLock<Index<'static>> = LazyLock::new(|| Index::new(&UK));

fn point(place: Position) -> Point<f64> {
    Point::new(place.lon_deg, place.lat_deg)
}

/// Whether `place` is inside, by the plane of longitude and latitude; `None` where it is so near an edge that a geodesic may run on its
/// other side: from the line that is straight in degrees it bends away by L² tan φ / 8R, of which this takes twice, and 50 m.
fn surely(ring: &[Position], place: Position) -> Option<bool> {
    const DEGREE_M: f64 = 111_200.0;
    let (narrow, bend) = (place.lat_deg.to_radians().cos(), place.lat_deg.to_radians().tan().abs() / (4.0 * 6.37e6));
    let flat = |corner: &Position| {
        [(corner.lon_deg - place.lon_deg) * narrow * DEGREE_M, (corner.lat_deg - place.lat_deg) * DEGREE_M]
    };
    let mut inside = false;
    let mut before = flat(ring.last()?);
    for corner in ring {
        let [a, b] = [before, flat(corner)];
        let way = [b[0] - a[0], b[1] - a[1]];
        let length2 = way[0] * way[0] + way[1] * way[1];
        let part = (-(a[0] * way[0] + a[1] * way[1]) / length2.max(1e-9)).clamp(0.0, 1.0);
        let (east, north) = (a[0] + way[0] * part, a[1] + way[1] * part);
        let near_m = 50.0 + length2 * bend;
        if east * east + north * north < near_m * near_m {
            return None;
        }
        if (a[1] > 0.0) != (b[1] > 0.0) && a[0] + way[0] * (-a[1] / way[1]) > 0.0 {
            inside = !inside;
        }
        before = b;
    }
    Some(inside)
}

/// Whether the geodesic bearings to the corners turn round `place`: asked only near the edges.
fn surrounds(ring: &[Position], place: Position) -> bool {
    surely(ring, place).unwrap_or_else(|| turns_round(ring, place))
}

fn turns_round(ring: &[Position], place: Position) -> bool {
    let bearings: Vec<f64> = ring.iter().map(|corner| Geodesic.bearing(point(place), point(*corner))).collect();
    let turns = bearings.iter().zip(bearings.iter().cycle().skip(1));
    let sum: f64 = turns.map(|(a, b)| (b - a + 540.0).rem_euclid(360.0) - 180.0).sum();
    sum.abs() > 180.0
}

pub(super) fn is_inside(outline: &Outline, place: Position) -> bool {
    match outline {
        Outline::Circle { centre, radius_m } => Geodesic.distance(point(*centre), point(place)) < *radius_m,
        Outline::Polygon(polygon) => {
            surrounds(&polygon.exterior, place) && !polygon.holes.iter().any(|hole| surrounds(hole, place))
        }
        Outline::Corridor { .. } | Outline::Everywhere => unreachable!("the UK's set has none"),
    }
}

/// How far its rim is, either side, by geodesics.
fn rim_m(outline: &Outline, place: Position) -> f64 {
    match outline {
        Outline::Circle { centre, radius_m } => (Geodesic.distance(point(*centre), point(place)) - radius_m).abs(),
        Outline::Polygon(polygon) => {
            let edges = polygon.exterior.iter().zip(polygon.exterior.iter().cycle().skip(1));
            edges.map(|(a, b)| edge_m(*a, *b, place)).fold(f64::INFINITY, f64::min)
        }
        Outline::Corridor { .. } | Outline::Everywhere => unreachable!(),
    }
}

/// The distance to an edge: to its nearest point, that thirds of it are cut off to find. Far away, no more than that it is far.
fn edge_m(a: Position, b: Position, place: Position) -> f64 {
    let way = inverse(a, b);
    let to = |part: f64| Geodesic.distance(point(direct(a, way.azimuth_deg, way.distance_m * part)), point(place));
    let at_least_m = to(0.0) - way.distance_m;
    if at_least_m > 1_000.0 {
        return at_least_m;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..40 {
        let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if to(left) < to(right) { high = right } else { low = left }
    }
    to(f64::midpoint(low, high))
}

/// A volume of the UK's set, and the box in degrees outside which it need not be asked: south, north, west, east.
pub(super) struct Known {
    pub(super) zone: &'static Zone,
    pub(super) volume: &'static Volume,
    bounds: [f64; 4],
}

pub(super) static VOLUMES: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let zones = UK.iter().flat_map(|dataset| &dataset.zones);
    zones
        .flat_map(|zone| zone.volumes.iter().map(move |volume| Known { zone, volume, bounds: bounds(&volume.outline) }))
        .collect()
});

fn bounds(outline: &Outline) -> [f64; 4] {
    let (corners, by_m) = match outline {
        Outline::Circle { centre, radius_m } => (std::slice::from_ref(centre), *radius_m),
        Outline::Polygon(polygon) => (polygon.exterior.as_slice(), 5_000.0),
        Outline::Corridor { .. } | Outline::Everywhere => unreachable!("the UK's set has none"),
    };
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ((south, north), (west, east)) = (
        range(&mut corners.iter().map(|corner| corner.lat_deg)),
        range(&mut corners.iter().map(|corner| corner.lon_deg)),
    );
    let (lat, lon) = (by_m / 110_000.0, by_m / 55_000.0);
    [south - lat, north + lat, west - lon, east + lon]
}

/// The volumes, of those that are wanted, that `place` is inside of, by geodesics alone.
pub(super) fn surrounding(place: Position, wanted: impl Fn(&Known) -> bool) -> impl Iterator<Item = &'static Known> {
    let is_near = move |[south, north, west, east]: [f64; 4]| {
        (south..north).contains(&place.lat_deg) && (west..east).contains(&place.lon_deg)
    };
    let volumes = VOLUMES.iter().filter(move |known| is_near(known.bounds) && wanted(known));
    volumes.filter(move |known| is_inside(&known.volume.outline, place))
}

/// Somewhere that matters: about a corner, or the rim of a circle.
pub(super) fn at_an_edge(zone: usize, corner: usize, azimuth_deg: f64, away_m: f64) -> Position {
    match &VOLUMES[zone % VOLUMES.len()].volume.outline {
        Outline::Circle { centre, radius_m } => direct(*centre, azimuth_deg, radius_m + away_m - 500.0),
        Outline::Polygon(polygon) => {
            let (a, b) = (
                polygon.exterior[corner % polygon.exterior.len()],
                polygon.exterior[(corner + 1) % polygon.exterior.len()],
            );
            let way = inverse(a, b);
            direct(direct(a, way.azimuth_deg, way.distance_m * (azimuth_deg / 360.0)), azimuth_deg * 7.0, away_m)
        }
        Outline::Corridor { .. } | Outline::Everywhere => unreachable!(),
    }
}

/// How many random legs: `SKYSEAL_LEGS` for the long run.
pub(super) fn legs() -> u32 {
    std::env::var("SKYSEAL_LEGS").ok().and_then(|legs| legs.parse().ok()).unwrap_or(10_000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: legs(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_slow_twin_finds_is_found(
        zone in any::<usize>(), corner in any::<usize>(), at in 0.0..360.0_f64, away_m in 0.0..1_500.0_f64,
        azimuth in 0.0..360.0_f64, length_m in 0.0..5_000.0_f64,
    ) {
        let from = at_an_edge(zone, corner, at, away_m);
        let to = direct(from, azimuth, length_m);
        let way = inverse(from, to);
        let found = INDEX.beside(Reach { from, to, home: None, within_m: 0.0 });
        for part in 0..=4 {
            let there = direct(from, way.azimuth_deg, way.distance_m * f64::from(part) / 4.0);
            for Known { zone, volume, .. } in surrounding(there, |_| true) {
                prop_assert!(found.iter().any(|near| std::ptr::eq(near.volume, *volume)), "{} at {there:?} is not found", zone.name);
            }
        }
    }

    #[test]
    fn what_lies_on_any_way_home_is_found(
        zone in any::<usize>(), corner in any::<usize>(), at in 0.0..360.0_f64, away_m in 0.0..4_000.0_f64,
        azimuth in 0.0..360.0_f64, length_m in 0.0..2_000.0_f64, back in 0.0..360.0_f64, far_m in 0.0..25_000.0_f64,
    ) {
        let from = at_an_edge(zone, corner, at, away_m);
        let (to, home) = (direct(from, azimuth, length_m), direct(from, back, far_m));
        let found = INDEX.beside(Reach { from, to, home: Some(home), within_m: 0.5 });
        let between = |a: Position, b: Position, part: f64| {
            let way = inverse(a, b);
            direct(a, way.azimuth_deg, way.distance_m * part)
        };
        for (along, down) in (0..12).map(|i| (f64::from(i % 4) / 3.0, f64::from(i / 4) / 2.2)) {
            let there = between(between(from, to, along), home, down);
            for Known { zone, volume, .. } in surrounding(there, |_| true) {
                prop_assert!(found.iter().any(|near| std::ptr::eq(near.volume, *volume)), "{} at {there:?} is not found", zone.name);
            }
        }
    }

    #[test]
    fn what_is_found_is_there(
        zone in any::<usize>(), corner in any::<usize>(), at in 0.0..360.0_f64, away_m in 0.0..1_500.0_f64,
        azimuth in 0.0..360.0_f64, length_m in 0.0..3_000.0_f64,
    ) {
        let from = at_an_edge(zone, corner, at, away_m);
        let to = direct(from, azimuth, length_m);
        for near in INDEX.beside(Reach { from, to, home: None, within_m: 300.0 }) {
            let apart_m = rim_m(&near.volume.outline, near.at);
            let is_there = near.distance_m == 0.0 && is_inside(&near.volume.outline, near.at) || (apart_m - near.distance_m).abs() < 2.0;
            prop_assert!(is_there, "{} is {apart_m} m from {:?}, not {}", near.zone.name, near.at, near.distance_m);
        }
    }
}

#[test]
fn the_short_way_and_the_long_way_agree() {
    for (n, known) in VOLUMES.iter().enumerate() {
        let Outline::Polygon(polygon) = &known.volume.outline else { continue };
        for step in 0..12 {
            let place = at_an_edge(
                n,
                step * 7,
                f64::from(u8::try_from(step * 29).unwrap_or(0)),
                400.0 * f64::from(u8::try_from(step).unwrap_or(0)),
            );
            if let Some(inside) = surely(&polygon.exterior, place) {
                assert_eq!(inside, turns_round(&polygon.exterior, place), "{} {place:?}", known.zone.name);
            }
        }
    }
}

#[test]
fn the_same_from_both_ends_and_far_from_everything_nothing() {
    let at = |lat, lon| Position::new(lat, lon).unwrap();
    let (from, to) = (at(51.45, -0.6), at(51.5, -0.3));
    let names = |from, to| {
        INDEX
            .beside(Reach { from, to, home: None, within_m: 50.0 })
            .iter()
            .map(|near| near.zone.name.clone())
            .collect::<Vec<_>>()
    };
    let found = names(from, to);
    assert!(found.iter().any(|name| name.contains("HEATHROW") || name.contains("LONDON")), "{found:?}");
    assert_eq!(found, names(to, from));
    assert!(names(at(30.0, 179.99), at(30.0, -179.99)).is_empty());
    assert!(names(at(89.9, 0.0), at(89.9, 180.0)).is_empty());
}
