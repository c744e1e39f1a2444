//! What of the ground the camera sees: the frame centre, the corners, how far and how wide.
//!
//! The ground is a level surface at one height: the sphere that fits the ellipsoid best below the
//! camera in the direction of each ray. Against the ellipsoid itself that errs by millimetres at
//! 1 km and stays below a few centimetres at 5 km; a flat plane would err by 8 cm in height at 1 km,
//! which a flat look turns into metres.

use super::{
    altitude::Altitude,
    pointing::{Attitude, Pointing},
    position::{Position, direct, inverse},
    rotation::Vector,
};

/// WGS 84 semi-major axis, metres.
const A_M: f64 = 6_378_137.0;
/// WGS 84 first eccentricity, squared.
const E2: f64 = 6.694_379_990_141_316e-3;

/// Where the camera is, how it points, and how wide it sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// The camera (ST 0601 tags 13, 14).
    pub position: Position,
    /// Its height (tag 15 or 75).
    pub altitude: Altitude,
    /// The airframe's attitude (tags 5 to 7).
    pub attitude: Attitude,
    /// The camera with respect to the airframe (tags 18 to 20).
    pub pointing: Pointing,
    /// Horizontal field of view, degrees, above 0 and below 180 (tag 16).
    pub hfov_deg: f64,
    /// Vertical field of view, degrees, above 0 and below 180 (tag 17).
    pub vfov_deg: f64,
}

/// What the camera sees of the ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    /// Where the middle of the picture meets the ground (tags 23, 24).
    pub centre: Position,
    /// From the camera to there, metres (tag 21).
    pub slant_range_m: f64,
    /// The picture's corners: upper left, upper right, lower right, lower left, the order of corner
    /// points 1 to 4 (tags 26 to 33, 82 to 89). `None` when one of them is above the horizon.
    pub corners: Option<[Position; 4]>,
    /// Between the ground at the middles of the left and the right edge, metres (tag 22). `None`
    /// when one of them is above the horizon.
    pub target_width_m: Option<f64>,
}

/// What `view` sees of level ground at height `ground`.
///
/// `None` when the middle of the picture is above the horizon, the camera is not above the ground,
/// the two heights have different datums, or an angle is not a number or out of its range.
pub fn look(view: &View, ground: Altitude) -> Option<Footprint> {
    let height_m = view.altitude.above(ground).filter(|height_m| *height_m > 0.0)?;
    let (right, down) = (half_width(view.hfov_deg)?, half_width(view.vfov_deg)?);
    let to_earth = view.attitude.rotation().after(&view.pointing.rotation());
    // Camera axes: along the line of sight, right and down in the picture.
    let meet = |x: f64, y: f64| {
        let ray = to_earth.apply([1.0, x * right, y * down]);
        ground_point(view.position, height_m, ground.metres, ray)
    };

    let centre = meet(0.0, 0.0)?;
    let corner = |x: f64, y: f64| meet(x, y).map(|point| point.position);
    let corners = || Some([corner(-1.0, -1.0)?, corner(1.0, -1.0)?, corner(1.0, 1.0)?, corner(-1.0, 1.0)?]);
    let width = || Some(inverse(corner(-1.0, 0.0)?, corner(1.0, 0.0)?).distance_m);
    Some(Footprint {
        centre: centre.position,
        slant_range_m: centre.range_m,
        corners: corners(),
        target_width_m: width(),
    })
}

/// Half the picture's width on a screen one unit away.
fn half_width(fov_deg: f64) -> Option<f64> {
    (fov_deg > 0.0 && fov_deg < 180.0).then(|| (fov_deg / 2.0).to_radians().tan())
}

struct GroundPoint {
    position: Position,
    range_m: f64,
}

/// Where `ray` (north, east, down; any length) from `height_m` above the ground meets it.
fn ground_point(from: Position, height_m: f64, ground_m: f64, ray: Vector) -> Option<GroundPoint> {
    let [north, east, down] = ray;
    let (level, length) = (north.hypot(east), north.hypot(east).hypot(down));
    let (sin_down, cos_down) = (down / length, level / length);
    let radius_m = section_radius_m(from.lat_deg, east.atan2(north));
    let (inner_m, outer_m) = (radius_m + ground_m, radius_m + ground_m + height_m);
    // Law of cosines in the triangle earth's centre, camera, ground; the nearer of two meetings, in
    // the form that does not subtract what is nearly equal.
    let under_root = inner_m * inner_m - (outer_m * cos_down).powi(2);
    if !(sin_down > 0.0 && under_root >= 0.0) {
        return None;
    }
    let range_m = height_m * (inner_m + outer_m) / (outer_m * sin_down + under_root.sqrt());
    let angle = (range_m * cos_down / inner_m).asin();
    let azimuth_deg = east.atan2(north).to_degrees();
    Some(GroundPoint { position: direct(from, azimuth_deg, radius_m * angle), range_m })
}

/// Radius of the ellipsoid's normal section at this latitude and azimuth (Euler), metres.
fn section_radius_m(lat_deg: f64, azimuth: f64) -> f64 {
    let w2 = 1.0 - E2 * lat_deg.to_radians().sin().powi(2);
    let prime_vertical_m = A_M / w2.sqrt();
    let meridian_m = A_M * (1.0 - E2) / (w2 * w2.sqrt());
    let (sin, cos) = azimuth.sin_cos();
    1.0 / (cos * cos / meridian_m + sin * sin / prime_vertical_m)
}
