//! Where the vehicle is, how high, and the wind about it.

use mission_profiles::place::{Leg, Position, inverse};
use vehicle_link::frames::Frame;

use super::said::{Said, degrees, finite};

const ATTITUDE: u32 = 30;
const GLOBAL_POSITION_INT: u32 = 33;
const VFR_HUD: u32 = 74;
const WIND: u32 = 168;
const WIND_COV: u32 = 231;
const HOME_POSITION: u32 = 242;

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
    compass_deg: Said<f64>,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            fix: Said::for_seconds(3),
            home: Said::for_good(),
            attitude: Said::for_seconds(2),
            wind: Said::for_seconds(15),
            compass_deg: Said::for_seconds(3),
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
                if (0..=360).contains(&heading) {
                    self.compass_deg.say(f64::from(heading), now_ns);
                }
            }
            WIND | WIND_COV => wind(frame).into_iter().for_each(|wind| self.wind.say(wind, now_ns)),
            _ => {}
        }
    }

    /// The way home, from the position that is believed.
    pub(crate) fn way_home(&self, now_ns: u64) -> Option<Leg> {
        Some(inverse(self.fix.now(now_ns)?.position, self.home.now(now_ns)?.position))
    }

    /// Above home, metres.
    pub(crate) fn height_above_home_m(&self, now_ns: u64) -> Option<f64> {
        self.fix.now(now_ns).map(|fix| fix.height_above_home_m)
    }

    /// Where the nose points, degrees from true north.
    pub(crate) fn heading_deg(&self, now_ns: u64) -> Option<f64> {
        let fix = self.fix.now(now_ns).and_then(|fix| fix.heading_deg);
        fix.or_else(|| self.compass_deg.now(now_ns))
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
        assert_eq!(place.height_above_home_m(0), Some(50.0));
        assert_eq!(place.way_home(4_000_000_000), None, "the position is old");
        place.hear(&at(0, 0, 90_000, 50_000), 4_000_000_000);
        assert_eq!(place.fix.now(4_000_000_000), None, "0, 0 is no position");
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
    fn the_heading_is_there_without_a_position() {
        let mut place = Place::default();
        let mut hud = floats(&[0.0, 4.5, 70.0, -1.5]);
        hud.extend(123_i16.to_le_bytes());
        hud.extend([0, 0]);
        place.hear(&frame(VFR_HUD, &hud), 0);
        assert_eq!((place.heading_deg(0), place.height_above_home_m(0)), (Some(123.0), None));
    }
}
