//! Whether the vehicle is well: its sensors, its estimator, its vibration.

use vehicle_link::frames::Frame;

use super::mode::Kind;
use super::said::{Said, finite};

const SYS_STATUS: u32 = 1;
const FENCE_STATUS: u32 = 162;
const EKF_STATUS_REPORT: u32 = 193;
const ESTIMATOR_STATUS: u32 = 230;
const VIBRATION: u32 = 241;

/// MAV_SYS_STATUS_SENSOR: bit and words. Control loops are named by what the pilot sees of them.
const SENSORS: &[(u32, &str)] = &[
    (0, "gyroscope"),
    (1, "accelerometer"),
    (2, "compass"),
    (3, "barometer"),
    (4, "airspeed sensor"),
    (5, "GNSS receiver"),
    (6, "optical flow"),
    (7, "visual position"),
    (8, "rangefinder"),
    (9, "external position"),
    (10, "rate control"),
    (11, "attitude control"),
    (12, "heading control"),
    (13, "height control"),
    (14, "position control"),
    (15, "motors"),
    (16, "radio receiver"),
    (17, "second gyroscope"),
    (18, "second accelerometer"),
    (19, "second compass"),
    (20, "geofence"),
    (21, "attitude and position estimate"),
    (22, "terrain data"),
    (23, "reversed motors"),
    (24, "logging"),
    (25, "battery"),
    (26, "proximity sensor"),
    (27, "satellite link"),
    (29, "obstacle avoidance"),
    (30, "propulsion"),
];
const RC_RECEIVER: u32 = 16;
const GEOFENCE: u32 = 20;
const PREARM: u32 = 28;

#[derive(Debug, Clone, Copy)]
struct Bits {
    present: u32,
    enabled: u32,
    healthy: u32,
}

impl Bits {
    /// Well or not, where it is there and used.
    fn is_well(self, bit: u32) -> Option<bool> {
        let mask = 1 << bit;
        (self.present & self.enabled & mask != 0).then_some(self.healthy & mask != 0)
    }
}

/// How good something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// In order.
    Good,
    /// Worth watching.
    Doubtful,
    /// Not to be trusted.
    Bad,
}

/// What the estimator thinks of its measurements: 1 and more are refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimator {
    /// Speed.
    pub(crate) velocity: Option<f64>,
    /// Horizontal position.
    pub(crate) position: Option<f64>,
    /// Height.
    pub(crate) height: Option<f64>,
    /// Compass.
    pub(crate) compass: Option<f64>,
    /// It has a position on the earth.
    pub(crate) has_position: bool,
    /// Of all of it.
    pub(crate) grade: Grade,
}

/// VIBRATION.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Vibration {
    /// The strongest of the three axes; m/s² of ArduPilot.
    pub(crate) most: f64,
    /// Times an accelerometer was at its end, all of them.
    pub(crate) clipped: u32,
    /// Judged where the unit is known.
    pub(crate) grade: Option<Grade>,
}

/// What the vehicle says of its health.
#[derive(Debug)]
pub(crate) struct Health {
    sensors: Said<Bits>,
    /// The estimator.
    pub(crate) estimator: Said<Estimator>,
    /// Vibration.
    pub(crate) vibration: Said<Vibration>,
    breached: Said<bool>,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            sensors: Said::for_seconds(5),
            estimator: Said::for_seconds(5),
            vibration: Said::for_seconds(5),
            breached: Said::for_seconds(5),
        }
    }
}

impl Health {
    pub(super) fn hear(&mut self, frame: &Frame, kind: Kind, now_ns: u64) {
        let payload = frame.payload();
        match frame.message_id() {
            SYS_STATUS => {
                let bits = Bits { present: payload.u32(0), enabled: payload.u32(4), healthy: payload.u32(8) };
                self.sensors.say(bits, now_ns);
            }
            FENCE_STATUS => self.breached.say(payload.u8(6) != 0, now_ns),
            EKF_STATUS_REPORT => self.estimator.say(estimator(frame, 0, payload.u16(20), 0.8), now_ns),
            ESTIMATOR_STATUS => self.estimator.say(estimator(frame, 8, payload.u16(40), 1.0), now_ns),
            VIBRATION => self.vibration.say(vibration(frame, kind), now_ns),
            _ => {}
        }
    }

    /// Sensors that are there, used, and ill, in words; `None` while nothing is said of them.
    pub(crate) fn failing(&self, now_ns: u64) -> Option<Vec<&'static str>> {
        let bits = self.sensors.now(now_ns)?;
        let ill = SENSORS.iter().filter(|(bit, _)| bits.is_well(*bit) == Some(false));
        Some(ill.map(|(_, words)| *words).collect())
    }

    /// Whether the checks before arming pass, by SYS_STATUS; `None` where it does not say.
    pub(crate) fn may_arm(&self, now_ns: u64) -> Option<bool> {
        self.sensors.now(now_ns)?.is_well(PREARM)
    }

    /// Whether the pilot's radio is received; `None` where the vehicle has none or does not say.
    pub(crate) fn radio_received(&self, now_ns: u64) -> Option<bool> {
        self.sensors.now(now_ns)?.is_well(RC_RECEIVER)
    }

    /// Beyond its fence; `None` where there is none or nothing is said of it.
    pub(crate) fn fence_breached(&self, now_ns: u64) -> Option<bool> {
        let by_sensors = || self.sensors.now(now_ns)?.is_well(GEOFENCE).map(|well| !well);
        self.breached.now(now_ns).or_else(by_sensors)
    }
}

/// The four ratios from `at` on, in both messages alike; beyond `refuses` a measurement is not used.
fn estimator(frame: &Frame, at: usize, flags: u16, refuses: f64) -> Estimator {
    const POSITION_ABSOLUTE: u16 = 16;
    const CONSTANT_POSITION: u16 = 128;
    let [velocity, position, height, compass] = [0, 4, 8, 12].map(|field| finite(frame.payload().f32(at + field)));
    let has_position = flags & POSITION_ABSOLUTE != 0 && flags & CONSTANT_POSITION == 0;
    let worst = [velocity, position, height, compass].into_iter().flatten().fold(0.0, f64::max);
    let grade = match worst {
        _ if !has_position => Grade::Bad,
        worst if worst >= refuses => Grade::Bad,
        worst if worst >= 0.5 => Grade::Doubtful,
        _ => Grade::Good,
    };
    Estimator { velocity, position, height, compass, has_position, grade }
}

/// ArduPilot: below 30 m/s² is well, beyond 60 the position suffers. PX4's figures are of another kind.
fn vibration(frame: &Frame, kind: Kind) -> Vibration {
    let payload = frame.payload();
    let most = [8, 12, 16].into_iter().filter_map(|at| finite(payload.f32(at))).fold(0.0, f64::max);
    let clipped = [20, 24, 28].into_iter().map(|at| payload.u32(at)).fold(0, u32::saturating_add);
    let grade = (kind == Kind::ArduCopter).then_some(match most {
        most if most >= 60.0 => Grade::Bad,
        most if most >= 30.0 => Grade::Doubtful,
        _ => Grade::Good,
    });
    Vibration { most, clipped, grade }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{floats, foreign, frame};
    use super::*;

    fn status(present: u32, enabled: u32, healthy: u32) -> Frame {
        let mut payload = Vec::new();
        [present, enabled, healthy].iter().for_each(|bits| payload.extend(bits.to_le_bytes()));
        payload.resize(31, 0);
        frame(SYS_STATUS, &payload)
    }

    #[test]
    fn what_is_there_and_used_and_ill_is_named() {
        let mut health = Health::default();
        assert_eq!(health.failing(0), None);
        health.hear(&status(0b111 | 1 << PREARM, 0b101 | 1 << PREARM, 0b001), Kind::Px4, 0);
        assert_eq!(health.failing(0), Some(vec!["compass"]), "the accelerometer is not used");
        assert_eq!((health.may_arm(0), health.radio_received(0), health.fence_breached(0)), (Some(false), None, None));
        health.hear(&status(1 << 16 | 1 << 20, 1 << 16 | 1 << 20, 1 << 16), Kind::Px4, 0);
        assert_eq!((health.may_arm(0), health.radio_received(0)), (None, Some(true)));
        assert_eq!(health.fence_breached(0), Some(true));
        health.hear(&frame(FENCE_STATUS, &[0; 8]), Kind::Px4, 0);
        assert_eq!(health.fence_breached(0), Some(false), "FENCE_STATUS knows better");
        assert_eq!(health.failing(6_000_000_000), None);
    }

    #[test]
    fn the_estimator_is_graded_and_says_what_it_doubts() {
        let report = |ratios: [f32; 5], flags: u16| {
            let mut payload = floats(&ratios);
            payload.extend(flags.to_le_bytes());
            payload.extend(floats(&[0.0]));
            let mut health = Health::default();
            health.hear(&foreign(EKF_STATUS_REPORT, 71, &payload), Kind::ArduCopter, 0);
            health.estimator.now(0).unwrap()
        };
        let well = report([0.1, 0.1, 0.1, 0.1, 9.0], 831);
        assert_eq!(well.grade, Grade::Good);
        let doubtful = report([0.1, 0.1, 0.1, 0.5, 0.0], 831);
        assert_eq!((doubtful.grade, doubtful.compass), (Grade::Doubtful, Some(0.5)));
        assert_eq!(report([0.8, 0.1, 0.1, 0.5, 0.0], 831).grade, Grade::Bad);
        let lost = report([0.1; 5], 831 & !16);
        assert_eq!((lost.grade, lost.has_position), (Grade::Bad, false));
        let mut px4 = vec![0; 8];
        px4.extend(floats(&[0.1, 0.9, 0.1, 0.1, 0.0, 0.0, 0.0, 0.0]));
        px4.extend(831_u16.to_le_bytes());
        let mut health = Health::default();
        health.hear(&frame(ESTIMATOR_STATUS, &px4), Kind::Px4, 0);
        let doubtful = health.estimator.now(0).unwrap();
        assert_eq!(doubtful.grade, Grade::Doubtful);
        assert!(doubtful.position > doubtful.compass, "{doubtful:?}");
    }

    #[test]
    fn vibration_is_judged_where_its_unit_is_known() {
        let mut payload = vec![0; 8];
        payload.extend(floats(&[5.0, 31.0, 12.0]));
        payload.extend([1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
        for (kind, grade) in [(Kind::ArduCopter, Some(Grade::Doubtful)), (Kind::Px4, None)] {
            let mut health = Health::default();
            health.hear(&frame(VIBRATION, &payload), kind, 0);
            assert_eq!(health.vibration.now(0), Some(Vibration { most: 31.0, clipped: 3, grade }));
        }
    }
}
