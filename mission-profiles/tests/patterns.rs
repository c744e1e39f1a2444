//! Patterns cover what they should, stay where they should, and respect limits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use geo::{Distance, Geodesic, Point};
use mission_profiles::pattern::{
    Camera, PatternError, Performance, Survey, Waypoint, corridor, creeping_line, estimate, expanding_square, facade,
    follow, orbit, parallel_track, perimeter, sector_search, split, survey,
};
use mission_profiles::place::{Position, Terrain, direct, inverse};
use proptest::prelude::*;

const CAMERA: Camera = Camera { hfov_deg: 70.0, vfov_deg: 43.0, width_px: 1920 };

fn middle() -> Position {
    Position::new(53.4, -2.3).unwrap()
}

fn metres(a: Position, b: Position) -> f64 {
    Geodesic.distance(Point::new(a.lon_deg, a.lat_deg), Point::new(b.lon_deg, b.lat_deg))
}

/// From `place` to the nearest point of the way through `waypoints`: thirds of each leg are cut off to find it.
fn to_way_m(waypoints: &[Waypoint], place: Position) -> f64 {
    let legs = waypoints.windows(2).map(|pair| (pair[0].position, pair[1].position));
    legs.map(|(a, b)| to_leg_m(a, b, place)).fold(f64::INFINITY, f64::min)
}

fn to_leg_m(a: Position, b: Position, place: Position) -> f64 {
    let way = inverse(a, b);
    let at = |part: f64| metres(direct(a, way.azimuth_deg, way.distance_m * part), place);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..24 {
        let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if at(left) < at(right) { high = right } else { low = left }
    }
    at(f64::midpoint(low, high))
}

/// A star-shaped ring: corners at these distances from the middle, evenly round it.
fn star(distances_m: &[f64]) -> Vec<Position> {
    #[allow(clippy::cast_precision_loss)]
    let azimuth = |i: usize| 360.0 * i as f64 / distances_m.len() as f64;
    distances_m.iter().enumerate().map(|(i, distance_m)| direct(middle(), azimuth(i), *distance_m)).collect()
}

/// A place inside a star: on the way to the rim in this direction, so far out.
fn inside(distances_m: &[f64], turn: f64, out: f64) -> Position {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (corner, part) =
        ((turn * distances_m.len() as f64) as usize % distances_m.len(), (turn * distances_m.len() as f64).fract());
    let ring = star(distances_m);
    let (a, b) = (ring[corner], ring[(corner + 1) % ring.len()]);
    let edge = inverse(a, b);
    let rim = direct(a, edge.azimuth_deg, edge.distance_m * part);
    let way = inverse(middle(), rim);
    direct(middle(), way.azimuth_deg, way.distance_m * out)
}

fn plan(height_m: f64, azimuth_deg: Option<f64>) -> Survey {
    Survey { height_m, overlap_percent: 80.0, sidelap_percent: 60.0, azimuth_deg, camera: CAMERA }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_survey_covers_its_area_and_stays_there(
        ring in prop::collection::vec(60.0..400.0_f64, 3..9), height_m in 20.0..100.0_f64, azimuth in prop::option::of(0.0..360.0_f64),
        places in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 8),
    ) {
        let asked = plan(height_m, azimuth);
        let waypoints = survey(&star(&ring), &asked).unwrap();
        let half_m = asked.spacing_m() / 2.0;
        for (turn, out) in places {
            let place = inside(&ring, turn, out);
            let apart_m = to_way_m(&waypoints, place);
            prop_assert!(apart_m <= half_m + 0.1, "{apart_m} m from the lines, of {half_m}");
        }
        let corners = star(&ring);
        for waypoint in &waypoints {
            prop_assert!((waypoint.height_m - height_m).abs() < 1e-9);
            let rim: Vec<_> = corners.iter().chain(corners.first()).map(|place| Waypoint { position: *place, ..*waypoint }).collect();
            prop_assert!(to_way_m(&rim, waypoint.position) <= half_m + 0.1 || surrounds(&corners, waypoint.position));
        }
    }

    #[test]
    fn searches_along_and_across_leave_nothing_out(
        ring in prop::collection::vec(40.0..400.0_f64, 3..9), spacing_m in 20.0..120.0_f64, azimuth in prop::option::of(-180.0..180.0_f64),
        places in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 5),
    ) {
        for search in [parallel_track, creeping_line] {
            let Ok(waypoints) = search(&star(&ring), spacing_m, 50.0, azimuth) else { return Ok(()) };
            for (turn, out) in &places {
                let apart_m = to_way_m(&waypoints, inside(&ring, *turn, *out));
                prop_assert!(apart_m <= spacing_m / 2.0 + 0.1, "{apart_m} of {spacing_m}");
            }
        }
    }

    #[test]
    fn an_expanding_square_leaves_nothing_out(
        spacing_m in 20.0..120.0_f64, reach_m in 50.0..500.0_f64, azimuth in 0.0..360.0_f64, turn in 0.0..360.0_f64, out in 0.0..1.0_f64,
    ) {
        let waypoints = expanding_square(middle(), azimuth, spacing_m, reach_m, 50.0).unwrap();
        let apart_m = to_way_m(&waypoints, direct(middle(), turn, reach_m * out));
        // On the diagonals, between two corners: 2 − √2.
        let within = 2.0 - 2.0_f64.sqrt();
        prop_assert!(apart_m <= spacing_m * within + 0.1, "{apart_m} of {spacing_m}");
        prop_assert!(metres(waypoints[0].position, middle()) < 0.01);
    }

    #[test]
    fn a_corridor_is_covered_from_side_to_side(
        line in prop::collection::vec((50.0..300.0_f64, -50.0..50.0_f64), 1..6), width_m in 10.0..120.0_f64, spacing_m in 10.0..60.0_f64,
        leg in any::<prop::sample::Index>(), along in 0.2..0.8_f64, side in -0.5..0.5_f64,
    ) {
        let mut places = vec![middle()];
        let mut heading = 40.0;
        for (length_m, turn) in &line {
            heading += turn;
            places.push(direct(places[places.len() - 1], heading, *length_m));
        }
        let waypoints = corridor(&places, width_m, spacing_m, 50.0).unwrap();
        let leg = leg.index(places.len() - 1);
        let way = inverse(places[leg], places[leg + 1]);
        let beside = direct(direct(places[leg], way.azimuth_deg, way.distance_m * along), way.azimuth_deg + 90.0, width_m * side);
        // Where a line bends, its parallels bend a little before or after: their own legs still pass there.
        prop_assume!(way.distance_m * along.min(1.0 - along) > width_m);
        let apart_m = to_way_m(&waypoints, beside);
        prop_assert!(apart_m <= spacing_m / 2.0 + 0.2, "{apart_m} of {spacing_m}");
    }

    #[test]
    fn a_perimeter_keeps_its_distance(ring in prop::collection::vec(30.0..300.0_f64, 3..9), standoff_m in 5.0..100.0_f64, turn in 0.0..1.0_f64) {
        let waypoints = perimeter(&star(&ring), standoff_m, 60.0).unwrap();
        // Straight between waypoints 15° apart: a chord of the arc, at most 0.9 % nearer.
        let apart_m = to_way_m(&waypoints, inside(&ring, turn, 1.0));
        prop_assert!(apart_m >= standoff_m * 0.99 - 0.1, "{apart_m} of {standoff_m}");
        for waypoint in &waypoints {
            let corners = star(&ring);
            let nearest = corners.iter().map(|corner| metres(*corner, waypoint.position)).fold(f64::INFINITY, f64::min);
            prop_assert!((nearest - standoff_m).abs() < 0.1, "each waypoint is about a corner of the hull");
        }
    }

    #[test]
    fn each_part_of_a_split_lasts_no_longer_than_a_battery(usable_s in 120.0..900.0_f64, height_m in 30.0..90.0_f64) {
        let waypoints = survey(&star(&[400.0, 300.0, 350.0, 250.0]), &plan(height_m, None)).unwrap();
        let performance = Performance { speed_ms: 8.0, climb_ms: 3.0, turn_s: 2.0, usable_s, bitrate_kbps: 8_000 };
        let Some(parts) = split(middle(), &waypoints, &performance) else { return Ok(()) };
        for part in &parts {
            prop_assert!(estimate(middle(), part, &performance).duration_s <= usable_s);
        }
        let joined: Vec<_> = parts.iter().enumerate().flat_map(|(i, part)| part.iter().skip(usize::from(i > 0))).copied().collect();
        prop_assert_eq!(joined, waypoints, "nothing is lost between two batteries");
    }
}

/// By the angles to the corners.
fn surrounds(ring: &[Position], place: Position) -> bool {
    let azimuths: Vec<f64> = ring.iter().map(|corner| inverse(place, *corner).azimuth_deg).collect();
    let turns = azimuths.iter().zip(azimuths.iter().cycle().skip(1));
    turns.map(|(a, b)| (b - a + 540.0).rem_euclid(360.0) - 180.0).sum::<f64>().abs() > 180.0
}

#[test]
fn a_square_is_surveyed_along_its_edges() {
    let square: Vec<_> =
        [45.0, 135.0, 225.0, 315.0].map(|azimuth| direct(middle(), azimuth, 100.0 * 2.0_f64.sqrt())).into();
    let asked = plan(60.0, Some(0.0));
    let waypoints = survey(&square, &asked).unwrap();
    // 200 m over a spacing of 33.6: six strips.
    assert_eq!(waypoints.len(), 12);
    assert!((asked.spacing_m() - 33.6).abs() < 0.1 && (asked.trigger_m() - 9.45).abs() < 0.1);
    assert!(
        (CAMERA.sampling_m(60.0) - 0.0438).abs() < 0.001
            && (CAMERA.height_for_m(CAMERA.sampling_m(60.0)) - 60.0).abs() < 1e-9
    );
    assert!((metres(waypoints[0].position, waypoints[1].position) - 200.0).abs() < 0.1);
}

/// A moor of 600 m by 200 m, its long side in this direction.
fn moor(azimuth_deg: f64) -> Vec<Position> {
    let beside = direct(middle(), azimuth_deg + 90.0, 200.0);
    let along = |from: Position| direct(from, azimuth_deg, 600.0);
    vec![middle(), along(middle()), along(beside), beside]
}

fn leg(waypoints: &[Waypoint], i: usize) -> (f64, f64) {
    let way = inverse(waypoints[i].position, waypoints[i + 1].position);
    (way.azimuth_deg, way.distance_m)
}

#[test]
fn a_parallel_track_goes_along_and_a_creeping_line_across() {
    let parallel = parallel_track(&moor(40.0), 51.0, 60.0, None).unwrap();
    let creeping = creeping_line(&moor(40.0), 51.0, 60.0, None).unwrap();
    // Four legs along, twelve across: 50 m, the largest even distance below 51.
    assert_eq!((parallel.len(), creeping.len()), (8, 24));
    for (waypoints, along_deg, long_m) in [(&parallel, 40.0, 600.0), (&creeping, 130.0, 200.0)] {
        let ((azimuth, length_m), (_, apart_m)) = (leg(waypoints, 0), leg(waypoints, 1));
        let off_deg = (azimuth - along_deg + 90.0).rem_euclid(180.0) - 90.0;
        assert!(
            off_deg.abs() < 0.1 && (length_m - long_m).abs() < 0.5 && (apart_m - 50.0).abs() < 0.1,
            "{azimuth} {length_m} {apart_m}"
        );
    }
    let corner = metres(parallel[0].position, middle()).min(metres(parallel[7].position, middle()));
    assert!((corner - 25.0).abs() < 0.5 || (corner - 600.5).abs() < 1.0, "half of it inside: {corner}");
    let said = creeping_line(&moor(40.0), 51.0, 60.0, Some(40.0)).unwrap();
    assert_eq!(said.len(), 8, "a direction that is said is the legs'");
    assert!(
        parallel_track(&moor(0.0), 0.0, 60.0, None).is_err()
            && creeping_line(&moor(0.0), f64::NAN, 60.0, None).is_err()
    );
}

#[test]
fn sectors_and_orbits_come_back_to_where_they_began() {
    let sectors = sector_search(middle(), 30.0, 200.0, 50.0, true).unwrap();
    assert_eq!(sectors.len(), 19);
    assert!(sectors.iter().step_by(3).all(|waypoint| metres(waypoint.position, middle()) < 0.01), "through the datum");
    let turn = |i: usize| {
        let leg = |i: usize| inverse(sectors[i].position, sectors[i + 1].position).azimuth_deg;
        (leg(i + 1) - leg(i)).rem_euclid(360.0)
    };
    assert!(
        (turn(0) - 120.0).abs() < 0.1 && (turn(1) - 120.0).abs() < 0.1 && !(1.0..=359.0).contains(&turn(2)),
        "{} {} {}",
        turn(0),
        turn(1),
        turn(2)
    );
    let round = orbit(middle(), 50.0, 0.0, 30.0).unwrap();
    assert!(metres(round[0].position, round[24].position) < 0.01);
    assert!(round.iter().all(|waypoint| (metres(waypoint.position, middle()) - 50.0).abs() < 0.01));
    assert_eq!(round[6].heading_deg, Some(270.0), "east of the centre it looks west");
}

#[test]
fn a_wall_is_looked_at_from_its_front() {
    let (left, right) = (middle(), direct(middle(), 90.0, 40.0));
    let scan = facade(left, right, 10.0, [5.0, 20.0], 5.0).unwrap();
    assert_eq!(scan.len(), 8);
    assert!(scan.iter().all(|waypoint| waypoint.position.lat_deg < left.lat_deg
        && waypoint.heading_deg.is_some_and(|heading| !(0.1..=359.9).contains(&heading))));
    assert_eq!((scan[0].height_m, scan[7].height_m), (5.0, 20.0));
}

#[test]
fn over_a_hill_the_height_follows() {
    let mut terrain = Terrain::default();
    // A ridge along the 600th column, 120 m high, 20 columns to each side.
    let height =
        |i: usize| i16::try_from(120_usize.saturating_sub((i % 1201).abs_diff(600) * 6)).unwrap().to_be_bytes();
    terrain.add("N53W003.hgt", &(0..1201 * 1201).flat_map(height).collect::<Vec<_>>()).unwrap();
    let (home, far) = (Position::new(53.5, -2.55).unwrap(), Position::new(53.5, -2.45).unwrap());
    let line = [home, far].map(|position| Waypoint { position, height_m: 40.0, heading_deg: None });
    let followed = follow(&line, &terrain, home, 5.0).unwrap();
    assert!(followed.len() > 10, "{}", followed.len());
    for pair in followed.windows(2) {
        let way = inverse(pair[0].position, pair[1].position);
        for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let over_m = pair[0].height_m + (pair[1].height_m - pair[0].height_m) * part
                - terrain.height_m(direct(pair[0].position, way.azimuth_deg, way.distance_m * part)).unwrap();
            assert!((over_m - 40.0).abs() < 12.0, "{over_m} m over the ground");
        }
    }
    assert_eq!(follow(&line, &terrain, Position::new(10.0, 10.0).unwrap(), 5.0), None);
}

#[test]
fn what_makes_no_sense_is_said() {
    let square = star(&[100.0; 4]);
    let sidelap = Survey { sidelap_percent: 100.0, ..plan(60.0, None) };
    assert!(survey(&square, &sidelap).unwrap_err().to_string().contains("sidelap_percent is 100"));
    assert!(matches!(survey(&square[..2], &plan(60.0, None)), Err(PatternError::Corners(2))));
    assert!(matches!(survey(&star(&[25_000.0; 4]), &plan(60.0, None)), Err(PatternError::TooLarge)));
    assert!(matches!(survey(&star(&[19_000.0; 4]), &plan(1.0, None)), Err(PatternError::TooMany)));
    assert_eq!(survey(&[square[0], square[2], square[1], square[3]], &plan(60.0, None)), Err(PatternError::Crosses));
    assert!(expanding_square(middle(), f64::NAN, 50.0, 100.0, 50.0).is_err());
}

/// A field of 54 m by 36 m that QGroundControl surveyed with lines 25 m apart: where they are, without its turns.
fn of_qgroundcontrol() -> (Vec<Position>, Vec<Waypoint>) {
    let path = format!("{}/tests/data/qgroundcontrol_sample_with_survey.plan", env!("CARGO_MANIFEST_DIR"));
    let plan: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let survey = &plan["mission"]["items"][1];
    let places = |list: &serde_json::Value| {
        let place = |place: &serde_json::Value| Position::new(place[0].as_f64()?, place[1].as_f64()?);
        list.as_array().unwrap().iter().map(|pair| place(pair).unwrap()).collect::<Vec<_>>()
    };
    let points = places(&survey["TransectStyleComplexItem"]["VisualTransectPoints"]);
    // Of each line four: a turn, in, out, a turn.
    let lines = points.chunks_exact(4).flat_map(|line| [line[1], line[2]]);
    let waypoint = |position| Waypoint { position, height_m: 50.0, heading_deg: None };
    (places(&survey["polygon"]), lines.map(waypoint).collect())
}

#[test]
fn a_survey_is_as_qgroundcontrols_and_leaves_no_rim() {
    let (area, theirs) = of_qgroundcontrol();
    let ours = parallel_track(&area, 25.0, 50.0, Some(90.0)).unwrap();
    // 54 m need three strips of 25 m; theirs are two, the first at one rim.
    assert_eq!((theirs.len() / 2, ours.len() / 2), (2, 3));
    for pair in theirs.chunks_exact(2).chain(ours.chunks_exact(2)) {
        let line = inverse(pair[0].position, pair[1].position);
        let off_deg = (line.azimuth_deg - 90.0 + 90.0).rem_euclid(180.0) - 90.0;
        assert!(off_deg.abs() < 0.5 && (33.0..37.0).contains(&line.distance_m), "{line:?}");
    }
    let apart_m = |lines: &[Waypoint]| {
        let to_line_m = |place| {
            lines
                .chunks_exact(2)
                .map(|pair| to_leg_m(pair[0].position, pair[1].position, place))
                .fold(f64::INFINITY, f64::min)
        };
        let corner = area.iter().map(|corner| {
            let middle = Position::new(47.397_69, 8.545_98).unwrap();
            let way = inverse(middle, *corner);
            to_line_m(direct(middle, way.azimuth_deg, way.distance_m * 0.999))
        });
        corner.fold(0.0, f64::max)
    };
    assert!(apart_m(&ours) <= 12.5 + 0.1, "{}", apart_m(&ours));
    assert!((20.0..26.0).contains(&apart_m(&theirs)), "{}", apart_m(&theirs));
}
