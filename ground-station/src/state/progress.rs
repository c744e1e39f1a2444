//! Work that takes a while: what is done now, how much of it, how fast, how long still. Pure: the time is handed in.

use std::collections::VecDeque;

use super::handover::words::{per_cent, size, span};

/// The rate is that of so long, ns: long enough to be steady, short enough to show that it got slower.
const OF_LATE_NS: u64 = 5_000_000_000;
/// From one mark to the next, ns.
const APART_NS: u64 = 100_000_000;
/// A rate is said once it was measured for so long, ns.
const LEAST_NS: u64 = 300_000_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes.
    Bytes,
    /// Things, by their name in the plural.
    Things(&'static str),
}

/// A piece of work that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Work {
    what: String,
    unit: Unit,
    done: u64,
    /// Nothing while nobody knows.
    total: Option<u64>,
    /// When how much was done, of late.
    marks: VecDeque<(u64, u64)>,
    /// Somebody said stop.
    stopping: bool,
    /// It can no longer be stopped: what it is for has happened.
    settled: bool,
}

impl Work {
    /// Work that begins now.
    pub(crate) fn begun(what: impl Into<String>, unit: Unit, total: Option<u64>, now_ns: u64) -> Self {
        let marks = VecDeque::from([(now_ns, 0)]);
        Self { what: what.into(), unit, done: 0, total, marks, stopping: false, settled: false }
    }

    /// So much of so much is done, and this is what is done now.
    pub(crate) fn at(&mut self, what: &str, (done, total): (u64, u64), now_ns: u64) {
        if self.what != what {
            what.clone_into(&mut self.what);
        }
        // What is done is not undone: a report that comes late says nothing new.
        self.done = self.done.max(done.min(total));
        self.total = (total > 0).then_some(total);
        if self.marks.back().is_none_or(|(at_ns, _)| now_ns.saturating_sub(*at_ns) >= APART_NS) {
            self.marks.push_back((now_ns, self.done));
        }
        while self.marks.len() > 2 && self.marks.front().is_some_and(|(at_ns, _)| now_ns - at_ns > OF_LATE_NS) {
            self.marks.pop_front();
        }
    }

    /// From here on it cannot be stopped.
    pub(crate) fn settle(&mut self) {
        self.settled = true;
    }

    /// Somebody said stop; it stops when it hears of it.
    pub(crate) fn stop(&mut self) {
        self.stopping = !self.settled;
    }

    /// Whether it can still be stopped.
    pub(crate) fn can_stop(&self) -> bool {
        !self.stopping && !self.settled
    }

    /// What is done now.
    pub(crate) fn what(&self) -> &str {
        if self.stopping { "Stopping" } else { &self.what }
    }

    /// Of the whole, 0 to 1; 0 while nobody knows.
    pub(crate) fn share(&self) -> f32 {
        let hundredths = self.total.map_or(0, |total| per_cent(self.done, total));
        f32::from(u16::try_from(hundredths).unwrap_or(100)) / 100.0
    }

    /// Of late, units a second; nothing while it was measured too short, or nothing moves.
    fn per_second(&self) -> Option<u64> {
        let ((from_ns, from), (to_ns, to)) = (*self.marks.front()?, *self.marks.back()?);
        let span_ns = to_ns.saturating_sub(from_ns);
        if span_ns < LEAST_NS {
            return None;
        }
        let rate = u128::from(to - from) * 1_000_000_000 / u128::from(span_ns);
        u64::try_from(rate).ok().filter(|rate| *rate > 0)
    }

    /// Seconds that are left at the rate of late.
    fn left_s(&self) -> Option<u64> {
        let ((from_ns, from), (to_ns, to)) = (*self.marks.front()?, *self.marks.back()?);
        let moved = to.checked_sub(from).filter(|moved| *moved > 0)?;
        let span_ns = to_ns.checked_sub(from_ns).filter(|span_ns| *span_ns >= LEAST_NS)?;
        let left = u128::from(self.total?.saturating_sub(self.done)) * u128::from(span_ns);
        u64::try_from((left / u128::from(moved)).div_ceil(1_000_000_000)).ok()
    }

    /// Share, amount, rate and time left, as far as they are known: `43 %, 12.4 MB of 28.8 MB, 3.1 MB/s, 5 s left`.
    pub(crate) fn figures(&self) -> String {
        let Some(total) = self.total else { return "Working".to_owned() };
        let mut parts = vec![format!("{} %", per_cent(self.done, total))];
        parts.push(match self.unit {
            Unit::Bytes => format!("{} of {}", size(self.done), size(total)),
            Unit::Things(name) => format!("{} of {total} {name}", self.done),
        });
        if self.done < total {
            parts.extend(self.per_second().map(|rate| match self.unit {
                Unit::Bytes => format!("{}/s", size(rate)),
                Unit::Things(_) => format!("{rate}/s"),
            }));
            parts.extend(self.left_s().map(|left_s| format!("{} left", span(left_s))));
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn share_rate_and_time_left_are_those_of_late() {
        let mut work = Work::begun("Reading", Unit::Bytes, Some(100_000_000), 0);
        assert_eq!((work.figures().as_str(), work.share()), ("0 %, 0 B of 100 MB", 0.0));
        for tenth in 1..=10 {
            work.at("Reading", (tenth * 1_000_000, 100_000_000), tenth * S / 10);
        }
        assert_eq!(work.figures(), "10 %, 10.0 MB of 100 MB, 10.0 MB/s, 9 s left");
        // It gets ten times slower: six seconds later nothing of the quick beginning counts any more.
        for tenth in 1..=61 {
            work.at("Checking", (10_000_000 + tenth * 100_000, 100_000_000), S + tenth * S / 10);
        }
        assert_eq!(
            (work.what(), work.figures().as_str()),
            ("Checking", "16 %, 16.1 MB of 100 MB, 1.0 MB/s, 84 s left")
        );
        work.at("Checking", (5_000_000, 100_000_000), 8 * S);
        assert!(work.figures().starts_with("16 %, 16.1 MB"), "a report that comes late takes nothing back");
    }

    #[test]
    fn things_are_counted_and_a_slow_one_has_a_time_left_too() {
        let mut work = Work::begun("Sending", Unit::Things("items"), Some(40), 0);
        work.at("Sending", (10, 40), 20 * S);
        assert_eq!(work.figures(), "25 %, 10 of 40 items, 60 s left");
        work.at("Sending", (40, 40), 80 * S);
        assert_eq!((work.figures().as_str(), work.share()), ("100 %, 40 of 40 items", 1.0));
    }

    #[test]
    fn it_says_that_it_stops_and_what_has_happened_is_not_stopped() {
        let mut work = Work::begun("Writing", Unit::Bytes, None, 0);
        assert_eq!((work.figures().as_str(), work.can_stop()), ("Working", true));
        work.stop();
        assert_eq!((work.what(), work.can_stop()), ("Stopping", false));
        let mut settled = Work::begun("Reading again", Unit::Bytes, None, 0);
        settled.settle();
        settled.stop();
        assert_eq!((settled.what(), settled.can_stop()), ("Reading again", false));
    }
}
