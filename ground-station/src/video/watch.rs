//! How it stands with a source: pictures come, none come, or it broke and is tried again. Pure.

use std::collections::VecDeque;

/// Without a picture for so long the source is waited for, ns: a camera at 1 fps still plays.
const SILENT_NS: u64 = 3_000_000_000;
/// Coded pictures come for so long and none can be shown, ns.
const UNREADABLE_NS: u64 = 4_000_000_000;
/// Arrivals the rate is taken from: at most so many, and not longer ago than this, ns.
const RATE_PICTURES: usize = 31;
const RATE_NS: u64 = 2_000_000_000;
/// Pauses between two tries, ns; the last one stays.
const BACK_OFF_NS: [u64; 5] = [500_000_000, 1_000_000_000, 2_000_000_000, 4_000_000_000, 8_000_000_000];

/// How it stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// The source is open; nothing has come, or nothing comes any more.
    Waiting,
    /// Pictures come.
    Playing {
        /// Pictures a second, as they came.
        fps: f64,
        /// Since when without a break, monotonic.
        since_ns: u64,
    },
    /// It does not work; it is tried again by itself.
    Broken {
        /// What happened.
        why: String,
        /// What to do.
        cure: String,
    },
}

/// The machine.
#[derive(Debug)]
pub(super) struct Watch {
    arrivals_ns: VecDeque<u64>,
    since_ns: u64,
    /// Coded pictures have come since then without one that could be shown.
    unread_since_ns: Option<u64>,
    broken: Option<(String, String)>,
    tries: usize,
}

impl Watch {
    pub(super) fn new() -> Self {
        let arrivals_ns = VecDeque::with_capacity(RATE_PICTURES + 1);
        Self { arrivals_ns, since_ns: 0, unread_since_ns: None, broken: None, tries: 0 }
    }

    /// Bytes of a picture came.
    pub(super) fn came(&mut self, now_ns: u64) {
        self.unread_since_ns.get_or_insert(now_ns);
    }

    /// A picture can be shown.
    pub(super) fn shown(&mut self, now_ns: u64) {
        if self.silent(now_ns) || self.broken.is_some() {
            self.arrivals_ns.clear();
            self.since_ns = now_ns;
        }
        (self.unread_since_ns, self.broken, self.tries) = (None, None, 0);
        self.arrivals_ns.push_back(now_ns);
        let long_ago = |first_ns: &u64| now_ns.saturating_sub(*first_ns) > RATE_NS;
        while self.arrivals_ns.len() > RATE_PICTURES
            || self.arrivals_ns.len() > 2 && self.arrivals_ns.front().is_some_and(long_ago)
        {
            self.arrivals_ns.pop_front();
        }
    }

    /// The source failed; how long to wait before the next try, ns.
    pub(super) fn broke(&mut self, why: String, cure: String) -> u64 {
        self.arrivals_ns.clear();
        self.unread_since_ns = None;
        self.broken = Some((why, cure));
        let pause_ns = BACK_OFF_NS[self.tries.min(BACK_OFF_NS.len() - 1)];
        self.tries += 1;
        pause_ns
    }

    /// The source is open again; what was wrong may still be.
    pub(super) fn opened(&mut self) {
        self.broken = None;
    }

    pub(super) fn status(&self, now_ns: u64) -> Status {
        if let Some((why, cure)) = &self.broken {
            return Status::Broken { why: why.clone(), cure: cure.clone() };
        }
        let unread = self.unread_since_ns.is_some_and(|since_ns| now_ns.saturating_sub(since_ns) >= UNREADABLE_NS);
        if unread && self.silent(now_ns) {
            return Status::Broken {
                why: "Pictures come but none can be shown".to_owned(),
                cure: "Wait for the camera's next key picture. If it stays so, install GStreamer's decoders \
                       (gstreamer1.0-libav) or set the camera to H.264 or H.265"
                    .to_owned(),
            };
        }
        if self.silent(now_ns) {
            return Status::Waiting;
        }
        Status::Playing { fps: self.fps(), since_ns: self.since_ns }
    }

    fn silent(&self, now_ns: u64) -> bool {
        self.arrivals_ns.back().is_none_or(|last_ns| now_ns.saturating_sub(*last_ns) >= SILENT_NS)
    }

    fn fps(&self) -> f64 {
        let (Some(first_ns), Some(last_ns)) = (self.arrivals_ns.front(), self.arrivals_ns.back()) else {
            return 0.0;
        };
        let between = u32::try_from(self.arrivals_ns.len().saturating_sub(1)).unwrap_or(0);
        let span_ns = last_ns.saturating_sub(*first_ns);
        if span_ns == 0 { 0.0 } else { f64::from(between) / std::time::Duration::from_nanos(span_ns).as_secs_f64() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn fps(watch: &Watch, now_ns: u64) -> f64 {
        match watch.status(now_ns) {
            Status::Playing { fps, .. } => fps,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_rate_is_that_of_the_arrivals_from_1_to_60_a_second() {
        for (gap_ns, rate) in [(1_000 * MS, 1.0), (33_366_700, 29.97), (16_666_667, 60.0)] {
            let mut watch = Watch::new();
            let mut now_ns = 5_000 * MS;
            for _ in 0..90 {
                watch.came(now_ns);
                watch.shown(now_ns);
                now_ns += gap_ns;
            }
            assert!((fps(&watch, now_ns) - rate).abs() < 0.01, "{rate}: {}", fps(&watch, now_ns));
        }
    }

    #[test]
    fn a_rate_that_changes_is_right_after_three_pictures() {
        let mut watch = Watch::new();
        (0..60).for_each(|tick| watch.shown(1 + tick * 33 * MS));
        let last_ns = 60 * 33 * MS;
        (1..=3).for_each(|second| watch.shown(last_ns + second * 1_000 * MS));
        assert!((fps(&watch, last_ns + 3_000 * MS) - 1.0).abs() < 0.01, "{}", fps(&watch, last_ns + 3_000 * MS));
    }

    #[test]
    fn silence_is_waiting_and_playing_begins_anew_after_it() {
        let mut watch = Watch::new();
        assert_eq!(watch.status(0), Status::Waiting);
        watch.shown(10 * MS);
        watch.shown(43 * MS);
        assert_eq!(watch.status(43 * MS + SILENT_NS), Status::Waiting);
        watch.shown(9_000 * MS);
        assert_eq!(watch.status(9_000 * MS), Status::Playing { fps: 0.0, since_ns: 9_000 * MS });
    }

    #[test]
    fn bytes_without_pictures_are_said_after_a_while() {
        let mut watch = Watch::new();
        for second in 0..=4 {
            watch.came(second * 1_000 * MS);
        }
        assert!(matches!(watch.status(4_000 * MS), Status::Broken { .. }));
        watch.shown(4_100 * MS);
        assert!(matches!(watch.status(4_100 * MS), Status::Playing { .. }));
    }

    #[test]
    fn tries_come_slower_and_slower_until_a_picture_comes() {
        let mut watch = Watch::new();
        let mut pauses = Vec::new();
        for _ in 0..7 {
            pauses.push(watch.broke("gone".to_owned(), "plug it in".to_owned()) / MS);
        }
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert!(matches!(watch.status(0), Status::Broken { .. }));
        watch.opened();
        assert_eq!(watch.status(0), Status::Waiting);
        watch.shown(1);
        assert_eq!(watch.broke(String::new(), String::new()) / MS, 500);
    }
}
