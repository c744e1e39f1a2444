//! Arcs of circles, written as corners.

use crate::place::{Position, direct, inverse};

/// How far the corners may leave the arc outside, metres.
pub(super) const SAGITTA_M: f64 = 1.0;
/// Ends whose distances from the centre differ by more than this part of the radius are not on one arc.
const OFF_ARC: f64 = 0.02;

/// An arc round `centre` from `from` to `to`, clockwise or not: its corners, both ends first and last, and whether the ends lie on one circle.
pub(super) fn between(centre: Position, from: Position, to: Position, clockwise: bool) -> (Vec<Position>, bool) {
    let (start, end) = (inverse(centre, from), inverse(centre, to));
    let mut corners = vec![from];
    let ends = [(start.azimuth_deg, start.distance_m), (end.azimuth_deg, end.distance_m)];
    corners.extend(sweep(centre, ends, clockwise));
    corners.push(to);
    let longest_m = start.distance_m.max(end.distance_m);
    (corners, (start.distance_m - end.distance_m).abs() <= (longest_m * OFF_ARC).max(100.0))
}

/// An arc of `radius_m` from one azimuth to another.
pub(super) fn sector(centre: Position, radius_m: f64, from_deg: f64, to_deg: f64, clockwise: bool) -> Vec<Position> {
    let mut corners = vec![direct(centre, from_deg, radius_m)];
    corners.extend(sweep(centre, [(from_deg, radius_m), (to_deg, radius_m)], clockwise));
    corners.push(direct(centre, to_deg, radius_m));
    corners
}

/// The corners between the ends, by azimuth, the radius going over from the one end's to the other's.
fn sweep(centre: Position, [(from_deg, from_m), (to_deg, to_m)]: [(f64, f64); 2], clockwise: bool) -> Vec<Position> {
    let turn = if clockwise { (to_deg - from_deg).rem_euclid(360.0) } else { -(from_deg - to_deg).rem_euclid(360.0) };
    let radius_m = from_m.max(to_m);
    if radius_m.is_nan() || radius_m <= SAGITTA_M {
        return Vec::new();
    }
    let step_deg = (2.0 * (1.0 - SAGITTA_M / radius_m).acos().to_degrees()).max(0.05);
    // At most 7,200.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let steps = (turn.abs() / step_deg).ceil().max(1.0) as u32;
    let part = |i: u32| f64::from(i) / f64::from(steps);
    (1..steps).map(|i| direct(centre, from_deg + turn * part(i), from_m + (to_m - from_m) * part(i))).collect()
}
