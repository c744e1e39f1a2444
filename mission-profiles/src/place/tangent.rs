//! Earth-centred points, and the plane that touches the earth at one of them.
//!
//! On that plane a geodesic that passes near the point of contact is straight to within centimetres, whatever the
//! length of the line, wherever the point lies: the antimeridian and the poles are places like others.

use super::position::Position;

/// WGS 84 semi-major axis, metres.
const A_M: f64 = 6_378_137.0;
/// WGS 84 first eccentricity, squared.
const E2: f64 = 6.694_379_990_141_316e-3;
/// The mean radius, metres (IUGG R1): distances along the ground from chords.
pub(crate) const MEAN_RADIUS_M: f64 = 6_371_008.8;

/// A point of the ellipsoid: metres from the earth's centre towards 0° N 0° E, 0° N 90° E and the north pole.
pub type EarthPoint = [f64; 3];

/// The earth-centred coordinates of `place` at height 0.
#[must_use]
pub fn earth_point(place: Position) -> EarthPoint {
    let (sin_lat, cos_lat) = place.lat_deg.to_radians().sin_cos();
    let (sin_lon, cos_lon) = place.lon_deg.to_radians().sin_cos();
    let normal_m = A_M / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    [normal_m * cos_lat * cos_lon, normal_m * cos_lat * sin_lon, normal_m * (1.0 - E2) * sin_lat]
}

/// Metres along the ground between two points, from their chord: right to 0.4 % on any distance, to centimetres below 10 km of height
/// difference in curvature; [`super::inverse`] is exact and slower.
#[must_use]
pub fn ground_distance_m(a: EarthPoint, b: EarthPoint) -> f64 {
    let chord = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    let chord_m = dot(chord, chord).sqrt();
    2.0 * MEAN_RADIUS_M * (chord_m / (2.0 * MEAN_RADIUS_M)).clamp(0.0, 1.0).asin()
}

/// The plane that touches the earth at one point: east and north of it, metres.
#[derive(Debug, Clone, Copy)]
pub struct TangentPlane {
    contact: EarthPoint,
    east: [f64; 3],
    north: [f64; 3],
}

impl TangentPlane {
    /// The plane at `place`.
    #[must_use]
    pub fn at(place: Position) -> Self {
        let (sin_lat, cos_lat) = place.lat_deg.to_radians().sin_cos();
        let (sin_lon, cos_lon) = place.lon_deg.to_radians().sin_cos();
        Self {
            contact: earth_point(place),
            east: [-sin_lon, cos_lon, 0.0],
            north: [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
        }
    }

    /// Where `point` lies on the plane: east and north, metres.
    #[must_use]
    pub fn project(&self, point: EarthPoint) -> [f64; 2] {
        let from = [point[0] - self.contact[0], point[1] - self.contact[1], point[2] - self.contact[2]];
        [dot(from, self.east), dot(from, self.north)]
    }
}

pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use super::super::position::{direct, inverse};
    use super::*;
    use proptest::prelude::*;

    fn at(lat_deg: f64, lon_deg: f64) -> Position {
        Position::new(lat_deg, lon_deg).unwrap()
    }

    proptest! {
        #[test]
        fn near_the_contact_the_plane_is_the_ground(
            lat in -90.0..90.0_f64, lon in -180.0..180.0_f64, azimuth in 0.0..360.0_f64, distance_m in 0.0..20_000.0_f64,
        ) {
            let centre = at(lat, lon);
            let there = direct(centre, azimuth, distance_m);
            let [east, north] = TangentPlane::at(centre).project(earth_point(there));
            prop_assert!((east.hypot(north) - distance_m).abs() < 0.05, "{}", east.hypot(north) - distance_m);
        }

        #[test]
        fn a_long_geodesic_is_straight_where_it_passes(
            lat in -80.0..80.0_f64, azimuth in 0.0..180.0_f64, back_m in 1_000.0..150_000.0_f64, on_m in 1_000.0..150_000.0_f64,
        ) {
            let middle = at(lat, 179.9);
            let (from, to) = (direct(middle, azimuth + 180.0, back_m), direct(middle, azimuth, on_m));
            let plane = TangentPlane::at(middle);
            let ([x0, y0], [x1, y1]) = (plane.project(earth_point(from)), plane.project(earth_point(to)));
            let beside_m = (x0 * y1 - x1 * y0).abs() / (x1 - x0).hypot(y1 - y0);
            prop_assert!(beside_m < 0.5, "{beside_m}");
        }

        #[test]
        fn the_chord_gives_the_distance(lat in -90.0..90.0_f64, azimuth in 0.0..360.0_f64, distance_m in 0.0..100_000.0_f64) {
            let (here, there) = (at(lat, 5.0), direct(at(lat, 5.0), azimuth, distance_m));
            let error_m = ground_distance_m(earth_point(here), earth_point(there)) - inverse(here, there).distance_m;
            prop_assert!(error_m.abs() < 0.05, "{error_m}");
        }
    }
}
