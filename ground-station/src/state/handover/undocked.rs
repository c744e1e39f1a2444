//! Flights that nobody has handed over: the alarm, and the number on the rail.

use super::words::{count, span};
use super::{Handover, Place, Undocked};

/// A flight that was last heard of so long ago is down, and waits for somebody, µs.
const DOWN_AFTER_US: i64 = 1_800_000_000;

impl Handover {
    /// The flights that wait: on a card in this machine, or aboard an aircraft that is down; docked ones not yet held too.
    pub(crate) fn waiting(&self, now_utc_us: i64) -> usize {
        let docked = self.flights().iter().filter(|flight| flight.taken.is_none()).count();
        docked + self.left_behind(now_utc_us).count()
    }

    /// Those of them that nobody has docked.
    pub(crate) fn left_behind(&self, now_utc_us: i64) -> impl Iterator<Item = &Undocked> {
        let down = move |found: &&Undocked| match found.place {
            Place::Card(_) => true,
            Place::Aircraft => found.seen_utc_us.is_none_or(|seen| now_utc_us.saturating_sub(seen) >= DOWN_AFTER_US),
        };
        let here = |found: &&Undocked| !self.flights().iter().any(|flight| flight.plan.flight == found.flight);
        self.not_handed_over.iter().filter(down).filter(here)
    }

    /// The alarm, in words; none while all is handed over.
    pub(crate) fn alarm(&self, now_utc_us: i64) -> Option<String> {
        let all: Vec<&Undocked> = self.left_behind(now_utc_us).collect();
        let oldest_us = all.iter().filter_map(|found| found.seen_utc_us).min();
        let oldest = oldest_us.and_then(|seen| u64::try_from(now_utc_us.saturating_sub(seen)).ok());
        let since = oldest.map_or_else(String::new, |age_us| format!(", the oldest for {}", span(age_us / 1_000_000)));
        (!all.is_empty()).then(|| format!("{} not handed over{since}", count(all.len(), "flight")))
    }
}
