//! A plane to draw on, and the way back to places.

use super::{FARTHEST_M, PatternError};
use crate::place::{Position, TangentPlane, direct, earth_point};
use crate::zones::middle;

/// East and north, metres.
pub(super) type Flat = [f64; 2];

/// A plane to draw on.
pub(super) struct Plane {
    middle: Position,
    plane: TangentPlane,
}

impl Plane {
    /// In the middle of these places, and where they are on it.
    pub(super) fn of(places: &[Position]) -> Result<(Self, Vec<Flat>), PatternError> {
        let middle = middle(places);
        let plane = Self { middle, plane: TangentPlane::at(middle) };
        let flat: Vec<_> = places.iter().map(|place| plane.plane.project(earth_point(*place))).collect();
        let inside = |[east, north]: &Flat| east.hypot(*north) <= FARTHEST_M;
        if flat.iter().all(inside) { Ok((plane, flat)) } else { Err(PatternError::TooLarge) }
    }

    pub(super) fn position(&self, [east, north]: Flat) -> Position {
        direct(self.middle, east.atan2(north).to_degrees(), east.hypot(north))
    }
}

/// Turned so that the direction `azimuth_deg` becomes the first axis.
pub(super) fn turned([east, north]: Flat, azimuth_deg: f64) -> Flat {
    let (sin, cos) = azimuth_deg.to_radians().sin_cos();
    [east * sin + north * cos, east * cos - north * sin]
}

/// Turned back: the inverse of [`turned`], which is its own.
pub(super) fn turned_back([along, beside]: Flat, azimuth_deg: f64) -> Flat {
    let (sin, cos) = azimuth_deg.to_radians().sin_cos();
    [along * sin + beside * cos, along * cos - beside * sin]
}

/// A place so far in a direction.
pub(super) fn moved([east, north]: Flat, azimuth_deg: f64, distance_m: f64) -> Flat {
    let (sin, cos) = azimuth_deg.to_radians().sin_cos();
    [east + distance_m * sin, north + distance_m * cos]
}
