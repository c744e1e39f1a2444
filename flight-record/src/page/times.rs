//! Times as people read them: UTC, and the time on the wall in the United Kingdom beside it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const PLACE: &str = "Europe/London";

/// `2026-05-01 12:03:11 UTC (13:03:11 BST)`; the microseconds as they are where no calendar reaches.
pub(super) fn instant(utc_us: i64) -> String {
    let Ok(time) = Timestamp::from_microsecond(utc_us) else {
        return format!("{utc_us} µs after 1970");
    };
    let utc = time.strftime("%Y-%m-%d %H:%M:%S UTC");
    let local = time.to_zoned(local());
    let other_day = local.date() != time.to_zoned(TimeZone::UTC).date();
    let form = if other_day { "%Y-%m-%d %H:%M:%S %Z" } else { "%H:%M:%S %Z" };
    format!("{utc} ({})", local.strftime(form))
}

/// `13:03:11`, on the wall.
pub(super) fn wall_clock(utc_us: i64) -> String {
    Timestamp::from_microsecond(utc_us)
        .map_or_else(|_| String::from("?"), |time| time.to_zoned(local()).strftime("%H:%M:%S").to_string())
}

/// The short name of the wall's zone at that time.
pub(super) fn zone(utc_us: i64) -> String {
    Timestamp::from_microsecond(utc_us)
        .map_or_else(|_| String::from("UTC"), |time| time.to_zoned(local()).strftime("%Z").to_string())
}

fn local() -> TimeZone {
    TimeZone::get(PLACE).unwrap_or(TimeZone::UTC)
}

/// `1 h 4 min 9 s`, `4 min 9 s`, `9.2 s`.
pub(super) fn duration(us: i64) -> String {
    let us = us.max(0);
    let (seconds, tenths) = (us / 1_000_000, us / 100_000 % 10);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}.{tenths} s"),
        (0, min, s) => format!("{min} min {s} s"),
        (h, min, s) => format!("{h} h {min} min {s} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_first_and_the_wall_beside_it() {
        assert_eq!(instant(1_777_636_991_000_000), "2026-05-01 12:03:11 UTC (13:03:11 BST)");
        assert_eq!(instant(1_767_225_600_000_000), "2026-01-01 00:00:00 UTC (00:00:00 GMT)");
        assert_eq!(instant(1_780_269_300_000_000), "2026-05-31 23:15:00 UTC (2026-06-01 00:15:00 BST)");
        assert_eq!(instant(i64::MAX), format!("{} µs after 1970", i64::MAX));
        assert_eq!(wall_clock(1_777_636_991_000_000), "13:03:11");
    }

    #[test]
    fn durations() {
        assert_eq!(duration(9_240_000), "9.2 s");
        assert_eq!(duration(249_000_000), "4 min 9 s");
        assert_eq!(duration(3_849_000_000), "1 h 4 min 9 s");
        assert_eq!(duration(-5), "0.0 s");
    }
}
