//! The state of the vehicle at an instant: what the telemetry of a frame is made from.

mod sample;
mod track;
mod uas;
mod vehicle_clock;

use mission_profiles::place::YawFrame;
use vehicle_link::dialect::{
    CAMERA_FOV_STATUS_DATA, GIMBAL_DEVICE_ATTITUDE_STATUS_DATA, GLOBAL_POSITION_INT_DATA, GPS_RAW_INT_DATA, GpsFixType,
    MavMessage, MavSensorOrientation,
};

pub use sample::{Attitude, Gimbal, Motion};
pub use uas::{Lens, Names, packet};
pub use vehicle_clock::VehicleClock;

use track::Track;

/// Slow facts older than this are not written any more.
const FACT_STALE_NS: u64 = 10_000_000_000;

/// A slowly changing fact and when it was heard.
type Fact<T> = Option<(u64, T)>;

/// What GPS_RAW_INT adds to the fused position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gnss {
    /// Metres above the WGS 84 ellipsoid.
    pub ellipsoid_m: Option<f64>,
    /// Course over ground, degrees from north.
    pub course_deg: Option<f64>,
    /// Satellites in view.
    pub satellites: Option<u8>,
}

/// What is heard of one vehicle, by the time it was sampled aboard it (capture clock).
#[derive(Debug, Default)]
pub struct History {
    attitude: Track<Attitude>,
    motion: Track<Motion>,
    gimbal: Track<Gimbal>,
    gnss: Fact<Gnss>,
    wind_ne_mps: Fact<[f64; 2]>,
    terrain_msl_m: Fact<f64>,
    range_down_m: Fact<f64>,
    home_msl_m: Option<f64>,
    fov_deg: Fact<[f64; 2]>,
}

/// The vehicle at one instant; what was not heard in time is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    /// Airframe attitude.
    pub attitude: Option<Attitude>,
    /// Position and velocity.
    pub motion: Option<Motion>,
    /// Gimbal attitude.
    pub gimbal: Option<Gimbal>,
    /// Satellite facts.
    pub gnss: Option<Gnss>,
    /// Wind blowing toward north and east, metres a second.
    pub wind_ne_mps: Option<[f64; 2]>,
    /// Ground below: from terrain reports, else home.
    pub ground_msl_m: Option<f64>,
    /// Height above ground by terrain report or rangefinder.
    pub agl_m: Option<f64>,
    /// Field of view the camera reports, horizontal and vertical, degrees.
    pub fov_deg: Option<[f64; 2]>,
}

impl History {
    /// Takes a message sampled at `at_ns`; messages that say nothing about the vehicle's state are ignored.
    pub fn hear(&mut self, message: &MavMessage, at_ns: u64) {
        match message {
            MavMessage::ATTITUDE(m) => self.attitude.push(
                at_ns,
                Attitude {
                    roll_rad: m.roll.into(),
                    pitch_rad: m.pitch.into(),
                    yaw_rad: m.yaw.into(),
                    rates_rad_s: [m.rollspeed, m.pitchspeed, m.yawspeed].map(f64::from),
                },
            ),
            MavMessage::GLOBAL_POSITION_INT(m) => {
                if let Some(motion) = motion(m) {
                    self.motion.push(at_ns, motion);
                }
            }
            MavMessage::GIMBAL_DEVICE_ATTITUDE_STATUS(m) => {
                if let Some(gimbal) = gimbal(m) {
                    self.gimbal.push(at_ns, gimbal);
                }
            }
            MavMessage::GPS_RAW_INT(m) => self.gnss = Some((at_ns, gnss(m))),
            MavMessage::WIND_COV(m) if m.wind_x.is_finite() && m.wind_y.is_finite() => {
                self.wind_ne_mps = Some((at_ns, [m.wind_x, m.wind_y].map(f64::from)));
            }
            MavMessage::TERRAIN_REPORT(m) if m.loaded > 0 || m.pending == 0 && m.spacing > 0 => {
                self.terrain_msl_m = Some((at_ns, m.terrain_height.into()));
            }
            MavMessage::DISTANCE_SENSOR(m) if downward(m.orientation) && in_range(m) => {
                self.range_down_m = Some((at_ns, f64::from(m.current_distance) / 100.0));
            }
            MavMessage::HOME_POSITION(m) => self.home_msl_m = Some(f64::from(m.altitude) / 1_000.0),
            MavMessage::CAMERA_FOV_STATUS(m) => {
                self.fov_deg = fov(m).map(|fov| (at_ns, fov)).or(self.fov_deg);
            }
            _ => {}
        }
    }

    /// Forgets what moves: the vehicle's clock began anew.
    pub fn rebooted(&mut self) {
        self.attitude.clear();
        self.motion.clear();
        self.gimbal.clear();
    }

    /// The vehicle at `at_ns`.
    #[must_use]
    pub fn at(&self, at_ns: u64) -> State {
        let motion = self.motion.at(at_ns);
        let home_msl_m = self.home_msl_m.or(motion.map(|m| m.alt_msl_m - m.above_home_m));
        let terrain_msl_m = fresh(self.terrain_msl_m, at_ns);
        let by_terrain = terrain_msl_m.zip(motion).map(|(ground, m)| m.alt_msl_m - ground);
        State {
            attitude: self.attitude.at(at_ns),
            motion,
            gimbal: self.gimbal.at(at_ns),
            gnss: fresh(self.gnss, at_ns),
            wind_ne_mps: fresh(self.wind_ne_mps, at_ns),
            ground_msl_m: terrain_msl_m.or(home_msl_m),
            agl_m: fresh(self.range_down_m, at_ns).or(by_terrain),
            fov_deg: fresh(self.fov_deg, at_ns),
        }
    }
}

fn fresh<T>(fact: Fact<T>, at_ns: u64) -> Option<T> {
    fact.filter(|(heard_ns, _)| at_ns.abs_diff(*heard_ns) < FACT_STALE_NS).map(|(_, value)| value)
}

/// `None` for the "no position" of an autopilot without a fix: exactly 0, 0.
fn motion(m: &GLOBAL_POSITION_INT_DATA) -> Option<Motion> {
    (m.lat != 0 || m.lon != 0).then(|| Motion {
        lat_deg: f64::from(m.lat) / 1e7,
        lon_deg: f64::from(m.lon) / 1e7,
        alt_msl_m: f64::from(m.alt) / 1e3,
        above_home_m: f64::from(m.relative_alt) / 1e3,
        velocity_mps: [m.vx, m.vy, m.vz].map(|v| f64::from(v) / 100.0),
    })
}

/// `None` while the gimbal does not say what its yaw counts from.
fn gimbal(m: &GIMBAL_DEVICE_ATTITUDE_STATUS_DATA) -> Option<Gimbal> {
    let yaw_frame = YawFrame::from_flags(m.flags.bits())?;
    Some(Gimbal { quaternion: m.q.map(f64::from), yaw_frame })
}

fn gnss(m: &GPS_RAW_INT_DATA) -> Gnss {
    let fix = !matches!(m.fix_type, GpsFixType::GPS_FIX_TYPE_NO_GPS | GpsFixType::GPS_FIX_TYPE_NO_FIX);
    Gnss {
        ellipsoid_m: (fix && m.alt_ellipsoid != 0).then(|| f64::from(m.alt_ellipsoid) / 1e3),
        course_deg: (fix && m.cog != u16::MAX).then(|| f64::from(m.cog) / 100.0),
        satellites: (m.satellites_visible != u8::MAX).then_some(m.satellites_visible),
    }
}

fn downward(orientation: MavSensorOrientation) -> bool {
    orientation == MavSensorOrientation::MAV_SENSOR_ROTATION_PITCH_270
}

fn in_range(m: &vehicle_link::dialect::DISTANCE_SENSOR_DATA) -> bool {
    (m.min_distance..=m.max_distance).contains(&m.current_distance)
}

fn fov(m: &CAMERA_FOV_STATUS_DATA) -> Option<[f64; 2]> {
    let fov = [m.hfov, m.vfov].map(f64::from);
    fov.iter().all(|deg| *deg > 0.0 && *deg < 180.0).then_some(fov)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn position(lat: i32, vx: i16) -> MavMessage {
        MavMessage::GLOBAL_POSITION_INT(GLOBAL_POSITION_INT_DATA {
            lat,
            lon: 10_000_000,
            alt: 110_000,
            relative_alt: 80_000,
            vx,
            ..Default::default()
        })
    }

    #[test]
    fn a_position_between_two_messages_is_interpolated() {
        let mut history = History::default();
        history.hear(&position(515_000_000, 1_500), 10 * SECOND);
        history.hear(&position(515_000_100, 1_500), 11 * SECOND);
        let state = history.at(10 * SECOND + SECOND / 2);
        assert!((state.motion.unwrap().lat_deg - 51.500_005).abs() < 1e-9);
        assert_eq!(state.ground_msl_m, Some(30.0));
        assert!(state.attitude.is_none());
    }

    #[test]
    fn null_island_is_no_position() {
        let mut history = History::default();
        let nowhere = GLOBAL_POSITION_INT_DATA::default();
        history.hear(&MavMessage::GLOBAL_POSITION_INT(nowhere), SECOND);
        assert!(history.at(SECOND).motion.is_none());
    }

    #[test]
    fn stale_facts_and_motion_are_unknown() {
        let mut history = History::default();
        history.hear(&position(515_000_000, 0), SECOND);
        let gps = GPS_RAW_INT_DATA { satellites_visible: 14, cog: u16::MAX, ..Default::default() };
        history.hear(&MavMessage::GPS_RAW_INT(gps), SECOND);
        assert_eq!(history.at(5 * SECOND).gnss.unwrap().satellites, Some(14));
        assert!(history.at(5 * SECOND).gnss.unwrap().course_deg.is_none());
        assert!(history.at(5 * SECOND).motion.is_none());
        assert!(history.at(12 * SECOND).gnss.is_none());
    }
}
