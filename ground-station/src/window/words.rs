//! Times and spans as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `20:54:07`, UTC.
pub(crate) fn utc(utc_us: i64) -> String {
    Timestamp::from_microsecond(utc_us).map_or_else(|_| "—".to_owned(), |at| at.strftime("%H:%M:%S").to_string())
}

/// The clock: `20:54:07 UTC` and `21:54:07 BST`; without `seconds`, `20:54 UTC` and `21:54 BST`.
pub(crate) fn clock(utc_us: i64, zone: &TimeZone, seconds: bool) -> [String; 2] {
    let form = if seconds { "%H:%M:%S %Z" } else { "%H:%M %Z" };
    let at = |zone: &TimeZone| Timestamp::from_microsecond(utc_us).map(|at| at.to_zoned(zone.clone()));
    [&TimeZone::UTC, zone].map(|zone| at(zone).map_or_else(|_| "—".to_owned(), |at| at.strftime(form).to_string()))
}

/// `21:54`, local.
pub(crate) fn minute(utc_us: i64, zone: &TimeZone) -> String {
    let at = Timestamp::from_microsecond(utc_us).map(|at| at.to_zoned(zone.clone()));
    at.map_or_else(|_| "—".to_owned(), |at| at.strftime("%H:%M").to_string())
}

/// `00:12:41`.
pub(crate) fn elapsed(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `0.8 s`, `41 s`, `4 min`, `2 h 53`.
pub(crate) fn span(seconds: f64) -> String {
    let whole = |value: f64| format!("{value:.0}");
    match seconds {
        _ if !seconds.is_finite() => "—".to_owned(),
        _ if seconds < 9.95 => format!("{:.1} s", seconds.max(0.0)),
        _ if seconds < 99.5 => format!("{} s", whole(seconds)),
        _ if seconds < 5_970.0 => format!("{} min", whole(seconds / 60.0)),
        _ => {
            let minutes = (seconds / 60.0).round();
            format!("{:.0} h {:02.0}", (minutes / 60.0).floor(), minutes % 60.0)
        }
    }
}

/// `312 m`, `2.3 km`.
pub(crate) fn distance(metres: f64) -> String {
    if !metres.is_finite() {
        return "—".to_owned();
    }
    if metres < 999.5 { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1_000.0) }
}

/// `13.8 GB`.
pub(crate) fn bytes(bytes: f64) -> String {
    match bytes {
        _ if bytes < 1e6 => format!("{:.0} kB", bytes / 1e3),
        _ if bytes < 1e9 => format!("{:.0} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_distances_have_the_unit_that_is_read_best() {
        let spans = [0.84, 9.96, 41.2, 240.0, 10_380.0, f64::NAN].map(span);
        assert_eq!(spans, ["0.8 s", "10 s", "41 s", "4 min", "2 h 53", "—"]);
        assert_eq!([311.6, 999.6, 2_345.0].map(distance), ["312 m", "1.0 km", "2.3 km"]);
        assert_eq!([2.0e5, 4.2e8, 1.38e10].map(bytes), ["200 kB", "420 MB", "13.8 GB"]);
        assert_eq!(elapsed(761), "00:12:41");
    }

    #[test]
    fn local_time_says_its_zone() {
        let zone = TimeZone::get("Europe/London").unwrap();
        assert_eq!(utc(1_781_816_047_000_000), "20:54:07");
        assert_eq!(clock(1_781_816_047_000_000, &zone, true), ["20:54:07 UTC", "21:54:07 BST"]);
        assert_eq!(clock(1_763_800_000_000_000, &zone, false), ["08:26 UTC", "08:26 GMT"]);
    }
}
