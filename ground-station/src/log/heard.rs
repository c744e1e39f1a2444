//! What a vehicle says of itself, put together once a second. Pure.

use jiff::Timestamp;
use mission_profiles::flight_log::Sample;
use mission_profiles::place::Position;
use vehicle_link::frames::Frame;

const HEARTBEAT: u32 = 0;
const SYS_STATUS: u32 = 1;
const GPS_RAW_INT: u32 = 24;
const GLOBAL_POSITION_INT: u32 = 33;
const ALTITUDE: u32 = 141;
const EXTENDED_SYS_STATE: u32 = 245;
const ARMED: u8 = 0x80;
/// GPS_FIX_TYPE_2D_FIX: below it the place is a guess.
const FIX_2D: u8 = 2;
/// MAV_LANDED_STATE: not said; on the ground.
const UNDEFINED: u8 = 0;
const ON_GROUND: u8 = 1;
/// Samples are so far apart, unless motors start or stop or the ground is left or reached.
const APART_MS: u64 = 1_000;
/// A place or height that was not said again for so long is none.
const STALE_MS: u64 = 5_000;
/// Off the ground above this, where a vehicle does not say whether it is, metres; back on it below half of it.
const ALOFT_M: f64 = 1.0;

/// The time by both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) at: Timestamp,
    pub(super) mono_ms: u64,
}

/// One vehicle's words.
#[derive(Debug, Default)]
pub(super) struct Ear {
    armed: Option<bool>,
    landed: u8,
    fix: Option<u8>,
    place: Option<(Position, u64)>,
    height_m: Option<(f64, u64)>,
    battery_percent: Option<f64>,
    was_in_air: bool,
    told: Option<Sample>,
}

impl Ear {
    /// Takes a frame of its autopilot; gives a sample when it is time for one.
    pub(super) fn frame(&mut self, frame: &Frame, now: Now) -> Option<Sample> {
        let payload = frame.payload();
        match frame.message_id() {
            HEARTBEAT => self.armed = Some(payload.u8(6) & ARMED != 0),
            SYS_STATUS => {
                let percent = payload.u8(30);
                self.battery_percent = (percent <= 100).then(|| f64::from(percent));
            }
            GPS_RAW_INT => self.fix = Some(payload.u8(28)),
            GLOBAL_POSITION_INT => {
                let degrees = |at| f64::from(payload.i32(at)) * 1e-7;
                let place =
                    Position::new(degrees(4), degrees(8)).filter(|_| payload.i32(4) != 0 || payload.i32(8) != 0);
                self.place = place.map(|place| (place, now.mono_ms));
                self.height_m = Some((f64::from(payload.i32(16)) * 1e-3, now.mono_ms));
            }
            ALTITUDE if self.height(now).is_none() => {
                let height_m = f64::from(payload.f32(20));
                self.height_m = height_m.is_finite().then_some((height_m, now.mono_ms));
            }
            EXTENDED_SYS_STATE => self.landed = payload.u8(1),
            _ => {}
        }
        let sample = self.sample(now)?;
        let due = self.told.as_ref().is_none_or(|told| {
            now.mono_ms.saturating_sub(told.mono_ms) >= APART_MS
                || (told.armed, told.in_air) != (sample.armed, sample.in_air)
        });
        due.then(|| *self.told.insert(sample))
    }

    fn height(&self, now: Now) -> Option<f64> {
        self.height_m.filter(|(_, at_ms)| now.mono_ms.saturating_sub(*at_ms) < STALE_MS).map(|(height_m, _)| height_m)
    }

    fn sample(&mut self, now: Now) -> Option<Sample> {
        let armed = self.armed?;
        let height_m = self.height(now);
        let edge_m = if self.was_in_air { ALOFT_M / 2.0 } else { ALOFT_M };
        let off_ground = match self.landed {
            // Who says neither whether nor how high is in the air while its motors turn.
            UNDEFINED => height_m.is_none_or(|height_m| height_m > edge_m),
            landed => landed != ON_GROUND,
        };
        self.was_in_air = armed && off_ground;
        let fixed = self.fix.is_none_or(|fix| fix >= FIX_2D);
        let place = self.place.filter(|(_, at_ms)| fixed && now.mono_ms.saturating_sub(*at_ms) < STALE_MS);
        Some(Sample {
            at: now.at,
            mono_ms: now.mono_ms,
            position: place.map(|(place, _)| place),
            height_m,
            armed,
            in_air: self.was_in_air,
            battery_percent: self.battery_percent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vehicle_link::frames::{Body, Encoder};

    fn frame(id: u32, payload: &[u8]) -> Frame {
        Encoder::new(1, 1).encode_body(&Body::raw(id, payload).unwrap())
    }

    fn heartbeat(armed: bool) -> Frame {
        frame(HEARTBEAT, &[0, 0, 0, 0, 2, 12, if armed { ARMED } else { 0 }, 4, 3])
    }

    fn position(lat_e7: i32, lon_e7: i32, above_mm: i32) -> Frame {
        let fields = [0, lat_e7, lon_e7, 0, above_mm];
        frame(GLOBAL_POSITION_INT, &fields.iter().flat_map(|field| field.to_le_bytes()).collect::<Vec<_>>())
    }

    fn gps(fix: u8) -> Frame {
        let mut payload = [0; 30];
        payload[28] = fix;
        frame(GPS_RAW_INT, &payload)
    }

    fn at(mono_ms: u64) -> Now {
        let ms = i64::try_from(mono_ms).unwrap();
        Now { at: Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap(), mono_ms }
    }

    #[test]
    fn a_sample_a_second_and_one_at_each_change() {
        let mut ear = Ear::default();
        assert_eq!(ear.frame(&position(515_000_000, -1_000_000, 0), at(0)), None, "nobody knows whether it is armed");
        let first = ear.frame(&heartbeat(false), at(10)).unwrap();
        assert_eq!((first.armed, first.in_air, first.height_m), (false, false, Some(0.0)));
        assert_eq!(ear.frame(&heartbeat(false), at(500)), None);
        assert!(ear.frame(&heartbeat(true), at(600)).unwrap().armed);
        assert!(ear.frame(&frame(EXTENDED_SYS_STATE, &[0, 2]), at(700)).unwrap().in_air);
        assert_eq!(ear.frame(&position(515_000_000, -1_000_000, 3_000), at(1_600)), None);
        let aloft = ear.frame(&position(515_000_000, -1_000_000, 4_000), at(1_700)).unwrap();
        assert_eq!((aloft.height_m, aloft.position.map(|place| place.lat_deg)), (Some(4.0), Some(51.5)));
        assert!(!ear.frame(&heartbeat(false), at(1_800)).unwrap().in_air, "motors stand: it is down");
    }

    #[test]
    fn without_a_landed_state_the_height_tells_and_without_that_the_motors() {
        let mut ear = Ear::default();
        assert!(ear.frame(&heartbeat(true), at(0)).unwrap().in_air);
        let mut ear = Ear::default();
        ear.frame(&position(1, 1, 0), at(0));
        assert!(!ear.frame(&heartbeat(true), at(1)).unwrap().in_air);
        for (above_mm, in_air) in [(900, false), (1_100, true), (600, true), (400, false)] {
            ear.frame(&position(1, 1, above_mm), at(2));
            assert_eq!(ear.sample(at(3)).unwrap().in_air, in_air, "{above_mm}");
        }
        let mut payload = [0; 32];
        payload[20..24].copy_from_slice(&7.5_f32.to_le_bytes());
        ear.frame(&frame(ALTITUDE, &payload), at(9_000));
        assert_eq!(ear.sample(at(9_000)).unwrap().height_m, Some(7.5), "the barometer's, where no other is said");
    }

    #[test]
    fn a_place_without_a_fix_or_that_is_old_or_null_is_none() {
        let mut ear = Ear::default();
        ear.frame(&heartbeat(true), at(0));
        ear.frame(&position(515_000_000, 1, 0), at(0));
        let place = |ear: &mut Ear, ms| ear.sample(at(ms)).unwrap().position;
        assert!(place(&mut ear, 1).is_some() && place(&mut ear, 6_000).is_none());
        for (fix, known) in [(1, false), (3, true), (0, false), (2, true)] {
            ear.frame(&gps(fix), at(2));
            assert_eq!(place(&mut ear, 3).is_some(), known, "fix type {fix}");
        }
        for (lat, lon) in [(0, 0), (i32::MAX, 0), (0, i32::MIN)] {
            ear.frame(&position(lat, lon, 0), at(4));
            assert_eq!(place(&mut ear, 5), None, "{lat} {lon}");
        }
    }

    #[test]
    fn a_battery_that_says_nothing_is_not_empty() {
        let mut ear = Ear::default();
        ear.frame(&heartbeat(true), at(0));
        for (byte, percent) in [(87, Some(87.0)), (0xff, None), (100, Some(100.0)), (0, Some(0.0))] {
            let mut payload = [0; 31];
            payload[30] = byte;
            ear.frame(&frame(SYS_STATUS, &payload), at(1));
            assert_eq!(ear.sample(at(1)).unwrap().battery_percent, percent);
        }
    }
}
