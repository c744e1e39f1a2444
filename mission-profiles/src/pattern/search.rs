//! Searches from a last known position (IAMSAR Manual vol. II, 5.3): expanding square and sectors.

use super::plane::{Flat, Plane, moved};
use super::{MAX_WAYPOINTS, PatternError, Waypoint, checked};
use crate::place::Position;

/// Squares that grow by `spacing_m` every second leg, until every place within `reach_m` of `datum` lies within half the
/// spacing of a leg, or, on the squares' diagonals, 0.59 of it (2 − √2).
///
/// # Errors
/// When a number makes no sense, or it needs more waypoints than a vehicle takes.
pub fn expanding_square(
    datum: Position,
    azimuth_deg: f64,
    spacing_m: f64,
    reach_m: f64,
    height_m: f64,
) -> Result<Vec<Waypoint>, PatternError> {
    checked("azimuth_deg", azimuth_deg, -360.0, 360.0)?;
    checked("spacing_m", spacing_m, 1.0, 10_000.0)?;
    checked("reach_m", reach_m, 1.0, super::FARTHEST_M)?;
    checked("height_m", height_m, 1.0, 500.0)?;
    // After 2n legs of lengths 1, 1, 2, 2 … n, n a square of side n is round the datum, half of it to each side.
    let rounds = (2.0 * reach_m / spacing_m).ceil() + 1.0;
    if rounds * 2.0 > 10_000.0 {
        return Err(PatternError::TooMany);
    }
    // Below 5,000.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let legs = rounds as u32 * 2 + 1;
    let mut here: Flat = [0.0; 2];
    let mut flat = vec![here];
    for leg in 0..legs {
        let length_m = f64::from(leg / 2 + 1) * spacing_m;
        here = moved(here, azimuth_deg + 90.0 * f64::from(leg % 4), length_m);
        flat.push(here);
    }
    placed(datum, &flat, height_m)
}

/// Three sectors through `datum`, each leg `radius_m` long, turns of 120° to the right; flown again between the first lines when `twice`.
///
/// # Errors
/// When a number makes no sense.
pub fn sector_search(
    datum: Position,
    azimuth_deg: f64,
    radius_m: f64,
    height_m: f64,
    twice: bool,
) -> Result<Vec<Waypoint>, PatternError> {
    checked("azimuth_deg", azimuth_deg, -360.0, 360.0)?;
    checked("radius_m", radius_m, 1.0, super::FARTHEST_M)?;
    checked("height_m", height_m, 1.0, 500.0)?;
    let mut flat: Vec<Flat> = vec![[0.0; 2]];
    let turns: &[f64] = if twice { &[0.0, 30.0] } else { &[0.0] };
    for turn in turns {
        for sector in 0..3 {
            // Out, across, and back through the datum: an equilateral triangle. The next begins where the last leg leads on.
            let out_deg = azimuth_deg + turn + 240.0 * f64::from(sector);
            let far = moved([0.0; 2], out_deg, radius_m);
            flat.extend([far, moved(far, out_deg + 120.0, radius_m), [0.0; 2]]);
        }
    }
    placed(datum, &flat, height_m)
}

fn placed(datum: Position, flat: &[Flat], height_m: f64) -> Result<Vec<Waypoint>, PatternError> {
    if flat.len() > MAX_WAYPOINTS {
        return Err(PatternError::TooMany);
    }
    let (plane, _) = Plane::of(&[datum])?;
    Ok(flat.iter().map(|flat| Waypoint { position: plane.position(*flat), height_m, heading_deg: None }).collect())
}
