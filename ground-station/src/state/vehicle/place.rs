//! Where the vehicle is, how high, how fast, and the wind about it.

use mission_profiles::place::{Leg, Position, inverse};
use vehicle_link::frames::Frame;

use super::said::{Said, degrees, finite};

const ATTITUDE: u32 = 30;
const GLOBAL_POSITION_INT: u32 = 33;
const VFR_HUD: u32 = 74;
const DISTANCE_SENSOR: u32 = 132;
const TERRAIN_REPORT: u32 = 136;
const ALTITUDE: u32 = 141;
const WIND: u32 = 168;
const RANGEFINDER: u32 = 173;
const WIND_COV: u32 = 231;
const HOME_POSITION: u32 = 242;
/// MAV_SENSOR_ROTATION_PITCH_270.
const DOWN: u8 = 25;
/// An estimate of the clearance below this is "unknown".
const NO_CLEARANCE_M: f64 = -0.9;

/// GLOBAL_POSITION_INT.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fix {
    /// Where.
    pub(crate) position: Position,
    /// Above mean sea level.
    pub(crate) height_msl_m: f64,
    /// Above home.
    pub(crate) height_above_home_m: f64,
    /// To the north, to the east and down.
    pub(crate) velocity_mps: [f64; 3],
    /// Where the nose points, from true north.
    pub(crate) heading_deg: Option<f64>,
}

/// Where the vehicle returns to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Home {
    /// Where.
    pub(crate) position: Position,
    /// Above mean sea level.
    pub(crate) height_msl_m: f64,
}

/// Who measured the height above the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroundBy {
    /// A rangefinder that looks down.
    Rangefinder,
    /// The terrain data aboard.
    Terrain,
    /// The autopilot's own estimate.
    Estimate,
}

/// How the airframe lies, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Attitude {
    /// Right wing down.
    pub(crate) roll_deg: f64,
    /// Nose up.
    pub(crate) pitch_deg: f64,
    /// From true north.
    pub(crate) yaw_deg: f64,
}

/// The wind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wind {
    /// Where it comes from, from true north.
    pub(crate) from_deg: f64,
    /// Along the ground.
    pub(crate) speed_mps: f64,
}

#[derive(Debug, Clone, Copy)]
struct Hud {
    ground_speed_mps: Option<f64>,
    climb_mps: Option<f64>,
    height_msl_m: Option<f64>,
    heading_deg: Option<f64>,
}

/// What the vehicle says of its place.
#[derive(Debug)]
pub(crate) struct Place {
    /// The position; what was last said may be shown with its age.
    pub(crate) fix: Said<Fix>,
    /// Home, which stays until another is told.
    pub(crate) home: Said<Home>,
    /// Roll, pitch, yaw.
    pub(crate) attitude: Said<Attitude>,
    /// The wind.
    pub(crate) wind: Said<Wind>,
    hud: Said<Hud>,
    amsl_m: Said<f64>,
    clearance_m: Said<f64>,
    rangefinder_m: Said<f64>,
    terrain_m: Said<f64>,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            fix: Said::for_seconds(3),
            home: Said::for_good(),
            attitude: Said::for_seconds(2),
            wind: Said::for_seconds(15),
            hud: Said::for_seconds(3),
            amsl_m: Said::for_seconds(3),
            clearance_m: Said::for_seconds(3),
            rangefinder_m: Said::for_seconds(2),
            terrain_m: Said::for_seconds(5),
        }
    }
}

impl Place {
    pub(super) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        let payload = frame.payload();
        match frame.message_id() {
            GLOBAL_POSITION_INT => fix(frame).into_iter().for_each(|fix| self.fix.say(fix, now_ns)),
            HOME_POSITION => {
                if let Some(position) = position(payload.i32(0), payload.i32(4)) {
                    self.home.say(Home { position, height_msl_m: f64::from(payload.i32(8)) / 1e3 }, now_ns);
                }
            }
            ATTITUDE => {
                let angle = |at| finite(payload.f32(at)).map(f64::to_degrees);
                if let (Some(roll_deg), Some(pitch_deg), Some(yaw_deg)) = (angle(4), angle(8), angle(12)) {
                    let yaw_deg = yaw_deg.rem_euclid(360.0);
                    self.attitude.say(Attitude { roll_deg, pitch_deg, yaw_deg }, now_ns);
                }
            }
            VFR_HUD => {
                let heading = payload.u16(16).cast_signed();
                let hud = Hud {
                    ground_speed_mps: finite(payload.f32(4)),
                    height_msl_m: finite(payload.f32(8)),
                    climb_mps: finite(payload.f32(12)),
                    heading_deg: (0..=360).contains(&heading).then(|| f64::from(heading)),
                };
                self.hud.say(hud, now_ns);
            }
            WIND | WIND_COV => wind(frame).into_iter().for_each(|wind| self.wind.say(wind, now_ns)),
            _ => self.hear_heights(frame, now_ns),
        }
    }

    fn hear_heights(&mut self, frame: &Frame, now_ns: u64) {
        let payload = frame.payload();
        match frame.message_id() {
            ALTITUDE => {
                finite(payload.f32(12)).into_iter().for_each(|m| self.amsl_m.say(m, now_ns));
                let clearance = finite(payload.f32(28)).filter(|m| *m > NO_CLEARANCE_M);
                clearance.into_iter().for_each(|m| self.clearance_m.say(m, now_ns));
            }
            DISTANCE_SENSOR if payload.u8(12) == DOWN => {
                let [least_cm, most_cm, cm] = [4, 6, 8].map(|at| payload.u16(at));
                // At its end a rangefinder sees nothing.
                if cm > least_cm && cm < most_cm {
                    self.rangefinder_m.say(f64::from(cm) / 100.0, now_ns);
                }
            }
            RANGEFINDER => {
                let distance = finite(payload.f32(0)).filter(|m| *m > 0.0);
                distance.into_iter().for_each(|m| self.rangefinder_m.say(m, now_ns));
            }
            TERRAIN_REPORT if payload.u16(16) > 0 => {
                finite(payload.f32(12)).into_iter().for_each(|m| self.terrain_m.say(m, now_ns));
            }
            _ => {}
        }
    }

    /// The way home, from the position that is believed.
    pub(crate) fn way_home(&self, now_ns: u64) -> Option<Leg> {
        Some(inverse(self.fix.now(now_ns)?.position, self.home.now(now_ns)?.position))
    }

    /// Above mean sea level, metres.
    pub(crate) fn height_msl_m(&self, now_ns: u64) -> Option<f64> {
        let fix = self.fix.now(now_ns).map(|fix| fix.height_msl_m);
        fix.or_else(|| self.amsl_m.now(now_ns)).or_else(|| self.hud.now(now_ns)?.height_msl_m)
    }

    /// Above home, metres.
    pub(crate) fn height_above_home_m(&self, now_ns: u64) -> Option<f64> {
        self.fix.now(now_ns).map(|fix| fix.height_above_home_m)
    }

    /// Above the ground below, metres, and who measured it: the rangefinder, the terrain aboard, the estimate, in this order.
    pub(crate) fn height_agl_m(&self, now_ns: u64) -> Option<(f64, GroundBy)> {
        let by = |said: &Said<f64>, by| said.now(now_ns).map(|m| (m, by));
        by(&self.rangefinder_m, GroundBy::Rangefinder)
            .or_else(|| by(&self.terrain_m, GroundBy::Terrain))
            .or_else(|| by(&self.clearance_m, GroundBy::Estimate))
    }

    /// Along the ground, m/s.
    pub(crate) fn ground_speed_mps(&self, now_ns: u64) -> Option<f64> {
        let fix = self.fix.now(now_ns).map(|fix| fix.velocity_mps[0].hypot(fix.velocity_mps[1]));
        fix.or_else(|| self.hud.now(now_ns)?.ground_speed_mps)
    }

    /// Upwards, m/s.
    pub(crate) fn climb_mps(&self, now_ns: u64) -> Option<f64> {
        let fix = self.fix.now(now_ns).map(|fix| -fix.velocity_mps[2]);
        fix.or_else(|| self.hud.now(now_ns)?.climb_mps)
    }

    /// Where the nose points, degrees from true north.
    pub(crate) fn heading_deg(&self, now_ns: u64) -> Option<f64> {
        let fix = self.fix.now(now_ns).and_then(|fix| fix.heading_deg);
        fix.or_else(|| self.hud.now(now_ns)?.heading_deg)
    }
}

/// Nothing for 0, 0, which is how a vehicle without a fix says so.
fn position(lat_e7: i32, lon_e7: i32) -> Option<Position> {
    if lat_e7 == 0 && lon_e7 == 0 {
        return None;
    }
    Position::new(degrees(lat_e7), degrees(lon_e7))
}

fn fix(frame: &Frame) -> Option<Fix> {
    let payload = frame.payload();
    let heading = payload.u16(26);
    Some(Fix {
        position: position(payload.i32(4), payload.i32(8))?,
        height_msl_m: f64::from(payload.i32(12)) / 1e3,
        height_above_home_m: f64::from(payload.i32(16)) / 1e3,
        velocity_mps: [20, 22, 24].map(|at| f64::from(payload.u16(at).cast_signed()) / 100.0),
        heading_deg: (heading != u16::MAX).then(|| (f64::from(heading) / 100.0).rem_euclid(360.0)),
    })
}

fn wind(frame: &Frame) -> Option<Wind> {
    let payload = frame.payload();
    if frame.message_id() == WIND {
        let (from_deg, speed_mps) = (finite(payload.f32(0))?.rem_euclid(360.0), finite(payload.f32(4))?);
        return Some(Wind { from_deg, speed_mps });
    }
    // WIND_COV is where the air goes to.
    let (north_mps, east_mps) = (finite(payload.f32(8))?, finite(payload.f32(12))?);
    let from_deg = (-east_mps).atan2(-north_mps).to_degrees().rem_euclid(360.0);
    Some(Wind { from_deg, speed_mps: north_mps.hypot(east_mps) })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{floats, foreign, frame, position as at};
    use super::*;

    #[test]
    fn home_is_a_distance_and_a_bearing() {
        let mut place = Place::default();
        let mut home = [0; 52];
        home[..4].copy_from_slice(&515_000_000_i32.to_le_bytes());
        home[4..8].copy_from_slice(&(-1_000_000_i32).to_le_bytes());
        home[8..12].copy_from_slice(&40_000_i32.to_le_bytes());
        place.hear(&frame(HOME_POSITION, &home), 0);
        assert_eq!(place.way_home(0), None);
        place.hear(&at(515_090_000, -1_000_000, 90_000, 50_000), 0);
        let way = place.way_home(0).unwrap();
        assert!((way.distance_m - 1_001.4).abs() < 1.0 && (way.azimuth_deg - 180.0).abs() < 0.1, "{way:?}");
        assert_eq!((place.height_msl_m(0), place.height_above_home_m(0)), (Some(90.0), Some(50.0)));
        assert_eq!(place.way_home(4_000_000_000), None, "the position is old");
        place.hear(&at(0, 0, 90_000, 50_000), 4_000_000_000);
        assert_eq!(place.fix.now(4_000_000_000), None, "0, 0 is no position");
    }

    #[test]
    fn the_best_height_above_ground_is_told_with_who_measured_it() {
        let mut place = Place::default();
        let mut altitude = vec![0; 8];
        altitude.extend(floats(&[0.0, 80.0, 0.0, 30.0, -1001.0, -1.0]));
        place.hear(&frame(ALTITUDE, &altitude), 0);
        assert_eq!((place.height_agl_m(0), place.height_msl_m(0)), (None, Some(80.0)));
        altitude.truncate(28);
        altitude.extend(floats(&[29.0]));
        place.hear(&frame(ALTITUDE, &altitude), 0);
        assert_eq!(place.height_agl_m(0), Some((29.0, GroundBy::Estimate)));
        let mut report = vec![0; 8];
        report.extend(floats(&[50.0, 27.5]));
        report.extend([100, 0, 0, 0, 0, 0]);
        place.hear(&frame(TERRAIN_REPORT, &report), 0);
        assert_eq!(place.height_agl_m(0), Some((27.5, GroundBy::Terrain)));
        let sensor = |cm: u16, facing: u8| {
            let mut payload = vec![0; 4];
            [20, 4_000, cm].iter().for_each(|v: &u16| payload.extend(v.to_le_bytes()));
            payload.extend([0, 0, facing, 0]);
            frame(DISTANCE_SENSOR, &payload)
        };
        place.hear(&sensor(4_000, DOWN), 0);
        place.hear(&sensor(300, 0), 0);
        assert_eq!(place.height_agl_m(0), Some((27.5, GroundBy::Terrain)), "out of range, or looking ahead");
        place.hear(&sensor(2_610, DOWN), 0);
        assert_eq!(place.height_agl_m(0), Some((26.1, GroundBy::Rangefinder)));
    }

    #[test]
    fn both_kinds_of_wind_say_where_it_comes_from() {
        let mut place = Place::default();
        place.hear(&foreign(WIND, 1, &floats(&[-90.0, 6.0, 0.0])), 0);
        assert_eq!(place.wind.now(0), Some(Wind { from_deg: 270.0, speed_mps: 6.0 }));
        let mut cov = vec![0; 8];
        cov.extend(floats(&[0.0, 5.0, 0.0]));
        place.hear(&frame(WIND_COV, &cov), 0);
        let wind = place.wind.now(0).unwrap();
        assert!((wind.from_deg - 270.0).abs() < 1e-6 && (wind.speed_mps - 5.0).abs() < 1e-6, "{wind:?}");
        cov[8..12].copy_from_slice(&f32::NAN.to_le_bytes());
        place.hear(&frame(WIND_COV, &cov), 20_000_000_000);
        assert_eq!(place.wind.now(20_000_000_000), None);
    }

    #[test]
    fn the_hud_fills_in_where_there_is_no_position() {
        let mut place = Place::default();
        let mut hud = floats(&[0.0, 4.5, 70.0, -1.5]);
        hud.extend(123_i16.to_le_bytes());
        hud.extend([0, 0]);
        place.hear(&frame(VFR_HUD, &hud), 0);
        let said = [place.ground_speed_mps(0), place.climb_mps(0), place.heading_deg(0), place.height_msl_m(0)];
        assert_eq!(said, [Some(4.5), Some(-1.5), Some(123.0), Some(70.0)]);
        assert_eq!(place.height_above_home_m(0), None);
    }
}
