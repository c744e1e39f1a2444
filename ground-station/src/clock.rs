//! The one place where this program reads the clock.

use rustix::time::{ClockId, clock_gettime};

/// Now, POSIX µs.
pub(crate) fn now_utc_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// CLOCK_MONOTONIC, ns.
pub(crate) fn mono_ns() -> u64 {
    let at = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(at.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(at.tv_nsec).unwrap_or(0))
}

/// The clock as the MAVLink hub takes it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl vehicle_link::Clock for SystemClock {
    fn mono_ns(&self) -> u64 {
        mono_ns()
    }
}
