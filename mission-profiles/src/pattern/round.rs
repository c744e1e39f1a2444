//! Round a place, and round an area.

use super::plane::{Flat, Plane, moved};
use super::{PatternError, Waypoint, checked};
use crate::place::Position;
use crate::zones::hull;

/// Between two waypoints on an arc, degrees.
const STEP_DEG: f64 = 15.0;

/// Round `centre`, clockwise from `azimuth_deg`, the nose to the centre; a full turn, ending where it began.
///
/// # Errors
/// When a number makes no sense.
pub fn orbit(centre: Position, radius_m: f64, azimuth_deg: f64, height_m: f64) -> Result<Vec<Waypoint>, PatternError> {
    checked("radius_m", radius_m, 1.0, 5_000.0)?;
    checked("azimuth_deg", azimuth_deg, -360.0, 360.0)?;
    checked("height_m", height_m, 1.0, 500.0)?;
    let (plane, _) = Plane::of(&[centre])?;
    let at = |i: u32| {
        let out_deg = azimuth_deg + STEP_DEG * f64::from(i);
        let position = plane.position(moved([0.0; 2], out_deg, radius_m));
        Waypoint { position, height_m, heading_deg: Some((out_deg + 180.0).rem_euclid(360.0)) }
    };
    Ok((0..=24).map(at).collect())
}

/// Round the convex hull of `area`, `standoff_m` outside it, clockwise, the nose inwards; ending where it began.
///
/// # Errors
/// When a number makes no sense, or the area is too large.
pub fn perimeter(area: &[Position], standoff_m: f64, height_m: f64) -> Result<Vec<Waypoint>, PatternError> {
    checked("standoff_m", standoff_m, 0.0, 2_000.0)?;
    checked("height_m", height_m, 1.0, 500.0)?;
    let (plane, flat) = Plane::of(area)?;
    // The hull goes anticlockwise.
    let mut ring: Vec<Flat> = hull(&flat).into_iter().map(|corner| flat[corner]).collect();
    ring.reverse();
    if ring.len() < 3 {
        return Err(PatternError::Corners(area.len()));
    }
    let outward_deg = |a: Flat, b: Flat| (b[0] - a[0]).atan2(b[1] - a[1]).to_degrees() - 90.0;
    let count = ring.len();
    let mut waypoints = Vec::new();
    for i in 0..count {
        let (before, here, next) = (ring[(i + count - 1) % count], ring[i], ring[(i + 1) % count]);
        let (from_deg, to_deg) = (outward_deg(before, here), outward_deg(here, next));
        let turn_deg = (to_deg - from_deg).rem_euclid(360.0);
        // At most 24.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let steps = (turn_deg / STEP_DEG).ceil().max(1.0) as u32;
        for step in 0..=steps {
            let out_deg = from_deg + turn_deg * f64::from(step) / f64::from(steps);
            let position = plane.position(moved(here, out_deg, standoff_m));
            waypoints.push(Waypoint { position, height_m, heading_deg: Some((out_deg + 180.0).rem_euclid(360.0)) });
        }
    }
    waypoints.extend(waypoints.first().copied());
    Ok(waypoints)
}
