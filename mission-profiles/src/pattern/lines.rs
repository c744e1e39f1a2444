//! Along a line: corridors, and the front of a building.

use super::plane::{Flat, Plane, moved};
use super::{MAX_WAYPOINTS, PatternError, Waypoint, checked};
use crate::place::Position;

/// Where a line bends more sharply its parallels are cut off there, as a part of their distance.
const SHARPEST: f64 = 3.0;

/// Lines to and fro along `line`, `spacing_m` apart, so that every place within `width_m` / 2 beside its legs lies within half the spacing
/// of one of them.
///
/// # Errors
/// When a number makes no sense, or the line is too long.
pub fn corridor(line: &[Position], width_m: f64, spacing_m: f64, height_m: f64) -> Result<Vec<Waypoint>, PatternError> {
    checked("width_m", width_m, 0.0, 5_000.0)?;
    checked("spacing_m", spacing_m, 1.0, 5_000.0)?;
    checked("height_m", height_m, 1.0, 500.0)?;
    if line.len() < 2 {
        return Err(PatternError::Corners(line.len()));
    }
    let (plane, flat) = Plane::of(line)?;
    // At most 5,000.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let count = (width_m / spacing_m).ceil().max(1.0) as u32;
    if count as usize * line.len() > MAX_WAYPOINTS {
        return Err(PatternError::TooMany);
    }
    let apart_m = width_m / f64::from(count);
    let mut waypoints = Vec::new();
    for i in 0..count {
        let mut parallel = beside(&flat, (f64::from(i) + 0.5) * apart_m - width_m / 2.0);
        if i % 2 == 1 {
            parallel.reverse();
        }
        waypoints.extend(parallel.into_iter().map(|flat| Waypoint {
            position: plane.position(flat),
            height_m,
            heading_deg: None,
        }));
    }
    Ok(waypoints)
}

/// The parallel of a line, so far to its right.
fn beside(line: &[Flat], right_m: f64) -> Vec<Flat> {
    let azimuth = |a: Flat, b: Flat| (b[0] - a[0]).atan2(b[1] - a[1]).to_degrees();
    (0..line.len())
        .map(|i| {
            let before = i.checked_sub(1).map(|before| azimuth(line[before], line[i]));
            let after = line.get(i + 1).map(|next| azimuth(line[i], *next));
            let (from_deg, to_deg) = (before.or(after).unwrap_or(0.0), after.or(before).unwrap_or(0.0));
            let half_deg = ((to_deg - from_deg + 180.0).rem_euclid(360.0) - 180.0) / 2.0;
            let stretch = (1.0 / half_deg.to_radians().cos().abs()).min(SHARPEST);
            moved(line[i], from_deg + half_deg + 90.0, right_m * stretch)
        })
        .collect()
}

/// Along a wall from `left` to `right` (as seen from before it), `standoff_m` before it, level after level from `low_m` to `high_m`, the nose
/// to the wall.
///
/// # Errors
/// When a number makes no sense.
pub fn facade(
    left: Position,
    right: Position,
    standoff_m: f64,
    [low_m, high_m]: [f64; 2],
    spacing_m: f64,
) -> Result<Vec<Waypoint>, PatternError> {
    checked("standoff_m", standoff_m, 2.0, 200.0)?;
    checked("high_m", high_m, 1.0, 500.0)?;
    checked("low_m", low_m, 1.0, high_m)?;
    checked("spacing_m", spacing_m, 0.5, 100.0)?;
    let (plane, flat) = Plane::of(&[left, right])?;
    let along_deg = (flat[1][0] - flat[0][0]).atan2(flat[1][1] - flat[0][1]).to_degrees();
    // Seen from before the wall its right end is to the right: the wall's front is to the right of the way from left to right, turned round.
    let front = [moved(flat[0], along_deg + 90.0, standoff_m), moved(flat[1], along_deg + 90.0, standoff_m)]
        .map(|flat| plane.position(flat));
    let heading_deg = Some((along_deg - 90.0).rem_euclid(360.0));
    // At most 1,000.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let levels = ((high_m - low_m) / spacing_m).ceil() as u32;
    let level = |i: u32| {
        let height_m = if levels == 0 { low_m } else { low_m + (high_m - low_m) * f64::from(i) / f64::from(levels) };
        let [a, b] = if i.is_multiple_of(2) { front } else { [front[1], front[0]] };
        [a, b].map(|position| Waypoint { position, height_m, heading_deg })
    };
    Ok((0..=levels).flat_map(level).collect())
}
