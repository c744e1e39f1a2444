//! The KLV packet of one frame, from the vehicle's state at its instant.

use std::sync::Arc;
use std::time::Duration;

use footage::access_unit::StreamInfo;
use footage::klv::{CoreIdentifier, Corner, FrameRate, Security, Uas};
use mission_profiles::place::{Altitude, Attitude, Footprint, Pointing, Position, View, look};

use super::State;

/// Least height of a lens above the ground it stands on, metres.
const LENS_ABOVE_GROUND_M: f64 = 0.2;

/// Names and constants written into each packet.
#[derive(Debug, Clone)]
pub struct Names {
    /// Tag 3.
    pub mission: Arc<str>,
    /// Tag 10.
    pub platform: Arc<str>,
    /// Tag 11.
    pub sensor: Arc<str>,
    /// Tag 94.
    pub core_identifier: Option<CoreIdentifier>,
    /// Tag 48.
    pub security: Security,
}

/// What the camera sees and how it is mounted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lens {
    /// Horizontal field of view, degrees.
    pub hfov_deg: Option<f64>,
    /// Vertical field of view, degrees.
    pub vfov_deg: Option<f64>,
    /// Pitch of a camera without a gimbal, degrees, negative = down.
    pub mount_pitch_deg: f64,
    /// Elevation of the ground when the vehicle knows none, metres AMSL.
    pub ground_msl_m: Option<f64>,
    /// Frames a second.
    pub frame_rate: Option<FrameRate>,
}

impl Lens {
    /// Fills in what the picture itself tells: its shape and rate.
    #[must_use]
    pub fn for_picture(&self, info: Option<StreamInfo>) -> Self {
        let Some(info) = info else { return *self };
        let shape = f64::from(info.height) / f64::from(info.width.max(1));
        let from_shape = self.hfov_deg.map(|hfov| vertical(hfov, shape));
        let rate = info.frame_duration.and_then(nearest_rate);
        Self { vfov_deg: self.vfov_deg.or(from_shape), frame_rate: self.frame_rate.or(rate), ..*self }
    }
}

/// The broadcast rate nearest to a stated frame duration: n or n·1000/1001 frames a second, within 0.02 %.
fn nearest_rate(each: Duration) -> Option<FrameRate> {
    let measured = 1.0 / each.as_secs_f64();
    let rates = (1..=240_u32).flat_map(|n| [(n, 1), (n * 1_000, 1_001)]);
    rates
        .map(|(numerator, denominator)| FrameRate { numerator, denominator })
        .find(|rate| (f64::from(rate.numerator) / f64::from(rate.denominator) / measured - 1.0).abs() < 2e-4)
}

/// Vertical field of view of a rectilinear lens with square pixels.
fn vertical(hfov_deg: f64, shape: f64) -> f64 {
    2.0 * ((hfov_deg.to_radians() / 2.0).tan() * shape).atan().to_degrees()
}

/// The packet of a frame shot at `timestamp_us` (POSIX µs).
#[must_use]
pub fn packet(state: &State, timestamp_us: u64, names: &Names, lens: &Lens, storage_used_percent: f64) -> Uas {
    let mut uas = Uas {
        timestamp_us,
        mission_id: Some(Arc::clone(&names.mission)),
        platform_designation: Some(Arc::clone(&names.platform)),
        image_source_sensor: Some(Arc::clone(&names.sensor)),
        image_coordinate_system: Some(geodetic()),
        security: Some(names.security.clone()),
        core_identifier: names.core_identifier,
        storage_used_percent: Some(storage_used_percent),
        frame_rate: lens.frame_rate,
        ..Uas::default()
    };
    airframe(state, &mut uas);
    let [hfov, vfov] = state.fov_deg.map_or([lens.hfov_deg, lens.vfov_deg], |fov| fov.map(Some));
    uas.sensor_fov_horizontal_deg = hfov;
    uas.sensor_fov_vertical_deg = vfov;
    sight(state, lens, [hfov, vfov], &mut uas);
    uas
}

fn geodetic() -> Arc<str> {
    use std::sync::LazyLock;
    static GEODETIC: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("Geodetic WGS84"));
    Arc::clone(&GEODETIC)
}

fn airframe(state: &State, uas: &mut Uas) {
    if let Some(attitude) = state.attitude {
        uas.platform_heading_deg = Some(attitude.yaw_rad.to_degrees().rem_euclid(360.0));
        uas.platform_pitch_deg = Some(attitude.pitch_rad.to_degrees());
        uas.platform_roll_deg = Some(attitude.roll_rad.to_degrees());
    }
    if let Some(motion) = state.motion {
        let [north, east, down] = motion.velocity_mps;
        uas.sensor_latitude_deg = Some(motion.lat_deg);
        uas.sensor_longitude_deg = Some(motion.lon_deg);
        uas.sensor_altitude_msl_m = Some(motion.alt_msl_m);
        uas.vertical_speed_mps = Some(-down);
        uas.ground_speed_mps = Some(north.hypot(east));
        uas.north_velocity_mps = Some(north);
        uas.east_velocity_mps = Some(east);
    }
    if let Some(gnss) = state.gnss {
        uas.sensor_height_ellipsoid_m = gnss.ellipsoid_m;
        uas.course_deg = gnss.course_deg;
        uas.satellites = gnss.satellites;
    }
    if let Some([north, east]) = state.wind_ne_mps {
        // WIND_COV says where the wind goes, tag 35 where it comes from.
        uas.wind_direction_deg = Some((-east).atan2(-north).to_degrees().rem_euclid(360.0));
        uas.wind_speed_mps = Some(north.hypot(east));
    }
    uas.height_agl_m = state.agl_m;
}

/// Where the camera looks and what it sees of the ground.
fn sight(state: &State, lens: &Lens, fov: [Option<f64>; 2], uas: &mut Uas) {
    let Some(attitude) = state.attitude else {
        return;
    };
    let attitude = Attitude {
        yaw_deg: attitude.yaw_rad.to_degrees(),
        pitch_deg: attitude.pitch_rad.to_degrees(),
        roll_deg: attitude.roll_rad.to_degrees(),
    };
    let fixed = Pointing { elevation_deg: lens.mount_pitch_deg, ..Pointing::AHEAD };
    let pointing = state
        .gimbal
        .and_then(|gimbal| Pointing::from_quaternion(gimbal.quaternion, gimbal.yaw_frame, &attitude))
        .unwrap_or(fixed);
    uas.sensor_relative_azimuth_deg = Some(pointing.azimuth_deg.rem_euclid(360.0));
    uas.sensor_relative_elevation_deg = Some(pointing.elevation_deg);
    uas.sensor_relative_roll_deg = Some(pointing.roll_deg.rem_euclid(360.0));
    let (Some(motion), [Some(hfov_deg), Some(vfov_deg)]) = (state.motion, fov) else {
        return;
    };
    let Some(ground_msl_m) = state.ground_msl_m.or(lens.ground_msl_m) else {
        return;
    };
    // On its legs the aircraft may report itself level with the ground or below it: the lens is not.
    let alt_msl_m = motion.alt_msl_m.max(ground_msl_m + LENS_ABOVE_GROUND_M);
    let view = View {
        position: Position { lat_deg: motion.lat_deg, lon_deg: motion.lon_deg },
        altitude: Altitude::amsl(alt_msl_m),
        attitude,
        pointing,
        hfov_deg,
        vfov_deg,
    };
    match look(&view, Altitude::amsl(ground_msl_m)) {
        Some(seen) => on_the_ground(&seen, ground_msl_m, uas),
        None => {
            uas.frame_centre_latitude_deg = Some(f64::NAN);
            uas.frame_centre_longitude_deg = Some(f64::NAN);
        }
    }
}

fn on_the_ground(seen: &Footprint, ground_msl_m: f64, uas: &mut Uas) {
    uas.slant_range_m = Some(seen.slant_range_m);
    uas.target_width_m = seen.target_width_m;
    uas.frame_centre_latitude_deg = Some(seen.centre.lat_deg);
    uas.frame_centre_longitude_deg = Some(seen.centre.lon_deg);
    uas.frame_centre_elevation_msl_m = Some(ground_msl_m);
    let corner = |at: Position| Corner { latitude_deg: at.lat_deg, longitude_deg: at.lon_deg };
    uas.corners = seen.corners.map(|corners| corners.map(corner));
}
