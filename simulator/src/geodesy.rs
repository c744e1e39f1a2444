//! WGS 84 positions and the simulator's flat map.
//!
//! The world is simulated on a plane tangent to the ellipsoid at home, north and east in metres, with heights counted from the
//! ellipsoid *below the point itself*, so that level ground keeps one altitude however far one flies. Positions go through ECEF, not through
//! a "metres per degree" rule.

use crate::maths::Vec3;

/// Semi-major axis of WGS 84, metres.
pub const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Flattening of WGS 84.
pub const FLATTENING: f64 = 1.0 / 298.257_223_563;
const ECCENTRICITY_SQUARED: f64 = FLATTENING * (2.0 - FLATTENING);

/// A position on WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geodetic {
    /// Latitude, degrees north.
    pub lat_deg: f64,
    /// Longitude, degrees east.
    pub lon_deg: f64,
    /// Height above the ellipsoid, metres.
    pub height_m: f64,
}

impl Geodetic {
    /// Earth-centred, earth-fixed coordinates, metres.
    #[must_use]
    pub fn to_ecef(self) -> [f64; 3] {
        let (sin_lat, cos_lat) = self.lat_deg.to_radians().sin_cos();
        let (sin_lon, cos_lon) = self.lon_deg.to_radians().sin_cos();
        let n = SEMI_MAJOR_M / (1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat).sqrt();
        [
            (n + self.height_m) * cos_lat * cos_lon,
            (n + self.height_m) * cos_lat * sin_lon,
            (n * (1.0 - ECCENTRICITY_SQUARED) + self.height_m) * sin_lat,
        ]
    }

    /// The position of earth-centred coordinates (Bowring's start, then iterated to well below a micrometre).
    #[must_use]
    pub fn from_ecef([x, y, z]: [f64; 3]) -> Self {
        let p = x.hypot(y);
        let mut lat = z.atan2(p * (1.0 - ECCENTRICITY_SQUARED));
        let mut height_m = 0.0;
        for _ in 0..6 {
            let sin_lat = lat.sin();
            let n = SEMI_MAJOR_M / (1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat).sqrt();
            height_m = p * lat.cos() + z * sin_lat - SEMI_MAJOR_M * SEMI_MAJOR_M / n;
            lat = z.atan2(p * (1.0 - ECCENTRICITY_SQUARED * n / (n + height_m)));
        }
        Self { lat_deg: lat.to_degrees(), lon_deg: y.atan2(x).to_degrees(), height_m }
    }
}

/// The map: a tangent plane at home.
#[derive(Clone, Copy, Debug)]
pub struct Map {
    home: Geodetic,
    home_ecef: [f64; 3],
    north: [f64; 3],
    east: [f64; 3],
    up: [f64; 3],
}

impl Map {
    /// The map around `home`; its height is the ground's.
    #[must_use]
    pub fn new(home: Geodetic) -> Self {
        let (sin_lat, cos_lat) = home.lat_deg.to_radians().sin_cos();
        let (sin_lon, cos_lon) = home.lon_deg.to_radians().sin_cos();
        Self {
            home,
            home_ecef: home.to_ecef(),
            north: [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
            east: [-sin_lon, cos_lon, 0.0],
            up: [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat],
        }
    }

    /// Home.
    #[must_use]
    pub fn home(&self) -> Geodetic {
        self.home
    }

    /// The geodetic position of a map position (x north, y east, −z the height above home's ellipsoidal height).
    #[must_use]
    pub fn geodetic(&self, map: Vec3) -> Geodetic {
        let mut ecef = self.home_ecef;
        for (axis, value) in ecef.iter_mut().enumerate() {
            *value += self.north[axis] * map.x + self.east[axis] * map.y;
        }
        let below = Geodetic::from_ecef(ecef);
        Geodetic { height_m: self.home.height_m - map.z, ..below }
    }

    /// The map position of a geodetic one; inverse of [`Map::geodetic`].
    #[must_use]
    pub fn local(&self, at: Geodetic) -> Vec3 {
        // The plane lies a little above the ellipsoid away from home: one refinement puts the point on it.
        let mut height_m = self.home.height_m;
        let mut offset = [0.0; 3];
        for _ in 0..3 {
            let ecef = Geodetic { height_m, ..at }.to_ecef();
            for axis in 0..3 {
                offset[axis] = ecef[axis] - self.home_ecef[axis];
            }
            height_m -= dot(offset, self.up);
        }
        Vec3::new(dot(offset, self.north), dot(offset, self.east), self.home.height_m - at.height_m)
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOME: Geodetic = Geodetic { lat_deg: 51.5, lon_deg: -1.9, height_m: 180.0 };

    #[test]
    fn ecef_of_known_points() {
        // Axes of the ellipsoid: a and b = a(1 − f) = 6 356 752.314 245 m (NIMA TR8350.2, table 3.2).
        let equator = Geodetic { lat_deg: 0.0, lon_deg: 0.0, height_m: 0.0 }.to_ecef();
        assert!((equator[0] - 6_378_137.0).abs() < 1e-6);
        let pole = Geodetic { lat_deg: 90.0, lon_deg: 0.0, height_m: 0.0 }.to_ecef();
        assert!((pole[2] - 6_356_752.314_245).abs() < 1e-6);
    }

    #[test]
    fn one_arc_minute_of_meridian_at_45_degrees() {
        // M(45°) = a(1−e²)/(1−e²/2)^1.5 = 6 367 381.816 m, times π/10 800: 1852.196 m.
        let map = Map::new(Geodetic { lat_deg: 45.0, lon_deg: 7.0, height_m: 0.0 });
        let at = Geodetic { lat_deg: 45.0 + 1.0 / 120.0, lon_deg: 7.0, height_m: 0.0 };
        let south = Geodetic { lat_deg: 45.0 - 1.0 / 120.0, lon_deg: 7.0, height_m: 0.0 };
        let arc = map.local(at).x - map.local(south).x;
        assert!((arc - 1852.196).abs() < 0.002, "{arc}");
    }

    #[test]
    fn parallel_at_51_5_degrees() {
        // N(φ)·cos φ·Δλ with N = a/√(1−e²sin²φ): 0.01° of longitude is 694.375 m.
        let map = Map::new(HOME);
        let n = SEMI_MAJOR_M / (1.0 - 0.006_694_379_990_14 * 51.5f64.to_radians().sin().powi(2)).sqrt() + 180.0;
        let expected = n * 51.5f64.to_radians().cos() * 0.01f64.to_radians();
        let east = map.local(Geodetic { lon_deg: -1.89, ..HOME }).y;
        assert!((east - expected).abs() < 0.001, "{east} {expected}");
    }

    proptest! {
        #[test]
        fn map_round_trip(x in -5000.0f64..5000.0, y in -5000.0f64..5000.0, z in -500.0f64..100.0) {
            let map = Map::new(HOME);
            let back = map.local(map.geodetic(Vec3::new(x, y, z)));
            prop_assert!((back - Vec3::new(x, y, z)).norm() < 1e-4, "{back:?}");
        }

        #[test]
        fn ecef_round_trip(lat in -89.0f64..89.0, lon in -179.0f64..179.0, h in -100.0f64..9000.0) {
            let at = Geodetic { lat_deg: lat, lon_deg: lon, height_m: h };
            let back = Geodetic::from_ecef(at.to_ecef());
            prop_assert!((back.lat_deg - lat).abs() < 1e-11 && (back.lon_deg - lon).abs() < 1e-11);
            prop_assert!((back.height_m - h).abs() < 1e-6);
        }
    }
}
