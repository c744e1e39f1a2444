//! Sizes, rates and spans as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Bytes: `4.3 GB`.
pub(crate) fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        1_000_000_000..1_000_000_000_000 => (1_000_000_000, "GB"),
        _ => (1_000_000_000_000_u64, "TB"),
    };
    let (whole, tenth) = (bytes / unit, bytes % unit * 10 / unit);
    if whole >= 100 { format!("{whole} {name}") } else { format!("{whole}.{tenth} {name}") }
}

/// Seconds, or minutes, or hours: `30 s`, `21 min`, `2 h 5 min`.
pub(crate) fn span(seconds: u64) -> String {
    match seconds {
        0..100 => format!("{seconds} s"),
        100..5_940 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// `18:02 UTC`.
pub(crate) fn clock(utc_us: i64) -> String {
    Timestamp::from_microsecond(utc_us).map_or_else(|_| "—".to_owned(), |at| at.strftime("%H:%M UTC").to_string())
}

/// `1 May 18:02 UTC`.
pub(crate) fn date(utc_us: i64) -> String {
    let at = Timestamp::from_microsecond(utc_us).map(|at| at.to_zoned(TimeZone::UTC));
    at.map_or_else(|_| "—".to_owned(), |at| at.strftime("%-d %b %H:%M UTC").to_string())
}

/// `18:02–18:19 UTC`.
pub(crate) fn from_to(from_utc_us: Option<i64>, to_utc_us: Option<i64>) -> String {
    match (from_utc_us, to_utc_us) {
        (Some(from), Some(to)) => format!("{}–{}", clock(from).trim_end_matches(" UTC"), clock(to)),
        (Some(from), None) => format!("from {}", clock(from)),
        _ => "time unknown".to_owned(),
    }
}

/// `1 flight`, `4 flights`.
pub(crate) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// `flight 2`, `flights 1 and 3`, `flights 1, 2 and 4`.
pub(crate) fn flights(numbers: &[usize]) -> String {
    let words: Vec<String> = numbers.iter().map(usize::to_string).collect();
    match &words[..] {
        [] => "no flight".to_owned(),
        [one] => format!("flight {one}"),
        [all @ .., last] => format!("flights {} and {last}", all.join(", ")),
    }
}

/// Whole per cent, never 100 before all is done.
pub(crate) fn per_cent(done: u64, total: u64) -> u64 {
    let exact = u128::from(done) * 100 / u128::from(total.max(1));
    u64::try_from(exact).unwrap_or(100).min(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_people_read_them() {
        assert_eq!(
            [999, 1_500, 84_000_000, 4_312_000_000, 612_000_000_000].map(size),
            ["999 B", "1.5 kB", "84.0 MB", "4.3 GB", "612 GB"]
        );
        assert_eq!([30, 99, 1_250, 7_500].map(span), ["30 s", "99 s", "21 min", "2 h 5 min"]);
        assert_eq!(from_to(Some(1_777_636_800_000_000), Some(1_777_637_820_000_000)), "12:00–12:17 UTC");
        assert_eq!(date(1_777_636_800_000_000), "1 May 12:00 UTC");
        assert_eq!((flights(&[2]), flights(&[1, 2, 4])), ("flight 2".to_owned(), "flights 1, 2 and 4".to_owned()));
        assert_eq!((per_cent(999, 1000), per_cent(7, 0), per_cent(u64::MAX, 1)), (99, 100, 100));
    }
}
