//! Whole missions: where a slow twin that flies them in small steps is inside a zone, preflight never says "clear".

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use mission_profiles::pattern::{Waypoint, mission};
use mission_profiles::place::{Datum, Position, direct, inverse};
use mission_profiles::preflight::{Aircraft, Crew, Situation, preflight};
use mission_profiles::profile::{Profile, bundled};
use mission_profiles::route::{Habits, Route};
use mission_profiles::zones::{Limit, Restriction, Span, Surroundings, Volume};
use proptest::prelude::*;

use super::twin::{INDEX, Known, at_an_edge, legs, surrounding};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    let (file, text) = bundled().into_iter().find(|(file, _)| *file == "event.toml").unwrap();
    Profile::read(file, text).unwrap()
});

/// A place in the air: where, and how high above the take-off.
type Point = (Position, f64);

/// The flight in small steps: up, along each leg, home from somewhere on it, down.
fn flown(home: Position, waypoints: &[Waypoint], returns: &[f64], return_m: f64) -> Vec<Point> {
    let between = |(a, from_m): Point, (b, to_m): Point, part: f64| {
        let way = inverse(a, b);
        (direct(a, way.azimuth_deg, way.distance_m * part), from_m + (to_m - from_m) * part)
    };
    let mut places: Vec<Point> = vec![(home, 0.0), (home, waypoints[0].height_m)];
    places.extend(waypoints.iter().map(|waypoint| (waypoint.position, waypoint.height_m)));
    let mut points = Vec::new();
    for (pair, part) in places.windows(2).zip(returns.iter().cycle()) {
        points.extend((0..=8).map(|step| between(pair[0], pair[1], f64::from(step) / 8.0)));
        let (turn, height_m) = between(pair[0], pair[1], *part);
        let high_m = height_m.max(return_m);
        points.extend((0..=8).map(|step| between((turn, high_m), (home, high_m), f64::from(step) / 8.0)));
        points.extend((0..=3).map(|step| (turn, height_m + (high_m - height_m) * f64::from(step) / 3.0)));
    }
    points
}

/// Whether a height above the take-off is surely between the limits: the sea, the ground and the pressure as they most likely are.
fn is_between(volume: &Volume, height_m: f64, home_m: f64) -> bool {
    let above = |limit: Limit, open: bool| match limit {
        Limit::Surface => true,
        Limit::Unlimited => open,
        Limit::At(limit) => match limit.datum {
            Datum::Agl => height_m >= limit.metres,
            Datum::Amsl | Datum::StandardPressure => home_m + height_m >= limit.metres,
            Datum::Ellipsoid => home_m + height_m + 50.0 >= limit.metres,
        },
    };
    above(volume.lower, false) && (matches!(volume.upper, Limit::Unlimited) || !above(volume.upper, true))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: legs(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mission_is_clear_that_enters_a_zone(
        zone in any::<usize>(), corner in any::<usize>(), at in 0.0..360.0_f64, away_m in 0.0..1_500.0_f64, home_m in 0.0..300.0_f64,
        turns in prop::collection::vec((0.0..360.0_f64, 20.0..1_200.0_f64, 10.0..120.0_f64), 1..6), returns in prop::collection::vec(0.0..1.0_f64, 3),
    ) {
        let home = at_an_edge(zone, corner, at, away_m);
        let mut here = home;
        let waypoints: Vec<_> = turns.iter().map(|(azimuth, way_m, height_m)| {
            here = direct(here, *azimuth, *way_m);
            Waypoint { position: here, height_m: *height_m, heading_deg: None }
        }).collect();
        let limits = PROFILE.content.limits;
        let plan = mission([home.lat_deg, home.lon_deg, home_m], &waypoints, limits.speed_ms, false);
        let habits = Habits { cruise_ms: limits.speed_ms, climb_ms: 2.5, return_height_m: limits.return_height_m };
        let route = Route::of(&plan, None, habits).unwrap();
        let from: Timestamp = "2026-05-10T10:00:00Z".parse().unwrap();
        let report = preflight(&Situation {
            route: &route,
            profile: &PROFILE,
            zones: &INDEX,
            sources: Vec::new(),
            authorisations: &[],
            crew: &Crew::default(),
            aircraft: &Aircraft::default(),
            weather: None,
            surroundings: Surroundings { home, home_amsl: Span::new(home_m, home_m), terrain: None, qnh_hpa: None, geoid_m: None },
            from,
            to: from + SignedDuration::from_hours(1),
            now: from,
        });
        let found: Vec<_> = report.of("zone").chain(report.of("zone-uncertain")).map(|finding| finding.what.as_str()).collect();
        for (place, height_m) in flown(home, &waypoints, &returns, limits.return_height_m) {
            let forbids = |known: &Known| known.zone.restriction != Restriction::None && is_between(known.volume, height_m, home_m);
            for Known { zone, .. } in surrounding(place, forbids) {
                prop_assert!(found.iter().any(|what| what.starts_with(&zone.name)), "{} at {place:?}, {height_m} m: {found:?}", zone.name);
            }
        }
    }
}
