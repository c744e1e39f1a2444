//! Hours by aircraft, battery and pilot.

use std::collections::BTreeMap;

use super::{Entry, Header};

/// What was flown by, or with, one of them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Hours {
    /// Flights.
    pub flights: u32,
    /// All of them, hours.
    pub all_h: f64,
    /// Of that by night, hours, where the place was known.
    pub night_h: f64,
    /// Of that where nobody knows whether it was day, hours.
    pub unlit_h: f64,
    /// Full charges' worth that was drawn from batteries, as far as aircraft said.
    pub cycles: f64,
}

/// Hours by what `by` takes of an entry: the pilot, the aircraft's serial number, the battery's. Entries that say nothing of it are left out.
#[must_use]
pub fn hours<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    by: impl Fn(&Header) -> &str,
) -> BTreeMap<String, Hours> {
    let mut all: BTreeMap<String, Hours> = BTreeMap::new();
    for entry in entries {
        let of = by(&entry.header).trim();
        if of.is_empty() {
            continue;
        }
        let hours = all.entry(of.to_owned()).or_default();
        let flown_h = f64::from(entry.aloft_s) / 3_600.0;
        hours.flights += 1;
        hours.all_h += flown_h;
        match entry.night_s {
            Some(night_s) => hours.night_h += f64::from(night_s) / 3_600.0,
            None => hours.unlit_h += flown_h,
        }
        hours.cycles += entry.battery_percent.map_or(0.0, |[from, to]| (from - to).max(0.0) / 100.0);
    }
    all
}
