//! How this station itself is: its battery, its disk, its clock, whether it may fall asleep. Pure.

use flight_record::ClockSource;

/// Below these a battery that is not charged is said, percent.
const BATTERY_LOW: u8 = 20;
const BATTERY_CRITICAL: u8 = 10;
/// Below these the disk is said, bytes.
const DISK_LOW: u64 = 5 << 30;
const DISK_CRITICAL: u64 = 1 << 30;
/// A clock that moves by more than this against the monotonic one was set, µs.
pub(crate) const STEP_US: i64 = 500_000;
/// Disks are compared in these steps, bytes.
const DISK_STEP: u64 = 100 << 20;

/// The batteries together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Battery {
    pub(crate) percent: u8,
    /// On mains, charging or full.
    pub(crate) on_mains: bool,
    /// At the power drawn now.
    pub(crate) minutes_left: Option<u32>,
}

/// Whether the machine may fall asleep in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sleep {
    /// It is kept awake.
    Inhibited,
    /// It is not; why.
    Allowed(String),
}

/// The clocks of this machine, read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clocks {
    pub(crate) utc_us: i64,
    pub(crate) mono_us: i64,
    pub(crate) source: ClockSource,
    pub(crate) uncertainty_us: u64,
}

/// All of it at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    /// `None` on a machine without one.
    pub(crate) battery: Option<Battery>,
    /// Free on the disk that holds the flights; `None` where it cannot be asked.
    pub(crate) disk_free_bytes: Option<u64>,
    pub(crate) sleep: Sleep,
    pub(crate) clocks: Clocks,
}

impl Reading {
    /// Whether a person would see a difference.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        let disk = |reading: &Self| reading.disk_free_bytes.map(|bytes| bytes / DISK_STEP);
        let shown = |reading: &Self| (reading.battery, disk(reading), reading.sleep.clone(), reading.clocks.source);
        shown(self) != shown(other) || step_us(&other.clocks, &self.clocks).abs() > STEP_US
    }
}

fn step_us(before: &Clocks, after: &Clocks) -> i64 {
    (after.utc_us - before.utc_us).saturating_sub(after.mono_us - before.mono_us)
}

/// The clock was set, or the machine slept, which looks the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// When, by the clock as it was set.
    pub(crate) at_utc_us: i64,
    /// Forward positive.
    pub(crate) by_us: i64,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Of {
    Battery,
    Disk,
    Sleep,
    Clock,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Advisory,
    Caution,
    Warning,
}

/// What is wrong, and what the pilot does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) of: Of,
    pub(crate) level: Level,
    pub(crate) what: String,
    pub(crate) cure: &'static str,
}

/// The machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Station {
    last: Option<Reading>,
}

impl Station {
    /// Takes a reading; the step of the clock, where there was one.
    pub(crate) fn take(&mut self, reading: Reading) -> Option<Step> {
        let clocks = reading.clocks;
        let before = self.last.replace(reading)?;
        let by_us = step_us(&before.clocks, &clocks);
        if by_us.abs() <= STEP_US {
            return None;
        }
        Some(Step { at_utc_us: clocks.utc_us, by_us })
    }

    /// As it was read last.
    pub(crate) fn reading(&self) -> Option<&Reading> {
        self.last.as_ref()
    }

    /// What a pilot should know, the worst first; a step of the clock is an alarm of its own.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let Some(reading) = &self.last else { return Vec::new() };
        let battery = reading.battery.and_then(of_battery);
        let disk = reading.disk_free_bytes.and_then(of_disk);
        let sleep = match &reading.sleep {
            Sleep::Inhibited => None,
            Sleep::Allowed(why) => Some(Finding {
                of: Of::Sleep,
                level: Level::Caution,
                what: format!("This station may fall asleep: {why}"),
                cure: "Switch off sleep in its settings, and leave the lid open",
            }),
        };
        let clock = (reading.clocks.source == ClockSource::Rtc).then(|| Finding {
            of: Of::Clock,
            level: Level::Advisory,
            what: format!("Nobody vouches for this station's clock: ± {} s", reading.clocks.uncertainty_us / 1_000_000),
            cure: "Compare it with a watch; connect to a network before the flight",
        });
        let mut all: Vec<Finding> = [battery, disk, sleep, clock].into_iter().flatten().collect();
        all.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        all
    }
}

fn of_battery(battery: Battery) -> Option<Finding> {
    if battery.on_mains || battery.percent >= BATTERY_LOW {
        return None;
    }
    let level = if battery.percent < BATTERY_CRITICAL { Level::Warning } else { Level::Caution };
    let left = battery.minutes_left.map_or_else(String::new, |minutes| format!(", about {minutes} min"));
    let what = format!("This station's battery: {} %{left}", battery.percent);
    Some(Finding { of: Of::Battery, level, what, cure: "Connect it to power; the aircraft records on without it" })
}

fn of_disk(free: u64) -> Option<Finding> {
    if free >= DISK_LOW {
        return None;
    }
    let level = if free < DISK_CRITICAL { Level::Warning } else { Level::Caution };
    let what = format!("This station's disk: {} MB free", free / 1_000_000);
    Some(Finding { of: Of::Disk, level, what, cure: "Make room: witnessing stops when it is full" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000;

    fn reading(at_s: i64, utc_s: i64) -> Reading {
        Reading {
            battery: Some(Battery { percent: 80, on_mains: false, minutes_left: Some(200) }),
            disk_free_bytes: Some(100 << 30),
            sleep: Sleep::Inhibited,
            clocks: Clocks { utc_us: utc_s * S, mono_us: at_s * S, source: ClockSource::Ntp, uncertainty_us: 100_000 },
        }
    }

    #[test]
    fn a_station_in_order_says_nothing() {
        let mut station = Station::default();
        assert_eq!(station.findings(), []);
        station.take(reading(1, 1000));
        assert_eq!((station.take(reading(11, 1010)), station.findings()), (None, vec![]));
    }

    #[test]
    fn a_clock_that_is_set_is_told_of_once() {
        let mut station = Station::default();
        station.take(reading(1, 1000));
        let back = station.take(reading(3, 942)).unwrap();
        assert_eq!((back.by_us, back.at_utc_us), (-60 * S, 942 * S));
        assert_eq!(station.take(reading(703, 1642)), None);
    }

    #[test]
    fn the_worst_comes_first_and_mains_is_well() {
        let low = |percent, on_mains| Battery { percent, on_mains, minutes_left: Some(9) };
        let mut station = Station::default();
        let clocks = Clocks { source: ClockSource::Rtc, uncertainty_us: 5_000_000, ..reading(1, 1).clocks };
        let bad = Reading {
            battery: Some(low(7, false)),
            disk_free_bytes: Some(2 << 30),
            sleep: Sleep::Allowed("systemd-inhibit is not here".to_owned()),
            clocks,
        };
        station.take(bad.clone());
        let levels: Vec<Level> = station.findings().iter().map(|finding| finding.level).collect();
        assert_eq!(levels, [Level::Warning, Level::Caution, Level::Caution, Level::Advisory]);
        assert!(station.findings()[0].what.contains("7 %, about 9 min"));
        station.take(Reading { battery: Some(low(7, true)), ..bad });
        assert!(station.findings().iter().all(|finding| !finding.what.contains("battery")));
    }

    #[test]
    fn only_what_a_person_would_see_is_a_difference() {
        let before = reading(1, 1000);
        assert!(!reading(2, 1001).differs(&before));
        assert!(!Reading { disk_free_bytes: Some((100 << 30) + 5), ..reading(2, 1001) }.differs(&before));
        assert!(reading(2, 1005).differs(&before), "the clock was set");
        assert!(Reading { battery: None, ..before.clone() }.differs(&before));
    }
}
