//! The one place where this program reads the clock.

use flight_record::{ClockSource, Stamp};

/// Now, as the ledger writes it: the computer's clock, set from the network or not, is known to a second at best.
pub(crate) fn now() -> Stamp {
    let monotonic = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(monotonic.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(monotonic.tv_nsec).unwrap_or(0);
    Stamp {
        mono_ns: seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds),
        utc_us: jiff::Timestamp::now().as_microsecond(),
        source: ClockSource::Rtc,
        uncertainty_us: 1_000_000,
    }
}

/// An instant as people read it.
pub(crate) fn text(utc_us: i64) -> String {
    jiff::Timestamp::from_microsecond(utc_us)
        .map_or_else(|_| format!("{utc_us} µs"), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
