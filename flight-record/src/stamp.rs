//! When something happened, by which clock, and how well that clock is known.

use serde::{Deserialize, Serialize};

/// Where the mapping from the monotonic clock to UTC comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockSource {
    /// GNSS time from the autopilot (SYSTEM_TIME through TIMESYNC).
    Gnss,
    /// IEEE 1588.
    Ptp,
    /// Network time.
    Ntp,
    /// The battery-backed clock of the computer.
    Rtc,
    /// Nothing vouches for the time of day.
    None,
}

/// A reading of the program's clock, handed in wherever a trace is left; this crate never reads one itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// CLOCK_MONOTONIC in nanoseconds: never goes back within a boot.
    pub mono_ns: u64,
    /// POSIX time in microseconds.
    pub utc_us: i64,
    /// Where the time of day comes from.
    pub source: ClockSource,
    /// Half-width of the interval that holds the true time of day, in microseconds.
    pub uncertainty_us: u64,
}
