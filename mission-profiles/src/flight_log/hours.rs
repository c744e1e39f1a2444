//! Hours by aircraft, battery and pilot, and whether a pilot is in practice.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::{Entry, Header};

/// What was flown by, or with, one of them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Hours {
    /// Flights.
    pub flights: u32,
    /// By day, hours.
    pub day_h: f64,
    /// By night, hours.
    pub night_h: f64,
}

/// Hours by what `by` takes of an entry: the pilot, the aircraft's serial number, the battery's. Entries that say nothing of it are left out.
#[must_use]
pub fn hours(entries: &[Entry], by: impl Fn(&Header) -> &str) -> BTreeMap<String, Hours> {
    let mut all: BTreeMap<String, Hours> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !by(&entry.header).is_empty()) {
        let hours = all.entry(by(&entry.header).to_owned()).or_default();
        hours.flights += 1;
        hours.day_h += f64::from(entry.day_s) / 3_600.0;
        hours.night_h += f64::from(entry.night_s) / 3_600.0;
    }
    all
}

/// The pilot's hours in the three months before `now`; a flight counts by its landing.
#[must_use]
pub fn currency_h(entries: &[Entry], pilot: &str, now: Timestamp) -> f64 {
    let since = now.to_zoned(TimeZone::UTC).checked_sub(3.months()).map_or(Timestamp::MIN, |since| since.timestamp());
    let recent = entries
        .iter()
        .filter(|entry| entry.header.pilot == pilot && entry.landing.at >= since && entry.landing.at <= now);
    // From zero, for an empty sum is −0.
    recent.map(|entry| f64::from(entry.duration_s()) / 3_600.0).fold(0.0, |sum, hours| sum + hours)
}
