//! The one place where this program reads the clock.

/// Now, POSIX µs.
pub(crate) fn now_utc_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
