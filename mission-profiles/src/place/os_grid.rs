//! Ordnance Survey National Grid references (*A guide to coordinate systems in Great Britain*, annexes B and C).
//!
//! WGS 84 to OSGB36 is by the seven parameters of its section 6.6: right to about 5 m, enough to find a place, not to survey one.

use super::position::Position;

/// Airy 1830.
const AIRY: [f64; 2] = [6_377_563.396, 6_356_256.909];
/// WGS 84 (GRS 80 differs by 0.1 mm).
const WGS84: [f64; 2] = [6_378_137.0, 6_356_752.314_245];
/// WGS 84 to OSGB36: metres, parts per million, seconds of arc.
const SHIFT_M: [f64; 3] = [-446.448, 125.157, -542.060];
const SCALE_PPM: f64 = 20.4894;
const TURN_S: [f64; 3] = [-0.1502, -0.2470, -0.8421];
/// The projection: scale on the central meridian, true origin, false easting and northing.
const F0: f64 = 0.999_601_271_7;
const LAT0_DEG: f64 = 49.0;
const LON0_DEG: f64 = -2.0;
const FALSE_M: [f64; 2] = [400_000.0, -100_000.0];
/// Letters of the grid: no I.
const LETTERS: &[u8; 25] = b"ABCDEFGHJKLMNOPQRSTUVWXYZ";
/// How often latitude is refined.
const ROUNDS: usize = 12;

/// The place of a grid reference: the middle of the square that `SP 123 456`, `SP12304560` or `SP14` names; `None` when it is none.
#[must_use]
pub fn from_grid(reference: &str) -> Option<Position> {
    let text: String = reference.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let (letters, digits) = text.split_at_checked(2)?;
    let letter = |at: usize| LETTERS.iter().position(|known| *known == letters.as_bytes()[at]);
    let (first, second) = (letter(0)?, letter(1)?);
    if digits.len() % 2 == 1 || digits.len() > 10 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let half = digits.len() / 2;
    let [east, north] =
        [&digits[..half], &digits[half..]].map(|part| format!("{part:0<5}").parse::<f64>().unwrap_or(0.0));
    let middle_m = 10_f64.powi(5 - i32::try_from(half).ok()?) / 2.0;
    // Squares of 500 km from the south-west corner of VV, in them squares of 100 km.
    #[allow(clippy::cast_precision_loss)]
    let (column, row) = (((first % 5) * 5 + second % 5) as f64 - 10.0, 19.0 - ((first / 5) * 5 + second / 5) as f64);
    let (east, north) = (column * 1e5 + east + middle_m, row * 1e5 + north + middle_m);
    let in_britain = (0.0..700_000.0).contains(&east) && (0.0..1_300_000.0).contains(&north);
    in_britain.then(|| from_osgb36(unproject(east, north)))
}

/// The reference of `place` to ten metres, `SP 1234 5678`; `None` outside the grid.
#[must_use]
pub fn to_grid(place: Position) -> Option<String> {
    let (east, north) = project(to_osgb36(place));
    if !((0.0..700_000.0).contains(&east) && (0.0..1_300_000.0).contains(&north)) {
        return None;
    }
    // Inside the grid.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (east, north) = (east as usize, north as usize);
    let (column, row) = (east / 100_000 + 10, 19 - north / 100_000);
    let letter = |column: usize, row: usize| char::from(LETTERS[row * 5 + column]);
    let (first, second) = (letter(column / 5, row / 5), letter(column % 5, row % 5));
    Some(format!("{first}{second} {:04} {:04}", east % 100_000 / 10, north % 100_000 / 10))
}

/// Latitude and longitude, radians.
type Angles = (f64, f64);

fn cartesian((lat, lon): Angles, [a, b]: [f64; 2]) -> [f64; 3] {
    let e2 = 1.0 - (b / a).powi(2);
    let normal = a / (1.0 - e2 * lat.sin().powi(2)).sqrt();
    [normal * lat.cos() * lon.cos(), normal * lat.cos() * lon.sin(), normal * (1.0 - e2) * lat.sin()]
}

fn geodetic([x, y, z]: [f64; 3], [a, b]: [f64; 2]) -> Angles {
    let e2 = 1.0 - (b / a).powi(2);
    let across = x.hypot(y);
    let mut lat = z.atan2(across * (1.0 - e2));
    for _ in 0..ROUNDS {
        let normal = a / (1.0 - e2 * lat.sin().powi(2)).sqrt();
        lat = (z + e2 * normal * lat.sin()).atan2(across);
    }
    (lat, y.atan2(x))
}

/// The seven-parameter shift, or, by `sign` −1, its inverse to within centimetres.
fn shifted([x, y, z]: [f64; 3], sign: f64) -> [f64; 3] {
    let [rx, ry, rz] = TURN_S.map(|seconds| sign * (seconds / 3_600.0).to_radians());
    let scale = 1.0 + sign * SCALE_PPM * 1e-6;
    let [tx, ty, tz] = SHIFT_M.map(|metres| sign * metres);
    [tx + scale * x - rz * y + ry * z, ty + rz * x + scale * y - rx * z, tz - ry * x + rx * y + scale * z]
}

fn to_osgb36(place: Position) -> Angles {
    let wgs84 = (place.lat_deg.to_radians(), place.lon_deg.to_radians());
    geodetic(shifted(cartesian(wgs84, WGS84), 1.0), AIRY)
}

fn from_osgb36(place: Angles) -> Position {
    let (lat, lon) = geodetic(shifted(cartesian(place, AIRY), -1.0), WGS84);
    Position { lat_deg: lat.to_degrees(), lon_deg: lon.to_degrees() }
}

/// Radii of curvature across and along the meridian, and η², at a latitude.
fn radii(lat: f64) -> (f64, f64, f64) {
    let [a, b] = AIRY;
    let e2 = 1.0 - (b / a).powi(2);
    let root = 1.0 - e2 * lat.sin().powi(2);
    let (nu, rho) = (a * F0 / root.sqrt(), a * F0 * (1.0 - e2) / root.powf(1.5));
    (nu, rho, nu / rho - 1.0)
}

/// The developed arc of the meridian from the true origin (annex C, C3).
fn meridian(lat: f64) -> f64 {
    let [a, b] = AIRY;
    let n = (a - b) / (a + b);
    let (lat0, n2, n3) = (LAT0_DEG.to_radians(), n * n, n * n * n);
    let (minus, plus) = (lat - lat0, lat + lat0);
    b * F0
        * ((1.0 + n + 1.25 * n2 + 1.25 * n3) * minus - (3.0 * n + 3.0 * n2 + 2.625 * n3) * minus.sin() * plus.cos()
            + (1.875 * n2 + 1.875 * n3) * (2.0 * minus).sin() * (2.0 * plus).cos()
            - 35.0 / 24.0 * n3 * (3.0 * minus).sin() * (3.0 * plus).cos())
}

/// Easting and northing (annex C1).
fn project((lat, lon): Angles) -> (f64, f64) {
    let (nu, rho, eta2) = radii(lat);
    let (sin, cos, tan2) = (lat.sin(), lat.cos(), lat.tan().powi(2));
    let d = lon - LON0_DEG.to_radians();
    let north = meridian(lat)
        + FALSE_M[1]
        + nu / 2.0 * sin * cos * d.powi(2)
        + nu / 24.0 * sin * cos.powi(3) * (5.0 - tan2 + 9.0 * eta2) * d.powi(4)
        + nu / 720.0 * sin * cos.powi(5) * (61.0 - 58.0 * tan2 + tan2 * tan2) * d.powi(6);
    let east = FALSE_M[0]
        + nu * cos * d
        + nu / 6.0 * cos.powi(3) * (nu / rho - tan2) * d.powi(3)
        + nu / 120.0 * cos.powi(5) * (5.0 - 18.0 * tan2 + tan2 * tan2 + 14.0 * eta2 - 58.0 * tan2 * eta2) * d.powi(5);
    (east, north)
}

/// Latitude and longitude on Airy's ellipsoid: the projection's inverse (annex C2).
fn unproject(east: f64, north: f64) -> Angles {
    let mut lat = LAT0_DEG.to_radians();
    for _ in 0..ROUNDS {
        lat += (north - FALSE_M[1] - meridian(lat)) / (AIRY[0] * F0);
    }
    let (nu, rho, eta2) = radii(lat);
    let (tan, tan2, cos) = (lat.tan(), lat.tan().powi(2), lat.cos());
    let d = east - FALSE_M[0];
    let lat = lat - tan / (2.0 * rho * nu) * d.powi(2)
        + tan / (24.0 * rho * nu.powi(3)) * (5.0 + 3.0 * tan2 + eta2 - 9.0 * tan2 * eta2) * d.powi(4)
        - tan / (720.0 * rho * nu.powi(5)) * (61.0 + 90.0 * tan2 + 45.0 * tan2 * tan2) * d.powi(6);
    let lon = LON0_DEG.to_radians() + d / (cos * nu) - (nu / rho + 2.0 * tan2) / (6.0 * cos * nu.powi(3)) * d.powi(3)
        + (5.0 + 28.0 * tan2 + 24.0 * tan2 * tan2) / (120.0 * cos * nu.powi(5)) * d.powi(5)
        - (61.0 + 662.0 * tan2 + 1_320.0 * tan2 * tan2 + 720.0 * tan2.powi(3)) / (5_040.0 * cos * nu.powi(7))
            * d.powi(7);
    (lat, lon)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// pyproj 3.7.2, by the same seven parameters: latitude, longitude, easting, northing.
    const KNOWN: [(f64, f64, f64, f64); 6] = [
        (51.4779, -0.0015, 538_882.85, 177_331.43),
        (52.65757, 1.71792, 651_538.53, 313_138.37),
        (57.1497, -2.0943, 394_393.29, 806_539.26),
        (50.0657, -5.7132, 134_369.60, 25_005.05),
        (53.4808, -2.2426, 383_997.43, 398_258.32),
        (60.155, -1.145, 447_567.41, 1_141_475.59),
    ];

    #[test]
    fn eastings_and_northings_are_those_of_proj() {
        for (lat, lon, east, north) in KNOWN {
            let (e, n) = project(to_osgb36(Position::new(lat, lon).unwrap()));
            assert!((e - east).abs() < 0.02 && (n - north).abs() < 0.02, "{lat} {lon}: {e} {n}");
            let back = from_osgb36(unproject(e, n));
            assert!((back.lat_deg - lat).abs() < 1e-6 && (back.lon_deg - lon).abs() < 2e-6, "{back:?}");
        }
    }

    /// The guide's worked example (annex C): Caister water tower, on OSGB36.
    #[test]
    fn the_guides_worked_example() {
        let degrees = |d: f64, m: f64, s: f64| (d + m / 60.0 + s / 3_600.0).to_radians();
        let (east, north) = project((degrees(52.0, 39.0, 27.2531), degrees(1.0, 43.0, 4.5177)));
        assert!((east - 651_409.903).abs() < 0.005 && (north - 313_177.270).abs() < 0.005, "{east} {north}");
    }

    #[test]
    fn references_as_people_write_them() {
        let place = Position::new(51.4779, -0.0015).unwrap();
        assert_eq!(to_grid(place).as_deref(), Some("TQ 3888 7733"));
        let near = |text: &str, within_m: f64| {
            let apart_m = super::super::inverse(from_grid(text).unwrap(), place).distance_m;
            assert!(apart_m <= within_m, "{text}: {apart_m} m");
        };
        near("TQ 3888 7733", 8.0);
        near("tq38887733", 8.0);
        near("TQ 388 773", 80.0);
        near("TQ3877", 800.0);
        near("TQ", 80_000.0);
        for wrong in ["", "T", "TQ3", "TQ 12345", "II 12 34", "AA 11 11", "TQ 1a 11", "éé", "TQ 123456 123456"] {
            assert_eq!(from_grid(wrong), None, "{wrong}");
        }
        assert_eq!(to_grid(Position::new(40.0, 3.0).unwrap()), None);
    }
}
