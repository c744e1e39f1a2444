//! The one place where this program reads the clock.

use flight_record::{ClockSource, Stamp};
use rustix::time::{ClockId, clock_gettime};

/// Uncertainty of a machine clock that network time keeps, µs.
const NTP_UNCERTAINTY_US: u64 = 100_000;
/// Uncertainty of a machine clock that nobody vouches for, µs.
const RTC_UNCERTAINTY_US: u64 = 5_000_000;
/// systemd-timesyncd touches this when the kernel clock is synchronised.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";

/// Now, POSIX µs.
pub(crate) fn now_utc_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// Now, with how well it is known.
pub(crate) fn stamp() -> Stamp {
    let mono = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(mono.tv_sec).unwrap_or(0);
    let fraction = u64::try_from(mono.tv_nsec).unwrap_or(0);
    let (source, uncertainty_us) = if std::path::Path::new(SYNCHRONISED).exists() {
        (ClockSource::Ntp, NTP_UNCERTAINTY_US)
    } else {
        (ClockSource::Rtc, RTC_UNCERTAINTY_US)
    };
    let mono_ns = seconds.saturating_mul(1_000_000_000).saturating_add(fraction);
    Stamp { mono_ns, utc_us: now_utc_us(), source, uncertainty_us }
}
