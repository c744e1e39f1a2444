//! One ST 0601 packet as values in physical units.

use std::sync::Arc;

use super::{CoreIdentifier, Corner, FrameRate, Security};

/// The state of vehicle and camera at one instant, in physical units; `None` is *not known*.
///
/// Rules of [`Uas::encode`](Self::encode):
/// - `None` is left out of the packet.
/// - NaN, or a value outside the item's range: items with a sign carry their error value (`8000…`), items mapped by
///   ST 1201 the special word that says so, unsigned ones have neither and are left out.
/// - Directions outside 0..=360° are turned into it.
/// - Texts longer than 127 octets are cut at a character; empty ones are left out.
/// - Pitch and roll are written in full (90, 91) and, within its range, as the older item (6, 7) too; ST 0601.8-16
///   makes the full one win. Corners likewise (82–89; 26–33 when all are within 0.075° of the centre). Target width
///   and ellipsoid height are written as the newer item (96, 104) only beyond the range of the older (22, 75):
///   older readers know these only, and ST 0902.8 forbids 75 and 104 in one packet.
///
/// [`Uas::decode`](Self::decode) gives NaN for error values, and prefers the finer representation.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Uas {
    /// Tag 2: capture instant of the picture, POSIX µs.
    pub timestamp_us: u64,
    /// Tag 3.
    pub mission_id: Option<Arc<str>>,
    /// Tag 10: kind of aircraft.
    pub platform_designation: Option<Arc<str>>,
    /// Tag 11: which camera.
    pub image_source_sensor: Option<Arc<str>>,
    /// Tag 12, e.g. `Geodetic WGS84`.
    pub image_coordinate_system: Option<Arc<str>>,
    /// Tag 5: true heading, 0..=360°.
    pub platform_heading_deg: Option<f64>,
    /// Tags 6 (±20°) and 90 (±90°): nose up is positive.
    pub platform_pitch_deg: Option<f64>,
    /// Tags 7 (±50°) and 91 (±90°): right wing down is positive.
    pub platform_roll_deg: Option<f64>,
    /// Tag 13: WGS 84, ±90°.
    pub sensor_latitude_deg: Option<f64>,
    /// Tag 14: WGS 84, ±180°.
    pub sensor_longitude_deg: Option<f64>,
    /// Tag 15: above mean sea level, −900..=19 000 m.
    pub sensor_altitude_msl_m: Option<f64>,
    /// Tags 75 (to 19 000 m) and 104 (to 40 000 m): above the WGS 84 ellipsoid, from −900 m.
    pub sensor_height_ellipsoid_m: Option<f64>,
    /// Tag 16: 0..=180°.
    pub sensor_fov_horizontal_deg: Option<f64>,
    /// Tag 17: 0..=180°.
    pub sensor_fov_vertical_deg: Option<f64>,
    /// Tag 18: sensor against the platform, clockwise from above, 0..=360°.
    pub sensor_relative_azimuth_deg: Option<f64>,
    /// Tag 19: sensor against the platform, up is positive, ±180°.
    pub sensor_relative_elevation_deg: Option<f64>,
    /// Tag 20: sensor about its own axis, clockwise, 0..=360°.
    pub sensor_relative_roll_deg: Option<f64>,
    /// Tag 21: sensor to the ground in the picture's centre, 0..=5 000 000 m.
    pub slant_range_m: Option<f64>,
    /// Tags 22 (to 10 000 m) and 96 (to 1 500 000 m): width of the ground in the picture.
    pub target_width_m: Option<f64>,
    /// Tag 23: WGS 84, ±90°; NaN is *off earth*.
    pub frame_centre_latitude_deg: Option<f64>,
    /// Tag 24: WGS 84, ±180°; NaN is *off earth*.
    pub frame_centre_longitude_deg: Option<f64>,
    /// Tag 25: ground above mean sea level, −900..=19 000 m.
    pub frame_centre_elevation_msl_m: Option<f64>,
    /// Tags 82–89, and 26–33 near the centre: top left, top right, bottom right, bottom left.
    pub corners: Option<[Corner; 4]>,
    /// Tag 35: where the wind comes from, 0..=360°.
    pub wind_direction_deg: Option<f64>,
    /// Tag 36: 0..=100 m/s.
    pub wind_speed_mps: Option<f64>,
    /// Tag 48.
    pub security: Option<Security>,
    /// Tag 51: up is positive, ±180 m/s.
    pub vertical_speed_mps: Option<f64>,
    /// Tag 56: 0..=255 m/s in whole metres a second.
    pub ground_speed_mps: Option<f64>,
    /// Tag 79: ±327 m/s.
    pub north_velocity_mps: Option<f64>,
    /// Tag 80: ±327 m/s.
    pub east_velocity_mps: Option<f64>,
    /// Tag 94.
    pub core_identifier: Option<CoreIdentifier>,
    /// Tag 112: direction of travel over ground, 0..=360°.
    pub course_deg: Option<f64>,
    /// Tag 113: above the ground beneath, −900..=40 000 m.
    pub height_agl_m: Option<f64>,
    /// Tag 120: how full the recorder's store is, 0..=100 %.
    pub storage_used_percent: Option<f64>,
    /// Tag 123: navigation satellites in view.
    pub satellites: Option<u8>,
    /// Tag 127.
    pub frame_rate: Option<FrameRate>,
    /// Tag 136: leap seconds between tag 2 and UTC; left out when tag 2 is POSIX time.
    pub leap_seconds: Option<i32>,
}
