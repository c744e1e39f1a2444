//! The footprint against figures by pyproj 3.7.2 (PROJ), and against a slow twin that knows nothing
//! of spheres: rotation matrices one after another, earth-centred axes, bisection on the height above
//! the ellipsoid.

use mission_profiles::place::{
    Altitude, Attitude, Footprint, Pointing, Position, View, YawFrame, direct, inverse, look,
};
use proptest::prelude::*;

fn view(at: (f64, f64, f64), attitude: (f64, f64, f64), pointing: (f64, f64, f64), fov: (f64, f64)) -> View {
    View {
        position: Position { lat_deg: at.0, lon_deg: at.1 },
        altitude: Altitude::ellipsoid(at.2),
        attitude: Attitude { yaw_deg: attitude.0, pitch_deg: attitude.1, roll_deg: attitude.2 },
        pointing: Pointing { azimuth_deg: pointing.0, elevation_deg: pointing.1, roll_deg: pointing.2 },
        hfov_deg: fov.0,
        vfov_deg: fov.1,
    }
}

fn apart_m(a: Position, b: (f64, f64)) -> f64 {
    inverse(a, Position { lat_deg: b.0, lon_deg: b.1 }).distance_m
}

struct Expected {
    view: View,
    ground_m: f64,
    centre: (f64, f64),
    range_m: f64,
    width_m: f64,
    corners: [(f64, f64); 4],
}

/// Made with pyproj 3.7.2: EPSG:4979 to 4978 and back, `Geod(ellps="WGS84")`.
fn by_pyproj() -> [Expected; 3] {
    [
        Expected {
            view: view((51.5, -0.125, 120.0), (45.0, -5.0, 3.0), (30.0, -35.0, 2.0), (60.0, 36.0)),
            ground_m: 20.0,
            centre: (51.500_268_215, -0.123_389_647),
            range_m: 152.9551,
            width_m: 176.8875,
            corners: [
                (51.501_832_973, -0.122_045_635),
                (51.499_316_015, -0.121_352_394),
                (51.499_598_443, -0.123_964_874),
                (51.500_725_522, -0.124_368_084),
            ],
        },
        Expected {
            view: view((60.2, 25.0, 150.0), (200.0, 0.0, 0.0), (0.0, -90.0, 0.0), (70.0, 45.0)),
            ground_m: 0.0,
            centre: (60.2, 25.0),
            range_m: 150.0,
            width_m: 210.0635,
            corners: [
                (60.199_153_536, 25.001_396_343),
                (60.199_798_373, 24.997_837_335),
                (60.200_846_449, 24.998_603_585),
                (60.200_201_592, 25.002_162_692),
            ],
        },
        Expected {
            view: view((51.5, -0.125, 400.0), (270.0, 2.0, -1.0), (355.0, -12.0, 1.0), (20.0, 12.0)),
            ground_m: 10.0,
            centre: (51.498_361_683, -0.156_475_158),
            range_m: 2227.7512,
            width_m: 785.7913,
            corners: [
                (51.487_335_907, -0.201_914_721),
                (51.504_542_744, -0.205_529_706),
                (51.501_208_321, -0.144_746_683),
                (51.496_790_993, -0.144_071_940),
            ],
        },
    ]
}

#[test]
fn agrees_with_pyproj() {
    for expected in by_pyproj() {
        let seen = look(&expected.view, Altitude::ellipsoid(expected.ground_m)).unwrap();
        assert!(apart_m(seen.centre, expected.centre) < 0.005);
        assert!((seen.slant_range_m - expected.range_m).abs() < 0.005);
        assert!((seen.target_width_m.unwrap() - expected.width_m).abs() < 0.01);
        for (ours, theirs) in seen.corners.unwrap().iter().zip(expected.corners) {
            // The far corners of the third case lie 5.5 km away.
            let apart = apart_m(*ours, theirs);
            assert!(apart < 0.05, "{ours:?} {apart}");
        }
    }
}

#[test]
fn geodesics_agree_with_pyproj() {
    let london = Position { lat_deg: 51.5, lon_deg: -0.125 };
    let there = direct(london, 75.0, 1234.5);
    assert!(apart_m(there, (51.502_870_559_006_55, -0.107_826_879_506_669_21)) < 1e-6);
    let sofia = Position { lat_deg: 42.698_334, lon_deg: 23.319_941 };
    let plovdiv = Position { lat_deg: 42.136_097, lon_deg: 24.742_168 };
    let leg = inverse(sofia, plovdiv);
    assert!((leg.distance_m - 132_675.501_858_820_56).abs() < 1e-6);
    assert!((leg.azimuth_deg - 117.599_948_205_052_98).abs() < 1e-9);
}

#[test]
fn corners_go_round_from_the_upper_left() {
    // Heading north, looking straight down: up in the picture is north.
    let view = view((51.5, -0.1, 100.0), (0.0, 0.0, 0.0), (0.0, -90.0, 0.0), (60.0, 40.0));
    let Footprint { centre, corners, .. } = look(&view, Altitude::ellipsoid(0.0)).unwrap();
    let quarter = |p: Position| (p.lat_deg > centre.lat_deg, p.lon_deg > centre.lon_deg);
    let quarters = corners.unwrap().map(quarter);
    assert_eq!(quarters, [(true, false), (true, true), (false, true), (false, false)]);
}

#[test]
fn nothing_is_seen_above_the_horizon() {
    let at = |elevation| view((51.5, -0.1, 100.0), (0.0, 0.0, 0.0), (0.0, elevation, 0.0), (40.0, 30.0));
    let seen = |elevation| look(&at(elevation), Altitude::ellipsoid(0.0));
    // The horizon of 100 m lies 0.32° below level.
    assert_eq!(seen(10.0), None);
    assert_eq!(seen(0.0), None);
    assert_eq!(seen(-0.3), None);
    let grazing = seen(-0.35).unwrap();
    assert!(grazing.corners.is_none() && grazing.slant_range_m > 10_000.0);
    // Level edges: the width is known before the upper corners are.
    assert!(seen(-10.0).unwrap().corners.is_none() && seen(-10.0).unwrap().target_width_m.is_some());
    assert!(seen(-20.0).unwrap().corners.is_some());
}

#[test]
fn what_cannot_be_known_is_not_made_up() {
    let view = view((51.5, -0.1, 100.0), (0.0, 0.0, 0.0), (0.0, -45.0, 0.0), (40.0, 30.0));
    assert!(look(&view, Altitude::ellipsoid(0.0)).is_some());
    assert_eq!(look(&view, Altitude::amsl(0.0)), None, "another datum");
    assert_eq!(look(&view, Altitude::ellipsoid(100.0)), None, "on the ground");
    assert_eq!(look(&view, Altitude::ellipsoid(f64::NAN)), None);
    for hfov_deg in [0.0, 180.0, -5.0, f64::NAN] {
        assert_eq!(look(&View { hfov_deg, ..view }, Altitude::ellipsoid(0.0)), None);
    }
    let nowhere = Attitude { yaw_deg: f64::NAN, ..view.attitude };
    assert_eq!(look(&View { attitude: nowhere, ..view }, Altitude::ellipsoid(0.0)), None);
}

// The twin.

type Vector = [f64; 3];

const A: f64 = 6_378_137.0;
const F: f64 = 1.0 / 298.257_223_563;
const E2: f64 = F * (2.0 - F);

fn to_ecef(lat_deg: f64, lon_deg: f64, h: f64) -> Vector {
    let (lat, lon) = (lat_deg.to_radians(), lon_deg.to_radians());
    let n = A / (1.0 - E2 * lat.sin().powi(2)).sqrt();
    [(n + h) * lat.cos() * lon.cos(), (n + h) * lat.cos() * lon.sin(), (n * (1.0 - E2) + h) * lat.sin()]
}

/// Latitude, longitude, height, by iteration.
fn from_ecef([x, y, z]: Vector) -> (f64, f64, f64) {
    let p = x.hypot(y);
    let mut lat = z.atan2(p * (1.0 - E2));
    let mut h = 0.0;
    for _ in 0..12 {
        let n = A / (1.0 - E2 * lat.sin().powi(2)).sqrt();
        h = p * lat.cos() + z * lat.sin() - A * A / n;
        lat = z.atan2(p * (1.0 - E2 * n / (n + h)));
    }
    (lat.to_degrees(), y.atan2(x).to_degrees(), h)
}

fn turn(axis: usize, deg: f64, v: Vector) -> Vector {
    let (s, c) = deg.to_radians().sin_cos();
    let [x, y, z] = v;
    match axis {
        0 => [x, c * y - s * z, s * y + c * z],
        1 => [c * x + s * z, y, c * z - s * x],
        _ => [c * x - s * y, s * x + c * y, z],
    }
}

/// A camera axis in north, east, down: six turns, the innermost first.
fn to_ned(view: &View, v: Vector) -> Vector {
    let (a, p) = (view.attitude, view.pointing);
    let turns =
        [(0, p.roll_deg), (1, p.elevation_deg), (2, p.azimuth_deg), (0, a.roll_deg), (1, a.pitch_deg), (2, a.yaw_deg)];
    turns.iter().fold(v, |v, (axis, deg)| turn(*axis, *deg, v))
}

/// Where the ray meets the given height above the ellipsoid, and how far away; the ray must go down.
fn twin(view: &View, ground_m: f64, [n, e, d]: Vector) -> ((f64, f64), f64) {
    let Position { lat_deg, lon_deg } = view.position;
    let start = to_ecef(lat_deg, lon_deg, view.altitude.metres);
    let (slat, clat) = lat_deg.to_radians().sin_cos();
    let (slon, clon) = lon_deg.to_radians().sin_cos();
    let north = [-slat * clon, -slat * slon, clat];
    let east = [-slon, clon, 0.0];
    let down = [-clat * clon, -clat * slon, -slat];
    let length = (n * n + e * e + d * d).sqrt();
    let at = |t: f64| -> Vector {
        std::array::from_fn(|i| start[i] + t * (n * north[i] + e * east[i] + d * down[i]) / length)
    };
    let (mut near, mut far) = (0.0, 1.0);
    while from_ecef(at(far)).2 > ground_m {
        far *= 2.0;
    }
    for _ in 0..80 {
        let middle = f64::midpoint(near, far);
        if from_ecef(at(middle)).2 > ground_m {
            near = middle;
        } else {
            far = middle;
        }
    }
    let (lat, lon, _) = from_ecef(at(near));
    ((lat, lon), near)
}

proptest! {
    #[test]
    fn agrees_with_the_twin(
        lat in -80.0..80.0_f64,
        lon in -179.9..179.9_f64,
        ground_m in -50.0..1500.0_f64,
        height_m in 5.0..500.0_f64,
        yaw in 0.0..360.0_f64,
        pitch in -20.0..20.0_f64,
        roll in -30.0..30.0_f64,
        azimuth in 0.0..360.0_f64,
        elevation in -90.0..-10.0_f64,
        camera_roll in -20.0..20.0_f64,
        hfov in 5.0..90.0_f64,
        vfov in 5.0..60.0_f64,
    ) {
        let view = view(
            (lat, lon, ground_m + height_m),
            (yaw, pitch, roll),
            (azimuth, elevation, camera_roll),
            (hfov, vfov),
        );
        let seen = look(&view, Altitude::ellipsoid(ground_m));
        let (right, down) = ((hfov / 2.0).to_radians().tan(), (vfov / 2.0).to_radians().tan());
        let ray = |x: f64, y: f64| to_ned(&view, [1.0, x * right, y * down]);
        // 3° below level, out to some 9 km; flatter looks are left to the horizon's test.
        let steep = |[n, e, d]: Vector| d > 0.052 * (n * n + e * e + d * d).sqrt();

        let axis = ray(0.0, 0.0);
        prop_assume!(steep(axis));
        let seen = seen.unwrap();
        let (centre, range_m) = twin(&view, ground_m, axis);
        let allowed = |range_m: f64| 0.001 + range_m * range_m * 2e-9;
        prop_assert!(apart_m(seen.centre, centre) < allowed(range_m));
        prop_assert!((seen.slant_range_m - range_m).abs() < allowed(range_m));

        let rays = [ray(-1.0, -1.0), ray(1.0, -1.0), ray(1.0, 1.0), ray(-1.0, 1.0)];
        prop_assume!(rays.iter().all(|ray| steep(*ray)));
        for (ours, ray) in seen.corners.unwrap().into_iter().zip(rays) {
            let (theirs, range_m) = twin(&view, ground_m, ray);
            prop_assert!(apart_m(ours, theirs) < allowed(range_m), "{} at {range_m}", apart_m(ours, theirs));
        }
        let (left, left_m) = twin(&view, ground_m, ray(-1.0, 0.0));
        let (right, right_m) = twin(&view, ground_m, ray(1.0, 0.0));
        let width_m = apart_m(Position { lat_deg: left.0, lon_deg: left.1 }, right);
        let allowed_m = allowed(left_m) + allowed(right_m);
        prop_assert!((seen.target_width_m.unwrap() - width_m).abs() < allowed_m);
    }

    /// However the pointing was arrived at, it turns the line of sight and the picture's edges the
    /// way the camera's own attitude does.
    #[test]
    fn relative_pointing_is_the_cameras_attitude(
        yaw in 0.0..360.0_f64, pitch in -80.0..80.0_f64, roll in -180.0..180.0_f64,
        cam_yaw in 0.0..360.0_f64, cam_pitch in -90.0..90.0_f64, cam_roll in -180.0..180.0_f64,
        vehicle_frame in any::<bool>(), scale in 0.1..10.0_f64,
    ) {
        let airframe = Attitude { yaw_deg: yaw, pitch_deg: pitch, roll_deg: roll };
        let camera = Attitude { yaw_deg: cam_yaw, pitch_deg: cam_pitch, roll_deg: cam_roll };
        let (frame, q_yaw) = match vehicle_frame {
            true => (YawFrame::Vehicle, cam_yaw - yaw),
            false => (YawFrame::Earth, cam_yaw),
        };
        let q = quaternion(q_yaw, cam_pitch, cam_roll).map(|part| part * scale);
        let by_quaternion = Pointing::from_quaternion(q, frame, &airframe).unwrap();
        let by_angles = Pointing::from_earth(&camera, &airframe);
        for pointing in [by_quaternion, by_angles] {
            prop_assert!((0.0..=360.0).contains(&pointing.azimuth_deg));
            prop_assert!((-90.0..=90.0).contains(&pointing.elevation_deg));
            let ours = View { attitude: airframe, pointing, ..any_view() };
            let theirs = View { attitude: camera, pointing: Pointing::AHEAD, ..any_view() };
            for axis in [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]] {
                let (a, b) = (to_ned(&ours, axis), to_ned(&theirs, axis));
                // One part in a million of a turn is lost where azimuth and roll run together.
                prop_assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 3e-6), "{a:?} {b:?}");
            }
        }
    }
}

fn any_view() -> View {
    view((0.0, 0.0, 100.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (40.0, 30.0))
}

/// Product of three half-turn quaternions, yaw · pitch · roll (w, x, y, z).
fn quaternion(yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> [f64; 4] {
    let half = |deg: f64| (deg / 2.0).to_radians().sin_cos();
    let ((sy, cy), (sp, cp), (sr, cr)) = (half(yaw_deg), half(pitch_deg), half(roll_deg));
    let multiply = |a: [f64; 4], b: [f64; 4]| {
        [
            a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
            a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
            a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
            a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0],
        ]
    };
    multiply(multiply([cy, 0.0, 0.0, sy], [cp, 0.0, sp, 0.0]), [cr, sr, 0.0, 0.0])
}
