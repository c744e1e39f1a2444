//! GNSS time through the autopilot: SYSTEM_TIME says what UTC was at a reading of the vehicle's
//! clock, TIMESYNC what that reading is by ours.

use std::collections::VecDeque;

use super::{Filter, signed};
use crate::{dialect::SYSTEM_TIME_DATA, peers::Address};

/// SYSTEM_TIME messages kept; at 1 Hz, drift over them stays below their resolution.
const WINDOW: usize = 16;
/// `time_boot_ms` falling by more than this is a reboot; less is messages out of order.
const REBOOT_FALL_MS: u32 = 3_000;
/// TIMESYNC and SYSTEM_TIME that differ by more than this count from different moments.
const SAME_EPOCH_US: u64 = 5_000_000;
/// `time_boot_ms` is cut to whole milliseconds.
const BOOT_STEP_US: i64 = 1_000;
/// Uncertainty while only arrival times are known: how late a message may be on a busy link.
const ARRIVAL_US: u64 = 100_000;
/// GNSS times outside 2010–2100 are a receiver without a fix.
const PLAUSIBLE_US: std::ops::Range<u64> = 1_262_304_000_000_000..4_102_444_800_000_000;

/// How UTC was arrived at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// SYSTEM_TIME brought to our clock by TIMESYNC.
    Timesync,
    /// SYSTEM_TIME as it arrived: the vehicle does not answer TIMESYNC.
    Arrival,
}

/// UTC at an instant of our clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Utc {
    /// µs since 1970-01-01 UTC, as the autopilot has it.
    pub utc_us: i64,
    /// Greatest error of the way from the autopilot to us, µs (for [`Source::Arrival`] a guess of
    /// 100 ms). The receiver's own error is not in it.
    pub uncertainty_us: u64,
    /// How it was arrived at.
    pub source: Source,
}

#[derive(Debug, Clone, Copy)]
struct Report {
    /// UTC minus the vehicle's clock, µs; too great by the part of a millisecond cut off.
    utc_minus_boot_us: i64,
    /// UTC minus our clock at arrival, µs; too small by the delay of the message.
    utc_minus_mono_us: i64,
    /// The vehicle's clock minus ours at arrival, µs; too small by the delay of the message.
    boot_minus_mono_us: i64,
}

/// All clocks of one vehicle.
#[derive(Debug)]
pub struct VehicleTime {
    filter: Filter,
    reports: VecDeque<Report>,
    last_boot_ms: Option<u32>,
}

impl VehicleTime {
    /// For the autopilot at `target`.
    pub fn new(target: Address) -> Self {
        Self { filter: Filter::new(target), reports: VecDeque::new(), last_boot_ms: None }
    }

    /// The TIMESYNC side.
    pub fn timesync(&mut self) -> &mut Filter {
        &mut self.filter
    }

    /// Takes a SYSTEM_TIME that came at `now_ns`. Returns `true` when the vehicle has restarted:
    /// then everything learned is forgotten. (So it is when `time_boot_ms` wraps after 49.7 days.)
    pub fn system_time(&mut self, data: &SYSTEM_TIME_DATA, now_ns: u64) -> bool {
        let rebooted = self
            .last_boot_ms
            .is_some_and(|last| last.checked_sub(data.time_boot_ms).is_some_and(|fall| fall > REBOOT_FALL_MS));
        if rebooted {
            self.filter.clear();
            self.reports.clear();
        }
        self.last_boot_ms = Some(data.time_boot_ms);
        if PLAUSIBLE_US.contains(&data.time_unix_usec) {
            self.note(data, now_ns);
        } else {
            // The fix is gone: what was learned before stays, the window only moves with reports.
            tracing::trace!(time_unix_usec = data.time_unix_usec, "no GNSS time");
        }
        rebooted
    }

    fn note(&mut self, data: &SYSTEM_TIME_DATA, now_ns: u64) {
        let utc_us = signed(data.time_unix_usec);
        let boot_us = i64::from(data.time_boot_ms) * BOOT_STEP_US;
        let mono_us = signed(now_ns / 1_000);
        let report = Report {
            utc_minus_boot_us: utc_us - boot_us,
            utc_minus_mono_us: utc_us - mono_us,
            boot_minus_mono_us: boot_us - mono_us,
        };
        let stepped = self
            .reports
            .back()
            .is_some_and(|last| last.utc_minus_boot_us.abs_diff(report.utc_minus_boot_us) > ARRIVAL_US);
        if stepped {
            self.reports.clear();
        }
        if self.reports.len() == WINDOW {
            self.reports.pop_front();
        }
        self.reports.push_back(report);
    }

    /// UTC at `mono_ns` of our clock; `None` until a SYSTEM_TIME with GNSS time has come.
    pub fn utc(&self, mono_ns: u64) -> Option<Utc> {
        let mono_us = signed(mono_ns / 1_000);
        let late = self.reports.iter().map(|r| r.utc_minus_mono_us).max()?;
        let by_arrival = Utc { utc_us: late + mono_us, uncertainty_us: ARRIVAL_US, source: Source::Arrival };
        let Some((offset_us, uncertainty_us)) = self.boot_minus_mono(mono_ns) else {
            return Some(by_arrival);
        };
        let (least, most) = self.utc_minus_boot()?;
        // Each report allows UTC − boot to be up to 1 ms less; the truth is in all the intervals.
        let low = most - BOOT_STEP_US;
        let half_width_us = low.abs_diff(least).div_ceil(2);
        let width_us = if low <= least { half_width_us } else { half_width_us + 500 };
        Some(Utc {
            utc_us: low.midpoint(least) + mono_us + offset_us,
            uncertainty_us: width_us + uncertainty_us,
            source: Source::Timesync,
        })
    }

    /// Our clock at the vehicle's `boot_us` (the `time_boot_ms` or `time_usec` of its messages);
    /// `now_ns` is when it is asked. `None` without TIMESYNC.
    pub fn mono_ns_of_boot_us(&self, boot_us: u64, now_ns: u64) -> Option<u64> {
        let estimate = self.filter.estimate(now_ns)?;
        let boot_ns = signed(boot_us.checked_mul(1_000)?);
        u64::try_from(boot_ns.checked_sub(estimate.offset_ns)?).ok()
    }

    /// Offset and uncertainty in µs, if TIMESYNC and SYSTEM_TIME count from the same moment.
    fn boot_minus_mono(&self, mono_ns: u64) -> Option<(i64, u64)> {
        let estimate = self.filter.estimate(mono_ns)?;
        let offset_us = estimate.offset_ns.div_euclid(1_000);
        let arrived_us = self.reports.back()?.boot_minus_mono_us;
        let same = offset_us.abs_diff(arrived_us) <= SAME_EPOCH_US;
        same.then(|| (offset_us, estimate.uncertainty_ns.div_ceil(1_000)))
    }

    fn utc_minus_boot(&self) -> Option<(i64, i64)> {
        let all = || self.reports.iter().map(|report| report.utc_minus_boot_us);
        Some((all().min()?, all().max()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::timesync::answer;

    const MS: u64 = 1_000_000;
    const S: u64 = 1_000 * MS;
    const VEHICLE: Address = Address { system: 1, component: 1 };
    /// 2026-06-01 12:00:00 UTC at boot of the vehicle.
    const UTC_AT_BOOT_US: u64 = 1_780_315_200_000_000;

    struct Flight {
        time: VehicleTime,
        /// Vehicle's clock minus ours, ns.
        offset_ns: i64,
    }

    impl Flight {
        fn new(offset_ns: i64) -> Self {
            Self { time: VehicleTime::new(VEHICLE), offset_ns }
        }

        fn vehicle_ns(&self, mono_ns: u64) -> u64 {
            u64::try_from(signed(mono_ns) + self.offset_ns).unwrap()
        }

        fn timesync(&mut self, mono_ns: u64, out_ns: u64, back_ns: u64) {
            let vehicle_ns = self.vehicle_ns(mono_ns + out_ns);
            let request = self.time.timesync().request(mono_ns);
            let reply = answer(&request, Address::new(1, 100), VEHICLE, vehicle_ns).unwrap();
            self.time.timesync().answered(&reply, mono_ns + out_ns + back_ns).unwrap();
        }

        fn system_time(&mut self, mono_ns: u64, delay_ns: u64) -> bool {
            let boot_us = self.vehicle_ns(mono_ns) / 1_000;
            let data = SYSTEM_TIME_DATA {
                time_unix_usec: UTC_AT_BOOT_US + boot_us,
                time_boot_ms: u32::try_from(boot_us / 1_000).unwrap(),
            };
            self.time.system_time(&data, mono_ns + delay_ns)
        }

        fn truth_us(&self, mono_ns: u64) -> i64 {
            signed(UTC_AT_BOOT_US + self.vehicle_ns(mono_ns) / 1_000)
        }
    }

    #[test]
    fn without_timesync_the_least_delayed_message_counts() {
        let mut flight = Flight::new(0);
        assert_eq!(flight.time.utc(S), None);
        flight.system_time(S, 30 * MS);
        flight.system_time(2 * S, 5 * MS);
        flight.system_time(3 * S, 80 * MS);
        let utc = flight.time.utc(4 * S).unwrap();
        assert_eq!(utc.source, Source::Arrival);
        assert_eq!(flight.truth_us(4 * S) - utc.utc_us, 5_000);
        assert!(utc.uncertainty_us >= 5_000);
    }

    #[test]
    fn a_falling_boot_time_is_a_reboot_and_a_late_message_is_not() {
        let mut flight = Flight::new(0);
        flight.timesync(100 * S, MS, MS);
        assert!(!flight.system_time(101 * S, 0));
        assert!(!flight.system_time(103 * S, 0));
        assert!(!flight.system_time(102 * S, 2 * S), "out of order");
        flight.offset_ns = -signed(104 * S);
        assert!(flight.system_time(105 * S, MS));
        assert_eq!(flight.time.utc(105 * S).unwrap().source, Source::Arrival);
        assert_eq!(flight.time.mono_ns_of_boot_us(0, 105 * S), None);
    }

    #[test]
    fn a_clock_that_counts_from_elsewhere_is_not_mixed_in() {
        // TIMESYNC answered in Unix time, SYSTEM_TIME in boot time: seen on companion computers.
        let mut flight = Flight::new(signed(1_780_000_000 * S));
        flight.timesync(S, MS, MS);
        flight.offset_ns = 0;
        flight.system_time(2 * S, MS);
        assert_eq!(flight.time.utc(3 * S).unwrap().source, Source::Arrival);
    }

    #[test]
    fn a_receiver_without_a_fix_gives_no_utc() {
        let mut flight = Flight::new(0);
        for time_unix_usec in [0, 1_000, u64::MAX] {
            let data = SYSTEM_TIME_DATA { time_unix_usec, time_boot_ms: 5 };
            flight.time.system_time(&data, S);
        }
        assert_eq!(flight.time.utc(S), None);
    }

    proptest! {
        #[test]
        fn utc_is_right_within_the_uncertainty_it_states(
            offset_ns in -900_000_000_i64..86_400_000_000_000,
            rounds in prop::collection::vec((0..20 * MS, 0..20 * MS, 0..200 * MS, 0..S), 1..40),
        ) {
            let mut flight = Flight::new(offset_ns);
            let mut now_ns = 10 * S;
            for (out, back, delay, phase) in rounds {
                flight.timesync(now_ns, out, back);
                flight.system_time(now_ns + phase, delay);
                now_ns += 2 * S;
                let utc = flight.time.utc(now_ns).unwrap();
                prop_assert_eq!(utc.source, Source::Timesync);
                let error = utc.utc_us.abs_diff(flight.truth_us(now_ns));
                prop_assert!(error <= utc.uncertainty_us + 1, "error {} of {:?}", error, utc);
                prop_assert!(utc.uncertainty_us <= 22_000);

                let boot_us = flight.vehicle_ns(now_ns) / 1_000;
                let mono = flight.time.mono_ns_of_boot_us(boot_us, now_ns).unwrap();
                prop_assert!(mono.abs_diff(now_ns) <= 20 * MS + 100_000);
            }
        }
    }
}
