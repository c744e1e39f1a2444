//! Positions, and the geodesics between them (Karney's method, by way of `geo`).

use geo::{Bearing, Destination, Distance, Geodesic, Point};

/// A position on the WGS 84 ellipsoid.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Geodetic latitude, degrees, −90 to 90, north positive.
    pub lat_deg: f64,
    /// Longitude, degrees, −180 to 180, east positive.
    pub lon_deg: f64,
}

impl Position {
    /// The position at `lat_deg`, `lon_deg`; `None` outside the ranges of the fields, or not finite.
    pub fn new(lat_deg: f64, lon_deg: f64) -> Option<Self> {
        let there = lat_deg.abs() <= 90.0 && lon_deg.abs() <= 180.0;
        there.then_some(Self { lat_deg, lon_deg })
    }

    fn point(self) -> Point<f64> {
        Point::new(self.lon_deg, self.lat_deg)
    }
}

/// The shortest way from one position to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leg {
    /// Length on the ellipsoid, metres.
    pub distance_m: f64,
    /// Azimuth at the start, degrees from true north, clockwise, 0 to 360.
    pub azimuth_deg: f64,
}

/// The position `distance_m` from `from`, setting out at `azimuth_deg` (from true north, clockwise).
pub fn direct(from: Position, azimuth_deg: f64, distance_m: f64) -> Position {
    let to = Geodesic.destination(from.point(), azimuth_deg, distance_m);
    Position { lat_deg: to.y(), lon_deg: to.x() }
}

/// The shortest way from `from` to `to`.
pub fn inverse(from: Position, to: Position) -> Leg {
    Leg {
        distance_m: Geodesic.distance(from.point(), to.point()),
        azimuth_deg: Geodesic.bearing(from.point(), to.point()).rem_euclid(360.0),
    }
}
