//! GeneralizedTime as RFC 3161 §2.4.2 writes it: `YYYYMMDDhhmmss[.f…]Z`, the fraction without trailing zeros.

use der::{Any, Tag, Tagged as _};

/// POSIX µs; parts of a microsecond are dropped.
pub(super) fn read(time: &Any) -> Option<i64> {
    if time.tag() != Tag::GeneralizedTime {
        return None;
    }
    let text = std::str::from_utf8(time.value()).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    if whole.len() != 14 || !whole.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to)?.parse::<i8>().ok();
    let year = whole.get(..4)?.parse().ok()?;
    let date = jiff::civil::Date::new(year, part(4, 6)?, part(6, 8)?).ok()?;
    let time = jiff::civil::Time::new(part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()?;
    let second_us = date.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond();
    second_us.checked_add(fraction.map_or(Some(0), micros)?)
}

fn micros(fraction: &str) -> Option<i64> {
    let good = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|c| c.is_ascii_digit());
    if !good || fraction.ends_with('0') {
        return None;
    }
    fraction.bytes().chain(std::iter::repeat(b'0')).take(6).try_fold(0, |sum, c| Some(sum * 10 + i64::from(c - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<i64> {
        read(&Any::new(Tag::GeneralizedTime, text.as_bytes()).unwrap())
    }

    #[test]
    fn fractions_count_and_every_other_spelling_is_refused() {
        assert_eq!(of("20260501120000Z"), Some(1_777_636_800_000_000));
        assert_eq!(of("20260501120000.5Z"), Some(1_777_636_800_500_000));
        assert_eq!(of("20260501120000.123456789Z"), Some(1_777_636_800_123_456));
        for bad in [
            "20260501120000",
            "20260501120000.Z",
            "20260501120000.50Z",
            "202605011200Z",
            "20260501120060Z",
            "20260231120000Z",
            "20260501120000+0100",
            "2026050112000éZ",
            "",
            "Z",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
        assert_eq!(read(&Any::new(Tag::UtcTime, &b"260501120000Z"[..]).unwrap()), None);
    }
}
