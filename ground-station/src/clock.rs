//! The one place where this program reads the clock.

use flight_record::{ClockSource, Stamp};
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
