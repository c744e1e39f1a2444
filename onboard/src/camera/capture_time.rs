//! When a frame was shot, on the capture clock (CLOCK_MONOTONIC).
//!
//! A camera's sender reports say when each frame was captured *by the camera's clock*, which lies by an
//! unknown, slowly drifting offset. The frame that travelled fastest in the last half minute shows that
//! offset best: least delay = the camera's constant delay (configuration) + nothing. Before the first
//! report there is only arrival less the constant delay, with a wide uncertainty.

use std::collections::VecDeque;

use crate::config::ClockTrust;

/// What is known of one frame's arrival.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// When it reached this machine, capture clock.
    pub at_ns: u64,
    /// The camera's own time of capture (NTP nanoseconds since 1900), if its sender reports gave one.
    pub ntp_ns: Option<u64>,
}

/// When the frame was shot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured {
    /// Capture clock, nanoseconds.
    pub at_ns: u64,
    /// How far off this may be, microseconds.
    pub uncertainty_us: u64,
    /// The camera's clock was set: a jump of more than [`STEP_NS`].
    pub stepped: bool,
}

/// How long the fastest frame is remembered.
const WINDOW_NS: u64 = 30_000_000_000;
/// A larger change of the offset is a clock that was set, not drift or queueing.
const STEP_NS: i64 = 200_000_000;
/// A clock that was set back makes every frame look late; after this long it is believed.
const LATE_FOR_NS: u64 = 5_000_000_000;
/// A trusted camera clock that says a frame came this much before or after it was shot is not trusted for that frame.
const EARLIEST_NS: i64 = 50_000_000;
const LATEST_NS: i64 = 5_000_000_000;
/// Frames in which the first estimate may still jump; later it is slewed.
const SETTLING_FRAMES: u32 = 60;
/// Largest slew toward a longer offset: 1 ms a second, ten times what a bad crystal drifts.
const SLEW_LATER_PER_S_NS: i64 = 1_000_000;
/// Largest slew toward a shorter one: a faster frame is proof, so a fifth of real time.
const SLEW_EARLIER_PER_S_NS: i64 = 200_000_000;
/// Uncertainty of a frame dated by its arrival: a jitter buffer's worth.
const ARRIVAL_UNCERTAINTY_US: u64 = 50_000;
/// Uncertainty of a frame dated by a settled sender-report clock.
const REPORT_UNCERTAINTY_US: u64 = 3_000;
/// Seconds from 1900 (NTP) to 1970 (POSIX), in nanoseconds.
const NTP_TO_POSIX_NS: i64 = 2_208_988_800_000_000_000;

/// The minimum-delay filter of one camera.
#[derive(Debug)]
pub struct CaptureTime {
    trust: ClockTrust,
    delay_ns: i64,
    /// (when, arrival − ntp), increasing in both: a sliding minimum.
    fastest: VecDeque<(u64, i64)>,
    offset_ns: Option<i64>,
    frames: u32,
    last_seen_ns: u64,
    /// Since when every frame has been late by more than [`STEP_NS`].
    late_since_ns: Option<u64>,
}

impl CaptureTime {
    /// `delay_ms` is the camera's constant time from exposure to the wire.
    #[must_use]
    pub fn new(trust: ClockTrust, delay_ms: u32) -> Self {
        Self {
            trust,
            delay_ns: i64::from(delay_ms) * 1_000_000,
            fastest: VecDeque::new(),
            offset_ns: None,
            frames: 0,
            last_seen_ns: 0,
            late_since_ns: None,
        }
    }

    /// Forgets the camera's clock: the connection was made anew.
    pub fn restart(&mut self) {
        self.fastest.clear();
        self.offset_ns = None;
        self.frames = 0;
        self.late_since_ns = None;
    }

    /// Dates one frame. `utc_minus_mono_ns` is the mapping now in force, used when the camera's clock is
    /// trusted as UTC.
    pub fn date(&mut self, frame: Arrival, utc_minus_mono_ns: i64) -> Captured {
        let Some(ntp_ns) = frame.ntp_ns.and_then(|ns| i64::try_from(ns).ok()) else {
            return by_arrival(frame.at_ns, self.delay_ns);
        };
        let arrival_ns = i64::try_from(frame.at_ns).unwrap_or(i64::MAX);
        if self.trust == ClockTrust::Ntp {
            let mono_ns = ntp_ns.saturating_sub(NTP_TO_POSIX_NS).saturating_sub(utc_minus_mono_ns);
            let travelled_ns = arrival_ns.saturating_sub(mono_ns);
            let plausible = (-EARLIEST_NS..LATEST_NS).contains(&travelled_ns);
            if let Some(at_ns) = u64::try_from(mono_ns).ok().filter(|_| plausible) {
                return Captured { at_ns, uncertainty_us: REPORT_UNCERTAINTY_US, stepped: false };
            }
        }
        let (offset_ns, stepped) = self.offset(frame.at_ns, arrival_ns.saturating_sub(ntp_ns));
        let at_ns = ntp_ns.saturating_add(offset_ns).saturating_sub(self.delay_ns);
        let uncertainty_us =
            if self.frames < SETTLING_FRAMES { ARRIVAL_UNCERTAINTY_US / 5 } else { REPORT_UNCERTAINTY_US };
        Captured { at_ns: u64::try_from(at_ns).unwrap_or(0), uncertainty_us, stepped }
    }

    /// No frame can be early, so one that is tells of a clock that was set forward. Late ones are a stalled camera or
    /// link, unless all of them are for [`LATE_FOR_NS`]: then the clock was set back.
    fn is_step(&mut self, now_ns: u64, seen_ns: i64) -> bool {
        let Some(offset_ns) = self.offset_ns else { return false };
        if seen_ns <= offset_ns.saturating_add(STEP_NS) {
            self.late_since_ns = None;
            return seen_ns < offset_ns.saturating_sub(STEP_NS);
        }
        now_ns.saturating_sub(*self.late_since_ns.get_or_insert(now_ns)) > LATE_FOR_NS
    }

    /// The offset to apply now, after one more observation of arrival − ntp.
    fn offset(&mut self, now_ns: u64, seen_ns: i64) -> (i64, bool) {
        let stepped = self.is_step(now_ns, seen_ns);
        if stepped {
            self.restart();
        }
        while self.fastest.back().is_some_and(|(_, offset)| *offset >= seen_ns) {
            self.fastest.pop_back();
        }
        self.fastest.push_back((now_ns, seen_ns));
        while self.fastest.front().is_some_and(|(at, _)| now_ns.saturating_sub(*at) > WINDOW_NS) {
            self.fastest.pop_front();
        }
        let target = self.fastest.front().map_or(seen_ns, |(_, offset)| *offset);
        let elapsed_ns = now_ns.saturating_sub(self.last_seen_ns).min(1_000_000_000);
        self.last_seen_ns = now_ns;
        self.frames = self.frames.saturating_add(1);
        let offset = match self.offset_ns {
            Some(current) if self.frames > SETTLING_FRAMES => {
                let most = |per_s_ns: i64| per_s_ns * i64::try_from(elapsed_ns).unwrap_or(0) / 1_000_000_000;
                current + (target - current).clamp(-most(SLEW_EARLIER_PER_S_NS), most(SLEW_LATER_PER_S_NS))
            }
            Some(_) | None => target,
        };
        self.offset_ns = Some(offset);
        (offset, stepped)
    }
}

fn by_arrival(at_ns: u64, delay_ns: i64) -> Captured {
    let at_ns = at_ns.saturating_sub(u64::try_from(delay_ns).unwrap_or(0));
    Captured { at_ns, uncertainty_us: ARRIVAL_UNCERTAINTY_US, stepped: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME_NS: u64 = 33_366_667;
    const START_NS: u64 = 100_000_000_000;
    /// The camera's clock at capture-clock zero: wrong by some years, as cameras are.
    const CAMERA_EPOCH_NS: u64 = 3_000_000_000_000_000_000;

    fn jitter_ns(frame: u64) -> u64 {
        (frame * 7_919 % 31) * 400_000 // 0 to 12 ms
    }

    fn run(filter: &mut CaptureTime, frames: std::ops::Range<u64>, ppm: u64) -> Vec<i64> {
        frames
            .map(|i| {
                let shot_ns = START_NS + i * FRAME_NS;
                let drift_ns = i * FRAME_NS * ppm / 1_000_000;
                let arrival = Arrival {
                    at_ns: shot_ns + 40_000_000 + jitter_ns(i),
                    ntp_ns: Some(CAMERA_EPOCH_NS + shot_ns + drift_ns),
                };
                let got = filter.date(arrival, 0);
                i64::try_from(got.at_ns).unwrap() - i64::try_from(shot_ns).unwrap()
            })
            .collect()
    }

    #[test]
    fn jitter_is_filtered_out_and_drift_followed() {
        let mut filter = CaptureTime::new(ClockTrust::Free, 40);
        let errors = run(&mut filter, 0..9_000, 50);
        let worst = errors.iter().skip(120).map(|e| e.abs()).max().unwrap();
        assert!(worst < 3_000_000, "{worst} ns");
    }

    #[test]
    fn without_reports_arrival_less_the_delay_with_a_wide_uncertainty() {
        let mut filter = CaptureTime::new(ClockTrust::Free, 40);
        let got = filter.date(Arrival { at_ns: START_NS, ntp_ns: None }, 0);
        assert_eq!(got, Captured { at_ns: START_NS - 40_000_000, uncertainty_us: 50_000, stepped: false });
    }

    fn shoot(filter: &mut CaptureTime, frame: u64, camera_ahead_ns: u64, late_ns: u64) -> (i64, bool) {
        let shot_ns = START_NS + frame * FRAME_NS;
        let ntp_ns = Some(CAMERA_EPOCH_NS + shot_ns + camera_ahead_ns);
        let got = filter.date(Arrival { at_ns: shot_ns + 40_000_000 + late_ns, ntp_ns }, 0);
        (i64::try_from(got.at_ns).unwrap() - i64::try_from(shot_ns).unwrap(), got.stepped)
    }

    #[test]
    fn a_camera_clock_set_forward_is_noticed_at_once() {
        let mut filter = CaptureTime::new(ClockTrust::Free, 40);
        run(&mut filter, 0..200, 0);
        assert_eq!(shoot(&mut filter, 200, 3_600_000_000_000, 0), (0, true));
        assert_eq!(shoot(&mut filter, 201, 3_600_000_000_000, 0), (0, false));
    }

    #[test]
    fn a_stall_of_two_seconds_moves_no_time() {
        let mut filter = CaptureTime::new(ClockTrust::Free, 40);
        run(&mut filter, 0..200, 0);
        for frame in 200..260 {
            assert_eq!(shoot(&mut filter, frame, 0, 2_000_000_000), (0, false));
        }
        assert_eq!(shoot(&mut filter, 260, 0, 0), (0, false));
    }

    #[test]
    fn a_camera_clock_set_back_is_believed_once_every_frame_looks_late() {
        let mut filter = CaptureTime::new(ClockTrust::Free, 40);
        for frame in 0..100 {
            shoot(&mut filter, frame, 10_000_000_000, 0);
        }
        let stepped = (100..400).find(|frame| shoot(&mut filter, *frame, 0, 0).1);
        assert_eq!(stepped, Some(250));
        assert_eq!(shoot(&mut filter, 401, 0, 0), (0, false));
    }

    #[test]
    fn a_trusted_clock_is_taken_as_it_stands() {
        let mut filter = CaptureTime::new(ClockTrust::Ntp, 40);
        let utc_minus_mono_ns = 1_700_000_000_000_000_000;
        let ntp_ns = u64::try_from(NTP_TO_POSIX_NS + utc_minus_mono_ns).unwrap() + START_NS;
        let got = filter.date(Arrival { at_ns: START_NS + 70_000_000, ntp_ns: Some(ntp_ns) }, utc_minus_mono_ns);
        assert_eq!(got.at_ns, START_NS);
    }

    #[test]
    fn a_trusted_clock_that_cannot_be_right_is_not_trusted() {
        let mut filter = CaptureTime::new(ClockTrust::Ntp, 40);
        let got = filter.date(Arrival { at_ns: START_NS + 40_000_000, ntp_ns: Some(CAMERA_EPOCH_NS) }, 0);
        assert_eq!(got.at_ns, START_NS);
    }
}
