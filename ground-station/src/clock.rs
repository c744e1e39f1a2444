//! The one place where this program reads the clock.

use flight_record::{ClockSource, Stamp};
use rustix::time::{ClockId, clock_gettime};

/// Now, POSIX µs.
pub(crate) fn now_utc_us() -> i64 {
    #[cfg(test)]
    if let Some((_, utc_us)) = still::now() {
        return utc_us;
    }
    jiff::Timestamp::now().as_microsecond()
}

/// CLOCK_MONOTONIC, ns.
pub(crate) fn mono_ns() -> u64 {
    #[cfg(test)]
    if let Some((mono_ns, _)) = still::now() {
        return mono_ns;
    }
    let at = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(at.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(at.tv_nsec).unwrap_or(0))
}

/// systemd-timesyncd touches this when the kernel's clock is synchronised.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// Half-width of a clock that network time keeps, µs.
const NTP_UNCERTAINTY_US: u64 = 100_000;
/// Half-width of a clock that nobody vouches for, µs.
const RTC_UNCERTAINTY_US: u64 = 5_000_000;

/// Now, by this machine's own clock, and how well it is known.
pub(crate) fn stamp() -> Stamp {
    let (source, uncertainty_us) = if std::path::Path::new(SYNCHRONISED).exists() {
        (ClockSource::Ntp, NTP_UNCERTAINTY_US)
    } else {
        (ClockSource::Rtc, RTC_UNCERTAINTY_US)
    };
    Stamp { mono_ns: mono_ns(), utc_us: now_utc_us(), source, uncertainty_us }
}

/// The clock as the MAVLink hub takes it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl vehicle_link::Clock for SystemClock {
    fn mono_ns(&self) -> u64 {
        mono_ns()
    }
}

/// Clocks that a test stops, for its own thread, and lets go on as it wants.
#[cfg(test)]
pub(crate) mod still {
    use std::cell::Cell;

    thread_local! {
        static NOW: Cell<Option<(u64, i64)>> = const { Cell::new(None) };
    }

    pub(super) fn now() -> Option<(u64, i64)> {
        NOW.get()
    }

    /// Stops both clocks where they are; the monotonic one, ns.
    pub(crate) fn stop() -> u64 {
        let now = (super::mono_ns(), super::now_utc_us());
        NOW.set(Some(now));
        now.0
    }

    /// So much time passes, ns.
    pub(crate) fn pass(ns: u64) {
        let us = i64::try_from(ns / 1_000).unwrap_or(i64::MAX);
        NOW.set(NOW.get().map(|(mono_ns, utc_us)| (mono_ns + ns, utc_us + us)));
    }
}
