//! Which pictures belong to a recording: a pure state machine, one a stream.
//!
//! Recording begins with the key frame *before* the command (a picture cannot be decoded without it) and ends
//! with the last picture shot at or before the stop.

/// What is to be done with a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not recorded: keep it in memory as a possible beginning.
    Hold,
    /// Record it.
    Write,
    /// The recording is over; this picture is the first after it.
    Over,
}

/// A picture shot before the stop may arrive this long after it.
const LATE_NS: u64 = 1_000_000_000;

/// Whether a stream is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Take {
    /// Not recorded.
    #[default]
    Idle,
    /// Recorded.
    Rolling,
    /// Recorded up to pictures shot at this instant.
    Ending {
        /// Capture clock, nanoseconds.
        until_ns: u64,
    },
}

impl Take {
    /// Starts; going on where a stop was still waiting for its last pictures.
    pub(super) fn start(&mut self) {
        *self = Self::Rolling;
    }

    /// Stops at `until_ns`; `false` when nothing was rolling.
    pub(super) fn stop(&mut self, until_ns: u64) -> bool {
        if *self == Self::Rolling {
            *self = Self::Ending { until_ns };
        }
        *self != Self::Idle
    }

    /// Judges a picture shot at `at_ns`.
    pub(super) fn picture(&mut self, at_ns: u64) -> Verdict {
        match *self {
            Self::Idle => Verdict::Hold,
            Self::Rolling => Verdict::Write,
            Self::Ending { until_ns } if at_ns <= until_ns => Verdict::Write,
            Self::Ending { .. } => {
                *self = Self::Idle;
                Verdict::Over
            }
        }
    }

    /// Time passes; `true` when a stop has waited long enough for late pictures and the recording is over.
    pub(super) fn tick(&mut self, now_ns: u64) -> bool {
        match *self {
            Self::Ending { until_ns } if now_ns > until_ns.saturating_add(LATE_NS) => {
                *self = Self::Idle;
                true
            }
            Self::Idle | Self::Rolling | Self::Ending { .. } => false,
        }
    }
}

/// Pictures since the last key frame, kept while nothing is recorded.
#[derive(Debug)]
pub(super) struct PreRoll<T> {
    held: Vec<(usize, T)>,
    bytes: usize,
}

impl<T> Default for PreRoll<T> {
    fn default() -> Self {
        Self { held: Vec::new(), bytes: 0 }
    }
}

impl<T> PreRoll<T> {
    /// Most pictures held: 10 s at 60 a second.
    const MAX_PICTURES: usize = 600;
    /// Most bytes held.
    const MAX_BYTES: usize = 32 << 20;

    /// Holds a picture of `bytes`; a key frame begins anew, and at the bound all is forgotten until the next.
    pub(super) fn push(&mut self, key: bool, bytes: usize, picture: T) {
        if key {
            self.clear();
        } else if self.held.is_empty() {
            return;
        }
        if self.held.len() == Self::MAX_PICTURES || self.bytes + bytes > Self::MAX_BYTES {
            self.clear();
            return;
        }
        self.bytes += bytes;
        self.held.push((bytes, picture));
    }

    /// Takes what is held, oldest first.
    pub(super) fn take(&mut self) -> Vec<T> {
        self.bytes = 0;
        std::mem::take(&mut self.held).into_iter().map(|(_, picture)| picture).collect()
    }

    /// Forgets what is held.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_shot_before_the_stop_are_in_however_late_they_come() {
        let mut take = Take::default();
        assert_eq!(take.picture(1), Verdict::Hold);
        take.start();
        assert_eq!(take.picture(100), Verdict::Write);
        assert!(take.stop(150));
        assert_eq!(take.picture(149), Verdict::Write);
        assert_eq!(take.picture(150), Verdict::Write);
        assert_eq!(take.picture(151), Verdict::Over);
        assert_eq!(take.picture(152), Verdict::Hold);
    }

    #[test]
    fn a_stop_without_pictures_ends_by_time() {
        let mut take = Take::default();
        assert!(!take.stop(0));
        take.start();
        take.stop(100);
        assert!(!take.tick(100 + LATE_NS));
        assert!(take.tick(101 + LATE_NS));
        assert_eq!(take, Take::Idle);
    }

    #[test]
    fn a_start_during_the_end_goes_on() {
        let mut take = Take::default();
        take.start();
        take.stop(100);
        take.start();
        assert_eq!(take.picture(101), Verdict::Write);
    }

    #[test]
    fn the_pre_roll_begins_with_a_key_frame_and_is_bounded() {
        let mut held = PreRoll::default();
        held.push(false, 1, 0);
        held.push(true, 1, 1);
        held.push(false, 1, 2);
        held.push(true, 1, 3);
        held.push(false, 1, 4);
        assert_eq!(held.take(), [3, 4]);
        held.push(true, PreRoll::<i32>::MAX_BYTES, 5);
        held.push(false, 1, 6);
        held.push(false, 1, 7);
        assert!(held.take().is_empty());
    }
}
