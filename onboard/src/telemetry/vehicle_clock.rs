//! When a message was sampled aboard the vehicle, on the capture clock.

use std::collections::VecDeque;

use vehicle_link::peers::Address;
use vehicle_link::timesync::VehicleTime;

/// A TIMESYNC mapping that puts a sample further than this from its arrival counts from another moment than
/// `time_boot_ms` does, and is not used.
const PLAUSIBLE_NS: u64 = 3_000_000_000;
/// `time_boot_ms` is cut to whole milliseconds: on average half of one is missing.
const BOOT_STEP_HALF_NS: u64 = 500_000;
/// Window of the fastest message, for vehicles that do not answer TIMESYNC.
const WINDOW_NS: u64 = 20_000_000_000;
/// A boot time this far from the expected one belongs to another boot.
const OTHER_BOOT_NS: u64 = 5_000_000_000;

/// The clock of one vehicle: TIMESYNC when it is answered, else the message that travelled fastest.
#[derive(Debug)]
pub struct VehicleClock {
    /// TIMESYNC and SYSTEM_TIME.
    pub time: VehicleTime,
    /// (arrival, arrival − boot), both rising: a sliding minimum.
    fastest: VecDeque<(u64, i64)>,
}

impl VehicleClock {
    /// The clock of the autopilot at `address`.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self { time: VehicleTime::new(address), fastest: VecDeque::new() }
    }

    /// The instant of a sample stamped `boot_ms` that arrived at `arrival_ns`; never after its arrival.
    pub fn sampled_ns(&mut self, boot_ms: u32, arrival_ns: u64) -> u64 {
        let boot_ns = u64::from(boot_ms) * 1_000_000 + BOOT_STEP_HALF_NS;
        let by_arrival = self.by_arrival(boot_ns, arrival_ns);
        let by_timesync = self
            .time
            .mono_ns_of_boot_us(boot_ns / 1_000, arrival_ns)
            .filter(|ns| ns.abs_diff(arrival_ns) < PLAUSIBLE_NS);
        by_timesync.unwrap_or(by_arrival).min(arrival_ns)
    }

    fn by_arrival(&mut self, boot_ns: u64, arrival_ns: u64) -> u64 {
        let signed = |ns: u64| i64::try_from(ns).unwrap_or(i64::MAX);
        let seen_ns = signed(arrival_ns) - signed(boot_ns);
        if self.fastest.back().is_some_and(|(_, last)| last.abs_diff(seen_ns) > OTHER_BOOT_NS) {
            self.fastest.clear();
        }
        while self.fastest.back().is_some_and(|(_, offset)| *offset >= seen_ns) {
            self.fastest.pop_back();
        }
        self.fastest.push_back((arrival_ns, seen_ns));
        while self.fastest.front().is_some_and(|(at, _)| arrival_ns.saturating_sub(*at) > WINDOW_NS) {
            self.fastest.pop_front();
        }
        let least_ns = self.fastest.front().map_or(seen_ns, |(_, offset)| *offset);
        u64::try_from(signed(boot_ns) + least_ns).unwrap_or(arrival_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vehicle_link::timesync::answer;

    const MS: u64 = 1_000_000;
    const AUTOPILOT: Address = Address { system: 1, component: 1 };
    const BOOTED_NS: u64 = 50_000 * MS;

    fn hear(clock: &mut VehicleClock, boot_ms: u32, delay_ms: u64) -> i64 {
        let shot_ns = BOOTED_NS + u64::from(boot_ms) * MS + MS / 2;
        let got = clock.sampled_ns(boot_ms, shot_ns + delay_ms * MS);
        i64::try_from(got).unwrap() - i64::try_from(shot_ns).unwrap()
    }

    #[test]
    fn without_timesync_the_fastest_message_sets_the_clock() {
        let mut clock = VehicleClock::new(AUTOPILOT);
        hear(&mut clock, 1_000, 2);
        assert_eq!(hear(&mut clock, 1_020, 40), 2_000_000);
        assert_eq!(hear(&mut clock, 1_040, 1), 1_000_000);
    }

    #[test]
    fn with_timesync_arrival_does_not_matter() {
        let mut clock = VehicleClock::new(AUTOPILOT);
        let sent_ns = BOOTED_NS + 900 * MS;
        let request = clock.time.timesync().request(sent_ns);
        let reply = answer(&request, Address::new(1, 100), AUTOPILOT, sent_ns + MS - BOOTED_NS).unwrap();
        clock.time.timesync().answered(&reply, sent_ns + 2 * MS).unwrap();
        for delay_ms in [80, 3, 700] {
            assert_eq!(hear(&mut clock, 1_000, delay_ms), 0);
        }
    }

    #[test]
    fn another_boot_begins_anew() {
        let mut clock = VehicleClock::new(AUTOPILOT);
        hear(&mut clock, 600_000, 5);
        let arrival_ns = BOOTED_NS + 700_000 * MS;
        assert_eq!(clock.sampled_ns(1_000, arrival_ns), arrival_ns);
    }
}
