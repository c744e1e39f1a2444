//! The one place where the agent reads a clock; everything else takes the time as an argument.

use rustix::time::{ClockId, clock_gettime};

/// CLOCK_MONOTONIC in nanoseconds: the capture clock, and GStreamer's own system clock.
#[must_use]
pub fn mono_ns() -> u64 {
    nanoseconds(ClockId::Monotonic)
}

/// CLOCK_REALTIME in POSIX microseconds: the fallback when no better source of UTC is heard.
#[must_use]
pub fn realtime_us() -> i64 {
    i64::try_from(nanoseconds(ClockId::Realtime) / 1_000).unwrap_or(i64::MAX)
}

fn nanoseconds(id: ClockId) -> u64 {
    let at = clock_gettime(id);
    let seconds = u64::try_from(at.tv_sec).unwrap_or(0);
    let fraction = u64::try_from(at.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(fraction)
}

/// The agent's clock as the MAVLink hub takes it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl vehicle_link::Clock for SystemClock {
    fn mono_ns(&self) -> u64 {
        mono_ns()
    }
}
