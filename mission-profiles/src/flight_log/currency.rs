//! Whether a pilot is in practice, and until when.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::Entry;

/// Hours that a pilot flies in [`CURRENCY_MONTHS`] to stay in practice.
pub const CURRENCY_H: f64 = 2.0;
/// How far back flights count, months.
const CURRENCY_MONTHS: i32 = 3;
/// Looked ahead so far for the day on which practice runs out: no three months are longer.
const LONGEST_DAYS: usize = 94;

/// A pilot's practice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Currency {
    /// Hours in the last three months.
    pub recent_h: f64,
    /// The day, by London's calendar, in which it runs out if nothing more is flown; `None` where it has.
    pub runs_out: Option<Date>,
}

/// The pilot's hours in the three months before `now`; a flight counts by its landing.
#[must_use]
pub fn currency_h<'a>(entries: impl IntoIterator<Item = &'a Entry>, pilot: &str, now: Timestamp) -> f64 {
    let since = now.to_zoned(TimeZone::UTC).checked_sub(CURRENCY_MONTHS.months());
    let since = since.map_or(Timestamp::MIN, |since| since.timestamp());
    let recent = entries.into_iter().filter(|entry| {
        entry.header.pilot.trim() == pilot.trim() && entry.landing.at >= since && entry.landing.at <= now
    });
    // From zero, for an empty sum is −0.
    recent.map(|entry| f64::from(entry.duration_s()) / 3_600.0).fold(0.0, |sum, hours| sum + hours)
}

/// The pilot's practice at `now`.
#[must_use]
pub fn currency(entries: &[Entry], pilot: &str, now: Timestamp) -> Currency {
    let recent_h = currency_h(entries, pilot, now);
    let flown: Vec<&Entry> = entries.iter().filter(|entry| entry.landing.at <= now).collect();
    // Sums of hours in floating point: two flights of an hour are two hours.
    let enough = |at: Timestamp| currency_h(flown.iter().copied(), pilot, at) > CURRENCY_H - 1e-6;
    let runs_out = || {
        let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
        let today = now.to_zoned(zone.clone()).date();
        let ends = |day: &Date| day.tomorrow().ok().and_then(|next| next.to_zoned(zone.clone()).ok());
        today.series(1.day()).take(LONGEST_DAYS).find(|day| ends(day).is_some_and(|end| !enough(end.timestamp())))
    };
    Currency { recent_h, runs_out: if enough(now) { runs_out() } else { None } }
}
