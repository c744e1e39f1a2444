//! Timestamps to sign with: none is used twice, also after a crash. Pure.
//!
//! A limit is written to a file before timestamps up to it are used, so a start after a crash begins above the limit. It goes ahead of
//! what others sign with too, so that a start after a crash takes nothing that was heard before ([`Timestamps::floor`]). It is
//! written seldom: as far ahead as the program has run, at least [`LEAST_AHEAD`] and at most [`MOST_AHEAD`], so that a program that
//! restarts again and again does not run away from the clock.

/// 2015-01-01 00:00 UTC, µs since 1970.
const EPOCH_US: u64 = 1_420_070_400_000_000;
/// Timestamps have 48 bits: 89 years.
const MAX: u64 = (1 << 48) - 1;
/// Shortest reservation, in units of 10 µs: 2 s.
pub const LEAST_AHEAD: u64 = 200_000;
/// Longest reservation, in units of 10 µs: 10 s. A crash moves our timestamps, and of those who hear us, so much ahead of the clock.
pub const MOST_AHEAD: u64 = 1_000_000;

/// UTC as a timestamp: 10 µs since 2015-01-01; 0 before.
pub fn of_utc_us(utc_us: u64) -> u64 {
    (utc_us.saturating_sub(EPOCH_US) / 10).min(MAX)
}

/// What must outlive a crash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// No timestamp above this has been signed with.
    pub limit: u64,
    /// The time as best known when this was kept; replays are judged by it where the clock is behind.
    pub seen: u64,
}

/// The timestamps of one key.
#[derive(Debug)]
pub struct Timestamps {
    floor: u64,
    begun: u64,
    last: u64,
    limit: u64,
    seen: u64,
}

impl Timestamps {
    /// Begins above what was `kept` and not before `now`, the clock. Nothing can be issued before something is reserved.
    pub fn new(kept: Kept, now: u64) -> Self {
        let last = kept.limit.max(now).min(MAX);
        Self { floor: kept.limit, begun: now, last, limit: last, seen: kept.seen.max(now) }
    }

    /// The next timestamp; `None` while no more are reserved. It is the time as best known where that is reserved, else one more
    /// than the last.
    pub fn issue(&mut self, now: u64) -> Option<u64> {
        let current = self.current(now);
        let next = if current <= self.limit { current.max(self.last + 1) } else { self.last + 1 };
        if next > self.limit {
            return None;
        }
        self.last = next;
        Some(next)
    }

    /// What to keep now, where too little is left; tell [`Timestamps::kept`] once it is on the disk.
    pub fn wanted(&mut self, now: u64) -> Option<Kept> {
        let used = self.last.max(self.current(now));
        let ahead = now.saturating_sub(self.begun).clamp(LEAST_AHEAD, MOST_AHEAD);
        let enough = used.saturating_add(ahead / 2) <= self.limit || self.limit == MAX;
        (!enough).then(|| Kept { limit: used.saturating_add(ahead).min(MAX), seen: self.seen })
    }

    /// `kept` is on the disk.
    pub fn kept(&mut self, kept: Kept) {
        self.limit = self.limit.max(kept.limit);
    }

    /// No run before this one took a frame above it, but for those of the quarter second after the first from a clock far ahead.
    pub fn floor(&self) -> u64 {
        self.floor
    }

    /// The time as best known: the clock's, what was kept, or what others signed with.
    pub fn current(&mut self, now: u64) -> u64 {
        self.seen = self.seen.max(now);
        self.seen
    }

    /// Another signed with this timestamp: ours go on from there, so that the two agree about what is new.
    pub fn heard(&mut self, timestamp: u64) {
        self.seen = self.seen.max(timestamp.min(MAX));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1 << 40;

    fn begun(kept: Kept, now: u64) -> Timestamps {
        let mut timestamps = Timestamps::new(kept, now);
        let kept = timestamps.wanted(now).expect("nothing is reserved at the start");
        timestamps.kept(kept);
        timestamps
    }

    #[test]
    fn the_epoch_is_2015() {
        assert_eq!(of_utc_us(EPOCH_US + 25), 2);
        assert_eq!(of_utc_us(0), 0);
        assert_eq!(of_utc_us(u64::MAX), MAX);
    }

    #[test]
    fn nothing_is_issued_before_it_is_kept() {
        let mut timestamps = Timestamps::new(Kept::default(), NOW);
        assert_eq!(timestamps.issue(NOW), None);
        let kept = timestamps.wanted(NOW).unwrap();
        assert_eq!(kept, Kept { limit: NOW + LEAST_AHEAD, seen: NOW });
        timestamps.kept(kept);
        assert_eq!(timestamps.issue(NOW), Some(NOW + 1));
        assert_eq!(timestamps.issue(NOW + 7), Some(NOW + 7));
        assert_eq!(timestamps.issue(NOW), Some(NOW + 8), "the clock was set back");
    }

    #[test]
    fn a_clock_set_forward_waits_for_the_disk_without_stopping() {
        let mut timestamps = begun(Kept::default(), 0);
        assert_eq!(timestamps.issue(NOW), Some(1));
        let kept = timestamps.wanted(NOW).unwrap();
        assert_eq!(kept.limit, NOW + MOST_AHEAD);
        timestamps.kept(kept);
        assert_eq!(timestamps.issue(NOW), Some(NOW));
    }

    #[test]
    fn the_file_is_written_every_five_seconds_at_most_once_it_runs() {
        let mut timestamps = begun(Kept::default(), NOW);
        let mut writes = 0;
        // Ten minutes, 100 frames a second.
        for tick in 0..60_000 {
            let now = NOW + tick * 1_000;
            if let Some(kept) = timestamps.wanted(now) {
                writes += 1;
                timestamps.kept(kept);
            }
            assert!(timestamps.issue(now).is_some());
        }
        assert!(writes <= 128, "{writes}");
    }

    #[test]
    fn an_older_file_never_goes_below_the_clock() {
        assert_eq!(begun(Kept { limit: 5, seen: 5 }, NOW).issue(NOW), Some(NOW + 1));
        assert_eq!(begun(Kept { limit: NOW + 9, seen: 5 }, NOW).issue(NOW), Some(NOW + 10));
    }

    #[test]
    fn others_move_ours_forward_as_soon_as_that_is_kept() {
        let mut timestamps = begun(Kept::default(), NOW);
        timestamps.heard(NOW + 100);
        assert_eq!(timestamps.issue(NOW), Some(NOW + 100));
        timestamps.heard(2 * NOW);
        assert_eq!(timestamps.issue(NOW), Some(NOW + 101));
        let kept = timestamps.wanted(NOW).unwrap();
        timestamps.kept(kept);
        assert_eq!((timestamps.issue(NOW), timestamps.current(NOW)), (Some(2 * NOW), 2 * NOW));
    }

    proptest! {
        /// Whatever the clock does and whenever the program dies, no timestamp comes twice.
        #[test]
        fn none_is_used_twice(runs in prop::collection::vec((any::<u32>(), prop::collection::vec((any::<u16>(), any::<bool>()), 0..60)), 1..8)) {
            let (mut disk, mut last) = (Kept::default(), 0);
            for (clock, steps) in runs {
                let mut timestamps = Timestamps::new(disk, u64::from(clock));
                for (forward, write) in steps {
                    let now = u64::from(clock) + u64::from(forward) * 100;
                    if let Some(kept) = timestamps.wanted(now).filter(|_| write) {
                        disk = kept;
                        timestamps.kept(kept);
                    }
                    if let Some(issued) = timestamps.issue(now) {
                        prop_assert!(issued > last && issued <= disk.limit);
                        last = issued;
                    }
                }
            }
        }
    }
}
